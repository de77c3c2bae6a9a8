"""The fault server is itself to be trusted: seen with raw sockets, it does what its script says."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest

from . import contents, faults
from .certificates import make_certificates
from .listeners import closed_port, full_backlog
from .server import FaultServer

RESEND = b"POST /kolaybi/v1/invoices/resend/18 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
PROCEED = (
    b"POST /kolaybi/v1/invoices/proceed HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 28\r\nConnection: close\r\n\r\ndocument_id=18&vault_id=1%2B"
)


@pytest.fixture
async def server():
    async with FaultServer() as server:
        yield server


@pytest.fixture
async def speak(server):
    """Send bytes on a connection of their own and return all that comes back."""

    async def speak(data):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        with contextlib.closing(writer):
            writer.write(data)
            return await reader.read()

    return speak


async def test_it_counts_what_it_received_and_executed_and_keeps_every_byte(server, speak):
    answer = await speak(PROCEED)

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith('"Tamamlandı", "remaining_amount": 0.0}}'.encode())
    assert (server.received, server.executed) == ({"proceed": 1}, {"proceed": 1})
    assert server.requests[0].asked.arguments == {"document_id": "18", "vault_id": "1+"}
    assert server.raw == PROCEED


async def test_it_serves_several_requests_on_one_connection(server):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    with contextlib.closing(writer):
        writer.write(RESEND * 2)
        for _ in range(2):
            await reader.readuntil(b"sent_to_receiver")

    assert [request.connection for request in server.requests] == [1, 1]


async def test_a_fault_is_played_as_often_as_it_was_asked_for(server, speak):
    server.fault("resend", contents.failed(503, executed=False), times=2)

    statuses = [(await speak(RESEND.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")))[9:12] for _ in range(3)]

    assert statuses == [b"503", b"503", b"200"]
    assert (server.received["resend"], server.executed["resend"]) == (3, 1)


async def test_a_fault_touches_no_other_operation(server, speak):
    server.fault("resend", faults.executed_then_closed)

    assert (await speak(PROCEED)).startswith(b"HTTP/1.1 200 OK\r\n")
    assert server.executed == {"proceed": 1}


async def test_a_fault_may_execute_and_send_nothing(server, speak):
    server.fault("resend", faults.executed_then_closed)

    assert await speak(RESEND) == b""
    assert server.executed["resend"] == 1


async def test_a_reset_is_a_reset(server, speak):
    server.fault("resend", faults.executed_then_reset)

    with pytest.raises(ConnectionResetError):
        await speak(RESEND)

    assert server.executed["resend"] == 1


async def test_a_connection_may_be_reset_before_a_byte_is_read(server, speak):
    server.fault("resend", faults.reset_before_read)

    with pytest.raises(ConnectionResetError):
        await speak(RESEND)

    assert (server.attempts, server.received["resend"]) == (1, 0)


async def test_a_late_execution_waits_for_the_client_to_go(server):
    server.fault("resend", faults.executed_after_the_client_has_gone)
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(RESEND)
    await server.arrival.wait()
    before = server.executed["resend"]

    writer.close()
    await server.quiet()

    assert (before, server.executed["resend"]) == (0, 1)


async def test_an_unknown_path_is_counted_as_such(server, speak):
    answer = await speak(b"GET /elsewhere HTTP/1.1\r\nConnection: close\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 404 ")
    assert server.received == {"unknown_operation": 1}
    assert server.executed.total() == 0


async def test_a_tls_client_at_the_plaintext_port_gets_a_plaintext_reply(server, speak):
    assert (await speak(b"\x16\x03\x01\x02\x00")).startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert server.attempts == 0


async def test_it_speaks_tls_with_a_certificate_that_can_be_verified():
    certificates = make_certificates()
    async with FaultServer(tls=certificates.server) as server:
        reader, writer = await asyncio.open_connection("localhost", server.port, ssl=certificates.client)
        with contextlib.closing(writer):
            writer.write(RESEND)
            await reader.readuntil(b"sent_to_receiver")

    assert server.executed["resend"] == 1
    assert server.raw == RESEND


async def test_a_mistake_of_the_server_itself_is_not_swallowed():
    async def mistaken(exchange):
        raise ZeroDivisionError

    async def talk_to_it():
        async with FaultServer() as server:
            server.fault("resend", faults.on_request(mistaken))
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            with contextlib.closing(writer):
                writer.write(RESEND)
                await reader.read()

    with pytest.raises(ExceptionGroup, match="itself went wrong") as caught:
        await talk_to_it()

    assert caught.group_contains(ZeroDivisionError)


def test_a_full_backlog_neither_accepts_nor_refuses():
    with full_backlog() as port, socket.socket() as client:
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.connect(("127.0.0.1", port))


def test_a_closed_port_refuses():
    with closed_port() as port, socket.socket() as client, pytest.raises(ConnectionRefusedError):
        client.connect(("127.0.0.1", port))
