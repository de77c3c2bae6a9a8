"""One account's token: fetched once however many calls wait, kept until shortly before it ends, renewed on a 401."""

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
    """A token and until when it is used, in seconds since the epoch. None: until the provider refuses it."""

    value: Secret = field(repr=False)
    good_until: float | None = None


class TokenSource:
    """Hands out the account's token. Without `fetch` there is only the one that the caller brought."""

    def __init__(self, ready: Secret | None, fetch: Callable[[], Awaitable[Token]] | None) -> None:
        self._token = None if ready is None else Token(ready)
        self._fetch = fetch
        self._fetching: asyncio.Task[Token] | None = None

    @property
    def current(self) -> Token | None:
        """The token, if there is one that is good as far as is known."""
        token = self._token
        return token if token is not None and (token.good_until is None or time.time() < token.good_until) else None

    def invalidate(self, token: Token) -> bool:
        """Note that the provider refused a token. Returns whether there is, or can be fetched, another one."""
        if self._token is not token:
            return True
        if self._fetch is not None:
            self._token = None
        return self._fetch is not None

    def forget(self) -> None:
        """Stop a fetch that is under way, or leave it to the parent process in which it runs."""
        fetching, self._fetching = self._fetching, None
        if fetching is not None and fetching.get_loop().is_running():
            fetching.cancel()

    async def fetch(self) -> Token:
        """Fetch a token, together with everybody else who waits for one."""
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch_and_keep(), name="kolay_invoice token")
            self._fetching.add_done_callback(self._fetch_ended)
        # One caller's cancellation must not take the token from the others who wait for it.
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
        assert self._fetch is not None  # noqa: S101 - a source without `fetch` has a token without an end.
        self._token = await self._fetch()
        return self._token

    def _fetch_ended(self, task: asyncio.Task[Token]) -> None:
        if self._fetching is task:
            self._fetching = None
        if not task.cancelled():
            task.exception()  # Whoever waited has it; if nobody did, asyncio must not complain.
