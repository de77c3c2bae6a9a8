"""Steps that come to their end whatever cancels their caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

ArgumentsT = ParamSpec("ArgumentsT")
ResultT = TypeVar("ResultT")


async def undisturbed(task: asyncio.Future[ResultT]) -> ResultT:
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


async def take(taking: Coroutine[Any, Any, ResultT], give_back: Callable[[ResultT], object]) -> ResultT:
    """Take operations in hand. Where a cancellation comes meanwhile, what was taken is given back, and it is raised."""
    task = asyncio.ensure_future(taking)
    try:
        return await undisturbed(task)
    except asyncio.CancelledError:
        if not task.cancelled() and task.exception() is None:
            give_back(task.result())
        raise


def whole(
    step: Callable[ArgumentsT, Coroutine[Any, Any, ResultT]],
) -> Callable[ArgumentsT, Coroutine[Any, Any, ResultT]]:
    """Let a step on the journal come to its end whatever cancels its caller.

    A connection that is cut in the middle of a statement can be dropped with its thread while it holds the file's lock.
    """

    @wraps(step)
    async def to_its_end(*args: ArgumentsT.args, **kwargs: ArgumentsT.kwargs) -> ResultT:
        return await undisturbed(asyncio.ensure_future(step(*args, **kwargs)))

    return to_its_end
