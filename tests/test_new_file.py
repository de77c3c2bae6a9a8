"""A document is saved whole, unchanged, for its owner only, and never over another one."""

from __future__ import annotations

import errno
import hashlib
import os

import pytest

from kolay_invoice import SignedXml

XML = b"<Invoice>\r\n\xc5\x9e</Invoice>"
DIGEST = hashlib.sha256(XML).hexdigest()


def no_link(source, target):
    raise PermissionError(errno.EPERM, "Operation not permitted")


@pytest.fixture(params=["links", "no links"])
def folder(request, tmp_path, monkeypatch):
    """A folder on a file system that knows links, and on one that does not."""
    if request.param == "no links":
        monkeypatch.setattr(os, "link", no_link)
    return tmp_path


@pytest.mark.parametrize("form", [str, lambda path: path], ids=["str", "Path"])
def test_the_exact_bytes_are_saved_and_their_digest_returned(form, folder):
    path = folder / "invoice.xml"

    assert SignedXml(XML).save(form(path)) == SignedXml(XML).sha256 == DIGEST
    assert path.read_bytes() == XML
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(folder.iterdir()) == [path]


def test_saving_the_same_document_again_changes_nothing(folder):
    path = folder / "invoice.xml"
    SignedXml(XML).save(path)
    before = path.stat()

    assert SignedXml(XML).save(path) == DIGEST
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("there", [b"", b"another", None], ids=["empty", "another", "a folder"])
def test_another_document_is_never_replaced(there, folder):
    path = folder / "invoice.xml"
    path.mkdir() if there is None else path.write_bytes(there)

    with pytest.raises(FileExistsError, match="choose another name"):
        SignedXml(XML).save(path)

    assert list(folder.iterdir()) == [path]
    assert there is None or path.read_bytes() == there


def test_a_link_to_elsewhere_is_not_followed(folder):
    elsewhere, path = folder / "elsewhere", folder / "invoice.xml"
    path.symlink_to(elsewhere)

    with pytest.raises(FileExistsError):
        SignedXml(XML).save(path)

    assert not elsewhere.exists()


def test_a_folder_that_is_not_there_is_an_os_error(folder):
    with pytest.raises(FileNotFoundError):
        SignedXml(XML).save(folder / "none" / "invoice.xml")


@pytest.mark.parametrize("written", [0, 1], ids=["at first", "in the end"])
def test_a_disk_that_fills_leaves_nothing_behind(written, tmp_path, monkeypatch):
    """A file system without links is written to twice."""
    room = iter([None] * written)

    def full(descriptor):
        if next(room, descriptor):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    monkeypatch.setattr(os, "link", no_link)

    with pytest.raises(OSError, match="No space left"):
        SignedXml(XML).save(tmp_path / "invoice.xml")

    assert list(tmp_path.iterdir()) == []
