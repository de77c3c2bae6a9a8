"""Decodes JSON with exact numbers and builds attrs classes with cattrs. Nothing is coerced and nothing is dropped.

By default cattrs turns `None` into the text `'None'`, `True` into 1 and `"18"` into 18. Here a primitive must have its
exact type. Otherwise the reply is rejected with the path of the wrong value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, get_type_hints
from uuid import UUID

import msgspec
from attrs import Attribute, fields
from cattrs import transform_error
from cattrs.errors import BaseValidationError
from cattrs.gen import make_dict_structure_fn, override
from cattrs.preconf.msgspec import make_converter

from kolay_invoice import validators
from kolay_invoice.messages import Message, join, message_of
from kolay_invoice.plain_struct import (
    LARGEST_EXPONENT,
    UNREADABLE,
    is_reply_class,
    members_of,
    names_of,
    plain_struct,
    strict_members_of,
)
from kolay_invoice.unknown_fields import freeze

ValueT = TypeVar("ValueT")

_DECIMAL_TEXT = re.compile(r"-?\d{1,40}(\.\d{1,40})?", re.ASCII)

_STARTS_WITH_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

_json = msgspec.json.Decoder(float_hook=Decimal)
_converter = make_converter()


def decode_json(body: bytes | msgspec.Raw) -> object:
    """Decode JSON to dicts, lists, texts, ints and exact Decimals.

    Raises:
        ValueError: The body is not JSON in UTF-8, is nested too deeply, or holds a number that is too large.
    """
    try:
        decoded: object = _json.decode(body)
    except UNREADABLE:
        msg = Message("the body is not JSON that can be read")
        raise ValueError(msg) from None
    return decoded


def structure(data: object, kind: type[ValueT]) -> ValueT:
    """Build a value of an attrs class from decoded JSON.

    Raises:
        ValueError: A field is missing or of another type; the text names its path and no value.
    """
    try:
        return _converter.structure(data, kind)
    except BaseValidationError as error:
        problems = _problems_in(error)
    except (TypeError, ValueError) as error:
        problems = [Message("{reason} @ {path}", reason=_without_values(error, kind), path="$")]
    raise ValueError(join(problems[:3])) from None


def structure_rows(rows: Iterable[object], kind: type[ValueT], first: int = 0) -> tuple[ValueT, ...]:
    """Build values of an attrs class from decoded rows. The first row that does not fit raises.

    `first` is the number of the first row, for errors.

    Raises:
        ValueError: As `structure`.
    """
    values = []
    for number, row in enumerate(rows, first):
        try:
            values.append(structure(row, kind))
        except ValueError as error:
            raise ValueError(_in_row(message_of(error), number)) from None
    return tuple(values)


def structure_leniently(data: object, kind: type[ValueT]) -> ValueT:
    """Build an object whose fields are undocumented. A value that does not fit a known field stays in `.extra`.

    Raises:
        ValueError: The data is not an object.
    """
    if not isinstance(data, dict):
        kind_of_data = "null" if data is None else type(data).__name__
        msg = Message("expected an object, got {kind} @ {path}", kind=kind_of_data, path="$")
        raise ValueError(msg)  # noqa: TRY004 - every unreadable reply is a ValueError.
    erased: type = kind
    hints = _hints_of(erased)
    extra = dict(data)
    fitting: dict[str, Any] = {}
    for attribute in members_of(kind):
        for name in names_of(attribute):
            seen = _at(data, name)
            try:
                value = _converter.structure(_plain(seen, attribute), hints[attribute.name])
            except (BaseValidationError, TypeError, ValueError):
                continue
            if value is not None:
                fitting[attribute.name] = value
                if name in extra and not isinstance(seen, dict):
                    # An object of which only one member is read also stays in `.extra`.
                    del extra[name]
                break
    fitting["extra"] = freeze(extra)
    return kind(**fitting)


def structure_rows_leniently(rows: Iterable[object], kind: type[ValueT]) -> tuple[ValueT, ...]:
    """Build rows whose fields are undocumented. The first row that is not an object raises.

    Raises:
        ValueError: As `structure_leniently`.
    """
    values = []
    for number, row in enumerate(rows):
        try:
            values.append(structure_leniently(row, kind))
        except ValueError as error:
            raise ValueError(_in_row(message_of(error), number)) from None
    return tuple(values)


@cache
def _hints_of(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _at(data: Mapping[str, object], name: str) -> object:
    """Return the value at a dotted path; None if there is none."""
    found: object = data
    for part in name.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(part)
    return found


def _problems_in(error: BaseValidationError) -> list[str]:
    """Return a message with the reason and the path of each problem."""
    reasons: list[str] = []

    def keep(problem: BaseException, kind: type | None) -> str:
        reasons.append(_without_values(problem, kind))
        return reasons[-1]

    lines = transform_error(error, format_exception=keep)
    return [
        Message("{reason} @ {path}", reason=reason, path=line.removeprefix(f"{reason} @ "))
        for reason, line in zip(reasons, lines, strict=True)
    ]


def _in_row(message: str, number: int) -> str:
    """Return a message about a row with the number of the row in its path."""
    if not isinstance(message, Message):
        return message
    values = {
        name: _in_row(value, number) if isinstance(value, str) else value for name, value in message.values.items()
    }
    if "path" in values:
        values["path"] = str(values["path"]).replace("$", f"$[{number}]", 1)
    return Message(message.template, **values)


def _without_values(error: BaseException, kind: type | None) -> str:
    if isinstance(error, KeyError):
        return Message("required field missing")
    if isinstance(error, _WrongTypeError):
        return message_of(error)
    name = str(getattr(kind, "__name__", kind)).removesuffix(" | None").rpartition(".")[2]
    return Message("not a valid {kind}", kind=name)


class _WrongTypeError(TypeError):
    """A value whose type is not the field's. The text names the types and never the value."""

    def __init__(self, expected: str, value: object) -> None:
        kind = "null" if value is None else type(value).__name__
        super().__init__(Message("expected {wanted}, got {kind}", wanted=expected, kind=kind))


def _exact(kind: type[ValueT]) -> Callable[[object, object], ValueT]:
    def hook(value: object, _: object) -> ValueT:
        if type(value) is not kind:
            raise _WrongTypeError(kind.__name__, value)
        return value

    return hook


def _decimal(value: object, _: object) -> Decimal:
    # Amounts are JSON numbers. A text of digits is equally exact, and Django REST framework sends it by default.
    if type(value) is int or (type(value) is str and _DECIMAL_TEXT.fullmatch(value)):
        exact = Decimal(value)
    elif type(value) is Decimal:
        exact = value
    else:
        raise _WrongTypeError("a number", value)
    if abs(exact.adjusted()) > LARGEST_EXPONENT:
        msg = "an amount of impossible size"
        raise ValueError(msg)
    return exact


def _uuid(value: object, _: object) -> UUID:
    if type(value) is not str:
        raise _WrongTypeError("a UUID", value)
    return UUID(value)


def _day(value: object, _: object) -> date:
    # A time may follow the day. With an offset, the day is that of Türkiye. Without one, it is taken as written.
    if type(value) is not str or not _STARTS_WITH_DAY.match(value):
        raise _WrongTypeError("a day", value)
    moment = datetime.fromisoformat(value)
    return moment.date() if moment.tzinfo is None else validators.to_datetime("the day", moment).date()


def _moment(value: object, _: object) -> datetime:
    if type(value) is not str:
        raise _WrongTypeError("a moment", value)
    return validators.to_datetime("the moment", value)


for _kind in (str, int, bool):
    _converter.register_structure_hook(_kind, _exact(_kind))
_converter.register_structure_hook(Decimal, _decimal)
_converter.register_structure_hook(UUID, _uuid)
_converter.register_structure_hook(date, _day)
_converter.register_structure_hook(datetime, _moment)


def _object_hook(kind: type) -> Callable[[object, object], Any]:
    """Return the hook of an attrs class. It reads alternative field names and keeps unknown fields in `.extra`."""
    read = strict_members_of(kind)
    keeps_extra = len(members_of(kind)) < len(fields(kind))
    structured: Callable[[Mapping[str, object], type], Any] = make_dict_structure_fn(
        kind, _converter, _cattrs_detailed_validation=True, extra=override(struct_hook=lambda extra, _: freeze(extra))
    )

    types = get_type_hints(kind)
    amounts = [name for name in types if types[name] in (Decimal, Decimal | None)]
    plain = plain_struct(kind, types)

    def hook(value: object, _: object) -> Any:
        if type(value) is not dict:
            raise _WrongTypeError("an object", value)
        # Fast path: an object that holds only the documented fields, each of its own type. The slow path keeps unknown
        # fields and names wrong ones. A text amount takes the slow path, because msgspec would accept "1e2".
        if not any(type(value.get(name)) is str for name in amounts):
            try:
                reply: Any = msgspec.convert(msgspec.convert(value, plain), kind, from_attributes=True)
            except msgspec.ValidationError:
                pass
            else:
                exact = [amount for name in amounts if (amount := getattr(reply, name)) is not None]
                if all(abs(amount.adjusted()) <= LARGEST_EXPONENT for amount in exact):
                    return reply
        known, extra = _sorted_out(value, read)
        if keeps_extra:
            known["extra"] = extra
        return structured(known, kind)

    return hook


def _sorted_out(
    data: Mapping[str, object], read: Sequence[Attribute[Any]]
) -> tuple[dict[str, object], dict[str, object]]:
    """Return the known values by attribute name, and all other fields unchanged."""
    known: dict[str, object] = {}
    extra = dict(data)
    for attribute in read:
        present = [name for name in names_of(attribute) if name in data]
        if not present:
            continue
        chosen = next((name for name in present if data[name] is not None), present[0])
        value = known[attribute.name] = _plain(data[chosen], attribute)
        for name in present:
            # Drop the same value under a second name. Keep a different value, and an object of which only the key is
            # read.
            if data[name] is None or data[name] == value or value is None:
                del extra[name]
    return known, extra


def _plain(value: object, attribute: Attribute[Any]) -> object:
    key = attribute.metadata.get("key")
    if key is not None and type(value) is dict and key in value:
        return value[key]
    return None if value == "" and attribute.metadata.get("blank_is_none") else value


_converter.register_structure_hook_factory(is_reply_class)(_object_hook)
