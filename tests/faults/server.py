"""A raw HTTP/1.1 server that follows a script, counts what it received and executed, and keeps every byte.

There is no HTTP library in it: it accepts, reads and writes by itself, so that a fault is exactly the bytes that the
script says, at exactly the moment it says. A mock knows what the client believes; this server knows what happened.

    async with FaultServer() as server:
        server.fault("resend", faults.EXECUTED_THEN_CLOSED)     # the next request of this operation
        ...                                                     # a client calls server.url
        assert server.executed["resend"] == 1
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import socket
import ssl
import struct
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import Literal, Self
from urllib.parse import parse_qsl, urlsplit

from attrs import define, field, frozen

from .replies import UNKNOWN_OPERATION, Asked, Reply, good_reply, operation_of

_TLS_HANDSHAKE_RECORD = b"\x16"
_LARGEST_HEAD = 1 << 20


@frozen
class Request:
    """One request, as it was received."""

    asked: Asked
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    connection: int
    """Which accepted connection it came on, counted from 1."""
    at: float
    """When it was whole, on the monotonic clock."""

    @property
    def operation(self) -> str:
        """The call that this is."""
        return self.asked.operation

    def header(self, name: str) -> str | None:
        """Return the value of a header, or None."""
        return next((value for key, value in self.headers if key == name.lower()), None)


@frozen
class Fault:
    """One idea of what can go wrong, played at one of two moments."""

    name: str
    play: Callable[[Exchange], Awaitable[None]] | Callable[[socket.socket], Awaitable[None]] = field(repr=False)
    on: Literal["request", "connection"] = "request"
    """After a whole request was read; or on the bare connection, before TLS and before a byte was read."""

    def __str__(self) -> str:
        return self.name


class _KeepingReader(asyncio.StreamReader):
    """A reader that keeps all that it is fed, whether or not anybody reads it."""

    def __init__(self, kept: bytearray) -> None:
        super().__init__(limit=_LARGEST_HEAD)
        self._kept = kept

    def feed_data(self, data: bytes) -> None:
        self._kept += data
        super().feed_data(data)


@define(eq=False)
class Peer:
    """One accepted connection, after TLS if there is any."""

    server: FaultServer = field(repr=False)
    number: int
    reader: asyncio.StreamReader = field(repr=False)
    writer: asyncio.StreamWriter = field(repr=False)

    async def write(self, data: bytes) -> None:
        """Write these bytes, and raise `OSError` when nobody is there any more."""
        self.writer.write(data)
        await self.writer.drain()

    async def gone(self) -> None:
        """Wait until the client has closed its side."""
        with contextlib.suppress(OSError):
            while await self.reader.read(1 << 16):
                pass

    async def close(self) -> None:
        """End our side in good order (FIN) and wait until the client has gone, so that unread bytes make no RST."""
        if self.writer.can_write_eof():
            self.writer.write_eof()
            await self.gone()
        self.writer.close()

    def cut(self) -> None:
        """End the TCP connection in good order, without the close_notify that TLS asks for."""
        self.writer.get_extra_info("socket").shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """End the connection with an RST."""
        linger_for_no_time(self.writer.get_extra_info("socket"))
        self.writer.transport.abort()


@define(eq=False)
class Exchange:
    """One request and its answering, as a fault sees it."""

    peer: Peer
    request: Request
    keep_alive: bool = False
    """Whether the connection serves another request afterwards."""

    @property
    def asked(self) -> Asked:
        """What is asked for."""
        return self.request.asked

    @property
    def server(self) -> FaultServer:
        """The server that plays."""
        return self.peer.server

    def execute(self) -> Reply:
        """Carry the operation out, which is to count it, and return its good reply."""
        self.server.executed[self.request.operation] += 1
        return good_reply(self.asked)

    async def answer(self, reply: Reply) -> None:
        """Send a whole, correct reply and keep the connection."""
        await self.peer.write(reply.encode())
        self.keep_alive = (self.request.header("connection") or "").lower() != "close"


class FaultServer:
    """The scripted server. It is used as an async context manager, on one event loop."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self._tls = tls
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", port))
        self._script: dict[str | None, Iterator[Fault]] = {}
        self._accepting: asyncio.Task[None] | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self.connections = 0
        self.attempts = 0
        """Requests received, and connections on which a fault left no chance to receive one."""
        self.received: Counter[str] = Counter()
        self.executed: Counter[str] = Counter()
        self.requests: list[Request] = []
        self.raw = bytearray()
        """Every byte received, after TLS was taken off."""
        self.elsewhere: str = ""
        """The other origin, for redirects that leave this one."""
        self.arrival = asyncio.Event()
        """Set with each whole request."""
        self.release = asyncio.Event()
        """What the faults that hold something back are waiting for."""
        self.mistakes: list[Exception] = []
        """What went wrong in the server itself: raised when it closes."""

    @property
    def url(self) -> str:
        """The origin."""
        scheme, host = ("https", "localhost") if self._tls else ("http", "127.0.0.1")
        return f"{scheme}://{host}:{self.port}"

    @property
    def port(self) -> int:
        """The port listened on."""
        return int(self._listener.getsockname()[1])

    def fault(self, operation: str, fault: Fault, times: int | None = 1) -> None:
        """Play a fault for the next requests of an operation (or the next connections); None means always."""
        key = operation if fault.on == "request" else None
        coming = itertools.repeat(fault) if times is None else itertools.repeat(fault, times)
        self._script[key] = itertools.chain(self._script.get(key, iter(())), coming)

    async def quiet(self) -> None:
        """Wait until every connection has ended: nothing more will be received or executed."""
        while self._serving:
            await asyncio.wait(self._serving)

    async def __aenter__(self) -> Self:
        self._listener.listen(512)
        self._listener.setblocking(False)
        self._accepting = asyncio.create_task(self._accept())
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [task for task in (self._accepting, *self._serving) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._listener.close()
        if self.mistakes:
            raise ExceptionGroup("the fault server itself went wrong", self.mistakes)

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            connection, _ = await loop.sock_accept(self._listener)
            self.connections += 1
            task = asyncio.create_task(self._serve(connection, self.connections))
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)

    async def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            with connection:
                if fault := next(self._script.get(None, iter(())), None):
                    self.attempts += 1
                    await fault.play(connection)
                else:
                    await self._converse(connection, number)
        except (OSError, EOFError):
            pass  # The client has gone, which is what most faults wait for.
        except Exception as mistake:  # noqa: BLE001 (kept, and raised when the server closes)
            self.mistakes.append(mistake)

    async def _converse(self, connection: socket.socket, number: int) -> None:
        loop = asyncio.get_running_loop()
        reader = _KeepingReader(self.raw)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol, connection, ssl=self._tls, ssl_shutdown_timeout=1 if self._tls else None
        )
        peer = Peer(self, number, reader, asyncio.StreamWriter(transport, protocol, reader, loop))
        try:
            while await self._exchange(peer):
                pass
            await peer.close()
            await peer.writer.wait_closed()
        finally:
            transport.abort()

    async def _exchange(self, peer: Peer) -> bool:
        """Serve one request and return whether another may follow on this connection."""
        request = await self._receive(peer)
        if request is None:
            await peer.write(Reply(b"", "text/plain", 400).encode())
            return False
        self.attempts += 1
        self.received[request.operation] += 1
        self.requests.append(request)
        self.arrival.set()
        exchange = Exchange(peer, request)
        if fault := next(self._script.get(request.operation, iter(())), None):
            await fault.play(exchange)
        elif request.operation == UNKNOWN_OPERATION:
            await exchange.answer(good_reply(exchange.asked))
        else:
            await exchange.answer(exchange.execute())
        return exchange.keep_alive

    async def _receive(self, peer: Peer) -> Request | None:
        """Read one whole request; None when it is no HTTP."""
        start = await peer.reader.readexactly(1)
        if start == _TLS_HANDSHAKE_RECORD:
            return None
        head = start + await peer.reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        headers = tuple((name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines))
        body = await peer.reader.readexactly(int(dict(headers).get("content-length", 0)))
        method, target, _ = first.split(" ")
        return Request(
            asked=_asked(method, target, dict(headers), body),
            method=method,
            target=target,
            headers=headers,
            body=body,
            connection=peer.number,
            at=time.monotonic(),
        )


def _asked(method: str, target: str, headers: dict[str, str], body: bytes) -> Asked:
    url = urlsplit(target)
    operation, in_path = operation_of(method, url.path)
    arguments = {**dict(parse_qsl(url.query)), **in_path}
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        arguments |= dict(parse_qsl(body.decode("ascii")))
    elif headers.get("content-type", "").startswith("application/json"):
        arguments |= json.loads(body)
    return Asked(operation, arguments)


def linger_for_no_time(connection: socket.socket) -> None:
    """Make closing this socket send an RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
