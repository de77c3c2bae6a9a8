"""KolayBi's rules for what stands before an invoice: associates with addresses, and products. No HTTP here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import count

import attrs


@attrs.frozen(kw_only=True)
class Address:
    """An address of an associate."""

    address_id: int
    address: str = "Moda Cad. 1"
    city: str = "İstanbul"
    district: str = "Kadıköy"
    country: str = "Türkiye"
    address_type: str = "invoice"
    is_abroad: bool = False


@attrs.frozen(kw_only=True)
class Associate:
    """A buyer or supplier."""

    associate_id: int
    name: str
    surname: str
    identity_no: str
    is_corporate: bool = False
    associate_type: str = "customer"
    tax_office: str | None = None
    code: str | None = None
    phone: str | None = None
    email: str | None = None
    addresses: tuple[Address, ...] = ()


@attrs.frozen(kw_only=True)
class Product:
    """A product or service."""

    product_id: int
    name: str
    code: str | None = None
    barcode: str | None = None
    product_type: str = "good"
    vat_rate: int = 20
    price: Decimal = Decimal(0)
    currency: str = "try"
    quantity: Decimal = Decimal(0)


@attrs.define(kw_only=True)
class OrderBook:
    """The associates and products of an account.

    Attributes:
        executions: The account's counts, by operation and id.
    """

    executions: Counter[tuple[str, int | None]]
    associates: dict[int, Associate] = attrs.field(factory=dict)
    products: dict[int, Product] = attrs.field(factory=dict)
    _ids: Iterator[int] = attrs.field(factory=lambda: count(501), repr=False)

    def list_associates(self) -> list[Associate]:
        """Read the associates."""
        self.executions["list_associates", None] += 1
        return [associate for _, associate in sorted(self.associates.items())]

    def list_products(self) -> list[Product]:
        """Read the products."""
        self.executions["list_products", None] += 1
        return [product for _, product in sorted(self.products.items())]
