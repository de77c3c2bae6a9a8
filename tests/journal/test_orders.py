"""What is created and undone, in a journal: at most once, found again by its number, with nothing of a buyer shown."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from attrs import evolve

from kolay_invoice import (
    Associate,
    CancelEDocument,
    CreatedInvoice,
    CreateEDocument,
    DeleteInvoice,
    Document,
    InvoiceDetail,
    NewAddress,
    NewAssociate,
    NewInvoice,
    NewProduct,
    Proceed,
    Product,
    UndoProceed,
)
from kolay_invoice.journal import Journal
from kolay_invoice.journal.models import show_key
from kolay_invoice.journal.request_format import fields_of, request_of
from kolay_invoice.kolaybi.order_endpoints import ENDPOINTS as ORDER_ENDPOINTS
from kolay_invoice.readback import NotExecuted, ReadBackQuery, Undecided

from .support import QUIET, D, N, P, R, U, kolaybi_of, only_row, rows_of, states_of

ITEM = {"product_id": 31, "quantity": "1.00", "unit_price": "100.00", "vat_rate": 20}
INVOICE = NewInvoice(
    contact_id=11, address_id=21, order_date="2026-05-02", currency="TRY", items=[ITEM], order_reference="SIPARIS-1"
)
PERSON = NewAssociate(name="canary-name", surname="canary-surname", identity_no="22222222222", email="canary@a.example")
PRODUCT = NewProduct(name="Tabak", code="T-1")
CREATIONS = {"create_associate": PERSON, "create_product": PRODUCT, "create_invoice": INVOICE}
ENDPOINTS = {endpoint.operation: endpoint for endpoint in ORDER_ENDPOINTS}
each_creation = pytest.mark.parametrize(("operation", "request_"), CREATIONS.items(), ids=CREATIONS)


@each_creation
async def test_a_creation_whose_answer_is_lost_is_found_and_not_repeated(
    operation, request_, sqlite_journal, emulator, kolaybi
):
    emulator.fault(operation, "drop-after")
    report = await sqlite_journal.run(kolaybi, [request_], quiet_period=QUIET)

    assert report.counts[D] == 1
    assert emulator.executions(operation) == 1
    result = (await only_row(sqlite_journal)).result
    created = {"create_associate": "associate_id", "create_product": "product_id", "create_invoice": "document_id"}
    assert getattr(result, created[operation]) in {
        *emulator.documents,
        *emulator._app.kolaybi.orders.associates,
        *emulator._app.kolaybi.orders.products,
    }


@each_creation
async def test_a_creation_that_was_not_executed_waits_unless_absence_proves(
    operation, request_, sqlite_journal, emulator, kolaybi
):
    emulator.fault(operation, "drop-before")
    await sqlite_journal.run(kolaybi, [request_], quiet_period=0.01, patience=0.0)
    await asyncio.sleep(0.05)
    await sqlite_journal.run(kolaybi, [request_], quiet_period=0.01, patience=0.0)
    assert await states_of(sqlite_journal) == {U: 1}
    assert emulator.executions(operation) == 0

    report = await sqlite_journal.run(kolaybi, [request_], quiet_period=0.01, absence_proves=True)

    assert report.counts[D] == 1
    assert emulator.executions(operation) == 1


async def test_an_invoice_whose_order_number_is_shown_nowhere_is_never_found_and_never_repeated(
    sqlite_journal, emulator, kolaybi
):
    emulator.order_shown = "nowhere"
    emulator.fault("create_invoice", "drop-after")
    report = await sqlite_journal.run(kolaybi, [INVOICE], quiet_period=0.01, give_up_after=0.05, absence_proves=True)

    assert report.counts[N] == 1
    assert emulator.executions("create_invoice") == 1


@each_creation
@pytest.mark.row(44)
async def test_what_was_created_before_proves_nothing_of_another_occasion(
    operation, request_, sqlite_journal, emulator, kolaybi
):
    await sqlite_journal.run(kolaybi, [request_])
    emulator.fault(operation, "drop-before")
    options = {"quiet_period": 0.0, "patience": 0.0, "occasion": "once more"}
    for _ in range(2):
        report = await sqlite_journal.run(kolaybi, [request_], **options)
    assert report.counts[U] == 1
    assert emulator.executions(operation) == 1


@each_creation
@pytest.mark.row(44)
async def test_what_a_person_settled_without_an_id_leaves_another_occasion_in_doubt(
    operation, request_, sqlite_journal, emulator, kolaybi
):
    emulator.fault(operation, "drop-after")
    await sqlite_journal.run(kolaybi, [request_], quiet_period=1_000.0)
    await sqlite_journal.settle((await only_row(sqlite_journal)).key, done=True, by="Ayşe", because="seen in KolayBi")
    emulator.fault(operation, "drop-before")
    options = {"quiet_period": 0.0, "patience": 0.0, "occasion": "once more"}
    for _ in range(2):
        report = await sqlite_journal.run(kolaybi, [request_], **options)
    assert report.counts[U] == 1
    (row,) = (await rows_of(report)).values()
    assert row.note == "it is there, and that may be an earlier one whose id is not known"
    assert emulator.executions(operation) == 1


class Records:
    """A client whose lists hold these rows. It remembers the kinds of document that were asked for."""

    def __init__(self, *rows, detail=None):
        self.rows, self.detail, self.kinds = rows, detail, []

    async def list_associates(self, **_):
        return [*self.rows]

    list_products = list_associates

    async def iter_documents(self, *, type, associate_id):  # noqa: A002 - the provider's name.
        self.kinds.append(type)
        for row in self.rows:
            yield row

    async def get_invoice(self, _):
        return self.detail


@pytest.mark.parametrize(
    ("operation", "request_", "row"),
    [
        ("create_associate", PERSON, Associate(identity_no="22222222222")),
        ("create_product", PRODUCT, Product(code="T-1")),
        ("create_invoice", INVOICE, Document(order_date=INVOICE.order_date)),
    ],
)
async def test_a_row_without_an_id_is_no_absence(operation, request_, row):
    query = ReadBackQuery(request_, request_, absence_proves=True)
    look = ENDPOINTS[operation].read_back

    assert isinstance(await look(Records(), query), NotExecuted)
    assert isinstance(await look(Records(row), query), Undecided)


async def test_an_invoice_is_found_among_its_own_kind_and_by_a_detail_without_an_id():
    request = evolve(INVOICE, type="sale_return_invoice")
    records = Records(Document(document_id=7), detail=InvoiceDetail(order_reference="SIPARIS-1"))
    sight = await ENDPOINTS["create_invoice"].read_back(records, ReadBackQuery(request, request, absence_proves=True))

    assert (sight.reply.document_id, records.kinds) == (7, ["sale_return_invoice"])


@pytest.mark.parametrize("days", [-1, 1])
async def test_an_invoice_is_found_where_the_list_shows_a_neighbouring_day(days):
    day = INVOICE.order_date + timedelta(days=days)
    records = Records(Document(document_id=7, order_date=day), detail=InvoiceDetail(order_reference="SIPARIS-1"))
    sight = await ENDPOINTS["create_invoice"].read_back(records, ReadBackQuery(INVOICE, INVOICE, absence_proves=True))

    assert sight.reply.document_id == 7


async def test_what_is_there_twice_needs_a_person(sqlite_journal, emulator, kolaybi):
    emulator.associate_duplicates = "execute"
    await kolaybi.create_associate(PERSON)
    emulator.fault("create_associate", "drop-after")
    await sqlite_journal.run(kolaybi, [PERSON], quiet_period=0.01)

    row = await only_row(sqlite_journal)
    assert (row.state, row.note) == (N, "it is there more than once")


@pytest.mark.parametrize("code", ["refuse", "execute"])
async def test_what_was_there_before_is_done_with_what_is_found(code, sqlite_journal, emulator, kolaybi):
    known = await kolaybi.create_associate(PERSON)
    if code == "refuse":
        # The provider refuses it, and what it refuses it for is found.
        report = await sqlite_journal.run(kolaybi, [PERSON])
        assert (await only_row(sqlite_journal)).result.associate_id == known.associate_id
        assert report.counts[D] == 1
    assert emulator.executions("create_associate") == 1


async def test_workers_at_once_create_one_associate(sqlite_url, emulator):
    emulator.associate_duplicates = "execute"

    async def work():
        async with kolaybi_of(emulator) as client, Journal.open(sqlite_url) as journal:
            await journal.run(client, [PERSON])

    await asyncio.gather(*(work() for _ in range(8)))

    assert emulator.executions("create_associate") == 1


async def test_a_journal_shows_and_keeps_nothing_of_a_buyer_in_keys_and_results(sqlite_journal, emulator, kolaybi):
    await sqlite_journal.run(kolaybi, [PERSON, INVOICE, PRODUCT])
    rows = await rows_of(sqlite_journal)

    assert {state.state for state in rows.values()} == {D}
    for key, row in rows.items():
        assert "22222222222" not in f"{key} {row!r} {row.result!r}"
        assert "canary" not in f"{key} {row!r}"
        assert "SIPARIS-1" not in repr(row)
    person = next(row for row in rows.values() if row.operation == "create_associate")
    assert (person.result.name, person.result.addresses) == (None, ())
    assert person.result.associate_id in emulator._app.kolaybi.orders.associates
    assert person.request == PERSON
    assert show_key("kolaybi:a:create_product:code=T-1") == "kolaybi:a:create_product:code=***"


@pytest.mark.parametrize(
    ("request_", "needed"),
    [
        (NewInvoice(**{**fields_of(INVOICE), "order_reference": None}), "order_reference"),
        (NewProduct(name="Tabak"), "code"),
    ],
)
async def test_what_a_journal_cannot_tell_from_others_is_refused(request_, needed, sqlite_journal, emulator, kolaybi):
    with pytest.raises(ValueError, match=f"{needed} is needed in a journal"):
        await sqlite_journal.run(kolaybi, [request_])

    assert emulator.requests == []


@pytest.mark.parametrize("request_", [INVOICE, PERSON, PRODUCT, UndoProceed(1), CreateEDocument(1, prefix="ABC")])
def test_a_request_survives_a_file_or_queue(request_):
    from kolay_invoice.journal.request_format import batch_name_of

    assert request_of(batch_name_of(request_), fields_of(request_)) == request_


@pytest.mark.parametrize(("flag", "read"), [("true", True), ("0", False)])
def test_a_column_of_a_file_may_hold_a_flag(flag, read):
    given = {"name": "Öz", "surname": "A.Ş.", "identity_no": "11111111111", "is_corporate": flag}
    assert request_of("create-associate", given).is_corporate is read
    with pytest.raises(ValueError, match="is_corporate must be true or false"):
        request_of("create-associate", {**given, "is_corporate": "perhaps"})


# Undoing


async def test_a_send_after_a_cancellation_and_a_collection_after_its_undoing_are_new(
    sqlite_journal, emulator, kolaybi
):
    await sqlite_journal.run(kolaybi, [Proceed(1, 1), UndoProceed(1)])
    again = await sqlite_journal.run(kolaybi, [Proceed(1, 1)])
    assert again.done_now == 1
    assert (emulator.executions("proceed", 1), emulator.executions("undo_proceed", 1)) == (2, 1)

    await sqlite_journal.run(kolaybi, [CreateEDocument(1), CancelEDocument(1)])
    report = await sqlite_journal.run(kolaybi, [CreateEDocument(1)])
    # The cancellation has removed the invoice, so the new operation is refused.
    assert (report.counts[R], emulator.executions("create_e_document", 1)) == (1, 1)


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("undo_proceed", UndoProceed(1)),
        ("cancel_e_document", CancelEDocument(1)),
        ("delete_invoice", DeleteInvoice(1)),
        ("create_address", NewAddress(associate_id=11, city="a", district="b", country="c")),
    ],
)
async def test_what_nothing_can_read_back_waits_for_a_person(operation, request_, sqlite_journal, emulator, kolaybi):
    emulator.fault(operation, "drop-before")
    await sqlite_journal.run(kolaybi, [request_], quiet_period=0.01)
    await sqlite_journal.run(kolaybi, [request_], quiet_period=0.01)

    assert await states_of(sqlite_journal) == {N: 1}
    assert len([one for one in emulator.requests if one.operation == operation]) == 1


async def test_an_unread_list_decides_nothing(sqlite_journal, emulator, kolaybi):
    emulator.fault("create_product", "drop-after")
    emulator.fault("list_products", 500, times=100)
    await sqlite_journal.run(kolaybi, [PRODUCT], quiet_period=0.01, patience=0.0)
    await asyncio.sleep(0.05)
    await sqlite_journal.run(kolaybi, [PRODUCT], quiet_period=0.01, patience=0.0, absence_proves=True)

    row = await only_row(sqlite_journal)
    assert row.state in {U, P}
    assert row.state is U
    assert any("could not be read back" in one.seen for one in row.evidence)


def test_a_created_invoice_is_stored_without_what_is_unknown():
    from kolay_invoice.journal import serialization

    stored = serialization.dumps(CreatedInvoice(document_id=7, extra={"buyer": "canary"}))

    assert stored == '{"document_id":7}'
