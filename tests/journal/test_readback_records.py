"""What the provider's own records prove: only a positive sight ends an operation, or lets it go again."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from kolay_invoice import AsyncKolayBi, AsyncPropars
from kolay_invoice.emulator import Emulator
from kolay_invoice.journal.tables import operations
from kolay_invoice.kolaybi.models import CancelEDocument, CreateEDocument, EDocument, Resend, ResentInvoice
from kolay_invoice.propars.models import SendInvoice, SentInvoice

from .records import CUT, Answer, Records
from .support import HANG, LATER, D, N, P, U, creates, kolaybi_of, only_row, rows_of

QUIET = 0.2
PATIENCE = 1.0
ETTN = UUID("0d1b5a4a-33d4-4c56-9b51-1f2cf06c1111")
NUMBER = "ABC2024000000001"

SEND, DETAIL, COMPANIES, LIST = "/invoices/", "/v1/invoices/18", "/companies", "/e_document/invoices"
COMPANY = Answer({"success": True, "data": [{"company_id": 5}]})
NO_COMPANY = Answer({"success": True, "data": []})
MORE_COMPANIES = Answer({"success": True, "data": {"current_page": 1, "last_page": 2, "data": [{"company_id": 5}]}})
NOT_LISTED = Answer({"success": True, "data": []})
UNSENT = {"document_id": 18, "status": "ready_to_send", "uuid": None, "no": None}
OFFICIAL = {"document_id": 18, "status": "sent", "uuid": str(ETTN), "no": NUMBER}
MISSING = Answer({"success": False, "code": 10404, "message": "Fatura bulunamadı."}, 404)


def shown(*rows):
    """A list, or a detail where it is one row."""
    return Answer({"success": True, "data": list(rows)})


@pytest.fixture
async def records():
    """A server with configured replies; replies to calls with an effect are lost."""
    kolaybi = {SEND: CUT, DETAIL: shown(UNSENT), COMPANIES: COMPANY, LIST: shown(UNSENT)}
    propars = {"send_invoice": CUT, "get_signed_xml": NO_XML, "/core/sale/": shown_sales()}
    async with Records(told={**kolaybi, **propars}).serving() as records:
        yield records


@pytest.fixture
async def kolaybi(records):
    """A client of a KolayBi with configured replies."""
    async with AsyncKolayBi(channel="channel", access_token="token", base_url=records.url, max_attempts=1) as client:
        yield client


@pytest.fixture
async def propars(records):
    """A client of a Propars with configured replies."""
    async with AsyncPropars(token="token", base_url=records.url, max_attempts=1) as client:
        yield client


async def looked_up(journal, client, request, **options):
    """Run one request until it was looked up, and return what has become of it. Without patience it runs once."""
    options = {"quiet_period": QUIET, "patience": PATIENCE, **options}
    async with asyncio.timeout(HANG):
        while True:
            report = await journal.run(client, [request], concurrency=1, **options)
            (row,) = (await rows_of(report)).values()
            if row.state is not U or row.evidence or not options["patience"]:
                return row


# KolayBi


UNDECIDED = {
    "no company is known": {COMPANIES: NO_COMPANY},
    "more companies than are shown": {COMPANIES: MORE_COMPANIES},
    "the companies cannot be read": {COMPANIES: Answer(b"<html>", media_type="text/html")},
    "the list cannot be read": {LIST: Answer(b"<html>", media_type="text/html")},
    "the detail is missing": {DETAIL: MISSING},
    "the detail is missing and the list too": {DETAIL: MISSING, LIST: NOT_LISTED},
    "the detail is forbidden": {DETAIL: Answer({"success": False, "code": 1, "message": "Yetkiniz yok."}, 403)},
    "the detail is a page": {DETAIL: Answer(b"<html>404</html>", 404, "text/html")},
    "the detail is a login page": {DETAIL: Answer(b"<html>login</html>", media_type="text/html")},
    "the detail has no status": {DETAIL: shown({**UNSENT, "status": None})},
    "the detail is another document's": {DETAIL: shown({**UNSENT, "document_id": 19})},
    "the detail is a draft with an ETTN": {DETAIL: shown({**UNSENT, "status": "draft", "uuid": str(ETTN)})},
    "the detail is sent without a number": {DETAIL: shown({**OFFICIAL, "no": None}), LIST: NOT_LISTED},
    "the detail is sent without an ETTN": {DETAIL: shown({**OFFICIAL, "uuid": None}), LIST: NOT_LISTED},
    "the list shows it under way": {LIST: shown(UNSENT, {**OFFICIAL, "no": None, "uuid": None})},
}


@pytest.mark.parametrize("request_", [CreateEDocument(18), Resend(18)], ids=str)
@pytest.mark.parametrize("told", UNDECIDED.values(), ids=UNDECIDED.keys())
async def test_without_proof_that_it_is_unsent_a_document_is_not_resent(
    told, request_, sqlite_journal, records, kolaybi
):
    records.told |= told
    row = await looked_up(sqlite_journal, kolaybi, request_)
    while not row.looks:
        # A busy machine may not come to the first look within the patience; the next run does.
        row = await looked_up(sqlite_journal, kolaybi, request_)
    assert row.state is U
    assert row.note
    assert records.count("POST") == 1
    assert {one.asked for one in row.evidence} >= {"get_invoice"}
    assert 1 <= row.looks <= 4


@pytest.mark.parametrize("told", [{}, {LIST: NOT_LISTED}], ids=["in detail and list", "in the detail"])
async def test_a_document_that_is_seen_unsent_is_sent_again(told, journal, records, kolaybi):
    records.told |= told
    records.told[SEND] = [CUT, shown()]
    records.told[SEND] = [CUT, Answer({"success": True, "data": {"document_id": 18, "uuid": str(ETTN)}})]
    row = await looked_up(journal, kolaybi, CreateEDocument(18), patience=HANG)
    assert (row.state, row.result) == (D, EDocument(18, ETTN))
    assert records.count("POST") == 2
    assert [one.outcome for one in row.attempts] == ["OutcomeUnknownError", "done"]
    assert not row.is_proven_unsent
    assert all(one.at for one in row.evidence)
    assert row.evidence[0].seen == "status ready_to_send, uuid none, number none"


@pytest.mark.parametrize("request_", [CreateEDocument(18), Resend(18)], ids=str)
@pytest.mark.parametrize(
    "told",
    [
        {DETAIL: shown(OFFICIAL)},
        {DETAIL: Answer({"success": True, "data": OFFICIAL})},
        {DETAIL: MISSING, LIST: shown(OFFICIAL)},
        {LIST: shown(UNSENT, OFFICIAL)},
        {LIST: shown(OFFICIAL, UNSENT)},
    ],
    ids=["in the detail", "in a plain detail", "in the list", "in the second row", "in the first row"],
)
async def test_a_document_that_is_seen_official_is_done(told, request_, journal, records, kolaybi):
    is_resent = isinstance(request_, Resend)
    if is_resent:
        # Before it is sent again it is seen as a failed one, in the first of the records that shows it.
        failed = shown({**OFFICIAL, "status": "failed"})
        place = LIST if told.get(DETAIL) == MISSING else DETAIL
        told = {**told, place: [failed, told[place]]} if place in told else told
    records.told |= told
    row = await looked_up(journal, kolaybi, request_)
    assert row.state is D
    assert row.result == (ResentInvoice(18, ETTN, "sent") if is_resent else EDocument(18, ETTN))
    assert row.note == "found by reading back"
    assert f"uuid {ETTN}, number {NUMBER}" in row.evidence[-1].seen
    assert records.count("POST") == 1


async def test_the_companies_list_that_is_named_is_read_first_and_is_enough_where_it_shows_it(
    sqlite_journal, records, kolaybi
):
    records.told[SEND] = [CUT, Answer({"success": True, "data": {"document_id": 18, "uuid": str(ETTN)}})]
    row = await looked_up(sqlite_journal, kolaybi, CreateEDocument(18), company_id=5, patience=HANG)
    assert row.state is D
    assert not [target for _, target in records.asked if COMPANIES in target]


async def test_absence_from_one_companys_list_proves_nothing_if_no_company_is_known(sqlite_journal, records, kolaybi):
    records.told |= {LIST: NOT_LISTED, COMPANIES: NO_COMPANY}
    row = await looked_up(sqlite_journal, kolaybi, CreateEDocument(18), company_id=5)
    assert row.state is U
    assert records.count("POST") == 1


SENT, CANCELLED = Answer({"success": True, "data": {"document_id": 18, "uuid": str(ETTN)}}), Answer({"success": True})
OTHER = "1e2c6b5b-44e5-4d67-8c62-2f3df17d2222"
SECOND = {"document_id": 18, "status": "sent", "uuid": OTHER, "no": "ABC2024000000002"}
LAGGING = {**OFFICIAL, "status": "cancelled"}


@pytest.mark.row(43, 44)
@pytest.mark.parametrize("again", ["after a cancellation", "on another occasion"])
@pytest.mark.parametrize(
    ("detail", "listed", "state"),
    [
        (OFFICIAL, OFFICIAL, U),
        (LAGGING, LAGGING, U),
        (UNSENT, OFFICIAL, U),
        (SECOND, OFFICIAL, D),
        (OFFICIAL, SECOND, D),
        (OFFICIAL, {**SECOND, "status": "of_tomorrow"}, N),
    ],
)
async def test_the_records_of_an_earlier_invoice_prove_nothing_of_the_next_one(
    detail, listed, state, again, sqlite_journal, records, kolaybi
):
    records.told[SEND] = SENT
    assert (await looked_up(sqlite_journal, kolaybi, CreateEDocument(18))).state is D
    occasion = ""
    if again == "after a cancellation":
        records.told["/e-document/cancel"] = CANCELLED
        assert (await looked_up(sqlite_journal, kolaybi, CancelEDocument(18))).state is D
    else:
        occasion = "once more"
    records.told |= {SEND: CUT, DETAIL: shown(detail), LIST: shown(listed)}
    row = await looked_up(sqlite_journal, kolaybi, CreateEDocument(18), occasion=occasion)
    assert row.state is state
    if state is D:
        assert row.result == EDocument(18, UUID(OTHER))
    else:
        assert not any(one.ettn for one in row.evidence)


@pytest.mark.row(43)
async def test_an_official_document_proves_nothing_where_the_cancelled_invoice_is_not_known(
    sqlite_journal, records, kolaybi
):
    records.told |= {"/e-document/cancel": CANCELLED, DETAIL: shown(OFFICIAL), LIST: shown(OFFICIAL)}
    assert (await looked_up(sqlite_journal, kolaybi, CancelEDocument(18))).state is D
    row = await looked_up(sqlite_journal, kolaybi, CreateEDocument(18))
    assert (row.generation, row.state) == (1, U)
    assert row.note == "it is official, and that may be an earlier invoice whose ETTN is not known"
    assert not any(one.ettn for one in row.evidence)


@pytest.mark.row(43)
async def test_the_old_record_of_a_cancelled_invoice_proves_no_resend(sqlite_journal, records, kolaybi):
    records.told[SEND] = SENT
    await looked_up(sqlite_journal, kolaybi, CreateEDocument(18))
    records.told["/e-document/cancel"] = CANCELLED
    await looked_up(sqlite_journal, kolaybi, CancelEDocument(18))
    failed = {"document_id": 18, "status": "failed", "uuid": None, "no": None}
    records.told |= {SEND: CUT, DETAIL: [shown(failed), shown(OFFICIAL)], LIST: shown(OFFICIAL)}
    assert (await looked_up(sqlite_journal, kolaybi, Resend(18))).state is U


async def test_companies_that_appear_later_are_queried(sqlite_journal, records, kolaybi):
    records.told[COMPANIES] = [NO_COMPANY, COMPANY]
    records.told[SEND] = [CUT, Answer({"success": True, "data": {"document_id": 18, "uuid": str(ETTN)}})]
    row = await looked_up(sqlite_journal, kolaybi, CreateEDocument(18), patience=HANG)
    assert row.state is D
    assert records.count("POST") == 2


@pytest.mark.row(37)
@pytest.mark.parametrize("others", [1, 3])
async def test_an_ignored_filter_is_compensated_by_reading_everything(others, sqlite_journal, records, kolaybi):
    foreign = [{**OFFICIAL, "document_id": 100 + number, "no": f"X{number}"} for number in range(others)]
    records.told |= {DETAIL: MISSING, LIST: shown(*foreign, OFFICIAL)}
    row = await looked_up(sqlite_journal, kolaybi, CreateEDocument(18))
    assert (row.state, row.result) == (D, EDocument(18, ETTN))


# Propars


NO_XML = Answer({"detail": "İmzalanıp gönderilmiş fatura bulunamadı."}, 404)


def shown_sales(*, unsent=(), sent=()):
    """Return a page of the sales' list. The reply is chosen by its path, filter included."""
    return Answer({"results": [*unsent, *sent], "count": len(unsent) + len(sent), "next": None, "previous": None})


NO_PROOF = [
    Answer(b"default backend - 404", 404, "text/html"),
    Answer(b"<html><title>404 Not Found</title></html>", 404, "text/html"),
    Answer(b"", 404),
    Answer({}, 404),
    Answer({"detail": "Fatura GİB kuyruğunda, XML henüz hazır değil"}, 400),
    Answer({"detail": "XML henüz hazır değil"}, 422),
    Answer(b"<html>400 Bad Request</html>", 400, "text/html"),
]


@pytest.mark.parametrize("answer", NO_PROOF, ids=lambda answer: f"{answer.status} {answer.body!r:.30}")
async def test_an_unproven_absence_resends_no_invoice(answer, sqlite_journal, records, propars):
    records.told["get_signed_xml"] = answer
    row = await looked_up(sqlite_journal, propars, SendInvoice(sale_id=18))
    assert row.state is U
    assert "could not be read back" in row.note
    assert records.count("POST") == 1
    assert 1 <= records.count("GET") <= 4


SALE = {"id": 18, "sale_code": "TOPTAN-18", "invoice_sent": False}
SENT_SALE = {**SALE, "invoice_sent": True}
SALES = {
    "in neither list": ([], [], U),
    "in both lists: the filter is ignored": ([SALE], [SALE], U),
    "in the list of those that are sent": ([], [SENT_SALE], U),
    "in the list of the unsent, and says that it is sent": ([SENT_SALE], [], U),
    "another sale of that code": ([{**SALE, "id": 19}], [], U),
    "a sale whose code only begins so": ([{**SALE, "sale_code": "TOPTAN-180"}], [], U),
    "in the list of the unsent alone": ([SALE], [], P),
}


@pytest.mark.parametrize("by", ["sale_id", "sale_code", "invoice_id"])
@pytest.mark.parametrize(("unsent", "sent", "state"), SALES.values(), ids=SALES.keys())
async def test_a_sale_is_resent_only_if_it_is_seen_unsent(by, unsent, sent, state, sqlite_journal, records, propars):
    if by == "sale_code" and unsent and unsent[0]["id"] == 19:
        state = P  # By its code, it is the sale.
    records.told |= {
        "/core/sale/?": Answer({}, 500),
        "invoice_sent=false": _page(unsent),
        "invoice_sent=true": _page(sent),
        "/core/sale/18/": Answer(SALE),
        "/saleinvoice/77/": Answer({"id": 77, "sale": {"id": 18, "sale_code": "TOPTAN-18"}, "sale_code": "TOPTAN-18"}),
        "/saleinvoice/77/send_invoice": CUT,
        "/saleinvoice/77/get_signed_xml": NO_XML,
    }
    request = SendInvoice(**{by: {"sale_id": 18, "sale_code": "TOPTAN-18", "invoice_id": 77}[by]})
    row = await looked_up(sqlite_journal, propars, request, patience=2 * QUIET)
    # What goes again is lost again.
    assert row.state is U
    assert (records.count("POST") > 1) is (state is P), (row, records.asked)
    assert "TOPTAN" not in str(row.evidence)


def _page(rows):
    return Answer({"count": len(rows), "next": None, "previous": None, "results": rows})


@pytest.fixture(scope="module")
def signed():
    """A signed invoice, its ETTN and its number."""
    with Emulator() as emulator:
        sale = emulator.add_sale("TOPTAN-18")
        return _signed_by(emulator, sale)


def _signed_by(emulator, sale):
    async def get():
        async with AsyncPropars(token=emulator.propars_token, base_url=emulator.propars_url) as client:
            sent = await client.send_invoice(sale_id=sale.sale_id)
            return (await client.get_signed_xml(sale_id=sale.sale_id)).content, sent

    return asyncio.run(get())


@pytest.mark.row(60)
@pytest.mark.parametrize("asked", ["nothing", "its own", "another"])
async def test_the_signed_document_decides_and_one_of_another_invoice_needs_a_person(
    asked, signed, journal, records, propars
):
    content, sent = signed
    records.told["get_signed_xml"] = Answer(content, media_type="application/xml")
    uuid = {"nothing": None, "its own": sent.uuid, "another": uuid4()}[asked]
    row = await looked_up(journal, propars, SendInvoice(sale_id=18, invoice_uuid=uuid))
    if asked == "another":
        assert (row.state, row.result) == (N, None)
        assert f"another ETTN, {sent.uuid}" in row.note
    else:
        assert (row.state, row.result) == (D, SentInvoice(uuid=sent.uuid, number=sent.number))
    assert records.count("POST") == 1
    assert row.evidence[-1].seen == f"ETTN {sent.uuid}, number {sent.number}"


FOREIGN = {
    "unsigned": lambda content: content.replace(b"SignatureValue", b"Nothing"),
    "another root": lambda content: content.replace(b"<Invoice", b"<CreditNote").replace(
        b"</Invoice>", b"</CreditNote>"
    ),
    "no XML": lambda content: b"<html>",
    "cut": lambda content: content[:-20],
}


@pytest.mark.row(60)
@pytest.mark.parametrize("change", FOREIGN.values(), ids=FOREIGN.keys())
async def test_a_document_that_is_no_signed_invoice_stays_undecided(change, signed, sqlite_journal, records, propars):
    content, _ = signed
    assert change(content) != content
    records.told["get_signed_xml"] = Answer(change(content), media_type="application/xml")
    row = await looked_up(sqlite_journal, propars, SendInvoice(sale_id=18))
    assert (row.state, row.result) == (U, None)
    assert "could not be read back" in row.note
    assert records.count("POST") == 1


# Patience


@pytest.mark.parametrize("patience", [0.0, PATIENCE])
async def test_failed_read_backs_end_with_the_patience_even_without_a_quiet_period(
    patience, sqlite_journal, records, kolaybi
):
    records.told[COMPANIES] = NO_COMPANY
    row = await looked_up(sqlite_journal, kolaybi, CreateEDocument(18), quiet_period=0.0, patience=patience)
    assert row.state is U
    assert records.count("POST") == 1


async def test_due_read_backs_run_once_even_without_patience(sqlite_journal, emulator):
    ids = [emulator.add_document().document_id for _ in range(20)]
    emulator.fault("create_e_document", "drop-after", times=20)
    async with kolaybi_of(emulator) as client:
        await sqlite_journal.run(client, creates(ids), quiet_period=LATER, patience=0.0)
        report = await sqlite_journal.run(client, creates(ids), concurrency=2, quiet_period=0.0, patience=0.0)
    assert report.counts[D] == len(ids)
    assert [emulator.executions("create_e_document", number) for number in ids] == [1] * len(ids)


async def test_the_pause_doubles_with_each_read_back_and_the_end_needs_a_person_with_evidence(
    journal, records, kolaybi
):
    records.told |= {DETAIL: MISSING, LIST: NOT_LISTED}
    row = await looked_up(journal, kolaybi, CreateEDocument(18), quiet_period=LATER, patience=0.0)
    pauses = [(row.looks, row.pause)]
    await asyncio.sleep(0.05)
    for _ in range(3):
        row = await looked_up(journal, kolaybi, CreateEDocument(18), quiet_period=0.02, patience=0.0)
        pauses.append((row.looks, row.pause))
        await asyncio.sleep(row.pause or 0.0)
    assert pauses == [(0, None), (1, 0.1), (2, 0.2), (3, 0.4)]
    since = row.doubt_since
    row = await looked_up(journal, kolaybi, CreateEDocument(18), quiet_period=0.02, patience=0.0, give_up_after=0.5)
    assert (row.state, row.doubt_since) == (N, since)
    assert row.note.startswith("undecided for 0 seconds: ")
    seen = [(one.asked, one.seen) for one in row.evidence]
    assert seen == [("get_invoice", "NotFoundError (404)"), ("list_invoices of company 5", "not in the list")] * 4
    assert records.count("POST") == 1


async def test_evidence_holds_nothing_of_the_buyer_and_only_the_last_of_it_is_kept(sqlite_journal, records, kolaybi):
    buyer = {"party_name": "Kanarya Alıcı", "receiver_email": "kanarya@alici.example", "total": "120.00"}
    records.told |= {DETAIL: shown({**UNSENT, **buyer, "uuid": str(ETTN)}), LIST: shown({**UNSENT, **buyer})}
    for _ in range(13):
        await looked_up(sqlite_journal, kolaybi, CreateEDocument(18), quiet_period=0.0, patience=0.0)
        await _rest(sqlite_journal._require_open().database)
    row = await only_row(sqlite_journal)
    assert len(row.evidence) == 20
    assert [one.asked for one in row.evidence] == ["get_invoice", "list_invoices of company 5"] * 10
    assert not [text for text in buyer.values() if text in str(row.evidence)]


async def _rest(database):
    """Let the wait of what is unknown be over."""
    rested = update(operations).values(pause=0.0)
    await database.write(lambda connection: connection.execute(rested))
