"""Steps that come to their end whatever cancels their caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

ArgumentsT = ParamSpec("ArgumentsT")
ResultT = TypeVar("ResultT")


async def wait_shielded(task: asyncio.Future[ResultT]) -> ResultT:
    """Wait for a task to its end; a cancellation that comes meanwhile is raised after it."""
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except Exception:  # noqa: BLE001 - it is the task's own, and raised below.
            break
    if cancelled is not None:
        if not task.cancelled():
            task.exception()
        raise cancelled
    return task.result()


async def claim_shielded(claiming: Coroutine[Any, Any, ResultT], release: Callable[[ResultT], object]) -> ResultT:
    """Take operations in hand. Where a cancellation comes meanwhile, what was taken is given back, and it is raised."""
    task = asyncio.ensure_future(claiming)
    try:
        return await wait_shielded(task)
    except asyncio.CancelledError:
        if not task.cancelled() and task.exception() is None:
            release(task.result())
        raise


def shielded(
    step: Callable[ArgumentsT, Coroutine[Any, Any, ResultT]],
) -> Callable[ArgumentsT, Coroutine[Any, Any, ResultT]]:
    """Let a step on the journal come to its end whatever cancels its caller.

    A connection that is cut in the middle of a statement can be dropped with its thread while it holds the file's lock.
    """

    @wraps(step)
    async def run_shielded(*args: ArgumentsT.args, **kwargs: ArgumentsT.kwargs) -> ResultT:
        return await wait_shielded(asyncio.ensure_future(step(*args, **kwargs)))

    return run_shielded
