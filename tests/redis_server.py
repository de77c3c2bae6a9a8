"""A throw-away Redis server, for the tests of a queue."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_MISSING = "no Redis server: install one (Debian: apt install redis-server) to run these tests"
_PATIENCE = 30.0


@contextmanager
def running() -> Iterator[str]:
    """Start a server on a socket in a directory of its own and give its URL; skip with the reason where none is."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip(_MISSING)
    # pytest's own directories can be too long for the path of a socket.
    place = Path(tempfile.mkdtemp(prefix="redis-"))
    socket = place / "redis.sock"
    options = ["--port", "0", "--unixsocket", str(socket), "--dir", str(place), "--save", "", "--appendonly", "no"]
    server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + _PATIENCE
        while not socket.exists():
            assert server.poll() is None, "the Redis server has ended"
            assert time.monotonic() < end, "the Redis server does not listen"
            time.sleep(0.01)
        yield f"redis+socket://{socket}"
    finally:
        server.terminate()
        server.wait(_PATIENCE)
        shutil.rmtree(place)
