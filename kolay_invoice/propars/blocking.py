"""The blocking client of Propars: explicit twins, so that every editor and type checker sees real signatures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Self, TypeVar, Unpack, overload
from uuid import UUID

from kolay_invoice.blocking.base import BlockingClient
from kolay_invoice.blocking.loop_thread import loop_thread
from kolay_invoice.config import ClientOptions, hide_credentials
from kolay_invoice.deadline import Permit
from kolay_invoice.propars.client import AsyncPropars
from kolay_invoice.propars.endpoints import PRODUCTION_URL
from kolay_invoice.propars.models import (
    CancelInvoice,
    CancelledInvoice,
    GetSale,
    GetSaleInvoice,
    GetSignedXml,
    InvoiceHtml,
    InvoiceHtmlForSale,
    ListSales,
    NewSale,
    Sale,
    SaleInvoice,
    SendInvoice,
    SentInvoice,
    SignedXml,
)
from kolay_invoice.propars.pagination import SalePages
from kolay_invoice.propars.request import ProparsRequest
from kolay_invoice.redact import hide

ReplyT = TypeVar("ReplyT")


class Propars(BlockingClient[AsyncPropars]):
    """Propars for code that does not await: the same calls as `AsyncPropars`, run on an event loop in a thread.

    Make one and share it between threads; it works in a running event loop (a notebook) and after a fork. Close it with
    `close` or `with`. The arguments are those of `AsyncPropars`.
    """

    if TYPE_CHECKING:

        def call(  # type: ignore[override]  # Only this provider's requests, which checkers know by their base.
            self, request: ProparsRequest[ReplyT], *, permit: Permit | None = None
        ) -> ReplyT:
            """Make one call, given as a request value of Propars. See `BaseClient.call`."""
            ...

    def __init__(
        self,
        *,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        base_url: str = PRODUCTION_URL,
        max_concurrency: int = 8,
        timeout: float = 30.0,
        **options: Unpack[ClientOptions],
    ) -> None:
        # The first lines, which cannot fail: no frame of an error holds a credential in plain.
        token, username, password = hide(token), hide(username), hide(password)
        base_url, options = hide(base_url), hide_credentials(options)
        core = AsyncPropars(
            token=token,
            username=username,
            password=password,
            base_url=base_url,
            max_concurrency=max_concurrency,
            timeout=timeout,
            **options,
        )
        super().__init__(core)

    @classmethod
    def from_env(cls, *, max_concurrency: int = 8, timeout: float = 30.0, **options: Unpack[ClientOptions]) -> Self:
        """Make a client from PROPARS_TOKEN or PROPARS_USERNAME and PROPARS_PASSWORD, and PROPARS_BASE_URL.

        The blocking twin of `AsyncPropars.from_env`: same arguments and errors.
        """
        options = hide_credentials(options)
        return cls._around(AsyncPropars.from_env(max_concurrency=max_concurrency, timeout=timeout, **options))

    @overload
    def invoice_html_for_sale(
        self,
        *,
        sale_code: str,
        invoice_date: datetime | str | None = None,
        invoice_uuid: UUID | str | None = None,
        invoice_number: str | None = None,
        invoice_char_code: str | None = None,
    ) -> InvoiceHtml: ...
    @overload
    def invoice_html_for_sale(
        self,
        *,
        sale_id: int,
        invoice_date: datetime | str | None = None,
        invoice_uuid: UUID | str | None = None,
        invoice_number: str | None = None,
        invoice_char_code: str | None = None,
    ) -> InvoiceHtml: ...
    def invoice_html_for_sale(
        self,
        *,
        sale_code: str | None = None,
        sale_id: int | None = None,
        invoice_date: datetime | str | None = None,
        invoice_uuid: UUID | str | None = None,
        invoice_number: str | None = None,
        invoice_char_code: str | None = None,
    ) -> InvoiceHtml:
        """Show the invoice of a sale as HTML, and create it when the sale has none. This call sends nothing.

        The blocking twin of `AsyncPropars.invoice_html_for_sale`: same arguments, reply and errors.
        """
        return self.call(
            InvoiceHtmlForSale(
                sale_code=sale_code,
                sale_id=sale_id,
                invoice_date=invoice_date,
                invoice_uuid=invoice_uuid,
                invoice_number=invoice_number,
                invoice_char_code=invoice_char_code,
            )
        )

    @overload
    def send_invoice(
        self,
        *,
        sale_code: str,
        invoice_date: datetime | str | None = None,
        invoice_uuid: UUID | str | None = None,
        invoice_number: str | None = None,
        invoice_char_code: str | None = None,
    ) -> SentInvoice: ...
    @overload
    def send_invoice(
        self,
        *,
        sale_id: int,
        invoice_date: datetime | str | None = None,
        invoice_uuid: UUID | str | None = None,
        invoice_number: str | None = None,
        invoice_char_code: str | None = None,
    ) -> SentInvoice: ...
    @overload
    def send_invoice(self, *, invoice_id: int) -> SentInvoice: ...
    def send_invoice(
        self,
        *,
        sale_code: str | None = None,
        sale_id: int | None = None,
        invoice_id: int | None = None,
        invoice_date: datetime | str | None = None,
        invoice_uuid: UUID | str | None = None,
        invoice_number: str | None = None,
        invoice_char_code: str | None = None,
    ) -> SentInvoice:
        """Send the invoice of a sale to the tax authority, creating it when there is none. Cannot be undone.

        The blocking twin of `AsyncPropars.send_invoice`: same arguments, reply and errors.
        """
        return self.call(
            SendInvoice(
                sale_code=sale_code,
                sale_id=sale_id,
                invoice_id=invoice_id,
                invoice_date=invoice_date,
                invoice_uuid=invoice_uuid,
                invoice_number=invoice_number,
                invoice_char_code=invoice_char_code,
            )
        )

    @overload
    def get_signed_xml(self, *, sale_code: str) -> SignedXml: ...
    @overload
    def get_signed_xml(self, *, sale_id: int) -> SignedXml: ...
    @overload
    def get_signed_xml(self, *, invoice_id: int) -> SignedXml: ...
    def get_signed_xml(
        self, *, sale_code: str | None = None, sale_id: int | None = None, invoice_id: int | None = None
    ) -> SignedXml:
        """Fetch the signed XML of an invoice that was sent. Changes nothing, and is repeated when an attempt fails.

        The blocking twin of `AsyncPropars.get_signed_xml`: same arguments, reply and errors.
        """
        return self.call(GetSignedXml(sale_code=sale_code, sale_id=sale_id, invoice_id=invoice_id))

    @overload
    def cancel_invoice(self, *, sale_id: int) -> CancelledInvoice: ...
    @overload
    def cancel_invoice(self, *, sale_code: str) -> CancelledInvoice: ...
    def cancel_invoice(self, *, sale_id: int | None = None, sale_code: str | None = None) -> CancelledInvoice:
        """Cancel the invoice that a sale has now. Cannot be undone.

        The blocking twin of `AsyncPropars.cancel_invoice`: same arguments, reply and errors.
        """
        return self.call(CancelInvoice(sale_id=sale_id, sale_code=sale_code))

    def save_sale(self, sale: NewSale) -> Sale:
        """Create a sale, or update the sale of its `sale_code`. Neither creates nor sends its invoice.

        The blocking twin of `AsyncPropars.save_sale`: same arguments, reply and errors.
        """
        return self.call(sale)

    def list_sales(
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

        The blocking twin of `AsyncPropars.list_sales`: same arguments, reply and errors.
        """
        return loop_thread.run(
            self._core.list_sales,
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
    ) -> Iterator[Sale]:
        """Iterate over the same rows as `list_sales`, page by page. Changes nothing.

        The blocking twin of `AsyncPropars.iter_sales`: same arguments, reply and errors.
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

    def get_sale(self, sale_id: int) -> Sale:
        """Look at one sale, and whether it has an invoice and was sent. Changes nothing.

        The blocking twin of `AsyncPropars.get_sale`: same arguments, reply and errors.
        """
        return self.call(GetSale(sale_id))

    def get_invoice(self, invoice_id: int) -> SaleInvoice:
        """Look at one invoice of a sale. Changes nothing.

        The blocking twin of `AsyncPropars.get_invoice`: same arguments, reply and errors.
        """
        return self.call(GetSaleInvoice(invoice_id))
