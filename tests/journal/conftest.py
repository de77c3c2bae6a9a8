"""A PostgreSQL server for the tests, and a journal of its own for each."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from kolay_invoice.emulator import Emulator

from .support import Process, kolaybi_of, propars_of

_MISSING = "no PostgreSQL server: install one (Debian: apt install postgresql) to run these tests"


def _programs() -> Path | None:
    on_path = shutil.which("initdb")
    if on_path and shutil.which("postgres"):
        return Path(on_path).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    return next((path for path in reversed(versions) if (path / "initdb").exists()), None)


class Postgres:
    """A throw-away cluster that listens on a socket in its own directory only."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        # Not below pytest's directories: they are closed to the user that the server runs as.
        self._place = Path(tempfile.mkdtemp(prefix="pg-"))
        # initdb and postgres refuse to be run by root; Debian's packages bring a user for it.
        self._user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        if self._user:
            entry = pwd.getpwnam("postgres")
            os.chown(self._place, entry.pw_uid, entry.pw_gid)
        self._numbers = count(1)
        data = str(self._place / "data")
        self._run("initdb", "--auth=trust", "--username=journal", "--encoding=UTF8", "--no-sync", "-D", data)
        options = f"-k {self._place} -c listen_addresses='' -c max_connections=100"
        self._run("pg_ctl", "-D", data, "-l", str(self._place / "log"), "-w", "-o", options, "start")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self._place,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            **self._user,
        )

    def url(self, database: str) -> str:
        """The address of a database."""
        return f"postgresql://journal@/{database}?host={self._place}"

    def new_database(self) -> str:
        """Make a database; return its name."""
        name = f"journal_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return name

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run a statement outside the journal."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)

    def vanish(self, database: str) -> None:
        """Cut every connection to a database, and let nobody in again."""
        self.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
        self.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")

    def stop(self) -> None:
        """Stop the server and remove everything."""
        self._run("pg_ctl", "-D", str(self._place / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self._place)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server for the session."""
    programs = _programs()
    if programs is None:
        pytest.skip(_MISSING)
    server = Postgres(programs)
    yield server
    server.stop()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a file that is not there yet."""
    return f"sqlite:///{tmp_path}/sends.db"


@pytest.fixture
def postgresql_url(postgres: Postgres) -> str:
    """The address of an empty database."""
    return postgres.url(postgres.new_database())


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A new journal, once on either database."""
    return request.getfixturevalue(f"{request.param}_url")


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
