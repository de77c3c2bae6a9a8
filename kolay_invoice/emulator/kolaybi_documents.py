"""KolayBi's documents, companies and vaults as values, and the filters of its list."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final, TypedDict
from uuid import UUID

import attrs

from kolay_invoice.emulator.values import Amount, exact_amount, now_in_turkey

READY_TO_SEND: Final = "ready_to_send"
ARCHIVE: Final = "EARSIVFATURA"


def _uuid(value: UUID | str | None) -> UUID | None:
    return UUID(value) if isinstance(value, str) else value


def _date(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _today() -> date:
    return now_in_turkey().date()


@attrs.frozen(kw_only=True)
class Company:
    """A company of the account."""

    company_id: int
    company_name: str = "Örnek Ticaret A.Ş."
    identity_no: str = "1234567803"
    tax_office: str = "Kadıköy"
    company_currency: str = "try"
    city: str = "İstanbul"
    district: str = "Kadıköy"
    is_invoice_resendable: bool = True


@attrs.frozen(kw_only=True)
class Document:
    """An invoice of a company. The defaults make it ready to be sent."""

    document_id: int
    company_id: int = 5
    status: str = READY_TO_SEND
    direction: str = "outbound"
    receiver_email: str | None = "muhasebe@alici.example"
    party_name: str = "Deneme Alıcı Ltd. Şti."
    issue_date: date = attrs.field(factory=_today, converter=_date)
    scenario: str = ARCHIVE
    type: str = "SATIS"
    uuid: UUID | None = attrs.field(default=None, converter=_uuid)
    no: str | None = None
    associate_id: int | None = None
    order_reference: str | None = None
    is_removed: bool = False
    grand_total: Decimal = attrs.field(default=Decimal("120.00"), converter=exact_amount)
    grand_currency: str = "try"
    exchange_grand_total: Decimal = attrs.field(
        default=attrs.Factory(lambda self: self.grand_total, takes_self=True), converter=exact_amount
    )
    exchange_grand_currency: str = "try"
    remaining_amount: Decimal = attrs.field(
        default=attrs.Factory(lambda self: self.exchange_grand_total, takes_self=True), converter=exact_amount
    )


class DocumentFields(TypedDict, total=False):
    """The fields of a new document."""

    company_id: int
    status: str
    direction: str
    receiver_email: str | None
    party_name: str
    issue_date: date | str
    scenario: str
    type: str
    uuid: UUID | str | None
    no: str | None
    associate_id: int | None
    order_reference: str | None
    is_removed: bool
    grand_total: Amount
    grand_currency: str
    exchange_grand_total: Amount
    exchange_grand_currency: str
    remaining_amount: Amount


class CompanyFields(TypedDict, total=False):
    """The fields of a new company."""

    company_name: str
    identity_no: str
    tax_office: str
    company_currency: str
    city: str
    district: str
    is_invoice_resendable: bool


@attrs.frozen(kw_only=True)
class Movement:
    """A payment that was booked when a document was collected."""

    document_id: int
    vault_id: int
    amount: Decimal
    booked_on: date = attrs.field(factory=_today, eq=False)


@attrs.frozen(kw_only=True)
class Vault:
    """A cash desk or bank account as it is now."""

    vault_id: int
    name: str
    balance: Decimal

    @property
    def type(self) -> str:
        """The type; the emulator derives it from the name."""
        return "BANK_ACCOUNT" if "banka" in _fold(self.name) else "SAFE_DEPOSIT"


@attrs.frozen(kw_only=True)
class Collection:
    """The result of `proceed`."""

    transaction_status: str
    remaining_amount: Decimal


@attrs.frozen(kw_only=True)
class Filters:
    """The eight filters of the list; None filters nothing. What `document_id` means is a guess of the account's."""

    company_id: int
    direction: str
    document_id: int | None = None
    min_issue_date: date | None = None
    max_issue_date: date | None = None
    min_total_amount: Decimal | None = None
    max_total_amount: Decimal | None = None
    party_name: str | None = None

    def matches(self, document: Document) -> bool:
        """Whether a document passes every filter except `document_id`."""
        return (
            document.company_id == self.company_id
            and document.direction == self.direction
            and (self.min_issue_date is None or document.issue_date >= self.min_issue_date)
            and (self.max_issue_date is None or document.issue_date <= self.max_issue_date)
            and (self.min_total_amount is None or document.grand_total >= self.min_total_amount)
            and (self.max_total_amount is None or document.grand_total <= self.max_total_amount)
            and (self.party_name is None or _fold(self.party_name) in _fold(document.party_name))
        )


def _fold(name: str) -> str:
    # I, ı, İ and i fold into one letter, so that a search works with Turkish and English case rules.
    return name.replace("İ", "i").replace("ı", "i").casefold()
