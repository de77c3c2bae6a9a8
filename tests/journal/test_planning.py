"""What is written down, under which key, and what is read of the requests."""

from __future__ import annotations

import asyncio
import time
import traceback
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from attrs import evolve
from sqlalchemy import update

from kolay_invoice.journal import Journal, JournalConflictError, JournalError, State, serialization
from kolay_invoice.journal.tables import meta
from kolay_invoice.kolaybi.models import CreateEDocument, ListCompanies, Proceed, Resend
from kolay_invoice.propars.models import CancelInvoice, SendInvoice

from .support import (
    LATER,
    QUIET,
    D,
    P,
    U,
    creates,
    kolaybi_of,
    only_row,
    rows_of,
    sent,
    some_documents,
    states_of,
)

OPERATIONS = [
    ("create_e_document", "kolaybi", lambda _: CreateEDocument(1)),
    ("resend", "kolaybi", lambda _: Resend(18)),
    ("proceed", "kolaybi", lambda _: Proceed(1, 2)),
    ("send_invoice", "propars", lambda _: SendInvoice(sale_code="TOPTAN-7", invoice_date="2024-05-01T10:00:00+03:00")),
    ("send_invoice", "propars", lambda _: SendInvoice(sale_id=1002, invoice_number="ABC2024000000001")),
    ("send_invoice", "propars", lambda invoice_id: SendInvoice(invoice_id=invoice_id)),
    ("cancel_invoice", "propars", lambda _: CancelInvoice(sale_id=1001)),
    ("cancel_invoice", "propars", lambda _: CancelInvoice(sale_code="abc123")),
]


@pytest.mark.parametrize(("operation", "provider", "request_of"), OPERATIONS)
async def test_requests_and_replies_come_back_as_the_same_values(
    operation, provider, request_of, url, emulator, kolaybi, propars, monkeypatch
):
    client = {"kolaybi": kolaybi, "propars": propars}[provider]
    await propars.invoice_html_for_sale(sale_code="abc123")
    request = request_of(emulator.sale("abc123").invoice.id)
    replies = []
    real = type(client).call

    async def call(self, request, *, permit=None):
        reply = await real(self, request, permit=permit)
        if permit is not None:
            replies.append((request, reply))
        return reply

    monkeypatch.setattr(type(client), "call", call)
    async with Journal.open(url) as journal:
        report = await journal.run(client, [request])
        assert report.counts == {state: int(state is D) for state in State}
        assert report.is_settled
        assert report.stopped is None
    async with Journal.open(url, create=False) as journal:
        row = await only_row(journal)

    ((asked, reply),) = replies
    assert row.state is D
    assert row.request == asked == evolve(request, **{n: getattr(asked, n) for n in _frozen(request)})
    assert row.result == evolve(reply, extra={})
    assert type(row.result) is type(reply)
    assert (row.operation, row.provider, row.account) == (operation, provider, "loopback")
    (attempt,) = row.attempts
    assert (attempt.left, attempt.outcome) == (True, "done")
    assert attempt.started_at <= attempt.ended_at
    assert (row.note, row.refusal, row.owner, row.since, row.due_at, row.pause, row.doubt_since) == (None,) * 7
    assert row.settled_in == row.tried_in == report.run_id
    assert attempt.ended_at <= row.settled_at <= time.time()
    assert (row.generation, row.occasion, row.looks, row.history) == (0, "", 0, ())
    # Only a document that is sent again is looked at before.
    assert [one.asked for one in row.evidence] == (["before the resend, not official"] if operation == "resend" else [])


def _frozen(request):
    return ("invoice_uuid",) if isinstance(request, SendInvoice) and request.invoice_id is None else ()


async def test_a_propars_send_keeps_its_uuid_through_every_attempt_and_crash(url, emulator, propars):
    request = SendInvoice(sale_code="abc123")
    emulator.fault("send_invoice", "drop-before")
    crashed = await Journal.open(url).__aenter__()
    await crashed.run(propars, [request], quiet_period=LATER)
    (first,) = (await rows_of(crashed)).values()
    assert first.state is U
    await crashed.aclose()

    emulator.fault("send_invoice", "500")
    async with Journal.open(url) as journal:
        await journal.run(propars, [SendInvoice(sale_code="abc123")], quiet_period=QUIET)
        row = await only_row(journal)

    asked = {parse_qs(urlsplit(one.path_qs).query)["invoice_uuid"][0] for one in sent(emulator, "send_invoice")}
    assert asked == {str(first.request.invoice_uuid)}
    assert (row.state, row.result.uuid) == (D, first.request.invoice_uuid)
    assert emulator.sale("abc123").invoice.uuid == row.result.uuid
    assert emulator.executions("send_invoice", "abc123") == 1


async def test_a_uuid_of_the_caller_is_sent_unchanged(sqlite_journal, emulator, propars):
    uuid = uuid4()
    await sqlite_journal.run(propars, [SendInvoice(sale_id=1001, invoice_uuid=uuid)])
    assert emulator.sale(1001).invoice.uuid == uuid


CONFLICTS = [
    (Proceed(1, 1), Proceed(1, 2), ("vault_id", "known 1", "asked 2")),
    (
        SendInvoice(sale_id=1001, invoice_number="ABC2024000000001"),
        SendInvoice(sale_id=1001, invoice_number="ABC2024000000002"),
        ("invoice_number", "known 'ABC2024000000001'", "asked 'ABC2024000000002'"),
    ),
    (SendInvoice(sale_id=1001), SendInvoice(sale_id=1001, invoice_char_code="ABC"), ("None", "'ABC'")),
]


@pytest.mark.parametrize(("first", "second", "shown"), CONFLICTS, ids=["proceed", "number", "prefix"])
@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in two runs"])
async def test_other_parameters_under_a_known_key_are_an_error_with_both_values(
    first, second, shown, together, journal, emulator, kolaybi, propars
):
    client = kolaybi if isinstance(first, Proceed) else propars
    if not together:
        await journal.run(client, [first])

    with pytest.raises(JournalConflictError) as caught:
        await journal.run(client, [first, second] if together else [second])

    assert all(text in str(caught.value) for text in shown)
    assert isinstance(caught.value, ValueError)
    (conflict,) = caught.value.conflicts
    assert str(conflict) == str(caught.value)
    assert conflict.asked.request == second
    assert all(text in conflict.fields for text in shown)
    # The first one is what the journal holds. It is sent once, and what conflicts with it is not.
    assert len(emulator.requests) == 1
    assert caught.value.report.counts == {state: int(together and state is D) for state in State}
    assert (await only_row(journal)).given == serialization.dumps(first)


async def test_a_conflict_stops_no_other_request_and_is_raised_at_the_end(journal, emulator, kolaybi):
    ids = some_documents(emulator, 32)
    await journal.run(kolaybi, [Proceed(1, 1), Proceed(20, 1)])
    batch = [Proceed(1, 2), *creates(ids), Proceed(20, 2)]

    assert [one.asked.request for one in await journal.find_conflicts(kolaybi, batch)] == [batch[0], batch[-1]]
    assert (await journal.counts())[D] == 2
    with pytest.raises(JournalConflictError) as caught:
        await journal.run(kolaybi, batch, concurrency=2)

    assert [one.asked.request for one in caught.value.conflicts] == [batch[0], batch[-1]]
    assert caught.value.report.counts[D] == emulator.executions("create_e_document") == len(ids)
    assert [row.request async for row in caught.value.report.rows] == batch[1:-1]
    assert emulator.executions("proceed") == 2


async def test_an_error_names_three_conflicts_and_counts_the_others(sqlite_journal, emulator, kolaybi):
    numbers = some_documents(emulator, 5)
    with pytest.raises(JournalConflictError, match=r"document_id=.*; .*; .*; and 2 more$") as caught:
        await sqlite_journal.run(kolaybi, [Proceed(number, vault) for vault in (1, 2) for number in numbers])
    assert len(caught.value.conflicts) == 5
    assert emulator.executions("proceed") == 5


async def test_the_same_time_in_another_utc_offset_is_no_conflict(sqlite_journal, emulator, propars):
    for moment in ("2024-05-01T10:00:00+03:00", "2024-05-01T07:00:00+00:00"):
        report = await sqlite_journal.run(propars, [SendInvoice(sale_id=1001, invoice_date=moment)])
        assert report.counts[D] == 1
    assert emulator.executions("send_invoice") == 1


async def test_a_conflict_shows_no_sale_code(journal, propars):
    await journal.run(propars, [SendInvoice(sale_code="abc123")])
    with pytest.raises(JournalConflictError) as caught:
        await journal.run(propars, [SendInvoice(sale_code="abc123", invoice_uuid=uuid4())])
    assert "abc123" not in str(caught.value)
    assert "sale_code=***" in str(caught.value)


async def test_duplicates_within_an_iterable_are_sent_once(journal, emulator, kolaybi):
    ids = some_documents(emulator, 20)
    report = await journal.run(kolaybi, creates(ids * 4), concurrency=3)
    assert report.counts[D] == len(ids)
    assert [emulator.executions("create_e_document", number) for number in ids] == [1] * len(ids)
    assert len(emulator.requests) == len(ids)


async def test_the_accounts_of_one_provider_are_kept_apart(journal, emulator):
    for account in ("north", "south"):
        async with kolaybi_of(emulator, account=account) as client:
            report = await journal.run(client, [CreateEDocument(1)])
        assert report.counts[D] == 1
    assert emulator.executions("create_e_document", 1) == 2
    assert await journal.row("kolaybi:south:create_e_document:document_id=1")
    assert await journal.row("kolaybi:west:create_e_document:document_id=1") is None


async def _asynchronously(requests):
    for request in requests:
        await asyncio.sleep(0)
        yield request


@pytest.mark.parametrize("make", [list, iter, _asynchronously], ids=["list", "iterator", "async generator"])
async def test_any_iterable_is_read_lazily(make, sqlite_journal, emulator, kolaybi):
    ids = some_documents(emulator, 120)
    ahead = 0
    read = 0

    def numbers():
        nonlocal read, ahead
        for number in ids:
            read += 1
            ahead = max(ahead, read - len(emulator.requests))
            yield CreateEDocument(number)

    report = await sqlite_journal.run(kolaybi, make(numbers()), concurrency=2)
    assert report.counts[D] == read == len(ids)
    assert make is list or ahead <= 48


@pytest.mark.parametrize("make", [iter, _asynchronously], ids=["generator", "async generator"])
async def test_an_iterable_that_raises_ends_the_run_after_calls_in_flight(make, sqlite_journal, emulator, kolaybi):
    ids = some_documents(emulator, 90)

    def requests():
        yield from creates(ids)
        raise LookupError("line 91")

    with pytest.raises(LookupError, match="line 91"):
        await sqlite_journal.run(kolaybi, make(requests()))
    assert set(await states_of(sqlite_journal)) <= {D, P}
    assert (await sqlite_journal.counts())[D] == emulator.executions("create_e_document") == len(emulator.requests)


async def test_requests_of_a_slow_source_are_sent_while_it_is_silent(journal, emulator, kolaybi):
    ids = some_documents(emulator, 3)
    sent_all, go_on = asyncio.Event(), asyncio.Event()

    def progress(progress):
        if progress.outcomes[D] == 3:
            sent_all.set()

    async def slow():
        for number in ids:
            yield CreateEDocument(number)
        await go_on.wait()

    run = asyncio.create_task(journal.run(kolaybi, slow(), progress=progress))
    await asyncio.wait_for(sent_all.wait(), 20)
    assert not run.done()
    go_on.set()
    assert (await run).counts[D] == 3


async def test_a_source_that_never_ends_does_not_hold_up_a_stop(journal, emulator, kolaybi):
    ids = some_documents(emulator, 2)
    closed = []

    async def endless():
        try:
            for number in ids:
                yield CreateEDocument(number)
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    def progress(progress):
        if progress.outcomes[D] == 2:
            journal.stop()

    report = await asyncio.wait_for(journal.run(kolaybi, endless(), progress=progress), 20)
    assert report.counts[D] == 2
    assert report.stopped == "stopped on request"
    assert closed == [True]


async def test_a_second_operation_on_a_document_does_not_wait_for_the_end_of_its_source(journal, emulator, kolaybi):
    (number,) = some_documents(emulator, 1)

    async def endless():
        yield CreateEDocument(number)
        yield Proceed(number, 1)
        await asyncio.Event().wait()

    def progress(progress):
        if progress.outcomes[D] == 2:
            journal.stop()

    report = await asyncio.wait_for(journal.run(kolaybi, endless(), progress=progress), 20)
    assert report.counts[D] == 2
    assert [emulator.executions(name, number) for name in ("create_e_document", "proceed")] == [1, 1]


@pytest.mark.parametrize("request_", [ListCompanies(), SendInvoice(sale_id=1), 18], ids=repr)
async def test_a_request_of_another_kind_is_refused_before_anything_is_written(
    request_, sqlite_journal, emulator, kolaybi
):
    with pytest.raises(TypeError, match="not"):
        await sqlite_journal.run(kolaybi, [CreateEDocument(1), request_])
    assert await states_of(sqlite_journal) == {}
    assert not emulator.requests


@pytest.mark.parametrize("concurrency", [0, -1, True, 2.5, "8"])
async def test_concurrency_must_be_a_positive_integer(concurrency, sqlite_journal, kolaybi):
    with pytest.raises(ValueError, match="concurrency"):
        await sqlite_journal.run(kolaybi, [], concurrency=concurrency)


@pytest.mark.parametrize("name", ["quiet_period", "patience"])
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), True, "5"])
async def test_invalid_seconds_are_refused_by_name(name, value, journal, kolaybi):
    with pytest.raises(ValueError, match=name):
        await journal.run(kolaybi, [], **{name: value})


async def test_a_journal_must_be_open_and_is_opened_once(sqlite_url, kolaybi):
    journal = Journal.open(sqlite_url)
    with pytest.raises(RuntimeError, match="not open"):
        await journal.run(kolaybi, [])
    await journal.aclose()
    async with journal:
        with pytest.raises(RuntimeError, match="open already"):
            await journal.__aenter__()
        assert (await journal.run(kolaybi, [])).counts[D] == 0
    with pytest.raises(RuntimeError, match="not open"):
        await journal.counts()


URLS = [
    ("", "url must be"),
    ("sends.db", "url must be"),
    ("mysql://localhost/sends", "must begin with"),
    ("sqlite://", "must name a file"),
    ("sqlite:///:memory:", "must name a file"),
    ("postgresql://user@host:canary/sends", "url must be"),
    ("postgresql://user:can@ary@host/sends", "as %40"),
    ("postgresql://user:x@canary:y@host/sends", "url must be"),
    ("postgresql://user:x@canary/y@host/sends", "as %40"),
    ("postgresql://user:x@canary?y@host/sends", "as %40"),
    ("postgresql://host?password=can@ary", "as %40"),
]


@pytest.mark.parametrize(("url", "match"), URLS)
def test_another_kind_of_url_is_refused_at_once(url, match):
    with pytest.raises(ValueError, match=match) as caught:
        Journal.open(url)
    assert "canary" not in "".join(traceback.format_exception(caught.value)) + repr(caught.value.__context__)


async def test_a_newer_schema_is_a_clear_error(url, emulator, kolaybi):
    newer = update(meta).where(meta.c.name == "schema_version").values(value="3")
    async with Journal.open(url) as journal:
        await journal._require_open().database.write(lambda connection: connection.execute(newer))
    with pytest.raises(JournalError, match="schema version 3, and this kolay_invoice knows version 2"):
        await Journal.open(url).__aenter__()


async def test_a_journal_that_must_exist_is_not_created(postgresql_url):
    with pytest.raises(JournalError, match="there is no journal"):
        await Journal.open(postgresql_url, create=False).__aenter__()
