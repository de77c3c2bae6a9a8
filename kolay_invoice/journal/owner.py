"""Which process holds a claim, and whether it still lives."""

from __future__ import annotations

import os
import socket
from typing import Final
from uuid import uuid4

from attrs import field, frozen

from kolay_invoice.journal.clock import read_line, read_link

_open_owners: Final[set[str]] = set()
"""The owners of this process whose journals are open; what another one of it has left behind is free at once."""


def _identify_host() -> str:
    """Return what tells this machine, since it was started, and this container from every other one."""
    # A process's start time is told by the clock of the namespace of whoever asks.
    namespaces = (read_link("/proc/self/ns/pid"), read_link("/proc/self/ns/time"))
    return "/".join((socket.gethostname(), read_line("/proc/sys/kernel/random/boot_id"), *namespaces))


def _start_time(pid: int) -> str:
    """Return when a process was started, in the kernel's words; empty where it cannot be read."""
    # The name in brackets can hold blanks and brackets itself; the start time is the 20th word after it.
    words = read_line(f"/proc/{pid}/stat").rpartition(")")[2].split()
    if len(words) <= 19:  # noqa: PLR2004 - a position in proc(5).
        return ""
    # A process in state Z has ended and only waits for its parent to hear of it.
    return words[19] if words[0] != "Z" else "ended"


@frozen
class Owner:
    """One open journal in one process: who claims, marks and answers."""

    name: str = field(factory=lambda: uuid4().hex)
    host: str = field(factory=_identify_host)
    pid: int = field(factory=os.getpid)
    started: str = field(factory=lambda: _start_time(os.getpid()))

    @property
    def host_name(self) -> str:
        """The machine's name, for people."""
        return self.host.partition("/")[0]

    @property
    def is_of_this_process(self) -> bool:
        """Whether its journal was opened in this process."""
        return (self.host, self.pid, self.started) == (_identify_host(), os.getpid(), _start_time(os.getpid()))

    def note_open(self) -> None:
        """Note that this owner's journal is open in this process."""
        _open_owners.add(self.name)

    def note_closed(self) -> None:
        """Note that it is closed, or has failed, so that whoever opens it next need not wait for its lease."""
        _open_owners.discard(self.name)

    def is_dead(self) -> bool:
        """Whether it is certain that nobody acts as this owner any more.

        Its process was on this machine, since the same start and seen from the same namespaces, and is not there; or it
        is this process, whose journal of that time is closed.
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
            pass  # It runs, and is another user's.
        # What the kernel hides from us, as it does with hidepid, is alive as far as is known: its lease ends it.
        return _start_time(self.pid) not in ("", self.started)
