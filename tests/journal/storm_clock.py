"""The clocks of a worker, moved from outside: a small file that both look at."""

from __future__ import annotations

import mmap
import struct
import time
from pathlib import Path

_WALL, _FROZEN_AT, _BEHIND = 0, 8, 16


def real_boottime():
    """Seconds on the machine's own boot clock, the same in all its processes."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class StormClock:
    """What is added to a worker's wall clock, and since when its other clocks stand still."""

    def __init__(self, path):
        self.path = Path(path)
        if not self.path.exists():
            self.path.write_bytes(bytes(24))
        with self.path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 24)

    def _get(self, place):
        return struct.unpack_from("d", self._map, place)[0]

    def _set(self, place, value):
        struct.pack_into("d", self._map, place, value)

    @property
    def wall(self):
        """Seconds by which the wall clock is wrong."""
        return self._get(_WALL)

    def step(self, seconds):
        """Set the wall clock."""
        self._set(_WALL, seconds)

    def behind(self):
        """Seconds by which the monotonic clocks are behind, because they were stopped."""
        frozen_at = self._get(_FROZEN_AT)
        return real_boottime() - frozen_at if frozen_at else self._get(_BEHIND)

    def freeze(self):
        """Let the clocks stand still."""
        self._set(_FROZEN_AT, real_boottime() - self._get(_BEHIND))

    def thaw(self):
        """Let them go on from where they stood."""
        self._set(_BEHIND, self.behind())
        self._set(_FROZEN_AT, 0.0)

    def close(self):
        """Look no more."""
        self._map.close()
