"""The lease: until when this process may act on its claimed operations, and which other owners are gone."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

from kolay_invoice.journal import clock
from kolay_invoice.journal.errors import LeaseLostError
from kolay_invoice.journal.owner import Owner
from kolay_invoice.journal.store import Store

logger = logging.getLogger("kolay_invoice")

LEASE_SECONDS: Final = 60.0
_BEATS_PER_LEASE: Final = 12


class LeaseWatch:
    """Watches the leases of other owners. A lease has ended if its counter did not change for a whole lease.

    Only this process's boot clock is used. Clocks are not compared.
    """

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, float]] = {}
        self._has_beaten: set[str] = set()

    def is_gone(self, found: Any) -> bool:
        """Whether the owner in a row of the owners table is gone."""
        if Owner(found.owner, found.host, found.pid, found.started).is_dead():
            return True
        return self.seconds_left(found) <= 0

    def seconds_left(self, found: Any) -> float:
        """Return after how many seconds without a change of the counter the lease ends."""
        now = clock.boottime()
        beats, since = self._seen.get(found.owner, (found.beats, now))
        if beats != found.beats:
            self._has_beaten.add(found.owner)
            since = now
        self._seen[found.owner] = (found.beats, since)
        left: float = _lease_seconds(found) - (now - since)
        return left

    def seconds_until_release(self, found: Any) -> float | None:
        """Return in how many seconds the owner counts as gone; None if it is alive."""
        left = self.seconds_left(found)
        was_just_alive = left > _lease_seconds(found) * (1 - 2 / _BEATS_PER_LEASE)
        return None if found.owner in self._has_beaten and was_just_alive else left


def _lease_seconds(found: Any) -> float:
    # Journals of version 1 have no such value.
    return LEASE_SECONDS if found.seconds is None else float(found.seconds)


class Lease:
    """This process's lease. It renews itself in the background and knows by its own clock when it may have expired."""

    def __init__(self, store: Store, seconds: float = LEASE_SECONDS) -> None:
        self._store = store
        self.seconds = seconds
        self._held_until = 0.0
        self._watch = LeaseWatch()
        self._heartbeat: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Start the lease and its heartbeat, and release the operations of owners that are gone."""
        before = clock.boottime()
        await self._store.start_lease(self.seconds)
        self.extend(before)
        await self._store.restart_waits()
        await self.release_expired()
        self._heartbeat = asyncio.create_task(self._run_heartbeat(), name="kolay_invoice lease")

    def extend(self, since: float) -> None:
        """Extend the lease after a renewal whose transaction began at this time of the boot clock."""
        self._held_until = max(self._held_until, since + self.seconds)

    def is_held(self) -> bool:
        """Whether the lease is certainly still held, so that no other owner can have taken over. Asks no database."""
        return clock.boottime() < self._held_until

    async def ensure(self) -> None:
        """Renew a lease that may have expired, if no other owner has taken over.

        Raises:
            LeaseLostError: Another owner has taken over.
        """
        if not self.is_held():
            await self._renew()

    async def release_expired(self) -> None:
        """Release the operations of owners that are gone, as far as this process knows."""
        await self._store.release_expired(self._watch.is_gone)

    async def seconds_until_release(self, run: int) -> float | None:
        """Return in how many seconds another owner's operation of a run may be released; None for none."""
        found = await self._store.find_other_owners(run)
        if any(one.owner is None for one in found):
            # An owner that was taken over claimed once more before it noticed; nothing is left to wait for.
            return 0.0
        waits = [wait for one in found if (wait := self._watch.seconds_until_release(one)) is not None]
        return min(waits, default=None)

    async def seconds_until_release_by(self, owner: str) -> float | None:
        """Return in how many seconds an owner's operations may be released; None if it is alive or has ended."""
        found = await self._store.find_owner(owner)
        return None if found is None else self._watch.seconds_until_release(found)

    async def end(self) -> None:
        """End the lease, and release the operations that were claimed under it."""
        if self._heartbeat is not None:
            self._heartbeat.cancel()
            await asyncio.gather(self._heartbeat, return_exceptions=True)
        self._held_until = 0.0
        await self._store.end_lease()

    async def _renew(self) -> None:
        # Measured before the renewal, so that the lease ends earlier for us than for any observer.
        before = clock.boottime()
        if not await self._store.renew_lease():
            self._held_until = 0.0
            raise await self._store.explain_lost_lease()
        self.extend(before)

    async def _run_heartbeat(self) -> None:
        while True:
            await asyncio.sleep(self.seconds / _BEATS_PER_LEASE)
            try:
                await self._renew()
                await self._store.restart_waits()
                await self.release_expired()
            except LeaseLostError:
                return
            except Exception as error:  # noqa: BLE001 - the next heartbeat may succeed.
                # If this continues, the lease expires, and nothing is sent without it.
                logger.warning("the lease on the journal could not be renewed: %s", type(error).__name__)
