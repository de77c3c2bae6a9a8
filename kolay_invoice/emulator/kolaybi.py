"""KolayBi's rules: what may be done to which document, and what it becomes. No HTTP here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from uuid import UUID, uuid4

import attrs

from kolay_invoice.emulator.credentials import Tokens
from kolay_invoice.emulator.guesses import Guesses
from kolay_invoice.emulator.kolaybi_documents import (
    ARCHIVE,
    READY_TO_SEND,
    Collection,
    Company,
    Document,
    Filters,
    Movement,
    Vault,
)
from kolay_invoice.emulator.lag import Clock, Lag
from kolay_invoice.emulator.messages import ProviderRefusal
from kolay_invoice.emulator.order_book import OrderBook

SENT_TO_RECEIVER = "sent_to_receiver"
# The published statuses do not name the one of an invoice that met an error; the whole set is open.
FAILED = "failed"
_SENT = frozenset({"sent", SENT_TO_RECEIVER, "approved"})
_COLLECTED = Decimal("0.0")
_SENT_BEFORE = "Bu fatura daha önce gönderilmiş."


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
    _invoice_ids: Iterator[int] = attrs.field(factory=lambda: count(7001), repr=False)
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

    def undo_proceed(self, document_id: int) -> None:
        """Take back the collections of a document: all of them, or the last one."""
        document = self._document(document_id)
        booked = [movement for movement in self.movements if movement.document_id == document_id]
        if not booked:
            raise ProviderRefusal(404, "Faturanın tahsilatı bulunamadı.")
        undone = booked if self.guesses.undone == "all" else booked[-1:]
        # Two equal collections are two movements: each object counts.
        self.movements[:] = [one for one in self.movements if not any(one is gone for gone in undone)]
        owed = document.remaining_amount + sum(movement.amount for movement in undone)
        self.documents[document_id] = attrs.evolve(document, remaining_amount=min(owed, document.exchange_grand_total))
        self.executions["undo_proceed", document_id] += 1

    def cancel_e_document(self, document_id: int) -> None:
        """Cancel an official e-Arşiv document and remove its invoice."""
        document = self._document(document_id)
        if document.status not in _SENT or document.no is None:
            raise ProviderRefusal(400, "Yalnızca resmîleşmiş belgeler iptal edilebilir.")
        if document.scenario != ARCHIVE:
            raise ProviderRefusal(400, "Yalnızca e-Arşiv belgeleri iptal edilebilir.")
        self._lag.note(document_id, document)
        self.documents[document_id] = attrs.evolve(document, status="cancelled", is_removed=True)
        self.executions["cancel_e_document", document_id] += 1

    def delete_invoice(self, document_id: int) -> None:
        """Delete an invoice that is not official."""
        document = self._document(document_id)
        if document.status in _SENT or document.no is not None:
            raise ProviderRefusal(400, "Resmîleşmiş fatura silinemez.")
        del self.documents[document_id]
        self.executions["delete_invoice", document_id] += 1

    def create_invoice(self, document: Document) -> Document:
        """Add a sale invoice, ready to be sent."""
        free = (number for number in self._invoice_ids if number not in self.documents)
        new = attrs.evolve(document, document_id=next(free), company_id=min(self.companies))
        self.put(new)
        self.executions["create_invoice", new.document_id] += 1
        return new

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
            if document.direction == "outbound"
            and not document.is_removed
            and associate_id in {None, document.associate_id}
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
        if document is None or document.is_removed:
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
