"""Connections to the journal's database: SQLite as a careful file, PostgreSQL as it is, one way to fail."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, event, insert, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from kolay_invoice.journal.errors import JournalError, NoJournalError
from kolay_invoice.journal.clock import AwakeClock, JournalClock, ServerClock
from kolay_invoice.journal.migrations import migrate
from kolay_invoice.journal.tables import SCHEMA_VERSION, boots, meta, metadata

_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_BUSY_SECONDS: Final = 10

ResultT = TypeVar("ResultT")


class Database:
    """The one way to the journal's tables."""

    def __init__(self, engine: AsyncEngine, shown: str) -> None:
        self._engine = engine
        self._shown = shown
        self._is_file = engine.dialect.name == "sqlite"
        # A file has one writer at a time; within the process they wait in turn, and not on the file's lock.
        self._turn = asyncio.Lock()
        self.clock: JournalClock = AwakeClock() if self._is_file else ServerClock()
        self.ride_out = 0.0

    @classmethod
    async def opened(cls, url: str, *, create: bool) -> Database:
        """Open a journal, and make its tables where there are none.

        Raises:
            JournalError: It is not there, not a journal, of a newer version, or cannot be opened.
            ValueError: The URL is not one of a SQLite file or a PostgreSQL database.
        """
        place = address(url)
        shown = showable(url)
        if place.database and place.get_backend_name() == "sqlite":
            _prepare_file(Path(place.database), shown, create=create)
        try:
            engine = create_async_engine(place, pool_pre_ping=True, hide_parameters=True)
        except ModuleNotFoundError as missing:
            extra = "journal" if place.get_backend_name() == "sqlite" else "postgres"
            msg = f"the journal {shown} needs {missing.name}: pip install 'kolay-invoice[{extra}]'"
            raise JournalError(msg) from None
        if engine.dialect.name == "sqlite":
            event.listen(engine.sync_engine, "connect", _careful)
            event.listen(engine.sync_engine, "begin", _begin)
        else:
            event.listen(engine.sync_engine, "connect", _durable)
        database = cls(engine, shown)
        try:
            await database._prepare_tables(create=create)
        except BaseException:
            await database.close()
            raise
        return database

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that is durable when the block has been left."""
        with _told(self._shown, "written"):
            if not self._is_file:
                async with self._engine.begin() as connection:
                    yield connection
                return
            async with self._turn, self._engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that holds up no writer."""
        with _told(self._shown, "read"):
            async with self._engine.connect() as connection:
                yield await connection.execution_options(only_reads=True)

    async def write(self, work: Callable[[AsyncConnection], Awaitable[ResultT]]) -> ResultT:
        async with self.writing() as connection:
            return await work(connection)

    async def read(self, work: Callable[[AsyncConnection], Awaitable[ResultT]]) -> ResultT:
        async with self.reading() as connection:
            return await work(connection)

    def check_place(self) -> None:
        return None

    async def find_doubt(self) -> None:
        return None

    async def _prepare_tables(self, *, create: bool) -> None:
        async with self.writing() as connection:
            if not self._is_file:
                # Several workers may open a new journal at once; one of them makes the tables.
                await connection.execute(text("SELECT pg_advisory_xact_lock(7221957)"))
            if not await connection.run_sync(_has_tables):
                if not create:
                    raise NoJournalError(f"there is no journal in {self._shown}")
                await connection.run_sync(metadata.create_all)
                await connection.execute(insert(meta).values(name="schema_version", value=str(SCHEMA_VERSION)))
            version = await connection.scalar(select(meta.c.value).where(meta.c.name == "schema_version"))
            version = await connection.run_sync(migrate, version)
            if version == str(SCHEMA_VERSION):
                await self._agree_on_clock(connection)
        if version != str(SCHEMA_VERSION):
            raise JournalError(
                f"the journal {self._shown} has schema version {version}, and this kolay_invoice knows version "
                f"{SCHEMA_VERSION}: use the version of kolay_invoice that wrote it, or a newer one"
            )

    async def _agree_on_clock(self, connection: AsyncConnection) -> None:
        """Count time as the first process of this machine did: a clock that is set between two would end quiet periods.

        A file belongs to one machine. Where many share a database, its server counts.
        """
        clock = self.clock
        if not isinstance(clock, AwakeClock) or not clock.name:
            return
        agreed = await connection.scalar(select(boots.c.zero).where(boots.c.boot == clock.name))
        if agreed is None:
            await connection.execute(insert(boots).values(boot=clock.name, zero=clock.zero))
        else:
            clock.zero = agreed


def address(url: str) -> URL:
    """Return the driver's address of a journal; no I/O.

    Raises:
        ValueError: It is not the URL of a SQLite file or a PostgreSQL database. No part of it is shown.
    """
    place = _read(url)
    if place is None:
        msg = "url must be a database URL such as sqlite:///sends.db or postgresql://user@host/database"
        raise ValueError(msg)
    driver = _DRIVERS.get(place.get_backend_name())
    if driver is None:
        msg = "url must begin with sqlite:/// or postgresql://"
        raise ValueError(msg)
    if driver.startswith("sqlite") and place.database in (None, "", ":memory:"):
        msg = "url must name a file: a journal in memory would forget what was sent"
        raise ValueError(msg)
    if driver.startswith("postgresql") and (url.count("@") > 1 or "?" in (place.username or "")):
        # What stands behind the first one would be taken for the server's name, and be shown as that.
        msg = "url must have one @, between password and host: write any other one as %40, in a query too"
        raise ValueError(msg)
    return place.set(drivername=driver)


def showable(url: str) -> str:
    """Return the URL of a journal as it may be shown: without a password, and without the query, which can hold one."""
    place = address(url)
    return place.set(drivername=place.get_backend_name(), query={}).render_as_string(hide_password=True)


def _read(url: str) -> URL | None:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        # A port that is no number, say. The caller raises: the library's error, which can quote the URL, is no context.
        return None


def _prepare_file(path: Path, shown: str, *, create: bool) -> None:
    if path.exists():
        return
    if not create:
        raise NoJournalError(f"there is no journal in {shown}")
    try:
        # Nobody else may read what is sent to whom; SQLite gives its side files the same mode.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        pass  # Another process made it in this moment, in the same way.
    except OSError as error:
        raise JournalError(f"the journal {shown} cannot be made: {error.strerror}") from None


def _careful(connection: Any, _record: object) -> None:
    """Set up a new SQLite connection: what is committed survives a power cut, and readers hold up no writer."""
    # The driver must not begin transactions by itself: `_begin` does, with the lock that a writer needs.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={_BUSY_SECONDS * 1000}", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _durable(connection: Any, _record: object) -> None:
    """Set up a new PostgreSQL connection: a commit waits for the disk, also where the database's own do not."""
    cursor = connection.cursor()
    cursor.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    cursor.close()
    # What is set in a transaction that is rolled back is not set.
    connection.commit()


def _begin(connection: Connection) -> None:
    only_reads = connection.get_execution_options().get("only_reads", False)
    # A transaction that begins by reading can find at its first write that it has lost the race for the lock.
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


def _has_tables(connection: Connection) -> bool:
    return inspect(connection).has_table(meta.name)


@contextmanager
def _told(shown: str, done: str) -> Iterator[None]:
    """Turn the database's errors into one of ours, without the statement and its parameters."""
    try:
        yield
    except DBAPIError as error:
        reason = str(error.orig).splitlines()[0] if str(error.orig) else type(error.orig).__name__
        raise JournalError(f"the journal {shown} cannot be {done}: {reason}. Nothing is sent without it.") from None
    except PoolTimeoutError:
        raise JournalError(f"the journal {shown} gave no connection in time") from None
    except OSError as error:
        raise JournalError(f"the journal {shown} cannot be reached: {error.strerror or type(error).__name__}") from None
