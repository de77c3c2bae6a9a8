"""Claims and leases: who owns an operation, for how long, and who may take it over."""

from __future__ import annotations

import asyncio
import os
import subprocess
from socket import gethostname
from uuid import uuid4

import pytest
from attrs import evolve

from kolay_invoice import AsyncKolayBi
from kolay_invoice.journal import Journal, JournalError, LeaseLostError, State, clock, lease_table, owner
from kolay_invoice.journal.lease import Lease, LeaseWatch
from kolay_invoice.journal.operations import plan_operation
from kolay_invoice.journal.owner import Owner
from kolay_invoice.journal.runner import Run
from kolay_invoice.kolaybi.models import CreateEDocument, EDocument, Proceed, Resend

from .support import (
    HANG,
    LATER,
    D,
    N,
    P,
    R,
    U,
    creates,
    kolaybi_of,
    mark,
    plans,
    record,
    rows_of,
    sent,
    some_documents,
    states_of,
    take_over,
    until,
)


async def test_each_step_succeeds_only_for_its_owner_from_its_state_and_under_its_claim(stores):
    mine, other, _ = stores
    runs = [await store.begin_run() for store in (mine, other)]
    chunk = plans(CreateEDocument(1), CreateEDocument(2))

    first, second = (await mine.plan(runs[0], chunk)).rows
    assert (first.state, first.claim, first.request) == (State.CLAIMED, 1, CreateEDocument(1))
    assert (await other.plan(runs[1], chunk)).rows == []
    assert await other.claim_waiting(runs[1], 10) == []
    assert (await mine.plan(runs[0], chunk)).rows == []

    assert await mark(other, [first]) == set()
    assert await mark(mine, [evolve(first, claim=2)]) == set()
    assert await mark(mine, [first, second]) == {first.row_id, second.row_id}
    # A step may be repeated if its commit was not acknowledged.
    assert await mark(mine, [first]) == {first.row_id}
    # That it is being sent under one claim marks it under no other.
    assert await mark(mine, [evolve(first, claim=2)]) == set()

    foreign = evolve(first, state=D, claim=7, result=EDocument(1, uuid4()))
    assert await record(mine, [foreign]) == [foreign]
    assert (await mine.find(first.key)).state is State.SENDING
    answer = evolve(first, state=D, result=EDocument(1, uuid4()))
    assert await record(mine, [answer]) == []
    assert await record(mine, [answer]) == []
    assert await mark(mine, [first]) == set()
    late = evolve(first, state=U)
    assert await record(other, [late]) == [late]
    assert (await other.find(first.key)).result == answer.result

    await record(mine, [evolve(second, state=P, tried_in=None)])
    (taken,) = await other.claim_waiting(runs[1], 10)
    assert (taken.row_id, taken.claim) == (second.row_id, 2)
    await record(mine, [evolve(second, state=D)])
    assert (await mine.find(second.key)).state is State.CLAIMED


async def test_operations_of_dead_owners_are_released_by_their_state(stores):
    mine, other, _ = stores
    run = await mine.begin_run()
    chunk = plans(*map(CreateEDocument, (1, 2, 3, 4)), Proceed(5, 1))
    _, sending, unknown, settled, money = (await mine.plan(run, chunk)).rows
    await mark(mine, [sending, unknown, settled, money])
    await record(mine, [evolve(unknown, state=U), evolve(settled, state=D)])
    (reconciling,) = await mine.claim_due_readbacks("kolaybi", "default", 0.0, 10)
    assert reconciling.state is State.RECONCILING

    await take_over(other, mine)

    rows = {row.request.document_id: row async for row in other.rows()}
    assert {number: row.state for number, row in rows.items()} == {1: P, 2: U, 3: U, 4: D, 5: N}
    assert all(row.owner is None for row in rows.values())
    assert rows[2].attempts[0].left
    assert not await mine.renew_lease()


async def test_operations_claimed_after_a_lost_lease_are_released_too(stores):
    mine, other, _ = stores
    run = await mine.begin_run()
    (doubtful,) = (await other.plan(await other.begin_run(), plans(CreateEDocument(4)))).rows
    await record(other, [evolve(doubtful, state=U)])
    await take_over(other, mine)
    first, second = (await mine.plan(run, plans(CreateEDocument(1), CreateEDocument(2)))).rows
    (looked,) = await mine.claim_due_readbacks("kolaybi", "default", 0.0, 10)
    (others,) = (await other.plan(await other.begin_run(), plans(CreateEDocument(3)))).rows

    await take_over(other)

    states = [(await other.find(row.key)).state for row in (first, second, looked, others)]
    assert states == [P, P, U, State.CLAIMED]


@pytest.mark.row(59)
async def test_a_mark_after_a_takeover_is_refused_and_names_the_new_owner(stores):
    mine, other, _ = stores
    rows = (await mine.plan(await mine.begin_run(), plans(CreateEDocument(1)))).rows
    await take_over(other, mine)
    advance = await mine.advance([], rows)
    assert (advance.marked, advance.has_lease) == (set(), False)
    lost = str(await mine.explain_lost_lease())
    assert lost.startswith(f"the lease on the journal was lost, taken over by {gethostname()} at 2")
    assert (await other.find(rows[0].key)).state is P


async def test_a_reply_is_recorded_although_another_one_is_too_late(stores):
    mine, other, _ = stores
    late, answered = (await mine.plan(await mine.begin_run(), plans(CreateEDocument(1), CreateEDocument(2)))).rows
    await mark(mine, [answered])
    # Nothing of the first one was sent, so it is released, and another operation claims its document.
    await take_over(other, mine)
    await other.plan(await other.begin_run(), plans(Resend(1)))

    doubt = evolve(late, state=U)
    assert await record(mine, [doubt, evolve(answered, state=D)]) == [doubt]

    states = {f"{row.operation} {row.request.document_id}": row.state async for row in other.rows()}
    assert states == {"create_e_document 1": P, "create_e_document 2": D, "resend 1": State.CLAIMED}


async def test_a_living_owner_keeps_its_operations(stores):
    mine, other, _ = stores
    await mine.plan(await mine.begin_run(), plans(CreateEDocument(1)))

    await other.release_expired(LeaseWatch().is_gone)

    assert (await other.counts())[State.CLAIMED] == 1
    assert await mine.renew_lease()
    await mine.end_lease()
    assert (await other.counts())[P] == 1


async def test_a_document_has_one_operation_at_a_time(journal, emulator, kolaybi, monkeypatch):
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


async def test_a_document_in_doubt_gets_no_other_operation(journal, emulator, kolaybi):
    emulator.fault("create_e_document", "drop-after")
    batch = [CreateEDocument(1), Proceed(1, 1)]
    for _ in range(2):
        report = await journal.run(kolaybi, batch, quiet_period=LATER)
        assert {s: n for s, n in report.counts.items() if n} == {U: 1, P: 1}
        assert not report.is_settled
    assert len(emulator.requests) == 1
    await journal.settle("kolaybi:loopback:create_e_document:document_id=1", done=True, because="seen in the list")
    report = await journal.run(kolaybi, batch)
    assert report.counts[D] == 2
    assert emulator.executions("create_e_document") == emulator.executions("proceed") == 1


async def test_done_refused_unknown_and_foreign_operations_are_not_sent_again(url, emulator, kolaybi):
    emulator.fault("create_e_document", "drop-after")
    batch = [CreateEDocument(1), CreateEDocument(2), Proceed(20, 1)]
    async with Journal.open(url) as journal, Journal.open(url) as another:
        await journal.run(kolaybi, batch, concurrency=1, quiet_period=LATER)
        assert await states_of(journal) == {U: 1, R: 1, D: 1}
        before = len(emulator.requests)
        store = another._require_open().store
        foreign = plan_operation(Proceed(18, 1), "kolaybi", "loopback")
        assert (await store.plan(await store.begin_run(), [foreign])).rows

        report = await journal.run(kolaybi, [*batch, Proceed(18, 1)], quiet_period=LATER)

        assert {s: n for s, n in report.counts.items() if n} == {U: 1, R: 1, D: 1, State.CLAIMED: 1}
        assert len(emulator.requests) == before
    async with Journal.open(url) as journal:
        report = await journal.run(kolaybi, [Proceed(18, 1)])
        assert report.counts[D] == 1


@pytest.mark.row(34)
@pytest.mark.parametrize("processes", [2, 4])
async def test_several_journals_share_a_batch_in_any_order(processes, url, emulator):
    ids = some_documents(emulator, 60)
    batch = [kind for number in ids for kind in (CreateEDocument(number), Proceed(number, 1))]

    async def work(number):
        async with kolaybi_of(emulator) as client, Journal.open(url) as journal:
            mine = batch[number * 31 :] + batch[: number * 31]
            return await journal.run(client, mine[:: -1 if number % 2 else 1], concurrency=4)

    await asyncio.gather(*map(work, range(processes)))

    # An operation that was claimed by another worker is left for that worker's next run.
    async with kolaybi_of(emulator) as client, Journal.open(url) as journal:
        report = await journal.run(client, batch)
    assert report.counts[D] == len(batch)
    for operation in ("create_e_document", "proceed"):
        assert [emulator.executions(operation, number) for number in ids] == [1] * len(ids)
    assert len(emulator.requests) == len(batch)


async def test_a_run_does_not_wait_for_the_whole_lease_of_a_worker_that_lives(url, emulator, kolaybi):
    async with Journal.open(url, lease_seconds=30.0) as living, Journal.open(url) as journal:
        store = living._require_open().store
        held = plan_operation(Proceed(18, 1), "kolaybi", "loopback")
        assert (await store.plan(await store.begin_run(), [held])).rows
        async with asyncio.timeout(20.0):
            report = await journal.run(kolaybi, [Proceed(18, 1), CreateEDocument(1)])
        assert {s: n for s, n in report.counts.items() if n} == {State.CLAIMED: 1, D: 1}


async def test_an_operation_that_another_owner_releases_is_sent_before_its_lease_ends(
    url, stores, emulator, kolaybi, monkeypatch
):
    (number,) = some_documents(emulator, 1)
    other = stores[0]
    await other.plan(await other.begin_run(), [plan_operation(CreateEDocument(number), "kolaybi", "loopback")])
    waits = asyncio.Event()
    real = Run.sleep

    async def sleep(run, seconds):
        waits.set()
        await real(run, seconds)

    monkeypatch.setattr(Run, "sleep", sleep)
    async with Journal.open(url) as journal, asyncio.timeout(HANG):
        run = asyncio.create_task(journal.run(kolaybi, [CreateEDocument(number)], patience=LATER))
        await waits.wait()
        await other.end_lease()
        report = await run
    assert report.counts[D] == 1


async def test_a_lease_that_never_began_can_be_ended(stores):
    lease = Lease(stores[0])
    await lease.end()
    assert not lease.is_held()


@pytest.mark.row(68)
def test_a_process_counts_as_dead_only_if_that_is_certain(tmp_path):
    mine = Owner()
    # An owner of this process is gone when its journal is closed, or was never opened.
    assert mine.is_dead()
    mine.note_open()
    assert not mine.is_dead()
    mine.note_closed()
    assert mine.is_dead()
    gone = evolve(mine, pid=2**22 + 1)
    assert gone.is_dead()
    assert evolve(mine, started="1").is_dead()
    # On another machine, or without /proc, it is not certain.
    assert not evolve(gone, host="elsewhere").is_dead()
    # The same machine as seen from another container counts other pids, and other times since its start.
    for namespace in ("pid:[", "time:["):
        assert namespace in mine.host
        assert not evolve(gone, host=mine.host.replace(namespace, f"{namespace}9")).is_dead()
    assert not evolve(gone, started="").is_dead()
    assert clock.read_link(str(tmp_path / "missing")) == clock.read_line(str(tmp_path / "missing")) == ""


@pytest.fixture
def child():
    """A process that lives until its standard input is closed."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        yield child


@pytest.mark.row(68)
def test_a_hidden_process_counts_as_alive(child, monkeypatch):
    theirs = evolve(Owner(), pid=child.pid, started=owner._start_time(child.pid))
    assert not theirs.is_dead()
    real = owner.read_line
    # As the kernel does it with hidepid, for the processes of other users.
    monkeypatch.setattr(owner, "read_line", lambda path: "" if f"/{child.pid}/" in path else real(path))
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


def test_a_zombie_process_counts_as_dead(child):
    theirs = evolve(Owner(), pid=child.pid, started=owner._start_time(child.pid))
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert theirs.is_dead()


async def test_an_expired_lease_is_renewed_if_no_owner_has_taken_over(journal, emulator, kolaybi):
    ids = some_documents(emulator, 20)
    journal._require_open().lease._held_until = 0.0
    report = await journal.run(kolaybi, creates(ids))
    assert report.counts[D] == len(emulator.requests) == len(ids)


async def test_nothing_is_sent_under_an_expired_lease_and_the_mark_is_repeated(journal, emulator, kolaybi, monkeypatch):
    ids = some_documents(emulator, 20)
    lease = journal._require_open().lease
    real, asked = lease.is_held, []

    def is_held():
        asked.append(len(emulator.requests))
        return len(asked) > 3 and real()

    monkeypatch.setattr(lease, "is_held", is_held)
    report = await journal.run(kolaybi, creates(ids), concurrency=1)
    assert report.counts[D] == len(emulator.requests) == len(ids)
    withheld = [one for row in (await rows_of(report)).values() for one in row.attempts if one.outcome != "done"]
    assert {(one.left, one.outcome) for one in withheld} == {(False, "NotSentError")}
    assert 1 <= len(withheld) <= 3


@pytest.mark.row(59)
async def test_a_run_that_lost_its_lease_sends_nothing_and_names_the_new_owner(url, emulator, kolaybi):
    async with Journal.open(url) as journal, Journal.open(url) as another:
        await take_over(another._require_open().store, journal._require_open().store)
        run = asyncio.create_task(journal.run(kolaybi, creates(some_documents(emulator, 20))))
        with pytest.raises(LeaseLostError, match=f"taken over by {gethostname()} at .* UTC: open the journal anew"):
            await run
        assert await states_of(another) == {P: 20}
    assert not emulator.requests


@pytest.mark.row(59)
@pytest.mark.parametrize("error", [JournalError("lost"), ZeroDivisionError("a defect")], ids=repr)
async def test_a_reply_is_recorded_if_the_new_owner_is_not_known(error, sqlite_url, emulator, kolaybi, monkeypatch):
    async def find_successor(*_args):
        raise error

    monkeypatch.setattr(lease_table, "find_successor", find_successor)
    first, second = some_documents(emulator, 2)
    emulator.fault("create_e_document", "slow")
    async with Journal.open(sqlite_url) as journal, Journal.open(sqlite_url) as another:

        async def requests():
            yield CreateEDocument(first)
            await until(lambda: sent(emulator, "create_e_document"))
            await take_over(another._require_open().store, journal._require_open().store)
            yield CreateEDocument(second)

        async with asyncio.timeout(HANG):
            with pytest.raises(LeaseLostError, match="the lease on the journal was lost: open"):
                await journal.run(kolaybi, requests(), concurrency=2)
        assert await states_of(another) == {D: 1, P: 1}
    assert emulator.executions("create_e_document", second) == 0


@pytest.mark.row(59)
async def test_a_lease_renews_itself_and_ends_after_a_takeover(url, emulator, kolaybi):
    async with Journal.open(url, lease_seconds=0.4) as journal, Journal.open(url) as another:
        lease = journal._require_open().lease
        prolonged = lease._held_until
        await until(lambda: lease._held_until > prolonged)
        await take_over(another._require_open().store, journal._require_open().store)
        await until(lambda: not lease.is_held())
        with pytest.raises(LeaseLostError, match="lease"):
            await journal.run(kolaybi, [CreateEDocument(1)])
    assert not emulator.requests


@pytest.mark.row(68)
@pytest.mark.parametrize("error", [JournalError("locked"), ZeroDivisionError("a defect")], ids=repr)
async def test_a_failed_heartbeat_is_logged_and_repeated(error, sqlite_url, monkeypatch, caplog):
    async with Journal.open(sqlite_url, lease_seconds=0.2) as journal:
        opened = journal._require_open()
        beats = []
        real = opened.store.renew_lease

        async def renew_lease():
            beats.append(True)
            if len(beats) == 1:
                raise error
            return await real()

        monkeypatch.setattr(opened.store, "renew_lease", renew_lease)
        held = opened.lease._held_until
        await until(lambda: opened.lease._held_until > held)
        assert len(beats) > 1
    assert f"the lease on the journal could not be renewed: {type(error).__name__}" in caplog.text
