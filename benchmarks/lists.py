"""Rows 4 and 5: long lists, by what they cost and what they hold in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs
import msgspec
from yarl import URL

from benchmarks.bench import Bench
from benchmarks.measuring import Contestant, Seen, alternate, cpu, mebibytes
from benchmarks.result import Chart, Goal, Result, at_most, comparison
from benchmarks.setting import Setting, Told, run
from benchmarks.small_calls import Invoices, kolaybi, raw_session

LARGEST = 2**30
PATIENCE = 900.0
SDK, DICTS = "kolay_invoice", "json.loads"


async def list_body(setting: Setting, rows: int) -> bytes:
    """Return the body of a list reply by raw aiohttp."""
    url = URL(f"{setting.url}/kolaybi/v1/e_document/invoices?company_id={rows}&direction=outbound", encoded=True)
    async with raw_session(setting, force_close=False) as session, session.get(url) as reply:
        assert reply.status == 200
        return await reply.read()


def _read_by(setting: Setting, rows: int, decode: Callable[[bytes], list[Any]]) -> Told:
    """Read a list by raw aiohttp and decode it. The body is let go of when it is decoded, as any program would."""

    async def work() -> Told:
        invoices = decode(await list_body(setting, rows))
        assert len(invoices) == rows
        return {}

    return run(setting, work()) or {}


def sdk_list(setting: Setting, rows: int) -> None:
    """Read a list with `list_invoices`."""

    async def work() -> None:
        async with kolaybi(setting, timeout=PATIENCE, max_reply_bytes=LARGEST) as client:
            invoices = await client.list_invoices(rows, "outbound")
            assert len(invoices) == rows
            assert type(invoices[-1].grand_total) is Decimal

    run(setting, work())


def sdk_iterate(setting: Setting, rows: int) -> None:
    """Read a list with `iter_invoices`, and keep nothing but a sum."""

    async def work() -> None:
        count, total = 0, Decimal(0)
        async with kolaybi(setting, timeout=PATIENCE, max_reply_bytes=LARGEST) as client:
            async for invoice in client.iter_invoices(rows, "outbound"):
                count += 1
                total += invoice.grand_total or 0
        assert count == rows

    run(setting, work())


def dicts(setting: Setting, rows: int) -> None:
    """Decode to plain dicts with inexact floats."""
    _read_by(setting, rows, lambda body: json.loads(body)["data"])


@attrs.frozen
class InvoiceAttrs:
    """A row for cattrs."""

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


def by_msgspec(setting: Setting, rows: int) -> None:
    """Decode straight into msgspec Structs: nothing is kept that is unknown, nothing else is read."""
    decoder = msgspec.json.Decoder(Invoices)
    _read_by(setting, rows, lambda body: decoder.decode(body).data)


def by_cattrs(setting: Setting, rows: int) -> None:
    """Decode with json and the converter that cattrs brings for it."""
    from cattrs.preconf.json import make_converter

    converter = make_converter()
    converter.register_structure_hook(Decimal, lambda value, _: Decimal(value))
    converter.register_structure_hook(UUID, lambda value, _: UUID(value))

    def decode(body: bytes) -> list[InvoiceAttrs]:
        return converter.structure(json.loads(body, parse_float=Decimal)["data"], list[InvoiceAttrs])

    _read_by(setting, rows, decode)


def by_pydantic(setting: Setting, rows: int) -> None:
    """Decode with pydantic's own JSON parser."""
    import pydantic

    fields: dict[str, Any] = {
        one.name: (one.type, ... if one.default is attrs.NOTHING else one.default)
        for one in attrs.fields(attrs.resolve_types(InvoiceAttrs))
    }
    invoice = pydantic.create_model("InvoiceModel", **fields)
    envelope = pydantic.create_model("EnvelopeModel", success=(bool, ...), data=(list[invoice], ...))  # type: ignore[valid-type] # made at run time.
    _read_by(setting, rows, lambda body: envelope.model_validate_json(body).data)  # type: ignore[attr-defined] # likewise.


def row_4(bench: Bench) -> Result:
    """Lists of 10,000 and 100,000 rows."""
    contestants = [
        Contestant(SDK, sdk_list, bench.plain),
        Contestant(DICTS, dicts, bench.plain),
        Contestant("msgspec Struct", by_msgspec, bench.plain),
        Contestant("pydantic", by_pydantic, bench.plain),
        Contestant("cattrs default", by_cattrs, bench.plain),
    ]
    goals, tables, charts = [], [], []
    for rows in (bench.units(10_000, 1_000), bench.units(100_000, 3_000)):
        seen = alternate(contestants, rows, bench.rounds, warm_up=2, fresh=True)
        memory = seen.ratio(SDK, DICTS, mebibytes)
        goals += [
            Goal.at_most(f"CPU of {rows:,} rows", 1.2, seen.ratio(SDK, DICTS, cpu)),
            Goal.at_most(f"peak memory of {rows:,} rows", 1, memory),
        ]
        title = f"List of {rows:,} rows, the whole call"
        table, chart = comparison(
            f"4-list-{rows}",
            title,
            seen,
            contestants,
            DICTS,
            unit="row",
            lines=at_most(1.2),
            more=[("peak MiB", mebibytes, ".1f")],
        )
        tables.append(table)
        charts += [chart, _memory_chart(f"4-memory-{rows}", title, seen, contestants)]
    return Result(
        4,
        "list reply of 10,000 and 100,000 rows to typed values with exact Decimals",
        "`json.loads` to plain dicts; pydantic; cattrs default; msgspec Struct",
        goals,
        tables,
        charts,
        [
            "The whole call is measured, reading from the socket included; all but the SDK read by raw aiohttp.",
            "Each sample is the first list of a fresh process; its peak is the resident memory over the idle process.",
            "In a list of 10,000 rows the buffers that a body arrives in, about 2 MiB, weigh as much as many rows.",
        ],
    )


def _memory_chart(name: str, title: str, seen: Seen, contestants: list[Contestant]) -> Chart:
    bars = [(one.label, seen.of(one.label, mebibytes)) for one in contestants]
    return Chart(name, f"{title}: peak memory over the idle process", "MiB", bars, at_most(seen.of(DICTS, mebibytes)))


def row_5(bench: Bench) -> Result:
    """A list of a million rows in one reply."""
    iterating, listing = "kolay_invoice iter_invoices", "kolay_invoice list_invoices"
    contestants = [
        Contestant(iterating, sdk_iterate, bench.plain),
        Contestant(listing, sdk_list, bench.plain),
        Contestant(DICTS, dicts, bench.plain),
    ]
    rows = bench.units(1_000_000, 5_000)
    seen = alternate(contestants, rows, bench.rounds, warm_up=2, fresh=True)
    title = f"{rows:,} rows"
    table, chart = comparison(
        "5-iterate",
        title,
        seen,
        contestants,
        DICTS,
        unit="row",
        lines=at_most(2.5),
        more=[("peak MiB", mebibytes, ",.1f")],
    )
    bars = [(one.label, seen.of(one.label, mebibytes)) for one in contestants]
    return Result(
        5,
        "`iter_invoices` over 1,000,000 rows",
        "the list, and `json.loads`",
        [
            Goal.at_most("peak memory", 1, seen.ratio(iterating, DICTS, mebibytes)),
            Goal.at_most("CPU", 2.5, seen.ratio(iterating, DICTS, cpu)),
        ],
        [table],
        [
            chart,
            Chart(
                "5-memory",
                f"{title}: peak memory over the idle process",
                "MiB",
                bars,
                at_most(seen.of(DICTS, mebibytes)),
            ),
        ],
        [
            "One reply of about 300 MB; the client's cap on replies (32 MiB by default) is raised to 1 GiB for it.",
            "The rows repeat after a thousand, so the server need not make them.",
        ],
    )
