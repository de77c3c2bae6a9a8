"""What KolayBi's calls look like when they arrive, as the provider's pages show them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kolay_invoice import (
    InvoiceItem,
    NewAddress,
    NewAssociate,
    NewInvoice,
    NewProduct,
    OrderReference,
    PostalAddress,
)
from kolay_invoice.endpoint import Effect
from kolay_invoice.kolaybi import ENDPOINTS
from kolay_invoice.kolaybi.models import Direction, ListInvoices, Status

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
UUID = "f46d5a8d-7726-4b37-bba4-973c7ab50a5b"
LIST = "/kolaybi/v1/e_document/invoices?company_id=5&direction=outbound"

GOOD = {
    "resend": {"data": {"document_id": 18}},
    "create_e_document": {"success": True, "data": {"document_id": 1, "uuid": UUID}},
    "proceed": {"success": True, "data": {"transaction_status": "Tamamlandı", "remaining_amount": 0.0}},
    "list_invoices": {"data": []},
    "list_companies": {"success": True, "data": []},
    "get_invoice": {"success": True, "data": {"document_id": 18}},
    "list_vaults": {"success": True, "data": []},
    "vault_transactions": {"success": True, "data": {"transactionables": []}},
    "undo_proceed": {"success": True, "data": []},
    "cancel_e_document": {"success": True},
    "delete_invoice": {"success": True, "data": None},
    "create_associate": {"success": True, "data": {"id": 7}},
    "create_address": {"success": True, "data": {"id": 21}},
    "create_product": {"success": True, "data": {"id": 31}},
    "create_invoice": {"success": True, "data": {"document_id": 7001}},
    "list_documents": {"data": []},
    "list_associates": {"data": []},
    "list_products": {"data": []},
    "get_e_document": {"success": True, "data": {"src": "JVBERi0xLjQKJSVFT0Y="}},
    "get_e_document_xml": {"success": True, "data": {"src": "<Invoice></Invoice>"}},
}

# Operation, arguments, and what arrives: method, path and query, body, content type.
FORMS = [
    ("resend", (18,), {}, "POST", "/kolaybi/v1/invoices/resend/18", b"", None),
    ("create_e_document", (1,), {}, "POST", "/kolaybi/v1/invoices/e-document/create", b"document_id=1", FORM),
    ("proceed", (1, 1), {}, "POST", "/kolaybi/v1/invoices/proceed", b"document_id=1&vault_id=1", FORM),
    *(
        (
            "proceed",
            (1, 1),
            {"amount": amount},
            "POST",
            "/kolaybi/v1/invoices/proceed",
            f"document_id=1&vault_id=1&amount={written}".encode(),
            FORM,
        )
        for amount, written in [
            ("100.50", "100.50"),
            (Decimal("100.50"), "100.50"),
            (Decimal("1E+2"), "100"),
            (7, "7"),
            ("0.01", "0.01"),
            ("12345678901234567890.12345", "12345678901234567890.12345"),
        ]
    ),
    ("proceed", (1, 1), {"amount": None}, "POST", "/kolaybi/v1/invoices/proceed", b"document_id=1&vault_id=1", FORM),
    ("list_companies", (), {}, "GET", "/kolaybi/v1/companies", b"", None),
    ("get_invoice", (18,), {}, "GET", "/kolaybi/v1/invoices/18", b"", None),
    ("list_vaults", (), {}, "GET", "/kolaybi/v1/vaults", b"", None),
    ("list_vaults", (), {"currency": "try"}, "GET", "/kolaybi/v1/vaults?currency=try", b"", None),
    (
        "list_vaults",
        (),
        {"currency": "try", "type": "bank_account"},
        "GET",
        "/kolaybi/v1/vaults?currency=try&type=bank_account",
        b"",
        None,
    ),
    ("vault_transactions", (3,), {}, "GET", "/kolaybi/v1/vaults/3/transactions", b"", None),
    (
        "create_e_document",
        (1,),
        {"prefix": "ABC"},
        "POST",
        "/kolaybi/v1/invoices/e-document/create",
        b"document_id=1&prefix=ABC",
        FORM,
    ),
    ("undo_proceed", (18,), {}, "DELETE", "/kolaybi/v1/invoices/proceed/18", b"", None),
    ("cancel_e_document", (18,), {}, "POST", "/kolaybi/v1/invoices/e-document/cancel", b"document_id=18", FORM),
    ("delete_invoice", (18,), {}, "DELETE", "/kolaybi/v1/invoices/18", b"", None),
    *(
        (operation, (value,), {}, "POST", f"/kolaybi/v1/{target}", body, FORM)
        for operation, target, value, body in [
            (
                "create_associate",
                "associates",
                NewAssociate(name="Ayşe", surname="Öz", identity_no="11111111111"),
                b"name=Ay%C5%9Fe&surname=%C3%96z&identity_no=11111111111",
            ),
            (
                "create_associate",
                "associates",
                NewAssociate(
                    name="Öz",
                    surname="A.Ş.",
                    identity_no="1234567803",
                    is_corporate=True,
                    associate_type="customer",
                    tax_office="Kadıköy",
                    code="M-1",
                    phone="+90 216",
                    email="a@b.example",
                    addresses=[
                        PostalAddress(city="İzmir", is_abroad=False),
                        {"city": "Ankara", "address_type": "invoice"},
                    ],
                ),
                (
                    b"name=%C3%96z&surname=A.%C5%9E.&identity_no=1234567803&is_corporate=1&associate_type=customer"
                    b"&tax_office=Kad%C4%B1k%C3%B6y&code=M-1&phone=%2B90+216&email=a%40b.example"
                    b"&addresses[0][city]=%C4%B0zmir&addresses[0][is_abroad]=0"
                    b"&addresses[1][city]=Ankara&addresses[1][address_type]=invoice"
                ),
            ),
            (
                "create_address",
                "address/create",
                NewAddress(associate_id=7, city="İzmir", district="Konak", country="Türkiye", address="1. Sk. 2"),
                b"associate_id=7&city=%C4%B0zmir&district=Konak&country=T%C3%BCrkiye&address=1.+Sk.+2",
            ),
            (
                "create_product",
                "products",
                NewProduct(name="Vazo", code="V-1", product_type="good", vat_rate=10, price="100.50", quantity=3),
                b"name=Vazo&code=V-1&product_type=good&vat_rate=10&price=100.50&quantity=3",
            ),
            (
                "create_invoice",
                "invoices",
                NewInvoice(
                    contact_id=7,
                    address_id=21,
                    order_date=date(2024, 5, 2),
                    currency="TRY",
                    items=[InvoiceItem(product_id=31, quantity="1.00", unit_price="100.00", vat_rate=20)],
                ),
                (
                    b"contact_id=7&address_id=21&order_date=2024-05-02&currency=TRY&items[0][product_id]=31"
                    b"&items[0][quantity]=1.00&items[0][unit_price]=100.00&items[0][vat_rate]=20"
                ),
            ),
            (
                "create_invoice",
                "invoices",
                NewInvoice(
                    contact_id=7,
                    address_id=21,
                    order_date="2024-05-02",
                    currency="eur",
                    items=[
                        {"product_id": 31, "quantity": 2, "unit_price": Decimal("0.10"), "vat_rate": 0},
                        {
                            "product_id": 32,
                            "quantity": "1.5",
                            "unit_price": 0,
                            "vat_rate": 1,
                            "description": "Çini & cam",
                            "discount_amount": "0.05",
                            "gtip_no": "691200500000",
                        },
                    ],
                    due_date="2024-06-02",
                    exchange_rate="35.1234",
                    document_scenario="TEMELFATURA",
                    document_type="ISTISNA",
                    vat_exemption_reason_code="301",
                    shipment_include=True,
                    order_reference=OrderReference("SIPARIS-7", "2024-05-01"),
                    return_invoice_references=[{"serial_no": "ABC2024000000001"}],
                ),
                (
                    b"contact_id=7&address_id=21&order_date=2024-05-02&currency=eur"
                    b"&items[0][product_id]=31&items[0][quantity]=2&items[0][unit_price]=0.10&items[0][vat_rate]=0"
                    b"&items[1][product_id]=32&items[1][quantity]=1.5&items[1][unit_price]=0&items[1][vat_rate]=1"
                    b"&items[1][description]=%C3%87ini+%26+cam&items[1][discount_amount]=0.05"
                    b"&items[1][gtip_no]=691200500000&due_date=2024-06-02&exchange_rate=35.1234"
                    b"&document_scenario=TEMELFATURA&document_type=ISTISNA&vat_exemption_reason_code=301"
                    b"&shipment_include=1&order_reference[serial_no]=SIPARIS-7&order_reference[issue_date]=2024-05-01"
                    b"&return_invoice_references[0][serial_no]=ABC2024000000001"
                ),
            ),
        ]
    ),
    *(
        (operation, arguments, options, "GET", f"/kolaybi/v1/{target}", b"", None)
        for operation, arguments, options, target in [
            ("list_documents", (), {}, "invoices"),
            (
                "list_documents",
                (),
                {"type": "sale_invoice", "associate_id": 7, "has_products": True},
                "invoices?type=sale_invoice&associate_id=7&has_products=1",
            ),
            ("list_documents", (), {"has_products": False}, "invoices?has_products=0"),
            ("list_associates", (), {"identity_no": "1234567803"}, "associates?identity_no=1234567803"),
            (
                "list_associates",
                (),
                {"code": "M-1", "name": "Ayşe", "surname": "Öz", "email": "a@b.example", "group": "trader"},
                "associates?code=M-1&name=Ay%C5%9Fe&surname=%C3%96z&email=a%40b.example&group=trader",
            ),
            (
                "list_products",
                (),
                {"code": "V-1", "barcode": "869", "name": "a", "type": "good", "group": "b", "full_text_search": "c"},
                "products?barcode=869&code=V-1&name=a&type=good&group=b&full_text_search=c",
            ),
            ("get_e_document", (UUID.upper(),), {}, f"invoices/e-document/view?uuid={UUID}"),
            (
                "get_e_document",
                (UUID,),
                {"direction": "inbound"},
                f"invoices/e-document/view?uuid={UUID}&direction=inbound",
            ),
            ("get_e_document_xml", (UUID,), {}, f"invoices/e-document/view?uuid={UUID}&output_type=xml"),
        ]
    ),
    *(
        ("list_invoices", (5, "outbound"), filters, "GET", LIST + query, b"", None)
        for filters, query in [
            ({}, ""),
            (
                {
                    "min_issue_date": "2024-01-01",
                    "max_issue_date": "2024-12-31",
                    "min_total_amount": 100,
                    "party_name": "KolayBi",
                },
                "&min_issue_date=2024-01-01&max_issue_date=2024-12-31&min_total_amount=100&party_name=KolayBi",
            ),
            ({"document_id": 18}, "&document_id=18"),
            ({"min_issue_date": date(2024, 1, 1)}, "&min_issue_date=2024-01-01"),
            # Late on New Year's Eve in Greenwich it is New Year's Day in Türkiye.
            ({"max_issue_date": datetime(2023, 12, 31, 22, tzinfo=UTC)}, "&max_issue_date=2024-01-01"),
            ({"min_total_amount": Decimal("20.10")}, "&min_total_amount=20.10"),
            ({"max_total_amount": Decimal("1e2")}, "&max_total_amount=100"),
            ({"max_total_amount": "1234567890123.45"}, "&max_total_amount=1234567890123.45"),
            (
                {"party_name": "Çağrı & Oğulları %1 +a/b"},
                "&party_name=%C3%87a%C4%9Fr%C4%B1+%26+O%C4%9Fullar%C4%B1+%251+%2Ba%2Fb",
            ),
            ({"party_name": None, "document_id": None}, ""),
        ]
    ),
]


@pytest.mark.parametrize(("operation", "arguments", "options", "method", "target", "body", "content_type"), FORMS)
async def test_each_call_arrives_in_the_form_of_its_page(
    operation, arguments, options, method, target, body, content_type, kolaybi, server
):
    server.answers(GOOD[operation])

    await getattr(kolaybi, operation)(*arguments, **options)

    [request] = server.requests
    assert (request.method, request.target, request.body) == (method, target, body)
    assert request.headers.get("Content-Type") == content_type
    assert "Transfer-Encoding" not in request.headers


@pytest.mark.parametrize("case", FORMS, ids=lambda case: case[0])
async def test_every_call_names_the_account_in_its_headers_and_sends_nothing_else(case, kolaybi, server, canaries):
    operation, arguments, options, *_ = case
    server.answers(GOOD[operation])

    await getattr(kolaybi, operation)(*arguments, **options)

    headers = server.requests[0].headers
    assert headers["Authorization"] == f"Bearer {canaries['token']}"
    assert headers["Channel"] == canaries["channel"]
    assert headers["Accept"] == "application/json"
    assert headers["Accept-Encoding"] == "gzip"
    framing = {"Content-Type", "Content-Length", "Connection"}
    assert set(headers) - framing == {"Host", "Authorization", "Channel", "Accept", "Accept-Encoding", "User-Agent"}


async def test_the_next_page_is_asked_for_with_the_same_filters(kolaybi, server):
    server.answers({"data": [{"document_id": 1}], "pagination": {"current_page": 1, "per_page": 1, "total": 2}})
    server.answers({"data": [{"document_id": 2}], "pagination": {"current_page": 2, "per_page": 1, "total": 2}})

    await kolaybi.list_invoices(5, "outbound", party_name="A")

    assert [request.target for request in server.requests] == [LIST + "&party_name=A", LIST + "&party_name=A&page=2"]


async def test_the_token_is_asked_for_with_the_channel_and_the_key_in_a_json_body(kolaybi_with_key, server, canaries):
    server.answers({"success": True, "data": "fresh-token"}).answers(GOOD["list_companies"])

    await kolaybi_with_key.list_companies()

    asked, called = server.requests
    assert (asked.method, asked.target) == ("POST", "/kolaybi/v1/access_token")
    assert asked.body == b'{"api_key":"%s"}' % canaries["api_key"].encode()
    assert asked.headers["Content-Type"] == JSON
    assert asked.headers["Channel"] == canaries["channel"]
    assert "Authorization" not in asked.headers
    assert called.headers["Authorization"] == "Bearer fresh-token"


def test_each_endpoint_has_the_effect_of_its_call():
    assert {endpoint.operation: endpoint.effect for endpoint in ENDPOINTS} == {
        "resend": Effect.IRREVERSIBLE,
        "create_e_document": Effect.IRREVERSIBLE,
        "proceed": Effect.MONEY,
        "list_invoices": Effect.READ,
        "list_companies": Effect.READ,
        "get_invoice": Effect.READ,
        "list_vaults": Effect.READ,
        "vault_transactions": Effect.READ,
        "undo_proceed": Effect.MONEY,
        "cancel_e_document": Effect.CANCELS,
        "delete_invoice": Effect.CANCELS,
        "create_associate": Effect.CREATES,
        "create_address": Effect.CREATES,
        "create_product": Effect.CREATES,
        "create_invoice": Effect.CREATES,
        "list_documents": Effect.READ,
        "list_associates": Effect.READ,
        "list_products": Effect.READ,
        "get_e_document": Effect.READ,
        "access_token": Effect.READ,
    }


def test_a_direction_is_the_same_whether_it_is_named_or_written():
    named = ListInvoices(5, Direction.OUTBOUND)

    assert named == ListInvoices(5, "outbound")
    assert repr(named) == repr(ListInvoices(5, "outbound"))
    assert [str(one) for one in Status][:2] == ["draft", "ready_to_send"]
