"""Which process holds a claim, and whether it still lives."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from uuid import uuid4

from attrs import field, frozen


def clock_that_counts_sleep() -> float:
    """Return seconds on a clock that nobody sets and that goes on while the machine sleeps."""
    # time.monotonic stands still on Linux while the machine sleeps.
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def zero() -> float:
    """Return when the clock that nobody sets stood at zero, by the one that somebody sets."""
    return time.time() - clock_that_counts_sleep()


def boot() -> str:
    """Return whose clock it is: this machine's, since it was started; empty where nobody can tell."""
    started = _read("/proc/sys/kernel/random/boot_id")
    return started and f"{started}/{_link('/proc/self/ns/time')}"


def _host() -> str:
    """Return what tells this machine, since it was started, and this container from every other one."""
    return "/".join((socket.gethostname(), _read("/proc/sys/kernel/random/boot_id"), _link("/proc/self/ns/pid")))


def _started(pid: int) -> str:
    """Return when a process was started, in the kernel's words; empty where it cannot be read."""
    # The name in brackets can hold blanks and brackets itself; the start time is the 20th word after it.
    words = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    if len(words) <= 19:  # noqa: PLR2004 - a position in proc(5).
        return ""
    # A process in state Z has ended and only waits for its parent to hear of it.
    return words[19] if words[0] != "Z" else "ended"


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _link(path: str) -> str:
    try:
        return os.readlink(path)  # noqa: PTH115 - it is no path that it points to.
    except OSError:
        return ""


@frozen
class Owner:
    """One open journal in one process: who claims, marks and answers."""

    name: str = field(factory=lambda: uuid4().hex)
    host: str = field(factory=_host)
    pid: int = field(factory=os.getpid)
    started: str = field(factory=lambda: _started(os.getpid()))

    def is_dead(self) -> bool:
        """Whether it is certain that the process has ended: it was on this machine, and is not there any more."""
        if self.host != _host() or self.started == "":
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass  # It runs, and is another user's.
        # What the kernel hides from us, as it does with hidepid, is alive as far as is known: its lease ends it.
        return _started(self.pid) not in ("", self.started)
