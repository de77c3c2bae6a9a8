"""The open connections of a client, shared with the clients that `with_options` makes of it."""

from __future__ import annotations

import asyncio
import os
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

from kolay_invoice.auth import TokenSource
from kolay_invoice.config import Options
from kolay_invoice.profile import AccountAccess, ProviderProfile
from kolay_invoice.telemetry import EventSink, make_sink
from kolay_invoice.validators import check_seconds

if TYPE_CHECKING:
    from kolay_invoice.transport import Transport


class Connections:
    """Opens the transport at the first call, counts the calls in flight and closes it."""

    def __init__(
        self, profile: ProviderProfile, label: str, origin: str, options: Options, access: AccountAccess
    ) -> None:
        self._profile = profile
        self._label = label
        self._origin = origin
        self._options = options
        self._access = access
        self.transport: Transport | None = None
        """None before the first call, and for new calls once the client is being closed."""
        self.closing: Transport | None = None
        """The transport of calls that were in flight when the client began to close."""
        self.report: EventSink | None = None
        self.is_closed = False
        self.calls = 0
        """The number of calls in flight."""
        self.idle: asyncio.Event | None = None
        """Set when no call is in flight any more, where something waits for it."""

    def __del__(self) -> None:
        transport = self.transport
        if transport is not None and transport.pid == os.getpid():
            with suppress(TypeError):  # The modules of an interpreter that exits may be gone.
                msg = f"{self._label} was not closed: use `async with`, or await its aclose()"
                warnings.warn(msg, ResourceWarning, source=self, stacklevel=1)

    @property
    def state(self) -> str:
        """The state, as the repr of a client shows it."""
        return "closed" if self.is_closed else "open" if self.transport else "not yet open"

    def open(self, tokens: TokenSource) -> Transport:
        """Return the transport of the running loop. Opens it at the first call.

        Raises:
            RuntimeError: The client is closed, or was opened on another event loop.
        """
        if self.is_closed:
            msg = f"this client of {self._profile.name} is closed: make a new one"
            raise RuntimeError(msg)
        self._forget_other_process(tokens)
        if self.transport is None:
            from kolay_invoice.transport import Transport

            options = self._options
            self.transport = Transport(
                self._origin,
                self._access.headers,
                scheme=self._profile.auth_scheme,
                connect_timeout=options.connect_timeout,
                largest_reply=options.max_reply_bytes,
                proxy=options.proxy,
                ssl_context=options.ssl_context,
            )
            self.report = make_sink(self._profile.name, self._origin, options.on_event, self.transport.traced)
        elif self.transport.loop is not asyncio.get_running_loop():
            msg = f"this client of {self._profile.name} was opened on another event loop: make one for each loop"
            raise RuntimeError(msg)
        return self.transport

    def _forget_other_process(self, tokens: TokenSource) -> None:
        """After a fork, drop what belongs to the parent: the transport, without closing it, and a fetch of a token."""
        if self.transport is not None and self.transport.pid != os.getpid():
            self.transport, self.calls, self.idle = None, 0, None
            tokens.forget()

    def ended(self) -> None:
        """Count a call as ended."""
        self.calls -= 1
        if self.idle is not None and self.calls <= 0:
            self.idle.set()

    async def aclose(self, tokens: TokenSource, grace: float) -> None:
        """Refuse new calls, wait up to `grace` seconds for those in flight, and close the connections.

        Raises:
            ValueError: `grace` is no number of seconds.
        """
        check_seconds("grace", grace)
        self.is_closed = True
        self._forget_other_process(tokens)
        if self.transport is not None:
            self.closing, self.transport = self.transport, None
        try:
            is_here = self.closing is not None and self.closing.loop is asyncio.get_running_loop()
            if grace and self.calls > 0 and is_here:
                self.idle = asyncio.Event()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.idle.wait(), grace)
        finally:
            tokens.forget()
            if self.closing is not None:
                transport, self.closing = self.closing, None
                await transport.aclose()
