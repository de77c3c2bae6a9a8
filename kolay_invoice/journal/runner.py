"""One run over requests: each is planned, claimed and sent at most once, and its reply is recorded.

    requests → plan and claim (in chunks) → send (concurrently), each marked as the last step before the first byte
             → record (in batches); in the background, unknown operations are read back when their wait is over

Each stage writes many operations in one transaction, which keeps the cost of durability low.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

from attrs import evolve

from kolay_invoice.client import BaseClient
from kolay_invoice.endpoint import Request
from kolay_invoice.journal.chunking import AnyRequest, Requests, iter_chunks
from kolay_invoice.journal.database_errors import NO_MEMORY
from kolay_invoice.journal.errors import JournalConflictError, JournalError
from kolay_invoice.journal.lease import Lease
from kolay_invoice.journal.models import Row
from kolay_invoice.journal.operations import OnOccasion, PlannedOperation, plan_operation
from kolay_invoice.journal.options import RunOptions
from kolay_invoice.journal.planning import Conflict
from kolay_invoice.journal.readback import ReadBack
from kolay_invoice.journal.reconciler import Reconciler
from kolay_invoice.journal.sender import Sender
from kolay_invoice.journal.shielding import claim_shielded, wait_shielded
from kolay_invoice.journal.store import Store
from kolay_invoice.journal.writer import Writer
from kolay_invoice.messages import Message, join

_SHOWN_CONFLICTS: Final = 3

logger = logging.getLogger("kolay_invoice")

_LONGEST_CHUNK: Final = 512
_SHORTEST_WAIT: Final = 0.05
_LONGEST_WAIT: Final = 1.0
"""Seconds between two checks of a run that waits for other owners: they may end long before their leases."""


class Run:
    """One run over requests."""

    def __init__(self, store: Store, lease: Lease, client: BaseClient, options: RunOptions) -> None:
        self._store = store
        self._lease = lease
        self._client = client
        self._options = options
        self._claimed_rows: asyncio.Queue[Row | None] = asyncio.Queue(max(4, options.concurrency // 2))
        self._claimed_count = 0
        self._stopping = asyncio.Event()
        self._failure: BaseException | None = None
        self._unsent: list[Row] = []
        self.run_id = 0
        """The run's number in the journal, once it has begun."""
        self.may_hold_claims = False
        """Whether it may have claimed operations."""
        self.stopped: str | None = None
        self.conflicts: list[Conflict] = []
        self._writer = Writer(
            store, lease, is_stopping=self._stopping.is_set, stop=self.stop, fail=self.fail, progress=options.progress
        )
        read_back = ReadBack(client, store.find_done_beside, options.company_id, absence_proves=options.absence_proves)
        self._reconciler = Reconciler(store, client, read_back, options, self.fail)
        self._sender = Sender(self, self._writer, client, read_back=read_back, options=options)

    def stop(self, why: str) -> None:
        """Start no more calls. Calls in flight are awaited."""
        self.stopped = self.stopped or why
        self._stopping.set()

    @property
    def is_stopping(self) -> bool:
        """Whether the run starts no more calls."""
        return self._stopping.is_set()

    def fail(self, error: Exception) -> None:
        """Start no more calls, and raise an error once the calls in flight have ended."""
        self._failure = self._failure or error
        self.stop(Message("{kind}: {why}", kind=type(error).__name__, why=error))

    async def sleep(self, seconds: float) -> None:
        """Sleep, but wake up when the run is stopped."""
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    async def begin(self) -> None:
        """Begin the run in the journal. It claims nothing yet.

        Raises:
            JournalError: The journal cannot be read or written.
        """
        await self._lease.ensure()
        await self._store.record_pending()
        self.run_id = await self._store.begin_run()

    async def execute(self, requests: Requests) -> None:
        """Process all requests.

        Raises:
            JournalError: The journal cannot be read or written; `.unrecorded` has the replies that are not in it.
            JournalConflictError: Some keys are known with other parameters; all other requests were tried.
        """
        self.may_hold_claims = True
        self._reconciler.run_id = self.run_id
        self._writer.known_doubt = self._store.doubt
        self._sender.begin(is_doubtful=self._store.doubt is not None)
        try:
            await self._run_tasks(requests)
        except MemoryError as error:
            self.fail(error)
        except BaseException as interruption:
            self._attach_unrecorded(interruption)
            raise
        failure = self._make_failure()
        if failure is not None:
            raise failure
        if self.stopped is None:
            await self._store.end_run(self.run_id)

    async def _run_tasks(self, requests: Requests) -> None:
        writer = asyncio.create_task(self._writer.run(self._count_released))
        feeder = asyncio.create_task(self._feed(requests))
        senders = [asyncio.create_task(self._send_all()) for _ in range(self._options.concurrency)]
        try:
            await asyncio.gather(feeder, *senders)
        except BaseException as interruption:
            # A cancelled sender records what is known of its call. Nothing else cancels a call in flight.
            self.stop(f"interrupted ({type(interruption).__name__})")
            for task in (feeder, *senders):
                task.cancel()
            await wait_shielded(asyncio.gather(feeder, *senders, return_exceptions=True))
            raise
        finally:
            while not self._claimed_rows.empty():
                waiting = self._claimed_rows.get_nowait()
                self._release([] if waiting is None else [waiting])
            self._release(self._unsent)
            self._writer.end()
            try:
                await wait_shielded(writer)
            finally:
                await self._reconciler.release()

    def _make_failure(self) -> BaseException | None:
        """Return the error that ends the run, with the replies that are not in the journal; None for success."""
        failure, unrecorded = self._failure, self._writer.unrecorded
        if isinstance(failure, MemoryError):
            failure = JournalError(
                Message("the run was ended: {reason}. Run it again, nothing is sent twice", reason=NO_MEMORY)
            )
            failure.__cause__ = self._failure
        if unrecorded:
            if not isinstance(failure, JournalError):
                why = failure or Message(
                    "they came after another worker had taken these operations over; compare both results"
                )
                failure = JournalError(Message("answers could not be written down: {why}", why=why))
                failure.__cause__ = self._failure
            failure.unrecorded = tuple(unrecorded)
        return failure

    def _attach_unrecorded(self, interruption: BaseException) -> None:
        """Attach the replies that are not in the journal to an interruption; they would be lost otherwise."""
        failure = self._make_failure()
        if self._writer.unrecorded:
            interruption.__cause__ = failure
            interruption.add_note(str(failure))
            logger.error("a run was interrupted (%s): %s", type(interruption).__name__, failure)

    # Feeding: planning and claiming.

    async def _feed(self, requests: Requests) -> None:
        try:
            async with self._reconciler:
                async for rows in self._claim_all(requests):
                    self._claimed_count += len(rows)
                    self._unsent = rows
                    while self._unsent:
                        await self._sender.wait_out_pause()
                        if self.is_stopping:
                            self._release(self._unsent)
                            self._unsent = []
                            break
                        await self._claimed_rows.put(self._unsent[0])
                        # Removed only after the put, so that an interruption of this loop loses no row.
                        self._unsent = self._unsent[1:]
        except Exception as error:  # noqa: BLE001 - the caller's iterable may raise anything; calls in flight end first.
            self.fail(error)
        # A cancelled feeder does not come here: its senders are cancelled too and would not empty a full queue.
        for _ in range(self._options.concurrency):
            await self._claimed_rows.put(None)

    async def _claim_all(self, requests: Requests) -> AsyncIterator[list[Row]]:
        size = min(_LONGEST_CHUNK, max(16, 4 * self._options.concurrency))
        is_one_waiting = False
        async for chunk in iter_chunks(requests, size, self._stopping):
            if chunk:
                self._writer.read += len(chunk)
                plan = await claim_shielded(
                    self._store.plan(self.run_id, self._plan(chunk)), lambda plan: self._release(plan.rows)
                )
                self._add_conflicts(plan.conflicts)
                if plan.rows:
                    yield plan.rows
                is_one_waiting = is_one_waiting or len(plan.rows) < len(chunk)
            if is_one_waiting and not self.is_stopping:
                # A document may be free for its next operation now; the source may never end.
                in_flight = self._claimed_count
                rows = await claim_shielded(self._store.claim_waiting(self.run_id, size), self._release)
                is_one_waiting = bool(rows or in_flight)
                if rows:
                    yield rows
            if self.is_stopping:
                return
        await self._reconciler.pause()
        give_up_at = time.monotonic() + self._options.patience
        while not self.is_stopping:
            in_flight = self._claimed_count
            rows = await claim_shielded(self._store.claim_waiting(self.run_id, size), self._release)
            if rows:
                yield rows
            elif in_flight:
                # A call in flight frees its document for the next operation, perhaps just after the claim looked.
                if self._claimed_count == in_flight:
                    await self._writer.wait()
            elif not await self._reconciler.read_back_due(
                min(0.0, give_up_at - time.monotonic())
            ) and not await self._wait_for_due(give_up_at):
                return

    def _plan(self, chunk: Iterable[AnyRequest]) -> list[PlannedOperation]:
        return [self._plan_one(one) for one in chunk]

    def _plan_one(self, asked: AnyRequest) -> PlannedOperation:
        one = plan_operation(asked, self._client.name, self._client.account, self._options.occasion)
        request: Request[Any] = asked.request if isinstance(asked, OnOccasion) else asked
        if type(request) not in self._client.endpoints:
            msg = f"{type(request).__name__} is not a request of {self._client.name}"
            raise TypeError(msg)
        return evolve(one, asked_by=self._options.asked_by) if self._options.asked_by else one

    def _add_conflicts(self, conflicts: list[Conflict]) -> None:
        self.conflicts += conflicts

    async def _wait_for_due(self, give_up_at: float) -> bool:
        """Wait for a due read-back or a release by another owner. Returns False if that is too far away."""
        release = await self._lease.seconds_until_release(self.run_id)
        waits = (release, await self._store.seconds_until_due(self.run_id, self._options.quiet_period))
        wait = min((wait for wait in waits if wait is not None), default=None)
        if wait is None or time.monotonic() + max(0.0, wait) > give_up_at:
            return False
        await self.sleep(min(_LONGEST_WAIT, max(_SHORTEST_WAIT, wait)))
        await self._lease.release_expired()
        return True

    # Sending

    async def _send_all(self) -> None:
        while (row := await self._claimed_rows.get()) is not None:
            await self._sender.send(row)

    def _release(self, rows: list[Row]) -> None:
        for row in rows:
            self._writer.put_back(row)

    def _count_released(self, count: int) -> None:
        self._claimed_count -= count


def make_conflict_error(conflicts: list[Conflict], provider: str) -> JournalConflictError:
    """Return the error that names each conflict."""
    shown = [conflict.describe() for conflict in conflicts[:_SHOWN_CONFLICTS]]
    hidden = len(conflicts) - len(shown)
    text = join([*shown, Message("and {number} more", number=hidden)] if hidden else shown)
    error = JournalConflictError(text, provider=provider, operation=conflicts[0].asked.operation)
    error.conflicts = tuple(conflicts)
    return error
