"""The calls of KolayBi: sends, what undoes them, and what is read of an account. See also `order_endpoints`.

Pages: "e-Fatura Gönderimi", "e-Fatura Listeleme", "Fatura Tahsilat", "e-Fatura Yeniden Gönderim", and those of the
vaults (kasa/banka) of KolayBi's documentation. That one invoice can be read (`get_invoice`) is known from working
clients only. All paths stand under `/kolaybi/v1`; forms are `application/x-www-form-urlencoded`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import evolve

from kolay_invoice import codec, validators
from kolay_invoice.denial import CANCELLED, FAILED, NOT_SENT, STATUS_FIELDS, WAITING, Denials
from kolay_invoice.endpoint import Effect, Endpoint
from kolay_invoice.kolaybi import evidence, order_endpoints, pagination, readback
from kolay_invoice.kolaybi.models import (
    CancelEDocument,
    CancelledEDocument,
    Collection,
    CreateEDocument,
    DeletedInvoice,
    DeleteInvoice,
    EDocument,
    FetchAccessToken,
    GetInvoice,
    ListCompanies,
    ListInvoices,
    ListVaults,
    ListVaultTransactions,
    Proceed,
    Resend,
    ResentInvoice,
    UndoneCollection,
    UndoProceed,
)
from kolay_invoice.messages import Message
from kolay_invoice.plain_reply import PlainReply
from kolay_invoice.redact import Secret
from kolay_invoice.unknown_fields import freeze

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

_OF_AN_UNDOING: Final = Denials(
    status_fields=(*STATUS_FIELDS, "transaction_status", "document_status"),
    flags=("cancelled", "canceled", "is_cancelled", "deleted", "is_deleted"),
)

_HINT = Message(
    "Look at the document with {call} after a few minutes, before sending it again.", call="get_invoice(document_id)"
)
_SENT_BEFORE = Message("If it was sent before, {call} shows its ETTN and number.", call="get_invoice(document_id)")

# A late reply to an earlier request can reach the wrong call; the id in the reply shows it.
_ANOTHER_DOCUMENT: Final = Message("it is for another {name}", name="document_id")


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


def _decode_collection(request: Proceed, envelope: Mapping[str, Any]) -> Collection:
    collection = codec.structure(envelope["data"], Collection)
    if collection.extra.get("document_id", request.document_id) != request.document_id:
        raise ValueError(_ANOTHER_DOCUMENT)
    if not collection.transaction_status.strip():
        msg = "required field missing @ $.transaction_status"
        raise ValueError(msg)
    return collection


def _unknown_fields(document_id: int, envelope: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what came of an undoing, of which no page shows the reply."""
    data = envelope.get("data")
    found = data if isinstance(data, dict) else {} if data is None else {"data": data}
    if str(found.get("document_id", document_id)) != str(document_id):
        raise ValueError(_ANOTHER_DOCUMENT)
    return freeze(found)


def _decode_undone_collection(request: UndoProceed, envelope: Mapping[str, Any]) -> UndoneCollection:
    return UndoneCollection(_unknown_fields(request.document_id, envelope))


def _decode_cancelled_e_document(request: CancelEDocument, envelope: Mapping[str, Any]) -> CancelledEDocument:
    return CancelledEDocument(_unknown_fields(request.document_id, envelope))


def _decode_deleted_invoice(request: DeleteInvoice, envelope: Mapping[str, Any]) -> DeletedInvoice:
    return DeletedInvoice(_unknown_fields(request.document_id, envelope))


def _decode_access_token(_request: FetchAccessToken, envelope: Mapping[str, Any]) -> Secret:
    # The reply's `data` is the token itself, a plain string without an end date.
    return validators.token_of_reply(codec.structure(envelope["data"], str))


RESEND: Final = Endpoint(
    "kolaybi",
    "resend",
    "POST",
    "/kolaybi/v1/invoices/resend/{document_id}",
    Effect.IRREVERSIBLE,
    Resend,
    _decode_resent_invoice,
    _HINT,
    decode_plain=PlainReply(ResentInvoice, "document_id", _OF_A_RESEND).read,
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
    decode_plain=PlainReply(EDocument, "document_id").read,
    sent_before=_SENT_BEFORE,
    body_encoding="form",
    denials=_OF_A_SEND,
    summary="Send an invoice to GİB",
    batch_name="create-e-document",
    resource=("document_id",),
    read_back=readback.read_back,
    ended_by="cancel_e_document",
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
    ended_by="undo_proceed",
)
UNDO_PROCEED: Final = Endpoint(
    "kolaybi",
    "undo_proceed",
    "DELETE",
    "/kolaybi/v1/invoices/proceed/{document_id}",
    Effect.MONEY,
    UndoProceed,
    _decode_undone_collection,
    Message(
        "Look at what remains to be paid with {call}, and at the movements of the vault, before undoing again: of "
        "several collections it is unknown which one goes.",
        call="get_invoice(document_id)",
    ),
    may_lack_data=True,
    denials=_OF_AN_UNDOING,
    summary="Take back the collection of an invoice",
    batch_name="undo-proceed",
    resource=("document_id",),
)
CANCEL_E_DOCUMENT: Final = Endpoint(
    "kolaybi",
    "cancel_e_document",
    "POST",
    "/kolaybi/v1/invoices/e-document/cancel",
    Effect.CANCELS,
    CancelEDocument,
    _decode_cancelled_e_document,
    Message(
        "Look at the document with {call}, and in KolayBi, before cancelling it again.", call="get_invoice(document_id)"
    ),
    body_encoding="form",
    may_lack_data=True,
    denials=_OF_AN_UNDOING,
    summary="Cancel an e-Arşiv document, which also removes its invoice",
    batch_name="cancel-e-document",
    resource=("document_id",),
)
DELETE_INVOICE: Final = Endpoint(
    "kolaybi",
    "delete_invoice",
    "DELETE",
    "/kolaybi/v1/invoices/{document_id}",
    Effect.CANCELS,
    DeleteInvoice,
    _decode_deleted_invoice,
    Message("Look for the invoice with {call} before deleting it again.", call="get_invoice(document_id)"),
    may_lack_data=True,
    denials=_OF_AN_UNDOING,
    summary="Delete an invoice that is not official",
    batch_name="delete-invoice",
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
    UNDO_PROCEED,
    CANCEL_E_DOCUMENT,
    DELETE_INVOICE,
    LIST_INVOICES,
    LIST_COMPANIES,
    GET_INVOICE,
    LIST_VAULTS,
    VAULT_TRANSACTIONS,
    *order_endpoints.ENDPOINTS,
    ACCESS_TOKEN,
)
"""Every call of the provider; tests, documentation and the command iterate over it."""
