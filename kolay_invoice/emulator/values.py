"""What both providers' rules share: exact money and Turkish time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

Amount: TypeAlias = Decimal | int | str

# Türkiye keeps one offset all year.
TURKEY = timezone(timedelta(hours=3), "TRT")


def now_in_turkey() -> datetime:
    """Return the present moment, to the second, as GİB dates it."""
    return datetime.now(UTC).astimezone(TURKEY).replace(microsecond=0)


def exact_amount(value: Amount) -> Decimal:
    """Return an amount with exactly the digits it was given with.

    A float has lost them already, so it is turned away.

    Raises:
        TypeError: The value is a float, a bool or something else that is no amount.
        ValueError: The text is no finite number.
    """
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise TypeError(f"an amount is a Decimal, an int or a text, not {type(value).__name__}")
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is not an amount") from None
    if not amount.is_finite():
        raise ValueError(f"{value!r} is not an amount")
    return amount
