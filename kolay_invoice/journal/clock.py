"""The clocks that a journal counts by. No instant of one is ever compared with an instant of another.

Leases are counted by the observer's boot clock, which goes on while the machine sleeps. Quiet periods are counted by
the clock of the journal: in a file, by this machine's clock while it is awake, because bytes sleep with it; in
PostgreSQL, by the server's clock. Wall-clock times are for people.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

LARGEST_STEP: Final = 1.0
"""Seconds by which two clocks may drift apart between two looks before one of them counts as set."""

_SERVER_NOW: Final = select(func.extract("epoch", func.clock_timestamp()))


def boottime() -> float:
    """Return seconds on CLOCK_BOOTTIME: nobody sets it, and it goes on while the machine sleeps."""
    # time.monotonic stands still on Linux while the machine sleeps.
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def awake_time() -> float:
    """Return seconds on a clock that nobody sets and that stands still while the machine sleeps."""
    return time.monotonic()


def boot_id() -> str:
    """Return whose clock it is: this machine's, since it was started; empty where the kernel does not tell."""
    started = read_line("/proc/sys/kernel/random/boot_id")
    return started and f"{started}/{read_link('/proc/self/ns/time')}"


def read_line(path: str) -> str:
    """Return the text of a small file of the kernel; empty where it cannot be read."""
    try:
        return Path(path).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def read_link(path: str) -> str:
    """Return where a link of the kernel leads; empty where it cannot be read."""
    try:
        return os.readlink(path)  # noqa: PTH115 - it is no path that it leads to.
    except OSError:
        return ""


class AwakeClock:
    """The clock of a journal in a file: this machine's, while it is awake."""

    def __init__(self) -> None:
        self.epoch = time.time() - awake_time()
        boot = boot_id()
        self.name = boot and f"{boot}/awake"
        """What tells this clock from those of other machines and of other starts of this one."""
        self.offset: Final = 0.0
        self.has_stepped: Final = False
        """Nobody can set it."""

    async def now(self, _connection: AsyncConnection) -> float:
        """Return the seconds that it shows. They are near the wall clock's, and comparable only with its own."""
        return self.epoch + awake_time()

    def accept_step(self, _offset: float) -> None:
        """Do nothing: it makes no step."""


class ServerClock:
    """The clock of PostgreSQL's server, watched by this machine's at each look.

    Attributes:
        offset: Seconds by which it was ahead of this machine's clock at the last look.
        has_stepped: Whether the two have moved apart at any look since the last step was accepted.
    """

    name: Final = "server"

    def __init__(self) -> None:
        self._accepted: float | None = None
        self.offset = 0.0
        self.has_stepped = False

    async def now(self, connection: AsyncConnection) -> float:
        """Return the seconds that it shows, and note whether it was set: then no wait is over by what it shows."""
        shown = await self.shown(connection)
        self.offset = shown - boottime()
        if self._accepted is not None and abs(self.offset - self._accepted) > LARGEST_STEP:
            self.has_stepped = True
        elif not self.has_stepped:
            self._accepted = self.offset
        return shown

    async def shown(self, connection: AsyncConnection) -> float:
        """Return the seconds that it shows, unwatched."""
        shown = await connection.scalar(_SERVER_NOW)
        return float(shown or 0.0)

    def accept_step(self, offset: float) -> None:
        """Take the clock as it was at a look: the waits that it counted have begun anew by it, durably."""
        self._accepted = offset
        # It may have been set once more since that look.
        self.has_stepped = abs(self.offset - offset) > LARGEST_STEP


JournalClock = AwakeClock | ServerClock
