"""The token of one account: fetched once for all waiting calls, used until shortly before expiry, renewed on a 401."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from attrs import field, frozen

from kolay_invoice.errors import NotSentError
from kolay_invoice.messages import Message
from kolay_invoice.redact import Secret


@frozen
class Token:
    """A token and the time until which it is used, in seconds since the epoch. None: until the provider refuses it."""

    value: Secret = field(repr=False)
    good_until: float | None = None


class TokenSource:
    """Provides the account's token. Without `fetch` it has only the token that the caller passed."""

    def __init__(self, ready: Secret | None, fetch: Callable[[], Awaitable[Token]] | None) -> None:
        self._token = None if ready is None else Token(ready)
        self._fetch = fetch
        self._fetching: asyncio.Task[Token] | None = None

    @property
    def current(self) -> Token | None:
        """The token; None if there is none or its time has passed."""
        token = self._token
        return token if token is not None and (token.good_until is None or time.time() < token.good_until) else None

    def invalidate(self, token: Token) -> bool:
        """Discard a token that the provider refused. Return whether another one exists or can be fetched."""
        if self._token is not token:
            return True
        if self._fetch is not None:
            self._token = None
        return self._fetch is not None

    def forget(self) -> None:
        """Cancel a fetch in progress. After a fork, leave it to the parent process."""
        fetching, self._fetching = self._fetching, None
        if fetching is not None and fetching.get_loop().is_running():
            fetching.cancel()

    async def fetch(self) -> Token:
        """Fetch a token. Concurrent callers share one fetch."""
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch_and_keep(), name="kolay_invoice token")
            self._fetching.add_done_callback(self._fetch_ended)
        # Shielded: cancelling one caller must not cancel the fetch for the others.
        fetching = self._fetching
        try:
            return await asyncio.shield(fetching)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if fetching.cancelled() and task is not None and not task.cancelling():
                msg = Message("the client was closed while a token was being fetched: make a new one and call again")
                raise NotSentError(msg) from None
            raise

    async def _fetch_and_keep(self) -> Token:
        assert self._fetch is not None  # noqa: S101 - without `fetch` the token does not expire.
        self._token = await self._fetch()
        return self._token

    def _fetch_ended(self, task: asyncio.Task[Token]) -> None:
        if self._fetching is task:
            self._fetching = None
        if not task.cancelled():
            task.exception()  # Marks it as retrieved, so that asyncio does not log it.
