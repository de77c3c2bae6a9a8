"""Invoices as they are read: rows of lists, and one in detail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from attrs import field, frozen
from attrs.validators import optional

from kolay_invoice import validators
from kolay_invoice.endpoint import seen_as
from kolay_invoice.kolaybi.models.page import ListPage
from kolay_invoice.kolaybi.models.vocabulary import KNOWN_DIRECTIONS, Direction, DirectionName
from kolay_invoice.kolaybi.request import KolayBiRequest as Request
from kolay_invoice.unknown_fields import NONE_UNKNOWN
from kolay_invoice.value import Reply


@frozen
class Invoice(Reply):
    """One row of the list. It is official only with both `uuid` (its ETTN) and `no`: a draft can have a `uuid`.

    `exchange_grand_total` is the total in the local currency, `grand_total` in the currency of the invoice.
    """

    document_id: int = field(metadata=seen_as("document_id", "commercial_doc_id", "id"))
    uuid: UUID | None = field(default=None, metadata=seen_as("uuid", "document_uuid", "ettn", blank_is_none=True))
    no: str | None = field(default=None, metadata=seen_as("no", "document_no", "serial_no"))
    status: str | None = field(default=None, metadata=seen_as("status", "document_status", key="key"))
    scenario: str | None = field(default=None, metadata=seen_as("scenario", "document_scenario", key="key"))
    type: str | None = field(default=None, metadata=seen_as("type", "document_type", key="key"))
    direction: str | None = None
    exchange_grand_total: Decimal | None = None
    exchange_grand_currency: str | None = None
    grand_total: Decimal | None = None
    grand_currency: str | None = None
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class InvoicePage(Reply):
    """One reply of the list. `next_page` is set when the provider announces more rows than it sent."""

    invoices: tuple[Invoice, ...]
    next_page: int | None = None

    @property
    def rows(self) -> tuple[Invoice, ...]:
        """The invoices, under the name that every page of a list has."""
        return self.invoices


@frozen(kw_only=True)
class Document(Reply):
    """One row of KolayBi's own list of invoices, drafts included. Each field may be None.

    `type` is KolayBi's kind of document, such as `sale_invoice`. `.extra` can hold the buyer's data.
    """

    document_id: int | None = field(default=None, metadata=seen_as("id", "document_id"))
    no: str | None = field(default=None, metadata=seen_as("serial_no", "no", blank_is_none=True))
    status: str | None = field(default=None, metadata=seen_as("status", key="key"))
    type: str | None = field(default=None, metadata=seen_as("type", key="key"))
    order_date: date | None = None
    due_date: date | None = None
    total_amount: Decimal | None = field(default=None, metadata=seen_as("total_amount", "grand_total"))
    currency: str | None = field(default=None, metadata=seen_as("currency", key="key"))
    associate_id: int | None = field(
        default=None, metadata=seen_as("contact.id", "associate_id", "contact_id", "associate.id")
    )
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class InvoiceDetail(Reply):
    """One invoice. Its fields are unpublished, so each of them may be None.

    What does not fit stays under `.extra`, which can hold the buyer's data. `type` is the UBL-TR type if the
    reply has it, else KolayBi's own kind of document (`sale_invoice`). `currency` comes in either case. `cancelled_at`
    is as KolayBi wrote it. `order_reference` is the caller's own order number.
    """

    document_id: int | None = field(default=None, metadata=seen_as("document_id", "commercial_doc_id", "id"))
    uuid: UUID | None = field(default=None, metadata=seen_as("uuid", "document_uuid", "ettn", "e_document.uuid"))
    no: str | None = field(
        default=None, metadata=seen_as("no", "document_no", "serial_no", "header.serial_no", blank_is_none=True)
    )
    status: str | None = field(
        default=None, metadata=seen_as("status", "commercial_doc_status", "document_status", key="key")
    )
    scenario: str | None = field(
        default=None, metadata=seen_as("scenario", "document_scenario", "e_document.scenario", key="key")
    )
    type: str | None = field(
        default=None, metadata=seen_as("e_document.document_type", "document_type", "type", key="key")
    )
    issue_date: date | None = field(default=None, metadata=seen_as("issue_date", "header.issue_date", "order_date"))
    due_date: date | None = field(default=None, metadata=seen_as("due_date", "header.due_date"))
    grand_total: Decimal | None = field(
        default=None, metadata=seen_as("grand_total", "total.grand_total", "total_amount")
    )
    currency: str | None = field(
        default=None, metadata=seen_as("currency", "grand_currency", "total.currency", "header.currency")
    )
    remaining_amount: Decimal | None = field(
        default=None, metadata=seen_as("remaining_amount", "payment_plan.remaining_amount")
    )
    payment_status: str | None = field(
        default=None,
        metadata=seen_as(
            "payment_status", "payment_plan.payment_status_value", "payment_plan.payment_status", key="key"
        ),
    )
    cancelled_at: str | None = field(
        default=None, metadata=seen_as("cancelled_at", "header.cancelled_at", "e_document.cancelled_at")
    )
    order_reference: str | None = field(
        default=None,
        repr=False,
        metadata=seen_as("order_reference.serial_no", "header.order_reference.serial_no", "order_reference"),
    )
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)

    @property
    def is_official(self) -> bool:
        """Whether it has both an ETTN and a number.

        False proves nothing, because the reply may omit them. An invoice that failed after it was sent has both as
        well: see `status`.
        """
        return self.uuid is not None and self.no is not None


def _min_issue_date(value: date | str | None) -> date | None:
    return validators.to_date("min_issue_date", value)


def _max_issue_date(value: date | str | None) -> date | None:
    return validators.to_date("max_issue_date", value)


def _min_total_amount(value: Decimal | int | str | None) -> Decimal | None:
    return validators.to_decimal("min_total_amount", value)


def _max_total_amount(value: Decimal | int | str | None) -> Decimal | None:
    return validators.to_decimal("max_total_amount", value)


def _direction(value: DirectionName) -> str:
    return value.value if isinstance(value, Direction) else value


@frozen
class ListInvoices(Request[InvoicePage]):
    """List a company's e-invoices, one page at a time. Changes nothing."""

    company_id: int = field(validator=validators.positive_id)
    direction: str = field(converter=_direction, validator=validators.plain_text)
    document_id: int | None = field(default=None, kw_only=True, validator=optional(validators.positive_id))
    min_issue_date: date | None = field(default=None, kw_only=True, converter=_min_issue_date)
    max_issue_date: date | None = field(default=None, kw_only=True, converter=_max_issue_date)
    min_total_amount: Decimal | None = field(default=None, kw_only=True, converter=_min_total_amount)
    max_total_amount: Decimal | None = field(default=None, kw_only=True, converter=_max_total_amount)
    party_name: str | None = field(default=None, kw_only=True, repr=False, validator=optional(validators.plain_text))
    page: int | None = field(default=None, kw_only=True, validator=optional(validators.positive_id))

    def __attrs_post_init__(self) -> None:
        validators.check_range(self, "min_issue_date", "max_issue_date")
        validators.check_range(self, "min_total_amount", "max_total_amount")
        if self.page is None:
            # Warn once for each list, at the line that called the client's method.
            validators.warn_of_unknown("direction", self.direction, KNOWN_DIRECTIONS, stacklevel=4)


@frozen
class GetInvoice(Request[InvoiceDetail]):
    """Look at one invoice. Changes nothing."""

    document_id: int = field(validator=validators.positive_id)


@frozen(kw_only=True)
class ListDocuments(Request[ListPage[Document]]):
    """List KolayBi's own invoices, drafts included, one page at a time. Changes nothing."""

    type: str | None = field(default=None, validator=optional(validators.plain_text))
    associate_id: int | None = field(default=None, validator=optional(validators.positive_id))
    has_products: bool | None = field(default=None, validator=optional(validators.is_bool))
    page: int | None = field(default=None, validator=optional(validators.positive_id))
