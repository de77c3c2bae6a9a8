"""The concurrency limiter: a bounded number of concurrent calls, in FIFO order."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from time import monotonic

from kolay_invoice.messages import Message

LONGEST_PAUSE = 3600.0
"""Seconds. A longer Retry-After is cut to this, because it would block the account or an operation in a journal."""


class Limiter:
    """Runs at most `limit` calls at once, in FIFO order.

    Several clients of one event loop may share one limiter (`limiter=`), so that an account's limit holds for all of
    them. With `adaptive=True` the limit follows the provider. It grows by one after `limit` successful calls. It halves
    on a 429 or 503, and a Retry-After pauses all waiting calls.

    Args:
        limit: The largest number of concurrent calls.
        adaptive: Whether the limit follows the provider.
        minimum: The lower bound of an adaptive limit.

    Raises:
        TypeError: `limit` or `minimum` is not an int.
        ValueError: `limit` or `minimum` is out of range.
    """

    def __init__(self, limit: int = 8, *, adaptive: bool = False, minimum: int = 1) -> None:
        for name, value in (("limit", limit), ("minimum", minimum)):
            if type(value) is not int:
                msg = Message("{name} must be an int, not {kind}", name=name, kind=type(value).__name__)
                raise TypeError(msg)
        if not 1 <= minimum <= limit:
            raise ValueError("limit must be at least 1, and minimum between 1 and limit")
        self.maximum = limit
        self.minimum = minimum
        self.adaptive = adaptive
        self._limit = limit
        self._successes = 0
        self._in_use = 0
        self._queue: deque[asyncio.Future[None]] = deque()
        self._epoch = self._first_epoch = 0
        self._resume_at = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pid = os.getpid()

    def __repr__(self) -> str:
        kind = "adaptive " if self.adaptive else ""
        return f"<{kind}Limiter {self._in_use} of {self.limit} in use, {self.waiting} waiting>"

    @property
    def limit(self) -> int:
        """The number of calls that may run at once now."""
        return self._limit

    @property
    def in_use(self) -> int:
        """The number of running calls."""
        return self._in_use

    @property
    def waiting(self) -> int:
        """The number of calls that wait for a slot."""
        return sum(not turn.done() for turn in self._queue)

    @property
    def pause(self) -> float:
        """Seconds until the pause of the provider's Retry-After ends."""
        return max(0.0, self._resume_at - monotonic()) if self._resume_at else 0.0

    def try_acquire(self) -> int | None:
        """Take a free slot and return its epoch, as `acquire` does; None if the call would have to wait."""
        if asyncio.get_running_loop() is not self._loop:
            self._bound_loop()
        if self._queue or self._in_use >= self._limit or (self._resume_at and self.pause):
            return None
        self._in_use += 1
        return self._epoch

    async def acquire(self, patience: float | None = None) -> int:
        """Wait for a slot. Return its epoch, which `release` and `overloaded` take.

        Raises:
            TimeoutError: No slot came free within `patience` seconds. None waits without limit.
        """
        epoch = self.try_acquire()
        if epoch is not None:
            return epoch
        loop = self._bound_loop()
        queued_in = self._epoch
        turn: asyncio.Future[None] = loop.create_future()
        self._queue.append(turn)
        # Cancelled waiters may precede this one while slots are free.
        self._grant()
        timer = None if patience is None else loop.call_later(patience, _expire, turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                # The slot was granted and the waiter cancelled at the same time: pass the slot on.
                self.release(queued_in)
            raise
        finally:
            if timer is not None:
                timer.cancel()
        return self._epoch

    def release(self, epoch: int) -> None:
        """Release a slot of an epoch. The longest waiting call gets it."""
        if epoch < self._first_epoch:
            # The call belongs to a closed event loop or to the parent process, and its slot was dropped with it.
            return
        self._in_use -= 1
        if self._queue:
            self._grant()

    def succeeded(self) -> None:
        """Record a successful call. An adaptive limit may grow."""
        if self.adaptive and self._limit < self.maximum:
            self._successes += 1
            if self._successes >= self._limit:
                self._limit += 1
                self._successes = 0
                self._grant()

    def overloaded(self, epoch: int, retry_after: float | None = None) -> None:
        """Record a 429 or 503 of a call with a slot of `epoch`. An adaptive limit halves once for each epoch.

        `retry_after` is in seconds and pauses all waiting calls, for at most `LONGEST_PAUSE`.
        """
        if not self.adaptive:
            return
        if epoch == self._epoch:
            # Other calls of the same epoch report the same overload, which must not halve the limit again.
            self._epoch += 1
            self._limit = max(self.minimum, self._limit // 2)
            self._successes = 0
        if retry_after:
            self._resume_at = max(self._resume_at, monotonic() + min(retry_after, LONGEST_PAUSE))
            self._resume_later(self._bound_loop())

    def _resume_later(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_later(self.pause, self._resume, loop, self._resume_at)

    def _resume(self, loop: asyncio.AbstractEventLoop, planned: float) -> None:
        # A later Retry-After, or a move to another event loop, has set a timer of its own.
        if loop is self._loop and planned == self._resume_at:
            self._resume_at = 0.0
            self._grant()

    def _grant(self) -> None:
        # Cancelled waiters stay in the deque until they reach the front; removing them would be O(n).
        while self._queue and (self._queue[0].done() or (self._in_use < self.limit and not self.pause)):
            turn = self._queue.popleft()
            if not turn.done():
                self._in_use += 1
                turn.set_result(None)

    def _bound_loop(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return loop
        if os.getpid() != self._pid or (self._loop is not None and self._loop.is_closed()):
            # After a fork, or when the event loop is closed, no task is left to release the old slots.
            self._in_use = 0
            self._queue.clear()
            self._epoch += 1
            self._first_epoch = self._epoch
            self._pid = os.getpid()
        if self._in_use or self._queue:
            msg = "this limiter is in use on another event loop: give each loop a limiter of its own"
            raise RuntimeError(msg)
        self._loop = loop
        if self._resume_at:
            self._resume_later(loop)
        return loop


def _expire(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_exception(TimeoutError())
