"""Converts requests to and from a name and fields, for files and queues. Pure; errors show no field values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from attrs import NOTHING, fields, fields_dict, has

from kolay_invoice.endpoint import Request
from kolay_invoice.journal.operations import select_resource
from kolay_invoice.messages import Message, message_of
from kolay_invoice.operations import BY_BATCH_NAME, BY_REQUEST, JournaledRequest

FIELDS: Final = tuple(dict.fromkeys(a.name for one in BY_BATCH_NAME.values() for a in fields(one.request)))
"""Every field of any request: the columns of a file besides `operation`."""

_IDS: Final = frozenset(
    {
        *("document_id", "vault_id", "sale_id", "invoice_id"),
        *("contact_id", "address_id", "associate_id", "project_id", "vat_rate"),
    }
)
_FLAGS: Final = {"true": True, "false": False, "1": True, "0": False}
_IS_FLAG: Final = frozenset({"is_corporate", "is_abroad", "shipment_include"})
# The largest id has 19 digits. The request checks the bound itself; Python's `int` refuses very long numbers.
_DIGITS: Final = re.compile(r"[0-9]{1,19}")
_SHOWN: Final = 40


def batch_name_of(request: Request[Any]) -> str | None:
    """Return the name of a request's operation in files and queues; None if it has none."""
    endpoint = BY_REQUEST.get(type(request))
    return None if endpoint is None else endpoint.batch_name or None


def provider_of(operation: str) -> str:
    """Return the provider of an operation that a file or queue names."""
    return BY_BATCH_NAME[operation].provider


def request_of(operation: object, given: Mapping[str, object]) -> JournaledRequest:
    """Return the request of a name and fields. Fields that are None are left out.

    Raises:
        ValueError: There is no such operation, or a field is missing, unknown or invalid; the text names it.
    """
    if not isinstance(operation, str) or not operation:
        msg = Message("operation is missing")
        raise ValueError(msg)
    endpoint = BY_BATCH_NAME.get(operation)
    if endpoint is None:
        msg = Message(
            "operation {given} is not one of {names}", given=quoted(operation), names=", ".join(BY_BATCH_NAME)
        )
        raise ValueError(msg)
    kind: type[JournaledRequest] = endpoint.request
    known = fields_dict(kind)
    arguments: dict[str, Any] = {name: _value(name, value) for name, value in given.items() if value is not None}
    for name in arguments:
        if name not in known:
            msg = Message(
                "{given} is not a field of {name}", given=name if name in FIELDS else quoted(name), name=operation
            )
            raise ValueError(msg)
    for name, attribute in known.items():
        if attribute.default is NOTHING and name not in arguments:
            msg = Message("{name} is missing", name=name)
            raise ValueError(msg)
    try:
        request = kind(**arguments)
    except TypeError as error:
        raise ValueError(message_of(error)) from None
    select_resource(endpoint, request)
    return request


def fields_of(request: Request[Any]) -> dict[str, Any]:
    """Return the fields of a request as plain JSON values. `request_of` makes the same request of them."""
    found: dict[str, Any] = _plain(request)
    return found


def _plain(value: object) -> Any:
    if has(kind := type(value)):
        given = {attribute.name: getattr(value, attribute.name) for attribute in fields(kind)}
        return {name: _plain(part) for name, part in given.items() if part is not None}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, int | Mapping):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def quoted(text: str) -> str:
    """Return a foreign text in quotes, shortened, and with unprintable characters escaped."""
    shortened = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return repr(shortened)


def _value(name: str, value: object) -> object:
    if name in _IS_FLAG and isinstance(value, str):
        if value not in _FLAGS:
            msg = Message("{name} must be true or false", name=name)
            raise ValueError(msg)
        return _FLAGS[value]
    if name not in _IDS or type(value) is int:
        return value
    if not isinstance(value, str) or not _DIGITS.fullmatch(value):
        msg = Message("{name} must be digits only", name=name)
        raise ValueError(msg)
    return int(value)
