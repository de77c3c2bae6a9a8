"""The lists around an invoice: documents, associates, products. No page shows the fields of most of their replies."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from kolay_invoice import (
    Address,
    Associate,
    AsyncKolayBi,
    Document,
    KolayBi,
    ListAssociates,
    ListDocuments,
    ListPage,
    ListProducts,
    Product,
    UnexpectedReplyError,
)
from kolay_invoice.emulator import Emulator
from kolay_invoice.kolaybi.replies import interpret
from kolay_invoice.result import Accepted, HttpResponse

BUYER = {
    "id": 11,
    "name": "canary-name",
    "surname": "canary-surname",
    "identity_no": "11111111111",
    "phone": "canary-phone",
    "email": "canary@alici.example",
    "associate_type": "customer",
    "address": [{"id": 21, "address": "canary-street", "city": "canary-city", "is_abroad": False, "new": 1}],
}
ADDRESS = Address(city="canary-city", address_id=21, address="canary-street", is_abroad=False, extra={"new": 1})


@pytest.fixture
def reply():
    """Return what a request is answered with when this `data` comes with a 200."""

    def reply(request, data, **envelope):
        endpoint = AsyncKolayBi.profile.endpoints[type(request)]
        verdict = interpret(endpoint, HttpResponse(200, {}, json.dumps({"data": data, **envelope}).encode()))
        assert isinstance(verdict, Accepted)
        return endpoint.decode(request, verdict.content)

    return reply


def test_a_document_is_read_as_the_page_shows_it(reply):
    contact = {"id": 7, "name": "Ayşe", "surname": "Öz"}
    row = {"id": 18, "serial_no": "", "order_date": "2026-05-02", "due_date": None, "total_amount": 20.10}
    row |= {"currency": "TRY", "status": "draft", "type": "sale_invoice", "contact": contact}

    [document] = reply(ListDocuments(associate_id=7), [row]).rows

    assert document == Document(
        document_id=18,
        status="draft",
        type="sale_invoice",
        order_date=date(2026, 5, 2),
        total_amount=Decimal("20.1"),
        currency="TRY",
        associate_id=7,
        extra={"contact": contact, "serial_no": "", "due_date": None},
    )


def test_an_associate_is_read_with_its_addresses_and_shows_nothing_of_them(reply):
    [associate] = reply(ListAssociates(), [BUYER]).rows

    assert (associate.associate_id, associate.identity_no, associate.addresses) == (11, "11111111111", (ADDRESS,))
    assert associate.extra == {}
    assert "canary" not in repr(associate) + repr(associate.addresses)
    assert "11111111111" not in repr(associate)


@pytest.mark.parametrize("told", ["Moda Cad. 1", [7], {"city": "İzmir"}])
def test_what_is_no_list_of_addresses_is_kept_as_it_came(told, reply):
    assert reply(ListAssociates(), [{"id": 1, "address": told}]).rows == (
        Associate(associate_id=1, extra={"address": told}),
    )


def test_a_product_is_read(reply):
    row = {"id": 31, "name": "Vazo", "code": "V-1", "product_type": "good", "vat_value": 20, "sale_price": "100.00"}
    row |= {"sale_unit": {"key": "adet", "value": "Adet"}, "sale_currency": "try", "total_stock_quantity": 3}

    assert reply(ListProducts(), [row]).rows == (
        Product(
            product_id=31,
            name="Vazo",
            code="V-1",
            product_type="good",
            vat_rate=Decimal(20),
            price=Decimal("100.00"),
            unit="adet",
            currency="try",
            stock=Decimal(3),
            extra={"sale_unit": {"key": "adet", "value": "Adet"}},
        ),
    )


@pytest.mark.parametrize(
    ("request_", "row"),
    [
        (ListDocuments(associate_id=7), {"contact": {"id": 8}}),
        (ListDocuments(type="sale_invoice"), {"type": "purchase_invoice"}),
        (ListAssociates(identity_no="1234567803"), {"identity_no": "9876543217"}),
        (ListAssociates(code="M-1"), {"code": "X"}),
        (ListProducts(code="V-1"), {"code": "K"}),
        (ListProducts(barcode="869"), {"barcode": "1"}),
    ],
)
def test_rows_that_were_not_asked_for_are_no_reply(request_, row, reply):
    with pytest.raises(ValueError, match="it holds rows of another"):
        reply(request_, [row])


def test_a_filter_may_compare_a_part_of_a_text(reply):
    assert len(reply(ListProducts(code="v-1"), [{"code": "V-1"}, {"code": "V-10"}, {}]).rows) == 3


def test_a_page_announces_the_next_one(reply):
    pagination = {"current_page": 1, "per_page": 1, "total": 2}
    assert reply(ListProducts(), [{"id": 1}], pagination=pagination) == ListPage((Product(product_id=1),), 2)


@pytest.mark.parametrize("name", ["documents", "associates", "products"])
async def test_every_page_is_read_and_none_twice(name, monkeypatch):
    async with (
        Emulator(page_size=1) as emulator,
        AsyncKolayBi(
            channel=emulator.kolaybi_channel,
            access_token=emulator.kolaybi_access_token,
            base_url=emulator.kolaybi_url,
        ) as client,
    ):
        listed = await getattr(client, f"list_{name}")()
        iterated = [row async for row in getattr(client, f"iter_{name}")()]
        pages = [one for one in emulator.requests if one.operation == f"list_{name}"]

    assert listed == iterated
    assert len(set(map(repr, listed))) == len(listed) == len(pages) // 2 > 1


async def test_a_page_that_comes_again_is_told_by_the_name_of_the_call(kolaybi, server):
    server.answers({"data": [{"id": 1}], "meta": {"last_page": 3}})
    server.answers({"data": [{"id": 1}], "meta": {"last_page": 3}})

    with pytest.raises(UnexpectedReplyError, match=r"kolaybi\.list_products: .* sends the same one again"):
        await kolaybi.list_products()


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda: ListDocuments(associate_id="7"), TypeError),
        (lambda: ListDocuments(has_products=1), TypeError),
        (lambda: ListAssociates(identity_no=1234567803), TypeError),
        (lambda: ListProducts(code=""), ValueError),
    ],
)
def test_a_filter_of_another_kind_is_refused(wrong, error):
    with pytest.raises(error, match="must"):
        wrong()


def test_the_blocking_client_lists_the_same(emulator):
    account = {"channel": emulator.kolaybi_channel, "access_token": emulator.kolaybi_access_token}
    with KolayBi(**account, base_url=emulator.kolaybi_url) as client:
        [document] = client.list_documents(type="sale_invoice", associate_id=11, has_products=True)
        assert (document.document_id, [*client.iter_documents(associate_id=11)]) == (1, [document])
        assert client.list_documents(has_products=False) == []
        [associate] = client.list_associates(identity_no="1234567803")
        assert (associate.associate_id, [*client.iter_associates(code="M-12")]) == (12, [associate])
        [product] = client.list_products(code="KARGO", type="service")
        assert (product.product_id, [*client.iter_products(name="Kargo")]) == (32, [product])
