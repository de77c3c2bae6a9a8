"""Migrations of journals from earlier schema versions. They run in the transaction that opens the journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, Index, Table, text, update
from sqlalchemy.schema import CreateColumn

from kolay_invoice.journal.tables import meta, operations, owners, runs

_ADDED_IN_2: Final[tuple[tuple[Table, tuple[str, ...]], ...]] = (
    (
        operations,
        (
            *("generation", "occasion", "ticket", "asked_in", "asked_by", "clock", "pause", "looks", "doubt_since"),
            *("evidence", "history", "settled_at", "settled_in", "may_change", "proven_unsent"),
        ),
    ),
    (owners, ("beats", "seconds")),
    (runs, ("ended_at", "ended_as", "began_after")),
)
_INDEXES_OF_2: Final = ("kolay_invoice_operations_by_subject", "kolay_invoice_operations_by_asking_run")


def _to_version_2(connection: Connection) -> None:
    for table, names in _ADDED_IN_2:
        for name in names:
            column = CreateColumn(table.c[name]).compile(dialect=connection.dialect)
            connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {column}"))
    for index in operations.indexes:
        if index.name in _INDEXES_OF_2:
            Index.create(index, connection)
    # Version 1 reused the ids of runs, so its `tried_in` means nothing.
    connection.execute(update(operations).values(tried_in=None))
    # Its column `due_at` stays but is not read: it has times of an unknown clock.


_STEPS: Final[dict[str, Callable[[Connection], None]]] = {"1": _to_version_2}


def migrate(connection: Connection, version: str | None) -> str | None:
    """Migrate a journal to the newest schema that this package knows. Returns the version that it has then."""
    while version in _STEPS:
        _STEPS[version](connection)
        version = str(int(version) + 1)
        connection.execute(update(meta).where(meta.c.name == "schema_version").values(value=version))
    return version
