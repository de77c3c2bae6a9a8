"""What a read-back proves: only a positive sight lets an operation go again, or ends it."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest
from attrs import evolve

from kolay_invoice.journal import Row, State
from kolay_invoice.journal.readback import ReadBack
from kolay_invoice.kolaybi.models import CreateEDocument, EDocument, Resend
from kolay_invoice.kolaybi.readback import Look, Seen, decide
from kolay_invoice.propars.models import SendInvoice
from kolay_invoice.readback import Executed, NeedsPerson, NotExecuted, Undecided

from .support import (
    HANG,
    LATER,
    QUIET,
    D,
    N,
    P,
    U,
    creates,
    only_row,
    plans,
    rows_of,
    sent,
    some_documents,
    states_of,
    until,
)

IN_DOUBT = [
    ("drop-after", D, 1),
    ("rst", D, 1),
    ("garbage", D, 1),
    ("cut-body", D, 1),
    ("empty", D, 1),
    ("wrong-echo", D, 1),
    ("504", D, 1),
    ("drop-before", D, 2),
    ("login-page", D, 2),
    ("redirect", D, 2),
]


@pytest.mark.parametrize(("fault", "state", "requests"), IN_DOUBT)
async def test_a_doubt_is_read_back_after_the_quiet_period_and_resent_only_if_not_executed(
    fault, state, requests, sqlite_journal, emulator, kolaybi
):
    emulator.fault("create_e_document", fault)
    report = await sqlite_journal.run(kolaybi, [CreateEDocument(1)], quiet_period=QUIET)
    (row,) = (await rows_of(report)).values()
    assert row.state is state
    assert row.result == EDocument(1, emulator.documents[1].uuid)
    assert emulator.executions("create_e_document", 1) == 1
    assert len(sent(emulator, "create_e_document")) == requests
    assert row.attempts[0].outcome == "OutcomeUnknownError"


@pytest.mark.parametrize(("fault", "requests"), [("drop-after", 1), ("drop-before", 2)])
async def test_a_propars_send_in_doubt_is_read_back_from_the_signed_document(
    fault, requests, journal, emulator, propars
):
    emulator.fault("send_invoice", fault)
    report = await journal.run(propars, [SendInvoice(sale_code="abc123")], quiet_period=QUIET)
    (row,) = (await rows_of(report)).values()
    invoice = emulator.sale("abc123").invoice
    assert row.state is D
    assert (row.result.uuid, row.result.number) == (invoice.uuid, invoice.number)
    assert emulator.executions("send_invoice", "abc123") == 1
    assert len(sent(emulator, "send_invoice")) == requests


async def test_a_sale_whose_invoice_existed_before_is_sent_once_and_done_with_its_own_ettn(journal, emulator, propars):
    # The preview has created the invoice, so it keeps its own ETTN and not the one frozen here.
    await propars.invoice_html_for_sale(sale_code="abc123")
    for _ in range(2):
        report = await journal.run(propars, [SendInvoice(sale_code="abc123")], quiet_period=0.0)
        assert report.counts[D] == 1
    assert emulator.executions("send_invoice", "abc123") == 1
    assert (await only_row(journal)).result.uuid == emulator.sale("abc123").invoice.uuid


async def test_a_sale_with_another_invoice_than_the_chosen_one_needs_a_person(journal, emulator, propars):
    await propars.invoice_html_for_sale(sale_code="abc123")
    chosen = SendInvoice(sale_code="abc123", invoice_uuid=uuid4())
    for _ in range(2):
        report = await journal.run(propars, [chosen], quiet_period=0.0)
        assert report.counts[N] == 1
    assert emulator.executions("send_invoice", "abc123") == 1
    assert "another ETTN" in (await only_row(journal)).note


@pytest.mark.parametrize("company_id", [None, 5])
async def test_a_failed_read_back_is_repeated_within_the_patience(company_id, sqlite_journal, emulator, kolaybi):
    emulator.fault("create_e_document", "429")
    emulator.fault("list_invoices", "login-page", times=1000)
    async with asyncio.timeout(HANG):
        report = await sqlite_journal.run(
            kolaybi, [CreateEDocument(1)], quiet_period=0.3, patience=0.8, company_id=company_id
        )
    assert report.counts[U] == 1
    assert "could not be read back" in (await only_row(sqlite_journal)).note
    assert len(sent(emulator, "list_invoices")) <= 6
    emulator.clear_faults()
    assert (await sqlite_journal.run(kolaybi, [CreateEDocument(1)], quiet_period=QUIET)).counts[D] == 1
    assert emulator.executions("create_e_document", 1) == 1


async def test_read_backs_due_after_the_patience_are_left_for_another_run(sqlite_journal, emulator, kolaybi):
    emulator.fault("create_e_document", "drop-after")
    report = await sqlite_journal.run(kolaybi, [CreateEDocument(1)], quiet_period=LATER, patience=1.0)
    assert report.counts[U] == 1
    assert not sent(emulator, "list_invoices")


async def test_a_document_is_looked_for_in_every_company(sqlite_journal, emulator, kolaybi):
    emulator.add_company(7)
    emulator.add_document(700, company_id=7)
    emulator.fault("create_e_document", "drop-after", times=2)
    report = await sqlite_journal.run(kolaybi, creates([700, 999_999]), concurrency=1, quiet_period=QUIET, patience=5.0)
    # That no list shows the other one proves nothing of it.
    assert {row.request.document_id: row.state async for row in report.rows} == {700: D, 999_999: U}
    assert emulator.executions("create_e_document", 700) == 1


async def test_a_document_that_another_companys_list_shows_is_not_absent(journal, emulator, kolaybi):
    # The company that is named is not the document's: that its list does not show it proves nothing.
    (number,) = some_documents(emulator, 1)
    emulator.fault("create_e_document", "drop-after")
    report = await journal.run(kolaybi, creates([number]), quiet_period=0.0, company_id=6)
    assert report.counts[D] == 1
    assert emulator.executions("create_e_document", number) == 1


ETTN, NUMBER = UUID("0f5e9a52-6f0b-4a3e-9d3c-2f8f2b6f1c04"), "ABC2024000000001"
UNSENT = Seen("ready_to_send", None, None)
UNSENT_DETAIL = Seen("ready_to_send", None, None, is_detail=True)
OFFICIAL = Seen("sent", ETTN, NUMBER)

SEEN = [
    # Nothing that is seen decides nothing, and a list alone shows no document that was not sent.
    ([], U),
    ([UNSENT], U),
    ([UNSENT_DETAIL], P),
    ([UNSENT_DETAIL, UNSENT], P),
    ([Seen("draft", None, None, is_detail=True)], P),
    # A draft can have an ETTN.
    ([Seen("draft", ETTN, None, is_detail=True)], U),
    ([Seen("draft", ETTN, NUMBER, is_detail=True)], U),
    ([Seen("draft", None, NUMBER, is_detail=True)], U),
    ([OFFICIAL], D),
    ([evolve(OFFICIAL, status="sent_to_receiver")], D),
    ([evolve(OFFICIAL, status="approved")], D),
    ([evolve(OFFICIAL, status="rejected")], D),
    ([evolve(OFFICIAL, is_detail=True)], D),
    ([evolve(OFFICIAL, no=None)], U),
    ([evolve(OFFICIAL, uuid=None)], U),
    # A list can hold it twice, once as it was and once as it is, in either order; the detail can lag too.
    ([UNSENT, OFFICIAL], D),
    ([OFFICIAL, UNSENT], D),
    ([UNSENT_DETAIL, OFFICIAL], D),
    ([UNSENT_DETAIL, Seen("sent", None, None)], U),
    ([UNSENT_DETAIL, Seen("draft", ETTN, None)], U),
    ([OFFICIAL, evolve(OFFICIAL, uuid=UUID(int=1))], N),
    ([Seen("cancelled", ETTN, NUMBER)], N),
    ([Seen("of_tomorrow", ETTN, NUMBER)], N),
    ([UNSENT_DETAIL, Seen("of_tomorrow", None, None)], N),
    ([OFFICIAL, Seen("of_tomorrow", ETTN, NUMBER)], D),
    ([Seen(None, None, None)], U),
    ([UNSENT_DETAIL, Seen(None, None, None)], U),
    ([Seen(None, ETTN, NUMBER, is_detail=True)], U),
]
STATES = {Executed: D, NotExecuted: P, Undecided: U, NeedsPerson: N}


@pytest.mark.parametrize("kind", [CreateEDocument, Resend])
@pytest.mark.parametrize(("seen", "state"), SEEN)
def test_only_the_document_itself_decides(kind, seen, state):
    look = Look(seen=list(seen), has_read_lists=True)
    sight = decide(kind(1), look, absence_proves=False, was_unofficial=True)
    if kind is Resend and not (state is N and "several" in getattr(sight, "why", "")):
        # Nothing shows that a document was not sent again; and what it failed with before may still be shown.
        state = {P: U, N: U}.get(state, state)
    assert STATES[type(sight)] is state
    if state is D:
        assert sight.reply.uuid == ETTN


def test_a_document_that_was_official_before_proves_nothing_about_its_resend():
    for seen in ([OFFICIAL], [UNSENT, OFFICIAL]):
        look = Look(seen=seen, has_read_lists=True)
        assert isinstance(decide(Resend(1), look, absence_proves=True), Undecided)


@pytest.mark.parametrize("seen", [[], [UNSENT], [UNSENT_DETAIL]])
def test_incomplete_lists_prove_nothing(seen):
    for absence_proves in (True, False):
        assert isinstance(decide(CreateEDocument(1), Look(list(seen)), absence_proves=absence_proves), Undecided)


@pytest.mark.parametrize(("seen", "state"), [([], P), ([UNSENT], P), ([OFFICIAL], D), ([Seen("sent", None, None)], U)])
def test_absence_proves_something_only_with_the_option(seen, state):
    sight = decide(CreateEDocument(1), Look(list(seen), has_read_lists=True), absence_proves=True)
    assert STATES[type(sight)] is state
    assert not isinstance(decide(Resend(1), Look(has_read_lists=True), absence_proves=True), NotExecuted)


async def test_an_unknown_status_needs_a_person(journal, emulator, kolaybi):
    emulator.fault("create_e_document", "500", executes=False)
    emulator.add_document(700, status="ready_to_send")
    await journal.run(kolaybi, [CreateEDocument(700)], quiet_period=LATER)
    emulator.add_document(700, status="of_tomorrow")
    for _ in range(2):
        report = await journal.run(kolaybi, [CreateEDocument(700)], quiet_period=0.0)
        assert report.counts[N] == 1
    assert "of_tomorrow" in (await only_row(journal)).note
    assert not emulator.executions("create_e_document", 700)


async def find_none(_row):
    """Nothing else was done on the document."""
    return []


async def test_an_operation_of_one_provider_is_not_read_back_through_another(sqlite_journal, kolaybi):
    (one,) = plans(CreateEDocument(1))
    row = Row(1, one.key, "propars", "default", "send_invoice", SendInvoice(sale_id=1), one.given, State.RECONCILING, 1)
    assert await ReadBack(kolaybi, find_none).look(row) == NeedsPerson("nothing can read this operation back")


async def test_a_run_cancelled_during_a_read_back_leaves_the_doubt_unchanged(sqlite_journal, emulator, kolaybi):
    emulator.fault("create_e_document", "drop-after")
    emulator.fault("get_invoice", "slow", seconds=20)
    run = asyncio.create_task(sqlite_journal.run(kolaybi, [CreateEDocument(1)], quiet_period=0.0))
    await until(lambda: sent(emulator, "get_invoice"))
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    assert await states_of(sqlite_journal) == {U: 1}
