"""The owner of a claim: which process it is, and whether that process is alive."""

from __future__ import annotations

import os
import socket
from typing import Final
from uuid import uuid4

from attrs import field, frozen

from kolay_invoice.journal.clock import read_line, read_link

_open_owners: Final[set[str]] = set()
"""The owners in this process with an open journal. Every other owner in it is dead."""


def _identify_host() -> str:
    """Return an id of this machine, this boot and this container."""
    # /proc shows start times by the clock of the reader's time namespace.
    namespaces = (read_link("/proc/self/ns/pid"), read_link("/proc/self/ns/time"))
    return "/".join((socket.gethostname(), read_line("/proc/sys/kernel/random/boot_id"), *namespaces))


def _start_time(pid: int) -> str:
    """Return a process's start time as the kernel writes it; empty if it cannot be read."""
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
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass  # It runs as another user.
        # A process that the kernel hides, as with hidepid, counts as alive until its lease ends.
        return _start_time(self.pid) not in ("", self.started)
