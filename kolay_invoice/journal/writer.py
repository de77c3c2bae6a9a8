"""Records the results and marks of concurrent calls, many in one transaction.

A call asks for its mark when it has its slot and its connection, as the last wait before its first byte. Results and
marks that arrive during a transaction share the next one, which keeps the cost of durability low.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from attrs import evolve, frozen

from kolay_invoice.journal import clock
from kolay_invoice.journal.identity import Doubt
from kolay_invoice.journal.lease import Lease
from kolay_invoice.journal.models import Row, State
from kolay_invoice.journal.store import Advance, Store
from kolay_invoice.messages import Message

MARK_SECONDS: Final = 15.0
"""Seconds after which a mark is too old to send under."""

_TAKEN_OVER: Final = "another worker has taken it over"
LACKS_COMMITS: Final = "the journal may lack commits: run again, and what is not settled is looked up before it is sent"
_NOT_WRITTEN: Final = "its mark could not be written down"


@frozen
class Progress:
    """The progress of a run: how many requests it has read, and the states of those that it has tried."""

    read: int
    outcomes: dict[State, int]
    seconds: float


class Writer:
    """Records marks and results as they arrive, and keeps those that could not be recorded."""

    def __init__(
        self,
        store: Store,
        lease: Lease,
        *,
        is_stopping: Callable[[], bool],
        stop: Callable[[str], None],
        fail: Callable[[Exception], None],
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self._store = store
        self._lease = lease
        self._is_stopping = is_stopping
        self._stop = stop
        self._fail = fail
        self._progress = progress
        self._began = time.monotonic()
        self._finished: list[Row] = []
        self._marks: list[tuple[Row, asyncio.Future[str | None]]] = []
        self._is_ending = False
        self._wake = asyncio.Event()
        self._recorded = asyncio.Event()
        self._outcomes = dict.fromkeys(State, 0)
        self.known_doubt: Doubt | None = None
        """The doubt when the run began. A new doubt ends the run."""
        self.read = 0
        """How many requests the run has read."""
        self.unrecorded: list[Row] = []
        """Operations that may have been executed and whose results are not in the journal."""

    def add(self, row: Row) -> None:
        """Queue an operation in its new state for the next transaction."""
        self._finished.append(row)
        self._wake.set()

    def put_back(self, row: Row) -> None:
        """Queue a claimed operation that was not sent as planned again, and as not tried."""
        self.add(evolve(row, state=State.PLANNED, tried_in=None))

    async def mark(self, row: Row) -> str | None:
        """Mark an operation as being sent. Returns why it must not be sent; None allows it."""
        if self._is_stopping():
            return Message("the run is ending")
        before = clock.boottime()
        marked: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._marks.append((row, marked))
        self._wake.set()
        return await marked or self._explain_refusal(before)

    async def keep_evidence(self, row: Row) -> None:
        """Record the evidence on a claimed operation, immediately."""
        await self._store.keep_evidence(row)

    def end(self) -> None:
        """Let `run` return once everything is recorded."""
        self._is_ending = True
        self._wake.set()

    async def wait(self) -> None:
        """Wait for the next recorded result."""
        self._recorded.clear()
        await self._recorded.wait()

    async def run(self, on_recorded: Callable[[int], None]) -> None:
        """Record results and marks until the end. `on_recorded` gets the number of operations of each transaction."""
        while self._finished or self._marks or not self._is_ending:
            await self._wake.wait()
            self._wake.clear()
            finished, self._finished = self._finished, []
            marks, self._marks = self._marks, []
            await self._write(finished, [mark for mark in marks if not mark[1].done()])
            if finished:
                on_recorded(len(finished))
                self._recorded.set()
                self._report_progress(finished)

    async def _write(self, finished: list[Row], marks: list[tuple[Row, asyncio.Future[str | None]]]) -> None:
        before = clock.boottime()
        try:
            advance = await self._store.advance(finished, [row for row, _ in marks])
        except Exception as error:  # noqa: BLE001 - any error ends the run, which keeps the results.
            # The results are not lost: the caller gets them with the error. And nothing is sent without a mark.
            advance = Advance(finished, set())
            self._store.pending_rows += finished
            self._fail(error)
            reason = _NOT_WRITTEN
        else:
            reason = _TAKEN_OVER
            if marks and advance.has_lease:
                self._lease.extend(before)
            elif marks:
                lost = await self._store.explain_lost_lease()
                self._fail(lost)
                reason = str(lost)
        # A row that was never sent has no result.
        self.unrecorded += [row for row in advance.late if row.state is not State.PLANNED]
        for row, marked in marks:
            if not marked.done():
                marked.set_result(None if row.row_id in advance.marked else reason)

    def _explain_refusal(self, before: float) -> str | None:
        """Return why a new mark does not allow the call; None if it does. Nothing waits after this check."""
        if self._is_stopping():
            return Message("the run is ending")
        if clock.boottime() - before > MARK_SECONDS:
            return Message("its mark in the journal is too old")
        if not self._lease.is_held():
            return "the lease on the journal may have run out"
        if self._store.doubt is not self.known_doubt:
            # The mark's own transaction has shown that the database may have lost commits.
            self._stop(LACKS_COMMITS)
            return LACKS_COMMITS
        return None

    def _report_progress(self, finished: list[Row]) -> None:
        for row in finished:
            self._outcomes[row.state] += 1
        if self._progress is not None:
            try:
                self._progress(Progress(self.read, dict(self._outcomes), time.monotonic() - self._began))
            except Exception as error:  # noqa: BLE001 - the caller's own error; later results are still recorded.
                self._fail(error)
