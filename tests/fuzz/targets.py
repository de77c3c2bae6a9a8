"""The decoders of replies, each as a function of bytes that knows what must hold whatever the bytes are.

Hypothesis, the committed corpus and the coverage-guided run all call the same targets. A target lets `ValueError` pass
for granted; any other exception, and any broken promise, comes out of it.
"""

from __future__ import annotations

import contextlib
import math
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from kolay_invoice import KolayInvoiceError, OutcomeUnknownError
from kolay_invoice.bodies import Body, UnusableBodyError
from kolay_invoice.codec import decode_json
from kolay_invoice.endpoint import Effect
from kolay_invoice.error_mapping import to_error
from kolay_invoice.kolaybi import endpoints as kolaybi
from kolay_invoice.kolaybi.models import (
    CancelEDocument,
    CreateEDocument,
    DeleteInvoice,
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
    NewAddress,
    NewAssociate,
    NewInvoice,
    NewProduct,
    Proceed,
    Resend,
    UndoProceed,
)
from kolay_invoice.kolaybi.replies import interpret as interpret_kolaybi
from kolay_invoice.propars import containers
from kolay_invoice.propars import endpoints as propars
from kolay_invoice.propars.models import (
    CancelInvoice,
    FetchAuthToken,
    GetSale,
    GetSaleInvoice,
    GetSignedXml,
    InvoiceHtmlForSale,
    ListSales,
    NewSale,
    NewSaleCustomer,
    SaleItem,
    SendInvoice,
)
from kolay_invoice.propars.replies import interpret as interpret_propars
from kolay_invoice.propars.xml_outline import is_complete, read_outline
from kolay_invoice.redact import LONGEST_DETAIL, Secret, masked, sentences
from kolay_invoice.result import Accepted, Ambiguous, HttpResponse, Misconfigured, Refused
from kolay_invoice.retry import retry_after

OUR_UUID = UUID("0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11")
SECRET = "canary-secret-3f0d"
LARGEST_REPLY = 1 << 16
LONGEST_MESSAGE = 3 * LONGEST_DETAIL


def name_of(endpoint: Any) -> str:
    """Return the name of a call; both providers have a get_invoice."""
    return "get_sale_invoice" if endpoint is propars.GET_INVOICE else endpoint.operation


ENDPOINTS = {name_of(endpoint): endpoint for endpoint in (*kolaybi.ENDPOINTS, *propars.ENDPOINTS)}

REQUESTS: Mapping[str, Any] = {
    "resend": Resend(18),
    "create_e_document": CreateEDocument(18),
    "proceed": Proceed(18, 1),
    "list_invoices": ListInvoices(5, "outbound", document_id=18),
    "list_companies": ListCompanies(),
    "get_invoice": GetInvoice(18),
    "list_vaults": ListVaults(currency="try", type="bank_account"),
    "vault_transactions": ListVaultTransactions(1),
    "undo_proceed": UndoProceed(18),
    "cancel_e_document": CancelEDocument(18),
    "delete_invoice": DeleteInvoice(18),
    "create_associate": NewAssociate(name=SECRET, surname=SECRET, identity_no="11111111111", code=SECRET),
    "create_address": NewAddress(associate_id=11, city=SECRET, district=SECRET, country=SECRET),
    "create_product": NewProduct(name="Vazo", code="V-1"),
    "create_invoice": NewInvoice(
        contact_id=11,
        address_id=21,
        order_date="2026-05-02",
        currency="TRY",
        items=[{"product_id": 31, "quantity": 1, "unit_price": "100.00", "vat_rate": 20, "description": SECRET}],
        order_reference=SECRET,
    ),
    "list_documents": ListDocuments(type="sale_invoice", associate_id=7),
    "list_associates": ListAssociates(identity_no="1234567803", code=SECRET),
    "list_products": ListProducts(code=SECRET),
    "get_e_document": GetEDocument(OUR_UUID),
    "access_token": FetchAccessToken(Secret(SECRET)),
    "invoice_html_for_sale": InvoiceHtmlForSale(sale_code=SECRET, invoice_uuid=OUR_UUID),
    "send_invoice": SendInvoice(sale_code=SECRET, invoice_uuid=OUR_UUID),
    "get_signed_xml": GetSignedXml(sale_code=SECRET),
    "cancel_invoice": CancelInvoice(sale_code=SECRET),
    "save_sale": NewSale(
        sale_code=SECRET,
        order_date="2026-05-02T09:00:00+0300",
        customer_detail=NewSaleCustomer(name=SECRET),
        items=[SaleItem("Vazo")],
    ),
    "list_sales": ListSales(invoiced=True, invoice_sent=False, search=SECRET),
    "get_sale": GetSale(1001),
    "get_sale_invoice": GetSaleInvoice(7),
    "api_token_auth": FetchAuthToken(username=Secret(SECRET), password=Secret(SECRET)),
}
"""A request for every call that there is, by the name of the call."""

STATUSES = (200, 400, 404, 409, 429, 503)


def the_provider_of(endpoint: Any) -> str:
    """Return whose call it is."""
    return "kolaybi" if endpoint in kolaybi.ENDPOINTS else "propars"


def judged(endpoint: Any, answer: HttpResponse) -> object:
    """Judge and decode a reply as the one road does, and hold the result to what is promised of it."""
    interpret = interpret_kolaybi if endpoint in kolaybi.ENDPOINTS else interpret_propars
    verdict = interpret(endpoint, answer)
    assert isinstance(verdict, Accepted | Refused | Ambiguous | Misconfigured)
    if isinstance(verdict, Accepted):
        assert answer.status in {200, 201}, "only these accept"
        return endpoint.decode(REQUESTS[name_of(endpoint)], verdict.content)
    told(endpoint, verdict)
    return verdict


def told(endpoint: Any, outcome: Any) -> KolayInvoiceError:
    """Make the error of an outcome, and hold it to what is promised of every error."""
    error = to_error(the_provider_of(endpoint), endpoint, outcome, [SECRET])
    shown = f"{error} {error!r} {vars(error)!r}"
    assert SECRET not in shown, "I4"
    assert len(str(error)) <= LONGEST_MESSAGE, "an error is read by a person"
    assert not [character for character in str(error) if unicodedata.category(character) in {"Cc", "Zl", "Zp"}]
    if isinstance(outcome, Ambiguous) and endpoint.effect is not Effect.READ:
        assert isinstance(error, OutcomeUnknownError)
    return error


def json_of_any_shape(data: bytes) -> None:
    """Decoded JSON holds exact numbers and nothing that is not finite."""
    for value in _each(decode_json(data)):
        assert type(value) in {dict, list, str, int, bool, Decimal, type(None)}
        assert not isinstance(value, Decimal) or value.is_finite()


def _each(value: object) -> list[object]:
    found, waiting = [], [value]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
    return found


def _reply_of(endpoint: Any) -> Callable[[bytes], None]:
    def decode(data: bytes) -> None:
        for status in STATUSES:
            with contextlib.suppress(ValueError):
                judged(endpoint, HttpResponse(status, {}, data))

    return decode


def signed_xml(data: bytes) -> None:
    """What comes out is a whole document that stood in the reply; raw XML comes out byte for byte."""
    document = containers.extract_signed_xml(data)
    found = read_outline(document)
    assert found is not None
    assert is_complete(document, found.root)
    assert read_outline(data) is None or document == data


def invoice_page(data: bytes) -> None:
    """A page comes out as it came."""
    assert (
        containers.extract_page(HttpResponse(200, {"Content-Type": "text/html; charset=utf-8"}, data)).encode() == data
    )


def content_type(data: bytes) -> None:
    """Whatever a header says, the page is decoded or refused."""
    page = b"<html>\xfe <p>ETTN: 0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11</p></html>"
    containers.extract_page(HttpResponse(200, {"Content-Type": data.decode("latin-1")}, page))


def wait(data: bytes) -> None:
    """A Retry-After is a finite number of seconds, or none."""
    seconds = retry_after({"Retry-After": data.decode("latin-1")})
    assert seconds is None or (math.isfinite(seconds) and seconds >= 0)


def wording(data: bytes) -> None:
    """What a provider says is shown short, on one line and without secrets."""
    text = data.decode("utf-8", "replace")
    for said in (text, f"{text}{SECRET}{text}", sentences({text: [text, {text: text}]}) or ""):
        shown = masked(said, [SECRET])
        assert SECRET not in shown
        assert len(shown) <= LONGEST_DETAIL
        assert "\n" not in shown
        assert "\r" not in shown


def compressed(data: bytes) -> None:
    """However a compressed body is cut in pieces, it is the same body, within the cap; or it is refused."""
    assert _inflated([data]) == _inflated([data[at : at + 1] for at in range(len(data))])


def _inflated(pieces: list[bytes]) -> bytes | None:
    body = Body("gzip", LARGEST_REPLY)
    try:
        for piece in pieces:
            body.feed(piece)
        whole = body.whole()
    except UnusableBodyError:
        return None
    assert len(whole) <= LARGEST_REPLY
    return whole


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "json": json_of_any_shape,
    **{name: _reply_of(endpoint) for name, endpoint in ENDPOINTS.items()},
    "signed_xml": signed_xml,
    "invoice_page": invoice_page,
    "content_type": content_type,
    "retry_after": wait,
    "wording": wording,
    "compressed": compressed,
}


def run(name: str, data: bytes) -> None:
    """Give bytes to a target; that they are refused is no finding."""
    with contextlib.suppress(ValueError):
        TARGETS[name](data)
