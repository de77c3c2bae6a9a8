"""Row 11: how long the event loop of a service stands still while it reads a long list.

What was read is kept until the others have been served: letting go of it is the program's own time.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

from benchmarks.bench import Bench
from benchmarks.lists import DICTS, PATIENCE, list_body
from benchmarks.measuring import Contestant, alternate, told
from benchmarks.result import Chart, Goal, Result, Table, at_most
from benchmarks.setting import Setting, Told, run
from benchmarks.small_calls import kolaybi

BEAT = 0.001
"""How often the other work of the service wants its turn, in seconds."""


async def _while_others_are_answered(reading: Callable[[], Awaitable[float]]) -> Told:
    """Read a list beside other work that wants a turn each millisecond; return how long it was kept waiting."""
    longest = 0.0
    ended = False

    async def others() -> None:
        nonlocal longest
        while not ended:
            began = time.perf_counter()
            await asyncio.sleep(BEAT)
            longest = max(longest, time.perf_counter() - began - BEAT)

    beating = asyncio.create_task(others())
    await asyncio.sleep(5 * BEAT)
    longest = 0.0
    first = await reading()
    # The turn that was due while the list was read comes only now.
    await asyncio.sleep(2 * BEAT)
    ended = True
    await beating
    return {"stall": longest * 1e3, "first": first * 1e3}


def stall_of_iterating(setting: Setting, rows: int) -> Told:
    """Iterate over a list beside other work."""

    async def work() -> Told:
        async with kolaybi(setting, timeout=PATIENCE) as client:
            await client.list_companies()

            async def reading() -> float:
                began, first = time.perf_counter(), 0.0
                async for _ in client.iter_invoices(rows, "outbound"):
                    first = first or time.perf_counter() - began
                return first

            return await _while_others_are_answered(reading)

    return run(setting, work()) or {}


def stall_of_listing(setting: Setting, rows: int) -> Told:
    """Read a list at once beside other work."""

    async def work() -> Told:
        async with kolaybi(setting, timeout=PATIENCE) as client:
            await client.list_companies()

            kept = []

            async def reading() -> float:
                began = time.perf_counter()
                kept.append(await client.list_invoices(rows, "outbound"))
                return time.perf_counter() - began

            seen = await _while_others_are_answered(reading)
            assert len(kept[0]) == rows
            return seen

    return run(setting, work()) or {}


def stall_of_dicts(setting: Setting, rows: int) -> Told:
    """Decode at once with `json.loads`, beside other work."""

    kept = []

    async def reading() -> float:
        began = time.perf_counter()
        kept.append(json.loads(await list_body(setting, rows))["data"])
        return time.perf_counter() - began

    seen = run(setting, _while_others_are_answered(reading)) or {}
    assert len(kept[0]) == rows
    return seen


def row_11(bench: Bench) -> Result:
    """How long the event loop stands still."""
    iterating, listing = "kolay_invoice iter_invoices", "kolay_invoice list_invoices"
    contestants = [
        Contestant(iterating, stall_of_iterating, bench.plain),
        Contestant(listing, stall_of_listing, bench.plain),
        Contestant(DICTS, stall_of_dicts, bench.plain),
    ]
    rows = bench.units(100_000, 3_000)
    seen = alternate(contestants, rows, bench.rounds, warm_up=10)
    stall, first = told("stall"), told("first")
    table = Table(
        f"{rows:,} rows beside other work",
        ("", "longest stall, ms", "first row, ms"),
        [(one.label, f"{seen.of(one.label, stall):.1f}", f"{seen.of(one.label, first):.1f}") for one in contestants],
    )
    bars = [(one.label, seen.of(one.label, stall)) for one in contestants]
    return Result(
        11,
        "longest stall of the event loop while a 100,000-row list is read, in a service that answers others",
        "the same with one `json.loads`",
        [
            Goal.at_most("longest stall, iter_invoices", 60, seen.of(iterating, stall), "ms"),
            Goal.at_most("longest stall, list_invoices", 60, seen.of(listing, stall), "ms"),
        ],
        [table],
        [
            Chart(
                "11-stall", f"Longest stall of the event loop, list of {rows:,} rows", "milliseconds", bars, at_most(60)
            )
        ],
        [
            f"Another task asks for a turn every {BEAT * 1e3:g} ms; a stall is how much later than that it gets it.",
            "The first row of a page comes when the page is decoded.",
            "A stall is real time, so whatever else the machine does is in it: the median of the rounds is shown.",
        ],
    )
