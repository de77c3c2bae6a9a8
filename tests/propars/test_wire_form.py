"""What the calls of Propars look like when they arrive, as the provider's page shows them."""

from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from kolay_invoice.endpoint import Effect
from kolay_invoice.propars import ENDPOINTS

INVOICE = "/api/v1/finance/saleinvoice"
OWN_UUID = "0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11"

PAGE = f"<html><body>Fatura ETTN {OWN_UUID}</body></html>".encode()
GOOD = {
    "invoice_html_for_sale": PAGE,
    "send_invoice": {"id": 7, "status": "sent"},
    "get_signed_xml": b"<Invoice></Invoice>",
    "cancel_invoice": {"status": "cancelled"},
    "list_sales": {"count": 0, "page_context": {}, "results": []},
    "get_sale": {"id": 1001},
    "get_invoice": {"id": 7},
}

# The options that the preview and send share, and how each travels.
OPTIONS = [
    ({}, ""),
    ({"invoice_date": "2018-05-02T09:00:00+0300"}, "&invoice_date=2018-05-02T09:00:00%2B0300"),
    ({"invoice_date": datetime(2018, 5, 2, 6, tzinfo=UTC)}, "&invoice_date=2018-05-02T09:00:00%2B0300"),
    (
        {"invoice_date": datetime(2018, 5, 2, 9, 0, 0, 999_999, timezone(timedelta(hours=3)))},
        "&invoice_date=2018-05-02T09:00:00%2B0300",
    ),
    ({"invoice_uuid": UUID(OWN_UUID)}, f"&invoice_uuid={OWN_UUID}"),
    ({"invoice_uuid": OWN_UUID.upper()}, f"&invoice_uuid={OWN_UUID}"),
    ({"invoice_number": "ABC2026000000001"}, "&invoice_number=ABC2026000000001"),
    ({"invoice_char_code": "ABC"}, "&invoice_char_code=ABC"),
    (
        {
            "invoice_date": "2026-01-31T23:59:59+03:00",
            "invoice_uuid": OWN_UUID,
            "invoice_number": "ABC2026000000001",
            "invoice_char_code": "ABC",
        },
        (
            f"&invoice_date=2026-01-31T23:59:59%2B0300&invoice_uuid={OWN_UUID}"
            "&invoice_number=ABC2026000000001&invoice_char_code=ABC"
        ),
    ),
]

# Selector, and how it travels in a query.
SALES = [
    ({"sale_code": "abc123"}, "sale_code=abc123"),
    ({"sale_id": 1001}, "sale_id=1001"),
    ({"sale_code": "A/B 1+2&c=ş%41:;"}, "sale_code=A%2FB+1%2B2%26c%3D%C5%9F%2541:%3B"),
]

# Operation, arguments, and what arrives: method, path and query.
FORMS = [
    *(
        (
            operation,
            {**sale, **options},
            method,
            f"{INVOICE}/{operation if method == 'GET' else 'send_invoice_for_sale'}/?{asked}{query}",
        )
        for operation, method in (("invoice_html_for_sale", "GET"), ("send_invoice", "POST"))
        for sale, asked in SALES
        for options, query in OPTIONS
    ),
    ("send_invoice", {"invoice_id": 7}, "POST", f"{INVOICE}/7/send_invoice/"),
    *(("get_signed_xml", sale, "GET", f"{INVOICE}/get_signed_xml_for_sale/?{asked}") for sale, asked in SALES),
    ("get_signed_xml", {"invoice_id": 7}, "GET", f"{INVOICE}/7/get_signed_xml/"),
    ("cancel_invoice", {"sale_id": 1001}, "PATCH", "/api/v1/core/sale/1001/cancel_invoice/"),
    *(
        ("cancel_invoice", sale, "PATCH", f"/api/v1/core/sale/cancel_invoice_by_code/?{asked}")
        for sale, asked in SALES
        if "sale_code" in sale
    ),
    ("get_sale", {"sale_id": 1001}, "GET", "/api/v1/core/sale/1001/"),
    ("get_invoice", {"invoice_id": 7}, "GET", f"{INVOICE}/7/"),
    *(
        ("list_sales", filters, "GET", f"/api/v1/core/sale/?{query}limit=100")
        for filters, query in [
            ({}, ""),
            ({"order_start_date": "2026-01-01"}, "order_start_date=2026-01-01&"),
            (
                {"order_start_date": date(2026, 1, 1), "order_end_date": "2026-01-31"},
                "order_start_date=2026-01-01&order_end_date=2026-01-31&",
            ),
            ({"invoiced": True, "invoice_sent": False}, "invoiced=true&invoice_sent=false&"),
            ({"invoice_number": "ABC2026000000001"}, "invoice_number=ABC2026000000001&"),
            (
                {"common_status": "a", "status": "b", "source": "store", "search": "Ayşe & co", "ordering": "-id"},
                "common_status=a&status=b&source=store&search=Ay%C5%9Fe+%26+co&ordering=-id&",
            ),
        ]
    ),
]


@pytest.mark.parametrize(("operation", "arguments", "method", "target"), FORMS)
async def test_each_call_arrives_in_the_form_of_its_page(
    operation, arguments, method, target, propars, server, canaries
):
    server.answers(GOOD[operation])

    await getattr(propars, operation)(**arguments)

    [request] = server.requests
    assert (request.method, request.target, request.body) == (method, target, b"")
    headers = request.headers
    assert headers["Authorization"] == f"Token {canaries['token']}"
    framing = {"Content-Length", "Connection"}
    assert set(headers) - framing == {"Host", "Authorization", "Accept", "Accept-Encoding", "User-Agent"}


async def test_the_token_is_asked_for_with_user_name_and_password_in_a_json_body(propars_with_login, server, canaries):
    server.answers({"token": "fresh-token", "expire_date": "2099-01-01T00:00:00+0300"}).answers(GOOD["cancel_invoice"])

    await propars_with_login.cancel_invoice(sale_id=1)

    asked, called = server.requests
    assert (asked.method, asked.target) == ("POST", "/api/v1/api-token-auth/")
    assert asked.body.decode() == '{{"username":"{username}","password":"{password}"}}'.format(**canaries)
    assert asked.headers["Content-Type"] == "application/json"
    assert "Authorization" not in asked.headers
    assert called.headers["Authorization"] == "Token fresh-token"


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.operation)
def test_every_path_ends_in_a_slash(endpoint):
    paths = [endpoint.path] if isinstance(endpoint.path, str) else endpoint.path.values()

    assert all(path.startswith("/api/v1/") and path.endswith("/") for path in paths)


def test_each_endpoint_has_the_effect_of_its_call():
    assert {endpoint.operation: endpoint.effect for endpoint in ENDPOINTS} == {
        "invoice_html_for_sale": Effect.CREATES,
        "send_invoice": Effect.IRREVERSIBLE,
        "get_signed_xml": Effect.READ,
        "cancel_invoice": Effect.CANCELS,
        "save_sale": Effect.UPSERT,
        "list_sales": Effect.READ,
        "get_sale": Effect.READ,
        "get_invoice": Effect.READ,
        "api_token_auth": Effect.READ,
    }
