"""Runs the benchmarks: `python -m benchmarks [--only 1,4] [--short]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from benchmarks.batches import row_7, row_8, row_9
from benchmarks.bench import Bench, serving
from benchmarks.blocking import row_6
from benchmarks.imports import row_10
from benchmarks.lists import row_4, row_5
from benchmarks.loops import row_13
from benchmarks.measuring import has_valgrind
from benchmarks.report import write
from benchmarks.result import Result
from benchmarks.rivals import row_3
from benchmarks.small_calls import row_1, row_2
from benchmarks.stalls import row_11
from benchmarks.tasks import row_12

ROWS: dict[int, Callable[[Bench], Result]] = dict(
    enumerate((row_1, row_2, row_3, row_4, row_5, row_6, row_7, row_8, row_9, row_10, row_11, row_12, row_13), start=1)
)


def _numbers(text: str) -> list[int]:
    numbers = [int(number) for number in text.split(",")]
    unknown = [number for number in numbers if number not in ROWS]
    if unknown:
        msg = f"there is no row {unknown[0]}"
        raise argparse.ArgumentTypeError(msg)
    return numbers


def _refuse_replaced_urllib3() -> None:
    """Stop where urllib3-future, which niquests brings, stands in the place of urllib3: all of row 3 would be of it."""
    if import_module("urllib3").__version__ != version("urllib3"):
        sys.exit(
            "urllib3 is replaced by urllib3-future here. Install both: "
            "URLLIB3_NO_OVERRIDE=1 pip install --force-reinstall --no-binary urllib3-future urllib3-future urllib3"
        )


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = options.add_argument
    add("--only", type=_numbers, default=list(ROWS), help="the rows to run, such as 1,4")
    add("--short", action="store_true", help="only show that everything works; the figures mean nothing")
    add("--rounds", type=int, help="alternating rounds of each comparison; 5, or 1 in the short form")
    add("--million", action="store_true", help="also send 1,000,000 operations through a journal (row 9)")
    add("--no-instructions", action="store_true", help="do not count instructions with valgrind")
    add("--into", type=Path, help="where to write; `benchmarks`, or a new directory in the short form")
    return options.parse_args()


def main() -> None:
    """Run the rows that were asked for, and write what was seen."""
    chosen = _options()
    _refuse_replaced_urllib3()
    into = chosen.into or (Path(tempfile.mkdtemp(prefix="benchmarks-")) if chosen.short else Path(__file__).parent)
    began = time.monotonic()
    results = []
    with serving(
        short=chosen.short,
        rounds=chosen.rounds or (1 if chosen.short else 5),
        million=chosen.million,
        counts_instructions=has_valgrind() and not chosen.short and not chosen.no_instructions,
    ) as bench:
        for number in chosen.only:
            row_began = time.monotonic()
            results.append(result := ROWS[number](bench))
            # After each row, so that a run that is cut short has not measured in vain.
            written = write(sorted(results, key=lambda one: one.number), into, bench, time.monotonic() - began)
            print(f"{number:>2}. {result.work} ({time.monotonic() - row_began:.0f} s)", flush=True)
            for goal in result.goals:
                print(f"    {'reached    ' if goal.is_reached else 'NOT reached'} {goal.text}: {goal.seen}", flush=True)
            print(f"    {written}", flush=True)


if __name__ == "__main__":
    main()
