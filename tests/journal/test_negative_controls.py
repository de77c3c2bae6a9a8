"""The count must be able to say no: the usual mistakes, each of which must show as a duplicate."""

from __future__ import annotations

import signal

import pytest

from kolay_invoice import AsyncKolayBi, KolayInvoiceError
from kolay_invoice.journal import Journal

from .support import balance_of, creates, eventually, kolaybi_of, some_documents


class RetriesEverything(AsyncKolayBi):
    """A client as one writes it in a hurry."""

    async def call(self, request, *, permit=None):
        """Call until it works."""
        for _ in range(5):
            try:
                return await super().call(request, permit=permit)
            except KolayInvoiceError:
                continue
        raise AssertionError


async def test_a_client_that_retries_everything_is_caught(sqlite_url, emulator):
    ids = some_documents(emulator, 5)
    emulator.fault("create_e_document", "drop-after", times=2)
    options = {"channel": emulator.kolaybi_channel, "access_token": emulator.kolaybi_access_token}
    async with (
        RetriesEverything(base_url=emulator.kolaybi_url, **options) as hasty,
        Journal.open(sqlite_url) as journal,
    ):
        await journal.run(hasty, creates(ids))

    result = await balance_of(sqlite_url, ids, emulator)
    assert result.twice
    assert not result.is_even


@pytest.mark.parametrize(("quiet_period", "duplicates"), [(0.0, 1), (1.5, 0)], ids=["none", "long enough"])
async def test_a_read_back_without_a_quiet_period_is_caught(sqlite_url, emulator, quiet_period, duplicates):
    ids = some_documents(emulator, 3)
    # It is carried out when the client has long given up.
    emulator.fault("create_e_document", "late", seconds=1.0)
    async with kolaybi_of(emulator, timeout=0.4) as kolaybi, Journal.open(sqlite_url) as journal:
        await journal.run(kolaybi, creates(ids), quiet_period=quiet_period)
    eventually(lambda: emulator.executions("create_e_document") == len(ids) + duplicates)

    result = await balance_of(sqlite_url, ids, emulator)
    assert len(result.twice) == duplicates
    assert result.is_even is not bool(duplicates)


async def test_a_stopped_worker_without_the_gate_is_caught(sqlite_url, emulator, worker):
    ids = some_documents(emulator, 3)
    settings = {"lease": 0.8, "concurrency": 1, "fail": ("after", "mark", 1, "SIGSTOP"), "no_gate": True}
    zombie = worker(emulator.kolaybi_url, sqlite_url, ids, **settings)
    eventually(lambda: zombie.is_stopped)
    code, _, errors = worker(emulator.kolaybi_url, sqlite_url, ids, lease=0.8, until_settled=25).ended()
    assert (code, errors) == (0, "")

    zombie.signal(signal.SIGCONT)
    zombie.ended()

    result = await balance_of(sqlite_url, ids, emulator)
    assert result.twice
    assert not result.is_even
