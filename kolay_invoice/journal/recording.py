"""Writing down what has become of operations: everything that has come in the meantime, in one transaction."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from attrs import frozen

from kolay_invoice.journal.store import Store
from kolay_invoice.journal.values import Row, State

_END: Final = None


@frozen
class Progress:
    """How far a run is: how many requests it has read, and what became of those that it has tried."""

    read: int
    outcomes: dict[State, int]
    seconds: float


class Recorder:
    """Writes answers down as they come, and keeps those that could not be."""

    def __init__(
        self, store: Store, fail: Callable[[Exception], None], progress: Callable[[Progress], None] | None
    ) -> None:
        self._store = store
        self._fail = fail
        self._progress = progress
        self._began = time.monotonic()
        self._finished: asyncio.Queue[Row | None] = asyncio.Queue()
        self._recorded = asyncio.Event()
        self._outcomes = dict.fromkeys(State, 0)
        self.read = 0
        """How many requests the run has read."""
        self.unrecorded: list[Row] = []
        """Operations that may have been executed and whose answers are not in the journal."""

    def add(self, row: Row) -> None:
        """Hand over an operation as it shall be written down."""
        self._finished.put_nowait(row)

    def end(self) -> None:
        """Let `run` return when everything is written down."""
        self._finished.put_nowait(_END)

    async def wait(self) -> None:
        """Wait until something more is written down."""
        self._recorded.clear()
        await self._recorded.wait()

    async def run(self, released: Callable[[int], None]) -> None:
        """Write down until the end. `released` is told how many operations are out of hand."""
        while True:
            row = await self._finished.get()
            batch = [] if row is None else [row]
            while not self._finished.empty():
                following = self._finished.get_nowait()
                row = row and following
                batch += [] if following is None else [following]
            if batch:
                await self._record(batch)
                released(len(batch))
                self._recorded.set()
                self._report(batch)
            if row is None:
                return

    async def _record(self, batch: list[Row]) -> None:
        try:
            late = await self._store.record(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, the run has to end with the answers in its hands.
            # The answers are not lost: whoever ran the batch gets them with the error.
            late = batch
            self._fail(error)
        # What never left is no answer.
        self.unrecorded += [row for row in late if row.state is not State.PLANNED]

    def _report(self, batch: list[Row]) -> None:
        for row in batch:
            self._outcomes[row.state] += 1
        if self._progress is not None:
            try:
                self._progress(Progress(self.read, dict(self._outcomes), time.monotonic() - self._began))
            except Exception as error:  # noqa: BLE001 - it is the caller's; what comes after it is written down all the same.
                self._fail(error)
