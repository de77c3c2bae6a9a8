"""Journals of the version before: written by the released code, brought forward in one transaction, and gone on with.

The dumps were written by kolay_invoice at commit e2fb07e, with its emulator: a resend that was done, a send that was
refused, one in doubt, a collection for a person, a send that met a closed port, and one whose worker was killed after
the mark. Only the names of the machine and of its start were changed.
"""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text as sql

from kolay_invoice.journal import Journal, JournalError, State, clock, migrations
from kolay_invoice.journal.database import Database
from kolay_invoice.kolaybi.models import CreateEDocument, Proceed, Resend
from kolay_invoice.propars.models import SendInvoice

from .support import LATER, D, N, P, R, U, rows_of

DATA = Path(__file__).parent / "data"
KILLED, UNSENT = SendInvoice(sale_id=1002), SendInvoice(sale_code="abc123")


@pytest.fixture
def old(url):
    """The address of a journal of version 1."""
    if url.startswith("sqlite"):
        written = (DATA / "version_1_sqlite.sql").read_text("utf-8")
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.executescript(written)
        connection.close()
    else:
        with psycopg.connect(url) as connection:
            connection.execute((DATA / "version_1_postgresql.sql").read_text("utf-8"))
    return url


@pytest.fixture
def let_time_pass(monkeypatch):
    """Put the boot clock forward, by which this machine watches the leases of others."""

    real, slept = clock.boottime, [0.0]
    monkeypatch.setattr(clock, "boottime", lambda: real() + slept[0])

    def let_time_pass(seconds):
        slept[0] += seconds

    return let_time_pass


def by_operation(rows):
    return {f"{row.operation} {key.partition('=')[2]}": row for key, row in rows.items()}


async def test_a_journal_of_version_1_is_migrated_with_all_its_data(old):
    async with Journal.open(old, create=False) as journal:
        rows = by_operation(await rows_of(journal))
        assert {name: row.state for name, row in rows.items()} == {
            "resend 18": D,
            "create_e_document 2": R,
            "create_e_document 1": U,
            "proceed 20": N,
            "send_invoice abc123": P,
            "send_invoice 1002": State.SENDING,
        }
        assert rows["resend 18"].result.document_id == 18
        assert rows["create_e_document 2"].refusal.error == "InvalidRequestError"
        assert [one.outcome for one in rows["create_e_document 1"].attempts] == ["OutcomeUnknownError"]
        assert rows["send_invoice abc123"].request.invoice_uuid
        assert {(row.generation, row.occasion, row.evidence, row.history, row.tried_in) for row in rows.values()} == {
            (0, "", (), (), None)
        }
        version = await journal._require_open().database.read(
            lambda connection: connection.scalar(
                sql("SELECT value FROM kolay_invoice_journal WHERE name = 'schema_version'")
            )
        )
        assert version == "2"


async def test_a_migrated_journal_continues_and_sends_nothing_twice(old, emulator, kolaybi, propars, let_time_pass):
    async with Journal.open(old) as journal:
        report = await journal.run(kolaybi, [Resend(18), CreateEDocument(2), Proceed(20, 1)])
        assert {state: count for state, count in report.counts.items() if count} == {D: 1, R: 1, N: 1}
        assert (report.done_now, report.done_before) == (0, 1)
        assert not emulator.requests
        # What version 1 could not send and its run is what is sent now.
        report = await journal.run(propars, [UNSENT])
        assert report.counts[D] == 1
        assert emulator.executions("send_invoice", "abc123") == 1

        # The waits of unknown operations restart, because the clock that counted them is unknown.
        report = await journal.run(kolaybi, [CreateEDocument(1)], quiet_period=LATER, patience=0.0)
        assert report.counts[U] == 1
        report = await journal.run(kolaybi, [CreateEDocument(1)], quiet_period=0.0)
        assert report.counts[D] == 1
        assert emulator.executions("create_e_document", 1) == 1

        # The owner that was killed on another machine is watched for a lease of version 1, and then is gone.
        report = await journal.run(propars, [KILLED], quiet_period=0.0, patience=0.0)
        assert report.counts[State.SENDING] == 1
        let_time_pass(61.0)
        await journal._require_open().lease.ensure()
        await journal._require_open().lease.release_expired()
        report = await journal.run(propars, [KILLED], quiet_period=0.0)
        assert report.counts[D] == 1
        assert emulator.executions("send_invoice", 1002) == 1


async def test_two_processes_that_open_it_at_once_migrate_it_once(old):
    async def opened():
        async with Journal.open(old) as journal:
            return await journal.counts()

    first, *others = await asyncio.gather(*(opened() for _ in range(4)))
    assert all(one == first for one in others)
    assert first[D] == 1


async def test_a_failed_migration_leaves_version_1_unchanged(old, monkeypatch):
    to_version_2 = migrations._to_version_2

    def fails(connection):
        to_version_2(connection)
        raise JournalError("the disk is full")

    monkeypatch.setattr(migrations, "_STEPS", {"1": fails})
    with pytest.raises(JournalError, match="full"):
        await Database.open(old, create=False)
    monkeypatch.undo()
    async with Journal.open(old, create=False) as journal:
        assert (await journal.counts())[D] == 1
