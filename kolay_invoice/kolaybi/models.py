"""KolayBi's requests and replies as values, and the values that its open sets are known to hold.

Status, scenario, type and direction are open sets: a value that is not named here is kept as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from attrs import field, frozen
from attrs.validators import optional

from kolay_invoice import arguments
from kolay_invoice.endpoint import Request, seen_as
from kolay_invoice.redact import Secret


class Status:
    """Where an invoice stands. The list is not complete: the provider publishes only these."""

    DRAFT: Final = "draft"
    READY_TO_SEND: Final = "ready_to_send"
    SENT: Final = "sent"
    SENT_TO_RECEIVER: Final = "sent_to_receiver"
    APPROVED: Final = "approved"
    REJECTED: Final = "rejected"
    CANCELLED: Final = "cancelled"


class Direction:
    """Whose invoice it is: `OUTBOUND` was issued by the company, `INBOUND` was received by it."""

    OUTBOUND: Final = "outbound"
    INBOUND: Final = "inbound"


class Scenario:
    """UBL-TR profiles (senaryo)."""

    BASIC: Final = "TEMELFATURA"
    COMMERCIAL: Final = "TICARIFATURA"
    ARCHIVE: Final = "EARSIVFATURA"
    PUBLIC: Final = "KAMU"
    MEDICAL: Final = "ILAC_TIBBICIHAZ"
    EXPORT: Final = "IHRACAT"


class InvoiceType:
    """UBL-TR invoice types (fatura tipi)."""

    SALE: Final = "SATIS"
    RETURN: Final = "IADE"
    EXEMPTION: Final = "ISTISNA"
    WITHHOLDING: Final = "TEVKIFAT"
    SPECIAL_BASE: Final = "OZELMATRAH"
    EXPORT_REGISTERED: Final = "IHRACKAYITLI"


@frozen
class ResentInvoice:
    """A failed invoice that was sent again. Older replies hold only `document_id`."""

    document_id: int
    uuid: UUID | None = field(default=None, metadata=seen_as("uuid", "document_uuid", "ettn", blank_is_none=True))
    status: str | None = field(default=None, metadata=seen_as("status", "document_status", key="key"))
    extra: Mapping[str, Any] = field(factory=dict, repr=False, hash=False)


@frozen
class EDocument:
    """An invoice that has reached the tax authority; `uuid` is its ETTN, the official number of the document."""

    document_id: int
    uuid: UUID = field(metadata=seen_as("uuid", "document_uuid", "ettn"))
    extra: Mapping[str, Any] = field(factory=dict, repr=False, hash=False)


@frozen
class Collection:
    """A collected invoice. `remaining_amount` is what is still owed, in the currency of the invoice."""

    transaction_status: str
    remaining_amount: Decimal
    extra: Mapping[str, Any] = field(factory=dict, repr=False, hash=False)


@frozen
class Invoice:
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
    extra: Mapping[str, Any] = field(factory=dict, repr=False, hash=False)


@frozen
class InvoicePage:
    """One reply of the list. `next_page` is set when the provider announces more rows than it sent."""

    invoices: tuple[Invoice, ...]
    next_page: int | None = None


@frozen
class Address:
    """Where a company sits."""

    city: str | None = None
    district: str | None = None
    extra: Mapping[str, Any] = field(factory=dict, repr=False, hash=False)


@frozen
class Company:
    """A company of the account. `is_invoice_resendable` says whether `resend` may be used for its invoices."""

    company_id: int
    company_name: str | None = field(default=None, repr=False)
    identity_no: str | None = field(default=None, repr=False)
    tax_office: str | None = field(default=None, repr=False)
    company_currency: str | None = None
    address: Address | None = field(default=None, repr=False)
    is_invoice_resendable: bool | None = field(
        # The page and the replies spell it without the second "a".
        default=None,
        metadata=seen_as("is_invoice_resendble", "is_invoice_resendable"),
    )
    extra: Mapping[str, Any] = field(factory=dict, repr=False, hash=False)


@frozen
class Resend(Request[ResentInvoice]):
    """Send a failed e-invoice again. Cannot be undone."""

    document_id: int = field(validator=arguments.positive_id)


@frozen
class CreateEDocument(Request[EDocument]):
    """Send an invoice to the tax authority (GİB). Cannot be undone."""

    document_id: int = field(validator=arguments.positive_id)


@frozen
class Proceed(Request[Collection]):
    """Collect an invoice in full into a vault (kasa/banka: cash desk or bank account). Moves money."""

    document_id: int = field(validator=arguments.positive_id)
    vault_id: int = field(validator=arguments.positive_id)


def _min_issue_date(value: date | str | None) -> date | None:
    return arguments.day("min_issue_date", value)


def _max_issue_date(value: date | str | None) -> date | None:
    return arguments.day("max_issue_date", value)


def _min_total_amount(value: Decimal | int | str | None) -> Decimal | None:
    return arguments.amount("min_total_amount", value)


def _max_total_amount(value: Decimal | int | str | None) -> Decimal | None:
    return arguments.amount("max_total_amount", value)


@frozen
class ListInvoices(Request[InvoicePage]):
    """List a company's e-invoices, one page at a time. Changes nothing."""

    company_id: int = field(validator=arguments.positive_id)
    direction: str = field(validator=arguments.plain_text)
    document_id: int | None = field(default=None, kw_only=True, validator=optional(arguments.positive_id))
    min_issue_date: date | None = field(default=None, kw_only=True, converter=_min_issue_date)
    max_issue_date: date | None = field(default=None, kw_only=True, converter=_max_issue_date)
    min_total_amount: Decimal | None = field(default=None, kw_only=True, converter=_min_total_amount)
    max_total_amount: Decimal | None = field(default=None, kw_only=True, converter=_max_total_amount)
    party_name: str | None = field(default=None, kw_only=True, repr=False, validator=optional(arguments.plain_text))
    page: int | None = field(default=None, kw_only=True, validator=optional(arguments.positive_id))

    def __attrs_post_init__(self) -> None:
        arguments.in_order(self, "min_issue_date", "max_issue_date")
        arguments.in_order(self, "min_total_amount", "max_total_amount")


@frozen
class ListCompanies(Request[tuple[Company, ...]]):
    """List the companies of the account. Changes nothing."""


@frozen
class FetchAccessToken(Request[Secret]):
    """Exchange the api key for a token of 24 hours. Changes nothing."""

    api_key: Secret = field(repr=False)
