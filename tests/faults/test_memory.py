"""Row 16 and invariant I5: whatever comes, memory stays within reason."""

from __future__ import annotations

import asyncio
import random
import tracemalloc
import zlib

import pytest

from . import faults
from .matrix import CALLS, PATIENCE, Form, in_row

CAP = 8 << 20
PIECE = 1 << 16


@faults.on_request
async def gzip_that_compresses_little(exchange):
    """Below the cap as it travels, above it when it is decoded."""
    reply = exchange.execute()
    noise = random.Random(16)
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    await exchange.peer.write(reply.head(("Content-Encoding", "gzip"), ("Connection", "close")))
    for _ in range(CAP * 3 // 2 // PIECE):
        await exchange.peer.write(packer.compress(noise.randbytes(PIECE // 2).hex().encode()))
    await exchange.peer.write(packer.flush())


@pytest.fixture
def traced():
    tracemalloc.start()
    yield
    tracemalloc.stop()


@in_row(16)
@pytest.mark.parametrize("fault", [faults.gzip_bomb, faults.endless_body, gzip_that_compresses_little], ids=str)
@pytest.mark.parametrize("call", [call for call in CALLS if call.name in {"list_invoices", "resend"}], ids=str)
async def test_no_reply_takes_more_memory_than_twice_the_cap(call, fault, server, traced):
    server.fault(call.name, fault)

    async with asyncio.timeout(2 * PATIENCE):
        async with Form.ASYNC.client(call.provider, base_url=server.url, max_reply_bytes=CAP) as ask:
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            outcome = await ask(call)
            peak = tracemalloc.get_traced_memory()[1] - before

    assert "larger than" in str(outcome.error)
    assert peak < 2 * CAP
