"""The cells of a CSV file as Turkish and English spreadsheets write them: amounts, days, yes and no.

What can be read in two ways is refused with both readings. JSON Lines are not read here: JSON has one form of numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from kolay_invoice.messages import Message
from kolay_invoice.turkiye import on_turkiyes_clocks

_AMBIGUOUS: Final = re.compile(r"([+-]?)(?!0[.,])([0-9]{1,3})[.,]([0-9]{3})")
_PLAIN: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
# Groups of three, and then the other separator or, where there is more than one group, nothing.
_GROUPED: Final = re.compile(
    r"[+-]?[0-9]{1,3}(?:(?:\.[0-9]{3})+,[0-9]+|(?:,[0-9]{3})+\.[0-9]+|(?:\.[0-9]{3}){2,}|(?:,[0-9]{3}){2,})"
)
_DAY: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})(?: ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?")
_FLAGS: Final = {
    **dict.fromkeys(("true", "yes", "doğru", "evet"), "true"),
    **dict.fromkeys(("false", "no", "yanlış", "hayır"), "false"),
}
_CENTS: Final = 2


def plain_cells(given: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return the cells of a row with amounts, moments and flags as a request takes them.

    Raises:
        ValueError: An amount is none, or can be read in two ways.
    """
    return {name: cell and _READERS.get(name, _as_is)(name, cell) for name, cell in given.items()}


def plain_amount(name: str, cell: str) -> str:
    """Return an amount with a decimal point and without other separators.

    Raises:
        ValueError: It is none, or can be read in two ways.
    """
    text = cell.strip()
    if ambiguous := _AMBIGUOUS.fullmatch(text):
        sign, whole, rest = ambiguous.groups()
        thousands = f"{sign}{whole}{rest}"
        cents = f"{sign}{whole}.{rest.rstrip('0').ljust(_CENTS, '0')}"
        small = cents.rstrip("0").rstrip(".") if int(rest) == 0 else cents
        msg = Message(
            "{name} {given} can be {small} or {large}: write {large} or {decimal}",
            name=name,
            given=text,
            small=small,
            large=thousands,
            # Three decimals would be as ambiguous again.
            decimal=f"{cents}0" if len(rest.rstrip("0")) > _CENTS else cents,
        )
        raise ValueError(msg)
    if _GROUPED.fullmatch(text):
        decimals = max(text.rfind("."), text.rfind(","))
        if text.count(text[decimals]) > 1:
            decimals = len(text)
        whole, rest = text[:decimals], text[decimals + 1 :]
        return whole.replace(".", "").replace(",", "") + (f".{rest}" if rest else "")
    if not _PLAIN.fullmatch(text):
        msg = Message("{name} must be a number such as {example}", name=name, example="1250.75")
        raise ValueError(msg)
    return text.replace(",", ".")


def plain_moment(_name: str, cell: str) -> str:
    """Return a day of the form dd.mm.yyyy, with or without an hour of Türkiye, as ISO 8601; anything else as it is.

    A day without an hour is its noon, which is on the same day in UTC.
    """
    found = _DAY.fullmatch(cell.strip())
    if found is None:
        return cell
    day, month, year, hour, minute, second = found.groups()
    try:
        shown = datetime(  # noqa: DTZ001 - Türkiye's clocks give the offset in the next line.
            int(year), int(month), int(day), int(hour or 12), int(minute or 0), int(second or 0)
        )
        return on_turkiyes_clocks(shown).isoformat()
    except (ValueError, OverflowError):
        return cell


def _flag(_name: str, cell: str) -> str:
    # Excel in Turkish writes DOĞRU and YANLIŞ: the capital of a dotless ı is I.
    return _FLAGS.get(cell.strip().replace("I", "ı").lower(), cell)


def _as_is(_name: str, cell: str) -> str:
    return cell


_READERS: Final[Mapping[str, Callable[[str, str], str]]] = {
    **dict.fromkeys(("amount", "price", "quantity"), plain_amount),
    "invoice_date": plain_moment,
    **dict.fromkeys(("is_corporate", "is_abroad"), _flag),
}
