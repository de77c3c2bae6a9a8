"""Validates arguments before any byte is sent. Each error names the argument and shows no value."""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from uuid import UUID

from kolay_invoice.errors import ConfigurationError
from kolay_invoice.limiter import Limiter
from kolay_invoice.messages import Message
from kolay_invoice.redact import Secret, kind_of
from kolay_invoice.turkiye import in_turkiye

if TYPE_CHECKING:
    from attrs import Attribute

LARGEST_ID = 2**63 - 1
LONGEST_TEXT = 200
LARGEST_AMOUNT_DIGITS = 30
LONGEST_SECONDS = 366 * 24 * 3600
UUID_VERSION = 4

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_INVOICE_NUMBER = re.compile(r"[A-Z0-9]{3}20\d{2}\d{9}", re.ASCII)
_HEADER_TEXT = re.compile(r"[\x21-\x7e]+")


def positive_id(_instance: object, attribute: Attribute[Any], value: object) -> None:
    """Accept a positive whole number: an id of a document, sale, invoice, vault or company."""
    if type(value) is not int:
        msg = Message("{name} must be an int, not {kind}", name=attribute.name, kind=type(value).__name__)
        raise TypeError(msg)
    if not 0 < value <= LARGEST_ID:
        msg = Message("{name} must be a positive whole number below 2**63", name=attribute.name)
        raise ValueError(msg)


def plain_text(_instance: object, attribute: Attribute[Any], value: object) -> None:
    """Accept a text of 1 to 200 characters without control characters or surrounding blanks."""
    if not isinstance(value, str):
        msg = Message("{name} must be a str, not {kind}", name=attribute.name, kind=type(value).__name__)
        raise TypeError(msg)
    if not value or value != value.strip() or len(value) > LONGEST_TEXT:
        msg = Message(
            "{name} must have 1 to {number} characters and no blanks around them",
            name=attribute.name,
            number=LONGEST_TEXT,
        )
        raise ValueError(msg)
    if CONTROL.search(value):
        msg = Message("{name} must not hold control characters", name=attribute.name)
        raise ValueError(msg)


def sale_code(instance: object, attribute: Attribute[Any], value: object) -> None:
    """Accept a sale code: a plain text that no server can parse as a path segment, a query or a fragment."""
    plain_text(instance, attribute, value)
    text = str(value)
    if "#" in text or "?" in text or ".." in re.split(r"[/\\]", text) or "." in re.split(r"[/\\]", text):
        msg = Message(
            "{name} must not hold '#', '?' or a path segment '.' or '..': name the sale by its sale_id",
            name=attribute.name,
        )
        raise ValueError(msg)


def invoice_number(_instance: object, attribute: Attribute[Any], value: object) -> None:
    """Accept an invoice number of GİB's form: 3 letters or digits, the year, 9 digits."""
    if not isinstance(value, str):
        msg = Message("{name} must be a str, not {kind}", name=attribute.name, kind=type(value).__name__)
        raise TypeError(msg)
    if not _INVOICE_NUMBER.fullmatch(value):
        msg = Message(
            "{name} must be 16 characters: 3 of A-Z0-9, the year 20.., 9 digits (ABC2026000000001)", name=attribute.name
        )
        raise ValueError(msg)


def exactly_one(request: object, *names: str) -> None:
    """Require exactly one of these arguments."""
    if sum(getattr(request, name) is not None for name in names) != 1:
        msg = Message("give exactly one of {names}", names=", ".join(names))
        raise ValueError(msg)


def forbid_with(request: object, chosen: str, *names: str) -> None:
    """Reject arguments that have no meaning together with `chosen`."""
    for name in names:
        if getattr(request, name) is not None:
            msg = Message("{name} has no meaning together with {other}", name=name, other=chosen)
            raise ValueError(msg)


def check_range(request: object, least: str, most: str) -> None:
    """Require that a lower bound is not greater than its upper bound."""
    lower, upper = getattr(request, least), getattr(request, most)
    if lower is not None and upper is not None and lower > upper:
        msg = Message("{name} must not be greater than {other}", name=least, other=most)
        raise ValueError(msg)


def to_date(name: str, value: object) -> date | None:
    """Return a calendar day from a date, a `YYYY-MM-DD` text or an aware datetime (its day in Türkiye)."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return to_datetime(name, value).date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        msg = f"{name} must be a date or a YYYY-MM-DD text, not {type(value).__name__}"
        raise TypeError(msg)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    msg = Message("{name} must be an existing day written YYYY-MM-DD", name=name)
    raise ValueError(msg)


def to_datetime(name: str, value: object) -> datetime:
    """Return an aware datetime in Türkiye's time, to the second, from a datetime or an ISO 8601 text with an offset."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            msg = Message(
                "{name} must be ISO 8601 with an offset, such as {example}",
                name=name,
                example="2026-05-02T09:00:00+0300",
            )
            raise ValueError(msg) from None
    if not isinstance(value, datetime):
        msg = Message(
            "{name} must be an aware datetime or its ISO 8601 text, not {kind}", name=name, kind=type(value).__name__
        )
        raise TypeError(msg)
    if value.utcoffset() is None:
        msg = Message("{name} must say its offset from UTC: a naive datetime could mean another day", name=name)
        raise ValueError(msg)
    try:
        return in_turkiye(value).replace(microsecond=0)
    except OverflowError:
        msg = Message("{name} lies outside the calendar", name=name)
        raise ValueError(msg) from None


def to_decimal(name: str, value: object) -> Decimal | None:
    """Return an exact amount. A float is rejected, because it has already lost digits."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        msg = f"{name} must be a Decimal, an int or a text of digits, not {type(value).__name__}"
        raise TypeError(msg)
    try:
        exact = Decimal(value)
    except InvalidOperation:
        msg = Message("{name} must be a number such as {example}", name=name, example="1250.75")
        raise ValueError(msg) from None
    too_long = not exact.is_finite() or len(exact.as_tuple().digits) > LARGEST_AMOUNT_DIGITS
    if too_long or abs(exact.adjusted()) > LARGEST_AMOUNT_DIGITS:
        msg = Message(
            "{name} must be a finite amount of at most {number} digits", name=name, number=LARGEST_AMOUNT_DIGITS
        )
        raise ValueError(msg)
    return exact


def positive_amount(name: str, value: object) -> Decimal | None:
    """Return an exact amount of money, which must be greater than zero."""
    exact = to_decimal(name, value)
    if exact is not None and exact <= 0:
        msg = Message("{name} must be greater than zero; leave it out for all that remains", name=name)
        raise ValueError(msg)
    return exact


def to_uuid(name: str, value: object) -> UUID:
    """Return a UUID of any version."""
    if not isinstance(value, UUID | str):
        msg = Message("{name} must be a uuid.UUID or its text, not {kind}", name=name, kind=type(value).__name__)
        raise TypeError(msg)
    try:
        return value if isinstance(value, UUID) else UUID(value)
    except ValueError:
        msg = Message("{name} must be a UUID", name=name)
        raise ValueError(msg) from None


def to_uuid4(name: str, value: object) -> UUID:
    """Return a version 4 UUID. Propars requires that version for an `invoice_uuid` that the caller chooses."""
    chosen = to_uuid(name, value)
    if chosen.version != UUID_VERSION:
        msg = Message("{name} must be a UUID of version 4 (uuid.uuid4())", name=name)
        raise ValueError(msg)
    return chosen


def seconds(_instance: object, attribute: Attribute[Any], value: object) -> None:
    """Accept a positive, finite number of seconds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        msg = f"{attribute.name} must be a number of seconds, not {type(value).__name__}"
        raise TypeError(msg)
    if not 0 < value <= LONGEST_SECONDS:
        msg = Message(
            "{name} must be a positive number of seconds, at most {number}", name=attribute.name, number=LONGEST_SECONDS
        )
        raise ValueError(msg)


def check_seconds(name: str, value: object) -> None:
    """Refuse what is not a finite number of seconds, zero or more.

    Raises:
        ValueError: It is none; the text names it.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        msg = f"{name} must be a number of seconds that is not negative, not {value!r:.100}"
        raise ValueError(msg)


def warn_of_unknown(name: str, value: str, known: Collection[str], *, stacklevel: int) -> None:
    """Warn that a value is not among the known values of an open set: it may be new or mistyped."""
    if value not in known:
        msg = f"{name}={value!r} is none of the known ones ({', '.join(known)}); it is sent as it is. Is it mistyped?"
        warnings.warn(msg, UserWarning, stacklevel=stacklevel + 1)


def is_bool(_instance: object, attribute: Attribute[Any], value: object) -> None:
    """Accept only True and False."""
    if not isinstance(value, bool):
        msg = f"{attribute.name} must be a bool, not {type(value).__name__}"
        raise TypeError(msg)


def is_limiter(_instance: object, attribute: Attribute[Any], value: object) -> None:
    """Accept a `Limiter`."""
    if not isinstance(value, Limiter):
        msg = f"{attribute.name} must be a Limiter, not {type(value).__name__}"
        raise TypeError(msg)


def is_sync_callable(_instance: object, attribute: Attribute[Any], value: object) -> None:
    """Accept a callable that is not a coroutine function."""
    if not callable(value) or inspect.iscoroutinefunction(value):
        msg = f"{attribute.name} must be a plain function, and not an async one"
        raise TypeError(msg)


def credential(name: str, value: object) -> Secret:
    """Return a credential that is valid in a header: visible ASCII, no blanks."""
    if not isinstance(value, str):
        msg = Message("{name} must be a str, not {kind}", name=name, kind=kind_of(value))
        raise TypeError(msg)
    if not _HEADER_TEXT.fullmatch(value):
        raise ConfigurationError(_no_header_text(name))
    return Secret(value)


def token_of_reply(value: str) -> Secret:
    """Return a token that a provider gave; raise `ValueError` if it is not valid in a header."""
    if not _HEADER_TEXT.fullmatch(value):
        raise ValueError(_no_header_text("the token"))
    return Secret(value)


def _no_header_text(name: str) -> Message:
    return Message(
        "{name} must be a non-empty text of visible ASCII characters, without blanks or line ends", name=name
    )


def check_login(name: str, value: object) -> Secret:
    """Return a user name or password: any text without control characters. It is sent in a body, not in a header."""
    if not isinstance(value, str):
        msg = Message("{name} must be a str, not {kind}", name=name, kind=kind_of(value))
        raise TypeError(msg)
    if not value or CONTROL.search(value):
        msg = Message("{name} must be a non-empty text without control characters", name=name)
        raise ConfigurationError(msg)
    return Secret(value)
