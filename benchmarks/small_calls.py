"""Rows 1 and 2: small calls, beside the leanest aiohttp client that an expert would write for the same replies."""

from __future__ import annotations

import aiohttp
import msgspec
from attrs import evolve, frozen
from yarl import URL

from benchmarks.bench import Bench
from benchmarks.measuring import Contestant, alternate, cpu, instructions
from benchmarks.result import Chart, Goal, Result, Table, at_most, comparison
from benchmarks.setting import CHANNEL, TOKEN, Setting, Work, context, in_tasks, run
from kolay_invoice import AsyncKolayBi

MANY = 32
SDK, RAW = "kolay_invoice", "raw aiohttp"


class Address(msgspec.Struct):
    city: str | None = None
    district: str | None = None


class Company(msgspec.Struct):
    company_id: int
    company_name: str | None = None
    identity_no: str | None = None
    tax_office: str | None = None
    company_currency: str | None = None
    address: Address | None = None
    is_invoice_resendble: bool | None = None


class Companies(msgspec.Struct):
    success: bool
    data: list[Company]


class Document(msgspec.Struct):
    document_id: int
    uuid: str


class EDocument(msgspec.Struct):
    success: bool
    data: Document


def raw_session(setting: Setting, *, force_close: bool) -> aiohttp.ClientSession:
    """Return a session as the SDK's: the same headers, no cookies, no decompression, a deadline."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=setting.at_once,
            force_close=force_close,
            ssl=context(setting.authorities) if setting.authorities else True,
        ),
        headers={
            "Authorization": f"Bearer {TOKEN}",
            "Channel": CHANNEL,
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": "raw",
        },
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=30),
        auto_decompress=False,
    )


def raw_reads(setting: Setting, calls: int) -> None:
    """Read the companies with aiohttp."""
    decoder = msgspec.json.Decoder(Companies)
    url = URL(f"{setting.url}/kolaybi/v1/companies", encoded=True)

    async def work() -> None:
        async with raw_session(setting, force_close=False) as session:

            async def call(_: int) -> None:
                async with session.get(url, allow_redirects=False) as reply:
                    assert reply.status == 200
                    assert decoder.decode(await reply.read()).success

            await in_tasks(call, calls, setting.at_once)

    run(setting, work())


def raw_writes(setting: Setting, calls: int) -> None:
    """Send documents with aiohttp, each on a connection of its own."""
    decoder = msgspec.json.Decoder(EDocument)
    url = URL(f"{setting.url}/kolaybi/v1/invoices/e-document/create", encoded=True)
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    async def work() -> None:
        async with raw_session(setting, force_close=True) as session:

            async def call(number: int) -> None:
                body = b"document_id=%d" % number
                async with session.post(url, data=body, headers=form, allow_redirects=False) as reply:
                    assert reply.status == 200
                    assert decoder.decode(await reply.read()).data.document_id == number

            await in_tasks(call, calls, setting.at_once)

    run(setting, work())


def kolaybi(setting: Setting, *, timeout: float = 30.0, max_reply_bytes: int = 2**27) -> AsyncKolayBi:
    """Return a client as its users make it."""
    return AsyncKolayBi(
        channel=CHANNEL,
        access_token=TOKEN,
        base_url=setting.url,
        max_concurrency=setting.at_once,
        timeout=timeout,
        max_reply_bytes=max_reply_bytes,
        ssl_context=context(setting.authorities) if setting.authorities else None,
    )


def sdk_reads(setting: Setting, calls: int) -> None:
    """Read the companies with the SDK."""

    async def work() -> None:
        async with kolaybi(setting) as client:
            await in_tasks(lambda _: client.list_companies(), calls, setting.at_once)

    run(setting, work())


def sdk_writes(setting: Setting, calls: int) -> None:
    """Send documents with the SDK."""

    async def work() -> None:
        async with kolaybi(setting) as client:
            await in_tasks(client.create_e_document, calls, setting.at_once)

    run(setting, work())


def _pair(setting: Setting, sdk: Work, raw: Work, at_once: int) -> tuple[Contestant, Contestant]:
    here = evolve(setting, at_once=at_once)
    return Contestant(SDK, sdk, here), Contestant(RAW, raw, here)


@frozen
class _Case:
    """One comparison of the SDK with raw aiohttp."""

    name: str
    title: str
    pair: tuple[Contestant, Contestant]
    calls: int


def _measured(bench: Bench, cases: list[_Case], goal: float) -> tuple[dict[str, float], list[Table], list[Chart]]:
    """Measure cases; return the CPU ratio of each by its name, and what is to be shown."""
    ratios: dict[str, float] = {}
    tables, charts = [], []
    for case in cases:
        seen = alternate(case.pair, case.calls, bench.rounds)
        ratios[case.name] = seen.ratio(SDK, RAW, cpu)
        table, chart = comparison(case.name, case.title, seen, case.pair, RAW, lines=at_most(goal))
        tables.append(table)
        charts.append(chart)
    return ratios, tables, charts


def _instructions(bench: Bench, cases: list[_Case], goal: float) -> tuple[list[Table], list[Chart]]:
    """Count the instructions of cases, where valgrind is there; return what is to be shown."""
    if not bench.counts_instructions:
        return [], []
    counted = [(case.title, instructions(case.pair[0], 100), instructions(case.pair[1], 100)) for case in cases]
    rows = [(title, f"{sdk / raw:.3f}", f"{sdk:,.0f}", f"{raw:,.0f}") for title, sdk, raw in counted]
    bars = [(title, sdk / raw) for title, sdk, raw in counted]
    name = f"{cases[0].name.partition('-')[0]}-instructions"
    return (
        [Table("Instructions a call (valgrind)", ("", "ratio", SDK, RAW), rows)],
        [Chart(name, "Instructions a call of kolay_invoice", f"multiple of {RAW}", bars, at_most(goal))],
    )


def row_1(bench: Bench) -> Result:
    """Small reads on pooled connections."""
    calls = bench.units(2000, 60)
    cases = [
        _Case(
            f"1-reads-{many}",
            f"Small read, pooled, {many} at a time",
            _pair(bench.plain, sdk_reads, raw_reads, many),
            calls,
        )
        for many in (1, MANY)
    ]
    before = bench.server_seconds()
    ratios, tables, charts = _measured(bench, cases, 1.15)
    # Two contestants in two cases, each with a tenth more to warm up.
    served = (bench.server_seconds() - before) / (2 * len(cases) * calls * (bench.rounds + 0.1)) * 1e6
    counted, drawn = _instructions(bench, cases, 1.15)
    return Result(
        1,
        "small read, 1 and 32 at a time, pooled",
        "hand-tuned raw aiohttp (URL ready, one msgspec decoder, same headers and deadline)",
        [Goal.at_most("CPU at 32", 1.15, ratios[f"1-reads-{MANY}"])],
        tables + counted,
        charts + drawn,
        [
            "The raw client decodes one company with all its known fields; it has no limiter, body cap, phase, retry.",
            f"The server used {served:.0f} µs of CPU a call, on another core.",
            "What comes on top: values for call and attempt, limiter, phase, deadline, unknown fields.",
            "Tried and kept: one timer for all deadlines, a slot without a coroutine, none of aiohttp's own time-outs.",
            "Tried and kept: replies that came whole taken as they are, plain ones made without cattrs, a layer less.",
            "Tried and kept: headers made once for a token, calls without arguments encoded once.",
            "Left alone: what lies below `ClientSession.request`, because mocks would see nothing any more.",
        ],
    )


def row_2(bench: Bench) -> Result:
    """Small writes, each on its own connection."""
    cases = [
        _Case(
            f"2-writes-{name.lower()}",
            f"Small write, own connection, {name}, {MANY} at a time",
            _pair(place, sdk_writes, raw_writes, MANY),
            calls,
        )
        for name, place, calls in (
            ("TCP", bench.plain, bench.units(1500, 40)),
            ("TLS", bench.tls, bench.units(400, 40)),
        )
    ]
    ratios, tables, charts = _measured(bench, cases, 1.10)
    counted, drawn = _instructions(bench, cases, 1.10)
    return Result(
        2,
        "small write on its own connection, over TCP and TLS",
        "raw aiohttp with `force_close`, one SSLContext",
        [
            Goal.at_most("CPU over TCP", 1.10, ratios["2-writes-tcp"]),
            Goal.at_most("CPU over TLS", 1.10, ratios["2-writes-tls"]),
        ],
        tables + counted,
        charts + drawn,
    )
