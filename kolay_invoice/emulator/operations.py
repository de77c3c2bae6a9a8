"""The calls that the emulator knows, as data: their names, verbs and paths.

A name stands for what the caller wants done, and several paths may serve it: Propars sends an invoice by its sale and
by its own id. Faults and execution counts go by the name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

import attrs


class Provider(StrEnum):
    """Whose call it is."""

    KOLAYBI = "kolaybi"
    PROPARS = "propars"


def _pattern(path: str) -> re.Pattern[str]:
    """Turn `/sale/{sale_id}/` into a pattern with one group for each text in braces."""
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))


@attrs.frozen(kw_only=True)
class Route:
    """One verb and path of a provider, and the operation it serves.

    Attributes:
        operation: The name that faults and counts go by.
        echoes: Whether the reply names the document or sale that it speaks of, so that it can name a wrong one.
        public: Whether the call needs no token, because it is the one that gives it.
    """

    operation: str
    provider: Provider
    method: str
    path: str
    echoes: bool = False
    public: bool = False
    _pattern: re.Pattern[str] = attrs.field(
        init=False, repr=False, eq=False, default=attrs.Factory(lambda self: _pattern(self.path), takes_self=True)
    )

    def match(self, path: str) -> Mapping[str, str] | None:
        """Return the texts at the path's braces, or None when it is another path."""
        found = self._pattern.fullmatch(path)
        return found.groupdict() if found else None


def _kolaybi(method: str, path: str, operation: str, *, echoes: bool = False, public: bool = False) -> Route:
    path = f"/kolaybi/v1/{path}"
    return Route(operation=operation, provider=Provider.KOLAYBI, method=method, path=path, echoes=echoes, public=public)


def _propars(method: str, path: str, operation: str, *, echoes: bool = True, public: bool = False) -> Route:
    path = f"/api/v1/{path}"
    return Route(operation=operation, provider=Provider.PROPARS, method=method, path=path, echoes=echoes, public=public)


ROUTES = (
    _kolaybi("POST", "access_token", "access_token", public=True),
    _kolaybi("POST", "invoices/resend/{document_id}", "resend", echoes=True),
    _kolaybi("POST", "invoices/e-document/create", "create_e_document", echoes=True),
    _kolaybi("POST", "invoices/proceed", "proceed"),
    _kolaybi("GET", "e_document/invoices", "list_invoices", echoes=True),
    _kolaybi("GET", "companies", "list_companies"),
    _kolaybi("GET", "invoices/{document_id}", "get_invoice", echoes=True),
    _kolaybi("GET", "vaults", "list_vaults"),
    _kolaybi("GET", "vaults/{vault_id}/transactions", "vault_transactions"),
    _propars("POST", "api-token-auth/", "api_token_auth", echoes=False, public=True),
    _propars("GET", "finance/saleinvoice/invoice_html_for_sale/", "invoice_html_for_sale"),
    _propars("POST", "finance/saleinvoice/send_invoice_for_sale/", "send_invoice"),
    _propars("POST", "finance/saleinvoice/{invoice_id}/send_invoice/", "send_invoice"),
    _propars("GET", "finance/saleinvoice/get_signed_xml_for_sale/", "get_signed_xml"),
    _propars("GET", "finance/saleinvoice/{invoice_id}/get_signed_xml/", "get_signed_xml"),
    _propars("PATCH", "core/sale/{sale_id}/cancel_invoice/", "cancel_invoice"),
    _propars("PATCH", "core/sale/cancel_invoice_by_code/", "cancel_invoice"),
    _propars("GET", "core/sale/", "list_sales"),
    _propars("GET", "core/sale/{sale_id}/", "get_sale"),
    # KolayBi has a get_invoice as well, and faults and counts go by the name.
    _propars("GET", "finance/saleinvoice/{invoice_id}/", "get_sale_invoice"),
)

OPERATIONS: Mapping[str, Provider] = {route.operation: route.provider for route in ROUTES}
ECHOING = frozenset(route.operation for route in ROUTES if route.echoes)
ANY_OPERATION = "*"


def provider_of_path(path: str) -> Provider:
    """Tell whose error shape an unknown path is answered in."""
    return Provider.KOLAYBI if path.startswith("/kolaybi/") else Provider.PROPARS


def operation_named(name: str, *, any_allowed: bool = False) -> str:
    """Return the one spelling of an operation's name.

    Raises:
        ValueError: There is no such operation.
    """
    spelling = name.strip().lower().replace("-", "_").replace(" ", "_")
    known = {*OPERATIONS, ANY_OPERATION} if any_allowed else set(OPERATIONS)
    if spelling not in known:
        raise ValueError(f"operation: {name!r} is not one of {', '.join(sorted(known))}")
    return spelling
