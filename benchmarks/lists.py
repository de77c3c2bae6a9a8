"""Long lists of invoices beside `json.loads` of the same reply: time, memory, and how long the event loop stands still.

    python benchmarks/lists.py [--rows 10000 100000] [--streamed 1000000] [--rounds N]

The server is a process of its own. Each figure comes from a fresh process, in alternating rounds; what counts is the
ratio within one run. CPU seconds and the peak of memory are the operating system's; both are over the idle client.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

import aiohttp
import msgspec

from kolay_invoice import AsyncKolayBi, Invoice, KolayBi

AT_ONCE: Final = 1000
CREDENTIALS: Final[dict[str, Any]] = {
    "channel": "benchmark",
    "access_token": "benchmark",
    "timeout": 600.0,
    "max_reply_bytes": 1 << 30,
}


def _rows(first: int) -> bytes:
    rows = [
        {
            "document_id": number,
            "uuid": str(uuid5(NAMESPACE_OID, str(number))),
            "no": f"HDB2026{number:09}",
            "status": ("sent_to_receiver", "approved", "sent")[number % 3],
            "scenario": ("EARSIVFATURA", "TEMELFATURA")[number % 2],
            "type": "SATIS",
            "direction": "outbound",
            "exchange_grand_total": number % 100_000 + 0.25,
            "exchange_grand_currency": "try",
            "grand_total": number % 100_000 + 0.25,
            "grand_currency": "try",
        }
        for number in range(first, first + AT_ONCE)
    ]
    return json.dumps(rows, separators=(",", ":")).encode()[1:-1]


async def serve() -> None:
    """Answer `GET …company_id=<rows>` with that many rows; every thousandth block is the same one again."""
    blocks = [_rows(first) for first in range(1_000_000, 1_000_000 + 100 * AT_ONCE, AT_ONCE)]
    began = 0.0

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await answer(reader, writer)
        writer.close()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal began
        while head := await reader.readuntil(b"\r\n\r\n"):
            if b"/began" in head:
                body = str(began).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                continue
            count = int(head.partition(b"company_id=")[2].split(b"&")[0].split(b" ")[0]) // AT_ONCE
            sent = [blocks[number % len(blocks)] for number in range(count)]
            opening, ending = b'{"success":true,"data":[', b"]}"
            length = len(opening) + sum(map(len, sent)) + count - 1 + len(ending)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % length)
            began = time.monotonic()
            writer.write(opening)
            for number, block in enumerate(sent):
                writer.write((b"," if number else b"") + block)
                await writer.drain()
            writer.write(ending)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _raw(url: str, rows: int, decode: Callable[[bytes], object]) -> object:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/?company_id={rows}") as reply:
        return decode(await reply.read())


async def _listed(url: str, rows: int) -> object:
    async with AsyncKolayBi(base_url=url, **CREDENTIALS) as client:
        return await client.list_invoices(rows, "outbound")


async def _iterated(url: str, rows: int) -> object:
    async with AsyncKolayBi(base_url=url, **CREDENTIALS) as client:
        count = 0
        async for invoice in client.iter_invoices(rows, "outbound"):
            count += invoice.document_id > 0
        assert count == rows


async def _first(url: str, rows: int) -> float:
    async with AsyncKolayBi(base_url=url, **CREDENTIALS) as client, aiohttp.ClientSession() as session:
        await client.list_invoices(AT_ONCE, "outbound")
        invoices = client.iter_invoices(rows, "outbound")
        await anext(invoices)
        came = time.monotonic()
        async with session.get(f"{url}/began") as reply:
            return came - float(await reply.text())


async def _blocking(url: str, rows: int) -> object:
    def iterate() -> None:
        with KolayBi(base_url=url, **CREDENTIALS) as client:
            assert sum(1 for _ in client.iter_invoices(rows, "outbound")) == rows

    await asyncio.to_thread(iterate)


class _Envelope(msgspec.Struct):
    success: bool
    data: list[Invoice]


WORK: Final[dict[str, Callable[[str, int], Awaitable[object]]]] = {
    "json.loads": lambda url, rows: _raw(url, rows, json.loads),
    "msgspec to dicts": lambda url, rows: _raw(url, rows, msgspec.json.decode),
    "msgspec to Invoice, unknown fields lost": lambda url, rows: _raw(
        url, rows, msgspec.json.Decoder(_Envelope).decode
    ),
    "list_invoices": _listed,
    "iter_invoices": _iterated,
    "iter_invoices, blocking": _blocking,
}


async def _longest_stall(work: Awaitable[object]) -> float:
    """Return the most CPU seconds of the loop's thread between two turns of another task: other programs count not."""
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            longest = max(longest, (now := time.thread_time()) - before)
            before = now

    ticking = asyncio.create_task(tick())
    held = await work
    ticking.cancel()
    del held
    return longest


async def _measured(figure: str, name: str, url: str, rows: int) -> float:
    if figure == "first row":
        return await _first(url, rows)
    work = WORK[name]
    await work(url, AT_ONCE)
    if figure == "stall":
        return await _longest_stall(work(url, rows))
    cpu, peak = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    held = await work(url, rows)
    seconds = time.process_time() - cpu
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    del held
    return seconds if figure == "cpu" else more / 1024


def _process(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _figure(*arguments: object) -> float:
    with _process(*arguments) as process:
        assert process.stdout is not None
        return float(process.stdout.read())


def _table(url: str, rows: int, names: list[str], rounds: int) -> None:
    print(f"{rows} rows{'':34} CPU seconds  ratio    MiB more  ratio    longest stall")
    figures = ("cpu", "memory", "stall")
    seen: dict[tuple[str, str], list[float]] = {(figure, name): [] for figure in figures for name in names}
    for _ in range(rounds):
        for (figure, name), values in seen.items():
            values.append(_figure("measure", figure, name, url, rows))
    middle = {key: statistics.median(values) for key, values in seen.items()}
    for name in names:
        cpu, memory, stall = (middle[figure, name] for figure in figures)
        print(
            f"  {name:41} {cpu:9.3f} {cpu / middle['cpu', names[0]]:8.2f} {memory:10.1f}"
            f" {memory / middle['memory', names[0]]:7.2f} {stall * 1000:10.1f} ms"
        )


def main() -> None:
    """Print one table for each length."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--streamed", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with _process("serve") as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        try:
            for rows in options.rows:
                _table(url, rows, list(WORK), options.rounds)
            firsts = [_figure("measure", "first row", "-", url, 100_000) for _ in range(options.rounds)]
            print(f"first row of 100000 after the first bytes: {statistics.median(firsts) * 1000:.1f} ms")
            if options.streamed:
                _table(url, options.streamed, ["json.loads", "iter_invoices"], options.rounds)
        finally:
            server.terminate()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve"]:
            if hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
            asyncio.run(serve())
        case ["measure", figure, name, url, rows]:
            if hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
            print(asyncio.run(_measured(figure, name, url, int(rows))))
        case _:
            main()
