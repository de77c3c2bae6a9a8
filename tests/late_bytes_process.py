"""A client and a server in a network namespace of their own, whose network is cut just before the first byte.

It is run by `test_late_bytes` as `python late_bytes_process.py HOW FORM`, and prints how many bytes arrived once the
network was whole again. HOW is what becomes of the call: `times_out`, `cancelled`, `killed` or `stopped`. FORM is
`ours`, or `control`: a client without any of it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

from kolay_invoice import AsyncKolayBi, KolayInvoiceError, Resend, late_bytes, transport

PORT = 8080
UNACKNOWLEDGED_SECONDS = 2
GIVEN_UP_AFTER = 0.5


def nft(*command: str) -> None:
    subprocess.run(["nft", *command], check=True)


def lay_network() -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    nft("add", "table", "inet", "cut")
    nft("add", "chain", "inet", "cut", "input", "{ type filter hook input priority 0 ; }")


def cut_network() -> None:
    nft("add", "rule", "inet", "cut", "input", "tcp", "dport", str(PORT), "drop")


def mend_network() -> None:
    nft("flush", "chain", "inet", "cut", "input")


async def make_call(how: str, form: str) -> None:
    """Make the call whose bytes stay in the kernel."""
    late_bytes.UNACKNOWLEDGED_SECONDS = UNACKNOWLEDGED_SECONDS
    late_bytes._limit = late_bytes.retransmission_limit()
    if form == "control":
        # The kernel's own patience, and connections that are closed.
        make = transport.Transport._session

        def as_others_do(self: transport.Transport, *, force_close: bool) -> object:
            session = make(self, force_close=force_close)
            session.connector._socket_factory = None
            return session

        transport.Transport._session = as_others_do
        late_bytes.give_up = lambda _: None
    timeout = GIVEN_UP_AFTER if how == "times_out" else 60.0
    async with AsyncKolayBi(
        channel="c", access_token="t", base_url=f"http://127.0.0.1:{PORT}", timeout=timeout
    ) as client:

        def cut() -> None:
            cut_network()
            sys.stdout.write("cut\n")
            sys.stdout.flush()

        call = asyncio.create_task(client.call(Resend(18), permit=cut))
        if how == "cancelled":
            await asyncio.sleep(GIVEN_UP_AFTER)
            call.cancel()
        with suppress(KolayInvoiceError, asyncio.CancelledError):
            await call
    # A process goes on when its call has ended, and so do its sockets.
    await asyncio.sleep(60)


async def listen(how: str, form: str) -> None:
    """Serve, start the call in a process of its own, mend the network, and print what came."""
    received = bytearray()
    writers = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with suppress(OSError, asyncio.CancelledError):
            while piece := await reader.read(4096):
                received.extend(piece)
        writer.close()

    lay_network()
    async with await asyncio.start_server(serve, "127.0.0.1", PORT):
        caller = subprocess.Popen(  # noqa: ASYNC220 - it is waited for in a thread.
            [sys.executable, __file__, "call", how, form], stdout=subprocess.PIPE
        )
        assert await asyncio.to_thread(caller.stdout.readline) == b"cut\n"
        cut_at = time.monotonic()
        await asyncio.sleep(GIVEN_UP_AFTER)
        if how == "killed":
            caller.kill()
        if how == "stopped":
            os.kill(caller.pid, signal.SIGSTOP)
        await asyncio.sleep(UNACKNOWLEDGED_SECONDS + 1.0 if how == "stopped" else GIVEN_UP_AFTER)
        mend_network()
        # The kernel's pauses double, so the next one ends before so much time has passed once more.
        until = time.monotonic() + 1.5 * (time.monotonic() - cut_at) + 0.5
        while time.monotonic() < until and not received:  # noqa: ASYNC110 - that nothing comes has no event.
            await asyncio.sleep(0.05)
        caller.kill()
        caller.wait()
        caller.stdout.close()
        # The end of the caller is lost with its network, and since Python 3.12.1 a server waits for its connections.
        for writer in writers:
            writer.transport.abort()
    sys.stdout.write(f"{len(received)}\n")


if __name__ == "__main__":
    if sys.argv[1] == "call":
        asyncio.run(make_call(*sys.argv[2:]))
    else:
        asyncio.run(listen(*sys.argv[1:]))
