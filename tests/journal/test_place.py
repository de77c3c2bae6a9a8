"""Row 51: no journal in memory by any spelling, and no second journal for the same words."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import URL

from kolay_invoice.journal import Journal, JournalError, State
from kolay_invoice.journal.database import display_url
from kolay_invoice.journal.place import parse_url

from .support import creates, some_documents, states_of

IN_MEMORY = [
    "sqlite://",
    "sqlite:///",
    "sqlite:///:memory:",
    "sqlite:///%3Amemory%3A",
    "sqlite:///:memory:?cache=shared",
    "sqlite+aiosqlite://",
    "sqlite+pysqlite:///:memory:",
    "SQLite:///:memory:",
    "sqlite:///file::memory:?uri=true",
    "sqlite:///file::memory:?cache=shared&uri=true",
    "sqlite:///file:sends.db?mode=memory&uri=true",
    "sqlite:///file:/sends?vfs=memdb&uri=true",
    "sqlite:///file:?uri=true",
    "sqlite:///FILE:sends.db",
    "sqlite:///file%3Asends.db",
]


@pytest.mark.row(51)
@pytest.mark.parametrize("url", IN_MEMORY)
def test_a_journal_in_memory_is_refused_in_every_spelling(url):
    with pytest.raises(ValueError, match="a journal in memory would forget what was sent"):
        Journal.open(url)


@pytest.mark.row(51)
@pytest.mark.parametrize("url", ["sqlite:///a.db?mode=memory", "sqlite:///a.db?uri=true", "sqlite:///a.db?vfs=memdb"])
def test_the_url_of_a_file_has_no_query(url):
    with pytest.raises(ValueError, match=r"must have no query"):
        Journal.open(url)


@pytest.mark.row(51)
@pytest.mark.parametrize("url", ["sqlite:/a.db", "sqlite://a.db", "sqlite://host/a.db", "sqlite:a.db"])
def test_the_url_of_a_file_has_three_slashes(url):
    with pytest.raises(ValueError, match=r"must begin with sqlite:///"):
        Journal.open(url)


@pytest.mark.parametrize("url", ["sqlite:///a%00.db", "sqlite:///a\n.db", "sqlite:///a%FF.db", "sqlite:///a\ud800.db"])
def test_the_url_of_a_file_has_no_control_characters(url):
    with pytest.raises(ValueError, match="no control characters") as caught:
        Journal.open(url)
    assert caught.value.__cause__ is None


NAMES = [
    ("sends.db", "sends.db", "sends.db"),
    ("a b.db", "a b.db", "a b.db"),
    ("a%20b.db", "a b.db", "a b.db"),
    ("Şubat.db", "Şubat.db", "Şubat.db"),
    ("%C5%9Eubat.db", "Şubat.db", "Şubat.db"),
    ("100%.db", "100%.db", "100%25.db"),
    ("100%25.db", "100%.db", "100%25.db"),
    ("a%3Fb.db", "a?b.db", "a%3Fb.db"),
    ("a#b.db", "a#b.db", "a#b.db"),
    ("a+b.db", "a+b.db", "a+b.db"),
    ("a%2520.db", "a%20.db", "a%2520.db"),
    ("a@b:c.db", "a@b:c.db", "a@b:c.db"),
]


@pytest.mark.row(51)
@pytest.mark.parametrize(("written", "name", "shown"), NAMES)
async def test_a_url_and_its_displayed_form_name_the_same_file(written, name, shown, tmp_path, emulator, kolaybi):
    ids = some_documents(emulator, 2)
    url = f"sqlite:///{tmp_path}/{written}"
    async with Journal.open(url) as journal:
        await journal.run(kolaybi, creates(ids))
    assert {path.name for path in tmp_path.iterdir()} == {name, f"{name}.seen"}
    assert display_url(url) == f"sqlite:///{tmp_path}/{shown}"
    assert parse_url(display_url(url)).path == parse_url(url).path == tmp_path / name
    async with Journal.open(display_url(url), create=False) as journal:
        assert await states_of(journal) == {State.DONE: 2}
        await journal.run(kolaybi, creates(ids))
    assert [emulator.executions("create_e_document", number) for number in ids] == [1, 1]


@pytest.mark.row(51)
async def test_a_relative_path_means_the_same_file_while_the_journal_is_open(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    async with Journal.open("sqlite:///sends.db") as journal:
        monkeypatch.chdir(tmp_path / "elsewhere")
        journal._require_open().database.check_place()
        assert await states_of(journal) == {}
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.row(51)
async def test_a_file_with_the_undecoded_name_is_an_error(tmp_path):
    """SQLAlchemy before 2.1 took a percent sign as it is written."""
    (tmp_path / "a%20b.db").touch()
    with pytest.raises(JournalError, match=r"has two readings, and the file .*/a%20b\.db is the other one"):
        await Journal.open(f"sqlite:///{tmp_path}/a%20b.db").__aenter__()
    assert [path.name for path in tmp_path.iterdir()] == ["a%20b.db"]
    async with Journal.open(f"sqlite:///{tmp_path}/a%2520b.db") as journal:
        assert await states_of(journal) == {}


@pytest.mark.row(51)
async def test_the_library_gets_a_path_and_never_a_url(tmp_path, monkeypatch):
    opened = []
    real = sqlite3.connect

    def connect(name, **options):
        opened.append((name, options.get("uri", False)))
        return real(name, **options)

    monkeypatch.setattr("aiosqlite.core.sqlite3.connect", connect)
    async with Journal.open(f"sqlite:///{tmp_path}/file%3A%3Fmode=memory"):
        pass
    assert set(opened) == {(f"{tmp_path}/file:?mode=memory", False)}


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://journal:canary@host:5432/sends?sslmode=require&password=canary",
        "postgres://journal:canary@host/sends",
        "postgresql+asyncpg://journal:canary@host/sends",
    ],
)
def test_the_url_of_a_server_is_displayed_without_secrets(url):
    place = parse_url(url)
    assert isinstance(place.server, URL)
    assert place.server.drivername == "postgresql+psycopg"
    assert place.path is None
    assert "canary" not in place.shown
    assert "sslmode" not in place.shown
    assert place.shown.startswith(("postgresql://journal:***@host", "postgres://journal:***@host"))


def test_a_path_is_used_unchanged():
    assert parse_url("sqlite:////var/lib/sends.db").path == Path("/var/lib/sends.db")
    assert parse_url("sqlite:///sends.db").path == Path("sends.db")
