"""Rows 49 and 50: one file, one name, and the file that was opened to the end of the run."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from kolay_invoice.journal import Journal, JournalError, file_identity
from kolay_invoice.journal.database import Database

from .support import HANG, creates, some_documents, until


def path_of(sqlite_url):
    return Path(sqlite_url.removeprefix("sqlite:///"))


def sent(emulator):
    return emulator.executions("create_e_document")


@pytest.fixture
def sqlite_url(tmp_path):
    """A file in a folder of its own."""
    (tmp_path / "journals").mkdir()
    return f"sqlite:///{tmp_path}/journals/sends.db"


# Row 49: the file goes away during a run


def _deleted(path):
    path.unlink()


def _moved(path):
    path.rename(path.with_name("moved.db"))


def _replaced(path):
    shutil.copy(path, path.with_name("copy.db"))
    path.with_name("copy.db").replace(path)


def _folder_renamed(path):
    path.parent.rename(path.parent.with_name("renamed"))


def _folder_replaced(path):
    _folder_renamed(path)
    path.parent.mkdir()
    path.touch()


GONE = [_deleted, _moved, _replaced, _folder_renamed, _folder_replaced]


@pytest.mark.row(49)
@pytest.mark.parametrize("vanish", GONE, ids=lambda function: function.__name__)
async def test_a_run_stops_and_names_the_file_that_its_path_no_longer_leads_to(vanish, sqlite_url, emulator, kolaybi):
    ids = some_documents(emulator, 80)
    emulator.fault("create_e_document", "slow", times=80, seconds=0.05)
    with pytest.raises(JournalError, match=r"sends\.db") as caught:  # noqa: PT012 - what closing raises is the point.
        async with asyncio.timeout(HANG), Journal.open(sqlite_url) as journal:
            run = asyncio.create_task(journal.run(kolaybi, creates(ids), concurrency=4))
            await until(lambda: sent(emulator) >= 4)
            vanish(path_of(sqlite_url))
            await run
    assert sent(emulator) < len(ids)
    # What was answered when nothing could be written down any more is in the exception.
    answered = {row.request.document_id for row in caught.value.unrecorded if row.result is not None}
    assert answered
    assert all(emulator.executions("create_e_document", number) == 1 for number in answered)
    assert max(emulator.executions("create_e_document", number) for number in ids) == 1


@pytest.mark.row(49)
async def test_without_the_comparison_the_run_continues_in_an_unreachable_file(
    sqlite_url, emulator, kolaybi, monkeypatch
):
    """The negative control: the next run does not know of any send."""
    monkeypatch.setattr(Database, "check_place", lambda database: None)
    ids = some_documents(emulator, 20)
    async with Journal.open(sqlite_url) as journal:
        await journal.run(kolaybi, creates(ids[:10]))
        _deleted(path_of(sqlite_url))
        await journal.run(kolaybi, creates(ids))
    path_of(sqlite_url).with_name("sends.db.seen").unlink()
    async with Journal.open(sqlite_url) as journal:
        await journal.run(kolaybi, creates(ids))
    assert [emulator.executions("create_e_document", number) for number in ids] == [2] * 20


@pytest.mark.row(49)
@pytest.mark.parametrize(("vanish", "match"), [(_deleted, "is gone: there is no file"), (_replaced, "is another file")])
async def test_work_on_a_file_that_is_gone_is_not_begun(vanish, match, sqlite_url):
    database = await Database.open(sqlite_url, create=True)
    runs = []

    async def work(connection):
        runs.append(connection)

    database.check_place()
    vanish(path_of(sqlite_url))
    with pytest.raises(JournalError, match=match):
        database.check_place()
    with pytest.raises(JournalError, match=match):
        await database.write(work)
    assert not runs
    await database.close()


@pytest.mark.row(49)
async def test_a_commit_while_the_file_was_replaced_is_not_trusted(sqlite_url):
    database = await Database.open(sqlite_url, create=True)

    async def work(connection):
        _deleted(path_of(sqlite_url))

    with pytest.raises(JournalError, match="is gone"):
        await database.write(work)
    await database.close()


# Row 50: one file under two names, and side files that vanish


@pytest.mark.row(50)
@pytest.mark.parametrize("first", ["sends.db", "other.db"])
async def test_a_file_with_a_second_link_is_refused_under_both_names(first, sqlite_url):
    path = path_of(sqlite_url)
    async with Journal.open(sqlite_url):
        pass
    path.with_name("other.db").hardlink_to(path)
    with pytest.raises(JournalError, match=r"has 2 names \(hard links\).*find -samefile"):
        await Journal.open(f"sqlite:///{path.with_name(first)}").__aenter__()
    path.with_name("other.db").unlink()
    async with Journal.open(sqlite_url):
        pass


@pytest.mark.row(50)
async def test_a_second_name_created_during_a_run_is_not_opened(sqlite_url):
    path = path_of(sqlite_url)
    async with Journal.open(sqlite_url) as journal:
        path.with_name("other.db").hardlink_to(path)
        with pytest.raises(JournalError, match="has 2 names"):
            await Journal.open(f"sqlite:///{path.with_name('other.db')}").__aenter__()
        await journal.counts()


@pytest.mark.row(50)
async def test_a_symbolic_link_is_another_way_to_the_same_journal(sqlite_url, emulator, kolaybi):
    path = path_of(sqlite_url)
    path.with_name("link.db").symlink_to(path)
    ids = some_documents(emulator, 20)
    async with Journal.open(sqlite_url) as one, Journal.open(f"sqlite:///{path.with_name('link.db')}") as other:
        await asyncio.gather(one.run(kolaybi, creates(ids)), other.run(kolaybi, creates(ids)))
        path.with_name("link.db").unlink()
        path.with_name("link.db").symlink_to(path.with_name("sends.db.seen"))
        with pytest.raises(JournalError, match="is another file now"):
            other._require_open().database.check_place()
        one._require_open().database.check_place()
        path.with_name("link.db").unlink()
        path.with_name("link.db").symlink_to(path)
    assert sent(emulator) == len(ids)


@pytest.mark.row(50)
@pytest.mark.skipif(
    os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode != 0,
    reason="mounting a file needs root and a mount namespace (unshare -m)",
)
def test_a_file_that_is_mounted_by_itself_is_refused(tmp_path):
    """As a container does it, on the same device: only the list of mounts knows."""
    path, mounted = tmp_path / "sends.db", tmp_path / "m o" / "sends.db"
    path.touch()
    mounted.parent.mkdir()
    mounted.touch()
    script = (
        "import asyncio, sys; from kolay_invoice.journal import Journal, JournalError\n"
        "async def main():\n"
        "    async with Journal.open(sys.argv[1]): print('open')\n"
        "try: asyncio.run(main())\n"
        "except JournalError as error: print(error)\n"
    )
    command = f"mount --bind '{path}' '{mounted}' && exec '{sys.executable}' -c \"$SCRIPT\" 'sqlite:///{mounted}'"
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", command],
        env={**os.environ, "SCRIPT": script},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "its file is mounted by itself" in done.stdout
    assert "Mount the folder that holds it" in done.stdout


@pytest.mark.row(50)
async def test_without_a_list_of_mounts_the_devices_are_compared(sqlite_url, monkeypatch):
    monkeypatch.setattr(file_identity, "_MOUNTS", Path("/nowhere"))
    async with Journal.open(sqlite_url):
        pass
    path = path_of(sqlite_url)
    found = path.stat()
    assert not file_identity._is_mount(path, found)
    elsewhere = os.stat_result((found.st_mode, found.st_ino, found.st_dev + 1, *found[3:]))
    assert file_identity._is_mount(path, elsewhere)


async def test_escaped_mount_points_are_decoded(tmp_path, monkeypatch):
    path = tmp_path / "m o\\s" / "sends.db"
    path.parent.mkdir()
    path.touch()
    written = str(path).replace("\\", "\\134").replace(" ", "\\040")
    (tmp_path / "mounts").write_text(f"1 2 0:1 / / rw - ext4 a rw\n3 1 0:1 /sends.db {written} rw - ext4 a rw\n")
    monkeypatch.setattr(file_identity, "_MOUNTS", tmp_path / "mounts")
    with pytest.raises(JournalError, match="its file is mounted by itself"):
        await Journal.open(f"sqlite:///{path}").__aenter__()


async def test_a_folder_is_refused(sqlite_url):
    path_of(sqlite_url).mkdir()
    with pytest.raises(JournalError, match="it must be a file in a folder"):
        await Journal.open(sqlite_url).__aenter__()


def _side_removed(path, side):
    path.with_name(f"sends.db{side}").unlink()


def _side_replaced(path, side):
    copy = path.with_name("copy")
    shutil.copy(path.with_name(f"sends.db{side}"), copy)
    copy.replace(path.with_name(f"sends.db{side}"))


@pytest.mark.row(50)
@pytest.mark.parametrize("side", ["-wal", "-shm"])
@pytest.mark.parametrize("tidy", [_side_removed, _side_replaced], ids=lambda function: function.__name__)
async def test_a_side_file_deleted_during_a_run_stops_it(tidy, side, sqlite_url, emulator, kolaybi):
    ids = some_documents(emulator, 80)
    emulator.fault("create_e_document", "slow", times=80, seconds=0.05)
    with pytest.raises(JournalError, match=f"lost the file .*sends.db{side} while") as caught:  # noqa: PT012 - as above.
        async with asyncio.timeout(HANG), Journal.open(sqlite_url) as journal:
            database = journal._require_open().database
            await database.write(_nothing)
            run = asyncio.create_task(journal.run(kolaybi, creates(ids), concurrency=4))
            await until(lambda: sent(emulator) >= 4)
            tidy(path_of(sqlite_url), side)
            await run
    assert "Never remove the files that SQLite keeps" in str(caught.value)
    assert sent(emulator) < len(ids)
    assert max(emulator.executions("create_e_document", number) for number in ids) == 1


@pytest.mark.row(50)
async def test_side_files_that_sqlite_recreates_are_accepted(sqlite_url):
    database = await Database.open(sqlite_url, create=True)

    async def meet(connection, together):
        await connection.scalar(text("SELECT 1"))
        await together.wait()

    for _ in range(3):
        together = asyncio.Barrier(2)
        await asyncio.gather(
            *(use(lambda one, together=together: meet(one, together)) for use in (database.read, database.write))
        )
        database.check_place()
        # The last connection is closed, and SQLite removes its side files.
        await database._engine.dispose()
        assert {path.name for path in path_of(sqlite_url).parent.iterdir()} == {"sends.db", "sends.db.seen"}
        database.check_place()
    await database.close()


async def _nothing(connection):
    """Work that writes nothing but the commit's number."""
