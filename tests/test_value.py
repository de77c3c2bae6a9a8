"""Replies, rows, reports and errors as JSON: exact amounts, every field, and the ways of the frameworks."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from attrs import fields

from kolay_invoice import (
    CreateEDocument,
    Invoice,
    InvoiceHtml,
    KolayInvoiceError,
    OutcomeUnknownError,
    Sale,
    SendInvoice,
    SignedXml,
    VaultMovement,
    VaultTotal,
    VaultTransactions,
    to_dict,
    to_json,
)
from kolay_invoice.journal import Journal
from kolay_invoice.kolaybi.models import FetchAccessToken
from kolay_invoice.redact import Secret

ETTN = UUID("0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11")
INVOICE = Invoice(
    18, ETTN, status="sent", grand_total=Decimal("1234567890.10"), extra={"rate": Decimal("20.50"), "tags": ["a", None]}
)


def test_a_reply_becomes_json_with_every_field_and_exact_amounts():
    plain = to_dict(INVOICE)

    assert list(plain) == [attribute.name for attribute in fields(Invoice)]
    assert (plain["document_id"], plain["uuid"]) == (18, str(ETTN))
    assert plain["grand_total"] == "1234567890.10"
    assert plain["extra"] == {"rate": "20.50", "tags": ["a", None]}
    assert json.loads(to_json(INVOICE)) == plain


def test_values_within_values_lists_dates_and_bytes_are_converted_as_well():
    found = VaultTransactions((VaultMovement(1, booked_on=date(2026, 5, 2)),), (VaultTotal(Decimal("1E+2")),))
    sale = Sale(order_date=datetime(2026, 5, 2, 9, tzinfo=UTC))

    assert to_dict(found)["movements"][0]["booked_on"] == "2026-05-02"
    assert to_dict(found)["totals"][0]["amount"] == "100"
    assert to_dict([sale])[0]["order_date"] == "2026-05-02T09:00:00+00:00"
    assert to_dict(SignedXml(b"<?xml")) == {"content": "PD94bWw="}


def test_json_dumps_takes_it_as_its_default():
    written = json.dumps({"invoices": [INVOICE], "total": INVOICE.grand_total, "on": date(2026, 5, 2)}, default=to_dict)

    assert json.loads(written) == {"invoices": [to_dict(INVOICE)], "total": "1234567890.10", "on": "2026-05-02"}


def test_turkish_letters_stay_letters():
    assert '"ğüşıöç"' in to_json(InvoiceHtml("ğüşıöç"))


def test_an_error_shows_its_facts_and_no_private_value():
    request = SendInvoice(sale_code="canary-sale-c61f37", invoice_uuid=ETTN)
    error = OutcomeUnknownError("it may have happened", provider="propars", operation="send_invoice", request=request)

    plain = to_dict(error)

    assert plain["error"] == "OutcomeUnknownError"
    assert plain["message"] == "it may have happened"
    assert plain["may_have_happened"] is True
    assert plain["operation"] == "send_invoice"
    assert plain["request"]["invoice_uuid"] == str(ETTN)
    assert "canary" not in to_json(error)


def test_a_secret_is_masked():
    assert to_dict(FetchAccessToken(Secret("canary-api-key-b3a815"))) == {"api_key": "***"}


@pytest.mark.parametrize("value", [object(), Invoice, iter([INVOICE])], ids=["object", "class", "iterator"])
def test_what_is_no_value_of_this_package_is_refused(value):
    with pytest.raises(TypeError, match=f"value: to_dict takes a request, reply, .* not {type(value).__name__}"):
        to_dict(value)


async def test_rows_reports_and_the_errors_of_a_journal_become_json(emulated_kolaybi, tmp_path):
    async with Journal.open(f"sqlite:///{tmp_path}/sends.db") as journal:
        report = await journal.run(emulated_kolaybi, [CreateEDocument(1)], patience=0)
        (row,) = [row async for row in report.rows]
        identity = journal.identity

    assert json.loads(to_json(report))["counts"]["done"] == 1
    assert to_dict(report)["done_before"] == 0
    assert to_dict(row)["request"]["document_id"] == 1
    assert to_dict(row)["result"]["uuid"] == str(row.result.uuid)
    assert to_dict(identity)["last_run"] == report.run_id
    error = KolayInvoiceError("kept")
    error.unrecorded = (row,)
    assert to_dict(error)["unrecorded"][0]["key"] == row.key


def test_a_body_shows_its_length_and_nothing_of_itself():
    assert repr(InvoiceHtml("<p>canary</p>")) == "InvoiceHtml(html=<13 characters>)"
    assert repr(SignedXml(b"canary")) == "SignedXml(content=<6 bytes>)"


async def test_fastapi_takes_a_reply_as_the_type_of_a_route():
    fastapi = pytest.importorskip("fastapi")
    app = fastapi.FastAPI()

    @app.get("/invoices")
    async def invoices() -> list[Invoice]:
        return [INVOICE]

    @app.get("/movements")
    async def movements() -> VaultTransactions:
        return VaultTransactions((VaultMovement(1, Decimal("10.00")),))

    @app.get("/xml")
    async def xml() -> SignedXml:
        return SignedXml(b"\xff")

    assert json.loads(await asked(app, "/invoices")) == to_dict([INVOICE])
    assert json.loads(await asked(app, "/movements"))["movements"][0]["amount"] == "10.00"
    assert json.loads(await asked(app, "/xml")) == {"content": "/w=="}
    shown = json.loads(await asked(app, "/openapi.json"))["components"]["schemas"]["Invoice"]
    assert list(shown["properties"]) == [attribute.name for attribute in fields(Invoice)]
    assert {"type": "string"} in [
        {"type": one["type"]} for one in shown["properties"]["grand_total"]["anyOf"] if one["type"] != "null"
    ]


async def asked(app, path):
    """Return the body of a GET, as an ASGI server would get it."""
    sent = []
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b""}
    scope |= {"headers": [], "http_version": "1.1", "scheme": "http", "root_path": "", "asgi": {"version": "3.0"}}

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    return b"".join(message.get("body", b"") for message in sent)


def test_django_answers_with_it():
    django = pytest.importorskip("django.http")
    from django.conf import settings

    if not settings.configured:
        settings.configure()

    assert json.loads(django.JsonResponse(to_dict(INVOICE)).content) == to_dict(INVOICE)
    assert json.loads(django.JsonResponse(to_dict([INVOICE]), safe=False).content) == [to_dict(INVOICE)]
