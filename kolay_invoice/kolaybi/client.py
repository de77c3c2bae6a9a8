"""The asyncio client of KolayBi."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Self, TypeVar, Unpack, cast
from urllib.parse import urlsplit

from kolay_invoice import config, validators
from kolay_invoice.auth import Token
from kolay_invoice.client import USER_AGENT, BaseClient
from kolay_invoice.config import ClientOptions, hide_credentials
from kolay_invoice.deadline import Permit
from kolay_invoice.errors import ConfigurationError
from kolay_invoice.kolaybi.endpoints import ENDPOINTS, PRODUCTION_URL, SANDBOX_URL
from kolay_invoice.kolaybi.follow import (
    FINAL_STATUSES,
    FIRST_PAUSE,
    FOLLOW_SECONDS,
    LONGEST_PAUSE,
    MAX_CALLS,
    AsyncFollower,
    FollowOptions,
)
from kolay_invoice.kolaybi.models import (
    Direction,
    FetchAccessToken,
    Invoice,
    ListInvoices,
)
from kolay_invoice.kolaybi.models.vocabulary import DirectionName
from kolay_invoice.kolaybi.orders import AsyncOrders
from kolay_invoice.kolaybi.pagination import ListPages
from kolay_invoice.kolaybi.reads import AsyncReads
from kolay_invoice.kolaybi.replies import interpret
from kolay_invoice.kolaybi.request import KolayBiRequest
from kolay_invoice.kolaybi.sends import AsyncSends
from kolay_invoice.messages import Message
from kolay_invoice.origin import parse_origin
from kolay_invoice.profile import AccountAccess, ProviderProfile
from kolay_invoice.redact import Secret, hide

ReplyT = TypeVar("ReplyT")

# A token is valid for 24 hours; the reply has no expiry. One hour is a margin for clock skew.
_TOKEN_SECONDS: Final = 23 * 3600


def _to_token(value: Secret) -> Token:
    return Token(value, time.time() + _TOKEN_SECONDS)


PROFILE: Final = ProviderProfile(
    name="kolaybi",
    auth_scheme="Bearer",
    endpoints={endpoint.request: endpoint for endpoint in ENDPOINTS},
    interpret=interpret,
    to_token=_to_token,
    secret_headers=("Channel",),
    sandbox_host=urlsplit(SANDBOX_URL).hostname,
)


class AsyncKolayBi(AsyncSends, AsyncOrders, AsyncReads):
    """KolayBi for asyncio: send, resend, collect and list e-invoices.

    One client serves one account on one event loop; make one, share it between tasks, close it with `aclose` or
    `async with`. Making it does no I/O.

    Args:
        channel: The Channel that KolayBi gave to the integration. Secret.
        access_token: A ready token. Without `api_key` it cannot be renewed when it ends.
        api_key: The account's api key. A token is fetched with it when the first call needs one, kept for 23 hours and
            renewed once when a call is answered with 401.
        base_url: Where KolayBi answers. The sandbox, unless `KOLAYBI_PRODUCTION_URL` is passed on purpose.
        max_concurrency: How many calls may run at once; the others wait in order.
        timeout: Seconds for one call with all its attempts and the whole reply. Waiting for a slot is not counted.
        **options: See `ClientOptions`.

    Raises:
        ConfigurationError: A credential is missing or cannot stand in a header.
        ValueError: `base_url` is not one of the provider's, or an option has an impossible value.
    """

    profile = PROFILE

    if TYPE_CHECKING:

        async def call(  # type: ignore[override]  # Only this provider's requests, which checkers know by their base.
            self, request: KolayBiRequest[ReplyT], *, permit: Permit | None = None
        ) -> ReplyT:
            """Make one call, given as a request value of KolayBi. See `BaseClient.call`."""
            ...

    def __init__(
        self,
        *,
        channel: str,
        access_token: str | None = None,
        api_key: str | None = None,
        base_url: str = SANDBOX_URL,
        max_concurrency: int = 8,
        timeout: float = 30.0,
        **options: Unpack[ClientOptions],
    ) -> None:
        # The first lines, which cannot fail: no frame of an error holds a credential in plain.
        channel, access_token, api_key = hide(channel), hide(access_token), hide(api_key)
        base_url, options = hide(base_url), hide_credentials(options)
        if access_token is None and api_key is None:
            msg = Message("KolayBi needs an access_token or an api_key (KOLAYBI_ACCESS_TOKEN or KOLAYBI_API_KEY)")
            raise ConfigurationError(msg, provider=PROFILE.name)
        channel = validators.credential("channel", channel)
        key = None if api_key is None else validators.credential("api_key", api_key)
        checked = config.make_options(type(self), max_concurrency, timeout, options)
        super().__init__(
            parse_origin(base_url, (SANDBOX_URL, PRODUCTION_URL), allow_custom_host=checked.allow_custom_host),
            checked,
            AccountAccess(
                headers={
                    "Channel": channel,
                    "Accept": "application/json",
                    "Accept-Encoding": "gzip",
                    "User-Agent": USER_AGENT,
                },
                ready_token=None if access_token is None else validators.credential("access_token", access_token),
                token_request=None if key is None else FetchAccessToken(key),
                secrets=(channel,) if key is None else (channel, key),
            ),
        )

    @classmethod
    def from_env(cls, *, max_concurrency: int = 8, timeout: float = 30.0, **options: Unpack[ClientOptions]) -> Self:
        """Make a client from KOLAYBI_CHANNEL, KOLAYBI_ACCESS_TOKEN or KOLAYBI_API_KEY, and KOLAYBI_BASE_URL.

        Raises:
            ConfigurationError: A variable that is needed is missing; the text names it.
        """
        options = hide_credentials(options)
        return cls(
            channel=hide(config.required_variable("KOLAYBI_CHANNEL")),
            access_token=hide(config.optional_variable("KOLAYBI_ACCESS_TOKEN")),
            api_key=hide(config.optional_variable("KOLAYBI_API_KEY")),
            base_url=config.optional_variable("KOLAYBI_BASE_URL") or SANDBOX_URL,
            max_concurrency=max_concurrency,
            timeout=timeout,
            **options,
        )

    async def list_invoices(
        self,
        company_id: int,
        direction: DirectionName,
        *,
        document_id: int | None = None,
        min_issue_date: date | str | None = None,
        max_issue_date: date | str | None = None,
        min_total_amount: Decimal | int | str | None = None,
        max_total_amount: Decimal | int | str | None = None,
        party_name: str | None = None,
    ) -> list[Invoice]:
        """List a company's e-invoices. Changes nothing, and is repeated by itself when an attempt fails.

        Further pages that a reply announces are fetched too, each with a `timeout` of its own.

        Args:
            company_id: The company's id in KolayBi.
            direction: `Direction.OUTBOUND` ("outbound") or `Direction.INBOUND` ("inbound"). The set is open: any other
                is sent as it is, with a `UserWarning`.
            document_id: Only this invoice.
            min_issue_date: Only invoices from this day on (`date` or YYYY-MM-DD).
            max_issue_date: Only invoices up to this day.
            min_total_amount: Only invoices of at least this total; exact, so never a float.
            max_total_amount: Only invoices of at most this total.
            party_name: Only invoices of this buyer or seller.

        Returns:
            The rows, in the provider's order.

        Raises:
            UnexpectedReplyError: No usable reply came, or its rows do not fit what was asked for.
            KolayInvoiceError: See `kolay_invoice.errors`.

        Page: "e-Fatura Listeleme".
        """
        request = ListInvoices(
            company_id,
            direction,
            document_id=document_id,
            min_issue_date=min_issue_date,
            max_issue_date=max_issue_date,
            min_total_amount=min_total_amount,
            max_total_amount=max_total_amount,
            party_name=party_name,
        )
        return await self._all_rows(ListPages(request, "list_invoices"))

    def iter_invoices(
        self,
        company_id: int,
        direction: DirectionName,
        *,
        document_id: int | None = None,
        min_issue_date: date | str | None = None,
        max_issue_date: date | str | None = None,
        min_total_amount: Decimal | int | str | None = None,
        max_total_amount: Decimal | int | str | None = None,
        party_name: str | None = None,
    ) -> AsyncIterator[Invoice]:
        """Iterate over the same rows as `list_invoices`, page by page. Changes nothing.

        One page is held at a time. Close the iterator if you stop early (`aclosing`).

        Returns:
            An iterator of invoices; an error can come after the rows of earlier pages.

        Page: "e-Fatura Listeleme".
        """
        request = ListInvoices(
            company_id,
            direction,
            document_id=document_id,
            min_issue_date=min_issue_date,
            max_issue_date=max_issue_date,
            min_total_amount=min_total_amount,
            max_total_amount=max_total_amount,
            party_name=party_name,
        )
        return self._each_row(ListPages(request, "list_invoices"))

    def follow(
        self,
        *,
        document_ids: Iterable[int] | None = None,
        since: date | str | None = None,
        until: date | str | None = None,
        company_id: int | None = None,
        direction: DirectionName = Direction.OUTBOUND,
        final_statuses: Iterable[str] = FINAL_STATUSES,
        first_pause: float = FIRST_PAUSE,
        longest_pause: float = LONGEST_PAUSE,
        max_calls: int = MAX_CALLS,
        give_up_after: float = FOLLOW_SECONDS,
    ) -> AsyncFollower:
        """Iterate over the changes of invoices' statuses, from few calls of the list. Changes nothing.

        Each look reads the list once, whatever the number of invoices; the pause between two looks doubles, and begins
        anew with a change. The iterator ends when every invoice has a final status or has failed, when the budget of
        calls is used up, or when the time is over: its `ended` says which, `pending` and `failed` which invoices.

        Args:
            document_ids: The invoices to follow. Give `since` too where the list is long.
            since: Only invoices from this day of issue on; without `document_ids`, every one of them is followed.
            until: Only invoices up to this day.
            company_id: The company whose list is read; None: each company of the account.
            direction: As for `list_invoices`.
            final_statuses: The statuses after which nothing is waited for. No page lists them: the default is an
                assumption. Any other status with a word of failure counts as failed.
            first_pause: Seconds between the first two looks.
            longest_pause: The most seconds between two looks.
            max_calls: How many calls may be made in all; a list of several pages takes several.
            give_up_after: Seconds after which it ends.

        Returns:
            An iterator of changes: first the present status of each invoice, then what changes.

        Raises:
            ValueError: Neither `document_ids` nor `since` is given, or a value is impossible.

        Page: "e-Fatura Listeleme".
        """
        options = FollowOptions(
            document_ids=document_ids,
            since=since,
            until=until,
            company_id=company_id,
            direction=direction,
            final_statuses=final_statuses,
            first_pause=first_pause,
            longest_pause=longest_pause,
            max_calls=max_calls,
            give_up_after=give_up_after,
        )
        return AsyncFollower(cast("BaseClient", self), options)
