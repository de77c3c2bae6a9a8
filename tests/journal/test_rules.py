"""The rules of the journal, on both databases: what is written when, what is sent, and what never is."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
import traceback
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from attrs import evolve
from sqlalchemy import update

from kolay_invoice import (
    AsyncKolayBi,
    Limiter,
)
from kolay_invoice.journal import Journal, JournalConflictError, JournalError, Refusal, State, process
from kolay_invoice.journal.database import Database
from kolay_invoice.journal.keys import planned
from kolay_invoice.journal.lease import Lease
from kolay_invoice.journal.process import Owner
from kolay_invoice.journal.reconcile import ReadBack, decide_kolaybi, decide_propars
from kolay_invoice.journal.store import Store
from kolay_invoice.journal.tables import meta
from kolay_invoice.journal.values import Row
from kolay_invoice.journal.whole import undisturbed
from kolay_invoice.kolaybi.models import CreateEDocument, EDocument, Invoice, ListCompanies, Proceed, Resend
from kolay_invoice.propars.models import CancelInvoice, SendInvoice, SentInvoice, SignedXml

from .support import HANG, QUIET, creates, kolaybi_of, rows_of, some_documents, states_of, until

D, P, U, R, N = State.DONE, State.PLANNED, State.UNKNOWN, State.REFUSED, State.NEEDS_PERSON
LATER = 1_000.0
"""A quiet period that no test outlives."""


@pytest.fixture
async def journal(url):
    """An open journal."""
    async with Journal.open(url) as journal:
        yield journal


@pytest.fixture
async def sqlite_journal(sqlite_url):
    """An open journal in a file, for what has nothing to do with the database."""
    async with Journal.open(sqlite_url) as journal:
        yield journal


async def only_row(journal):
    (row,) = (await rows_of(journal)).values()
    return row


def sent(emulator, operation):
    return [one for one in emulator.requests if one.operation == operation]


# What is written down


OPERATIONS = [
    ("create_e_document", "kolaybi", lambda _: CreateEDocument(1)),
    ("resend", "kolaybi", lambda _: Resend(18)),
    ("proceed", "kolaybi", lambda _: Proceed(1, 2)),
    ("send_invoice", "propars", lambda _: SendInvoice(sale_code="TOPTAN-7", invoice_date="2024-05-01T10:00:00+03:00")),
    ("send_invoice", "propars", lambda _: SendInvoice(sale_id=1002, invoice_number="ABC2024000000001")),
    ("send_invoice", "propars", lambda invoice_id: SendInvoice(invoice_id=invoice_id)),
    ("cancel_invoice", "propars", lambda _: CancelInvoice(sale_id=1001)),
    ("cancel_invoice", "propars", lambda _: CancelInvoice(sale_code="abc123")),
]


@pytest.mark.parametrize(("operation", "provider", "request_of"), OPERATIONS)
async def test_requests_and_replies_come_back_as_the_same_values(
    operation, provider, request_of, url, emulator, kolaybi, propars, monkeypatch
):
    client = {"kolaybi": kolaybi, "propars": propars}[provider]
    await propars.invoice_html_for_sale(sale_code="abc123")
    request = request_of(emulator.sale("abc123").invoice.id)
    replies = []
    real = type(client).call

    async def call(self, request, *, permit=None):
        replies.append((request, await real(self, request, permit=permit)))
        return replies[-1][1]

    monkeypatch.setattr(type(client), "call", call)
    async with Journal.open(url) as journal:
        report = await journal.run(client, [request])
        assert report.counts == {state: int(state is D) for state in State}
        assert report.is_settled
        assert report.stopped is None
    async with Journal.open(url, create=False) as journal:
        row = await only_row(journal)

    ((asked, reply),) = replies
    assert row.state is D
    assert row.request == asked == evolve(request, **{n: getattr(asked, n) for n in _frozen(request)})
    assert row.result == evolve(reply, extra={})
    assert type(row.result) is type(reply)
    assert (row.operation, row.provider, row.account) == (operation, provider, "loopback")
    (attempt,) = row.attempts
    assert (attempt.left, attempt.outcome) == (True, "done")
    assert attempt.started_at <= attempt.ended_at
    assert (row.note, row.refusal, row.owner, row.since, row.due_at) == (None,) * 5


def _frozen(request):
    return ("invoice_uuid",) if isinstance(request, SendInvoice) and request.invoice_id is None else ()


REFUSALS = [
    (CreateEDocument(2), Refusal("InvalidRequestError", 400, 10400)),
    (CreateEDocument(999_999), Refusal("NotFoundError", 404, 10404)),
    (Proceed(1, 77), Refusal("NotFoundError", 404, 10404)),
]


@pytest.mark.parametrize(("request_", "refusal"), REFUSALS, ids=str)
async def test_a_refusal_comes_back_typed_and_is_not_asked_for_again(request_, refusal, journal, emulator, kolaybi):
    for _ in range(2):
        report = await journal.run(kolaybi, [request_])
        assert report.is_settled
        row = await only_row(journal)
        assert row.state is R
        assert evolve(row.refusal, detail=None) == refusal
        assert row.refusal.detail
        assert [(one.left, one.outcome) for one in row.attempts] == [(True, refusal.error)]
    assert len(emulator.requests) == 1


# The steps of the state machine


@pytest.fixture
async def stores(url):
    """Two owners of one journal."""
    databases = [await Database.opened(url, create=True), await Database.opened(url, create=False)]
    yield [Store(database, Owner()) for database in databases]
    for database in databases:
        await database.close()


async def test_each_step_succeeds_only_for_its_owner_from_its_state_and_under_its_claim(stores):
    mine, other = stores
    now = time.time()
    for store in stores:
        await store.enlist(now + 60)
    runs = [await store.begin_run(now) for store in stores]
    chunk = [planned(CreateEDocument(number), "kolaybi", "default") for number in (1, 2)]

    first, second = await mine.plan(runs[0], chunk)
    assert (first.state, first.claim, first.request) == (State.CLAIMED, 1, CreateEDocument(1))
    assert await other.plan(runs[1], chunk) == []
    assert await other.claim_rest(runs[1], 10) == []
    assert await mine.plan(runs[0], chunk) == []

    assert await other.mark([first], now) == set()
    assert await mine.mark([evolve(first, claim=2)], now) == set()
    assert await mine.mark([first, second], now) == {first.row_id, second.row_id}
    assert await mine.mark([first], now) == set()

    await mine.record([evolve(first, state=D, claim=7, result=EDocument(1, uuid4()))])
    assert (await mine.find(first.key)).state is State.SENDING
    answer = EDocument(1, uuid4())
    await mine.record([evolve(first, state=D, result=answer)])
    await other.record([evolve(first, state=U)])
    assert (await other.find(first.key)).result == answer

    await mine.record([evolve(second, state=P, tried_in=None)])
    (taken,) = await other.claim_rest(runs[1], 10)
    assert (taken.row_id, taken.claim) == (second.row_id, 2)
    await mine.record([evolve(second, state=D)])
    assert (await mine.find(second.key)).state is State.CLAIMED


async def test_what_the_dead_leave_behind_is_set_free_by_its_state(stores):
    mine, other = stores
    now = time.time()
    await mine.enlist(now - 1)
    run = await mine.begin_run(now)
    chunk = [planned(CreateEDocument(number), "kolaybi", "default") for number in (1, 2, 3, 4)]
    chunk.append(planned(Proceed(5, 1), "kolaybi", "default"))
    _, sending, unknown, settled, money = await mine.plan(run, chunk)
    await mine.mark([sending, unknown, settled, money], now)
    await mine.record([evolve(unknown, state=U, since=0.0), evolve(settled, state=D)])
    (reconciling,) = await mine.take_due("kolaybi", "default", 10, now, 10)
    assert reconciling.state is State.RECONCILING

    await other.reap(now)

    rows = {row.request.document_id: row async for row in other.rows()}
    assert {number: row.state for number, row in rows.items()} == {1: P, 2: U, 3: U, 4: D, 5: N}
    assert all(row.owner is None for row in rows.values())
    assert rows[2].attempts[0].left
    assert not await mine.prolong(now + 60)


async def test_what_is_taken_in_hand_after_the_lease_was_lost_is_set_free_as_well(stores):
    mine, other = stores
    now = time.time()
    await mine.enlist(now - 1)
    await other.enlist(now + 60)
    run = await mine.begin_run(now)
    await other.reap(now)
    first, second = await mine.plan(run, [planned(CreateEDocument(n), "kolaybi", "default") for n in (1, 2)])
    await mine.mark([first], now)
    (others,) = await other.plan(await other.begin_run(now), [planned(CreateEDocument(3), "kolaybi", "default")])

    await other.reap(now)

    states = [(await other.find(row.key)).state for row in (first, second, others)]
    assert states == [U, P, State.CLAIMED]


async def test_an_answer_is_written_down_though_another_one_comes_too_late_to_be(stores):
    mine, other = stores
    now = time.time()
    await mine.enlist(now - 1)
    run = await mine.begin_run(now)
    chunk = [planned(CreateEDocument(number), "kolaybi", "default") for number in (1, 2)]
    late, answered = await mine.plan(run, chunk)
    await mine.mark([answered], now)
    # Nothing of the first one was sent, so it is set free; and another operation takes its document in hand.
    await other.reap(now)
    await other.plan(await other.begin_run(now), [planned(Resend(1), "kolaybi", "default")])

    await mine.record([evolve(late, state=U, since=now), evolve(answered, state=D)])

    states = {f"{row.operation} {row.request.document_id}": row.state async for row in other.rows()}
    assert states == {"create_e_document 1": P, "create_e_document 2": D, "resend 1": State.CLAIMED}


async def test_what_is_marked_and_waits_is_given_back_when_the_run_is_cancelled(journal, emulator, kolaybi):
    ids = some_documents(emulator, 8)
    emulator.fault("create_e_document", "slow", seconds=HANG)
    run = asyncio.create_task(journal.run(kolaybi, creates(ids), concurrency=1))
    await until(lambda: len(sent(emulator, "create_e_document")) == 1)
    # The next ones are marked while the first one is on its way.
    async with asyncio.timeout(HANG):
        while (await journal.counts())[State.SENDING] < 2:  # noqa: ASYNC110 - another task's progress, on disk.
            await asyncio.sleep(0.005)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    counts = await journal.counts()
    assert (counts[U], counts[P]) == (1, 7)


async def test_an_owner_that_lives_keeps_what_it_has(stores):
    mine, other = stores
    now = time.time()
    await mine.enlist(now + 60)
    await mine.plan(await mine.begin_run(now), [planned(CreateEDocument(1), "kolaybi", "default")])

    await other.reap(now)

    assert (await other.counts())[State.CLAIMED] == 1
    assert await mine.prolong(now + 60)
    await mine.dismiss(now)
    assert (await other.counts())[P] == 1


# What is frozen


async def test_a_propars_send_keeps_its_uuid_through_every_attempt_and_crash(url, emulator, propars):
    request = SendInvoice(sale_code="abc123")
    emulator.fault("send_invoice", "drop-before")
    crashed = await Journal.open(url).__aenter__()
    await crashed.run(propars, [request], quiet_period=LATER)
    (first,) = (await rows_of(crashed)).values()
    assert first.state is U
    await crashed.aclose()

    emulator.fault("send_invoice", "500")
    async with Journal.open(url) as journal:
        await journal.run(propars, [SendInvoice(sale_code="abc123")], quiet_period=QUIET)
        row = await only_row(journal)

    asked = {parse_qs(urlsplit(one.path_qs).query)["invoice_uuid"][0] for one in sent(emulator, "send_invoice")}
    assert asked == {str(first.request.invoice_uuid)}
    assert (row.state, row.result.uuid) == (D, first.request.invoice_uuid)
    assert emulator.sale("abc123").invoice.uuid == row.result.uuid
    assert emulator.executions("send_invoice", "abc123") == 1


async def test_a_uuid_of_the_callers_own_is_sent_as_it_is(sqlite_journal, emulator, propars):
    uuid = uuid4()
    await sqlite_journal.run(propars, [SendInvoice(sale_id=1001, invoice_uuid=uuid)])
    assert emulator.sale(1001).invoice.uuid == uuid


CONFLICTS = [
    (Proceed(1, 1), Proceed(1, 2), ("vault_id", "known 1", "asked 2")),
    (
        SendInvoice(sale_id=1001, invoice_number="ABC2024000000001"),
        SendInvoice(sale_id=1001, invoice_number="ABC2024000000002"),
        ("invoice_number", "known 'ABC2024000000001'", "asked 'ABC2024000000002'"),
    ),
    (SendInvoice(sale_id=1001), SendInvoice(sale_id=1001, invoice_char_code="ABC"), ("None", "'ABC'")),
]


@pytest.mark.parametrize(("first", "second", "shown"), CONFLICTS, ids=["proceed", "number", "prefix"])
@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in two runs"])
async def test_other_parameters_under_a_known_key_are_an_error_that_shows_both(
    first, second, shown, together, journal, emulator, kolaybi, propars
):
    client = kolaybi if isinstance(first, Proceed) else propars
    if not together:
        await journal.run(client, [first])
    before = len(emulator.requests)

    with pytest.raises(JournalConflictError) as caught:
        await journal.run(client, [first, second] if together else [second])

    assert all(text in str(caught.value) for text in shown)
    assert isinstance(caught.value, ValueError)
    assert len(emulator.requests) == before


async def test_a_conflict_lets_what_is_on_its_way_end(sqlite_journal, emulator, kolaybi):
    ids = some_documents(emulator, 32)
    await sqlite_journal.run(kolaybi, [Proceed(1, 1)])

    with pytest.raises(JournalConflictError):
        await sqlite_journal.run(kolaybi, [*creates(ids), Proceed(1, 2)])

    assert set(await states_of(sqlite_journal)) <= {D, P}
    assert (await sqlite_journal.counts())[D] == emulator.executions("create_e_document") + 1


async def test_the_same_moment_in_another_offset_is_no_other_parameter(sqlite_journal, emulator, propars):
    for moment in ("2024-05-01T10:00:00+03:00", "2024-05-01T07:00:00+00:00"):
        report = await sqlite_journal.run(propars, [SendInvoice(sale_id=1001, invoice_date=moment)])
        assert report.counts[D] == 1
    assert emulator.executions("send_invoice") == 1


# What is sent, and what never again


async def test_duplicates_within_an_iterable_are_sent_once(journal, emulator, kolaybi):
    ids = some_documents(emulator, 20)
    report = await journal.run(kolaybi, creates(ids * 4), concurrency=3)
    assert report.counts[D] == len(ids)
    assert [emulator.executions("create_e_document", number) for number in ids] == [1] * len(ids)
    assert len(emulator.requests) == len(ids)


async def test_one_thing_at_a_time_is_done_to_a_document(journal, emulator, kolaybi, monkeypatch):
    ids = some_documents(emulator, 12)
    on_their_way = []
    real = AsyncKolayBi.call

    async def call(self, request, *, permit=None):
        assert request.document_id not in on_their_way
        on_their_way.append(request.document_id)
        try:
            return await real(self, request, permit=permit)
        finally:
            on_their_way.remove(request.document_id)

    monkeypatch.setattr(AsyncKolayBi, "call", call)
    report = await journal.run(kolaybi, [kind for n in ids for kind in (CreateEDocument(n), Proceed(n, 1), Resend(n))])

    assert report.counts[D] == 3 * len(ids)
    for operation in ("create_e_document", "proceed", "resend"):
        assert [emulator.executions(operation, number) for number in ids] == [1] * len(ids)


async def test_nothing_more_is_done_to_a_document_in_doubt(journal, emulator, kolaybi):
    emulator.fault("create_e_document", "drop-after")
    batch = [CreateEDocument(1), Proceed(1, 1)]
    for _ in range(2):
        report = await journal.run(kolaybi, batch, quiet_period=LATER)
        assert {s: n for s, n in report.counts.items() if n} == {U: 1, P: 1}
        assert not report.is_settled
    assert len(emulator.requests) == 1
    await journal.settle("kolaybi:loopback:create_e_document:document_id=1", done="seen in the list")
    report = await journal.run(kolaybi, batch)
    assert report.counts[D] == 2
    assert emulator.executions("create_e_document") == emulator.executions("proceed") == 1


async def test_what_is_done_refused_unknown_or_somebody_elses_is_not_sent_again(url, emulator, kolaybi):
    emulator.fault("create_e_document", "drop-after")
    batch = [CreateEDocument(1), CreateEDocument(2), Proceed(20, 1)]
    async with Journal.open(url) as journal, Journal.open(url) as another:
        await journal.run(kolaybi, batch, concurrency=1, quiet_period=LATER)
        assert await states_of(journal) == {U: 1, R: 1, D: 1}
        before = len(emulator.requests)
        store = another._opened().store
        foreign = planned(Proceed(18, 1), "kolaybi", "loopback")
        assert await store.plan(await store.begin_run(time.time()), [foreign])

        report = await journal.run(kolaybi, [*batch, Proceed(18, 1)], quiet_period=LATER)

        assert {s: n for s, n in report.counts.items() if n} == {U: 1, R: 1, D: 1, State.CLAIMED: 1}
        assert len(emulator.requests) == before
    async with Journal.open(url) as journal:
        report = await journal.run(kolaybi, [Proceed(18, 1)])
        assert report.counts[D] == 1


async def test_the_accounts_of_one_provider_are_kept_apart(journal, emulator):
    for account in ("north", "south"):
        async with kolaybi_of(emulator, account=account) as client:
            report = await journal.run(client, [CreateEDocument(1)])
        assert report.counts[D] == 1
    assert emulator.executions("create_e_document", 1) == 2
    assert await journal.find("kolaybi:south:create_e_document:document_id=1")
    assert await journal.find("kolaybi:west:create_e_document:document_id=1") is None


@pytest.mark.parametrize("processes", [2, 4])
async def test_several_journals_share_a_batch_in_any_order(processes, url, emulator):
    ids = some_documents(emulator, 60)
    batch = [kind for number in ids for kind in (CreateEDocument(number), Proceed(number, 1))]

    async def work(number):
        async with kolaybi_of(emulator) as client, Journal.open(url) as journal:
            mine = batch[number * 31 :] + batch[: number * 31]
            return await journal.run(client, mine[:: -1 if number % 2 else 1], concurrency=4)

    await asyncio.gather(*map(work, range(processes)))

    # What another had in hand when one came by is for its own next run.
    async with kolaybi_of(emulator) as client, Journal.open(url) as journal:
        report = await journal.run(client, batch)
    assert report.counts[D] == len(batch)
    for operation in ("create_e_document", "proceed"):
        assert [emulator.executions(operation, number) for number in ids] == [1] * len(ids)
    assert len(emulator.requests) == len(batch)


# What could not be sent


async def test_what_cannot_be_sent_stays_planned_and_goes_in_the_next_run(journal, emulator, monkeypatch):
    monkeypatch.setattr("kolay_invoice.provider.waits", lambda: iter([0.0] * 100))
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


async def test_a_mark_that_grew_old_in_the_limiters_queue_is_made_anew(sqlite_journal, emulator, monkeypatch):
    monkeypatch.setattr("kolay_invoice.journal.runner.MARK_GOOD_FOR", 0.25)
    ids = some_documents(emulator, 6)
    emulator.fault("create_e_document", "slow", times=2, seconds=0.4)
    async with kolaybi_of(emulator, limiter=Limiter(1)) as client:
        report = await sqlite_journal.run(client, creates(ids), concurrency=4)
    assert report.counts[D] == len(ids)
    assert len(emulator.requests) == len(ids)
    outcomes = [one.outcome for row in (await rows_of(report)).values() for one in row.attempts]
    assert outcomes.count("done") == len(ids)
    assert "NotSentError" in outcomes


async def test_what_was_taken_over_between_claim_and_mark_is_left_to_the_others(
    sqlite_journal, emulator, kolaybi, monkeypatch
):
    store = sqlite_journal._opened().store
    real = store.mark
    theirs = []

    async def mark(rows, now):
        theirs.append(rows[0])
        await store.record([evolve(rows[0], state=D)])
        return await real(rows, now)

    monkeypatch.setattr(store, "mark", mark)
    report = await sqlite_journal.run(kolaybi, creates(some_documents(emulator, 12)), concurrency=2)
    assert report.counts[D] == 12
    assert len(emulator.requests) == 12 - len(theirs)


async def test_a_lease_that_never_began_can_be_ended(stores):
    lease = Lease(stores[0])
    await lease.end()
    assert not lease.is_held()


def test_a_process_is_dead_only_where_that_is_certain(tmp_path):
    mine = Owner()
    assert not mine.is_dead()
    gone = evolve(mine, pid=2**22 + 1)
    assert gone.is_dead()
    assert evolve(mine, started="1").is_dead()
    # On another machine, or where the kernel does not tell, nobody can know.
    assert not evolve(gone, host="elsewhere").is_dead()
    assert not evolve(gone, started="").is_dead()
    assert process._link(str(tmp_path / "missing")) == process._read(str(tmp_path / "missing")) == ""


@pytest.fixture
def child():
    """A process that lives until it is told to end."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        yield child


def test_a_process_that_is_hidden_is_alive_as_far_as_is_known(child, monkeypatch):
    theirs = evolve(Owner(), pid=child.pid, started=process._started(child.pid))
    assert not theirs.is_dead()
    real = process._read
    # As the kernel does it with hidepid, for the processes of other users.
    monkeypatch.setattr(process, "_read", lambda path: "" if f"/{child.pid}/" in path else real(path))
    assert not theirs.is_dead()

    def kill(pid, signal):
        assert (pid, signal) == (child.pid, 0)
        raise PermissionError

    with monkeypatch.context() as patched:
        patched.setattr(os, "kill", kill)
        assert not theirs.is_dead()
    child.kill()
    child.wait()
    assert theirs.is_dead()


def test_a_process_that_has_ended_and_is_not_waited_for_is_dead(child):
    theirs = evolve(Owner(), pid=child.pid, started=process._started(child.pid))
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert theirs.is_dead()


async def test_a_run_whose_lease_is_lost_sends_nothing_and_says_so(journal, emulator, kolaybi):
    ids = some_documents(emulator, 20)
    journal._opened().lease._held_until = 0.0
    with pytest.raises(JournalError, match="lease"):
        await journal.run(kolaybi, creates(ids))
    assert not emulator.requests
    assert await states_of(journal) == {P: 20}


async def test_a_lease_prolongs_itself_and_ends_when_somebody_else_has_taken_over(url, emulator, kolaybi):
    async with Journal.open(url, lease_seconds=0.4) as journal, Journal.open(url) as another:
        lease = journal._opened().lease
        prolonged = lease._held_until
        await until(lambda: lease._held_until > prolonged)
        # By the other's clock it is later.
        await another._opened().store.reap(time.time() + 1000)
        await until(lambda: not lease.is_held())
        with pytest.raises(JournalError, match="lease"):
            await journal.run(kolaybi, [CreateEDocument(1)])
    assert not emulator.requests


async def test_a_beat_that_fails_is_followed_by_another(sqlite_url, monkeypatch):
    async with Journal.open(sqlite_url, lease_seconds=0.2) as journal:
        opened = journal._opened()
        beats = []
        real = opened.store.prolong

        async def prolong(until):
            beats.append(until)
            if len(beats) == 1:
                raise JournalError("locked")
            return await real(until)

        monkeypatch.setattr(opened.store, "prolong", prolong)
        held = opened.lease._held_until
        await until(lambda: opened.lease._held_until > held)
        assert len(beats) > 1


# Doubt


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
async def test_doubt_is_read_back_after_the_quiet_period_and_sent_again_only_if_nothing_happened(
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


async def test_a_sale_that_has_another_invoice_than_the_one_chosen_ends_with_a_person(journal, emulator, propars):
    await propars.invoice_html_for_sale(sale_code="abc123")
    chosen = SendInvoice(sale_code="abc123", invoice_uuid=uuid4())
    for _ in range(2):
        report = await journal.run(propars, [chosen], quiet_period=0.0)
        assert report.counts[N] == 1
    assert emulator.executions("send_invoice", "abc123") == 1
    assert "another ETTN" in (await only_row(journal)).note


NO_WAY_BACK = [
    ("kolaybi", Proceed(1, 1), "drop-after"),
    ("kolaybi", Proceed(1, 1), "429"),
    ("propars", CancelInvoice(sale_id=1001), "drop-after"),
    ("propars", CancelInvoice(sale_code="abc123"), "429"),
]


@pytest.mark.parametrize(("provider", "request_", "fault"), NO_WAY_BACK)
async def test_payments_and_cancellations_never_leave_doubt_by_themselves(
    provider, request_, fault, journal, emulator, kolaybi, propars
):
    client = {"kolaybi": kolaybi, "propars": propars}[provider]
    await propars.send_invoice(sale_id=1001)
    operation = "proceed" if provider == "kolaybi" else "cancel_invoice"
    emulator.fault(operation, fault)
    for _ in range(3):
        report = await journal.run(client, [request_], quiet_period=0.0)
        assert report.counts[N] == 1
    assert len(sent(emulator, operation)) == 1
    assert (await only_row(journal)).note


async def test_a_429_waits_reads_back_and_sends_again(journal, emulator, kolaybi):
    ids = some_documents(emulator, 4)
    emulator.fault("create_e_document", "429", times=2)
    emulator.fault("create_e_document", "429", retry_after=1, executes=True)
    report = await journal.run(kolaybi, creates(ids), concurrency=1, quiet_period=LATER)
    assert report.counts[D] == len(ids)
    assert [emulator.executions("create_e_document", number) for number in ids] == [1] * len(ids)
    assert len(sent(emulator, "list_invoices")) >= 3
    assert len(sent(emulator, "create_e_document")) == 6


async def test_a_retry_after_longer_than_the_patience_ends_the_run(journal, emulator, kolaybi):
    ids = some_documents(emulator, 40)
    emulator.fault("create_e_document", "429", times=40, retry_after=3600)
    report = await journal.run(kolaybi, creates(ids), concurrency=1, patience=2.0)
    assert "asks to wait 3600 seconds" in report.stopped
    assert set(await states_of(journal)) == {U, P}
    assert len(emulator.requests) < len(ids)


@pytest.mark.parametrize("retry_after", [1_000_000_000, "1e12", "1e308"])
async def test_a_retry_after_that_is_not_to_be_believed_parks_nothing_for_longer_than_an_hour(
    retry_after, journal, emulator, kolaybi
):
    emulator.fault("create_e_document", "429", retry_after=retry_after)
    await journal.run(kolaybi, [CreateEDocument(1)], patience=1.0)
    row = await only_row(journal)
    assert row.state is U
    assert 3500 < row.due_at - time.time() <= 3600


@pytest.mark.parametrize("request_", [CreateEDocument(1), Proceed(1, 1)], ids=str)
async def test_a_429_before_anything_left_is_no_doubt(request_, sqlite_journal, emulator):
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


@pytest.mark.parametrize("company_id", [None, 5])
async def test_a_read_back_that_fails_is_tried_again_and_no_more_often_than_patience_allows(
    company_id, sqlite_journal, emulator, kolaybi
):
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


async def test_what_is_not_due_within_the_patience_is_left_for_another_run(sqlite_journal, emulator, kolaybi):
    emulator.fault("create_e_document", "drop-after")
    report = await sqlite_journal.run(kolaybi, [CreateEDocument(1)], quiet_period=LATER, patience=1.0)
    assert report.counts[U] == 1
    assert not sent(emulator, "list_invoices")


async def test_a_document_is_looked_for_in_every_company(sqlite_journal, emulator, kolaybi):
    emulator.add_company(7)
    emulator.add_document(700, company_id=7)
    emulator.fault("create_e_document", "drop-after", times=2)
    report = await sqlite_journal.run(kolaybi, creates([700, 999_999]), concurrency=1, quiet_period=QUIET)
    assert {row.request.document_id: row.state async for row in report.rows} == {700: D, 999_999: R}
    assert emulator.executions("create_e_document", 700) == 1


def row_of(request):
    one = planned(request, "kolaybi" if hasattr(request, "document_id") else "propars", "default")
    return Row(
        1, one.key, one.provider, one.account, one.operation, request, one.given, State.RECONCILING, 1, since=1.0
    )


ETTN = UUID("0f5e9a52-6f0b-4a3e-9d3c-2f8f2b6f1c04")
LISTED = [
    (CreateEDocument, None, P),
    (CreateEDocument, Invoice(1, None, None, "ready_to_send"), P),
    (CreateEDocument, Invoice(1, ETTN, None, "draft"), P),
    (CreateEDocument, Invoice(1, ETTN, "ABC2024000000001", "draft"), N),
    (CreateEDocument, Invoice(1, ETTN, "ABC2024000000001", "sent"), D),
    (CreateEDocument, Invoice(1, ETTN, "ABC2024000000001", "approved"), D),
    (CreateEDocument, Invoice(1, ETTN, None, "sent"), U),
    (CreateEDocument, Invoice(1, None, "ABC2024000000001", "sent"), U),
    (CreateEDocument, Invoice(1, ETTN, "ABC2024000000001", "cancelled"), N),
    (CreateEDocument, Invoice(1, ETTN, "ABC2024000000001", "of_tomorrow"), N),
    (CreateEDocument, Invoice(1, None, None, None), N),
    (Resend, None, N),
    (Resend, Invoice(1, ETTN, "ABC2024000000001", "sent_to_receiver"), D),
    (Resend, Invoice(1, None, None, "sent"), N),
    (Resend, Invoice(1, ETTN, "ABC2024000000001", "failed"), N),
]


@pytest.mark.parametrize(("kind", "listed", "state"), LISTED)
def test_kolaybis_list_decides_and_a_status_that_nobody_knows_needs_a_person(kind, listed, state):
    row = decide_kolaybi(row_of(kind(1)), listed)
    assert row.state is state
    assert (row.result is not None) is (state is D)
    assert row.note


def xml(uuid=ETTN, number="<cbc:ID>ABC2024000000001</cbc:ID>"):
    shown = "" if uuid is None else f"<cbc:UUID schemeID='ETTN'> {str(uuid).upper()} </cbc:UUID>"
    return SignedXml(f"<Invoice>{number}{shown}</Invoice>".encode())


SIGNED = [
    (ETTN, None, P, None),
    (ETTN, xml(), D, SentInvoice(uuid=ETTN, number="ABC2024000000001")),
    (None, xml(), D, SentInvoice(uuid=ETTN, number="ABC2024000000001")),
    (ETTN, xml(number=""), D, SentInvoice(uuid=ETTN)),
    (uuid4(), xml(), N, None),
    (ETTN, xml(uuid=None), N, None),
]


@pytest.mark.parametrize(("asked", "document", "state", "result"), SIGNED)
def test_the_signed_document_decides_and_one_of_another_invoice_needs_a_person(asked, document, state, result):
    row = decide_propars(row_of(SendInvoice(sale_id=1)), asked, document)
    assert (row.state, row.result) == (state, result)


async def test_a_status_that_nobody_knows_waits_for_a_person(journal, emulator, kolaybi):
    emulator.fault("create_e_document", "500", executes=False)
    emulator.add_document(700, status="ready_to_send")
    await journal.run(kolaybi, [CreateEDocument(700)], quiet_period=LATER)
    emulator.add_document(700, status="of_tomorrow")
    for _ in range(2):
        report = await journal.run(kolaybi, [CreateEDocument(700)], quiet_period=0.0)
        assert report.counts[N] == 1
    assert "of_tomorrow" in (await only_row(journal)).note
    assert not emulator.executions("create_e_document", 700)


async def test_what_was_prepared_for_one_provider_is_not_read_back_through_another(sqlite_journal, kolaybi):
    assert (await ReadBack(kolaybi).decided(row_of(SendInvoice(sale_id=1)))).state is N


# A person's word


KEY = "kolaybi:loopback:create_e_document:document_id=1"


@pytest.mark.parametrize(
    ("word", "state", "note"),
    [
        ({"done": True}, D, "settled by a person: done"),
        ({"done": "seen", "by": "Ayşe"}, D, "settled by Ayşe: done (seen)"),
        ({"not_executed": True}, P, "settled by a person: not executed"),
        ({"not_executed": "asked the hotline", "by": "Can"}, P, "settled by Can: not executed (asked the hotline)"),
    ],
)
async def test_a_persons_word_settles_doubt_and_is_recorded(word, state, note, journal, emulator, kolaybi):
    emulator.fault("create_e_document", "drop-before")
    await journal.run(kolaybi, [CreateEDocument(1)], quiet_period=LATER)
    told = await journal.settle(KEY, **word)
    row = await journal.find(KEY)
    assert row == told
    assert (row.state, row.note) == (state, note)
    await journal.run(kolaybi, [CreateEDocument(1)])
    assert (await journal.find(KEY)).state is D
    assert emulator.executions("create_e_document", 1) == int(state is P)


async def test_what_was_refused_is_sent_again_only_when_a_person_says_so(journal, emulator, kolaybi):
    number = emulator.add_document(status="draft").document_id
    key = KEY.replace("=1", f"={number}")
    for _ in range(2):
        await journal.run(kolaybi, [CreateEDocument(number)])
        assert (await journal.find(key)).state is R
    emulator.add_document(number, status="ready_to_send")
    with pytest.raises(ValueError, match="is refused, and only"):
        await journal.settle(key, done=True)

    row = await journal.settle(key, not_executed="the document is ready now")

    assert (row.state, row.refusal) == (P, None)
    await journal.run(kolaybi, [CreateEDocument(number)])
    assert (await journal.find(key)).state is D
    assert emulator.executions("create_e_document", number) == 1


@pytest.mark.parametrize(
    ("key", "word", "match"),
    [
        (KEY, {}, "exactly one"),
        (KEY, {"done": True, "not_executed": True}, "exactly one"),
        (KEY, {"done": True}, "is done, and only"),
        ("kolaybi:loopback:proceed:document_id=1", {"done": True}, "knows no"),
    ],
)
async def test_a_word_that_makes_no_sense_is_refused(key, word, match, sqlite_journal, kolaybi):
    await sqlite_journal.run(kolaybi, [CreateEDocument(1)])
    with pytest.raises(ValueError, match=match):
        await sqlite_journal.settle(key, **word)


async def test_a_word_that_comes_too_late_is_refused(journal, emulator, kolaybi, monkeypatch):
    emulator.fault("create_e_document", "drop-after")
    await journal.run(kolaybi, [CreateEDocument(1)], quiet_period=LATER)
    store = journal._opened().store
    real = store.find

    async def find(key):
        row = await real(key)
        await journal.run(kolaybi, [CreateEDocument(1)], quiet_period=0.0)
        return row

    monkeypatch.setattr(store, "find", find)
    with pytest.raises(ValueError, match="in this moment"):
        await journal.settle(KEY, not_executed=True)
    assert (await real(KEY)).state is D


# Iterables, progress and the end


async def _asynchronously(requests):
    for request in requests:
        await asyncio.sleep(0)
        yield request


@pytest.mark.parametrize("make", [list, iter, _asynchronously], ids=["list", "iterator", "async generator"])
async def test_any_iterable_is_read_lazily(make, sqlite_journal, emulator, kolaybi):
    ids = some_documents(emulator, 120)
    ahead = 0
    read = 0

    def numbers():
        nonlocal read, ahead
        for number in ids:
            read += 1
            ahead = max(ahead, read - len(emulator.requests))
            yield CreateEDocument(number)

    report = await sqlite_journal.run(kolaybi, make(numbers()), concurrency=2)
    assert report.counts[D] == read == len(ids)
    assert make is list or ahead <= 48


async def test_the_report_counts_and_lists_the_run_and_the_journal_everything(journal, emulator, kolaybi):
    await journal.run(kolaybi, [CreateEDocument(1)])
    report = await journal.run(kolaybi, [Proceed(20, 1), CreateEDocument(2), CreateEDocument(999_999)])
    assert {s: n for s, n in report.counts.items() if n} == {D: 1, R: 2}
    assert report.counts["refused"] == 2
    assert [row.request async for row in report.rows] == [Proceed(20, 1), CreateEDocument(2), CreateEDocument(999_999)]
    assert (await states_of(journal)) == {D: 2, R: 2}
    assert [row.request async for row in journal.rows(["done"])] == [CreateEDocument(1), Proceed(20, 1)]
    assert "_store" not in repr(report)


async def test_rows_are_read_a_page_at_a_time(sqlite_journal, emulator, kolaybi, monkeypatch):
    monkeypatch.setattr("kolay_invoice.journal.store._PAGE", 7)
    ids = some_documents(emulator, 21)
    report = await sqlite_journal.run(kolaybi, creates(ids))
    assert sorted([row.request.document_id async for row in report.rows]) == ids


async def test_progress_tells_of_everything_that_was_written_down(sqlite_journal, emulator, kolaybi):
    ids = some_documents(emulator, 30)
    told = []
    await sqlite_journal.run(kolaybi, [*creates(ids), CreateEDocument(2)], progress=told.append)
    assert (told[-1].read, told[-1].outcomes[D], told[-1].outcomes[R]) == (31, 30, 1)
    counts = [sum(one.outcomes.values()) for one in told]
    assert counts == sorted(counts)
    assert told[-1].seconds >= told[0].seconds >= 0


async def test_a_progress_that_raises_ends_the_run_without_losing_an_answer(sqlite_journal, emulator, kolaybi):
    ids = some_documents(emulator, 60)

    def progress(_):
        raise ZeroDivisionError

    async with asyncio.timeout(HANG):
        with pytest.raises(ZeroDivisionError):
            await sqlite_journal.run(kolaybi, creates(ids), progress=progress)
    assert set(await states_of(sqlite_journal)) <= {D, P}
    assert (await sqlite_journal.counts())[D] == emulator.executions("create_e_document") == len(emulator.requests)


@pytest.mark.parametrize("make", [iter, _asynchronously], ids=["generator", "async generator"])
async def test_an_iterable_that_raises_ends_the_run_and_lets_what_is_on_its_way_end(
    make, sqlite_journal, emulator, kolaybi
):
    ids = some_documents(emulator, 90)

    def requests():
        yield from creates(ids)
        raise LookupError("line 91")

    with pytest.raises(LookupError, match="line 91"):
        await sqlite_journal.run(kolaybi, make(requests()))
    assert set(await states_of(sqlite_journal)) <= {D, P}
    assert (await sqlite_journal.counts())[D] == emulator.executions("create_e_document") == len(emulator.requests)


async def test_stop_starts_nothing_more_and_waits_for_what_is_on_its_way(journal, emulator, kolaybi):
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


async def test_stop_ends_a_wait_for_what_will_be_due(sqlite_journal, emulator, kolaybi):
    emulator.fault("create_e_document", "drop-after")
    run = asyncio.create_task(sqlite_journal.run(kolaybi, [CreateEDocument(1)], quiet_period=50.0))
    async with asyncio.timeout(HANG):
        while not (await sqlite_journal.counts())[U]:  # noqa: ASYNC110 - a journal has no event.
            await asyncio.sleep(0.01)
        sqlite_journal.stop()
        assert (await run).counts[U] == 1


@pytest.mark.parametrize("moment", ["feeding", "sending"])
async def test_a_cancelled_run_records_what_left_as_unknown_and_gives_the_rest_back(moment, journal, emulator, kolaybi):
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
    assert {one.outcome async for row in journal.rows([U]) for one in row.attempts} == {"CancelledError"}

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
    # Nothing is left in hand, so the same journal goes on with it.
    assert set(await states_of(journal)) <= {P, D, U}
    report = await journal.run(kolaybi, creates(ids), quiet_period=QUIET)
    assert report.counts[D] == len(ids)
    assert [emulator.executions("create_e_document", number) for number in ids] == [1] * len(ids)


async def test_a_run_cancelled_while_it_reads_back_leaves_the_doubt_as_it_was(sqlite_journal, emulator, kolaybi):
    emulator.fault("create_e_document", "drop-after")
    emulator.fault("list_companies", "slow", seconds=20)
    run = asyncio.create_task(sqlite_journal.run(kolaybi, [CreateEDocument(1)], quiet_period=0.0))
    await until(lambda: sent(emulator, "list_companies"))
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    assert await states_of(sqlite_journal) == {U: 1}


async def test_a_step_that_fails_while_the_run_is_cancelled_hides_no_cancellation(
    sqlite_journal, emulator, kolaybi, monkeypatch
):
    began = asyncio.Event()

    async def plan(run, chunk):
        began.set()
        await asyncio.sleep(0.05)
        raise JournalError("full")

    monkeypatch.setattr(sqlite_journal._opened().store, "plan", plan)
    run = asyncio.create_task(sqlite_journal.run(kolaybi, [CreateEDocument(1)]))
    await began.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert not emulator.requests


async def test_a_step_that_is_cut_itself_ends_who_waits_for_it():
    task = asyncio.ensure_future(asyncio.sleep(50))
    waiting = asyncio.create_task(undisturbed(task))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


# Wrong uses


async def test_a_journal_has_to_be_open_and_is_opened_once(sqlite_url, kolaybi):
    journal = Journal.open(sqlite_url)
    with pytest.raises(RuntimeError, match="not open"):
        await journal.run(kolaybi, [])
    await journal.aclose()
    async with journal:
        with pytest.raises(RuntimeError, match="open already"):
            await journal.__aenter__()
        assert (await journal.run(kolaybi, [])).counts[D] == 0
    with pytest.raises(RuntimeError, match="not open"):
        await journal.counts()


@pytest.mark.parametrize("concurrency", [0, -1, True, 2.5, "8"])
async def test_concurrency_is_a_positive_whole_number(concurrency, sqlite_journal, kolaybi):
    with pytest.raises(ValueError, match="concurrency"):
        await sqlite_journal.run(kolaybi, [], concurrency=concurrency)


@pytest.mark.parametrize("request_", [ListCompanies(), SendInvoice(sale_id=1), 18], ids=repr)
async def test_a_request_of_another_kind_is_refused_before_anything_is_written(
    request_, sqlite_journal, emulator, kolaybi
):
    with pytest.raises(TypeError, match="not"):
        await sqlite_journal.run(kolaybi, [CreateEDocument(1), request_])
    assert await states_of(sqlite_journal) == {}
    assert not emulator.requests


async def test_a_closed_client_ends_the_run_and_leaves_everything_planned(sqlite_journal, emulator):
    client = kolaybi_of(emulator)
    await client.aclose()
    with pytest.raises(RuntimeError, match="closed"):
        await sqlite_journal.run(client, creates(range(1, 40)))
    assert set(await states_of(sqlite_journal)) == {P}


URLS = [
    ("", "url must be"),
    ("sends.db", "url must be"),
    ("mysql://localhost/sends", "must begin with"),
    ("sqlite://", "must name a file"),
    ("sqlite:///:memory:", "must name a file"),
    ("postgresql://user@host:canary/sends", "url must be"),
    ("postgresql://user:can@ary@host/sends", "as %40"),
    ("postgresql://user:x@canary:y@host/sends", "url must be"),
    ("postgresql://user:x@canary/y@host/sends", "as %40"),
    ("postgresql://user:x@canary?y@host/sends", "as %40"),
    ("postgresql://host?password=can@ary", "as %40"),
]


@pytest.mark.parametrize(("url", "match"), URLS)
def test_a_url_of_another_kind_is_refused_at_once(url, match):
    with pytest.raises(ValueError, match=match) as caught:
        Journal.open(url)
    assert "canary" not in "".join(traceback.format_exception(caught.value)) + repr(caught.value.__context__)


async def test_a_newer_schema_is_a_clear_error(url, emulator, kolaybi):
    async with Journal.open(url) as journal, journal._opened().database.writing() as connection:
        await connection.execute(update(meta).values(value="2"))
    with pytest.raises(JournalError, match="schema version 2, and this kolay_invoice knows version 1"):
        await Journal.open(url).__aenter__()


async def test_a_journal_that_must_exist_is_not_made(postgresql_url):
    with pytest.raises(JournalError, match="there is no journal"):
        await Journal.open(postgresql_url, create=False).__aenter__()


async def test_a_document_that_another_companys_list_shows_is_not_absent(journal, emulator, kolaybi):
    # The company that is named is not the document's: that its list does not show it proves nothing.
    (number,) = some_documents(emulator, 1)
    emulator.fault("create_e_document", "drop-after")
    report = await journal.run(kolaybi, creates([number]), quiet_period=0.0, company_id=6)
    assert report.counts[D] == 1
    assert emulator.executions("create_e_document", number) == 1


async def test_what_a_slow_source_has_given_is_sent_while_it_gives_nothing_more(journal, emulator, kolaybi):
    ids = some_documents(emulator, 3)
    sent_all, go_on = asyncio.Event(), asyncio.Event()

    def progress(progress):
        if progress.outcomes[D] == 3:
            sent_all.set()

    async def slow():
        for number in ids:
            yield CreateEDocument(number)
        await go_on.wait()

    run = asyncio.create_task(journal.run(kolaybi, slow(), progress=progress))
    await asyncio.wait_for(sent_all.wait(), 20)
    assert not run.done()
    go_on.set()
    assert (await run).counts[D] == 3


async def test_a_source_that_never_ends_does_not_hold_up_a_stop(journal, emulator, kolaybi):
    ids = some_documents(emulator, 2)
    closed = []

    async def endless():
        try:
            for number in ids:
                yield CreateEDocument(number)
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    def progress(progress):
        if progress.outcomes[D] == 2:
            journal.stop()

    report = await asyncio.wait_for(journal.run(kolaybi, endless(), progress=progress), 20)
    assert report.counts[D] == 2
    assert report.stopped == "stopped on request"
    assert closed == [True]


async def test_a_conflict_shows_no_sale_code(journal, propars):
    await journal.run(propars, [SendInvoice(sale_code="abc123")])
    with pytest.raises(JournalConflictError) as caught:
        await journal.run(propars, [SendInvoice(sale_code="abc123", invoice_uuid=uuid4())])
    assert "abc123" not in str(caught.value)
    assert "sale_code=***" in str(caught.value)


@pytest.mark.parametrize("name", ["quiet_period", "patience"])
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), True, "5"])
async def test_seconds_that_are_none_are_refused_by_name(name, value, journal, kolaybi):
    with pytest.raises(ValueError, match=name):
        await journal.run(kolaybi, [], **{name: value})
