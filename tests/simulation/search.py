"""Searches fresh nights for one in which something does not hold."""

from __future__ import annotations

import time
from itertools import count

from attrs import Factory, define

from .night import Night


@define
class Found:
    """What a search has come to."""

    first: int
    seconds: float = 0.0
    nights: int = 0
    steps: int = 0
    executions: int = 0
    broken: dict = Factory(dict)
    """The problems of each seed that has any."""

    def describe(self):
        """Return the figures, and each broken seed with its problems."""
        first = (
            f"seeds from {self.first}: {self.nights} nights in {self.seconds:.0f} s, {self.steps} steps, "
            f"{self.executions} executions, {len(self.broken)} broken"
        )
        lines = [f"  --seed {seed}: {'; '.join(problems)}" for seed, problems in self.broken.items()]
        return "\n".join([first, *lines])


def search(first, seconds, *, keep_going=False):
    """Run nights from a seed on, until the time is over or a night is broken."""
    found = Found(first)
    clock = time.perf_counter
    began = clock()
    for seed in count(first):
        night = Night(seed).run()
        found.nights += 1
        found.steps += night.loop.steps
        found.executions += sum(night.provider.executions.values())
        found.seconds = clock() - began
        if night.problems:
            found.broken[seed] = night.problems
        if found.seconds > seconds or (night.problems and not keep_going):
            return found
    raise AssertionError
