"""The clocks of a journal. Times of different clocks are never compared.

Leases use a clock of the observer that runs during suspend. Quiet periods use the journal's clock. For a SQLite file
that is a monotonic clock of the machine that stops during suspend, because bytes in flight stop with the machine. For
PostgreSQL it is the server's clock. Wall-clock times are for display only.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path
from typing import Final

from attrs import frozen
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

LARGEST_STEP: Final = 1.0
"""Seconds by which two clocks may drift apart between two readings. A larger difference counts as a clock step."""

_SERVER_NOW: Final = select(func.extract("epoch", func.clock_timestamp()))


def boottime() -> float:
    """Return seconds on a monotonic clock that runs during suspend."""
    # time.monotonic stops during suspend on Linux and macOS.
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        # On macOS this clock is mach_continuous_time; time.monotonic is mach_absolute_time.
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    # On Windows, both GetTickCount64 and QueryPerformanceCounter count the time of suspends.
    return time.monotonic()


def awake_time() -> float:
    """Return seconds on a monotonic clock that stops during suspend."""
    if sys.platform == "win32":
        ticks = ctypes.c_ulonglong()
        ctypes.windll.kernel32.QueryUnbiasedInterruptTime(ctypes.byref(ticks))
        return ticks.value / 10_000_000
    return time.monotonic()


def boot_id() -> str:
    """Return the id of this boot and time namespace; empty where the kernel does not show it."""
    started = read_line("/proc/sys/kernel/random/boot_id")
    return started and f"{started}/{read_link('/proc/self/ns/time')}"


def read_line(path: str) -> str:
    """Return the text of a small file in /proc or /sys; empty if it cannot be read."""
    try:
        return Path(path).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def read_link(path: str) -> str:
    """Return the target of a link in /proc; empty if it cannot be read."""
    try:
        return os.readlink(path)  # noqa: PTH115 - the target is not a path.
    except OSError:
        return ""


@frozen
class Offset:
    """By how much a server's clock is ahead of this machine's, as one reading shows it: between two bounds.

    The reading took place at some time between the query and its reply.
    """

    least: float
    most: float

    @property
    def uncertainty(self) -> float:
        """Seconds between the bounds: how long the reading took."""
        return self.most - self.least

    def has_stepped_from(self, earlier: Offset) -> bool:
        """Whether the clocks are further apart than at an earlier reading, however long the two readings took."""
        return max(self.least - earlier.most, earlier.least - self.most) > LARGEST_STEP


class AwakeClock:
    """The clock of a SQLite journal: this machine's monotonic clock, which stops during suspend."""

    def __init__(self) -> None:
        self.epoch = time.time() - awake_time()
        boot = boot_id()
        self.name = boot and f"{boot}/awake"
        """Identifies this clock among other machines and other boots of this one."""
        self.offset: Final = Offset(0.0, 0.0)
        self.unproven: Final = 0.0
        self.has_stepped: Final = False
        """A monotonic clock has no steps."""

    async def now(self, _connection: AsyncConnection) -> float:
        """Return its time in seconds. It is close to the wall clock, but comparable only with itself."""
        return self.epoch + awake_time()

    def accept_step(self, _offset: Offset) -> None:
        """Do nothing: a monotonic clock has no steps."""


class ServerClock:
    """The clock of the PostgreSQL server, compared with this machine's clock at each reading.

    Attributes:
        offset: How far it was ahead of this machine's clock at the last reading.
        has_stepped: Whether any reading since the last accepted step proves another one.
        unproven: Seconds of the last reading that a step may have added, because the reading took long.
    """

    name: Final = "server"

    def __init__(self) -> None:
        self._accepted: Offset | None = None
        self.offset = Offset(0.0, 0.0)
        self.unproven = 0.0
        self.has_stepped = False

    async def now(self, connection: AsyncConnection) -> float:
        """Return its time in seconds and check for a step. After a step, its time ends no wait."""
        before = boottime()
        shown = await self.shown(connection)
        self.offset = Offset(shown - boottime(), shown - before)
        accepted = self._accepted
        if accepted is None:
            self._accepted = self.offset
            return shown
        self.unproven = max(0.0, shown - (before + accepted.least + LARGEST_STEP))
        if self.offset.has_stepped_from(accepted):
            self.has_stepped = True
        elif not self.has_stepped and self.offset.uncertainty <= max(accepted.uncertainty, LARGEST_STEP):
            # A reading that took longer may hide a step, which must show at the next reading.
            self._accepted = self.offset
        return shown

    async def shown(self, connection: AsyncConnection) -> float:
        """Return its time in seconds, without the check for a step."""
        shown = await connection.scalar(_SERVER_NOW)
        return float(shown or 0.0)

    def accept_step(self, offset: Offset) -> None:
        """Accept the offset of a reading. The caller has restarted all waits by it and committed that."""
        self._accepted = offset
        # It may have stepped again since that reading.
        self.has_stepped = self.offset.has_stepped_from(offset)


JournalClock = AwakeClock | ServerClock
