"""The lease: for how long this process may still act on what it has claimed, and which other owners are gone."""

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
    """What one process has seen of the leases of others: a counter that stands still for a whole lease has ended.

    It is timed by the observer's own boot clock. No two clocks are compared.
    """

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, float]] = {}
        self._has_beaten: set[str] = set()

    def is_gone(self, found: Any) -> bool:
        """Whether the owner of a row of the table of owners is gone."""
        if Owner(found.owner, found.host, found.pid, found.started).is_dead():
            return True
        return self.seconds_left(found) <= 0

    def seconds_left(self, found: Any) -> float:
        """Return for how long its counter has to go on standing still."""
        now = clock.boottime()
        beats, since = self._seen.get(found.owner, (found.beats, now))
        if beats != found.beats:
            self._has_beaten.add(found.owner)
            since = now
        self._seen[found.owner] = (found.beats, since)
        left: float = _lease_seconds(found) - (now - since)
        return left

    def seconds_until_release(self, found: Any) -> float | None:
        """Return in how many seconds the owner may count as gone; None where it is seen to be alive."""
        left = self.seconds_left(found)
        was_just_alive = left > _lease_seconds(found) * (1 - 2 / _BEATS_PER_LEASE)
        return None if found.owner in self._has_beaten and was_just_alive else left


def _lease_seconds(found: Any) -> float:
    # A journal of an earlier version names none.
    return LEASE_SECONDS if found.seconds is None else float(found.seconds)


class Lease:
    """Renews itself in the background, and knows by its own clock when it may have run out."""

    def __init__(self, store: Store, seconds: float = LEASE_SECONDS) -> None:
        self._store = store
        self.seconds = seconds
        self._held_until = 0.0
        self._watch = LeaseWatch()
        self._heartbeat: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Take the lease, release what the dead left behind, and keep the lease from running out."""
        before = clock.boottime()
        await self._store.start_lease(self.seconds)
        self.extend(before)
        await self._store.restart_waits()
        await self.release_expired()
        self._heartbeat = asyncio.create_task(self._run_heartbeat(), name="kolay_invoice lease")

    def extend(self, since: float) -> None:
        """Note that the lease was renewed, in a transaction that began at this time of the boot clock."""
        self._held_until = max(self._held_until, since + self.seconds)

    def is_held(self) -> bool:
        """Whether nobody else can have taken over what this process has claimed. Asks no database."""
        return clock.boottime() < self._held_until

    async def ensure(self) -> None:
        """Renew a lease that may have run out, if nobody has taken over meanwhile.

        Raises:
            LeaseLostError: Another owner has taken over.
        """
        if not self.is_held():
            await self._renew()

    async def release_expired(self) -> None:
        """Release what owners hold that are gone, as far as this process has seen."""
        await self._store.release_expired(self._watch.is_gone)

    async def seconds_until_release(self, run: int) -> float | None:
        """Return in how many seconds something of a run may be released whose owner may be gone; None for nothing."""
        found = await self._store.find_other_owners(run)
        waits = [wait for one in found if (wait := self._watch.seconds_until_release(one)) is not None]
        return min(waits, default=None)

    async def seconds_until_release_by(self, owner: str) -> float | None:
        """Return in how many seconds what an owner holds may be released; None where it is alive, or ended."""
        found = await self._store.find_owner(owner)
        return None if found is None else self._watch.seconds_until_release(found)

    async def end(self) -> None:
        """Give the lease back, and release what was claimed under it."""
        if self._heartbeat is not None:
            self._heartbeat.cancel()
            await asyncio.gather(self._heartbeat, return_exceptions=True)
        self._held_until = 0.0
        await self._store.end_lease()

    async def _renew(self) -> None:
        # Measured before the journal is asked: the lease is shorter for us than for everybody else.
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
            except Exception as error:  # noqa: BLE001 - whatever it is, the next beat may succeed.
                # The lease runs out by itself if this goes on, and nothing is sent without it.
                logger.warning("the lease on the journal could not be renewed: %s", type(error).__name__)
