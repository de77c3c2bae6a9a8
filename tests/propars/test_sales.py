"""Sales and their invoices: pages to the last, rows that were asked for, fields that no page publishes."""

from __future__ import annotations

import json
from contextlib import aclosing
from datetime import datetime, timedelta, timezone
from uuid import UUID

import pytest

from kolay_invoice import (
    AsyncPropars,
    GetSale,
    GetSaleInvoice,
    ListSales,
    NotFoundError,
    Propars,
    Sale,
    SaleInvoice,
    SalePage,
    UnexpectedReplyError,
)
from kolay_invoice.propars.replies import interpret
from kolay_invoice.result import Accepted, HttpResponse

ETTN = "0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11"
NUMBER = "ABC2026000000001"


@pytest.fixture
def reply():
    """Return what a request is answered with when this JSON comes with a 200."""

    def reply(request, content):
        endpoint = AsyncPropars.profile.endpoints[type(request)]
        verdict = interpret(endpoint, HttpResponse(200, {}, json.dumps(content).encode()))
        assert isinstance(verdict, Accepted)
        return endpoint.decode(request, verdict.content)

    return reply


def rows(first, count):
    return [{"id": number, "sale_code": f"S-{number}"} for number in range(first, first + count)]


def test_a_sale_is_read_and_its_unknown_fields_are_kept(reply):
    content = {
        "id": 1001,
        "sale_code": "abc123",
        "invoiced": True,
        "invoice_sent": False,
        "invoice_id": 7,
        "invoice_number": NUMBER,
        "invoice_uuid": ETTN,
        "status": "new",
        "common_status": {"key": "open", "name": "Açık"},
        "order_date": "2026-05-02T09:00:00+0300",
        "customer": {"name": "canary-name"},
    }

    sale = reply(GetSale(1001), content)

    assert sale == Sale(
        1001,
        "abc123",
        invoiced=True,
        invoice_sent=False,
        invoice_id=7,
        invoice_number=NUMBER,
        invoice_uuid=UUID(ETTN),
        status="new",
        common_status="open",
        order_date=datetime(2026, 5, 2, 9, tzinfo=timezone(timedelta(hours=3))),
        extra={"common_status": content["common_status"], "customer": content["customer"]},
    )
    assert "abc123" not in repr(sale)
    assert "canary" not in repr(sale)


@pytest.mark.parametrize(
    ("content", "sale"),
    [
        ({"sale_id": 1001, "code": "a"}, Sale(1001, "a")),
        ({"invoice": 7}, Sale(invoice_id=7)),
        (
            {"invoice": {"id": 7, "number": NUMBER, "uuid": ETTN}},
            Sale(
                invoice_id=7,
                invoice_number=NUMBER,
                invoice_uuid=UUID(ETTN),
                extra={"invoice": {"id": 7, "number": NUMBER, "uuid": ETTN}},
            ),
        ),
        ({"invoice": None, "invoice_number": ""}, Sale(extra={"invoice": None, "invoice_number": ""})),
        ({"invoiced": 1, "invoice_sent": "yes"}, Sale(extra={"invoiced": 1, "invoice_sent": "yes"})),
        ({"order_date": "2026-05-02T09:00:00"}, Sale(extra={"order_date": "2026-05-02T09:00:00"})),
        ({"order_date": 7, "status": 3}, Sale(extra={"order_date": 7, "status": 3})),
    ],
)
def test_a_sale_is_read_leniently(content, sale, reply):
    assert reply(GetSale(1001), content) == sale


def test_an_invoice_of_a_sale_is_read(reply):
    content = {"id": 7, "invoice_uuid": ETTN, "invoice_number": NUMBER, "status": "sent", "sale": {"id": 1001}, "x": 1}

    assert reply(GetSaleInvoice(7), content) == SaleInvoice(
        7, UUID(ETTN), NUMBER, "sent", 1001, extra={"sale": {"id": 1001}, "x": 1}
    )


@pytest.mark.parametrize(
    ("call", "content", "named"),
    [
        ("get_sale", {"id": 8}, "sale_id"),
        ("get_sale", {"sale_id": "8", "id": 7}, "sale_id"),
        ("get_invoice", {"id": 8}, "invoice_id"),
        ("get_invoice", {"invoice_id": 8}, "invoice_id"),
    ],
)
async def test_another_one_than_the_one_asked_for_is_no_reply(call, content, named, propars, server):
    server.answers({**content, "status": "sent"})

    with pytest.raises(UnexpectedReplyError, match=f"it is for another {named}"):
        await getattr(propars, call)(7)


@pytest.mark.parametrize(("call", "arguments"), [("get_sale", (7,)), ("get_invoice", (7,)), ("list_sales", ())])
@pytest.mark.parametrize("body", [b"<html></html>", b"", b"[]", b"null", b'{"detail": "Hata"}'])
async def test_what_is_no_object_is_no_reply(call, arguments, body, propars, server):
    server.answers(body, times=8)

    with pytest.raises(UnexpectedReplyError):
        await getattr(propars, call)(*arguments)


async def test_a_missing_sale_is_a_not_found_error(propars, server):
    server.answers({"detail": "Bulunamadı."}, 404)

    with pytest.raises(NotFoundError):
        await propars.get_sale(7)


# Pages.


def test_a_page_has_the_total_and_whether_more_rows_follow(reply):
    sales = tuple(Sale(number, f"S-{number}") for number in (1, 2))

    assert reply(ListSales(), {"count": 9, "page_context": None, "results": rows(1, 2)}) == SalePage(sales, 9)
    assert reply(ListSales(), {"results": rows(1, 2), "next": "https://x"}) == SalePage(
        sales, None, announces_more=True
    )


@pytest.mark.parametrize("count", ["9", -1, True, 1.5, None])
def test_a_count_that_is_none_is_not_believed(count, reply):
    assert reply(ListSales(), {"count": count, "results": []}).count is None


@pytest.mark.parametrize("results", [None, {}, "rows", [7], [None]])
def test_rows_that_are_none_are_no_reply(results, reply):
    with pytest.raises(ValueError, match="expected"):
        reply(ListSales(), {"count": 1, "results": results})


# Each way in which a reply can say that more rows follow, of the number of rows up to its end and of all.
SHAPES = {
    "a count": lambda given, total: {"count": total},
    "the next address": lambda given, total: {"next": "https://x" if given < total else None},
    "a context": lambda given, total: {"page_context": {"has_next": given < total}},
    "nothing": lambda given, total: {},
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_every_page_is_fetched_whatever_its_size(shape, propars, server):
    for first, size in ((1, 3), (4, 2), (6, 1)):
        server.answers({**SHAPES[shape](first + size - 1, 6), "results": rows(first, size)})
    server.answers({**SHAPES[shape](6, 6), "results": []})

    sales = await propars.list_sales(source="store")

    assert [sale.sale_id for sale in sales] == [1, 2, 3, 4, 5, 6]
    # Without a count or a word that there is more only an empty page is the end.
    offsets = ["", "&offset=3", "&offset=5"] + ["&offset=6"] * (shape in {"the next address", "nothing", "a context"})
    targets = [f"/api/v1/core/sale/?source=store&limit=100{offset}" for offset in offsets]
    assert [request.target for request in server.requests] == targets


@pytest.mark.parametrize("announced", [{"count": 9}, {"next": "x", "count": 1}, {}])
async def test_a_page_that_repeats_is_an_error_and_never_a_whole_list(announced, propars, server):
    server.answers({**announced, "results": rows(1, 2)}, times=2)

    with pytest.raises(UnexpectedReplyError, match="further pages, and the same one comes again") as caught:
        await propars.list_sales()

    assert len(server.requests) == 2
    assert (caught.value.provider, caught.value.operation) == ("propars", "list_sales")


async def test_a_page_that_repeats_is_known_without_ids(propars, server):
    server.answers({"count": 9, "results": [{"sale_code": "a"}]}, times=2)

    with pytest.raises(UnexpectedReplyError, match="the same one comes again"):
        await propars.list_sales()


@pytest.mark.parametrize("announced", [{"count": 9}, {"page_context": {"has_more": True}}])
async def test_rows_that_are_announced_and_never_come_are_an_error(announced, propars, server):
    server.answers({**announced, "results": rows(1, 2)})
    server.answers({**announced, "results": []})

    with pytest.raises(UnexpectedReplyError, match="none comes after 2 rows"):
        await propars.list_sales()


async def test_the_rows_before_a_broken_page_are_given_and_then_the_error(propars, server):
    server.answers({"count": 4, "results": rows(1, 2)})
    server.answers(b"<html></html>", times=8)
    sales = propars.iter_sales()

    assert [(await anext(sales)).sale_id, (await anext(sales)).sale_id] == [1, 2]
    with pytest.raises(UnexpectedReplyError):
        await anext(sales)


async def test_stopping_early_fetches_no_further_page(propars, server):
    server.answers({"count": 9, "results": rows(1, 2)})

    async with aclosing(propars.iter_sales()) as sales:
        assert (await anext(sales)).sale_id == 1

    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("filters", "row", "name"),
    [
        ({"invoiced": True}, {"invoiced": False}, "invoiced"),
        ({"invoice_sent": False}, {"invoice_sent": True}, "invoice_sent"),
        ({"invoice_number": NUMBER}, {"invoice_number": "ABC2026000000002"}, "invoice_number"),
    ],
)
def test_sales_that_were_not_asked_for_are_refused(filters, row, name, reply):
    with pytest.raises(ValueError, match=f"it holds sales of another {name}"):
        reply(ListSales(**filters), {"count": 1, "results": [{"id": 1, **row}]})


@pytest.mark.parametrize("row", [{}, {"invoiced": True}, {"invoiced": None}, {"invoiced": "unreadable"}])
def test_a_sale_that_does_not_contradict_what_was_asked_for_is_read(row, reply):
    assert len(reply(ListSales(invoiced=True), {"count": 1, "results": [{"id": 1, **row}]}).sales) == 1


@pytest.mark.parametrize(
    ("filters", "error", "said"),
    [
        ({"invoiced": "true"}, TypeError, "invoiced must be a bool"),
        ({"order_start_date": "2026-02-02", "order_end_date": "2026-02-01"}, ValueError, "must not be greater"),
        ({"order_start_date": "soon"}, ValueError, "order_start_date must be"),
        ({"search": " "}, ValueError, "search must have"),
        ({"limit": 0}, ValueError, "limit must be"),
        ({"offset": -1}, ValueError, "offset must be"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_before_anything_is_sent(filters, error, said):
    with pytest.raises(error, match=said):
        ListSales(**filters)


def test_what_is_searched_for_does_not_show():
    assert "canary" not in repr(ListSales(search="canary-name"))


# Against the emulator, blocking and not.


async def test_what_became_of_a_sale_is_seen(emulator):
    async with AsyncPropars(token=emulator.propars_token, base_url=emulator.propars_url) as client:
        assert (await client.get_sale(1001)).invoiced is False
        sent = await client.send_invoice(sale_id=1001)
        [sale] = await client.list_sales(invoice_sent=True)
        [same] = await client.list_sales(invoice_number=sent.number)
        invoice = await client.get_invoice(sent.invoice_id)

    assert sale == same
    assert (sale.sale_id, sale.invoice_number, sale.invoice_uuid) == (1001, sent.number, sent.uuid)
    assert (invoice.uuid, invoice.number, invoice.sale_id) == (sent.uuid, sent.number, 1001)


def test_a_long_list_comes_whole_in_either_way(emulator):
    for _ in range(130):
        emulator.add_sale()
    with Propars(token=emulator.propars_token, base_url=emulator.propars_url) as client:
        listed = client.list_sales(ordering="-id")
        iterated = list(client.iter_sales(ordering="-id"))
        sale = client.get_sale(1002)
        with pytest.raises(NotFoundError):
            client.get_invoice(1)

    assert listed == iterated
    assert sorted(one.sale_id for one in listed) == sorted(emulator.sales)
    assert listed[-1].sale_id == 1001
    assert sale.sale_code == "abc124"
