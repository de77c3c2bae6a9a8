"""On PostgreSQL, transactions lock the operations that they change in one order: no two wait for each other."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from attrs import evolve

from kolay_invoice.journal import database
from kolay_invoice.journal.database import Database
from kolay_invoice.journal.owner import Owner
from kolay_invoice.journal.store import Store
from kolay_invoice.journal.tables import operations

from .storms import ask
from .support import HANG, D, U, creates, mark, plans, record

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def failures(monkeypatch):
    """What the database has ended: a deadlock would be among it, and be tried again."""
    seen = []
    real = database.find_remedy

    def find_remedy(failure):
        seen.append(failure)
        return real(failure)

    monkeypatch.setattr(database, "find_remedy", find_remedy)
    return seen


@pytest.fixture
async def both(postgresql_url):
    """Two owners of one journal."""
    stores = [Store(await Database.open(postgresql_url, create=True), Owner()) for _ in range(2)]
    for store in stores:
        await store.start_lease(60.0)
    yield stores
    for store in stores:
        store.owner.note_closed()
        await store._database.close()


async def claimed(store, ids):
    """Claim operations one by one, so that the last ids are the first rows on their page."""
    run = await store.begin_run()
    planned = (await store.plan(run, plans(*creates(ids)))).rows
    await record(store, [evolve(row, state="planned", tried_in=None) for row in planned])
    rows = [(await store.plan(run, plans(*creates([number])))).rows[0] for number in reversed(ids)]
    return rows[::-1]


async def in_this_order(url, row, *steps):
    """Let steps begin one after the other while a third party holds an operation that each of them needs."""
    with psycopg.connect(url) as third:
        third.execute(f"SELECT 1 FROM {operations.name} WHERE id = {row.row_id} FOR UPDATE")
        tasks = []
        for step in steps:
            tasks.append(asyncio.create_task(step))
            async with asyncio.timeout(HANG):
                # A step that does not need it any more ends.
                while not tasks[-1].done() and (await asyncio.to_thread(ask, url, WAITING))[0][0] < len(tasks):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        third.rollback()
    return await asyncio.gather(*tasks)


async def test_results_and_marks_of_one_transaction_are_locked_together(postgresql_url, both, failures):
    mine, other = both
    first, last = await claimed(mine, [1, 2])
    assert await mark(mine, [last]) == {last.row_id}
    _, advance = await in_this_order(
        postgresql_url,
        first,
        other.plan(await other.begin_run(), plans(*creates([1, 2]))),
        mine.advance([evolve(last, state=D)], [first]),
    )
    assert (advance.marked, advance.late, failures) == ({first.row_id}, [], [])


async def test_a_mark_locks_its_owner_before_the_operations(postgresql_url, both, failures):
    mine, other = both
    first, last = await claimed(mine, [1, 2])
    assert await mark(mine, [first]) == {first.row_id}
    advance, _ = await in_this_order(
        postgresql_url,
        first,
        mine.advance([evolve(first, state=D)], [last]),
        other.release_expired(lambda found: True),
    )
    assert (advance.marked, advance.has_lease, failures) == ({last.row_id}, True, [])


@pytest.mark.parametrize("step", ["the end of a lease", "a restart of waits", "the release of read-backs"])
async def test_a_statement_for_many_operations_locks_them_in_the_order_of_a_plan(
    step, postgresql_url, both, failures, monkeypatch
):
    mine, other = both
    rows = await claimed(mine, [1, 2])
    if step != "the end of a lease":
        assert len(await mark(mine, rows)) == 2
        for row in reversed(rows):
            await record(mine, [evolve(row, state=U)])
    if step == "the release of read-backs":
        first, last = await mine.claim_due_readbacks("kolaybi", "default", 0.0, 10)
        await mine.release_readbacks([first])
        rows = [*await mine.claim_due_readbacks("kolaybi", "default", 0.0, 1), last]
    if step == "a restart of waits":
        monkeypatch.setattr(mine._database.clock, "name", "another clock")
    make = {
        "the end of a lease": mine.end_lease,
        "a restart of waits": mine.restart_waits,
        "the release of read-backs": lambda: mine.release_readbacks(rows),
    }[step]
    run = await other.begin_run()
    await in_this_order(postgresql_url, rows[0], other.plan(run, plans(*creates([1, 2]))), make())
    assert failures == []
