"""Row 58: a worker that stops, or whose machine dies, in a transaction holds the others up for 15 seconds at most."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess

import pytest
from sqlalchemy import text

from kolay_invoice.journal import JournalError, server
from kolay_invoice.journal.database import Database

from .cutting import Proxy
from .support import Process, eventually

LIMIT = 15.0


def name_of(url):
    return url.split("@/")[1].split("?")[0]


async def lock(connection):
    """Take the lock that the worker holds which stands still."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(1)"))


@pytest.fixture
async def database(postgresql_url):
    """The other worker's."""
    one = await Database.open(postgresql_url, create=True)
    one.max_outage = 60.0
    yield one
    await one.close()


@pytest.mark.row(58)
async def test_others_continue_while_a_worker_is_stopped_and_its_work_is_done_later(database, postgresql_url, start):
    stopped = start("stopping.py", journal=postgresql_url)
    assert await asyncio.to_thread(stopped.line) == "in the transaction"
    await asyncio.to_thread(eventually, lambda: stopped.is_stopped)
    async with asyncio.timeout(LIMIT):
        await database.write(lock)
    stopped.signal(signal.SIGCONT)
    code, runs, _ = await asyncio.to_thread(stopped.ended)
    assert (code, runs) == (0, 2)


@pytest.mark.row(58)
async def test_others_continue_while_a_worker_is_stopped_after_writing_many_rows(database, postgresql_url, monkeypatch):
    monkeypatch.setattr(server, "_SETTINGS", server._SETTINGS.replace("'5s'", "'1s'"))
    standing = await Database.open(postgresql_url, create=True)
    held, is_to_go_on = asyncio.Event(), asyncio.Event()
    write_many = text("UPDATE kolay_invoice_journal SET value = value WHERE name = :name")

    async def stand_still(connection):
        await lock(connection)
        written = await connection.execute(write_many, [{"name": "schema_version"}, {"name": "schema_version"}])
        assert written.rowcount == 2
        held.set()
        await is_to_go_on.wait()

    stopped = asyncio.create_task(standing.write(stand_still))
    await held.wait()
    async with asyncio.timeout(LIMIT):
        await database.write(lock)
    is_to_go_on.set()
    with pytest.raises(JournalError, match="a transaction stood still for too long"):
        await stopped
    await standing.close()


@pytest.mark.row(58)
async def test_without_the_timeout_others_wait_as_long_as_the_worker_is_stopped(database, postgresql_url, monkeypatch):
    """The negative control: the server's own setting is to wait without bound."""
    monkeypatch.setattr(server, "_SETTINGS", server._SETTINGS.replace("'5s'", "'0'"))
    standing = await Database.open(postgresql_url, create=True)
    held = asyncio.Event()

    async def stand_still(connection):
        await lock(connection)
        held.set()
        await asyncio.Event().wait()

    tasks = [asyncio.create_task(standing.write(stand_still))]
    await held.wait()
    tasks.append(asyncio.create_task(database.write(lock)))
    done, _ = await asyncio.wait(tasks, timeout=8.0, return_when=asyncio.FIRST_COMPLETED)
    assert not done
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await standing.close()


@pytest.mark.row(58)
async def test_others_continue_when_a_machine_dies_inside_a_transaction(database, postgres, postgresql_url):
    async with Proxy.before(postgres.place) as proxy:
        dying = await Database.open(proxy.url(name_of(postgresql_url)), create=True)
        held = asyncio.Event()

        async def die(connection):
            await lock(connection)
            # From now on the server hears nothing of it, not even an end.
            proxy.dead.set()
            held.set()
            await asyncio.Event().wait()

        dead = asyncio.create_task(dying.write(die))
        await held.wait()
        async with asyncio.timeout(LIMIT):
            await database.write(lock)
        dead.cancel()
        await asyncio.wait([dead])
        await dying.close()


@pytest.mark.row(58)
async def test_the_wait_for_a_lock_has_a_limit(database, monkeypatch, postgresql_url):
    monkeypatch.setattr(server, "_SETTINGS", server._SETTINGS.replace("'10s'", "'200ms'"))
    impatient = await Database.open(postgresql_url, create=True)
    monkeypatch.setattr("kolay_invoice.journal.sqlite_file.BUSY_SECONDS", 0.5)
    go = asyncio.Event()
    held = asyncio.Event()

    async def hold(connection):
        await lock(connection)
        held.set()
        await go.wait()

    holding = asyncio.create_task(database.write(hold))
    await held.wait()
    with pytest.raises(JournalError, match="another worker holds its rows for too long"):
        await impatient.write(lock)
    go.set()
    await holding
    await impatient.write(lock)
    await impatient.close()


@pytest.mark.row(58)
@pytest.mark.parametrize(("query", "expected"), [("", "10000"), ("&tcp_user_timeout=3000", "3000")])
async def test_connections_to_a_dead_server_time_out(query, expected, postgresql_url):
    database = await Database.open(postgresql_url + query, create=True)
    async with database._engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        parameters = driver.info.get_parameters()
        assert driver.prepare_threshold is None
    await database.close()
    assert parameters["tcp_user_timeout"] == expected
    assert [parameters[f"keepalives{name}"] for name in ("", "_idle", "_interval", "_count")] == ["1", "5", "3", "3"]


CAN_SEPARATE = (
    os.geteuid() == 0
    and shutil.which("ip") is not None
    and shutil.which("nft") is not None
    and subprocess.run(["ip", "netns", "list"], capture_output=True, check=False).returncode == 0
)


@pytest.fixture
def far_server(postgres):
    """The server, on the other side of a wire that can be cut."""
    if not CAN_SEPARATE:
        pytest.skip("a wire that can be cut needs root, ip netns and nft")
    name = f"kolay{os.getpid()}"
    net = f"10.213.{os.getpid() % 250}"

    def ip(*words):
        subprocess.run(["ip", *words], check=True, capture_output=True)

    ip("netns", "add", name)
    try:
        ip("link", "add", f"k{os.getpid()}", "type", "veth", "peer", "name", "far", "netns", name)
        ip("addr", "add", f"{net}.1/24", "dev", f"k{os.getpid()}")
        ip("link", "set", f"k{os.getpid()}", "up")
        ip("-n", name, "addr", "add", f"{net}.2/24", "dev", "far")
        ip("-n", name, "link", "set", "far", "up")
        command = ["ip", "netns", "exec", name]
        settings = {"host": f"{net}.2", "socket": str(postgres.place / ".s.PGSQL.5432")}
        forwarding = Process.of("forwarding.py", settings, before=command)
        assert forwarding.line() == "listening"

        def cut():
            rules = "table inet cut {\nchain in { type filter hook input priority 0; policy drop; }\n}\n"
            subprocess.run([*command, "nft", rules], check=True)

        def mend():
            subprocess.run([*command, "nft", "flush ruleset"], check=True)

        yield f"{net}.2", cut, mend
        forwarding.kill()
    finally:
        ip("netns", "del", name)


@pytest.mark.row(58)
@pytest.mark.timeout(120)
async def test_a_server_behind_a_broken_link_times_out_and_is_found_again(far_server, postgresql_url):
    host, cut, mend = far_server
    database = await Database.open(f"postgresql://journal@{host}/{name_of(postgresql_url)}", create=True)
    cut()
    with pytest.raises(JournalError, match="the connection to the server was lost"):
        async with asyncio.timeout(30.0):
            await database.write(lock)
    database.max_outage = 60.0
    writing = asyncio.create_task(database.write(lock))
    done, _ = await asyncio.wait([writing], timeout=1.0)
    assert not done
    mend()
    async with asyncio.timeout(30.0):
        await writing
    await database.close()
