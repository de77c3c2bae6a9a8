"""An order to an invoice: every step at most once, resumed after faults, cuts and by any number of workers."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from kolay_invoice import NewAssociate, NewProduct, UndoProceed
from kolay_invoice.emulator import Emulator
from kolay_invoice.flows import Order, OrderLine, OrderToInvoice
from kolay_invoice.journal import Journal, State

from .support import D, N, kolaybi_of, rows_of

PLACE = {"city": "İzmir", "district": "Konak", "country": "Türkiye"}
STEPS = ("create_associate", "create_product", "create_invoice", "create_e_document", "proceed")


def buyer_of(number, **fields):
    given = {"name": "Ayşe", "surname": "Öz", "email": "ayse@alici.example", "addresses": [PLACE]}
    return NewAssociate(identity_no=f"{20_000_000_000 + number}", **{**given, **fields})


def order_of(number, buyer=0, product=0, **fields):
    line = OrderLine(product=NewProduct(name="Vazo", code=f"V-{product}"), quantity=2, unit_price="50.25", vat_rate=20)
    given = {"associate": buyer_of(buyer), "lines": [line], "order_date": "2026-05-02", "vault_id": 1}
    return Order(order_reference=f"SIPARIS-{number}", **{**given, **fields})


@pytest.fixture
def flow(sqlite_journal, kolaybi):
    return OrderToInvoice(sqlite_journal, kolaybi, quiet_period=0.01, patience=5.0)


def executions(emulator):
    return {step: emulator.executions(step) for step in STEPS}


async def test_an_order_is_created_sent_and_collected_once(flow, emulator):
    [result] = await flow.run([order_of(1), order_of(1)])
    assert (result.is_finished, result.step, result.waits_for) == (True, "collected", None)
    assert emulator.documents[result.document_id].uuid == result.uuid
    assert "SIPARIS-1" not in repr(result)

    again = await flow.run([order_of(1)])
    assert (again, executions(emulator)) == ([result], dict.fromkeys(STEPS, 1))


async def test_what_was_undone_is_not_done_again(flow, sqlite_journal, emulator, kolaybi):
    [result] = await flow.run([order_of(1)])
    await sqlite_journal.run(kolaybi, [UndoProceed(result.document_id)])

    assert await flow.run([order_of(1)]) == [result]
    assert executions(emulator) == dict.fromkeys(STEPS, 1)


async def test_a_buyer_and_a_product_that_are_there_are_used(flow, emulator, kolaybi):
    buyer = NewAssociate(name="Deneme", surname="Alıcı", identity_no="11111111111", addresses=[PLACE])
    line = OrderLine(product=NewProduct(name="a", code="VAZO-1"), quantity=1, unit_price=1, vat_rate=20)
    [result] = await flow.run([order_of(1, associate=buyer, lines=[line], vault_id=None)])

    assert (result.is_finished, result.step) == (True, "official")
    assert executions(emulator) == {**dict.fromkeys(STEPS, 0), "create_invoice": 1, "create_e_document": 1}
    assert emulator.documents[result.document_id].associate_id == 11


async def test_a_buyer_without_an_address_gets_one(flow, emulator, kolaybi):
    await kolaybi.create_associate(buyer_of(0, addresses=[]))
    [first, second] = await flow.run([order_of(1), order_of(2)])

    assert first.is_finished
    assert second.is_finished
    assert emulator.executions("create_address") == 1


async def test_an_address_abroad_is_created_whole(flow, emulator, kolaybi):
    street = {"street": "Hauptstr.", "building_name": "Haus A", "number": "1", "postal_code": "10115"}
    await kolaybi.create_associate(buyer_of(0, addresses=[]))
    [result] = await flow.run(
        [order_of(1, associate=buyer_of(0, addresses=[{**PLACE, "is_abroad": True, **street}]), vault_id=None)]
    )

    assert result.is_finished
    [sent] = [one.form for one in emulator.requests if one.operation == "create_address"]
    assert {**sent, **street} == sent
    assert sent["is_abroad"] in {"1", "true"}


async def test_another_description_of_a_buyer_makes_no_second_one(flow, emulator):
    await flow.run([order_of(1)])
    [result] = await flow.run([order_of(2, associate=buyer_of(0, phone="+90"))])

    assert result.is_finished
    assert emulator.executions("create_associate") == 1


async def test_an_ignored_filter_is_no_obstacle(flow, emulator, monkeypatch):
    monkeypatch.setattr("kolay_invoice.emulator.order_api._filtered", lambda _call, rows: list(rows))
    [result] = await flow.run([order_of(1)])

    assert result.is_finished
    assert executions(emulator) == dict.fromkeys(STEPS, 1)


@pytest.mark.parametrize(
    ("operation", "fault", "waits_for"),
    [
        ("list_associates", 500, "create_associate"),
        ("create_associate", "drop-before", "create_associate: unknown"),
        ("create_product", "drop-before", "create_product: unknown"),
        ("create_invoice", "drop-before", "create_invoice: unknown"),
        ("create_e_document", "late", "create_e_document: unknown"),
        ("proceed", "drop-after", "proceed: needs_person"),
    ],
)
async def test_an_order_waits_at_the_step_that_is_not_known(
    operation, fault, waits_for, sqlite_journal, emulator, kolaybi
):
    seconds = {"seconds": 600.0} if fault == "late" else {}
    emulator.fault(operation, fault, times=50 if operation == "list_associates" else 3, **seconds)
    client = kolaybi if fault != "late" else kolaybi_of(emulator, timeout=0.3)
    result, _ = await OrderToInvoice(sqlite_journal, client, quiet_period=0.01, patience=0.0).run(
        [order_of(1), order_of(2)]
    )

    assert result.waits_for == waits_for
    assert not result.is_finished
    assert all(times <= 2 for times in executions(emulator).values())
    if fault == "late":
        await client.aclose()


async def test_a_buyer_who_is_there_twice_waits(flow, emulator, kolaybi):
    emulator.associate_duplicates = "execute"
    for _ in range(2):
        await kolaybi.create_associate(buyer_of(0))
    [result] = await flow.run([order_of(1)])

    assert (result.waits_for, result.why) == ("create_associate", "it is there more than once")
    assert emulator.executions("create_invoice") == 0


async def test_a_refused_step_says_what_the_provider_said(flow, emulator):
    [result] = await flow.run([order_of(1, vault_id=99)])

    assert (result.step, result.waits_for) == ("official", "proceed: refused")
    assert "Kasa/Banka bulunamadı" in result.why


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: order_of(1, associate=buyer_of(0, addresses=[])), "addresses is needed"),
        (lambda: order_of(1, associate=buyer_of(0, addresses=[{"city": "a"}])), "district is needed"),
        (lambda: order_of(1, lines=[]), "lines"),
        (lambda: order_of(1, order_date="soon"), "order_date must be"),
        (lambda: OrderLine(product=NewProduct(name="a"), quantity=1, unit_price=1, vat_rate=20), "code is needed"),
        (lambda: OrderLine(product=NewProduct(name="a", code="b"), quantity=0, unit_price=1, vat_rate=20), "quantity"),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong()


async def test_eight_workers_at_once_make_everything_once(url, emulator):
    emulator.associate_duplicates = "execute"
    orders = [order_of(number) for number in range(2)]

    async def work():
        async with kolaybi_of(emulator) as client, Journal.open(url) as journal:
            return await OrderToInvoice(journal, client, quiet_period=0.05, patience=0.5).run(orders)

    await asyncio.gather(*(work() for _ in range(8)))
    # What another worker had in hand waits. One run more finishes it.
    results = await work()

    assert all(result.is_finished for result in results)
    assert executions(emulator) == {**dict.fromkeys(STEPS, 2), "create_associate": 1, "create_product": 1}


async def test_a_night_of_faults_and_cuts_makes_nothing_twice_and_loses_nothing(url):
    orders = [order_of(number, buyer=number % 5, product=number % 3) for number in range(12)]
    rng = random.Random(14)
    with Emulator(duplicates="execute", associate_duplicates="execute", seed=14) as emulator:
        for kind in ("drop-after", "drop-before", "500"):
            emulator.fault_rate(kind, 0.04)
        for cut in [*(rng.uniform(0.05, 0.6) for _ in range(4)), None, None]:
            if cut is None:
                emulator.clear_faults()
                for kind in ("drop-after", "drop-before", "500"):
                    emulator.fault_rate(kind, 0)
            async with kolaybi_of(emulator) as client, Journal.open(url) as journal:
                flow = OrderToInvoice(journal, client, quiet_period=0.02, patience=0.5)
                try:
                    async with asyncio.timeout(cut):
                        results = await flow.run(orders)
                except TimeoutError:
                    continue
        async with Journal.open(url) as journal:
            rows = list((await rows_of(journal)).values())
        documents = [one for one in emulator.documents.values() if one.order_reference is not None]
        numbers = [one.identity_no for one in emulator._app.kolaybi.orders.associates.values()]
        counts = {
            step: Counter(
                key[1]
                for key, times in emulator._app.kolaybi.executions.items()
                for _ in range(times)
                if key[0] == step
            )
            for step in STEPS
        }

    references = Counter(one.order_reference for one in documents)
    assert set(references.values()) <= {1}
    assert max(Counter(numbers).values()) == 1
    for step in STEPS:
        assert set(counts[step].values()) <= {1}
    # Whatever is not finished waits for a person or is looked up: it is in the journal, and none is lost.
    assert {row.state for row in rows} <= {D, N, State.UNKNOWN}
    unfinished = [result for result in results if not result.is_finished]
    assert all(result.waits_for and result.waits_for.endswith(("needs_person", "unknown")) for result in unfinished)
    assert len(unfinished) < len(orders)
