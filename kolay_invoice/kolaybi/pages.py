"""Rows and pages of KolayBi's lists.

Paging of the invoice list is undocumented. Neighbouring lists answer with `pagination`, with `meta`, or with a
paginator under `data` whose own `data` holds the rows; the framework behind them (Laravel) also puts the paginator
beside the rows, or says no more than where the next page is. A reply that announces more is never taken for the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from kolay_invoice import codec
from kolay_invoice.kolaybi.models import (
    KNOWN_DIRECTIONS,
    Company,
    Invoice,
    InvoicePage,
    ListCompanies,
    ListInvoices,
)
from kolay_invoice.messages import Message

_ANNOUNCING: Final = {
    "current_page": "current_page",
    "last_page": "last_page",
    "total_pages": "last_page",
    "per_page": "per_page",
    "total": "total",
}
"""Numbers of pages and rows, by the name under which each counts."""
_SAYING_MORE: Final = ("next_page_url", "next", "next_page", "has_more", "has_more_pages")
"""What is neither null nor false where there is a further page."""
_PLAIN: Final = frozenset({"success", "data", "code", "message"})
_PAGED: Final = frozenset({"current_page", "last_page", "total_pages", *_SAYING_MORE})
_LONGEST_NUMBER: Final = 19
_OPPOSITE: Final = set(KNOWN_DIRECTIONS)


def invoice_page(request: ListInvoices, envelope: Mapping[str, Any], taken: int = 0) -> InvoicePage:
    """Return one page of invoices, checked against the filters of the request where a row shows the value.

    `taken`: so many rows were taken off its front while it arrived, and their number stands in their place.
    """
    rows = _rows(envelope["data"])
    if taken:
        if rows[:1] != [taken]:
            msg = Message("it holds its rows twice")
            raise ValueError(msg)
        rows = rows[1:]
    invoices = codec.structure_rows(rows, Invoice, taken)
    check_filters(request, invoices)
    return InvoicePage(invoices, _next_page(envelope, taken + len(rows), request.page or 1))


def check_filters(request: ListInvoices, invoices: Sequence[Invoice]) -> None:
    """Refuse invoices that were not asked for.

    Raises:
        ValueError: They are of another document or direction.
    """
    if request.document_id is not None and any(invoice.document_id != request.document_id for invoice in invoices):
        msg = Message("it holds invoices of another document_id than the one asked for")
        raise ValueError(msg)
    # Directions are an open set: a spelling that nobody has seen yet is no contradiction.
    if any({direction, request.direction} == _OPPOSITE for direction in {row.direction for row in invoices}):
        msg = Message("it holds invoices of another direction than the one asked for")
        raise ValueError(msg)


def companies(_request: ListCompanies, envelope: Mapping[str, Any]) -> tuple[Company, ...]:
    """Return the companies of the account; more of them than one reply holds are not supported by any page."""
    return codec.structure_rows(all_rows(envelope, "companies"), Company)


def all_rows(envelope: Mapping[str, Any], what: str) -> Sequence[object]:
    """Return the rows of a list that comes as a whole.

    Raises:
        ValueError: It announces more of them than it holds.
    """
    rows = _rows(envelope["data"])
    if _next_page(envelope, len(rows), 1) is not None:
        msg = Message("it announces further pages of {why}, which the provider does not document", why=what)
        raise ValueError(msg)
    return rows


def _rows(data: object) -> Sequence[object]:
    rows = data.get("data") if isinstance(data, dict) else data
    if not isinstance(rows, list):
        msg = Message("expected a list of rows, got {kind} @ {path}", kind=type(data).__name__, path="$.data")
        raise ValueError(msg)  # noqa: TRY004 - every unreadable reply is a ValueError to the one road.
    return rows


def _number(name: str, value: object) -> int:
    """Return a number of pages or rows. One that makes no sense could hide a page, so it is refused."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < _LONGEST_NUMBER:
        value = int(value)
    if type(value) is not int or value < 0:
        msg = Message("it announces pages in a way that makes no sense @ {name}", name=name)
        raise ValueError(msg)
    return value


def _next_page(envelope: Mapping[str, Any], rows: int, asked: int) -> int | None:
    places = _announcing(envelope)
    announced: dict[str, int] = {}
    for place in places:
        announced |= {
            means: _number(name, place[name]) for name, means in _ANNOUNCING.items() if place.get(name) is not None
        }
    if announced.get("current_page", asked) != asked:
        msg = Message("another page came than the one asked for")
        raise ValueError(msg)
    last = announced.get("last_page")
    if last is None and "total" in announced:
        size = announced.get("per_page") or max(rows, 1)
        last = -(-announced["total"] // size)
    if (last is None or last <= asked) and not any(place.get(name) for place in places for name in _SAYING_MORE):
        return None
    if not rows:
        msg = Message("it announces further pages and holds no row itself")
        raise ValueError(msg)
    return asked + 1


def _announcing(envelope: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the parts of an envelope that may say something of pages."""
    if envelope.keys() <= _PLAIN and type(envelope["data"]) is list:
        return []
    places = [envelope.get("pagination"), envelope.get("meta"), envelope.get("links"), envelope["data"]]
    if isinstance(envelope["data"], dict):
        places.append(envelope["data"].get("links"))
    if not _PAGED.isdisjoint(envelope):
        # Beside the rows a "total" alone could be a sum of money.
        places.append(envelope)
    return [place for place in places if isinstance(place, dict)]


def ends_in_rows(envelope: Any) -> bool:
    """Whether the last thing in an envelope is its list of rows, and holds none yet."""
    while isinstance(envelope, dict) and envelope and [*envelope][-1] == "data":
        envelope = envelope["data"]
    return isinstance(envelope, list) and not envelope
