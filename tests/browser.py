"""A real Chromium without a window, for what only a browser can prove."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from attrs import Factory, define
from playwright.async_api import Browser, async_playwright

PROGRAM = shutil.which("chromium")

needs_chromium = pytest.mark.skipif(
    PROGRAM is None, reason="chromium is not installed (Debian: apt-get install chromium)"
)

QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@asynccontextmanager
async def running(network_log: Path | None = None) -> AsyncIterator[Browser]:
    """Run Chromium with a fresh profile, and write what it does on the network where that is asked for."""
    log = [] if network_log is None else [f"--log-net-log={network_log}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=PROGRAM, args=[*QUIET, *log])
        try:
            yield browser
        finally:
            await browser.close()


def hosts_in(network_log: Path) -> set[str | None]:
    """Return every host that a page asked something of; what the browser asks on its own account has no origin."""
    log = json.loads(network_log.read_text(encoding="utf-8"))
    started = log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    started_with = [event.get("params", {}) for event in log["events"] if event["type"] == started]
    asked = [params for params in started_with if params.get("initiator", "not an origin") != "not an origin"]
    return {urlsplit(params["url"]).hostname for params in asked}


@define
class Sink:
    """A server that counts who connects, whether or not anything is sent on the connection."""

    url: str = ""
    connections: int = 0
    requests: list[str] = Factory(list)
    reached: asyncio.Event = Factory(asyncio.Event)
    is_closed: bool = False
    _writers: set[asyncio.StreamWriter] = Factory(set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_closed:
            writer.transport.abort()
            return
        self.connections += 1
        self._writers.add(writer)
        self.reached.set()
        try:
            self.requests.append((await reader.readline()).decode("latin-1").strip())
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
        except ConnectionError:
            pass  # The page that connected is closed already.
        finally:
            self._writers.discard(writer)
            writer.close()

    def close(self) -> None:
        """Hang up on everybody, also on who comes only now."""
        self.is_closed = True
        for writer in self._writers:
            writer.transport.abort()


@asynccontextmanager
async def sink() -> AsyncIterator[Sink]:
    """Serve a sink on a free loopback port."""
    counting = Sink()
    async with await asyncio.start_server(counting.serve, "127.0.0.1", 0) as server:
        counting.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield counting
        # A browser may connect ahead and send nothing, and since Python 3.12.1 the server's end waits for that one too.
        counting.close()
