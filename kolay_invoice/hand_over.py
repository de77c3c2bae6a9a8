"""From a call that gives parts of its reply while it runs, to a consumer who takes their items one at a time.

These are no async generators: at its end a loop closes all of them at once, and one inside of another would be closed
while it runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Sequence
from typing import Any, TypeVar

from kolay_invoice.endpoint import Give

T = TypeVar("T")


class HandOver(AsyncIterator[T]):
    """Iterates over each part that a call gives, and last over what it returns, or raises its error.

    The call runs in a task of its own, because a consumer may go on in another task than the one that began, and no
    deadline of the call may cancel the consumer. It stands still until the consumer wants the next part, so one part
    is held at most. Whoever stops early closes it with `aclose`, which ends the call and has waited for its end.
    """

    def __init__(self, call: Callable[[Give[T]], Coroutine[Any, Any, T]]) -> None:
        self._call = call
        self._parts: asyncio.Queue[T | None] = asyncio.Queue()
        self._running: asyncio.Task[T] | None = None
        self._was_given = False
        self._ended = False

    async def __anext__(self) -> T:
        """Return the next part."""
        if self._ended:
            raise StopAsyncIteration
        if self._running is None:
            self._running = asyncio.create_task(self._call(self._give))
            self._running.add_done_callback(lambda _: self._parts.put_nowait(None))
        if self._was_given:
            self._was_given = False
            self._parts.task_done()
        try:
            part = await self._parts.get()
        except asyncio.CancelledError:
            await self.aclose()
            raise
        if part is None:
            self._ended = True
            return self._running.result()
        self._was_given = True
        return part

    async def aclose(self) -> None:
        """End the call, if it has not ended."""
        self._ended = True
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])
            if not self._running.cancelled():
                self._running.exception()  # Nobody is left who wants it, and asyncio must not complain.

    async def _give(self, part: T) -> None:
        self._parts.put_nowait(part)
        await self._parts.join()


class OneByOne(AsyncIterator[T]):
    """Iterates over the items of parts. Whoever stops early closes it with `aclose`."""

    def __init__(self, parts: AsyncGenerator[Sequence[T]]) -> None:
        self._parts = parts
        self._part: Iterator[T] = iter(())

    async def __anext__(self) -> T:
        """Return the next item."""
        while True:
            for item in self._part:
                return item
            self._part = iter(await anext(self._parts))

    async def aclose(self) -> None:
        """Stop the parts."""
        await self._parts.aclose()
