"""Long lists over HTTP: iterated over and collected, with slot, deadline, cap and retries."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
import tracemalloc
from contextlib import aclosing

import pytest

from kolay_invoice import (
    AsyncKolayBi,
    InvalidRequestError,
    KolayBi,
    ListInvoices,
    UnexpectedReplyError,
)
from kolay_invoice.kolaybi import pagination
from kolay_invoice.rows import ROWS_PER_CHUNK

ETTN = "f46d5a8d-7726-4b37-bba4-973c7ab50a5b"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n%b\r\n"
LAST = b"0\r\n\r\n"


def rows(first, count):
    made = [
        {"document_id": n, "uuid": ETTN, "status": "sent", "direction": "outbound", "grand_total": n + 0.25}
        for n in range(first, first + count)
    ]
    return json.dumps(made).encode()[1:-1]


def chunk(content):
    return b"%x\r\n%b\r\n" % (len(content), content)


def numbers(invoices):
    return [invoice.document_id for invoice in invoices]


async def collect(invoices, seen):
    """Note the rows up to an error."""
    async for invoice in invoices:
        seen.append(invoice)


async def iterated(client):
    return [invoice async for invoice in client.iter_invoices(5, "outbound")]


LISTING = {"list_invoices": lambda client: client.list_invoices(5, "outbound"), "iter_invoices": iterated}


class Rows:
    """A reply whose rows leave the server as the test wants it."""

    def __init__(self):
        self.may_go_on = asyncio.Event()

    async def first(self, writer):
        """Send 100 rows, wait, send 100 more and the end."""
        writer.write(HEAD % b"" + chunk(b'{"success": true, "data": [' + rows(1, 100)))
        await self.may_go_on.wait()
        writer.write(chunk(b"," + rows(101, 100) + b"]}") + LAST)

    async def cut(self, writer):
        """Send 100 rows and no more."""
        writer.write(HEAD % b"" + chunk(b'{"success": true, "data": [' + rows(1, 100)))
        writer.close()


@pytest.fixture
def reply():
    return Rows()


def whole(count, **more):
    return b'{"data": [%b]%b}' % (rows(1, count), b"".join(b', "%b": %b' % (k.encode(), v) for k, v in more.items()))


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_a_long_list_is_the_same_collected_and_iterated(encoding, kolaybi, server):
    body = whole(5000)
    body = gzip.compress(body, mtime=0) if encoding == "gzip" else body
    server.answers(body, times=3, Content_Encoding=encoding)

    collected = await kolaybi.list_invoices(5, "outbound")
    streamed = [invoice async for invoice in kolaybi.iter_invoices(5, "outbound")]
    page = await kolaybi.call(ListInvoices(5, "outbound"))

    assert numbers(collected) == [*range(1, 5001)]
    assert collected == streamed == list(page.invoices)
    assert page.next_page is None


async def test_long_pages_are_followed(kolaybi, server):
    for page in (1, 2, 3):
        data = b'{"data": {"current_page": %d, "data": [%b], "last_page": 3}}' % (page, rows(page * 10_000, 1000))
        server.answers(data)

    streamed = [invoice async for invoice in kolaybi.iter_invoices(5, "outbound")]

    assert numbers(streamed) == [*range(10_000, 11_000), *range(20_000, 21_000), *range(30_000, 31_000)]


async def test_a_long_page_that_comes_again_is_an_error_before_its_first_row(kolaybi, server):
    server.answers(whole(1000, meta=b'{"last_page": 9}'), times=9)
    seen = []

    with pytest.raises(UnexpectedReplyError, match="the same one again"):
        await collect(kolaybi.iter_invoices(5, "outbound"), seen)

    assert numbers(seen) == [*range(1, 1001)]
    assert len(server.requests) == 2


async def test_a_list_that_is_cut_is_asked_for_again_and_no_row_comes_twice(kolaybi, server, reply, no_waits):
    server.does(reply.cut).answers(whole(1000))

    assert numbers(await kolaybi.list_invoices(5, "outbound")) == [*range(1, 1001)]
    assert len(server.requests) == 2


async def test_a_refusal_behind_rows_is_a_refusal_and_nothing_is_returned(kolaybi, server):
    body = whole(1000, success=b"false", code=b"10400")
    server.answers(body, times=2)

    with pytest.raises(InvalidRequestError):
        await kolaybi.list_invoices(5, "outbound")
    with pytest.raises(InvalidRequestError):
        await collect(kolaybi.iter_invoices(5, "outbound"), [])


async def test_a_row_that_does_not_fit_is_named_by_its_number(kolaybi, server):
    server.answers(b'{"data": [%b, {"document_id": null}, %b]}' % (rows(1, 2000), rows(1, 2000)), times=2)

    with pytest.raises(UnexpectedReplyError, match=r"expected int, got null @ \$\[2000\]\.document_id"):
        await kolaybi.list_invoices(5, "outbound")
    with pytest.raises(UnexpectedReplyError, match=r"expected int, got null @ \$\[2000\]\.document_id"):
        await collect(kolaybi.iter_invoices(5, "outbound"), [])


@pytest.mark.parametrize("call", ["list_invoices", "iter_invoices"])
async def test_a_token_that_is_refused_behind_rows_is_renewed_once(call, kolaybi_with_key, server):
    server.answers({"data": "token"}).answers(whole(1000, success=b"false", code=b"10401"))
    server.answers({"data": "another"}).answers(whole(1000))

    assert numbers(await LISTING[call](kolaybi_with_key)) == [*range(1, 1001)]
    assert len(server.requests) == 4


@pytest.mark.parametrize("call", ["list_invoices", "iter_invoices"])
async def test_an_attempt_is_repeated_until_it_has_brought_the_whole_page(call, kolaybi, server, reply, no_waits):
    server.answers(status=503).does(reply.cut).answers(whole(1000))

    assert numbers(await LISTING[call](kolaybi)) == [*range(1, 1001)]
    assert len(server.requests) == 3


async def test_stopping_early_fetches_no_further_page_and_holds_no_slot(kolaybi, server):
    server.answers(whole(1000, meta=b'{"last_page": 9}'))
    async with aclosing(kolaybi.iter_invoices(5, "outbound")) as invoices:
        assert (await anext(invoices)).document_id == 1
        assert kolaybi._limiter.in_use == 0

    assert len(server.requests) == 1


async def test_a_consumer_may_make_other_calls_with_the_rows_though_there_is_one_slot(opened, server):
    kolaybi = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=server.url, max_concurrency=1)
    server.answers(whole(10)).answers({"data": []}, times=10)

    async for _ in kolaybi.iter_invoices(5, "outbound"):
        assert await kolaybi.list_companies() == []

    assert kolaybi._limiter.in_use == 0


async def test_the_time_of_the_consumer_is_not_on_the_clock(opened, server):
    kolaybi = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=server.url, timeout=0.3)
    server.answers(whole(2, meta=b'{"last_page": 2}')).answers(b'{"data": [%b]}' % rows(3, 3))
    async with aclosing(kolaybi.iter_invoices(5, "outbound")) as invoices:
        await anext(invoices)
        await asyncio.sleep(0.4)  # Longer than `timeout`, which is what this test is about.
        assert len([invoice async for invoice in invoices]) == 4


@pytest.mark.parametrize("call", ["list_invoices", "iter_invoices"])
async def test_a_network_that_takes_its_time_is_on_the_clock(call, opened, server, reply):
    kolaybi = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=server.url, timeout=0.3)
    server.does(reply.first)

    with pytest.raises(UnexpectedReplyError, match="before the deadline"):
        await LISTING[call](kolaybi)


async def test_an_iterator_of_a_client_that_is_closed_ends_with_an_error(kolaybi, server):
    server.answers(whole(1, meta=b'{"last_page": 2}'))
    invoices = kolaybi.iter_invoices(5, "outbound")
    await anext(invoices)
    await kolaybi.aclose()

    with pytest.raises(RuntimeError, match="closed"):
        await anext(invoices)


@pytest.mark.parametrize("call", ["list_invoices", "iter_invoices"])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_a_page_counts_against_the_cap(encoding, call, opened, server):
    kolaybi = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=server.url, max_reply_bytes=200_000)
    body = whole(5000)
    server.answers(gzip.compress(body) if encoding == "gzip" else body, Content_Encoding=encoding)

    with pytest.raises(UnexpectedReplyError, match="larger than any real one"):
        await LISTING[call](kolaybi)


async def test_iterating_holds_one_page(kolaybi, server):
    pages = 20
    for page in range(1, pages + 1):
        server.answers(
            b'{"data": {"current_page": %d, "data": [%b], "last_page": %d}}' % (page, rows(page * 1000, 1000), pages)
        )
    invoices = kolaybi.iter_invoices(5, "outbound")
    for _ in range(1001):
        await anext(invoices)
    tracemalloc.start()
    async for _ in invoices:
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 3 << 20, "all pages would take 10 MiB"


@pytest.mark.parametrize("call", ["list_invoices", "iter_invoices"])
async def test_others_are_served_while_a_chunk_of_a_long_list_is_decoded(call, kolaybi, server, monkeypatch):
    turn = threading.Event()
    counts = []

    def count(_, invoices):
        counts.append(len(invoices))
        turn.clear()
        assert turn.wait(10), "the event loop stands still"

    async def other():
        while True:
            turn.set()
            await asyncio.sleep(0)

    monkeypatch.setattr(pagination, "_check_filters", count)
    server.answers(whole(5_000))
    ticking = asyncio.create_task(other())
    assert len(await LISTING[call](kolaybi)) == 5_000
    ticking.cancel()

    assert max(counts) <= ROWS_PER_CHUNK
    assert sum(counts) == 5_000


@pytest.mark.parametrize("call", ["list_invoices", "iter_invoices"])
async def test_a_list_can_be_cancelled_while_it_is_decoded(call, kolaybi, server, monkeypatch):
    decoding, cancelled = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def wait(_, _invoices):
        loop.call_soon_threadsafe(decoding.set)
        cancelled.wait(10)
        raise ValueError

    monkeypatch.setattr(pagination, "_check_filters", wait)
    server.answers(whole(5_000)).answers(whole(3))
    task = asyncio.create_task(LISTING[call](kolaybi))
    await decoding.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert kolaybi._limiter.in_use == 0
    cancelled.set()
    monkeypatch.undo()
    assert len(await LISTING[call](kolaybi)) == 3


def test_the_blocking_twin_iterates_over_the_same_rows(emulator):
    emulator.add_company(7)
    for _ in range(700):
        emulator.add_document(company_id=7)
    with KolayBi(
        channel=emulator.kolaybi_channel,
        access_token=emulator.kolaybi_access_token,
        base_url=emulator.kolaybi_url,
    ) as client:
        iterated = list(client.iter_invoices(7, "outbound"))
        invoices = client.iter_invoices(7, "outbound")
        next(invoices)
        invoices.close()

        assert len(iterated) == 700
        assert iterated == client.list_invoices(7, "outbound")
