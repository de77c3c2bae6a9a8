"""What is created before a send, and what is undone after it: rules, replies, and that no buyer shows anywhere."""

from __future__ import annotations

import traceback
from decimal import Decimal

import pytest

from kolay_invoice import (
    Address,
    Associate,
    CancelledEDocument,
    CreatedInvoice,
    DeletedInvoice,
    InvalidRequestError,
    InvoiceItem,
    KolayBi,
    NewAddress,
    NewAssociate,
    NewInvoice,
    NewProduct,
    NotFoundError,
    OrderReference,
    OutcomeUnknownError,
    PostalAddress,
    Product,
    RefusedError,
    UndoneCollection,
)
from kolay_invoice.value import to_json

ITEM = {"product_id": 31, "quantity": "1.00", "unit_price": "100.00", "vat_rate": 20}
INVOICE = {"contact_id": 11, "address_id": 21, "order_date": "2026-05-02", "currency": "TRY", "items": [ITEM]}
PERSON = {"name": "Ayşe", "surname": "Öz", "identity_no": "22222222222"}
PLACE = {"associate_id": 11, "city": "İzmir", "district": "Konak", "country": "Türkiye"}

CANARY = "canary-buyer"
BUYERS = {
    "create_associate": NewAssociate(
        name=f"{CANARY}-name",
        surname=f"{CANARY}-surname",
        identity_no="98765432109",
        code=f"{CANARY}-code",
        phone=f"{CANARY}-phone",
        email=f"{CANARY}@alici.example",
        addresses=[PostalAddress(address=f"{CANARY}-street", city=f"{CANARY}-city")],
    ),
    "create_address": NewAddress(
        associate_id=11, city=f"{CANARY}-city", district=f"{CANARY}-district", country="TR", address=f"{CANARY}-street"
    ),
    "create_invoice": NewInvoice(
        **{**INVOICE, "items": [{**ITEM, "description": f"{CANARY}-text"}]},
        description=f"{CANARY}-text",
        receiver_email=f"{CANARY}@alici.example",
        order_reference=f"{CANARY}-order",
    ),
}


@pytest.fixture
def client(emulator):
    account = {"channel": emulator.kolaybi_channel, "access_token": emulator.kolaybi_access_token}
    with KolayBi(**account, base_url=emulator.kolaybi_url) as client:
        yield client


# The rules of the pages


@pytest.mark.parametrize(
    ("kind", "given", "error", "message"),
    [
        (NewInvoice, {**INVOICE, "items": []}, ValueError, "items"),
        (NewInvoice, {**INVOICE, "items": "x"}, TypeError, "items must be a list of InvoiceItem"),
        (NewInvoice, {**INVOICE, "items": [7]}, TypeError, r"items\[0\] must be a InvoiceItem"),
        (NewInvoice, {**INVOICE, "items": [{"x": 7}]}, TypeError, r"items\[0\] must hold the fields of InvoiceItem"),
        (NewInvoice, {**INVOICE, "items": [ITEM] * 1001}, ValueError, "items must have at most 1000 parts"),
        (NewInvoice, {**INVOICE, "currency": "TL"}, ValueError, "currency must be three letters"),
        (NewInvoice, {**INVOICE, "currency": "USD"}, ValueError, "exchange_rate is needed with a currency other"),
        (NewInvoice, {**INVOICE, "order_date": "02.05.2026"}, ValueError, "order_date must be an existing day"),
        (NewInvoice, {**INVOICE, "order_date": None}, ValueError, "order_date must be an existing day"),
        (NewInvoice, {**INVOICE, "receiver_email": "nobody"}, ValueError, "receiver_email must be an e-mail"),
        (NewInvoice, {**INVOICE, "document_type": "ISTISNA"}, ValueError, "vat_exemption_reason_code is needed"),
        (NewInvoice, {**INVOICE, "order_reference": 7}, TypeError, "order_reference must be a OrderReference"),
        (NewInvoice, {**INVOICE, "subtotal_discount_amount": -1}, ValueError, "must not be less than 0"),
        (NewInvoice, {**INVOICE, "contact_id": "11"}, TypeError, "contact_id must be an int"),
        (InvoiceItem, {**ITEM, "quantity": 0}, ValueError, "quantity must be greater than zero"),
        (InvoiceItem, {**ITEM, "quantity": 1.5}, TypeError, "quantity must be a Decimal"),
        (InvoiceItem, {**ITEM, "unit_price": None}, ValueError, "unit_price must be a number"),
        (InvoiceItem, {**ITEM, "unit_price": "-1"}, ValueError, "unit_price must not be less than 0"),
        (InvoiceItem, {**ITEM, "discount_amount": "x"}, ValueError, "discount_amount must be a number"),
        (InvoiceItem, {**ITEM, "vat_rate": 19}, ValueError, "vat_rate must be one of 0, 1, 8, 10, 18, 20"),
        (InvoiceItem, {**ITEM, "vat_rate": "20"}, TypeError, "vat_rate must be an int"),
        (InvoiceItem, {**ITEM, "gtip_no": "6912.00"}, ValueError, "gtip_no must be 12 digits"),
        (NewAssociate, {**PERSON, "name": "A"}, ValueError, "name must have at least 2 characters"),
        (NewAssociate, {**PERSON, "identity_no": "123"}, ValueError, "identity_no must be 10 or 11 digits"),
        (NewAssociate, {**PERSON, "identity_no": "1234567803"}, ValueError, "tax_office is needed with a tax number"),
        (NewAssociate, {**PERSON, "email": "a b"}, ValueError, "email must be an e-mail address"),
        (NewAddress, {**PLACE, "city": ""}, ValueError, "city must have 1 to 200 characters"),
        (NewAddress, {**PLACE, "is_abroad": True}, ValueError, "street is needed with is_abroad"),
        (PostalAddress, {"is_abroad": True, "street": "a"}, ValueError, "building_name is needed with is_abroad"),
        (NewProduct, {"name": "Vazo", "product_type": "thing"}, ValueError, "product_type"),
        (NewProduct, {"name": "Vazo", "price": 1.5}, TypeError, "price must be a Decimal"),
        (OrderReference, {"serial_no": ""}, ValueError, "serial_no must have 1 to 200 characters"),
    ],
)
def test_what_breaks_a_rule_of_its_page_is_refused_by_name(kind, given, error, message):
    with pytest.raises(error, match=message):
        kind(**given)


def test_placeholders_and_other_check_digits_are_accepted():
    assert NewAssociate(**{**PERSON, "identity_no": "11111111111"}).identity_no == "11111111111"


def test_amounts_keep_the_digits_that_they_were_given_with():
    [item] = NewInvoice(**{**INVOICE, "items": [{**ITEM, "quantity": "2.500", "unit_price": Decimal("0.10")}]}).items

    assert (str(item.quantity), str(item.unit_price)) == ("2.500", "0.10")


# At the emulator


def test_an_order_becomes_an_invoice_that_can_be_sent_and_undone(client, emulator):
    address = PostalAddress(address="1. Sk. 2", city="İzmir", district="Konak", country="Türkiye")
    associate = client.create_associate(NewAssociate(**PERSON, email="ayse@alici.example", addresses=[address]))
    product = client.create_product(NewProduct(name="Tabak", code="T-1", price="50.25", vat_rate=10))
    second = client.create_address(NewAddress(**{**PLACE, "associate_id": associate.associate_id}))
    created = client.create_invoice(
        NewInvoice(
            contact_id=associate.associate_id,
            address_id=associate.addresses[0].address_id,
            order_date="2026-05-02",
            currency="TRY",
            items=[InvoiceItem(product_id=product.product_id, quantity=2, unit_price="50.25", vat_rate=10)],
            order_reference="SIPARIS-1",
        )
    )
    number = created.document_id

    assert (created.grand_total, created.grand_currency) == (Decimal("110.55"), "try")
    assert client.get_invoice(number).order_reference == "SIPARIS-1"
    assert [one.document_id for one in client.iter_documents(associate_id=associate.associate_id)] == [number]
    assert [one.address_id for one in client.list_associates(identity_no="22222222222")[0].addresses] == [
        associate.addresses[0].address_id,
        second.address_id,
    ]
    ettn = client.create_e_document(number).uuid
    assert client.get_e_document(ettn).media_type == "application/pdf"
    client.proceed(number, 1, amount="10.55")
    client.proceed(number, 1)
    assert client.undo_proceed(number) == UndoneCollection({"data": []})
    assert client.get_invoice(number).remaining_amount == Decimal("110.55")
    assert client.vault_transactions(1).movements == ()
    with pytest.raises(InvalidRequestError, match="Resmîleşmiş fatura silinemez"):
        client.delete_invoice(number)
    assert client.cancel_e_document(number) == CancelledEDocument({"cancelled": True})
    with pytest.raises(NotFoundError):
        client.get_invoice(number)
    assert client.list_documents(associate_id=associate.associate_id) == []


def test_an_invoice_that_is_not_official_is_deleted(client, emulator):
    number = client.create_invoice(NewInvoice(**INVOICE)).document_id

    assert client.delete_invoice(number) == DeletedInvoice({"data": []})
    assert number not in emulator.documents


def test_the_emulator_undoes_the_last_collection_where_the_guess_says_so(client, emulator):
    emulator.undone = "last"
    for _ in range(2):
        client.proceed(1, 1, amount="20.00")

    client.undo_proceed(1)

    assert client.get_invoice(1).remaining_amount == Decimal("100.00")
    assert len(emulator.movements) == 1


@pytest.mark.parametrize(
    ("undo", "document_id", "error", "words"),
    [
        ("undo_proceed", 1, NotFoundError, "tahsilatı bulunamadı"),
        ("cancel_e_document", 1, InvalidRequestError, "resmîleşmiş belgeler"),
        ("cancel_e_document", 20, InvalidRequestError, "Yalnızca e-Arşiv"),
        ("delete_invoice", 999, NotFoundError, "Fatura bulunamadı"),
    ],
)
def test_what_cannot_be_undone_is_refused(undo, document_id, error, words, client, emulator):
    with pytest.raises(error, match=words):
        getattr(client, undo)(document_id)

    assert emulator.executions(undo) == 0


def test_a_second_associate_of_a_number_is_refused_or_created_as_the_guess_says(client, emulator):
    with pytest.raises(RefusedError, match=r"412.*list_associates\("):
        client.create_associate(NewAssociate(name="Bir", surname="İki", identity_no="11111111111"))
    emulator.associate_duplicates = "execute"
    client.create_associate(NewAssociate(name="Bir", surname="İki", identity_no="11111111111"))

    assert len(client.list_associates(identity_no="11111111111")) == 2


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"contact_id": 99}, "Cari bulunamadı"),
        ({"address_id": 22}, "Adres bulunamadı"),
        ({"items": [{**ITEM, "product_id": 99}]}, "Ürün bulunamadı"),
    ],
)
def test_an_invoice_of_what_is_not_there_is_refused(changed, words, client, emulator):
    with pytest.raises(NotFoundError, match=words):
        client.create_invoice(NewInvoice(**{**INVOICE, **changed}))

    assert emulator.executions("create_invoice") == 0


# Replies


@pytest.mark.parametrize(
    ("operation", "request_", "data", "reply"),
    [
        ("create_associate", NewAssociate(**PERSON), {"id": 7}, Associate(associate_id=7)),
        ("create_address", NewAddress(**PLACE), {"id": 5, "new": 1}, Address(address_id=5, extra={"new": 1})),
        ("create_product", NewProduct(name="Vazo"), {"id": 5, "code": ""}, Product(product_id=5, extra={"code": ""})),
        ("create_invoice", NewInvoice(**INVOICE), {"document_id": 9}, CreatedInvoice(document_id=9)),
    ],
)
async def test_a_reply_is_read_leniently(operation, request_, data, reply, kolaybi, server):
    server.answers({"success": True, "data": data})

    assert await getattr(kolaybi, operation)(request_) == reply


@pytest.mark.parametrize(
    ("operation", "argument", "body", "reason"),
    [
        ("create_associate", NewAssociate(**PERSON), {"data": {"name": "A"}}, r"required field missing @ \$\.data\.id"),
        ("create_associate", NewAssociate(**PERSON), {"data": {"id": 7, "identity_no": "1"}}, "another identity_no"),
        ("create_product", NewProduct(name="a", code="V"), {"data": {"id": 7, "code": "W"}}, "another code"),
        ("create_invoice", NewInvoice(**INVOICE), {"success": True, "data": {}}, r"@ \$\.data\.document_id"),
        ("create_invoice", NewInvoice(**INVOICE), {"success": True}, "no data"),
        ("undo_proceed", 18, {"data": {"document_id": 19}}, "another document_id"),
        ("undo_proceed", 18, {}, "no data"),
        ("cancel_e_document", 18, {"success": True, "data": {"cancelled": False}}, "a no in its field cancelled"),
        ("delete_invoice", 18, {"success": True, "data": {"status": "failed"}}, "a no in its field status"),
    ],
)
async def test_a_reply_that_does_not_name_what_was_done_leaves_it_unknown(
    operation, argument, body, reason, kolaybi, server
):
    server.answers(body)

    with pytest.raises(OutcomeUnknownError, match=reason):
        await getattr(kolaybi, operation)(argument)

    assert len(server.requests) == 1


async def test_the_bare_word_of_the_provider_is_enough_for_an_undoing(kolaybi, server):
    server.answers({"success": True}).answers({"success": True, "data": "tamam"})

    assert await kolaybi.undo_proceed(18) == UndoneCollection()
    assert await kolaybi.delete_invoice(18) == DeletedInvoice({"data": "tamam"})


# The buyers


@pytest.mark.parametrize("operation", BUYERS)
@pytest.mark.parametrize("status", [400, 500])
async def test_no_buyer_shows_in_a_repr_an_error_or_a_log(operation, status, kolaybi, server, caplog):
    caplog.set_level("DEBUG")
    request = BUYERS[operation]
    quoted = " ".join(request.private_texts)
    server.answers({"success": False, "code": 10000 + status, "message": quoted}, status)

    with pytest.raises((InvalidRequestError, OutcomeUnknownError)) as caught:
        await getattr(kolaybi, operation)(request)

    logged = [f"{record.getMessage()}{vars(record)}" for record in caplog.records]
    for shown in (repr(request), str(caught.value), repr(caught.value), to_json(caught.value), *logged):
        assert CANARY not in shown
        assert "98765432109" not in shown
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert CANARY in quoted
