"""What happens in one moment of a run: between two steps, in the middle of one, or to the journal under it."""

from __future__ import annotations

import asyncio
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from attrs import evolve
from sqlalchemy import text, update

from kolay_invoice import AsyncKolayBi
from kolay_invoice.errors import NotFoundError, UnexpectedReplyError
from kolay_invoice.journal import Doubt, Journal, State
from kolay_invoice.journal.database import Database
from kolay_invoice.journal.owner import Owner
from kolay_invoice.journal.store import Store
from kolay_invoice.journal.tables import operations
from kolay_invoice.kolaybi.models import Company, CreateEDocument, Invoice, Resend
from kolay_invoice.kolaybi.readback import read_back as read_back_kolaybi
from kolay_invoice.propars.models import CancelInvoice, Sale, SendInvoice
from kolay_invoice.propars.readback import read_back
from kolay_invoice.readback import ReadBackQuery, Undecided

from .records import Answer, Records
from .support import HANG, D, P, R, U, creates, kolaybi_of, only_row, plans, record, some_documents, states_of, until

OWN_WORDS = {"success": False, "code": 10403, "message": "Bu belge için yetkiniz yok."}


def path_of(url):
    return Path(url.removeprefix("sqlite:///"))


async def put_older_copy_back(url, client, ids):
    """Send some documents, keep a copy of the journal, send the others, and put the copy back."""
    async with Journal.open(url) as journal:
        await journal.run(client, creates(ids[:4]))
    path = path_of(url)
    copy = path.with_suffix(".copy")
    shutil.copy(path, copy)
    async with Journal.open(url) as journal:
        await journal.run(client, creates(ids[4:]))
    shutil.copy(copy, path)


@pytest.mark.row(52)
async def test_operations_missing_in_an_older_copy_are_looked_up_and_not_sent_again(sqlite_url, emulator, kolaybi):
    ids = some_documents(emulator, 9)
    await put_older_copy_back(sqlite_url, kolaybi, ids[:8])
    async with Journal.open(sqlite_url) as journal:
        assert "older copy" in journal.identity.doubt.reason
        report = await journal.run(kolaybi, creates(ids), quiet_period=0.2)
        assert report.counts[D] == len(ids)
        await journal.end_doubt(by="Ayşe", because="everything was looked up")
        assert journal.identity.doubt is None
        assert journal.identity.place == sqlite_url
        assert journal.identity.last_run == report.run_id
    # The last one had never been sent: it was seen unsent, and was sent.
    assert [emulator.executions("create_e_document", number) for number in ids] == [1] * len(ids)


async def test_a_run_that_waits_before_a_look_up_can_be_stopped(sqlite_url, emulator, kolaybi):
    ids = some_documents(emulator, 8)
    await put_older_copy_back(sqlite_url, kolaybi, ids)
    async with Journal.open(sqlite_url) as journal:
        run = asyncio.create_task(journal.run(kolaybi, creates(ids), quiet_period=1000.0))
        async with asyncio.timeout(HANG):
            while not (await journal.counts())[State.CLAIMED]:  # noqa: ASYNC110 - another task's progress, on disk.
                await asyncio.sleep(0.01)
            journal.stop()
            report = await run
    assert report.counts[P] == 4
    assert "4 of the run's operations were not sent" in report.untried


@pytest.mark.row(53)
async def test_a_run_ends_when_its_journal_is_found_to_lack_commits(journal, emulator, kolaybi, monkeypatch):
    ids = some_documents(emulator, 6)
    opened = journal._require_open()
    real = opened.store.advance

    async def advance(finished, marks):
        result = await real(finished, marks)
        if marks:
            opened.database.doubt = opened.database.doubt or Doubt("another server", datetime.now(UTC))
        return result

    monkeypatch.setattr(opened.store, "advance", advance)
    report = await journal.run(kolaybi, creates(ids))
    assert "may lack commits" in report.stopped
    assert not emulator.requests
    assert await states_of(journal) == {P: 6}


async def test_closing_a_journal_stops_its_runs_and_waits_for_calls_in_flight(sqlite_url, emulator, kolaybi):
    ids = some_documents(emulator, 60)
    emulator.fault("create_e_document", "slow", times=60, seconds=0.2)
    journal = await Journal.open(sqlite_url).__aenter__()
    run = asyncio.create_task(journal.run(kolaybi, creates(ids), concurrency=2))
    await until(lambda: len(emulator.requests) >= 2)
    await journal.aclose()
    report = await run
    assert report.stopped == "the journal was closed"
    assert report.counts[D] == len(emulator.requests) < 20


@pytest.mark.row(63)
async def test_a_journal_opened_by_a_parent_is_not_used_by_its_child(sqlite_journal, monkeypatch):
    parent = os.getpid()
    with monkeypatch.context() as child:
        child.setattr("kolay_invoice.journal.journal.os.getpid", lambda: parent + 1)
        with pytest.raises(RuntimeError, match=f"belongs to process {parent}"):
            await sqlite_journal.counts()


async def test_a_lease_start_repeated_after_a_lost_commit_reply_is_one_lease(stores):
    mine = stores[0]
    await mine.start_lease(60.0)
    assert await mine.renew_lease()


async def test_an_operation_on_a_document_that_is_being_claimed_is_skipped(postgresql_url, stores_of):
    mine, other, third = await stores_of(postgresql_url)
    rows = (await other.plan(await other.begin_run(), plans(CreateEDocument(1), Resend(1), CreateEDocument(2)))).rows
    await record(other, list(map(_released, rows)))
    run = await other.begin_run()
    await other.plan(run, [])
    is_taken, go_on = asyncio.Event(), asyncio.Event()

    async def take(connection):
        first = update(operations).where(operations.c.key == rows[0].key)
        await connection.execute(first.values(state=State.CLAIMED, owner=mine.owner.name))
        is_taken.set()
        await go_on.wait()

    taking = asyncio.create_task(mine._database.write(take))
    await is_taken.wait()
    asked = plans(Resend(1), CreateEDocument(2))
    planning = asyncio.create_task(other.plan(run, asked))
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE%'")
    async with asyncio.timeout(HANG):  # A database has no event.
        while not await third._database.read(lambda connection: connection.scalar(waiting)):  # noqa: ASYNC110 - see there.
            await asyncio.sleep(0.01)
    go_on.set()
    await taking
    assert [row.request for row in (await planning).rows] == [CreateEDocument(2)]


def _released(row):
    return evolve(row, state=State.PLANNED, tried_in=None)


@pytest.fixture
async def stores_of():
    """Three owners of one journal, at a URL."""
    opened = []

    async def open_stores(url):
        for _ in range(3):
            database = await Database.open(url, create=True)
            store = Store(database, Owner())
            await store.start_lease(60.0)
            opened.append(store)
        return opened

    yield open_stores
    for store in opened:
        store.owner.note_closed()
        await store._database.close()


async def test_a_cancellation_in_the_same_run_creates_no_new_send(sqlite_journal, emulator, propars):
    send, cancel = SendInvoice(sale_code="abc123"), CancelInvoice(sale_code="abc123")
    done = asyncio.Event()

    async def requests():
        for one, seconds in ((send, HANG), (cancel, HANG), (send, 0.5)):
            yield one
            # The third one is done already, so it has no note.
            await asyncio.wait_for(done.wait(), seconds)
            done.clear()

    with pytest.raises(TimeoutError):
        await sqlite_journal.run(propars, requests(), progress=lambda _: done.set())
    assert emulator.executions("send_invoice", "abc123") == 1
    # A journal of an earlier version does not know who asked.
    database = sqlite_journal._require_open().database
    await database.write(lambda connection: connection.execute(update(operations).values(asked_in=None)))
    report = await sqlite_journal.run(propars, [send])
    assert report.done_now == 1


@pytest.mark.parametrize("how", ["closed", "cancelled"])
async def test_an_interrupted_look_before_a_resend_sends_nothing(how, sqlite_journal, emulator):
    client = kolaybi_of(emulator)
    if how == "closed":
        await client.aclose()
        with pytest.raises(RuntimeError, match="closed"):
            await sqlite_journal.run(client, [Resend(18)])
    else:
        emulator.fault("get_invoice", "slow", seconds=HANG)
        run = asyncio.create_task(sqlite_journal.run(client, [Resend(18)]))
        await until(lambda: emulator.requests)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        await client.aclose()
    assert (await only_row(sqlite_journal)).state is P
    assert not emulator.executions("resend", 18)


async def test_one_403_concerns_its_document_and_three_in_a_row_the_account(sqlite_journal, records, kolaybi_at):
    records.told = {"e-document/create": Answer(OWN_WORDS, 403)}
    report = await sqlite_journal.run(kolaybi_at, creates([1, 2]), concurrency=1)
    assert report.stopped is None
    assert report.counts[P] == 2
    report = await sqlite_journal.run(kolaybi_at, creates(range(1, 9)), concurrency=1)
    assert "403" in report.stopped
    assert records.count("POST") == 2 + 3


async def test_three_refusals_without_an_error_body_end_a_batch(sqlite_journal, records, kolaybi_at):
    records.told = {"e-document/create": Answer(b"<html>blocked</html>", 403, "text/html")}
    report = await sqlite_journal.run(kolaybi_at, creates(range(1, 500)), concurrency=1, patience=0.0)
    assert "3 calls in a row were answered with 403" in report.stopped
    assert report.counts[U] == records.count("POST") == 3
    assert report.counts[R] == 0


@pytest.fixture
async def records():
    """A server with configured replies."""
    async with Records().serving() as records:
        yield records


@pytest.fixture
async def kolaybi_at(records):
    """A client of that server."""
    async with AsyncKolayBi(channel="c", access_token="t", base_url=records.url, max_attempts=1) as client:
        yield client


async def test_a_document_of_another_company_than_the_one_named_is_found(sqlite_journal, emulator, kolaybi):
    emulator.detail = "missing"
    emulator.add_company(7)
    emulator.add_document(700, company_id=7)
    emulator.fault("create_e_document", "drop-after")
    await sqlite_journal.run(kolaybi, [CreateEDocument(700)], quiet_period=0.0, company_id=7)
    emulator.add_document(701, company_id=7)
    emulator.fault("create_e_document", "drop-after")
    report = await sqlite_journal.run(kolaybi, [CreateEDocument(701)], quiet_period=0.0, company_id=5)
    assert report.counts[D] == 1


class SaleWithoutCode:
    """A client whose provider shows a sale without its code."""

    async def call(self, _request):
        """Say that there is none, in the provider's own words."""
        error = NotFoundError("no", provider="propars", operation="get_signed_xml", status=404, detail="Bulunamadı.")
        error.is_in_own_words = True
        raise error

    async def get_sale(self, sale_id):
        """Show the sale."""
        return Sale(sale_id=sale_id)


async def test_a_sale_that_shows_no_code_decides_nothing():
    request = SendInvoice(sale_id=7)
    sight = await read_back(SaleWithoutCode(), ReadBackQuery(request, requested=request))
    assert isinstance(sight, Undecided)
    assert "no code" in sight.why


class Astray:
    """A client whose filtered list holds others, and whose whole list is each time another's reply."""

    async def get_invoice(self, document_id):
        """Say that it is not there."""
        raise NotFoundError("no", provider="kolaybi", operation="get_invoice", status=404)

    async def list_companies(self):
        """Show one company."""
        return [Company(5)]

    async def list_invoices(self, *_, **__):
        """Hold others than those asked for."""
        raise UnexpectedReplyError("others", provider="kolaybi", operation="list_invoices")

    async def iter_invoices(self, *_):
        """Show the document with an ETTN that is not its own."""
        yield Invoice(18, uuid4(), "ABC2024000000001", "sent")


async def test_a_list_that_changes_between_reads_decides_nothing():
    request = CreateEDocument(18)
    sight = await read_back_kolaybi(Astray(), ReadBackQuery(request, requested=request))
    assert isinstance(sight, Undecided)
