"""A new invoice: what `create_invoice` sends, and what it answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from attrs import field, frozen
from attrs.validators import min_len, optional

from kolay_invoice import validators
from kolay_invoice.endpoint import is_buyers, seen_as
from kolay_invoice.kolaybi import checks
from kolay_invoice.kolaybi.models.vocabulary import InvoiceType
from kolay_invoice.kolaybi.request import KolayBiRequest as Request
from kolay_invoice.messages import Message
from kolay_invoice.unknown_fields import NONE_UNKNOWN
from kolay_invoice.value import Reply

_LOCAL_CURRENCY: Final = "TRY"

_text = optional(validators.plain_text)
_id = optional(validators.positive_id)
_flag = optional(validators.is_bool)


def _exact(name: str, value: Decimal | int | str | None, *, least: int | None = 0) -> Decimal | None:
    exact = validators.to_decimal(name, value)
    if exact is not None and least is not None and exact < least:
        msg = Message("{name} must not be less than {number}", name=name, number=least)
        raise ValueError(msg)
    return exact


def _quantity(value: Decimal | int | str) -> Decimal:
    exact = validators.to_decimal("quantity", value)
    if exact is None or exact <= 0:
        msg = Message("{name} must be greater than zero", name="quantity")
        raise ValueError(msg)
    return exact


def _unit_price(value: Decimal | int | str) -> Decimal:
    exact = _exact("unit_price", value)
    if exact is None:
        msg = Message("{name} must be a number such as {example}", name="unit_price", example="100.00")
        raise ValueError(msg)
    return exact


def _discount_amount(value: Decimal | int | str | None) -> Decimal | None:
    return _exact("discount_amount", value)


@frozen(kw_only=True)
class InvoiceItem:
    """One line of a new invoice. Quantity and price are exact and travel with the digits that they were given with.

    Amounts are in the invoice's currency, `vat_rate` (KDV) is in percent.
    """

    product_id: int = field(validator=validators.positive_id)
    quantity: Decimal = field(converter=_quantity)
    unit_price: Decimal = field(converter=_unit_price)
    vat_rate: int = field(validator=checks.vat_rate)
    description: str | None = field(default=None, repr=False, validator=_text)
    discount_amount: Decimal | None = field(default=None, converter=_discount_amount)
    gtip_no: str | None = field(default=None, validator=optional(checks.gtip))
    withholding_code: str | None = field(default=None, validator=_text)
    exemption_code: str | None = field(default=None, validator=_text)


def _issue_date(value: date | str | None) -> date | None:
    return validators.to_date("issue_date", value)


@frozen
class OrderReference:
    """The caller's own order: its number, and its day if it is to be shown."""

    serial_no: str = field(repr=False, validator=validators.plain_text)
    issue_date: date | None = field(default=None, converter=_issue_date)

    def __str__(self) -> str:
        return self.serial_no


@frozen(kw_only=True)
class InvoiceReference:
    """An earlier invoice that a return names."""

    serial_no: str = field(validator=validators.plain_text)
    issue_date: date | None = field(default=None, converter=_issue_date)


@frozen(kw_only=True)
class CreatedInvoice(Reply):
    """A new invoice, not yet official: `create_e_document(document_id)` sends it. Totals are the word of clients."""

    document_id: int | None = field(default=None, metadata=seen_as("document_id", "id"))
    grand_total: Decimal | None = None
    grand_currency: str | None = None
    exchange_grand_total: Decimal | None = None
    exchange_grand_currency: str | None = None
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


def _order_date(value: date | str) -> date:
    found = validators.to_date("order_date", value)
    if found is None:
        msg = Message("{name} must be an existing day written YYYY-MM-DD", name="order_date")
        raise ValueError(msg)
    return found


def _due_date(value: date | str | None) -> date | None:
    return validators.to_date("due_date", value)


def _items(value: Iterable[InvoiceItem | Mapping[str, Any]]) -> tuple[InvoiceItem, ...]:
    return checks.parts("items", InvoiceItem, value)


def _references(value: Iterable[InvoiceReference | Mapping[str, Any]] | None) -> tuple[InvoiceReference, ...] | None:
    return None if value is None else checks.parts("return_invoice_references", InvoiceReference, value)


def _order_reference(value: OrderReference | Mapping[str, Any] | str | None) -> OrderReference | None:
    if value is None or isinstance(value, OrderReference):
        return value
    return OrderReference(value) if isinstance(value, str) else checks.part("order_reference", OrderReference, value)


def _subtotal_discount_amount(value: Decimal | int | str | None) -> Decimal | None:
    return _exact("subtotal_discount_amount", value)


def _subtotal_correction_amount(value: Decimal | int | str | None) -> Decimal | None:
    return _exact("subtotal_correction_amount", value, least=None)


def _exchange_rate(value: Decimal | int | str | None) -> Decimal | None:
    return _exact("exchange_rate", value)


def _cross_currency_rate(value: Decimal | int | str | None) -> Decimal | None:
    return _exact("cross_currency_rate", value)


@frozen(kw_only=True)
class NewInvoice(Request[CreatedInvoice]):
    """Create a sale invoice that is not yet official. A second call creates a second one.

    `order_reference` is the caller's own order number, the only key by which a lost creation can be found again. A
    journal needs it.
    """

    contact_id: int = field(validator=validators.positive_id)
    address_id: int = field(validator=validators.positive_id)
    order_date: date = field(converter=_order_date)
    currency: str = field(validator=checks.currency)
    items: tuple[InvoiceItem, ...] = field(converter=_items, validator=min_len(1))
    serial_no: str | None = field(default=None, validator=_text)
    due_date: date | None = field(default=None, converter=_due_date)
    description: str | None = field(default=None, repr=False, validator=_text)
    receiver_email: str | None = field(default=None, repr=False, validator=optional(checks.email), metadata=is_buyers())
    type: str | None = field(default=None, validator=_text)
    tracking_currency: str | None = field(default=None, validator=optional(checks.currency))
    subtotal_discount_amount: Decimal | None = field(default=None, converter=_subtotal_discount_amount)
    subtotal_correction_amount: Decimal | None = field(default=None, converter=_subtotal_correction_amount)
    exchange_rate: Decimal | None = field(default=None, converter=_exchange_rate)
    cross_currency_rate: Decimal | None = field(default=None, converter=_cross_currency_rate)
    document_scenario: str | None = field(default=None, validator=_text)
    document_type: str | None = field(default=None, validator=_text)
    vat_exemption_reason_code: str | None = field(default=None, validator=_text)
    shipment_include: bool | None = field(default=None, validator=_flag)
    order_reference: OrderReference | None = field(default=None, repr=False, converter=_order_reference)
    return_invoice_references: tuple[InvoiceReference, ...] | None = field(default=None, converter=_references)
    project_id: int | None = field(default=None, validator=_id)

    def __attrs_post_init__(self) -> None:
        if self.document_type == InvoiceType.EXEMPTION:
            checks.needs(self, "vat_exemption_reason_code", "document_type ISTISNA")
        if self.currency.upper() != _LOCAL_CURRENCY and self.cross_currency_rate is None:
            checks.needs(self, "exchange_rate", "a currency other than TRY")
