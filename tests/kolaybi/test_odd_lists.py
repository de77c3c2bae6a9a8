"""Lists whose rows are decoded in chunks: the same page, or the same error, as when all is decoded at once."""

from __future__ import annotations

import json

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kolay_invoice import Invoice, InvoicePage, ListInvoices, codec
from kolay_invoice.kolaybi import pagination
from kolay_invoice.kolaybi.endpoints import LIST_INVOICES
from kolay_invoice.kolaybi.replies import interpret
from kolay_invoice.result import Accepted, HttpResponse

LIST = ListInvoices(5, "outbound")
ETTN = "f46d5a8d-7726-4b37-bba4-973c7ab50a5b"


def row(number, **fields):
    return {
        "document_id": number,
        "uuid": ETTN,
        "status": "sent",
        "grand_total": 20.5,
        "direction": "outbound",
    } | fields


def rows(count, **fields):
    return [row(number, **fields) for number in range(1, count + 1)]


def outcome(body, request=LIST, status=200):
    """Return the page, the sentence of the error, or the verdict of a reply."""
    return _judged(
        LIST_INVOICES, HttpResponse(status, {}, body), lambda content: LIST_INVOICES.decode(request, content)
    )


def reference(body, request=LIST, status=200):
    """Return the same of a reply that is decoded at once, each row for itself."""

    def decode(envelope):
        rows = pagination.rows_of(envelope["data"])
        invoices = codec.structure_rows(rows, Invoice)
        pagination._check_filters(request, invoices)
        return InvoicePage(invoices, pagination.next_page(envelope, len(rows), 1))

    return _judged(evolve(LIST_INVOICES, rows_in=None), HttpResponse(status, {}, body), decode)


def _judged(endpoint, answer, decode):
    verdict = interpret(endpoint, answer)
    if not isinstance(verdict, Accepted):
        return verdict
    try:
        return decode(verdict.content)
    except ValueError as error:
        return str(error)


ENVELOPES = {
    "a list": lambda data: {"data": data},
    "a success": lambda data: {"success": True, "message": None, "data": data},
    "pages that are announced behind": lambda data: {"success": True, "data": data, "meta": {"last_page": 3}},
    "pages that are announced before": lambda data: {"pagination": {"total": 99, "per_page": 4}, "data": data},
    "a paginator": lambda data: {"success": True, "data": {"current_page": 1, "data": data, "last_page": 2}},
}


@pytest.mark.parametrize("separators", [(",", ":"), (" , \n", " :\t")], ids=["dense", "loose"])
@pytest.mark.parametrize("envelope", ENVELOPES.values(), ids=ENVELOPES)
def test_a_list_in_any_envelope_is_the_same_page(envelope, separators):
    body = json.dumps(envelope(rows(1000)), separators=separators).encode()

    page = outcome(body)

    assert [invoice.document_id for invoice in page.invoices] == [*range(1, 1001)]
    assert page == reference(body)


ODD_BYTES = json.dumps({"data": rows(50)}).encode().replace(b"sent", b"s\xffnt", 40)
CUT_LIST = json.dumps({"data": rows(50)}).encode()[:-300]
ODD = {
    "no list": b'{"data": {"a": 1}, "b": [{"document_id": 1}]}',
    "no rows": b'{"data": []}',
    "rows that are none": b'{"data": [' + b"1," * 500 + b"1]}",
    "rows that are empty": b'{"data": [' + b"{}," * 500 + b"{}]}",
    "a cut list": CUT_LIST,
    "a list that is cut and closed": CUT_LIST + b"]}",
    "no comma between rows": json.dumps({"data": rows(50)}).replace("}, {", "} {").encode(),
    "two commas between rows": json.dumps({"data": rows(50)}).replace("}, {", "},, {").encode(),
    "garbage behind": json.dumps({"data": rows(50)}).encode() + b"<html>",
    "garbage between": json.dumps({"data": rows(50)}).replace('"document_id": 40', "<html>").encode(),
    "a refusal behind": json.dumps({"data": rows(50), "success": False, "code": 10404}).encode(),
    "a refusal before": json.dumps({"success": False, "data": rows(50)}).encode(),
    "an error code behind": json.dumps({"success": True, "data": rows(50), "code": 10504}).encode(),
    "a row of another type": json.dumps({"data": [*rows(40), row(None), *rows(40)]}).encode(),
    "a row of another direction": json.dumps({"data": [*rows(40), row(1, direction="inbound"), *rows(9)]}).encode(),
    "a row that is null": json.dumps({"data": [*rows(40), None, *rows(40)]}).encode(),
    "the same name twice in a row": json.dumps({"data": rows(50)}).replace('{"doc', '{"document_id": 7, "doc').encode(),
    "a first name with an escape": json.dumps({"data": rows(50)}).replace("document_id", "document_\\u0069d").encode(),
    "unknown fields": json.dumps({"data": rows(50, new={"a": [1]})}).encode(),
    "other names": json.dumps({"data": [{"id": n, "ettn": ETTN, "document_status": "x"} for n in range(50)]}).encode(),
    "rows within rows": json.dumps({"data": rows(50, items=rows(5))}).encode(),
    "rows within texts": json.dumps({"data": rows(50, no=json.dumps(rows(3)))}).encode(),
    "a list of something else first": json.dumps({"meta": {"data": rows(9)}, "data": rows(50)}).encode(),
    "a long head": json.dumps({"message": "x" * 9000, "data": rows(50)}).encode(),
    "a head with the name of the list in a text": json.dumps({"message": '"data": [{"a"', "data": rows(50)}).encode(),
    "a list deeper within": json.dumps({"data": {"data": {"data": rows(50)}}}).encode(),
    "pages that contradict": json.dumps({"data": rows(50), "meta": {"current_page": 7}}).encode(),
    "pages that make no sense": json.dumps({"data": rows(50), "meta": {"total": "x"}}).encode(),
    "announced, but fewer": json.dumps({"data": rows(50), "meta": {"total": 51}}).encode(),
}


@pytest.mark.parametrize("status", [200, 201, 404, 500])
@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_whatever_comes_is_judged_as_if_it_were_decoded_at_once(body, status):
    assert outcome(body, status=status) == reference(body, status=status)


def test_text_that_is_no_utf_8_is_refused():
    assert outcome(ODD_BYTES) == "the body is not JSON that can be read"


def test_rows_of_another_document_are_refused():
    body = json.dumps({"data": [*rows(40, document_id=18), *rows(40)]}).encode()
    request = ListInvoices(5, "outbound", document_id=18)

    assert outcome(body, request) == reference(body, request)
    assert outcome(body, request) == "it holds invoices of another document_id than the one asked for"


@pytest.mark.parametrize("space", [b"", b" "])
def test_a_list_that_comes_twice_is_refused_unless_both_are_the_same(space):
    first, second = json.dumps(rows(50)).encode(), json.dumps(rows(51)).encode()

    refused = outcome(b'{"data":%b,%b"data":%b}' % (first, space, second))

    assert refused.reason == "the provider answered 200 with two values for its field data"
    assert len(outcome(b'{"data":%b,%b"data":%b}' % (first, space, first)).invoices) == 50


def test_a_long_list_with_white_space_is_decoded_once(monkeypatch):
    monkeypatch.setattr("kolay_invoice.json_object.json", None)
    body = json.dumps({"success": True, "data": {"current_page": 1, "data": rows(1000)}}, indent=1).encode()

    assert len(outcome(body).invoices) == 1000


def test_an_error_names_the_number_of_its_row():
    body = json.dumps({"data": [*rows(700), row(None)]}).encode()

    assert outcome(body) == "expected int, got null @ $[700].document_id"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just('},{"document_id":'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
some_rows = st.builds(
    lambda plain, odd: plain | odd,
    st.fixed_dictionaries(
        {"document_id": st.integers(1, 99)},
        optional={
            "status": st.sampled_from(["sent", "draft", "yeni", {"key": "sent", "value": "Gönderildi"}]),
            "grand_total": st.sampled_from([20, 20.5, "20.50", 1e30, None]),
            "direction": st.sampled_from(["outbound", "OUT"]),
        },
    ),
    st.just({}) | st.dictionaries(st.sampled_from(["id", "ettn", "no", "items", "new", "extra"]), json_values),
)


@given(
    st.lists(some_rows | json_values, max_size=12) | st.lists(some_rows, max_size=12),
    st.sampled_from(list(ENVELOPES)),
    st.booleans(),
)
def test_any_rows_are_the_same_page_or_the_same_error(data, envelope, escaped):
    body = json.dumps(ENVELOPES[envelope](data), ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    expected = reference(body)

    page = outcome(body)

    assert page == expected
    if isinstance(expected, InvoicePage):
        assert [row.extra for row in page.invoices] == [row.extra for row in expected.invoices]
