"""Row 6: blocking calls from threads."""

from __future__ import annotations

import asyncio

from benchmarks.bench import Bench
from benchmarks.clients import requests_reads
from benchmarks.measuring import Contestant, alternate, cpu, wall
from benchmarks.result import Goal, Result, Table, at_least, comparison
from benchmarks.setting import CHANNEL, TOKEN, Setting, in_threads
from benchmarks.small_calls import kolaybi, sdk_reads
from kolay_invoice import KolayBi

SDK, REQUESTS, RUNS, ASYNC = "kolay_invoice KolayBi", "requests.Session a thread", "asyncio.run a call", "AsyncKolayBi"


def blocking_reads(setting: Setting, calls: int) -> None:
    """Read lists of one row with the blocking client that all threads share."""
    if setting.uvloop:
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    with KolayBi(channel=CHANNEL, access_token=TOKEN, base_url=setting.url, max_concurrency=setting.at_once) as client:

        def worker(share: range) -> None:
            for _ in share:
                client.list_invoices(1, "outbound")

        in_threads(worker, calls, setting.at_once)


def run_a_call(setting: Setting, calls: int) -> None:
    """Read lists of one row with the async client inside an `asyncio.run` for each call."""

    async def call() -> None:
        async with kolaybi(setting) as client:
            await client.list_invoices(1, "outbound")

    def worker(share: range) -> None:
        for _ in share:
            asyncio.run(call())

    in_threads(worker, calls, setting.at_once)


def row_6(bench: Bench) -> Result:
    """Blocking calls beside what a program without an event loop would do."""
    goals, tables, charts = [], [], []
    calls = bench.units(1_500, 64)
    for threads in (8,) if bench.short else (1, 8, 32):
        contestants = [
            Contestant(SDK, blocking_reads, bench.plain),
            Contestant(REQUESTS, requests_reads, bench.plain),
            Contestant(RUNS, run_a_call, bench.plain, 0.3),
            Contestant(ASYNC, sdk_reads, bench.plain),
        ]
        contestants = [one.with_setting(at_once=threads) for one in contestants]
        seen = alternate(contestants, calls, bench.rounds)
        title = f"Small read from {threads} thread{'s' if threads > 1 else ''}"
        ahead = {1: 2, 32: 4}.get(threads)
        lines = at_least(ahead, "requests and asyncio.run") if ahead else []
        table, chart = comparison(f"6-threads-{threads}", title, seen, contestants, SDK, lines=lines)
        tables.append(table)
        charts.append(chart)
        if ahead:
            goals += [
                Goal.at_least(f"ahead of {label} at {threads}", ahead, seen.ratio(label, SDK, cpu))
                for label in (REQUESTS, RUNS)
            ]
        if threads == 1:
            overhead = seen.of(SDK, cpu) - seen.of(ASYNC, cpu)
            goals.append(Goal.at_most("CPU over the async call", 60, overhead, "µs"))
            waited = seen.of(SDK, wall) - seen.of(ASYNC, wall)
            tables.append(
                Table(
                    "Over the async call, 1 thread",
                    ("", "µs a call"),
                    [("CPU", f"{overhead:.0f}"), ("wall", f"{waited:.0f}")],
                )
            )
    return Result(
        6,
        "blocking call from 1, 8 and 32 threads",
        "`requests.Session` per thread; `asyncio.run` per call",
        goals,
        tables,
        charts,
        [
            "Ahead is counted in CPU of all threads of the process; wall is what it took, divided by its calls.",
            "Over the async call come two wake-ups, the loop's by its pipe and the caller's; their price varies.",
        ],
    )
