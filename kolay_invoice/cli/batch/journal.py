"""The implementation of `batch status`, `batch settle` and `batch end-doubt`."""

from __future__ import annotations

import getpass
import shlex
from collections.abc import AsyncIterator
from typing import Any

from attrs import frozen

from kolay_invoice import event_loop
from kolay_invoice.cli import output
from kolay_invoice.cli.batch import row_view, view
from kolay_invoice.cli.batch.journal_url import find_journal
from kolay_invoice.cli.batch.movements import Movements, read_movements
from kolay_invoice.cli.batch.result import BatchResult, row_as_dict
from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.errors import CommandError, ExitCode, report_errors, require_consent
from kolay_invoice.cli.i18n import _
from kolay_invoice.journal import Journal, JournalError, Row, State
from kolay_invoice.journal.database import display_url
from kolay_invoice.journal.report import Identity
from kolay_invoice.journal.request_format import quoted
from kolay_invoice.journal.settling import can_be_settled
from kolay_invoice.messages import N_

# Status


def show_status(journal: str, state: str | None, profile: str | None, *, as_json: bool) -> int:
    """Print a journal's counts, or its operations in one state."""

    async def show() -> None:
        async with Journal.open(journal, create=False) as opened:
            counts = await opened.counts()
            rows = None if state is None else opened.rows(state=State(state))
            if as_json:
                names_and_counts = {str(name): count for name, count in counts.items()}
                identity = plain_identity(opened.identity)
                await row_view.print_json_rows(names_and_counts, identity, None if rows is None else _as_dicts(rows))
                return
            if rows is None:
                for line in identity_lines(opened.identity):
                    output.stdout().print(line)
                result = BatchResult(whole_journal=True)
                result.counts.update({str(name): count for name, count in counts.items()})
                view.result_table(result, journal)
            else:
                await row_view.print_rows(rows)

    with report_errors(_("Nothing was changed."), as_json=as_json, codes={JournalError: ExitCode.USAGE}) as status:
        journal = find_journal(journal, profile)
        event_loop.run(show())
    return status.code


async def _as_dicts(rows: AsyncIterator[Row]) -> AsyncIterator[dict[str, Any]]:
    async for row in rows:
        yield row_as_dict(row)


# Identity and doubt


def identity_lines(identity: Identity) -> list[str]:
    """Return the identity of a journal as text, with its doubt and the command that ends it."""
    run = "-" if identity.last_run is None else f"{identity.last_run:,}"
    lines = [
        _(
            "journal {journal_id} in {place}; last run: {run}",
            place=identity.place,
            journal_id=identity.journal_id,
            run=run,
        )
    ]
    if identity.doubt is not None:
        why = translate(identity.doubt.reason)
        lines.append(
            _(
                "This journal may lack what it once held ({why}; noticed {when}). Nothing is sent before "
                "it was looked up at the provider, which takes a quiet period; what cannot be looked up "
                "needs a manual check.",
                why=why,
                when=identity.doubt.noticed_at.isoformat(" ", "minutes"),
            )
        )
        lines.append(
            _(
                "Where nothing is missing, or all of it was looked up: kolay-invoice batch end-doubt "
                "--journal {journal}",
                journal=shlex.quote(identity.place),
            )
        )
    return lines


def plain_identity(identity: Identity) -> dict[str, Any]:
    """Return the identity of a journal as plain values."""
    doubt = identity.doubt
    return {
        "id": identity.journal_id,
        "place": identity.place,
        "last_run": identity.last_run,
        "doubt": doubt and {"reason": doubt.reason, "noticed_at": doubt.noticed_at},
    }


def end_doubt(journal: str, because: str, profile: str | None, *, yes: bool, as_json: bool) -> int:
    """End the doubt of a journal on the operator's word."""

    async def end() -> Identity:
        async with Journal.open(journal, create=False) as opened:
            before = opened.identity
            if before.doubt is not None:
                await opened.end_doubt(by=_name_of_user(), because=because)
            return before

    with report_errors(_("Nothing was changed."), as_json=as_json, codes={JournalError: ExitCode.USAGE}) as status:
        if not because.strip():
            raise CommandError(ExitCode.USAGE, _("--because must say how that is known."))
        journal = find_journal(journal, profile)
        if not yes:
            action = _(
                "The journal {place} will count as whole: operations are sent again without being looked "
                "up first. What was sent and is missing in it is SENT TWICE. This cannot be undone.",
                place=display_url(journal),
            )
            without = _("Nothing was changed: there is no terminal to ask on. Pass --yes if it is so.")
            require_consent(action, _("Go on? [y/N]"), without_terminal=without, otherwise=_("Nothing was changed."))
        before = event_loop.run(end())
        if as_json:
            output.print_json({"ended": before.doubt is not None, "journal": plain_identity(before)})
        elif before.doubt is None:
            output.stdout().print(_("Nothing is in doubt about the journal {place}.", place=before.place))
        else:
            output.stdout().print(_("The journal {place} counts as whole.", place=before.place))
    return status.code


def _name_of_user() -> str:
    """Return the operator's user name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return _("an unknown user")


# Settling by the operator


@frozen
class Word:
    """The operator's decision on an operation: none, done or not done."""

    done: bool = False
    not_done: bool = False
    because: str | None = None
    ettn: str | None = None
    number: str | None = None


def settle_one(key: str, journal: str, word: Word, profile: str | None, *, as_json: bool) -> int:
    """Settle one operation on the operator's word. First print a collection's vault movements."""
    with report_errors(_("Nothing was changed."), as_json=as_json, codes={JournalError: ExitCode.USAGE}) as status:
        if word.done and word.not_done:
            raise CommandError(ExitCode.USAGE, _("Say either --done or --not-done."))
        journal = find_journal(journal, profile)
        row = event_loop.run(_find(key, journal, word))
        movements = read_movements(row, profile)
        if not as_json:
            _print_evidence(row, movements)
        if not (word.done or word.not_done):
            facts = {"operation": row_as_dict(row), "vault_movements": movements and movements.plain()}
            raise CommandError(ExitCode.USAGE, _("Say either --done or --not-done."), **facts)
        row = event_loop.run(_settle(key, journal, word))
        document = {**row_as_dict(row), "vault_movements": movements and movements.plain()}
        with output.answering(document):
            if as_json:
                output.print_json(document)
            else:
                settled_as = (
                    N_("{key} is {state} now ({note}). It will be sent by the next run that asks for it.")
                    if word.not_done
                    else N_("{key} is {state} now ({note}). It will not be sent again.")
                )
                state = row_view.state_name(row.state)
                output.stdout().print(_(settled_as, key=row.key, state=state, note=translate(row.note)))
    return status.code


async def _find(key: str, journal: str, word: Word) -> Row:
    async with Journal.open(journal, create=False) as opened:
        row = await opened.row(key)
        if row is None:
            raise CommandError(
                ExitCode.USAGE, _("The journal knows no {key}: `batch status` shows keys.", key=quoted(key))
            )
        # The journal decides on operations that another worker holds: that worker may have died.
        if row.owner is None and not can_be_settled(row.state, not_executed=not word.done):
            raise _cannot_settle(row)
        return row


async def _settle(key: str, journal: str, word: Word) -> Row:
    async with Journal.open(journal, create=False) as opened:
        try:
            if word.done:
                return await opened.settle(
                    key, done=True, ettn=word.ettn, number=word.number, because=word.because, by=_name_of_user()
                )
            if word.ettn or word.number:
                raise CommandError(ExitCode.USAGE, _("--ettn and --number go with --done."))
            return await opened.settle(key, not_executed=True, because=word.because, by=_name_of_user())
        except ValueError:
            row = await opened.row(key)
            if row is None or can_be_settled(row.state, not_executed=word.not_done):
                raise
            raise _cannot_settle(row) from None


def _cannot_settle(row: Row) -> CommandError:
    return CommandError(
        ExitCode.REFUSED,
        _(
            "{key} is {state}; only what is unknown or needs a manual check can be settled, and "
            "what was refused as --not-done.",
            key=row.key,
            state=row_view.state_name(row.state),
        ),
    )


def _print_evidence(row: Row, movements: Movements | None) -> None:
    console = output.stdout()
    for line in row_view.row_details(row):
        console.print(line)
    if movements is not None:
        movements.print()
