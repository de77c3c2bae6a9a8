"""What a journal is asked: its rows by state, time and method, one operation by its request, a report afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kolay_invoice import KolayBi, ListCompanies, call_all
from kolay_invoice.journal import Journal, OnOccasion
from kolay_invoice.kolaybi.models import CreateEDocument, Proceed

from .support import LATER, D, U


async def test_rows_are_found_by_state_time_and_operation(sqlite_journal, emulator, kolaybi):
    await sqlite_journal.run(kolaybi, [CreateEDocument(1), Proceed(20, 1)])
    emulator.fault("create_e_document", "drop-before")
    later = emulator.add_document().document_id
    await sqlite_journal.run(kolaybi, [CreateEDocument(later)], quiet_period=LATER)
    today = datetime.now(UTC)
    tomorrow = today + timedelta(days=1)

    async def found(**wanted):
        return [row.request async for row in sqlite_journal.rows(**wanted)]

    assert await found(state="unknown") == [CreateEDocument(later)]
    assert await found(state=(D, U), operation="create_e_document") == [CreateEDocument(1), CreateEDocument(later)]
    assert await found(operation="proceed") == [Proceed(20, 1)]
    assert len(await found(since=today - timedelta(hours=1), until=tomorrow)) == 3
    assert len(await found(until=tomorrow.date())) == 3
    assert await found(since=tomorrow) == []
    assert await found(until=(today - timedelta(days=3)).date()) == []


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"state": "nonsense"}, "state must be one of planned, .* not 'nonsense'"),
        ({"state": ["nonsense"]}, "not 'nonsense'"),
        ({"operation": "create_e_documnt"}, "did you mean 'create_e_document'?"),
        ({"operation": "18"}, "operation must be the name of a client's method, not '18': known are "),
        ({"since": datetime(2026, 5, 1)}, "since must be a date, or a datetime with an offset from UTC, not"),  # noqa: DTZ001 - it is refused.
        ({"until": "2026-05-01"}, "until must be a date, .* not '2026-05-01'"),
    ],
)
async def test_a_question_that_cannot_be_is_refused_before_it_is_asked(wanted, said, sqlite_journal):
    with pytest.raises(ValueError, match=said):
        sqlite_journal.rows(**wanted)
    with pytest.raises(TypeError, match="positional argument"):
        sqlite_journal.rows("done")


async def test_find_tells_the_last_generation_and_none_of_another_account(sqlite_journal, emulator, kolaybi):
    await sqlite_journal.run(kolaybi, [OnOccasion(CreateEDocument(1), "May")])

    assert (await sqlite_journal.find(kolaybi, OnOccasion(CreateEDocument(1), "May"))).state is D
    assert await sqlite_journal.find(kolaybi, CreateEDocument(1)) is None
    assert await sqlite_journal.find(kolaybi, CreateEDocument(2)) is None
    with pytest.raises(TypeError, match=r"a journal holds .* not ListCompanies"):
        await sqlite_journal.find(kolaybi, ListCompanies())


async def test_a_report_that_is_read_after_the_journal_is_closed_says_so(emulator, kolaybi, tmp_path):
    async with Journal.open(f"sqlite:///{tmp_path}/sends.db") as journal:
        report = await journal.run(kolaybi, [CreateEDocument(1)])
        rows = journal.rows()
    for late in (report.rows, rows):
        with pytest.raises(RuntimeError, match="the journal is closed: read its rows and reports inside"):
            await anext(late)
    assert report.counts[D] == 1


async def test_a_blocking_client_is_told_to_be_one(sqlite_journal, emulator):
    with KolayBi(channel="c", access_token="t", base_url=emulator.kolaybi_url) as client:
        said = "client: journal.run awaits, and KolayBi is a blocking client: give an AsyncKolayBi, or use BlockingJou"
        with pytest.raises(TypeError, match=said):
            await sqlite_journal.run(client, [CreateEDocument(1)])
        with pytest.raises(TypeError, match=r"client: journal.find awaits"):
            await sqlite_journal.find(client, CreateEDocument(1))
        with pytest.raises(TypeError, match=r"call_all awaits, .* or use kolay_invoice.blocking.call_all"):
            await call_all(client, [CreateEDocument(1)], print)
    with pytest.raises(TypeError, match=r"client: journal.run takes an AsyncKolayBi or AsyncPropars, not str"):
        await sqlite_journal.run("kolaybi", [CreateEDocument(1)])
    assert emulator.requests == []
