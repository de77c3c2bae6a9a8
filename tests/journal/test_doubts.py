"""Rows 52 and 53: a journal that may lack commits believes nothing that it knew of waits and looks."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest
from attrs import evolve

from kolay_invoice.journal.database import Database
from kolay_invoice.journal.process import Owner
from kolay_invoice.journal.store import Store
from kolay_invoice.kolaybi.models import CreateEDocument

from .support import U, mark, plans, record

LONG = 1_000.0


async def opened(path):
    """An owner with a lease on the journal."""
    store = Store(await Database.opened(f"sqlite:///{path}", create=True), Owner())
    await store.start_lease(60.0)
    return store


async def closed(store):
    """End the lease and the connections."""
    await store.end_lease()
    await store._database.close()


@pytest.mark.parametrize("pause", [None, 0.25], ids=["of the quiet period", "of the provider"])
async def test_in_an_older_copy_every_wait_begins_anew(pause, tmp_path):
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
    (seen,) = await store.take_due("kolaybi", "default", LONG, 10)
    await closed(store)
    shutil.copy(copy, path)
    store = await opened(path)
    assert store.is_doubtful
    assert await store.take_due("kolaybi", "default", LONG, 10) == []
    (waiting,) = await store.take_due("kolaybi", "default", 0.0, 10)
    assert (waiting.key, waiting.pause) == (seen.key, None)
    await closed(store)
