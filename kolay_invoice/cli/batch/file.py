"""The file of a batch: CSV with a header, or JSON Lines; one operation a line, read as a stream.

Each line is parsed on its own: a bad line does not affect the others, and its number is the one that an editor
shows. Therefore a CSV field cannot contain a line break.
"""

from __future__ import annotations

import csv
import enum
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

from attrs import Factory, define, frozen

from kolay_invoice.cli.accounts import CLIENTS
from kolay_invoice.cli.batch.cells import plain_cells
from kolay_invoice.cli.batch.encoding import UTF_16_MARKS, Lines, as_utf_8
from kolay_invoice.cli.batch.headers import find_column, find_mistake
from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.i18n import _
from kolay_invoice.cli.json_file import load_object
from kolay_invoice.journal.operations import OnOccasion, check_occasion
from kolay_invoice.journal.request_format import provider_of, request_of
from kolay_invoice.operations import BY_REQUEST, JournaledRequest

LONGEST_LINE: Final = 65_536
SHOWN_BAD_LINES: Final = 20

_BOM: Final = b"\xef\xbb\xbf"
# Excel uses the list separator of its locale. In Turkish that is the semicolon.
_DELIMITERS: Final = ",;\t"
_SEPARATOR_LINE: Final = re.compile(rf"sep=([{_DELIMITERS}])", re.IGNORECASE)
"""Excel takes the delimiter from such a first line, and shows it to nobody."""


class Form(enum.Enum):
    """The format of a file."""

    CSV = "CSV"
    JSON_LINES = "JSON Lines"


@frozen
class RequestLine:
    """A line with a request."""

    number: int
    request: JournaledRequest
    occasion: str = ""
    """The occasion of the line, or ""."""

    @property
    def operation(self) -> str:
        """The name of the operation."""
        return BY_REQUEST[type(self.request)].batch_name


@frozen
class BadLine:
    """A line that cannot be parsed. The reason contains no value of it."""

    number: int
    reason: str


def form_of(path: Path, file: BinaryIO) -> Form:
    """Return the format of a file, from its suffix or else its first character."""
    match path.suffix.lower():
        case ".csv":
            return Form.CSV
        case ".jsonl" | ".ndjson":
            return Form.JSON_LINES
    start = file.read(LONGEST_LINE).removeprefix(_BOM).lstrip()
    file.seek(0)
    return Form.JSON_LINES if start.startswith(b"{") else Form.CSV


def lines(file: BinaryIO, form: Form) -> Iterator[RequestLine | BadLine]:
    """Iterate over the lines of a file, in order, without the empty ones."""
    if form is Form.JSON_LINES:
        return _json_lines(_texts(file))
    return _csv(_texts(as_utf_8(file)))


def _texts(file: Lines) -> Iterator[tuple[int, str] | BadLine]:
    """Iterate over the numbered lines as text. A line above the length limit is a bad line."""
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if number == 1:
            if line.startswith(UTF_16_MARKS):
                yield BadLine(1, _("is not UTF-8: save the file as UTF-8 (in Excel: 'CSV UTF-8'); it is UTF-16"))
                return
            line = line.removeprefix(_BOM)
        if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = file.readline(LONGEST_LINE)
            yield BadLine(number, _("is longer than {most} bytes", most=f"{LONGEST_LINE:,}"))
            continue
        try:
            text = line.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            yield BadLine(number, _("is not UTF-8: save the file as UTF-8 (in Excel: 'CSV UTF-8')"))
            continue
        if text.strip():
            yield number, text


def _csv(texts: Iterator[tuple[int, str] | BadLine]) -> Iterator[RequestLine | BadLine]:
    first = next(texts, None)
    if first is None:
        return
    if isinstance(first, BadLine):
        yield first
        return
    number, text = first
    if separator_line := _SEPARATOR_LINE.fullmatch(text):
        first = next(texts, None)
        if first is None or isinstance(first, BadLine):
            yield first or BadLine(number, find_mistake([]) or "")
            return
        number, text = first
    delimiter = separator_line[1] if separator_line else _find_delimiter(text)
    header = _cells(text, delimiter) or []
    mistake = find_mistake(header)
    if mistake is not None:
        # No line can be parsed without the header.
        yield BadLine(number, mistake)
        return
    columns = [find_column(name) for name in header]
    for line in texts:
        if isinstance(line, BadLine):
            yield line
            continue
        number, text = line
        cells = _cells(text, delimiter)
        if cells is None:
            yield BadLine(number, _("is not CSV: a quote is not closed or not doubled, or a field holds a line break"))
        elif not any(cells):
            continue
        elif len(cells) != len(columns):
            yield BadLine(
                number, _("has {count} fields, and the header has {expected}", count=len(cells), expected=len(columns))
            )
        else:
            # An empty cell leaves its field out.
            given = {name: cell or None for name, cell in zip(columns, cells, strict=True) if name is not None}
            try:
                yield _request_line(number, plain_cells(given))
            except ValueError as error:
                yield BadLine(number, translate(error))


def _find_delimiter(header: str) -> str:
    """Return the delimiter by which a header names the most columns."""

    def names(delimiter: str) -> tuple[int, int]:
        cells = _cells(header, delimiter) or []
        return sum(find_column(cell) is not None for cell in cells), header.count(delimiter)

    return max(_DELIMITERS, key=names)


def _cells(text: str, delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return None


def _json_lines(texts: Iterator[tuple[int, str] | BadLine]) -> Iterator[RequestLine | BadLine]:
    for line in texts:
        if isinstance(line, BadLine):
            yield line
            continue
        number, text = line
        try:
            given = load_object(text)
        except ValueError as error:
            yield BadLine(number, str(error))
        else:
            yield _request_line(number, given)


def _request_line(number: int, given: dict[str, Any]) -> RequestLine | BadLine:
    operation = given.pop("operation", None)
    occasion = given.pop("occasion", None) or ""
    try:
        check_occasion(occasion)
        return RequestLine(number, request_of(operation, given), occasion)
    except ValueError as error:
        return BadLine(number, translate(error))


# The file as a whole


@define
class FileSummary:
    """The operation counts and the bad lines of a file."""

    counts: Counter[str] = Factory(Counter)
    bad: list[BadLine] = Factory(list)
    """The first bad lines."""
    bad_lines: int = 0

    @property
    def providers(self) -> tuple[str, ...]:
        """The providers of the file's operations."""
        found = {provider_of(operation) for operation in self.counts}
        return tuple(name for name in CLIENTS if name in found)


def with_occasion(line: RequestLine, occasion: str) -> JournaledRequest | OnOccasion:
    """Return the request of a line, under its own occasion or else the given one."""
    where = line.occasion or occasion
    return OnOccasion(line.request, where) if where else line.request


class BatchFile:
    """An open file that is read more than once and must not change."""

    def __init__(self, path: Path, fingerprint: tuple[int, ...] | None = None) -> None:
        self._file: BinaryIO = path.open("rb")
        self._form: Form = form_of(path, self._file)
        self.fingerprint = fingerprint or self._now()
        self.changed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def survey(self) -> FileSummary:
        """Read the file and return its summary."""
        summary = FileSummary()
        for line in self._lines():
            if isinstance(line, RequestLine):
                summary.counts[line.operation] += 1
            else:
                summary.bad_lines += 1
                if summary.bad_lines <= SHOWN_BAD_LINES:
                    summary.bad.append(line)
        return summary

    def requests(self, provider: str, occasion: str = "") -> Iterator[JournaledRequest | OnOccasion]:
        """Iterate over a provider's requests, each under its line's occasion or else the given one."""
        for line in self.lines(provider):
            yield with_occasion(line, occasion)

    def lines(self, provider: str) -> Iterator[RequestLine]:
        """Iterate over a provider's lines. Stop if the file was changed after the confirmation."""
        for line in self._lines():
            if self._now() != self.fingerprint:
                self.changed = True
                return
            if isinstance(line, RequestLine) and provider_of(line.operation) == provider:
                yield line

    def _lines(self) -> Iterator[RequestLine | BadLine]:
        self._file.seek(0)
        return lines(self._file, self._form)

    def _now(self) -> tuple[int, ...]:
        status = os.fstat(self._file.fileno())
        return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
