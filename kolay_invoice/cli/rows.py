"""Row printers: a table, CSV, or one JSON array with a row a line."""

from __future__ import annotations

import csv
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from rich.table import Table

from kolay_invoice.cli import output
from kolay_invoice.cli.i18n import _
from kolay_invoice.cli.visible import csv_cell

_ROWS_AT_ONCE: Final = 20
"""The number of rows that are laid out together."""

_RIGHT: Final = frozenset(
    {"document_id", "company_id", "grand_total", "vault_id", "balance", "movement_id", "amount", "sale_id"}
)


class Rows(ABC):
    """Prints rows and counts them."""

    count: int = 0

    @property
    def on_terminal(self) -> bool:
        """Whether rows and spinner share a terminal."""
        return sys.stdout.isatty()

    def print(self, values: Mapping[str, Any]) -> None:
        """Print a row."""
        self._row(values)
        self.count += 1

    @abstractmethod
    def _row(self, values: Mapping[str, Any]) -> None:
        """Print a row, or buffer it."""

    @abstractmethod
    def end(self) -> None:
        """Print the end of a complete list."""

    def broken(self) -> None:
        """Print the buffered rows of an incomplete list, without its end."""
        sys.stdout.flush()


class JsonRows(Rows):
    """One JSON array. It stays open if the list is incomplete."""

    def _row(self, values: Mapping[str, Any]) -> None:
        output.write_json(("[\n" if self.count == 0 else ",\n") + output.as_json(values))

    def end(self) -> None:
        """Close the array."""
        output.write_json("[]\n" if self.count == 0 else "\n]\n")


class CsvRows(Rows):
    """CSV with a header, a row a line. No cell is executed by a spreadsheet."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._writer = csv.writer(sys.stdout, lineterminator="\n")

    def _row(self, values: Mapping[str, Any]) -> None:
        if self.count == 0:
            self._writer.writerow(self._names)
        self._writer.writerow([_field(values[name]) for name in self._names])

    def end(self) -> None:
        """Print the header if there was no row."""
        if self.count == 0:
            self._writer.writerow(self._names)


def _field(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return csv_cell(value)
    return "" if value is None else value


class TableRows(Rows):
    """A table that is printed in parts with equal column widths."""

    def __init__(self, columns: Mapping[str, int]) -> None:
        self._columns = columns
        self._kept: list[Mapping[str, Any]] = []
        self._headed = False

    def _row(self, values: Mapping[str, Any]) -> None:
        self._kept.append(values)
        if len(self._kept) == _ROWS_AT_ONCE:
            self.broken()

    def end(self) -> None:
        """Print the buffered rows."""
        if self.count:
            self.broken()
        else:
            output.stderr().print(_("There are none."))

    def broken(self) -> None:
        """Print the buffered rows."""
        table = Table(box=None, pad_edge=False, show_header=not self._headed)
        for name, width in self._columns.items():
            table.add_column(name, min_width=width, overflow="fold", justify="right" if name in _RIGHT else "left")
        for values in self._kept:
            table.add_row(*(output.format_cell(values[name]) for name in self._columns))
        output.stdout().print(table)
        self._headed, self._kept = True, []
