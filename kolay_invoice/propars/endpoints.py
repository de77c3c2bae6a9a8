"""The calls of Propars, on one screen.

Pages: "Faturalar" (invoices), and those of sales and of the API's use, of Propars' documentation. All paths stand under
`/api/v1/` and end in a slash.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from attrs import evolve

from kolay_invoice import codec, validators
from kolay_invoice.denial import CANCELLED, FAILED, NOT_SENT, OF_A_CALL, STATUS_FIELDS, WAITING, Denials
from kolay_invoice.endpoint import Effect, Endpoint
from kolay_invoice.messages import Message
from kolay_invoice.propars import containers, pagination, readback
from kolay_invoice.propars.models import (
    AuthToken,
    CancelInvoice,
    CancelledInvoice,
    FetchAuthToken,
    GetSale,
    GetSaleInvoice,
    GetSignedXml,
    InvoiceHtml,
    InvoiceHtmlForSale,
    ListSales,
    NewSale,
    Sale,
    SaleInvoice,
    SendInvoice,
    SentInvoice,
    SignedXml,
)

PRODUCTION_URL: Final = "https://api.propars.net"

_OF_A_SEND: Final = Denials(
    status_fields=(*STATUS_FIELDS, "invoice_status"),
    status_words=FAILED | WAITING | CANCELLED | NOT_SENT,
    result_fields=("id", "invoice_id", "uuid", "invoice_uuid", "ettn", "invoice_number", "number", "no", "status"),
    flags=("sent", "is_sent", "invoice_sent"),
)
_OF_A_CANCELLATION: Final = Denials(
    status_fields=(*STATUS_FIELDS, "invoice_status"),
    result_fields=("id", "invoice_id", "uuid", "invoice_uuid", "ettn", "status"),
    flags=("cancelled", "canceled", "is_cancelled", "is_canceled"),
)
# A sale has a status of its own.
_OF_A_SALE: Final = Denials(status_fields=(), result_fields=("id", "sale_id", "sale_code", "code"), wrappers=())
# A signed document is wanted in any state: a rejection by the receiver is no failure of the call.
_OF_A_SIGNED_DOCUMENT: Final = Denials(
    status_words=frozenset({"error", "fail", "failed", "failure", "hata"}) | WAITING, wrappers=()
)

_INVOICE = "/api/v1/finance/saleinvoice"
_SALE = "/api/v1/core/sale"


def _decode_html(request: InvoiceHtmlForSale, page: str) -> InvoiceHtml:
    if request.invoice_uuid is not None and not containers.has_uuid(page, request.invoice_uuid):
        # An invoice that existed before keeps its own number: who chose one must not take it for theirs.
        msg = Message("it shows no invoice with the invoice_uuid asked for; the sale may have had an invoice before")
        raise ValueError(msg)
    return InvoiceHtml(page)


def _decode_sent_invoice(request: SendInvoice, content: Mapping[str, Any]) -> SentInvoice:
    _check_echo(content, request.invoice_id, "invoice_id", "id")
    _check_echo(content, request.sale_id, "sale_id")
    _check_echo(content, request.sale_code, "sale_code")
    _check_echo(content, request.invoice_uuid, "invoice_uuid", "uuid", "ettn")
    return codec.structure_leniently(content, SentInvoice)


def _choose_uuid(request: SendInvoice, planned_before: SendInvoice | None) -> SendInvoice:
    """Choose the ETTN once, so that every attempt sends the same invoice. A corrected request keeps it."""
    if request.invoice_id is not None or request.invoice_uuid is not None:
        return request
    return evolve(request, invoice_uuid=uuid4() if planned_before is None else planned_before.invoice_uuid)


def _decode_signed_xml(_request: GetSignedXml, content: bytes) -> SignedXml:
    return SignedXml(content)


def _decode_cancelled_invoice(request: CancelInvoice, content: Mapping[str, Any]) -> CancelledInvoice:
    _check_echo(content, request.sale_id, "sale_id")
    _check_echo(content, request.sale_code, "sale_code")
    return codec.structure_leniently(content, CancelledInvoice)


def _decode_sale(request: GetSale, content: Mapping[str, Any]) -> Sale:
    _check_echo(content, request.sale_id, "sale_id", "id")
    return codec.structure_leniently(content, Sale)


def _decode_saved_sale(request: NewSale, content: Mapping[str, Any]) -> Sale:
    _check_echo(content, request.sale_code, "sale_code", "code")
    return codec.structure_leniently(content, Sale)


def _decode_sale_invoice(request: GetSaleInvoice, content: Mapping[str, Any]) -> SaleInvoice:
    _check_echo(content, request.invoice_id, "invoice_id", "id")
    return codec.structure_leniently(content, SaleInvoice)


def _check_echo(content: Mapping[str, Any], asked: object, *names: str) -> None:
    """Refuse a reply that names another thing than the one asked for, as a number or as a text.

    A reply is not documented to repeat the request's fields; if it does, they have to be equal.
    """
    for name in names if asked is not None else ():
        echoed = content.get(name)
        if isinstance(echoed, str | int) and str(echoed).casefold() != str(asked).casefold():
            msg = Message("it is for another {name}", name=names[0])
            raise ValueError(msg)


def _decode_auth_token(_request: FetchAuthToken, content: Mapping[str, Any]) -> AuthToken:
    token = validators.token_of_reply(codec.structure(content.get("token"), str))
    try:
        ends_at = validators.to_datetime("expire_date", content.get("expire_date", ""))
    except (TypeError, ValueError):
        # The form of expire_date is unpublished. Without it the token is kept until it is refused.
        ends_at = None
    return AuthToken(token=token, ends_at=ends_at)


INVOICE_HTML_FOR_SALE: Final = Endpoint(
    "propars",
    "invoice_html_for_sale",
    "GET",
    f"{_INVOICE}/invoice_html_for_sale/",
    Effect.CREATES,
    InvoiceHtmlForSale,
    _decode_html,
    Message("Look in Propars whether the sale has an invoice now, before asking for the preview again."),
    largest_reply=containers.LARGEST_PAGE,
    summary="Show the invoice of a sale, and create it when there is none",
    command="html",
)
SEND_INVOICE: Final = Endpoint(
    "propars",
    "send_invoice",
    "POST",
    {
        "sale_code": f"{_INVOICE}/send_invoice_for_sale/",
        "sale_id": f"{_INVOICE}/send_invoice_for_sale/",
        "invoice_id": f"{_INVOICE}/{{invoice_id}}/send_invoice/",
    },
    Effect.IRREVERSIBLE,
    SendInvoice,
    _decode_sent_invoice,
    Message(
        "Ask for the signed XML with {call} after a few minutes: if there is one, it was sent.",
        call="get_signed_xml(...)",
    ),
    sent_before=Message("If it was sent before, {call} shows its ETTN and number.", call="get_signed_xml(...)"),
    denials=_OF_A_SEND,
    summary="Send the invoice of a sale to GİB",
    command="send",
    batch_name="propars-send",
    resource=("sale_code", "sale_id", "invoice_id"),
    freeze=_choose_uuid,
    read_back=readback.read_back,
    ended_by="cancel_invoice",
)
GET_SIGNED_XML: Final = Endpoint(
    "propars",
    "get_signed_xml",
    "GET",
    {
        "sale_code": f"{_INVOICE}/get_signed_xml_for_sale/",
        "sale_id": f"{_INVOICE}/get_signed_xml_for_sale/",
        "invoice_id": f"{_INVOICE}/{{invoice_id}}/get_signed_xml/",
    },
    Effect.READ,
    GetSignedXml,
    _decode_signed_xml,
    denials=_OF_A_SIGNED_DOCUMENT,
    largest_reply=containers.LARGEST_CONTAINER,
    summary="Read the signed XML of an invoice",
    command="xml",
)
CANCEL_INVOICE: Final = Endpoint(
    "propars",
    "cancel_invoice",
    "PATCH",
    {
        "sale_id": f"{_SALE}/{{sale_id}}/cancel_invoice/",
        "sale_code": f"{_SALE}/cancel_invoice_by_code/",
    },
    Effect.CANCELS,
    CancelInvoice,
    _decode_cancelled_invoice,
    Message("Look at the sale in Propars first: a second cancel could hit a newer invoice of the same sale."),
    denials=_OF_A_CANCELLATION,
    summary="Cancel the invoice that a sale has now",
    command="cancel",
    batch_name="propars-cancel",
    resource=("sale_code", "sale_id"),
)
SAVE_SALE: Final = Endpoint(
    "propars",
    "save_sale",
    "POST",
    f"{_SALE}/create_nested/",
    Effect.UPSERT,
    NewSale,
    _decode_saved_sale,
    Message(
        "Save the same sale again: that updates the sale of this sale_code and makes no second one, until its invoice "
        "is sent."
    ),
    body_encoding="json",
    denials=_OF_A_SALE,
    summary="Create a sale, or update the one of its sale code",
    batch_name="propars-save-sale",
    resource=("sale_code",),
    read_back=readback.read_back_sale,
)
LIST_SALES: Final = Endpoint(
    "propars",
    "list_sales",
    "GET",
    f"{_SALE}/",
    Effect.READ,
    ListSales,
    pagination.decode_sale_page,
    summary="List sales",
    command="sales",
)
GET_SALE: Final = Endpoint(
    "propars",
    "get_sale",
    "GET",
    f"{_SALE}/{{sale_id}}/",
    Effect.READ,
    GetSale,
    _decode_sale,
    summary="Look at one sale",
    command="sale",
)
GET_INVOICE: Final = Endpoint(
    "propars",
    "get_invoice",
    "GET",
    f"{_INVOICE}/{{invoice_id}}/",
    Effect.READ,
    GetSaleInvoice,
    _decode_sale_invoice,
    summary="Look at one invoice of a sale",
    command="invoice",
)
API_TOKEN_AUTH: Final = Endpoint(
    "propars",
    "api_token_auth",
    "POST",
    "/api/v1/api-token-auth/",
    Effect.READ,
    FetchAuthToken,
    _decode_auth_token,
    body_encoding="json",
    is_token_request=True,
    denials=OF_A_CALL,
    summary="Exchange user name and password for a token",
)

ENDPOINTS: Final = (
    INVOICE_HTML_FOR_SALE,
    SEND_INVOICE,
    GET_SIGNED_XML,
    CANCEL_INVOICE,
    SAVE_SALE,
    LIST_SALES,
    GET_SALE,
    GET_INVOICE,
    API_TOKEN_AUTH,
)
"""Every call of the provider; tests, documentation and the command iterate over it."""
