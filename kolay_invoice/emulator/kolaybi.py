"""KolayBi's rules: what may be done to which document, and what it becomes. No HTTP here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import count
from typing import TypedDict
from uuid import UUID, uuid4

import attrs

from kolay_invoice.emulator.credentials import Tokens
from kolay_invoice.emulator.guesses import Guesses
from kolay_invoice.emulator.lag import Clock, Lag
from kolay_invoice.emulator.messages import ProviderRefusal
from kolay_invoice.emulator.order_book import OrderBook
from kolay_invoice.emulator.values import Amount, exact_amount, now_in_turkey

READY_TO_SEND = "ready_to_send"
SENT_TO_RECEIVER = "sent_to_receiver"
# The published statuses do not name the one of an invoice that met an error; the whole set is open.
FAILED = "failed"
_SENT = frozenset({"sent", SENT_TO_RECEIVER, "approved"})
_COLLECTED = Decimal("0.0")
_SENT_BEFORE = "Bu fatura daha önce gönderilmiş."


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
    scenario: str = "EARSIVFATURA"
    type: str = "SATIS"
    uuid: UUID | None = attrs.field(default=None, converter=_uuid)
    no: str | None = None
    associate_id: int | None = None
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


@attrs.define(kw_only=True)
class KolayBiAccount:
    """One customer's account at KolayBi.

    Attributes:
        guesses: Its behaviour where that of the real one is unknown.
        executions: How often each operation was executed, by operation and document id.
    """

    guesses: Guesses
    tokens: Tokens
    clock: Clock = attrs.field(factory=Clock)
    companies: dict[int, Company] = attrs.field(factory=dict)
    vaults: dict[int, str] = attrs.field(factory=dict)
    documents: dict[int, Document] = attrs.field(factory=dict)
    movements: list[Movement] = attrs.field(factory=list)
    executions: Counter[tuple[str, int | None]] = attrs.field(factory=Counter)
    orders: OrderBook = attrs.field(
        default=attrs.Factory(lambda self: OrderBook(executions=self.executions), takes_self=True)
    )
    _numbers: Iterator[int] = attrs.field(factory=lambda: count(1), repr=False)
    _lag: Lag[Document] = attrs.field(
        init=False, repr=False, default=attrs.Factory(lambda self: Lag(self.clock), takes_self=True)
    )

    def put(self, document: Document) -> None:
        """Store a document, without a lag in the list."""
        self.documents[document.document_id] = document
        self._lag.forget(document.document_id)

    def issue_token(self) -> str:
        """Issue an access token."""
        self.executions["access_token", None] += 1
        return self.tokens.issue()

    def resend(self, document_id: int) -> Document:
        """Send a failed document again."""
        document = self._document(document_id)
        if not self.companies[document.company_id].is_invoice_resendable:
            raise ProviderRefusal(400, "Bu şirket için yeniden gönderim servisi kullanılamaz.")
        if document.status != FAILED:
            self._refuse_unless_repeatable(document, "Yalnızca gönderilemeyen faturalar yeniden gönderilebilir.")
        return self._make_official("resend", document, uuid=document.uuid or uuid4(), no=document.no)

    def create_e_document(self, document_id: int) -> Document:
        """Send a document to GİB, which makes it official."""
        document = self._document(document_id)
        if document.direction != "outbound":
            raise ProviderRefusal(400, "Gelen fatura GİB'e gönderilemez.")
        if document.status != READY_TO_SEND:
            self._refuse_unless_repeatable(document, "Fatura gönderime hazır (ready_to_send) durumda değil.")
        if not document.receiver_email:
            raise ProviderRefusal(400, "Alıcının e-posta adresi zorunludur.", field="receiver_email")
        # A second execution makes a second e-document at GİB, with an ETTN and a number of its own: the harm itself.
        return self._make_official("create_e_document", document, uuid=uuid4(), no=None)

    def proceed(self, document_id: int, vault_id: int, amount: Decimal | None = None) -> Collection:
        """Collect a document, whatever its status: an amount, or all that remains."""
        document = self._document(document_id)
        self._check_vault(vault_id)
        remaining = collectable = document.remaining_amount
        if not remaining and any(movement.document_id == document_id for movement in self.movements):
            if self.guesses.duplicates == "refuse":
                raise ProviderRefusal(412, "Faturanın tamamı daha önce tahsil edilmiş.")
            collectable = document.exchange_grand_total
        taken = collectable if amount is None else amount
        if taken > collectable:
            raise ProviderRefusal(400, "Tahsilat tutarı kalan tutardan büyük olamaz.", field="amount")
        self.movements.append(Movement(document_id=document_id, vault_id=vault_id, amount=taken))
        left = remaining - taken if remaining > taken else _COLLECTED
        self.documents[document_id] = attrs.evolve(document, remaining_amount=left)
        self.executions["proceed", document_id] += 1
        return Collection(transaction_status="Tamamlandı", remaining_amount=left)

    def get_invoice(self, document_id: int) -> Document:
        """Read one document."""
        document = self._document(document_id)
        self.executions["get_invoice", document_id] += 1
        return document

    def list_documents(self, associate_id: int | None) -> list[Document]:
        """Read the sale invoices, drafts included: those of an associate, or all."""
        self.executions["list_documents", associate_id] += 1
        return [
            document
            for _, document in sorted(self.documents.items())
            if document.direction == "outbound" and associate_id in {None, document.associate_id}
        ]

    def view(self, uuid: UUID) -> Document:
        """Read an official document by its ETTN."""
        document = next((one for one in self.documents.values() if one.uuid == uuid and one.no is not None), None)
        if document is None:
            raise ProviderRefusal(404, "Belge bulunamadı.")
        self.executions["get_e_document", document.document_id] += 1
        return document

    def list_vaults(self) -> list[Vault]:
        """Read the vaults with their balances."""
        self.executions["list_vaults", None] += 1
        return [
            Vault(vault_id=vault_id, name=name, balance=self._balance(vault_id))
            for vault_id, name in sorted(self.vaults.items())
        ]

    def vault_transactions(self, vault_id: int) -> dict[int, Movement]:
        """Read the movements of a vault by their ids."""
        self._check_vault(vault_id)
        self.executions["vault_transactions", vault_id] += 1
        times = {"none": 0, "one": 1, "two": 2}[self.guesses.movements_listed]
        listed = [movement for movement in self.movements for _ in range(times)]
        return {number: movement for number, movement in enumerate(listed, 1) if movement.vault_id == vault_id}

    def list_invoices(self, filters: Filters) -> list[Document]:
        """Read the documents that pass the filters."""
        if filters.company_id not in self.companies:
            raise ProviderRefusal(404, "Şirket bulunamadı.")
        self.executions["list_invoices", filters.document_id] += 1
        return [
            row
            for document_id, document in sorted(self.documents.items())
            for row in self._rows_of(self._lag.listed_row(document_id, document, self.guesses.list_lag))
            if filters.matches(row) and self._is_asked_for(row, filters.document_id)
        ]

    def list_companies(self) -> list[Company]:
        """Read the companies of the account."""
        self.executions["list_companies", None] += 1
        return [company for _, company in sorted(self.companies.items())]

    def _document(self, document_id: int) -> Document:
        document = self.documents.get(document_id)
        if document is None:
            raise ProviderRefusal(404, "Fatura bulunamadı.")
        return document

    def _rows_of(self, document: Document) -> tuple[Document, ...]:
        """Return the rows of a document before filtering."""
        if self.guesses.list_rows == "one" or document.uuid is None or document.no is None:
            return (document,)
        unsent = attrs.evolve(document, status=READY_TO_SEND, uuid=None, no=None)
        return unsent, attrs.evolve(document, status="sent")

    def _is_asked_for(self, document: Document, asked: int | None) -> bool:
        match self.guesses.list_filter:
            case "id":
                return asked in {None, document.document_id}
            case "number":
                return asked is None or document.no == str(asked)
            case _:
                return True

    def _check_vault(self, vault_id: int) -> None:
        if vault_id not in self.vaults:
            raise ProviderRefusal(404, "Kasa/Banka bulunamadı.")

    def _balance(self, vault_id: int) -> Decimal:
        return sum((movement.amount for movement in self.movements if movement.vault_id == vault_id), Decimal(0))

    def _refuse_unless_repeatable(self, document: Document, sentence: str) -> None:
        if document.status not in _SENT:
            raise ProviderRefusal(400, sentence)
        if self.guesses.duplicates == "refuse":
            raise ProviderRefusal(412, _SENT_BEFORE)

    def _make_official(self, operation: str, document: Document, *, uuid: UUID, no: str | None) -> Document:
        number = no or f"EMU{document.issue_date.year}{next(self._numbers):09d}"
        sent = attrs.evolve(document, status=SENT_TO_RECEIVER, uuid=uuid, no=number)
        if document.status not in _SENT and self.guesses.first_send == "refuse":
            self.put(sent)
            raise ProviderRefusal(412, _SENT_BEFORE)
        self._lag.note(document.document_id, document)
        self.documents[document.document_id] = sent
        self.executions[operation, document.document_id] += 1
        return sent
