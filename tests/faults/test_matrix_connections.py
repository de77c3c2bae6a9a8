"""Rows 1, 2 and 4 to 6: something stands between the client and the provider, and no byte of the request leaves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from attrs import frozen

from . import faults, listeners
from .certificates import Certificates
from .matrix import BOTH, CANARIES, MISCONFIGURED, NOT_SENT, OK, PATIENCE, RETRIED, UNKNOWN, Cell, each_call_in, in_row
from .server import FaultServer

A_MOMENT = 0.1
"""Seconds until an attempt to connect gives up, where nobody answers."""


@pytest.fixture
def network(server, certificates):
    """What an obstacle is made of: a server that speaks plaintext, and certificates for one that does not."""
    return server, certificates


@contextlib.asynccontextmanager
async def closed_port(server, certificates):
    with listeners.closed_port() as port:
        yield {"base_url": f"http://127.0.0.1:{port}"}


@contextlib.asynccontextmanager
async def unknown_name(server, certificates):
    yield {"base_url": "https://kolay-invoice.invalid", "allow_custom_host": True}


@contextlib.asynccontextmanager
async def full_backlog(server, certificates):
    with listeners.full_backlog() as port:
        yield {"base_url": f"http://127.0.0.1:{port}", "connect_timeout": A_MOMENT}


def broken_handshake(fault):
    """Make a TLS server that greets nobody."""

    @contextlib.asynccontextmanager
    async def obstacle(server, certificates):
        async with FaultServer(tls=certificates.server) as tls_server:
            tls_server.fault("", fault, times=None)
            yield {
                "base_url": tls_server.url,
                "ssl_context": certificates.client,
                "connect_timeout": A_MOMENT,
            }
            # The server may still have to come to the second one: it greets nobody, and the call has ended without it.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(10):
                    while tls_server.attempts < 2:  # noqa: ASYNC110 - the server counts in a thread of its own.
                        await asyncio.sleep(0.01)
            assert tls_server.attempts == 2, "a call that was never sent is tried again"
            assert tls_server.requests == []

    return obstacle


@contextlib.asynccontextmanager
async def certificate_of_nobody(server, certificates):
    async with FaultServer(tls=certificates.server) as tls_server:
        yield {"base_url": tls_server.url}
        assert (tls_server.connections, tls_server.raw) == (1, b"")


@contextlib.asynccontextmanager
async def certificate_of_somebody_else(server, certificates):
    async with FaultServer(tls=certificates.somebody_else) as tls_server:
        yield {"base_url": tls_server.url, "ssl_context": certificates.client}
        assert (tls_server.connections, tls_server.raw) == (1, b"")


@contextlib.asynccontextmanager
async def plaintext_on_the_tls_port(server, certificates):
    yield {"base_url": server.url.replace("http:", "https:")}
    assert server.connections == 1
    assert b"HTTP" not in server.raw


@contextlib.asynccontextmanager
async def closed_proxy_port(server, certificates):
    with listeners.closed_port() as port:
        yield {"base_url": "https://localhost", "proxy": f"http://user:{CANARIES['proxy_password']}@127.0.0.1:{port}"}


def proxy_that(answer):
    """Make a proxy that gives this answer to CONNECT."""

    @contextlib.asynccontextmanager
    async def obstacle(server, certificates):
        async with FaultServer(tls=certificates.server) as tls_server, listeners.proxy(answer) as proxy:
            yield {
                "base_url": tls_server.url,
                "ssl_context": certificates.client,
                "proxy": f"http://user:{CANARIES['proxy_password']}@127.0.0.1:{proxy.port}",
            }
            assert proxy.raw.startswith(b"CONNECT localhost:")
            assert CANARIES["token"].encode() not in proxy.raw
            assert tls_server.connections == 0

    return obstacle


@frozen
class Obstacle:
    """What stands in the way, and what a caller is told of it."""

    row: int
    stands: Callable[[FaultServer, Certificates], AbstractAsyncContextManager[dict[str, Any]]]
    cell: Cell
    name: str


OBSTACLES = (
    Obstacle(1, closed_port, NOT_SENT, "closed_port"),
    Obstacle(1, unknown_name, NOT_SENT, "unknown_name"),
    Obstacle(2, full_backlog, NOT_SENT, "full_backlog"),
    Obstacle(4, certificate_of_nobody, MISCONFIGURED, "certificate_of_nobody"),
    Obstacle(4, certificate_of_somebody_else, MISCONFIGURED, "certificate_of_somebody_else"),
    Obstacle(4, plaintext_on_the_tls_port, MISCONFIGURED, "plaintext_on_the_tls_port"),
    Obstacle(5, broken_handshake(faults.closed_before_read), NOT_SENT, "handshake_closed"),
    Obstacle(5, broken_handshake(faults.reset_on_accept), NOT_SENT, "handshake_reset"),
    Obstacle(5, broken_handshake(faults.reset_before_read), NOT_SENT, "handshake_reset_halfway"),
    Obstacle(5, broken_handshake(faults.never_greeted), NOT_SENT, "handshake_hangs"),
    Obstacle(6, closed_proxy_port, MISCONFIGURED, "closed_proxy_port"),
    Obstacle(6, proxy_that(listeners.REFUSES_WITH_407), MISCONFIGURED, "proxy_says_407"),
    Obstacle(6, proxy_that(listeners.REFUSES_WITH_502), MISCONFIGURED, "proxy_says_502"),
    # A proxy that closes says nothing: it may be restarting, so this one is like a refused connection.
    Obstacle(6, proxy_that(listeners.CLOSES), NOT_SENT, "proxy_closes"),
)


@each_call_in(*BOTH)
@pytest.mark.parametrize(
    "obstacle", [pytest.param(it, id=f"{it.row:02}-{it.name}", marks=in_row(it.row)) for it in OBSTACLES]
)
async def test_what_never_left_is_never_called_unknown(obstacle, call, form, network, judge):
    async with (
        asyncio.timeout(PATIENCE),
        obstacle.stands(*network) as options,
        form.client(call.provider, max_attempts=2, **options) as ask,
    ):
        outcome = await ask(call)

    judge(call, obstacle.cell, outcome, network[0])
    assert outcome.error.status is None, "no status here is the provider's"


@in_row(1)
@each_call_in(*BOTH)
async def test_a_call_refused_at_first_goes_through_when_the_server_is_up(call, form, judge):
    server = FaultServer()  # Bound, and not yet listening.

    # Four attempts may all fall into the moment before it listens: their pauses are drawn at random from zero on.
    async with asyncio.timeout(PATIENCE), form.client(call.provider, base_url=server.url, max_attempts=10) as ask:
        early = asyncio.create_task(ask(call))
        await asyncio.sleep(A_MOMENT / 2)
        async with server:
            outcome = await early

    judge(call, OK, outcome, server)


@in_row(5)
@each_call_in(*BOTH)
async def test_a_handshake_that_fails_once_is_tried_again(call, form, tls_server, certificates, judge):
    tls_server.fault(call.name, faults.closed_before_read)

    async with (
        asyncio.timeout(PATIENCE),
        form.client(call.provider, base_url=tls_server.url, ssl_context=certificates.client) as ask,
    ):
        outcome = await ask(call)

    judge(call, RETRIED, outcome, tls_server)


@in_row(14)
@each_call_in(*BOTH)
async def test_a_body_cut_inside_tls_is_never_taken_for_the_whole(call, form, tls_server, certificates, judge):
    tls_server.fault(call.name, faults.tls_cut_without_close_notify)

    async with (
        asyncio.timeout(PATIENCE),
        form.client(call.provider, base_url=tls_server.url, ssl_context=certificates.client) as ask,
    ):
        outcome = await ask(call)

    judge(call, UNKNOWN if call.has_effect else RETRIED, outcome, tls_server)
