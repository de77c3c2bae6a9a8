"""The journal's database, SQLite or PostgreSQL: connections, transactions, retries and one kind of error."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import nullcontext, suppress
from typing import Final, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from kolay_invoice.journal import opening, server, sqlite_file
from kolay_invoice.journal.clock import AwakeClock, JournalClock, ServerClock, boottime
from kolay_invoice.journal.database_errors import (
    FAILURES,
    NotDurableError,
    Remedy,
    find_remedy,
    is_locked,
    to_journal_error,
)
from kolay_invoice.journal.identity import (
    Doubt,
    Identity,
    count_commit,
    end_doubt,
    establish_file,
    establish_server,
    write_run,
)
from kolay_invoice.journal.owner import Owner
from kolay_invoice.journal.place import Place, parse_url
from kolay_invoice.journal.server import Cluster, Server
from kolay_invoice.journal.shielding import wait_shielded
from kolay_invoice.journal.sqlite_file import SqliteFile
from kolay_invoice.journal.tables import SCHEMA_VERSION, owners
from kolay_invoice.journal.write_lock import explain_lock

ResultT = TypeVar("ResultT")

_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 1.0


class Database:
    """Runs all transactions on the journal's tables.

    Attributes:
        max_outage: For how many seconds `read` and `write` retry while the database is lost. A worker sets it to the
            length of its lease.
        doubt: A sign that commits may be missing; None if there is none. It can appear while the journal is open.
        journal_id: The journal's own id, made with its tables.
        last_run: The number of the run that was the last one when the journal was opened, or begun since.
    """

    def __init__(self, place: Place, backend: SqliteFile | Server) -> None:
        self.max_outage = 0.0
        self.doubt: Doubt | None = None
        self.journal_id = ""
        self.last_run: int | None = None
        self._pid = os.getpid()
        self._is_closed = False
        self._backend = backend
        self._engine = backend.engine
        self._shown = place.shown
        self._file = backend if isinstance(backend, SqliteFile) else None
        self._server = backend if isinstance(backend, Server) else None
        self._cluster = Cluster()
        # A file has one writer at a time. Within this process, writers queue here and not on the file's lock. Readers
        # queue too: two connections, opened with the journal, are enough, so no run opens one (a thread) in its middle.
        self._write_mutex = asyncio.Lock()
        self._read_mutex = asyncio.Lock()
        self.clock: JournalClock = ServerClock() if self._file is None else AwakeClock()

    @classmethod
    async def open(cls, url: str, *, create: bool) -> Database:
        """Open a journal, and create its tables if there are none.

        Raises:
            JournalError: It is not there, not a journal, of a newer version, or cannot be opened.
            ValueError: The URL is not one of a SQLite file or a PostgreSQL database.
        """
        place = parse_url(url)
        database = cls(place, opening.make_backend(place, create=create))
        try:
            # A cancellation inside its transaction would leave the file locked.
            await wait_shielded(asyncio.ensure_future(database._prepare_tables(create=create)))
        except BaseException:
            await database.close()
            raise
        return database

    async def close(self) -> None:
        """Close every connection.

        Raises:
            JournalError: They cannot be closed in order.
        """
        final_error = None
        self._is_closed = True
        try:
            await self._engine.dispose()
        except FAILURES as failure:
            final_error = to_journal_error(failure, self._shown, "closed")
        if final_error is not None:
            raise final_error

    async def write(self, work: Callable[[AsyncConnection], Awaitable[ResultT]]) -> ResultT:
        """Run work in one transaction, and return what it returned once that is durable.

        The work is repeated after a conflict with another transaction, and when the database is lost and comes back
        within `max_outage`. It is also repeated when the reply to the commit was lost: then the first run may already
        be committed when the second begins.

        Args:
            work: What is to be done on the connection. It may be run more than once.

        Raises:
            JournalError: The journal cannot be written, or not durably.
        """
        return await self._run(self._write_once, work, "written")

    async def read(self, work: Callable[[AsyncConnection], Awaitable[ResultT]]) -> ResultT:
        """Run work in one transaction that holds up no writer, and return what it returned; see `write`.

        Raises:
            JournalError: The journal cannot be read.
        """
        return await self._run(self._read_once, work, "read")

    async def _run(
        self,
        once: Callable[[Callable[[AsyncConnection], Awaitable[ResultT]], bool], Awaitable[ResultT]],
        work: Callable[[AsyncConnection], Awaitable[ResultT]],
        done: str,
    ) -> ResultT:
        if os.getpid() != self._pid:
            # After a fork, the connections belong to the parent.
            msg = f"this journal belongs to process {self._pid}, which opened it before the fork: open it anew here"
            raise RuntimeError(msg)
        if self._is_closed:
            msg = "the journal is closed: read its rows and reports inside `async with`, or open it anew"
            raise RuntimeError(msg)
        began = boottime()
        pause = _FIRST_PAUSE
        is_first = True
        while True:
            try:
                return await once(work, is_first)
            except (*FAILURES, NotDurableError) as failure:
                limit = {
                    Remedy.NOTHING: 0.0,
                    # `max_outage` is 0 during opening, when processes that create the tables conflict.
                    Remedy.RETRY: max(self.max_outage, sqlite_file.BUSY_SECONDS),
                    Remedy.WAIT: self.max_outage,
                }[find_remedy(failure)]
                final_error = None
                waited = boottime() - began
                if waited + pause > limit:
                    file = self._file if is_locked(failure) else None
                    reason = None if file is None else await self._explain_lock(file, waited)
                    final_error = to_journal_error(failure, self._shown, done, reason)
            if final_error is not None:
                # Raised outside `except`: SQLAlchemy's error, which has statement and parameters, is no context.
                raise final_error
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
            is_first = False

    async def _explain_lock(self, file: SqliteFile, seconds: float) -> str | None:
        """Return a sentence that names the holder of the file's lock, if it is known."""

        async def find_owners(connection: AsyncConnection) -> list[Owner]:
            found = await connection.execute(select(owners))
            return [Owner(row.owner, row.host, row.pid, row.started) for row in found]

        known: list[Owner] = []
        # If the journal cannot be read either, the error names no owners.
        with suppress(*FAILURES):
            known = await self._read_once(find_owners, True)
        return explain_lock(file.path, seconds, [one for one in known if not one.is_of_this_process])

    async def _write_once(self, work: Callable[[AsyncConnection], Awaitable[ResultT]], is_first: bool) -> ResultT:
        if self._file is not None:
            async with self._write_mutex:
                return await self._write_to_file(self._file, work)
        async with self._engine.connect() as connection:
            await connection.begin()
            if self._cluster.describe_difference(server.get_cluster(connection)) is not None:
                await self._adopt_server(connection)
                await connection.begin()
            result = await work(connection)
            if not is_first:
                await server.force_write(connection)
            if not await server.commit_durably(connection):
                raise NotDurableError
            return result

    async def _write_to_file(self, file: SqliteFile, work: Callable[[AsyncConnection], Awaitable[ResultT]]) -> ResultT:
        self.check_place()
        async with self._engine.connect() as connection:
            await connection.begin()
            result = await work(connection)
            seen = await count_commit(connection, self.journal_id) if connection.in_transaction() else None
            await connection.commit()
            file.identity.remember_side_files()
        # A commit to a file that the path no longer leads to is lost for everyone else.
        self.check_place()
        if seen is not None:
            file.witness.write(seen)
        return result

    async def _adopt_server(self, connection: AsyncConnection) -> None:
        """Record that the server has changed, in a transaction of its own, so that a rollback of the work keeps it."""
        cluster = server.get_cluster(connection)
        await opening.lock_tables(connection)
        identity = await establish_server(connection, cluster)
        if not await server.commit_durably(connection):
            raise NotDurableError
        self._cluster = cluster
        self._adopt_identity(identity)

    def _adopt_identity(self, identity: Identity) -> None:
        self.journal_id, self.last_run = identity.journal_id, identity.last_run
        self.doubt = identity.doubt or self.doubt

    async def _read_once(self, work: Callable[[AsyncConnection], Awaitable[ResultT]], _is_first: bool) -> ResultT:
        turn = nullcontext() if self._file is None else self._read_mutex
        async with turn, self._engine.connect() as connection:
            return await work(await connection.execution_options(only_reads=True))

    def check_place(self) -> None:
        """Check that the path still leads to the file that was opened. Asks the file system only.

        Raises:
            JournalError: It does not, so other processes may use another journal under this name.
        """
        if self._file is not None:
            self._file.identity.check()

    async def record_run(self, connection: AsyncConnection, run_id: int) -> None:
        """Record the last run in the transaction that begins it. An older copy of the journal is recognized by it.

        Args:
            connection: The connection of the work that `write` runs.
            run_id: The run's number.
        """
        await write_run(connection, run_id)
        self.last_run = run_id

    async def clear_doubt(self, by: str, because: str) -> None:
        """Record that a person has confirmed that nothing is missing, or that everything was checked.

        Args:
            by: Who confirms it.
            because: How they know.

        Raises:
            JournalError: The journal cannot be written.
        """
        await self.write(lambda connection: end_doubt(connection, by, because))
        self.doubt = None

    async def _prepare_tables(self, *, create: bool) -> None:
        async def prepare(connection: AsyncConnection) -> str | None:
            if self._server is not None:
                await opening.lock_tables(connection)
            version = await opening.prepare_tables(connection, self._shown, create=create)
            if version == str(SCHEMA_VERSION):
                await self._check_identity(connection)
                await opening.share_boot_epoch(connection, self.clock)
                if self._file is not None:
                    # The reader's connection; this one will be the writer's.
                    await self._read_once(_do_nothing, True)
            return version

        opening.check_version(await self._run(self._write_once, prepare, "opened"), self._shown)

    async def _check_identity(self, connection: AsyncConnection) -> None:
        """Check that this is the same journal as before, with all its commits."""
        if isinstance(self._backend, SqliteFile):
            self._adopt_identity(await establish_file(connection, self._backend.witness.read()))
        else:
            self._cluster = await self._backend.identify(connection)
            self._adopt_identity(await establish_server(connection, self._cluster))


async def _do_nothing(_connection: AsyncConnection) -> None:
    """Do nothing on a connection that is opened for later."""


def display_url(url: str) -> str:
    """Return a journal's URL without its password and without its query, which can hold one."""
    return parse_url(url).shown
