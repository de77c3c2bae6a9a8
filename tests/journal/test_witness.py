"""Row 52: an older copy of a SQLite file, or one whose log was tidied away, is noticed, and the doubt stays."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kolay_invoice.journal.database import Database
from kolay_invoice.journal.identity import Doubt
from kolay_invoice.journal.tables import meta
from kolay_invoice.journal.witness import Witness, WitnessRecord

CRASHING = """
import asyncio, os, sys
from sqlalchemy import text
from kolay_invoice.journal.database import Database

async def main(url):
    database = await Database.open(url, create=True)
    for number in range(5):
        await database.write(lambda connection: connection.execute(
            text(f"INSERT INTO kolay_invoice_journal VALUES ('row {number}', 'x')")))
    os.kill(os.getpid(), 9)

asyncio.run(main(sys.argv[1]))
"""


@pytest.fixture
def path(tmp_path):
    """Where the journal is."""
    return tmp_path / "sends.db"


async def visit(path, *, commits=0, run=None):
    """Open a journal, write to it, and close it; what was known of it at its opening."""
    database = await Database.open(f"sqlite:///{path}", create=True)
    known = database.journal_id, database.last_run, database.doubt
    for _ in range(commits):
        await database.write(_nothing)
    if run is not None:
        await database.write(lambda connection: database.record_run(connection, run))
        assert database.last_run == run
    await database.close()
    return known


async def _nothing(connection):
    """Work that writes nothing but the commit's number."""


def seen(path):
    return json.loads(path.with_name("sends.db.seen").read_text())


async def test_the_id_of_a_journal_never_changes(path):
    first, run, doubt = await visit(path, run=7)
    assert (len(first), run, doubt) == (32, None, None)
    assert await visit(path) == (first, 7, None)
    assert await visit(path.with_name("other.db")) != (first, None, None)


async def test_a_journal_of_an_earlier_version_gets_its_id_when_it_is_opened(path):
    await visit(path)
    with sqlite3.connect(path) as connection:
        connection.execute(f"DELETE FROM {meta.name} WHERE name <> 'schema_version'")
    connection.close()
    path.with_name("sends.db.seen").unlink()
    first, _, doubt = await visit(path)
    assert (len(first), doubt) == (32, None)
    assert await visit(path) == (first, None, None)


async def test_the_witness_has_the_journals_state_and_only_the_user_may_read_it(path):
    journal_id, _, _ = await visit(path, commits=3, run=4)
    assert seen(path) == {"journal_id": journal_id, "run": 4, "commits": 5}
    assert stat.S_IMODE(path.with_name("sends.db.seen").stat().st_mode) == 0o600


@pytest.mark.row(52)
async def test_an_older_copy_is_detected_and_the_doubt_stays(path):
    await visit(path)
    shutil.copy(path, path.with_name("copy"))
    await visit(path, commits=9)
    shutil.copy(path.with_name("copy"), path)
    before = datetime.now(UTC)
    _, _, doubt = await visit(path)
    assert doubt.reason == "the file is an older copy of the journal: at least 10 commits are missing"
    assert abs(doubt.noticed_at - before) < timedelta(seconds=30)
    for _ in range(3):
        assert (await visit(path, commits=20))[2] == doubt


@pytest.mark.row(52)
async def test_a_copy_from_before_the_last_run_is_detected(path):
    """Where nothing but its run tells them apart: the copy was written further."""
    await visit(path, run=1)
    shutil.copy(path, path.with_name("copy"))
    await visit(path, run=2)
    shutil.copy(path.with_name("copy"), path)
    state = seen(path)
    path.with_name("sends.db.seen").write_text(json.dumps({**state, "commits": 0}))
    assert "at least 1 commits are missing" in (await visit(path))[2].reason


@pytest.mark.row(52)
async def test_a_wal_file_deleted_after_a_crash_is_detected(path, start):
    await visit(path)
    _crash(path)
    path.with_name("sends.db-wal").unlink()
    path.with_name("sends.db-shm").unlink(missing_ok=True)
    assert "commits are missing" in (await visit(path))[2].reason


@pytest.mark.row(52)
async def test_a_crash_alone_raises_no_doubt(path):
    """The negative control of the one before: SQLite recovers what lies in the log."""
    await visit(path)
    _crash(path)
    assert (await visit(path))[2] is None


@pytest.mark.row(52)
async def test_a_wal_file_checkpointed_by_another_program_after_a_crash_raises_no_doubt(path):
    _crash(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert not path.with_name("sends.db-wal").exists()
    assert (await visit(path))[2] is None


def _crash(path):
    command = [sys.executable, "-c", CRASHING, f"sqlite:///{path}"]
    assert os.spawnv(os.P_WAIT, sys.executable, command) == -9


@pytest.mark.row(52)
async def test_without_the_witness_an_older_copy_looks_like_the_journal(path):
    """The negative control: nothing in the file itself tells."""
    await visit(path)
    shutil.copy(path, path.with_name("copy"))
    await visit(path, commits=9)
    shutil.copy(path.with_name("copy"), path)
    path.with_name("sends.db.seen").unlink()
    assert (await visit(path))[2] is None


@pytest.mark.row(52)
async def test_a_new_journal_in_place_of_another_is_in_doubt(path):
    await visit(path)
    path.unlink()
    assert (await visit(path))[2].reason == (
        "another journal stood in this file before, so this one does not know what was sent"
    )


@pytest.mark.parametrize("content", ["", "\0" * 256, "no JSON", "[]", '{"journal_id": "x"}', '{"commits": null}'])
async def test_an_unreadable_witness_proves_nothing(content, path):
    await visit(path)
    path.with_name("sends.db.seen").write_text(content)
    journal_id, _, doubt = await visit(path, commits=1)
    assert doubt is None
    assert seen(path)["journal_id"] == journal_id


async def test_an_unwritable_witness_blocks_nothing(path):
    path.with_name("sends.db.seen").mkdir()
    assert (await visit(path, commits=3))[2] is None
    assert (await visit(path))[2] is None


def test_the_witness_follows_no_link(tmp_path):
    target = tmp_path / "target"
    target.touch()
    witness = Witness(Path(tmp_path / "sends.db"))
    witness.path.symlink_to(target)
    witness.write(WitnessRecord("id", 1, 1))
    assert target.read_bytes() == b""


async def test_a_person_can_end_a_doubt_and_the_reason_is_kept(path):
    await visit(path)
    path.unlink()
    await visit(path)
    database = await Database.open(f"sqlite:///{path}", create=True)
    assert isinstance(database.doubt, Doubt)
    await database.clear_doubt("ayşe", "looked every sale up")
    assert database.doubt is None
    await database.clear_doubt("ayşe", "again")
    await database.close()
    assert (await visit(path))[2] is None
    with sqlite3.connect(path) as connection:
        kept = json.loads(connection.execute(f"SELECT value FROM {meta.name} WHERE name LIKE '%cleared'").fetchone()[0])
    connection.close()
    assert (kept["by"], kept["because"]) == ("ayşe", "looked every sale up")
    assert "another journal stood" in kept["reason"]
