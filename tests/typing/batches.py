"""What a type checker must see of batches and journals, and the mistakes that it must refuse.

This file is never run. `mypy --strict` and `pyright` read it; an `ignore` that is not needed any more is an error, so a
mistake that a checker begins to accept is found.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime
from typing import assert_type
from uuid import UUID

from kolay_invoice import (
    AsyncKolayBi,
    AsyncPropars,
    CancelInvoice,
    Collection,
    CreateEDocument,
    Direction,
    EDocument,
    KolayBi,
    KolayInvoiceError,
    ListCompanies,
    Proceed,
    Propars,
    Request,
    Resend,
    SendInvoice,
    SentInvoice,
    Status,
    call_all,
)
from kolay_invoice.blocking import BlockingJournal
from kolay_invoice.blocking import call_all as call_all_blocking
from kolay_invoice.journal import BlockingReport, Journal, OnOccasion, Report, Row, State


def take(request: CreateEDocument, answer: EDocument | KolayInvoiceError) -> None: ...


def take_any(request: Request[object], answer: object) -> None: ...


def take_sent(request: SendInvoice, answer: SentInvoice | KolayInvoiceError) -> None: ...


async def many_calls(kolaybi: AsyncKolayBi, propars: AsyncPropars, ids: list[int], codes: list[str]) -> None:
    await call_all(kolaybi, map(CreateEDocument, ids), take, concurrency=4)
    await call_all(kolaybi, (CreateEDocument(one) for one in ids), take)
    await call_all(kolaybi, [CreateEDocument(1), Resend(2)], take_any)
    await call_all(propars, (SendInvoice(sale_code=one) for one in codes), take_sent)
    await call_all(kolaybi, map(CreateEDocument, ids), lambda request, _: request.document_id)


def many_calls_that_block(kolaybi: KolayBi, ids: list[int]) -> None:
    call_all_blocking(kolaybi, map(CreateEDocument, ids), take)


async def journals(kolaybi: AsyncKolayBi, propars: AsyncPropars, ids: list[int], day: date, moment: datetime) -> None:
    async with Journal.open("sqlite:///sends.db") as journal:
        assert_type(await journal.run(kolaybi, map(CreateEDocument, ids)), Report)
        report = await journal.run(propars, [SendInvoice(sale_id=1), OnOccasion(CancelInvoice(sale_id=2), "May")])
        assert_type(report.rows, AsyncIterator[Row])
        assert_type(report.counts[State.DONE], int)
        assert_type(await journal.find(kolaybi, CreateEDocument(1)), Row | None)
        assert_type(journal.rows(state="done", since=day, until=moment, operation="resend"), AsyncIterator[Row])
        journal.rows(state=State.UNKNOWN)
        journal.rows(state=["unknown", "needs_person"])
        journal.rows(state={State.UNKNOWN, State.NEEDS_PERSON})
        assert_type(await journal.settle("key", done=True, ettn=UUID(int=1), number="ABC2026000000001"), Row)
        await journal.settle("key", not_executed=True, by="Ayşe", because="asked the hotline")


def journals_that_block(kolaybi: KolayBi, ids: list[int]) -> None:
    with BlockingJournal.open("sqlite:///sends.db") as journal:
        report = journal.run(kolaybi, map(CreateEDocument, ids))
        assert_type(report, BlockingReport)
        assert_type(report.rows, Iterator[Row])
        assert_type(journal.find(kolaybi, Proceed(20, 1)), Row | None)
        assert_type(journal.rows(state="needs_person"), Iterator[Row])
        assert_type(journal.counts(), dict[State, int])


def rows(row: Row) -> None:
    assert_type(row.ettn, UUID | None)
    assert_type(row.number, str | None)
    if isinstance(row.result, Collection):
        assert_type(row.result.transaction_status, str)


async def directions(kolaybi: AsyncKolayBi, blocking: KolayBi) -> None:
    await kolaybi.list_invoices(5, Direction.INBOUND)
    blocking.list_invoices(5, "inbound")
    assert_type([one.value for one in Status], list[str])


async def wrong_uses(kolaybi: AsyncKolayBi, blocking: KolayBi, propars: AsyncPropars, ids: list[int]) -> None:
    await kolaybi.list_invoices(5, "outgoing")  # type: ignore[arg-type]
    blocking.iter_invoices(5, "both")  # type: ignore[arg-type]
    await kolaybi.call(SendInvoice(sale_id=1))  # type: ignore[arg-type]
    blocking.call(SendInvoice(sale_id=1))  # type: ignore[arg-type]
    await propars.call(CreateEDocument(1))  # type: ignore[arg-type]
    await call_all(blocking, map(CreateEDocument, ids), take)  # type: ignore[arg-type]
    await call_all(kolaybi, map(Resend, ids), take)  # type: ignore[arg-type]
    await call_all(kolaybi, ids, take_any)  # type: ignore[arg-type]
    call_all_blocking(kolaybi, map(CreateEDocument, ids), take)  # type: ignore[arg-type]


async def wrong_uses_of_a_journal(journal: Journal, kolaybi: AsyncKolayBi, blocking: KolayBi) -> None:
    await journal.run(KolayBi, [CreateEDocument(1)])  # type: ignore[arg-type]
    await journal.run(blocking, [CreateEDocument(1)])  # type: ignore[arg-type]
    await journal.run(kolaybi, [ListCompanies()])  # type: ignore[list-item]
    journal.rows(["nonsense"])  # type: ignore[call-arg, list-item]
    journal.rows("done")  # type: ignore[call-arg]
    journal.rows(state="nonsense")  # type: ignore[arg-type]
    await journal.find("kolaybi:default:create_e_document:document_id=1")  # type: ignore[call-arg, arg-type]
    await journal.settle("key")  # type: ignore[call-overload]
    await journal.settle("key", done=True, not_executed=True)  # type: ignore[call-overload]
    await journal.settle("key", done="seen")  # type: ignore[call-overload]
    await journal.settle("key", not_executed=True, number="ABC2026000000001")  # type: ignore[call-overload]


def wrong_uses_of_a_blocking_journal(journal: BlockingJournal, kolaybi: AsyncKolayBi, propars: Propars) -> None:
    journal.run(kolaybi, [CreateEDocument(1)])  # type: ignore[arg-type]
    journal.settle("key")  # type: ignore[call-overload]
    journal.rows("done")  # type: ignore[call-arg]
    propars.call(CreateEDocument(1))  # type: ignore[arg-type]
