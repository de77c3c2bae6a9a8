"""Invariant I5: however a reply was made to hurt, judging it takes time and memory in proportion to its size.

The bounds are far above what an honest reply of the same size takes; they tell growth by the square from growth, and
a bomb from a document. Time is the process's own, so a busy machine changes nothing.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import zipfile
from functools import cache

import pytest

from kolay_invoice import RefusedError
from kolay_invoice.propars import containers
from kolay_invoice.result import HttpResponse, Refused

from .targets import ENDPOINTS, judged, told

SIZE = 1 << 19
"""Half a mebibyte: `max_reply_bytes` allows 256 times as much."""


def refusal(text: object) -> bytes:
    return json.dumps({"success": False, "code": 10_400, "message": text}).encode()


def page(inside: str) -> bytes:
    return f"<html>{inside}</html>".encode()


HOSTILE_REPLIES = {
    "a sentence of one word": ("resend", refusal("a" * SIZE)),
    "a sentence of half an address": ("resend", refusal("a@" + "a-" * (SIZE // 2))),
    "a sentence of dots": ("cancel_invoice", json.dumps({"detail": "a." * (SIZE // 2)}).encode()),
    "a sentence of digits": ("resend", refusal("1" * SIZE)),
    "a sentence of control characters": ("resend", refusal("\n" * SIZE)),
    "many sentences": ("resend", refusal(["a"] * (SIZE // 4))),
    "many sentences about a long name": (
        "cancel_invoice",
        json.dumps({"n" * (SIZE // 2): ["text"] * (SIZE // 20)}).encode(),
    ),
    "a code of many digits": ("resend", b'{"success":false,"code":' + b"9" * 4000 + b"}"),
    "rows that are empty": ("list_invoices", b'{"data":[' + b"{}," * (SIZE // 3) + b"{}]}"),
    "rows that are none": ("list_invoices", b'{"data":[' + b"1," * (SIZE // 2) + b"1]}"),
    "companies that are none": ("list_companies", b'{"data":[' + b"1," * (SIZE // 2) + b"1]}"),
    "arrays without end": ("resend", b"[" * SIZE),
    "objects without end": ("send_invoice", b'{"a":' * (SIZE // 5)),
    "a number of many digits": ("resend", b'{"data":{"document_id":' + b"9" * SIZE + b"}}"),
    "an amount of many digits": (
        "proceed",
        b'{"data":{"transaction_status":"x","remaining_amount":1.' + b"9" * SIZE + b"}}",
    ),
    "a tiny text for a huge amount": (
        "proceed",
        b'{"data":{"transaction_status":"x","remaining_amount":1e999999}}',
    ),
    "many fields": ("send_invoice", b"{" + b",".join(b'"%d":1' % number for number in range(SIZE // 9)) + b"}"),
    "a page of inputs": ("invoice_html_for_sale", page("<input " * (SIZE // 2))),
    "a page of an input with blanks": ("invoice_html_for_sale", page("<input " * 140 + "type" + " " * SIZE)),
    "a page of half an ETTN": ("invoice_html_for_sale", page("00000000-0000-" * (SIZE // 14))),
    "a page of ends": ("invoice_html_for_sale", page("ETTN" + "</html><!--" * (SIZE // 11))),
    "a page of blanks": ("invoice_html_for_sale", page("ETTN</html" + " " * SIZE)),
    "a page of entities": ("invoice_html_for_sale", page("&nbsp;" * (SIZE // 6))),
    "a page of dashes in a comment": ("invoice_html_for_sale", page("<!--" + " -" * (SIZE // 2))),
    "a page of tags in a script": ("invoice_html_for_sale", page("<script>" + "<" * SIZE)),
    "a page of ETTNs in sentences": (
        "invoice_html_for_sale",
        page("<p>ETTN 0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11 yok" * (SIZE // 60)),
    ),
    "a page of lines": ("invoice_html_for_sale", page("<p>" * (SIZE // 3))),
    "comments before a document": ("get_signed_xml", b"<!---->" * (SIZE // 7) + b"<Invoice></Invoice>"),
    "instructions after a document": ("get_signed_xml", b"<Invoice></Invoice>" + b"<?x?>" * (SIZE // 5)),
    "instructions that do not end": ("get_signed_xml", b"<Invoice></Invoice>" + b"<?x" * (SIZE // 3)),
    "a document of ends": ("get_signed_xml", b"<Invoice>" + b"</Invoice" * (SIZE // 9)),
    "a name without end": ("get_signed_xml", b"<" + b"a:" * (SIZE // 2)),
    "many texts that may be documents": ("get_signed_xml", json.dumps(["PD94"] * (SIZE // 8)).encode()),
    "an entity bomb": (
        "get_signed_xml",
        b'<!DOCTYPE Invoice [<!ENTITY a "aaaa">'
        + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a;" * 1000) for n in range(100))
        + b"]><Invoice>&a99;</Invoice>",
    ),
}


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("name", HOSTILE_REPLIES)
def test_a_hostile_reply_is_judged_in_time_and_memory_that_fit_its_size(name, status, bounded):
    operation, body = HOSTILE_REPLIES[name]

    with bounded(seconds=3, mebibytes=64), contextlib.suppress(ValueError):
        judged(ENDPOINTS[operation], HttpResponse(status, {}, body))


@cache
def bomb(compression: int, mebibytes: int = 128) -> bytes:
    """Return a ZIP with an XML document that unpacks to twice of what is allowed."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", compression) as archive,
        archive.open("a.xml", "w", force_zip64=True) as document,
    ):
        document.write(b"<Invoice>")
        for _ in range(mebibytes):
            document.write(bytes(1 << 20))
    return buffer.getvalue()


# What comes out may be as large as a document, and stands there once more while it is put together.
BOMB_MEBIBYTES = 2 * (containers.LARGEST_XML >> 20) + 8

BOMBS = {
    "deflated": zipfile.ZIP_DEFLATED,
    "bzip2": zipfile.ZIP_BZIP2,
    "lzma": zipfile.ZIP_LZMA,
}


@pytest.mark.parametrize("in_json", [False, True], ids=["as it is", "in JSON"])
@pytest.mark.parametrize("packed", BOMBS)
def test_a_zip_bomb_is_refused_before_it_has_taken_the_memory(packed, in_json, bounded):
    archive = bomb(BOMBS[packed])
    reply = json.dumps({"xml": base64.b64encode(archive).decode()}).encode() if in_json else archive

    with bounded(seconds=10, mebibytes=BOMB_MEBIBYTES), pytest.raises(ValueError, match=r"ZIP|XML"):
        containers.extract_signed_xml(reply)


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED])
def test_a_damaged_zip_is_a_value_error_however_it_is_packed(compression):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("a.xml", "<Invoice>" + "x" * 100 + "</Invoice>")
    whole = buffer.getvalue()

    for at in range(len(whole) - 22):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        with contextlib.suppress(ValueError):
            containers.extract_signed_xml(bytes(damaged))


@pytest.mark.parametrize("code", [None, 10_400, "x" * 40])
def test_no_error_is_longer_than_a_person_reads(code):
    told(ENDPOINTS["resend"], Refused(RefusedError, 400, code, detail="x" * 4000))
