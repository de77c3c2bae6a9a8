"""A new journal after sends that were made without one: each operation is looked up before it is sent."""

from __future__ import annotations

import asyncio

import pytest

from kolay_invoice.journal import Journal
from kolay_invoice.journal.readback import ReadBack
from kolay_invoice.kolaybi.models import CreateEDocument, Proceed, Resend
from kolay_invoice.propars.models import CancelInvoice, SendInvoice

from .support import HANG, D, N, P, R, U, creates, kolaybi_of, only_row, rows_of, sent, some_documents, until


async def test_earlier_sends_without_a_journal_are_found_and_the_others_are_sent(journal, emulator, kolaybi):
    ids = some_documents(emulator, 6)
    for number in ids[:3]:
        await kolaybi.create_e_document(number)

    report = await journal.run(kolaybi, creates(ids), look_first=True)

    assert report.counts[D] == len(ids)
    assert [emulator.executions("create_e_document", number) for number in ids] == [1] * len(ids)
    rows = {row.request.document_id: row for row in (await rows_of(report)).values()}
    for number in ids:
        assert rows[number].result.uuid == emulator.documents[number].uuid
        assert rows[number].evidence
    assert {rows[number].note for number in ids[:3]} == {"found official before it was sent"}
    assert not any(rows[number].attempts for number in ids[:3])


async def test_a_propars_send_is_looked_up_too(journal, emulator, propars):
    await propars.send_invoice(sale_code="abc123")
    requests = [SendInvoice(sale_code="abc123"), SendInvoice(sale_id=1002)]
    report = await journal.run(propars, requests, look_first=True)
    assert report.counts[D] == 2
    assert emulator.executions("send_invoice", "abc123") == emulator.executions("send_invoice", 1002) == 1


@pytest.mark.parametrize("request_", [Proceed(1, 1), CancelInvoice(sale_id=1001)], ids=str)
async def test_an_operation_without_a_look_up_needs_a_person(request_, journal, emulator, kolaybi, propars):
    client = kolaybi if isinstance(request_, Proceed) else propars
    await propars.send_invoice(sale_id=1001)
    report = await journal.run(client, [request_], look_first=True)
    assert report.counts[N] == 1
    row = await only_row(journal)
    assert "looked up first" in row.note
    assert not row.attempts
    assert not emulator.executions("proceed")
    assert not emulator.executions("cancel_invoice")
    await journal.settle(row.key, not_executed=True, because="looked it up myself")
    report = await journal.run(client, [request_], look_first=True)
    assert emulator.executions(row.operation) == len(sent(emulator, row.operation)) == 1
    assert report.counts[D] == 1


async def test_an_undecided_look_up_needs_a_person(journal, emulator, kolaybi):
    emulator.detail = "missing"
    report = await journal.run(kolaybi, [CreateEDocument(1), Resend(18)], look_first=True)
    assert report.counts[N] == 2
    assert not emulator.executions("create_e_document")
    assert not emulator.executions("resend")
    for row in (await rows_of(report)).values():
        assert row.evidence


async def test_a_closed_client_ends_the_run_before_anything_is_sent(sqlite_journal, emulator):
    client = kolaybi_of(emulator)
    await client.aclose()
    with pytest.raises(RuntimeError, match="closed"):
        await sqlite_journal.run(client, [CreateEDocument(1)], look_first=True)
    assert (await only_row(sqlite_journal)).state is P
    assert not emulator.requests


@pytest.mark.parametrize("how", ["cancelled", "stopped"])
async def test_a_run_that_ends_during_a_look_up_sends_nothing(how, sqlite_journal, emulator, kolaybi):
    emulator.fault("get_invoice", "slow", times=2, seconds=0.5)
    run = asyncio.create_task(sqlite_journal.run(kolaybi, creates([1, 18]), concurrency=1, look_first=True))
    await until(lambda: sent(emulator, "get_invoice"))
    if how == "cancelled":
        run.cancel()
    else:
        sqlite_journal.stop()
    async with asyncio.timeout(HANG):
        await asyncio.gather(run, return_exceptions=True)
    assert run.cancelled() is (how == "cancelled")
    assert not sent(emulator, "create_e_document")
    assert (await sqlite_journal.counts())[P] == 2


# A refusal is looked up once


@pytest.mark.parametrize("ends", ["cancelled", "a defect"])
async def test_an_interrupted_read_back_of_a_refusal_keeps_the_refusal(ends, url, emulator, kolaybi, monkeypatch):
    began = asyncio.Event()

    async def look(self, row):
        began.set()
        if ends == "a defect":
            raise ZeroDivisionError
        await asyncio.Event().wait()

    monkeypatch.setattr(ReadBack, "look", look)
    async with Journal.open(url) as journal:
        run = asyncio.create_task(journal.run(kolaybi, [CreateEDocument(2)]))
        await began.wait()
        if ends == "cancelled":
            run.cancel()
        async with asyncio.timeout(HANG):
            with pytest.raises(asyncio.CancelledError if ends == "cancelled" else ZeroDivisionError):
                await run
        assert (await only_row(journal)).state is R


async def test_a_defect_of_a_read_back_ends_the_run_and_keeps_the_doubt(sqlite_journal, emulator, kolaybi, monkeypatch):
    emulator.fault("create_e_document", "drop-after")
    await sqlite_journal.run(kolaybi, [CreateEDocument(1)], quiet_period=1000.0, patience=0.0)

    async def look(self, row):
        raise ZeroDivisionError

    async def source():
        yield CreateEDocument(1)
        await asyncio.Event().wait()

    monkeypatch.setattr(ReadBack, "look", look)
    async with asyncio.timeout(HANG):
        with pytest.raises(ZeroDivisionError):
            await sqlite_journal.run(kolaybi, source(), quiet_period=0.0)
    assert (await only_row(sqlite_journal)).state is U
