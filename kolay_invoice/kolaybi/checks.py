"""The rules of KolayBi's pages for what is created, checked before a byte leaves. Each error names the argument."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from kolay_invoice import validators
from kolay_invoice.messages import Message

if TYPE_CHECKING:
    from attrs import Attribute

ValueT = TypeVar("ValueT")

VAT_RATES: Final = (0, 1, 8, 10, 18, 20)
VKN_DIGITS: Final = 10

_IDENTITY: Final = re.compile(r"\d{10,11}", re.ASCII)
_GTIP: Final = re.compile(r"\d{12}", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Za-z]{3}", re.ASCII)
_ADDRESS: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}", re.ASCII)
_SHORTEST_NAME: Final = 2
_MOST: Final = 1000
"""Parts of one list: no invoice has so many lines."""


def identity_number(instance: object, attribute: Attribute[Any], value: object) -> None:
    """Accept a tax number (VKN, 10 digits) or identity number (TCKN, 11 digits). Check digits are not looked at."""
    validators.plain_text(instance, attribute, value)
    # Placeholders such as 11111111111 are in daily use.
    _match(_IDENTITY, value, Message("{name} must be 10 or 11 digits", name=attribute.name))


def gtip(instance: object, attribute: Attribute[Any], value: object) -> None:
    """Accept a customs tariff number (GTIP) of 12 digits."""
    validators.plain_text(instance, attribute, value)
    _match(_GTIP, value, Message("{name} must be 12 digits", name=attribute.name))


def currency(instance: object, attribute: Attribute[Any], value: object) -> None:
    """Accept a currency of three letters, in either case."""
    validators.plain_text(instance, attribute, value)
    _match(_CURRENCY, value, Message("{name} must be three letters, such as TRY", name=attribute.name))


def email(instance: object, attribute: Attribute[Any], value: object) -> None:
    """Accept a text of the form of an e-mail address."""
    validators.plain_text(instance, attribute, value)
    _match(_ADDRESS, value, Message("{name} must be an e-mail address", name=attribute.name))


def name(instance: object, attribute: Attribute[Any], value: object) -> None:
    """Accept a plain text of at least two characters."""
    validators.plain_text(instance, attribute, value)
    if len(str(value)) < _SHORTEST_NAME:
        msg = Message("{name} must have at least 2 characters", name=attribute.name)
        raise ValueError(msg)


def vat_rate(_instance: object, attribute: Attribute[Any], value: object) -> None:
    """Accept one of the VAT rates (KDV) of the page, in percent."""
    if type(value) is not int:
        msg = Message("{name} must be an int, not {kind}", name=attribute.name, kind=type(value).__name__)
        raise TypeError(msg)
    if value not in VAT_RATES:
        known = ", ".join(map(str, VAT_RATES))
        msg = Message("{name} must be one of {names}", name=attribute.name, names=known)
        raise ValueError(msg)


def needs(request: object, name: str, because: str) -> None:
    """Require an argument that another one asks for."""
    if getattr(request, name) is None:
        msg = Message("{name} is needed with {other}", name=name, other=because)
        raise ValueError(msg)


def parts(argument: str, kind: type[ValueT], given: object) -> tuple[ValueT, ...]:
    """Return the parts of a list: values of a class, or mappings of their fields as a file has them."""
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        msg = Message("{name} must be a list of {kind}", name=argument, kind=kind.__name__)
        raise TypeError(msg)
    found = tuple(part(f"{argument}[{number}]", kind, one) for number, one in enumerate(given))
    if len(found) > _MOST:
        msg = Message("{name} must have at most {number} parts", name=argument, number=_MOST)
        raise ValueError(msg)
    return found


def part(argument: str, kind: type[ValueT], given: object) -> ValueT:
    """Return a value of a class, also from a mapping of its fields.

    Raises:
        TypeError: It is neither, or has a field that the class does not have.
        ValueError: One of its fields is wrong.
    """
    if isinstance(given, kind):
        return given
    if isinstance(given, Mapping):
        try:
            return kind(**{str(name): value for name, value in given.items() if value is not None})
        except TypeError:
            msg = Message("{name} must hold the fields of {kind}", name=argument, kind=kind.__name__)
            raise TypeError(msg) from None
    msg = Message("{name} must be a {kind}", name=argument, kind=kind.__name__)
    raise TypeError(msg)


def _match(pattern: re.Pattern[str], value: object, message: Message) -> None:
    if not pattern.fullmatch(str(value)):
        raise ValueError(message)
