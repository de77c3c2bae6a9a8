"""Rows 53 and 54: servers that fail over, dumps that are restored, and commits that return without their replica."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kolay_invoice.journal import JournalError, server
from kolay_invoice.journal.database import Database
from kolay_invoice.journal.server import Cluster
from kolay_invoice.journal.tables import meta
from tests import postgresql

from .cutting import Proxy
from .support import HANG, eventually

FAILED_OVER = (
    "the PostgreSQL server was failed over or restored: it is on another timeline than before, and what was committed "
    "last may be missing"
)


def name_of(url):
    return url.split("@/")[1].split("?")[0]


def putting(name):
    async def put(connection):
        await connection.execute(insert(meta).values(name=name, value="x").on_conflict_do_nothing())

    return put


async def names(database):
    async def read(connection):
        return set(await connection.scalars(select(meta.c.name).where(meta.c.value == "x")))

    return await database.read(read)


@pytest.fixture
def primary():
    """A server of the test's own."""
    with postgresql.running() as running:
        yield running


@pytest.fixture
def replica(primary):
    """A server that follows it."""
    follower = primary.replica()
    yield follower
    follower.stop()


@pytest.fixture
async def opened():
    """Open databases, and close them."""
    every = []

    async def open_one(url, max_outage=0.0):
        every.append(await Database.open(url, create=True))
        every[-1].max_outage = max_outage
        return every[-1]

    yield open_one
    for one in every:
        await one.close()


def caught_up(primary, replica, database, name):
    def has():
        try:
            with psycopg.connect(replica.url(database)) as connection:
                found = connection.execute(f"SELECT 1 FROM {meta.name} WHERE name = '{name}'").fetchone()
        except (psycopg.errors.UndefinedTable, psycopg.OperationalError):
            # The replica may not have the table yet, or not even the database.
            return False
        return found is not None

    eventually(has)


# Row 53


@pytest.mark.row(53)
async def test_a_failover_that_loses_commits_is_detected_and_the_doubt_stays(primary, replica, opened):
    name = primary.new_database()
    database = await opened(primary.url(name))
    await database.write(putting("kept"))
    journal_id = database.journal_id
    await asyncio.to_thread(caught_up, primary, replica, name, "kept")
    replica.halt("fast")
    await database.write(putting("lost"))
    primary.halt("immediate")
    await asyncio.to_thread(replica.start)
    await asyncio.to_thread(replica.promote)
    after = await opened(replica.url(name))
    assert after.doubt.reason == FAILED_OVER
    assert after.journal_id == journal_id
    assert await names(after) == {"kept"}
    again = await opened(replica.url(name))
    assert again.doubt == after.doubt
    await again.clear_doubt("ayşe", "looked up")
    assert (await opened(replica.url(name))).doubt is None


@pytest.mark.row(53)
async def test_a_failover_during_a_run_is_detected_by_the_next_transaction(primary, replica, opened):
    name = primary.new_database()
    async with Proxy.before(primary.place) as proxy:
        database = await opened(proxy.url(name), max_outage=HANG)
        other = await opened(proxy.url(name), max_outage=HANG)
        await database.write(putting("kept"))
        await asyncio.to_thread(caught_up, primary, replica, name, "kept")
        proxy.server = replica.place
        proxy.cut_all()
        # A replica that is not promoted yet may only be read: that, too, is ridden out.
        writing = asyncio.create_task(database.write(putting("after")))
        await asyncio.sleep(0.3)
        assert not writing.done()
        await asyncio.to_thread(replica.promote)
        async with asyncio.timeout(HANG):
            await writing
        assert database.doubt.reason == FAILED_OVER
        await other.write(putting("later"))
        assert other.doubt == database.doubt
        before = database.doubt
        await database.write(putting("last"))
        assert database.doubt is before
        assert await names(database) == {"kept", "after", "later", "last"}
    assert (await opened(replica.url(name))).doubt == before


@pytest.mark.row(53)
async def test_a_doubt_is_recorded_even_if_the_work_rolls_back(primary, replica, opened):
    name = primary.new_database()
    async with Proxy.before(primary.place) as proxy:
        database = await opened(proxy.url(name), max_outage=HANG)
        await database.write(putting("kept"))
        await asyncio.to_thread(caught_up, primary, replica, name, "kept")
        await asyncio.to_thread(replica.promote)
        proxy.server = replica.place
        proxy.cut_all()

        async def work(connection):
            await putting("taken back")(connection)
            await connection.rollback()

        await database.write(work)
        assert await names(database) == {"kept"}
    assert (await opened(replica.url(name))).doubt.reason == FAILED_OVER


@pytest.mark.row(53, 54)
async def test_a_doubt_that_is_not_durable_is_recorded_again(postgresql_url, opened, monkeypatch):
    database = await opened(postgresql_url, max_outage=HANG)
    database._cluster = Cluster("1", "2", "3")
    real = server.commit_durably
    promised = [False, True, True]

    async def commit(connection):
        return await real(connection) and promised.pop(0)

    monkeypatch.setattr(server, "commit_durably", commit)
    await database.write(putting("row"))
    assert not promised
    assert database._cluster.system != "1"
    assert await names(database) == {"row"}


@pytest.mark.row(53)
async def test_a_restored_dump_is_detected_in_another_cluster_and_in_the_same(primary, postgres, opened):
    name = postgres.new_database()
    database = await opened(postgres.url(name))
    await database.write(putting("kept"))
    journal_id = database.journal_id
    for other, reason in ((postgres, "made anew, as from a dump"), (primary, "another PostgreSQL cluster")):
        restored = other.new_database()
        await asyncio.to_thread(postgres.copy_database, name, other, restored)
        copy = await opened(other.url(restored))
        assert reason in copy.doubt.reason
        assert copy.journal_id == journal_id
        assert (await opened(other.url(restored))).doubt == copy.doubt
    assert (await opened(postgres.url(name))).doubt is None


@pytest.mark.row(53)
async def test_a_restart_is_no_failover(primary, opened):
    name = primary.new_database()
    await opened(primary.url(name))
    for mode in ("fast", "immediate"):
        primary.halt(mode)
        await asyncio.to_thread(primary.start)
        assert (await opened(primary.url(name))).doubt is None


@pytest.mark.row(53)
async def test_a_server_that_hides_values_is_compared_by_the_others(postgres, postgresql_url, opened):
    name = name_of(postgresql_url)
    role = f"narrow_{name}"
    narrow = postgresql_url.replace("journal@", f"{role}@")
    await asyncio.to_thread(postgres.execute, f"CREATE ROLE {role} LOGIN")
    await asyncio.to_thread(postgres.execute, f"ALTER DATABASE {name} OWNER TO {role}")
    await asyncio.to_thread(
        postgres.execute, "REVOKE EXECUTE ON FUNCTION pg_control_system(), pg_walfile_name(pg_lsn) FROM PUBLIC", name
    )
    database = await opened(narrow)
    assert (database._cluster.system, database._cluster.timeline) == ("", "")
    assert database._cluster.table
    await database.write(putting("row"))
    # What could not be asked before is written down when it can be.
    everything = await opened(postgresql_url)
    assert everything._cluster.system.isdecimal()
    assert everything._cluster.timeline == "00000001"
    assert everything.doubt is None
    assert (await opened(narrow)).doubt is None


async def test_a_connection_that_breaks_during_the_query_is_not_a_missing_value(postgresql_url, opened, monkeypatch):
    expressions = {**server._IDENTITY, "system": "pg_terminate_backend(pg_backend_pid())::text"}
    monkeypatch.setattr(server, "_IDENTITY", expressions)
    with pytest.raises(JournalError, match=r"ended the connection|connection to the server was lost"):
        await opened(postgresql_url)


def test_servers_are_compared_only_by_values_that_both_show():
    one = Cluster("1", "a", "x")
    assert one.describe_difference(one) is None
    assert one.describe_difference(Cluster()) is None
    assert Cluster().describe_difference(one) is None
    assert "another PostgreSQL cluster" in one.describe_difference(Cluster("2", "b", "y"))
    assert "another timeline" in one.describe_difference(Cluster("1", "b", "y"))
    assert "made anew" in one.describe_difference(Cluster("1", "a", "y"))


# Row 54


@pytest.fixture
def waiting(primary, replica):
    """A database whose commits wait for the replica, which stands still."""
    name = primary.new_database()
    with psycopg.connect(primary.url(name), autocommit=True) as connection:
        connection.execute("CREATE TABLE before (a int)")

    def begin():
        primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.execute("SELECT pg_reload_conf()")
        eventually(lambda: ask(primary, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == 1)
        replica.halt("fast")

    return name, begin


def ask(running, query):
    with psycopg.connect(running.url("postgres"), autocommit=True) as connection:
        return connection.execute(query).fetchone()[0]


def cancel_one_wait(primary):
    """Cancel a commit's wait for its replica, as an administrator does who is tired of waiting."""
    found = "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    eventually(lambda: ask(primary, found) > 0)


@pytest.mark.row(54)
async def test_a_commit_whose_wait_for_the_replica_was_cancelled_is_not_trusted(primary, waiting, opened):
    name, begin = waiting
    database = await opened(primary.url(name))
    await asyncio.to_thread(begin)
    writing = asyncio.create_task(database.write(putting("row")))
    await asyncio.to_thread(cancel_one_wait, primary)
    with pytest.raises(JournalError, match="could not wait for its replica") as caught:
        await writing
    assert "Nothing is sent without it" in str(caught.value)


@pytest.mark.row(54)
async def test_the_write_is_repeated_until_the_replica_has_it(primary, replica, waiting, opened):
    name, begin = waiting
    database = await opened(primary.url(name), max_outage=HANG)
    await asyncio.to_thread(begin)
    runs = []

    async def work(connection):
        runs.append(await connection.scalar(select(meta.c.value).where(meta.c.name == "row")))
        if runs[-1] is None:
            await putting("row")(connection)

    writing = asyncio.create_task(database.write(work))
    for _ in range(2):
        await asyncio.to_thread(cancel_one_wait, primary)
    # The third run, which finds the row and has nothing to write, waits as well.
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    await asyncio.to_thread(eventually, lambda: len(runs) == 3 and ask(primary, waits) == 1)
    assert not writing.done()
    await asyncio.to_thread(replica.start)
    async with asyncio.timeout(HANG):
        await writing
    assert runs == [None, "x", "x"]
    with psycopg.connect(replica.url(name)) as connection:
        assert connection.execute(f"SELECT value FROM {meta.name} WHERE name = 'row'").fetchone() == ("x",)


@pytest.mark.row(54)
async def test_without_the_check_of_warnings_the_commit_looks_durable(primary, waiting, opened, monkeypatch):
    """The negative control: the driver says nothing of a warning."""
    monkeypatch.setattr(server, "_watch_warnings", lambda connection, record: None)
    name, begin = waiting
    database = await opened(primary.url(name))
    await asyncio.to_thread(begin)
    writing = asyncio.create_task(database.write(putting("row")))
    await asyncio.to_thread(cancel_one_wait, primary)
    await writing


@pytest.mark.row(54)
async def test_the_journal_waits_for_the_replica_whatever_the_database_is_set_to(primary, waiting, opened):
    name, begin = waiting
    primary.execute(f"ALTER DATABASE {name} SET synchronous_commit = local")
    database = await opened(primary.url(name))
    await asyncio.to_thread(begin)
    writing = asyncio.create_task(database.write(putting("row")))
    await asyncio.to_thread(cancel_one_wait, primary)
    with pytest.raises(JournalError, match="could not wait for its replica"):
        await writing
