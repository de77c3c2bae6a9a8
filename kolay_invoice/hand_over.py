"""From a call that gives parts of its reply while it runs, to a consumer who takes them one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any, TypeVar

from kolay_invoice.endpoint import Give

T = TypeVar("T")


async def handed_over(call: Callable[[Give[T]], Coroutine[Any, Any, T]]) -> AsyncGenerator[T]:
    """Yield each part that a call gives, and last what it returns, or raise its error.

    The call runs in a task of its own, because a consumer may go on in another task than the one that began, and no
    deadline of the call may cancel the consumer. It stands still until the consumer wants the next part, so one part
    is held at most. Whoever stops early ends the call, and has waited for its end.
    """
    parts: asyncio.Queue[T | None] = asyncio.Queue()

    async def give(part: T) -> None:
        parts.put_nowait(part)
        await parts.join()

    running = asyncio.create_task(call(give))
    running.add_done_callback(lambda _: parts.put_nowait(None))
    try:
        while (part := await parts.get()) is not None:
            yield part
            parts.task_done()
        yield running.result()
    finally:
        running.cancel()
        await asyncio.wait([running])
        if not running.cancelled():
            running.exception()  # Nobody is left who wants it, and asyncio must not complain.
