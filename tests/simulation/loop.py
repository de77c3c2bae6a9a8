"""An event loop in virtual time. A seed decides which of the tasks that are ready goes on."""

from __future__ import annotations

import asyncio
import heapq
from contextvars import ContextVar

worker_of: ContextVar[int] = ContextVar("simulated_worker", default=0)
"""The worker that a callback belongs to; 0 is the world itself."""


class StandstillError(Exception):
    """Nothing is ready and no timer is set: the night would never end."""


class VirtualLoop(asyncio.BaseEventLoop):
    """An event loop without selector, thread and clock. One step runs one callback.

    The order of plain callbacks is kept, as asyncio promises it. Which task goes on among several, and which of several
    timers of one moment is first, is drawn.
    """

    def __init__(self, chance):
        super().__init__()
        self._chance = chance
        self._now = 1000.0
        self.steps = 0
        self.tasks = []
        """Every task, so that none of a killed worker is finalized, which would run its `finally` blocks."""
        self.after_step = {}
        """What happens after a step, by its number."""
        self._dead = set()
        self._frozen = {}

    def time(self):
        """Return the virtual time."""
        return self._now

    def create_task(self, coro, **options):
        """Create a task and keep it."""
        task = super().create_task(coro, **options)
        self.tasks.append(task)
        return task

    def run_in_executor(self, executor, func, *args):
        """Refuse: a simulation has one thread."""
        raise AssertionError("a simulated night uses no thread")

    def _write_to_self(self):
        pass

    def _process_events(self, event_list):
        pass

    def kill(self, worker):
        """Let nothing of a worker run any more."""
        self._dead.add(worker)
        self._frozen.pop(worker, None)

    def freeze(self, worker):
        """Let nothing of a worker run until it is thawed."""
        self._frozen.setdefault(worker, [])

    def thaw(self, worker):
        """Let a frozen worker go on with what became ready meanwhile."""
        self._ready.extend(self._frozen.pop(worker, []))

    def _take_due(self):
        while self._scheduled and self._scheduled[0]._cancelled:
            heapq.heappop(self._scheduled)._scheduled = False
        if not self._ready:
            if not self._scheduled:
                raise StandstillError
            self._now = max(self._now, self._scheduled[0]._when)
        due = []
        while self._scheduled and self._scheduled[0]._when <= self._now:
            timer = heapq.heappop(self._scheduled)
            timer._scheduled = False
            due.append(timer)
        self._chance.shuffle(due)
        self._ready.extend(due)

    def _take_one(self):
        place = self._chance.randrange(len(self._ready)) if len(self._ready) > 1 else 0
        if not is_step(self._ready[place]):
            place = next(n for n, handle in enumerate(self._ready) if not is_step(handle))
        handle = self._ready[place]
        del self._ready[place]
        return handle

    def _run_once(self):
        self._take_due()
        if not self._ready:
            return
        handle = self._take_one()
        worker = handle._context.get(worker_of, 0)
        if handle._cancelled or worker in self._dead:
            return
        if worker in self._frozen:
            self._frozen[worker].append(handle)
            return
        self.steps += 1
        handle._run()
        happening = self.after_step.pop(self.steps, None)
        if happening is not None:
            happening()


def is_step(handle):
    """Whether a callback is the next step of a task."""
    callback = handle._callback
    return isinstance(getattr(callback, "__self__", None), asyncio.Task) or type(callback).__name__ in {
        "TaskStepMethWrapper",
        "TaskWakeupMethWrapper",
    }
