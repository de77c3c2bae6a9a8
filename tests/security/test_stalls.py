"""Small replies that unpack to much: the event loop serves others meanwhile, and the call ends as it should."""
# ruff: noqa: TID252 - the harness of the fault matrix is borrowed as it is.

from __future__ import annotations

import asyncio
import base64
import gzip
import io
import json
import time
import zipfile
from contextlib import asynccontextmanager

import pytest

from kolay_invoice import AsyncPropars, OutcomeUnknownError, RefusedError, UnexpectedReplyError

from ..faults import contents
from ..faults.matrix import PATIENCE, READY_TOKEN
from ..faults.replies import Reply

MEBIBYTE = 1 << 20
ETTN = "0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11"

LONGEST_STALL = 0.5
"""Seconds of CPU between two turns of the loop. A page or a refusal takes 0.01 to 0.09, a document in a container up to
0.2, on a machine that five others use; unmended a page took 11 and a refusal 8."""


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
        # The last turn counts too.
        await asyncio.sleep(0.01)
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
async def test_a_page_that_unpacks_to_much_is_refused_without_a_stall(unit, mebibytes, server, propars):
    server.fault("invoice_html_for_sale", packed(page(unit, mebibytes), "text/html"))

    async with asyncio.timeout(PATIENCE), served_meanwhile():
        with pytest.raises(OutcomeUnknownError, match="a page that is"):
            await propars.invoice_html_for_sale(sale_id=5)

    assert server.received["invoice_html_for_sale"] == 1


async def test_a_large_page_of_an_invoice_is_accepted_without_a_stall(server, propars):
    body = f"<html><p>ETTN: {ETTN}</p>".encode() + page(b"<tr><td>Kalem</td></tr>", 14)
    server.fault("invoice_html_for_sale", packed(body, "text/html"))

    async with asyncio.timeout(PATIENCE), served_meanwhile():
        preview = await propars.invoice_html_for_sale(sale_id=5)

    assert preview.html.encode() == body


@pytest.mark.parametrize("unit", ["a", "a@a-", "1", "Olmaz.\n", "Olmaz. "])
@pytest.mark.parametrize(
    ("mebibytes", "error", "longest"), [(1, RefusedError, 500), (32, OutcomeUnknownError, 0)], ids=["long", "endless"]
)
async def test_a_long_refusal_is_cut_before_it_is_masked_without_a_stall(
    unit, mebibytes, error, longest, server, propars
):
    body = json.dumps({"detail": unit * (mebibytes * MEBIBYTE // len(unit))}).encode()
    server.fault("cancel_invoice", packed(body, "application/json", 400))

    async with asyncio.timeout(PATIENCE), served_meanwhile():
        with pytest.raises(error) as told:
            await propars.cancel_invoice(sale_id=5)

    assert told.value.status == 400
    assert len(told.value.detail or "") <= longest


def zipped(document):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("a.xml", document)
    return buffer.getvalue()


def document(mebibytes):
    return b"<Invoice>" + b"<a> </a>" * (mebibytes * MEBIBYTE // 8) + b"</Invoice>"


CONTAINERS = {
    "as it is": lambda: document(64),
    "in a ZIP": lambda: zipped(document(64)),
    "in JSON": lambda: json.dumps({"xml": document(64).decode()}).encode(),
    "in JSON and base64": lambda: json.dumps({"xml": base64.encodebytes(document(18)).decode()}).encode(),
    "in JSON, base64 and a ZIP": lambda: json.dumps({"xml": base64.b64encode(zipped(document(64))).decode()}).encode(),
    "that is none": lambda: b" " * (64 * MEBIBYTE),
}


@pytest.mark.parametrize("container", CONTAINERS)
async def test_a_document_that_unpacks_to_much_is_refused_without_a_stall(container, server, propars):
    server.fault("get_signed_xml", packed(CONTAINERS[container](), "application/octet-stream"))

    async with asyncio.timeout(PATIENCE), served_meanwhile():
        with pytest.raises(UnexpectedReplyError):
            await propars.get_signed_xml(sale_id=5)
