"""Long lists, taken off their body while it arrives: the same page, or the same error, as when it comes whole."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolay_invoice import Invoice, InvoicePage, ListInvoices
from kolay_invoice.kolaybi import pages
from kolay_invoice.kolaybi.arriving import ArrivingInvoices
from kolay_invoice.kolaybi.endpoints import LIST_INVOICES
from kolay_invoice.kolaybi.verdict import judge
from kolay_invoice.outcome import Accepted, Answer

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


def verdict_of(answer):
    return judge(LIST_INVOICES, answer)


def whole(body, request=LIST, status=200):
    """Return the page, the sentence of the error, or the verdict of a reply that came whole."""
    return _judged(Answer(status, {}, body), lambda content: LIST_INVOICES.decode(request, content))


def _judged(answer, decode):
    verdict = verdict_of(answer)
    if not isinstance(verdict, Accepted):
        return verdict
    try:
        return decode(verdict.content)
    except ValueError as error:
        return str(error)


def finish(coroutine):
    """Run what waits for nothing but its next turn; a loop for each of thousands would take the most time."""
    with suppress(StopIteration):
        while True:
            coroutine.send(None)


class Arrived:
    """A reply that arrived in pieces."""

    def __init__(self, pieces, request=LIST, status=200, *, keeps=True):
        self.parts = []
        self.body = bytearray()
        self.set_aside = 0
        self.longest = 0
        arriving = self.arriving = ArrivingInvoices(request, verdict_of, None if keeps else self._give)

        async def arrive():
            for piece in pieces:
                self.body += piece
                self.set_aside += await arriving.take(status, {}, self.body)
                self.longest = max(self.longest, len(self.body))

        finish(arrive())
        self.outcome = _judged(Answer(status, {}, bytes(self.body)), arriving.decode)

    async def _give(self, page):
        assert page.next_page is None
        self.parts += page.invoices


def cut(body, *places):
    edges = [0, *sorted(places), len(body)]
    return [body[begin:end] for begin, end in pairwise(edges)]


def slices(body, size):
    return cut(body, *range(size, len(body), size))


ENVELOPES = {
    "a list": lambda data: {"data": data},
    "a success": lambda data: {"success": True, "message": None, "data": data},
    "pages that are announced behind": lambda data: {"success": True, "data": data, "meta": {"last_page": 3}},
    "pages that are announced before": lambda data: {"pagination": {"total": 99, "per_page": 4}, "data": data},
    "a paginator": lambda data: {"success": True, "data": {"current_page": 1, "data": data, "last_page": 2}},
}


@pytest.mark.parametrize("separators", [(",", ":"), (" , \n", " :\t")], ids=["dense", "loose"])
@pytest.mark.parametrize("envelope", ENVELOPES.values(), ids=ENVELOPES)
def test_a_list_that_is_cut_anywhere_is_the_same_page(envelope, separators):
    body = json.dumps(envelope(rows(4)), separators=separators).encode()
    page = whole(body)
    assert isinstance(page, InvoicePage)

    for place in range(len(body)):
        assert Arrived(cut(body, place)).outcome == page


@pytest.mark.parametrize("envelope", ENVELOPES.values(), ids=ENVELOPES)
def test_rows_are_taken_as_they_come_and_little_is_held(envelope):
    body = json.dumps(envelope(rows(1000))).encode()

    arrived = Arrived(slices(body, 1000), keeps=False)

    assert arrived.longest < 3000
    assert [*arrived.parts, *arrived.outcome.invoices] == list(whole(body).invoices)
    assert arrived.outcome.next_page == whole(body).next_page
    assert arrived.arriving.was_given
    assert arrived.set_aside == 0, "whose rows are given away, nothing is held of"


def test_what_is_kept_is_counted():
    body = json.dumps({"data": rows(1000)}).encode()

    arrived = Arrived(slices(body, 1000))

    assert not arrived.arriving.was_given
    assert len(body) - 100 < arrived.set_aside + len(arrived.body) < len(body) + 100


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
    "no UTF-8": json.dumps({"data": rows(50)}).encode().replace(b"sent", b"s\xffnt", 40),
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
@pytest.mark.parametrize("size", [1, 100, 777])
@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_whatever_comes_is_judged_as_if_it_had_come_whole(body, size, status):
    expected = whole(body, status=status)

    kept = Arrived(slices(body, size), status=status)
    given = Arrived(slices(body, size), status=status, keeps=False)

    assert kept.outcome == expected
    if isinstance(expected, InvoicePage):
        assert (*given.parts, *given.outcome.invoices) == expected.invoices
    else:
        assert given.outcome == expected


@pytest.mark.parametrize("status", [404, 500])
def test_rows_of_a_reply_that_is_no_success_are_not_given(status):
    assert Arrived(slices(json.dumps({"data": rows(50)}).encode(), 500), status=status, keeps=False).parts == []
    assert Arrived(slices(ODD["a refusal before"], 500), keeps=False).parts == []


def test_rows_of_another_document_are_not_given():
    body = json.dumps({"data": [*rows(40, document_id=18), *rows(40)]}).encode()
    request = ListInvoices(5, "outbound", document_id=18)

    arrived = Arrived(slices(body, 500), request, keeps=False)

    assert arrived.outcome == whole(body, request)
    assert {invoice.document_id for invoice in arrived.parts} == {18}


def test_a_list_that_comes_twice_is_refused_when_rows_of_the_first_one_were_taken():
    body = b'{"data": %b, "data": %b}' % (json.dumps(rows(50)).encode(), json.dumps(rows(50)).encode())

    assert Arrived(slices(body, 500)).outcome.reason == "the provider answered 200 with two values for its field data"


def test_rows_that_are_not_behind_those_that_were_taken_are_refused():
    with pytest.raises(ValueError, match="it holds its rows twice"):
        pages.invoice_page(LIST, {"data": rows(2)}, taken=7)


def test_an_error_names_the_number_of_its_row():
    body = json.dumps({"data": [*rows(700), row(None)]}).encode()

    arrived = Arrived(slices(body, 500), keeps=False)

    assert arrived.outcome == "expected int, got null @ $[700].document_id"


def test_tries_that_fail_take_time_in_proportion_to_the_length(monkeypatch):
    """A list of which no row can be taken is looked at a few times, and not once for each piece of it."""
    looked_at = []
    real = ArrivingInvoices._cut_off

    def cut_off(arriving, body):
        looked_at.append(len(body))
        return real(arriving, body)

    monkeypatch.setattr(ArrivingInvoices, "_cut_off", cut_off)
    body = json.dumps({"data": [row(1, items=[row(2)] * 1000)] * 3}).encode()
    Arrived(slices(json.dumps({"data": [row(None)] * 1000}).encode(), 100))
    Arrived(slices(body, 100))

    assert sum(looked_at) < 4 * 2 * len(body)


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
    st.lists(st.integers(0, 2000), max_size=8),
    st.booleans(),
)
def test_any_rows_cut_anywhere_are_the_same_page_or_the_same_error(data, envelope, escaped, places, keeps):
    body = json.dumps(ENVELOPES[envelope](data), ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    expected = whole(body)

    arrived = Arrived(cut(body, *(place for place in places if place < len(body))), keeps=keeps)

    if isinstance(expected, InvoicePage) and isinstance(arrived.outcome, InvoicePage):
        together = InvoicePage((*arrived.parts, *arrived.outcome.invoices), arrived.outcome.next_page)
        assert together == expected
        assert [row.extra for row in together.invoices] == [row.extra for row in expected.invoices]
    else:
        assert arrived.outcome == expected
    assert all(isinstance(invoice, Invoice) for invoice in arrived.parts)
