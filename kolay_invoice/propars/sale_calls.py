"""The calls of Propars' pages of sales."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

from kolay_invoice.client import BaseClient
from kolay_invoice.propars.models import GetSale, ListSales, NewSale, Sale
from kolay_invoice.propars.pagination import SalePages


class SaleCalls(BaseClient):
    """Save, list and read sales."""

    async def save_sale(self, sale: NewSale) -> Sale:
        """Create a sale, or update the sale of its `sale_code`. Neither creates nor sends its invoice.

        It may be repeated until the invoice of the sale is sent: the page says that the same call again updates the
        sale. So an attempt whose outcome is unknown is repeated within the call's `timeout`, as a read is. Two calls
        with different content for one `sale_code` must not run at once: the later one to arrive stays.

        Args:
            sale: The sale; see `NewSale`.

        Returns:
            The saved sale; every field may be None.

        Raises:
            OutcomeUnknownError: It may have been saved: save the same sale again.
            KolayInvoiceError: Nothing was saved, for example because its invoice was sent; see
                `kolay_invoice.errors`.

        Pages: sales/quicksale and sales/update (path, fields, and that it updates). The known copy of the first ends
        within the fields of an item; the reply is "the created object".
        """
        return await self.call(sale)

    async def list_sales(
        self,
        *,
        order_start_date: date | str | None = None,
        order_end_date: date | str | None = None,
        invoiced: bool | None = None,
        invoice_sent: bool | None = None,
        invoice_number: str | None = None,
        common_status: str | None = None,
        status: str | None = None,
        source: str | None = None,
        search: str | None = None,
        ordering: str | None = None,
    ) -> list[Sale]:
        """List sales, and whether each has an invoice and was sent. Changes nothing.

        All pages are fetched, each with a `timeout` of its own. A sale that is added or removed meanwhile may move the
        others from one page to the next.

        Args:
            order_start_date: Only sales ordered from this day on (`date` or YYYY-MM-DD).
            order_end_date: Only sales ordered up to this day.
            invoiced: Only sales that have an invoice, or have none.
            invoice_sent: Only sales whose invoice was sent, or was not.
            invoice_number: Only the sale with this invoice.
            common_status: Only sales of this status; its values are unpublished.
            status: Only sales of this status; its values are unpublished.
            source: Only sales of this source, such as "store" or "website".
            search: Only sales in which this text is found.
            ordering: By which field the rows are ordered; a minus in front turns them around.

        Returns:
            The rows, in the provider's order; every field may be None.

        Raises:
            UnexpectedReplyError: No usable reply came, it holds sales that were not asked for, or a page repeats.
            KolayInvoiceError: See `kolay_invoice.errors`.

        Page: sales/list (path, filters and paging). How `invoiced` is written (`true`) is a guess, and the fields of a
        row are unpublished.
        """
        request = ListSales(
            order_start_date=order_start_date,
            order_end_date=order_end_date,
            invoiced=invoiced,
            invoice_sent=invoice_sent,
            invoice_number=invoice_number,
            common_status=common_status,
            status=status,
            source=source,
            search=search,
            ordering=ordering,
        )
        return await self._all_rows(SalePages(request))

    def iter_sales(
        self,
        *,
        order_start_date: date | str | None = None,
        order_end_date: date | str | None = None,
        invoiced: bool | None = None,
        invoice_sent: bool | None = None,
        invoice_number: str | None = None,
        common_status: str | None = None,
        status: str | None = None,
        source: str | None = None,
        search: str | None = None,
        ordering: str | None = None,
    ) -> AsyncIterator[Sale]:
        """Iterate over the same rows as `list_sales`, page by page. Changes nothing.

        One page is held at a time. Close the iterator if you stop early (`aclosing`).

        Returns:
            An iterator of sales; an error can come after rows that it has already given.

        Page: sales/list.
        """
        request = ListSales(
            order_start_date=order_start_date,
            order_end_date=order_end_date,
            invoiced=invoiced,
            invoice_sent=invoice_sent,
            invoice_number=invoice_number,
            common_status=common_status,
            status=status,
            source=source,
            search=search,
            ordering=ordering,
        )
        return self._each_row(SalePages(request))

    async def get_sale(self, sale_id: int) -> Sale:
        """Look at one sale, and whether it has an invoice and was sent. Changes nothing.

        Args:
            sale_id: The id of the sale in Propars.

        Returns:
            The sale; every field may be None.

        Raises:
            NotFoundError: There is no such sale.
            UnexpectedReplyError: No usable reply came, or it is about another sale.
            KolayInvoiceError: See `kolay_invoice.errors`.

        Page: usage (its rule for every resource). The fields of a sale are unpublished.
        """
        return await self.call(GetSale(sale_id))
