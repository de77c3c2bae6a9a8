"""A provider's server whose records answer as they are told, path by path, and that keeps what it was asked."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

from attrs import Factory, define, frozen

CUT = object()
"""The connection ends without a word."""


@frozen
class Answer:
    """What is answered: JSON, or bytes as they are."""

    body: object = b""
    status: int = 200
    media_type: str = "application/json"

    def encoded(self):
        """The bytes of the reply."""
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        head = f"HTTP/1.1 {self.status} Told\r\nContent-Type: {self.media_type}\r\nContent-Length: {len(body)}\r\n"
        return head.encode() + b"Connection: close\r\n\r\n" + body


@define
class Records:
    """The server. `told` has the answers by a part of the path; of a list, each is given once and the last for ever."""

    url: str = ""
    told: dict[str, object] = Factory(dict)
    asked: list[tuple[str, str]] = Factory(list)

    def count(self, method):
        """How many requests of a method there were."""
        return sum(one == method for one, _ in self.asked)

    def _answer(self, target):
        part = max((part for part in self.told if part in target), key=len, default=None)
        if part is None:
            return Answer({"detail": "nothing was told of it"}, 500)
        told = self.told[part]
        if isinstance(told, list):
            return told.pop(0) if len(told) > 1 else told[0]
        return told

    async def _serve(self, reader, writer):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, target, _ = head.split("\r\n", 1)[0].split(" ")
            length = next(
                (int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length")), 0
            )
            await reader.readexactly(length)
            self.asked.append((method, target))
            answer = self._answer(target)
            if answer is not CUT:
                writer.write(answer.encoded())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # The client has gone.
        finally:
            writer.close()

    @asynccontextmanager
    async def serving(self):
        """Serve on a port of this machine."""
        async with await asyncio.start_server(self._serve, "127.0.0.1", 0) as listening:
            self.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
            yield self
