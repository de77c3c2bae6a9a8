"""Rows 7, 8 and 9: many operations, with and without a journal."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from benchmarks.bench import LATENCY, Bench
from benchmarks.marks_ahead import marks_ahead
from benchmarks.measuring import CORES, Contestant, Seen, alternate, cpu, mebibytes, wall
from benchmarks.result import Chart, Goal, Result, Table, at_least, at_most
from benchmarks.setting import Setting, run
from benchmarks.small_calls import RAW, kolaybi, raw_writes
from kolay_invoice import CreateEDocument, EDocument, ListCompanies, call_all
from kolay_invoice.journal import Journal, State, psycopg_cursor
from tests import postgresql

AT_ONCE = 64
READS = "kolay_invoice, reads"
BARE, SQLITE, POSTGRESQL = "kolay_invoice, no journal", "kolay_invoice, SQLite", "kolay_invoice, PostgreSQL"
AHEAD = "kolay_invoice, SQLite, marks ahead"
PIPELINED = "kolay_invoice, PostgreSQL, rows in a pipeline"


def without_journal(setting: Setting, operations: int) -> None:
    """Send documents, so many at once."""

    async def work() -> None:
        async with kolaybi(setting) as client:
            requests = (CreateEDocument(number) for number in range(1, operations + 1))
            await call_all(client, requests, _check, concurrency=setting.at_once)

    run(setting, work())


def reads(setting: Setting, operations: int) -> None:
    """Make reads, so many at once, over connections that are used again."""

    async def work() -> None:
        async with kolaybi(setting) as client:
            requests = (ListCompanies() for _ in range(operations))
            await call_all(client, requests, _check_read, concurrency=setting.at_once)

    run(setting, work())


def _check_read(request: object, answer: object) -> None:
    assert isinstance(answer, tuple), (request, answer)


def _check(request: object, answer: object) -> None:
    assert isinstance(answer, EDocument), (request, answer)


def through_journal(setting: Setting, operations: int) -> None:
    """Send documents, each written down before it leaves and after its answer came."""

    async def work() -> None:
        with _new_journal(setting.journal) as url:
            async with kolaybi(setting) as client, Journal.open(url) as journal:
                requests = (CreateEDocument(number) for number in range(1, operations + 1))
                report = await journal.run(client, requests, concurrency=setting.at_once)
                assert report.counts[State.DONE] == operations

    run(setting, work())


def through_journal_marked_ahead(setting: Setting, operations: int) -> None:
    """Send documents through a journal that makes its marks ahead of their turn."""
    with marks_ahead():
        through_journal(setting, operations)


def through_journal_in_pipelines(setting: Setting, operations: int) -> None:
    """Send documents through a PostgreSQL journal that sends the rows of a statement in a pipeline.

    It shows what it costs to send them one by one, and is not safe: see `OneByOneCursor`.
    """
    with patch.object(psycopg_cursor, "OneByOneCursor", psycopg.AsyncCursor):
        through_journal(setting, operations)


@contextmanager
def _new_journal(kind: str) -> Iterator[str]:
    """Yield the URL of a journal that holds nothing yet."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as place:
            yield f"sqlite:///{Path(place, 'sends.db')}"
        return
    name = f"benchmark_{uuid4().hex}"
    with psycopg.connect(kind, autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        yield urlunsplit(urlsplit(kind)._replace(path=f"/{name}"))
        server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@contextmanager
def _postgresql() -> Iterator[str | None]:
    """Start a PostgreSQL server on the server's core, as the tests do; None where none is installed."""
    with ExitStack() as stack:
        if CORES[1:]:
            os.sched_setaffinity(0, {CORES[-1]})
            stack.callback(os.sched_setaffinity, 0, CORES)
        try:
            server = stack.enter_context(postgresql.running(waits_for_disk=True))
        except pytest.skip.Exception:
            yield None
            return
        if CORES[1:]:
            os.sched_setaffinity(0, CORES)
        yield server.url("postgres")


def _of_ideal(seen: Seen, label: str, operations: int) -> float:
    ideal = operations * LATENCY / AT_ONCE
    return 100 * ideal / (seen.of(label, wall) * operations / 1e6)


def _with_latency(bench: Bench, contestants: list[Contestant]) -> tuple[Seen, int]:
    operations = bench.units(10_000, 256)
    return alternate(contestants, operations, bench.rounds, warm_up=AT_ONCE), operations


def _contestant(label: str, place: Setting, journal: str) -> Contestant:
    controls = {AHEAD: through_journal_marked_ahead, PIPELINED: through_journal_in_pipelines}
    work = controls.get(label, through_journal if journal else without_journal)
    return Contestant(label, work, place).with_setting(at_once=AT_ONCE, journal=journal)


def row_7(bench: Bench) -> Result:
    """Many operations at a slow provider, beside the ideal."""
    raw = Contestant(RAW, raw_writes, bench.slow).with_setting(at_once=AT_ONCE)
    pooled = Contestant(READS, reads, bench.slow).with_setting(at_once=AT_ONCE)
    seen, operations = _with_latency(bench, [_contestant(BARE, bench.slow, ""), raw, pooled])
    of_ideal = {label: _of_ideal(seen, label, operations) for label in (BARE, RAW, READS)}
    ideal = operations * LATENCY / AT_ONCE
    rows = [
        ("ideal", f"{ideal:.2f}", "100.0", ""),
        *(
            (
                label,
                f"{seen.of(label, wall) * operations / 1e6:.2f}",
                f"{share:.1f}",
                f"{seen.of(label, cpu):.0f}",
            )
            for label, share in of_ideal.items()
        ),
    ]
    title = f"{operations:,} operations, {LATENCY * 1e3:.0f} ms latency, {AT_ONCE} at a time"
    return Result(
        7,
        "10,000 operations, provider latency 50 ms, 64 at a time",
        "the ideal: 10,000 × 50 ms / 64",
        [
            Goal.at_least("of the ideal, sends", 95, of_ideal[BARE], "%"),
            Goal.at_least("of the ideal, reads", 95, of_ideal[READS], "%"),
        ],
        [Table(title, ("", "seconds", "% of the ideal", "CPU µs an operation"), rows)],
        [Chart("7-ideal", title, "% of the ideal", [("ideal", 100.0), *of_ideal.items()], at_least(95))],
        [
            "Every reply comes exactly 50 ms after its request, so 64 sends move in step and their CPU adds up.",
            "Raw aiohttp sends on connections of its own shows which part of that is not the SDK's.",
            "A loop takes each step of all waiting calls before the next step of any: in step, they stay in step.",
            "A read on a connection that is open already has no such steps between its reply and the next request.",
            "Starting them 0.8 or 1 ms apart did not part them, and uvloop only makes the steps shorter.",
            "Providers whose latency varies do not show this.",
        ],
    )


def row_8(bench: Bench) -> Result:
    """The same through the journals."""
    with _postgresql() as server:
        journals = {BARE: "", AHEAD: "sqlite", SQLITE: "sqlite"}
        if server:
            journals |= {PIPELINED: server, POSTGRESQL: server}
        contestants = [_contestant(label, bench.slow, journal) for label, journal in journals.items()]
        seen, operations = _with_latency(bench, contestants)
    shares = {one.label: 100 * seen.ratio(BARE, one.label, wall) for one in contestants}
    rows = [
        (label, f"{seen.of(label, wall) * operations / 1e6:.2f}", f"{share:.1f}", f"{seen.of(label, cpu):.0f}")
        for label, share in shares.items()
    ]
    title = f"{operations:,} operations, {LATENCY * 1e3:.0f} ms latency, {AT_ONCE} at a time, through a journal"
    return Result(
        8,
        "the same through the SQLite and PostgreSQL journals",
        "row 7, run again in the same rounds",
        [
            *(
                Goal.at_least(f"of row 7, {label}", 90, shares[label], "%")
                for label in shares
                if label not in (BARE, AHEAD, PIPELINED)
            ),
            *(
                Goal.at_least(f"of the speed of {control}", 95, 100 * seen.ratio(control, label, wall), "%")
                for label, control in ((SQLITE, AHEAD), (POSTGRESQL, PIPELINED))
                if label in shares
            ),
        ],
        [Table(title, ("", "seconds", "% of no journal", "CPU µs an operation"), rows)],
        [Chart("8-journals", title, "% of the speed without journal", list(shares.items()), at_least(90))],
        [
            "A mark is made when the operation holds its slot and its connection: `marks ahead` shows what that costs.",
            "PostgreSQL gets the rows of a statement one by one: `rows in a pipeline` shows what that costs.",
            "Both controls run in the same rounds, and are not safe.",
        ]
        + ([] if server else ["PostgreSQL is not installed and was left out (Debian: `apt install postgresql`)."]),
    )


def row_9(bench: Bench) -> Result:
    """Whether time is linear and memory flat."""
    sizes = [bench.units(10_000, 200), bench.units(100_000, 1_000)]
    rounds = dict.fromkeys(sizes, bench.rounds)
    if bench.million:
        sizes.append(bench.units(1_000_000, 2_000))
        rounds[sizes[-1]] = 1
    contestant = _contestant(SQLITE, bench.plain, "sqlite")
    seen = {size: alternate([contestant], size, rounds[size], warm_up=AT_ONCE, fresh=True) for size in sizes}
    base = sizes[0]
    times = {size: seen[size].of(SQLITE, wall) / seen[base].of(SQLITE, wall) for size in sizes}
    memory = {size: seen[size].of(SQLITE, mebibytes) - seen[base].of(SQLITE, mebibytes) for size in sizes}
    rows = [
        (
            f"{size:,}",
            f"{seen[size].of(SQLITE, wall) * size / 1e6:.1f}",
            f"{times[size]:.2f}",
            f"{seen[size].of(SQLITE, cpu):.0f}",
            f"{seen[size].of(SQLITE, mebibytes):.1f}",
            f"{memory[size]:+.1f}",
            str(rounds[size]),
        )
        for size in sizes
    ]
    columns = (
        "operations",
        "seconds",
        "time an operation, ratio",
        "CPU µs an operation",
        "peak MiB",
        "more MiB",
        "rounds",
    )
    goals = []
    for size in sizes[1:]:
        goals.append(Goal.at_most(f"time an operation at {size:,} over {base:,}", 1.1, times[size]))
        goals.append(Goal.at_most(f"more memory at {size:,} than at {base:,}", 20, memory[size], "MiB"))
    return Result(
        9,
        "100,000 and 1,000,000 operations through the journal",
        "10,000 operations",
        goals,
        [Table("Through the SQLite journal, no latency", columns, rows)],
        [
            Chart(
                "9-time",
                "Time an operation through the SQLite journal",
                f"multiple of {base:,} operations",
                [(f"{size:,} operations", times[size]) for size in sizes],
                at_most(1.1),
            ),
            Chart(
                "9-memory",
                "Peak memory over the idle process",
                "MiB",
                [(f"{size:,} operations", seen[size].of(SQLITE, mebibytes)) for size in sizes],
            ),
        ],
        [
            "Linear is read as: at most a tenth more time an operation.",
            *(
                []
                if bench.million
                else ["1,000,000 operations take a quarter of an hour; `--million` runs them too, once."]
            ),
        ],
    )
