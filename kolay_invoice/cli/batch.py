"""`kolay-invoice batch`: a night's invoices from a file, each sent at most once, however often it is interrupted.

Only the arguments stand here; what needs the journal's extra is imported when a command runs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from cyclopts import App

from kolay_invoice.cli.app import Flag
from kolay_invoice.cli.texts import say

StateName = Literal["planned", "claimed", "sending", "done", "refused", "unknown", "reconciling", "needs_person"]

app = App(
    name="batch",
    help="Send many operations from a file, each at most once, across crashes and restarts.",
)


@app.command
def run(
    file: Path,
    *,
    journal: str,
    concurrency: int = 8,
    quiet_period: float = 300.0,
    company_id: int | None = None,
    profile: str | None = None,
    occasion: str = "",
    look_first: Flag = False,
    give_up_after: float = 86_400.0,
    absence_proves: Flag = False,
    skip_bad: Flag = False,
    yes: Flag = False,
    dry_run: Flag = False,
    json: Flag = False,
) -> int:
    """Send what a file asks for. Cannot be undone. Running it again goes on where it stopped.

    FILE is CSV with a header, or JSON Lines: the column operation is create-e-document, resend, proceed, propars-send
    or propars-cancel, and the other columns are its fields; occasion says why the same thing is done once more.
    The credentials come from a profile, or from KOLAYBI_* and PROPARS_* variables.
    Ctrl-C starts nothing more and waits for what is on its way; a second one does not wait.

    Exit code 0: every operation is done or refused; 4: some are not, for a quiet period, a person or another run;
    3: nothing could be sent; 2: the file or the arguments are wrong, or lines of it conflict with what is known;
    1: a person said no.

    Args:
        file: The file, UTF-8.
        journal: Where every step is written down: sqlite:///sends.db or postgresql://user@host/database.
        concurrency: How many calls may be on their way at once.
        quiet_period: Seconds after which what may have happened is looked up at the provider. At least 60, but for a
            provider on this machine.
        company_id: KolayBi's company whose list is looked into. Default: that of the profile or KOLAYBI_COMPANY_ID, or
            else all companies.
        profile: The profile of the configuration file. Default: KOLAY_INVOICE_PROFILE, then the environment's accounts.
        occasion: Why everything in the file is done once more, such as "February". With another occasion, the same line
            is another operation.
        look_first: Look each operation up before it is sent, and send it only where it is seen unsent: for a new
            journal after sends that were made without one.
        give_up_after: Seconds after which an operation that no look decides waits for a person.
        absence_proves: Take what no list shows as not sent, and send it again. Can send an invoice twice; only where
            `kolay-invoice doctor` has shown that the filter of the list works.
        skip_bad: Leave out lines that cannot be read, instead of sending nothing until they are mended.
        yes: Do not ask.
        dry_run: Check the file, show what would be sent where and what the journal holds of it, and send nothing.
        json: Print one JSON document instead of a table.
    """
    with _extra():
        from kolay_invoice.cli.batch_commands import RunOptions, run_batch
    options = RunOptions(
        file=file,
        journal=journal,
        concurrency=concurrency,
        quiet_period=quiet_period,
        company_id=company_id,
        profile=profile,
        occasion=occasion,
        look_first=look_first,
        give_up_after=give_up_after,
        absence_proves=absence_proves,
        skip_bad=skip_bad,
        yes=yes,
        dry_run=dry_run,
        json=json,
    )
    return run_batch(options)


@app.command
def status(*, journal: str, state: StateName | None = None, json: Flag = False) -> int:
    """Show how many operations of a journal stand in each state, and with --state which ones.

    Without --state it also says which journal it is, and whether it may lack what it once held.

    Args:
        journal: The journal's URL. It must exist.
        state: Show the operations in this state, oldest first.
        json: Print one JSON document.
    """
    with _extra():
        from kolay_invoice.cli.batch_status import show_status
    return show_status(journal, state, as_json=json)


@app.command
def settle(
    key: str,
    *,
    journal: str,
    done: Flag = False,
    not_done: Flag = False,
    because: str | None = None,
    profile: str | None = None,
    json: Flag = False,
) -> int:
    """Write down whether an operation has happened that may have, after a person has looked at the provider.

    What is settled as not done is sent by the next run; if it was refused before, with corrected fields too. Of a
    collection, the movements of its vault near it are shown first, where the account can be asked; without --done and
    --not-done nothing else is done.

    Args:
        key: The operation's key, as `batch status` shows it.
        journal: The journal's URL. It must exist.
        done: It has happened.
        not_done: It has not happened.
        because: How that is known; it is kept in the journal.
        profile: The profile whose account is asked for the movements of a vault. Default: KOLAY_INVOICE_PROFILE, then
            the environment's accounts.
        json: Print one JSON document.
    """
    with _extra():
        from kolay_invoice.cli.batch_settling import Word, settle_one
    word = Word(done=done, not_done=not_done, because=because)
    return settle_one(key, journal, word, profile, as_json=json)


@app.command
def end_doubt(*, journal: str, because: str, yes: Flag = False, json: Flag = False) -> int:
    """Write down that a journal lacks nothing, or that all that it may lack was looked up. Cannot be undone.

    Operations are sent again without being looked up first.

    Args:
        journal: The journal's URL. It must exist.
        because: How that is known; it is kept in the journal.
        yes: Do not ask.
        json: Print one JSON document.
    """
    with _extra():
        from kolay_invoice.cli.batch_doubt import end_doubt as end
    return end(journal, because, yes=yes, as_json=json)


@contextmanager
def _extra() -> Iterator[None]:
    """Say what to install where the journal's extra is missing."""
    try:
        yield
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("kolay_invoice"):
            raise
        sys.exit(say("batch.needs", module=missing.name))
