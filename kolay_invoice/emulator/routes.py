"""The routes of the emulator: the methods and paths of the registry, and the emulator's own names.

Several paths may serve one operation: Propars sends an invoice by its sale and by its own id. Faults and execution
counts use the operation's name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import attrs

from kolay_invoice.endpoint import Endpoint
from kolay_invoice.operations import ENDPOINTS

_NAMES: Final = {("propars", "get_invoice"): "get_sale_invoice"}
"""Faults and counts name no provider, so an operation that both providers have gets another name here."""

_ECHOING: Final = {
    "kolaybi": frozenset({"resend", "create_e_document", "list_invoices", "get_invoice"}),
    "propars": frozenset(
        {
            "invoice_html_for_sale",
            "send_invoice",
            "get_signed_xml",
            "cancel_invoice",
            "save_sale",
            "list_sales",
            "get_sale",
            "get_invoice",
        }
    ),
}
"""The operations whose reply names its document or sale; the fault `wrong-echo` needs that."""


class Provider(StrEnum):
    """Whose call it is."""

    KOLAYBI = "kolaybi"
    PROPARS = "propars"


def _pattern(path: str) -> re.Pattern[str]:
    """Turn `/sale/{sale_id}/` into a pattern with one group for each text in braces."""
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))


@attrs.frozen
class Route:
    """One verb and path of a provider, and the operation it serves."""

    endpoint: Endpoint[Any, Any]
    path: str
    _pattern: re.Pattern[str] = attrs.field(
        init=False, repr=False, eq=False, default=attrs.Factory(lambda self: _pattern(self.path), takes_self=True)
    )

    @property
    def operation(self) -> str:
        """The name used by faults and counts."""
        endpoint = self.endpoint
        return _NAMES.get((endpoint.provider, endpoint.operation), endpoint.operation)

    @property
    def provider(self) -> Provider:
        """Whose call it is."""
        return Provider(self.endpoint.provider)

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.endpoint.method

    @property
    def has_echo(self) -> bool:
        """Whether the reply names its document or sale."""
        return self.endpoint.operation in _ECHOING[self.endpoint.provider]

    @property
    def is_public(self) -> bool:
        """Whether the call needs no token: it is the token request."""
        return self.endpoint.is_token_request

    def match(self, path: str) -> Mapping[str, str] | None:
        """Return the values of the path's parameters, or None when it is another path."""
        found = self._pattern.fullmatch(path)
        return found.groupdict() if found else None


ROUTES: Final = tuple(Route(endpoint, path) for endpoint in ENDPOINTS for path in endpoint.paths)

OPERATIONS: Mapping[str, Provider] = {route.operation: route.provider for route in ROUTES}
ECHOING = frozenset(route.operation for route in ROUTES if route.has_echo)
ANY_OPERATION = "*"


def provider_of_path(path: str) -> Provider:
    """Return the provider in whose error format an unknown path is answered."""
    return Provider.KOLAYBI if path.startswith("/kolaybi/") else Provider.PROPARS


def parse_operation(name: str, *, any_allowed: bool = False) -> str:
    """Return the canonical name of an operation.

    Raises:
        ValueError: There is no such operation.
    """
    spelling = name.strip().lower().replace("-", "_").replace(" ", "_")
    known = {*OPERATIONS, ANY_OPERATION} if any_allowed else set(OPERATIONS)
    if spelling not in known:
        raise ValueError(f"operation: {name!r} is not one of {', '.join(sorted(known))}")
    return spelling
