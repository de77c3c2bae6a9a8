"""Running a batch in several processes on one PostgreSQL journal.

Each process streams the file itself and takes its share of the documents and sales. The processes are told to stop by
this one and by nobody else: they do not hear Ctrl-C, and if this process vanishes they stop by themselves.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any, Final

from attrs import Factory, define, evolve

from kolay_invoice.cli.batch_run import Job, Running
from kolay_invoice.cli.batch_tally import Tally, named
from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.i18n import _, set_language
from kolay_invoice.journal import Journal, JournalError, State

_STOP: Final = "stop"
_CUT: Final = "cut"

Told = Callable[[int, Counter[str]], None]


@define(eq=False)
class Worker:
    """One process, as the one that started it sees it."""

    process: BaseProcess
    connection: Connection
    read: int = 0
    outcomes: Counter[str] = Factory(Counter)
    tally: Tally | None = None

    def tell(self, what: str) -> None:
        """Tell the process to stop; one that has ended needs no telling."""
        try:
            self.connection.send(what)
        except OSError:
            return


@define(eq=False)
class RunningWorkers:
    """A batch on its way in several processes, with the same face as one in this process."""

    job: Job
    count: int
    progress: Told
    workers: list[Worker] = Factory(list)
    last: Running | None = None

    def stop(self) -> None:
        """Let every process start nothing more."""
        for worker in self.workers:
            worker.tell(_STOP)
        if self.last is not None:
            self.last.stop()

    def cut(self) -> None:
        """Let no process wait for what is on its way."""
        for worker in self.workers:
            worker.tell(_CUT)
        if self.last is not None:
            self.last.cut()

    async def run(self) -> Tally:
        """Run the batch and return what has become of all shares."""
        async with Journal.open(self.job.journal):
            pass  # What is wrong with the journal is said once, and not by every process.
        # What a sibling finds out is of this batch too.
        self.job = evolve(self.job, began=time.time())
        with _deaf_to_interrupts():
            self.workers = [self._started(number) for number in range(self.count)]
        await asyncio.gather(*map(self._followed, self.workers))
        total = Tally()
        for number, worker in enumerate(self.workers, 1):
            total.add(worker.tally or _vanished(number, worker))
        if total.whole_journal:
            # Each process counted when it ended, while its siblings were not done yet.
            try:
                total.counts = await self._counted()
            except JournalError as error:
                total.error = total.error or translate(error)
        if total.of(State.CLAIMED, State.SENDING, State.RECONCILING) and not (total.interrupted or total.error):
            # A process reads back whatever is due, and its siblings see it in other hands when they end.
            self.last = Running(self.job, lambda _read, _outcomes: None)
            last = await self.last.run()
            last.sent += total.sent
            last.outcomes += total.outcomes
            return last
        return total

    async def _counted(self) -> Counter[str]:
        async with Journal.open(self.job.journal) as journal:
            return named(await journal.counts())

    def _started(self, number: int) -> Worker:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        job = evolve(self.job, share=(number, self.count))
        process = context.Process(target=work, args=(job, theirs), name=f"kolay-invoice batch {number + 1}")
        process.start()
        # The end of the process can only be heard if nobody else holds its end of the pipe.
        theirs.close()
        return Worker(process, ours)

    async def _followed(self, worker: Worker) -> None:
        async for said in _heard(worker.connection):
            if isinstance(said, Tally):
                worker.tally = said
            else:
                worker.read, worker.outcomes = said
                outcomes = sum((one.outcomes for one in self.workers), Counter[str]())
                self.progress(sum(one.read for one in self.workers), outcomes)
        await asyncio.to_thread(worker.process.join)
        worker.connection.close()


def _vanished(number: int, worker: Worker) -> Tally:
    error = _(
        "worker {number} ended by itself (exit code {code}); what it had on its way may have "
        "happened at the provider, and the journal knows what that was: run the same command "
        "again",
        number=number,
        code=worker.process.exitcode,
    )
    sent = sum(worker.outcomes.values())
    return Tally(sent=sent, outcomes=worker.outcomes, error=error, interrupted=True)


def work(job: Job, connection: Connection) -> None:
    """Run a share of a batch, in a process of its own."""
    set_language(job.language)
    asyncio.run(obedient(job, connection))


async def obedient(job: Job, connection: Connection) -> None:
    """Run a share of a batch, and stop when the other end of the pipe says so or is closed."""

    def tell(read: int, outcomes: Counter[str]) -> None:
        _say(connection, (read, outcomes))

    running = Running(job, tell)
    listening = asyncio.create_task(_obey(running, connection))
    try:
        _say(connection, await running.run())
    finally:
        listening.cancel()


async def _obey(running: Running, connection: Connection) -> None:
    async for said in _heard(connection):
        if said == _CUT:
            running.cut()
        else:
            running.stop()
    # Nobody is there any more who could stop it later.
    running.stop()


def _say(connection: Connection, what: object) -> None:
    try:
        connection.send(what)
    except OSError:
        # Whoever would have listened has gone; the journal holds everything.
        return


async def _heard(connection: Connection) -> AsyncIterator[Any]:
    """Iterate over what comes through a pipe until its other end is closed."""
    loop = asyncio.get_running_loop()
    heard: asyncio.Queue[object] = asyncio.Queue()

    def listen() -> None:
        # The loop is closed when what was listened for has come already.
        with suppress(RuntimeError):
            try:
                while True:
                    loop.call_soon_threadsafe(heard.put_nowait, connection.recv())
            except (EOFError, OSError):
                loop.call_soon_threadsafe(heard.put_nowait, None)

    Thread(target=listen, daemon=True).start()
    while (said := await heard.get()) is not None:
        yield said


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let processes that are started meanwhile ignore Ctrl-C, from their first moment on."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
