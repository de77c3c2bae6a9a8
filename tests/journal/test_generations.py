"""When the same request is a new operation: after a cancellation that is done, or under another occasion."""

from __future__ import annotations

import asyncio

import pytest

from kolay_invoice.journal import Journal, JournalConflictError, OnOccasion, planning
from kolay_invoice.kolaybi.models import CreateEDocument, Proceed, Resend
from kolay_invoice.propars.models import CancelInvoice, SendInvoice

from .support import HANG, LATER, D, P, R, U, rows_of

SALE = {"sale_code": "abc123"}
SEND, CANCEL = SendInvoice(**SALE), CancelInvoice(**SALE)


def executions(emulator):
    return {name: emulator.executions(name, "abc123") for name in ("send_invoice", "cancel_invoice")}


async def done_in(journal, client, requests, **options):
    """Run, and return how many were done in this run and before it."""
    report = await journal.run(client, requests, **options)
    assert report.is_settled
    return report.done_now, report.done_before


@pytest.mark.row(43)
async def test_a_send_after_a_completed_cancellation_is_a_new_operation(journal, emulator, propars):
    assert await done_in(journal, propars, [SEND]) == (1, 0)
    assert await done_in(journal, propars, [CANCEL]) == (1, 0)
    assert await done_in(journal, propars, [SEND]) == (1, 0)
    assert executions(emulator) == {"send_invoice": 2, "cancel_invoice": 1}
    assert await done_in(journal, propars, [SEND]) == (0, 1)
    assert await done_in(journal, propars, [CANCEL]) == (1, 0)
    assert executions(emulator) == {"send_invoice": 2, "cancel_invoice": 2}
    keys = set(await rows_of(journal))
    assert keys == {
        "propars:loopback:send_invoice:sale_code=abc123",
        "propars:loopback:cancel_invoice:sale_code=abc123",
        "propars:loopback:send_invoice:generation=1:sale_code=abc123",
        "propars:loopback:cancel_invoice:generation=1:sale_code=abc123",
    }


async def test_a_second_cancellation_without_a_send_between_is_the_first(journal, emulator, propars):
    await journal.run(propars, [SEND, CANCEL])
    assert await done_in(journal, propars, [CANCEL]) == (0, 1)
    assert executions(emulator) == {"send_invoice": 1, "cancel_invoice": 1}


@pytest.mark.row(43)
async def test_send_and_cancel_in_one_batch_are_executed_once_in_their_order(journal, emulator, propars):
    assert await done_in(journal, propars, [SEND, CANCEL], concurrency=4) == (2, 0)
    assert [one.operation for one in emulator.requests] == ["send_invoice", "cancel_invoice"]


async def test_a_redelivered_job_requests_the_same_operation(journal, emulator, propars):
    for request, job in ((SEND, "job 1"), (CANCEL, "job 2"), (SEND, "job 3")):
        assert await done_in(journal, propars, [request], asked_by=job) == (1, 0)
    for request, job in ((SEND, "job 1"), (CANCEL, "job 2"), (SEND, "job 3")):
        assert await done_in(journal, propars, [request], asked_by=job) == (0, 1)
    assert executions(emulator) == {"send_invoice": 2, "cancel_invoice": 1}
    # Of another job, the cancellation is one of the second invoice.
    assert await done_in(journal, propars, [CANCEL], asked_by="job 4") == (1, 0)


@pytest.mark.parametrize("cuts", [1, 2, 3])
async def test_an_interrupted_batch_that_is_run_again_resends_nothing(cuts, url, emulator, propars):
    other = SendInvoice(sale_code=emulator.add_sale("TOPTAN-1").sale_code)
    batch = [SEND, CANCEL, other]
    async with Journal.open(url) as journal:

        def progress(told):
            if told.outcomes[D] == 2:
                journal.stop()

        report = await journal.run(propars, batch[:2], progress=progress)
        assert (report.stopped, report.counts[D]) == ("stopped on request", 2)
    for _ in range(cuts - 1):
        async with Journal.open(url) as journal:

            def requests(journal=journal):
                yield from batch[:2]
                journal.stop()

            report = await journal.run(propars, requests())
            assert (report.stopped, report.done_before) == ("stopped on request", 2)
    async with Journal.open(url) as journal:
        report = await journal.run(propars, batch)
    # The cancellation is done, but what was cut short asks for the same send as before.
    assert (report.done_now, report.done_before) == (1, 2)
    assert executions(emulator) == {"send_invoice": 1, "cancel_invoice": 1}
    assert emulator.executions("send_invoice", "TOPTAN-1") == 1


@pytest.mark.row(43)
async def test_a_completed_batch_is_new_when_it_is_run_again(journal, emulator, propars):
    assert await done_in(journal, propars, [SEND, CANCEL]) == (2, 0)
    assert await done_in(journal, propars, [SEND, CANCEL]) == (2, 0)
    assert executions(emulator) == {"send_invoice": 2, "cancel_invoice": 2}


async def test_a_doubt_before_the_cancellation_keeps_its_batch_unfinished(journal, emulator, propars):
    emulator.fault("send_invoice", "drop-after")
    report = await journal.run(propars, [SEND, CANCEL], quiet_period=LATER)
    assert {state: n for state, n in report.counts.items() if n} == {U: 1, P: 1}
    assert report.untried == (
        "1 of the run's operations were not sent: another operation on the same document or sale is not settled"
    )
    report = await journal.run(propars, [SEND, CANCEL], quiet_period=0.0)
    assert report.is_settled
    assert executions(emulator) == {"send_invoice": 1, "cancel_invoice": 1}


@pytest.mark.row(43)
async def test_a_new_generation_with_a_lost_reply_is_not_mistaken_for_the_cancelled_one(journal, emulator, propars):
    await journal.run(propars, [SEND])
    await journal.run(propars, [CANCEL])
    emulator.xml_after_cancel = "stays"
    emulator.fault("send_invoice", "drop-before")
    await journal.run(propars, [SEND], quiet_period=0.0, patience=0.0)
    report = await journal.run(propars, [SEND], quiet_period=0.0, patience=0.0)
    (row,) = (await rows_of(report)).values()
    assert (row.generation, row.state) == (1, U)
    assert row.note == "its signed XML may be that of an earlier invoice"
    assert executions(emulator) == {"send_invoice": 1, "cancel_invoice": 1}


# Occasions


@pytest.mark.row(44)
async def test_another_occasion_is_another_operation_and_the_same_one_is_not(journal, emulator, kolaybi):
    assert await done_in(journal, kolaybi, [Resend(18)]) == (1, 0)
    assert await done_in(journal, kolaybi, [Resend(18)]) == (0, 1)
    assert await done_in(journal, kolaybi, [Resend(18)], occasion="February") == (1, 0)
    assert await done_in(journal, kolaybi, [OnOccasion(Resend(18), "February")]) == (0, 1)
    assert await done_in(journal, kolaybi, [OnOccasion(Resend(18), "Mart, 2. kez: ?")], occasion="February") == (1, 0)
    assert emulator.executions("resend", 18) == 3
    rows = await rows_of(journal)
    assert [row.occasion for row in rows.values()] == ["", "February", "Mart, 2. kez: ?"]
    assert list(rows)[1:] == [
        "kolaybi:loopback:resend:occasion=February:document_id=18",
        "kolaybi:loopback:resend:occasion=Mart%2C%202.%20kez%3A%20%3F:document_id=18",
    ]


async def test_two_parts_of_one_collection_are_two_occasions(journal, emulator, kolaybi):
    parts = [OnOccasion(Proceed(1, 1, "10.00"), "first"), OnOccasion(Proceed(1, 1, "20.00"), "second")]
    assert await done_in(journal, kolaybi, parts) == (2, 0)
    assert emulator.executions("proceed", 1) == 2
    with pytest.raises(JournalConflictError, match=r"amount: known Decimal\('10.00'\), asked Decimal\('11.00'\)"):
        await journal.run(kolaybi, [OnOccasion(Proceed(1, 1, "11.00"), "first")])
    assert emulator.executions("proceed", 1) == 2


async def test_a_document_that_becomes_free_right_after_a_claim_gets_its_next_operation(
    journal, emulator, kolaybi, monkeypatch
):
    store = journal._require_open().store
    claim_waiting, advance = store.claim_waiting, store.advance
    looked, recorded = asyncio.Event(), asyncio.Event()
    claims = []

    async def claim_before_the_result_is_recorded(run, limit):
        rows = await claim_waiting(run, limit)
        claims.append(rows)
        # The first claim belongs to the reading of the requests, the second one to what is left of them.
        if len(claims) == 2:
            looked.set()
            await recorded.wait()
        return rows

    async def record_after_the_claim(finished, marks):
        if finished:
            await looked.wait()
        return await advance(finished, marks)

    monkeypatch.setattr(store, "claim_waiting", claim_before_the_result_is_recorded)
    monkeypatch.setattr(store, "advance", record_after_the_claim)
    parts = [OnOccasion(Proceed(1, 1, "10.00"), "first"), OnOccasion(Proceed(1, 1, "20.00"), "second")]
    async with asyncio.timeout(HANG):
        assert await done_in(journal, kolaybi, parts, progress=lambda _: recorded.set()) == (2, 0)
    assert claims[:2] == [[], []]
    assert emulator.executions("proceed", 1) == 2


@pytest.mark.parametrize("occasion", ["x" * 101, "two\nlines", None, 5, "\x00"])
async def test_an_occasion_is_a_short_printable_text(occasion, sqlite_journal, kolaybi):
    with pytest.raises(ValueError, match="occasion must be a printable text"):
        OnOccasion(Resend(18), occasion)
    with pytest.raises(ValueError, match="occasion must be a printable text"):
        await sqlite_journal.run(kolaybi, [Resend(18)], occasion=occasion)


async def test_the_report_separates_this_runs_results_from_earlier_ones(journal, emulator, kolaybi):
    first = await journal.run(kolaybi, [Resend(18)])
    second = await journal.run(kolaybi, [Resend(18), CreateEDocument(1)])
    assert (first.done_now, first.done_before, second.done_now, second.done_before) == (1, 0, 1, 1)
    assert second.run_id > first.run_id
    rows = {row.operation: row async for row in second.rows}
    assert rows["resend"].settled_in == first.run_id
    assert rows["create_e_document"].settled_in == second.run_id
    assert rows["resend"].settled_at < rows["create_e_document"].settled_at
    emulator.fault("proceed", "drop-after")
    await journal.run(kolaybi, [Proceed(20, 1)])
    row = await journal.settle("kolaybi:loopback:proceed:document_id=20", done=True, because="seen in the vault")
    assert row.settled_in is None
    report = await journal.run(kolaybi, [Proceed(20, 1)])
    assert (report.done_now, report.done_before) == (0, 1)


async def test_the_number_of_a_run_is_never_reused(url, emulator, kolaybi):
    numbers = []
    for _ in range(3):
        async with Journal.open(url) as journal:
            numbers += [(await journal.run(kolaybi, [Resend(18)])).run_id for _ in range(2)]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 6


# Corrections


@pytest.mark.row(45)
async def test_a_refused_operation_takes_new_fields_when_a_person_allows_it(journal, emulator, propars):
    key = "propars:loopback:send_invoice:sale_code=abc123"
    wrong = SendInvoice(**SALE, invoice_char_code="ABCD1")
    right = SendInvoice(**SALE, invoice_char_code="XYZ")
    await journal.run(propars, [wrong])
    refused = await journal.row(key)
    assert refused.state is R
    with pytest.raises(JournalConflictError, match="invoice_char_code: known 'ABCD1', asked 'XYZ'"):
        await journal.run(propars, [right])
    assert [str(one) for one in await journal.find_conflicts(propars, [right])]

    settled = await journal.settle(key, not_executed=True, because="the prefix was wrong", by="Ayşe")
    assert (settled.state, settled.may_change) == (P, True)
    assert await journal.find_conflicts(propars, [right]) == []
    report = await journal.run(propars, [right])

    row = await journal.row(key)
    assert (report.counts[D], row.state, row.request.invoice_char_code) == (1, D, "XYZ")
    # The ETTN that was chosen first stays the invoice's.
    assert row.request.invoice_uuid == refused.request.invoice_uuid == row.result.uuid
    assert [(one.what, one.by, one.because) for one in row.history] == [
        ("refused settled as not executed", "Ayşe", "the prefix was wrong"),
        ("corrected", None, None),
    ]
    assert "ABCD1" in row.history[1].requested
    assert emulator.executions("send_invoice", "abc123") == 1
    with pytest.raises(JournalConflictError):
        await journal.run(propars, [wrong])


@pytest.mark.row(45)
async def test_an_ettn_of_the_callers_own_is_corrected_too(journal, emulator, propars):
    key = "propars:loopback:send_invoice:sale_code=abc123"
    wrong = SendInvoice(**SALE, invoice_char_code="ABCD1", invoice_uuid="0d1b5a4a-33d4-4c56-9b51-1f2cf06c1111")
    right = SendInvoice(**SALE, invoice_uuid="0d1b5a4a-33d4-4c56-9b51-1f2cf06c2222")
    await journal.run(propars, [wrong])
    await journal.settle(key, not_executed=True)
    await journal.run(propars, [right])
    row = await journal.row(key)
    assert (row.state, row.request, row.result.uuid) == (D, right, right.invoice_uuid)


@pytest.mark.row(45)
async def test_of_two_workers_that_correct_one_operation_the_second_is_told_of_the_conflict(
    postgresql_url, emulator, propars, monkeypatch
):
    key = "propars:loopback:send_invoice:sale_code=abc123"
    wrong = SendInvoice(**SALE, invoice_char_code="ABCD1")
    first, second = (SendInvoice(**SALE, invoice_char_code=code) for code in ("XYZ", "QRS"))
    lock = planning.lock_in_order
    async with Journal.open(postgresql_url) as journal, Journal.open(postgresql_url) as other:
        await journal.run(propars, [wrong])
        await journal.settle(key, not_executed=True)

        async def lock_after_the_other(connection, condition):
            monkeypatch.setattr(planning, "lock_in_order", lock)
            assert (await other.run(propars, [first])).counts[D] == 1
            await lock(connection, condition)

        monkeypatch.setattr(planning, "lock_in_order", lock_after_the_other)
        with pytest.raises(JournalConflictError, match="invoice_char_code: known 'XYZ', asked 'QRS'"):
            await journal.run(propars, [second])
        row = await journal.row(key)
    assert (row.state, row.request.invoice_char_code) == (D, "XYZ")
    assert [one.what for one in row.history] == ["refused settled as not executed", "corrected"]
    assert emulator.executions("send_invoice", "abc123") == 1


async def test_an_operation_in_doubt_takes_no_new_fields(journal, emulator, kolaybi):
    emulator.fault("proceed", "drop-before")
    await journal.run(kolaybi, [Proceed(1, 1)])
    row = await journal.settle(
        "kolaybi:loopback:proceed:document_id=1", not_executed=True, because="no movement in the vault"
    )
    assert not row.may_change
    with pytest.raises(JournalConflictError):
        await journal.run(kolaybi, [Proceed(1, 2)])
    assert emulator.executions("proceed", 1) == 0
