"""What comes from a worker that stood still while others went on: no newer decision is lost to it, and no answer."""

from __future__ import annotations

import asyncio

import pytest
from attrs import evolve
from sqlalchemy import text

from kolay_invoice import AsyncKolayBi
from kolay_invoice.journal import Journal, JournalError, LeaseLostError, Refusal, State
from kolay_invoice.journal.readback import to_needs_person, to_planned_again
from kolay_invoice.journal.reconciler import Reconciler
from kolay_invoice.kolaybi.models import CreateEDocument, EDocument, GetInvoice, Resend

from .support import HANG, LATER, D, N, P, R, U, mark, plans, record, some_documents, take_over


async def taken_to_send(store, *requests):
    """Plan, claim and mark."""
    rows = (await store.plan(await store.begin_run(), plans(*requests))).rows
    assert await mark(store, rows) == {row.row_id for row in rows}
    return rows


async def taken_to_look(store, limit=10):
    """Claim the unknown operations, to read them back."""
    return await store.claim_due_readbacks("kolaybi", "default", 0.0, limit)


async def in_doubt(store, *requests):
    """Operations whose answers never came."""
    await record(store, [evolve(row, state=U) for row in await taken_to_send(store, *requests)])


async def state_of(store, row):
    return (await store.find(row.key)).state


async def test_a_read_back_under_a_stale_claim_changes_nothing(stores):
    asleep, awake, _ = stores
    await in_doubt(awake, CreateEDocument(18))
    (mine,) = await taken_to_look(asleep)
    await take_over(awake, asleep)
    (theirs,) = await taken_to_look(awake)
    assert theirs.claim == mine.claim + 1
    await asleep.record_readbacks([to_planned_again(mine)])
    assert await state_of(awake, mine) is State.RECONCILING
    await awake.record_readbacks([to_needs_person(theirs, "its status is 'cancelled'")])
    await asleep.record_readbacks([to_planned_again(mine)])
    assert await state_of(awake, mine) is N


@pytest.mark.parametrize("found", [P, D, U, N])
async def test_a_read_back_is_recorded_only_by_its_owner_and_under_its_claim(found, stores):
    asleep, awake, another = stores
    await in_doubt(awake, CreateEDocument(18))
    (row,) = await taken_to_look(asleep)
    decided = evolve(row, state=found, since=1.0)
    await another.record_readbacks([decided])
    assert await state_of(another, row) is State.RECONCILING
    await take_over(awake, asleep)
    await asleep.record_readbacks([decided])
    assert await state_of(another, row) is U
    await awake.settle(evolve(row, state=P, since=None), U)
    await asleep.record_readbacks([decided])
    assert await state_of(awake, row) is P


async def test_a_read_back_is_recorded_by_the_owner_that_made_it(stores):
    _, awake, _ = stores
    await in_doubt(awake, CreateEDocument(18), CreateEDocument(19))
    first, second = await taken_to_look(awake)
    await awake.record_readbacks([to_planned_again(first), evolve(second, state=D)])
    assert [await state_of(awake, row) for row in (first, second)] == [P, D]
    assert (await awake.find(first.key)).owner is None


@pytest.mark.parametrize("state", [U, State.RECONCILING, N, P])
async def test_a_late_success_is_recorded_while_no_other_worker_sends(state, stores):
    asleep, awake, _ = stores
    (sent,) = await taken_to_send(asleep, CreateEDocument(18))
    await take_over(awake, asleep)
    (looked,) = await taken_to_look(awake)
    if state is not State.RECONCILING:
        await awake.record_readbacks([evolve(looked, state=state)])
    assert await record(asleep, [evolve(sent, state=D)]) == []
    assert await state_of(awake, sent) is D
    # The look that was on its way meanwhile changes nothing any more.
    await awake.record_readbacks([to_planned_again(looked)])
    assert await state_of(awake, sent) is D


@pytest.mark.parametrize("state", [R, U, P])
async def test_a_late_failure_does_not_override_a_read_back(state, stores):
    asleep, awake, _ = stores
    (sent,) = await taken_to_send(asleep, CreateEDocument(18))
    await take_over(awake, asleep)
    await taken_to_look(awake)
    late = evolve(sent, state=state, refusal=Refusal("NotFoundError") if state is R else None)
    assert await record(asleep, [late]) == [late]
    assert await state_of(awake, sent) is State.RECONCILING


async def test_late_results_are_reported_and_the_others_are_recorded(stores):
    asleep, awake, _ = stores
    overtaken, free = await taken_to_send(asleep, CreateEDocument(18), CreateEDocument(19))
    await take_over(awake, asleep)
    looked = await taken_to_look(awake, 1)
    await awake.record_readbacks([to_planned_again(row) for row in looked])
    await taken_to_send(awake, CreateEDocument(18))
    answers = [evolve(row, state=D) for row in (overtaken, free)]
    assert await record(asleep, answers) == answers[:1]
    assert [await state_of(awake, row) for row in (overtaken, free)] == [State.SENDING, D]


async def test_a_doubt_whose_document_has_another_owner_is_reported(stores):
    asleep, awake, _ = stores
    (late,) = (await asleep.plan(await asleep.begin_run(), plans(CreateEDocument(18)))).rows
    await take_over(awake, asleep)
    await taken_to_send(awake, Resend(18))
    doubt = evolve(late, state=U)
    assert await record(asleep, [doubt]) == [doubt]


async def lose(store, row):
    """Let what was planned be lost, as with a server that fails over; return how the next one gets its number."""
    database = store._database

    async def delete(connection):
        for table in ("run_operations", "operations"):
            await connection.execute(text(f"DELETE FROM kolay_invoice_{table}"))

    async def renumber(connection):
        await connection.execute(text("DELETE FROM kolay_invoice_run_operations"))
        await connection.execute(text("UPDATE kolay_invoice_operations SET id = :id").bindparams(id=row.row_id))

    await database.write(delete)
    return lambda: database.write(renumber)


@pytest.mark.parametrize("state", [D, U, R, P])
async def test_a_result_is_not_recorded_for_another_operation_with_the_same_id(state, stores):
    asleep, awake, _ = stores
    (lost,) = await taken_to_send(asleep, CreateEDocument(18))
    renumber = await lose(awake, lost)
    (other,) = await taken_to_send(awake, CreateEDocument(19))
    await renumber()
    assert other.claim == lost.claim
    answer = evolve(lost, state=state)
    assert await record(asleep, [answer]) == [answer]
    assert await mark(asleep, [lost]) == set()
    found = await awake.find(other.key)
    assert (found.row_id, found.state, found.owner) == (lost.row_id, State.SENDING, awake.owner.name)


@pytest.mark.parametrize("state", [D, U, R, P])
async def test_a_claim_reassigned_after_lost_commits_belongs_to_the_new_owner(state, stores):
    asleep, awake, _ = stores
    (lost,) = await taken_to_send(asleep, CreateEDocument(18))
    renumber = await lose(awake, lost)
    (same,) = await taken_to_send(awake, CreateEDocument(18))
    await renumber()
    assert (same.key, same.claim) == (lost.key, lost.claim)
    answer = evolve(lost, state=state)
    assert await record(asleep, [answer]) == [answer]
    assert await mark(asleep, [lost]) == set()
    assert await state_of(awake, same) is State.SENDING


async def test_an_operation_with_a_new_id_does_not_count_as_marked(stores):
    mine, _, _ = stores
    (lost,) = await taken_to_send(mine, CreateEDocument(18))
    renumber = await lose(mine, lost)
    await taken_to_send(mine, CreateEDocument(19))
    await renumber()
    assert await mark(mine, [lost]) == set()


class Suspended:
    """A worker whose call stands still at the provider while its lease runs out."""

    def __init__(self, url, client, request, **options):
        self.journal = Journal.open(url, lease_seconds=LATER)
        self.go = asyncio.Event()
        self._client, self._request, self._options = client, request, options

    async def __aenter__(self):
        await self.journal.__aenter__()
        opened = self.journal._require_open()
        opened.lease._heartbeat.cancel()
        self.run = asyncio.create_task(self.journal.run(self._client, [self._request], **self._options))
        return self

    async def __aexit__(self, *error):
        self.run.cancel()
        await asyncio.gather(self.run, return_exceptions=True)
        await self.journal.aclose()

    async def overtaken(self, by):
        """Let another find its lease run out."""
        await take_over(by._require_open().store, self.journal._require_open().store)


class Held(AsyncKolayBi):
    """A client whose sends and looks at invoices come back only when they are let go."""

    async def call(self, request, *, permit=None):
        """Call, and hold the answer back."""
        try:
            return await super().call(request, permit=permit)
        finally:
            if isinstance(request, CreateEDocument | GetInvoice):
                self.came.set()
                await self.go.wait()


@pytest.fixture
def no_background(monkeypatch):
    """Let a run read back only at its end. It would cancel a read-back of before, and begin it again."""

    async def wait_for_ever(_):
        await asyncio.Event().wait()

    monkeypatch.setattr(Reconciler, "_run_in_background", wait_for_ever)


@pytest.fixture
async def held(emulator):
    """A client whose answers are held back until `go` is set."""
    async with Held(
        channel=emulator.kolaybi_channel, access_token=emulator.kolaybi_access_token, base_url=emulator.kolaybi_url
    ) as client:
        client.came, client.go = asyncio.Event(), asyncio.Event()
        yield client
        client.go.set()


@pytest.mark.parametrize("fault", [None, "drop-after"], ids=["answered", "in doubt"])
async def test_a_reply_after_another_worker_has_sent_reaches_the_caller(fault, url, emulator, kolaybi, held):
    (number,) = some_documents(emulator, 1)
    if fault:
        emulator.fault("create_e_document", fault)
    async with Suspended(url, held, CreateEDocument(number), patience=0.0) as asleep, Journal.open(url) as awake:
        await held.came.wait()
        await asleep.overtaken(awake)
        key = f"kolaybi:loopback:create_e_document:document_id={number}"
        await awake.settle(key, not_executed=True, because="said by somebody who was wrong")
        report = await awake.run(kolaybi, [CreateEDocument(number)])
        assert report.is_settled
        held.go.set()
        with pytest.raises(JournalError) as caught:
            await asleep.run
        (lost,) = caught.value.unrecorded
        assert lost.state is (U if fault else D)
        assert lost.result == (None if fault else EDocument(number, lost.result.uuid))
        # The renewal of the lease may notice it first.
        is_told = "after another worker had taken these operations over; compare both results" in str(caught.value)
        assert is_told or isinstance(caught.value, LeaseLostError)


async def test_a_read_back_that_lost_its_claim_is_not_recorded(url, emulator, kolaybi, held, no_background):
    (number,) = some_documents(emulator, 1)
    emulator.fault("create_e_document", "drop-before")
    key = f"kolaybi:loopback:create_e_document:document_id={number}"
    async with Journal.open(url) as awake:
        await awake.run(kolaybi, [CreateEDocument(number)], quiet_period=LATER)
        request = CreateEDocument(number)
        async with Suspended(url, held, request, quiet_period=0.0, patience=0.0) as asleep:
            await held.came.wait()
            await asleep.overtaken(awake)
            emulator.add_document(number, status="cancelled")
            report = await awake.run(kolaybi, [request], quiet_period=0.0)
            assert report.counts[N] == 1
            held.go.set()
            async with asyncio.timeout(HANG):
                await asyncio.gather(asleep.run, return_exceptions=True)
        assert (await awake.row(key)).state is N
    assert emulator.executions("create_e_document", number) == 0


async def test_a_cancelled_read_back_releases_only_its_own_claims(url, emulator, kolaybi, held, no_background):
    (number,) = some_documents(emulator, 1)
    emulator.fault("create_e_document", "drop-before")
    request = CreateEDocument(number)
    key = f"kolaybi:loopback:create_e_document:document_id={number}"
    async with Journal.open(url) as awake:
        await awake.run(kolaybi, [request], quiet_period=LATER)
        async with Suspended(url, held, request, quiet_period=0.0, patience=0.0) as asleep:
            await held.came.wait()
            await asleep.overtaken(awake)
            await awake.settle(key, not_executed=True)
        assert (await awake.row(key)).state is P


async def test_what_an_owner_claimed_after_it_was_taken_over_is_released_in_the_run_that_waits(url, emulator, kolaybi):
    (number,) = some_documents(emulator, 1)
    emulator.fault("create_e_document", "drop-after")
    async with Journal.open(url) as asleep, Journal.open(url) as awake:
        await awake.run(kolaybi, [CreateEDocument(number)], quiet_period=LATER)
        mine, others = asleep._require_open().store, awake._require_open().store
        await take_over(others, mine)
        (claimed,) = await mine.claim_due_readbacks(kolaybi.name, kolaybi.account, 0.0, 10)
        assert claimed.owner == mine.owner.name
        report = await awake.run(kolaybi, [CreateEDocument(number)], quiet_period=0.0)
        assert report.counts[D] == 1


async def test_a_read_back_that_cannot_be_released_hides_no_cancellation(
    sqlite_url, emulator, kolaybi, held, monkeypatch
):
    (number,) = some_documents(emulator, 1)
    emulator.fault("create_e_document", "drop-before")
    request = CreateEDocument(number)
    async with Journal.open(sqlite_url) as journal:
        await journal.run(kolaybi, [request], quiet_period=LATER)

        async def release_readbacks(rows):
            raise JournalError("full")

        async def requests():
            yield request
            await asyncio.Event().wait()

        monkeypatch.setattr(journal._require_open().store, "release_readbacks", release_readbacks)
        run = asyncio.create_task(journal.run(held, requests(), quiet_period=0.0))
        await held.came.wait()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        assert (await journal.counts())[State.RECONCILING] == 1
    # The end of the journal sets it free.
    async with Journal.open(sqlite_url) as journal:
        assert (await journal.counts())[U] == 1
