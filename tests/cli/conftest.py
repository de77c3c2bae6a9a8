"""The batch command, against an emulator that executes duplicates."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kolay_invoice.cli.app import app, run
from kolay_invoice.emulator import Emulator

JOURNAL = "sqlite:///sends.db"


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Use English, and only the accounts that a test sets."""
    for name in [name for name in os.environ if name.startswith(("KOLAYBI_", "PROPARS_", "KOLAY_INVOICE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KOLAY_INVOICE_LANG", "en")
    monkeypatch.setenv("KOLAY_INVOICE_CONFIG", str(tmp_path / "config.toml"))


@pytest.fixture
def unprotected(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """Both providers; a parameter is the seconds that each call takes."""
    with Emulator(duplicates="execute", latency=getattr(request, "param", 0.0)) as running:
        yield running


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unprotected: Emulator) -> Path:
    """An empty directory to work in, with the emulator's accounts in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KOLAYBI_CHANNEL", unprotected.kolaybi_channel)
    monkeypatch.setenv("KOLAYBI_API_KEY", unprotected.kolaybi_api_key)
    monkeypatch.setenv("KOLAYBI_BASE_URL", unprotected.kolaybi_url)
    monkeypatch.setenv("PROPARS_TOKEN", unprotected.propars_token)
    monkeypatch.setenv("PROPARS_BASE_URL", unprotected.propars_url)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path


@pytest.fixture
def documents(unprotected: Emulator, place: Path) -> Callable[[int], list[int]]:
    """Create documents at the provider, and a file that sends them."""

    def documents(count: int) -> list[int]:
        numbers = [unprotected.add_document().document_id for _ in range(count)]
        rows = "".join(f"create-e-document,{number}\n" for number in numbers)
        (place / "sends.csv").write_text(f"operation,document_id\n{rows}")
        return numbers

    return documents


@pytest.fixture
def batch(capsys: pytest.CaptureFixture[str], place: Path) -> Callable[..., tuple[int, str, str]]:
    """Run `kolay-invoice batch` in this process; returns the exit code, stdout and stderr."""

    def batch(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            app(["batch", *arguments])
        shown = capsys.readouterr()
        return ended.value.code, shown.out, shown.err

    return batch


class Process:
    """`kolay-invoice batch` in a process of its own."""

    def __init__(self, *arguments: str, **streams: object) -> None:
        command = [sys.executable, "-X", "dev", "-W", "error", "-m", "kolay_invoice.cli", "batch", *arguments]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        self.popen = subprocess.Popen(command, start_new_session=True, text=True, **pipes)

    def interrupt(self) -> None:
        """Press Ctrl-C. A terminal signals the whole process group."""
        os.killpg(self.popen.pid, signal.SIGINT)

    def heard(self, word: str) -> None:
        """Read its output until a word appears."""
        for line in self.popen.stderr:
            if word in line:
                return
        raise AssertionError(f"no {word!r} in its output")

    def ended(self) -> tuple[int, str, str]:
        out, err = self.popen.communicate(timeout=50)
        # In development mode asyncio logs slow callbacks. They are not output of the command.
        output = "".join(line for line in err.splitlines(keepends=True) if not line.startswith("Executing <"))
        return self.popen.returncode, out, output

    def kill(self) -> None:
        if self.popen.poll() is None:
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.communicate()


@pytest.fixture
def start(place: Path) -> Iterator[Callable[..., Process]]:
    """Start processes and end them after the test."""
    started: list[Process] = []

    def start(*arguments: str, **streams: object) -> Process:
        started.append(Process(*arguments, **streams))
        return started[-1]

    yield start
    for process in started:
        process.kill()


def eventually(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Poll, up to a bound, for a condition in another process."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came to it"
        time.sleep(0.01)


@pytest.fixture
def ctrl_c() -> Iterator[Callable[..., None]]:
    """Send SIGINT, or another signal, to this process as soon as a condition holds."""
    threads = []

    def ctrl_c(condition: Callable[[], object], number: int = signal.SIGINT) -> None:
        def press() -> None:
            eventually(condition)
            os.kill(os.getpid(), number)

        threads.append(threading.Thread(target=press))
        threads[-1].start()

    yield ctrl_c
    for thread in threads:
        thread.join()


@pytest.fixture
def emulated(unprotected: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Emulator:
    """Both providers, with their accounts in the environment and an empty directory to work in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KOLAYBI_CHANNEL", unprotected.kolaybi_channel)
    monkeypatch.setenv("KOLAYBI_API_KEY", unprotected.kolaybi_api_key)
    monkeypatch.setenv("KOLAYBI_BASE_URL", unprotected.kolaybi_url)
    monkeypatch.setenv("PROPARS_USERNAME", unprotected.propars_username)
    monkeypatch.setenv("PROPARS_PASSWORD", unprotected.propars_password)
    monkeypatch.setenv("PROPARS_BASE_URL", unprotected.propars_url)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    return unprotected


@pytest.fixture
def kolay(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run `kolay-invoice` in this process; returns the exit code, stdout and stderr."""

    def kolay(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run([str(one) for one in arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return kolay


class Terminal:
    """A terminal with one line of input."""

    def __init__(self, line: str) -> None:
        self.line = line

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return self.line


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Replace the standard input by a terminal with one line."""
    return lambda line: monkeypatch.setattr(sys, "stdin", Terminal(line))


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., Path]:
    """Write the configuration file."""

    def config(text: str, mode: int = 0o600) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text)
        path.chmod(mode)
        return path

    return config
