"""Decodes a JSON object and finds a field that it holds twice with two values.

JSON parsers differ in which of two values they take, so neither is reliable. msgspec keeps the last one without an
error. If the members that it kept make up the whole text, no field was dropped. Otherwise the text is decoded once more
by a decoder that sees every member.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, Final

import msgspec

from kolay_invoice.codec import decode_json
from kolay_invoice.long_json import LARGEST_AT_ONCE, has_too_many_values, take_rows
from kolay_invoice.plain_struct import UNREADABLE

_object: Final = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_raw_list: Final = msgspec.json.Decoder(list[msgspec.Raw])
_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_OPENING: Final = ord("{")
_BRACES: Final = len("{}")
_PUNCTUATION: Final = len('"":,')
_NAME: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
_BLANKS: Final = re.compile(rb"[ \t\n\r]*+")


def decode_object(
    body: bytes, *, within: str | None = None, raw: str | None = None
) -> tuple[dict[str, Any] | None, str | None]:
    """Return the decoded object, and the name of a field that it holds twice with two values.

    Both are None if the body is not a JSON object, or holds far too many values.

    Args:
        body: The JSON text.
        within: A field whose object is searched for such a field as well.
        raw: A field whose rows are left undecoded, because there may be many. They stand in it, or in the field of the
            same name within it.
    """
    long = take_rows(body, raw=raw is not None) if len(body) > LARGEST_AT_ONCE else None
    text = body if long is None else long.rest
    if has_too_many_values(text):
        return None, None
    try:
        members = _MEMBERS.decode(text)
        content: dict[str, Any] = (
            _object.decode(text) if raw is None else {name: _decode(part, name, raw) for name, part in members.items()}
        )
        if long is not None and not long.put_back(content):
            if raw is not None or has_too_many_values(body):
                return None, None
            # Rows that are long themselves: the list that was found is within one of them.
            text, members, content = body, _MEMBERS.decode(body), _object.decode(body)
        if _holds_only(text, members, within):
            return content, None
        # Numbers are compared as written: 1 and 1.0 differ here.
        seen = json.loads(text, object_pairs_hook=_Members, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, *UNREADABLE):
        return None, None
    places = [seen, seen.get(within)]
    return content, next((place.repeated for place in places if isinstance(place, _Members) and place.repeated), None)


def _decode(part: msgspec.Raw, name: str, raw: str) -> Any:
    """Return a decoded member, or its rows undecoded."""
    if name == raw and _first_byte(part) == b"[":
        return _raw_list.decode(part)
    if name == raw and _first_byte(part) == b"{":
        return {
            inner: _decode(value, inner, raw) if _first_byte(value) == b"[" else decode_json(value)
            for inner, value in _MEMBERS.decode(part).items()
        }
    return decode_json(part)


class _Members(dict[str, Any]):
    """An object, and the name of a field that it holds twice with two values."""

    __slots__ = ("repeated",)

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.repeated: str | None = None
        if len(self) < len(pairs):
            first: dict[str, Any] = {}
            self.repeated = next((name for name, value in pairs if first.setdefault(name, value) != value), None)


def _holds_only(body: bytes | msgspec.Raw, members: dict[str, msgspec.Raw], within: str | None) -> bool:
    """Whether a text consists of exactly these members, so that none was dropped; also in the object `within`."""
    ours = [len(name.encode()) + len(part) + _PUNCTUATION for name, part in members.items()]
    if len(body) != sum(ours) + _BRACES - (1 if ours else 0) and not _is_made_of(body, members):
        return False
    inner = None if within is None else members.get(within)
    if inner is None or memoryview(inner)[0] != _OPENING:
        return True
    return _holds_only(inner, _MEMBERS.decode(inner), None)


def _first_byte(part: msgspec.Raw) -> bytes:
    """Return the first byte of an undecoded value, which shows whether it is an object or a list."""
    return bytes(memoryview(part)[:1])


def _is_made_of(body: bytes | msgspec.Raw, members: dict[str, msgspec.Raw]) -> bool:
    """Whether a text that may contain white space holds each member once, or each time with the same bytes."""
    text = bytes(body)
    place = _skip_blanks(text, text.index(b"{") + 1)
    while name := _NAME.match(text, place):
        part = members.get(msgspec.json.decode(name[0]))
        colon = _skip_blanks(text, name.end())
        start = _skip_blanks(text, colon + 1)
        if part is None or text[start : start + len(part)] != bytes(part):
            return False
        end = _skip_blanks(text, start + len(part))
        if text[end : end + 1] not in (b",", b"}"):
            return False
        place = _skip_blanks(text, end + 1)
    return True


def _skip_blanks(text: bytes, place: int) -> int:
    """Return the place of the next byte that is not white space of JSON."""
    return _BLANKS.match(text, place).end()  # type: ignore[union-attr] # it matches everywhere.
