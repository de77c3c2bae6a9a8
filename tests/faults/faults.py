"""Faults of the wire, rows 5 to 16 of the matrix: one idea each, as values for the script of `FaultServer`.

A fault that breaks a reply has executed the operation first, unless its name says otherwise: that is the case in which
"nothing happened" would be a lie. None of them sleeps where it can wait for the client to go.

What proper HTTP can say that is wrong all the same stands in `contents`.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import socket
import zlib
from collections.abc import Awaitable, Callable, Iterator

from attrs import evolve

from .replies import Reply
from .server import Exchange, Fault, linger_for_no_time

PACE = 0.01
"""Seconds between the bytes of a server that drips."""


def on_connection(play: Callable[[socket.socket], Awaitable[None]]) -> Fault:
    """Make a fault that has the bare connection, before TLS and before a byte was read."""
    return Fault(play.__name__, play, on="connection")


def on_request(play: Callable[[Exchange], Awaitable[None]]) -> Fault:
    """Make a fault that is played when the whole request was read."""
    return Fault(play.__name__, play)


# Rows 5 and 7: the server reads nothing. On a TLS server these are the faults of the handshake.


async def _discard(connection: socket.socket) -> None:
    while await asyncio.get_running_loop().sock_recv(connection, 1 << 16):
        pass


@on_connection
async def closed_before_read(connection: socket.socket) -> None:
    """FIN at once."""
    connection.shutdown(socket.SHUT_WR)
    await _discard(connection)


@on_connection
async def reset_on_accept(connection: socket.socket) -> None:
    """RST at once, perhaps before the client knows that it is connected."""
    linger_for_no_time(connection)


@on_connection
async def reset_before_read(connection: socket.socket) -> None:
    """RST when the request begins to arrive."""
    await asyncio.get_running_loop().sock_recv(connection, 1)
    linger_for_no_time(connection)


@on_connection
async def never_greeted(connection: socket.socket) -> None:
    """Accepted, and then nothing: to a TLS client, a handshake that hangs."""
    await _discard(connection)


# Row 8: it happened, and nobody says so.


@on_request
async def executed_then_closed(exchange: Exchange) -> None:
    """FIN instead of an answer."""
    exchange.execute()


@on_request
async def executed_then_reset(exchange: Exchange) -> None:
    """RST instead of an answer."""
    exchange.execute()
    exchange.peer.reset()


# Row 9: a good answer on a connection that will not live.


@on_request
async def answered_then_closed_when_idle(exchange: Exchange) -> None:
    """A good answer that promises to keep the connection, and FIN right behind it."""
    await exchange.answer(exchange.execute())
    exchange.keep_alive = False


@on_request
async def answered_then_closed_at_the_next_request(exchange: Exchange) -> None:
    """A good answer; whatever comes next on this connection is met with a FIN."""
    await exchange.answer(exchange.execute())
    await exchange.peer.reader.read(1)
    exchange.keep_alive = False


# Rows 10 and 11: the answer does not come in time.


@on_request
async def never_answered(exchange: Exchange) -> None:
    """Nothing is executed and nothing is said."""
    await exchange.peer.gone()


@on_request
async def answered_too_late(exchange: Exchange) -> None:
    """Executed at once, and answered when the client no longer listens."""
    reply = exchange.execute()
    await exchange.peer.gone()
    await exchange.peer.write(reply.encode())


@on_request
async def executed_after_the_client_has_gone(exchange: Exchange) -> None:
    """A slow server that carries out what nobody waits for any more."""
    await exchange.peer.gone()
    exchange.execute()


@on_request
async def held_until_released(exchange: Exchange) -> None:
    """A good answer, as soon as the test releases it."""
    await exchange.server.release.wait()
    await exchange.answer(exchange.execute())


# Row 12: there is always a little more to come.


async def _drip(exchange: Exchange, data: bytes) -> None:
    for byte in data:
        await exchange.peer.write(bytes([byte]))
        await asyncio.sleep(PACE)
    await exchange.peer.gone()


@on_request
async def body_dripped(exchange: Exchange) -> None:
    """A proper head, and a body that comes byte by byte."""
    await exchange.peer.write(exchange.execute().head(("Content-Length", "100000")))
    await _drip(exchange, b" " * 100_000)


@on_request
async def headers_dripped(exchange: Exchange) -> None:
    """A status line, and headers that come byte by byte."""
    exchange.execute()
    await _drip(exchange, b"HTTP/1.1 200 OK\r\n" + b"X-Filler: filler\r\n" * 300)


@on_request
async def endless_informational_replies(exchange: Exchange) -> None:
    """100, 102 and 103, over and over."""
    exchange.execute()
    while True:
        await exchange.peer.write(b"".join(b"HTTP/1.1 %d Wait\r\n\r\n" % status for status in (100, 102, 103)))
        await asyncio.sleep(PACE)


@on_request
async def answered_after_an_informational_reply(exchange: Exchange) -> None:
    """103 once, which is no fault at all, and then the good answer."""
    await exchange.peer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
    await exchange.answer(exchange.execute())


# Rows 13 to 15: what comes is not a whole HTTP reply.


def bytes_instead(name: str, make: Callable[[Reply], bytes]) -> Fault:
    """Make a fault that executes, sends these bytes in place of the good reply, and closes."""

    async def play(exchange: Exchange) -> None:
        await exchange.peer.write(make(exchange.execute()))

    return Fault(name, play)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _compressed(reply: Reply, spoil: Callable[[bytes], bytes]) -> bytes:
    body = spoil(gzip.compress(reply.body, mtime=0))
    return reply.head(("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))) + body


def _until_the_end(reply: Reply, body: bytes) -> bytes:
    return reply.head(("Connection", "close")) + body


def _half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _flipped(data: bytes) -> bytes:
    """Spoil the compressed bytes themselves: behind the ten bytes of gzip's header."""
    return data[:12] + bytes(byte ^ 0xFF for byte in data[12:24]) + data[24:]


status_line_cut = bytes_instead("status_line_cut", lambda _: b"HTTP/1.1 20")
headers_cut = bytes_instead("headers_cut", lambda reply: _half(reply.head(("Content-Length", "100"))))
body_shorter_than_announced = bytes_instead(
    "body_shorter_than_announced", lambda reply: reply.encode()[: -len(reply.body) // 2]
)
chunk_cut = bytes_instead(
    "chunk_cut", lambda reply: reply.head(("Transfer-Encoding", "chunked")) + _half(_chunk(reply.body))
)
last_chunk_missing = bytes_instead(
    "last_chunk_missing", lambda reply: reply.head(("Transfer-Encoding", "chunked")) + _chunk(reply.body)
)
chunk_size_bad = bytes_instead(
    "chunk_size_bad",
    lambda reply: reply.head(("Transfer-Encoding", "chunked")) + b"zz\r\n" + reply.body + b"\r\n0\r\n\r\n",
)
body_cut_without_length = bytes_instead(
    "body_cut_without_length", lambda reply: _until_the_end(reply, _half(reply.body))
)
gzip_truncated = bytes_instead("gzip_truncated", lambda reply: _compressed(reply, _half))
gzip_without_its_checksum = bytes_instead(
    "gzip_without_its_checksum", lambda reply: _compressed(reply, lambda data: data[:-8])
)
gzip_corrupt = bytes_instead("gzip_corrupt", lambda reply: _compressed(reply, _flipped))
gzip_that_is_none = bytes_instead(
    "gzip_that_is_none", lambda reply: reply.with_header("Content-Encoding", "gzip").encode()
)
garbage = bytes_instead("garbage", lambda _: bytes(range(256)) * 4)
http_0_9 = bytes_instead("http_0_9", lambda reply: reply.body)
http_2_frames = bytes_instead(
    "http_2_frames", lambda _: bytes.fromhex("000000040000000000 000008070000000000 0000000000000001")
)
two_content_lengths = bytes_instead(
    "two_content_lengths",
    lambda reply: (
        reply.head(("Content-Length", str(len(reply.body))), ("Content-Length", str(len(reply.body) - 1))) + reply.body
    ),
)
nul_in_a_header = bytes_instead("nul_in_a_header", lambda reply: reply.with_header("X-Nul", "a\0b").encode())
header_of_20_kb = bytes_instead("header_of_20_kb", lambda reply: reply.with_header("X-Long", "x" * 20_480).encode())


protocol_switched = bytes_instead(
    "protocol_switched",
    lambda _: b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
)


@on_request
async def endless_headers(exchange: Exchange) -> None:
    """Short headers, as fast as they can be sent."""
    exchange.execute()
    await exchange.peer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        await exchange.peer.write(b"X-Filler: filler\r\n" * 1000)


# Row 14 once more, on TLS only: the connection ends as an attacker on the way would end it.


@on_request
async def tls_cut_without_close_notify(exchange: Exchange) -> None:
    """Half of a body without a length, and the end of the TCP connection."""
    reply = exchange.execute()
    await exchange.peer.write(_until_the_end(reply, _half(reply.body)))
    exchange.peer.cut()
    await exchange.peer.gone()


# Row 16: more than anybody should take.

_ZEROS = bytes(1 << 20)
_BROTLI_OF_256_MIB_OF_ZEROS = base64.b85decode(
    "&;S2__$L73u|OdA{-6K<|L{)$#9;w|?)^Xi|Nr5i0EojP0Nwk4{{R2OKLHSj1pvDD|NQ^|hkpVf4hsNu@BjJ#{}2BJKpYkT=-&VH|NkHU34k~(0MN"
    "bv=l}md{1X6iSOB1V|Ih#bfA}W=;;;Zf_x_*%|Nrn$0K{PdfbRW2|NsBtp8$x%0s!6nfBygf!#@EKhXnw-_y7F=|A&79APx%vbnpN9|NjsF1V9`X0O"
    ";QT^Z)-J{t19MECA5G|L6bzKl~E_aaaJLd;dQ"
)


def _bomb() -> Iterator[bytes]:
    """Yield gzip, about a kilobyte for each of 256 mebibytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    yield packer.compress(_ZEROS) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(_ZEROS) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(255):
        yield again


@on_request
async def gzip_bomb(exchange: Exchange) -> None:
    """A quarter of a gibibyte in a quarter of a mebibyte."""
    reply = exchange.execute()
    await exchange.peer.write(reply.head(("Content-Encoding", "gzip"), ("Connection", "close")))
    for piece in _bomb():
        await exchange.peer.write(piece)


brotli_bomb = bytes_instead(
    "brotli_bomb",
    lambda reply: evolve(reply, body=_BROTLI_OF_256_MIB_OF_ZEROS).with_header("Content-Encoding", "br").encode(),
)


@on_request
async def endless_body(exchange: Exchange) -> None:
    """White space before a JSON text that never begins."""
    reply = exchange.execute()
    await exchange.peer.write(reply.head(("Transfer-Encoding", "chunked")))
    while True:
        await exchange.peer.write(_chunk(b" " * (1 << 16)))
