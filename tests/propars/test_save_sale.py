"""Saving a sale: its form, what is refused before a byte leaves, and repeating it without a second sale."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kolay_invoice import (
    AsyncPropars,
    BillingAddress,
    InvalidRequestError,
    NewSale,
    NewSaleCustomer,
    OutcomeUnknownError,
    Propars,
    SaleItem,
    SendInvoice,
)
from kolay_invoice.emulator import Emulator
from kolay_invoice.journal import Journal, State
from kolay_invoice.journal.request_format import fields_of, request_of

CODE = "S-2026-1"
BUYER = "canary-buyer"


def new_sale(**changes):
    fields = {
        "sale_code": CODE,
        "order_date": datetime(2026, 11, 29, 6, tzinfo=UTC),
        "customer_detail": NewSaleCustomer(name=BUYER, tc_identity_number="11111111111", customer_type="individual"),
        "items": [SaleItem("Vazo", "V-1", {"quantity": 2, "unit_price": Decimal("10.50")})],
    }
    return NewSale(**fields | changes)


@pytest.fixture
def emulator():
    with Emulator() as running:
        yield running


@pytest.fixture
async def emulated(emulator):
    async with AsyncPropars(token=emulator.propars_token, base_url=emulator.propars_url, timeout=10) as client:
        yield client


@pytest.fixture
async def once(emulator, tmp_path):
    """A client that makes one attempt, and a journal."""
    options = {"token": emulator.propars_token, "base_url": emulator.propars_url, "max_attempts": 1}
    async with AsyncPropars(**options) as client, Journal.open(f"sqlite:///{tmp_path}/sales.db") as journal:
        yield client, journal


def saved(emulator, code=CODE):
    return [sale for sale in emulator.sales.values() if sale.sale_code == code]


async def test_a_sale_arrives_as_one_json_object_with_the_names_of_the_page(propars, server):
    server.answers({"id": 5, "sale_code": CODE}, status=201)

    sale = await propars.save_sale(
        new_sale(
            billing_address_detail=BillingAddress(address="Moda Cad. 1\nDaire 2", city_name="İstanbul"),
            source="website",
            cargo_payment=True,
            other_fields={"integration": 7},
        )
    )

    [request] = server.requests
    assert (request.method, request.target) == ("POST", "/api/v1/core/sale/create_nested/")
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.body) == {
        "sale_code": CODE,
        "order_date": "2026-11-29T09:00:00+0300",
        "customer_detail": {"name": BUYER, "tc_identity_number": "11111111111", "customer_type": "individual"},
        "items": [{"product_name": "Vazo", "product_code": "V-1", "quantity": 2, "unit_price": "10.50"}],
        "billing_address_detail": {"address": "Moda Cad. 1\nDaire 2", "city_name": "İstanbul"},
        "currency": 1,
        "source": "website",
        "cargo_payment": True,
        "integration": 7,
    }
    assert (sale.sale_id, sale.sale_code) == (5, CODE)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"sale_code": ""}, "sale_code"),
        ({"order_date": "2026-11-29T09:00:00"}, "order_date"),
        ({"order_date": 7}, "order_date"),
        ({"customer_detail": None}, "customer_detail must be a NewSaleCustomer or an object"),
        ({"customer_detail": {"nick": "x"}}, "'nick' is not a field of customer_detail"),
        ({"customer_detail": {"tax_number": "123456789"}}, "tax_number must be a text of 10 digits"),
        ({"customer_detail": {"tc_identity_number": 11111111111}}, "tc_identity_number must be a text of 11 digits"),
        ({"customer_detail": {"customer_type": "company"}}, "customer_type must be one of organizational, individual"),
        ({"customer_detail": {"email": "a\nb"}}, "email"),
        ({"billing_address_detail": {"address": "a\0b"}}, "address must be a text of 1 to"),
        ({"billing_address_detail": {"address": 7}}, "address must be a text of 1 to"),
        ({"items": []}, "items must hold 1 to"),
        ({"items": "Vazo"}, "items must be a list"),
        ({"items": [{"product_code": "V-1"}]}, "items.product_name is missing"),
        ({"items": [{"product_name": "V", "other_fields": []}]}, "other_fields must be an object"),
        ({"items": [{"product_name": "V", "other_fields": {"Price": 1}}]}, "other_fields must be named"),
        ({"items": [{"product_name": "V", "other_fields": {"price": 1.5}}]}, "price must be a str, an int"),
        ({"items": [{"product_name": "V", "other_fields": {"product_code": "x"}}]}, "must not hold product_code"),
        ({"other_fields": {"notes": "x"}}, "must not hold notes"),
        ({"currency": 0}, "currency"),
        ({"box": "OUTBOX"}, "box must be one of SENTBOX, INBOX"),
        ({"source": "market"}, "source must be one of store, website"),
        ({"payment_method_model": 1.5}, "payment_method_model must be a str, an int or a bool"),
        ({"payment_method_model": " x"}, "payment_method_model"),
    ],
)
def test_what_the_page_does_not_allow_is_refused_before_a_byte_leaves(changes, named):
    with pytest.raises((TypeError, ValueError), match=named):
        new_sale(**changes)


async def test_no_buyer_is_shown_in_a_repr_or_in_an_error(propars, server):
    sale = new_sale()
    server.answers({"customer_detail": [f"{BUYER} ({CODE}) is not accepted"]}, status=400)

    with pytest.raises(InvalidRequestError) as refused:
        await propars.save_sale(sale)

    shown = f"{sale!r} {sale.customer_detail!r} {refused.value} {refused.value.detail} {refused.value!r}"
    assert "is not accepted" in shown
    assert not [private for private in (BUYER, CODE, "11111111111") if private in shown]


async def test_saving_again_updates_the_same_sale_and_it_can_be_sent(emulator, emulated):
    first = await emulated.save_sale(new_sale())
    second = await emulated.save_sale(new_sale(items=[SaleItem("Bardak", other_fields={"price": "3"})]))

    [sale] = saved(emulator)
    assert first.sale_id == second.sale_id == sale.sale_id
    assert (sale.item, sale.total, sale.buyer) == ("Bardak", Decimal(3), BUYER)
    assert "Bardak" in (await emulated.invoice_html_for_sale(sale_code=CODE)).html
    await emulated.send_invoice(sale_code=CODE)
    with pytest.raises(InvalidRequestError, match="gönderilmiş satış"):
        await emulated.save_sale(new_sale())
    await emulated.cancel_invoice(sale_code=CODE)
    assert emulator.executions("save_sale", CODE) == 2


@pytest.mark.parametrize("kind", ["drop-after", "500", "429"])
async def test_an_attempt_of_unknown_outcome_is_repeated_and_makes_no_second_sale(emulator, emulated, kind):
    emulator.fault("save_sale", kind)

    await emulated.save_sale(new_sale())

    assert len(saved(emulator)) == 1
    assert [one.operation for one in emulator.requests] == ["save_sale"] * 2


async def test_a_refusal_after_an_attempt_of_unknown_outcome_does_not_hide_it(propars, server):
    server.answers({"error": "gateway"}, status=502).answers({"detail": "Faturası gönderilmiş."}, status=400)

    with pytest.raises(OutcomeUnknownError, match=r"answered 502; repeated, it ended so: .*refused") as unknown:
        await propars.save_sale(new_sale())

    assert unknown.value.may_have_happened
    assert "Save the same sale again" in str(unknown.value)


async def test_an_interruption_between_two_attempts_says_that_it_may_have_happened(propars, server, monkeypatch):
    waiting = asyncio.Event()

    async def sleep(_seconds):
        waiting.set()
        await asyncio.Event().wait()

    server.answers({"error": "gateway"}, status=502)
    call = asyncio.create_task(propars.save_sale(new_sale()))
    monkeypatch.setattr("kolay_invoice.call_loop.asyncio.sleep", sleep)
    await waiting.wait()
    monkeypatch.undo()
    call.cancel()

    with pytest.raises(asyncio.CancelledError) as cancelled:
        await call
    assert "it may have happened" in cancelled.value.__notes__[0]


def test_a_request_is_the_same_after_a_queue_or_a_file():
    sale = new_sale(notes="İki\nsatır", billing_address_detail={"district": "Kadıköy"})

    assert request_of("propars-save-sale", json.loads(json.dumps(fields_of(sale)))) == sale


@pytest.mark.parametrize(
    ("is_sent", "state", "executions"), [(False, State.DONE, 1), (True, State.NEEDS_PERSON, 0)], ids=["unsent", "sent"]
)
async def test_a_journal_saves_again_what_may_have_been_saved_unless_its_invoice_was_sent(
    emulator, once, is_sent, state, executions
):
    client, journal = once
    emulator.add_sale(CODE)
    emulator.fault("save_sale", "drop-before")
    await journal.run(client, [new_sale()], quiet_period=0.05, patience=0.01)
    if is_sent:
        await client.send_invoice(sale_code=CODE)
    report = await journal.run(client, [new_sale()], quiet_period=0.05, patience=10)

    assert {one: count for one, count in report.counts.items() if count} == {state: 1}
    assert emulator.executions("save_sale", CODE) == executions
    assert len(saved(emulator)) == 1


async def planned_again(emulator, client, journal):
    """Let a save be executed and its answer lost, and another run find that it may be saved again."""
    emulator.fault("save_sale", "drop-after")
    await journal.run(client, [new_sale()], quiet_period=60.0, patience=0.0)
    await journal.run(client, [SendInvoice(sale_code="S-of-another-batch")], quiet_period=0.0, patience=1.0)
    assert (await journal.find(client, new_sale())).state is State.PLANNED


async def test_a_save_whose_invoice_was_sent_before_its_repetition_is_not_repeated(emulator, once):
    client, journal = once
    await planned_again(emulator, client, journal)
    await client.send_invoice(sale_code=CODE)

    await journal.run(client, [new_sale()], quiet_period=0.0, patience=0.0)

    row = await journal.find(client, new_sale())
    assert (row.state, row.is_proven_unsent) == (State.NEEDS_PERSON, False)
    assert row.note == "the invoice of the sale was sent, and no record tells whether this save came before"
    assert [one.operation for one in emulator.requests].count("save_sale") == 1


async def test_a_save_that_cannot_be_looked_up_is_not_repeated_in_that_run(emulator, once):
    client, journal = once
    await planned_again(emulator, client, journal)
    emulator.fault("list_sales", 500)

    for state in (State.PLANNED, State.DONE):
        report = await journal.run(client, [new_sale()], quiet_period=0.0, patience=0.0)
        assert report.counts[state] == 1
    assert emulator.executions("save_sale", CODE) == 2


async def test_a_refused_repetition_does_not_hide_a_save_that_may_have_been_executed(emulator, once, monkeypatch):
    client, journal = once
    await planned_again(emulator, client, journal)
    list_sales = client.list_sales

    async def list_before_somebody_sends(**wanted):
        rows = await list_sales(**wanted)
        await client.send_invoice(sale_code=CODE)
        return rows

    monkeypatch.setattr(client, "list_sales", list_before_somebody_sends)
    await journal.run(client, [new_sale()], quiet_period=0.0, patience=0.0)

    row = await journal.find(client, new_sale())
    assert (row.state, row.refusal) == (State.NEEDS_PERSON, None)
    assert row.note.startswith("its repetition was refused, and an attempt before it may have been executed: ")


def test_the_blocking_twin_saves_too(emulator):
    with Propars(token=emulator.propars_token, base_url=emulator.propars_url) as client:
        assert client.save_sale(new_sale()).sale_code == CODE
    assert len(saved(emulator)) == 1
