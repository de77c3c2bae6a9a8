"""Row 13: what uvloop (the `speed` extra) does for the SDK."""

from __future__ import annotations

from attrs import evolve

from benchmarks.bench import Bench
from benchmarks.blocking import blocking_reads
from benchmarks.measuring import Contestant, alternate, cpu
from benchmarks.result import Chart, Result, Table
from benchmarks.small_calls import MANY, sdk_reads, sdk_writes

ASYNCIO, UVLOOP = "asyncio", "uvloop"


def row_13(bench: Bench) -> Result:
    """The SDK on uvloop beside itself on asyncio."""
    calls, few = bench.units(1_500, 40), bench.units(400, 20)
    cases = [
        ("small read, 1 at a time", Contestant(ASYNCIO, sdk_reads, bench.plain), 1, calls),
        (f"small read, {MANY} at a time", Contestant(ASYNCIO, sdk_reads, bench.plain), MANY, calls),
        (f"small write over TCP, {MANY} at a time", Contestant(ASYNCIO, sdk_writes, bench.plain), MANY, calls),
        (f"small write over TLS, {MANY} at a time", Contestant(ASYNCIO, sdk_writes, bench.tls), MANY, few),
        ("blocking read, 1 thread", Contestant(ASYNCIO, blocking_reads, bench.plain), 1, calls),
        (f"blocking read, {MANY} threads", Contestant(ASYNCIO, blocking_reads, bench.plain), MANY, calls),
    ]
    if bench.short:
        cases = cases[-1:]
    rows, bars = [], []
    for title, contestant, at_once, units in cases:
        plain = contestant.with_setting(at_once=at_once)
        seen = alternate([plain, evolve(plain.with_setting(uvloop=True), label=UVLOOP)], units, bench.rounds)
        ratio = seen.ratio(UVLOOP, ASYNCIO, cpu)
        rows.append((title, f"{ratio:.2f}", f"{seen.of(UVLOOP, cpu):.0f}", f"{seen.of(ASYNCIO, cpu):.0f}"))
        bars.append((title, ratio))
    table = Table("The SDK on uvloop", ("", "CPU × asyncio", "CPU µs, uvloop", "CPU µs, asyncio"), rows)
    chart = Chart("13-uvloop", "The SDK on uvloop", "CPU, as a multiple of asyncio", bars)
    return Result(13, "uvloop (`speed` extra) on rows 1, 2 and 6", "asyncio", (), [table], [chart])
