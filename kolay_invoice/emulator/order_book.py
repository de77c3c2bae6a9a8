"""KolayBi's rules for what stands before an invoice: associates with addresses, and products. No HTTP here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import count

import attrs

from kolay_invoice.emulator.guesses import AssociateDuplicates
from kolay_invoice.emulator.messages import ProviderRefusal


@attrs.frozen(kw_only=True)
class Address:
    """An address of an associate."""

    address_id: int = 0
    address: str | None = None
    city: str = "İstanbul"
    district: str = "Kadıköy"
    country: str = "Türkiye"
    address_type: str = "invoice"
    is_abroad: bool = False


@attrs.frozen(kw_only=True)
class Associate:
    """A buyer or supplier."""

    associate_id: int = 0
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

    product_id: int = 0
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

    def create_associate(self, associate: Associate, duplicates: AssociateDuplicates) -> Associate:
        """Add an associate, with ids for it and its addresses. `duplicates` is the guess about a second one."""
        if duplicates == "refuse" and any(
            known.identity_no == associate.identity_no for known in self.associates.values()
        ):
            raise ProviderRefusal(412, "Bu kimlik numarasıyla kayıtlı bir cari var.", field="identity_no")
        addresses = tuple(attrs.evolve(address, address_id=next(self._ids)) for address in associate.addresses)
        new = attrs.evolve(associate, associate_id=next(self._ids), addresses=addresses)
        self.associates[new.associate_id] = new
        self.executions["create_associate", new.associate_id] += 1
        return new

    def create_address(self, associate_id: int, address: Address) -> Address:
        """Add an address to an associate."""
        associate = self.associate(associate_id)
        new = attrs.evolve(address, address_id=next(self._ids))
        self.associates[associate_id] = attrs.evolve(associate, addresses=(*associate.addresses, new))
        self.executions["create_address", associate_id] += 1
        return new

    def create_product(self, product: Product) -> Product:
        """Add a product."""
        new = attrs.evolve(product, product_id=next(self._ids))
        self.products[new.product_id] = new
        self.executions["create_product", new.product_id] += 1
        return new

    def associate(self, associate_id: int) -> Associate:
        """Return an associate."""
        associate = self.associates.get(associate_id)
        if associate is None:
            raise ProviderRefusal(404, "Cari bulunamadı.")
        return associate

    def check_items(self, product_ids: Iterable[int]) -> None:
        """Refuse a product that is not known."""
        for product_id in product_ids:
            if product_id not in self.products:
                raise ProviderRefusal(404, "Ürün bulunamadı.")

    def list_associates(self) -> list[Associate]:
        """Read the associates."""
        self.executions["list_associates", None] += 1
        return [associate for _, associate in sorted(self.associates.items())]

    def list_products(self) -> list[Product]:
        """Read the products."""
        self.executions["list_products", None] += 1
        return [product for _, product in sorted(self.products.items())]
