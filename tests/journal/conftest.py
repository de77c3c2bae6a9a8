"""A PostgreSQL server for the tests, and a journal of its own for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kolay_invoice.emulator import Emulator
from kolay_invoice.journal import Journal
from kolay_invoice.journal.database import Database
from kolay_invoice.journal.owner import Owner
from kolay_invoice.journal.store import Store
from tests import postgresql

from .support import Process, kolaybi_of, propars_of


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a file that is not there yet."""
    return f"sqlite:///{tmp_path}/sends.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A new journal, once on either database."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture(scope="module")
def own_server():
    """A PostgreSQL server that a module's tests may stop and start."""
    with postgresql.running() as server:
        yield server


@pytest.fixture
async def journal(url):
    """An open journal."""
    async with Journal.open(url) as journal:
        yield journal


@pytest.fixture
async def sqlite_journal(sqlite_url):
    """An open journal in a file, for what has nothing to do with the database."""
    async with Journal.open(sqlite_url) as journal:
        yield journal


@pytest.fixture
async def stores(url):
    """Three owners of one journal, with a lease each."""
    databases = [await Database.open(url, create=True) for _ in range(3)]
    stores = [Store(database, Owner()) for database in databases]
    for store in stores:
        await store.start_lease(60.0)
    yield stores
    for store, database in zip(stores, databases, strict=True):
        store.owner.note_closed()
        await database.close()


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Both providers, carrying out whatever comes as often as it comes."""
    with Emulator(duplicates="execute") as running:
        yield running


@pytest.fixture
async def kolaybi(emulator):
    """A client of the emulated KolayBi."""
    async with kolaybi_of(emulator) as client:
        yield client


@pytest.fixture
async def propars(emulator):
    """A client of the emulated Propars."""
    async with propars_of(emulator) as client:
        yield client


@pytest.fixture
def start():
    """Start processes of scripts in this directory; none of them outlives its test."""
    started: list[Process] = []

    def start(script: str, **settings: object) -> Process:
        started.append(Process.of(script, settings))
        return started[-1]

    yield start
    for process in started:
        process.kill()


@pytest.fixture
def worker(start):
    """Start workers that send documents once through, or until everything is settled."""

    def worker(emulator_url: str, journal_url: str, ids: list[int], **settings: object) -> Process:
        return start("worker.py", emulator=emulator_url, journal=journal_url, ids=ids, **settings)

    return worker
