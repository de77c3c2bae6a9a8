"""How long after a call has ended its bytes may still arrive, and the options of its socket that bound it.

What was written to a socket stands in the kernel until the other side has acknowledged it, and the kernel sends it
again and again, for a quarter of an hour by default: also when the call has timed out, when the process is stopped, and
when it was killed. So a connection of a call with an effect gives up what is not acknowledged (Linux: TCP_USER_TIMEOUT,
macOS: TCP_RXT_CONNDROPTIME, Windows: TCP_MAXRT), and closing it throws away what is still there (SO_LINGER) unless an
answer has come.

No option reaches what is on its way already, or stands in a proxy: the network's own time is a margin in the bound.
Where the system knows none of these options, a stopped process is not bounded; a connection that is given up is.
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
"""How long the kernel keeps bytes that the other side has not acknowledged."""

LATE_BYTES_SECONDS: Final = 30.0
"""After so many seconds no byte of a call that has ended arrives any more from this machine: `UNACKNOWLEDGED_SECONDS`,
and a margin for the kernel's own timers and the way through the network."""

# Of the headers of Windows and macOS; Python does not name them.
_TCP_MAXRT: Final = 5
_TCP_RXT_CONNDROPTIME: Final = 0x80

_LINGER: Final = "HH" if sys.platform == "win32" else "ii"
_RESET: Final = struct.pack(_LINGER, 1, 0)
_IN_ORDER: Final = struct.pack(_LINGER, 0, 0)


def open_socket(address: AddrInfoType) -> socket.socket:
    """Open a socket of the running attempt whose bytes do not arrive late. Closing is a reset until it is answered."""
    family, kind, protocol, *_ = address
    opened = socket.socket(family, kind, protocol)
    # A system that knows an option by name and not in fact (a sandbox) must not keep calls from being made.
    with suppress(OSError):
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        if _limit is not None:
            opened.setsockopt(socket.IPPROTO_TCP, *_limit)
    attempt = current_attempt.get()
    if attempt is not None:
        attempt.sockets.append(opened)
    return opened


def retransmission_limit() -> tuple[int, int] | None:
    """Return the option of this system that ends retransmission, and its value; None where there is none."""
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        return socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_SECONDS * 1000
    option = {"darwin": _TCP_RXT_CONNDROPTIME, "win32": _TCP_MAXRT}.get(sys.platform)
    return None if option is None else (option, UNACKNOWLEDGED_SECONDS)


_limit = retransmission_limit()


def has_answered(attempt: Attempt) -> None:
    """Let the connection of an attempt end in good order (FIN): whoever has answered has read what was asked.

    aiohttp closes it as soon as the answer has come, and the loop closes its socket a moment later. Should that moment
    have passed, it was reset, and nothing is lost by it.
    """
    for opened in attempt.sockets:
        with suppress(OSError):
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _IN_ORDER)


def give_up(attempt: Attempt) -> None:
    """Reset the connection of an attempt at once: what it has not sent, here or in the kernel, is thrown away."""
    # In a forked child the connection is the parent's, and so is the selector from which this would take it.
    if attempt.connection is not None and not attempt.is_inherited:
        attempt.connection.abort()
