"""The asyncio client of Propars."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, Self, TypeVar, Unpack

from kolay_invoice import config, validators
from kolay_invoice.auth import Token
from kolay_invoice.client import USER_AGENT
from kolay_invoice.config import ClientOptions, hide_credentials
from kolay_invoice.deadline import Permit
from kolay_invoice.errors import ConfigurationError
from kolay_invoice.messages import Message
from kolay_invoice.origin import parse_origin
from kolay_invoice.profile import AccountAccess, ProviderProfile
from kolay_invoice.propars.endpoints import ENDPOINTS, PRODUCTION_URL
from kolay_invoice.propars.invoice_calls import InvoiceCalls
from kolay_invoice.propars.models import AuthToken, FetchAuthToken
from kolay_invoice.propars.replies import interpret
from kolay_invoice.propars.request import ProparsRequest
from kolay_invoice.propars.sale_calls import SaleCalls
from kolay_invoice.redact import hide

ReplyT = TypeVar("ReplyT")

# A token is not used in the last minutes before its expire_date, for clocks that differ.
_TOKEN_MARGIN: Final = timedelta(minutes=5)


def _to_token(reply: AuthToken) -> Token:
    return Token(reply.token, None if reply.ends_at is None else (reply.ends_at - _TOKEN_MARGIN).timestamp())


PROFILE: Final = ProviderProfile(
    name="propars",
    auth_scheme="Token",
    endpoints={endpoint.request: endpoint for endpoint in ENDPOINTS},
    interpret=interpret,
    to_token=_to_token,
)


class AsyncPropars(InvoiceCalls, SaleCalls):
    """Propars for asyncio: list sales, preview, send and cancel their invoices, and fetch their signed XML.

    One client serves one account on one event loop; make one, share it between tasks, close it with `aclose` or
    `async with`. Making it does no I/O. Propars publishes no sandbox: every call reaches the real account.

    Args:
        token: A ready token. Without user name and password it cannot be renewed when it ends.
        username: The account's user name, an e-mail address. A token is fetched when the first call needs one, kept
            until shortly before it ends and renewed once when a call is answered with 401.
        password: The account's password.
        base_url: Where Propars answers.
        max_concurrency: How many calls may run at once; the others wait in order.
        timeout: Seconds for one call with all its attempts and the whole reply. Waiting for a slot is not counted.
        **options: See `ClientOptions`.

    Raises:
        ConfigurationError: A credential is missing or has an impossible shape.
        ValueError: `base_url` is not the provider's, or an option has an impossible value.
    """

    profile = PROFILE

    if TYPE_CHECKING:

        async def call(  # type: ignore[override]  # Only this provider's requests, which checkers know by their base.
            self, request: ProparsRequest[ReplyT], *, permit: Permit | None = None
        ) -> ReplyT:
            """Make one call, given as a request value of Propars. See `BaseClient.call`."""
            ...

    def __init__(
        self,
        *,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        base_url: str = PRODUCTION_URL,
        max_concurrency: int = 8,
        timeout: float = 30.0,
        **options: Unpack[ClientOptions],
    ) -> None:
        # The first lines, which cannot fail: no frame of an error holds a credential in plain.
        token, username, password = hide(token), hide(username), hide(password)
        base_url, options = hide(base_url), hide_credentials(options)
        if (username is None) != (password is None) or (token is None and username is None):
            msg = Message(
                "Propars needs a token, or a username together with its password (PROPARS_TOKEN, PROPARS_USERNAME …)"
            )
            raise ConfigurationError(msg, provider=PROFILE.name)
        login = None
        if username is not None and password is not None:
            login = FetchAuthToken(
                username=validators.check_login("username", username),
                password=validators.check_login("password", password),
            )
        checked = config.make_options(type(self), max_concurrency, timeout, options)
        super().__init__(
            parse_origin(base_url, (PRODUCTION_URL,), allow_custom_host=checked.allow_custom_host),
            checked,
            AccountAccess(
                headers={"Accept": "*/*", "Accept-Encoding": "gzip", "User-Agent": USER_AGENT},
                ready_token=None if token is None else validators.credential("token", token),
                token_request=login,
                secrets=() if login is None else (login.username, login.password),
            ),
        )

    @classmethod
    def from_env(cls, *, max_concurrency: int = 8, timeout: float = 30.0, **options: Unpack[ClientOptions]) -> Self:
        """Make a client from PROPARS_TOKEN or PROPARS_USERNAME and PROPARS_PASSWORD, and PROPARS_BASE_URL.

        Raises:
            ConfigurationError: A variable that is needed is missing.
        """
        options = hide_credentials(options)
        return cls(
            token=hide(config.optional_variable("PROPARS_TOKEN")),
            username=hide(config.optional_variable("PROPARS_USERNAME")),
            password=hide(config.optional_variable("PROPARS_PASSWORD")),
            base_url=config.optional_variable("PROPARS_BASE_URL") or PRODUCTION_URL,
            max_concurrency=max_concurrency,
            timeout=timeout,
            **options,
        )
