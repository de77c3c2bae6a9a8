"""Reads single facts of a document: an element, its text, a number, a day. Pure. A repeated fact is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Final, TypeVar
from uuid import UUID

from kolay_invoice.messages import Message
from kolay_invoice.signed_xml.errors import NotAnInvoiceError
from kolay_invoice.signed_xml.namespaces import path, tag
from kolay_invoice.signed_xml.parsing import Element
from kolay_invoice.turkiye import in_turkiye, on_turkiyes_clocks

ValueT = TypeVar("ValueT")

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DECIMAL: Final = re.compile(r"[+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})", re.ASCII)
_OFFSET: Final = r"(?P<offset>Z|[+-]\d\d:\d\d)?"
_DATE: Final = re.compile(rf"(?P<date>\d{{4}}-\d\d-\d\d){_OFFSET}", re.ASCII)
_TIME: Final = re.compile(rf"(?P<time>\d\d:\d\d:\d\d)(?:\.\d{{1,12}})?{_OFFSET}", re.ASCII)


def find_optional(parent: Element, name: str) -> Element:
    """Return the one child of a name, or None."""
    found = parent.findall(tag(name))
    if len(found) > 1:
        msg = Message("{name} is there more than once, so nobody can say which one counts", name=name)
        raise NotAnInvoiceError(msg)
    return found[0] if found else None


def find(parent: Element, name: str) -> Element:
    """Return the one child of a name, which has to be there."""
    found = find_optional(parent, name)
    if found is None:
        msg = Message("{name} is missing: this is no complete UBL-TR document", name=name)
        raise NotAnInvoiceError(msg)
    return found


def text_of(element: Element) -> str:
    """Return the text of an element without the blanks around it."""
    # Parsers differ in how they read a text with a child, such as a processing instruction.
    if len(element):
        msg = Message("a fact of the document is more than a text")
        raise NotAnInvoiceError(msg)
    return (element.text or "").strip()


def read_optional(parent: Element, name: str, read: Callable[[str], ValueT]) -> ValueT | None:
    """Return what a child says, or None where it is not there or empty."""
    element = find_optional(parent, name)
    text = "" if element is None else text_of(element)
    if not text:
        return None
    try:
        return read(text)
    except ValueError:
        msg = Message("{name} cannot be read: this is no UBL-TR document", name=name)
        raise NotAnInvoiceError(msg) from None


def read_side(parent: Element, names: str | tuple[str, ...], read: Callable[[str], ValueT]) -> ValueT | None:
    """Return what a descendant says beside the main facts; None where it is not there, unreadable or stated twice."""
    found = parent.findall(path(*((names,) if isinstance(names, str) else names)))
    texts = {(element.text or "").strip() for element in found if not len(element)}
    try:
        return read(texts.pop()) if len(texts) == 1 else None
    except ValueError:
        return None


def to_text(text: str) -> str:
    """Return a text; a `ValueError` says that it is empty."""
    if not text:
        raise ValueError
    return text


def read_texts(parent: Element, *names: str) -> tuple[str, ...]:
    """Return the texts of all descendants along a path that have one."""
    texts = ((element.text or "").strip() for element in parent.findall(path(*names)) if not len(element))
    return tuple(filter(None, texts))


def read_required(parent: Element, name: str, read: Callable[[str], ValueT]) -> ValueT:
    """Return what a child says."""
    find(parent, name)
    value = read_optional(parent, name, read)
    if value is None:
        msg = Message("{name} is empty: this is no complete UBL-TR document", name=name)
        raise NotAnInvoiceError(msg)
    return value


def _match(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    match = pattern.fullmatch(text)
    if match is None:
        raise ValueError
    return match


def to_uuid(text: str) -> UUID:
    """Convert a text; a `ValueError` says that it is none."""
    return UUID(_match(_UUID, text)[0])


def to_decimal(text: str) -> Decimal:
    """Convert a text; a `ValueError` says that it is none."""
    return Decimal(_match(_DECIMAL, text)[0])


def to_date(text: str) -> date:
    """Convert a text; a `ValueError` says that it is none."""
    # Some programs write an offset after a date. It is ignored: the invoice's day is the stated one.
    return date.fromisoformat(_match(_DATE, text)["date"])


def to_time(text: str) -> time:
    """Convert a text; a `ValueError` says that it is none."""
    match = _match(_TIME, text)
    return time.fromisoformat(match["time"]).replace(tzinfo=_to_timezone(match["offset"]))


def combine(day: date, clock: time) -> datetime:
    """Return the moment of issue on the day that the document states: it keeps the stated offset, if there is one."""
    try:
        stated = datetime.combine(day, clock)
        moment = stated if clock.tzinfo is not None else on_turkiyes_clocks(stated)
        # One that has no place in the calendar could not be compared with any other.
        in_turkiye(moment)
    except OverflowError:
        msg = Message("cbc:IssueDate lies outside the calendar")
        raise NotAnInvoiceError(msg) from None
    return moment


def parse_datetime(text: str) -> datetime:
    """Return an `xs:dateTime` in Türkiye's time, which is also the one meant where no offset is given.

    Raises:
        ValueError: The text is no `xs:dateTime`.
    """
    day, _, clock = text.strip().partition("T")
    try:
        stated = datetime.combine(date.fromisoformat(day), to_time(clock))
        return on_turkiyes_clocks(stated) if stated.tzinfo is None else in_turkiye(stated)
    except OverflowError:
        raise ValueError from None


def _to_timezone(offset: str | None) -> timezone | None:
    if offset is None:
        return None
    if offset == "Z":
        return timezone(timedelta())
    minutes = int(offset[1:3]) * 60 + int(offset[4:6])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
