"""KolayBi's HTTP interface: parses a call, applies the rules and builds the documented reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from http import HTTPStatus
from uuid import uuid4

import attrs

from kolay_invoice.emulator.creation_api import CreationApi
from kolay_invoice.emulator.credentials import KOLAYBI_API_KEY, KOLAYBI_CHANNEL
from kolay_invoice.emulator.details import detail_reply, refuse_unreadable
from kolay_invoice.emulator.document_files import Sign
from kolay_invoice.emulator.kolaybi import KolayBiAccount
from kolay_invoice.emulator.kolaybi_documents import Company, Document, Filters, Movement, Vault
from kolay_invoice.emulator.messages import Call, JsonValue, ProviderRefusal, Reply
from kolay_invoice.emulator.order_api import OrderApi, page_of
from kolay_invoice.emulator.parsing import integer, optional_amount, optional_date, optional_integer, required

# In every refusal that was seen, the code is the HTTP status on top of this.
_CODE_BASE = 10_000
_VAULT_CURRENCY = "try"


def refusal_reply(refused: ProviderRefusal) -> Reply:
    """Build the provider's error envelope."""
    envelope: dict[str, JsonValue] = {
        "success": False,
        "code": _CODE_BASE + refused.status,
        "message": refused.sentence,
        "description": f"{HTTPStatus(refused.status).phrase}: {refused.field}" if refused.field else refused.sentence,
        "data": [],
    }
    return Reply.json(envelope, status=refused.status, headers=refused.headers)


@attrs.frozen
class KolayBiApi:
    """The calls of KolayBi over an account.

    Attributes:
        sign: Signs the XML of a document.
        page_size: Rows a page of a list, or None for the one unpaged reply that the provider documents.
    """

    account: KolayBiAccount
    sign: Sign
    page_size: int | None = None

    def answer(self, call: Call) -> Reply:
        """Carry a call out and answer it."""
        operations: Mapping[str, Callable[[Call], Reply]] = {
            "access_token": self._access_token,
            "resend": self._resend,
            "create_e_document": self._create_e_document,
            "proceed": self._proceed,
            "undo_proceed": self._undo_proceed,
            "cancel_e_document": self._cancel_e_document,
            "delete_invoice": self._delete_invoice,
            "list_invoices": self._list_invoices,
            "list_companies": self._list_companies,
            "get_invoice": self._get_invoice,
            "list_vaults": self._list_vaults,
            "vault_transactions": self._vault_transactions,
            **CreationApi(self.account).operations,
            **OrderApi(self.account, self.page_size, self.sign).operations,
        }
        try:
            self._check_access(call)
            return operations[call.route.operation](call)
        except ProviderRefusal as refused:
            return refusal_reply(refused)

    def _check_access(self, call: Call) -> None:
        headers = call.request.headers
        if headers.get("Channel") != KOLAYBI_CHANNEL:
            raise ProviderRefusal(404, "Kanal bulunamadı.")
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if not call.route.is_public and not (scheme == "Bearer" and self.account.tokens.is_valid(token)):
            raise ProviderRefusal(401, "Erişim anahtarı geçersiz veya süresi dolmuş.")

    def _access_token(self, call: Call) -> Reply:
        api_key = (call.request.json_object or {}).get("api_key")
        if not isinstance(api_key, str) or not api_key:
            raise ProviderRefusal(400, "api_key alanı zorunludur.", field="api_key")
        if api_key != KOLAYBI_API_KEY:
            raise ProviderRefusal(401, "API anahtarı geçersiz.")
        return Reply.json({"success": True, "data": self.account.issue_token()})

    def _resend(self, call: Call) -> Reply:
        document = self.account.resend(integer(call.path_texts, "document_id"))
        subject = _subject(document, call)
        data: JsonValue = {"document_id": subject.document_id, "uuid": subject.uuid, "status": subject.status}
        return Reply.json({"data": data})

    def _create_e_document(self, call: Call) -> Reply:
        document = self.account.create_e_document(integer(call.request.form, "document_id"))
        subject = _subject(document, call)
        return Reply.json({"success": True, "data": {"document_id": subject.document_id, "uuid": subject.uuid}})

    def _proceed(self, call: Call) -> Reply:
        form = call.request.form
        amount = optional_amount(form, "amount")
        if amount is not None and amount <= 0:
            raise ProviderRefusal(400, "amount alanı sıfırdan büyük olmalıdır.", field="amount")
        collection = self.account.proceed(integer(form, "document_id"), integer(form, "vault_id"), amount)
        data: JsonValue = {
            "transaction_status": collection.transaction_status,
            "remaining_amount": collection.remaining_amount,
        }
        return Reply.json({"success": True, "data": data})

    def _undo_proceed(self, call: Call) -> Reply:
        self.account.undo_proceed(integer(call.path_texts, "document_id"))
        return Reply.json({"success": True, "data": []})

    def _cancel_e_document(self, call: Call) -> Reply:
        self.account.cancel_e_document(integer(call.request.form, "document_id"))
        return Reply.json({"success": True, "data": {"cancelled": True}})

    def _delete_invoice(self, call: Call) -> Reply:
        self.account.delete_invoice(integer(call.path_texts, "document_id"))
        return Reply.json({"success": True, "data": []})

    def _list_invoices(self, call: Call) -> Reply:
        query = call.request.query
        page = optional_integer(query, "page") or 1
        documents = self.account.list_invoices(_filters(query))
        return Reply.json(page_of([_row(_subject(document, call)) for document in documents], page, self.page_size))

    def _list_companies(self, _: Call) -> Reply:
        return Reply.json({"success": True, "data": [_company(company) for company in self.account.list_companies()]})

    def _get_invoice(self, call: Call) -> Reply:
        document_id = integer(call.path_texts, "document_id")
        refuse_unreadable(self.account.guesses.detail)
        document = self.account.get_invoice(document_id)
        guesses = self.account.guesses
        return detail_reply(_subject(document, call), guesses.detail, guesses.order_shown)

    def _list_vaults(self, call: Call) -> Reply:
        query = call.request.query
        wanted = {name: query[name].casefold() for name in ("currency", "type") if query.get(name)}
        rows = [_vault(vault) for vault in self.account.list_vaults()]
        admitted = [row for row in rows if all(str(row[name]).casefold() == text for name, text in wanted.items())]
        return Reply.json({"success": True, "data": admitted})

    def _vault_transactions(self, call: Call) -> Reply:
        movements = self.account.vault_transactions(integer(call.path_texts, "vault_id"))
        rows = [_movement(movement_id, movement) for movement_id, movement in movements.items()]
        total = sum((movement.amount for movement in movements.values()), Decimal(0))
        calculations: JsonValue = [{"amount": total, "currency": _VAULT_CURRENCY}]
        data: JsonValue = {"transactionables": rows, "calculations": calculations}
        return Reply.json({"success": True, "data": data})


def _subject(document: Document, call: Call) -> Document:
    return (
        attrs.evolve(document, document_id=document.document_id + 1, uuid=uuid4()) if call.wrong_subject else document
    )


def _row(document: Document) -> JsonValue:
    return {
        "document_id": document.document_id,
        "uuid": document.uuid,
        "no": document.no,
        "status": document.status,
        "scenario": document.scenario,
        "type": document.type,
        "direction": document.direction,
        "exchange_grand_total": document.exchange_grand_total,
        "exchange_grand_currency": document.exchange_grand_currency,
        "grand_total": document.grand_total,
        "grand_currency": document.grand_currency,
    }


def _vault(vault: Vault) -> dict[str, JsonValue]:
    return {
        "id": vault.vault_id,
        "name": vault.name,
        "type": vault.type,
        "balance": vault.balance,
        "currency": _VAULT_CURRENCY,
    }


def _movement(movement_id: int, movement: Movement) -> JsonValue:
    # No known field names the document.
    return {
        "id": movement_id,
        "amount": movement.amount,
        "description": "Fatura tahsilatı",
        "date": movement.booked_on.isoformat(),
    }


def _company(company: Company) -> JsonValue:
    return {
        "company_id": company.company_id,
        "company_name": company.company_name,
        "identity_no": company.identity_no,
        "tax_office": company.tax_office,
        "company_currency": company.company_currency,
        "address": {"city": company.city, "district": company.district},
        # The provider writes the word without its second a.
        "is_invoice_resendble": company.is_invoice_resendable,
    }


def _filters(query: Mapping[str, str]) -> Filters:
    return Filters(
        company_id=integer(query, "company_id"),
        direction=required(query, "direction"),
        document_id=optional_integer(query, "document_id"),
        min_issue_date=optional_date(query, "min_issue_date"),
        max_issue_date=optional_date(query, "max_issue_date"),
        min_total_amount=optional_amount(query, "min_total_amount"),
        max_total_amount=optional_amount(query, "max_total_amount"),
        party_name=query.get("party_name") or None,
    )
