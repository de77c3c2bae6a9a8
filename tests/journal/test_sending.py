"""What is sent, what could not be, and what stops a run."""

from __future__ import annotations

import asyncio

import pytest
from attrs import evolve

from kolay_invoice import AsyncKolayBi, Limiter
from kolay_invoice.journal import JournalError, State, clock
from kolay_invoice.journal.shielding import wait_shielded
from kolay_invoice.kolaybi.models import CreateEDocument, Proceed

from .support import (
    HANG,
    LATER,
    QUIET,
    D,
    P,
    U,
    creates,
    kolaybi_of,
    only_row,
    rows_of,
    sent,
    some_documents,
    states_of,
    until,
)


async def test_an_unsent_operation_stays_planned_and_is_sent_in_the_next_run(journal, emulator, monkeypatch):
    monkeypatch.setattr("kolay_invoice.call_loop.waits", lambda: iter([0.0] * 100))
    ids = some_documents(emulator, 40)
    options = {"channel": "channel", "access_token": "token", "base_url": "http://127.0.0.1:9"}
    async with AsyncKolayBi(**options) as unreachable:
        report = await journal.run(unreachable, creates(ids), concurrency=3)
    assert "in a row could not be sent" in report.stopped
    rows = await rows_of(report)
    tried = [row for row in rows.values() if row.attempts]
    assert report.counts[P] == len(rows)
    assert 6 < len(tried) < 20
    assert {(one.left, one.outcome) for row in tried for one in row.attempts} == {(False, "NotSentError")}

    async with kolaybi_of(emulator) as client:
        report = await journal.run(client, creates(ids))
    assert report.counts[D] == len(ids)
    assert report.stopped is None
    assert len(emulator.requests) == len(ids)


@pytest.mark.parametrize(
    ("options", "stopped"),
    [({"access_token": "ended"}, "401"), ({"channel": "nobodys"}, "Channel")],
    ids=["authentication", "configuration"],
)
async def test_an_error_of_the_account_stops_the_run_and_leaves_everything_planned(options, stopped, journal, emulator):
    ids = some_documents(emulator, 50)
    async with kolaybi_of(emulator, **options) as client:
        report = await journal.run(client, creates(ids), concurrency=2)
    assert stopped in report.stopped
    assert set(await states_of(journal)) == {P}
    assert len(emulator.requests) <= 4
    async with kolaybi_of(emulator) as client:
        assert (await journal.run(client, creates(ids))).counts[D] == len(ids)


@pytest.mark.row(56)
async def test_only_calls_that_hold_a_slot_are_marked(journal, emulator):
    ids = some_documents(emulator, 6)
    emulator.fault("create_e_document", "slow", seconds=HANG)
    async with kolaybi_of(emulator, limiter=Limiter(1)) as client:
        run = asyncio.create_task(journal.run(client, creates(ids), concurrency=4))
        await until(lambda: sent(emulator, "create_e_document"))
        counts = await journal.counts()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
    assert (counts[State.SENDING], counts[State.CLAIMED]) == (1, 5)
    assert await states_of(journal) == {U: 1, P: 5}


@pytest.mark.row(56)
async def test_a_mark_that_took_too_long_sends_nothing_and_is_repeated(sqlite_journal, emulator, kolaybi, monkeypatch):
    ids = some_documents(emulator, 6)
    real, slept = clock.boottime, 0.0
    monkeypatch.setattr("kolay_invoice.journal.clock.boottime", lambda: real() + slept)
    store = sqlite_journal._require_open().store
    real_advance = store.advance

    async def slow(finished, marks):
        nonlocal slept
        advance = await real_advance(finished, marks)
        slept = slept or 16.0
        return advance

    monkeypatch.setattr(store, "advance", slow)
    report = await sqlite_journal.run(kolaybi, creates(ids), concurrency=4)
    assert report.counts[D] == len(ids)
    assert len(emulator.requests) == len(ids)
    rows = await rows_of(report)
    withheld = [one for row in rows.values() for one in row.attempts if one.outcome == "NotSentError"]
    assert 1 <= len(withheld) <= 4
    assert not any(one.left for one in withheld)


async def test_a_call_delayed_beyond_its_deadline_by_the_journal_is_sent_in_the_same_run(
    sqlite_journal, emulator, monkeypatch
):
    ids = some_documents(emulator, 12)
    store = sqlite_journal._require_open().store
    advance = store.advance
    has_waited = False

    async def slow(finished, marks):
        nonlocal has_waited
        if marks and not has_waited:
            has_waited = True
            # Longer than the calls in a row after which a provider that cannot be reached would end the run.
            await asyncio.sleep(1.0)
        return await advance(finished, marks)

    monkeypatch.setattr(store, "advance", slow)
    async with kolaybi_of(emulator, connect_timeout=0.1, max_attempts=1) as kolaybi:
        report = await sqlite_journal.run(kolaybi, creates(ids), concurrency=2)
    assert report.counts[D] == len(ids) == len(emulator.requests)
    assert (report.untried, report.stopped) == (None, None)


async def test_concurrent_marks_share_transactions(sqlite_journal, emulator, kolaybi, monkeypatch):
    ids = some_documents(emulator, 60)
    store = sqlite_journal._require_open().store
    real = store.advance
    groups = []

    async def advance(finished, marks):
        groups.append(len(marks))
        return await real(finished, marks)

    monkeypatch.setattr(store, "advance", advance)
    report = await sqlite_journal.run(kolaybi, creates(ids), concurrency=8)
    assert report.counts[D] == sum(groups) == len(ids)
    assert 1 < max(groups) <= 8


async def test_an_operation_taken_over_between_claim_and_mark_is_left_to_its_new_owner(
    sqlite_journal, emulator, kolaybi, monkeypatch
):
    store = sqlite_journal._require_open().store
    real = store.advance
    theirs = []

    async def advance(finished, marks):
        if marks and len(theirs) < 3:
            theirs.append(marks[0])
            await real([evolve(marks[0], state=D)], [])
        return await real(finished, marks)

    monkeypatch.setattr(store, "advance", advance)
    report = await sqlite_journal.run(kolaybi, creates(some_documents(emulator, 12)), concurrency=2)
    assert report.counts[D] == 12
    assert len(emulator.requests) == 12 - 3
    assert [emulator.executions("create_e_document", row.request.document_id) for row in theirs] == [0] * 3


async def test_a_429_waits_reads_back_and_sends_again(journal, emulator, kolaybi):
    ids = some_documents(emulator, 4)
    emulator.fault("create_e_document", "429", times=2)
    emulator.fault("create_e_document", "429", retry_after=1, executes=True)
    report = await journal.run(kolaybi, creates(ids), concurrency=1, quiet_period=LATER)
    assert report.counts[D] == len(ids)
    assert [emulator.executions("create_e_document", number) for number in ids] == [1] * len(ids)
    # Where the detail shows that it was sent, no list is asked; else that of each of the two companies.
    assert len(sent(emulator, "get_invoice")) == 3
    assert len(sent(emulator, "list_invoices")) == 2 * 2
    assert len(sent(emulator, "create_e_document")) == 6


async def test_a_retry_after_longer_than_the_patience_ends_the_run(journal, emulator, kolaybi):
    ids = some_documents(emulator, 40)
    emulator.fault("create_e_document", "429", times=40, retry_after=3600)
    report = await journal.run(kolaybi, creates(ids), concurrency=1, patience=2.0)
    assert "asks to wait 3600 seconds" in report.stopped
    assert set(await states_of(journal)) == {U, P}
    assert len(emulator.requests) < len(ids)


@pytest.mark.parametrize("retry_after", [1_000_000_000, "1e12", "1e308"])
async def test_an_absurd_retry_after_delays_nothing_for_longer_than_an_hour(retry_after, journal, emulator, kolaybi):
    emulator.fault("create_e_document", "429", retry_after=retry_after)
    await journal.run(kolaybi, [CreateEDocument(1)], patience=1.0)
    row = await only_row(journal)
    assert row.state is U
    assert row.pause == 3600.0
    assert row.due_at == row.since + row.pause


@pytest.mark.parametrize("request_", [CreateEDocument(1), Proceed(1, 1)], ids=str)
async def test_a_429_before_the_first_byte_is_no_doubt(request_, sqlite_journal, emulator):
    emulator.fault("access_token", "429", times=10)
    async with AsyncKolayBi(
        channel=emulator.kolaybi_channel,
        api_key=emulator.kolaybi_api_key,
        base_url=emulator.kolaybi_url,
        max_attempts=1,
    ) as client:
        report = await sqlite_journal.run(client, [request_])
        assert report.counts[P] == 1
        assert not (await only_row(sqlite_journal)).attempts[0].left
        emulator.clear_faults()
        assert (await sqlite_journal.run(client, [request_])).counts[D] == 1


async def test_stop_starts_no_more_calls_and_waits_for_those_in_flight(journal, emulator, kolaybi):
    ids = some_documents(emulator, 200)
    emulator.fault("create_e_document", "slow", times=200, seconds=0.2)
    run = asyncio.create_task(journal.run(kolaybi, creates(ids), concurrency=4))
    await until(lambda: len(emulator.requests) >= 4)
    journal.stop()
    async with asyncio.timeout(HANG):
        report = await run
    assert report.stopped == "stopped on request"
    assert len(emulator.requests) <= 8
    assert report.counts[D] == len(emulator.requests) == emulator.executions("create_e_document")
    assert set(await states_of(journal)) == {D, P}
    emulator.clear_faults()
    assert (await journal.run(kolaybi, creates(ids))).counts[D] == len(ids)


async def test_stop_ends_a_wait_for_a_due_read_back(sqlite_journal, emulator, kolaybi):
    emulator.fault("create_e_document", "drop-after")
    run = asyncio.create_task(sqlite_journal.run(kolaybi, [CreateEDocument(1)], quiet_period=50.0))
    async with asyncio.timeout(HANG):
        while not (await sqlite_journal.counts())[U]:  # noqa: ASYNC110 - a journal has no event.
            await asyncio.sleep(0.01)
        sqlite_journal.stop()
        assert (await run).counts[U] == 1


@pytest.mark.parametrize("moment", ["feeding", "sending"])
async def test_a_cancelled_run_records_sent_calls_as_unknown_and_releases_the_others(
    moment, journal, emulator, kolaybi
):
    ids = some_documents(emulator, 4 if moment == "sending" else 200)
    emulator.fault("create_e_document", "slow", times=200, seconds=20)
    run = asyncio.create_task(journal.run(kolaybi, creates(ids), concurrency=4))
    await until(lambda: emulator.executions("create_e_document") >= 4)
    run.cancel()
    async with asyncio.timeout(HANG):
        with pytest.raises(asyncio.CancelledError):
            await run
    counts = await states_of(journal)
    assert counts.pop(U) == len(emulator.requests) == 4
    assert set(counts) <= {P}
    assert {one.outcome async for row in journal.rows(state=U) for one in row.attempts} == {"CancelledError"}

    emulator.clear_faults()
    report = await journal.run(kolaybi, creates(ids), quiet_period=QUIET)
    assert report.counts[D] == len(ids)
    assert [emulator.executions("create_e_document", number) for number in ids] == [1] * len(ids)


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("pause", [0, 1, 3, 7, 20, 60])
async def test_a_run_can_be_cancelled_at_any_moment(pause, times, journal, emulator, kolaybi):
    ids = some_documents(emulator, 80)
    run = asyncio.create_task(journal.run(kolaybi, creates(ids), concurrency=12))
    for _ in range(pause):
        await asyncio.sleep(0.001)
    for _ in range(times):
        run.cancel()
        await asyncio.sleep(0)
    async with asyncio.timeout(HANG):
        await asyncio.gather(run, return_exceptions=True)
    # Nothing is claimed any more, so the same journal can continue.
    assert set(await states_of(journal)) <= {P, D, U}
    report = await journal.run(kolaybi, creates(ids), quiet_period=QUIET)
    assert report.counts[D] == len(ids)
    assert [emulator.executions("create_e_document", number) for number in ids] == [1] * len(ids)


async def test_a_cancelled_run_reports_the_replies_that_could_not_be_recorded(
    sqlite_journal, emulator, kolaybi, monkeypatch, caplog
):
    emulator.fault("create_e_document", "slow", seconds=20)
    store = sqlite_journal._require_open().store
    advance = store.advance

    async def full(finished, marks):
        if finished:
            raise JournalError("full")
        return await advance(finished, marks)

    monkeypatch.setattr(store, "advance", full)
    run = asyncio.create_task(sqlite_journal.run(kolaybi, creates(some_documents(emulator, 1))))
    await until(lambda: emulator.executions("create_e_document"))
    run.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await run
    told = caught.value.__cause__
    assert isinstance(told, JournalError)
    assert told.may_have_happened
    assert [row.state for row in told.unrecorded] == [U]
    assert any("the answers of 1 operation that may have been executed" in note for note in caught.value.__notes__)
    assert "a run was interrupted (CancelledError): full (the answers of 1 operation" in caplog.text


async def test_a_step_that_fails_while_the_run_is_cancelled_hides_no_cancellation(
    sqlite_journal, emulator, kolaybi, monkeypatch
):
    began = asyncio.Event()

    async def plan(run, chunk):
        began.set()
        await asyncio.sleep(0.05)
        raise JournalError("full")

    monkeypatch.setattr(sqlite_journal._require_open().store, "plan", plan)
    run = asyncio.create_task(sqlite_journal.run(kolaybi, [CreateEDocument(1)]))
    await began.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert not emulator.requests


async def test_a_cancelled_step_cancels_its_waiter():
    task = asyncio.ensure_future(asyncio.sleep(50))
    waiting = asyncio.create_task(wait_shielded(task))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_closed_client_ends_the_run_and_leaves_everything_planned(sqlite_journal, emulator):
    client = kolaybi_of(emulator)
    await client.aclose()
    with pytest.raises(RuntimeError, match="closed"):
        await sqlite_journal.run(client, creates(range(1, 40)))
    assert set(await states_of(sqlite_journal)) == {P}


async def test_a_progress_that_raises_ends_the_run_without_losing_a_reply(sqlite_journal, emulator, kolaybi):
    ids = some_documents(emulator, 60)

    def progress(_):
        raise ZeroDivisionError

    async with asyncio.timeout(HANG):
        with pytest.raises(ZeroDivisionError):
            await sqlite_journal.run(kolaybi, creates(ids), progress=progress)
    assert set(await states_of(sqlite_journal)) <= {D, P}
    assert (await sqlite_journal.counts())[D] == emulator.executions("create_e_document") == len(emulator.requests)
