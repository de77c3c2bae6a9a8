"""Checks that a path still leads to the file that was opened, and that the file has only one name."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Final

from kolay_invoice.journal.errors import JournalError
from kolay_invoice.messages import Message
from kolay_invoice.private_file import WRITE, find_problem

_MOUNTS: Final = Path("/proc/self/mountinfo")
_SIDE_SUFFIXES: Final = ("-wal", "-shm")
_PREPARED_SUFFIXES: Final = (*_SIDE_SUFFIXES, "-journal")
"""The files beside a journal that SQLite reads if they are there."""

_FileId = tuple[int, int]


class FileIdentity:
    """The device and inode of an open journal's file and of the two files that SQLite keeps beside it.

    Nothing is opened here: closing a file releases all POSIX locks that this process holds on it, SQLite's included.
    """

    def __init__(self, path: Path, shown: str) -> None:
        # Absolute, because the working directory can change; not resolved, because links can change too.
        self._path = Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` follows links.
        self._real = self._path.resolve()
        self._shown = shown
        self._file: _FileId | None = None
        self._side_files: dict[str, _FileId | None] = {}

    def check_single_name(self) -> None:
        """Check that the file has no other name, and remember its device and inode.

        Raises:
            JournalError: It has a second link, is mounted as a single file, or another user can change it.
        """
        found = self._stat(self._real)
        if not stat.S_ISREG(found.st_mode):
            raise JournalError(
                Message(
                    "the journal {place} cannot be opened: it must be a file in a folder in which this user may write",
                    place=self._shown,
                )
            )
        if found.st_nlink > 1:
            raise JournalError(
                Message(
                    "the journal {place} cannot be opened: its file has {number} names (hard links), and runs under "
                    "different names do not see each other. Keep one of them: find -samefile shows them",
                    place=self._shown,
                    number=found.st_nlink,
                )
            )
        if _is_mount(self._real, found):
            raise JournalError(
                Message(
                    "the journal {place} cannot be opened: its file is mounted by itself, and runs on both sides of "
                    "the mount do not see each other. Mount the folder that holds it",
                    place=self._shown,
                )
            )
        self._check_owner()
        self._file = _file_id(found)

    def _check_owner(self) -> None:
        """Check that no other user can change the file, or has put one beside it that SQLite would read."""
        for suffix in ("", *_PREPARED_SUFFIXES):
            path = Path(f"{self._real}{suffix}")
            try:
                # Not followed: the file itself has been resolved, and SQLite makes no links.
                problem = find_problem(path, path.lstat(), forbidden=WRITE)
            except OSError:
                continue
            if problem is not None:
                raise JournalError(
                    Message("the journal {place} cannot be opened: {reason}", place=self._shown, reason=problem)
                )

    def remember_side_files(self) -> None:
        """Remember the side files of the connections that are open now."""
        if not self._side_files:
            self._side_files = {side: _file_id_at(f"{self._real}{side}") for side in _SIDE_SUFFIXES}

    def forget_side_files(self) -> None:
        """Forget the side files. The last connection is closed, and SQLite will create new ones."""
        self._side_files = {}

    def check(self) -> None:
        """Check that the path leads to the file that was opened, and that its side files are those in use.

        Raises:
            JournalError: It does not, so other processes would open another journal under this name.
        """
        found = _file_id(self._stat(self._path))
        if found != self._file:
            raise JournalError(
                Message(
                    "the journal {place} is another file now: {path} was replaced while it was in use. Nothing is "
                    "sent without it. Bring the first file back, or look up what was sent meanwhile",
                    place=self._shown,
                    path=self._path,
                )
            )
        for side, remembered in self._side_files.items():
            if _file_id_at(f"{self._real}{side}") != remembered:
                raise JournalError(
                    Message(
                        "the journal {place} lost the file {path} while it was in use. Nothing is sent without it. "
                        "Never remove the files that SQLite keeps beside a journal",
                        place=self._shown,
                        path=f"{self._real}{side}",
                    )
                )

    def _stat(self, path: Path) -> os.stat_result:
        try:
            return path.stat()
        except OSError as error:
            raise JournalError(
                Message(
                    "the journal {place} is gone: there is no file {path} any more ({reason}). Nothing is sent "
                    "without it. Bring the file back before the next run",
                    place=self._shown,
                    path=self._path,
                    reason=error.strerror,
                )
            ) from None


def _file_id(found: os.stat_result) -> _FileId:
    return found.st_dev, found.st_ino


def _file_id_at(path: str) -> _FileId | None:
    try:
        return _file_id(Path(path).stat())
    except OSError:
        return None


def _is_mount(path: Path, found: os.stat_result) -> bool:
    try:
        mounts = _MOUNTS.read_bytes().splitlines()
    except OSError:
        # Not Linux. A file on another device than its folder is a mount. An overlay can show such files, too.
        return found.st_dev != path.parent.stat().st_dev
    return os.fsencode(path) in {_unescape(mount.split(b" ")[4]) for mount in mounts}


def _unescape(place: bytes) -> bytes:
    """Return a mount point. The kernel escapes blanks and backslashes in it as octal."""
    return re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8)]), place)
