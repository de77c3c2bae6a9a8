"""Propars' sales and their invoices as values."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict
from uuid import UUID

import attrs

from kolay_invoice.emulator.values import Amount, exact_amount, now_in_turkey
from kolay_invoice.turkiye import in_turkiye


@attrs.frozen(kw_only=True)
class Invoice:
    """The invoice of a sale.

    Attributes:
        reported: Whether its e-Arşiv report has gone to GİB, after which it cannot be cancelled directly.
        signed_xml: The signed document, byte for byte, once the invoice is sent.
    """

    id: int
    uuid: UUID
    number: str
    issued_at: datetime
    status: str = "created"
    reported: bool = False
    signed_xml: bytes | None = attrs.field(default=None, repr=False)

    @property
    def is_sent(self) -> bool:
        """Whether it was signed and sent."""
        return self.signed_xml is not None


@attrs.frozen(kw_only=True)
class Sale:
    """A sale and its invoice, if any. The defaults make an e-Arşiv sale without one.

    Attributes:
        e_invoice: Whether the buyer is a registered e-Fatura user; everyone else gets an e-Arşiv invoice.
        cancelled: Its cancelled invoices. A sale can be invoiced again after a cancellation.
    """

    sale_id: int
    sale_code: str
    buyer: str = "Ayşe Yılmaz"
    buyer_identity: str = "11111111111"
    item: str = "Seramik vazo"
    total: Decimal = attrs.field(default=Decimal("120.00"), converter=exact_amount)
    currency: str = "TRY"
    e_invoice: bool = False
    invoice: Invoice | None = None
    cancelled: tuple[Invoice, ...] = ()
    source: str = "store"
    ordered_at: datetime = attrs.field(factory=now_in_turkey, eq=False)

    @property
    def status(self) -> str:
        """The status. Its values are unpublished."""
        return "new" if self.invoice is None else "invoiced"

    @property
    def invoices(self) -> tuple[Invoice, ...]:
        """All its invoices, the cancelled ones first."""
        return self.cancelled if self.invoice is None else (*self.cancelled, self.invoice)


class SaleFields(TypedDict, total=False):
    """The fields of a new sale."""

    buyer: str
    buyer_identity: str
    item: str
    total: Amount
    currency: str
    e_invoice: bool


@attrs.frozen(kw_only=True)
class SaleFilters:
    """The filters of the list of sales; None filters nothing."""

    order_start_date: date | None = None
    order_end_date: date | None = None
    invoiced: bool | None = None
    invoice_sent: bool | None = None
    invoice_number: str | None = None
    common_status: str | None = None
    status: str | None = None
    source: str | None = None
    search: str | None = None

    def matches(self, sale: Sale) -> bool:
        """Whether a sale passes every filter."""
        ordered_on = in_turkiye(sale.ordered_at).date()
        invoice = sale.invoice
        return (
            (self.order_start_date is None or ordered_on >= self.order_start_date)
            and (self.order_end_date is None or ordered_on <= self.order_end_date)
            and self.invoiced in {None, invoice is not None}
            and self.invoice_sent in {None, invoice is not None and invoice.is_sent}
            and self.invoice_number in {None, invoice.number if invoice else ""}
            and self.common_status in {None, sale.status}
            and self.status in {None, sale.status}
            and self.source in {None, sale.source}
            and (self.search is None or self.search.casefold() in f"{sale.sale_code} {sale.buyer}".casefold())
        )
