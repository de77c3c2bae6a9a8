"""What a read-back proves: only a list that was read, or a no that was understood, lets an operation go again."""

from __future__ import annotations

import asyncio

import pytest

from kolay_invoice import AsyncKolayBi, AsyncPropars
from kolay_invoice.journal import Journal, State
from kolay_invoice.kolaybi.models import CreateEDocument, Resend
from kolay_invoice.propars.models import SendInvoice

from .support import HANG, creates, kolaybi_of, rows_of

QUIET = 0.2
PATIENCE = 0.5
LATER = 1_000.0

COMPANY = {"success": True, "data": [{"company_id": 5}]}
NO_COMPANY = {"success": True, "data": []}
MORE_COMPANIES = {"success": True, "data": {"current_page": 1, "last_page": 2, "data": [{"company_id": 5}]}}
NOT_LISTED = {"success": True, "data": []}
HTML = {"Content_Type": "text/html"}


async def lost(writer):
    """Read a call and let its connection go without a word."""
    writer.close()


def posts(server):
    return [one for one in server.requests if one.method == "POST"]


def gets(server):
    return [one for one in server.requests if one.method == "GET"]


@pytest.fixture
async def raw_kolaybi(server):
    """A client of a KolayBi that answers as it is told."""
    async with AsyncKolayBi(channel="channel", access_token="token", base_url=server.url, max_attempts=1) as client:
        yield client


@pytest.fixture
async def raw_propars(server):
    """A client of a Propars that answers as it is told."""
    async with AsyncPropars(token="token", base_url=server.url, max_attempts=1) as client:
        yield client


async def looked_up(journal, client, request, **options):
    """Run one request, and return what has become of it."""
    async with asyncio.timeout(HANG):
        options = {"quiet_period": QUIET, "patience": PATIENCE, **options}
        report = await journal.run(client, [request], concurrency=1, **options)
    (row,) = (await rows_of(report)).values()
    return row


@pytest.fixture
async def journal(sqlite_url):
    """An open journal."""
    async with Journal.open(sqlite_url) as journal:
        yield journal


@pytest.mark.parametrize("request_", [CreateEDocument(18), Resend(18)], ids=str)
@pytest.mark.parametrize("companies", [NO_COMPANY, MORE_COMPANIES], ids=["none", "more than it holds"])
async def test_an_account_whose_companies_are_not_all_known_proves_nothing(
    companies, request_, journal, server, raw_kolaybi
):
    server.does(lost).answers(companies, times=50)
    row = await looked_up(journal, raw_kolaybi, request_)
    assert row.state is State.UNKNOWN
    assert "could not be read back" in row.note
    assert len(posts(server)) == 1
    assert 1 <= len(gets(server)) <= 4


async def test_that_one_companys_list_does_not_show_it_proves_nothing_where_no_company_is_known(
    journal, server, raw_kolaybi
):
    server.does(lost)
    for _ in range(20):
        server.answers(NOT_LISTED).answers(NO_COMPANY)
    row = await looked_up(journal, raw_kolaybi, CreateEDocument(18), company_id=5)
    assert row.state is State.UNKNOWN
    assert len(posts(server)) == 1


async def test_companies_that_show_up_later_are_asked(journal, server, raw_kolaybi):
    sent = {"success": True, "data": {"document_id": 18, "uuid": "0d1b5a4a-33d4-4c56-9b51-1f2cf06c1111"}}
    server.does(lost).answers(NO_COMPANY).answers(COMPANY).answers(NOT_LISTED).answers(sent)
    row = await looked_up(journal, raw_kolaybi, CreateEDocument(18), patience=HANG)
    assert row.state is State.DONE
    assert len(posts(server)) == 2


NO_PROOF = [
    (404, b"default backend - 404", HTML),
    (404, b"<html><title>404 Not Found</title></html>", HTML),
    (404, b"", {}),
    (404, {}, {}),
    (400, {"detail": "Fatura GİB kuyruğunda, XML henüz hazır değil"}, {}),
    (422, {"detail": "XML henüz hazır değil"}, {}),
    (400, b"<html>400 Bad Request</html>", HTML),
]


@pytest.mark.parametrize(("status", "body", "headers"), NO_PROOF)
async def test_a_no_that_proves_no_absence_lets_no_invoice_go_again(
    status, body, headers, journal, server, raw_propars
):
    server.does(lost).answers(body, status, times=50, **headers)
    row = await looked_up(journal, raw_propars, SendInvoice(sale_id=18))
    assert row.state is State.UNKNOWN
    assert "could not be read back" in row.note
    assert len(posts(server)) == 1
    assert 1 <= len(gets(server)) <= 4


async def test_a_no_of_the_provider_itself_is_proof(journal, server, raw_propars):
    server.does(lost).answers({"detail": "İmzalanıp gönderilmiş fatura bulunamadı."}, 404)
    server.answers({"invoice_uuid": "0d1b5a4a-33d4-4c56-9b51-1f2cf06c1111"}, 200)
    await looked_up(journal, raw_propars, SendInvoice(sale_id=18), patience=0.9 * QUIET + QUIET)
    assert len(posts(server)) == 2


@pytest.mark.parametrize("patience", [0.0, PATIENCE])
async def test_a_read_back_that_fails_ends_with_the_patience_though_the_quiet_period_is_none(
    patience, journal, server, raw_kolaybi
):
    server.does(lost).answers(NO_COMPANY, times=10_000)
    row = await looked_up(journal, raw_kolaybi, CreateEDocument(18), quiet_period=0.0, patience=patience)
    assert row.state is State.UNKNOWN
    assert len(posts(server)) == 1


async def test_what_is_due_from_earlier_is_looked_up_once_however_little_patience_there_is(journal, emulator):
    ids = [emulator.add_document().document_id for _ in range(20)]
    emulator.fault("create_e_document", "drop-after", times=20)
    async with kolaybi_of(emulator) as client:
        await journal.run(client, creates(ids), quiet_period=LATER, patience=0.0)
        report = await journal.run(client, creates(ids), concurrency=2, quiet_period=0.0, patience=0.0)
    assert report.counts[State.DONE] == len(ids)
    assert [emulator.executions("create_e_document", number) for number in ids] == [1] * len(ids)
