"""A sale of Propars, and the requests that list and read sales."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from attrs import field, frozen
from attrs.validators import optional

from kolay_invoice import validators
from kolay_invoice.endpoint import seen_as
from kolay_invoice.propars.request import ProparsRequest as Request
from kolay_invoice.unknown_fields import NONE_UNKNOWN
from kolay_invoice.value import Reply


@frozen
class Sale(Reply):
    """A sale and the state of its invoice. Its fields are unpublished: see `SentInvoice`.

    `.extra` can hold the buyer's data.
    """

    sale_id: int | None = field(default=None, metadata=seen_as("sale_id", "id"))
    sale_code: str | None = field(default=None, repr=False, metadata=seen_as("sale_code", "code"))
    invoiced: bool | None = None
    invoice_sent: bool | None = None
    invoice_id: int | None = field(default=None, metadata=seen_as("invoice_id", "invoice.id", "invoice"))
    invoice_number: str | None = field(
        default=None,
        metadata=seen_as("invoice_number", "invoice.invoice_number", "invoice.number", blank_is_none=True),
    )
    invoice_uuid: UUID | None = field(
        default=None, metadata=seen_as("invoice_uuid", "invoice.invoice_uuid", "invoice.uuid", "ettn")
    )
    status: str | None = field(default=None, metadata=seen_as("status", key="key"))
    common_status: str | None = field(default=None, metadata=seen_as("common_status", key="key"))
    order_date: datetime | None = None
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class SalePage(Reply):
    """One reply of the list of sales. `count` is the total number of rows, if the reply has it."""

    sales: tuple[Sale, ...]
    count: int | None = None
    announces_more: bool = False


def _order_start_date(value: date | str | None) -> date | None:
    return validators.to_date("order_start_date", value)


def _order_end_date(value: date | str | None) -> date | None:
    return validators.to_date("order_end_date", value)


_text = optional(validators.plain_text)
_flag = optional(validators.is_bool)
_number = optional(validators.positive_id)


@frozen(kw_only=True)
class ListSales(Request[SalePage]):
    """List sales, one page at a time. Changes nothing."""

    order_start_date: date | None = field(default=None, converter=_order_start_date)
    order_end_date: date | None = field(default=None, converter=_order_end_date)
    invoiced: bool | None = field(default=None, validator=_flag)
    invoice_sent: bool | None = field(default=None, validator=_flag)
    invoice_number: str | None = field(default=None, validator=_text)
    common_status: str | None = field(default=None, validator=_text)
    status: str | None = field(default=None, validator=_text)
    source: str | None = field(default=None, validator=_text)
    search: str | None = field(default=None, repr=False, validator=_text)
    ordering: str | None = field(default=None, validator=_text)
    limit: int | None = field(default=None, validator=_number)
    offset: int | None = field(default=None, validator=_number)

    def __attrs_post_init__(self) -> None:
        validators.check_range(self, "order_start_date", "order_end_date")


@frozen
class GetSale(Request[Sale]):
    """Look at one sale. Changes nothing."""

    sale_id: int = field(validator=validators.positive_id)
