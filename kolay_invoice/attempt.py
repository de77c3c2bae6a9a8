"""How far one attempt has come: the only thing that can tell "never sent" from "unknown"."""

from __future__ import annotations

import asyncio
import enum
import os
import socket
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TypeAlias

from attrs import define, field

from kolay_invoice.messages import Message


class Phase(enum.Enum):
    """The phases of an attempt, in their order."""

    PREPARED = "prepared"
    CONNECTING = "connecting"
    """The connector is at work: name look-up, TCP, TLS, proxy. No byte of the request has left."""
    LEFT = "left"
    """A connection was handed over: from here on bytes may have left."""


class SecondDispatchError(Exception):
    """The HTTP library was about to send the same attempt once more.

    aiohttp repeats GET, PUT and DELETE by itself when a connection is closed (aio-libs/aiohttp#10790), and a GET of
    Propars creates invoices. One attempt gets one connection.
    """


class NotPermittedError(Exception):
    """The caller's permit was withdrawn before the first byte. The text says why."""


class InheritedError(Exception):
    """A forked child was about to send its parent's call, which the parent goes on with."""

    def __init__(self, parent: int) -> None:
        super().__init__(
            Message("the call belongs to process {pid}, which forked in its middle and goes on", pid=parent)
        )


Permit: TypeAlias = Callable[[], str | Awaitable[str | None] | None]
"""The last word before the first byte of a call: None lets it go, a sentence says why it must not.

It is asked when the call holds its slot and its connection. It may be a coroutine function, and write something down;
what it returns is acted on at once.
"""


@define(eq=False)
class Attempt:
    """One attempt of one call, on its way."""

    _permit: Permit | None = None
    _pid: int = field(factory=os.getpid, init=False)
    phase: Phase = Phase.PREPARED
    connection: asyncio.Transport | None = None
    """The connection that it has for itself, to be reset if it is given up."""
    sockets: list[socket.socket] = field(factory=list)
    """The sockets that were opened for that, the last one its own. The loop closes them."""

    @property
    def is_inherited(self) -> bool:
        """Whether this process is a forked child, and the attempt and its connection are its parent's."""
        return os.getpid() != self._pid

    def connecting(self) -> None:
        """Note that the connector begins; refuse to begin again after bytes may have left."""
        if self.phase is Phase.LEFT:
            raise SecondDispatchError
        self.phase = Phase.CONNECTING

    async def leaves(self) -> None:
        """Note that the next step writes the first byte, if the permit still holds.

        Raises:
            NotPermittedError: It does not: not one byte may go.
            InheritedError: This is a forked child, and the call is its parent's: not one byte of it may go from here.
        """
        if self._permit is not None:
            try:
                refusal = self._permit()
                if refusal is not None and not isinstance(refusal, str):
                    refusal = await refusal
            except Exception as error:
                refusal = f"its permit failed ({type(error).__name__})"
                raise NotPermittedError(refusal) from error
            if refusal is not None:
                raise NotPermittedError(refusal)
        if self.is_inherited:
            # The parent goes on with it, on the same connection: what is written here would be sent twice.
            raise InheritedError(self._pid)
        self.phase = Phase.LEFT


current_attempt: ContextVar[Attempt | None] = ContextVar("kolay_invoice_attempt", default=None)
"""The attempt that the running task is making; the connector reads it."""
