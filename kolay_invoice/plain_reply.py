"""Reads a reply in its documented form in one step. Any other form is left to the careful reader.

A reply is plain when it holds only the documented fields, each once, none of them null. msgspec does not report a field
that comes twice. But no JSON text of the same fields and values is shorter than the one that msgspec writes. So a text
of that length holds each field once.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Final, Generic, TypeVar, get_type_hints

import msgspec
from msgspec import UNSET, UnsetType

from kolay_invoice.denial import Denials, find_denial
from kolay_invoice.plain_struct import UNREADABLE, names_of, strict_members_of

ReplyT = TypeVar("ReplyT")

_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


class PlainReply(Generic[ReplyT]):
    """Reads the envelope of one object, `{"success": true, "data": {…}}`; `success` may be absent.

    Args:
        kind: The class of the object. No field may be a reply class or an amount.
        subject: The field of request and reply that names the same document.
        denials: What reports a failure in the object's `status`; None if it has none.
    """

    def __init__(self, kind: type[ReplyT], subject: str, denials: Denials | None = None) -> None:
        types, members = get_type_hints(kind), strict_members_of(kind)
        data = msgspec.defstruct(
            f"Plain{kind.__name__}",
            [(attribute.name, _required(types[attribute.name])) for attribute in members],
            rename={attribute.name: names_of(attribute)[0] for attribute in members},
            forbid_unknown_fields=True,
            gc=False,
        )
        envelope = msgspec.defstruct(
            "PlainEnvelope",
            [("data", data), ("success", bool | UnsetType, UNSET)],
            forbid_unknown_fields=True,
            gc=False,
        )
        self._kind = kind
        self._subject = attrgetter(subject)
        self._denials = denials
        self._decode = msgspec.json.Decoder(envelope).decode
        self._values = attrgetter(*(attribute.name for attribute in members))

    def read(self, request: object, body: bytes) -> ReplyT | None:
        """Return the object; None if the reply is not plain, is about another document or reports a failure."""
        try:
            envelope: Any = self._decode(body)
        except UNREADABLE:
            return None
        if envelope.success is False or len(_encode(envelope)) != len(body):
            return None
        data = envelope.data
        if self._subject(data) != self._subject(request):
            return None
        if self._denials is not None and find_denial({"status": data.status}, self._denials) is not None:
            return None
        return self._kind(*self._values(data))


def _required(of: Any) -> Any:
    """Return the type of a field that is not null."""
    return of.__args__[0] if type(None) in getattr(of, "__args__", ()) else of


class _PlainList(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    data: msgspec.Raw
    success: bool | UnsetType = UNSET


_decode_list: Final = msgspec.json.Decoder(_PlainList).decode


def read_list(body: bytes) -> msgspec.Raw | None:
    """Return the undecoded `data` of an envelope that holds nothing else but `success`; None if it is not plain."""
    try:
        envelope = _decode_list(body)
    except UNREADABLE:
        return None
    return None if envelope.success is False or len(_encode(envelope)) != len(body) else envelope.data
