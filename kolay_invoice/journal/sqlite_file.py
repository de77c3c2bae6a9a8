"""SQLite as a careful file: commits that survive a power cut, and nobody locked out who could wait."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import URL, Connection, event
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from kolay_invoice.journal.errors import JournalError, NoJournalError
from kolay_invoice.journal.file_identity import FileIdentity
from kolay_invoice.journal.witness import Witness
from kolay_invoice.messages import Message

if TYPE_CHECKING:
    import aiosqlite

BUSY_SECONDS: Final = 10.0
"""For how long a connection waits for the file's lock."""
_PAUSE: Final = 0.02


def make_file(path: Path, shown: str, *, create: bool) -> None:
    """Make an empty file where there is none.

    Raises:
        NoJournalError: There is none, and none may be made.
        JournalError: It cannot be made.
    """
    if path.exists():
        return
    if not create:
        raise NoJournalError(Message("there is no journal in {place}", place=shown))
    try:
        # Nobody else may read what is sent to whom; SQLite gives its side files the same mode.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        pass  # Another process made it in this moment, in the same way.
    except OSError as error:
        raise JournalError(
            Message("the journal {place} cannot be made: {reason}", place=shown, reason=error.strerror)
        ) from None


class SqliteFile:
    """Connections to a file, which file it is, and its witness."""

    def __init__(self, path: Path, shown: str) -> None:
        """Make an engine, and open nothing. The library is given no URL of the file that it could read in its own way.

        Raises:
            ModuleNotFoundError: A library is not installed.
            JournalError: The file has another name, or is mounted by itself.
        """
        real = path.resolve()
        self.path = real
        self.identity = FileIdentity(path, shown)
        self.identity.check_single_name()
        self.witness = Witness(real)
        self._connections = 0

        async def connect() -> aiosqlite.Connection:
            return await _connect(real)

        # The name stands for a file, and is never opened. SQLAlchemy before 2.1 would keep no connection of a file.
        self.engine = create_async_engine(
            URL.create("sqlite+aiosqlite", database="journal"),
            async_creator=connect,
            poolclass=AsyncAdaptedQueuePool,
            hide_parameters=True,
        )
        event.listen(self.engine.sync_engine, "begin", _begin)
        event.listen(self.engine.sync_engine, "connect", self._on_connect)
        event.listen(self.engine.sync_engine, "close", self._on_close)

    def _on_connect(self, _connection: object, _record: object) -> None:
        self._connections += 1

    def _on_close(self, _connection: object, _record: object) -> None:
        self._connections -= 1
        if not self._connections:
            self.identity.forget_side_files()


async def _connect(path: Path) -> aiosqlite.Connection:
    """Open a connection: what is committed survives a power cut, and readers hold up no writer."""
    import aiosqlite

    # The driver must not begin transactions by itself: `_begin` does, with the lock that a writer needs.
    opening: Any = aiosqlite.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    # aiosqlite's connection was a thread itself before 0.22.
    getattr(opening, "_thread", opening).daemon = True
    connection: aiosqlite.Connection = await opening
    try:
        await _switch_to_wal(connection)
        for pragma in ("synchronous=FULL", "foreign_keys=ON"):
            await connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        await connection.close()
        raise
    return connection


async def _switch_to_wal(connection: aiosqlite.Connection) -> None:
    """Switch the file to WAL. SQLite itself does not wait where others use the file in that moment, so we do."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            await connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        else:
            return
        # Of several that wait equally long, none would ever be alone.
        await asyncio.sleep(_PAUSE * random.random())  # noqa: S311 - no secret.


def _begin(connection: Connection) -> None:
    only_reads = connection.get_execution_options().get("only_reads", False)
    # A transaction that begins by reading can find at its first write that it has lost the race for the lock.
    begin = "BEGIN" if only_reads else "BEGIN IMMEDIATE"
    # One way to the driver's thread and back; a cursor of SQLAlchemy's would take three.
    connection.connection.run_async(lambda driver: driver.execute(begin))
