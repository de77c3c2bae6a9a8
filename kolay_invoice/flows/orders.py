"""Orders of a shop, and how far each of them came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from attrs import field, frozen
from attrs.validators import instance_of, min_len, optional

from kolay_invoice import validators
from kolay_invoice.kolaybi import checks
from kolay_invoice.kolaybi.models import InvoiceItem, NewAssociate, NewInvoice, NewProduct, OrderReference
from kolay_invoice.messages import Message
from kolay_invoice.value import Value

NEW: Final = "new"
CREATED: Final = "created"
OFFICIAL: Final = "official"
COLLECTED: Final = "collected"


@frozen(kw_only=True)
class OrderLine(Value):
    """One line of an order: a product by its code, which is created if there is none, and what is sold of it.

    Attributes:
        product: The product. It needs a `code`.
        quantity: How much is sold, exact.
        unit_price: The price of one, exact, in the order's currency.
        vat_rate: The VAT rate (KDV) in percent.
    """

    product: NewProduct = field(validator=instance_of(NewProduct))
    quantity: Decimal | int | str
    unit_price: Decimal | int | str
    vat_rate: int

    def __attrs_post_init__(self) -> None:
        if self.product.code is None:
            msg = Message("{name} is needed in a journal: it tells {kind} from others", name="code", kind="NewProduct")
            raise ValueError(msg)
        self.item(1)

    def item(self, product_id: int) -> InvoiceItem:
        """Return the line of the invoice."""
        return InvoiceItem(
            product_id=product_id, quantity=self.quantity, unit_price=self.unit_price, vat_rate=self.vat_rate
        )


@frozen(kw_only=True)
class Order(Value):
    """An order of a shop.

    Attributes:
        order_reference: Your own order number. It tells this order from all others.
        associate: The buyer, who is created if there is none with this identity number. Its first address is used.
        lines: What is sold.
        order_date: The day of the order.
        vault_id: The vault (kasa/banka) into which the whole invoice is collected; None collects nothing.
        currency: The currency of the prices.
        others: Further fields of `NewInvoice`, by name.
    """

    order_reference: str = field(repr=False, validator=validators.plain_text)
    associate: NewAssociate = field(repr=False, validator=instance_of(NewAssociate))
    lines: tuple[OrderLine, ...] = field(converter=tuple, validator=min_len(1))
    order_date: date | str
    vault_id: int | None = field(default=None, validator=optional(validators.positive_id))
    currency: str = "TRY"
    others: Mapping[str, Any] = field(factory=dict, repr=False)

    def __attrs_post_init__(self) -> None:
        if not self.associate.addresses:
            msg = Message("{name} is needed with {other}", name="addresses", other="an order's associate")
            raise ValueError(msg)
        for name in ("city", "district", "country"):
            checks.needs(self.associate.addresses[0], name, "the address of an order")
        self.invoice(1, 1, [1] * len(self.lines))

    def invoice(self, contact_id: int, address_id: int, product_ids: Sequence[int]) -> NewInvoice:
        """Return the invoice of the order."""
        return NewInvoice(
            contact_id=contact_id,
            address_id=address_id,
            order_date=self.order_date,
            currency=self.currency,
            items=[line.item(number) for line, number in zip(self.lines, product_ids, strict=True)],
            order_reference=OrderReference(self.order_reference),
            **self.others,
        )


@frozen(kw_only=True)
class OrderResult(Value):
    """How far an order came.

    Attributes:
        order: The order.
        step: The last step that is done: "new", "created", "official" or "collected".
        document_id: The invoice's id in KolayBi, once it is created.
        uuid: The invoice's ETTN, once it is official.
        waits_for: The call on which it waits, and its state in the journal; None if it is finished.
        why: Why it waits, as far as that is known.
    """

    order: Order
    step: str = NEW
    document_id: int | None = None
    uuid: UUID | None = None
    waits_for: str | None = None
    why: str | None = None

    @property
    def is_finished(self) -> bool:
        """Whether the order is official, and collected if it names a vault."""
        return self.step == (OFFICIAL if self.order.vault_id is None else COLLECTED)
