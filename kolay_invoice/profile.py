"""What differs between the providers, as values that their clients are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from kolay_invoice.auth import Token
from kolay_invoice.endpoint import Endpoint, Request
from kolay_invoice.redact import Secret
from kolay_invoice.result import HttpResponse, Verdict


@frozen
class ProviderProfile:
    """One provider: the same for all of its accounts."""

    name: str
    auth_scheme: str
    """The word before the token in the header `Authorization`."""
    endpoints: Mapping[type[Request[Any]], Endpoint[Any, Any]]
    interpret: Callable[[Endpoint[Any, Any], HttpResponse], Verdict]
    """Says what a reply means; pure."""
    to_token: Callable[[Any], Token]
    """Makes the token of the reply to a token request."""
    secret_headers: tuple[str, ...] = ()
    """The headers besides `Authorization` that hold a credential."""
    sandbox_host: str | None = None
    """The host at which the provider lets everybody rehearse."""


@frozen
class AccountAccess:
    """What one account's calls carry."""

    headers: Mapping[str, str] = field(repr=False)
    """The headers of every call, besides `Authorization`."""
    ready_token: Secret | None = field(default=None, repr=False)
    token_request: Request[Any] | None = field(default=None, repr=False)
    """Fetches a token with the account's credentials; None where the account has none."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """The texts that no message may show."""
