"""`kolay-invoice batch`: sends the operations of a file, each at most once.

This module defines only the arguments. A command imports the `journal` extra when it runs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from cyclopts import App

from kolay_invoice.cli.batch.journal_url import JournalUrl
from kolay_invoice.cli.batch.options import RUN_DEFAULTS, RunOptions
from kolay_invoice.cli.i18n import _
from kolay_invoice.cli.options import Flag

StateName = Literal["planned", "claimed", "sending", "done", "refused", "unknown", "reconciling", "needs_person"]

app = App(
    name="batch",
    help="Send many operations from a file, each at most once, across crashes and restarts.",
)


@app.command
def run(file: Path, *, options: RunOptions = RUN_DEFAULTS) -> int:
    """Send what a file asks for. Cannot be undone. Running it again goes on where it stopped.

    FILE is CSV with a header, or JSON Lines: the column operation is create-e-document, resend, proceed, undo-proceed,
    cancel-e-document, delete-invoice, create-associate, create-address, create-product, propars-send, propars-cancel
    or, in JSON Lines, create-invoice or propars-save-sale. The other columns are its fields; occasion says why the same
    thing is done once more.
    The credentials come from a profile, or from KOLAYBI_* and PROPARS_* variables.
    Ctrl-C starts nothing more and waits for what is on its way; a second one does not wait.

    Exit code 0: every operation is done; 1: some were refused, or it was not confirmed; 4: some wait for a quiet
    period, a manual check or another run; 3: nothing could be sent; 2: the file or the arguments are wrong, or lines of
    it conflict with what is known.

    Args:
        file: The file: CSV as a spreadsheet saves it, or JSON Lines in UTF-8.
        options: How.
    """
    with _extra():
        from kolay_invoice.cli.batch.actions import run_batch
    return run_batch(file, options)


@app.command
def status(
    *, journal: JournalUrl = "", state: StateName | None = None, profile: str | None = None, json: Flag = False
) -> int:
    """Show how many operations of a journal stand in each state, and with --state which ones.

    Without --state it also says which journal it is, and whether it may lack what it once held.

    Args:
        journal: The journal's URL. It must exist. Default: KOLAY_INVOICE_JOURNAL or the profile's journal.url.
        state: Show the operations in this state, oldest first.
        profile: The profile whose journal is shown.
        json: Print one JSON document.
    """
    with _extra():
        from kolay_invoice.cli.batch.journal import show_status
    return show_status(journal, state, profile, as_json=json)


@app.command
def settle(
    key: str,
    *,
    journal: JournalUrl = "",
    done: Flag = False,
    not_done: Flag = False,
    because: str | None = None,
    ettn: str | None = None,
    number: str | None = None,
    profile: str | None = None,
    json: Flag = False,
) -> int:
    """Record whether an operation with an unknown outcome was executed, after a manual check at the provider.

    What is settled as not done is sent by the next run; if it was refused before, with corrected fields too. Of a
    collection, the movements of its vault near it are shown first, where the account can be asked; without --done and
    --not-done nothing else is done.

    Args:
        key: The operation's key, as `batch status` shows it.
        journal: The journal's URL. It must exist. Default: KOLAY_INVOICE_JOURNAL or the profile's journal.url.
        done: It has happened.
        not_done: It has not happened.
        because: How that is known; it is kept in the journal.
        ettn: The ETTN that was seen; only with --done.
        number: The invoice number that was seen; only with --done.
        profile: The profile whose journal is meant, and whose account is asked for the movements of a vault. Default:
            KOLAY_INVOICE_PROFILE, then the environment's accounts.
        json: Print one JSON document.
    """
    with _extra():
        from kolay_invoice.cli.batch.journal import Word, settle_one
    word = Word(done=done, not_done=not_done, because=because, ettn=ettn, number=number)
    return settle_one(key, journal, word, profile, as_json=json)


@app.command
def end_doubt(
    *, because: str, journal: JournalUrl = "", profile: str | None = None, yes: Flag = False, json: Flag = False
) -> int:
    """Write down that a journal lacks nothing, or that all that it may lack was looked up. Cannot be undone.

    Operations are sent again without being looked up first.

    Args:
        because: How that is known; it is kept in the journal.
        journal: The journal's URL. It must exist. Default: KOLAY_INVOICE_JOURNAL or the profile's journal.url.
        profile: The profile whose journal is meant.
        yes: Do not ask.
        json: Print one JSON document.
    """
    with _extra():
        from kolay_invoice.cli.batch.journal import end_doubt as end
    return end(journal, because, profile, yes=yes, as_json=json)


@contextmanager
def _extra() -> Iterator[None]:
    """Raise an error that names the package to install if the `journal` extra is missing."""
    try:
        yield
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("kolay_invoice"):
            raise
        sys.exit(_("kolay-invoice batch needs {module}: pip install 'kolay-invoice[journal]'", module=missing.name))
