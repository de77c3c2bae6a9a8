"""Row 57: bytes of a call that has ended do not arrive later, whatever became of the call or its process."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from kolay_invoice import ListCompanies, late_bytes
from kolay_invoice.provider import own_connections

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


@pytest.mark.parametrize("how", EVERY_END)
def test_the_bytes_of_a_call_that_has_ended_never_arrive(how, arrived):
    assert arrived(how, "ours") == 0


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
    monkeypatch.setattr(late_bytes, "retransmission_limit", lambda: limit)

    with late_bytes.open_socket(ADDRESS) as opened:
        assert linger(opened) == RESET


@on_linux
async def test_a_connection_that_was_answered_is_closed_in_order(opened_sockets, kolaybi, server):
    server.answers({"data": {"document_id": 18}}).answers({"success": False}, 400)

    await kolaybi.resend(18)

    await asyncio.sleep(0)
    assert [connection.closed_with for connection in opened_sockets] == [IN_ORDER]


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


def test_a_transport_without_a_socket_is_left_alone():
    class Elsewhere(asyncio.Transport):
        def abort(self):
            self.aborted = True

    transport = Elsewhere()
    late_bytes.has_answered(transport)
    late_bytes.give_up(transport)

    assert transport.aborted


# Row 67: a read that is evidence


async def test_a_read_with_a_connection_of_its_own_shares_none(kolaybi, server):
    server.answers({"data": []}, times=4)

    await kolaybi.call(ListCompanies())
    own_connections.set(True)
    assert await kolaybi.call(ListCompanies()) == ()
    assert await kolaybi.call(ListCompanies()) == ()
    own_connections.set(False)
    await kolaybi.call(ListCompanies())

    assert [request.connection for request in server.requests] == [1, 2, 3, 1]


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
