"""Storms: hundreds of documents, and workers that are stopped, cancelled, misled by their clocks and failed over.

Executions are counted at a raw server. Each is carried out at most once, none is done that was not carried out, and in
the end each is settled or needs a person and says why. Each kind has a negative control, which must fail.
`STORM_ROUNDS` sets how often workers are stopped, paused and failed over, for longer runs.
"""

from __future__ import annotations

import asyncio
import random
import signal
from contextlib import asynccontextmanager

import pytest

from kolay_invoice import AsyncKolayBi
from kolay_invoice.emulator import credentials
from kolay_invoice.journal import Journal, sender
from tests import postgresql

from .cutting import Proxy
from .storm_clock import StormClock
from .storm_provider import SEND, StormProvider
from .storms import (
    BOUND,
    COLLECTIONS,
    EVERYTHING,
    LIMIT,
    SENDS,
    Storm,
    ask,
    can_be_written,
    count_open,
    has_claimed,
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
STOPS = 12
STEPS = 20
BETWEEN_STOPS = 10
"""How many operations are carried out between two stops; then answers are kept back."""
FEW = {"sends": SENDS[:60], "collections": COLLECTIONS[:60]}
"""Enough for a negative control: it ends with the first operation that is executed twice."""

pytestmark = pytest.mark.timeout(600)


def are_gone(url, names):
    """Whether another worker has released these owners."""
    listed = ", ".join(f"'{name}'" for name in names)
    return not ask(url, f"SELECT 1 FROM kolay_invoice_owners WHERE owner IN ({listed})")


async def stop_before_a_mark(url, worker):
    """Stop a worker that is alone before a mark. Returns its owners, and which operations they hold."""
    await until(owners_of, url, worker.popen.pid)
    worker.signal(signal.SIGUSR1)
    await until(lambda: worker.is_stopped)
    names = await asyncio.to_thread(owners_of, url, worker.popen.pid)
    held = await asyncio.to_thread(held_by, url, names)
    assert held
    return names, held


# Stopped for longer than the lease


async def stop_until_taken_over(url, worker, limit):
    """Stop a worker until others have taken over its operations. Returns whether it had claimed any."""
    worker.signal(signal.SIGSTOP)
    await until(lambda: worker.is_stopped)
    try:
        names = await asyncio.to_thread(owners_of, url, worker.popen.pid)
        if not await asyncio.to_thread(has_claimed, url, names) or not await asyncio.to_thread(can_be_written, url):
            return False
        await until(are_gone, url, names, seconds=limit)
        return True
    finally:
        worker.signal(signal.SIGCONT)


async def stop_again_and_again(storm, times, chance):
    """Stop one or more of the workers at the same time, and never all, until so many were stopped in their work."""
    provider, stopped, is_to_go_on = storm.provider, 0, True
    while stopped < times:
        if is_to_go_on:
            executed = provider.executed()
            provider.want(executed + BETWEEN_STOPS)
            await asyncio.wait_for(provider.until_executed(executed + chance.randrange(1, BETWEEN_STOPS)), BOUND)
        some = chance.sample(storm.workers, chance.randrange(1, len(storm.workers)))
        # Of two that stand still, the second may wait for a lock of the first, and hold its own only after that.
        limit = LIMIT * len(some)
        counted = await asyncio.gather(*(stop_until_taken_over(storm.journal, one, limit) for one in some))
        is_to_go_on = any(counted)
        stopped += sum(counted)
        assert not storm.has_ended(), f"only {stopped} stops met a worker in its work"
    provider.want(None)


@pytest.mark.row(33)
async def test_workers_stopped_for_longer_than_their_lease_send_nothing_twice(url):
    async with storm(url, faults=DROPS, keep_back_for=3.0, timeout=30.0) as begun:
        for _ in range(3):
            begun.start()
        begun.provider.want(BETWEEN_STOPS)
        await begun.provider.until_executed(1)
        await stop_again_and_again(begun, rounds(STOPS), random.Random(1))
        await begun.ended()
        outcome = await outcome_of(url, begun.provider)
    assert outcome.is_even, outcome
    assert outcome.done >= len(SENDS)


@pytest.mark.row(33)
async def test_without_gate_and_proof_stopped_workers_send_twice(url):
    # Its calls' time must not be over when it goes on.
    async with storm(url, without=["gate", "proof"], timeout=2 * BOUND, **FEW) as begun:
        first = begun.start()
        _, held = await stop_before_a_mark(url, first)
        # Begun only now: on a busy machine it could take over everything before.
        begun.start()
        await until(lambda: not count_open(url, held))
        first.signal(signal.SIGCONT)
        assert await begun.twice()


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


async def cancel_again_and_again(url, provider, chance, *, until_twice=False):
    """Give a journal more and more to do, and cancel it each time. Returns how often it was at work."""
    cancelled = 0
    async with client_of(provider) as client, Journal.open(url) as journal:
        for n in range(CANCELLATIONS):
            sends, collections = SENDS[3 * n : 3 * n + 3], COLLECTIONS[3 * n : 3 * n + 3]
            requests = requests_of(sends, collections) + requests_of(SENDS[: 3 * n][-6:], COLLECTIONS[: 3 * n][-6:])
            run = asyncio.create_task(journal.run(client, requests, quiet_period=0.5, patience=0.0))
            cancelled += await cancel_at_random(run, provider, chance)
            if until_twice and provider.twice:
                return cancelled
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


async def test_if_cancelled_calls_count_as_unsent_they_are_sent_twice(url, monkeypatch):
    """The negative control: the journal does not note that a byte has left."""
    real = sender.after_interruption

    def forgetful(row, started_at, interruption, *, left):
        return real(row, started_at, interruption, left=False)

    monkeypatch.setattr(sender, "after_interruption", forgetful)
    async with StormProvider(faults=DROPS).serving() as provider:
        await cancel_again_and_again(url, provider, random.Random(2), until_twice=True)
        assert provider.twice


# Wall clocks that step


async def step_until(clock, is_enough, chance):
    """Set a clock an hour or a day ahead or back, again and again. A server's step lets all waits begin anew."""
    steps = 0
    while steps < STEPS or not is_enough():
        steps += 1
        # Never back to where it was: who did not look meanwhile would see nothing of it.
        clock.step(chance.choice([-DAY, -HOUR, HOUR, DAY]) + 10.0 * steps)
        await asyncio.sleep(0.4)


@asynccontextmanager
async def stepping_clocks(url, clock, is_enough, *, late, **settings):
    """Let two workers go on while their wall clocks, and the server's, step until that is enough for a provider."""
    # What comes late comes long before the quiet period is over, however busy the machine is.
    given = {"late_by": 2.0, "quiet": 5.0, "timeout": 1.0, "clock": str(clock.path), **settings}
    async with storm(url, faults={**DROPS, "late": late}, **given) as begun:
        for _ in range(2):
            begun.start(concurrency=16)
        await begun.provider.until_executed(1)
        begun.provider.want(EVERYTHING // 2)
        steps = asyncio.create_task(step_until(clock, lambda: is_enough(begun.provider), random.Random(3)))
        try:
            await asyncio.sleep(2.0)
            begun.provider.want(None)
            yield begun
        finally:
            steps.cancel()
            await asyncio.wait([steps])


@pytest.fixture
def clock(tmp_path):
    """Clocks of workers that a test moves."""
    moved = StormClock(tmp_path / "clock")
    yield moved
    moved.close()


@pytest.mark.row(55)
async def test_wall_clocks_that_step_end_no_quiet_period(url, clock):
    def is_enough(provider):
        return provider.executed() >= EVERYTHING * 9 // 10

    async with stepping_clocks(url, clock, is_enough, late=0.04) as begun:
        await begun.ended()
        outcome = await outcome_of(url, begun.provider)
    assert outcome.is_even, outcome
    assert outcome.done >= len(SENDS)


@pytest.mark.row(55)
async def test_quiet_periods_counted_by_a_clock_that_steps_send_twice(url, clock):
    def is_enough(provider):
        return bool(provider.twice)

    async with stepping_clocks(url, clock, is_enough, late=0.3, late_by=4.0, without=["watch"]) as begun:
        assert await begun.twice()


# Clocks that stand still


@asynccontextmanager
async def paused_with_its_clocks(url, provider, clock, **settings):
    """Let two workers go on, one of which is paused with its clocks until the other has settled what it held."""
    begun = Storm(url, provider, settings)
    try:
        first = begun.start(clock=str(clock.path))
        provider.want(provider.executed() + 10)
        await until(owners_of, url, first.popen.pid)
        clock.freeze()
        names, held = await stop_before_a_mark(url, first)
        provider.want(None)
        second = begun.start()
        await until(owners_of, url, second.popen.pid)
        await until(are_gone, url, names, seconds=LIMIT)
        # It does not wait for the first; it comes to these when it has done everything else.
        await until(lambda: not count_open(url, held))
        yield begun, first
    finally:
        begun.kill()
        clock.thaw()


@pytest.mark.row(56)
async def test_a_worker_with_stopped_clocks_sends_nothing_that_others_have_sent(url, clock):
    times = rounds(2)
    async with StormProvider(faults=DROPS).serving() as provider:
        for time in range(times):
            wanted = {"sends": SENDS[time::times], "collections": COLLECTIONS[time::times]}
            async with paused_with_its_clocks(url, provider, clock, **wanted) as (begun, first):
                # Every other time they stand still for good.
                if time % 2 == 0:
                    clock.thaw()
                first.signal(signal.SIGCONT)
                await begun.ended()
        outcome = await outcome_of(url, provider)
    assert outcome.is_even, outcome
    assert outcome.done >= len(SENDS)


@pytest.mark.row(56)
async def test_without_the_proof_of_the_lease_a_worker_with_stopped_clocks_sends_twice(url, clock):
    # Its calls' time must not be over when it goes on.
    given = {"without": ["proof"], "timeout": 2 * BOUND, **FEW}
    async with (
        StormProvider().serving() as provider,
        paused_with_its_clocks(url, provider, clock, **given) as (begun, first),
    ):
        clock.thaw()
        first.signal(signal.SIGCONT)
        assert await begun.twice()


# Failed over, with commits lost. A file has no replica; `test_witness.py` has the older copy of one, with its control.


@asynccontextmanager
async def failed_over(**settings):
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
                yield begun, replica.url(name)
        finally:
            replica.stop()


@pytest.mark.row(53)
async def test_a_failover_that_loses_commits_sends_nothing_twice():
    for _ in range(rounds(1)):
        async with failed_over() as (begun, url):
            await begun.ended()
            outcome = await outcome_of(url, begun.provider)
        assert outcome.is_even, outcome
        assert outcome.done >= len(SENDS)
        assert outcome.persons


@pytest.mark.row(53)
async def test_an_unnoticed_failover_sends_twice():
    async with failed_over(without=["doubt"]) as (begun, _):
        assert await begun.twice()


# Sent without waiting


async def test_without_a_quiet_period_late_requests_are_executed_twice(url):
    async with storm(url, faults={"late": 0.1}, late_by=4.0, quiet=0.0, timeout=1.0) as begun:
        begun.start(concurrency=16, **FEW)
        twice = await begun.twice()
    # What nothing can read back goes to a person at once.
    assert {path for path, _ in twice} == {SEND}
