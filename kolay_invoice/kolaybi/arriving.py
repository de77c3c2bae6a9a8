"""A list of invoices while it arrives: whole rows are taken off its body, and the rest is judged as any reply.

A long list is never held as a whole, and never read at one go, which would stop the event loop for as long. What is
taken off leaves its number behind: `{"success": true, "data": [70000, {…}, {…}]}`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from kolay_invoice.collector import collector_paused, expect_to_live
from kolay_invoice.endpoint import Give
from kolay_invoice.kolaybi import pages
from kolay_invoice.kolaybi.models import Invoice, InvoicePage, ListInvoices
from kolay_invoice.outcome import Accepted, Answer, Verdict
from kolay_invoice.rows import RowReader

_LONGEST_HEAD: Final = 4096
_NEVER: Final = float("inf")

# A list and how its first row opens, `{"document_id"`: a text by which the beginning of a row is found fast.
_LIST: Final = re.compile(rb'"data"\s*:\s*\[\s*(?P<opening>\{\s*"[^"\\]*")')

_reader: Final = RowReader(
    Invoice,
    ("status", "scenario", "type", "direction", "exchange_grand_currency", "grand_currency"),
)


class ArrivingInvoices:
    """Takes the rows off one reply.

    Where a row begins is guessed, and proved by what stands before it: it is cut off only if it is a JSON array of
    rows when its brackets are put around it, which nothing is that ends within a row or a text. Whatever is in doubt
    (a guess that was wrong, a row that does not fit, a head that is no success) stays and is judged at the end.
    """

    def __init__(
        self, request: ListInvoices, judge: Callable[[Answer], Verdict], give: Give[InvoicePage] | None
    ) -> None:
        self._request = request
        self._judge = judge
        self._give = give
        self._kept: list[Invoice] = []
        self._taken = 0
        self._list_at = self._rows_at = 0
        self._opening = b""
        self._enough: float = 0

    @property
    def was_given(self) -> bool:
        """Whether rows were given away."""
        return self._give is not None and self._taken > 0

    async def take(self, status: int, headers: Mapping[str, str], body: bytearray) -> int:
        """Take the rows that are whole off the body. Returns how many bytes came off whose rows are kept."""
        held = len(body)
        if held < self._enough:
            return 0
        if not self._opening and not self._find_list(status, headers, body):
            return 0
        with collector_paused():
            invoices = self._cut_off(body)
            if self._give is None:
                self._kept += invoices
                expect_to_live()
        if not invoices:
            # Each further try costs as much as there is: so it waits until there is twice as much.
            self._enough = 2 * held
            return 0
        self._taken += len(invoices)
        body[self._list_at : self._rows_at] = mark = b"%d," % self._taken
        self._rows_at = self._list_at + len(mark)
        if self._give is not None:
            await self._give(InvoicePage(tuple(invoices)))
        # Others are served between two pieces, also while the network is faster than this loop.
        await asyncio.sleep(0)
        return held - len(body) if self._give is None else 0

    def decode(self, content: Mapping[str, Any]) -> InvoicePage:
        """Return the page: the rows that were kept and those of the rest."""
        page = pages.invoice_page(self._request, content, self._taken)
        return InvoicePage((*self._kept, *page.invoices), page.next_page) if self._kept else page

    def _find_list(self, status: int, headers: Mapping[str, str], body: bytearray) -> bool:
        """Find the list, if the reply would be a success were it to end with no row."""
        found = _LIST.search(body, 0, _LONGEST_HEAD)
        if found is None:
            self._enough = 2 * len(body) if len(body) < _LONGEST_HEAD else _NEVER
            return False
        head = bytes(body[: found.start("opening")])
        for ending in (b"]}", b"]}}"):
            verdict = self._judge(Answer(status, headers, head + ending))
            if isinstance(verdict, Accepted) and pages.ends_in_rows(verdict.content):
                self._list_at = self._rows_at = len(head)
                self._opening = found["opening"]
                return True
        self._enough = _NEVER
        return False

    def _cut_off(self, body: bytearray) -> list[Invoice]:
        """Return the whole rows, and move on to what stands behind them."""
        end = body.rfind(self._opening, self._rows_at + 1)
        rows = bytes(body[self._rows_at : end]).rstrip() if end > 0 else b""
        if not rows.endswith(b","):
            return []
        try:
            invoices = _reader.read(b"[%b]" % rows[:-1], self._taken)
            pages.check_filters(self._request, invoices)
        except ValueError:
            return []
        self._rows_at = end
        self._enough = 0
        return invoices
