"""Rows and pages of KolayBi's lists.

Paging of the invoice list is undocumented. Neighbouring lists answer with `pagination`, with `meta`, or with a
paginator under `data` whose own `data` holds the rows; the framework behind them (Laravel) also puts the paginator
beside the rows, or sends only a link to the next page. A reply that announces more rows is never taken as complete.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, Generic, Protocol, TypeVar, cast

from attrs import define, evolve

from kolay_invoice import codec
from kolay_invoice.endpoint import Request
from kolay_invoice.errors import UnexpectedReplyError
from kolay_invoice.kolaybi.models import (
    KNOWN_DIRECTIONS,
    Company,
    Invoice,
    InvoicePage,
    ListCompanies,
    ListInvoices,
)
from kolay_invoice.messages import Message
from kolay_invoice.plain_reply import read_list
from kolay_invoice.rows import RowDecoder

RowT = TypeVar("RowT")
RowT_co = TypeVar("RowT_co", covariant=True)

_NUMBER_KEYS: Final = {
    "current_page": "current_page",
    "last_page": "last_page",
    "total_pages": "last_page",
    "per_page": "per_page",
    "total": "total",
}
"""Fields with numbers of pages or rows -> their meaning."""
_NEXT_PAGE_KEYS: Final = ("next_page_url", "next", "next_page", "has_more", "has_more_pages")
"""Fields that are neither null nor false if there is a further page."""
_UNPAGED_KEYS: Final = frozenset({"success", "data", "code", "message"})
_PAGINATOR_KEYS: Final = frozenset({"current_page", "last_page", "total_pages", *_NEXT_PAGE_KEYS})
_LONGEST_NUMBER: Final = 19
_OPPOSITES: Final[Mapping[str, object]] = dict(zip(KNOWN_DIRECTIONS, reversed(KNOWN_DIRECTIONS), strict=True))
_NO_DIRECTION: Final = object()
_direction_of: Final = attrgetter("direction")

_decoder: Final = RowDecoder(Invoice)


def decode_plain_page(request: ListInvoices, body: bytes) -> InvoicePage | None:
    """Return a page in its documented form, decoded in one step; None for any other page."""
    rows = read_list(body)
    invoices = None if rows is None else _decoder.decode_plain(rows)
    if invoices is None:
        return None
    _check_filters(request, invoices)
    return InvoicePage(tuple(invoices))


def decode_invoice_page(request: ListInvoices, envelope: Mapping[str, Any]) -> InvoicePage:
    """Return one page of invoices, checked against the filters of the request where a row shows the value."""
    invoices: list[Invoice] = []
    for chunk in _decoder.chunks(rows_of(envelope["data"])):
        _check_filters(request, chunk)
        invoices += chunk
    return InvoicePage(tuple(invoices), next_page(envelope, len(invoices), request.page or 1))


def _check_filters(request: ListInvoices, invoices: Sequence[Invoice]) -> None:
    if request.document_id is not None and any(invoice.document_id != request.document_id for invoice in invoices):
        msg = Message("it holds invoices of another document_id than the one asked for")
        raise ValueError(msg)
    # Directions are an open set: an unknown one is no contradiction.
    if _OPPOSITES.get(request.direction, _NO_DIRECTION) in map(_direction_of, invoices):
        msg = Message("it holds invoices of another direction than the one asked for")
        raise ValueError(msg)


class RowsOfPage(Protocol[RowT_co]):
    """What every page of a list has."""

    @property
    def rows(self) -> tuple[RowT_co, ...]:
        """The rows that came."""
        ...

    @property
    def next_page(self) -> int | None:
        """The number of the next page, if one is announced."""
        ...


@define
class ListPages(Generic[RowT]):
    """Walks the pages of a list: `request` asks for the next one and is None after the last."""

    request: Request[RowsOfPage[RowT]] | None
    _operation: str
    _first_before: object = None

    def take(self, page: RowsOfPage[RowT]) -> Sequence[RowT]:
        """Return the rows of a page and prepare the next request.

        Raises:
            UnexpectedReplyError: It repeats the page before.
        """
        first = page.rows[0] if page.rows else None
        if first is not None and first == self._first_before:
            msg = (
                f"kolaybi.{self._operation}: the provider announces further pages and sends the same one again. "
                "Ask again, or narrow the filters."
            )
            raise UnexpectedReplyError(msg, provider="kolaybi", operation=self._operation, request=self.request)
        self._first_before = first
        request = cast("Any", self.request)
        self.request = None if page.next_page is None else evolve(request, page=page.next_page)
        return page.rows


def decode_companies(_request: ListCompanies, envelope: Mapping[str, Any]) -> tuple[Company, ...]:
    """Return the companies of the account. Paging of this list is undocumented and refused."""
    return codec.structure_rows(unpaged_rows(envelope, "companies"), Company)


def unpaged_rows(envelope: Mapping[str, Any], what: str) -> Sequence[object]:
    """Return the rows of a list that has no pages.

    Raises:
        ValueError: It announces further pages.
    """
    rows = rows_of(envelope["data"])
    if next_page(envelope, len(rows), 1) is not None:
        msg = Message("it announces further pages of {why}, which the provider does not document", why=what)
        raise ValueError(msg)
    return rows


def rows_of(data: Any) -> list[Any]:
    """Return the rows of a list, or of the paginator that holds it.

    Raises:
        ValueError: There is no list.
    """
    rows = data.get("data") if isinstance(data, dict) else data
    if not isinstance(rows, list):
        msg = Message("expected a list of rows, got {kind} @ {path}", kind=type(data).__name__, path="$.data")
        raise ValueError(msg)  # noqa: TRY004 - every unreadable reply is a ValueError to the one road.
    return rows


def _to_count(name: str, value: object) -> int:
    """Return a number of pages or rows. An invalid one could hide a page and is refused."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < _LONGEST_NUMBER:
        value = int(value)
    if type(value) is not int or value < 0:
        msg = Message("it announces a number of pages or rows that is no whole number @ {name}", name=name)
        raise ValueError(msg)
    return value


def next_page(envelope: Mapping[str, Any], rows: int, asked: int) -> int | None:
    """Return the number of the page after the one that was asked for; None if nothing announces one.

    Raises:
        ValueError: What announces it is no whole number.
    """
    places = _pagination_blocks(envelope)
    announced: dict[str, int] = {}
    for place in places:
        announced |= {
            means: _to_count(name, place[name]) for name, means in _NUMBER_KEYS.items() if place.get(name) is not None
        }
    if announced.get("current_page", asked) != asked:
        msg = Message("another page came than the one asked for")
        raise ValueError(msg)
    last = announced.get("last_page")
    if last is None and "total" in announced:
        size = announced.get("per_page") or max(rows, 1)
        last = -(-announced["total"] // size)
    if (last is None or last <= asked) and not any(place.get(name) for place in places for name in _NEXT_PAGE_KEYS):
        return None
    if not rows:
        msg = Message("it announces further pages and holds no row itself")
        raise ValueError(msg)
    return asked + 1


def _pagination_blocks(envelope: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the parts of an envelope that may hold pagination fields."""
    if envelope.keys() <= _UNPAGED_KEYS and type(envelope["data"]) is list:
        return []
    places = [envelope.get("pagination"), envelope.get("meta"), envelope.get("links"), envelope["data"]]
    if isinstance(envelope["data"], dict):
        places.append(envelope["data"].get("links"))
    if not _PAGINATOR_KEYS.isdisjoint(envelope):
        # Beside the rows a "total" alone could be a sum of money.
        places.append(envelope)
    return [place for place in places if isinstance(place, dict)]
