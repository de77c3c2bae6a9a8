"""How long an attempt may take: one timer of the loop for all attempts of a client."""

from __future__ import annotations

import asyncio
from typing import Final

from attrs import define

from kolay_invoice.attempt import Attempt, Phase

_NEVER: Final = float("inf")


class DeadlineClock:
    """Cancels the tasks of attempts whose time is over.

    One timer stands at the earliest deadline. When it fires, it expires all deadlines that have passed and is set again
    for the next one. `asyncio.timeout_at`, rescheduled at the first byte, costs 12.9 % more instructions a small read
    (504,537 instead of 446,902, counted by valgrind).
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, connect_timeout: float) -> None:
        self.loop = loop
        self._connect_timeout = connect_timeout
        self._running: set[Deadline] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._alarm = _NEVER

    def start(self, attempt: Attempt, seconds: float) -> Deadline:
        """Give the running task so many seconds for an attempt, and at most `connect_timeout` of them to connect."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - only a task awaits.
        now = self.loop.time()
        connect_by, by = now + self._connect_timeout, now + seconds
        deadline = Deadline(attempt, task, task.cancelling(), connect_by, by, self._running)
        self._running.add(deadline)
        due = min(connect_by, by)
        if due < self._alarm:
            self._set_alarm(due)
        return deadline

    def rest(self) -> None:
        """Take the timer back if nothing runs any more."""
        if self._timer is not None and not self._running:
            self._timer.cancel()
            self._timer, self._alarm = None, _NEVER

    def _set_alarm(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._alarm = when
        self._timer = self.loop.call_at(when, self._ring)

    def _ring(self) -> None:
        # The loop may ring a moment early by its own clock's resolution, and late without bound.
        now = max(self._alarm, self.loop.time())
        self._timer, self._alarm = None, _NEVER
        for deadline in [deadline for deadline in self._running if deadline.due <= now]:
            deadline.strike()
        if self._running:
            self._set_alarm(min(deadline.due for deadline in self._running))


@define(eq=False)
class Deadline:
    """The deadline of one attempt: cancels its task when the time is over, as `asyncio.timeout` does."""

    _attempt: Attempt
    _task: asyncio.Task[object]
    _cancellations: int
    _connect_by: float
    _by: float
    _running: set[Deadline]
    has_passed: bool = False

    @property
    def due(self) -> float:
        """When it passes, by the loop's clock: the time to connect counts until the first byte may leave."""
        return self._by if self._attempt.phase is Phase.LEFT else min(self._connect_by, self._by)

    def strike(self) -> None:
        """Cancel the task."""
        self.has_passed = True
        self._running.discard(self)
        self._task.cancel()

    def cancelled_by_others(self) -> bool:
        """Whether somebody besides this deadline has cancelled the task."""
        return self._task.cancelling() - self.has_passed > self._cancellations

    def end(self) -> None:
        """Stop the clock, and take back the cancellation if it was this one's."""
        self._running.discard(self)
        if self.has_passed:
            self._task.uncancel()
