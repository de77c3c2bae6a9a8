"""The core of the async clients. Every call of both providers goes through `BaseClient.call`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol, Self, TypeVar, Unpack
from urllib.parse import urlsplit

from kolay_invoice import __version__
from kolay_invoice.call_loop import CallLoop
from kolay_invoice.config import DEFAULT_ACCOUNT, CallOptions, Options
from kolay_invoice.connections import Connections
from kolay_invoice.deadline import Permit
from kolay_invoice.endpoint import Endpoint, Request
from kolay_invoice.limiter import Limiter
from kolay_invoice.origin import check_proxied, is_loopback
from kolay_invoice.profile import AccountAccess
from kolay_invoice.redact import log_to_stderr

if TYPE_CHECKING:
    from types import TracebackType

ReplyT = TypeVar("ReplyT")
RowT = TypeVar("RowT")
RowT_co = TypeVar("RowT_co", covariant=True)

USER_AGENT: Final = f"kolay-invoice-python/{__version__}"


class Pages(Protocol[ReplyT, RowT_co]):
    """Iterates over the pages of a list: `request` asks for the next page and is None after the last one."""

    @property
    def request(self) -> Request[ReplyT] | None:
        """The request for the next page."""

    def take(self, page: ReplyT) -> Sequence[RowT_co]:
        """Return the rows of a page; raise `UnexpectedReplyError` if its pagination is invalid."""
        ...


class BaseClient(CallLoop):
    """The base of the async clients: opening, closing and the path of every call."""

    def __init__(self, origin: str, options: Options, access: AccountAccess) -> None:
        log_to_stderr()
        options = options.for_origin(origin)
        check_proxied(origin, options.proxy)
        self._origin = origin
        self._account = options.account
        host = urlsplit(origin).hostname or ""
        self._is_on_this_machine = is_loopback(host)
        if self._account == DEFAULT_ACCOUNT:
            rehearses = "sandbox" if host == self.profile.sandbox_host else DEFAULT_ACCOUNT
            self._account = "loopback" if self._is_on_this_machine else rehearses
        label = f"<{type(self).__name__} {origin}>"
        connections = Connections(self.profile, label, origin, options, access)
        super().__init__(access, options, options.limiter or Limiter(options.max_concurrency), connections)

    def __repr__(self) -> str:
        if "_connections" not in vars(self):
            return f"<{type(self).__name__} that could not be made>"
        return f"<{type(self).__name__} {self._origin} {self._connections.state}>"

    def __reduce__(self) -> NoReturn:
        msg = f"{type(self).__name__} holds connections and credentials and cannot be pickled: make one per process"
        raise TypeError(msg)

    @property
    def name(self) -> str:
        """The name of the provider, as in errors and journals."""
        return self.profile.name

    @property
    def endpoints(self) -> Mapping[type[Request[Any]], Endpoint[Any, Any]]:
        """The endpoints of the provider, by request class."""
        return self.profile.endpoints

    @property
    def account(self) -> str:
        """The name of the account in journals. By default a sandbox and a loopback server have names of their own."""
        return self._account

    @property
    def max_concurrency(self) -> int:
        """The largest number of calls that the limiter runs at once."""
        return self._limiter.maximum

    @property
    def timeout(self) -> float:
        """Seconds for one call: all its attempts and the whole reply, without the time in the limiter's queue."""
        return self._options.timeout

    @property
    def is_on_this_machine(self) -> bool:
        """Whether the provider's host is this machine, as with an emulator."""
        return self._is_on_this_machine

    def with_options(self, **options: Unpack[CallOptions]) -> Self:
        """Return a client with other options for its calls. It shares the connections, the token and the limiter.

        Closing one of the two closes both.

        Args:
            **options: `timeout`, `max_attempts` and `queue_timeout`; what is not given stays as it is.

        Raises:
            TypeError: An option is none of these.
            ValueError: An option has an impossible value.
        """
        client = object.__new__(type(self))
        vars(client).update(vars(self), _options=self._options.changed(options))
        return client

    async def __aenter__(self) -> Self:
        self._connections.open(self._tokens)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self, grace: float = 0.0) -> None:
        """Close the connections, after up to `grace` seconds in which calls in flight may end. New calls are refused.

        Calls that are still in flight then end with the error of the phase that they have reached.

        Args:
            grace: The largest number of seconds to wait for calls in flight.

        Raises:
            ValueError: `grace` is no number of seconds.
        """
        await self._connections.aclose(self._tokens, grace)

    async def call(self, request: Request[ReplyT], *, permit: Permit | None = None) -> ReplyT:
        """Make one call, given as a request value. The endpoint's `effect` says whether it can be undone.

        Args:
            request: The request value, such as `CreateEDocument(18)`.
            permit: Checked right before the first byte. It returns None to allow the call. It returns a sentence to end
                the call as a `NotSentError` with that sentence; no byte is sent.

        Returns:
            The typed reply of the request.

        Raises:
            KolayInvoiceError: See `kolay_invoice.errors`; `.may_have_happened` says whether to look it up.
            TypeError: The request belongs to another provider.
            RuntimeError: The client is closed, or was opened on another event loop.
        """
        transport, connections = self._ready(), self._connections
        connections.calls += 1
        try:
            return await self._make(transport, request, permit)
        finally:
            connections.ended()

    async def _each_row(self, pages: Pages[ReplyT, RowT]) -> AsyncGenerator[RowT]:
        """Iterate over the rows of all pages. One page is held in memory at a time."""
        while pages.request is not None:
            for row in pages.take(await self.call(pages.request)):
                yield row

    async def _all_rows(self, pages: Pages[ReplyT, RowT]) -> list[RowT]:
        transport, connections = self._ready(), self._connections
        rows: list[RowT] = []
        connections.calls += 1
        try:
            while pages.request is not None:
                rows += pages.take(await self._make(transport, pages.request))
        finally:
            connections.ended()
        return rows
