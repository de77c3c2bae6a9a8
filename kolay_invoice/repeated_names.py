"""Names that stand twice in one JSON object with two values: readers differ in which one they take, so neither holds.

msgspec keeps the last value and says nothing of the first. Counting bytes shows whether that can have happened: every
member has to be there, and JSON without white space has nothing besides. Only where there is something besides, which
is a name that came twice or white space, the object is read once more, by a reader that sees every member.
"""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

from kolay_invoice.codec import UNREADABLE
from kolay_invoice.messages import Message

_PARTS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_BRACES: Final = len("{}")
_PUNCTUATION: Final = len('"":,')


class _Members(dict[str, Any]):
    """An object as it was read, and the name that stands in it twice with two values, if one does."""

    __slots__ = ("repeated",)

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.repeated: str | None = None
        if len(self) < len(pairs):
            first: dict[str, Any] = {}
            self.repeated = next((name for name, value in pairs if first.setdefault(name, value) != value), None)


def repeated_name(body: bytes, *, within: str | None = None) -> str | None:
    """Return a name that stands twice, with two values, in the JSON object of a body, or in that of one of its members.

    Raises:
        ValueError: The body is nested or sized beyond reason.
    """
    try:
        if _is_compact(body, within):
            return None
        # Numbers are compared as they are written: 1 and 1.0 are told apart, which costs nothing here.
        content = json.loads(body, object_pairs_hook=_Members, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, *UNREADABLE):
        msg = Message("the body is not JSON that can be read")
        raise ValueError(msg) from None
    places = [content] if within is None or not isinstance(content, dict) else [content, content.get(within)]
    return next((place.repeated for place in places if isinstance(place, _Members) and place.repeated), None)


def _is_compact(body: bytes | msgspec.Raw, within: str | None) -> bool:
    """Whether each of an object's bytes belongs to a member that was kept, so that no name can stand there twice."""
    members = _PARTS.decode(body)
    ours = [len(name.encode()) + len(value) + _PUNCTUATION for name, value in members.items()]
    if len(body) != sum(ours) + _BRACES - (1 if ours else 0):
        return False
    inner = members.get(within) if within is not None else None
    return inner is None or bytes(memoryview(inner)[:1]) != b"{" or _is_compact(inner, None)
