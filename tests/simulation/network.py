"""Connections in memory, below the real aiohttp. Bytes take their time; a reset may overtake them or not."""

from __future__ import annotations

import asyncio
import errno
from contextvars import Context, copy_context

from .loop import worker_of

OF_THE_WORLD = Context()


class MemoryTransport(asyncio.Transport):
    """The client's end of a connection to the provider."""

    def __init__(self, network, protocol):
        super().__init__()
        self._network = network
        self._protocol = protocol
        self._context = copy_context()
        self._sent = b""
        self._has_ended = False
        self.worker = worker_of.get()
        network.loop.call_soon(protocol.connection_made, self, context=self._context)

    def write(self, data):
        """Take bytes of a request, and send it off when it is whole."""
        assert not self._has_ended
        self._sent += bytes(data)
        head, end, body = self._sent.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().split("\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith("content-length:")), 0)
        if end and len(body) >= length:
            self._sent = b""
            self._network.carry(self, head.decode("latin-1"), body.decode())

    def say(self, data):
        """Give the client bytes of a reply. Returns whether it still listens."""
        if self._has_ended:
            return False
        self._network.loop.call_soon(self._receive, data, context=self._context)
        return True

    def _receive(self, data):
        if not self._has_ended:
            self._protocol.data_received(data)

    def hang_up(self):
        """End the connection from the provider's side."""
        self._network.loop.call_soon(self._lose, None, context=self._context)

    def _lose(self, error):
        if not self._has_ended:
            self._has_ended = True
            self._protocol.connection_lost(error)

    def abort(self):
        """Reset the connection."""
        self._network.loop.call_soon(self._lose, None)

    close = abort

    def is_closing(self):
        """Whether it is closed."""
        return self._has_ended

    def get_extra_info(self, name, default=None):
        """Return nothing: there is no socket."""
        return default

    def get_protocol(self):
        """Return the protocol."""
        return self._protocol

    def set_protocol(self, protocol):
        """Change the protocol."""
        self._protocol = protocol

    def is_reading(self):
        """Whether it reads: always."""
        return True

    def pause_reading(self):
        """Do nothing: replies are short."""

    def resume_reading(self):
        """Do nothing: replies are short."""

    def get_write_buffer_size(self):
        """Return 0: bytes leave at once."""
        return 0


class Network:
    """Opens connections to one provider, late or not at all."""

    def __init__(self, loop, chance, faults, provider):
        self.loop = loop
        self._chance = chance
        self._faults = faults
        self._provider = provider
        self.in_flight = 0

    async def start_connection(self, *args, **options):
        """Stand in for `aiohappyeyeballs.start_connection`."""
        await asyncio.sleep(0.05 * self._chance.random())
        fault = self._faults.draw("connect")
        if fault == "refused":
            raise OSError(errno.ECONNREFUSED, "refused")
        if fault == "black-hole":
            await asyncio.sleep(3600.0)

    async def create_connection(self, factory, *args, **options):
        """Stand in for the loop's own."""
        protocol = factory()
        return MemoryTransport(self, protocol), protocol

    def carry(self, transport, head, body):
        """Bring a request to the provider, perhaps late."""
        self.in_flight += 1
        delay = 0.02 * self._chance.random()
        if self._faults.draw("carry") == "late":
            delay = 25.0 * self._chance.random()
        self.loop.call_later(delay, self._arrive, transport, head, body, context=OF_THE_WORLD)

    def _arrive(self, transport, head, body):
        self.in_flight -= 1
        self._provider.take(transport, head, body)
