"""What an operation ends with, a person's word, and what a report tells."""

from __future__ import annotations

from uuid import UUID

import pytest
from attrs import evolve

from kolay_invoice.journal import Refusal
from kolay_invoice.journal.models import Change, Row
from kolay_invoice.kolaybi.models import CreateEDocument, EDocument, Proceed
from kolay_invoice.propars.models import CancelInvoice, SendInvoice
from kolay_invoice.readback import Evidence

from .support import LATER, D, N, P, R, U, creates, only_row, plans, sent, some_documents, states_of

REFUSALS = [
    (CreateEDocument(2), Refusal("InvalidRequestError", 400, 10400)),
    (CreateEDocument(999_999), Refusal("NotFoundError", 404, 10404)),
    (Proceed(1, 77), Refusal("NotFoundError", 404, 10404)),
]


@pytest.mark.parametrize(("request_", "refusal"), REFUSALS, ids=str)
async def test_a_refusal_is_typed_and_not_sent_again(request_, refusal, journal, emulator, kolaybi):
    for _ in range(2):
        report = await journal.run(kolaybi, [request_])
        assert report.is_settled
        row = await only_row(journal)
        assert row.state is R
        assert evolve(row.refusal, detail=None) == refusal
        assert row.refusal.detail
        assert [(one.left, one.outcome) for one in row.attempts] == [(True, refusal.error)]
    assert len(sent(emulator, row.operation)) == 1
    # A send that was refused is looked up once: "already sent" would be a word about an earlier one.
    assert len(sent(emulator, "get_invoice")) == len(row.evidence[:1]) == int(row.operation != "proceed")


NO_WAY_BACK = [
    ("kolaybi", Proceed(1, 1), "drop-after"),
    ("kolaybi", Proceed(1, 1), "429"),
    ("propars", CancelInvoice(sale_id=1001), "drop-after"),
    ("propars", CancelInvoice(sale_code="abc123"), "429"),
]


@pytest.mark.parametrize(("provider", "request_", "fault"), NO_WAY_BACK)
async def test_payments_and_cancellations_in_doubt_need_a_person(
    provider, request_, fault, journal, emulator, kolaybi, propars
):
    client = {"kolaybi": kolaybi, "propars": propars}[provider]
    await propars.send_invoice(sale_id=1001)
    operation = "proceed" if provider == "kolaybi" else "cancel_invoice"
    emulator.fault(operation, fault)
    for _ in range(3):
        report = await journal.run(client, [request_], quiet_period=0.0)
        assert report.counts[N] == 1
    assert len(sent(emulator, operation)) == 1
    assert (await only_row(journal)).note


KEY = "kolaybi:loopback:create_e_document:document_id=1"


@pytest.mark.parametrize(
    ("word", "state", "note"),
    [
        ({"done": True}, D, "settled by a person: done"),
        ({"done": True, "because": "seen", "by": "Ayşe"}, D, "settled by Ayşe: done (seen)"),
        ({"not_executed": True}, P, "settled by a person: not executed"),
        (
            {"not_executed": True, "because": "asked the hotline", "by": "Can"},
            P,
            "settled by Can: not executed (asked the hotline)",
        ),
    ],
)
async def test_a_persons_decision_settles_a_doubt_and_is_recorded(word, state, note, journal, emulator, kolaybi):
    emulator.fault("create_e_document", "drop-before")
    await journal.run(kolaybi, [CreateEDocument(1)], quiet_period=LATER)
    told = await journal.settle(KEY, **word)
    row = await journal.row(KEY)
    assert row == told
    assert (row.state, row.note) == (state, note)
    await journal.run(kolaybi, [CreateEDocument(1)])
    assert (await journal.row(KEY)).state is D
    assert emulator.executions("create_e_document", 1) == int(state is P)


async def test_a_refused_operation_is_sent_again_only_if_a_person_decides_so(journal, emulator, kolaybi):
    number = emulator.add_document(status="draft").document_id
    key = KEY.replace("=1", f"={number}")
    for _ in range(2):
        await journal.run(kolaybi, [CreateEDocument(number)])
        assert (await journal.row(key)).state is R
    emulator.add_document(number, status="ready_to_send")
    with pytest.raises(ValueError, match="is refused, and only"):
        await journal.settle(key, done=True)

    row = await journal.settle(key, not_executed=True, because="the document is ready now")

    assert (row.state, row.refusal) == (P, None)
    await journal.run(kolaybi, [CreateEDocument(number)])
    assert (await journal.row(key)).state is D
    assert emulator.executions("create_e_document", number) == 1


@pytest.mark.parametrize(
    ("key", "word", "match"),
    [
        (KEY, {}, "exactly one"),
        (KEY, {"done": True, "not_executed": True}, "exactly one"),
        (KEY, {"done": True}, "is done, and only"),
        (KEY, {"done": "seen"}, "done must be True or False, not 'seen': say how it is known with because="),
        (KEY, {"done": True, "ettn": "0b7f"}, "ettn must be a UUID, not '0b7f'"),
        (KEY, {"done": True, "number": "17"}, "number must be 16 characters"),
        (KEY, {"not_executed": True, "ettn": UUID(int=1)}, "ettn and number go with done=True"),
        (KEY, {"done": True, "because": 17}, "because must be a text, not 17"),
        (KEY, {"done": True, "by": ""}, "by must be a text, not ''"),
        ("kolaybi:loopback:proceed:document_id=1", {"done": True}, "knows no"),
    ],
)
async def test_an_invalid_decision_is_refused(key, word, match, sqlite_journal, kolaybi):
    await sqlite_journal.run(kolaybi, [CreateEDocument(1)])
    with pytest.raises(ValueError, match=match):
        await sqlite_journal.settle(key, **word)


async def test_what_a_person_saw_is_kept_and_shown_by_the_row(sqlite_journal, emulator, kolaybi):
    emulator.fault("create_e_document", "drop-before")
    await sqlite_journal.run(kolaybi, [CreateEDocument(1)], quiet_period=LATER)
    waiting = await sqlite_journal.find(kolaybi, CreateEDocument(1))
    assert (waiting.state, waiting.ettn, waiting.number) == (U, None, None)

    await sqlite_journal.settle(waiting, done=True, ettn=str(UUID(int=7)), number="ABC2026000000001", by="Ayşe")

    row = await sqlite_journal.find(kolaybi, CreateEDocument(1))
    assert (row.ettn, row.number, row.history[-1].by) == (UUID(int=7), "ABC2026000000001", "Ayşe")


async def test_a_row_shows_ettn_and_number_whatever_settled_it(sqlite_journal, emulator, kolaybi, propars):
    later = emulator.add_document().document_id
    emulator.fault("create_e_document", "drop-after")
    await sqlite_journal.run(kolaybi, [CreateEDocument(1)], quiet_period=0, patience=10)
    await sqlite_journal.run(kolaybi, [CreateEDocument(later)])
    await sqlite_journal.run(propars, [SendInvoice(sale_code="abc123")])

    read_back = await sqlite_journal.find(kolaybi, CreateEDocument(1))
    answered = await sqlite_journal.find(kolaybi, CreateEDocument(later))
    sent = await sqlite_journal.find(propars, SendInvoice(sale_code="abc123"))
    documents = emulator.documents
    assert (read_back.ettn, read_back.number) == (documents[1].uuid, documents[1].no)
    # KolayBi's reply to a send holds no number.
    assert (answered.ettn, answered.number) == (documents[later].uuid, None)
    assert (sent.ettn, sent.number) == (sent.result.uuid, sent.result.number)
    assert sent.number


async def test_a_late_decision_is_refused(journal, emulator, kolaybi, monkeypatch):
    emulator.fault("create_e_document", "drop-after")
    await journal.run(kolaybi, [CreateEDocument(1)], quiet_period=LATER)
    store = journal._require_open().store
    real = store.find

    async def find(key):
        row = await real(key)
        await journal.run(kolaybi, [CreateEDocument(1)], quiet_period=0.0)
        return row

    monkeypatch.setattr(store, "find", find)
    with pytest.raises(ValueError, match="in this moment"):
        await journal.settle(KEY, not_executed=True)
    assert (await real(KEY)).state is D


async def test_the_report_counts_and_lists_the_run_and_the_journal_everything(journal, emulator, kolaybi):
    await journal.run(kolaybi, [CreateEDocument(1)])
    report = await journal.run(kolaybi, [Proceed(20, 1), CreateEDocument(2), CreateEDocument(999_999)])
    assert {s: n for s, n in report.counts.items() if n} == {D: 1, R: 2}
    assert report.counts["refused"] == 2
    assert [row.request async for row in report.rows] == [Proceed(20, 1), CreateEDocument(2), CreateEDocument(999_999)]
    assert (await states_of(journal)) == {D: 2, R: 2}
    assert [row.request async for row in journal.rows(state="done")] == [CreateEDocument(1), Proceed(20, 1)]
    assert "_store" not in repr(report)


async def test_rows_are_read_a_page_at_a_time(sqlite_journal, emulator, kolaybi, monkeypatch):
    monkeypatch.setattr("kolay_invoice.journal.store._PAGE", 7)
    ids = some_documents(emulator, 21)
    report = await sqlite_journal.run(kolaybi, creates(ids))
    assert sorted([row.request.document_id async for row in report.rows]) == ids


async def test_progress_reports_every_recorded_result(sqlite_journal, emulator, kolaybi):
    ids = some_documents(emulator, 30)
    told = []
    await sqlite_journal.run(kolaybi, [*creates(ids), CreateEDocument(2)], progress=told.append)
    assert (told[-1].read, told[-1].outcomes[D], told[-1].outcomes[R]) == (31, 30, 1)
    counts = [sum(one.outcomes.values()) for one in told]
    assert counts == sorted(counts)
    assert told[-1].seconds >= told[0].seconds >= 0


ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("result", "looked_up", "settled", "document"),
    [
        (None, [], None, (None, None)),
        (None, [(ONE, "A1")], None, (ONE, "A1")),
        (None, [(ONE, "A1"), (TWO, None)], None, (TWO, None)),
        (None, [(ONE, "A1")], (ONE, None), (ONE, "A1")),
        (None, [(ONE, "A1")], (None, "A1"), (ONE, "A1")),
        (None, [(ONE, "A1")], (TWO, None), (TWO, None)),
        (None, [(ONE, "A1")], (None, "A2"), (None, "A2")),
        (EDocument(1, TWO), [(ONE, "A1")], None, (TWO, None)),
        (EDocument(1, ONE), [(ONE, "A1")], None, (ONE, "A1")),
    ],
)
def test_the_ettn_and_the_number_of_an_operation_are_those_of_one_document(result, looked_up, settled, document):
    (one,) = plans(CreateEDocument(1))
    evidence = tuple(Evidence(0.0, "get_invoice", "sent", *seen) for seen in looked_up)
    history = () if settled is None else (Change(0.0, "settled as done", ettn=settled[0], number=settled[1]),)
    row = Row(1, one.key, "kolaybi", "default", "create_e_document", CreateEDocument(1), one.given, D, 1)
    row = evolve(row, result=result, evidence=evidence, history=history)
    assert (row.ettn, row.number) == document
    row = evolve(row, state=U)
    assert (row.ettn, row.number) == (None, None)
