"""Takes the rows out of a long JSON text chunk by chunk, so that no step of decoding it takes long.

msgspec holds the interpreter for as long as it decodes, whatever thread calls it. So a long text is decoded in pieces:
the rows of its list first, and then the rest of the text, in which one mark stands for them.
"""

from __future__ import annotations

import re
import secrets
from decimal import Decimal
from itertools import islice
from typing import Any, Final

import msgspec
from attrs import frozen

from kolay_invoice.plain_struct import UNREADABLE

LARGEST_AT_ONCE: Final = 256 * 1024
"""Bytes of a reply that are read in one step, in about 10 ms."""

_CHUNK: Final = 64 * 1024
_MOST_VALUES: Final = 50_000
"""Values that are decoded in one step: each takes 0.05 to 0.5 µs."""
_MOST_VALUES_IN_ALL: Final = 2_000_000
"""Values of a reply, or rows of a list that comes undecoded. They take memory out of proportion to their text."""
_LATEST_LIST: Final = 64 * 1024
_MOST_LISTS: Final = 8
_MOST_CUTS: Final = 64

_NOT_BLANK: Final = re.compile(rb"\S")
_LIST_OF_OBJECTS: Final = re.compile(rb"\[\s*+(?=\{)")

_values: Final = msgspec.json.Decoder(list[Any], float_hook=Decimal)
_raw_values: Final = msgspec.json.Decoder(list[msgspec.Raw])


@frozen
class LongText:
    """A JSON text without the first rows of its list, and these rows."""

    rest: bytes
    rows: list[Any]
    raw: bool
    mark: str
    """The text that stands before the remaining rows. No provider can know it."""

    def put_back(self, content: dict[str, Any]) -> bool:
        """Put the rows into the decoded rest. Return False if the mark does not stand where rows do."""
        within = [inner for value in content.values() if type(value) is dict for inner in value.values()]
        for values in (*content.values(), *within):
            if type(values) is list and values and self._is_mark(values[0]):
                values[:1] = self.rows
                return True
        return False

    def _is_mark(self, value: object) -> bool:
        if self.raw:
            return isinstance(value, msgspec.Raw) and bytes(value) == b'"%b"' % self.mark.encode()
        return value == self.mark


def has_too_many_values(text: bytes, most: int = _MOST_VALUES) -> bool:
    """Whether a JSON text may hold more values than are decoded in one step. Signs within texts count too."""
    counted = 0
    for sign in (b",", b"[", b"{") if len(text) > most else ():
        counted += text.count(sign)
        if counted > most:
            return True
    return False


def take_rows(text: bytes, *, raw: bool) -> LongText | None:
    """Take the rows out of the list of a long text, decoded or `raw`; None if it has none or far too many."""
    opening_sign = _NOT_BLANK.search(text)
    if opening_sign is None or opening_sign[0] != b"{":
        return None
    if not raw and has_too_many_values(text, _MOST_VALUES_IN_ALL):
        return None
    decoder = _raw_values if raw else _values
    for opening in islice(_LIST_OF_OBJECTS.finditer(text, 0, _LATEST_LIST), _MOST_LISTS):
        rows: list[Any] = []
        place = opening.end()
        while len(text) - place > _CHUNK and len(rows) < _MOST_VALUES_IN_ALL:
            chunk, following = _decode_chunk(text, place, decoder)
            if not chunk:
                break
            rows += chunk
            place = following
        if rows:
            mark = secrets.token_hex(16)
            return LongText(b'%b"%b",%b' % (text[: opening.end()], mark.encode(), text[place:]), rows, raw, mark)
    return None


def _decode_chunk(text: bytes, start: int, decoder: msgspec.json.Decoder[list[Any]]) -> tuple[list[Any], int]:
    """Return the next rows of a list, and where the row after them begins; none if no row ends in the next chunk.

    If a part of a list is a list itself once it is closed, its end is the end of a row.
    """
    end = start + _CHUNK
    for _ in range(_MOST_CUTS):
        end = text.rfind(b"}", start, end)
        if end < 0:
            break
        sign = _NOT_BLANK.search(text, end + 1)
        if sign is not None and sign[0] == b",":
            try:
                return decoder.decode(b"[%b]" % text[start : end + 1]), sign.end()
            except UNREADABLE:
                continue
    return [], start
