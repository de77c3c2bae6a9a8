"""What a journal does not believe: waits of what it may lack (rows 52, 53), a clock that was ahead, a fork."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing

import pytest
from attrs import evolve

from kolay_invoice.journal.database import Database
from kolay_invoice.journal.owner import Owner
from kolay_invoice.journal.readback import apply_sight
from kolay_invoice.journal.store import Store
from kolay_invoice.kolaybi.models import CreateEDocument
from kolay_invoice.readback import Undecided

from .support import N, U, mark, plans, record

LONG = 1_000.0


async def opened(path):
    """An owner with a lease on the journal."""
    store = Store(await Database.open(f"sqlite:///{path}", create=True), Owner())
    await store.start_lease(60.0)
    return store


async def closed(store):
    """End the lease and the connections."""
    await store.end_lease()
    await store._database.close()


@pytest.mark.row(52, 53)
@pytest.mark.parametrize("pause", [None, 0.25], ids=["of the quiet period", "of the provider"])
async def test_an_older_copy_restarts_every_wait(pause, tmp_path):
    path, copy = tmp_path / "sends.db", tmp_path / "copy"
    store = await opened(path)
    (row,) = (await store.plan(await store.begin_run(), plans(CreateEDocument(18)))).rows
    await mark(store, [row])
    await record(store, [evolve(row, state=U, pause=pause)])
    await closed(store)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE kolay_invoice_operations SET since = since - ?", (2 * LONG,))
    shutil.copy(path, copy)
    # It is looked up here, and sent again a moment before the copy comes back.
    store = await opened(path)
    (seen,) = await store.claim_due_readbacks("kolaybi", "default", LONG, 10)
    await closed(store)
    shutil.copy(copy, path)
    store = await opened(path)
    assert store.doubt is not None
    assert await store.claim_due_readbacks("kolaybi", "default", LONG, 10) == []
    (waiting,) = await store.claim_due_readbacks("kolaybi", "default", 0.0, 10)
    assert (waiting.key, waiting.pause) == (seen.key, None)
    await closed(store)


@pytest.mark.row(55)
async def test_a_time_from_a_clock_that_was_ahead_prolongs_no_wait(tmp_path):
    store = await opened(tmp_path / "sends.db")
    (row,) = (await store.plan(await store.begin_run(), plans(CreateEDocument(18)))).rows
    row = evolve(row, doubt_since=11 * 365 * 86_400.0)
    now = 1_000.0
    seen = apply_sight(row, Undecided("nothing"), quiet_period=1.0, give_up_after=60.0, now=now, run=1)
    assert (seen.state, seen.doubt_since) == (U, now)
    later = apply_sight(seen, Undecided("nothing"), quiet_period=1.0, give_up_after=60.0, now=now + 60, run=1)
    assert later.state is N
    await closed(store)


@pytest.mark.row(63)
async def test_a_forked_child_does_not_use_the_connections_of_its_parent(tmp_path):
    store = await opened(tmp_path / "sends.db")
    store._database._pid -= 1
    with pytest.raises(RuntimeError, match=f"belongs to process {os.getpid() - 1}, which opened it before the fork"):
        await store.begin_run()
    store._database._pid += 1
    await closed(store)
