"""How things are measured: alternating rounds, CPU by the operating system's accounting, memory, instructions.

Every contestant works in a process of its own, all of them pinned to one core; the server has another one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from attrs import asdict, evolve, field, frozen

from benchmarks.child import Sample
from benchmarks.setting import Setting, Work

ROOT = Path(__file__).parent.parent
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
"""The first is the contestants', the last the server's."""

_COUNTED = re.compile(r"I\s+refs:\s+([\d,]+)")


@frozen
class Contestant:
    """One way of doing a piece of work."""

    label: str
    work: Work
    setting: Setting
    share: float = 1.0
    """Which share of the units it does, where it is so slow that all of them would take too long."""

    def with_setting(self, **changes: Any) -> Contestant:
        """Return it in another setting."""
        return evolve(self, setting=evolve(self.setting, **changes))

    def command(self, warm_up: int) -> list[str]:
        """Return the command of its process."""
        place = f"{self.work.__module__}:{self.work.__name__}"
        return [sys.executable, "-m", "benchmarks.child", place, json.dumps(asdict(self.setting)), str(warm_up)]


@frozen
class Seen:
    """The samples of contestants over alternating rounds."""

    samples: Mapping[str, Sequence[Sample]] = field(factory=dict)

    def of(self, label: str, figure: Callable[[Sample], float]) -> float:
        """Return the median of a contestant's figure."""
        return statistics.median(figure(sample) for sample in self.samples[label])

    def ratio(self, label: str, other: str, figure: Callable[[Sample], float]) -> float:
        """Return how many times the other's figure the first one's is: the median of the rounds' ratios."""
        return statistics.median(self._ratios(label, other, figure))

    def spread(self, label: str, other: str, figure: Callable[[Sample], float]) -> str:
        """Return the ratio as text, with the lowest and the highest of the rounds."""
        ratios = self._ratios(label, other, figure)
        return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"

    def _ratios(self, label: str, other: str, figure: Callable[[Sample], float]) -> list[float]:
        pairs = zip(self.samples[label], self.samples[other], strict=True)
        return [figure(one) / max(figure(another), 1e-12) for one, another in pairs]


def cpu(sample: Sample) -> float:
    """Return the CPU microseconds that a unit cost."""
    return sample.cpu / sample.units * 1e6


def wall(sample: Sample) -> float:
    """Return the microseconds that a unit took."""
    return sample.wall / sample.units * 1e6


def mebibytes(sample: Sample) -> float:
    """Return the peak memory over the idle process, in MiB."""
    return sample.peak / 2**20


def told(name: str) -> Callable[[Sample], float]:
    """Return how to read a figure that the work itself took."""
    return lambda sample: sample.told[name]


@contextmanager
def _process(contestant: Contestant, warm_up: int) -> Iterator[Callable[[int], Sample]]:
    """Start a contestant's process; yield how to let it do so many units."""
    command = contestant.command(warm_up)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asking, answering = process.stdin, process.stdout

        def line() -> str:
            said = answering.readline()
            if not said:
                msg = f"{contestant.label}: its process ended with {process.wait()}"
                raise RuntimeError(msg)
            return said

        def work(units: int) -> Sample:
            print(max(1, round(units * contestant.share)), file=asking, flush=True)
            return Sample(**json.loads(line()))

        try:
            line()
            yield work
        finally:
            asking.close()


def alternate(
    contestants: Iterable[Contestant], units: int, rounds: int, *, warm_up: int | None = None, fresh: bool = False
) -> Seen:
    """Let contestants work in turn, round after round.

    Args:
        contestants: Their labels name them in what is returned.
        units: How much each one does in a round.
        rounds: How many rounds.
        warm_up: How much each does before, unmeasured; a tenth by default.
        fresh: Whether each sample is taken in a fresh process, as memory must be.
    """
    chosen = list(contestants)
    before = max(1, units // 10) if warm_up is None else warm_up
    samples: dict[str, list[Sample]] = {one.label: [] for one in chosen}
    with ExitStack() as stack:
        stack.enter_context(pinned())
        if fresh:
            for _ in range(rounds):
                for one in chosen:
                    with _process(one, before) as work:
                        samples[one.label].append(work(units))
            return Seen(samples)
        processes = {one.label: stack.enter_context(_process(one, max(1, round(before * one.share)))) for one in chosen}
        for _ in range(rounds):
            for label, work in processes.items():
                samples[label].append(work(units))
    return Seen(samples)


@contextmanager
def pinned() -> Iterator[None]:
    """Pin this process, and so those that it starts, to the contestants' core."""
    if CORES[1:]:
        os.sched_setaffinity(0, {CORES[0]})
    try:
        yield
    finally:
        if CORES[1:]:
            os.sched_setaffinity(0, CORES)


def has_valgrind() -> bool:
    """Whether instructions can be counted."""
    return shutil.which("valgrind") is not None


def instructions(contestant: Contestant, units: int, *, warm_up: int = 20) -> float:
    """Return the instructions of a unit, by valgrind: what twice the units take beyond once, so no start-up counts.

    cachegrind without its caches counts the same instructions as callgrind in a third of the time.
    """
    command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={os.devnull}"]
    # Both run at the same time: other work on the machine changes how long they take, and not what they count.
    running = [
        subprocess.Popen(
            [*command, *contestant.command(warm_up), str(count)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": "0"},
        )
        for count in (units, 2 * units)
    ]
    reports = [process.communicate()[1] for process in running]
    counts = []
    for process, report in zip(running, reports, strict=True):
        counted = _COUNTED.search(report)
        if process.returncode or counted is None:
            msg = f"{contestant.label} under valgrind ended with {process.returncode}: {report[-2000:]}"
            raise RuntimeError(msg)
        counts.append(int(counted[1].replace(",", "")))
    return (counts[1] - counts[0]) / units
