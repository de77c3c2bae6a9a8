"""Finds the process that holds the write lock of a journal's file, for the error after a timeout."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from kolay_invoice.journal.clock import read_line
from kolay_invoice.journal.owner import Owner
from kolay_invoice.messages import N_, Message, join

_WRITER_BYTE: Final = 120
"""The byte of the `-shm` file that a writer locks, as SQLite's WAL file format defines it."""

_LOCKS: Final = Path("/proc/locks")
_STOPPED: Final = frozenset("Tt")

_HELD_BY_STOPPED: Final = N_(
    "another program holds the write lock of its file, and did not let it go in {number} seconds. It is process {pid} "
    "on {host}, which is stopped: resume it or end it, and run again"
)
_HELD_BY: Final = N_(
    "another program holds the write lock of its file, and did not let it go in {number} seconds. It is process {pid} "
    "on {host}: wait for it or end it, and run again"
)
_HELD_BY_ONE_OF: Final = N_(
    "another program holds the write lock of its file, and did not let it go in {number} seconds. The journal is open "
    "in {places}: resume or end the one that is stopped, and run again"
)
_HELD: Final = N_(
    "another program holds the write lock of its file, and did not let it go in {number} seconds. End it, and run again"
)


def explain_lock(path: Path, seconds: float, owners: Sequence[Owner]) -> str:
    """Return a sentence that says that the wait for the write lock timed out, who holds it, and what to do.

    Args:
        path: The journal's file.
        seconds: How long the wait took.
        owners: The other owners of the journal. They are named if the holder is not known.
    """
    pid = find_holder(path)
    if pid is not None:
        template = _HELD_BY_STOPPED if is_stopped(pid) else _HELD_BY
        return Message(template, number=f"{seconds:.0f}", pid=pid, host=socket.gethostname())
    if owners:
        places = join((Message("process {pid} on {host}", pid=one.pid, host=one.host_name) for one in owners), ", ")
        return Message(_HELD_BY_ONE_OF, number=f"{seconds:.0f}", places=places)
    return Message(_HELD, number=f"{seconds:.0f}")


def find_holder(path: Path) -> int | None:
    """Return the process that holds the write lock; None if it is not known.

    Only Linux shows it without opening the file. The file must not be opened here: closing it would release the locks
    that this process itself holds on it.
    """
    try:
        inode = path.with_name(f"{path.name}-shm").stat().st_ino
        lines = _LOCKS.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        # 3: POSIX  ADVISORY  WRITE 4711 fd:01:1234 120 120
        match line.split():
            case [_, "POSIX", _, "WRITE", pid, place, first, last] if place.endswith(f":{inode}"):
                # A process of another pid namespace is shown as 0.
                if int(pid) > 0 and last.isdigit() and int(first) <= _WRITER_BYTE <= int(last):
                    return int(pid)
            case _:
                pass
    return None


def is_stopped(pid: int) -> bool:
    """Whether a process is stopped, by SIGSTOP or a debugger."""
    words = read_line(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return bool(words) and words[0] in _STOPPED
