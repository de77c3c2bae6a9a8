"""Long lists over HTTP: streamed and collected on the one road, with its slot, deadline, cap and retries."""

from __future__ import annotations

import asyncio
import gzip
import json
import tracemalloc
from contextlib import aclosing
from typing import ClassVar

import pytest
from attrs import evolve

from kolay_invoice import (
    AsyncKolayBi,
    InvalidRequestError,
    KolayBi,
    Limiter,
    ListInvoices,
    RateLimitedError,
    RefusedError,
    UnexpectedReplyError,
)
from kolay_invoice.kolaybi.arriving import ArrivingInvoices

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


async def collect(invoices, seen, after_each=lambda: None):
    """Note the rows up to an error."""
    async for invoice in invoices:
        seen.append(invoice)
        after_each()


class Rows:
    """A reply whose rows leave the server as the test wants it."""

    def __init__(self, *, ends=b"]}"):
        self.may_go_on = asyncio.Event()
        self.sent = 0
        self.ends = ends

    async def first(self, writer):
        """Send 100 rows, wait, send 100 more and the end."""
        writer.write(HEAD % b"" + chunk(b'{"success": true, "data": [' + rows(1, 100)))
        await self.may_go_on.wait()
        writer.write(chunk(b"," + rows(101, 100) + self.ends) + LAST)

    async def without_end(self, writer):
        """Send rows for as long as somebody reads them."""
        writer.write(HEAD % b"" + chunk(b'{"success": true, "data": [' + rows(1, 100)))
        while True:
            writer.write(chunk(b"," + rows(1000, 100)))
            self.sent += 100
            await writer.drain()

    async def cut(self, writer):
        """Send 100 rows and no more."""
        writer.write(HEAD % b"" + chunk(b'{"success": true, "data": [' + rows(1, 100)))
        writer.close()


@pytest.fixture
def reply():
    return Rows()


def whole(count, **more):
    return b'{"data": [%b]%b}' % (rows(1, count), b"".join(b', "%b": %b' % (k.encode(), v) for k, v in more.items()))


async def test_rows_are_given_while_the_rest_is_on_its_way(kolaybi, server, reply):
    server.does(reply.first)
    async with aclosing(kolaybi.iter_invoices(5, "outbound")) as invoices:
        seen = [await anext(invoices) for _ in range(99)]
        assert not reply.may_go_on.is_set()
        reply.may_go_on.set()
        seen += [invoice async for invoice in invoices]

    assert numbers(seen) == [*range(1, 201)]


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_a_long_list_is_the_same_collected_and_streamed(encoding, kolaybi, server):
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


async def test_a_stream_that_is_cut_is_not_asked_for_again_after_its_first_row(kolaybi, server, no_waits):
    reply = Rows(ends=b"")
    server.does(reply.first).answers(whole(1000))
    seen = []

    with pytest.raises(UnexpectedReplyError, match="with no reply that can be read"):
        await collect(kolaybi.iter_invoices(5, "outbound"), seen, reply.may_go_on.set)

    assert numbers(seen) == [*range(1, len(seen) + 1)]
    assert len(server.requests) == 1


async def test_a_stream_is_asked_for_again_before_its_first_row(kolaybi, server, no_waits):
    server.answers(status=503).answers(whole(1000))

    assert len([invoice async for invoice in kolaybi.iter_invoices(5, "outbound")]) == 1000


async def test_a_refusal_behind_rows_is_a_refusal_and_nothing_is_returned(kolaybi, server):
    body = whole(1000, success=b"false", code=b"10400")
    server.answers(body, times=2)

    with pytest.raises(InvalidRequestError):
        await kolaybi.list_invoices(5, "outbound")
    with pytest.raises(InvalidRequestError):
        await collect(kolaybi.iter_invoices(5, "outbound"), [])


async def test_a_token_that_is_refused_behind_rows_is_not_tried_again(kolaybi_with_key, server):
    server.answers({"data": "token"}).answers(whole(1000, success=b"false", code=b"10401"))

    with pytest.raises(RefusedError):
        await collect(kolaybi_with_key.iter_invoices(5, "outbound"), [])

    assert len(server.requests) == 2


async def test_a_row_that_does_not_fit_is_named_by_its_number(kolaybi, server):
    server.answers(b'{"data": [%b, {"document_id": null}, %b]}' % (rows(1, 2000), rows(1, 2000)), times=2)

    with pytest.raises(UnexpectedReplyError, match=r"expected int, got null @ \$\[2000\]\.document_id"):
        await kolaybi.list_invoices(5, "outbound")
    with pytest.raises(UnexpectedReplyError, match=r"expected int, got null @ \$\[2000\]\.document_id"):
        await collect(kolaybi.iter_invoices(5, "outbound"), [])


async def test_whoever_stops_early_gives_slot_and_connection_back(kolaybi, server, reply):
    server.does(reply.without_end).answers(whole(3))
    async with aclosing(kolaybi.iter_invoices(5, "outbound")) as invoices:
        await anext(invoices)

    assert kolaybi._limiter.in_use == 0
    assert len(await kolaybi.list_invoices(5, "outbound")) == 3
    assert server.connections == 2


async def test_a_consumer_may_make_other_calls_with_the_rows_though_there_is_one_slot(opened, server):
    kolaybi = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=server.url, max_concurrency=1)
    server.answers(whole(1000)).answers({"data": []}, times=1000)

    async for _ in kolaybi.iter_invoices(5, "outbound"):
        assert await kolaybi.list_companies() == []

    assert kolaybi._limiter.in_use == 0


async def test_a_stream_has_its_slot_while_it_reads_on(opened, server, reply, until):
    kolaybi = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=server.url, max_concurrency=1)
    server.does(reply.first)
    seen = []
    reading = asyncio.create_task(collect(kolaybi.iter_invoices(5, "outbound"), seen))
    await until(lambda: len(seen) == 99 and kolaybi._limiter.in_use == 1)
    reply.may_go_on.set()
    await reading

    assert len(seen) == 200
    assert kolaybi._limiter.in_use == 0


async def test_a_stream_goes_on_though_another_call_was_told_to_wait(opened, server):
    limiter = Limiter(1, adaptive=True)
    kolaybi = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=server.url, limiter=limiter)
    server.answers(whole(1000)).answers(status=429, Retry_After="3600")
    invoices = kolaybi.iter_invoices(5, "outbound")
    seen = [await anext(invoices)]
    with pytest.raises(RateLimitedError):
        await kolaybi.list_companies()

    await collect(invoices, seen)

    assert len(seen) == 1000
    assert limiter.in_use == 0


async def test_the_time_of_the_consumer_is_not_on_the_clock(opened, server, reply):
    kolaybi = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=server.url, timeout=0.3)
    server.does(reply.first)
    async with aclosing(kolaybi.iter_invoices(5, "outbound")) as invoices:
        await anext(invoices)
        await asyncio.sleep(0.4)  # Longer than `timeout`, which is what this test is about.
        reply.may_go_on.set()
        assert len([invoice async for invoice in invoices]) == 199


async def test_a_network_that_takes_its_time_is_on_the_clock(opened, server, reply):
    kolaybi = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=server.url, timeout=0.3)
    server.does(reply.first)
    seen = []

    with pytest.raises(UnexpectedReplyError, match="before the deadline"):
        await collect(kolaybi.iter_invoices(5, "outbound"), seen)

    assert len(seen) == 99


async def test_a_client_that_is_closed_ends_the_stream_with_an_error(kolaybi, server, reply):
    server.does(reply.first)
    invoices = kolaybi.iter_invoices(5, "outbound")
    await anext(invoices)
    await kolaybi.aclose()

    with pytest.raises(UnexpectedReplyError):
        await collect(invoices, [])


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_a_collected_list_counts_against_the_cap_and_a_streamed_one_does_not(encoding, opened, server):
    kolaybi = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=server.url, max_reply_bytes=200_000)
    body = whole(5000)
    server.answers(gzip.compress(body) if encoding == "gzip" else body, times=2, Content_Encoding=encoding)

    with pytest.raises(UnexpectedReplyError, match="larger than any real one"):
        await kolaybi.list_invoices(5, "outbound")
    assert len([invoice async for invoice in kolaybi.iter_invoices(5, "outbound")]) == 5000


async def test_a_stream_without_rows_counts_against_the_cap(opened, server):
    kolaybi = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=server.url, max_reply_bytes=200_000)
    server.answers(b'{"data": [%b, {"no": "%b"}]}' % (rows(1, 1000), b"x" * 300_000))

    with pytest.raises(UnexpectedReplyError, match="larger than any real one"):
        await collect(kolaybi.iter_invoices(5, "outbound"), [])


async def test_a_stream_holds_as_much_of_a_long_list_as_of_a_longer_one(kolaybi, server, reply):
    server.does(reply.without_end)
    async with aclosing(kolaybi.iter_invoices(5, "outbound")) as invoices:
        await anext(invoices)
        tracemalloc.start()
        for _ in range(20_000):
            await anext(invoices)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert reply.sent > 20_000
    assert peak < 6 << 20, "the server's share included"


@pytest.fixture
def pieces(monkeypatch):
    """Note how many rows each piece has, and at which turn of another task it is read."""

    class Noted(ArrivingInvoices):
        turn = 0
        seen: ClassVar[list[tuple[int, int]]] = []

        def _cut_off(self, body):
            invoices = super()._cut_off(body)
            self.seen.append((Noted.turn, len(invoices)))
            return invoices

    endpoint = evolve(AsyncKolayBi.endpoints[ListInvoices], arrival=Noted)
    monkeypatch.setitem(AsyncKolayBi.endpoints, ListInvoices, endpoint)
    return Noted


@pytest.mark.parametrize("call", ["list_invoices", "iter_invoices"])
async def test_others_are_served_all_the_time_while_a_long_list_is_read(call, kolaybi, server, pieces):
    async def other():
        while True:
            pieces.turn += 1
            await asyncio.sleep(0)

    server.answers(whole(20_000))
    ticking = asyncio.create_task(other())
    if call == "list_invoices":
        await kolaybi.list_invoices(5, "outbound")
    else:
        assert len([invoice async for invoice in kolaybi.iter_invoices(5, "outbound")]) == 20_000
    ticking.cancel()

    turns, counts = zip(*pieces.seen, strict=True)
    assert len(set(turns)) == len(turns)
    assert max(counts) < 2000
    assert sum(counts) > 19_000


def test_the_blocking_twin_streams_the_same_rows(emulator):
    emulator.add_company(7)
    for _ in range(700):
        emulator.add_document(company_id=7)
    with KolayBi(
        channel=emulator.kolaybi_channel,
        access_token=emulator.kolaybi_access_token,
        base_url=emulator.kolaybi_url,
    ) as client:
        streamed = list(client.iter_invoices(7, "outbound"))
        invoices = client.iter_invoices(7, "outbound")
        next(invoices)
        invoices.close()

        assert len(streamed) == 700
        assert streamed == client.list_invoices(7, "outbound")
