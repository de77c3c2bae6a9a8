"""The replies of Propars as values: objects with unpublished fields, pages, signed documents in any container."""

from __future__ import annotations

import base64
import io
import json
import tracemalloc
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from kolay_invoice import (
    AsyncPropars,
    CancelInvoice,
    CancelledInvoice,
    GetSignedXml,
    InvoiceHtml,
    InvoiceHtmlForSale,
    SendInvoice,
    SentInvoice,
    SignedXml,
)
from kolay_invoice.propars import containers
from kolay_invoice.propars.models import FetchAuthToken
from kolay_invoice.propars.replies import interpret
from kolay_invoice.redact import Secret
from kolay_invoice.result import Accepted, Ambiguous, HttpResponse

ETTN = "0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11"
OTHER_ETTN = "f46d5a8d-7726-4b37-bba4-973c7ab50a5b"
PREVIEW = InvoiceHtmlForSale(sale_id=1)
PAGE = f"<!DOCTYPE html>\n<html><body>e-Arşiv Fatura<br>ETTN {ETTN}</body></html>\n"
XML = '<?xml version="1.0" encoding="UTF-8"?>\n<Invoice xmlns="urn:x"><a>ş</a></Invoice>\n'.encode()


@pytest.fixture
def verdict():
    """Return the verdict on what comes with a 200."""

    def verdict(request, content, **headers):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return interpret(AsyncPropars.profile.endpoints[type(request)], HttpResponse(200, headers, body))

    return verdict


@pytest.fixture
def reply(verdict):
    """Return what a request is answered with."""

    def reply(request, content, **headers):
        judged = verdict(request, content, **headers)
        assert isinstance(judged, Accepted)
        return AsyncPropars.profile.endpoints[type(request)].decode(request, judged.content)

    return reply


# Invoice and cancellation objects


@pytest.mark.parametrize(
    "content",
    [
        {"id": 7, "uuid": ETTN, "number": "ABC2026000000001", "status": "sent", "sale_id": 1, "sale_code": "a"},
        {
            "invoice_id": 7,
            "invoice_uuid": ETTN,
            "no": "ABC2026000000001",
            "status": "sent",
            "sale_id": 1,
            "sale_code": "a",
        },
        {"id": 7, "ettn": ETTN, "invoice_number": "ABC2026000000001", "status": "sent", "sale_id": 1, "sale_code": "a"},
    ],
)
def test_the_known_names_of_an_invoice_are_read(content, reply):
    sent = reply(SendInvoice(sale_id=1), content)

    assert sent == SentInvoice(7, UUID(ETTN), "ABC2026000000001", "sent", 1, "a")


def test_unknown_fields_of_an_invoice_are_kept(reply):
    sent = reply(SendInvoice(sale_id=1), b'{"id": 7, "total": 20.10, "lines": [{"a": null}], "big": 1e2}')

    assert sent.extra == {"total": Decimal("20.10"), "lines": [{"a": None}], "big": Decimal(100)}
    assert str(sent.extra["total"]) == "20.10"


@pytest.mark.parametrize(
    "content",
    [{"status": {"a": 1}}, {"id": "seven"}, {"uuid": "no uuid"}, {"uuid": 7}, {"status": 7}, {"no": ["x"], "id": 7}],
)
def test_what_does_not_fit_a_known_field_of_an_invoice_is_kept_under_its_own_name(content, reply):
    sent = reply(SendInvoice(sale_id=1), content)

    known = {"id": sent.invoice_id} if sent.invoice_id else {}
    assert {**sent.extra, **known} == content


def test_a_value_that_does_not_fit_never_replaces_another(reply):
    sent = reply(SendInvoice(sale_id=1), {"invoice_number": 7, "number": "ABC2026000000001"})

    told = {*sent.extra.values(), sent.number}
    assert {7, "ABC2026000000001"} <= told


@pytest.mark.parametrize(
    ("request_", "content", "value"),
    [
        (CancelInvoice(sale_id=1), {"status": "cancelled"}, CancelledInvoice(status="cancelled")),
        (CancelInvoice(sale_id=1), {"sale_id": 1, "sale_code": "a"}, CancelledInvoice(1, "a")),
        (CancelInvoice(sale_code="a"), {"sale_id": 1, "sale_code": "a"}, CancelledInvoice(1, "a")),
        (CancelInvoice(sale_id=1), {"new": 1}, CancelledInvoice(extra={"new": 1})),
        (CancelInvoice(sale_id=1), {"success": True}, CancelledInvoice(extra={"success": True})),
    ],
)
def test_a_cancellation_is_read_as_far_as_it_is_known(request_, content, value, reply):
    assert reply(request_, content) == value


@pytest.mark.parametrize(
    ("request_", "content", "name"),
    [
        (SendInvoice(sale_id=1), {"sale_id": 2}, "sale_id"),
        (SendInvoice(sale_id=1), {"sale_id": "2"}, "sale_id"),
        (SendInvoice(sale_code="a"), {"sale_code": "b"}, "sale_code"),
        (SendInvoice(invoice_id=7), {"id": 8}, "invoice_id"),
        (SendInvoice(invoice_id=7), {"id": "8"}, "invoice_id"),
        (SendInvoice(sale_id=1, invoice_uuid=ETTN), {"uuid": OTHER_ETTN}, "invoice_uuid"),
        (CancelInvoice(sale_id=1), {"sale_id": 2}, "sale_id"),
        (CancelInvoice(sale_code="a"), {"sale_code": "b"}, "sale_code"),
    ],
)
def test_an_answer_for_another_sale_or_invoice_is_not_taken(request_, content, name, reply):
    with pytest.raises(ValueError, match=f"it is for another {name}"):
        reply(request_, content)


# Tokens


@pytest.mark.parametrize(
    ("content", "ends_at"),
    [
        ({"token": "t", "expire_date": "2030-01-02T03:04:05+0300"}, datetime(2030, 1, 2, 0, 4, 5, tzinfo=UTC)),
        ({"token": "t", "expire_date": "2030-01-02T03:04:05.678Z"}, datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ({"token": "t", "expire_date": "2030-01-02T03:04:05"}, None),
        ({"token": "t", "expire_date": "2030-01-02"}, None),
        ({"token": "t", "expire_date": "soon"}, None),
        ({"token": "t", "expire_date": 1900000000}, None),
        ({"token": "t", "expire_date": None}, None),
        ({"token": "t", "user": {"id": 1}}, None),
    ],
)
def test_a_token_is_read_with_the_end_that_it_tells(content, ends_at, reply):
    fetched = reply(FetchAuthToken(username=Secret("u"), password=Secret("p")), content)

    assert (fetched.token, fetched.ends_at) == ("t", ends_at)


@pytest.mark.parametrize("content", [{"token": None}, {"token": 7}, {"token": ""}, {"token": "a b"}, {"key": "t"}])
def test_a_token_that_cannot_be_used_is_an_error(content, reply):
    with pytest.raises(ValueError):
        reply(FetchAuthToken(username=Secret("u"), password=Secret("p")), content)


# Previews


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (PAGE.encode(), {}),
        (PAGE.encode(), {"Content-Type": "text/html; charset=utf-8"}),
        (PAGE.encode(), {"Content-Type": 'text/html; charset="UTF8"'}),
        (PAGE.encode("iso-8859-9"), {"Content-Type": "text/html; charset=ISO-8859-9"}),
        (PAGE.encode("windows-1254"), {"Content-Type": "text/html; charset=windows-1254"}),
    ],
)
def test_the_page_of_an_invoice_is_its_preview(content, headers, reply):
    assert reply(PREVIEW, content, **headers) == InvoiceHtml(PAGE)


@pytest.mark.parametrize(
    "page",
    [
        f"<HTML>ETTN: {ETTN.upper()}</HTML>",
        "<html>Fatura No: ABC2026000000001</html>",
        f"<html>ETTN {ETTN}</html >\n\n<!-- rendered in 3 ms -->\n<!-- on web-1 -->\n",
        f"\ufeff<!DOCTYPE html><html lang=tr>ETTN: {ETTN}</html>",
        f"<html><form><input type=text name=password value=x>ETTN: {ETTN}</form></html>",
        f"<html><p>type=password</p><input type=text> type='password' <p>ETTN: {ETTN}</html>",
    ],
)
def test_a_page_with_a_named_ettn_or_number_is_an_invoice(page, reply):
    assert reply(PREVIEW, page.encode()).html == page


@pytest.mark.row(47)
@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"", {}),
        (b"<html><body>ok</body></html>", {}),
        (PAGE.encode()[:-10], {}),
        (PAGE.encode() + b"<p>", {}),
        (f"<body>ETTN: {ETTN}</body>".encode(), {}),
        (f'<html><form><input name="p" type="password"></form>ETTN: {ETTN}</html>'.encode(), {}),
        (f"<html><INPUT TYPE = 'password'>ETTN: {ETTN}</html>".encode(), {}),
        (f"<html><input type=password>ETTN: {ETTN}</html>".encode(), {}),
        (f"<html>{ETTN}</html>".encode(), {}),
        (f"<html><h1>Hata</h1><p>Request ID: {ETTN}</p></html>".encode(), {}),
        (f"<html><p>ETTN {ETTN} bulunamadı.</p></html>".encode(), {}),
        (PAGE.encode("iso-8859-9"), {}),
        (PAGE.encode(), {"Content-Type": "text/html; charset=utf-7"}),
        (PAGE.encode(), {"Content-Type": "text/html; charset=nonsense"}),
        (PAGE.encode("utf-16")[:-20], {"Content-Type": "text/html; charset=utf-16"}),
        (PAGE.encode("utf-16")[:-1], {"Content-Type": "text/html; charset=utf-16"}),
        (b"<html><meta charset=koi8-r>" + PAGE.encode(), {}),
        (PAGE.encode("cp1254"), {"Content-Type": "text/html; charset=utf-8"}),
        (PAGE.encode() + b"<script>document.write('</html>')", {}),
        (PAGE.encode()[:-9] + b"<script>document.write('</html>')</script>", {}),
        (PAGE.encode()[:-9] + b"</html" * 12, {}),
        (b'{"detail": "Fatura yok."}', {}),
        (json.dumps({"html": PAGE}).encode(), {}),
        (b"%PDF-1.7", {}),
    ],
)
def test_no_other_page_passes_for_the_invoice(content, headers, verdict):
    assert isinstance(verdict(PREVIEW, content, **headers), Ambiguous)


DECLARED = f"<html><head>{{}}</head><p>Örnek Ltd. Şti.</p><p>ETTN: {ETTN}</p></html>"
HTTP_EQUIV = '<META http-equiv="Content-Type" content="text/html; charset={}">'


@pytest.mark.parametrize(
    ("encoding", "head"),
    [
        ("cp1254", '<meta charset="windows-1254">'),
        ("cp1254", HTTP_EQUIV.format("iso-8859-9")),
        ("cp1254", f"<!-- <meta charset=utf-8> --><style>{'p{}' * 2000}</style><meta charset = 'ISO-8859-9'/>"),
        ("utf-8", HTTP_EQUIV.format("utf-16")),
        ("utf-8-sig", '<meta charset="windows-1254">'),
        ("utf-16", HTTP_EQUIV.format("utf-16")),
        ("utf-8", '<meta name="charset"><metadata charset="x">'),
    ],
)
def test_a_page_may_declare_its_character_set_itself(encoding, head, reply):
    page = DECLARED.format(head)

    assert reply(PREVIEW, page.encode(encoding)).html.removeprefix("\ufeff") == page


@pytest.mark.parametrize(
    ("label", "encoding"),
    [
        *((label, "cp1254") for label in ("cp1254", "latin5", "iso8859-9", "ISO_8859-9", "windows-1254", "iso-8859-9")),
        *(("utf-16", encoding) for encoding in ("utf-16", "utf-16-le", "utf-8")),
        ("utf-16BE", "utf-16-be"),
        ("windows-1252", "cp1252"),
    ],
)
def test_each_name_of_a_character_set_is_known(label, encoding, reply):
    page = f"<html><p>Türk €</p><p>ETTN: {ETTN}</p></html>"

    assert reply(PREVIEW, page.encode(encoding), **{"Content-Type": f"text/html; charset={label}"}).html == page


@pytest.mark.parametrize(
    "behind",
    [
        "<script src='x'></script>\n<!-- x --><SCRIPT>document.write('</html>')</SCRIPT >\n",
        f"<script>{'x' * 9000}</script>",
    ],
)
@pytest.mark.parametrize("before", ["", f"<!DOCTYPE html><!-- {'x' * 9000} -->"], ids=["nothing", "a comment"])
def test_scripts_behind_a_page_and_much_before_it_are_no_hindrance(before, behind, reply):
    page = f"{before}<html>ETTN: {ETTN}</html>{behind}"

    assert reply(PREVIEW, page.encode()).html == page


def test_a_page_larger_than_any_invoices_is_refused_unread(verdict, monkeypatch):
    assert isinstance(verdict(PREVIEW, PAGE.encode()), Accepted)
    monkeypatch.setattr(containers, "LARGEST_PAGE", len(PAGE))

    assert "larger than any invoice's" in verdict(PREVIEW, PAGE.encode()).reason


def test_a_preview_with_a_chosen_ettn_must_show_it(reply):
    chosen = InvoiceHtmlForSale(sale_id=1, invoice_uuid=ETTN)

    assert reply(chosen, PAGE.replace(ETTN, ETTN.upper()).encode())
    with pytest.raises(ValueError, match="no invoice with the invoice_uuid asked for"):
        reply(chosen, PAGE.replace(ETTN, OTHER_ETTN).encode())


# Signed documents


def zipped(**members):
    """Return a ZIP with these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return file.getvalue()


def in_base64(content):
    """Return base64 in lines, as older libraries write it."""
    return base64.encodebytes(content).decode()


CONTAINERS = {
    "raw": XML,
    "JSON text": json.dumps(XML.decode()).encode(),
    "JSON base64": json.dumps(base64.b64encode(XML).decode()).encode(),
    "JSON base64 in lines": json.dumps(in_base64(XML)).encode(),
    "member of text": json.dumps({"id": 7, "xml": XML.decode(), "name": "a.xml"}).encode(),
    "member of base64": json.dumps({"content": base64.b64encode(XML).decode(), "ok": True}).encode(),
    "ZIP": zipped(a_xml=XML, a_html=b"<html>", folder=b""),
    "upper-case name in a ZIP": zipped(A_XML=XML),
    "ZIP in base64": json.dumps({"zip": base64.b64encode(zipped(a_xml=XML)).decode()}).encode(),
}


@pytest.mark.parametrize("body", CONTAINERS.values(), ids=CONTAINERS)
def test_a_signed_document_is_found_in_any_container_byte_for_byte(body, reply):
    assert reply(GetSignedXml(sale_id=1), body) == SignedXml(XML)


def test_long_base64_is_decoded_in_pieces(reply, verdict, monkeypatch):
    monkeypatch.setattr(containers, "_PIECE", 8)
    whole = base64.b64encode(XML)
    padded = base64.b64encode(XML[:4]) + base64.b64encode(XML[4:])

    assert reply(GetSignedXml(sale_id=1), json.dumps(whole.decode()).encode()) == SignedXml(XML)
    assert "no XML document" in verdict(GetSignedXml(sale_id=1), json.dumps(padded.decode()).encode()).reason


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'["%b"]' % (b"," * 60_000), "no XML document"),
        (b" " * (containers.LARGEST_CONTAINER + 1), "larger than 16 MiB"),
    ],
    ids=["of many values", "of many bytes"],
)
def test_a_container_beyond_reason_is_not_unpacked(body, why, verdict):
    assert why in verdict(GetSignedXml(sale_id=1), body).reason


@pytest.mark.parametrize(
    "document",
    [
        b"<Invoice></Invoice>",
        b'<?xml version="1.0" encoding="ISO-8859-9"?><Invoice>\xe7</Invoice>',
        b"<?xml version='1.0' encoding='utf-8'?><CreditNote></CreditNote>",
        b"\xef\xbb\xbf" + XML,
        b'\n <?xml version="1.0"?><!-- made > by --><?pi x?>\n<ns:Invoice a="/>"></ns:Invoice ><!-- > end -->\r\n',
    ],
)
def test_a_raw_document_stays_as_it_came(document, reply):
    assert reply(GetSignedXml(sale_id=1), document).content == document


DAMAGED_ZIP = zipped(a_xml=XML * 50)
ENCRYPTED_ZIP = zipped(a_xml=XML).replace(b"PK\x03\x04\x14\x00\x00\x00", b"PK\x03\x04\x14\x00\x01\x00")
ENCRYPTED_ZIP = ENCRYPTED_ZIP.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")

NOT_DOCUMENTS = {
    "nothing": b"",
    "cut": XML[:-12],
    "cut in its middle": XML[: len(XML) // 2],
    "followed by more": XML + b"<more>",
    "another document": b"<error>no</error>",
    "another encoding than it claims": b"<Invoice>\xe7</Invoice>",
    "a page": b"<html><body></body></html>",
    "a page with a doctype": PAGE.encode(),
    "text": b"Fatura yok",
    "text in JSON": b'"Fatura yok"',
    "a text that happens to be base64": b'{"detail": "Faturayok"}',
    "a text that happens to be whole base64": b'{"detail": "Faturasi"}',
    "a refusal": b'{"detail": "Bulunamad\xc4\xb1."}',
    "a list": json.dumps([XML.decode()]).encode(),
    "null": b"null",
    "two members": json.dumps({"a": XML.decode(), "b": XML.decode()}).encode(),
    "a cut member": json.dumps({"a": XML.decode()[:-12]}).encode(),
    "an empty ZIP": zipped(),
    "a ZIP without XML": zipped(a_txt=XML),
    "a ZIP with two": zipped(a_xml=XML, b_xml=XML),
    "a ZIP with a page": zipped(a_xml=b"<html></html>"),
    "a ZIP with an empty document": zipped(a_xml=b""),
    "a cut ZIP": zipped(a_xml=XML)[:-30],
    "a damaged ZIP": DAMAGED_ZIP[:50] + b"\xff\xff\xff\xff" + DAMAGED_ZIP[54:],
    "an encrypted ZIP": ENCRYPTED_ZIP,
}


@pytest.mark.parametrize("body", NOT_DOCUMENTS.values(), ids=NOT_DOCUMENTS)
def test_nothing_else_passes_for_a_signed_document(body, verdict):
    assert isinstance(verdict(GetSignedXml(sale_id=1), body), Ambiguous)


def test_an_oversized_archive_is_refused(verdict, monkeypatch):
    monkeypatch.setattr(containers, "LARGEST_XML", len(XML) - 1)

    judged = verdict(GetSignedXml(sale_id=1), zipped(a_xml=XML))

    assert "larger than 16 MiB" in judged.reason


def test_an_archive_of_many_documents_does_not_fill_the_memory(verdict, monkeypatch):
    monkeypatch.setattr(containers, "LARGEST_XML", 2**20)
    bomb = zipped(**{f"{number}_xml": b" " * 2**20 for number in range(40)})

    tracemalloc.start()
    judged = verdict(GetSignedXml(sale_id=1), bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert isinstance(judged, Ambiguous)
    assert peak < 8 * 2**20


@pytest.mark.timeout(3)
@pytest.mark.parametrize(
    "body",
    [b" " * 200_000, b"\n" * 200_000 + b"<!DOCTYPE html><html></html>", b"<Invoice>" + b"</Invoice><!--" * 25_000],
    ids=["blanks", "a page after blanks", "comments without an end"],
)
def test_no_body_keeps_the_event_loop_busy_for_long(body, verdict):
    assert isinstance(verdict(GetSignedXml(sale_id=1), body), Ambiguous)


def test_a_signed_document_names_its_digest():
    assert SignedXml(b"").sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
