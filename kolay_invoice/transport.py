"""One attempt over HTTP: the only client room that imports aiohttp, and all I/O there is.

An attempt ends in a value: an `HttpResponse`, or why there is none. No exception of aiohttp leaves this room, because
their texts and reprs can hold the token.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import zlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from weakref import WeakSet

import aiohttp
from aiohttp import hdrs
from multidict import CIMultiDict
from yarl import URL

from kolay_invoice import late_bytes
from kolay_invoice.deadline import Attempt, DeadlineClock, InheritedError, NotPermittedError, Phase, current_attempt
from kolay_invoice.endpoint import Effect, Wire
from kolay_invoice.fork import leak_in_child
from kolay_invoice.messages import Message, message_of
from kolay_invoice.redact import Secret
from kolay_invoice.result import Ambiguous, HttpResponse, Misconfigured, NoAnswer, NotSent

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS
_BODILESS: Final = frozenset({101, 204, 304})
_IDENTITY: Final = "identity"
_PIECE: Final = 64 * 1024
_PIECES_AT_ONCE: Final = 16
"""What is unpacked before others are served: a small body can hold a thousand times its size."""
_FIRST_ERROR: Final = 400
_LARGEST_ERROR: Final = 4 * 1024 * 1024
"""Bytes of a reply that says no: it is read at one go. More than that is nobody's word, whatever its status."""
_MOST_STALE: Final = 64
_LONGEST_HEADER: Final = 64 * 1024
"""Bytes of one header of a reply. A proxy's policies and cookies can be longer than the 8 KiB of aiohttp."""
# The one clock of an attempt is its deadline, which covers everything: look-up, TCP, TLS, proxy and the whole body.
_NO_TIMEOUT: Final = aiohttp.ClientTimeout(total=None)
# aiohttp gives a POST without a body a Content-Type of its own.
_NO_CONTENT_TYPE: Final = (hdrs.CONTENT_TYPE,)


class OneShotConnector(aiohttp.TCPConnector):
    """A connector that tells the running attempt its phase and gives it one connection at most.

    That a connection was handed over is the last thing known before aiohttp writes: nothing is awaited in between.
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
        # A pooled connection on which something has arrived unasked would hand it to this request as its reply
        # (aio-libs/aiohttp#13656).
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
        # An origin names neither user nor password, so it can be shown.
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
        """What had put itself into our sessions, and was taken out."""
        self._reads = self._session(force_close=False)
        # A call with an effect gets a connection of its own. A server that drops idle connections would make about
        # half of the calls on pooled ones end as "unknown".
        self._effects = self._session(force_close=True)
        _open.add(self)

    def _session(self, *, force_close: bool) -> aiohttp.ClientSession:
        session = aiohttp.ClientSession(
            # The limiter is the one queue, so the connector has no limit of its own.
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
        # Tools that trace every session (OpenTelemetry, Sentry) put themselves in when one is made. aiohttp would hand
        # them the address with its query, and exceptions whose texts hold it; `kolay_invoice.events` shows neither.
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
        own_connection: bool = False,
    ) -> HttpResponse | NoAnswer:
        """Make one attempt that may take so many seconds, the body included. Does not raise but for cancellation.

        A read with an `own_connection` shares none with another call, as calls with an effect never do: an unasked
        reply to what was asked before cannot reach it.
        """
        if os.getpid() != self.pid:
            # The call waited for its turn while its process was forked.
            return classify(InheritedError(self.pid), attempt.phase, self._place)
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
            answer = await self._answer(response)
            has_ended = True
            return answer  # noqa: TRY300 - the mark belongs to it.
        except asyncio.CancelledError as cancellation:
            if deadline.cancelled_by_others():
                # The local variables of aiohttp's frames show the address with its query, and in it a sale code.
                raise cancellation.with_traceback(None) from None
            # The deadline did it; or nobody, as aiohttp cancels its own look-up of a host when the client is closed.
            return classify(TimeoutError() if deadline.has_passed else RuntimeError(), attempt.phase, self._place)
        except Exception as error:  # noqa: BLE001 - every failure becomes a value; what is not an Exception passes.
            return classify(error, attempt.phase, self._place)
        finally:
            (late_bytes.has_answered if has_ended else late_bytes.give_up)(attempt)
            deadline.end()
            current_attempt.reset(mark)

    def _added_headers(self, token: Secret | None, content_type: str | None) -> CIMultiDict[str]:
        """Return what a call adds to the headers of the session; made once for a token."""
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

    async def _answer(self, response: aiohttp.ClientResponse) -> HttpResponse | NoAnswer:
        headers, stream = response.headers, response.content
        encoding = headers.get(hdrs.CONTENT_ENCODING, _IDENTITY)
        try:
            largest = (
                self._largest_reply if response.status < _FIRST_ERROR else min(self._largest_reply, _LARGEST_ERROR)
            )
            content = await stream.readany()
            if encoding != _IDENTITY or not stream.at_eof() or len(content) > largest:
                body = Body(encoding, largest)
                while content:
                    for number, _ in enumerate(body.pieces(content), 1):
                        if number % _PIECES_AT_ONCE == 0:
                            await asyncio.sleep(0)
                    # No more than that: joining all that has arrived would take several times its memory.
                    content = await stream.read(_PIECE)
                content = body.whole()
        except UnusableBodyError as error:
            return Ambiguous(message_of(error), response.status, retryable=error.retryable)
        finally:
            # A body that was read to its end has given the connection back by itself.
            if not response.closed:
                response.close()
        # Without either of these a body ends where the connection ends, and a cut one looks whole.
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


class UnusableBodyError(Exception):
    """A body that must not be judged. `retryable`: whether another attempt may bring a better one."""

    def __init__(self, why: str, *, retryable: bool) -> None:
        super().__init__(why)
        self.retryable = retryable


class Body:
    """A body as it arrives: decoded piece by piece, never larger than the cap, and whole or not at all.

    Only gzip is asked for, so only gzip is understood. aiohttp would take a cut gzip body for a whole one, and inflate
    a small one without bound.
    """

    def __init__(self, encoding: str, largest: int) -> None:
        self._encoding = encoding.strip().lower()
        self._largest = largest
        self._content = bytearray()
        self._inflater = zlib.decompressobj(_GZIP_WINDOW) if self._encoding in {"gzip", "x-gzip"} else None
        if self._inflater is None and self._encoding not in {_IDENTITY, ""}:
            msg = Message("the reply has an encoding that was not asked for")
            raise UnusableBodyError(msg, retryable=False)

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes from the wire, as `pieces` does."""
        for _ in self.pieces(chunk):
            pass

    def pieces(self, chunk: bytes) -> Iterator[None]:
        """Take the next bytes from the wire, piece by piece.

        Raises:
            UnusableBodyError: They are damaged, or too many when decoded.
        """
        while chunk:
            if self._inflater is None:
                self._content += chunk[:_PIECE]
                chunk = chunk[_PIECE:]
            else:
                try:
                    self._content += self._inflater.decompress(chunk, _PIECE)
                except zlib.error:
                    msg = Message("the compressed reply is damaged")
                    raise UnusableBodyError(msg, retryable=True) from None
                chunk = self._inflater.unconsumed_tail
                if self._inflater.unused_data:
                    msg = Message("the compressed reply goes on after its end")
                    raise UnusableBodyError(msg, retryable=True)
            if len(self._content) > self._largest:
                msg = Message("the reply is larger than any real one")
                raise UnusableBodyError(msg, retryable=False)
            yield

    def whole(self) -> bytes:
        """Return the decoded body.

        Raises:
            UnusableBodyError: The compressed body has no end.
        """
        if self._inflater is not None and not self._inflater.eof:
            msg = Message("the compressed reply is cut")
            raise UnusableBodyError(msg, retryable=True)
        return bytes(self._content)


def classify(error: Exception, phase: Phase, place: str) -> NoAnswer:
    """Say what an exception proves about the request to a place. Types and phase count, no text of an exception."""
    before_connection = _connection_failure(error, place)
    if before_connection is not None:
        return before_connection
    name = type(error).__name__
    if isinstance(error, NotPermittedError):
        return NotSent(message_of(error), retryable=False)
    if isinstance(error, InheritedError):
        # Not from here; but it may have left from there, so whoever calls again may do it twice.
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
    # From here on bytes may have left. A 400 in a ClientResponseError is the parser's invention, not the server's word.
    if isinstance(error, TimeoutError):
        return Ambiguous(Message("no complete answer came before the deadline"))
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.ClientPayloadError | ValueError):
        return Ambiguous(Message("what came back is not a whole HTTP reply ({kind})", kind=name))
    return Ambiguous(Message("the connection broke before a complete answer came ({kind})", kind=name))


def _connection_failure(error: Exception, place: str) -> NotSent | Misconfigured | None:
    """Return what the exceptions prove that aiohttp raises only while it connects."""
    match error:
        case aiohttp.ClientHttpProxyError():
            # Its status is the proxy's, never the provider's.
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
