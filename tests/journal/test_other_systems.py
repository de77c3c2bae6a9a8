"""Windows and macOS, with the functions of their systems put in place: clocks, owners, event loops."""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
import time
from types import SimpleNamespace

import psutil
import pytest
from attrs import evolve

from kolay_invoice import event_loop
from kolay_invoice.blocking.loop_thread import LoopThread
from kolay_invoice.journal import Journal, JournalError, clock, owner
from kolay_invoice.journal.owner import Owner


@pytest.fixture(params=["darwin", "win32"])
def elsewhere(request, monkeypatch):
    """Another system than Linux, where no signal may be sent to ask for a process."""

    def kill(pid, number):
        raise AssertionError("os.kill(pid, 0) is a Ctrl-C on Windows")

    monkeypatch.setattr(sys, "platform", request.param)
    monkeypatch.setattr(os, "kill", kill)
    monkeypatch.setattr(psutil, "pid_exists", lambda pid: pid in psutil.pids())
    owner._identify_other_host.cache_clear()
    yield request.param
    owner._identify_other_host.cache_clear()


@pytest.fixture
def no_boottime(monkeypatch):
    monkeypatch.delattr(time, "CLOCK_BOOTTIME")


def test_a_lease_on_macos_is_counted_by_the_clock_that_runs_in_sleep(monkeypatch, no_boottime):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(time, "clock_gettime", lambda clock: {time.CLOCK_MONOTONIC: 4711.5}[clock])

    assert clock.boottime() == 4711.5
    assert clock.awake_time() != 4711.5


def test_a_quiet_period_on_windows_does_not_count_sleep(monkeypatch, no_boottime):
    def unbiased(ticks):
        ticks._obj.value = 47_115_000_000

    kernel = SimpleNamespace(QueryUnbiasedInterruptTime=unbiased)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)

    assert clock.awake_time() == 4711.5
    assert abs(clock.boottime() - time.monotonic()) < 60


def test_the_owner_of_this_process_is_known_without_proc(elsewhere):
    mine = Owner()
    mine.note_open()

    assert mine.host.startswith(f"{mine.host_name}/")
    assert mine.is_of_this_process
    assert not mine.is_dead()
    mine.note_closed()
    assert mine.is_dead()


def test_a_process_that_is_gone_is_dead_and_another_machine_is_not_judged(elsewhere, monkeypatch):
    theirs = evolve(Owner(), pid=4_000_000, started="1.0")

    assert theirs.is_dead()
    assert not evolve(theirs, host="elsewhere/1/2").is_dead()
    assert not evolve(theirs, started="").is_dead()


def test_a_process_that_lives_is_not_dead_whatever_its_start_time_is(elsewhere, monkeypatch):
    theirs = evolve(Owner(), pid=os.getppid(), started="1.0")

    assert not theirs.is_dead()
    monkeypatch.setattr(psutil.Process, "status", lambda self: psutil.STATUS_ZOMBIE)
    assert theirs.is_dead()


def test_a_process_that_may_not_be_looked_at_is_not_dead(elsewhere, monkeypatch):
    theirs = evolve(Owner(), pid=os.getppid(), started="1.0")

    def status(self):
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "status", status)
    assert not theirs.is_dead()


def test_the_loops_of_this_package_on_windows_are_selector_loops(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    made = []

    async def main():
        made.append(asyncio.get_running_loop())

    event_loop.run(main())
    thread = LoopThread()
    thread.run(main)
    thread.end(main)

    assert all(isinstance(loop, asyncio.SelectorEventLoop) for loop in made)
    assert len(made) >= 2


async def test_a_proactor_loop_is_told_that_psycopg_cannot_work_on_it(monkeypatch):
    monkeypatch.setattr(asyncio, "ProactorEventLoop", type(asyncio.get_running_loop()), raising=False)

    with pytest.raises(JournalError, match="psycopg cannot work on the Proactor event loop of Windows: run the prog"):
        await Journal.open("postgresql://127.0.0.1:1/none").__aenter__()
