"""The calls of Propars' page "Faturalar": the invoice of a sale."""

from __future__ import annotations

from datetime import datetime
from typing import overload
from uuid import UUID

from kolay_invoice.client import BaseClient
from kolay_invoice.propars.models import (
    CancelInvoice,
    CancelledInvoice,
    GetSaleInvoice,
    GetSignedXml,
    InvoiceHtml,
    InvoiceHtmlForSale,
    SaleInvoice,
    SendInvoice,
    SentInvoice,
    SignedXml,
)


class InvoiceCalls(BaseClient):
    """Preview, send, cancel and read the invoice of a sale."""

    @overload
    async def invoice_html_for_sale(
        self,
        *,
        sale_code: str,
        invoice_date: datetime | str | None = None,
        invoice_uuid: UUID | str | None = None,
        invoice_number: str | None = None,
        invoice_char_code: str | None = None,
    ) -> InvoiceHtml: ...
    @overload
    async def invoice_html_for_sale(
        self,
        *,
        sale_id: int,
        invoice_date: datetime | str | None = None,
        invoice_uuid: UUID | str | None = None,
        invoice_number: str | None = None,
        invoice_char_code: str | None = None,
    ) -> InvoiceHtml: ...
    async def invoice_html_for_sale(
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

        It also shows an invoice that was sent before, so a preview does not prove that the invoice is official or not.
        Exactly one of `sale_code` and `sale_id`. The other arguments matter only when the invoice is created now.

        Args:
            sale_code: The code of the sale (satış kodu).
            sale_id: The id of the sale in Propars.
            invoice_date: The invoice's date, an aware datetime or ISO 8601 with offset; needed where automatic dating
                is off. It is sent in Türkiye's time.
            invoice_uuid: The ETTN to give it, a UUID of version 4. It identifies the invoice; it is not documented to
                prevent a second one.
            invoice_number: The number to give it, 16 characters: 3 of A-Z0-9, the year, 9 digits.
            invoice_char_code: Undocumented by the provider; probably the 3-letter prefix.

        Returns:
            The preview.

        Raises:
            OutcomeUnknownError: The invoice may have been created: look at the sale before calling again.
            KolayInvoiceError: Nothing was created; see `kolay_invoice.errors`.

        Pages: "Fatura Oluşturma/Önizleme", and "Fatura Görüntüleme" for what was sent.
        """
        return await self.call(
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
    async def send_invoice(
        self,
        *,
        sale_code: str,
        invoice_date: datetime | str | None = None,
        invoice_uuid: UUID | str | None = None,
        invoice_number: str | None = None,
        invoice_char_code: str | None = None,
    ) -> SentInvoice: ...
    @overload
    async def send_invoice(
        self,
        *,
        sale_id: int,
        invoice_date: datetime | str | None = None,
        invoice_uuid: UUID | str | None = None,
        invoice_number: str | None = None,
        invoice_char_code: str | None = None,
    ) -> SentInvoice: ...
    @overload
    async def send_invoice(self, *, invoice_id: int) -> SentInvoice: ...
    async def send_invoice(
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

        Exactly one of `sale_code`, `sale_id` and `invoice_id`; with `invoice_id` the invoice exists already and takes
        no other argument.

        Args:
            sale_code: The code of the sale (satış kodu).
            sale_id: The id of the sale in Propars.
            invoice_id: The id of an invoice that was created before.
            invoice_date: As for `invoice_html_for_sale`.
            invoice_uuid: As for `invoice_html_for_sale`.
            invoice_number: As for `invoice_html_for_sale`.
            invoice_char_code: As for `invoice_html_for_sale`.

        Returns:
            The invoice; a field that the reply omits is None.

        Raises:
            OutcomeUnknownError: It may have been sent: look it up before calling again.
            KolayInvoiceError: Nothing was sent; see `kolay_invoice.errors`.

        Page: "Fatura Gönderme".
        """
        return await self.call(
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
    async def get_signed_xml(self, *, sale_code: str) -> SignedXml: ...
    @overload
    async def get_signed_xml(self, *, sale_id: int) -> SignedXml: ...
    @overload
    async def get_signed_xml(self, *, invoice_id: int) -> SignedXml: ...
    async def get_signed_xml(
        self, *, sale_code: str | None = None, sale_id: int | None = None, invoice_id: int | None = None
    ) -> SignedXml:
        """Fetch the signed XML of an invoice that was sent. Changes nothing, and is repeated when an attempt fails.

        Exactly one of the three selectors.

        Args:
            sale_code: The code of the sale (satış kodu).
            sale_id: The id of the sale in Propars.
            invoice_id: The id of the invoice.

        Returns:
            The document, byte for byte as it came.

        Raises:
            NotFoundError: There is no such sale or invoice, or it was not sent yet.
            UnexpectedReplyError: No whole XML document came.
            KolayInvoiceError: See `kolay_invoice.errors`.

        Page: "İmzalı Fatura Xml Dosyası".
        """
        return await self.call(GetSignedXml(sale_code=sale_code, sale_id=sale_id, invoice_id=invoice_id))

    @overload
    async def cancel_invoice(self, *, sale_id: int) -> CancelledInvoice: ...
    @overload
    async def cancel_invoice(self, *, sale_code: str) -> CancelledInvoice: ...
    async def cancel_invoice(self, *, sale_id: int | None = None, sale_code: str | None = None) -> CancelledInvoice:
        """Cancel the invoice that a sale has now. Cannot be undone.

        Possible for an e-Arşiv invoice whose report has not gone to the tax authority, and for an e-invoice that was
        created and not sent. It names the sale: a late second cancel could hit a newer invoice of the same sale.

        Args:
            sale_id: The id of the sale in Propars.
            sale_code: The code of the sale (satış kodu).

        Returns:
            The provider's reply.

        Raises:
            OutcomeUnknownError: It may have been cancelled: look at the sale before calling again.
            KolayInvoiceError: Nothing was cancelled; see `kolay_invoice.errors`.

        Page: "Fatura İptali".
        """
        return await self.call(CancelInvoice(sale_id=sale_id, sale_code=sale_code))

    async def get_invoice(self, invoice_id: int) -> SaleInvoice:
        """Look at one invoice of a sale. Changes nothing.

        Args:
            invoice_id: The id of the invoice in Propars.

        Returns:
            The invoice; every field may be None.

        Raises:
            NotFoundError: There is no such invoice.
            UnexpectedReplyError: No usable reply came, or it is about another invoice.
            KolayInvoiceError: See `kolay_invoice.errors`.

        Page: usage. The fields of an invoice are unpublished.
        """
        return await self.call(GetSaleInvoice(invoice_id))
