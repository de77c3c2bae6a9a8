"""A throw-away PgBouncer, which hands the same few sessions of a server to many clients, a transaction at a time."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from .postgresql import Postgres

_MISSING = "no PgBouncer: install one (Debian: apt install pgbouncer) to run these tests"
_SETTINGS = """
[databases]
* = host={server} port=5432 user=journal
[pgbouncer]
listen_addr =
listen_port = 5432
unix_socket_dir = {place}
auth_type = any
pool_mode = transaction
default_pool_size = 3
max_client_conn = 200
logfile = {place}/log
pidfile = {place}/pid
"""


@contextmanager
def running(server: Postgres) -> Iterator[Path]:
    """Start one before a server, or skip with the reason; the directory of its socket."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip(_MISSING)
    place = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
    settings = place / "pgbouncer.ini"
    settings.write_text(_SETTINGS.format(server=server.place, place=place))
    user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    if user:
        entry = pwd.getpwnam("postgres")
        os.chown(place, entry.pw_uid, entry.pw_gid)
    process = subprocess.Popen([program, "-q", str(settings)], **user)
    try:
        _wait_for(place)
        yield place
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(place)


def _wait_for(place: Path) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(f"postgresql://journal@/postgres?host={place}").close()
        except psycopg.OperationalError:
            assert time.monotonic() < end, "PgBouncer did not come up"
            time.sleep(0.02)
        else:
            return
