"""A proxy between a journal and its server: it cuts connections, or lets them hang, when a test says so."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import asynccontextmanager, suppress

_COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"


class Proxy:
    """Passes on what comes, to a server that can be changed meanwhile."""

    def __init__(self, server):
        self.server = server
        self.commits = 0
        self.cut_at = set()
        self.dead = asyncio.Event()
        self._place = tempfile.TemporaryDirectory(prefix="proxy-")
        self._writers = set()
        self._tasks = set()

    def url(self, database):
        """The address of a database behind it."""
        return f"postgresql://journal@/{database}?host={self._place.name}"

    def cut_all(self):
        """Cut every connection."""
        for writer in self._writers:
            writer.transport.abort()

    async def serve(self, reader, writer):
        """Serve one connection."""
        self._tasks.add(asyncio.current_task())
        try:
            upstream = await asyncio.open_unix_connection(str(self.server / ".s.PGSQL.5432"))
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, upstream[1]}
        lost = asyncio.Event()
        await asyncio.gather(self._up(reader, upstream[1], lost), self._down(upstream[0], writer, lost))

    async def _up(self, reader, writer, lost):
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if _COMMIT in data:
                    self.commits += 1
                    if self.commits in self.cut_at:
                        lost.set()
                if not self.dead.is_set():
                    writer.write(data)
        writer.close()

    async def _down(self, reader, writer, lost):
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                if lost.is_set():
                    # The server has committed, and its reply is lost.
                    writer.transport.abort()
                    break
                if not self.dead.is_set():
                    writer.write(data)
        writer.close()

    @classmethod
    @asynccontextmanager
    async def before(cls, server):
        """Start one before a server that is known by the directory of its socket."""
        proxy = cls(server)
        listening = await asyncio.start_unix_server(proxy.serve, f"{proxy._place.name}/.s.PGSQL.5432")
        try:
            yield proxy
        finally:
            listening.close()
            proxy.cut_all()
            for task in proxy._tasks:
                task.cancel()
            await asyncio.gather(*proxy._tasks, return_exceptions=True)
            proxy._place.cleanup()
