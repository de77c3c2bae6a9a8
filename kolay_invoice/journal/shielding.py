"""Shields steps on the journal from the cancellation of their caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

ArgumentsT = ParamSpec("ArgumentsT")
ResultT = TypeVar("ResultT")


async def wait_shielded(task: asyncio.Future[ResultT]) -> ResultT:
    """Wait until a task has ended. A cancellation of the caller is raised after that."""
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except Exception:  # noqa: BLE001 - the task's own, which is raised below.
            break
    if cancelled is not None:
        if not task.cancelled():
            task.exception()
        raise cancelled
    return task.result()


async def claim_shielded(claiming: Coroutine[Any, Any, ResultT], release: Callable[[ResultT], object]) -> ResultT:
    """Claim operations. If the caller is cancelled meanwhile, release them, then raise the cancellation."""
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
    """Decorate a step on the journal, so that it runs to its end even if its caller is cancelled.

    A cancellation in the middle of a statement could drop the connection while its thread holds the file's lock.
    """

    @wraps(step)
    async def run_shielded(*args: ArgumentsT.args, **kwargs: ArgumentsT.kwargs) -> ResultT:
        return await wait_shielded(asyncio.ensure_future(step(*args, **kwargs)))

    return run_shielded
