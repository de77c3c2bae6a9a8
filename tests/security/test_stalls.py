"""Small replies that unpack to much: the event loop serves others meanwhile, and the call ends as it should."""
# ruff: noqa: TID252 - the harness of the fault matrix is borrowed as it is.

from __future__ import annotations

import asyncio
import gzip
import json
import time
from contextlib import asynccontextmanager

import pytest

from kolay_invoice import AsyncPropars, OutcomeUnknownError, RefusedError

from ..faults import contents
from ..faults.matrix import PATIENCE, READY_TOKEN
from ..faults.replies import Reply

MEBIBYTE = 1 << 20
ETTN = "0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11"

LONGEST_STALL = 0.25
"""Seconds of CPU between two turns of the loop. Alone on a machine it is less than 0.05; unmended it was over 8."""


@pytest.fixture
async def propars(server):
    async with AsyncPropars(**READY_TOKEN["propars"], base_url=server.url) as client:
        yield client


@asynccontextmanager
async def served_meanwhile():
    """Demand that the loop comes round to others, by the CPU time of its own thread: a busy machine changes nothing."""
    stalls = []

    async def beat():
        while True:
            began = time.thread_time()
            await asyncio.sleep(0.001)
            stalls.append(time.thread_time() - began)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
    assert max(stalls) < LONGEST_STALL


def packed(body, media_type, status=200):
    reply = Reply(gzip.compress(body, 1), media_type, status)
    return contents.reply_instead("packed", lambda _: reply.with_header("Content-Encoding", "gzip"))


def page(unit, mebibytes):
    return b"<html>" + unit * (mebibytes * MEBIBYTE // len(unit)) + b"</html>"


@pytest.mark.parametrize("mebibytes", [4, 15, 64])
@pytest.mark.parametrize(
    "unit", [b"<", b"<p>", b"ETTN ", b"fatura no <b>", b"<input type=", b"00000000-0000-", b"e\xc5\x9f"]
)
async def test_a_page_that_unpacks_to_much_is_refused_and_nobody_waits(unit, mebibytes, server, propars):
    server.fault("invoice_html_for_sale", packed(page(unit, mebibytes), "text/html"))

    async with asyncio.timeout(PATIENCE), served_meanwhile():
        with pytest.raises(OutcomeUnknownError, match="a page that is"):
            await propars.invoice_html_for_sale(sale_id=5)

    assert server.received["invoice_html_for_sale"] == 1


async def test_a_large_page_of_an_invoice_is_taken_and_nobody_waits(server, propars):
    body = f"<html><p>ETTN: {ETTN}</p>".encode() + page(b"<tr><td>Kalem</td></tr>", 14)
    server.fault("invoice_html_for_sale", packed(body, "text/html"))

    async with asyncio.timeout(PATIENCE), served_meanwhile():
        preview = await propars.invoice_html_for_sale(sale_id=5)

    assert preview.html.encode() == body


@pytest.mark.parametrize("unit", ["a", "a@a-", "1", "\n", "Olmaz. "])
async def test_a_refusal_of_many_words_is_cut_before_it_is_masked_and_nobody_waits(unit, server, propars):
    body = json.dumps({"detail": unit * (32 * MEBIBYTE // len(unit))}).encode()
    server.fault("cancel_invoice", packed(body, "application/json", 400))

    async with asyncio.timeout(PATIENCE), served_meanwhile():
        with pytest.raises(RefusedError) as refused:
            await propars.cancel_invoice(sale_id=5)

    assert len(refused.value.detail or "") <= 500
