"""Writes what was seen: `results.md` for a reader, `details.md` behind it, and a plot of each comparison."""

from __future__ import annotations

import os
import platform
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.plots import draw
from benchmarks.result import Result, Table

COMPARED = (
    "kolay-invoice",
    "aiohttp",
    "attrs",
    "cattrs",
    "backoff",
    "msgspec",
    "uvloop",
    "httpx",
    "httpx2",
    "requests",
    "urllib3",
    "niquests",
    "urllib3-future",
    "openai",
    "stripe",
    "pydantic",
    "sqlalchemy",
    "aiosqlite",
    "psycopg",
)


def write(results: Sequence[Result], into: Path, bench: Bench, seconds: float) -> Path:
    """Write the results and plots; return the path of the results."""
    plots = into / "plots"
    plots.mkdir(parents=True, exist_ok=True)
    for result in results:
        for chart in result.charts:
            draw(chart, plots)
    path = into / "results.md"
    path.write_text("\n".join(_page(results, bench)) + "\n", encoding="utf-8")
    details = "\n".join(_details(results, bench, seconds)) + "\n"
    (into / "details.md").write_text(details, encoding="utf-8")
    return path


def _page(results: Sequence[Result], bench: Bench) -> Iterator[str]:
    yield "# Measured speed"
    yield ""
    yield (
        "Each goal, judged by the figure that it names. Instructions a call, counted by valgrind, repeat to 0.1 %. "
        f"Other ratios are medians of {bench.rounds} alternating rounds on one machine. Absolute times claim nothing. "
        "`nox -s benchmarks` writes this page and [the details](details.md): tables, plots, versions."
    )
    if bench.short:
        yield ""
        yield "**The short form: it shows that everything runs. Its figures mean nothing.**"
    yield ""
    yield from _table(_summary(results))


def _details(results: Sequence[Result], bench: Bench, seconds: float) -> Iterator[str]:
    yield "# Measured speed: the details"
    yield ""
    yield (
        "CPU as the operating system accounts it, of all threads of the contestant's own process. A ratio is the "
        f"median of the ratios of {bench.rounds} alternating rounds, with the lowest and the highest. It is judged "
        "where a goal names it. The µs are medians of their own, so their quotient can differ from the ratio."
    )
    for result in results:
        yield from _result(result)
    yield ""
    yield "## Where and with what"
    yield ""
    yield from (f"- {line}" for line in _surroundings(seconds))
    yield ""
    yield from _table(Table("", ("package", "version"), list(_versions())))


def _summary(results: Iterable[Result]) -> Table:
    rows = []
    for result in results:
        if not result.goals:
            rows.append((str(result.number), result.work, "shown", "see below", ""))
        rows += [
            (str(result.number), result.work, goal.text, goal.seen, "yes" if goal.is_reached else "**no**")
            for goal in result.goals
        ]
    return Table("", ("#", "work", "goal", "seen", "reached"), rows)


def _result(result: Result) -> Iterator[str]:
    yield ""
    yield f"## {result.number}. {result.work[0].upper()}{result.work[1:]}"
    yield ""
    yield f"Compared with: {result.compared_with}."
    for goal in result.goals:
        yield ""
        yield f"**Goal:** {goal.text} · **seen:** {goal.seen} · **reached:** {'yes' if goal.is_reached else 'no'}"
    for table in result.tables:
        yield ""
        yield f"### {table.title}"
        yield ""
        yield from _table(table)
    if result.charts:
        yield ""
        yield from (f"![{chart.title}](plots/{chart.name}.png)" for chart in result.charts)
    if result.notes:
        yield ""
        yield from (f"- {note}" for note in result.notes)


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(table.columns)} |"
    yield f"|{'---|' * len(table.columns)}"
    yield from (f"| {' | '.join(row)} |" for row in table.rows)


def _surroundings(seconds: float) -> Iterator[str]:
    yield f"{datetime.now(UTC):%Y-%m-%d}, {seconds / 60:.0f} minutes"
    yield f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.release()}"
    yield f"{_processor()}, {os.cpu_count()} cores; load average {os.getloadavg()[0]:.1f} at the end"
    yield ssl.OPENSSL_VERSION
    for program in ("valgrind", "postgres"):
        found = shutil.which(program)
        if found is not None:
            said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
            yield f"{program}: {said.stdout.strip()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or sys.platform
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _versions() -> Iterator[tuple[str, str]]:
    for name in COMPARED:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "not installed"
