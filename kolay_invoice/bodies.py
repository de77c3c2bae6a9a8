"""Reads the body of a reply: decoded, bounded, and never more than a piece of it in one turn of the event loop."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from kolay_invoice.messages import Message

if TYPE_CHECKING:
    from aiohttp import ClientResponse, StreamReader

LARGEST_ERROR: Final = 64 * 1024
"""Bytes of an error reply that are read. A longer one is no provider's own error, and counts by its status alone."""

_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS
_IDENTITY: Final = "identity"
_PIECE: Final = 64 * 1024
_PIECES_AT_ONCE: Final = 16
"""Pieces that are decoded before the event loop runs other tasks: a small body can expand a thousandfold."""
_FIRST_ERROR: Final = 400


class UnusableBodyError(Exception):
    """A body that must not be interpreted. `retryable`: whether another attempt may return a usable one."""

    def __init__(self, why: str, *, retryable: bool) -> None:
        super().__init__(why)
        self.retryable = retryable


class TooLargeError(UnusableBodyError):
    """A body beyond its limit. The rest of it is not read."""

    def __init__(self) -> None:
        super().__init__(Message("the reply is larger than any real one"), retryable=False)


async def read_body(response: ClientResponse, largest: int) -> bytes:
    """Return the decoded body of a reply; nothing of an error reply that is larger than `LARGEST_ERROR`.

    Raises:
        UnusableBodyError: The body is damaged, or larger than `largest`.
    """
    is_error = response.status >= _FIRST_ERROR
    largest = min(largest, LARGEST_ERROR) if is_error else largest
    encoding, stream = response.headers.get("Content-Encoding", _IDENTITY), response.content
    content = await stream.readany()
    if encoding == _IDENTITY and stream.at_eof() and len(content) <= largest:
        return content
    try:
        return await _read_pieces(stream, content, Body(encoding, largest))
    except TooLargeError:
        if is_error:
            return b""
        raise


async def _read_pieces(stream: StreamReader, content: bytes, body: Body) -> bytes:
    """Return the decoded body that begins with this content."""
    while content:
        for number, _ in enumerate(body.pieces(content), 1):
            if number % _PIECES_AT_ONCE == 0:
                await asyncio.sleep(0)
        # Read one piece at a time: joining all buffered data would take several times its memory.
        content = await stream.read(_PIECE)
    return body.whole()


class Body:
    """Decodes a body incrementally, up to a size limit. An incomplete body is rejected.

    The client accepts only gzip, so no other encoding is decoded. aiohttp would accept a truncated gzip body as
    complete, and would decompress a small one without a limit.
    """

    def __init__(self, encoding: str, largest: int) -> None:
        self._encoding = encoding.strip().lower()
        self._largest = largest
        self._content = bytearray()
        self._inflater = zlib.decompressobj(_GZIP_WINDOW) if self._encoding in {"gzip", "x-gzip"} else None
        if self._inflater is None and self._encoding not in {_IDENTITY, ""}:
            msg = Message("the reply has an encoding that was not asked for")
            raise UnusableBodyError(msg, retryable=False)

    def feed(self, chunk: bytes) -> None:
        """Decode the next bytes from the wire, as `pieces` does."""
        for _ in self.pieces(chunk):
            pass

    def pieces(self, chunk: bytes) -> Iterator[None]:
        """Decode the next bytes from the wire, one piece at a time.

        Raises:
            UnusableBodyError: The bytes are damaged, or the decoded body is too large.
        """
        while chunk:
            if self._inflater is None:
                self._content += chunk[:_PIECE]
                chunk = chunk[_PIECE:]
            else:
                try:
                    self._content += self._inflater.decompress(chunk, _PIECE)
                except zlib.error:
                    msg = Message("the compressed reply is damaged")
                    raise UnusableBodyError(msg, retryable=True) from None
                chunk = self._inflater.unconsumed_tail
                if self._inflater.unused_data:
                    msg = Message("the compressed reply goes on after its end")
                    raise UnusableBodyError(msg, retryable=True)
            if len(self._content) > self._largest:
                raise TooLargeError
            yield

    def whole(self) -> bytes:
        """Return the decoded body.

        Raises:
            UnusableBodyError: The compressed body is truncated.
        """
        if self._inflater is not None and not self._inflater.eof:
            msg = Message("the compressed reply is cut")
            raise UnusableBodyError(msg, retryable=True)
        return bytes(self._content)
