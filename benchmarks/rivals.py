"""Row 3: the same calls through what a user would pick instead."""

from __future__ import annotations

from importlib.util import find_spec

from benchmarks import clients
from benchmarks.bench import Bench
from benchmarks.measuring import Contestant, Seen, alternate, cpu, instructions
from benchmarks.result import Chart, Goal, Result, Table, at_least, comparison
from benchmarks.setting import Setting, Work
from benchmarks.small_calls import MANY, RAW, SDK, raw_reads, raw_writes, sdk_reads, sdk_writes

RIVALS: tuple[tuple[str, str, Work, Work, float], ...] = (
    # Label, the package that it needs, its reads and writes, and the share of the calls that it makes.
    (SDK, "kolay_invoice", sdk_reads, sdk_writes, 1.0),
    (RAW, "aiohttp", raw_reads, raw_writes, 1.0),
    ("urllib3", "urllib3", clients.urllib3_reads, clients.urllib3_writes, 1.0),
    ("stripe (aiohttp)", "stripe", clients.stripe_reads, clients.stripe_writes, 0.5),
    ("stripe (requests)", "stripe", clients.stripe_blocking_reads, clients.stripe_blocking_writes, 0.5),
    ("httpx", "httpx", clients.httpx_reads, clients.httpx_writes, 0.5),
    ("niquests", "niquests", clients.niquests_reads, clients.niquests_writes, 0.5),
    ("requests, session", "requests", clients.requests_reads, clients.requests_writes, 0.5),
    ("requests, no session", "requests", clients.bare_requests_reads, clients.bare_requests_writes, 0.25),
    ("openai", "openai", clients.openai_reads, clients.openai_writes, 0.5),
)
SDKS = ("stripe (aiohttp)", "stripe (requests)", "openai")
REQUESTS = ("requests, session", "requests, no session")
OTHERS = tuple(label for label, *_ in RIVALS if label not in {SDK, RAW})


def _contestants(place: Setting, at_once: int, *, writes: bool) -> list[Contestant]:
    return [
        Contestant(label, write if writes else read, place, share).with_setting(at_once=at_once)
        for label, package, read, write, share in RIVALS
        if find_spec(package) is not None
    ]


def _lead(seen: Seen, rivals: tuple[str, ...]) -> float:
    """Return by how much the SDK is ahead of the best of these."""
    return min(seen.ratio(rival, SDK, cpu) for rival in rivals if rival in seen.samples)


def row_3(bench: Bench) -> Result:
    """The same calls through other clients."""
    cases = [
        ("3-read-1", "Small read, pooled, 1 at a time", bench.plain, 1, False, bench.units(600, 40)),
        ("3-read-32", f"Small read, pooled, {MANY} at a time", bench.plain, MANY, False, bench.units(1_200, 64)),
        (
            "3-write-tcp",
            f"Small write, own connection, TCP, {MANY} at a time",
            bench.plain,
            MANY,
            True,
            bench.units(800, 64),
        ),
        (
            "3-write-tls",
            f"Small write, own connection, TLS, {MANY} at a time",
            bench.tls,
            MANY,
            True,
            bench.units(160, 32),
        ),
    ]
    if bench.short:
        # One of each kind shows that every client works.
        cases = cases[1::2]
    goals, tables, charts = [], [], []
    for name, title, place, at_once, writes, calls in cases:
        contestants = _contestants(place, at_once, writes=writes)
        seen = alternate(contestants, calls, bench.rounds)
        lines = at_least(1, "every other client")
        if at_once == MANY:
            lines += at_least(2, "other SDKs") + at_least(4, "requests")
        table, chart = comparison(name, title, seen, contestants, SDK, lines=lines)
        tables.append(table)
        charts.append(chart)
        lead = _lead(seen, OTHERS)
        goals.append(Goal(f"ahead of every one: {title.lower()}", f"{lead:.3g} × the next", lead > 1))
        if at_once == MANY:
            goals.append(Goal.at_least(f"ahead of the best SDK: {title.lower()}", 2, _lead(seen, SDKS)))
            goals.append(Goal.at_least(f"ahead of requests: {title.lower()}", 4, _lead(seen, REQUESTS)))
    if bench.counts_instructions:
        one_at_a_time = _contestants(bench.plain, 1, writes=False)
        counted = {one.label: instructions(one, 40, warm_up=5) for one in one_at_a_time}
        rows = [(label, f"{count / counted[SDK]:.2f}", f"{count:,.0f}") for label, count in counted.items()]
        tables.append(
            Table("Instructions of a small read, 1 at a time (valgrind)", ("", f"× {SDK}", "instructions"), rows)
        )
        bars = [(label, count / 1e3) for label, count in counted.items()]
        charts.append(Chart("3-instructions", "Instructions of a small read", "thousands", bars))
    missing = sorted({package for _, package, *_ in RIVALS if find_spec(package) is None})
    return Result(
        3,
        "the same calls through other clients",
        "httpx, requests (with and without a session), urllib3, niquests, the machinery of openai and stripe",
        goals,
        tables,
        charts,
        [
            "Blocking clients work in as many threads; their CPU is that of all threads.",
            "Each write has a connection of its own, in every client. A pooled one costs less and may be lost.",
            "`requests` without a session opens a connection for each read too: so the providers' pages show it.",
            "Over TCP too, aiohttp itself leaves no room for twice or four times as fast: row 2 shows its share.",
            "Over TLS nearly all is the handshake, which raw aiohttp pays too: nobody on it can be twice as fast.",
            "openai decodes to pydantic models and sends JSON, stripe decodes to its objects, the others to dicts.",
            *(f"{package} is not installed and was left out." for package in missing),
        ],
    )
