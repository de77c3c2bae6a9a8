"""The owner of a claim: which process it is, and whether that process is alive."""

from __future__ import annotations

import os
import socket
import sys
from functools import cache
from typing import Final
from uuid import getnode, uuid4

from attrs import field, frozen

from kolay_invoice.journal.clock import read_line, read_link

_BOOT_PRECISION: Final = 120.0
"""Seconds to which the time of a boot is rounded."""

_open_owners: Final[set[str]] = set()
"""The owners in this process with an open journal. Every other owner in it is dead."""


def _identify_host() -> str:
    """Return an id of this machine, this boot and this container."""
    return _identify_host_of_linux() if sys.platform == "linux" else _identify_other_host()


@cache
def _identify_other_host() -> str:
    """Return an id of this machine and this boot where the kernel shows none.

    The time of the boot is rounded, because some systems compute it anew each time. Where two processes still get
    different ids, they wait for each other's leases.
    """
    import psutil

    booted = round(psutil.boot_time() / _BOOT_PRECISION)
    return f"{socket.gethostname()}/{getnode():x}/{booted}"


def _identify_host_of_linux() -> str:
    # /proc shows start times by the clock of the reader's time namespace.
    namespaces = (read_link("/proc/self/ns/pid"), read_link("/proc/self/ns/time"))
    return "/".join((socket.gethostname(), read_line("/proc/sys/kernel/random/boot_id"), *namespaces))


def _start_time(pid: int) -> str:
    """Return a process's start time as the system has it; empty if it cannot be read."""
    if sys.platform != "linux":
        import psutil

        try:
            process = psutil.Process(pid)
            return "ended" if process.status() == psutil.STATUS_ZOMBIE else repr(process.create_time())
        except psutil.Error:
            return ""
    # The kernel's own text: psutil adds the wall clock, so that a step of it would make one process look like two.
    # The name in brackets can contain blanks and brackets; the start time is the 20th word after it.
    words = read_line(f"/proc/{pid}/stat").rpartition(")")[2].split()
    if len(words) <= 19:  # noqa: PLR2004 - a position in proc(5).
        return ""
    # A process in state Z has ended; its parent has not reaped it yet.
    return words[19] if words[0] != "Z" else "ended"


@frozen
class Owner:
    """One open journal in one process. Claims belong to it."""

    name: str = field(factory=lambda: uuid4().hex)
    host: str = field(factory=_identify_host)
    pid: int = field(factory=os.getpid)
    started: str = field(factory=lambda: _start_time(os.getpid()))

    @property
    def host_name(self) -> str:
        """The machine's name, for display."""
        return self.host.partition("/")[0]

    @property
    def is_of_this_process(self) -> bool:
        """Whether its journal was opened in this process."""
        return (self.host, self.pid, self.started) == (_identify_host(), os.getpid(), _start_time(os.getpid()))

    def note_open(self) -> None:
        """Note that this owner's journal is open in this process."""
        _open_owners.add(self.name)

    def note_closed(self) -> None:
        """Note that it is closed or has failed. The next owner does not wait for its lease."""
        _open_owners.discard(self.name)

    def is_dead(self) -> bool:
        """Whether it is certain that this owner no longer acts.

        Either its process ran in this boot and these namespaces and has ended, or it is this process and that journal
        is closed.
        """
        if self.host != _identify_host() or self.started == "":
            return False
        if self.pid == os.getpid() and self.started == _start_time(self.pid):
            return self.name not in _open_owners
        if not _exists(self.pid):
            return True
        seen = _start_time(self.pid)
        if sys.platform != "linux":
            # Start times follow the wall clock here, so another one does not prove that the pid was reused.
            return seen == "ended"
        # A process that the kernel hides, as with hidepid, counts as alive until its lease ends.
        return seen not in ("", self.started)


def _exists(pid: int) -> bool:
    """Whether there is a process, also one that this user may not see."""
    if sys.platform != "linux":
        # On Windows, os.kill(pid, 0) would send a Ctrl-C.
        import psutil

        return bool(psutil.pid_exists(pid))
    # psutil takes a process that hidepid hides for one that has ended.
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # It runs as another user.
    return True
