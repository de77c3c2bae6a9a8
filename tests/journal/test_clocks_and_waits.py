"""Clocks that are set, that stand still, and machines that sleep: no lease and no quiet period trusts them."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update

from kolay_invoice import AsyncKolayBi
from kolay_invoice.journal import Journal, chunking, clock
from kolay_invoice.journal.lease import LeaseWatch
from kolay_invoice.journal.tables import operations
from kolay_invoice.kolaybi.models import CreateEDocument

from .support import HANG, LATER, D, U, creates, kolaybi_of, only_row, plans, sent, some_documents, take_over, until

QUIET = 40.0


class Hands:
    """The clocks of this machine, and that of a database's server, in the hands of a test."""

    def __init__(self, monkeypatch):
        self._monkeypatch = monkeypatch
        self.slept = self.awake = self.wall = self.server = 0.0
        self.delay = 0.0
        """How long the next time that the server tells is on its way."""
        boottime, awake_time, wall = clock.boottime, clock.awake_time, clock.time.time
        server_shown = clock.ServerClock.shown

        async def shown(clock, connection):
            told = await server_shown(clock, connection) + self.server
            delay, self.delay = self.delay, 0.0
            self.pass_time(delay)
            return told

        monkeypatch.setattr(clock, "boottime", lambda: boottime() + self.slept + self.awake)
        monkeypatch.setattr(clock, "awake_time", lambda: awake_time() + self.awake)
        monkeypatch.setattr(clock.time, "time", lambda: wall() + self.wall)
        monkeypatch.setattr(clock.ServerClock, "shown", shown)

    def stop(self):
        """Let the boot clock stand still, but for what a test adds."""
        self._monkeypatch.setattr(clock, "boottime", lambda: self.slept + self.awake)

    def pass_time(self, seconds):
        """Let time pass for everybody."""
        self.awake += seconds
        self.server += seconds


@pytest.fixture
def hands(monkeypatch):
    """Clocks that a test can set."""
    return Hands(monkeypatch)


async def in_doubt(journal, kolaybi, emulator):
    """Run one send whose answer is lost."""
    emulator.fault("create_e_document", "drop-after")
    await journal.run(kolaybi, [CreateEDocument(1)], quiet_period=QUIET, patience=0.0)


async def looked_up(journal, kolaybi):
    """Run again, and return the state."""
    report = await journal.run(kolaybi, [CreateEDocument(1)], quiet_period=QUIET, patience=0.0)
    return next(state for state, count in report.counts.items() if count)


@pytest.mark.row(55)
@pytest.mark.parametrize("step", [3600.0, -3600.0, 86_400.0, -86_400.0, 350_000_000.0])
async def test_setting_the_wall_clock_neither_ends_nor_prolongs_a_quiet_period(step, journal, emulator, kolaybi, hands):
    await in_doubt(journal, kolaybi, emulator)
    hands.wall += step
    assert await looked_up(journal, kolaybi) is U
    assert not sent(emulator, "get_invoice")
    hands.wall -= step / 2
    hands.pass_time(QUIET + 1)
    # PostgreSQL's clock was moved against this machine's boot clock by nothing but the passing of time.
    assert await looked_up(journal, kolaybi) is D
    assert emulator.executions("create_e_document", 1) == 1


@pytest.mark.row(55)
async def test_suspend_does_not_count_as_waiting(sqlite_url, emulator, kolaybi, hands):
    async with Journal.open(sqlite_url) as journal:
        await in_doubt(journal, kolaybi, emulator)
        hands.slept += 12 * 3600.0
        # Bytes sleep with the machine, so the wait is counted by the clock that sleeps too.
        await journal._require_open().lease.ensure()
        assert await looked_up(journal, kolaybi) is U
        assert not sent(emulator, "get_invoice")


@pytest.mark.row(55)
@pytest.mark.parametrize("step", [3600.0, -3600.0, 5.0])
async def test_a_step_of_the_servers_clock_restarts_the_waits(step, postgresql_url, emulator, kolaybi, hands):
    async with Journal.open(postgresql_url) as journal:
        await in_doubt(journal, kolaybi, emulator)
        before = (await only_row(journal)).since
        hands.server += step
        assert await looked_up(journal, kolaybi) is U
        assert not sent(emulator, "get_invoice")
        assert (await only_row(journal)).since == pytest.approx(before + step, abs=10.0)
        hands.pass_time(QUIET + 1)
        assert await looked_up(journal, kolaybi) is D


@pytest.mark.row(55)
async def test_a_step_of_the_servers_clock_after_the_restart_of_waits_ends_none(
    postgresql_url, emulator, kolaybi, hands, monkeypatch
):
    async with Journal.open(postgresql_url) as journal:
        await in_doubt(journal, kolaybi, emulator)
        store = journal._require_open().store
        restart = store.restart_waits

        async def restart_before_a_step():
            await restart()
            hands.server += 3600.0

        monkeypatch.setattr(store, "restart_waits", restart_before_a_step)
        assert not await store.claim_due_readbacks(kolaybi.name, kolaybi.account, QUIET, 10)


@pytest.mark.row(55)
async def test_a_step_of_the_servers_clock_while_another_is_accepted_ends_no_wait(
    postgresql_url, emulator, kolaybi, hands
):
    async with Journal.open(postgresql_url) as journal:
        await in_doubt(journal, kolaybi, emulator)
        store, database = journal._require_open().store, journal._require_open().database
        write = database.write

        async def write_before_a_step(work):
            result = await write(work)
            hands.server += 2 * 86_400.0
            return result

        hands.server -= 86_400.0
        database.write = write_before_a_step
        await store.restart_waits()
        database.write = write
        assert await looked_up(journal, kolaybi) is U
        assert not sent(emulator, "get_invoice")


@pytest.mark.row(55)
async def test_a_late_time_of_the_server_is_no_step(postgresql_url, emulator, kolaybi, hands):
    async with Journal.open(postgresql_url) as journal:
        await in_doubt(journal, kolaybi, emulator)
        hands.pass_time(QUIET + 1)
        hands.delay = 30.0
        assert await looked_up(journal, kolaybi) is D


@pytest.mark.row(55)
async def test_a_step_that_a_late_time_hides_ends_no_wait_and_shows_at_the_next_time(
    postgresql_url, emulator, kolaybi, hands, monkeypatch
):
    async with Journal.open(postgresql_url) as journal:
        await in_doubt(journal, kolaybi, emulator)
        store = journal._require_open().store
        restart = store.restart_waits

        async def restart_before_a_hidden_step():
            await restart()
            hands.server += 20.0
            hands.delay = 20.0

        hands.pass_time(QUIET - 10.0)
        with monkeypatch.context() as patched:
            patched.setattr(store, "restart_waits", restart_before_a_hidden_step)
            assert not await store.claim_due_readbacks(kolaybi.name, kolaybi.account, QUIET, 10)
        assert await looked_up(journal, kolaybi) is U
        assert not sent(emulator, "get_invoice")
        hands.pass_time(QUIET + 1)
        assert await looked_up(journal, kolaybi) is D


@pytest.mark.row(55)
async def test_a_time_in_the_future_restarts_the_wait(journal, emulator, kolaybi, hands):
    await in_doubt(journal, kolaybi, emulator)
    ahead = update(operations).values(since=operations.c.since + 4e8)
    await journal._require_open().database.write(lambda connection: connection.execute(ahead))
    assert await looked_up(journal, kolaybi) is U
    hands.pass_time(QUIET + 1)
    assert await looked_up(journal, kolaybi) is D
    assert emulator.executions("create_e_document", 1) == 1


@pytest.mark.row(55)
@pytest.mark.parametrize("named", [None, "another machine's"])
async def test_a_wait_counted_by_another_clock_restarts(named, journal, emulator, kolaybi, hands):
    await in_doubt(journal, kolaybi, emulator)
    foreign = update(operations).values(since=1.0, clock=named)
    await journal._require_open().database.write(lambda connection: connection.execute(foreign))
    assert await looked_up(journal, kolaybi) is U
    assert not sent(emulator, "get_invoice")
    hands.pass_time(QUIET + 1)
    assert await looked_up(journal, kolaybi) is D


# Leases


@pytest.fixture
def found(stores):
    """Read an owner's row as another one sees it."""

    async def found(store):
        return await stores[1].find_owner(store.owner.name)

    return found


@pytest.mark.row(55)
async def test_a_lease_is_watched_for_a_whole_length_by_the_observers_own_clock(stores, found, hands):
    mine, _, _ = stores
    hands.stop()
    watch = LeaseWatch()
    assert watch.seconds_left(await found(mine)) == 60.0
    hands.wall += 1e6
    assert not watch.is_gone(await found(mine))
    hands.awake += 59.0
    assert not watch.is_gone(await found(mine))
    assert await mine.renew_lease()
    hands.awake += 59.0
    # The counter has moved, so the observer begins to count anew, when it sees that.
    assert not watch.is_gone(await found(mine))
    assert watch.seconds_until_release(await found(mine)) is None
    hands.awake += 30.0
    assert watch.seconds_until_release(await found(mine)) == 30.0
    # Sleep counts too: who was asleep with the observer may not send without renewing first.
    hands.slept += 31.0
    assert watch.is_gone(await found(mine))


@pytest.mark.row(56)
async def test_a_machine_with_stopped_clocks_sends_nothing_that_others_marked(url, emulator, kolaybi, hands):
    """Row 56: another worker has taken over, and this one's own clocks say that no time has passed."""
    ids = some_documents(emulator, 6)
    emulator.fault("create_e_document", "slow", times=6, seconds=0.5)
    async with Journal.open(url) as paused, Journal.open(url) as other, kolaybi_of(emulator) as client:
        run = asyncio.create_task(paused.run(client, creates(ids), concurrency=1, patience=0.0))
        await until(lambda: sent(emulator, "create_e_document"))
        await take_over(other._require_open().store, paused._require_open().store)
        await asyncio.gather(run, return_exceptions=True)
        assert "taken over by" in str(run.exception())
        # One was on its way already. Each mark asks the lease in its own transaction, so no other one left.
        assert len(sent(emulator, "create_e_document")) == 1
        emulator.clear_faults()
        report = await other.run(kolaybi, creates(ids), quiet_period=0.0)
        assert report.counts[D] == len(ids)
    assert [emulator.executions("create_e_document", number) for number in ids] == [1] * len(ids)


async def test_settling_waits_until_the_owner_is_known_to_be_gone_or_alive(url, emulator, hands):
    # No heartbeat of the observer sees the other one alive before its mark.
    async with Journal.open(url, lease_seconds=LATER) as journal, Journal.open(url, lease_seconds=30.0) as dead:
        store, lease = dead._require_open().store, dead._require_open().lease
        lease._heartbeat.cancel()
        await asyncio.wait([lease._heartbeat])
        (row,) = (await store.plan(await store.begin_run(), plans(CreateEDocument(1)))).rows
        assert (await store.advance([], [row])).marked
        settling = asyncio.create_task(journal.settle(row.key, done=True, because="seen in the list"))
        watch = journal._require_open().lease._watch
        await until(lambda: store.owner.name in watch._seen)
        assert not settling.done()
        hands.pass_time(31.0)
        await journal._require_open().lease.ensure()
        async with asyncio.timeout(HANG):
            assert (await settling).state is D


async def test_settling_an_operation_of_a_living_worker_names_its_state(journal, url, emulator):
    async with Journal.open(url, lease_seconds=1.2) as living:
        store = living._require_open().store
        (row,) = (await store.plan(await store.begin_run(), plans(CreateEDocument(1)))).rows
        async with asyncio.timeout(HANG):
            with pytest.raises(ValueError, match="is claimed, and only what is unknown or needs a manual check"):
                await journal.settle(row.key, done=True)


# A source that blocks the loop


@pytest.mark.row(64)
async def test_a_source_that_blocks_the_loop_is_logged_and_loses_no_lease(
    sqlite_url, emulator, kolaybi, caplog, monkeypatch
):
    monkeypatch.setattr(chunking, "_WARN_AFTER_SECONDS", 0.05)
    ids = some_documents(emulator, 12)

    def slow():
        for number in ids:
            clock.time.sleep(0.12)
            yield CreateEDocument(number)

    async with Journal.open(sqlite_url, lease_seconds=0.6) as journal:
        report = await journal.run(kolaybi, slow())
    assert report.counts[D] == len(ids)
    warnings = [one for one in caplog.messages if "blocked the event loop" in one]
    assert len(warnings) == 1


@pytest.mark.row(68)
@pytest.mark.parametrize("concurrency", [10_001, 2**40])
async def test_concurrency_has_a_bound(concurrency, sqlite_journal, kolaybi):
    with pytest.raises(ValueError, match=f"concurrency must be a positive whole number up to 10000, not {concurrency}"):
        await sqlite_journal.run(kolaybi, [], concurrency=concurrency)


@pytest.mark.row(57)
async def test_a_quiet_period_shorter_than_late_bytes_is_refused_for_a_remote_provider(sqlite_journal):
    async with AsyncKolayBi(channel="c", access_token="t", timeout=45.0) as client:
        with pytest.raises(ValueError, match=r"quiet_period must be at least 75 seconds, the client's timeout \(45\)"):
            await sqlite_journal.run(client, [], quiet_period=74.0)
        assert (await sqlite_journal.run(client, [], quiet_period=75.0)).is_settled
