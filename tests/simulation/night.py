"""One simulated night: workers on one journal, what happens to them, and what must hold."""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import sys
import tempfile
import warnings
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path

from attrs import Factory, define

from kolay_invoice import AsyncKolayBi
from kolay_invoice.emulator import credentials
from kolay_invoice.journal import Journal, JournalError, OnOccasion, State
from kolay_invoice.kolaybi.models import CreateEDocument, Proceed

from .database import Driver
from .faults import Faults
from .invariants import check_at_rest, check_now, place_of
from .loop import StandstillError, VirtualLoop, worker_of
from .network import Network
from .provider import Provider
from .surroundings import replaced

QUIET = 80.0
TIMEOUT = 10.0
LEASE = 60.0
GIVE_UP = 300.0
ENDED = (State.DONE, State.REFUSED, State.NEEDS_PERSON)
_MORNINGS = 30
_PERSONS = 6
_FOLDER = "/dev/shm" if Path("/dev/shm").is_dir() else None


@define
class Wall:
    """The wall clock, which somebody may set."""

    ahead: float = 0.0


@define
class Worker:
    """One worker: a process of its own as far as the journal can see."""

    number: int
    task: object = None
    journal: object = None
    is_disturbed: bool = False
    """Whether it was killed, cancelled or frozen, so that an answer may have come too late for it."""


@define(eq=False, slots=False)
class Night:
    """A night of a seed."""

    seed: int
    trace: list = Factory(list)
    problems: list = Factory(list)
    workers: dict = Factory(dict)
    unrecorded: set = Factory(set)
    """Keys of the rows that an exception has handed to a caller."""
    rows: dict = Factory(dict)

    def __attrs_post_init__(self):
        self.chance = random.Random(self.seed)
        self.loop = VirtualLoop(random.Random(self.chance.getrandbits(64)))
        self.faults = Faults(random.Random(self.chance.getrandbits(64)), rate=self.chance.choice([0.2, 1.0, 2.0]))
        self.provider = Provider(self.loop, random.Random(self.chance.getrandbits(64)), self.faults, self.note)
        self.network = Network(self.loop, random.Random(self.chance.getrandbits(64)), self.faults, self.provider)
        self.driver = Driver(self.loop, random.Random(self.chance.getrandbits(64)), self.faults, self.note)
        self.wall = Wall()
        numbers = range(1, self.chance.randrange(2, 6))
        self.requests = [CreateEDocument(number) for number in numbers]
        self.requests += [Proceed(number, 1) for number in numbers if self.chance.random() < 0.5]
        self.requests += [OnOccasion(Proceed(1, 1), "again")] if self.chance.random() < 0.3 else []

    def note(self, text):
        """Write a line of the trace."""
        self.trace.append(f"{self.loop.time() - 1000:10.3f} {self.loop.steps:6} {text}")

    def fail(self, text):
        """Write down that something does not hold."""
        self.problems.append(text)
        self.note(f"BROKEN: {text}")

    def run(self):
        """Run the night. Returns itself; `problems` is empty if everything held."""
        chance = random.Random(self.chance.getrandbits(64))
        with quiet_disposal(), tempfile.TemporaryDirectory(dir=_FOLDER) as folder:
            self.url = f"sqlite:///{folder}/sends.db"
            with replaced(self.loop, chance, self.driver, self.network, self.wall) as owners:
                self.owners = owners
                self.loop.set_exception_handler(lambda loop, context: None)
                try:
                    self.loop.run_until_complete(self._live())
                except (JournalError, StandstillError) as error:
                    self.fail(f"{type(error).__name__}: {str(error).replace(self.url, 'URL')}")
                finally:
                    for worker in list(self.driver.connections):
                        self.driver.kill(worker)
            self._dispose()
        return self

    def _dispose(self):
        """Let go of what killed workers have left, while nobody hears of it."""
        self.loop.close()
        self.loop.tasks.clear()
        self.loop.after_step.clear()
        self.driver.connections.clear()
        for worker in self.workers.values():
            worker.task = worker.journal = None
        self.loop._frozen.clear()
        # A coroutine that is finalized may leave others behind.
        for _ in range(12):
            if not gc.collect():
                break

    # Workers

    def start(self):
        """Start one more worker."""
        worker = Worker(len(self.workers) + 1)
        self.workers[worker.number] = worker
        context = copy_context()
        context.run(worker_of.set, worker.number)
        worker.task = self.loop.create_task(self._work(worker), context=context)
        self.note(f"worker {worker.number} starts")

    async def _work(self, worker):
        async with client() as kolaybi:
            while not worker.is_disturbed or not self.faults.have_ended:
                try:
                    async with Journal.open(self.url, lease_seconds=LEASE) as journal:
                        worker.journal = journal
                        while not await self._go_over(journal, kolaybi):  # noqa: ASYNC110 - it is the work.
                            await asyncio.sleep(15.0)
                        return
                except JournalError as error:
                    self._keep(error)
                    self.note(f"worker {worker.number}: {type(error).__name__}: {str(error).replace(self.url, 'URL')}")
                    await asyncio.sleep(3.0)
                except asyncio.CancelledError as cancellation:
                    self._keep(cancellation.__cause__)
                    self.note(f"worker {worker.number} was cancelled")
                    raise

    async def _go_over(self, journal, kolaybi, patience=30.0):
        options = {"concurrency": 3, "quiet_period": QUIET, "patience": patience, "give_up_after": GIVE_UP}
        await journal.run(kolaybi, self.requests, **options)
        return is_over([row async for row in journal.rows()])

    def _keep(self, error):
        self.unrecorded.update(row.key for row in getattr(error, "unrecorded", ()))

    def kill(self, number, *, is_seen):
        """Kill a worker between two steps. Nothing of it runs again."""
        worker = self.workers[number]
        worker.is_disturbed = True
        self.note(f"worker {number} is KILLED, {'seen' if is_seen else 'unseen'}")
        self.loop.kill(number)
        self.driver.kill(number)
        if is_seen:
            self.owners.kill(number)

    def alive(self):
        """Return the numbers of the workers that have not ended."""
        return [
            one.number for one in self.workers.values() if one.number not in self.loop._dead and not one.task.done()
        ]

    # The night

    async def _live(self):
        for _ in range(self.chance.randrange(1, 4)):
            self.start()
        for _ in range(self.chance.randrange(0, 9)):
            await asyncio.sleep(30.0 * self.chance.random() ** 2)
            await self._happen()
            check_now(self)
        self.faults.have_ended = True
        self.note("faults end")
        for number in list(self.loop._frozen):
            self.loop.thaw(number)
        await asyncio.sleep(QUIET)
        check_now(self)
        for number in self.alive():
            self.kill(number, is_seen=True)
        await self._wake_up()

    async def _happen(self):
        """Let something happen to a worker."""
        alive = self.alive()
        if not alive:
            self.start()
            return
        number = self.chance.choice(alive)
        kind = self.chance.choice(["kill", "kill", "kill-at", "cancel", "freeze", "wall", "join"])
        if kind == "kill":
            self.kill(number, is_seen=self.chance.random() < 0.5)
            self.start()
        elif kind == "kill-at":
            at = self.loop.steps + self.chance.randrange(1, 600)
            self.loop.after_step[at] = lambda: self._kill_and_restart(number)
        elif kind == "cancel":
            self.workers[number].is_disturbed = True
            self.note(f"worker {number} is to be cancelled")
            self.workers[number].task.cancel()
            self.start()
        elif kind == "freeze":
            self.workers[number].is_disturbed = True
            self.note(f"worker {number} is FROZEN")
            self.loop.freeze(number)
            await asyncio.sleep(150.0 * self.chance.random())
            self.note(f"worker {number} goes on")
            self.loop.thaw(number)
        elif kind == "wall":
            self.wall.ahead += self.chance.choice([-86400.0, -3600.0, 3600.0, 86400.0])
            self.note(f"the wall clock is {self.wall.ahead:g} seconds ahead")
        elif len(alive) < 3:
            self.start()

    def _kill_and_restart(self, number):
        if number in self.alive():
            self.kill(number, is_seen=self.chance.random() < 0.5)
            self.start()

    async def _wake_up(self):
        """Run everything to its end without faults, check what has come of it, and let a person settle the rest."""
        async with client() as kolaybi, Journal.open(self.url, lease_seconds=LEASE) as journal:
            for _ in range(_PERSONS):
                has_ended = await self._go_on(journal, kolaybi)
                self.rows = {row.key: row async for row in journal.rows()}
                for row in self.rows.values():
                    self.note(f"end: {row.key} {row.state} attempts {len(row.attempts)} claim {row.claim}")
                check_at_rest(self, has_ended=has_ended)
                waiting = [row for row in self.rows.values() if row.state is State.NEEDS_PERSON]
                if not waiting or self.problems:
                    return
                for row in waiting:
                    await self._settle(journal, row)
        self.fail("what a person has settled needs a person again and again")

    async def _go_on(self, journal, kolaybi):
        for _ in range(_MORNINGS):
            if await self._go_over(journal, kolaybi, patience=100.0):
                return True
            await asyncio.sleep(200.0)
        return False

    async def _settle(self, journal, row):
        """Settle an operation as a person does who has looked into the provider's own screens."""
        place = place_of(row)
        known = sum(place_of(one) == place and one.state is State.DONE for one in self.rows.values())
        if self.provider.executions[place] > known:
            row = await journal.settle(row, done=True, ettn=self.provider.uuid_of(place[1]))
        else:
            row = await journal.settle(row, not_executed=True)
        self.rows[row.key] = row
        self.note(f"a person settles {row.key}: {row.state}")


def is_over(rows):
    """Whether every operation is settled, with a person, or waits for one on the same document that is."""
    with_person = {row.request.document_id for row in rows if row.state is State.NEEDS_PERSON}
    return all(
        row.state in ENDED or (row.state is State.PLANNED and row.request.document_id in with_person) for row in rows
    )


def client():
    """Return the real client."""
    return AsyncKolayBi(
        channel=credentials.KOLAYBI_CHANNEL,
        access_token=credentials.KOLAYBI_ACCESS_TOKEN,
        base_url="http://127.0.0.1:80",
        timeout=TIMEOUT,
    )


@contextmanager
def quiet_disposal():
    """Let the remains of killed workers be finalized without a word. Nothing of them acts any more."""
    hook = sys.unraisablehook
    gc.disable()
    sys.unraisablehook = lambda unraisable: None
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.unraisablehook = hook
        logging.disable(logging.NOTSET)
        gc.enable()
