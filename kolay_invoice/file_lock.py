"""A lock on a file that only one process holds at a time. The system releases it when the process ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kolay_invoice.private_file import open_private


class LockedError(Exception):
    """Somebody else holds the lock: another process, or another part of this one."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file, which is made if there is none and stays.

    Raises:
        LockedError: Somebody else holds it.
        OSError: The file cannot be opened, or its file system has no locks.
    """
    file = open_private(path, os.O_RDWR | os.O_CREAT)
    try:
        _lock(file)
        yield
    finally:
        # It also releases the lock.
        os.close(file)


def _lock(file: int) -> None:
    try:
        if sys.platform == "win32":  # pragma: no cover - another platform's.
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        # Windows reports a lock of somebody else as a lack of permission.
        raise LockedError from None
