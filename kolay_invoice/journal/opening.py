"""Opening a journal: its file or server, its tables, their version, and the epoch of the machine's clock."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, insert, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from kolay_invoice.journal import sqlite_file
from kolay_invoice.journal.clock import AwakeClock, JournalClock
from kolay_invoice.journal.errors import JournalError, NoJournalError
from kolay_invoice.journal.migrations import migrate
from kolay_invoice.journal.place import Place
from kolay_invoice.journal.server import Server
from kolay_invoice.journal.sqlite_file import SqliteFile
from kolay_invoice.journal.tables import SCHEMA_VERSION, boots, meta, metadata
from kolay_invoice.messages import Message


def make_backend(place: Place, *, create: bool) -> SqliteFile | Server:
    """Return the file or the server of a journal. Nothing is connected yet.

    Raises:
        JournalError: It is not there, or a package is missing.
    """
    try:
        if place.server is not None:
            return Server.at(place.server)
        path = place.path or Path()
        place.check_unambiguous()
        sqlite_file.make_file(path, place.shown, create=create)
        return SqliteFile(path, place.shown)
    except ModuleNotFoundError as missing:
        extra = "journal" if place.server is None else "postgres"
        msg = Message(
            "the journal {place} needs {name}: pip install {package}",
            place=place.shown,
            name=missing.name,
            package=f"'kolay-invoice[{extra}]'",
        )
        raise JournalError(msg) from None


async def lock_tables(connection: AsyncConnection) -> None:
    """Let one worker at a time create the tables of a server, or record that the server has changed."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(7221957)"))


async def prepare_tables(connection: AsyncConnection, shown: str, *, create: bool) -> str | None:
    """Create the tables if there are none, and bring older ones up to date. Returns their version.

    Raises:
        NoJournalError: There are none, and none may be created.
    """
    if not await connection.run_sync(_has_tables):
        if not create:
            raise NoJournalError(Message("there is no journal in {place}", place=shown))
        await connection.run_sync(metadata.create_all)
        await connection.execute(insert(meta).values(name="schema_version", value=str(SCHEMA_VERSION)))
    version: str | None = await connection.scalar(select(meta.c.value).where(meta.c.name == "schema_version"))
    return await connection.run_sync(migrate, version)


def check_version(version: str | None, shown: str) -> None:
    """Check the version of a journal's tables.

    Raises:
        JournalError: It is a newer one than this version of the package knows.
    """
    if version != str(SCHEMA_VERSION):
        raise JournalError(
            Message(
                "the journal {place} has schema version {number}, and this kolay_invoice knows version {known}: "
                "use the version of kolay_invoice that wrote it, or a newer one",
                place=shown,
                number=version,
                known=SCHEMA_VERSION,
            )
        )


async def share_boot_epoch(connection: AsyncConnection, clock: JournalClock) -> None:
    """Use the boot clock's epoch of the first process on this machine. A wall clock set in between changes nothing.

    Only a file needs it, because a file belongs to one machine. In PostgreSQL, the server's clock counts.
    """
    if not isinstance(clock, AwakeClock) or not clock.name:
        return
    # The first journals of version 1 have no such table.
    await connection.run_sync(boots.create, checkfirst=True)
    agreed = await connection.scalar(select(boots.c.zero).where(boots.c.boot == clock.name))
    if agreed is None:
        await connection.execute(insert(boots).values(boot=clock.name, zero=clock.epoch))
    else:
        clock.epoch = agreed


def _has_tables(connection: Connection) -> bool:
    return inspect(connection).has_table(meta.name)
