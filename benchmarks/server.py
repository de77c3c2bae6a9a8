"""A loopback server that is not the bottleneck: fixed replies, no HTTP library, a process of its own.

    python benchmarks/server.py [--core N] [--certificate FILE]

It prints one line of JSON with its ports: `plain`, `tls`, `slow` (each reply `--latency` seconds late).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import ssl
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import cast

COMPANIES = (
    b'{"success":true,"data":[{"company_id":5,"company_name":"Anadolu Ticaret A.\xc5\x9e.","identity_no":"1234567890",'
    b'"tax_office":"Kad\xc4\xb1k\xc3\xb6y","company_currency":"try","address":{"city":"\xc4\xb0stanbul",'
    b'"district":"Kad\xc4\xb1k\xc3\xb6y"},"is_invoice_resendble":true}]}'
)
E_DOCUMENT = b'{"success":true,"data":{"document_id":%s,"uuid":"f46d5a8d-7726-4b37-bba4-973c7ab50a5b"}}'
RESENT = b'{"data":{"document_id":%s,"uuid":"f46d5a8d-7726-4b37-bba4-973c7ab50a5b","status":"sent_to_receiver"}}'
INVOICE = (
    b'{"document_id":%d,"uuid":"f46d5a8d-7726-4b37-bba4-%012d","no":"ABC2026%09d","status":"sent_to_receiver",'
    b'"scenario":"TICARIFATURA","type":"SATIS","direction":"outbound","exchange_grand_total":%d.%02d,'
    b'"exchange_grand_currency":"TRY","grand_total":%d.%02d,"grand_currency":"TRY"}'
)
ROWS_BEFORE = b'{"success":true,"data":['
ROWS_AFTER = b"]}"
ROWS_A_PIECE = 1000

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n"
ASKED = re.compile(rb"content-length: *(\d+)|(?<=\n)connection: *(close)", re.IGNORECASE)
LIST = re.compile(rb"GET /kolaybi/v1/e_document/invoices\?\S*company_id=(\d+)")
RESEND = re.compile(rb"POST /kolaybi/v1/invoices/resend/(\d+)")
NUMBER = re.compile(rb"\d+")


def _invoice(number: int) -> bytes:
    lira, kurus = 100 + number * 37 % 90_000, number % 100
    return INVOICE % (number, number, number, lira, kurus, lira, kurus)


PIECE = b",".join(_invoice(number) for number in range(1, ROWS_A_PIECE + 1))


def pieces_of_list(rows: int) -> tuple[int, list[bytes]]:
    """Return the length of a list's body, and its pieces: the same thousand rows as often as it takes."""
    whole, rest = divmod(rows, ROWS_A_PIECE)
    pieces = [PIECE] * whole
    if rest:
        pieces.append(b",".join(_invoice(number) for number in range(1, rest + 1)))
    length = sum(map(len, pieces)) + max(0, len(pieces) - 1) + len(ROWS_BEFORE) + len(ROWS_AFTER)
    return length, pieces


@cache
def short_list(rows: int) -> bytes:
    """Return the body of a list of few rows."""
    return ROWS_BEFORE + b",".join(pieces_of_list(rows)[1]) + ROWS_AFTER


class Replies(asyncio.Protocol):
    """Answers each request: a form or JSON body with its document, a list with as many rows as its company's number."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._received = b""
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._lists: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature.
        # A list that waits for its turn to be written then sees that nobody reads it any more.
        self._may_write.set()

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (head := self._received.find(b"\r\n\r\n")) >= 0:
            length, closes = 0, False
            for asked in ASKED.finditer(self._received, 0, head + 2):
                length, closes = (int(asked[1]), closes) if asked[1] else (length, True)
            end = head + 4 + length
            if len(self._received) < end:
                return
            start, body, self._received = self._received[:head], self._received[head + 4 : end], self._received[end:]
            if self._latency:
                asyncio.get_running_loop().call_later(self._latency, self._reply, start, body, closes)
            else:
                self._reply(start, body, closes)

    def _reply(self, start: bytes, body: bytes, closes: bool) -> None:
        ending = b"Connection: close\r\n" if closes else b""
        listed = LIST.match(start)
        if listed and int(listed[1]) > ROWS_A_PIECE:
            task = asyncio.get_running_loop().create_task(self._list(int(listed[1]), ending))
            self._lists.add(task)
            task.add_done_callback(self._lists.discard)
            return
        if listed:
            content = short_list(int(listed[1]))
        elif resent := RESEND.match(start):
            content = RESENT % resent[1]
        else:
            number = NUMBER.search(body)
            content = E_DOCUMENT % number[0] if number else COMPANIES
        self._transport.write(HEAD % (len(content), ending) + content)
        if closes:
            self._transport.close()

    async def _list(self, rows: int, ending: bytes) -> None:
        length, pieces = pieces_of_list(rows)
        self._transport.write(HEAD % (length, ending) + ROWS_BEFORE)
        for position, piece in enumerate(pieces):
            await self._may_write.wait()
            if self._transport.is_closing():
                return
            self._transport.writelines([b",", piece] if position else [piece])
        self._transport.write(ROWS_AFTER)
        if ending:
            self._transport.close()


async def serve(certificate: Path | None, latency: float) -> None:
    loop = asyncio.get_running_loop()
    listening: dict[str, tuple[Callable[[], asyncio.Protocol], ssl.SSLContext | None]] = {
        "plain": (partial(Replies, 0.0), None),
        "slow": (partial(Replies, latency), None),
    }
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        listening["tls"] = (partial(Replies, 0.0), context)
    servers = {
        name: await loop.create_server(protocol, "127.0.0.1", 0, ssl=context, backlog=1024)
        for name, (protocol, context) in listening.items()
    }
    print(json.dumps({name: server.sockets[0].getsockname()[1] for name, server in servers.items()}), flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers.values()))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--core", type=int)
    options.add_argument("--certificate", type=Path)
    options.add_argument("--latency", type=float, default=0.05)
    chosen = options.parse_args()
    if chosen.core is not None:
        os.sched_setaffinity(0, {chosen.core})
    try:
        import uvloop
    except ImportError:
        new_event_loop = asyncio.new_event_loop
    else:
        new_event_loop = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(serve(chosen.certificate, chosen.latency))


if __name__ == "__main__":
    main()
