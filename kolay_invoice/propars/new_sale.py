"""A sale to save at Propars, as the page sales/quicksale has it.

The known copy of the page ends within the fields of an item. What it may list below that goes into `other_fields` and
is sent as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from attrs import NOTHING, AttrsInstance, field, fields, fields_dict, frozen
from attrs.validators import optional

from kolay_invoice import validators
from kolay_invoice.messages import Message
from kolay_invoice.propars.request import ProparsRequest as Request
from kolay_invoice.propars.sale_models import Sale
from kolay_invoice.value import Value

if TYPE_CHECKING:
    from attrs import Attribute

PartT = TypeVar("PartT")

Plain: TypeAlias = str | int | bool
"""A JSON value without parts. An amount is a text of its exact digits."""

BOXES: Final = ("SENTBOX", "INBOX")
SOURCES: Final = ("store", "website")
CUSTOMER_TYPES: Final = ("organizational", "individual")

_MOST_ITEMS: Final = 10_000
_LONGEST_NOTES: Final = 2000
_FIELD_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,60}")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

_text = optional(validators.plain_text)


def _digits(count: int) -> Callable[[object, Attribute[Any], object], None]:
    """Return the validator of a number that is written with so many digits."""

    def check(_instance: object, attribute: Attribute[Any], value: object) -> None:
        if value is not None and not (isinstance(value, str) and re.fullmatch(rf"[0-9]{{{count}}}", value)):
            msg = Message("{name} must be a text of {number} digits", name=attribute.name, number=count)
            raise ValueError(msg)

    return check


def _one_of(*known: str) -> Callable[[object, Attribute[Any], object], None]:
    """Return the validator of a closed set of words."""

    def check(_instance: object, attribute: Attribute[Any], value: object) -> None:
        if value is not None and value not in known:
            msg = Message("{name} must be one of {names}", name=attribute.name, names=", ".join(known))
            raise ValueError(msg)

    return check


def _notes(_instance: object, attribute: Attribute[Any], value: object) -> None:
    if value is not None and (
        not isinstance(value, str) or not 0 < len(value) <= _LONGEST_NOTES or _UNPRINTABLE.search(value)
    ):
        msg = Message(
            "{name} must be a text of 1 to {number} characters; of control characters it may hold line ends",
            name=attribute.name,
            number=_LONGEST_NOTES,
        )
        raise ValueError(msg)


def _plain(_instance: object, attribute: Attribute[Any], value: object) -> None:
    if isinstance(value, str):
        validators.plain_text(_instance, attribute, value)
    elif value is not None and not isinstance(value, int):
        msg = Message(
            "{name} must be a str, an int or a bool, not {kind}", name=attribute.name, kind=type(value).__name__
        )
        raise TypeError(msg)


def _to_plain(value: object) -> Mapping[str, Plain]:
    """Return further fields as they travel: an amount as its exact digits."""
    if not isinstance(value, Mapping):
        msg = Message("{name} must be an object of fields, not {kind}", name="other_fields", kind=type(value).__name__)
        raise TypeError(msg)
    return {str(name): _field(name, one) for name, one in value.items()}


def _field(name: object, value: object) -> Plain:
    if not isinstance(name, str) or not _FIELD_NAME.fullmatch(name):
        msg = Message("other_fields must be named like the provider's: small letters, digits and _")
        raise ValueError(msg)
    if isinstance(value, Decimal):
        validators.to_decimal(name, value)
        return format(value, "f")
    if not isinstance(value, str | int):
        msg = Message(
            "{name} must be a str, an int, a bool or a Decimal, not {kind}", name=name, kind=type(value).__name__
        )
        raise TypeError(msg)
    return value


def _no_known(instance: AttrsInstance, attribute: Attribute[Any], value: Mapping[str, object]) -> None:
    known = sorted(value.keys() & fields_dict(type(instance)).keys())
    if known:
        msg = Message("{name} must not hold {other}: it is an argument of its own", name=attribute.name, other=known[0])
        raise ValueError(msg)


def _part(name: str, kind: type[PartT], value: object) -> PartT:
    """Return a part of the sale from its value, or from an object with the names of its fields.

    Raises:
        TypeError: It is neither.
        ValueError: A field is unknown, missing or invalid; the text names it.
    """
    if isinstance(value, kind):
        return value
    if not isinstance(value, Mapping):
        msg = Message(
            "{name} must be a {wanted} or an object with its fields, not {kind}",
            name=name,
            wanted=kind.__name__,
            kind=type(value).__name__,
        )
        raise TypeError(msg)
    known = fields(kind)  # type: ignore[arg-type]  # an attrs class.
    unknown = sorted(str(one) for one in value.keys() - {one.name for one in known})
    if unknown:
        msg = Message("{given} is not a field of {name}", given=repr(unknown[0][:40]), name=name)
        raise ValueError(msg)
    missing = [one.name for one in known if one.default is NOTHING and one.name not in value]
    if missing:
        msg = Message("{name} is missing", name=f"{name}.{missing[0]}")
        raise ValueError(msg)
    return kind(**value)


@frozen(kw_only=True)
class NewSaleCustomer(Value):
    """The buyer of a sale. `tax_number` is the VKN of a company, `tc_identity_number` the TCKN of a person."""

    name: str | None = field(default=None, repr=False, validator=_text)
    integration_store_id: int | None = field(default=None, validator=optional(validators.positive_id))
    email: str | None = field(default=None, repr=False, validator=_text)
    telephone_number: str | None = field(default=None, repr=False, validator=_text)
    fax_number: str | None = field(default=None, repr=False, validator=_text)
    city_name: str | None = field(default=None, repr=False, validator=_text)
    district: str | None = field(default=None, repr=False, validator=_text)
    company_title: str | None = field(default=None, repr=False, validator=_text)
    tax_office: str | None = field(default=None, repr=False, validator=_text)
    tax_number: str | None = field(default=None, repr=False, validator=_digits(10))
    tc_identity_number: str | None = field(default=None, repr=False, validator=_digits(11))
    customer_type: str | None = field(default=None, validator=_one_of(*CUSTOMER_TYPES))


@frozen(kw_only=True)
class BillingAddress(Value):
    """The address to which the invoice of a sale is written."""

    name: str | None = field(default=None, repr=False, validator=_text)
    code: str | None = field(default=None, repr=False, validator=_text)
    telephone_number: str | None = field(default=None, repr=False, validator=_text)
    city_name: str | None = field(default=None, repr=False, validator=_text)
    district: str | None = field(default=None, repr=False, validator=_text)
    address: str | None = field(default=None, repr=False, validator=_notes)


@frozen
class SaleItem(Value):
    """One item of a sale. Quantity, price and VAT have no known names: pass them in `other_fields`."""

    product_name: str = field(validator=validators.plain_text)
    product_code: str | None = field(default=None, validator=_text)
    other_fields: Mapping[str, Plain] = field(
        factory=dict, converter=_to_plain, validator=_no_known, hash=False, metadata={"is_spread": True}
    )
    """Fields of the provider that have no argument here, by the names of its page."""


def _items(value: object) -> tuple[SaleItem, ...]:
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        msg = Message("{name} must be a list of items, not {kind}", name="items", kind=type(value).__name__)
        raise TypeError(msg)
    items = tuple(_part("items", SaleItem, one) for one in value)
    if not 0 < len(items) <= _MOST_ITEMS:
        msg = Message("{name} must hold 1 to {number} items", name="items", number=_MOST_ITEMS)
        raise ValueError(msg)
    return items


def _order_date(value: datetime | str) -> datetime:
    return validators.to_datetime("order_date", value)


def _customer(value: NewSaleCustomer | Mapping[str, Any]) -> NewSaleCustomer:
    return _part("customer_detail", NewSaleCustomer, value)


def _address(value: BillingAddress | Mapping[str, Any] | None) -> BillingAddress | None:
    return None if value is None else _part("billing_address_detail", BillingAddress, value)


@frozen(kw_only=True)
class NewSale(Request[Sale]):
    """Save a sale: create the sale of this `sale_code`, or update it. Its invoice is neither created nor sent.

    The names are the provider's. A part may be given as an object with the names of its fields, as a file has it.

    Attributes:
        sale_code: The caller's own code of the sale (satış kodu). It is the key: the same code is the same sale.
        order_date: When it was ordered, an aware datetime or ISO 8601 with offset. It is sent in Türkiye's time.
        customer_detail: The buyer.
        items: What was sold, at least one item.
        billing_address_detail: The address of the invoice.
        currency: The provider's id of the currency; 1 is TRY.
        box: "SENTBOX" or "INBOX".
        source: "store" or "website".
        notes: A text for the invoice.
        order_number: The number of the order in the shop.
        other_fields: Fields of the provider that have no argument here, by the names of its page.
    """

    sale_code: str = field(repr=False, validator=validators.sale_code)
    order_date: datetime = field(converter=_order_date)
    customer_detail: NewSaleCustomer = field(repr=False, converter=_customer)
    items: tuple[SaleItem, ...] = field(repr=lambda items: f"<{len(items)} items>", converter=_items)
    billing_address_detail: BillingAddress | None = field(default=None, repr=False, converter=_address)
    currency: int = field(default=1, validator=validators.positive_id)
    box: str | None = field(default=None, validator=_one_of(*BOXES))
    source: str | None = field(default=None, validator=_one_of(*SOURCES))
    einvoice_type: str | None = field(default=None, validator=_text)
    einvoice_profile: str | None = field(default=None, validator=_text)
    order_number: str | None = field(default=None, repr=False, validator=_text)
    payment_method_model: Plain | None = field(default=None, validator=_plain)
    cargo_payment: Plain | None = field(default=None, validator=_plain)
    website_url: str | None = field(default=None, validator=_text)
    notes: str | None = field(default=None, repr=False, validator=_notes)
    other_fields: Mapping[str, Plain] = field(
        factory=dict, repr=False, converter=_to_plain, validator=_no_known, hash=False, metadata={"is_spread": True}
    )
