"""Row 57: bytes of a call that has ended do not arrive later, whatever became of the call or its process."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from kolay_invoice import AsyncKolayBi, ListCompanies, OutcomeUnknownError, late_bytes
from kolay_invoice.call_loop import own_connections
from kolay_invoice.deadline import Attempt

from .faults.certificates import make_certificates

PROCESS = Path(__file__).with_name("late_bytes_process.py")
EVERY_END = ("times_out", "cancelled", "killed", "stopped")
ADDRESS = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 1))
RESET = struct.pack("ii", 1, 0)
IN_ORDER = struct.pack("ii", 0, 0)

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the socket options of Linux")


@pytest.fixture(scope="session")
def namespace():
    """Return the command before a program that gives it a network of its own; skip where this machine has none."""
    if missing := [name for name in ("unshare", "ip", "nft") if shutil.which(name) is None]:
        pytest.skip(f"a network namespace needs {', '.join(missing)}")
    for command in (["unshare", "-n"], ["unshare", "-rn"]):
        tried = subprocess.run([*command, "nft", "add", "table", "inet", "tried"], capture_output=True, check=False)
        if tried.returncode == 0:
            return command
    return pytest.skip(f"no network namespace with nftables here: {tried.stderr.decode(errors='replace').strip()}")


@pytest.fixture
def arrived(namespace):
    """Return how many bytes of a call arrive after the network was cut, and whole again."""

    def arrived(how, form):
        environment = {**os.environ, "PYTHONPATH": str(PROCESS.parents[1])}
        command = [*namespace, sys.executable, str(PROCESS), how, form]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)
        assert ended.returncode == 0, ended.stderr
        return int(ended.stdout)

    return arrived


@pytest.mark.row(57)
@pytest.mark.parametrize("how", EVERY_END)
def test_the_bytes_of_a_call_that_has_ended_never_arrive(how, arrived):
    assert arrived(how, "ours") == 0


@pytest.mark.row(57)
@pytest.mark.parametrize("how", EVERY_END)
def test_without_its_socket_options_they_do_arrive(how, arrived):
    """The negative control: a client that has neither the options nor the reset."""
    assert arrived(how, "control") > 0


def linger(connection):
    return connection.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(RESET))


@pytest.fixture
def opened_sockets(monkeypatch):
    """Keep the sockets that are opened for calls with an effect, and the lingering each was closed with."""
    kept = []
    real = late_bytes.open_socket

    class Noting(socket.socket):
        closed_with = None

        def close(self):
            if self.fileno() >= 0:
                self.closed_with = linger(self)
            super().close()

    monkeypatch.setattr("kolay_invoice.late_bytes.socket.socket", Noting)

    def open_socket(address):
        kept.append(real(address))
        return kept[-1]

    monkeypatch.setattr(late_bytes, "open_socket", open_socket)
    return kept


@pytest.mark.row(57)
@on_linux
def test_a_socket_of_a_call_with_an_effect_is_bounded():
    with late_bytes.open_socket(
        (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 1))
    ) as opened:
        limit = opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        assert (limit, linger(opened)) == (late_bytes.UNACKNOWLEDGED_SECONDS * 1000, RESET)
    assert late_bytes.UNACKNOWLEDGED_SECONDS < late_bytes.LATE_BYTES_SECONDS


@pytest.mark.parametrize(("platform", "option"), [("darwin", (0x80, 20)), ("win32", (5, 20)), ("sunos5", None)])
def test_other_systems_have_options_of_their_own(platform, option, monkeypatch):
    monkeypatch.delattr("socket.TCP_USER_TIMEOUT", raising=False)
    monkeypatch.setattr("sys.platform", platform)

    assert late_bytes.retransmission_limit() == option


@pytest.mark.parametrize("limit", [None, (0x7FFF, 1)])
def test_a_system_without_the_option_opens_a_socket_all_the_same(limit, monkeypatch):
    monkeypatch.setattr(late_bytes, "_limit", limit)

    with late_bytes.open_socket(ADDRESS) as opened:
        assert linger(opened) == RESET


@on_linux
async def test_a_connection_that_was_answered_is_closed_in_order(opened_sockets, kolaybi, server):
    server.answers({"data": {"document_id": 18}}).answers({"success": False}, 400)

    await kolaybi.resend(18)

    await asyncio.sleep(0)
    assert [connection.closed_with for connection in opened_sockets] == [IN_ORDER]


@pytest.mark.row(57)
@on_linux
async def test_a_connection_that_is_given_up_is_reset(opened_sockets, kolaybi, server, until):
    never = asyncio.Event()
    server.does(lambda _: never.wait(), times=2)
    call = asyncio.create_task(kolaybi.resend(18))
    await server.arrived.wait()

    call.cancel()
    await asyncio.wait([call])

    await until(lambda: opened_sockets[0].closed_with)
    assert opened_sockets[0].closed_with == RESET


@pytest.mark.row(57)
@on_linux
async def test_a_reply_that_stops_in_its_middle_is_given_up_as_well(opened_sockets, kolaybi, server, until):
    never = asyncio.Event()

    async def half(writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        await never.wait()

    server.does(half)
    call = asyncio.create_task(kolaybi.resend(18))
    await server.arrived.wait()
    await asyncio.sleep(0.05)  # For the half to be read; if it is not yet, the outcome is the same.

    call.cancel()
    await asyncio.wait([call])

    await until(lambda: opened_sockets[0].closed_with)
    assert opened_sockets[0].closed_with == RESET


async def test_reads_share_connections_that_are_as_always(opened_sockets, kolaybi, server):
    server.answers({"data": []}, times=2)

    await kolaybi.list_companies()
    await kolaybi.list_companies()

    assert (server.connections, opened_sockets) == (1, [])


@pytest.fixture
def left_with(monkeypatch):
    """Keep the lingering of each attempt's socket when the attempt has ended; None where it was closed before."""
    kept = []

    def noting(real):
        def note(attempt):
            real(attempt)
            kept.append(linger(attempt.sockets[-1]) if attempt.sockets[-1].fileno() >= 0 else None)

        return note

    for name in ("has_answered", "give_up"):
        monkeypatch.setattr(late_bytes, name, noting(getattr(late_bytes, name)))
    return kept


@on_linux
@pytest.mark.parametrize("loop_of", ["asyncio", "uvloop"])
@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("answers", [True, False], ids=["answered", "given up"])
def test_every_loop_and_tls_end_a_connection_alike(answers, secure, loop_of, left_with):
    run = pytest.importorskip("uvloop").run if loop_of == "uvloop" else asyncio.run
    certificates = make_certificates()

    async def serve(reader, writer):
        with suppress(OSError):
            await reader.readuntil(b"\r\n\r\n")
            if answers:
                body = b'{"data": {"document_id": 18}}'
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
            await reader.read()
        writer.close()

    async def call():
        tls = certificates.server if secure else None
        async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls) as listening:
            host = "https://localhost" if secure else "http://127.0.0.1"
            async with AsyncKolayBi(
                channel="c",
                access_token="t",
                base_url=f"{host}:{listening.sockets[0].getsockname()[1]}",
                ssl_context=certificates.client,
                timeout=5.0 if answers else 0.5,
            ) as client:
                with suppress(OutcomeUnknownError):
                    await client.resend(18)

    run(call())

    # A socket that is closed when it is given up was closed by a reset: until an answer comes it knows no other end.
    assert left_with == [IN_ORDER] if answers else left_with in ([RESET], [None])


def test_without_an_attempt_a_socket_is_bounded_as_well():
    with late_bytes.open_socket(ADDRESS) as opened:
        assert linger(opened) == RESET
    late_bytes.has_answered(Attempt())
    late_bytes.give_up(Attempt())


# Row 67: a read that is evidence


@pytest.mark.row(67)
async def test_a_read_with_a_connection_of_its_own_shares_none(kolaybi, server):
    server.answers({"data": []}, times=4)

    await kolaybi.call(ListCompanies())
    own_connections.set(True)
    assert await kolaybi.call(ListCompanies()) == ()
    assert await kolaybi.call(ListCompanies()) == ()
    own_connections.set(False)
    await kolaybi.call(ListCompanies())

    assert [request.connection for request in server.requests] == [1, 2, 3, 1]


@pytest.mark.row(67)
async def test_an_unasked_reply_does_not_reach_a_read_with_a_connection_of_its_own(kolaybi, server):
    async def answer_twice(writer):
        body = b'{"data": [{"company_id": 7}]}'
        reply = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        writer.write(reply + reply)

    for own_connection in (True, False):
        server.does(answer_twice).answers({"data": [{"company_id": 5}]})
        own_connections.set(own_connection)
        await kolaybi.call(ListCompanies())
        own_connections.set(True)
        (company,) = await kolaybi.call(ListCompanies())
        assert company.company_id == 5
