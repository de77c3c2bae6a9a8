"""The process in which a contestant works: `python -m benchmarks.child MODULE:FUNCTION SETTING WARM_UP [UNITS]`.

It warms up, says so with a line, and then does as many units as each line of its input says; each answer is one line
of JSON. With UNITS it does them once and says nothing: so valgrind counts them.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from importlib import import_module
from pathlib import Path

from attrs import asdict, frozen

from benchmarks.setting import Setting, Told, Work

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_RESET_PEAK = "5"


@frozen
class Sample:
    """What one piece of work has cost its process."""

    units: int
    cpu: float
    """Seconds of CPU, user and system, of all threads."""
    wall: float
    peak: int
    """Bytes of the highest resident memory over that of the idle process."""
    told: Told


def _memory() -> tuple[int, int]:
    """Return the resident bytes now, and the most there ever were."""
    if not _STATUS.exists():
        # Not Linux. The figure is only right in a process that has done nothing big before.
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most, most
    lines = dict(line.split(":", 1) for line in _STATUS.read_text(encoding="ascii").splitlines())
    now, most = (int(lines[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
    return now, most


def sample(work: Work, setting: Setting, units: int) -> Sample:
    """Do some work and say what it cost."""
    gc.collect()
    if _CLEAR.exists():
        _CLEAR.write_text(_RESET_PEAK, encoding="ascii")
    idle, _ = _memory()
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    told = work(setting, units) or {}
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Sample(units, cpu, wall, max(0, _memory()[1] - idle), told)


def main() -> None:
    place, setting_json, warm_up, *once = sys.argv[1:]
    module, _, function = place.partition(":")
    work: Work = getattr(import_module(module), function)
    setting = Setting(**json.loads(setting_json))
    if int(warm_up):
        work(setting, int(warm_up))
    if once:
        work(setting, int(once[0]))
        return
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(asdict(sample(work, setting, int(line)))), flush=True)


if __name__ == "__main__":
    main()
