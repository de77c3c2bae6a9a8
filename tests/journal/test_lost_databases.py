"""PostgreSQL as people have it: cut, restarted, serializable, behind PgBouncer; work that is done once all the same."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import psycopg
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.dialects.postgresql import insert as insert_postgresql

from kolay_invoice.journal import Journal, JournalError
from kolay_invoice.journal.database import Database
from kolay_invoice.journal.tables import meta
from tests import pgbouncer

from .cutting import Proxy
from .support import HANG, QUIET, balance_of, creates, some_documents

LONG = 20.0


def name_of(url):
    return url.split("@/")[1].split("?")[0]


def putting(name, runs=None):
    """Work that may be run again: it writes one row down, once."""

    async def put(connection):
        if runs is not None:
            runs.append(name)
        put = insert_postgresql(meta).values(name=name, value="x").on_conflict_do_nothing()
        await connection.execute(put)
        return name

    return put


async def names(database):
    async def read(connection):
        return set(await connection.scalars(select(meta.c.name).where(meta.c.value == "x")))

    return await database.read(read)


@pytest.fixture
async def opened():
    """Open databases that ride losses out, and close them."""
    every = []

    async def open_one(url, max_outage=LONG):
        every.append(await Database.open(url, create=True))
        every[-1].max_outage = max_outage
        return every[-1]

    yield open_one
    for one in every:
        await one.close()


# Row 48: the answer to a commit is lost


@pytest.mark.row(48)
async def test_work_is_repeated_when_the_reply_to_its_commit_is_lost(postgres, postgresql_url, opened):
    async with Proxy.before(postgres.place) as proxy:
        database = await opened(proxy.url(name_of(postgresql_url)))
        runs = []
        for number in range(5):
            proxy.cut_at.add(proxy.commits + 1)
            before = len(runs)
            assert await database.write(putting(f"row {number}", runs)) == f"row {number}"
            assert len(runs) == before + 2
    assert await names(await opened(postgresql_url)) == {f"row {number}" for number in range(5)}


@pytest.mark.row(48)
async def test_without_retries_a_lost_commit_reply_is_an_error_and_the_row_exists(postgres, postgresql_url, opened):
    """The negative control: the first attempt has committed, although its reply was lost."""
    async with Proxy.before(postgres.place) as proxy:
        database = await opened(proxy.url(name_of(postgresql_url)), max_outage=0.0)
        proxy.cut_at.add(proxy.commits + 1)
        with pytest.raises(JournalError, match="the connection to the server was lost"):
            await database.write(putting("row"))
        assert await names(database) == {"row"}


@pytest.mark.row(48)
@pytest.mark.parametrize("number", range(1, 13))
async def test_nothing_is_sent_twice_whichever_commit_loses_its_reply(
    number, postgres, postgresql_url, emulator, kolaybi
):
    ids = some_documents(emulator, 6)
    async with Proxy.before(postgres.place) as proxy:
        url = proxy.url(name_of(postgresql_url))
        proxy.cut_at.add(number)
        for _ in range(4):
            with suppress(JournalError):
                async with asyncio.timeout(HANG), Journal.open(url, lease_seconds=2.0) as journal:
                    report = await journal.run(kolaybi, creates(ids), concurrency=2, quiet_period=QUIET, patience=5.0)
                    if report.is_settled:
                        break
        assert proxy.commits >= number
    assert (await balance_of(postgresql_url, ids, emulator)).is_even


# Terminated backends, and a server that restarts


async def test_terminated_backends_are_retried(postgres, postgresql_url, opened):
    name = name_of(postgresql_url)
    database = await opened(postgresql_url)
    kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    written = asyncio.Semaphore(0)
    terminated = 0

    async def write(number):
        await database.write(putting(f"row {number}"))
        written.release()

    async with asyncio.timeout(HANG):
        writing = [asyncio.create_task(write(number)) for number in range(60)]
        while not all(task.done() for task in writing[:50]):
            await written.acquire()
            # Others are in the middle of their transactions, or wait for a connection.
            await asyncio.to_thread(postgres.execute, kill)
            terminated += 1
        await asyncio.gather(*writing)
    assert len(await names(database)) == 60
    assert terminated >= 3


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_a_restart_of_the_server_is_retried(mode, own_server, opened):
    database = await opened(own_server.url(own_server.new_database()))
    await database.write(putting("before"))
    await asyncio.to_thread(own_server.halt, mode)
    writing = asyncio.create_task(database.write(putting("after")))
    reading = asyncio.create_task(names(database))
    await asyncio.sleep(0.3)
    assert not writing.done()
    await asyncio.to_thread(own_server.start)
    async with asyncio.timeout(HANG):
        assert await writing == "after"
        assert "before" in await reading
    assert database.doubt is None


async def test_a_server_that_stays_down_is_an_error_after_the_timeout(own_server, opened):
    database = await opened(own_server.url(own_server.new_database()), max_outage=0.5)
    await asyncio.to_thread(own_server.halt, "fast")
    begun = asyncio.get_running_loop().time()
    with pytest.raises(JournalError, match="lost, or cannot be made") as caught:
        await database.write(putting("row"))
    await asyncio.to_thread(own_server.start)
    assert 0.2 < asyncio.get_running_loop().time() - begun < HANG
    assert isinstance(caught.value.__cause__, psycopg.OperationalError)
    assert caught.value.__context__ is None


# Serializable databases, deadlocks, and several that make the tables at once


@pytest.mark.parametrize("level", ["serializable", "repeatable read"])
async def test_workers_may_create_the_tables_at_once_at_any_isolation_level(level, postgres, postgresql_url, opened):
    setting = f"ALTER DATABASE {name_of(postgresql_url)} SET default_transaction_isolation = '{level}'"
    await asyncio.to_thread(postgres.execute, setting)
    databases = await asyncio.gather(*(opened(postgresql_url) for _ in range(4)))

    async def work(connection):
        (row,) = await connection.scalars(select(meta.c.value).where(meta.c.name == "schema_version"))
        await connection.execute(text(f"UPDATE {meta.name} SET value = value WHERE name = 'schema_version'"))
        return row, await connection.scalar(text("SHOW transaction_isolation"))

    found = await asyncio.gather(*(database.write(work) for database in databases for _ in range(20)))
    assert {isolation for _, isolation in found} == {"read committed"}


async def test_a_deadlock_is_retried(postgresql_url, opened):
    database = await opened(postgresql_url)
    both = asyncio.Barrier(2)
    runs = []

    def crossing(first, second):
        async def cross(connection):
            runs.append(first)
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({first})"))
            if len(runs) <= 2:
                await both.wait()
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({second})"))

        return cross

    async with asyncio.timeout(HANG):
        await asyncio.gather(database.write(crossing(1, 2)), database.write(crossing(2, 1)))
    assert len(runs) == 3


async def test_a_failure_that_no_retry_can_fix_is_an_error_at_once(postgresql_url, opened):
    database = await opened(postgresql_url)
    runs = []

    async def work(connection):
        runs.append(1)
        await connection.execute(insert(meta).values(name="schema_version", value="canary"))

    with pytest.raises(JournalError, match="a row contradicts the others") as caught:
        await database.write(work)
    assert len(runs) == 1
    assert isinstance(caught.value.__cause__, psycopg.errors.UniqueViolation)
    for error in (caught.value, caught.value.__cause__):
        assert not {"canary", "(schema_version)"} & set(f"{error} {error!r} {error.args}".split())
    assert caught.value.__context__ is None


# PgBouncer


@pytest.fixture(scope="module")
def bouncer(postgres):
    """PgBouncer before the tests' server."""
    with pgbouncer.running(postgres) as place:
        yield place


async def test_many_workers_share_the_sessions_of_pgbouncer(bouncer, postgresql_url, opened):
    url = f"postgresql://journal@/{name_of(postgresql_url)}?host={bouncer}"
    databases = await asyncio.gather(*(opened(url) for _ in range(4)))

    async def settings(connection):
        return tuple(
            (
                await connection.execute(
                    text(
                        "SELECT current_setting('lock_timeout'), current_setting('synchronous_commit'), "
                        "current_setting('idle_in_transaction_session_timeout')"
                    )
                )
            ).one()
        )

    for number in range(12):
        await asyncio.gather(*(database.write(putting(f"{number} {id(database)}")) for database in databases))
        found = await asyncio.gather(*(database.write(settings) for database in databases))
        assert set(found) == {("10s", "on", "5s")}
    assert len(await names(databases[0])) == 48


async def test_no_setting_stays_in_a_session(bouncer, postgresql_url, opened):
    url = f"postgresql://journal@/{name_of(postgresql_url)}?host={bouncer}"
    database = await opened(url)
    for number in range(12):
        await database.write(putting(f"row {number}"))
        await names(database)
    with psycopg.connect(url, autocommit=True) as other:
        left = other.execute(
            "SELECT current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout'), "
            "(SELECT count(*) FROM pg_prepared_statements), "
            "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database()))"
        ).fetchone()
    assert left == ("0", "0", 0, 0)


async def test_a_batch_is_sent_once_behind_pgbouncer(bouncer, postgresql_url, emulator, kolaybi):
    url = f"postgresql://journal@/{name_of(postgresql_url)}?host={bouncer}"
    ids = some_documents(emulator, 60)

    async def work():
        async with Journal.open(url) as journal:
            await journal.run(kolaybi, creates(ids), concurrency=8, quiet_period=QUIET)

    async with asyncio.timeout(HANG):
        await asyncio.gather(*(work() for _ in range(3)))
    assert (await balance_of(url, ids, emulator)).is_even
