"""KolayBi's replies as values: the samples of its pages, the other names seen, exact numbers, pages of lists."""

from __future__ import annotations

import json
from decimal import Decimal
from uuid import UUID

import pytest

from kolay_invoice import (
    Address,
    AsyncKolayBi,
    Collection,
    Company,
    CreateEDocument,
    EDocument,
    InvalidRequestError,
    Invoice,
    InvoicePage,
    ListCompanies,
    ListInvoices,
    OutcomeUnknownError,
    Proceed,
    Resend,
    ResentInvoice,
    UnexpectedReplyError,
)
from kolay_invoice.emulator import Emulator
from kolay_invoice.kolaybi.replies import interpret
from kolay_invoice.result import Accepted, HttpResponse

ETTN = "f46d5a8d-7726-4b37-bba4-973c7ab50a5b"
LIST = ListInvoices(5, "outbound")
ROW = {
    "document_id": 18,
    "uuid": ETTN,
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
INVOICE = Invoice(
    document_id=18,
    uuid=UUID(ETTN),
    no="HDB2021000008464",
    status="sent_to_receiver",
    scenario="EARSIVFATURA",
    type="SATIS",
    direction="outbound",
    exchange_grand_total=Decimal(20),
    exchange_grand_currency="try",
    grand_total=Decimal(20),
    grand_currency="try",
)


@pytest.fixture
def reply():
    """Return what a request is answered with when this JSON comes with a 200."""

    def reply(request, content):
        endpoint = AsyncKolayBi.profile.endpoints[type(request)]
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        verdict = interpret(endpoint, HttpResponse(200, {}, body))
        assert isinstance(verdict, Accepted)
        return endpoint.decode(request, verdict.content)

    return reply


SAMPLES = [
    (
        Resend(18),
        {"data": {"document_id": 18, "uuid": ETTN, "status": "sent_to_receiver"}},
        ResentInvoice(18, UUID(ETTN), "sent_to_receiver"),
    ),
    (Resend(18), {"data": {"document_id": 18}}, ResentInvoice(18)),
    (CreateEDocument(1), {"success": True, "data": {"document_id": 1, "uuid": ETTN}}, EDocument(1, UUID(ETTN))),
    (
        Proceed(1, 1),
        {"success": True, "data": {"transaction_status": "Tamamlandı", "remaining_amount": 0.0}},
        Collection("Tamamlandı", Decimal("0.0")),
    ),
    (LIST, {"data": [ROW]}, InvoicePage((INVOICE,))),
    (LIST, {"success": True, "message": None, "data": [ROW]}, InvoicePage((INVOICE,))),
    (LIST, {"data": []}, InvoicePage(())),
    (
        ListCompanies(),
        {
            "success": True,
            "data": [
                {
                    "company_id": 5,
                    "company_name": "Örnek A.Ş.",
                    "identity_no": "1234567803",
                    "tax_office": "Kadıköy",
                    "company_currency": "TRY",
                    "address": {"city": "İstanbul", "district": "Kadıköy"},
                    "is_invoice_resendble": True,
                }
            ],
        },
        (
            Company(
                5,
                "Örnek A.Ş.",
                "1234567803",
                "Kadıköy",
                "TRY",
                Address("İstanbul", "Kadıköy"),
                is_invoice_resendable=True,
            ),
        ),
    ),
    (ListCompanies(), {"data": [{"company_id": 5}]}, (Company(5),)),
    (ListCompanies(), {"data": [{"company_id": 5, "address": None}]}, (Company(5),)),
]


@pytest.mark.parametrize(("request_", "content", "value"), SAMPLES)
def test_each_sample_decodes_to_its_value(request_, content, value, reply):
    assert reply(request_, content) == value


OTHER_NAMES = [
    ("document_id", "commercial_doc_id"),
    ("document_id", "id"),
    ("uuid", "document_uuid"),
    ("uuid", "ettn"),
    ("no", "document_no"),
    ("no", "serial_no"),
    ("status", "document_status"),
    ("scenario", "document_scenario"),
    ("type", "document_type"),
]


@pytest.mark.parametrize(("name", "other"), OTHER_NAMES)
def test_a_field_under_another_name_decodes_to_the_same_value(name, other, reply):
    row = {other if key == name else key: value for key, value in ROW.items()}

    assert reply(LIST, {"data": [row]}).invoices == (INVOICE,)


@pytest.mark.parametrize(("name", "other"), OTHER_NAMES)
def test_the_name_of_the_page_counts_first_and_the_other_value_is_kept(name, other, reply):
    [invoice] = reply(LIST, {"data": [{**ROW, other: "another"}]}).invoices

    assert getattr(invoice, name) == getattr(INVOICE, name)
    assert invoice.extra == {other: "another"}


@pytest.mark.parametrize(("name", "other"), OTHER_NAMES[:3])
def test_a_name_without_a_value_gives_way_to_one_with_a_value(name, other, reply):
    [invoice] = reply(LIST, {"data": [{**ROW, name: None, other: ROW[name]}]}).invoices

    assert invoice == INVOICE


@pytest.mark.parametrize("name", ["status", "scenario", "type"])
def test_a_value_that_comes_as_an_object_is_read_by_its_key_and_loses_nothing(name, reply):
    told = {"key": ROW[name], "value": "Alıcıya ulaştı", "description": "…"}

    [invoice] = reply(LIST, {"data": [{**ROW, name: told}]}).invoices

    assert getattr(invoice, name) == ROW[name]
    assert invoice.extra == {name: told}


@pytest.mark.parametrize("name", ["status", "scenario", "type", "direction", "grand_currency"])
def test_an_unknown_value_is_kept(name, reply):
    [invoice] = reply(LIST, {"data": [{**ROW, name: "YEPYENİ"}]}).invoices

    assert getattr(invoice, name) == "YEPYENİ"


@pytest.mark.parametrize(
    ("request_", "content", "found"),
    [
        (LIST, {"data": [{**ROW, "new": {"a": [1]}}]}, lambda page: page.invoices[0]),
        (Resend(18), {"data": {"document_id": 18, "new": {"a": [1]}}}, lambda reply: reply),
        (CreateEDocument(1), {"data": {"document_id": 1, "uuid": ETTN, "new": {"a": [1]}}}, lambda reply: reply),
        (
            Proceed(1, 1),
            {"data": {"transaction_status": "x", "remaining_amount": 0, "new": {"a": [1]}}},
            lambda reply: reply,
        ),
        (ListCompanies(), {"data": [{"company_id": 5, "new": {"a": [1]}}]}, lambda companies: companies[0]),
        (ListCompanies(), {"data": [{"company_id": 5, "address": {"new": {"a": [1]}}}]}, lambda c: c[0].address),
    ],
)
def test_an_unknown_field_is_kept(request_, content, found, reply):
    assert found(reply(request_, content)).extra == {"new": {"a": [1]}}


def test_the_older_reply_to_proceed_keeps_its_other_fields(reply):
    older = {"transaction_type": "in", "payment_method": "cash", "issue_date": "2024-01-01", "currency": "TRY"}

    collection = reply(
        Proceed(1, 1), {"data": {"transaction_status": "x", "remaining_amount": 0, "document_id": 1, **older}}
    )

    assert collection.extra == {**older, "document_id": 1}


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        ("0.1", "0.1"),
        ("20", "20"),
        ("1e2", "1e2"),
        ("1E2", "100"),
        ("1234567890123.45", "1234567890123.45"),
        ("20.10", "20.10"),
        ("-0.01", "-0.01"),
        ("12345678901234567890.123456789", "12345678901234567890.123456789"),
        ('"1250.75"', "1250.75"),
    ],
)
def test_an_amount_is_exact_to_the_digit(written, exact, reply):
    body = f'{{"data": {{"transaction_status": "x", "remaining_amount": {written}}}}}'.encode()

    amount = reply(Proceed(1, 1), body).remaining_amount

    assert (amount, len(amount.as_tuple().digits)) == (
        Decimal(exact),
        len(Decimal(written.strip('"')).as_tuple().digits),
    )


@pytest.mark.parametrize("blank", [None, ""])
def test_a_row_without_an_ettn_has_none(blank, reply):
    [invoice] = reply(LIST, {"data": [{**ROW, "uuid": blank}]}).invoices

    assert invoice.uuid is None
    assert invoice.extra == {}


# The request, a reply, and what the error says about it.
MISFITS = [
    (CreateEDocument(1), {"data": {"document_id": 1, "uuid": None}}, "expected a UUID, got null @ $.uuid"),
    (CreateEDocument(1), {"data": {"document_id": 1}}, "required field missing @ $.uuid"),
    (CreateEDocument(1), {"data": {"document_id": 1, "uuid": "None"}}, "not a valid UUID @ $.uuid"),
    (CreateEDocument(1), {"data": {"document_id": 1, "uuid": 7}}, "expected a UUID, got int @ $.uuid"),
    (CreateEDocument(1), {"data": {"document_id": None, "uuid": ETTN}}, "expected int, got null @ $.document_id"),
    (CreateEDocument(1), {"data": {"document_id": "1", "uuid": ETTN}}, "expected int, got str @ $.document_id"),
    (CreateEDocument(1), {"data": {"document_id": True, "uuid": ETTN}}, "expected int, got bool @ $.document_id"),
    (CreateEDocument(1), {"data": {"document_id": 1.0, "uuid": ETTN}}, "expected int, got Decimal @ $.document_id"),
    (CreateEDocument(1), {"data": {"document_id": 2, "uuid": ETTN}}, "it is for another document_id"),
    (CreateEDocument(1), {"data": [1]}, "expected an object, got list @ $"),
    (CreateEDocument(1), {"data": "text"}, "expected an object, got str @ $"),
    (Resend(18), {"data": {"document_id": 19}}, "it is for another document_id"),
    (Resend(18), {"data": {"document_id": 18, "status": 7}}, "expected str, got int @ $.status"),
    (
        Proceed(1, 1),
        {"data": {"transaction_status": None, "remaining_amount": 0}},
        "expected str, got null @ $.transaction_status",
    ),
    (
        Proceed(1, 1),
        {"data": {"transaction_status": " ", "remaining_amount": 0}},
        "required field missing @ $.transaction_status",
    ),
    (
        Proceed(1, 1),
        {"data": {"transaction_status": "x", "remaining_amount": None}},
        "expected a number, got null @ $.remaining_amount",
    ),
    (
        Proceed(1, 1),
        {"data": {"transaction_status": "x", "remaining_amount": True}},
        "expected a number, got bool @ $.remaining_amount",
    ),
    (
        Proceed(1, 1),
        {"data": {"transaction_status": "x", "remaining_amount": "twenty"}},
        "expected a number, got str @ $.remaining_amount",
    ),
    (
        Proceed(1, 1),
        {"data": {"transaction_status": "x", "remaining_amount": 10**41}},
        "not a valid Decimal @ $.remaining_amount",
    ),
    (
        Proceed(1, 1),
        {"data": {"transaction_status": "x", "remaining_amount": 0, "document_id": 2}},
        "it is for another document_id",
    ),
    (LIST, {"data": [ROW, {**ROW, "no": 7}]}, "expected str, got int @ $[1].no"),
    (LIST, {"data": [ROW, {**ROW, "document_id": None}]}, "expected int, got null @ $[1].document_id"),
    (LIST, {"data": [ROW, None]}, "expected an object, got null @ $[1]"),
    (LIST, {"data": {"rows": []}}, "expected a list of rows, got dict @ $.data"),
    (LIST, {"data": "none"}, "expected a list of rows, got str @ $.data"),
    (LIST, {"data": [{**ROW, "direction": "inbound"}]}, "another direction"),
    (ListInvoices(5, "outbound", document_id=19), {"data": [ROW]}, "another document_id"),
    (ListCompanies(), {"data": [{"company_id": 5, "company_name": 5}]}, "expected str, got int @ $[0].company_name"),
    (
        ListCompanies(),
        {"data": [{"company_id": 5, "address": {"city": 5}}]},
        "expected str, got int @ $[0].address.city",
    ),
    (ListCompanies(), {"data": [{"company_id": 5}], "meta": {"last_page": 2}}, "further pages of companies"),
    (
        ListCompanies(),
        {"data": [{"company_id": 5}], "next_page_url": "https://x/?page=2"},
        "further pages of companies",
    ),
]


@pytest.mark.parametrize(("request_", "content", "sentence"), MISFITS)
def test_a_reply_that_does_not_fit_is_an_error_with_the_path_and_without_the_value(request_, content, sentence, reply):
    with pytest.raises(ValueError) as caught:
        reply(request_, content)

    assert sentence in str(caught.value)
    assert "None" not in str(caught.value)


async def test_null_where_a_text_should_be_is_an_error_with_its_path_for_the_caller(kolaybi, server, no_waits):
    server.answers({"data": [{**ROW, "document_id": None}]})
    server.answers({"success": True, "data": {"transaction_status": None, "remaining_amount": 0}})

    with pytest.raises(UnexpectedReplyError, match=r"expected int, got null @ \$\[0\]\.document_id"):
        await kolaybi.list_invoices(5, "outbound")
    with pytest.raises(OutcomeUnknownError, match=r"expected str, got null @ \$\.transaction_status"):
        await kolaybi.proceed(1, 1)
    assert len(server.requests) == 2


def test_an_unknown_direction_contradicts_nothing(reply):
    with pytest.warns(UserWarning, match="direction='OUT'"):
        request = ListInvoices(5, "OUT")
    [invoice] = reply(request, {"data": [ROW]}).invoices

    assert invoice.direction == "outbound"


def test_a_token_is_text_and_nothing_else(kolaybi_with_key):
    decode = {e.operation: e.decode for e in kolaybi_with_key.endpoints.values()}["access_token"]

    assert decode(None, {"data": "token"}) == "token"
    for unusable in ({"token": "x"}, 7, "two words", "", None):
        with pytest.raises(ValueError):
            decode(None, {"data": unusable})


# Each shape in which a reply can announce pages: of the page asked for, of how many there are, and its rows.
SHAPES = {
    "pagination": lambda page, pages, rows: {
        "data": rows,
        "pagination": {"current_page": page, "per_page": 1, "total": pages},
    },
    "pagination in texts": lambda page, pages, rows: {
        "data": rows,
        "pagination": {"current_page": str(page), "per_page": "1", "total": str(pages)},
    },
    "meta": lambda page, pages, rows: {"data": rows, "meta": {"last_page": pages}},
    "meta in texts": lambda page, pages, rows: {"data": rows, "meta": {"last_page": str(pages)}},
    "paginator": lambda page, pages, rows: {"data": {"data": rows, "current_page": page, "last_page": pages}},
    "total without a size": lambda page, pages, rows: {"data": rows, "pagination": {"total": pages}},
    "a number of pages": lambda page, pages, rows: {"data": rows, "pagination": {"total_pages": pages}},
    "paginator beside the rows": lambda page, pages, rows: {
        "data": rows,
        "current_page": page,
        "last_page": pages,
        "total": pages,
        "per_page": 1,
    },
    "no more than the next address": lambda page, pages, rows: {
        "data": {"data": rows, "next_page_url": f"https://x/?page={page + 1}" if page < pages else None}
    },
    "the next address beside the rows": lambda page, pages, rows: {
        "data": rows,
        "next_page_url": f"https://x/?page={page + 1}" if page < pages else None,
    },
    "links": lambda page, pages, rows: {
        "data": rows,
        "links": {"next": f"https://x/?page={page + 1}" if page < pages else None},
        "meta": {"current_page": page, "per_page": 1},
    },
    "links of a paginator": lambda page, pages, rows: {
        "data": {"data": rows, "links": {"next": f"https://x/?page={page + 1}" if page < pages else None}}
    },
    "a word that there is more": lambda page, pages, rows: {"data": rows, "pagination": {"has_more": page < pages}},
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
async def test_announced_pages_are_followed_to_the_last(shape, kolaybi, server):
    for page in (1, 2, 3):
        server.answers(shape(page, 3, [{**ROW, "document_id": page}]))

    rows = await kolaybi.list_invoices(5, "outbound")

    assert [row.document_id for row in rows] == [1, 2, 3]
    assert [request.target.partition("&page=")[2] for request in server.requests] == ["", "2", "3"]


@pytest.mark.parametrize(
    "envelope",
    [
        {"pagination": {"current_page": 1, "per_page": 10, "total": 1}},
        {"pagination": {"current_page": 1, "per_page": 0, "total": 1}},
        {"pagination": {"current_page": 1}},
        {"pagination": None},
        {"pagination": []},
        {"meta": {"last_page": 1}},
        {"meta": {"last_page": None}},
        {"total": 1500.5, "description": "a sum, perhaps"},
        {"links": [], "next_page_url": None},
        {},
    ],
)
def test_a_reply_that_announces_nothing_more_is_the_whole(envelope, reply):
    assert reply(LIST, {"data": [ROW], **envelope}) == InvoicePage((INVOICE,), None)


@pytest.mark.parametrize(
    "pagination",
    [{"total": "x"}, {"total": 40.5}, {"total": -1}, {"per_page": -1}, {"last_page": True}, {"current_page": []}],
)
def test_a_number_of_pages_that_is_no_whole_number_makes_no_whole_reply(pagination, reply):
    with pytest.raises(ValueError, match="announces a number of pages or rows that is no whole number"):
        reply(LIST, {"data": [ROW], "pagination": pagination})


async def test_a_total_without_a_size_ends_with_a_shorter_last_page(kolaybi, server):
    for rows in ([1, 2], [3], []):
        server.answers({"data": [{**ROW, "document_id": n} for n in rows], "pagination": {"total": 3}})

    rows = await kolaybi.list_invoices(5, "outbound")

    assert [row.document_id for row in rows] == [1, 2, 3]


@pytest.mark.parametrize(
    ("request_", "envelope", "sentence"),
    [
        (LIST, {"data": [ROW], "pagination": {"current_page": 2, "total": 9}}, "another page"),
        (ListInvoices(5, "outbound", page=2), {"data": [ROW], "meta": {"current_page": 1}}, "another page"),
        (LIST, {"data": [], "meta": {"last_page": 2}}, "holds no row itself"),
    ],
)
def test_pages_that_contradict_each_other_are_an_error(request_, envelope, sentence, reply):
    with pytest.raises(ValueError, match=sentence):
        reply(request_, envelope)


async def test_a_page_that_comes_again_is_an_error_and_not_an_endless_list(kolaybi, server):
    server.answers({"data": [ROW], "meta": {"last_page": 9}}, times=9)

    with pytest.raises(UnexpectedReplyError, match="the same one again") as caught:
        await kolaybi.list_invoices(5, "outbound")

    assert len(server.requests) == 2
    assert (caught.value.provider, caught.value.operation) == ("kolaybi", "list_invoices")


async def test_rows_are_given_before_an_error_that_comes_after_them(kolaybi, server):
    server.answers({"data": [ROW], "meta": {"last_page": 2}}).answers({"success": False, "code": 10400})
    rows = kolaybi.iter_invoices(5, "outbound")

    assert await anext(rows) == INVOICE
    with pytest.raises(InvalidRequestError):
        await anext(rows)


async def test_the_pages_of_the_emulator_hold_all_rows_once(opened):
    async with Emulator(page_size=2) as emulator:
        client = await opened(
            AsyncKolayBi,
            channel=emulator.kolaybi_channel,
            access_token=emulator.kolaybi_access_token,
            base_url=emulator.kolaybi_url,
        )
        rows = await client.list_invoices(5, "outbound")
        pages = [request for request in emulator.requests if request.operation == "list_invoices"]

    assert len(rows) > 2
    assert len({row.document_id for row in rows}) == len(rows)
    assert len(pages) == -(-len(rows) // 2)
