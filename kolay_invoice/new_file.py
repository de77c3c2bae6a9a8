"""Writes a document to a new file atomically, without replacing another file."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from kolay_invoice.messages import Message, message_of
from kolay_invoice.private_file import WRITE, NotPrivateError, open_private, read_private


def save_new(content: bytes, path: str | Path) -> None:
    """Write a file that only its owner can read. An existing file with the same content counts as written.

    It is written to a temporary file and then linked to its name, so that no reader sees a part of it.

    Raises:
        FileExistsError: Another document has this name, or a link, or a file that another user can change.
        OSError: The folder cannot be written to.
    """
    target = Path(path)
    with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        try:
            _put(Path(file.name), target, content)
        except FileExistsError:
            if _holds(target, content):
                return
            msg = Message("{path} holds another document, which is kept: choose another name", path=target)
            raise FileExistsError(msg) from None


def _put(written: Path, target: Path, content: bytes) -> None:
    try:
        # A link, unlike a rename, never replaces what is there.
        os.link(written, target)
    except FileExistsError:
        raise
    except OSError:
        _write_in_place(target, content)


def _write_in_place(target: Path, content: bytes) -> None:
    """Write a file where the file system knows no links. A failure takes it away again; a loss of power may not."""
    with open(target, "xb", opener=open_private) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            target.unlink()
            raise


def _holds(target: Path, content: bytes) -> bool:
    if target.is_dir():
        return False
    try:
        return read_private(target, forbidden=WRITE) == content
    except NotPrivateError as error:
        # What another user can change is not kept, whatever it holds now.
        raise FileExistsError(message_of(error)) from None
