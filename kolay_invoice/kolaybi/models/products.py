"""Goods and services that invoices name."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import field, frozen
from attrs.validators import in_, optional

from kolay_invoice import validators
from kolay_invoice.endpoint import seen_as
from kolay_invoice.kolaybi import checks
from kolay_invoice.kolaybi.models.page import ListPage
from kolay_invoice.kolaybi.request import KolayBiRequest as Request
from kolay_invoice.unknown_fields import NONE_UNKNOWN
from kolay_invoice.value import Reply

_text = optional(validators.plain_text)


@frozen(kw_only=True)
class Product(Reply):
    """A product or service. Its fields are the word of clients, so each of them may be None.

    `vat_rate` (KDV) is in percent, `price` is in `currency`.
    """

    product_id: int | None = field(default=None, metadata=seen_as("id", "product_id"))
    name: str | None = None
    code: str | None = field(default=None, metadata=seen_as("code", blank_is_none=True))
    product_type: str | None = field(default=None, metadata=seen_as("product_type", "type", key="key"))
    barcode: str | None = field(default=None, metadata=seen_as("barcode", blank_is_none=True))
    vat_rate: Decimal | None = field(default=None, metadata=seen_as("vat_value", "vat_rate"))
    price: Decimal | None = field(default=None, metadata=seen_as("sale_price", "price"))
    currency: str | None = field(default=None, metadata=seen_as("sale_currency", "price_currency", key="key"))
    unit: str | None = field(default=None, metadata=seen_as("sale_unit", "unit", key="key"))
    stock: Decimal | None = field(default=None, metadata=seen_as("total_stock_quantity", "quantity"))
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen(kw_only=True)
class ListProducts(Request[ListPage[Product]]):
    """List products and services, one page at a time. Changes nothing."""

    barcode: str | None = field(default=None, validator=_text)
    code: str | None = field(default=None, validator=_text)
    name: str | None = field(default=None, validator=_text)
    type: str | None = field(default=None, validator=_text)
    group: str | None = field(default=None, validator=_text)
    full_text_search: str | None = field(default=None, validator=_text)
    page: int | None = field(default=None, validator=optional(validators.positive_id))


def _price(value: Decimal | int | str | None) -> Decimal | None:
    return validators.to_decimal("price", value)


def _stock(value: Decimal | int | str | None) -> Decimal | None:
    return validators.to_decimal("quantity", value)


@frozen(kw_only=True)
class NewProduct(Request[Product]):
    """Create a product or service. It cannot be taken back by a call.

    `code` is the caller's own. A journal needs it. `vat_rate` (KDV) is in percent, `price` is in `price_currency`.
    """

    name: str = field(validator=validators.plain_text)
    code: str | None = field(default=None, validator=_text)
    barcode: str | None = field(default=None, validator=_text)
    description: str | None = field(default=None, repr=False, validator=_text)
    product_type: str | None = field(default=None, validator=optional(in_(("good", "service"))))
    vat_rate: int | None = field(default=None, validator=optional(checks.vat_rate))
    price: Decimal | None = field(default=None, converter=_price)
    price_currency: str | None = field(default=None, validator=optional(checks.currency))
    quantity: Decimal | None = field(default=None, converter=_stock)
