"""The values in which the providers differ. Their clients are made from them."""

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
    """What all accounts of one provider share."""

    name: str
    auth_scheme: str
    """The word before the token in the header `Authorization`."""
    endpoints: Mapping[type[Request[Any]], Endpoint[Any, Any]]
    interpret: Callable[[Endpoint[Any, Any], HttpResponse], Verdict]
    """Maps a reply to a verdict. Pure."""
    to_token: Callable[[Any], Token]
    """Makes the token from the reply to a token request."""
    secret_headers: tuple[str, ...] = ()
    """The headers besides `Authorization` that hold a credential."""
    sandbox_host: str | None = None
    """The host of the provider's public sandbox."""


@frozen
class AccountAccess:
    """The headers, the token and the secrets of one account."""

    headers: Mapping[str, str] = field(repr=False)
    """The headers of every call, besides `Authorization`."""
    ready_token: Secret | None = field(default=None, repr=False)
    token_request: Request[Any] | None = field(default=None, repr=False)
    """The request that fetches a token with the account's credentials; None if there are no credentials."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """The texts that no message may contain."""
