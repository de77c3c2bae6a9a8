"""Rows 1 and 2: small calls, beside the leanest aiohttp client that an expert would write for the same replies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from uuid import UUID

import aiohttp
import msgspec
from attrs import evolve, frozen
from yarl import URL

from benchmarks.bench import Bench
from benchmarks.measuring import Contestant, alternate, instructions
from benchmarks.result import Chart, Goal, Result, Table, comparison
from benchmarks.setting import CHANNEL, TOKEN, Setting, Work, context, in_tasks, run
from kolay_invoice import AsyncKolayBi

MANY = 32
PAGE = 20
"""The rows of a usual page."""
SDK, RAW = "kolay_invoice", "raw aiohttp"


class Invoice(msgspec.Struct):
    """A row of the list."""

    document_id: int
    uuid: UUID | None = None
    no: str | None = None
    status: str | None = None
    scenario: str | None = None
    type: str | None = None
    direction: str | None = None
    exchange_grand_total: Decimal | None = None
    exchange_grand_currency: str | None = None
    grand_total: Decimal | None = None
    grand_currency: str | None = None


class Invoices(msgspec.Struct):
    """The reply of the list."""

    success: bool
    data: list[Invoice]


class Document(msgspec.Struct):
    """An invoice that was sent."""

    document_id: int
    uuid: UUID
    status: str | None = None


class Sent(msgspec.Struct):
    """The reply of a send. That of a resend has no `success`."""

    data: Document
    success: bool = True


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


def _raw_reads(setting: Setting, calls: int, rows: int) -> None:
    decoder = msgspec.json.Decoder(Invoices)
    url = URL(f"{setting.url}/kolaybi/v1/e_document/invoices?company_id={rows}&direction=outbound", encoded=True)

    async def work() -> None:
        async with raw_session(setting, force_close=False) as session:

            async def call(_: int) -> None:
                async with session.get(url, allow_redirects=False) as reply:
                    assert reply.status == 200
                    assert len(decoder.decode(await reply.read()).data) == rows

            await in_tasks(call, calls, setting.at_once)

    run(setting, work())


def raw_reads(setting: Setting, calls: int) -> None:
    """Read lists of one row with aiohttp."""
    _raw_reads(setting, calls, 1)


def raw_page_reads(setting: Setting, calls: int) -> None:
    """Read lists of `PAGE` rows with aiohttp."""
    _raw_reads(setting, calls, PAGE)


def raw_writes(setting: Setting, calls: int) -> None:
    """Send documents with aiohttp, each on a connection of its own."""
    decoder = msgspec.json.Decoder(Sent)
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


def raw_resends(setting: Setting, calls: int) -> None:
    """Send documents again with aiohttp, each on a connection of its own."""
    decoder = msgspec.json.Decoder(Sent)

    async def work() -> None:
        async with raw_session(setting, force_close=True) as session:

            async def call(number: int) -> None:
                url = URL(f"{setting.url}/kolaybi/v1/invoices/resend/{number}", encoded=True)
                async with session.post(url, allow_redirects=False) as reply:
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


def _sdk(setting: Setting, calls: int, make: Callable[[AsyncKolayBi], Callable[[int], Awaitable[object]]]) -> None:
    async def work() -> None:
        async with kolaybi(setting) as client:
            await in_tasks(make(client), calls, setting.at_once)

    run(setting, work())


def sdk_reads(setting: Setting, calls: int) -> None:
    """Read lists of one row with the SDK."""
    _sdk(setting, calls, lambda client: lambda _: client.list_invoices(1, "outbound"))


def sdk_page_reads(setting: Setting, calls: int) -> None:
    """Read lists of `PAGE` rows with the SDK."""
    _sdk(setting, calls, lambda client: lambda _: client.list_invoices(PAGE, "outbound"))


def sdk_writes(setting: Setting, calls: int) -> None:
    """Send documents with the SDK."""
    _sdk(setting, calls, lambda client: client.create_e_document)


def sdk_resends(setting: Setting, calls: int) -> None:
    """Send documents again with the SDK."""
    _sdk(setting, calls, lambda client: client.resend)


@frozen
class _Case:
    """One comparison of the SDK with raw aiohttp."""

    name: str
    title: str
    place: Setting
    sdk: Work
    raw: Work
    calls: int
    at_once: int
    goal: float | None = None
    """The most instructions, as a multiple of raw aiohttp's; None where they are not judged."""

    @property
    def pair(self) -> tuple[Contestant, Contestant]:
        """The two contestants."""
        setting = evolve(self.place, at_once=self.at_once)
        return Contestant(SDK, self.sdk, setting), Contestant(RAW, self.raw, setting)


def _measured(bench: Bench, number: int, cases: Sequence[_Case]) -> tuple[list[Goal], list[Table], list[Chart]]:
    """Measure cases; return what is judged and what is shown."""
    tables, charts = [], []
    for case in cases:
        seen = alternate(case.pair, case.calls, bench.rounds)
        table, chart = comparison(case.name, case.title, seen, case.pair, RAW)
        tables.append(table)
        charts.append(chart)
    if not bench.counts_instructions:
        return [], tables, charts
    goals, rows, bars = [], [], []
    for case in cases:
        if case.goal is not None:
            sdk, raw = (instructions(one, 100) for one in case.pair)
            goals.append(Goal.at_most(f"instructions, {case.title}", case.goal, sdk / raw))
            rows.append((case.title, f"{sdk / raw:.3f}", f"{sdk:,.0f}", f"{raw:,.0f}"))
            bars.append((case.title, sdk / raw))
    counted = Table("Instructions a call (valgrind), which are judged", ("", "ratio", SDK, RAW), rows)
    name, title = f"{number}-instructions", "Instructions a call of kolay_invoice"
    return goals, [counted, *tables], [Chart(name, title, f"multiple of {RAW}", bars), *charts]


def row_1(bench: Bench) -> Result:
    """`list_invoices` on pooled connections."""
    calls = bench.units(2000, 60)
    cases = [
        _Case(
            f"1-{name}-{many}",
            f"{rows}, {many} at a time",
            bench.plain,
            sdk,
            raw,
            calls,
            many,
            goal if many == 1 else None,
        )
        for name, rows, sdk, raw, goal in (
            ("row", "1 row", sdk_reads, raw_reads, 1.15),
            ("page", f"{PAGE} rows", sdk_page_reads, raw_page_reads, 1.10),
        )
        for many in (1, MANY)
    ]
    goals, tables, charts = _measured(bench, 1, cases)
    return Result(
        1,
        f"`list_invoices`, 1 row and {PAGE} rows, pooled",
        "hand-tuned raw aiohttp (URL ready, one msgspec decoder, same headers and deadline)",
        goals,
        tables,
        charts,
        [
            "The raw client decodes the same fields; it has no limiter, body cap, phase, retry, unknown fields, pages.",
            "What comes on top: values for call and attempt, limiter, phase, deadline, unknown fields.",
            "Tried and kept: one timer for all deadlines, a slot without a coroutine, none of aiohttp's own time-outs.",
            "Tried and kept: replies that came whole taken as they are, plain ones made without cattrs, a layer less.",
            "Tried and kept: headers made once for a token, calls without arguments encoded once.",
            "Left alone: what lies below `ClientSession.request`, because mocks would see nothing any more.",
        ],
    )


def row_2(bench: Bench) -> Result:
    """`create_e_document` and `resend`, each call on its own connection."""
    many, few = bench.units(1500, 40), bench.units(400, 40)
    cases = [
        _Case(
            f"2-{name}-{at_once}",
            f"{title}, {at_once} at a time",
            place,
            sdk,
            raw,
            calls,
            at_once,
            goal if at_once == 1 else None,
        )
        for name, title, place, sdk, raw, calls, goal in (
            ("create-tcp", "`create_e_document`, TCP", bench.plain, sdk_writes, raw_writes, many, 1.05),
            ("create-tls", "`create_e_document`, TLS", bench.tls, sdk_writes, raw_writes, few, 1.02),
            ("resend-tcp", "`resend`, TCP", bench.plain, sdk_resends, raw_resends, many, 1.05),
        )
        for at_once in (1, MANY)
    ]
    goals, tables, charts = _measured(bench, 2, cases)
    return Result(
        2,
        "`create_e_document` and `resend`, each on its own connection",
        "raw aiohttp with `force_close`, one SSLContext",
        goals,
        tables,
        charts,
    )
