"""What is read around a send or a collection: one invoice, vaults and their movements. No page tells of the replies."""

from __future__ import annotations

import inspect
import json
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from kolay_invoice import (
    AsyncKolayBi,
    GetInvoice,
    InvoiceDetail,
    KolayBi,
    ListInvoices,
    ListVaults,
    ListVaultTransactions,
    Proceed,
    UnexpectedReplyError,
    Vault,
    VaultMovement,
    VaultTotal,
    VaultTransactions,
)
from kolay_invoice.kolaybi.replies import interpret
from kolay_invoice.result import Accepted, HttpResponse

ETTN = "f46d5a8d-7726-4b37-bba4-973c7ab50a5b"
NUMBER = "HDB2021000008464"
DETAIL = GetInvoice(18)


@pytest.fixture
def reply():
    """Return what a request is answered with when this `data` comes with a 200."""

    def reply(request, data, **envelope):
        endpoint = AsyncKolayBi.profile.endpoints[type(request)]
        body = json.dumps({"success": True, "data": data, **envelope}).encode()
        verdict = interpret(endpoint, HttpResponse(200, {}, body))
        assert isinstance(verdict, Accepted)
        return endpoint.decode(request, verdict.content)

    return reply


# Where each field of an invoice is read, and what it is then.
PLACES = [
    ("document_id", 18, 18, ["document_id", "commercial_doc_id", "id"]),
    ("uuid", ETTN, UUID(ETTN), ["uuid", "document_uuid", "ettn", "e_document.uuid"]),
    ("no", NUMBER, NUMBER, ["no", "document_no", "serial_no", "header.serial_no"]),
    ("status", "sent", "sent", ["status", "commercial_doc_status", "document_status"]),
    ("scenario", "KAMU", "KAMU", ["scenario", "document_scenario", "e_document.scenario"]),
    ("type", "SATIS", "SATIS", ["e_document.document_type", "document_type", "type"]),
    ("issue_date", "2026-05-02", date(2026, 5, 2), ["issue_date", "header.issue_date", "order_date"]),
    ("due_date", "2026-05-02", date(2026, 5, 2), ["due_date", "header.due_date"]),
    ("grand_total", 20, Decimal(20), ["grand_total", "total.grand_total", "total_amount"]),
    ("currency", "try", "try", ["currency", "grand_currency", "total.currency", "header.currency"]),
    ("remaining_amount", "19.50", Decimal("19.50"), ["remaining_amount", "payment_plan.remaining_amount"]),
    (
        "payment_status",
        "paid",
        "paid",
        ["payment_status", "payment_plan.payment_status_value", "payment_plan.payment_status"],
    ),
    ("cancelled_at", "yesterday", "yesterday", ["cancelled_at", "header.cancelled_at", "e_document.cancelled_at"]),
]


def placed(name, value):
    first, _, second = name.partition(".")
    return {first: {second: value}} if second else {first: value}


@pytest.mark.parametrize(
    ("field", "sent", "read", "name"),
    [(field, sent, read, name) for field, sent, read, names in PLACES for name in names],
)
def test_a_field_is_read_wherever_it_was_seen(field, sent, read, name, reply):
    detail = reply(DETAIL, placed(name, sent))

    assert detail == InvoiceDetail(**{field: read}, extra=placed(name, sent) if "." in name else {})


@pytest.mark.parametrize(("field", "sent", "names"), [(field, sent, names) for field, sent, _, names in PLACES[1:]])
def test_what_does_not_fit_leaves_its_field_empty_and_stays_as_it_came(field, sent, names, reply):
    for name in names:
        detail = reply(DETAIL, placed(name, [sent]))

        assert getattr(detail, field) is None
        assert detail.extra == placed(name, [sent])


@pytest.mark.parametrize(("field", "name"), [("status", "commercial_doc_status"), ("type", "document_type")])
def test_a_value_that_comes_as_an_object_is_read_by_its_key_and_kept_whole(field, name, reply):
    told = {"key": "sent", "value": "Gönderildi", "description": "…"}

    detail = reply(DETAIL, {name: told})

    assert getattr(detail, field) == "sent"
    assert detail.extra == {name: told}


def test_every_field_of_an_invoice_may_be_missing(reply):
    assert reply(DETAIL, {}) == InvoiceDetail()


@pytest.mark.parametrize(
    ("data", "is_official"),
    [
        ({"uuid": ETTN, "no": NUMBER}, True),
        ({"e_document": {"uuid": ETTN}, "header": {"serial_no": NUMBER}}, True),
        ({"uuid": ETTN}, False),
        ({"uuid": ETTN, "no": ""}, False),
        ({"uuid": ETTN, "no": None}, False),
        ({"uuid": "soon", "no": NUMBER}, False),
        ({"no": NUMBER}, False),
        ({}, False),
    ],
)
def test_an_invoice_is_official_with_both_its_ettn_and_its_number(data, is_official, reply):
    assert reply(DETAIL, data).is_official is is_official


@pytest.mark.parametrize(
    ("sent", "day"),
    [
        ("2026-05-02", date(2026, 5, 2)),
        ("2026-05-02 23:30:00", date(2026, 5, 2)),
        ("2026-05-02T23:30:00+03:00", date(2026, 5, 2)),
        # Late in Greenwich it is the next day in Türkiye.
        ("2026-05-02T21:30:00Z", date(2026, 5, 3)),
    ],
)
def test_a_day_may_come_with_a_time_behind_it(sent, day, reply):
    assert reply(DETAIL, {"issue_date": sent}).issue_date == day


@pytest.mark.parametrize("sent", ["02.05.2026", "2026-02-31", "2026-05-02T99", "", 20260502, None])
def test_what_is_no_day_is_kept_as_it_came(sent, reply):
    detail = reply(DETAIL, {"issue_date": sent})

    assert (detail.issue_date, detail.extra) == (None, {"issue_date": sent})


@pytest.mark.parametrize("named", [{"document_id": 18}, {"id": "18"}, {"document_id": 18, "id": 7}, {"id": None}, {}])
def test_an_invoice_that_is_named_otherwise_than_by_its_id_is_still_it(named, reply):
    assert reply(DETAIL, {"no": NUMBER, **named}).no == NUMBER


@pytest.mark.parametrize("named", [{"document_id": 19}, {"id": 19}, {"commercial_doc_id": "19"}, {"id": [18]}])
async def test_another_invoice_than_the_one_asked_for_is_no_reply(named, kolaybi, server):
    server.answers({"success": True, "data": {"uuid": ETTN, **named}})

    with pytest.raises(UnexpectedReplyError, match="it is for another document_id"):
        await kolaybi.get_invoice(18)

    assert len(server.requests) == 1


def test_an_invoice_that_comes_as_the_only_row_of_a_list_is_read(reply):
    assert reply(DETAIL, [{"id": 18, "no": NUMBER}]) == InvoiceDetail(document_id=18, no=NUMBER)


@pytest.mark.parametrize("data", [[], [{}, {}], [18], "text", 7])
def test_what_is_no_single_invoice_is_no_reply(data, reply):
    with pytest.raises(ValueError, match="expected an object"):
        reply(DETAIL, data)


@pytest.mark.parametrize("call", ["get_invoice", "vault_transactions"])
@pytest.mark.parametrize("body", [b"<html><body>Fatura</body></html>", b"", b"null", b"[]", b'{"success": true}'])
async def test_what_is_no_envelope_is_no_reply(call, body, kolaybi, server):
    server.answers(body, times=8)

    with pytest.raises(UnexpectedReplyError):
        await getattr(kolaybi, call)(18)


def test_nothing_of_a_buyer_shows_in_a_repr(reply):
    buyer = {"header": {"associate": {"full_name": "canary-name", "identity_no": "11111111111"}}, "note": "canary-note"}
    movement = {"id": 1, "amount": 5, "description": "canary-description", "party": "canary-party"}

    shown = repr(reply(DETAIL, buyer)) + repr(reply(ListVaultTransactions(1), {"transactionables": [movement]}))

    assert "canary" not in shown
    assert "111111" not in shown


# Vaults.

VAULT = {"id": 1, "name": "Merkez Kasa", "type": "SAFE_DEPOSIT", "balance": 120.5, "currency": "try"}


def test_a_vault_is_read(reply):
    assert reply(ListVaults(), [VAULT]) == (Vault(1, "Merkez Kasa", "SAFE_DEPOSIT", Decimal("120.5"), "try"),)


def test_unknown_fields_of_a_vault_are_kept(reply):
    told = {"id": "one", "name": 7, "type": {"key": "BANK_ACCOUNT"}, "balance": "much", "currency": None, "iban": "TR"}

    [vault] = reply(ListVaults(), [told])

    assert vault == Vault(type="BANK_ACCOUNT", extra=told)


@pytest.mark.parametrize(
    "request_", [ListVaults(), ListVaults(currency="TRY"), ListVaults(type="safe_deposit", currency="try")]
)
def test_vaults_that_were_asked_for_are_read_whatever_the_case(request_, reply):
    assert len(reply(request_, [VAULT, {"id": 2}])) == 2


@pytest.mark.parametrize(("filters", "name"), [({"currency": "usd"}, "currency"), ({"type": "bank_account"}, "type")])
def test_vaults_that_were_not_asked_for_are_refused(filters, name, reply):
    with pytest.raises(ValueError, match=f"it holds vaults of another {name}"):
        reply(ListVaults(**filters), [VAULT])


def test_a_vault_that_is_no_object_is_named_by_its_place(reply):
    with pytest.raises(ValueError, match=r"expected an object, got int @ \$\[1\]"):
        reply(ListVaults(), [VAULT, 7])


def test_vaults_of_which_more_are_announced_are_not_the_whole(reply):
    with pytest.raises(ValueError, match="further pages of vaults"):
        reply(ListVaults(), [VAULT], meta={"last_page": 2})


# Movements.


def test_movements_and_what_they_come_to_are_read(reply):
    data = {
        "transactionables": [{"id": 7, "amount": 100.50, "description": "Tahsilat", "date": "2026-05-02", "new": 1}],
        "calculations": [{"amount": 100.50, "currency": "try"}],
        "vault": {"id": 1},
    }
    movement = VaultMovement(7, Decimal("100.5"), "Tahsilat", booked_on=date(2026, 5, 2), extra={"new": 1})

    assert reply(ListVaultTransactions(1), data) == VaultTransactions(
        (movement,), (VaultTotal(Decimal("100.5"), "try"),), {"vault": {"id": 1}}
    )


@pytest.mark.parametrize("calculations", [None, {}, "none", [1], [[]]])
def test_totals_that_cannot_be_read_are_kept_and_the_movements_still_count(calculations, reply):
    found = reply(ListVaultTransactions(1), {"transactionables": [{"id": 7}], "calculations": calculations})

    assert (found.movements, found.totals) == ((VaultMovement(7),), ())
    assert found.extra == {"calculations": calculations}


@pytest.mark.parametrize("data", [{}, [], {"transactionables": None}, {"transactionables": {}}, {"data": []}])
def test_a_reply_without_its_movements_never_looks_like_a_vault_without_any(data, reply):
    with pytest.raises(ValueError, match=r"expected a list of movements @ \$\.data\.transactionables"):
        reply(ListVaultTransactions(1), data)


@pytest.mark.parametrize(
    ("inside", "beside"), [({}, {"meta": {"last_page": 2}}), ({"next_page_url": "x", "current_page": 1}, {})]
)
def test_movements_of_which_more_are_announced_are_not_the_whole(inside, beside, reply):
    with pytest.raises(ValueError, match="further pages of movements"):
        reply(ListVaultTransactions(1), {"transactionables": [{"id": 7}], **inside}, **beside)


# What is asked for.


@pytest.mark.parametrize("amount", [0, "0.00", -1, Decimal("-0.01")])
def test_nothing_cannot_be_collected(amount):
    with pytest.raises(ValueError, match="amount must be greater than zero; leave it out for all that remains"):
        Proceed(1, 1, amount)


@pytest.mark.parametrize(
    ("amount", "error"), [(100.5, TypeError), (True, TypeError), ("100,50", ValueError), ("NaN", ValueError)]
)
def test_an_amount_is_exact_or_refused(amount, error):
    with pytest.raises(error, match="amount must be"):
        Proceed(1, 1, amount)


@pytest.mark.parametrize("name", ["list_invoices", "iter_invoices"])
async def test_a_mistyped_direction_warns_and_is_sent_as_it_is(name, kolaybi, server):
    server.answers({"data": []})

    with pytest.warns(UserWarning, match=r"direction='sideways' .*\(outbound, inbound\).*mistyped") as warned:
        assert await _all(getattr(kolaybi, name)(5, "sideways")) == []

    assert [warning.filename for warning in warned] == [__file__]
    assert server.requests[0].target.endswith("direction=sideways")


async def _all(listing):
    return await listing if inspect.iscoroutine(listing) else [row async for row in listing]


@pytest.mark.filterwarnings("error")
async def test_a_warning_that_is_an_error_sends_nothing(kolaybi, server):
    with pytest.raises(UserWarning):
        await kolaybi.list_invoices(5, "sideways")

    assert server.requests == []


async def test_a_list_of_many_pages_warns_once(kolaybi, server):
    for page in (1, 2):
        server.answers({"data": [{"document_id": page}], "meta": {"last_page": 2}})

    with pytest.warns(UserWarning, match="sideways") as warned:
        await kolaybi.list_invoices(5, "sideways")

    assert len(warned) == 1


@pytest.mark.parametrize("direction", ["outbound", "inbound"])
def test_a_known_direction_warns_of_nothing(direction):
    assert ListInvoices(5, direction).direction == direction


def test_the_blocking_client_reads_and_collects_the_same(emulator):
    account = {"channel": emulator.kolaybi_channel, "access_token": emulator.kolaybi_access_token}
    with KolayBi(**account, base_url=emulator.kolaybi_url) as client:
        client.proceed(1, 1, amount="100.50")
        detail = client.get_invoice(1)
        [vault] = client.list_vaults(type="safe_deposit")
        found = client.vault_transactions(1)

    assert (detail.document_id, detail.remaining_amount, detail.payment_status) == (1, Decimal("19.50"), "partial")
    assert (vault.vault_id, vault.balance) == (1, Decimal("100.50"))
    assert [movement.amount for movement in found.movements] == [Decimal("100.50")]
    assert [total.amount for total in found.totals] == [Decimal("100.50")]
