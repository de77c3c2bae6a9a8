"""A throw-away PostgreSQL server, for the tests of what runs in several processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from attrs import Factory, frozen

_MISSING = "no PostgreSQL server: install one (Debian: apt install postgresql) to run these tests"


@frozen
class Server:
    """A running server; each test gets a database of its own."""

    place: Path
    _numbers: count = Factory(count)

    def new_url(self) -> str:
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._url(name)

    def _url(self, database: str) -> str:
        return f"postgresql://tester@/{database}?host={self.place}"


@contextmanager
def running() -> Iterator[Server]:
    """Start a server that listens on a socket in its own directory only, or skip."""
    programs = _programs()
    if programs is None:
        pytest.skip(_MISSING)
    # Not below pytest's directories: they are closed to the user that the server runs as.
    place = Path(tempfile.mkdtemp(prefix="pg-"))
    # initdb and postgres refuse to be run by root; Debian's packages bring a user for it.
    user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    if user:
        shutil.chown(place, "postgres", "postgres")

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs / program, "-D", place / "data", *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=place,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            **user,
        )

    run("initdb", "--auth=trust", "--username=tester", "--encoding=UTF8", "--no-sync")
    run("pg_ctl", "-l", str(place / "log"), "-w", "-o", f"-k {place} -c listen_addresses='' -c fsync=off", "start")
    try:
        yield Server(place)
    finally:
        run("pg_ctl", "-m", "immediate", "-w", "stop")
        shutil.rmtree(place)


def _programs() -> Path | None:
    on_path = shutil.which("initdb")
    if on_path and shutil.which("postgres"):
        return Path(on_path).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    return next((path for path in reversed(versions) if (path / "initdb").exists()), None)
