"""Serves HTTP from a thread with its own event loop, so that blocking and asyncio callers can use it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread
from types import TracebackType
from typing import Self, TypeAlias

import attrs
from aiohttp import web

Handler: TypeAlias = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

# More connections than a test opens at once, so that none waits in the kernel.
_BACKLOG = 1024

# Stopping does not wait for slow replies. aiohttp would take zero for no limit.
_SHUTDOWN_SECONDS = 0.01


@attrs.define
class Connections:
    """The number of open connections and its maximum."""

    open: int = 0
    peak: int = 0


class _CountingServer(web.Server):
    """An HTTP server that counts its connections."""

    def __init__(self, handler: Handler, connections: Connections) -> None:
        # The rules read the raw body: decompressing a damaged one would cause a 500.
        super().__init__(handler, access_log=None, auto_decompress=False)
        self._counted = connections

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._counted.open += 1
        self._counted.peak = max(self._counted.peak, self._counted.open)

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        super().connection_lost(handler, exc)
        self._counted.open -= 1


class ServingThread:
    """One server on one port, from `begin` to `end`."""

    def __init__(self, handler: Handler, host: str, port: int) -> None:
        self.connections = Connections()
        self._handler = handler
        self._host = host
        self._port = port
        self._origin: Future[str] = Future()
        self._ended: Future[None] = Future()
        # A cancelled caller must not cancel the futures that the thread sets.
        self._origin.set_running_or_notify_cancel()
        self._ended.set_running_or_notify_cancel()
        self._stop: Callable[[], object] = lambda: None
        self._thread = Thread(target=self._run, name="kolay-invoice-emulator", daemon=True)

    @property
    def is_alive(self) -> bool:
        """Whether the thread has not ended."""
        return not self._ended.done()

    def begin(self) -> Future[str]:
        """Start serving. The future gets the origin, or the error if the port cannot be bound."""
        self._thread.start()
        return self._origin

    def end(self) -> Future[None]:
        """Stop serving; the future is done when every connection is closed."""
        # A stop during the start takes effect once the server has started.
        self._origin.add_done_callback(lambda _: self._stop())
        return self._ended

    def join(self) -> None:
        """Wait for the thread to exit."""
        self._thread.join()

    def _run(self) -> None:
        try:
            # Debug mode is for the loop under test; here it would only report this loop's slow callbacks.
            asyncio.run(self._serve(), debug=False)
        finally:
            self._ended.set_result(None)

    async def _serve(self) -> None:
        stopping = asyncio.Event()
        self._stop = _thread_safe(asyncio.get_running_loop(), stopping.set)
        server = _CountingServer(self._handler, self.connections)
        runner = web.ServerRunner(server, shutdown_timeout=_SHUTDOWN_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port, backlog=_BACKLOG).start()
        except Exception as error:  # noqa: BLE001 - any error goes to the caller that waits for the port.
            self._origin.set_exception(error)
        else:
            host = f"[{self._host}]" if ":" in self._host else self._host
            self._origin.set_result(f"http://{host}:{runner.addresses[0][1]}")
            await stopping.wait()
        finally:
            await runner.cleanup()


def _thread_safe(loop: asyncio.AbstractEventLoop, action: Callable[[], object]) -> Callable[[], object]:
    def call() -> None:
        # A closed loop has stopped already.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(action)

    return call


class EmulatorServer:
    """Starts and stops the server of a handler, for blocking and asyncio callers."""

    def __init__(self, handler: Handler, host: str, port: int) -> None:
        self._handler = handler
        self._host = host
        self._port = port
        self._serving: ServingThread | None = None
        self._origin: str | None = None

    @property
    def origin(self) -> str:
        """Scheme, host and port.

        Raises:
            RuntimeError: It is not running.
        """
        if self._origin is None:
            raise RuntimeError("the emulator is not running: use it as a context manager, or call start()")
        return self._origin

    @property
    def connections_open(self) -> int:
        """How many connections are open now."""
        return self._serving.connections.open if self._serving else 0

    @property
    def connections_peak(self) -> int:
        """How many connections were open at the same time, at most, since the start."""
        return self._serving.connections.peak if self._serving else 0

    def start(self) -> Self:
        """Listen, and return when calls can be made.

        Raises:
            OSError: The port cannot be had.
            RuntimeError: It is running already.
        """
        serving = self._new_serving()
        try:
            self._origin = serving.begin().result()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Close every connection and end the thread. What was recorded stays readable."""
        self._origin = None
        if self._serving is not None:
            self._serving.end().result()
            self._serving.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        serving = self._new_serving()
        try:
            self._origin = await asyncio.wrap_future(serving.begin())
        except BaseException:
            self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._origin = None
        if self._serving is not None:
            await asyncio.wrap_future(self._serving.end())
            self._serving.join()

    def _new_serving(self) -> ServingThread:
        if self._serving is not None and self._serving.is_alive:
            raise RuntimeError("the emulator is running already")
        self._serving = ServingThread(self._handler, self._host, self._port)
        return self._serving
