"""Reads the fields of KolayBi's calls, and refuses a wrong one in the provider's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from kolay_invoice.emulator.messages import ProviderRefusal, whole_number
from kolay_invoice.emulator.values import exact_amount


def required(fields: Mapping[str, str], name: str) -> str:
    """Return a text that must be there."""
    text = fields.get(name)
    if not text:
        raise ProviderRefusal(400, f"{name} alanı zorunludur.", field=name)
    return text


def integer(fields: Mapping[str, str], name: str) -> int:
    """Return a whole number that must be there."""
    number = whole_number(required(fields, name))
    if number is None:
        raise ProviderRefusal(400, f"{name} alanı tam sayı olmalıdır.", field=name)
    return number


def optional_integer(fields: Mapping[str, str], name: str) -> int | None:
    """Return a whole number, or None."""
    return integer(fields, name) if fields.get(name) else None


def optional_date(fields: Mapping[str, str], name: str) -> date | None:
    """Return a day written YYYY-MM-DD, or None."""
    text = fields.get(name)
    if not text:
        return None
    with suppress(ValueError):
        day = date.fromisoformat(text)
        # Python reads week dates and dates without dashes as well; the provider documents one form.
        if day.isoformat() == text:
            return day
    raise ProviderRefusal(400, f"{name} alanı YYYY-MM-DD biçiminde bir tarih olmalıdır.", field=name)


def optional_amount(fields: Mapping[str, str], name: str) -> Decimal | None:
    """Return an exact amount, or None."""
    text = fields.get(name)
    if not text:
        return None
    try:
        return exact_amount(text)
    except ValueError:
        raise ProviderRefusal(400, f"{name} alanı sayı olmalıdır.", field=name) from None


def optional_flag(fields: Mapping[str, str], name: str) -> bool | None:
    """Return a boolean in any of the spellings that PHP frameworks read, or None."""
    text = fields.get(name)
    if not text:
        return None
    if text not in {"0", "1", "true", "false"}:
        raise ProviderRefusal(400, f"{name} alanı doğru veya yanlış olmalıdır.", field=name)
    return text in {"1", "true"}


def required_uuid(fields: Mapping[str, str], name: str) -> UUID:
    """Return a UUID that must be there."""
    with suppress(ValueError):
        return UUID(required(fields, name))
    raise ProviderRefusal(400, f"{name} alanı UUID olmalıdır.", field=name)


_DEPTH: Final = 2
_PART: Final = re.compile(r"\[(\w+)\]")


def nested(form: Mapping[str, str], name: str) -> list[dict[str, str]]:
    """Return a list of objects that a form spells out as PHP does: `items[0][product_id]=7`."""
    found: dict[str, dict[str, str]] = {}
    for key, text in form.items():
        head, _, _ = key.partition("[")
        parts = _PART.findall(key)
        if head == name and len(parts) == _DEPTH:
            number, member = parts
            found.setdefault(number, {})[member] = text
    return list(found.values())
