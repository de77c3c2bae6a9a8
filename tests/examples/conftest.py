"""Every example runs as its users would start it, against an emulator that carries out whatever it is sent."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from kolay_invoice.emulator import Emulator

EXAMPLES = Path(__file__).parents[2] / "examples"
PATIENCE = 45.0
"""Seconds after which an example counts as hanging."""

DEVELOPMENT = ("-X", "dev")
# The development mode also tells of a loop that was slow, which a busy machine makes it.
LEAKS_ARE_TOLD = ("-W", "error::ResourceWarning")


@pytest.fixture(autouse=True)
def examples():
    if not EXAMPLES.exists():
        pytest.skip("the examples are not beside these tests")


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """The strictest test there is: a provider that sends an invoice as often as it is asked to."""
    with Emulator(duplicates="execute") as running:
        yield running


@pytest.fixture
def environment(emulator):
    """The environment of an example: it has to fetch its token, so that the clients can be counted."""
    paths = [str(EXAMPLES), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("KOLAYBI_", "PROPARS_"))},
        "KOLAYBI_CHANNEL": emulator.kolaybi_channel,
        "KOLAYBI_API_KEY": emulator.kolaybi_api_key,
        "KOLAYBI_BASE_URL": emulator.kolaybi_url,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture
def until():
    """Wait until something holds for which another process has no event."""

    def until(condition: Callable[[], object], why: str = "it did not come to pass") -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, why
            time.sleep(0.02)

    return until


class Started:
    """An example that runs, and what it has printed."""

    def __init__(self, process: subprocess.Popen[bytes], printed: Path) -> None:
        self._process = process
        self._printed = printed
        self.pid = process.pid

    @property
    def output(self) -> str:
        return self._printed.read_text(encoding="utf-8", errors="replace")

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def stop(self) -> int:
        """Ask it to end, as a service is stopped; return its exit code."""
        self._process.terminate()
        return self._process.wait(PATIENCE)


@pytest.fixture
def start(environment, tmp_path):
    """Start an example with a module's command line."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*command: str, **more: str) -> Started:
        printed = tmp_path / f"printed-{len(running)}"
        with printed.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, *DEVELOPMENT, "-m", *command],
                cwd=tmp_path,
                env={**environment, **more},
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        running.append(process)
        return Started(process, printed)

    yield start
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def run(environment, tmp_path):
    """Run an example to its end."""

    def run(*command: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *LEAKS_ARE_TOLD, *command],
            check=False,
            cwd=tmp_path,
            env={**environment, **more},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    return run


@contextmanager
def _socket_path() -> Iterator[Path]:
    # pytest's own directories can be too long for the path of a socket.
    place = Path(tempfile.mkdtemp(prefix="example-"))
    yield place / "http.sock"
    shutil.rmtree(place)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return path.exists() and probe.connect_ex(str(path)) == 0


class Service:
    """A web service that runs, and a way to ask it."""

    def __init__(self, started: Started, session: aiohttp.ClientSession) -> None:
        self.started = started
        self._session = session

    async def send(self, document_id: int) -> tuple[int, dict[str, str]]:
        """Ask it to send an invoice; return status and body."""
        async with self._session.post(f"http://localhost/invoices/{document_id}/send") as response:
            return response.status, await response.json()


@pytest.fixture
async def serve(start, until):
    """Start a web service on a socket; `{socket}` in its command is the path."""
    with _socket_path() as path:
        connector = aiohttp.UnixConnector(str(path), limit=0)
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(PATIENCE)) as session:

            def serve(*command: str) -> Service:
                started = start(*(word.replace("{socket}", str(path)) for word in command))
                until(lambda: started.has_ended or _listens(path), "the service does not listen")
                assert not started.has_ended, started.output
                return Service(started, session)

            yield serve
