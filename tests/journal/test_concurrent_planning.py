"""Several workers plan at once on PostgreSQL: there is no lock for all of them, and none waits in a circle."""

from __future__ import annotations

import asyncio
import signal

import pytest

from kolay_invoice import AsyncKolayBi
from kolay_invoice.emulator import credentials
from kolay_invoice.journal import Journal, planning

from .storm_provider import SEND, StormProvider
from .storms import LIMIT, ask
from .support import HANG, creates, rows_of

pytestmark = pytest.mark.long

KEYS = list(range(1, 201))
MINE, OTHERS = KEYS[:100], KEYS[100:]


@pytest.fixture
async def provider():
    """A server that counts what it carries out."""
    async with StormProvider().serving() as serving:
        yield serving


async def send(url, provider, ids, **options):
    """Send documents by a worker of their own; return the report."""
    given = {"channel": credentials.KOLAYBI_CHANNEL, "access_token": credentials.KOLAYBI_ACCESS_TOKEN}
    async with AsyncKolayBi(base_url=provider.url, **given) as client, Journal.open(url) as journal:
        return await journal.run(client, creates(ids), patience=0.0, **options)


async def stopped_in_plan(start, url, ids, *, forever):
    """Start a worker, and wait until it stands still with its plan written and not committed."""
    stopped = start("stopping_in_plan.py", journal=url, ids=ids, forever=forever)
    assert await asyncio.to_thread(stopped.line) == len(ids)
    async with asyncio.timeout(HANG):
        while not stopped.is_stopped:  # noqa: ASYNC110 - it is another process.
            await asyncio.sleep(0.01)
    return stopped


def is_in_transaction(url):
    """Whether a transaction is idle."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'"
    return ask(url, query)[0][0] > 0


def share(ids, workers, number):
    """Return one worker's part of the keys."""
    return ids[number::workers]


@pytest.mark.row(58)
@pytest.mark.parametrize("workers", [1, 2, 4])
async def test_workers_with_other_keys_plan_while_one_is_stopped_in_its_planning(
    workers, postgresql_url, start, provider
):
    stopped = await stopped_in_plan(start, postgresql_url, MINE, forever=True)
    async with asyncio.timeout(LIMIT):
        await asyncio.gather(
            *(send(postgresql_url, provider, share(OTHERS, workers, number)) for number in range(workers))
        )
    # It is still stopped, and its transaction was not ended.
    assert await asyncio.to_thread(is_in_transaction, postgresql_url)
    assert provider.executions == {(SEND, number): 1 for number in OTHERS}
    stopped.signal(signal.SIGCONT)
    assert await asyncio.to_thread(stopped.ended) == (0, {"transactions": 1, "taken": len(MINE)}, "")


@pytest.mark.row(34, 58)
@pytest.mark.parametrize("workers", [1, 2, 4])
async def test_workers_with_the_same_keys_wait_for_a_stopped_one_only_up_to_the_limit(
    workers, postgresql_url, start, provider
):
    stopped = await stopped_in_plan(start, postgresql_url, KEYS, forever=False)
    runs = asyncio.gather(*(send(postgresql_url, provider, share(KEYS, workers, n)) for n in range(workers)))
    async with asyncio.timeout(LIMIT):
        await provider.until_executed(1)
    async with asyncio.timeout(HANG):
        await runs
    stopped.signal(signal.SIGCONT)
    # Its own transaction was ended by the server; in the next one it finds nothing to do.
    assert await asyncio.to_thread(stopped.ended) == (0, {"transactions": 2, "taken": 0}, "")
    assert provider.executions == {(SEND, number): 1 for number in KEYS}


def deadlocks(url):
    return ask(url, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")[0][0]


@pytest.mark.row(34)
async def test_workers_that_plan_the_same_keys_in_opposite_orders_neither_deadlock_nor_send_twice(
    postgresql_url, provider
):
    orders = [KEYS, KEYS[::-1], KEYS[100:] + KEYS[:100], KEYS[::-2] + KEYS[::2]]
    async with asyncio.timeout(HANG):
        await asyncio.gather(*(send(postgresql_url, provider, order, concurrency=50) for order in orders))
    await send(postgresql_url, provider, KEYS)
    async with Journal.open(postgresql_url) as journal:
        rows = await rows_of(journal)
    assert provider.executions == {(SEND, number): 1 for number in KEYS}
    assert {row.state.value for row in rows.values()} == {"done"}
    assert await asyncio.to_thread(deadlocks, postgresql_url) == 0


@pytest.mark.row(58)
async def test_with_one_global_lock_the_others_wait_for_a_stopped_worker(postgresql_url, start, provider, monkeypatch):
    """The negative control: every planning takes one global lock, as it was before."""
    stopped = await stopped_in_plan(start, postgresql_url, MINE, forever=True)
    real = planning.plan

    async def plan(connection, run, chunk):
        await connection.exec_driver_sql("LOCK TABLE kolay_invoice_operations IN SHARE ROW EXCLUSIVE MODE")
        return await real(connection, run, chunk)

    monkeypatch.setattr(planning, "plan", plan)
    sending = asyncio.create_task(send(postgresql_url, provider, OTHERS))
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(HANG):
        while not (await asyncio.to_thread(ask, postgresql_url, waits))[0][0]:  # noqa: ASYNC110 - a database has no event.
            await asyncio.sleep(0.01)
    assert not provider.executions
    assert not sending.done()
    stopped.signal(signal.SIGCONT)
    await asyncio.to_thread(stopped.ended)
    await sending
