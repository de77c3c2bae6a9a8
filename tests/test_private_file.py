"""A private file is a regular file of this user that nobody else can read or change; nothing else is opened."""

import errno
import os
import socket
import sys
from unittest.mock import Mock

import pytest

from kolay_invoice import SignedXml
from kolay_invoice.journal import Journal, JournalError
from kolay_invoice.journal.witness import Witness, WitnessRecord
from kolay_invoice.private_file import (
    WRITE,
    NotPrivateError,
    check_new,
    make_private_folders,
    open_private,
    read_private,
    replace_private,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no modes, owners and FIFOs")

CREATE = os.O_WRONLY | os.O_CREAT


def mode(path):
    return path.stat().st_mode & 0o777


@pytest.fixture
def no_mask():
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def another_user(monkeypatch):
    """Be somebody else than the owner of the files."""
    return lambda: monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)


def link_to_nothing(path):
    path.symlink_to(path.with_name("elsewhere"))


def link_to_a_file(path):
    path.with_name("elsewhere").write_bytes(b"kept")
    path.symlink_to(path.with_name("elsewhere"))


def fifo(path):
    os.mkfifo(path)


def bound_socket(path):
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))


def open_to_all(path):
    path.touch()
    path.chmod(0o666)


def folder(path):
    path.mkdir()


PREPARED = [link_to_nothing, link_to_a_file, fifo, bound_socket, open_to_all, folder]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("flags", [os.O_RDONLY, CREATE, CREATE | os.O_TRUNC], ids=["read", "write", "truncate"])
@pytest.mark.parametrize("prepare", PREPARED)
def test_what_somebody_prepared_is_not_opened(prepare, flags, tmp_path):
    path = tmp_path / "a file"
    prepare(path)
    before = {one.name: one.lstat().st_size for one in tmp_path.iterdir()}
    with pytest.raises(OSError, match=r"link|regular|others|Is a directory"):
        open_private(path, flags)
    assert {one.name: one.lstat().st_size for one in tmp_path.iterdir()} == before


@pytest.mark.parametrize("flags", [os.O_RDONLY, CREATE | os.O_TRUNC], ids=["read", "write"])
def test_a_file_of_another_user_is_neither_read_nor_emptied(flags, tmp_path, another_user):
    path = tmp_path / "a file"
    os.close(open_private(path, CREATE))
    path.write_bytes(b"theirs")
    another_user()
    with pytest.raises(NotPrivateError, match="belongs to another user"):
        open_private(path, flags)
    assert path.read_bytes() == b"theirs"


def test_a_file_of_this_user_is_opened_made_and_emptied(tmp_path, no_mask):
    path = tmp_path / "a file"
    with open(path, "xb", opener=open_private) as file:
        file.write(b"mine")
    assert (mode(path), read_private(path)) == (0o600, b"mine")
    with open(path, "wb", opener=open_private):
        pass
    assert read_private(path) == b""


@pytest.mark.parametrize(("bits", "said"), [(0o640, "read or changed"), (0o604, "read or changed"), (0o622, "changed")])
def test_the_mode_that_is_wrong_is_named(bits, said, tmp_path):
    path = tmp_path / "a file"
    path.touch()
    path.chmod(bits)
    with pytest.raises(NotPrivateError, match=rf"{said} by others \(mode {bits:04o}\): chmod 600 it"):
        read_private(path, forbidden=WRITE if said == "changed" else 0o077)


def test_folders_are_private_whatever_the_umask_is(tmp_path, no_mask):
    make_private_folders(tmp_path / "one" / "two" / "three")
    assert {mode(one) for one in tmp_path.rglob("*")} == {0o700}


@pytest.mark.parametrize("prepare", PREPARED)
def test_a_new_file_is_refused_where_something_is(prepare, tmp_path):
    prepare(tmp_path / "a file")
    with pytest.raises(FileExistsError):
        check_new(tmp_path / "a file")


def test_a_check_leaves_nothing_behind(tmp_path):
    check_new(tmp_path / "a file")
    with pytest.raises(OSError, match="too long"):
        check_new(tmp_path / ("a" * 300))
    assert list(tmp_path.iterdir()) == []


# The journal, its side files and its witness


async def opened(path):
    async with Journal.open(f"sqlite:///{path}"):
        pass


async def test_a_link_to_nothing_makes_no_journal_elsewhere(tmp_path):
    link_to_nothing(tmp_path / "sends.db")
    with pytest.raises(JournalError, match="symbolic link, which is not followed"):
        await opened(tmp_path / "sends.db")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
async def test_a_journal_that_others_can_change_is_not_opened(suffix, tmp_path):
    await opened(tmp_path / "sends.db")
    open_to_all(tmp_path / f"sends.db{suffix}")
    with pytest.raises(JournalError, match=rf"sends\.db{suffix} can be changed by others \(mode 0666\)"):
        await opened(tmp_path / "sends.db")


@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal"])
@pytest.mark.parametrize("prepare", [link_to_nothing, link_to_a_file, fifo])
@pytest.mark.timeout(20)
async def test_sqlite_follows_nothing_that_was_prepared_beside_a_journal(prepare, suffix, tmp_path):
    await opened(tmp_path / "sends.db")
    prepare(tmp_path / f"sends.db{suffix}")
    with pytest.raises(JournalError, match="is not a regular file"):
        await opened(tmp_path / "sends.db")


async def test_a_journal_of_another_user_is_not_opened(tmp_path, another_user):
    await opened(tmp_path / "sends.db")
    another_user()
    with pytest.raises(JournalError, match="belongs to another user"):
        await opened(tmp_path / "sends.db")


async def test_a_journal_is_private_whatever_the_umask_is(tmp_path, no_mask):
    await opened(tmp_path / "sends.db")
    assert {mode(one) for one in tmp_path.iterdir()} == {0o600}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("prepare", PREPARED)
def test_a_witness_that_somebody_prepared_is_neither_read_nor_written(prepare, tmp_path):
    witness = Witness(tmp_path / "sends.db")
    prepare(witness.path)
    before = {one.name: one.lstat().st_size for one in tmp_path.iterdir()}
    witness.write(WitnessRecord("id", 1, 1))
    assert witness.read() is None
    assert {one.name: one.lstat().st_size for one in tmp_path.iterdir()} == before


# Documents


@pytest.mark.timeout(20)
@pytest.mark.parametrize("prepare", PREPARED)
def test_a_document_does_not_count_as_saved_where_somebody_prepared_a_file(prepare, tmp_path):
    path = tmp_path / "invoice.xml"
    prepare(path)
    with pytest.raises(FileExistsError):
        SignedXml(b"kept").save(path)


def test_the_same_document_in_a_file_that_others_may_only_read_counts_as_saved(tmp_path):
    path = tmp_path / "invoice.xml"
    SignedXml(b"<a/>").save(path)
    path.chmod(0o644)
    SignedXml(b"<a/>").save(path)
    path.chmod(0o666)
    with pytest.raises(FileExistsError, match="can be changed by others"):
        SignedXml(b"<a/>").save(path)


def test_a_file_is_replaced_as_a_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "manifest.json"
    replace_private(path, b"first")
    replace_private(path, b"second")
    assert (path.read_bytes(), mode(path)) == (b"second", 0o600)

    monkeypatch.setattr(os, "fsync", Mock(side_effect=OSError(errno.ENOSPC, "full")))
    with pytest.raises(OSError, match="full"):
        replace_private(path, b"third")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("manifest.json", b"second")]


def test_what_others_can_change_or_a_link_is_not_replaced(tmp_path):
    path, link = tmp_path / "manifest.json", tmp_path / "link.json"
    path.write_bytes(b"kept")
    path.chmod(0o666)
    link.symlink_to(path)
    for one in (path, link):
        with pytest.raises(NotPrivateError):
            replace_private(one, b"new")
    assert path.read_bytes() == b"kept"
