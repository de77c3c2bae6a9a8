"""One run: requests in, each written down, claimed, marked, sent at most once, and its answer written down.

    requests → plan and claim (a chunk) → mark (a few ahead) → send (so many at once) → record (as many as have come)

Each stage writes for many operations in one transaction, so that what makes a run safe costs it little.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final

from attrs import evolve, frozen

from kolay_invoice.endpoint import Request
from kolay_invoice.errors import (
    AuthenticationError,
    ConfigurationError,
    KolayInvoiceError,
    NotSentError,
    RateLimitedError,
    RefusedError,
)
from kolay_invoice.journal.errors import JournalError
from kolay_invoice.journal.incoming import Requests, chunks
from kolay_invoice.journal.keys import Planned, planned, state_of_doubt
from kolay_invoice.journal.lease import Lease
from kolay_invoice.journal.process import clock_that_counts_sleep
from kolay_invoice.journal.reconcile import ReadBack, for_a_person
from kolay_invoice.journal.store import Store
from kolay_invoice.journal.values import AttemptRecord, Refusal, Row, State
from kolay_invoice.journal.whole import undisturbed
from kolay_invoice.limiter import LONGEST_PAUSE
from kolay_invoice.provider import Provider

MARK_GOOD_FOR: Final = 15.0
"""Seconds after which a mark is too old to send under."""

_FIRST_PAUSE: Final = 0.25

_TOO_LATE: Final = "they came after their operations were set free and taken in hand again: look at both outcomes"

_LEASE_LOST: Final = "the lease on the journal is lost: open the journal anew and run again, nothing is sent twice"


@frozen
class Progress:
    """How far a run is: how many requests it has read, and what became of those that it has tried."""

    read: int
    outcomes: dict[State, int]
    seconds: float


class Run:
    """One run over requests."""

    def __init__(
        self,
        store: Store,
        lease: Lease,
        client: Provider,
        *,
        concurrency: int,
        quiet_period: float,
        patience: float,
        company_id: int | None,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self._store = store
        self._lease = lease
        self._client = client
        self._concurrency = concurrency
        self._quiet_period = quiet_period
        self._patience = patience
        self._read_back = ReadBack(client, company_id)
        self._progress = progress
        self._began = time.monotonic()
        self._read = 0
        self._outcomes = dict.fromkeys(State, 0)
        self._in_hand = 0
        self._not_sent_in_a_row = 0
        self._pause_until = 0.0
        self._pause = _FIRST_PAUSE
        self._ready: asyncio.Queue[tuple[Row, float] | None] = asyncio.Queue(max(4, concurrency // 2))
        self._finished: asyncio.Queue[Row | None] = asyncio.Queue()
        self._recorded = asyncio.Event()
        self._stopping = asyncio.Event()
        self._failure: BaseException | None = None
        self._unrecorded: list[Row] = []
        self._unmarked: list[Row] = []
        self._looked_up: list[Row] = []
        self.run_id = 0
        """The run's number in the journal, from the moment that it is over requests."""
        self.stopped: str | None = None

    def stop(self, why: str) -> None:
        """Start nothing more. What is on its way is waited for."""
        self.stopped = self.stopped or why
        self._stopping.set()

    def _fail(self, error: Exception) -> None:
        """Start nothing more, and raise an error when what is on its way has ended."""
        self._failure = self._failure or error
        self.stop(f"{type(error).__name__}: {error}")

    async def over(self, requests: Requests) -> None:
        """Go over all requests.

        Raises:
            JournalError: The journal cannot be read or written; `.unrecorded` holds the answers that it does not.
            JournalConflictError: A key is known with other parameters.
        """
        self.run_id = await self._store.begin_run(self._store.now())
        recorder = asyncio.create_task(self._record_all())
        feeder = asyncio.create_task(self._feed(requests))
        senders = [asyncio.create_task(self._send_all()) for _ in range(self._concurrency)]
        try:
            await asyncio.gather(feeder, *senders)
        except BaseException as interruption:
            # A cancelled sender notes what is known of its call; nothing else is cancelled while it is on its way.
            self.stop(f"interrupted ({type(interruption).__name__})")
            for task in (feeder, *senders):
                task.cancel()
            await undisturbed(asyncio.gather(feeder, *senders, return_exceptions=True))
            raise
        finally:
            while not self._ready.empty():
                waiting = self._ready.get_nowait()
                self._give_back([] if waiting is None else [waiting[0]])
            self._give_back(self._unmarked)
            self._finished.put_nowait(None)
            await undisturbed(recorder)
            await self._give_looks_back()
        if self._failure is None and not self._lease.is_held():
            # Others may have taken over what this run had in hand, and forgotten the run.
            self._failure = JournalError(_LEASE_LOST)
        if self._unrecorded:
            failure = self._failure
            if not isinstance(failure, JournalError):
                failure = JournalError(f"answers could not be written down: {failure or _TOO_LATE}")
            failure.unrecorded = tuple(self._unrecorded)
            raise failure from (None if failure is self._failure else self._failure)
        if self._failure is not None:
            raise self._failure

    # Feeding: planned, claimed and marked

    async def _feed(self, requests: Requests) -> None:
        try:
            async for rows in self._claimed(requests):
                self._in_hand += len(rows)
                self._unmarked = rows
                while self._unmarked:
                    await self._mark_some()
        except Exception as error:  # noqa: BLE001 - the caller's own iterable may raise anything; calls go to their end.
            self._fail(error)
        # A cancelled feeder tells nobody: the senders are cancelled too, and would not take it from a full queue.
        for _ in range(self._concurrency):
            await self._ready.put(None)

    async def _mark_some(self) -> None:
        await self._wait_out_pause()
        if self._stopping.is_set():
            self._give_back(self._unmarked)
            self._unmarked = []
            return
        rows = self._unmarked[: self._ready.maxsize]
        marked_at = clock_that_counts_sleep()
        marked_now = self._store.now()
        marked = await self._store.mark(rows, marked_now)
        for row in rows:
            if row.row_id in marked:
                await self._ready.put((evolve(row, state=State.SENDING, since=marked_now), marked_at))
            else:
                self._in_hand -= 1
            # Only now is it in other hands: whatever interrupts this loop, the rest can be given back.
            self._unmarked = self._unmarked[1:]

    async def _claimed(self, requests: Requests) -> AsyncIterator[list[Row]]:
        size = min(512, max(16, 4 * self._concurrency))
        async for chunk in chunks(requests, size, self._stopping):
            self._read += len(chunk)
            plans = [self._planned(one) for one in chunk]
            rows = await self._taken(self._store.plan(self.run_id, plans), self._give_back)
            if rows:
                yield rows
            if self._stopping.is_set():
                return
        patient_until = self._store.now() + self._patience
        while not self._stopping.is_set():
            rows = await self._taken(self._store.claim_rest(self.run_id, size), self._give_back)
            if rows:
                yield rows
            elif self._in_hand:
                # What is on its way may set a document free for its next operation.
                self._recorded.clear()
                await self._recorded.wait()
            elif not await self._reconciled(patient_until) and not await self._due_soon(patient_until):
                return

    def _planned(self, request: Request[Any]) -> Planned:
        one = planned(request, self._client.name, self._client.account)
        if type(request) not in self._client.endpoints:
            msg = f"{type(request).__name__} is not a request of {self._client.name}"
            raise TypeError(msg)
        return one

    async def _taken(self, taking: Coroutine[Any, Any, list[Row]], give_back: Callable[[list[Row]], None]) -> list[Row]:
        """Take operations in hand. Where a cancellation comes meanwhile, they are given back as they were before."""
        task = asyncio.ensure_future(taking)
        try:
            return await undisturbed(task)
        except asyncio.CancelledError:
            if not task.cancelled() and task.exception() is None:
                give_back(task.result())
            raise

    async def _reconciled(self, patient_until: float) -> bool:
        """Read back what is due. Returns whether there was anything."""
        # What becomes due after the patience is for another run: a look that saw nothing would be repeated for ever.
        due_by = min(self._store.now(), patient_until)
        due = self._store.take_due(
            self._client.name, self._client.account, self._quiet_period, due_by, self._concurrency
        )
        rows = await self._taken(due, self._looked_up.extend)
        if not rows:
            return False
        # Whatever comes between, a cancellation or a closed client: nothing is known, so they stay as they were.
        self._looked_up += rows
        decided = await asyncio.gather(*map(self._read_back.decided, rows))
        self._looked_up.clear()
        moment = self._store.now()
        await self._store.record_looks(
            [evolve(row, since=moment, due_at=None) if row.state is State.UNKNOWN else row for row in decided]
        )
        return True

    async def _give_looks_back(self) -> None:
        rows, self._looked_up = self._looked_up, []
        if rows:
            try:
                await self._store.record_looks([evolve(row, state=State.UNKNOWN) for row in rows])
            except Exception as error:  # noqa: BLE001 - it must not hide what ended the run; the lease sets them free.
                self._fail(error)

    async def _due_soon(self, patient_until: float) -> bool:
        """Wait for the next operation that becomes due, if that is soon enough to wait for."""
        due = await self._store.next_due(self.run_id, self._quiet_period)
        if due is None or max(due, self._store.now()) > patient_until:
            return False
        await self._sleep(max(0.0, due - self._store.now()))
        return True

    async def _wait_out_pause(self) -> None:
        wait = self._pause_until - time.monotonic()
        if wait > self._patience:
            self.stop(f"the provider asks to wait {wait:.0f} seconds")
        elif wait > 0:
            await self._sleep(wait)

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    # Sending

    async def _send_all(self) -> None:
        while (ready := await self._ready.get()) is not None:
            await self._send(*ready)

    async def _send(self, row: Row, marked_at: float) -> None:
        if self._refusal(marked_at) is not None:
            self._give_back([row])
            return
        left = withheld = False

        def permit() -> str | None:
            nonlocal left, withheld
            refusal = self._refusal(marked_at)
            left = left or refusal is None
            withheld = refusal is not None
            return refusal

        try:
            reply = await self._client.call(row.request, permit=permit)
        except KolayInvoiceError as error:
            self._finish(self._after(row, error, left=left, withheld=withheld))
        except BaseException as interruption:
            self._finish(self._interrupted(row, interruption, left=left))
            if isinstance(interruption, Exception):
                # Nothing that the SDK means to raise: a closed client, or a defect. Going on would repeat it.
                self._fail(interruption)
                return
            raise
        else:
            self._not_sent_in_a_row = 0
            self._pause = _FIRST_PAUSE
            self._finish(self._attempted(row, State.DONE, "done", left=True, result=reply))

    def _refusal(self, marked_at: float) -> str | None:
        """Return why not one byte may go; None lets it. The last thing asked before the first byte."""
        if self._stopping.is_set():
            return "the run is ending"
        if clock_that_counts_sleep() - marked_at > MARK_GOOD_FOR:
            return "its mark in the journal is too old"
        if not self._lease.is_held():
            # Whatever is taken in hand from now on could not be sent either.
            self.stop(_LEASE_LOST)
            return _LEASE_LOST
        return None

    def _after(self, row: Row, error: KolayInvoiceError, *, left: bool, withheld: bool) -> Row:
        name = type(error).__name__
        self._not_sent_in_a_row = self._not_sent_in_a_row + 1 if isinstance(error, NotSentError) else 0
        match error:
            case NotSentError():
                if self._not_sent_in_a_row > 2 * self._concurrency:
                    self.stop(f"{self._not_sent_in_a_row} calls in a row could not be sent: {error}")
                if left or withheld or self._stopping.is_set():
                    # It is no fault of the operation, so this run may take it in hand again.
                    return self._attempted(row, State.PLANNED, name, left=False, tried_in=None)
                return self._attempted(row, State.PLANNED, name, left=False, note=str(error))
            case ConfigurationError() | AuthenticationError():
                # It is about the account, so every other operation would meet the same.
                self.stop(str(error))
                return self._attempted(row, State.PLANNED, name, left=left, note=str(error))
            case RateLimitedError():
                return self._rate_limited(row, error, left=left)
            case RefusedError():
                refusal = Refusal(name, error.status, error.code, error.detail)
                return self._attempted(row, State.REFUSED, name, left=left, refusal=refusal)
            case _:
                return self._attempted(
                    row, state_of_doubt(row.operation), name, left=left, since=self._store.now(), note=str(error)
                )

    def _rate_limited(self, row: Row, error: RateLimitedError, *, left: bool) -> Row:
        wait = min(LONGEST_PAUSE, self._pause if error.retry_after is None else error.retry_after)
        if time.monotonic() >= self._pause_until:
            # The calls that are on their way at the same time are turned away together; that is one sign, not many.
            self._pause *= 2
        self._pause_until = max(self._pause_until, time.monotonic() + wait)
        if not left:
            # The token was turned away, or the limiter is paused: of the operation itself no byte has left.
            return self._attempted(row, State.PLANNED, "RateLimitedError", left=False, note=str(error))
        after = self._attempted(row, State.UNKNOWN, "RateLimitedError", left=True, due_at=self._store.now() + wait)
        if state_of_doubt(row.operation) is State.NEEDS_PERSON:
            return for_a_person(after, "the provider turned it away (429), and nothing can read it back")
        return after

    def _attempted(self, row: Row, state: State, outcome: str, *, left: bool, **changes: Any) -> Row:
        now = self._store.now()
        attempt = AttemptRecord(row.since or now, now, left, outcome)
        changes = {"since": None, "note": None, **changes}
        return evolve(row, state=state, attempts=(*row.attempts, attempt), **changes)

    def _interrupted(self, row: Row, interruption: BaseException, *, left: bool) -> Row:
        name = type(interruption).__name__
        if not left:
            return self._attempted(row, State.PLANNED, name, left=False, tried_in=None)
        note, since = "interrupted after it left", self._store.now()
        return self._attempted(row, state_of_doubt(row.operation), name, left=True, since=since, note=note)

    # Recording

    def _finish(self, row: Row) -> None:
        self._finished.put_nowait(row)

    def _give_back(self, rows: list[Row]) -> None:
        for row in rows:
            self._finish(evolve(row, state=State.PLANNED, tried_in=None))

    async def _record_all(self) -> None:
        """Write down what has finished, everything that has come in the meantime at once."""
        while True:
            row = await self._finished.get()
            batch = [] if row is None else [row]
            while not self._finished.empty():
                following = self._finished.get_nowait()
                row = row and following
                batch += [] if following is None else [following]
            if batch:
                await self._record(batch)
            if row is None:
                return

    async def _record(self, batch: list[Row]) -> None:
        try:
            late = await self._store.record(batch)
            # What was given back unsent is no answer.
            self._unrecorded += [row for row in late if row.state is not State.PLANNED]
        except Exception as error:  # noqa: BLE001 - whatever it is, the run has to end with the answers in its hands.
            # The answers are not lost: whoever ran the batch gets them with the error.
            self._unrecorded += batch
            self._fail(error)
        self._in_hand -= len(batch)
        for row in batch:
            self._outcomes[row.state] += 1
        self._recorded.set()
        if self._progress is not None:
            try:
                self._progress(Progress(self._read, dict(self._outcomes), time.monotonic() - self._began))
            except Exception as error:  # noqa: BLE001 - it is the caller's; what comes after it is written down all the same.
                self._fail(error)
