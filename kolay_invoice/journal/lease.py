"""The lease: for how long this process may still act on what it has claimed."""

from __future__ import annotations

import asyncio
from typing import Final

from kolay_invoice.journal.errors import JournalError
from kolay_invoice.journal.process import clock_that_counts_sleep
from kolay_invoice.journal.store import Store

LEASE_SECONDS: Final = 60.0
_BEATS_IN_A_LEASE: Final = 4


class Lease:
    """Prolongs itself in the background, and knows by its own clock when it has run out."""

    def __init__(self, store: Store, seconds: float = LEASE_SECONDS) -> None:
        self._store = store
        self._seconds = seconds
        self._held_until = 0.0
        self._heartbeat: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Take the lease, set free what the dead left behind, and keep the lease from running out."""
        before = clock_that_counts_sleep()
        await self._store.enlist(self._store.now() + self._seconds)
        self._held_until = before + self._seconds
        await self._store.reap(self._store.now())
        self._heartbeat = asyncio.create_task(self._beat(), name="kolay_invoice lease")

    def is_held(self) -> bool:
        """Whether nobody else can have taken over what this process has claimed. Asks no database."""
        return clock_that_counts_sleep() < self._held_until

    async def end(self) -> None:
        """Give the lease back, and set free what was claimed under it."""
        if self._heartbeat is not None:
            self._heartbeat.cancel()
            await asyncio.gather(self._heartbeat, return_exceptions=True)
        self._held_until = 0.0
        await self._store.dismiss(self._store.now())

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._seconds / _BEATS_IN_A_LEASE)
            # Measured before the journal is asked: the lease is shorter for us than for everybody else.
            before = clock_that_counts_sleep()
            try:
                if not await self._store.prolong(self._store.now() + self._seconds):
                    self._held_until = 0.0
                    return
                self._held_until = before + self._seconds
                await self._store.reap(self._store.now())
            except JournalError:
                # The lease runs out by itself if this goes on; until then another beat may succeed.
                continue
