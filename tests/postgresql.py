"""A throw-away PostgreSQL server, for the tests of what many processes share."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import psycopg
import pytest

_MISSING = "no PostgreSQL server: install one (Debian: apt install postgresql) to run these tests"


def _programs() -> Path | None:
    on_path = shutil.which("initdb")
    if on_path and shutil.which("postgres"):
        return Path(on_path).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    return next((path for path in reversed(versions) if (path / "initdb").exists()), None)


class Postgres:
    """A throw-away cluster that listens on a socket in its own directory only."""

    def __init__(self, programs: Path, *, copy_of: Postgres | None = None, waits_for_disk: bool = False) -> None:
        self._programs = programs
        # Tests end the server, never the machine: what was written is in the page cache then.
        self._fsync = "on" if waits_for_disk else "off"
        # Not below pytest's directories: they are closed to the user that the server runs as.
        self._place = Path(tempfile.mkdtemp(prefix="pg-"))
        # initdb and postgres refuse to be run by root; Debian's packages bring a user for it.
        self._user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        if self._user:
            entry = pwd.getpwnam("postgres")
            os.chown(self._place, entry.pw_uid, entry.pw_gid)
        self._numbers = count(1)
        self._data = str(self._place / "data")
        if copy_of is None:
            initdb = ("initdb", "--auth=trust", "--username=journal", "--encoding=UTF8", "--no-sync")
            self._run(*initdb, "-D", self._data)
        else:
            copy = ("pg_basebackup", "-h", str(copy_of.place), "-U", "journal", "-c", "fast", "-N", "-R")
            self._run(*copy, "-D", self._data)
        self.start()

    @property
    def place(self) -> Path:
        """The directory of its socket."""
        return self._place

    def start(self) -> None:
        """Start the server, at first or again."""
        options = f"-k {self._place} -c listen_addresses='' -c max_connections=100 -c fsync={self._fsync}"
        self._run("pg_ctl", "-D", self._data, "-l", str(self._place / "log"), "-w", "-o", options, "start")

    def halt(self, mode: str) -> None:
        """Stop the server for a while: `fast` with farewell, `immediate` as a crash."""
        self._run("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    def replica(self) -> Postgres:
        """Make a second server that follows this one."""
        return Postgres(self._programs, copy_of=self)

    def promote(self) -> None:
        """Let a replica follow nobody, and be written."""
        self._run("pg_ctl", "-D", self._data, "-w", "promote")

    def copy_database(self, database: str, other: Postgres, name: str) -> None:
        """Dump a database, and restore it on another server."""
        dump = str(self._place / f"{name}.dump")
        where = ("-U", "journal", "-h")
        self._run("pg_dump", *where, str(self._place), "-Fc", "-f", dump, database)
        self._run("pg_restore", *where, str(other.place), "-d", name, dump)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
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
        with suppress(subprocess.CalledProcessError):
            self.halt("immediate")
        shutil.rmtree(self._place)


@contextmanager
def running(*, waits_for_disk: bool = False) -> Iterator[Postgres]:
    """Start a server, or skip with the reason where none is installed. Who measures it lets it wait for the disk."""
    programs = _programs()
    if programs is None:
        pytest.skip(_MISSING)
    server = Postgres(programs, waits_for_disk=waits_for_disk)
    try:
        yield server
    finally:
        server.stop()
