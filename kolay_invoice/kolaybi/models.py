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

from kolay_invoice import validators
from kolay_invoice.endpoint import Request, seen_as
from kolay_invoice.redact import Secret
from kolay_invoice.unknown_fields import NONE_UNKNOWN
from kolay_invoice.value import Reply

__all__: list[str] = [
    "Address",
    "Collection",
    "Company",
    "CreateEDocument",
    "Direction",
    "EDocument",
    "GetInvoice",
    "Invoice",
    "InvoiceDetail",
    "InvoicePage",
    "InvoiceType",
    "ListCompanies",
    "ListInvoices",
    "ListVaultTransactions",
    "ListVaults",
    "Proceed",
    "Resend",
    "ResentInvoice",
    "Scenario",
    "Status",
    "Vault",
    "VaultMovement",
    "VaultTotal",
    "VaultTransactions",
]


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


KNOWN_DIRECTIONS: Final = (Direction.OUTBOUND, Direction.INBOUND)


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
class ResentInvoice(Reply):
    """A failed invoice that was sent again. Older replies hold only `document_id`."""

    document_id: int
    uuid: UUID | None = field(default=None, metadata=seen_as("uuid", "document_uuid", "ettn", blank_is_none=True))
    status: str | None = field(default=None, metadata=seen_as("status", "document_status", key="key"))
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class EDocument(Reply):
    """An invoice that has reached the tax authority; `uuid` is its ETTN, the official number of the document."""

    document_id: int
    uuid: UUID = field(metadata=seen_as("uuid", "document_uuid", "ettn"))
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class Collection(Reply):
    """A collected invoice. `remaining_amount` is what is still owed, in the currency of the invoice."""

    transaction_status: str
    remaining_amount: Decimal
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


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


@frozen
class Address(Reply):
    """Where a company sits."""

    city: str | None = None
    district: str | None = None
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class Company(Reply):
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
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class InvoiceDetail(Reply):
    """One invoice. Its fields are unpublished, so each of them may be None.

    What does not fit stays under `.extra`, which can hold the buyer's data. `type` is the UBL-TR type if the
    reply has it, else KolayBi's own kind of document (`sale_invoice`). `currency` comes in either case. `cancelled_at`
    is as KolayBi wrote it.
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
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)

    @property
    def is_official(self) -> bool:
        """Whether it has both an ETTN and a number.

        False proves nothing, because the reply may omit them. An invoice that failed after it was sent has both as
        well: see `status`.
        """
        return self.uuid is not None and self.no is not None


@frozen
class Vault(Reply):
    """A vault (kasa/banka): a cash desk or a bank account. Its fields are unpublished: see `InvoiceDetail`.

    `type` is seen as `SAFE_DEPOSIT` and `BANK_ACCOUNT`, `currency` in lower case; both are open sets.
    """

    vault_id: int | None = field(default=None, metadata=seen_as("id", "vault_id"))
    name: str | None = None
    type: str | None = field(default=None, metadata=seen_as("type", key="key"))
    balance: Decimal | None = None
    currency: str | None = field(default=None, metadata=seen_as("currency", key="key"))
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class VaultMovement(Reply):
    """A movement of a vault. Its fields are unpublished, and none is known that names the document.

    The name under which a day comes is a guess, and so `booked_on` is often None.
    """

    movement_id: int | None = field(default=None, metadata=seen_as("id", "movement_id", "transaction_id"))
    amount: Decimal | None = None
    description: str | None = field(default=None, repr=False)
    currency: str | None = field(default=None, kw_only=True, metadata=seen_as("currency", key="key"))
    booked_on: date | None = field(
        default=None, kw_only=True, metadata=seen_as("transaction_date", "date", "issue_date", "created_at")
    )
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class VaultTotal(Reply):
    """What the movements of a vault come to, in one currency."""

    amount: Decimal | None = None
    currency: str | None = field(default=None, metadata=seen_as("currency", key="key"))
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class VaultTransactions(Reply):
    """The movements of a vault. They are evidence of a collection, not proof: none names its document."""

    movements: tuple[VaultMovement, ...] = ()
    totals: tuple[VaultTotal, ...] = ()
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class Resend(Request[ResentInvoice]):
    """Send a failed e-invoice again. Cannot be undone."""

    document_id: int = field(validator=validators.positive_id)


@frozen
class CreateEDocument(Request[EDocument]):
    """Send an invoice to the tax authority (GİB). Cannot be undone."""

    document_id: int = field(validator=validators.positive_id)


def _amount(value: Decimal | int | str | None) -> Decimal | None:
    return validators.positive_amount("amount", value)


@frozen
class Proceed(Request[Collection]):
    """Collect an invoice into a vault (kasa/banka: cash desk or bank account). Moves money.

    `amount` is what is collected; None collects all that remains.
    """

    document_id: int = field(validator=validators.positive_id)
    vault_id: int = field(validator=validators.positive_id)
    amount: Decimal | None = field(default=None, converter=_amount)


def _min_issue_date(value: date | str | None) -> date | None:
    return validators.to_date("min_issue_date", value)


def _max_issue_date(value: date | str | None) -> date | None:
    return validators.to_date("max_issue_date", value)


def _min_total_amount(value: Decimal | int | str | None) -> Decimal | None:
    return validators.to_decimal("min_total_amount", value)


def _max_total_amount(value: Decimal | int | str | None) -> Decimal | None:
    return validators.to_decimal("max_total_amount", value)


@frozen
class ListInvoices(Request[InvoicePage]):
    """List a company's e-invoices, one page at a time. Changes nothing."""

    company_id: int = field(validator=validators.positive_id)
    direction: str = field(validator=validators.plain_text)
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
class ListCompanies(Request[tuple[Company, ...]]):
    """List the companies of the account. Changes nothing."""


@frozen
class GetInvoice(Request[InvoiceDetail]):
    """Look at one invoice. Changes nothing."""

    document_id: int = field(validator=validators.positive_id)


@frozen
class ListVaults(Request[tuple[Vault, ...]]):
    """List the vaults of the account. Changes nothing."""

    currency: str | None = field(default=None, kw_only=True, validator=optional(validators.plain_text))
    type: str | None = field(default=None, kw_only=True, validator=optional(validators.plain_text))


@frozen
class ListVaultTransactions(Request[VaultTransactions]):
    """List the movements of a vault. Changes nothing."""

    vault_id: int = field(validator=validators.positive_id)


@frozen
class FetchAccessToken(Request[Secret]):
    """Exchange the api key for a token of 24 hours. Changes nothing."""

    api_key: Secret = field(repr=False)
