"""What is printed: results on the standard output, everything else beside it. Colours only on a terminal."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any, Final

import msgspec
from attrs import fields
from rich.console import Console
from rich.table import Table

from kolay_invoice.cli.texts import say

PATIENCE: Final = 1.0
"""Seconds after which a person at a terminal is told that something is going on."""

_WIDE: Final = 200


class Screen(Console):
    """A console that lets its caller hear that nobody reads any more."""

    def on_broken_pipe(self) -> None:
        """Raise what the console would turn into an exit of its own."""
        raise  # noqa: PLE0704 - rich calls this where it has caught BrokenPipeError.


def out() -> Console:
    """Return where results go. What no terminal bounds is not cut to the width of one."""
    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else _WIDE
    return Screen(highlight=False, markup=False, emoji=False, soft_wrap=True, width=width)


def aside() -> Console:
    """Return where everything goes that is no result: questions, progress, errors."""
    return Screen(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def print_json(document: object) -> None:
    """Print one JSON document."""
    print(as_json(document), flush=True)  # noqa: T201 - printing is what the command does.


def as_json(document: object) -> str:
    """Return a value as JSON; amounts are texts, so that no reader makes a float of them."""
    return msgspec.json.encode(document).decode()


def plain(value: Any) -> dict[str, Any]:
    """Return an attrs value as a dict of its fields."""
    return {attribute.name: getattr(value, attribute.name) for attribute in fields(type(value))}


def cell(value: object) -> str:
    """Return a value as it stands in a table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return say("yes" if value else "no")
    return value.isoformat() if isinstance(value, date) else str(value)


def fields_table(values: Mapping[str, object]) -> Table:
    """Return one value as a table of two columns."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in values.items():
        if value is not None:
            table.add_row(name, cell(value))
    return table


def is_interactive() -> bool:
    """Whether a person can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def agreed(asked: str, question: str) -> bool:
    """Ask a person. Only a plain yes is one, in either language."""
    console = aside()
    console.print(asked)
    console.print(question, end=" ")
    return sys.stdin.readline().strip().lower() in {"y", "yes", "e", "evet"}


@contextmanager
def waiting(what: Callable[[], str]) -> Iterator[Callable[[], object]]:
    """Show on a terminal, after a second, what is being waited for. Gives what ends it before its time."""
    console = aside()
    if not console.is_terminal:
        yield lambda: None
        return

    async def shown() -> None:
        await asyncio.sleep(PATIENCE)
        with console.status(what()) as status:
            while True:
                await asyncio.sleep(PATIENCE)
                status.update(what())

    showing = asyncio.create_task(shown())
    try:
        yield showing.cancel
    finally:
        showing.cancel()
