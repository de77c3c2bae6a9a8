"""Small calls of the SDK beside a hand-written aiohttp client that checks and decodes the same replies.

    python benchmarks/calls.py [--calls N] [--rounds N]

Figures are CPU seconds by the operating system's accounting; what counts is the ratio within one run.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import msgspec

from kolay_invoice import AsyncKolayBi

CHANNEL = TOKEN = "benchmark"
AT_ONCE = 32

Work = Callable[[str, int], Awaitable[None]]


class Company(msgspec.Struct):
    company_id: int
    company_name: str
    is_invoice_resendble: bool


class Companies(msgspec.Struct):
    success: bool
    data: list[Company]


class Document(msgspec.Struct):
    document_id: int
    uuid: str


class EDocument(msgspec.Struct):
    success: bool
    data: Document


async def _at_once(call: Callable[[int], Awaitable[object]], calls: int) -> None:
    numbers = iter(range(1, calls + 1))

    async def worker() -> None:
        for number in numbers:
            await call(number)

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))


def _session(*, force_close: bool) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=AT_ONCE, force_close=force_close),
        headers={"Authorization": f"Bearer {TOKEN}", "Channel": CHANNEL, "Accept-Encoding": "gzip"},
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=30),
    )


async def raw_reads(url: str, calls: int) -> None:
    decoder = msgspec.json.Decoder(Companies)
    async with _session(force_close=False) as session:

        async def call(_: int) -> None:
            async with session.get(f"{url}/kolaybi/v1/companies") as reply:
                assert reply.status == 200
                assert decoder.decode(await reply.read()).success

        await _at_once(call, calls)


async def raw_writes(url: str, calls: int) -> None:
    decoder = msgspec.json.Decoder(EDocument)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with _session(force_close=True) as session:

        async def call(number: int) -> None:
            body = b"document_id=%d" % number
            async with session.post(f"{url}/kolaybi/v1/invoices/e-document/create", data=body, headers=form) as reply:
                assert reply.status == 200
                assert decoder.decode(await reply.read()).data.document_id == number

        await _at_once(call, calls)


def _kolaybi(url: str) -> AsyncKolayBi:
    return AsyncKolayBi(channel=CHANNEL, access_token=TOKEN, base_url=url, max_concurrency=AT_ONCE)


async def sdk_reads(url: str, calls: int) -> None:
    async with _kolaybi(url) as kolaybi:
        await _at_once(lambda _: kolaybi.list_companies(), calls)


async def sdk_writes(url: str, calls: int) -> None:
    async with _kolaybi(url) as kolaybi:
        await _at_once(kolaybi.create_e_document, calls)


def _cpu(work: Work, url: str, calls: int) -> float:
    """Return the CPU microseconds a call costs, user and system."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    asyncio.run(work(url, calls))  # type: ignore[arg-type] # each one is a coroutine function.
    after = resource.getrusage(resource.RUSAGE_SELF)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / calls * 1e6


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--calls", type=int, default=2000)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    command = [sys.executable, str(Path(__file__).with_name("server.py")), *map(str, cores[1:2])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        if cores[1:]:
            os.sched_setaffinity(0, {cores[0]})
        print(f"{'work':34} {'SDK µs':>8} {'raw µs':>8} {'ratio':>6}   CPU a call, medians of {chosen.rounds} rounds")
        for name, sdk, raw in (
            (f"small read, pooled, {AT_ONCE} at a time", sdk_reads, raw_reads),
            (f"small write, own connection, {AT_ONCE} at a time", sdk_writes, raw_writes),
        ):
            _cpu(sdk, url, chosen.calls // 4), _cpu(raw, url, chosen.calls // 4)
            rounds = [(_cpu(sdk, url, chosen.calls), _cpu(raw, url, chosen.calls)) for _ in range(chosen.rounds)]
            ours, theirs = (statistics.median(column) for column in zip(*rounds, strict=True))
            ratio = statistics.median(one / other for one, other in rounds)
            print(f"{name:34} {ours:8.0f} {theirs:8.0f} {ratio:6.2f}")
        server.kill()


if __name__ == "__main__":
    main()
