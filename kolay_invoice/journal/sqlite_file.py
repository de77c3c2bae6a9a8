"""A journal in a SQLite file: commits survive a power failure, and writers wait for the lock."""

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
from kolay_invoice.private_file import open_private

if TYPE_CHECKING:
    import aiosqlite

BUSY_SECONDS: Final = 10.0
"""How long a connection waits for the file's lock."""
_PAUSE: Final = 0.02


def make_file(path: Path, shown: str, *, create: bool) -> None:
    """Create an empty file if there is none.

    Raises:
        NoJournalError: There is none, and `create` is false.
        JournalError: It cannot be created.
    """
    if path.exists():
        return
    if not create:
        raise NoJournalError(Message("there is no journal in {place}", place=shown))
    try:
        # Only this user may read the journal; SQLite gives its side files the same mode.
        os.close(open_private(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        # Another process has just created it, in the same way; or the path is a link to nothing.
        if path.is_symlink() and not path.exists():
            reason = Message("{path} is a symbolic link, which is not followed", path=path)
            raise JournalError(
                Message("the journal {place} cannot be made: {reason}", place=shown, reason=reason)
            ) from None
    except OSError as error:
        raise JournalError(
            Message("the journal {place} cannot be made: {reason}", place=shown, reason=error.strerror)
        ) from None


class SqliteFile:
    """The connections to a file, its identity and its witness."""

    def __init__(self, path: Path, shown: str) -> None:
        """Make an engine without opening anything. SQLAlchemy gets no URL of the file, which it could misread.

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

        # `journal` is a placeholder that is never opened. SQLAlchemy before 2.1 does not pool connections to files.
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
    """Open a connection in WAL mode, whose commits survive a power failure and whose readers block no writer."""
    import aiosqlite

    # `_begin` begins transactions, with the lock that a writer needs; the driver must not.
    opening: Any = aiosqlite.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    # Before aiosqlite 0.22 the connection itself is the thread.
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
    """Switch the file to WAL. SQLite does not wait for other users of the file here, so we retry."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            await connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        else:
            return
        # Random, because processes that wait equally long would collide again.
        await asyncio.sleep(_PAUSE * random.random())  # noqa: S311 - no secret.


def _begin(connection: Connection) -> None:
    only_reads = connection.get_execution_options().get("only_reads", False)
    # A transaction that begins with a read can fail at its first write, because another one has the lock.
    begin = "BEGIN" if only_reads else "BEGIN IMMEDIATE"
    # One round trip to the driver's thread; SQLAlchemy's cursor would take three.
    connection.connection.run_async(lambda driver: driver.execute(begin))
