"""Output: results on the standard output, everything else on the standard error. Colours only on a terminal.

Text is printed through `stdout` and `stderr`, whose consoles write escapes for the control characters of others' texts.
JSON is always UTF-8, with the escapes of JSON for them.
"""

from __future__ import annotations

import asyncio
import codecs
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any, Final, TextIO, cast

import msgspec
from attrs import fields
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kolay_invoice.cli import visible
from kolay_invoice.cli.i18n import _
from kolay_invoice.cli.streams import UnprintedError
from kolay_invoice.messages import N_

SPINNER_SECONDS: Final = 1.0
"""Seconds before a spinner appears on a terminal."""

_WIDE: Final = 200


class SafeConsole(Console):
    """A console that writes escapes for control characters in texts, and alone may write those of colours."""

    def __init__(self, stream: TextIO, **options: Any) -> None:
        super().__init__(file=getattr(stream, "styled", stream), **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return a text as rich draws it, with escapes in place of control characters."""
        return super().render_str(visible.lines(text), **options)


def stdout() -> Console:
    """Return the console of results. Without a terminal, its width is fixed and wide."""
    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else _WIDE
    return SafeConsole(sys.stdout, highlight=False, markup=False, emoji=False, soft_wrap=True, width=width)


def stderr() -> Console:
    """Return the console of questions, progress and errors."""
    return SafeConsole(sys.stderr, stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def print_json(document: object) -> None:
    """Print one JSON document."""
    write_json(f"{as_json(document)}\n")
    sys.stdout.flush()


def print_json_error(document: object) -> None:
    """Print an error as one JSON document; on the standard error if the standard output is broken."""
    try:
        print_json(document)
    except UnprintedError:
        write_json(f"{as_json(document)}\n", sys.stderr)


def write_json(text: str, stream: TextIO | None = None) -> None:
    """Write JSON in UTF-8, to the standard output by default."""
    target = cast("TextIO", sys.stdout if stream is None else stream)
    if codecs.lookup(target.encoding or "utf-8").name == "utf-8":
        target.write(text)
    else:
        target.flush()
        target.buffer.write(text.encode())


def as_json(document: object) -> str:
    """Return a value as JSON. Amounts are strings, so that no reader parses them as floats."""
    try:
        return visible.json_text(msgspec.json.encode(document, enc_hook=str).decode())
    except UnicodeEncodeError:
        # A file name or argument with invalid encoding contains lone surrogates.
        return json.dumps(msgspec.to_builtins(document, str_keys=True, enc_hook=str))


@contextmanager
def answering(answer: object, *, call: str | None = None, exit_code: int = 0) -> Iterator[None]:
    """Print a reply that cannot be fetched again. If that fails, the error carries the reply.

    Args:
        answer: The reply, as a JSON value.
        call: The call whose answer it is.
        exit_code: The exit code of the command, if it is not 0.

    Raises:
        UnprintedError: The output failed or was interrupted.
    """
    try:
        try:
            yield
            sys.stdout.flush()
        except KeyboardInterrupt:
            raise UnprintedError from None
    except UnprintedError as error:
        error.answer, error.call, error.exit_code = answer, call, exit_code
        raise


def as_dict(value: Any) -> dict[str, Any]:
    """Return an attrs value as a dict of its fields."""
    return {attribute.name: getattr(value, attribute.name) for attribute in fields(type(value))}


def format_cell(value: object) -> str:
    """Return a value as the text of a table cell, in one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _(N_("yes") if value else N_("no"))
    return value.isoformat() if isinstance(value, date) else visible.one_line(str(value))


def fields_table(values: Mapping[str, object]) -> Table:
    """Return one value as a table of two columns."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in values.items():
        if value is not None:
            table.add_row(visible.one_line(name), format_cell(value))
    return table


def is_interactive() -> bool:
    """Whether the standard input is a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


def confirm(action: str, question: str) -> bool:
    """Ask the operator. Only y, yes, e or evet confirms, and only if the question was printed."""
    console = stderr()
    console.print(action)
    console.print(question, end=" ")
    if getattr(sys.stderr, "is_broken", False):
        return False
    return sys.stdin.readline().strip().lower() in {"y", "yes", "e", "evet"}


@contextmanager
def spinner(what: Callable[[], str]) -> Iterator[Callable[[], object]]:
    """Show a spinner on a terminal after a second. Yields a function that stops it."""
    console = stderr()
    if not console.is_terminal:
        yield lambda: None
        return

    async def show() -> None:
        await asyncio.sleep(SPINNER_SECONDS)
        with console.status(Text(what())) as status:
            while True:
                await asyncio.sleep(SPINNER_SECONDS)
                status.update(Text(what()))

    task = asyncio.create_task(show())
    try:
        yield task.cancel
    finally:
        task.cancel()
