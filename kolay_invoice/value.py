"""Values that leave the program: replies, rows, reports and errors as JSON."""

from __future__ import annotations

import base64
import enum
import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, get_type_hints, overload
from uuid import UUID

from attrs import fields
from attrs import has as is_attrs

from kolay_invoice.errors import KolayInvoiceError
from kolay_invoice.redact import MASK, Secret

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

__all__ = ["Reply", "Value", "to_dict", "to_json"]


class Value:
    """The base of what `to_dict` and `to_json` take: requests, replies, rows of a journal and reports."""

    __slots__ = ()

    also_in_json: ClassVar[tuple[str, ...]] = ()
    """The properties that `to_dict` shows beside the fields."""


class Reply(Value):
    """The base of the replies. FastAPI and pydantic accept each as a type: `-> list[Invoice]`."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema by which pydantic writes a reply, and OpenAPI shows it. Amounts are texts."""
        from pydantic_core import core_schema

        kinds = get_type_hints(cls)
        # Bytes are base64 in `to_dict`. Pydantic would read them as UTF-8.
        shown = {name: str if kinds[name] is bytes else kinds[name] for name in _names_of(cls)}
        members = {
            name: core_schema.typed_dict_field(handler.generate_schema(kind), required=True)
            for name, kind in shown.items()
        }
        written = core_schema.plain_serializer_function_ser_schema(
            _members_of, return_schema=core_schema.typed_dict_schema(members, cls=cls, cls_name=cls.__name__)
        )
        name = f"{cls.__module__}.{cls.__qualname__}:{id(cls)}"
        return core_schema.is_instance_schema(cls, ref=name, serialization=written)


Scalar: TypeAlias = str | int | float | Decimal | UUID | date | enum.Enum | None
Listed: TypeAlias = list[Any] | tuple[Any, ...]


@overload
def to_dict(value: Value | KolayInvoiceError) -> dict[str, object]: ...
@overload
def to_dict(value: Mapping[str, object]) -> dict[str, object]: ...
@overload
def to_dict(value: Scalar) -> str | int | float | None: ...
@overload
def to_dict(value: Listed) -> list[object]: ...
def to_dict(value: object) -> object:
    """Return a reply, a row, a report or an error as values that JSON has.

    Amounts (`Decimal`), UUIDs, dates and times are texts, never floats. Bytes are base64. `.extra` is included. An
    error has its class as `error` and its text as `message`. Its request is included without private values (a sale
    code, a name). A list becomes a list. A single amount, UUID or date becomes a text, so that
    `json.dumps(…, default=to_dict)` works.

    Args:
        value: A request, a reply, a `Row`, a `Report`, an error, or a list of these.

    Returns:
        A new dict; its keys are the names of the fields.

    Raises:
        TypeError: The value is of another kind.
    """
    return _plain(value, with_private=True)


def to_json(value: Value | KolayInvoiceError | Mapping[str, object] | Listed) -> str:
    """Return a reply, a row, a report or an error, or a list of these, as one JSON text. See `to_dict`.

    Raises:
        TypeError: The value is of another kind.
    """
    return json.dumps(_plain(value, with_private=True), ensure_ascii=False)


def _names_of(kind: type) -> tuple[str, ...]:
    return tuple(attribute.name for attribute in fields(kind) if not attribute.name.startswith("_"))


def _members_of(value: Any) -> dict[str, object]:
    members = {name: getattr(value, name) for name in _names_of(type(value))}
    return {name: _plain(one, with_private=True) if type(one) is bytes else one for name, one in members.items()}


def _plain(value: object, *, with_private: bool) -> object:
    match value:
        case Secret():
            return MASK
        case enum.Enum():
            return value.value
        case str() | UUID():
            return str(value)
        case None | bool() | int() | float():
            return value
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case KolayInvoiceError():
            return _plain_error(value)
        case Mapping():
            return {str(name): _plain(one, with_private=with_private) for name, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(one, with_private=with_private) for one in value]
    if not isinstance(value, type) and is_attrs(type(value)):
        return _plain_members(value, with_private=with_private)
    msg = f"value: to_dict takes a request, reply, row, report or error of kolay_invoice, not {type(value).__name__}"
    raise TypeError(msg)


def _plain_members(value: Any, *, with_private: bool) -> dict[str, object]:
    shown = {}
    for attribute in fields(type(value)):
        name = attribute.name
        if name.startswith("_") or not (with_private or attribute.repr):
            continue
        member = getattr(value, name)
        if not with_private and callable(attribute.repr):
            member = attribute.repr(member)
        shown[name] = _plain(member, with_private=with_private)
    for name in getattr(value, "also_in_json", ()):
        shown[name] = _plain(getattr(value, name), with_private=with_private)
    return shown


def _plain_error(error: KolayInvoiceError) -> dict[str, object]:
    known = {
        "error": type(error).__name__,
        "message": str(error),
        "may_have_happened": error.may_have_happened,
        **{name: one for name, one in vars(error).items() if not name.startswith("_")},
        "request": error.request,
    }
    # An error is shown to others more often than a reply, so its private values stay out.
    return {name: _plain(one, with_private=False) for name, one in known.items()}


def length_of(unit: str) -> Callable[[str | bytes], str]:
    """Return the repr of a body: its length in this unit, and nothing of it."""
    return lambda body: f"<{len(body)} {unit}>"
