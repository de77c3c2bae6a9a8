"""Row 58 on SQLite: the transaction of a stopped process cannot be ended, so the error names the process."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import sys

import pytest

from kolay_invoice.journal import Journal, JournalError, write_lock
from kolay_invoice.journal.owner import Owner
from kolay_invoice.journal.write_lock import explain_lock, find_holder, is_stopped

from .support import HANG, D, creates, eventually, some_documents, states_of

HOST = socket.gethostname()
needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who holds a lock (/proc/locks)")


@pytest.fixture
def impatient(monkeypatch):
    """Connections that wait for the lock for a moment only."""
    monkeypatch.setattr("kolay_invoice.journal.sqlite_file.BUSY_SECONDS", 0.5)


@pytest.fixture
async def stopped(sqlite_url, start):
    """A worker that stands still with the lock in its hands. The journal is there before it."""
    async with Journal.open(sqlite_url):
        pass
    process = start("stopping_in_file.py", journal=sqlite_url)
    assert await asyncio.to_thread(process.line) == process.popen.pid
    await asyncio.to_thread(eventually, lambda: process.is_stopped)
    return process


@needs_proc
async def test_the_error_names_the_stopped_worker_and_nothing_is_sent_until_it_ends(
    sqlite_url, start, emulator, kolaybi, impatient
):
    ids = some_documents(emulator, 4)
    async with Journal.open(sqlite_url, lease_seconds=1.0) as journal:
        process = start("stopping_in_file.py", journal=sqlite_url)
        await asyncio.to_thread(process.line)
        await asyncio.to_thread(eventually, lambda: process.is_stopped)
        told = (
            r"cannot be written: another program holds the write lock of its file, and did not let it go in [12] "
            rf"seconds\. It is process {process.popen.pid} on {HOST}, which is stopped: resume it or end it, and run "
            r"again\. Nothing is sent without it\.$"
        )
        with pytest.raises(JournalError, match=told) as caught:
            await journal.run(kolaybi, creates(ids))
        assert not caught.value.may_have_happened
        assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
        assert not emulator.requests
        # Reading goes on meanwhile.
        assert await states_of(journal) == {}
        process.signal(signal.SIGCONT)
        code, said, err = await asyncio.to_thread(process.ended)
        assert (code, said) == (0, "ended"), err
    async with Journal.open(sqlite_url) as journal, asyncio.timeout(HANG):
        assert (await journal.run(kolaybi, creates(ids))).counts[D] == len(ids)
    assert [emulator.executions("create_e_document", number) for number in ids] == [1] * len(ids)


@needs_proc
async def test_opening_fails_with_the_name_of_the_stopped_worker_and_succeeds_after_its_end(
    sqlite_url, stopped, impatient
):
    with pytest.raises(
        JournalError, match=f"cannot be opened: .* process {stopped.popen.pid} on {HOST}, which is stop"
    ):
        await Journal.open(sqlite_url).__aenter__()
    stopped.kill()
    async with Journal.open(sqlite_url):
        pass


async def test_without_a_known_holder_the_owners_of_the_journal_are_named(
    sqlite_url, stopped, impatient, monkeypatch, tmp_path
):
    monkeypatch.setattr(write_lock, "_LOCKS", tmp_path / "none")
    with pytest.raises(JournalError, match=rf"The journal is open in process {stopped.popen.pid} on {HOST}: resume or"):
        await Journal.open(sqlite_url).__aenter__()


@pytest.mark.parametrize(
    "line",
    [
        "1: POSIX  ADVISORY  READ  4711 fd:01:{} 120 120",
        "1: POSIX  ADVISORY  WRITE 4711 fd:01:1{} 120 120",
        "1: POSIX  ADVISORY  WRITE 4711 fd:01:{} 121 121",
        "1: POSIX  ADVISORY  WRITE 0 fd:01:{} 120 120",
        "1: -> POSIX  ADVISORY  WRITE 4711 fd:01:{} 120 120",
        "1: FLOCK  ADVISORY  WRITE 4711 fd:01:{} 0 EOF",
        "1: OFDLCK ADVISORY  WRITE -1 fd:01:{} 120 120",
        "",
    ],
)
def test_only_a_lock_on_the_writers_byte_of_that_file_counts(line, tmp_path, monkeypatch):
    side = tmp_path / "sends.db-shm"
    side.touch()
    locks = tmp_path / "locks"
    monkeypatch.setattr(write_lock, "_LOCKS", locks)
    locks.write_text(line.format(side.stat().st_ino) + "\n")
    assert find_holder(tmp_path / "sends.db") is None
    with locks.open("a") as more:
        more.write(f"2: POSIX  ADVISORY  WRITE 4712 fd:01:{side.stat().st_ino} 120 120\n")
    assert find_holder(tmp_path / "sends.db") == 4712


def test_the_advice_depends_on_whether_the_holder_is_known(tmp_path, monkeypatch):
    monkeypatch.setattr(write_lock, "find_holder", lambda _path: os.getpid())
    assert not is_stopped(os.getpid())
    told = explain_lock(tmp_path, 10.4, [])
    assert told.endswith(f"in 10 seconds. It is process {os.getpid()} on {HOST}: wait for it or end it, and run again")
    monkeypatch.setattr(write_lock, "find_holder", lambda _path: None)
    assert explain_lock(tmp_path, 10.4, []).endswith("in 10 seconds. End it, and run again")
    two = [Owner(pid=1, host="a/boot"), Owner(pid=2, host="b/boot")]
    assert "is open in process 1 on a, process 2 on b: resume" in explain_lock(tmp_path, 10.4, two)
