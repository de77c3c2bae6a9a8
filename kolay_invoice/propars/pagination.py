"""Pages of Propars' list of sales: `{"count", "page_context", "results"}`, asked for by `limit` and `offset`.

The content of `page_context` and the size of a page are unpublished. So a list ends where nothing announces more rows,
and a part is never taken as complete.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import define, evolve

from kolay_invoice import codec
from kolay_invoice.error_mapping import ADVICE
from kolay_invoice.errors import CALL_FAILED, UnexpectedReplyError
from kolay_invoice.messages import Message
from kolay_invoice.propars.models import ListSales, Sale, SalePage

ROWS_ASKED_FOR: Final = 100
"""How many rows a page is asked to have; it may have fewer."""

_NEXT_PAGE_KEYS: Final = ("next", "next_page", "has_next", "has_more")
"""Fields that are neither null nor false if there is a further page."""


def decode_sale_page(request: ListSales, content: Mapping[str, Any]) -> SalePage:
    """Return one page of sales, checked against the filters of the request where a row shows the value.

    Raises:
        ValueError: It is no page of sales, or holds others than those asked for.
    """
    rows = content.get("results")
    if not isinstance(rows, list):
        msg = "expected a list of rows @ $.results"
        raise ValueError(msg)  # noqa: TRY004 - every unreadable reply is a ValueError to the one road.
    sales = codec.structure_rows_leniently(rows, Sale)
    for name in ("invoiced", "invoice_sent", "invoice_number"):
        asked = getattr(request, name)
        shown = {getattr(sale, name) for sale in sales} - {None}
        if asked is not None and not shown <= {asked}:
            msg = Message("it holds sales of another {name} than the one asked for", name=name)
            raise ValueError(msg)
    count = content.get("count")
    context = content.get("page_context")
    places = [content, context] if isinstance(context, dict) else [content]
    return SalePage(
        sales,
        count if type(count) is int and count >= 0 else None,
        any(place.get(name) for place in places for name in _NEXT_PAGE_KEYS),
    )


@define
class SalePages:
    """Walks the pages of a list: `request` asks for the next one and is None after the last."""

    request: ListSales | None
    _rows_seen: int = 0
    _first_before: object = None

    def __attrs_post_init__(self) -> None:
        if self.request is not None:
            self.request = evolve(self.request, limit=ROWS_ASKED_FOR)

    def take(self, page: SalePage) -> Sequence[Sale]:
        """Return the rows of a page and prepare the next request.

        Raises:
            UnexpectedReplyError: The page repeats, or more rows are announced and none comes.
        """
        first = _identity(page.sales[0]) if page.sales else None
        if first is not None and first == self._first_before:
            raise _page_error(Message("the same one comes again"))
        self._rows_seen += len(page.sales)
        self._first_before = first
        if page.announces_more or page.count is None:
            # Without a count only an empty page is an end that can be trusted.
            more = page.announces_more or bool(page.sales)
        else:
            more = self._rows_seen < page.count
        if more and not page.sales:
            raise _page_error(Message("none comes after {number} rows", number=self._rows_seen))
        assert self.request is not None  # noqa: S101 - the page is its answer.
        self.request = evolve(self.request, offset=self._rows_seen or None) if more else None
        return page.sales


def _page_error(why: str) -> UnexpectedReplyError:
    why = Message("the provider announces further pages, and {why}", why=why)
    reason = Message("no usable answer: {why}", why=why)
    advice = ADVICE[UnexpectedReplyError]
    msg = Message(CALL_FAILED, provider="propars", operation="list_sales", reason=reason, advice=advice)
    return UnexpectedReplyError(msg, provider="propars", operation="list_sales")


def _identity(sale: Sale) -> object:
    return sale if sale.sale_id is None else sale.sale_id
