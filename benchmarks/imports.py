"""Row 10: how long the import takes, in a bare interpreter."""

from __future__ import annotations

import statistics
import subprocess
import sys

from benchmarks.bench import Bench
from benchmarks.measuring import ROOT, pinned
from benchmarks.result import Chart, Goal, Result, Table, at_most

SDK, PARTS = "import kolay_invoice", "import aiohttp, attrs, cattrs, backoff, msgspec"
CLIENT = "from kolay_invoice import AsyncKolayBi"
FIRST_CALL = f"{CLIENT}; import kolay_invoice.transport"

_TIMED = """
from time import perf_counter, process_time
used, began = process_time(), perf_counter()
{}
print(process_time() - used, perf_counter() - began)
"""


def _milliseconds(statement: str) -> tuple[float, float]:
    """Return the CPU and real milliseconds of an import in a new interpreter."""
    command = [sys.executable, "-c", _TIMED.format(statement)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    used, took = map(float, said.split())
    return used * 1e3, took * 1e3


def row_10(bench: Bench) -> Result:
    """Import time."""
    statements = (SDK, CLIENT, FIRST_CALL, PARTS)
    with pinned():
        for statement in statements:
            # The first import of all compiles and fills the file cache.
            _milliseconds(statement)
        rounds = [
            {one: _milliseconds(one) for one in statements} for _ in range(1 if bench.short else 3 * bench.rounds)
        ]
    ratios = {one: statistics.median(seen[one][0] / seen[PARTS][0] for seen in rounds) for one in statements}
    rows = [
        (
            f"`{one}`",
            f"{ratios[one]:.2f}",
            *(f"{statistics.median(seen[one][kind] for seen in rounds):.0f}" for kind in (0, 1)),
        )
        for one in statements
    ]
    bars = [(one.replace("; ", ";\n"), ratios[one]) for one in statements]
    return Result(
        10,
        "`import kolay_invoice`",
        f"`{PARTS}`",
        [Goal.at_most(f"CPU of `{SDK}`", 0.45, ratios[SDK])],
        [Table("Import in a new interpreter", ("", "CPU ratio", "CPU ms", "wall ms"), rows)],
        [Chart("10-import", "Import time", "CPU, as a multiple of the parts' import", bars, at_most(0.45))],
        [
            "The second line loads the client's own rooms with attrs, cattrs and msgspec; the goal is not about it.",
            "The third line loads all that the first call needs, aiohttp with it.",
        ],
    )
