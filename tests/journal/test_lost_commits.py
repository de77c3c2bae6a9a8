"""Row 53, in the process that was open at the failover: its own claims whose outcomes were committed and then lost."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from kolay_invoice.journal import Journal
from kolay_invoice.journal.server import Cluster
from kolay_invoice.journal.store import Store
from kolay_invoice.journal.tables import meta, operations

from .support import HANG, QUIET, D, creates, kolaybi_of, sent, some_documents

ENDED = ("done", "refused")


def lose_outcomes(url, journal, states=ENDED, left="sending"):
    """Let the journal's server be one that lacks the commits of some outcomes, as after a failover."""
    opened = journal._open
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            f"UPDATE {operations.name} SET state = %s, owner = %s, result = NULL WHERE state = ANY(%s)",
            (left, opened.store.owner.name, list(states)),
        )
        connection.execute(f"UPDATE {meta.name} SET value = '00000000' WHERE name = 'cluster_timeline'")
    opened.database._cluster = Cluster("1", "00000000", "3")


@pytest.mark.row(53)
@pytest.mark.parametrize("left", ["claimed", "sending"])
async def test_a_journal_that_stays_open_releases_its_claims_whose_outcomes_were_lost(left, postgresql_url, emulator):
    ids = some_documents(emulator, 3)
    async with kolaybi_of(emulator) as client, Journal.open(postgresql_url) as journal:
        await journal.run(client, creates(ids[:2]), quiet_period=QUIET)
        lose_outcomes(postgresql_url, journal, left=left)
        async with asyncio.timeout(HANG):
            report = await journal.run(client, creates(ids), quiet_period=QUIET, patience=HANG)
        assert report.counts[D] == len(ids)
    assert len(sent(emulator, "create_e_document")) == len(ids)


@pytest.mark.row(53)
async def test_a_run_from_before_the_loss_ends_before_claims_are_released(postgresql_url, emulator):
    first, second, third = some_documents(emulator, 3)
    recorded, going_on = asyncio.Event(), asyncio.Event()

    async def source():
        yield creates([second])[0]
        await going_on.wait()

    async with kolaybi_of(emulator) as client, Journal.open(postgresql_url) as journal:
        await journal.run(client, creates([first]), quiet_period=QUIET)
        before = asyncio.create_task(journal.run(client, source(), progress=lambda _: recorded.set()))
        async with asyncio.timeout(HANG):
            await recorded.wait()
            lose_outcomes(postgresql_url, journal)
            report = await journal.run(client, creates([first, second, third]), quiet_period=QUIET, patience=HANG)
            stopped = await before
        assert "may lack commits" in stopped.stopped
        assert report.counts[D] == 3
    assert len(sent(emulator, "create_e_document")) == 3


@pytest.mark.row(53)
async def test_claims_are_released_once_for_each_loss(postgresql_url, emulator, monkeypatch):
    releases = []
    real = Store.release_own

    async def release_own(self):
        releases.append(self.doubt)
        await real(self)

    monkeypatch.setattr(Store, "release_own", release_own)
    ids = some_documents(emulator, 3)
    async with kolaybi_of(emulator) as client, Journal.open(postgresql_url) as journal:
        for count in range(1, 4):
            await journal.run(client, creates(ids[:count]), quiet_period=QUIET, patience=HANG)
            await journal.run(client, creates(ids[:count]), quiet_period=QUIET, patience=HANG)
            lose_outcomes(postgresql_url, journal)
    assert len(releases) == len(set(map(id, releases))) == 2
    assert len(sent(emulator, "create_e_document")) == len(ids)
