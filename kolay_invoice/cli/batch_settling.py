"""`batch settle`: a person's word on an operation, with what the provider shows of it before that word is given."""

from __future__ import annotations

import asyncio

from attrs import frozen

from kolay_invoice.cli import batch_screen as screen
from kolay_invoice.cli import output
from kolay_invoice.cli.batch_doubt import name_of_user
from kolay_invoice.cli.batch_movements import Movements, read_movements
from kolay_invoice.cli.batch_tally import shown_row
from kolay_invoice.cli.endings import CommandError, Exit, paragraph
from kolay_invoice.cli.retelling import retold
from kolay_invoice.cli.texts import say
from kolay_invoice.journal import Journal, JournalError, Row
from kolay_invoice.journal.journal import can_be_settled
from kolay_invoice.journal.request_format import quoted


@frozen
class Word:
    """What a person says of an operation: nothing yet, that it has happened, or that it has not."""

    done: bool = False
    not_done: bool = False
    because: str | None = None


def settle_one(key: str, journal: str, word: Word, profile: str | None, *, as_json: bool) -> int:
    """Write down a person's word on one operation; of a collection, show what its vault shows first."""
    with paragraph(say("nothing_changed"), as_json=as_json, codes={JournalError: Exit.USAGE}) as ended:
        if word.done and word.not_done:
            raise CommandError(Exit.USAGE, say("batch.done_or_not"))
        row = asyncio.run(_found(key, journal, word))
        movements = read_movements(row, profile)
        if not as_json:
            _print_evidence(row, movements)
        if not (word.done or word.not_done):
            facts = {"operation": shown_row(row), "vault_movements": movements and movements.plain()}
            raise CommandError(Exit.USAGE, say("batch.done_or_not"), **facts)
        row = asyncio.run(_settled(key, journal, word))
        document = {**shown_row(row), "vault_movements": movements and movements.plain()}
        with output.answering(document):
            if as_json:
                output.print_json(document)
            else:
                settled_as = "batch.settled_not_done" if word.not_done else "batch.settled_done"
                state = screen.state_name(row.state)
                output.out().print(say(settled_as, key=row.key, state=state, note=retold(row.note)))
    return ended.code


async def _found(key: str, journal: str, word: Word) -> Row:
    async with Journal.open(journal, create=False) as opened:
        row = await opened.find(key)
        if row is None:
            raise CommandError(Exit.USAGE, say("batch.no_such_key", key=quoted(key)))
        # What another worker holds is for the journal to judge: that worker may be gone.
        if row.owner is None and not can_be_settled(row.state, not_executed=not word.done):
            raise _cannot_settle(row)
        return row


async def _settled(key: str, journal: str, word: Word) -> Row:
    async with Journal.open(journal, create=False) as opened:
        try:
            return await opened.settle(
                key, done=word.done, not_executed=word.not_done, because=word.because, by=name_of_user()
            )
        except ValueError:
            row = await opened.find(key)
            if row is None or can_be_settled(row.state, not_executed=word.not_done):
                raise
            raise _cannot_settle(row) from None


def _cannot_settle(row: Row) -> CommandError:
    return CommandError(Exit.REFUSED, say("batch.cannot_settle", key=row.key, state=screen.state_name(row.state)))


def _print_evidence(row: Row, movements: Movements | None) -> None:
    console = output.out()
    for line in screen.row_details(row):
        console.print(line)
    if movements is not None:
        movements.print()
