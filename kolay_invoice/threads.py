"""Runs one long computation in a thread of its own, so that the event loop serves others meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def run_in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return the result of a function that does no I/O. A cancellation does not wait for its end.

    The thread is new, because the program may fill the loop's executor with work that waits for this result.
    """
    done: Future[T] = Future()
    done.set_running_or_notify_cancel()

    def work() -> None:
        try:
            done.set_result(function(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - the waiting task gets any error.
            done.set_exception(error)

    try:
        threading.Thread(target=work, name="kolay_invoice reading", daemon=True).start()
    except RuntimeError:
        # No thread can be started: the interpreter is ending, or the machine has no more threads.
        work()
    return await asyncio.wrap_future(done)
