"""The matrix with its results, as it is printed and as it is written for readers."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from attrs import define, field

from .matrix import CALLS
from .rows import ROWS, Row, RowNumber

OUTCOMES = ("passed", "failed", "skipped")
CONTROLS = ("tests/faults/test_negative_controls.py", "tests/journal/test_negative_controls.py")


@define
class Results:
    """How the cases of each cell and of each test ended."""

    cells: dict[tuple[RowNumber, str], Counter[str]] = field(factory=dict)
    tests: list[tuple[str, str]] = field(factory=list)

    @classmethod
    def of(cls, stats: Mapping[str, Sequence[Any]]) -> Results:
        """Collect what a run of pytest has reported."""
        results = cls()
        for outcome in OUTCOMES:
            for report in stats.get(outcome, ()):
                results.tests.append((report.nodeid, outcome))
                for row, call in (value for name, value in report.user_properties if name == "cell"):
                    results.cells.setdefault((row, call), Counter())[outcome] += 1
        return results

    def cell(self, row: RowNumber, call: str) -> str:
        """Return what a cell shows."""
        return _shown(self.cells.get((row, call), Counter()))

    def of_tests(self, names: Sequence[str]) -> str:
        """Return what the tests show whose names begin like one of these."""
        return _shown(Counter(outcome for test, outcome in self.tests if test.startswith(tuple(names))))


def _shown(outcomes: Mapping[str, int]) -> str:
    ran = outcomes.get("passed", 0) + outcomes.get("failed", 0)
    skipped = f" ({outcomes['skipped']} skipped)" if outcomes.get("skipped") else ""
    return f"{outcomes.get('passed', 0)}/{ran}{skipped}" if ran or skipped else "–"


_HEAD = """# The fault matrix

What the test suite does to each call, and how many of its cases hold. A cell reads *cases that hold / cases that ran*;
each case is one fault, in the asynchronous form or through the blocking twin, against a server that **counts what it
executed**. After every case it is asserted that nothing was executed twice, that nothing executed was denied, that the
error is of the right class, that no secret shows, and that no other origin was touched. What each call is told in each
row (repeated, refused, unknown, …) is written in the tables of `tests/faults`.

This page is written by the suite itself and never by hand:

```sh
FAULT_MATRIX=docs/fault-matrix.md python -m pytest tests/faults tests/test_blocking_processes.py \
tests/test_late_bytes.py tests/journal
```

"""


def as_markdown(results: Results) -> str:
    """Return the page: the table, the negative controls, and what is not covered."""
    calls = [call.name for call in CALLS]
    lines = [
        f"Written on {platform.system()}, Python {platform.python_version()}, aiohttp {version('aiohttp')}.",
        "",
        f"| # | what goes wrong | must never happen | {' | '.join(f'`{call}`' for call in calls)} |",
        "|---" * (3 + len(calls)) + "|",
        *(_line(row, results, calls) for row in ROWS),
        "",
        "## Negative controls",
        "",
        f"Clients with the usual mistakes, each of which must turn the harness red: {results.of_tests(CONTROLS)}.",
        "",
        "## What this does not cover",
        "",
        "- No provider was called. These servers follow the providers' pages; a provider's bad day is guessed.",
        "- A call that was executed and whose answer was lost is *told* as unknown, and no more, without a read-back.",
        *(f"- Row {row.number} ({row.fault}): {row.not_covered}" for row in ROWS if row.not_covered),
    ]
    return _HEAD + "\n".join(lines) + "\n"


def _line(row: Row, results: Results, calls: Sequence[str]) -> str:
    if row.elsewhere:
        whole = results.of_tests(row.elsewhere)
        shown = "not run" if whole == "–" else f"{whole}, whole processes"
        cells = [shown, *("" for _ in calls[1:])]
    else:
        cells = [results.cell(row.number, call) for call in calls]
    return f"| {row.number} | {row.fault} | {row.never} | {' | '.join(cells)} |"
