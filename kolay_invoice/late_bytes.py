"""How long after the end of a call its bytes may still arrive, and the socket options that bound it.

The kernel keeps written bytes until the peer has acknowledged them and retransmits them, for a quarter of an hour by
default. It does so even when the call has timed out, and when the process was stopped or killed. So the connection of a
call with an effect drops unacknowledged bytes (Linux: TCP_USER_TIMEOUT, macOS: TCP_RXT_CONNDROPTIME, Windows:
TCP_MAXRT). Closing it discards what the kernel still holds (SO_LINGER), unless a reply has arrived.

No option reaches bytes in the network or in a proxy; the bound has a margin for them. Where the system has none of
these options, a stopped process is not bounded; an abandoned connection is.
"""

from __future__ import annotations

import socket
import struct
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from kolay_invoice.deadline import Attempt, current_attempt

if TYPE_CHECKING:
    from aiohttp import AddrInfoType

UNACKNOWLEDGED_SECONDS: Final = 20
"""Seconds that the kernel keeps bytes that the peer has not acknowledged."""

LATE_BYTES_SECONDS: Final = 30.0
"""Seconds after the end of a call until no byte of it can arrive from this machine: `UNACKNOWLEDGED_SECONDS`, and a
margin for the kernel's own timers and the network."""

# From the headers of Windows and macOS; Python's `socket` does not define them.
_TCP_MAXRT: Final = 5
_TCP_RXT_CONNDROPTIME: Final = 0x80

_LINGER: Final = "HH" if sys.platform == "win32" else "ii"
_RESET: Final = struct.pack(_LINGER, 1, 0)
_IN_ORDER: Final = struct.pack(_LINGER, 0, 0)


def open_socket(address: AddrInfoType) -> socket.socket:
    """Open a socket for the running attempt, with bounded retransmission. Before a reply, closing it is a reset."""
    family, kind, protocol, *_ = address
    opened = socket.socket(family, kind, protocol)
    # A system (a sandbox) may define an option and reject its use. That must not prevent calls.
    with suppress(OSError):
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        if _limit is not None:
            opened.setsockopt(socket.IPPROTO_TCP, *_limit)
    attempt = current_attempt.get()
    if attempt is not None:
        attempt.sockets.append(opened)
    return opened


def retransmission_limit() -> tuple[int, int] | None:
    """Return the socket option of this system that bounds retransmission, and its value; None if there is none."""
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        return socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_SECONDS * 1000
    option = {"darwin": _TCP_RXT_CONNDROPTIME, "win32": _TCP_MAXRT}.get(sys.platform)
    return None if option is None else (option, UNACKNOWLEDGED_SECONDS)


_limit = retransmission_limit()


def has_answered(attempt: Attempt) -> None:
    """Let the connection of an answered attempt close normally (FIN): the peer has read the request.

    aiohttp closes the connection when the reply is complete, and the event loop closes the socket a moment later. If
    the socket is closed already, it was reset, and nothing is lost.
    """
    for opened in attempt.sockets:
        with suppress(OSError):
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _IN_ORDER)


def give_up(attempt: Attempt) -> None:
    """Reset the connection of an attempt at once. Its unsent bytes, here and in the kernel, are discarded."""
    # In a forked child the connection belongs to the parent, and `abort` would remove it from the shared selector.
    if attempt.connection is not None and not attempt.is_inherited:
        attempt.connection.abort()
