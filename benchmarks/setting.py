"""What a contestant is told before it works: where the server is, and how many calls run at once."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import repeat
from typing import Any, TypeAlias

from attrs import frozen

CHANNEL = "benchmark-channel"
TOKEN = "benchmark-token"


@frozen(kw_only=True)
class Setting:
    """Where a contestant works, and how. It crosses to the contestant's process as JSON."""

    url: str = ""
    """The origin of the server; https where the authorities are to be checked."""
    authorities: str = ""
    """The file of certificate authorities: a real bundle with the benchmark's own at its end."""
    at_once: int = 1
    """How many calls run at once, in tasks or in threads."""
    uvloop: bool = False
    journal: str = ""
    """Which journal writes the operations down: none, "sqlite", or the URL of a PostgreSQL server."""


Told: TypeAlias = Mapping[str, float]
Work: TypeAlias = Callable[[Setting, int], Told | None]
"""Does so many units of work, in a process of its own. What it returns are figures that only it can take."""


@cache
def context(authorities: str) -> ssl.SSLContext:
    """Return the one SSLContext of a process."""
    return ssl.create_default_context(cafile=authorities)


def run(setting: Setting, coroutine: Coroutine[Any, Any, Told | None]) -> Told | None:
    """Run a coroutine on the event loop that the setting names."""
    if setting.uvloop:
        import uvloop

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(coroutine)
    return asyncio.run(coroutine)


async def in_tasks(call: Callable[[int], Awaitable[object]], calls: int, at_once: int) -> None:
    """Make so many calls, numbered from 1, a few at once: workers over one shared iterator."""
    numbers = iter(range(1, calls + 1))

    async def worker() -> None:
        for number in numbers:
            await call(number)

    if at_once == 1:
        await worker()
    else:
        await asyncio.gather(*(worker() for _ in range(at_once)))


def in_threads(worker: Callable[[range], object], calls: int, at_once: int) -> None:
    """Share so many calls, numbered from 1, out between threads; one at a time needs no thread."""
    shares = [range(start, calls + 1, at_once) for start in range(1, at_once + 1)]
    if at_once == 1:
        worker(shares[0])
        return
    with ThreadPoolExecutor(at_once) as threads:
        for _ in threads.map(lambda one, share: one(share), repeat(worker), shares):
            pass
