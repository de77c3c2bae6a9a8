"""What stands in the way of a connection: a closed port, a full backlog, a proxy that does not let through."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

from attrs import define, field


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """Yield a port on which nobody listens, and which nobody else can take meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield int(bound.getsockname()[1])


@contextlib.contextmanager
def full_backlog() -> Iterator[int]:
    """Yield a port on which a connection attempt is neither accepted nor refused."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield int(listener.getsockname()[1])


REFUSES_WITH_407 = (
    b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
)
REFUSES_WITH_502 = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
CLOSES = b""


@define(eq=False)
class Proxy:
    """A proxy that reads what it is asked and answers with the same bytes every time."""

    answer: bytes
    port: int = 0
    raw: bytearray = field(factory=bytearray, repr=False)


@contextlib.asynccontextmanager
async def proxy(answer: bytes) -> AsyncIterator[Proxy]:
    """Run a proxy that gives this answer to every CONNECT and then closes."""
    running = Proxy(answer)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError, EOFError):
            running.raw += await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            writer.write_eof()
            running.raw += await reader.read()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        running.port = int(server.sockets[0].getsockname()[1])
        yield running
