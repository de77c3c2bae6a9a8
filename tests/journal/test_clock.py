"""Clocks that are set between the start of two processes: on one machine they count time together."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import text

from kolay_invoice.journal import Journal, State, clock
from kolay_invoice.journal.database import Database
from kolay_invoice.kolaybi.models import CreateEDocument

from .support import rows_of, some_documents

QUIET = 300.0
SLOW = 400.0


@pytest.fixture
def slow_clock(monkeypatch):
    """The machine's clock before it is set: behind by more than a quiet period."""
    real = time.time
    monkeypatch.setattr("kolay_invoice.journal.clock.time.time", lambda: real() - SLOW)
    return monkeypatch.undo


async def clock_of(url):
    """What a process that starts now takes the time to be, against the machine's clock."""
    database = await Database.open(url, create=True)
    try:
        return round(await database.read(database.clock.now) - time.time())
    finally:
        await database.close()


@pytest.mark.row(55)
async def test_a_wall_clock_set_between_two_workers_ends_no_quiet_period(slow_clock, sqlite_url, emulator, kolaybi):
    (number,) = some_documents(emulator, 1)
    emulator.fault("create_e_document", "drop-before")
    async with Journal.open(sqlite_url) as before:
        await before.run(kolaybi, [CreateEDocument(number)], quiet_period=QUIET, patience=0.0)
        slow_clock()
        async with Journal.open(sqlite_url) as after:
            report = await after.run(kolaybi, [CreateEDocument(number)], quiet_period=QUIET, patience=0.0)
            (row,) = (await rows_of(report)).values()
    assert row.state is State.UNKNOWN
    assert [one.operation for one in emulator.requests] == ["create_e_document"]


async def test_a_journal_of_an_earlier_version_shares_the_epoch_when_it_is_opened(slow_clock, sqlite_url):
    database = await Database.open(sqlite_url, create=True)
    await database.write(lambda connection: connection.execute(text("DROP TABLE kolay_invoice_boots")))
    await database.close()
    assert await clock_of(sqlite_url) == 0
    slow_clock()
    assert await clock_of(sqlite_url) == -SLOW


@pytest.mark.row(55)
@pytest.mark.parametrize("boot", ["", "another start"])
async def test_a_shared_epoch_holds_for_one_boot_of_one_machine(boot, slow_clock, sqlite_url, monkeypatch):
    await clock_of(sqlite_url)
    slow_clock()
    monkeypatch.setattr("kolay_invoice.journal.clock.boot_id", lambda: boot)
    assert await clock_of(sqlite_url) == 0


async def test_a_database_of_many_machines_has_no_epoch_of_one_machine(slow_clock, postgresql_url):
    await clock_of(postgresql_url)
    slow_clock()
    assert await clock_of(postgresql_url) == 0


def test_without_a_boot_id_no_epoch_is_shared(monkeypatch):
    assert clock.boot_id()
    monkeypatch.setattr(clock, "read_line", lambda path: "")
    assert clock.boot_id() == clock.AwakeClock().name == ""
