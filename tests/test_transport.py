"""One attempt: what each exception proves, whole and broken bodies, one dispatch, and stale connections."""

from __future__ import annotations

import asyncio
import errno
import gzip
import ssl
import tracemalloc
import zlib
from contextlib import suppress
from ssl import SSLCertVerificationError, SSLEOFError, SSLError
from unittest.mock import Mock

import aiohttp
import pytest
from yarl import URL

from kolay_invoice import transport as transport_room
from kolay_invoice.bodies import Body, UnusableBodyError
from kolay_invoice.deadline import (
    Attempt,
    InheritedError,
    NotPermittedError,
    Phase,
    SecondDispatchError,
    current_attempt,
)
from kolay_invoice.endpoint import Effect, Wire
from kolay_invoice.redact import Secret
from kolay_invoice.result import Ambiguous, HttpResponse, Misconfigured, NotSent
from kolay_invoice.transport import OneShotConnector, Transport, classify

KEY = Mock(ssl=True, host="canary-host", port=443)
INFO = Mock(real_url=URL("http://canary"))


def tls_error(reason):
    """Return an error as OpenSSL raises it."""
    error = SSLError(1, "canary")
    error.reason = reason
    return error


ALWAYS = list(Phase)
BEFORE = [Phase.CONNECTING]
AFTER = [Phase.PREPARED, Phase.LEFT]

# An exception, the phases in which it may come, and what it proves: kind, whether to try again, a part of the reason.
CLASSES = [
    (aiohttp.ClientConnectorError(KEY, ConnectionRefusedError(errno.ECONNREFUSED, "x")), ALWAYS, NotSent, "refused"),
    (aiohttp.ClientConnectorError(KEY, OSError("canary")), ALWAYS, NotSent, "OSError"),
    (aiohttp.ClientConnectorError(KEY, SSLEOFError(8, "canary")), ALWAYS, NotSent, "no connection"),
    (aiohttp.ClientConnectorSSLError(KEY, SSLEOFError("canary")), ALWAYS, NotSent, "SSLEOFError"),
    (aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "canary")), ALWAYS, NotSent, "cannot be resolved"),
    (aiohttp.ConnectionTimeoutError("canary"), ALWAYS, NotSent, "connect_timeout"),
    (
        aiohttp.ClientConnectorSSLError(KEY, tls_error("WRONG_VERSION")),
        ALWAYS,
        Misconfigured,
        "no TLS with the server (WRONG_VERSION)",
    ),
    (aiohttp.ClientConnectorSSLError(KEY, tls_error(None)), ALWAYS, Misconfigured, "handshake failed"),
    (InheritedError(7), BEFORE, Ambiguous, "the call belongs to process 7, which forked in its middle and goes on"),
    (NotPermittedError("the lease is lost"), BEFORE, NotSent, "the lease is lost"),
    (
        aiohttp.ClientConnectorCertificateError(KEY, SSLCertVerificationError(1, "canary")),
        ALWAYS,
        Misconfigured,
        "certificate",
    ),
    (aiohttp.ClientProxyConnectionError(KEY, OSError(errno.ECONNREFUSED, "x")), ALWAYS, Misconfigured, "proxy"),
    (
        aiohttp.ClientHttpProxyError(INFO, (), status=407, message="canary"),
        ALWAYS,
        Misconfigured,
        "proxy refused to connect (407)",
    ),
    (aiohttp.InvalidURL("canary"), ALWAYS, Misconfigured, "not a URL"),
    (aiohttp.NonHttpUrlClientError("canary"), ALWAYS, Misconfigured, "not a URL"),
    (TimeoutError("canary"), BEFORE, NotSent, "within connect_timeout"),
    (aiohttp.ServerDisconnectedError("canary"), BEFORE, NotSent, "ServerDisconnectedError"),
    (aiohttp.ClientOSError(errno.ECONNRESET, "canary"), BEFORE, NotSent, "ClientOSError"),
    (RuntimeError("canary"), [Phase.PREPARED], NotSent, "closed"),
    (TimeoutError("canary"), AFTER, Ambiguous, "before the deadline"),
    (aiohttp.SocketTimeoutError("canary"), AFTER, Ambiguous, "before the deadline"),
    (aiohttp.ServerDisconnectedError("canary"), AFTER, Ambiguous, "connection broke"),
    (aiohttp.ClientOSError(errno.ECONNRESET, "canary"), AFTER, Ambiguous, "connection broke"),
    (aiohttp.ClientResponseError(INFO, (), status=400, message="canary"), AFTER, Ambiguous, "not a whole HTTP reply"),
    (aiohttp.ClientPayloadError("canary"), AFTER, Ambiguous, "not a whole HTTP reply"),
    (ValueError("canary"), AFTER, Ambiguous, "not a whole HTTP reply"),
    (UnicodeDecodeError("utf-8", b"canary", 0, 1, "x"), AFTER, Ambiguous, "not a whole HTTP reply"),
    (SecondDispatchError(), [Phase.LEFT], Ambiguous, "connection broke"),
    (RuntimeError("canary"), [Phase.LEFT], Ambiguous, "connection broke"),
    (RecursionError("canary"), [Phase.LEFT], Ambiguous, "connection broke"),
]


@pytest.mark.parametrize(
    ("error", "phase", "kind", "reason"),
    [
        pytest.param(error, phase, kind, reason, id=f"{type(error).__name__}-{phase.value}-{number}")
        for number, (error, phases, kind, reason) in enumerate(CLASSES)
        for phase in phases
    ],
)
def test_each_exception_proves_what_its_type_and_phase_say(error, phase, kind, reason):
    outcome = classify(error, phase, "host:443")

    assert isinstance(outcome, kind)
    assert reason in outcome.reason
    assert "canary" not in repr(outcome)
    assert getattr(outcome, "status", None) is None


def test_a_closed_client_is_not_asked_again():
    assert classify(RuntimeError("Session is closed"), Phase.PREPARED, "host:443").retryable is False


# Bodies

WHOLE = b"a whole body, " * 100
PACKED = gzip.compress(WHOLE, mtime=0)


@pytest.fixture
def read():
    """Read a body of at most 2000 bytes that arrives in pieces."""

    def read(raw, encoding, piece=10_000):
        body = Body(encoding, 2000)
        for begin in range(0, len(raw), piece):
            body.feed(raw[begin : begin + piece])
        return body.whole()

    return read


@pytest.mark.parametrize("piece", [1, 7, 10_000])
@pytest.mark.parametrize(
    ("raw", "encoding", "body"),
    [
        (WHOLE, "identity", WHOLE),
        (WHOLE, "", WHOLE),
        (b"", "identity", b""),
        (PACKED, "gzip", WHOLE),
        (PACKED, " X-GZIP ", WHOLE),
        (gzip.compress(b"", mtime=0), "gzip", b""),
        (gzip.compress(b"x" * 2000, mtime=0), "gzip", b"x" * 2000),
    ],
)
def test_a_whole_body_is_decoded_however_it_arrives(raw, encoding, body, piece, read):
    assert read(raw, encoding, piece) == body


@pytest.mark.parametrize("piece", [1, 7, 10_000])
@pytest.mark.parametrize(
    ("raw", "encoding", "sentence", "again"),
    [
        (PACKED[:-1], "gzip", "cut", True),
        (PACKED[:20], "gzip", "cut", True),
        (b"", "gzip", "cut", True),
        (PACKED + b"more", "gzip", "goes on", True),
        (PACKED + PACKED, "gzip", "goes on", True),
        (PACKED[:-6] + b"xx" + PACKED[-4:], "gzip", "damaged", True),
        (WHOLE, "gzip", "damaged", True),
        (zlib.compress(WHOLE), "gzip", "damaged", True),
        (b"x" * 2001, "identity", "larger than any real one", False),
        (gzip.compress(b"x" * 2001, mtime=0), "gzip", "larger than any real one", False),
        (gzip.compress(b"x" * 10**6, mtime=0), "gzip", "larger than any real one", False),
        (WHOLE, "br", "not asked for", False),
        (PACKED, "gzip, gzip", "not asked for", False),
        (zlib.compress(WHOLE), "deflate", "not asked for", False),
    ],
)
def test_no_other_body_passes_for_a_whole_one(raw, encoding, sentence, again, piece, read):
    with pytest.raises(UnusableBodyError, match=sentence) as caught:
        read(raw, encoding, piece)

    assert caught.value.retryable is again


def test_what_follows_a_compressed_body_without_end_does_not_fill_the_memory():
    body = Body("gzip", 2000)
    body.feed(PACKED)

    tracemalloc.start()
    with suppress(UnusableBodyError):
        for _ in range(100):
            body.feed(b"x" * 100_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 10**6


@pytest.fixture
async def send(server):
    """Send a request over a transport of its own, and return what became of it."""
    transport = Transport(
        server.url,
        {},
        scheme="Token",
        connect_timeout=5,
        largest_reply=10_000,
        proxy=None,
        ssl_context=ssl.create_default_context(),
    )

    async def send(effect=Effect.READ, *, seconds=5.0, attempt=None, method="GET", authorization="canary"):
        return await transport.send(Wire(method, "/x%2Fy?a=%2B"), authorization, effect, attempt or Attempt(), seconds)

    yield send
    await transport.aclose()


async def test_an_answer_is_what_came(send, server):
    server.answers(b"body", 418, X_Name="value")

    answer = await send()

    assert (answer.status, answer.body, answer.headers["X-Name"]) == (418, b"body", "value")
    assert server.requests[0].target == "/x%2Fy?a=%2B"


@pytest.mark.parametrize("effect", [Effect.READ, Effect.CREATES])
@pytest.mark.parametrize("size", [10_000, 15_000])
async def test_a_long_header_fails_no_call(size, effect, send, server):
    server.answers(b"body", 200, X_Policy="x" * size)
    assert (await send(effect)).body == b"body"


async def test_a_header_without_end_is_no_answer(send, server):
    server.answers(b"body", 200, X_Policy="x" * 1_000_000)
    assert not isinstance(await send(), HttpResponse)


@pytest.mark.parametrize("encoding", ["gzip", " GZIP ", "x-gzip"])
async def test_a_compressed_answer_is_decoded(encoding, send, server):
    server.answers(PACKED, Content_Encoding=encoding)

    assert (await send()).body == WHOLE


@pytest.mark.parametrize(
    ("body", "encoding", "again"),
    [
        (b"x" * 10_001, "identity", False),
        (gzip.compress(b"x" * 10_001, mtime=0), "gzip", False),
        (PACKED[:-1], "gzip", True),
        (b"x", "br", False),
    ],
)
async def test_a_body_that_cannot_be_trusted_is_unclear(body, encoding, again, send, server):
    server.answers(body, 201, Content_Encoding=encoding)

    outcome = await send()

    assert isinstance(outcome, Ambiguous)
    assert (outcome.status, outcome.retryable) == (201, again)


@pytest.mark.parametrize(
    ("raw", "framed"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\n\r\nx", False),
    ],
)
async def test_an_answer_knows_whether_http_says_where_it_ends(raw, framed, send, server):
    async def answer_and_close(writer):
        writer.write(raw)
        writer.close()

    server.does(answer_and_close)

    assert (await send()).length_known is framed


async def test_connections_that_are_all_stale_are_not_tried_for_ever(server, monkeypatch):
    stale = Mock(protocol=Mock(should_close=True))
    connected = []

    async def connect(*_):
        connected.append(stale)
        return stale

    monkeypatch.setattr("aiohttp.TCPConnector.connect", connect)
    connector = OneShotConnector()
    mark = current_attempt.set(Attempt())

    assert await connector.connect(None, [], None) is stale

    current_attempt.reset(mark)
    await connector.close()
    assert len(connected) == 65


async def test_a_body_of_the_largest_size_is_an_answer(send, server):
    server.answers(b"x" * 10_000)

    assert len((await send()).body) == 10_000


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nhalf", "not a whole HTTP reply"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nx", "not a whole HTTP reply"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "not a whole HTTP reply"),
        (b"HTTP/1.1 200", "connection broke"),
        (b"", "connection broke"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
async def test_a_broken_reply_is_unclear_and_was_asked_for_once(method, raw, reason, send, server):
    async def answer_and_close(writer):
        writer.write(raw)
        writer.close()

    server.does(answer_and_close, times=3)

    outcome = await send(Effect.CREATES, method=method)

    assert isinstance(outcome, Ambiguous)
    assert reason in outcome.reason
    assert len(server.requests) == 1


async def test_no_answer_before_the_deadline_is_unclear(send, server):
    never = asyncio.Event()
    server.does(lambda _: never.wait())

    outcome = await send(Effect.IRREVERSIBLE, seconds=0.05)

    assert outcome == Ambiguous("no complete answer came before the deadline")


async def test_an_attempt_knows_how_far_it_has_come(send, server):
    attempt = Attempt()
    server.answers(b"")

    await send(attempt=attempt)

    assert attempt.phase is Phase.LEFT
    assert current_attempt.get() is None


async def test_an_attempt_that_has_left_is_not_dispatched_again(send, server):
    attempt = Attempt()
    attempt.connecting()
    await attempt.leaves()

    outcome = await send(attempt=attempt)

    assert isinstance(outcome, Ambiguous)
    assert "SecondDispatchError" in outcome.reason
    assert server.requests == []


async def test_a_redirect_is_an_answer_and_not_followed(send, server):
    server.answers(b"", 307, Location="/elsewhere")

    assert (await send()).status == 307
    assert len(server.requests) == 1


async def test_a_cookie_is_forgotten(send, server):
    server.answers(b"", Set_Cookie="account=1").answers(b"")

    await send()
    await send()

    assert all("Cookie" not in request.headers for request in server.requests)


@pytest.mark.parametrize(("effect", "connections"), [(Effect.READ, 1), (Effect.MONEY, 2), (Effect.CREATES, 2)])
async def test_only_reads_share_connections(effect, connections, send, server):
    server.answers(b"", times=2)

    await send(effect)
    await send(effect)

    assert server.connections == connections


async def test_what_came_unasked_on_an_idle_connection_is_no_answer(send, server):
    unasked = asyncio.Event()

    async def answer_twice(writer):
        reply = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
        writer.write(reply + b"first")
        await writer.drain()

        async def later():
            await unasked.wait()
            writer.write(reply + b"stray")

        server.later = asyncio.create_task(later())

    server.does(answer_twice).answers(b"second")

    first = await send()
    unasked.set()
    await server.later
    for _ in range(10):  # Loopback delivers within a few turns of the loop.
        await asyncio.sleep(0)
    second = await send()

    assert (first.body, second.body) == (b"first", b"second")
    assert server.connections == 2


async def test_a_connector_without_an_attempt_connects_as_usual(server):
    server.answers(b"plain")

    async with aiohttp.ClientSession(connector=OneShotConnector()) as session, session.get(server.url) as response:
        body = await response.read()

    assert body == b"plain"


async def test_what_a_call_adds_to_the_headers_is_made_once_for_a_token_and_shows_none(server):
    transport = Transport(
        server.url, {}, scheme="Bearer", connect_timeout=5, largest_reply=10, proxy=None, ssl_context=None
    )
    first, second = Secret("canary-1"), Secret("canary-2")

    added = transport._added_headers(first, "text/plain")
    assert dict(added) == {"Authorization": "Bearer canary-1", "Content-Type": "text/plain"}
    assert transport._added_headers(first, "text/plain") is added
    assert dict(transport._added_headers(first, None)) == {"Authorization": "Bearer canary-1"}
    assert dict(transport._added_headers(second, "text/plain"))["Authorization"] == "Bearer canary-2"
    assert dict(transport._added_headers(None, None)) == {}
    assert "canary" not in repr(added)
    await transport.aclose()


async def test_a_closed_transport_sends_nothing(server):
    transport = Transport(
        server.url, {}, scheme="Token", connect_timeout=5, largest_reply=10, proxy=None, ssl_context=None
    )
    await transport.aclose()

    outcome = await transport.send(Wire("GET", "/"), None, Effect.READ, Attempt(), 5)

    assert outcome == NotSent("the client was closed", retryable=False)
    assert server.connections == 0


async def test_a_transport_of_the_parent_sends_nothing_in_a_forked_child(server):
    transport = Transport(
        server.url, {}, scheme="Token", connect_timeout=5, largest_reply=10, proxy=None, ssl_context=None
    )
    transport.pid += 1

    outcome = await transport.send(Wire("POST", "/"), None, Effect.IRREVERSIBLE, Attempt(), 5)

    said = f"the call belongs to process {transport.pid}, which forked in its middle and goes on"
    assert outcome == Ambiguous(said, retryable=False)
    assert server.connections == 0
    await transport.aclose()


async def test_a_cancellation_passes(send, server):
    never = asyncio.Event()
    server.does(lambda _: never.wait())
    sending = asyncio.create_task(send())
    await server.arrived.wait()

    sending.cancel()

    with pytest.raises(asyncio.CancelledError):
        await sending


def test_an_answer_shows_neither_headers_nor_body():
    assert "canary" not in repr(HttpResponse(200, {"Authorization": "canary"}, b"canary"))


async def test_in_a_forked_child_every_open_transport_is_kept_from_being_finalized(server, monkeypatch):
    transport = Transport(
        server.url, {}, scheme="Token", connect_timeout=1, largest_reply=1, proxy=None, ssl_context=None
    )
    kept = []
    monkeypatch.setattr("kolay_invoice.transport.leak_in_child", kept.append)

    # What a fork runs in the child; the processes themselves are tested with the blocking facade.
    transport_room._leave_to_the_parent()

    assert transport in kept
    await transport.aclose()


async def test_a_lookup_that_ends_with_the_client_is_no_cancellation_of_the_caller(server, monkeypatch):
    transport = Transport(
        server.url, {}, scheme="Token", connect_timeout=1, largest_reply=1, proxy=None, ssl_context=None
    )

    async def cancelled_by_itself(*_args, **_options):
        raise asyncio.CancelledError

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", cancelled_by_itself)

    answer = await transport.send(Wire("GET", "/"), None, Effect.READ, Attempt(), 5)

    assert answer == NotSent("the client was closed", retryable=False)
    await transport.aclose()


async def test_a_forked_child_leaves_the_connection_of_its_parents_call_alone(server, monkeypatch):
    transport = Transport(
        server.url, {}, scheme="Token", connect_timeout=1, largest_reply=1, proxy=None, ssl_context=None
    )
    attempt = Attempt()
    attempt._pid += 1
    kept = []
    monkeypatch.setattr("kolay_invoice.transport.leak_in_child", kept.append)

    answer = await transport.send(Wire("POST", "/"), None, Effect.IRREVERSIBLE, attempt, 5)

    assert isinstance(answer, Ambiguous)
    assert "belongs to process" in answer.reason
    assert len(kept) == 1
    kept[0].close()
    assert server.requests == []
    await transport.aclose()
