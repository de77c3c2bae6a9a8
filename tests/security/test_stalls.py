"""Small replies that unpack to much: the event loop serves others meanwhile, and the call ends as it should."""
# ruff: noqa: TID252 - the harness of the fault matrix is borrowed as it is.

from __future__ import annotations

import asyncio
import base64
import gzip
import io
import json
import zipfile

import pytest

from kolay_invoice import AsyncKolayBi, AsyncPropars, OutcomeUnknownError, RefusedError, UnexpectedReplyError
from kolay_invoice.propars.containers import LARGEST_PAGE

from ..faults import contents
from ..faults.matrix import PATIENCE, READY_TOKEN
from ..faults.replies import UNKNOWN_OPERATION, Reply
from .heartbeat import served_meanwhile

MEBIBYTE = 1 << 20
ETTN = "0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11"


@pytest.fixture
async def kolaybi(server):
    async with AsyncKolayBi(**READY_TOKEN["kolaybi"], base_url=server.url) as client:
        yield client


@pytest.fixture
async def propars(server):
    async with AsyncPropars(**READY_TOKEN["propars"], base_url=server.url) as client:
        yield client


def packed(body, media_type="application/json", status=200):
    reply = Reply(gzip.compress(body, 1), media_type, status)
    return contents.reply_instead("packed", lambda _: reply.with_header("Content-Encoding", "gzip"))


def repeated(unit, mebibytes):
    return unit * int(mebibytes * MEBIBYTE / len(unit))


# Pages


@pytest.mark.parametrize("unit", [b"<", b"ETTN ", b"fatura no <b>", b"<input type=", b"e\xc5\x9f"])
async def test_a_page_of_nonsense_is_refused_without_a_stall(unit, server, propars):
    page = b"<html>%b</html>" % repeated(unit, 15)
    server.fault("invoice_html_for_sale", packed(page, "text/html"))

    async with asyncio.timeout(2 * PATIENCE), served_meanwhile():
        with pytest.raises(OutcomeUnknownError, match="a page that is"):
            await propars.invoice_html_for_sale(sale_id=5)

    assert server.received["invoice_html_for_sale"] == 1


@pytest.mark.parametrize(("mebibytes", "is_accepted"), [(14, True), (64, False)])
async def test_a_page_is_read_up_to_16_mebibytes_without_a_stall(mebibytes, is_accepted, server, propars):
    rows = repeated(b"<tr><td>Kalem</td></tr>", mebibytes)
    page = b"<html><p>ETTN: %b</p>%b</html>" % (ETTN.encode(), rows)
    server.fault("invoice_html_for_sale", packed(page, "text/html"))

    async with asyncio.timeout(2 * PATIENCE), served_meanwhile():
        if is_accepted:
            assert (await propars.invoice_html_for_sale(sale_id=5)).html.encode() == page
        else:
            with pytest.raises(OutcomeUnknownError, match="the reply is larger than any real one"):
                await propars.invoice_html_for_sale(sale_id=5)

    assert is_accepted is (len(page) <= LARGEST_PAGE)


# Refusals


@pytest.mark.parametrize("unit", [b"a@a-", b"1", b"Olmaz.\\n"])
@pytest.mark.parametrize(
    ("mebibytes", "error", "longest"),
    [(0.06, RefusedError, 500), (64, OutcomeUnknownError, 0)],
    ids=["below 64 KiB", "of 64 MiB"],
)
async def test_a_refusal_is_read_up_to_64_kibibytes_without_a_stall(unit, mebibytes, error, longest, server, propars):
    body = b'{"detail":"%b"}' % repeated(unit, mebibytes)
    server.fault("cancel_invoice", packed(body, status=400))

    async with asyncio.timeout(2 * PATIENCE), served_meanwhile():
        with pytest.raises(error) as told:
            await propars.cancel_invoice(sale_id=5)

    assert told.value.status == 400
    assert len(told.value.detail or "") <= longest


# Documents


def zipped(document):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("a.xml", document)
    return buffer.getvalue()


def document(mebibytes):
    return b"<Invoice>" + repeated(b"<a> </a>", mebibytes) + b"</Invoice>"


def in_json(text):
    return json.dumps({"xml": text.decode()}).encode()


TOO_LARGE = {
    "as it is": lambda: document(64),
    "in a ZIP": lambda: zipped(document(64)),
    "in JSON": lambda: in_json(document(64)),
    "in JSON and base64": lambda: in_json(base64.encodebytes(document(18))),
    "in JSON, base64 and a ZIP": lambda: in_json(base64.b64encode(zipped(document(64)))),
    "that is none": lambda: b" " * (23 * MEBIBYTE),
}


@pytest.mark.parametrize("container", TOO_LARGE)
async def test_a_document_that_unpacks_to_much_is_refused_without_a_stall(container, server, propars):
    server.fault("get_signed_xml", packed(TOO_LARGE[container]()))

    async with asyncio.timeout(2 * PATIENCE), served_meanwhile():
        with pytest.raises(UnexpectedReplyError):
            await propars.get_signed_xml(sale_id=5)


@pytest.mark.parametrize(
    "make",
    [lambda xml: xml, zipped, in_json, lambda xml: in_json(base64.encodebytes(xml))],
    ids=["as it is", "in a ZIP", "in JSON", "in JSON and base64"],
)
async def test_a_large_document_is_read_without_a_stall(make, server, propars):
    xml = document(15)
    server.fault("get_signed_xml", packed(make(xml)))

    async with asyncio.timeout(2 * PATIENCE), served_meanwhile():
        read = await propars.get_signed_xml(sale_id=5)

    assert read.content == xml


async def test_a_large_file_of_a_document_is_read_without_a_stall(server, kolaybi):
    pdf = b"%PDF-" + bytes(15 * MEBIBYTE) + b"%%EOF"
    body = json.dumps({"success": True, "data": {"src": base64.encodebytes(pdf).decode()}}).encode()
    server.fault(UNKNOWN_OPERATION, packed(body))

    async with asyncio.timeout(2 * PATIENCE), served_meanwhile():
        file = await kolaybi.get_e_document("0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11")

    assert file.content == pdf


# JSON


HOSTILE = {
    "lists": repeated(b"[],", 30) + b"1",
    "rows": repeated(b"{},", 30) + b"1",
    "amounts behind a row": b"{}," + repeated(b"1.5,", 30) + b"1",
}


@pytest.mark.parametrize("values", HOSTILE)
@pytest.mark.parametrize("call", ["list_invoices", "list_companies", "create_e_document"])
async def test_json_of_too_many_values_is_refused_without_a_stall(values, call, server, kolaybi):
    body = b'{"success":true,"data":[%b]}' % HOSTILE[values]
    server.fault(call, packed(body))
    arguments = {"list_invoices": (5, "outbound"), "list_companies": (), "create_e_document": (18,)}[call]

    async with asyncio.timeout(2 * PATIENCE), served_meanwhile():
        with pytest.raises((UnexpectedReplyError, OutcomeUnknownError)):
            await getattr(kolaybi, call)(*arguments)


async def test_a_list_of_blanks_is_read_without_a_stall(server, kolaybi):
    server.fault("list_invoices", packed(b'{"success":true,"data":[%b]}' % repeated(b" ", 30)))

    async with asyncio.timeout(2 * PATIENCE), served_meanwhile():
        assert await kolaybi.list_invoices(5, "outbound") == []


async def test_a_long_list_is_read_without_a_stall(server, kolaybi):
    row = {"document_id": 18, "uuid": ETTN, "status": "sent", "direction": "outbound", "grand_total": 1.25}
    server.fault("list_invoices", packed(json.dumps({"success": True, "data": [row] * 60_000}).encode()))

    async with asyncio.timeout(2 * PATIENCE), served_meanwhile():
        assert len(await kolaybi.list_invoices(5, "outbound")) == 60_000
