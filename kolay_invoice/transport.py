"""One attempt over HTTP: the only client room that imports aiohttp, and all I/O there is.

An attempt ends in a value: an `Answer`, or why there is none. No exception of aiohttp leaves this room, because their
texts and reprs can hold the token.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

import aiohttp
from yarl import URL

from kolay_invoice.attempt import Attempt, NotPermittedError, Phase, current_attempt
from kolay_invoice.endpoint import Effect, Wire
from kolay_invoice.forked import keep_for_ever
from kolay_invoice.outcome import Answer, Misconfigured, NoAnswer, NotSent, Unclear
from kolay_invoice.redact import Secret

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS
_BODILESS: Final = frozenset({101, 204, 304})
_FRAMING: Final = ("Content-Length", "Transfer-Encoding")
_PIECE: Final = 64 * 1024
_MOST_STALE: Final = 64


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
        try:
            attempt.leaves()
        except BaseException:
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
        connect_timeout: float,
        largest_reply: int,
        proxy: str | None,
        ssl_context: ssl.SSLContext | None,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.pid = os.getpid()
        self._origin = origin
        self._headers = headers
        self._largest_reply = largest_reply
        self._proxy = proxy
        self._ssl: ssl.SSLContext | bool = True if ssl_context is None else ssl_context
        # `connect` covers look-up, TCP, TLS and the proxy; our own deadline covers everything, the body included.
        self._timeout = aiohttp.ClientTimeout(total=None, connect=connect_timeout)
        self._reads = self._session(force_close=False)
        # A call with an effect gets a connection of its own. A server that drops idle connections would make about
        # half of the calls on pooled ones end as "unknown".
        self._effects = self._session(force_close=True)
        _open.add(self)

    def _session(self, *, force_close: bool) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            # The limiter is the one queue, so the connector has no limit of its own.
            connector=OneShotConnector(limit=0, force_close=force_close, ssl=self._ssl),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            timeout=self._timeout,
            auto_decompress=False,
            trust_env=False,
            skip_auto_headers=("Content-Type",),
        )

    async def send(
        self, wire: Wire, authorization: Secret | None, effect: Effect, attempt: Attempt, seconds: float
    ) -> Answer | NoAnswer:
        """Make one attempt that may take so many seconds, the body included. Does not raise but for cancellation."""
        session = self._reads if effect is Effect.READ else self._effects
        headers: dict[str, str] = {} if authorization is None else {"Authorization": authorization}
        if wire.content_type is not None:
            headers["Content-Type"] = wire.content_type
        mark = current_attempt.set(attempt)
        deadline = Deadline(self.loop, seconds)
        answer: Answer | NoAnswer | None = None
        try:
            async with session.request(
                wire.method,
                URL(self._origin + wire.target, encoded=True),
                data=wire.body,
                headers=headers,
                allow_redirects=False,
                proxy=self._proxy,
            ) as response:
                answer = await self._answer(response)
        except asyncio.CancelledError as cancellation:
            if deadline.cancelled_by_others():
                # The local variables of aiohttp's frames show the address with its query, and in it a sale code.
                raise cancellation.with_traceback(None) from None
            # The deadline did it; or nobody, as aiohttp cancels its own look-up of a host when the client is closed.
            answer = answer or classify(TimeoutError() if deadline.has_passed else RuntimeError(), attempt.phase)
        except Exception as error:  # noqa: BLE001 - every failure becomes a value; what is not an Exception passes.
            # What breaks after the answer is whole, while the connection is given back, does not undo it.
            answer = answer or classify(error, attempt.phase)
        finally:
            deadline.end()
            current_attempt.reset(mark)
        return answer

    async def _answer(self, response: aiohttp.ClientResponse) -> Answer | NoAnswer:
        try:
            body = Body(response.headers.get("Content-Encoding", "identity"), self._largest_reply)
            while chunk := await response.content.readany():
                body.feed(chunk)
            content = body.whole()
        except UnusableBodyError as error:
            return Unclear(str(error), response.status, again=error.again)
        # Without either of these a body ends where the connection ends, and a cut one looks whole.
        framed = response.status in _BODILESS or any(name in response.headers for name in _FRAMING)
        return Answer(response.status, response.headers, content, framed=framed)

    async def aclose(self) -> None:
        """Close every connection."""
        try:
            await self._reads.close()
        finally:
            await self._effects.close()


_open: Final[WeakSet[Transport]] = WeakSet()


def _leave_to_the_parent() -> None:
    for transport in _open:
        keep_for_ever(transport)


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows cannot fork.
    os.register_at_fork(after_in_child=_leave_to_the_parent)


class Deadline:
    """Cancels the running task when the time is over, as `asyncio.timeout` does and at a fifth of its cost."""

    __slots__ = ("_cancellations", "_task", "_timer", "has_passed")

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        task = asyncio.current_task(loop)
        assert task is not None  # noqa: S101 - only a task awaits.
        self._task = task
        self._cancellations = task.cancelling()
        self.has_passed = False
        self._timer = loop.call_later(seconds, self._pass)

    def _pass(self) -> None:
        self.has_passed = True
        self._task.cancel()

    def cancelled_by_others(self) -> bool:
        """Whether somebody besides this deadline has cancelled the task."""
        return self._task.cancelling() - self.has_passed > self._cancellations

    def end(self) -> None:
        """Stop the clock, and take back the cancellation if it was this one's."""
        self._timer.cancel()
        if self.has_passed:
            self._task.uncancel()


class UnusableBodyError(Exception):
    """A body that must not be judged. `again`: whether another attempt may bring a better one."""

    def __init__(self, why: str, *, again: bool) -> None:
        super().__init__(why)
        self.again = again


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
        if self._inflater is None and self._encoding not in {"identity", ""}:
            msg = "the reply has an encoding that was not asked for"
            raise UnusableBodyError(msg, again=False)

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes from the wire.

        Raises:
            UnusableBodyError: They are damaged, or too many when decoded.
        """
        while chunk:
            if self._inflater is None:
                self._content += chunk
                chunk = b""
            else:
                try:
                    self._content += self._inflater.decompress(chunk, _PIECE)
                except zlib.error:
                    msg = "the compressed reply is damaged"
                    raise UnusableBodyError(msg, again=True) from None
                chunk = self._inflater.unconsumed_tail
                if self._inflater.unused_data:
                    msg = "the compressed reply goes on after its end"
                    raise UnusableBodyError(msg, again=True)
            if len(self._content) > self._largest:
                msg = "the reply is larger than any real one"
                raise UnusableBodyError(msg, again=False)

    def whole(self) -> bytes:
        """Return the decoded body.

        Raises:
            UnusableBodyError: The compressed body has no end.
        """
        if self._inflater is not None and not self._inflater.eof:
            msg = "the compressed reply is cut"
            raise UnusableBodyError(msg, again=True)
        return bytes(self._content)


def classify(error: Exception, phase: Phase) -> NoAnswer:
    """Say what an exception proves about the request. Types and phase count; no text of an exception is shown."""
    before_connection = _connection_failure(error)
    if before_connection is not None:
        return before_connection
    name = type(error).__name__
    if isinstance(error, NotPermittedError):
        return NotSent(str(error), again=False)
    if phase is not Phase.LEFT and isinstance(error, RuntimeError):
        return NotSent("the client was closed", again=False)
    if phase is Phase.CONNECTING:
        why = "the deadline passed while connecting" if isinstance(error, TimeoutError) else f"no connection ({name})"
        return NotSent(why)
    # From here on bytes may have left. A 400 in a ClientResponseError is the parser's invention, not the server's word.
    if isinstance(error, TimeoutError):
        return Unclear("no complete answer came before the deadline")
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.ClientPayloadError | ValueError):
        return Unclear(f"what came back is not a whole HTTP reply ({name})")
    return Unclear(f"the connection broke before a complete answer came ({name})")


def _connection_failure(error: Exception) -> NotSent | Misconfigured | None:
    """Return what the exceptions prove that aiohttp raises only while it connects."""
    match error:
        case aiohttp.ClientHttpProxyError():
            # Its status is the proxy's, never the provider's.
            return Misconfigured(f"the proxy refused to connect ({error.status})")
        case aiohttp.ClientProxyConnectionError():
            return Misconfigured("the proxy cannot be reached")
        case aiohttp.ClientConnectorCertificateError():
            return Misconfigured("the certificate of the server does not prove that it is the provider")
        case aiohttp.ClientConnectorError(os_error=ssl.SSLError() as reason) if not isinstance(reason, _CUT_HANDSHAKE):
            return Misconfigured(f"no TLS with the server ({reason.reason or 'handshake failed'})")
        case aiohttp.ClientConnectorDNSError():
            return NotSent("the name of the server cannot be resolved")
        case aiohttp.ClientConnectorError(os_error=OSError(errno=int() as number)):
            return NotSent(f"no connection ({os.strerror(number)})")
        case aiohttp.ClientConnectorError():
            return NotSent(f"no connection ({type(error.os_error).__name__})")
        case aiohttp.ConnectionTimeoutError():
            return NotSent("no connection within connect_timeout")
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return Misconfigured("the address or the proxy is not a URL that can be used")
    return None


_CUT_HANDSHAKE = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
