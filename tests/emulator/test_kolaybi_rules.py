"""What the emulated KolayBi allows, refuses and leaves behind."""

import json
import re
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from kolay_invoice.emulator import Emulator, Movement

CREATE = "invoices/e-document/create"
LIST = "e_document/invoices"
PAGE_UUID = "f46d5a8d-7726-4b37-bba4-973c7ab50a5b"


def assert_refused(response, status, sentence, field=None):
    body = response.json()
    assert (response.status_code, body["code"], body["success"], body["data"]) == (status, 10_000 + status, False, [])
    assert sentence in body["message"]
    assert field is None or field in body["description"]


def listed(kolaybi, **filters):
    response = kolaybi("GET", LIST, params={"company_id": 5, "direction": "outbound", **filters})
    assert response.status_code == 200
    return {row["document_id"] for row in response.json()["data"]}


def test_a_created_document_is_official(emulator, kolaybi):
    response = kolaybi("POST", CREATE, data={"document_id": 1})

    document = emulator.documents[1]
    assert response.json() == {"success": True, "data": {"document_id": 1, "uuid": str(document.uuid)}}
    assert document.uuid.version == 4
    assert document.status == "sent_to_receiver"
    assert re.fullmatch(r"[A-Z0-9]{3}20\d{2}\d{9}", document.no)
    assert emulator.executions("create-e-document", 1) == 1


@pytest.mark.parametrize(
    ("document_id", "status", "sentence", "field"),
    [
        (2, 400, "e-posta", "receiver_email"),
        (3, 400, "ready_to_send", None),
        (4, 400, "Gelen fatura", None),
        (18, 400, "ready_to_send", None),
        (20, 412, "daha önce gönderilmiş", None),
        (21, 400, "ready_to_send", None),
        (999, 404, "Fatura bulunamadı", None),
        ("", 400, "zorunludur", "document_id"),
        ("1.0", 400, "tam sayı", "document_id"),
        ("\N{ARABIC-INDIC DIGIT ONE}", 400, "tam sayı", "document_id"),
        ("9" * 5000, 400, "tam sayı", "document_id"),
    ],
)
def test_create_refuses_what_the_page_does_not_allow(emulator, kolaybi, document_id, status, sentence, field):
    before = emulator.documents

    assert_refused(kolaybi("POST", CREATE, data={"document_id": document_id}), status, sentence, field)

    assert emulator.documents == before
    assert emulator.executions("create_e_document") == 0


def test_a_body_that_is_no_form_is_not_read(kolaybi):
    assert_refused(kolaybi("POST", CREATE, json={"document_id": 1}), 400, "zorunludur", "document_id")


def test_a_failed_document_is_sent_again_under_its_own_uuid(emulator, kolaybi):
    response = kolaybi("POST", "invoices/resend/18")

    assert response.json() == {"data": {"document_id": 18, "uuid": PAGE_UUID, "status": "sent_to_receiver"}}
    assert emulator.documents[18].no == "HDB2021000008464"
    assert emulator.executions("resend", 18) == 1


def test_a_failed_document_without_a_uuid_gets_one_when_it_is_sent_again(emulator, kolaybi):
    document = emulator.add_document(status="failed")

    response = kolaybi("POST", f"invoices/resend/{document.document_id}")

    assert UUID(response.json()["data"]["uuid"]).version == 4


@pytest.mark.parametrize(
    ("document_id", "status", "sentence"),
    [
        (1, 400, "Yalnızca gönderilemeyen"),
        (20, 412, "daha önce gönderilmiş"),
        (30, 400, "Bu şirket için"),
        (999, 404, "Fatura bulunamadı"),
        ("abc", 400, "tam sayı"),
    ],
)
def test_resend_is_for_failed_documents_of_companies_that_may(emulator, kolaybi, document_id, status, sentence):
    assert_refused(kolaybi("POST", f"invoices/resend/{document_id}"), status, sentence)
    assert emulator.executions("resend") == 0


@pytest.mark.parametrize("document_id", [1, 2, 3, 4, 18, 21])
def test_proceed_collects_the_whole_amount_in_any_status(emulator, kolaybi, document_id):
    amount = emulator.documents[document_id].exchange_grand_total

    response = kolaybi("POST", "invoices/proceed", data={"document_id": document_id, "vault_id": 1})

    assert json.loads(response.text, parse_float=Decimal) == {
        "success": True,
        "data": {"transaction_status": "Tamamlandı", "remaining_amount": Decimal("0.0")},
    }
    assert emulator.documents[document_id].remaining_amount == 0
    assert emulator.movements == (Movement(document_id=document_id, vault_id=1, amount=amount),)
    assert emulator.executions("proceed", document_id) == 1


def test_parts_of_an_amount_are_collected_one_after_another(emulator, kolaybi):
    def collect(**amount):
        return kolaybi("POST", "invoices/proceed", data={"document_id": 1, "vault_id": 1, **amount})

    first, second, rest = collect(amount="100.50"), collect(amount="10"), collect()

    left = [json.loads(one.text, parse_float=str)["data"]["remaining_amount"] for one in (first, second, rest)]
    assert left == ["19.50", "9.50", "0.0"]
    assert [movement.amount for movement in emulator.movements] == [Decimal("100.50"), Decimal(10), Decimal("9.50")]
    assert emulator.executions("proceed", 1) == 3
    assert_refused(collect(amount="1"), 412, "daha önce tahsil edilmiş")


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [("120.01", "kalan tutardan"), ("0", "sıfırdan büyük"), ("-1", "sıfırdan büyük"), ("1,50", "sayı olmalıdır")],
)
def test_no_more_is_collected_than_remains_and_never_nothing(emulator, kolaybi, amount, sentence):
    response = kolaybi("POST", "invoices/proceed", data={"document_id": 1, "vault_id": 1, "amount": amount})

    assert_refused(response, 400, sentence, "amount")
    assert emulator.movements == ()


def test_a_part_of_what_was_collected_in_full_is_collected_again_where_second_times_are_executed(call_kolaybi):
    with Emulator(duplicates="execute") as emulator:
        for amount in ({}, {"amount": "20"}):
            form = {"document_id": 1, "vault_id": 1, **amount}
            assert call_kolaybi(emulator, "POST", "invoices/proceed", data=form).status_code == 200

        assert [movement.amount for movement in emulator.movements] == [Decimal("120.00"), Decimal(20)]
        assert emulator.documents[1].remaining_amount == 0


@pytest.mark.parametrize(
    ("form", "paid", "remaining"),
    [(None, "unpaid", "120.00"), ({"amount": "100.50"}, "partial", "19.50"), ({}, "paid", "0.0")],
)
def test_one_document_is_shown_with_what_is_still_owed(emulator, kolaybi, form, paid, remaining):
    if form is not None:
        kolaybi("POST", "invoices/proceed", data={"document_id": 1, "vault_id": 1, **form})

    response = kolaybi("GET", "invoices/1")

    data = json.loads(response.text, parse_float=str)["data"]
    assert data["payment_plan"] == {"payment_status_value": paid, "remaining_amount": remaining}
    assert (data["document_id"], data["uuid"], data["no"], data["status"]) == (1, None, None, "ready_to_send")
    assert emulator.executions("get_invoice", 1) == 1


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("invoices/999", 404, "Fatura bulunamadı"),
        ("invoices/abc", 400, "tam sayı"),
        ("vaults/9/transactions", 404, "Kasa/Banka"),
        ("vaults/x/transactions", 400, "tam sayı"),
    ],
)
def test_what_is_not_there_cannot_be_looked_at(kolaybi, path, status, sentence):
    assert_refused(kolaybi("GET", path), status, sentence)


def test_a_vault_shows_the_movements_that_a_collection_left_and_no_document(emulator, kolaybi):
    for vault_id, amount in ((1, "100.50"), (2, "5"), (1, "10")):
        kolaybi("POST", "invoices/proceed", data={"document_id": 1, "vault_id": vault_id, "amount": amount})

    data = json.loads(kolaybi("GET", "vaults/1/transactions").text, parse_float=Decimal)["data"]

    day = emulator.movements[0].booked_on.isoformat()
    assert data == {
        "transactionables": [
            {"id": 1, "amount": Decimal("100.50"), "description": "Fatura tahsilatı", "date": day},
            {"id": 3, "amount": 10, "description": "Fatura tahsilatı", "date": day},
        ],
        "calculations": [{"amount": Decimal("110.50"), "currency": "try"}],
    }
    vaults = {row["id"]: row for row in json.loads(kolaybi("GET", "vaults").text, parse_float=Decimal)["data"]}
    assert (vaults[1]["balance"], vaults[2]["balance"]) == (Decimal("110.50"), 5)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, {1, 2}),
        ({"type": "bank_account"}, {2}),
        ({"type": "SAFE_DEPOSIT", "currency": "TRY"}, {1}),
        ({"currency": "usd"}, set()),
    ],
)
def test_vaults_are_filtered(kolaybi, filters, found):
    assert {row["id"] for row in kolaybi("GET", "vaults", params=filters).json()["data"]} == found


@pytest.mark.parametrize(
    ("form", "status", "sentence"),
    [
        ({"document_id": 1, "vault_id": 77}, 404, "Kasa/Banka"),
        ({"document_id": 1}, 400, "vault_id"),
        ({"document_id": 77, "vault_id": 1}, 404, "Fatura"),
    ],
)
def test_proceed_needs_a_document_and_a_vault_that_exist(emulator, kolaybi, form, status, sentence):
    assert_refused(kolaybi("POST", "invoices/proceed", data=form), status, sentence)
    assert emulator.movements == ()


def test_a_vault_that_was_added_takes_money(emulator, kolaybi):
    emulator.add_vault(7, "Şube Kasası")

    assert kolaybi("POST", "invoices/proceed", data={"document_id": 1, "vault_id": 7}).status_code == 200
    assert emulator.vaults[7] == "Şube Kasası"


DUPLICATES = [
    ("create_e_document", 1, CREATE, {"document_id": 1}),
    ("resend", 18, "invoices/resend/18", None),
    ("proceed", 1, "invoices/proceed", {"document_id": 1, "vault_id": 1}),
]


@pytest.mark.parametrize(("operation", "document_id", "path", "form"), DUPLICATES)
def test_a_second_call_for_the_same_document_is_refused(emulator, kolaybi, operation, document_id, path, form):
    first = kolaybi("POST", path, data=form)
    after_first = emulator.documents

    assert first.status_code == 200
    assert_refused(kolaybi("POST", path, data=form), 412, "daha önce")
    assert emulator.documents == after_first
    assert emulator.executions(operation, document_id) == 1


@pytest.mark.parametrize(("operation", "document_id", "path", "form"), DUPLICATES)
def test_a_second_call_for_the_same_document_is_done_again_on_request(call_kolaybi, operation, document_id, path, form):
    with Emulator(duplicates="execute") as emulator:
        statuses = [call_kolaybi(emulator, "POST", path, data=form).status_code for _ in range(2)]

        assert statuses == [200, 200]
        assert emulator.executions(operation, document_id) == 2


def test_a_second_collection_books_the_money_twice(call_kolaybi):
    with Emulator(duplicates="execute") as emulator:
        for _ in range(2):
            call_kolaybi(emulator, "POST", "invoices/proceed", data={"document_id": 18, "vault_id": 1})

        assert [movement.amount for movement in emulator.movements] == [20, 20]


def test_a_second_creation_makes_a_second_official_document(call_kolaybi):
    with Emulator(duplicates="execute") as emulator:
        uuids = {
            call_kolaybi(emulator, "POST", CREATE, data={"document_id": 1}).json()["data"]["uuid"] for _ in range(2)
        }

        assert len(uuids) == 2


def test_a_row_of_the_list_is_the_one_of_the_page(emulator, kolaybi):
    kolaybi("POST", "invoices/resend/18")

    response = kolaybi("GET", LIST, params={"company_id": 5, "direction": "outbound", "document_id": 18})

    assert response.json() == {
        "data": [
            {
                "document_id": 18,
                "uuid": PAGE_UUID,
                "no": "HDB2021000008464",
                "status": "sent_to_receiver",
                "scenario": "EARSIVFATURA",
                "type": "SATIS",
                "direction": "outbound",
                "exchange_grand_total": 20,
                "exchange_grand_currency": "try",
                "grand_total": 20,
                "grand_currency": "try",
            }
        ]
    }
    assert emulator.executions("list_invoices", 18) == 1


def test_an_unsent_document_is_listed_without_uuid_and_number(kolaybi):
    params = {"company_id": 5, "direction": "outbound", "document_id": 1}
    (row,) = kolaybi("GET", LIST, params=params).json()["data"]

    assert (row["uuid"], row["no"]) == (None, None)


@pytest.mark.parametrize("amount", ["20", "20.10", "0.1", "1E+2", "1234567890123.45"])
def test_amounts_travel_with_exactly_their_digits(emulator, kolaybi, amount):
    document = emulator.add_document(grand_total=amount)

    params = {"company_id": 5, "direction": "outbound", "document_id": document.document_id}
    text = kolaybi("GET", LIST, params=params).text

    assert f'"grand_total":{amount},' in text


OUTBOUND = {1, 2, 3, 18, 20, 21}


@pytest.mark.parametrize(
    ("filters", "rows"),
    [
        ({}, OUTBOUND),
        ({"company_id": 6}, {30}),
        ({"direction": "inbound"}, {4}),
        ({"direction": "sideways"}, set()),
        ({"document_id": 18}, {18}),
        ({"document_id": 4}, set()),
        ({"min_issue_date": "2024-03-03"}, {3, 20, 21}),
        ({"max_issue_date": "2024-03-01"}, {1, 18}),
        ({"min_issue_date": "2024-03-02", "max_issue_date": "2024-03-03"}, {2, 3}),
        ({"min_total_amount": "120.01"}, {20}),
        ({"max_total_amount": "20"}, {18}),
        ({"min_total_amount": "20.00", "max_total_amount": "20.00"}, {18}),
        ({"party_name": "kolaybi yazilim"}, {20}),
        ({"party_name": "ALICI"}, {1, 2, 3, 18, 21}),
        ({"party_name": "nobody"}, set()),
        ({"min_issue_date": "", "min_total_amount": "", "party_name": "", "document_id": ""}, OUTBOUND),
    ],
)
def test_every_filter_filters(kolaybi, filters, rows):
    assert listed(kolaybi, **filters) == rows


@pytest.mark.parametrize(
    ("filters", "status", "sentence", "field"),
    [
        ({"company_id": None}, 400, "zorunludur", "company_id"),
        ({"direction": None}, 400, "zorunludur", "direction"),
        ({"company_id": 404}, 404, "Şirket", None),
        ({"company_id": "beş"}, 400, "tam sayı", "company_id"),
        ({"min_issue_date": "01.03.2024"}, 400, "YYYY-MM-DD", "min_issue_date"),
        ({"max_issue_date": "20240301"}, 400, "YYYY-MM-DD", "max_issue_date"),
        ({"min_total_amount": "çok"}, 400, "sayı", "min_total_amount"),
        ({"max_total_amount": "NaN"}, 400, "sayı", "max_total_amount"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused(emulator, kolaybi, filters, status, sentence, field):
    response = kolaybi("GET", LIST, params={"company_id": 5, "direction": "outbound", **filters})

    assert_refused(response, status, sentence, field)
    assert emulator.executions("list_invoices") == 0


def test_a_paged_list_announces_its_pages_and_keeps_them(call_kolaybi):
    with Emulator(page_size=4) as emulator:
        params = {"company_id": 5, "direction": "outbound"}
        pages = [
            call_kolaybi(emulator, "GET", LIST, params={**params, "page": page}).json() for page in ("", "1", "2", "3")
        ]

    assert [[row["document_id"] for row in page["data"]] for page in pages] == [
        [1, 2, 3, 18],
        [1, 2, 3, 18],
        [20, 21],
        [],
    ]
    assert pages[2]["pagination"] == {"current_page": 2, "per_page": 4, "total": 6}


def test_companies_have_the_resend_flag_in_the_providers_spelling(emulator, kolaybi):
    emulator.add_company(9, company_name="Yeni A.Ş.", is_invoice_resendable=False)

    body = kolaybi("GET", "companies").json()

    assert body["success"] is True
    assert [(row["company_id"], row["is_invoice_resendble"]) for row in body["data"]] == [
        (5, True),
        (6, False),
        (9, False),
    ]
    assert body["data"][0] == {
        "company_id": 5,
        "company_name": "Örnek Ticaret A.Ş.",
        "identity_no": "1234567803",
        "tax_office": "Kadıköy",
        "company_currency": "try",
        "address": {"city": "İstanbul", "district": "Kadıköy"},
        "is_invoice_resendble": True,
    }
    assert emulator.companies[9].company_name == "Yeni A.Ş."
    assert emulator.executions("list_companies") == 1


def test_a_token_is_a_plain_string_that_opens_the_account(emulator, kolaybi):
    response = kolaybi(
        "POST", "access_token", json={"api_key": emulator.kolaybi_api_key}, headers={"Authorization": ""}
    )

    token = response.json()["data"]
    assert response.json() == {"success": True, "data": token}
    assert kolaybi("GET", "companies", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert emulator.executions("access_token") == 1


@pytest.mark.parametrize(
    ("options", "status", "sentence"),
    [
        ({"json": {"api_key": "wrong"}}, 401, "API anahtarı"),
        ({"json": {"api_key": 5}}, 400, "api_key"),
        ({"json": {}}, 400, "api_key"),
        ({"json": []}, 400, "api_key"),
        ({"data": b"\xff{"}, 400, "api_key"),
        ({"data": b"[" * 100_000}, 400, "api_key"),
    ],
)
def test_a_token_is_given_for_the_right_key_only(emulator, kolaybi, options, status, sentence):
    assert_refused(kolaybi("POST", "access_token", **options), status, sentence)
    assert emulator.executions("access_token") == 0


@pytest.mark.parametrize(
    ("headers", "status", "sentence"),
    [
        ({"Authorization": "Bearer nothing"}, 401, "Erişim anahtarı"),
        ({"Authorization": "Token kolaybi-emulator-access-token"}, 401, "Erişim anahtarı"),
        ({"Authorization": None}, 401, "Erişim anahtarı"),
        ({"Channel": "another"}, 404, "Kanal bulunamadı."),
        ({"Channel": None}, 404, "Kanal bulunamadı."),
    ],
)
def test_token_and_channel_are_checked(emulator, kolaybi, headers, status, sentence):
    assert_refused(kolaybi("POST", CREATE, data={"document_id": 1}, headers=headers), status, sentence)
    assert emulator.executions("create_e_document", 1) == 0


def test_an_expired_token_opens_nothing_until_a_new_one_is_fetched(emulator, kolaybi):
    emulator.expire_tokens()

    assert_refused(kolaybi("GET", "companies"), 401, "süresi dolmuş")
    token = kolaybi("POST", "access_token", json={"api_key": emulator.kolaybi_api_key}).json()["data"]
    assert kolaybi("GET", "companies", headers={"Authorization": f"Bearer {token}"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "nowhere", 404), ("POST", "companies/", 404), ("POST", "companies", 405), ("GET", "access_token", 405)],
)
def test_what_is_no_call_of_kolaybi_is_refused_in_its_envelope(emulator, kolaybi, method, path, status):
    response = kolaybi(method, path)

    assert_refused(response, status, "")
    assert response.headers.get("Allow") == {"companies": "GET", "access_token": "POST"}.get(path)
    assert emulator.requests[-1].operation is None


def test_a_document_is_made_of_what_is_given_and_of_defaults(emulator):
    emulator.add_document(10_001)
    document = emulator.add_document(issue_date="2024-05-06", uuid=PAGE_UUID, grand_total=Decimal("7.50"))

    assert document.document_id == 10_002
    assert (document.issue_date, document.uuid) == (date(2024, 5, 6), UUID(PAGE_UUID))
    assert (document.status, document.exchange_grand_total, document.remaining_amount) == (
        "ready_to_send",
        Decimal("7.50"),
        Decimal("7.50"),
    )
    assert emulator.documents[10_002] is document


@pytest.mark.parametrize(
    ("fields", "error", "sentence"),
    [
        ({"company_id": 404}, ValueError, "company_id"),
        ({"grand_total": 0.1}, TypeError, "float"),
        ({"grand_total": True}, TypeError, "bool"),
        ({"grand_total": "lots"}, ValueError, "not an amount"),
        ({"grand_total": "Infinity"}, ValueError, "not an amount"),
    ],
)
def test_a_document_that_cannot_be_is_not_added(emulator, fields, error, sentence):
    with pytest.raises(error, match=sentence):
        emulator.add_document(5000, **fields)
    assert 5000 not in emulator.documents
