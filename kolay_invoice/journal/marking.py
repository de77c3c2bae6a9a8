"""Marks: made for those that hold a slot of the limiter and a connection, in groups, as the last thing that waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from kolay_invoice.journal import clock
from kolay_invoice.journal.errors import LeaseLostError
from kolay_invoice.journal.lease import Lease
from kolay_invoice.journal.store import Store
from kolay_invoice.journal.values import Row

MARK_GOOD_FOR: Final = 15.0
"""Seconds after which a mark is too old to send under."""

_TAKEN_OVER: Final = "another worker has taken it over"


class Marker:
    """Writes marks down; whoever asks while a transaction is under way shares the next one."""

    def __init__(
        self, store: Store, lease: Lease, is_stopping: Callable[[], bool], fail: Callable[[Exception], None]
    ) -> None:
        self._store = store
        self._lease = lease
        self._is_stopping = is_stopping
        self._fail = fail
        self._waiting: list[tuple[Row, asyncio.Future[str | None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def mark(self, row: Row) -> str | None:
        """Mark an operation as being sent. Returns why not one byte of it may go; None lets it go."""
        if self._is_stopping():
            return "the run is ending"
        before = clock.boottime()
        made: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, made))
        if self._task is None:
            self._task = asyncio.create_task(self._mark_all(), name="kolay_invoice marks")
        reason = await made
        return reason or self._check(row, before)

    def _check(self, row: Row, before: float) -> str | None:
        """Return why a mark that was just made does not let a byte go. Nothing waits after it."""
        if self._is_stopping():
            return "the run is ending"
        if clock.boottime() - before > MARK_GOOD_FOR:
            return "its mark in the journal is too old"
        if not self._lease.is_held():
            return "the lease on the journal may have run out"
        if self._store.is_doubtful and not row.is_proven_unsent:
            # What the mark's own connection has shown: the database may have lost what was sent before.
            return "the journal may lack commits, so the operation has to be looked up first"
        return None

    async def close(self) -> None:
        """Wait for the transaction that is under way."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _mark_all(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                await self._mark_group(group)
        finally:
            self._task = None

    async def _mark_group(self, group: list[tuple[Row, asyncio.Future[str | None]]]) -> None:
        before = clock.boottime()
        reason = _TAKEN_OVER
        marked: set[int] = set()
        try:
            marked = await self._store.mark([row for row, made in group if not made.done()])
            self._lease.extend(before)
        except LeaseLostError as error:
            reason = str(error)
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing may go without a mark.
            reason = "its mark could not be written down"
            self._fail(error)
        for row, made in group:
            if not made.done():
                made.set_result(None if row.row_id in marked else reason)
