"""Row 12: what it costs to let 100,000 small tasks through, 64 at a time."""

from __future__ import annotations

import asyncio
from functools import partial

from benchmarks.bench import Bench
from benchmarks.measuring import Contestant, alternate, cpu, mebibytes
from benchmarks.result import Goal, Result, comparison
from benchmarks.setting import Setting, run
from kolay_invoice import Limiter
from kolay_invoice.batch import for_each

AT_ONCE = 64
WORKERS, GATHER, TASKS, BARE = "workers + Limiter", "gather + Semaphore", "gather + Limiter", "workers alone"


def workers_with_limiter(setting: Setting, tasks: int) -> None:
    """Let the batch runner's workers through the limiter, as `call_all` does."""

    async def work() -> None:
        limiter = Limiter(setting.at_once)
        await for_each(range(tasks), partial(_limited, limiter), setting.at_once)

    run(setting, work())


def gather_with_limiter(setting: Setting, tasks: int) -> None:
    """Start a task for each, and let the limiter queue them."""

    async def work() -> None:
        limiter = Limiter(setting.at_once)
        await asyncio.gather(*(_limited(limiter, number) for number in range(tasks)))

    run(setting, work())


def gather_with_semaphore(setting: Setting, tasks: int) -> None:
    """Do it as most programs do."""

    async def work() -> None:
        semaphore = asyncio.Semaphore(setting.at_once)

        async def one() -> None:
            async with semaphore:
                await asyncio.sleep(0)

        await asyncio.gather(*(one() for _ in range(tasks)))

    run(setting, work())


def workers_alone(setting: Setting, tasks: int) -> None:
    """Let workers run without any limiter: what is left is the loop's own price."""
    run(setting, for_each(range(tasks), _small, setting.at_once))


async def _small(_: int) -> None:
    """Give the loop one turn, as the shortest of all calls would."""
    await asyncio.sleep(0)


async def _limited(limiter: Limiter, _: int) -> None:
    epoch = limiter.try_acquire()
    if epoch is None:
        epoch = await limiter.acquire()
    try:
        await asyncio.sleep(0)
    finally:
        limiter.release(epoch)


def row_12(bench: Bench) -> Result:
    """Small tasks through limiter and workers."""
    setting = Setting(at_once=AT_ONCE)
    contestants = [
        Contestant(WORKERS, workers_with_limiter, setting),
        Contestant(GATHER, gather_with_semaphore, setting),
        Contestant(TASKS, gather_with_limiter, setting),
        Contestant(BARE, workers_alone, setting),
    ]
    tasks = bench.units(100_000, 5_000)
    seen = alternate(contestants, tasks, bench.rounds, warm_up=100, fresh=True)
    table, chart = comparison(
        "12-tasks",
        f"{tasks:,} small tasks, {AT_ONCE} at a time",
        seen,
        contestants,
        GATHER,
        unit="task",
        more=[("peak MiB", mebibytes, ".1f")],
    )
    return Result(
        12,
        "100,000 small tasks through limiter and batch runner",
        "`gather` + `asyncio.Semaphore`",
        [
            Goal.at_most("CPU a task", 2, seen.of(WORKERS, cpu), "µs"),
            Goal.at_most("peak memory", 5, seen.of(WORKERS, mebibytes), "MiB"),
        ],
        [table],
        [chart],
        [
            "A task is one `await asyncio.sleep(0)`: one turn of the loop.",
            "The runner is the one of `call_all`: workers over one shared iterator.",
        ],
    )
