"""Storms: hundreds of documents, and workers that are stopped, cancelled, misled by their clocks and failed over.

Executions are counted at a raw server. Each is carried out at most once, none is done that was not carried out, and in
the end each is settled or with a person who is told why. Each kind has a negative control, which has to turn red.
`STORM_ROUNDS` says how often workers are stopped: fewer times by default than by whoever has an hour.
"""

from __future__ import annotations

import asyncio
import random
import signal

import pytest

from kolay_invoice import AsyncKolayBi
from kolay_invoice.emulator import credentials
from kolay_invoice.journal import Journal, sending
from tests import postgresql

from .cutting import Proxy
from .storm_clock import StormClock
from .storm_provider import SEND, StormProvider
from .storms import (
    COLLECTIONS,
    EVERYTHING,
    SENDS,
    Storm,
    ask,
    can_be_written,
    count_open,
    held_by,
    outcome_of,
    owners_of,
    requests_of,
    rounds,
    storm,
    until,
)

HOUR, DAY = 3600.0, 86_400.0
DROPS = {"drop-before": 0.03, "drop-after": 0.03}
CANCELLATIONS = 100

pytestmark = pytest.mark.timeout(300)


def are_gone(url, names):
    """Whether somebody has seen that these owners are gone."""
    listed = ", ".join(f"'{name}'" for name in names)
    return not ask(url, f"SELECT 1 FROM kolay_invoice_owners WHERE owner IN ({listed})")


# Stopped for longer than the lease


async def stop_until_taken_over(url, worker):
    """Stop a worker until others have taken over what it had. Returns whether it had anything to do."""
    worker.signal(signal.SIGSTOP)
    await until(lambda: worker.is_stopped)
    try:
        names = await asyncio.to_thread(owners_of, url, worker.popen.pid)
        if not names or not await asyncio.to_thread(can_be_written, url):
            return False
        await until(are_gone, url, names)
        return True
    finally:
        worker.signal(signal.SIGCONT)


async def stop_again_and_again(storm, times, chance):
    """Stop one worker after another, so many times, while there is work."""
    for stopped in range(times):
        storm.provider.goal = EVERYTHING * (stopped + 1) // (times + 1)
        worker = chance.choice(storm.workers)
        while not await stop_until_taken_over(storm.journal, worker):  # noqa: ASYNC110 - another process's progress.
            await asyncio.sleep(0.2 * chance.random())
        assert storm.provider.executed() < EVERYTHING
    storm.provider.goal = None


@pytest.mark.row(33)
async def test_workers_stopped_for_longer_than_their_lease_send_nothing_twice(url):
    async with storm(url, faults=DROPS) as begun:
        for _ in range(3):
            begun.start()
        await begun.provider.until_executed(10)
        await stop_again_and_again(begun, rounds(8), random.Random(1))
        await begun.ended()
        outcome = await outcome_of(url, begun.provider)
    assert outcome.is_even, outcome
    assert outcome.done >= len(SENDS)


@pytest.mark.row(33)
async def test_without_gate_and_proof_stopped_workers_send_twice(postgresql_url):
    async with storm(postgresql_url, without=["gate", "proof"]) as begun:
        for _ in range(2):
            begun.start()
        await begun.provider.until_executed(10)
        begun.provider.goal = EVERYTHING // 2
        first = begun.workers[0]
        first.signal(signal.SIGUSR1)
        await until(lambda: first.is_stopped)
        names = await asyncio.to_thread(owners_of, postgresql_url, first.popen.pid)
        held = await asyncio.to_thread(held_by, postgresql_url, names)
        begun.provider.goal = None
        await until(lambda: not count_open(postgresql_url, held), seconds=60.0)
        first.signal(signal.SIGCONT)
        await begun.ended()
        outcome = await outcome_of(postgresql_url, begun.provider)
    assert held
    assert outcome.twice


# Cancelled at any await


def client_of(provider):
    return AsyncKolayBi(
        channel=credentials.KOLAYBI_CHANNEL, access_token=credentials.KOLAYBI_ACCESS_TOKEN, base_url=provider.url
    )


async def cancel_at_random(run, provider, chance):
    """Cancel a run after some turns of the loop, of its own or since a call came. Returns whether it was going on."""
    if chance.random() < 0.5:
        called = asyncio.create_task(provider.until_executed(provider.executed() + chance.randrange(1, 4)))
        await asyncio.wait([run, called], return_when=asyncio.FIRST_COMPLETED)
        called.cancel()
    for _ in range(int(10 ** (3 * chance.random()))):
        await asyncio.sleep(0)
    is_running = run.cancel()
    await asyncio.wait([run])
    return is_running and run.cancelled()


async def cancel_again_and_again(url, provider, chance):
    """Give a journal more and more to do, and cancel it each time. Returns how often it was at work, and the rest."""
    cancelled = 0
    async with client_of(provider) as client, Journal.open(url) as journal:
        for n in range(CANCELLATIONS):
            sends, collections = SENDS[3 * n : 3 * n + 3], COLLECTIONS[3 * n : 3 * n + 3]
            requests = requests_of(sends, collections) + requests_of(SENDS[: 3 * n][-6:], COLLECTIONS[: 3 * n][-6:])
            run = asyncio.create_task(journal.run(client, requests, quiet_period=0.5, patience=0.0))
            cancelled += await cancel_at_random(run, provider, chance)
        for _ in range(5):
            await journal.run(client, requests_of(SENDS, COLLECTIONS), quiet_period=0.5, patience=10.0)
    return cancelled


async def test_runs_cancelled_at_any_await_send_nothing_twice(url):
    async with StormProvider(faults=DROPS).serving() as provider:
        cancelled = await cancel_again_and_again(url, provider, random.Random(2))
        outcome = await outcome_of(url, provider)
    assert cancelled > CANCELLATIONS // 2
    assert outcome.is_even, outcome
    assert outcome.done >= len(SENDS)


async def test_taking_what_was_cancelled_for_unsent_sends_twice(sqlite_url, monkeypatch):
    """The negative control: the journal does not note that a byte has left."""
    real = sending.after_interruption

    def forgetful(row, started_at, interruption, *, left):
        return real(row, started_at, interruption, left=False)

    monkeypatch.setattr(sending, "after_interruption", forgetful)
    async with StormProvider(faults=DROPS).serving() as provider:
        await cancel_again_and_again(sqlite_url, provider, random.Random(2))
        outcome = await outcome_of(sqlite_url, provider)
    assert outcome.twice


# Wall clocks that step


async def step_until(clock, done, chance):
    """Set a clock an hour or a day ahead or back, again and again, until something is done."""
    steps = 0
    while not done.done() or steps < 20:
        clock.step(chance.choice([-DAY, -HOUR, HOUR, DAY]))
        steps += 1
        await asyncio.sleep(0.4)
    return steps


async def run_by_stepping_clocks(url, clock, **settings):
    """Let two workers go on while their wall clocks, and the server's, step. Returns the outcome."""
    faults = {**DROPS, "late": settings.pop("late", 0.04)}
    given = {"faults": faults, "late_by": 2.5, "quiet": 3.0, "timeout": 0.5, "clock": str(clock.path), **settings}
    async with storm(url, **given) as begun:
        for _ in range(2):
            begun.start(concurrency=16)
        await begun.provider.until_executed(1)
        sent = asyncio.create_task(begun.provider.until_executed(EVERYTHING * 9 // 10))
        begun.provider.goal = EVERYTHING // 2
        steps = asyncio.create_task(step_until(clock, sent, random.Random(3)))
        await asyncio.sleep(2.0)
        begun.provider.goal = None
        await steps
        await begun.ended()
        return await outcome_of(url, begun.provider)


@pytest.fixture
def clock(tmp_path):
    """Clocks of workers that a test moves."""
    moved = StormClock(tmp_path / "clock")
    yield moved
    moved.close()


@pytest.mark.row(55)
async def test_wall_clocks_that_step_end_no_quiet_period(url, clock):
    outcome = await run_by_stepping_clocks(url, clock)
    assert outcome.is_even, outcome
    assert outcome.done >= len(SENDS)


@pytest.mark.row(55)
async def test_quiet_periods_counted_by_a_clock_that_steps_send_twice(postgresql_url, clock):
    outcome = await run_by_stepping_clocks(postgresql_url, clock, without=["watch"], late=0.3)
    assert outcome.twice


# Clocks that stand still


async def pause_before_a_mark(url, worker, clock, provider):
    """Stop a worker and its clocks until others have settled what it held. Returns how much that was."""
    clock.freeze()
    worker.signal(signal.SIGUSR1)
    await until(lambda: worker.is_stopped, seconds=60.0)
    names = await asyncio.to_thread(owners_of, url, worker.popen.pid)
    held = await asyncio.to_thread(held_by, url, names)
    provider.goal = None
    await until(are_gone, url, names)
    # Others do not wait for it; they come to it when they have done everything else.
    await until(lambda: not count_open(url, held), seconds=60.0)
    return len(held)


async def run_by_clocks_that_stand_still(url, clock, times, **settings):
    """Let two workers go on, the clocks of one of which stand still while it is paused, and afterwards perhaps."""
    held = 0
    async with StormProvider(faults=DROPS).serving() as provider:
        for paused in range(times):
            wanted = {"sends": SENDS[paused::times], "collections": COLLECTIONS[paused::times]}
            begun = Storm(url, provider, {**wanted, **settings})
            try:
                first = begun.start(clock=str(clock.path))
                begun.start()
                await provider.until_executed(provider.executed() + 10)
                provider.goal = provider.executed()
                await until(owners_of, url, first.popen.pid, seconds=60.0)
                held += await pause_before_a_mark(url, first, clock, provider)
                # Every other time they stand still for good.
                if paused % 2 == 0:
                    clock.thaw()
                first.signal(signal.SIGCONT)
                await begun.ended()
            finally:
                begun.kill()
            clock.thaw()
        return held, await outcome_of(url, provider)


@pytest.mark.row(56)
async def test_a_worker_whose_clocks_stand_still_sends_nothing_that_others_have_sent(url, clock):
    held, outcome = await run_by_clocks_that_stand_still(url, clock, rounds(2))
    assert held
    assert outcome.is_even, outcome
    assert outcome.done >= len(SENDS)


@pytest.mark.row(56)
async def test_without_the_proof_of_the_lease_a_worker_whose_clocks_stand_still_sends_twice(url, clock):
    held, outcome = await run_by_clocks_that_stand_still(url, clock, 1, without=["proof"])
    assert held
    assert outcome.twice


# Failed over, with commits lost


async def run_by_a_failover(**settings):
    """Let two workers go on while their server fails over to a replica that has not heard of the last commits."""
    with postgresql.running() as primary:
        replica = await asyncio.to_thread(primary.replica)
        try:
            name = primary.new_database()
            async with Proxy.before(primary.place) as proxy, storm(proxy.url(name), faults=DROPS, **settings) as begun:
                for _ in range(2):
                    begun.start()
                await begun.provider.until_executed(EVERYTHING // 6)
                replica.execute("ALTER SYSTEM SET primary_conninfo = ''")
                replica.execute("SELECT pg_reload_conf()")
                await begun.provider.until_executed(begun.provider.executed() + EVERYTHING // 4)
                before = begun.provider.executed()
                proxy.server = replica.place
                proxy.cut_all()
                await asyncio.to_thread(primary.halt, "immediate")
                await asyncio.to_thread(replica.promote)
                assert before < EVERYTHING
                await begun.ended()
                return await outcome_of(replica.url(name), begun.provider)
        finally:
            replica.stop()


@pytest.mark.row(53)
async def test_a_failover_that_loses_commits_sends_nothing_twice():
    for _ in range(rounds(1)):
        outcome = await run_by_a_failover()
        assert outcome.is_even, outcome
        assert outcome.done >= len(SENDS)
        assert outcome.persons


@pytest.mark.row(53)
async def test_a_failover_that_nobody_notices_sends_twice():
    outcome = await run_by_a_failover(without=["doubt"])
    assert outcome.twice


# Sent without waiting


async def test_without_a_quiet_period_what_comes_late_is_executed_twice(sqlite_url):
    async with storm(sqlite_url, faults={"late": 0.1}, quiet=0.0, timeout=0.4) as begun:
        begun.start(concurrency=16, sends=SENDS[:60], collections=[])
        await begun.ended()
        outcome = await outcome_of(sqlite_url, begun.provider, sends=SENDS[:60], collections=[])
    assert outcome.twice
    assert {path for path, _ in outcome.twice} == {SEND}
