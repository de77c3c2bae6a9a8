"""What the tests of the core share: a raw HTTP server that keeps every byte, the emulator, and opened clients."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import aiohttp
import aioresponses.core
import pytest
from aioresponses import aioresponses as mocked_aiohttp
from attrs import Factory, define, frozen

from kolay_invoice import AsyncKolayBi, AsyncPropars
from kolay_invoice.emulator import Emulator

from . import postgresql
from .postgresql import Postgres

CANARIES = {
    "token": "canary-token-4f1c9a",
    "channel": "canary-channel-77d0e2",
    "api_key": "canary-api-key-b3a815",
    "username": "canary-user@example.com",
    "password": "canary-password-9e02d4",
    "sale_code": "canary-sale-c61f37",
    "proxy": "canary-proxy-18ab55",
}


class _ClientResponse(aiohttp.ClientResponse):
    """A response that aioresponses can make.

    aiohttp 3.14 asks a response for the `stream_writer` of its request, and aioresponses 0.7.9 does not pass one
    (pnuckowski/aioresponses#289). Nothing is written in a mocked call, so a writer that wrote nothing stands in for it.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("stream_writer", Mock(output_size=0))
        super().__init__(*args, **options)


aioresponses.core.ClientResponse = _ClientResponse

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell without job control lets what it runs in the background ignore Ctrl-C, and so would every program that
    # the tests start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return one more than there are cores for `-n auto`, because much of the tests' time is waiting."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the long tests, so that no process ends with them while the others have nothing left to do."""

    def limit(item: pytest.Item) -> float:
        own = item.get_closest_marker("timeout")
        return 0.0 if own is None else float(own.args[0])

    usual = float(config.getini("timeout"))
    for item in items:
        if limit(item) > usual:
            item.add_marker("long")
    items.sort(key=lambda item: -max(usual, limit(item)))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write the fault matrix from the tests that were collected, where FAULT_MATRIX names a file for it."""
    if target := os.environ.get("FAULT_MATRIX"):
        from .faults.report import Cases, as_markdown

        Path(target).write_text(as_markdown(Cases.of(session.items)), encoding="utf-8")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for the session."""
    with postgresql.running() as server:
        yield server


@pytest.fixture
def postgresql_url(postgres: Postgres) -> str:
    """The address of an empty database."""
    return postgres.url(postgres.new_database())


@pytest.fixture
def mocked() -> Iterator[mocked_aiohttp]:
    """aiohttp without a network: for what the client does by itself, once an answer is there."""
    with mocked_aiohttp() as mock:
        yield mock


@pytest.fixture
def canaries() -> dict[str, str]:
    """Secrets that may never be shown."""
    return dict(CANARIES)


@frozen
class Received:
    """A request as it came, byte for byte."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


@define
class ScriptedServer:
    """A raw HTTP server. It keeps every request and answers each one with the next thing it was told to answer.

    What it is told can be the bytes of a reply, or a coroutine function that is given the writer.
    """

    url: str = ""
    requests: list[Received] = Factory(list)
    script: list[bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]] = Factory(list)
    arrived: asyncio.Event = Factory(asyncio.Event)
    connections: int = 0
    later: asyncio.Task[None] | None = None
    _tasks: set[asyncio.Task[Any]] = Factory(set)

    def answers(self, content: object = b"", status: int = 200, *, times: int = 1, **headers: str) -> ScriptedServer:
        """Answer the next request with JSON, or with bytes as they are."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        headers = {"Content_Type": "application/json", "Content_Length": str(len(body)), **headers}
        lines = [f"HTTP/1.1 {status} Scripted", *(f"{n.replace('_', '-')}: {v}" for n, v in headers.items())]
        return self.does("\r\n".join([*lines, "", ""]).encode() + body, times=times)

    def does(
        self, what: bytes | Callable[[asyncio.StreamWriter], Awaitable[None]], *, times: int = 1
    ) -> ScriptedServer:
        """Answer the next request with raw bytes, or by a coroutine function."""
        self.script += [what] * times
        return self

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self._tasks.add(asyncio.current_task())
        self.connections += 1
        connection = self.connections
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                request, *lines = head.rstrip("\r\n").split("\r\n")
                headers = dict(line.split(": ", 1) for line in lines)
                body = await reader.readexactly(int(headers.get("Content-Length", "0")))
                method, target, _ = request.split(" ")
                self.requests.append(Received(method, target, headers, body, connection))
                self.arrived.set()
                reply = self.script.pop(0) if self.script else b"HTTP/1.1 500 Unscripted\r\nContent-Length: 0\r\n\r\n"
                if isinstance(reply, bytes):
                    writer.write(reply)
                else:
                    await reply(writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # The client has gone, or the test has ended.
        finally:
            writer.close()

    async def stop(self) -> None:
        """End every connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    """A raw server on a loopback port."""
    scripted = ScriptedServer()
    listening = await asyncio.start_server(scripted.serve, "127.0.0.1", 0)
    async with listening:
        scripted.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        yield scripted
        listening.close()
        await scripted.stop()


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Both providers with their rules, fresh."""
    with Emulator() as running:
        yield running


@pytest.fixture
async def opened() -> AsyncIterator[Callable[..., Any]]:
    """Make clients that are closed at the end of the test."""
    async with AsyncExitStack() as stack:

        async def opened(kind: type[Any], **options: Any) -> Any:
            return await stack.enter_async_context(kind(**options))

        yield opened


@pytest.fixture
async def kolaybi(opened: Callable[..., Any], server: ScriptedServer) -> AsyncKolayBi:
    """A client of the raw server with a ready token."""
    return await opened(
        AsyncKolayBi, channel=CANARIES["channel"], access_token=CANARIES["token"], base_url=server.url, timeout=5.0
    )


@pytest.fixture
async def kolaybi_with_key(opened: Callable[..., Any], server: ScriptedServer) -> AsyncKolayBi:
    """A client of the raw server that has to fetch its token."""
    return await opened(
        AsyncKolayBi, channel=CANARIES["channel"], api_key=CANARIES["api_key"], base_url=server.url, timeout=5.0
    )


@pytest.fixture
async def propars(opened: Callable[..., Any], server: ScriptedServer) -> AsyncPropars:
    """A client of the raw server with a ready token."""
    return await opened(AsyncPropars, token=CANARIES["token"], base_url=server.url, timeout=5.0)


@pytest.fixture
async def propars_with_login(opened: Callable[..., Any], server: ScriptedServer) -> AsyncPropars:
    """A client of the raw server that has to fetch its token."""
    return await opened(
        AsyncPropars,
        username=CANARIES["username"],
        password=CANARIES["password"],
        base_url=server.url,
        timeout=5.0,
    )


@pytest.fixture
async def emulated_kolaybi(opened: Callable[..., Any], emulator: Emulator) -> AsyncKolayBi:
    """A client of the emulator."""
    return await opened(
        AsyncKolayBi,
        channel=emulator.kolaybi_channel,
        access_token=emulator.kolaybi_access_token,
        base_url=emulator.kolaybi_url,
    )


@pytest.fixture
async def emulated_propars(opened: Callable[..., Any], emulator: Emulator) -> AsyncPropars:
    """A client of the emulator."""
    return await opened(AsyncPropars, token=emulator.propars_token, base_url=emulator.propars_url)


@pytest.fixture
def until() -> Callable[[Callable[[], object]], Awaitable[None]]:
    """Let the loop run until something holds for which there is no event."""

    async def until(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110 - see above.
                await asyncio.sleep(0)

    return until


@pytest.fixture
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a retry come at once: how long it waits has a test of its own."""
    monkeypatch.setattr("kolay_invoice.call_loop.waits", lambda: iter([0.0] * 100))


@pytest.fixture
def every_record(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Listen to every logger at DEBUG."""
    caplog.set_level(logging.DEBUG)
    return caplog
