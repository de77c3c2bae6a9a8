"""The documented form of a reply as a msgspec class, which refuses every other form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import InvalidOperation
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_type_hints

import msgspec
from attrs import NOTHING, Attribute, fields
from attrs import has as is_attrs

LARGEST_EXPONENT: Final = 40
"""The largest exponent of an amount. A larger number is no amount, and computing with it would take memory and time."""


UNREADABLE: Final = (
    msgspec.MsgspecError,
    UnicodeDecodeError,
    RecursionError,
    InvalidOperation,
    OverflowError,
    MemoryError,
)
"""What msgspec and Decimal raise on a hostile body. Their texts quote the reply, which may hold private data."""


def members_of(kind: type) -> list[Attribute[Any]]:
    """Return the attributes that are read from a reply, in order, without `extra`."""
    return [attribute for attribute in fields(kind) if attribute.name != "extra"]


def strict_members_of(kind: type) -> list[Attribute[Any]]:
    """Return the attributes that are read where every value must have its type."""
    return [attribute for attribute in members_of(kind) if not attribute.metadata.get("only_leniently")]


def names_of(attribute: Attribute[Any]) -> tuple[str, ...]:
    """Return the names of a field in replies, the documented one first."""
    names: tuple[str, ...] = attribute.metadata.get("names", (attribute.name,))
    return names


def is_reply_class(kind: Any) -> bool:
    """Whether a type is an attrs class, which is read from a JSON object."""
    return isinstance(kind, type) and is_attrs(kind)


def plain_struct(kind: type, types: Mapping[str, Any]) -> type[msgspec.Struct]:
    """Return a msgspec class of only the documented fields of an attrs class, with the given types."""
    members = strict_members_of(kind)
    typed = [
        (attribute.name, _plain_type(types[attribute.name], blank=not attribute.metadata.get("blank_is_none")))
        for attribute in members
    ]
    return msgspec.defstruct(
        f"Plain{kind.__name__}",
        [
            pair if attribute.default is NOTHING else (*pair, None)
            for pair, attribute in zip(typed, members, strict=True)
        ],
        rename={attribute.name: names_of(attribute)[0] for attribute in members},
        forbid_unknown_fields=True,
        gc=False,
    )


def _plain_type(of: Any, *, blank: bool) -> Any:
    """Return a field's type made strict: reply classes become plain structs, and a text may have to be non-empty."""
    if is_reply_class(of):
        return plain_struct(of, get_type_hints(of))
    if isinstance(of, UnionType):
        return Union[tuple(_plain_type(part, blank=blank) for part in _alternatives(of))]  # noqa: UP007 - known at run time.
    return of if blank or of is not str else Annotated[str, msgspec.Meta(min_length=1)]


def _alternatives(of: Any) -> Sequence[Any]:
    return get_args(of) if isinstance(of, UnionType) else (of,)
