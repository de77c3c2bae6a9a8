"""`batch status`: how the operations of a journal stand, and which journal it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from kolay_invoice.cli import batch_screen as screen
from kolay_invoice.cli import output
from kolay_invoice.cli.batch_doubt import identity_lines, plain_identity
from kolay_invoice.cli.batch_tally import Tally, shown_row
from kolay_invoice.cli.endings import Exit, paragraph
from kolay_invoice.cli.i18n import _
from kolay_invoice.journal import Journal, JournalError, Row


def show_status(journal: str, state: str | None, *, as_json: bool) -> int:
    """Show a journal's counts and, of one state, its operations."""

    async def shown() -> None:
        async with Journal.open(journal, create=False) as opened:
            counts = await opened.counts()
            rows = None if state is None else opened.rows([state])
            if as_json:
                named = {str(name): count for name, count in counts.items()}
                identity = plain_identity(opened.identity)
                await screen.print_json_rows(named, identity, None if rows is None else _shown(rows))
                return
            if rows is None:
                for line in identity_lines(opened.identity):
                    output.out().print(line)
                tally = Tally(whole_journal=True)
                tally.counts.update({str(name): count for name, count in counts.items()})
                screen.closing_table(tally, journal)
            else:
                await screen.print_rows(rows)

    with paragraph(_("Nothing was changed."), as_json=as_json, codes={JournalError: Exit.USAGE}) as ended:
        asyncio.run(shown())
    return ended.code


async def _shown(rows: AsyncIterator[Row]) -> AsyncIterator[dict[str, Any]]:
    async for row in rows:
        yield shown_row(row)
