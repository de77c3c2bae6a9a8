"""How long the event loop keeps others waiting, measured by the processor time that this process spends meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from collections.abc import AsyncIterator
from functools import cache

TURNS = 6_000_000
"""Additions that take about 150 ms on an idle machine. The longest stall of a reply takes about 40 ms there, and up to
twice that while other processes share its caches; what is decoded in the loop by mistake takes seconds."""


@cache
def longest_stall() -> float:
    """Return the seconds of processor time that a stall may last, of this machine as busy as it is."""
    began = time.process_time()
    total = 0
    for number in range(TURNS):
        total += number
    return time.process_time() - began


@contextlib.asynccontextmanager
async def served_meanwhile() -> AsyncIterator[None]:
    """Demand that the loop serves another task again and again.

    The clock is the processor time of all threads: what a busy machine gives to others does not count, and what a
    thread does while it holds the interpreter does.
    """
    gaps = []

    async def beat() -> None:
        while True:
            began = time.process_time()
            await asyncio.sleep(0.001)
            gaps.append(time.process_time() - began)

    # The objects of the whole test run are none that a reply brings.
    gc.freeze()
    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        # The last turn counts too.
        await asyncio.sleep(0.01)
        beating.cancel()
        gc.unfreeze()
    assert max(gaps) < longest_stall(), f"the loop stood still for {max(gaps) * 1000:.0f} ms of processor time"
