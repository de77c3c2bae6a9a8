"""The calls of KolayBi, on one screen.

Pages: "e-Fatura Gönderimi", "e-Fatura Listeleme", "Fatura Tahsilat", "e-Fatura Yeniden Gönderim", and those of the
vaults (kasa/banka) of KolayBi's documentation. That one invoice can be read (`get_invoice`) is known from working
clients only. All paths stand under `/kolaybi/v1`; forms are `application/x-www-form-urlencoded`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import evolve

from kolay_invoice import codec, validators
from kolay_invoice.denial import CANCELLED, FAILED, NOT_SENT, STATUS_FIELDS, WAITING, Denials, find_denial
from kolay_invoice.endpoint import Effect, Endpoint
from kolay_invoice.kolaybi import evidence, files, lists, pagination, readback
from kolay_invoice.kolaybi.models import (
    Collection,
    CreateEDocument,
    EDocument,
    FetchAccessToken,
    GetEDocument,
    GetInvoice,
    ListAssociates,
    ListCompanies,
    ListDocuments,
    ListInvoices,
    ListProducts,
    ListVaults,
    ListVaultTransactions,
    Proceed,
    Resend,
    ResentInvoice,
)
from kolay_invoice.messages import Message
from kolay_invoice.plain_reply import PlainReply
from kolay_invoice.redact import Secret

PRODUCTION_URL: Final = "https://ofis-api.kolaybi.com"
SANDBOX_URL: Final = "https://ofis-sandbox-api.kolaybi.com"

# After a resend the status is the document's own. One that says that it failed, waits or is still to be sent may be of
# before, so it proves nothing; one that nobody knows is kept.
_NOT_OUT: Final = FAILED | WAITING | CANCELLED | NOT_SENT
_OF_A_SEND: Final = Denials(
    status_fields=(*STATUS_FIELDS, "document_status"),
    status_words=_NOT_OUT,
    flags=("sent", "is_sent"),
)
_OF_A_RESEND: Final = evolve(
    _OF_A_SEND, result_fields=("uuid", "document_uuid", "ettn", "status", "document_status", "state")
)
_OF_A_COLLECTION: Final = Denials(
    status_fields=(*STATUS_FIELDS, "transaction_status"),
    status_words=FAILED | WAITING | CANCELLED,
)

_HINT = Message(
    "Look at the document with {call} after a few minutes, before sending it again.", call="get_invoice(document_id)"
)
_SENT_BEFORE = Message("If it was sent before, {call} shows its ETTN and number.", call="get_invoice(document_id)")

_PLAIN_E_DOCUMENT: Final = PlainReply(EDocument)
_PLAIN_RESENT_INVOICE: Final = PlainReply(ResentInvoice)

# A late reply to an earlier request can reach the wrong call; the id in the reply shows it.
_ANOTHER_DOCUMENT = "it is for another document_id"


def _decode_resent_invoice(request: Resend, envelope: Mapping[str, Any]) -> ResentInvoice:
    reply = codec.structure(envelope["data"], ResentInvoice)
    if reply.document_id != request.document_id:
        raise ValueError(_ANOTHER_DOCUMENT)
    return reply


def _decode_e_document(request: CreateEDocument, envelope: Mapping[str, Any]) -> EDocument:
    reply = codec.structure(envelope["data"], EDocument)
    if reply.document_id != request.document_id:
        raise ValueError(_ANOTHER_DOCUMENT)
    return reply


def _decode_plain_e_document(request: CreateEDocument, body: bytes) -> EDocument | None:
    reply = _PLAIN_E_DOCUMENT.read(body)
    return reply if reply is not None and reply.document_id == request.document_id else None


def _decode_plain_resent_invoice(request: Resend, body: bytes) -> ResentInvoice | None:
    reply = _PLAIN_RESENT_INVOICE.read(body)
    if reply is None or reply.document_id != request.document_id:
        return None
    return None if find_denial({"status": reply.status}, _OF_A_RESEND) else reply


def _decode_collection(request: Proceed, envelope: Mapping[str, Any]) -> Collection:
    collection = codec.structure(envelope["data"], Collection)
    if collection.extra.get("document_id", request.document_id) != request.document_id:
        raise ValueError(_ANOTHER_DOCUMENT)
    if not collection.transaction_status.strip():
        msg = "required field missing @ $.transaction_status"
        raise ValueError(msg)
    return collection


def _decode_access_token(_request: FetchAccessToken, envelope: Mapping[str, Any]) -> Secret:
    # The reply's `data` is the token itself, a plain string without an end date.
    return validators.credential("the token", codec.structure(envelope["data"], str))


RESEND: Final = Endpoint(
    "kolaybi",
    "resend",
    "POST",
    "/kolaybi/v1/invoices/resend/{document_id}",
    Effect.IRREVERSIBLE,
    Resend,
    _decode_resent_invoice,
    _HINT,
    decode_plain=_decode_plain_resent_invoice,
    sent_before=_SENT_BEFORE,
    denials=_OF_A_RESEND,
    summary="Send a failed e-invoice again",
    batch_name="resend",
    resource=("document_id",),
    read_back=readback.read_back,
    look_before=readback.look_before_resend,
)
CREATE_E_DOCUMENT: Final = Endpoint(
    "kolaybi",
    "create_e_document",
    "POST",
    "/kolaybi/v1/invoices/e-document/create",
    Effect.IRREVERSIBLE,
    CreateEDocument,
    _decode_e_document,
    _HINT,
    decode_plain=_decode_plain_e_document,
    sent_before=_SENT_BEFORE,
    body_encoding="form",
    denials=_OF_A_SEND,
    summary="Send an invoice to GİB",
    batch_name="create-e-document",
    resource=("document_id",),
    read_back=readback.read_back,
)
PROCEED: Final = Endpoint(
    "kolaybi",
    "proceed",
    "POST",
    "/kolaybi/v1/invoices/proceed",
    Effect.MONEY,
    Proceed,
    _decode_collection,
    Message(
        "Look at the movements of the vault with {call} before collecting again: they are evidence and no proof, "
        "because none of them names the document.",
        call="vault_transactions(vault_id)",
    ),
    body_encoding="form",
    denials=_OF_A_COLLECTION,
    summary="Collect an invoice, in full or in part",
    batch_name="proceed",
    resource=("document_id",),
)
LIST_INVOICES: Final = Endpoint(
    "kolaybi",
    "list_invoices",
    "GET",
    "/kolaybi/v1/e_document/invoices",
    Effect.READ,
    ListInvoices,
    pagination.decode_invoice_page,
    decode_plain=pagination.decode_plain_page,
    rows_in="data",
    summary="List a company's invoices",
    command="list",
)
LIST_COMPANIES: Final = Endpoint(
    "kolaybi",
    "list_companies",
    "GET",
    "/kolaybi/v1/companies",
    Effect.READ,
    ListCompanies,
    pagination.decode_companies,
    summary="List the companies of the account",
    command="companies",
)
GET_INVOICE: Final = Endpoint(
    "kolaybi",
    "get_invoice",
    "GET",
    "/kolaybi/v1/invoices/{document_id}",
    Effect.READ,
    GetInvoice,
    evidence.decode_invoice_detail,
    summary="Look at one invoice",
    command="invoice",
)
LIST_VAULTS: Final = Endpoint(
    "kolaybi",
    "list_vaults",
    "GET",
    "/kolaybi/v1/vaults",
    Effect.READ,
    ListVaults,
    evidence.decode_vaults,
    summary="List the vaults of the account",
    command="vaults",
)
VAULT_TRANSACTIONS: Final = Endpoint(
    "kolaybi",
    "vault_transactions",
    "GET",
    "/kolaybi/v1/vaults/{vault_id}/transactions",
    Effect.READ,
    ListVaultTransactions,
    evidence.decode_vault_transactions,
    summary="List the movements of a vault",
)
LIST_DOCUMENTS: Final = Endpoint(
    "kolaybi",
    "list_documents",
    "GET",
    "/kolaybi/v1/invoices",
    Effect.READ,
    ListDocuments,
    lists.decode_document_page,
    spells_out=True,
    summary="List the invoices of the account, drafts included",
    command="documents",
)
LIST_ASSOCIATES: Final = Endpoint(
    "kolaybi",
    "list_associates",
    "GET",
    "/kolaybi/v1/associates",
    Effect.READ,
    ListAssociates,
    lists.decode_associate_page,
    summary="List buyers and suppliers",
    command="associates",
)
LIST_PRODUCTS: Final = Endpoint(
    "kolaybi",
    "list_products",
    "GET",
    "/kolaybi/v1/products",
    Effect.READ,
    ListProducts,
    lists.decode_product_page,
    summary="List products and services",
    command="products",
)
GET_E_DOCUMENT: Final = Endpoint(
    "kolaybi",
    "get_e_document",
    "GET",
    "/kolaybi/v1/invoices/e-document/view",
    Effect.READ,
    GetEDocument,
    files.decode_e_document,
    raw_starts=files.RAW_STARTS,
    summary="Fetch the file of an official document",
    command="document",
)
ACCESS_TOKEN: Final = Endpoint(
    "kolaybi",
    "access_token",
    "POST",
    "/kolaybi/v1/access_token",
    Effect.READ,
    FetchAccessToken,
    _decode_access_token,
    body_encoding="json",
    is_token_request=True,
    summary="Exchange the api key for a token",
)

ENDPOINTS: Final = (
    CREATE_E_DOCUMENT,
    RESEND,
    PROCEED,
    LIST_INVOICES,
    LIST_COMPANIES,
    GET_INVOICE,
    LIST_VAULTS,
    VAULT_TRANSACTIONS,
    LIST_DOCUMENTS,
    LIST_ASSOCIATES,
    LIST_PRODUCTS,
    GET_E_DOCUMENT,
    ACCESS_TOKEN,
)
"""Every call of the provider; tests, documentation and the command iterate over it."""
