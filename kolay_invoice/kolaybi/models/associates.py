"""Buyers and suppliers (cari) and their addresses. What is known of a person or company never shows in a repr."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen
from attrs.validators import optional

from kolay_invoice import validators
from kolay_invoice.endpoint import is_buyers, private, seen_as
from kolay_invoice.kolaybi import checks
from kolay_invoice.kolaybi.models.page import ListPage
from kolay_invoice.kolaybi.request import KolayBiRequest as Request
from kolay_invoice.unknown_fields import NONE_UNKNOWN
from kolay_invoice.value import Reply

_text = optional(validators.plain_text)
_flag = optional(validators.is_bool)


@frozen
class Address(Reply):
    """Where a company or an associate sits. Of a company only `city` and `district` are read."""

    city: str | None = field(default=None, repr=False, metadata=private())
    district: str | None = field(default=None, repr=False, metadata=private())
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)
    address_id: int | None = field(
        default=None, kw_only=True, metadata=seen_as("id", "address_id", only_leniently=True)
    )
    address: str | None = field(
        default=None, kw_only=True, repr=False, metadata=private("address", only_leniently=True)
    )
    country: str | None = field(
        default=None, kw_only=True, repr=False, metadata=private("country", only_leniently=True)
    )
    address_type: str | None = field(
        default=None, kw_only=True, metadata=seen_as("address_type", key="key", only_leniently=True)
    )
    is_abroad: bool | None = field(default=None, kw_only=True, metadata=seen_as("is_abroad", only_leniently=True))


@frozen(kw_only=True)
class Associate(Reply):
    """A buyer or supplier (cari). Its fields are the word of clients, so each of them may be None.

    `.extra` can hold more of the person's or company's data.
    """

    associate_id: int | None = field(default=None, metadata=seen_as("id", "associate_id"))
    name: str | None = field(default=None, repr=False, metadata=private())
    surname: str | None = field(default=None, repr=False, metadata=private())
    identity_no: str | None = field(default=None, repr=False, metadata=private())
    code: str | None = field(default=None, repr=False, metadata=private("code", blank_is_none=True))
    tax_office: str | None = field(default=None, repr=False, metadata=private("tax_office", blank_is_none=True))
    associate_type: str | None = field(default=None, metadata=seen_as("associate_type", "type", key="key"))
    is_corporate: bool | None = None
    phone: str | None = field(default=None, repr=False, metadata=private("phone", blank_is_none=True))
    email: str | None = field(default=None, repr=False, metadata=private("email", blank_is_none=True))
    addresses: tuple[Address, ...] = field(default=(), repr=False, metadata=seen_as())
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen(kw_only=True)
class ListAssociates(Request[ListPage[Associate]]):
    """List buyers and suppliers, one page at a time. Changes nothing."""

    code: str | None = field(default=None, repr=False, validator=_text)
    name: str | None = field(default=None, repr=False, validator=_text)
    surname: str | None = field(default=None, repr=False, validator=_text)
    identity_no: str | None = field(default=None, repr=False, validator=_text)
    email: str | None = field(default=None, repr=False, validator=_text)
    group: str | None = field(default=None, validator=_text)
    page: int | None = field(default=None, validator=optional(validators.positive_id))


@frozen(kw_only=True)
class PostalAddress:
    """An address of a new associate. One abroad needs street, building_name, number and postal_code."""

    address: str | None = field(default=None, repr=False, validator=_text, metadata=is_buyers())
    city: str | None = field(default=None, repr=False, validator=_text, metadata=is_buyers())
    district: str | None = field(default=None, repr=False, validator=_text, metadata=is_buyers())
    country: str | None = field(default=None, repr=False, validator=_text, metadata=is_buyers())
    address_type: str | None = field(default=None, validator=_text)
    is_abroad: bool | None = field(default=None, validator=_flag)
    building_name: str | None = field(default=None, repr=False, validator=_text, metadata=is_buyers())
    number: str | None = field(default=None, repr=False, validator=_text, metadata=is_buyers())
    postal_code: str | None = field(default=None, repr=False, validator=_text, metadata=is_buyers())
    street: str | None = field(default=None, repr=False, validator=_text, metadata=is_buyers())

    def __attrs_post_init__(self) -> None:
        _check_abroad(self, abroad=self.is_abroad)


def _check_abroad(address: object, *, abroad: bool | None) -> None:
    for name in ("street", "building_name", "number", "postal_code") if abroad else ():
        checks.needs(address, name, "is_abroad")


def _addresses(value: Iterable[PostalAddress | Mapping[str, Any]]) -> tuple[PostalAddress, ...]:
    return checks.parts("addresses", PostalAddress, value)


@frozen(kw_only=True)
class NewAssociate(Request[Associate]):
    """Create a buyer or supplier (cari). It cannot be taken back by a call."""

    name: str = field(repr=False, validator=checks.name, metadata=is_buyers())
    surname: str = field(repr=False, validator=checks.name, metadata=is_buyers())
    identity_no: str = field(repr=False, validator=checks.identity_number, metadata=is_buyers())
    is_corporate: bool | None = field(default=None, validator=_flag)
    associate_type: str | None = field(default=None, validator=_text)
    tax_office: str | None = field(default=None, repr=False, validator=_text, metadata=is_buyers())
    website: str | None = field(default=None, repr=False, validator=_text, metadata=is_buyers())
    code: str | None = field(default=None, repr=False, validator=_text)
    phone: str | None = field(default=None, repr=False, validator=_text, metadata=is_buyers())
    email: str | None = field(default=None, repr=False, validator=optional(checks.email), metadata=is_buyers())
    addresses: tuple[PostalAddress, ...] = field(default=(), repr=False, converter=_addresses, metadata=is_buyers())

    def __attrs_post_init__(self) -> None:
        if len(self.identity_no) == checks.VKN_DIGITS:
            checks.needs(self, "tax_office", "a tax number (VKN)")


@frozen(kw_only=True)
class NewAddress(Request[Address]):
    """Create an address of a buyer or supplier (cari). It cannot be taken back by a call."""

    associate_id: int = field(validator=validators.positive_id)
    city: str = field(repr=False, validator=validators.plain_text, metadata=is_buyers())
    district: str = field(repr=False, validator=validators.plain_text, metadata=is_buyers())
    country: str = field(repr=False, validator=validators.plain_text, metadata=is_buyers())
    address: str | None = field(default=None, repr=False, validator=_text, metadata=is_buyers())
    address_type: str | None = field(default=None, validator=_text)
    is_abroad: bool | None = field(default=None, validator=_flag)
    building_name: str | None = field(default=None, repr=False, validator=_text, metadata=is_buyers())
    number: str | None = field(default=None, repr=False, validator=_text, metadata=is_buyers())
    postal_code: str | None = field(default=None, repr=False, validator=_text, metadata=is_buyers())
    street: str | None = field(default=None, repr=False, validator=_text, metadata=is_buyers())
    address_location: str | None = field(default=None, repr=False, validator=_text, metadata=is_buyers())

    def __attrs_post_init__(self) -> None:
        _check_abroad(self, abroad=self.is_abroad)
