"""Random operations, faults, crashes, zombies and clocks against what must always hold."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from contextlib import suppress
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kolay_invoice import AsyncKolayBi, KolayInvoiceError
from kolay_invoice.emulator import Emulator
from kolay_invoice.journal import Journal, JournalError, State, clock
from kolay_invoice.kolaybi.models import CreateEDocument, Proceed

from .support import HANG, kolaybi_of

DOCUMENTS = range(501, 507)
FAULTS = ["drop-before", "drop-after", "rst", "garbage", "cut-body", "empty", "login-page", "500", "504", "429"]
STEPS = [
    "begin_run",
    "plan",
    "claim_waiting",
    "advance",
    "claim_due_readbacks",
    "record_readbacks",
    "release_readbacks",
    "end_run",
]
LEASE = 60.0
QUIET = 20.0
EXECUTED = {State.DONE}
NOT_EXECUTED = {State.PLANNED, State.CLAIMED, State.REFUSED}

requests = st.lists(
    st.one_of(
        st.sampled_from(DOCUMENTS).map(CreateEDocument),
        st.sampled_from(DOCUMENTS).map(lambda number: Proceed(number, 1)),
        # Without the buyer's address it is refused.
        st.just(CreateEDocument(2)),
    ),
    min_size=1,
    max_size=8,
)


class Frozen(AsyncKolayBi):
    """A client whose calls stand still before anything is done, until they are let go."""

    go: asyncio.Event

    async def call(self, request, *, permit=None):
        """Wait, then call."""
        await self.go.wait()
        return await super().call(request, permit=permit)


class Nights(RuleBasedStateMachine):
    """Workers on one journal, the clocks they look at, and the provider that counts."""

    @initialize()
    def begin(self):
        self.directory = tempfile.mkdtemp()
        self.url = f"sqlite:///{self.directory}/sends.db"
        self.slept = self.stepped = 0.0
        boottime, awake_time, wall = clock.boottime, clock.awake_time, time.time
        # Passing time moves both monotonic clocks; only the wall clock can be set.
        self.patches = [
            patch.object(clock, "boottime", lambda: boottime() + self.slept),
            patch.object(clock, "awake_time", lambda: awake_time() + self.slept),
            patch.object(clock.time, "time", lambda: wall() + self.slept + self.stepped),
        ]
        for one in self.patches:
            one.start()
        self.emulator = Emulator(duplicates="execute").start()
        for number in DOCUMENTS:
            self.emulator.add_document(number)
        self.loop = asyncio.Runner()
        self.zombie = None
        self.loop.run(self._open())

    async def _open(self):
        self.client = kolaybi_of(self.emulator, timeout=HANG)
        self.journal = await Journal.open(self.url, lease_seconds=LEASE).__aenter__()

    async def _abandon(self, one):
        """Leave a journal as a dead process leaves it: nothing is written, nothing is given back."""
        opened, one._open = one._open, None
        opened.lease._heartbeat.cancel()
        await asyncio.gather(opened.lease._heartbeat, return_exceptions=True)
        await opened.database.close()

    def teardown(self):
        if hasattr(self, "loop"):
            self.loop.run(self._end())
            self.loop.close()
            self.emulator.stop()
            for one in self.patches:
                one.stop()
            shutil.rmtree(self.directory)

    async def _end(self):
        if self.zombie:
            await self._thawed()
        await self.client.aclose()
        await self.journal.aclose()

    async def _run(self, one, client, batch):
        async with asyncio.timeout(HANG):
            return await one.run(client, batch, concurrency=2, quiet_period=QUIET, patience=0.1)

    # What workers do

    @rule(batch=requests)
    def run(self, batch):
        self.loop.run(self._ran(batch))

    async def _ran(self, batch):
        try:
            await self._run(self.journal, self.client, batch)
        except JournalError as error:
            if "lease" not in str(error):
                raise
            # The lease expired while time passed, so the worker is restarted.
            await self.journal.aclose()
            self.journal = await Journal.open(self.url, lease_seconds=LEASE).__aenter__()

    @rule(batch=requests, step=st.sampled_from(STEPS), number=st.integers(1, 3), late=st.booleans())
    def crash(self, batch, step, number, late):
        self.loop.run(self._crashed(batch, step, number, late=late))

    async def _crashed(self, batch, step, number, *, late):
        store = self.journal._require_open().store
        real = getattr(store, step)
        dead = False
        times = 0

        async def dying(*arguments):
            nonlocal dead, times
            times += 1
            if times == number and late:
                await real(*arguments)
            dead = dead or times == number
            if dead:
                raise JournalError("dead")
            return await real(*arguments)

        for name in STEPS:
            setattr(store, name, self._unless(getattr(store, name), lambda: dead))
        setattr(store, step, dying)
        with suppress(JournalError):
            await self._run(self.journal, self.client, batch)
        await self._abandon(self.journal)
        self.slept += LEASE + 1
        self.journal = await Journal.open(self.url, lease_seconds=LEASE).__aenter__()

    @staticmethod
    def _unless(real, is_dead):
        async def step(*arguments):
            if is_dead():
                raise JournalError("dead")
            return await real(*arguments)

        return step

    @precondition(lambda self: self.zombie is None)
    @rule(batch=requests)
    def freeze(self, batch):
        self.loop.run(self._froze(batch))

    async def _froze(self, batch):
        client = Frozen(
            channel=self.emulator.kolaybi_channel,
            access_token=self.emulator.kolaybi_access_token,
            base_url=self.emulator.kolaybi_url,
        )
        client.go = asyncio.Event()
        sleeper = await Journal.open(self.url, lease_seconds=LEASE).__aenter__()
        task = asyncio.create_task(self._run(sleeper, client, batch))
        # Up to the first byte, or to the end where nothing is left to send.
        for _ in range(40):
            await asyncio.sleep(0.001)
        self.zombie = (sleeper, client, task)
        self.overtaken = batch

    @precondition(lambda self: self.zombie is not None)
    @rule()
    def overtake(self):
        """Let the others execute what the stopped worker had claimed, and then resume it."""
        self.slept += LEASE + 1
        self.loop.run(self._ran(self.overtaken))
        self.slept += QUIET + 1
        self.loop.run(self._ran(self.overtaken))
        self.loop.run(self._thawed())

    @precondition(lambda self: self.zombie is not None)
    @rule()
    def thaw(self):
        self.loop.run(self._thawed())

    async def _thawed(self):
        (sleeper, client, task), self.zombie = self.zombie, None
        client.go.set()
        await asyncio.gather(task, return_exceptions=True)
        if not task.cancelled() and task.exception() is not None:
            assert isinstance(task.exception(), KolayInvoiceError), task.exception()
        await client.aclose()
        await sleeper.aclose()

    # What happens to them

    @rule(
        operation=st.sampled_from(["create_e_document", "proceed", "list_invoices"]),
        kind=st.sampled_from(FAULTS),
        times=st.integers(1, 3),
    )
    def fault(self, operation, kind, times):
        self.emulator.fault(operation, kind, times)

    @rule()
    def mend(self):
        self.emulator.clear_faults()

    @rule(seconds=st.sampled_from([5.0, 16.0, 30.0, LEASE + 1, 1000.0]))
    def let_time_pass(self, seconds):
        self.slept += seconds

    @precondition(lambda self: self.zombie is None)
    @rule(seconds=st.sampled_from([-3600.0, -30.0, 30.0, 3600.0]))
    def step_the_clock(self, seconds):
        self.stepped += seconds

    @rule()
    def settle_by_what_happened(self):
        self.loop.run(self._settled())

    async def _settled(self):
        async for row in self.journal.rows(state="needs_person"):
            happened = bool(self._executions(row))
            await self.journal.settle(row.key, done=happened, not_executed=not happened)

    # What must always hold

    def _executions(self, row):
        return self.emulator.executions(row.operation, row.request.document_id)

    @invariant()
    def nothing_happens_twice_and_the_journal_tells_the_truth(self):
        if not hasattr(self, "loop"):
            return
        for row in self.loop.run(self._rows()):
            executions = self._executions(row)
            assert executions <= 1, row
            if row.state in EXECUTED:
                assert executions == 1, row
            if row.state in NOT_EXECUTED:
                assert executions == 0, row
            if row.result is not None and row.operation == "create_e_document":
                assert row.result.uuid == self.emulator.documents[row.request.document_id].uuid

    async def _rows(self):
        return [row async for row in self.journal.rows()]


@pytest.mark.timeout(120)
class TestNights(Nights.TestCase):
    """The machine, with few and short examples."""

    settings = settings(
        max_examples=15,
        stateful_step_count=14,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
