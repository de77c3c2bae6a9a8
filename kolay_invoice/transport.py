"""One attempt over HTTP. No other module of the client loads aiohttp.

An attempt returns a value: an `HttpResponse`, or the reason why there is none. No exception of aiohttp leaves this
module, because its text and repr can hold the token.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from weakref import WeakSet

import aiohttp
from aiohttp import hdrs
from multidict import CIMultiDict
from yarl import URL

from kolay_invoice import late_bytes
from kolay_invoice.bodies import UnusableBodyError, read_body
from kolay_invoice.deadline import Attempt, DeadlineClock, InheritedError, NotPermittedError, Phase, current_attempt
from kolay_invoice.endpoint import Effect, Wire
from kolay_invoice.fork import leak_in_child
from kolay_invoice.messages import Message, message_of
from kolay_invoice.origin import find_weakness
from kolay_invoice.redact import Secret
from kolay_invoice.result import Ambiguous, HttpResponse, Misconfigured, NoAnswer, NotSent

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

_BODILESS: Final = frozenset({101, 204, 304})
_MOST_STALE: Final = 64
_LONGEST_HEADER: Final = 16 * 1024
"""Bytes of one header of a reply. A proxy's policies and cookies can be longer than the 8 KiB of aiohttp."""
# The deadline of the attempt covers name look-up, TCP, TLS, proxy and the whole body, so aiohttp's timeouts are off.
_NO_TIMEOUT: Final = aiohttp.ClientTimeout(total=None)
# By default aiohttp adds a Content-Type to a POST without a body.
_NO_CONTENT_TYPE: Final = (hdrs.CONTENT_TYPE,)


class OneShotConnector(aiohttp.TCPConnector):
    """A connector that records the phase of the running attempt and gives it at most one connection.

    aiohttp awaits nothing between the end of `connect` and its first write.
    """

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's signature.
    ) -> Connection:
        """Connect for the attempt of the running task."""
        attempt = current_attempt.get()
        if attempt is None:
            return await super().connect(req, traces, timeout)
        attempt.connecting()
        connection = await super().connect(req, traces, timeout)
        # aiohttp takes data that arrived on an idle pooled connection for the reply to the next request
        # (aio-libs/aiohttp#13656). Such connections are closed.
        dropped = 0
        while connection.protocol is not None and connection.protocol.should_close and dropped < _MOST_STALE:
            connection.close()
            dropped += 1
            connection = await super().connect(req, traces, timeout)
        if self.force_close:
            attempt.connection = connection.transport
        try:
            await attempt.leaves()
        except BaseException:
            if attempt.is_inherited:
                leak_in_child(connection)
            else:
                connection.close()
            raise
        return connection


class Transport:
    """The connections of one client on one event loop."""

    def __init__(
        self,
        origin: str,
        headers: Mapping[str, str],
        *,
        scheme: str,
        connect_timeout: float,
        largest_reply: int,
        proxy: str | None,
        ssl_context: ssl.SSLContext | None,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.pid = os.getpid()
        self._origin = origin
        # An origin holds no user name or password, so errors may show it.
        self._place = urlsplit(origin).netloc
        self._headers = headers
        self._scheme = scheme
        self._token: Secret | None = None
        self._added: dict[str | None, CIMultiDict[str]] = {}
        self._largest_reply = largest_reply
        self._proxy = proxy
        self._ssl: ssl.SSLContext | bool = True if ssl_context is None else ssl_context
        self._clock = DeadlineClock(self.loop, connect_timeout)
        self.traced: list[aiohttp.TraceConfig] = []
        """The trace configurations that other libraries added to the sessions. They were removed from them."""
        self._reads = self._session(force_close=False)
        # A call with an effect gets a connection of its own. A server that drops idle connections would make about
        # half of the calls on pooled ones end as "unknown".
        self._effects = self._session(force_close=True)
        _open.add(self)

    def _session(self, *, force_close: bool) -> aiohttp.ClientSession:
        session = aiohttp.ClientSession(
            # The limiter bounds concurrency, so the connector has no limit of its own.
            connector=OneShotConnector(
                limit=0,
                force_close=force_close,
                ssl=self._ssl,
                socket_factory=late_bytes.open_socket if force_close else None,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            timeout=_NO_TIMEOUT,
            auto_decompress=False,
            trust_env=False,
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
        )
        # Tracing libraries (OpenTelemetry, Sentry) add themselves to every new session. aiohttp would pass them the URL
        # with its query, and exceptions whose texts hold it. `kolay_invoice.events` shows neither.
        self.traced.extend(session.trace_configs)
        session.trace_configs.clear()
        return session

    async def send(
        self,
        wire: Wire,
        token: Secret | None,
        effect: Effect,
        attempt: Attempt,
        seconds: float,
        *,
        largest: int | None = None,
        own_connection: bool = False,
    ) -> HttpResponse | NoAnswer:
        """Make one attempt of at most `seconds`, the body included. Only a cancellation or interrupt is raised.

        `largest` is the size in bytes of the largest reply of this call, below that of the client.
        With `own_connection` a read gets a new connection, as every call with an effect does. An unsolicited reply on a
        pooled connection cannot reach it.
        """
        if os.getpid() != self.pid:
            # The process was forked while the call waited for a slot.
            return classify(InheritedError(self.pid), attempt.phase, self._place)
        if isinstance(self._ssl, ssl.SSLContext) and (weakness := find_weakness(self._ssl)) is not None:
            return Misconfigured(Message("ssl_context was changed: it {reason}", reason=weakness))
        session = self._reads if effect is Effect.READ and not own_connection else self._effects
        has_ended = False
        mark = current_attempt.set(attempt)
        deadline = self._clock.start(attempt, seconds)
        try:
            response = await session.request(
                wire.method,
                URL(self._origin + wire.target, encoded=True),
                data=wire.body,
                headers=self._added_headers(token, wire.content_type),
                allow_redirects=False,
                proxy=self._proxy,
                skip_auto_headers=_NO_CONTENT_TYPE if wire.body is None and wire.method != "GET" else None,
            )
            answer = await self._answer(response, largest)
            has_ended = True
            return answer  # noqa: TRY300 - `has_ended` must be set before the return.
        except asyncio.CancelledError as cancellation:
            if deadline.cancelled_by_others():
                # The local variables of aiohttp's frames hold the URL, whose query can hold a sale code.
                raise cancellation.with_traceback(None) from None
            # Either the deadline cancelled the task, or aiohttp cancelled its own name look-up because the client was
            # closed.
            return classify(TimeoutError() if deadline.has_passed else RuntimeError(), attempt.phase, self._place)
        except Exception as error:  # noqa: BLE001 - every failure becomes a value; a BaseException passes.
            return classify(error, attempt.phase, self._place)
        finally:
            (late_bytes.has_answered if has_ended else late_bytes.give_up)(attempt)
            deadline.end()
            current_attempt.reset(mark)

    def _added_headers(self, token: Secret | None, content_type: str | None) -> CIMultiDict[str]:
        """Return the headers that a call adds to those of the session. Cached for each token."""
        if token is not self._token:
            self._token, self._added = token, {}
        added = self._added.get(content_type)
        if added is None:
            added = self._added[content_type] = CIMultiDict()
            if token is not None:
                added[hdrs.AUTHORIZATION] = Secret(f"{self._scheme} {token}")
            if content_type is not None:
                added[hdrs.CONTENT_TYPE] = content_type
        return added

    async def _answer(self, response: aiohttp.ClientResponse, largest: int | None) -> HttpResponse | NoAnswer:
        headers = response.headers
        largest = self._largest_reply if largest is None else min(self._largest_reply, largest)
        try:
            content = await read_body(response, largest)
        except UnusableBodyError as error:
            return Ambiguous(message_of(error), response.status, retryable=error.retryable)
        finally:
            # A body that was read to its end has already released the connection.
            if not response.closed:
                response.close()
        # Without Content-Length or Transfer-Encoding a body ends where the connection ends, and a truncated one looks
        # complete.
        length_known = (
            hdrs.CONTENT_LENGTH in headers or hdrs.TRANSFER_ENCODING in headers or response.status in _BODILESS
        )
        return HttpResponse(response.status, headers, content, length_known)

    async def aclose(self) -> None:
        """Close every connection."""
        try:
            await self._reads.close()
        finally:
            await self._effects.close()
            self._clock.stop_timer()


_open: Final[WeakSet[Transport]] = WeakSet()


def _leave_to_the_parent() -> None:
    for transport in _open:
        leak_in_child(transport)


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows cannot fork.
    os.register_at_fork(after_in_child=_leave_to_the_parent)


def classify(error: Exception, phase: Phase, place: str) -> NoAnswer:
    """Return what an exception proves about the request. Only its type and the phase count, never its text."""
    before_connection = _connection_failure(error, place)
    if before_connection is not None:
        return before_connection
    name = type(error).__name__
    if isinstance(error, NotPermittedError):
        return NotSent(message_of(error), retryable=False)
    if isinstance(error, InheritedError):
        # This process sent nothing, but the parent may have sent the request. Calling again may execute it twice.
        return Ambiguous(message_of(error), retryable=False)
    if phase is not Phase.LEFT and isinstance(error, RuntimeError):
        return NotSent(Message("the client was closed"), retryable=False)
    if phase is Phase.CONNECTING:
        in_time = Message("no connection to {place} within connect_timeout and the deadline", place=place)
        why = (
            in_time
            if isinstance(error, TimeoutError)
            else Message("no connection to {place} ({reason})", place=place, reason=name)
        )
        return NotSent(why)
    # From here on bytes may have left. A 400 in a ClientResponseError is set by the parser and not by the server.
    if isinstance(error, TimeoutError):
        return Ambiguous(Message("no complete answer came before the deadline"))
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.ClientPayloadError | ValueError):
        return Ambiguous(Message("what came back is not a whole HTTP reply ({kind})", kind=name))
    return Ambiguous(Message("the connection broke before a complete answer came ({kind})", kind=name))


def _connection_failure(error: Exception, place: str) -> NotSent | Misconfigured | None:
    """Return the outcome of an exception that aiohttp raises only while it connects; None for any other."""
    match error:
        case aiohttp.ClientHttpProxyError():
            # The status is the proxy's, not the provider's.
            return Misconfigured(Message("the proxy refused to connect ({status})", status=error.status))
        case aiohttp.ClientProxyConnectionError():
            return Misconfigured(Message("the proxy cannot be reached"))
        case aiohttp.ClientConnectorCertificateError():
            return Misconfigured(Message("the certificate of the server does not prove that it is the provider"))
        case aiohttp.ClientConnectorError(os_error=ssl.SSLError() as reason) if not isinstance(reason, _CUT_HANDSHAKE):
            return Misconfigured(
                Message("no TLS with the server ({reason})", reason=reason.reason or "handshake failed")
            )
        case aiohttp.ClientConnectorDNSError():
            return NotSent(Message("the name of {place} cannot be resolved", place=place))
        case aiohttp.ClientConnectorError(os_error=OSError(errno=int() as number)):
            return NotSent(Message("no connection to {place} ({reason})", place=place, reason=os.strerror(number)))
        case aiohttp.ClientConnectorError():
            return NotSent(
                Message("no connection to {place} ({reason})", place=place, reason=type(error.os_error).__name__)
            )
        case aiohttp.ConnectionTimeoutError():
            return NotSent(Message("no connection to {place} within connect_timeout", place=place))
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return Misconfigured(Message("the address or the proxy is not a URL that can be used"))
    return None


_CUT_HANDSHAKE = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
