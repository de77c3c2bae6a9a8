"""What the providers answer when nothing is wrong: which call a request is, and its good reply, as their pages say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from attrs import evolve, field, frozen

UNKNOWN_OPERATION = "unknown_operation"
UUID_OF_THE_SERVER = "f46d5a8d-7726-4b37-bba4-973c7ab50a5b"

REASONS = {200: "OK", 204: "No Content", 400: "Bad Request", 404: "Not Found", 429: "Too Many Requests"}

_ROUTES = tuple(
    (method, re.compile(path), operation)
    for method, path, operation in (
        ("POST", r"/kolaybi/v1/access_token", "access_token"),
        ("GET", r"/kolaybi/v1/companies", "list_companies"),
        ("GET", r"/kolaybi/v1/e_document/invoices", "list_invoices"),
        ("POST", r"/kolaybi/v1/invoices/resend/(?P<document_id>\d+)", "resend"),
        ("POST", r"/kolaybi/v1/invoices/e-document/create", "create_e_document"),
        ("POST", r"/kolaybi/v1/invoices/proceed", "proceed"),
        ("POST", r"/api/v1/api-token-auth/", "api_token_auth"),
        ("GET", r"/api/v1/finance/saleinvoice/invoice_html_for_sale/", "invoice_html_for_sale"),
        ("POST", r"/api/v1/finance/saleinvoice/send_invoice_for_sale/", "send_invoice"),
        ("POST", r"/api/v1/finance/saleinvoice/(?P<invoice_id>[^/]+)/send_invoice/", "send_invoice"),
        ("GET", r"/api/v1/finance/saleinvoice/get_signed_xml_for_sale/", "get_signed_xml"),
        ("GET", r"/api/v1/finance/saleinvoice/(?P<invoice_id>[^/]+)/get_signed_xml/", "get_signed_xml"),
        ("PATCH", r"/api/v1/core/sale/cancel_invoice_by_code/", "cancel_invoice"),
        ("PATCH", r"/api/v1/core/sale/(?P<sale_id>[^/]+)/cancel_invoice/", "cancel_invoice"),
    )
)


def operation_of(method: str, path: str) -> tuple[str, Mapping[str, str]]:
    """Return the name of the call and the arguments that its path holds."""
    for known_method, pattern, operation in _ROUTES:
        if method == known_method and (match := pattern.fullmatch(path)):
            return operation, match.groupdict()
    return UNKNOWN_OPERATION, {}


@frozen
class Reply:
    """One HTTP reply, whole and correct unless somebody makes it otherwise."""

    body: bytes = b""
    content_type: str = "application/json"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()

    def head(self, *framing: tuple[str, str]) -> bytes:
        """Return the status line and the headers, with the framing headers given."""
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Scripted')}"]
        lines += [f"{name}: {value}" for name, value in (("Content-Type", self.content_type), *self.headers, *framing)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def encode(self) -> bytes:
        """Return the reply as it travels."""
        if self.status == 204:  # It has no body, and therefore no length.
            return self.head()
        return self.head(("Content-Length", str(len(self.body)))) + self.body

    def with_header(self, name: str, value: str) -> Reply:
        """Return the same reply with one header more."""
        return evolve(self, headers=(*self.headers, (name, value)))


def json_reply(content: object, status: int = 200) -> Reply:
    """Return a JSON reply."""
    return Reply(json.dumps(content, ensure_ascii=False).encode(), status=status)


@frozen
class Asked:
    """What a request asks for: its operation, and its arguments from path, query, form and JSON together."""

    operation: str
    arguments: Mapping[str, str] = field(converter=lambda given: MappingProxyType(dict(given)))

    @property
    def is_kolaybi(self) -> bool:
        """Whether KolayBi is asked, and not Propars."""
        return self.operation in {"access_token", "list_companies", "list_invoices", *_KOLAYBI_EFFECTS}

    @property
    def document_id(self) -> int:
        """The document asked for."""
        return int(self.arguments.get("document_id", "18"))

    @property
    def uuid(self) -> str:
        """The invoice's UUID (ETTN): the one asked for, or the server's own."""
        return self.arguments.get("invoice_uuid", UUID_OF_THE_SERVER)

    @property
    def sale(self) -> str:
        """The sale or invoice asked for, by whichever selector."""
        return next(
            (self.arguments[name] for name in ("sale_code", "sale_id", "invoice_id") if name in self.arguments), ""
        )


_KOLAYBI_EFFECTS = frozenset({"resend", "create_e_document", "proceed"})


def _row(asked: Asked) -> dict[str, object]:
    return {
        "document_id": asked.document_id,
        "uuid": UUID_OF_THE_SERVER,
        "no": "HDB2021000008464",
        "status": "sent_to_receiver",
        "scenario": "EARSIVFATURA",
        "type": "SATIS",
        "direction": asked.arguments.get("direction", "outbound"),
        "exchange_grand_total": 20,
        "exchange_grand_currency": "try",
        "grand_total": 20,
        "grand_currency": "try",
    }


def _company(_: Asked) -> dict[str, object]:
    return {
        "company_id": 5,
        "company_name": "Örnek Ticaret A.Ş.",
        "identity_no": "1234567890",
        "tax_office": "Kadıköy",
        "company_currency": "try",
        "address": {"city": "İstanbul", "district": "Kadıköy"},
        "is_invoice_resendble": True,
    }


def _preview(asked: Asked) -> Reply:
    page = (
        '<!DOCTYPE html>\n<html lang="tr"><head><meta charset="utf-8"><title>e-Arşiv Fatura</title></head>\n'
        f"<body><h1>e-Arşiv Fatura</h1><p>Sipariş: {asked.sale}</p><p>ETTN: {asked.uuid}</p></body></html>\n"
    )
    return Reply(page.encode(), "text/html; charset=utf-8")


def _signed_xml(asked: Asked) -> Reply:
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" '
        'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">'
        f"<cbc:UUID>{asked.uuid}</cbc:UUID><cbc:Note>Sipariş: {asked.sale}</cbc:Note></Invoice>\n"
    )
    return Reply(document.encode(), "application/xml")


_GOOD: Mapping[str, Callable[[Asked], Reply]] = {
    "access_token": lambda _: json_reply({"success": True, "data": "token-from-the-server"}),
    "list_companies": lambda asked: json_reply({"success": True, "data": [_company(asked)]}),
    "list_invoices": lambda asked: json_reply({"data": [_row(asked)]}),
    "resend": lambda asked: json_reply(
        {"data": {"document_id": asked.document_id, "uuid": UUID_OF_THE_SERVER, "status": "sent_to_receiver"}}
    ),
    "create_e_document": lambda asked: json_reply(
        {"success": True, "data": {"document_id": asked.document_id, "uuid": UUID_OF_THE_SERVER}}
    ),
    "proceed": lambda _: json_reply(
        {"success": True, "data": {"transaction_status": "Tamamlandı", "remaining_amount": 0.0}}
    ),
    "api_token_auth": lambda _: json_reply(
        {"token": "token-from-the-server", "expire_date": "2099-01-01T00:00:00+0300"}
    ),
    "invoice_html_for_sale": _preview,
    "send_invoice": lambda asked: json_reply({"id": 77, "uuid": asked.uuid, "sale_code": asked.sale, "status": "sent"}),
    "get_signed_xml": _signed_xml,
    "cancel_invoice": lambda asked: json_reply({"id": 77, "sale_code": asked.sale, "status": "cancelled"}),
}


def good_reply(asked: Asked) -> Reply:
    """Return the provider's good reply to what is asked; a 404 to what it does not know."""
    make = _GOOD.get(asked.operation)
    return make(asked) if make else Reply(b"not found", "text/plain", 404)


def refusal(asked: Asked, status: int, sentence: str = "İşlem reddedildi.") -> Reply:
    """Return a refusal in the provider's own envelope."""
    if not asked.is_kolaybi:
        return json_reply({"detail": sentence}, status)
    return json_reply(
        {"success": False, "code": 10000 + status, "message": sentence, "description": sentence, "data": []}, status
    )


def reply_about_another(asked: Asked) -> Reply:
    """Return what would be the good reply to a question about another document, where replies can say so."""
    if asked.operation == "proceed":
        data = {"document_id": 999, "transaction_status": "Tamamlandı", "remaining_amount": 0.0}
        return json_reply({"success": True, "data": data})
    other = {
        "document_id": "999",
        "sale_code": "another-sale",
        "invoice_uuid": "00000000-0000-4000-8000-000000000999",
    }
    return good_reply(Asked(asked.operation, {**asked.arguments, **other}))
