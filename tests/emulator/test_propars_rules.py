"""What the emulated Propars allows, refuses and leaves behind."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid1, uuid4

import pytest

from kolay_invoice.emulator import Emulator

FINANCE = "finance/saleinvoice"
PREVIEW = f"{FINANCE}/invoice_html_for_sale/"
SEND = f"{FINANCE}/send_invoice_for_sale/"
XML = f"{FINANCE}/get_signed_xml_for_sale/"
CANCEL = "core/sale/cancel_invoice_by_code/"
SALE = {"sale_code": "abc123"}
NUMBER = "ABC2018000000042"
DATE = "2018-05-02T09:00:00+0300"


def assert_refused(response, status, field, sentence=""):
    body = response.json()
    assert response.status_code == status
    assert list(body) == [field]
    (text,) = [body["detail"]] if field == "detail" else body[field]
    assert sentence in text


def test_the_preview_creates_the_invoice_and_shows_it(emulator, propars):
    response = propars("GET", PREVIEW, params=SALE)

    invoice = emulator.sale("abc123").invoice
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f"{invoice.uuid}" in response.text
    assert invoice.number in response.text
    assert "Önizleme" in response.text
    assert invoice.uuid.version == 4
    assert not invoice.is_sent
    assert emulator.executions("invoice_html_for_sale", "abc123") == 1


def test_a_second_preview_shows_the_same_invoice_and_ignores_other_wishes(emulator, propars):
    propars("GET", PREVIEW, params=SALE)
    invoice = emulator.sale("abc123").invoice

    response = propars("GET", PREVIEW, params={"sale_id": 1001, "invoice_number": NUMBER, "invoice_date": DATE})

    assert f"{invoice.uuid}" in response.text
    assert emulator.sale(1001).invoice == invoice
    assert emulator.executions("invoice_html_for_sale", 1001) == 2


@pytest.mark.parametrize(("method", "path"), [("GET", PREVIEW), ("POST", SEND)])
def test_the_caller_settles_uuid_number_and_date(emulator, propars, method, path):
    uuid = str(uuid4())
    wishes = {"invoice_uuid": uuid, "invoice_number": NUMBER, "invoice_date": DATE, "invoice_char_code": "ABC"}

    assert propars(method, path, params=SALE | wishes).status_code == 200

    invoice = emulator.sale("abc123").invoice
    assert (str(invoice.uuid), invoice.number) == (uuid, NUMBER)
    assert invoice.issued_at == datetime.fromisoformat(DATE)
    assert invoice.issued_at.utcoffset() == timedelta(hours=3)
    assert "invoice_date=2018-05-02T09%3A00%3A00%2B0300" in emulator.requests[-1].path_qs


def test_the_char_code_begins_the_number(emulator, propars):
    propars("GET", PREVIEW, params=SALE | {"invoice_char_code": "XYZ", "invoice_date": DATE})

    assert emulator.sale("abc123").invoice.number == "XYZ2018000000001"


def test_a_given_number_is_not_given_out_again(emulator, propars):
    wish = {"invoice_number": "EMU2018000000001", "invoice_date": DATE}
    propars("GET", PREVIEW, params=SALE | wish)
    propars("GET", PREVIEW, params={"sale_code": "abc124", "invoice_date": DATE})

    assert emulator.sale("abc124").invoice.number == "EMU2018000000002"


@pytest.mark.parametrize(("method", "path"), [("GET", PREVIEW), ("POST", SEND)])
@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        (SALE | {"invoice_uuid": str(uuid1())}, 400, "invoice_uuid"),
        (SALE | {"invoice_uuid": "nothing"}, 400, "invoice_uuid"),
        (SALE | {"invoice_uuid": uuid4().hex}, 400, "invoice_uuid"),
        (SALE | {"invoice_number": "ABC123"}, 400, "invoice_number"),
        (SALE | {"invoice_number": "abc2018000000042"}, 400, "invoice_number"),
        (SALE | {"invoice_number": "ABC1918000000042"}, 400, "invoice_number"),
        (SALE | {"invoice_char_code": "AB"}, 400, "invoice_char_code"),
        (SALE | {"invoice_date": "2018-05-02T09:00:00"}, 400, "invoice_date"),
        (SALE | {"invoice_date": "2018-05-02T09:00:00 0300"}, 400, "invoice_date"),
        (SALE | {"invoice_date": "yesterday"}, 400, "invoice_date"),
        ({}, 400, "non_field_errors"),
        (SALE | {"sale_id": "1001"}, 400, "non_field_errors"),
        ({"sale_id": "x"}, 400, "sale_id"),
        ({"sale_id": "77"}, 404, "detail"),
        ({"sale_code": "77"}, 404, "detail"),
    ],
)
def test_a_wish_that_cannot_be_granted_is_refused(emulator, propars, method, path, query, status, field):
    assert_refused(propars(method, path, params=query), status, field)
    assert emulator.sale("abc123").invoice is None
    assert emulator.executions("invoice_html_for_sale") + emulator.executions("send_invoice") == 0


def test_a_plus_that_travels_bare_is_not_a_plus(emulator, propars):
    assert_refused(propars("GET", f"{PREVIEW}?sale_code=abc123&invoice_date={DATE}"), 400, "invoice_date")
    assert emulator.sale("abc123").invoice is None


def test_a_number_is_used_once_even_after_its_invoice_was_cancelled(emulator, propars):
    propars("GET", PREVIEW, params=SALE | {"invoice_number": NUMBER})
    propars("PATCH", CANCEL, params=SALE)

    response = propars("GET", PREVIEW, params={"sale_code": "abc124", "invoice_number": NUMBER})

    assert_refused(response, 400, "invoice_number", "daha önce kullanılmış")
    assert emulator.sale("abc124").invoice is None


def test_a_repeated_uuid_is_accepted_because_no_refusal_is_documented(emulator, propars):
    uuid = str(uuid4())
    for code in ("abc123", "abc124"):
        propars("GET", PREVIEW, params={"sale_code": code, "invoice_uuid": uuid})

    assert emulator.sale("abc123").invoice.uuid == emulator.sale("abc124").invoice.uuid


@pytest.mark.parametrize(("method", "path"), [("GET", PREVIEW), ("POST", SEND)])
def test_without_automatic_dating_an_invoice_needs_a_date(call_propars, method, path):
    with Emulator(automatic_dating=False) as emulator:
        propars = partial(call_propars, emulator)

        assert_refused(propars(method, path, params=SALE), 400, "invoice_date", "zorunludur")
        assert propars(method, path, params=SALE | {"invoice_date": DATE}).status_code == 200


def by_sale_code(_):
    return SEND, SALE


def by_sale_id(_):
    return SEND, {"sale_id": 1001}


def by_invoice_id(emulator):
    return f"{FINANCE}/{emulator.sale('abc123').invoice.id}/send_invoice/", {}


@pytest.mark.parametrize("selector", [by_sale_code, by_sale_id, by_invoice_id])
def test_an_invoice_is_sent_by_any_of_its_names(emulator, propars, selector):
    propars("GET", PREVIEW, params=SALE | {"invoice_date": DATE})
    path, query = selector(emulator)

    response = propars("POST", path, params=query)

    sale = emulator.sale("abc123")
    assert sale.invoice.is_sent
    assert response.json() == {
        "id": sale.invoice.id,
        "sale_id": 1001,
        "sale_code": "abc123",
        "invoice_uuid": str(sale.invoice.uuid),
        "invoice_number": sale.invoice.number,
        "invoice_date": DATE,
        "invoice_type": "e_archive",
        "status": "sent",
        "total_amount": 120.0,
        "currency": "TRY",
    }
    assert '"total_amount":120.00,' in response.text
    assert [emulator.executions("send-invoice", name) for name in (1001, "abc123", sale.invoice.id)] == [1, 1, 1]


def test_a_sale_without_an_invoice_gets_one_when_it_is_sent(emulator, propars):
    assert propars("POST", SEND, params={"sale_code": "TOPTAN-7"}).json()["invoice_type"] == "e_invoice"
    assert emulator.sale("TOPTAN-7").invoice.is_sent
    assert "Gönderildi" in propars("GET", PREVIEW, params={"sale_code": "TOPTAN-7"}).text


def test_a_second_send_of_a_sale_is_refused(emulator, propars):
    propars("POST", SEND, params=SALE)

    assert_refused(propars("POST", SEND, params=SALE), 412, "detail", "daha önce gönderilmiş")
    assert emulator.executions("send_invoice", "abc123") == 1


def test_a_second_send_of_a_sale_is_done_again_on_request(call_propars):
    with Emulator(duplicates="execute") as emulator:
        first, second = (call_propars(emulator, "POST", SEND, params=SALE) for _ in range(2))

        assert first.json() == second.json()
        assert emulator.executions("send_invoice", "abc123") == 2


@pytest.mark.parametrize("operation", ["send_invoice", "get_signed_xml"])
@pytest.mark.parametrize("invoice_id", ["5", "abc"])
def test_an_invoice_that_does_not_exist_is_not_found(propars, operation, invoice_id):
    method = {"send_invoice": "POST", "get_signed_xml": "GET"}[operation]

    assert_refused(propars(method, f"{FINANCE}/{invoice_id}/{operation}/"), 404, "detail", "Bulunamadı.")


def test_the_signed_xml_is_there_only_after_the_send(emulator, propars):
    assert_refused(propars("GET", XML, params=SALE), 404, "detail", "bulunamadı")
    propars("GET", PREVIEW, params=SALE)
    assert_refused(propars("GET", XML, params=SALE), 404, "detail", "bulunamadı")
    propars("POST", SEND, params=SALE)

    invoice = emulator.sale("abc123").invoice
    answers = [
        propars("GET", XML, params=SALE),
        propars("GET", XML, params={"sale_id": 1001}),
        propars("GET", f"{FINANCE}/{invoice.id}/get_signed_xml/"),
    ]

    assert {answer.content for answer in answers} == {invoice.signed_xml}
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/xml"}
    assert emulator.executions("get_signed_xml", "abc123") == 3


@pytest.mark.parametrize(
    ("path", "query"), [(CANCEL, SALE), ("core/sale/1001/cancel_invoice/", {})], ids=["by code", "by id"]
)
@pytest.mark.parametrize("is_sent", [False, True])
def test_an_archive_invoice_is_cancelled_until_its_report_goes(emulator, propars, path, query, is_sent):
    propars("POST" if is_sent else "GET", SEND if is_sent else PREVIEW, params=SALE)

    response = propars("PATCH", path, params=query)

    sale = emulator.sale("abc123")
    assert (response.status_code, response.json()["status"]) == (200, "cancelled")
    assert sale.invoice is None
    assert [invoice.status for invoice in sale.cancelled] == ["cancelled"]
    assert emulator.executions("cancel_invoice", "abc123") == 1


def test_an_archive_invoice_whose_report_went_stays(emulator, propars):
    propars("POST", SEND, params=SALE)
    assert emulator.report_to_gib("abc123").invoice.reported

    assert_refused(propars("PATCH", CANCEL, params=SALE), 400, "detail", "Raporu")
    assert emulator.sale("abc123").invoice is not None


def test_an_e_invoice_is_cancelled_before_it_is_sent_and_not_after(propars):
    sale = {"sale_code": "TOPTAN-7"}
    propars("GET", PREVIEW, params=sale)
    assert propars("PATCH", CANCEL, params=sale).status_code == 200

    propars("POST", SEND, params=sale)
    assert_refused(propars("PATCH", CANCEL, params=sale), 400, "detail", "e-fatura")


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        (f"{CANCEL}?sale_code=abc123", 400, "detail"),
        (f"{CANCEL}?sale_code=77", 404, "detail"),
        (CANCEL, 400, "sale_code"),
        ("core/sale/77/cancel_invoice/", 404, "detail"),
        ("core/sale/abc/cancel_invoice/", 404, "detail"),
    ],
)
def test_cancelling_needs_a_sale_with_an_invoice(propars, path, status, field):
    assert_refused(propars("PATCH", path), status, field)


def test_a_late_second_cancel_hits_the_newer_invoice_of_the_sale(emulator, propars):
    for _ in range(2):
        propars("POST", SEND, params=SALE)
        propars("PATCH", CANCEL, params=SALE)

    first, second = emulator.sale("abc123").cancelled
    assert first.number != second.number
    assert emulator.executions("cancel_invoice", first.id) == 2


def test_a_cancelled_invoice_is_not_sent_but_its_signed_xml_stays(emulator, propars):
    propars("POST", SEND, params=SALE)
    invoice = emulator.sale("abc123").invoice
    propars("PATCH", CANCEL, params=SALE)

    assert_refused(propars("POST", f"{FINANCE}/{invoice.id}/send_invoice/"), 400, "detail", "İptal edilmiş")
    assert propars("GET", f"{FINANCE}/{invoice.id}/get_signed_xml/").content == invoice.signed_xml
    assert_refused(propars("GET", XML, params=SALE), 404, "detail")


def test_the_page_escapes_what_the_sale_says(emulator, propars):
    emulator.add_sale("x&y", buyer="<script>alert(1)</script>")

    text = propars("GET", PREVIEW, params={"sale_code": "x&y"}).text

    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "x&amp;y" in text


def test_a_token_comes_with_the_moment_it_ends(emulator, propars):
    credentials = {"username": emulator.propars_username, "password": emulator.propars_password}
    given = propars("POST", "api-token-auth/", json=credentials, headers={"Authorization": None}).json()

    assert datetime.fromisoformat(given["expire_date"]).utcoffset() == timedelta(hours=3)
    answer = propars("GET", PREVIEW, params=SALE, headers={"Authorization": f"Token {given['token']}"})
    assert answer.status_code == 200
    assert emulator.executions("api_token_auth") == 1


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"json": {"username": "a", "password": "b"}}, "non_field_errors"),
        ({"json": {"username": "a"}}, "password"),
        ({"json": {"password": "a"}}, "username"),
        ({"data": "no json"}, "detail"),
    ],
)
def test_a_token_is_given_for_the_right_password_only(emulator, propars, options, field):
    assert_refused(propars("POST", "api-token-auth/", **options), 400, field)
    assert emulator.executions("api_token_auth") == 0


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (None, "Giriş bilgileri"),
        ("Bearer propars-emulator-token", "Giriş bilgileri"),
        ("Token nothing", "Geçersiz token."),
    ],
)
def test_the_token_is_checked(emulator, propars, header, sentence):
    response = propars("POST", SEND, params=SALE, headers={"Authorization": header})

    assert_refused(response, 401, "detail", sentence)
    assert response.headers["WWW-Authenticate"] == "Token"
    assert emulator.sale("abc123").invoice is None


def test_an_expired_token_opens_nothing(emulator, propars):
    emulator.expire_tokens()

    assert_refused(propars("GET", PREVIEW, params=SALE), 401, "detail", "Geçersiz token.")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", SEND.rstrip("/"), 404),
        ("PATCH", SEND, 405),
        ("POST", CANCEL, 405),
        ("GET", "core/item/", 404),
        # To the provider this is an invoice whose id is no number.
        ("GET", SEND, 404),
    ],
)
def test_what_is_no_call_of_propars_is_refused_in_its_shape(propars, method, path, status):
    assert_refused(propars(method, path, params=SALE), status, "detail")


def test_a_sale_is_made_of_what_is_given_and_of_defaults(emulator):
    emulator.add_sale(sale_id=20_001)
    sale = emulator.add_sale(total="49.90")

    assert (sale.sale_id, sale.sale_code, sale.total) == (20_002, "SIPARIS-20002", Decimal("49.90"))
    assert emulator.sales[20_002] is emulator.sale("SIPARIS-20002")


@pytest.mark.parametrize("taken", [{"sale_code": "abc123"}, {"sale_id": 1001}])
def test_two_sales_never_share_a_name(emulator, taken):
    with pytest.raises(ValueError, match="another sale"):
        emulator.add_sale(**taken)


def test_a_sale_code_that_no_document_can_hold_is_not_added(emulator):
    with pytest.raises(ValueError, match="sale_code"):
        emulator.add_sale("a\x00b")


def test_a_sale_that_is_not_there_is_not_reported_or_counted(emulator):
    with pytest.raises(KeyError):
        emulator.sale("nothing")
    with pytest.raises(ValueError, match="no invoice"):
        emulator.report_to_gib("abc123")
    assert emulator.executions("send_invoice", "nothing") == 0


def shown(propars, **query):
    response = propars("GET", "core/sale/", params=query)
    assert response.status_code == 200
    return [row["sale_code"] for row in response.json()["results"]]


def test_a_sale_shows_what_became_of_its_invoice(emulator, propars):
    before = propars("GET", "core/sale/1001/").json()
    propars("POST", SEND, params=SALE)
    after = propars("GET", "core/sale/1001/").json()

    invoice = emulator.sale("abc123").invoice
    assert (before["invoiced"], before["invoice_sent"], before["invoice_number"]) == (False, False, None)
    assert (after["invoiced"], after["invoice_sent"], after["invoice_number"]) == (True, True, invoice.number)
    assert propars("GET", f"finance/saleinvoice/{invoice.id}/").json()["invoice_uuid"] == str(invoice.uuid)
    assert emulator.executions("get_sale", "abc123") == 2
    assert emulator.executions("get_sale_invoice", "abc123") == 1


@pytest.mark.parametrize(
    "path", ["core/sale/999/", "core/sale/x/", "finance/saleinvoice/999/", "finance/saleinvoice/x/"]
)
def test_a_sale_or_invoice_that_is_not_there_cannot_be_looked_at(propars, path):
    assert_refused(propars("GET", path), 404, "detail", "Bulunamadı.")


def test_sales_are_filtered(emulator, propars):
    propars("POST", SEND, params=SALE)
    propars("GET", PREVIEW, params={"sale_code": "abc124"})
    number = emulator.sale("abc123").invoice.number
    today = emulator.sale("abc123").ordered_at.date()
    tomorrow = (today + timedelta(days=1)).isoformat()

    assert shown(propars) == ["abc123", "abc124", "TOPTAN-7"]
    assert shown(propars, invoiced="true") == ["abc123", "abc124"]
    assert shown(propars, invoiced="False") == ["TOPTAN-7"]
    assert shown(propars, invoiced="perhaps") == ["abc123", "abc124", "TOPTAN-7"]
    assert shown(propars, invoice_sent="true") == ["abc123"]
    assert shown(propars, invoice_sent="false") == ["abc124", "TOPTAN-7"]
    assert shown(propars, invoice_number=number) == ["abc123"]
    assert shown(propars, status="new") == shown(propars, common_status="new") == ["TOPTAN-7"]
    assert shown(propars, source="website") == []
    assert shown(propars, search="TOPTAN") == ["TOPTAN-7"]
    assert len(shown(propars, order_start_date=today.isoformat(), order_end_date=today.isoformat())) == 3
    assert shown(propars, order_start_date=tomorrow) == []
    assert shown(propars, order_end_date="2000-01-01") == []
    assert_refused(propars("GET", "core/sale/", params={"order_end_date": "soon"}), 400, "order_end_date")


@pytest.mark.parametrize(
    ("ordering", "codes"),
    [
        ("id", ["abc123", "abc124", "TOPTAN-7"]),
        ("-id", ["TOPTAN-7", "abc124", "abc123"]),
        ("sale_code", ["TOPTAN-7", "abc123", "abc124"]),
        ("unknown", ["abc123", "abc124", "TOPTAN-7"]),
    ],
)
def test_sales_are_ordered(propars, ordering, codes):
    assert shown(propars, ordering=ordering) == codes
    assert len(shown(propars, ordering="order_date")) == 3


def test_sales_come_in_pages(propars):
    page = propars("GET", "core/sale/", params={"limit": 2, "offset": 1}).json()

    assert [row["sale_code"] for row in page["results"]] == ["abc124", "TOPTAN-7"]
    assert (page["count"], page["page_context"]) == (3, {"limit": 2, "offset": 1})


def test_a_wrong_echo_speaks_of_other_sales(emulator, propars):
    emulator.fault("list_sales", "wrong-echo")
    emulator.fault("get_sale", "wrong-echo")

    assert [row["id"] for row in propars("GET", "core/sale/").json()["results"]] == [1002, 1003, 1004]
    assert propars("GET", "core/sale/1001/").json()["id"] == 1002


# Saving a sale

SAVE = "core/sale/create_nested/"
NEW_SALE = {
    "sale_code": "S-1",
    "order_date": DATE,
    "customer_detail": {"name": "Fatma Kaya"},
    "items": [{"product_name": "Vazo"}, {"product_name": "Bardak", "quantity": 3, "unit_price": "10.50"}],
}


def test_a_sale_is_created_and_the_same_code_updates_it(emulator, propars):
    created = propars("POST", SAVE, json=NEW_SALE)
    updated = propars("POST", SAVE, json=NEW_SALE | {"source": "website", "items": [{"product_name": "Tabak"}]})

    sale = emulator.sale("S-1")
    assert (created.status_code, updated.status_code) == (201, 200)
    assert created.json()["id"] == updated.json()["id"] == sale.sale_id
    assert created.json()["total_amount"] == 151.5
    assert (sale.buyer, sale.buyer_identity, sale.item, sale.source) == (
        "Fatma Kaya",
        "11111111111",
        "Tabak",
        "website",
    )
    assert emulator.executions("save_sale", "S-1") == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sale_code": ""}, "sale_code"),
        ({"customer_detail": "Fatma"}, "customer_detail"),
        ({"customer_detail": {}}, "name"),
        ({"customer_detail": {"name": "F", "tax_number": "12"}}, "tax_number"),
        ({"customer_detail": {"name": "F", "customer_type": "x"}}, "customer_type"),
        ({"items": []}, "items"),
        ({"items": [{}]}, "product_name"),
        ({"items": [{"product_name": "V", "unit_price": "much"}]}, "unit_price"),
        ({"items": [{"product_name": "V", "price": 1, "quantity": -1}]}, "quantity"),
        ({"box": "OUTBOX"}, "box"),
        ({"currency": 9}, "currency"),
        ({"order_date": None}, "order_date"),
        ({"order_date": "2018-05-02T09:00:00"}, "order_date"),
        ({"order_date": "yesterday"}, "order_date"),
    ],
)
def test_a_sale_that_is_not_of_the_page_is_refused(emulator, propars, changes, field):
    assert_refused(propars("POST", SAVE, json=NEW_SALE | changes), 400, field)
    assert "S-1" not in {sale.sale_code for sale in emulator.sales.values()}


def test_a_sale_that_is_no_json_or_whose_invoice_was_sent_is_refused(emulator, propars):
    propars("POST", SEND, params=SALE)

    assert_refused(propars("POST", SAVE, data=b"{"), 400, "detail")
    assert_refused(propars("POST", SAVE, json=NEW_SALE | SALE), 400, "detail", "gönderilmiş satış")
