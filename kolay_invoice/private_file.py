"""Opens the files that only their owner may read or change, and refuses a file that somebody else prepared."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from kolay_invoice.messages import Message

READ_OR_WRITE: Final = 0o077
"""The permissions of group and others."""
WRITE: Final = 0o022
"""The permissions of group and others to write."""

_FLAGS: Final = (
    # Windows ends lines differently without O_BINARY. O_NONBLOCK keeps a FIFO from waiting for its other end.
    getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class NotPrivateError(PermissionError):
    """A file is a link, no regular file, another user's, or open to others. Nothing was read from it or written."""


def open_private(name: str | Path, flags: int, *, forbidden: int = READ_OR_WRITE) -> int:
    """Open a file of this user: the `opener` of `open`. A new file gets the mode 0600.

    Args:
        name: The path. Its last part must not be a symbolic link.
        flags: The flags of `os.open`.
        forbidden: The permissions that group and others must not have.

    Raises:
        NotPrivateError: The file is not of this user alone.
        OSError: It cannot be opened.
    """
    try:
        # Truncating comes after the checks.
        file = os.open(name, (flags | _FLAGS) & ~os.O_TRUNC, 0o600)
    except OSError as error:
        if error.errno == errno.ELOOP or (error.errno != errno.EEXIST and Path(name).is_symlink()):
            raise NotPrivateError(Message("{path} is a symbolic link, which is not followed", path=name)) from None
        if error.errno == errno.ENXIO:  # A FIFO without a reader, or a socket.
            raise NotPrivateError(Message("{path} is not a regular file", path=name)) from None
        raise
    try:
        _check(name, os.fstat(file), forbidden)
        if flags & os.O_TRUNC:
            os.ftruncate(file, 0)
    except BaseException:
        os.close(file)
        raise
    return file


def read_private(path: str | Path, *, forbidden: int = READ_OR_WRITE) -> bytes:
    """Return the content of a file of this user.

    Raises:
        NotPrivateError: The file is not of this user alone.
        OSError: It cannot be read.
    """
    with open(open_private(path, os.O_RDONLY, forbidden=forbidden), "rb") as file:
        return file.read()


def _check(path: str | Path, status: os.stat_result, forbidden: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if problem := find_problem(path, status, forbidden=forbidden):
        raise NotPrivateError(problem)


def find_problem(path: str | Path, status: os.stat_result, *, forbidden: int = READ_OR_WRITE) -> Message | None:
    """Return why a file is not of this user alone; None if it is."""
    if not stat.S_ISREG(status.st_mode):
        return Message("{path} is not a regular file", path=path)
    if os.name != "posix":  # pragma: no cover - Windows keeps a user's folder to the user.
        return None
    if status.st_uid != os.geteuid():
        return Message("{path} belongs to another user", path=path)
    if status.st_mode & forbidden:
        mode = f"{stat.S_IMODE(status.st_mode):04o}"
        if forbidden == WRITE:
            return Message("{path} can be changed by others (mode {mode}): chmod 600 it", path=path, mode=mode)
        return Message("{path} can be read or changed by others (mode {mode}): chmod 600 it", path=path, mode=mode)
    return None


def make_private_folders(folder: Path) -> None:
    """Make a folder and those above it that are missing, each with the mode 0700 whatever the umask is.

    Raises:
        OSError: One cannot be made.
    """
    if folder.is_dir():
        return
    make_private_folders(folder.parent)
    # `Path.mkdir(parents=True)` leaves the mode of the parents to the umask.
    folder.mkdir(mode=0o700, exist_ok=True)


def replace_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, in place of the one that is there. A reader sees one or the other.

    Raises:
        NotPrivateError: What is there is a link, or a file that another user can change.
        OSError: It cannot be written.
    """
    if path.exists() or path.is_symlink():
        os.close(open_private(path, os.O_RDONLY, forbidden=WRITE))
    # A temporary file has the mode 0600.
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        written = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            file.close()
            written.replace(path)
        except BaseException:
            file.close()
            written.unlink(missing_ok=True)
            raise


def check_new(path: Path) -> None:
    """Check that a new file can be made at a path, by making one and taking it away.

    Raises:
        FileExistsError: There is something at the path, if only a link to nothing.
        OSError: It cannot be made.
    """
    os.close(open_private(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    path.unlink()
