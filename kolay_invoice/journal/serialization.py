"""Converts requests, replies and attempts to JSON and back to the same attrs values.

`.extra` is left out of a reply, and so are its fields with a buyer's data: these must not be stored. A request is
stored whole, because it has to be sent again as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from attrs import fields, has
from cattrs.gen import make_dict_unstructure_fn, override
from cattrs.preconf.msgspec import make_converter

from kolay_invoice.messages import Message
from kolay_invoice.value import Reply

ValueT = TypeVar("ValueT")

_converter = make_converter()
_converter.register_structure_hook(UUID, lambda text, _: UUID(text))
_converter.register_structure_hook(Decimal, lambda text, _: Decimal(text))
_converter.register_structure_hook(int | str | None, lambda value, _: value)


def _without_extra(kind: type[Any]) -> Callable[[Any], dict[str, Any]]:
    is_reply = issubclass(kind, Reply)
    omitted: dict[str, Any] = {
        a.name: override(omit=True)
        for a in fields(kind)
        if a.name == "extra" or (is_reply and a.metadata.get("is_private"))
    }
    return make_dict_unstructure_fn(kind, _converter, _cattrs_omit_if_default=True, **omitted)


_converter.register_unstructure_hook_factory(has)(_without_extra)


def write_message(said: str) -> str:
    """Return a text as a column holds it: its English, and of a message its template and values on a line below."""
    if not isinstance(said, Message):
        return said
    return f"{said}\n{json.dumps(_parts_of(said), ensure_ascii=False)}"


def read_message(written: str) -> str:
    """Return the text that `write_message` wrote. What was written before there were messages is a plain text."""
    if "\n" not in written:
        return written
    said, _, parts = written.rpartition("\n")
    if parts.startswith('{"template": '):
        try:
            message = _message_from(json.loads(parts))
        except (AttributeError, KeyError, IndexError, TypeError, ValueError):
            return written
        if message == said:
            return message
    return written


def _parts_of(message: Message) -> dict[str, Any]:
    values = {name: _parts_of(one) if isinstance(one, Message) else one for name, one in message.values.items()}
    return {"template": message.template, "values": values}


def _message_from(parts: dict[str, Any]) -> Message:
    values = {name: _message_from(one) if isinstance(one, dict) else one for name, one in parts["values"].items()}
    return Message(parts["template"], **values)


_converter.register_unstructure_hook(Message | str, write_message)
_converter.register_structure_hook_func(lambda kind: kind == Message | str, lambda written, _: read_message(written))


def dumps(value: object) -> str:
    """Return a value as JSON; fields with their default are left out."""
    return _converter.dumps(value).decode()


def loads(text: str, kind: type[ValueT]) -> ValueT:
    """Return the value of JSON that `dumps` wrote."""
    return _converter.loads(text.encode(), kind)
