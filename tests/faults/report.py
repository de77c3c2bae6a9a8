"""The matrix as a run prints it, and as it is written for readers: which cases the suite has for each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest
from attrs import define, field

from .matrix import CALLS
from .rows import ROWS, Row, RowNumber

OUTCOMES = ("passed", "failed", "skipped")
CONTROLS = ("tests/faults/test_negative_controls.py", "tests/journal/test_negative_controls.py")


@define
class Results:
    """How the cases of each cell ended in a run."""

    cells: dict[tuple[RowNumber, str], Counter[str]] = field(factory=dict)

    @classmethod
    def of(cls, stats: Mapping[str, Sequence[Any]]) -> Results:
        """Collect what a run of pytest has reported."""
        results = cls()
        for outcome in OUTCOMES:
            for report in stats.get(outcome, ()):
                for row, call in (value for name, value in report.user_properties if name == "cell"):
                    results.cells.setdefault((row, call), Counter())[outcome] += 1
        return results

    def cell(self, row: RowNumber, call: str) -> str:
        """Return what a cell shows."""
        outcomes = self.cells.get((row, call), Counter())
        ran = outcomes["passed"] + outcomes["failed"]
        skipped = f" ({outcomes['skipped']} skipped)" if outcomes["skipped"] else ""
        return f"{outcomes['passed']}/{ran}{skipped}" if ran or skipped else "–"


@define
class Cases:
    """The cases that the suite has for each row. They are counted without being run."""

    by_call: Counter[tuple[RowNumber, str]] = field(factory=Counter)
    by_file: dict[RowNumber, Counter[str]] = field(factory=dict)
    controls: int = 0

    @classmethod
    def of(cls, items: Iterable[pytest.Item]) -> Cases:
        """Count what pytest has collected."""
        cases = cls()
        for item in items:
            place = item.nodeid.partition("::")[0]
            cases.controls += place in CONTROLS
            call = getattr(getattr(item, "callspec", None), "params", {}).get("call")
            for row in {number for marker in item.iter_markers("row") for number in marker.args}:
                cases.by_file.setdefault(row, Counter())[place] += 1
                if call in CALLS:
                    cases.by_call[row, call.name] += 1
        return cases

    def missing(self) -> list[RowNumber]:
        """Return the rows that no test is marked with."""
        return [row.number for row in ROWS if row.number not in self.by_file]

    def unknown(self) -> list[RowNumber]:
        """Return what tests are marked with that is no row."""
        return [number for number in self.by_file if number not in {row.number for row in ROWS}]

    def files(self, row: RowNumber) -> str:
        """Return how many cases of a row stand in which file."""
        counts = sorted(self.by_file.get(row, Counter()).items())
        return "<br>".join(f"{count} in `{place}`" for place, count in counts) or "–"


_HEAD = """# The fault matrix

What the test suite does to the package, and with how many cases. Each case is one fault, against a server that **counts
what it executed**; wherever the suite runs, all of them have to hold.

This page is written from the tests themselves, never by hand, and a test compares the two:

```sh
FAULT_MATRIX=docs/fault-matrix.md python -m pytest tests -n 0 --collect-only --quiet
```

## What happens to a call

A cell counts the cases of one fault and one call, in the asynchronous form and through the blocking twin. After every
case it is asserted that nothing was executed twice, that nothing executed was denied, that the error is of the right
class, that no secret shows, and that no other origin was touched. What each call is told in each row (repeated,
refused, unknown, …) is written in the tables of `tests/faults`.

"""

_PROCESSES = """
## What happens to a process, a journal and its machine

These faults strike whole processes, files, clocks and databases, or change what the provider shows, so they are counted
by test and not by call. Negative controls of a row, in which a safeguard is taken away and the count shows the
duplicate, are among its cases.

"""


def as_markdown(cases: Cases) -> str:
    """Return the page: the two tables, the negative controls, and what is not covered."""
    calls = [call.name for call in CALLS]
    lines = [
        f"| # | what goes wrong | must never happen | {' | '.join(f'`{call}`' for call in calls)} |",
        "|---" * (3 + len(calls)) + "|",
        *(_line_by_call(row, cases, calls) for row in ROWS if not row.ends),
        _PROCESSES.rstrip("\n"),
        "",
        "| # | what happens | must end as | must never happen | cases |",
        "|---" * 5 + "|",
        *(
            f"| {row.number} | {row.fault} | {row.ends} | {row.never} | {cases.files(row.number)} |"
            for row in ROWS
            if row.ends
        ),
        "",
        "## Negative controls",
        "",
        f"Clients and journals with the usual mistakes, each of which must turn the harness red: {cases.controls}.",
        "",
        "## What this does not cover",
        "",
        "- No provider was called. These servers follow the providers' pages; a provider's bad day is guessed.",
        "- A call that was executed and whose answer was lost is *told* as unknown, and no more, without a read-back.",
        *(f"- Row {row.number} ({row.fault}): {row.not_covered}" for row in ROWS if row.not_covered),
    ]
    return _HEAD + "\n".join(lines) + "\n"


def _line_by_call(row: Row, cases: Cases, calls: Sequence[str]) -> str:
    counts = (cases.by_call[row.number, call] or "–" for call in calls)
    return f"| {row.number} | {row.fault} | {row.never} | {' | '.join(map(str, counts))} |"
