"""Many that open one new SQLite file in the same moment: none may fail."""

from __future__ import annotations

import asyncio
import sqlite3
import sys

import pytest

from kolay_invoice.journal import JournalError, sqlite_file
from kolay_invoice.journal.database import Database

TIMES = 60
AT_ONCE = 10
"""How many new files are opened in the same moment: most of an opening is waiting."""

OPENING = """
import asyncio, sys, time
from kolay_invoice.journal.database import Database

async def open_one(folder, number):
    database = await Database.open(f"sqlite:///{folder}/{number}.db", create=True)
    await database.close()
    return database.journal_id

async def main(folder, times, at_once):
    for number in range(0, times, at_once):
        # A line lets every process begin in the same moment.
        sys.stdin.readline()
        print(*await asyncio.gather(*(open_one(folder, number + one) for one in range(at_once))), flush=True)

asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
"""


async def open_together(url, count):
    databases = await asyncio.gather(*(Database.open(url, create=True) for _ in range(count)), return_exceptions=True)
    for database in databases:
        if isinstance(database, Database):
            await database.close()
    return databases


@pytest.mark.timeout(180)
async def test_six_journals_of_one_process_open_a_new_file_together(tmp_path):
    for number in range(0, TIMES, AT_ONCE):
        urls = [f"sqlite:///{tmp_path}/{number + one}.db" for one in range(AT_ONCE)]
        for databases in await asyncio.gather(*(open_together(url, 6) for url in urls)):
            assert [error for error in databases if isinstance(error, BaseException)] == []
            assert len({database.journal_id for database in databases}) == 1


@pytest.mark.timeout(300)
async def test_eight_processes_open_a_new_file_together(tmp_path):
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), asyncio.subprocess.PIPE)
    command = (sys.executable, "-c", OPENING, str(tmp_path), str(TIMES), str(AT_ONCE))
    processes = [await asyncio.create_subprocess_exec(*command, **pipes) for _ in range(8)]
    for _ in range(0, TIMES, AT_ONCE):
        for process in processes:
            process.stdin.write(b"\n")
        ids = await asyncio.gather(*(process.stdout.readline() for process in processes))
        assert len(set(ids)) == 1
        assert len(set(ids[0].split())) == AT_ONCE, await processes[0].stderr.read()
    for process in processes:
        _, errors = await process.communicate()
        assert (process.returncode, errors) == (0, b"")


async def test_a_switch_to_wal_without_waiting_fails_at_once(tmp_path):
    """The negative control: what SQLite does where another uses the file in the moment of the switch."""
    path = tmp_path / "sends.db"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.executescript("CREATE TABLE a (b); BEGIN IMMEDIATE")
    other = sqlite3.connect(path, timeout=60)
    begun = asyncio.get_running_loop().time()
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("PRAGMA journal_mode=WAL")
    assert asyncio.get_running_loop().time() - begun < 30
    asyncio.get_running_loop().call_later(0.2, holder.close)
    other.close()
    database = await Database.open(f"sqlite:///{path}", create=True)
    await database.close()


async def test_a_file_that_stays_locked_is_an_error_after_the_timeout(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite_file, "BUSY_SECONDS", 0.2)
    path = tmp_path / "sends.db"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.executescript("CREATE TABLE a (b); BEGIN IMMEDIATE")
    with pytest.raises(JournalError, match="another program holds the write lock of its file") as caught:
        await Database.open(f"sqlite:///{path}", create=True)
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
    holder.close()
