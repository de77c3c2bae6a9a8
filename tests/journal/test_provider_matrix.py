"""FAULTS rows 37–47 and 66 with every operation that they concern: executions are counted at the provider."""

from __future__ import annotations

import pytest
from attrs import frozen

from kolay_invoice.emulator import Emulator
from kolay_invoice.journal import Journal, OnOccasion, planning
from kolay_invoice.kolaybi.models import CreateEDocument, Proceed, Resend
from kolay_invoice.propars.models import CancelInvoice, SendInvoice

from .support import D, N, R, U, kolaybi_of, only_row, propars_of

DOCUMENT, SALE = 18, "abc123"
CREATE, RESEND, SEND = CreateEDocument(1), Resend(18), SendInvoice(sale_code=SALE)
NUMBERS = {"create_e_document": 1, "resend": 18, "send_invoice": SALE, "proceed": 1, "cancel_invoice": SALE}


@frozen
class Case:
    """One thing that the provider may be, and what an operation has to come to there."""

    row: int
    switches: dict
    request: object
    fault: str | None
    state: object
    executions: int
    sends: int = 1

    def __str__(self):
        switches = ", ".join(f"{name}={value}" for name, value in self.switches.items())
        return f"{self.row} {switches} {type(self.request).__name__} {self.fault}"


NO_DETAIL = {"detail": "missing"}
UNCLEAR_DETAILS = ("missing", "forbidden", "html", "without_uuid", "without_number", "without_status")
WRONG_DETAILS = ("draft_with_uuid", "other_document")
AFTER, BEFORE = "drop-after", "drop-before"
# A list that lags shows a document as it was before, one that is sent again as a failed one.
LAGGING = ((CREATE, U), (RESEND, U))

CASES = [
    # 37: the filter means the number, or is ignored; what is executed is seen in the whole list all the same.
    *(
        Case(37, {"list_filter": meaning, **detail}, request, AFTER, D, 1)
        for meaning in ("number", "ignored")
        for detail in ({}, NO_DETAIL)
        for request in (CREATE, RESEND)
        if not (meaning == "number" and detail)
    ),
    # Where the filter by number shows an empty list, that is no proof of anything.
    *(Case(37, {"list_filter": "number", **NO_DETAIL}, request, AFTER, U, 1) for request in (CREATE, RESEND)),
    *(Case(37, {"list_filter": "number", **NO_DETAIL}, request, BEFORE, U, 0) for request in (CREATE, RESEND)),
    Case(37, {"list_filter": "ignored"}, CREATE, BEFORE, D, 1, sends=2),
    # 38: the list lags, for ten minutes, an hour, for ever.
    *(
        Case(38, {"list_lag": lag, **NO_DETAIL}, request, AFTER, state, 1)
        for lag in (600, 3600, "forever")
        for request, state in LAGGING
    ),
    Case(38, {"list_lag": "forever"}, CREATE, AFTER, D, 1),
    # 39, 40: what the detail lacks or says wrong decides nothing.
    *(
        Case(
            39 if detail in UNCLEAR_DETAILS else 40, {"detail": detail, "list_lag": "forever"}, request, AFTER, state, 1
        )
        for detail in (*UNCLEAR_DETAILS, *WRONG_DETAILS)
        for request, state in LAGGING
    ),
    *(
        Case(39 if detail in UNCLEAR_DETAILS else 40, {"detail": detail}, CREATE, BEFORE, U, 0)
        for detail in ("missing", "forbidden", "html", "without_status", *WRONG_DETAILS)
    ),
    # 41: a send is refused as already sent.
    Case(41, {"first_send": "refuse"}, CREATE, None, D, 0),
    Case(41, {"first_send": "refuse"}, SEND, None, D, 0),
    Case(41, {"duplicates": "refuse", "detail": "missing", "list_lag": "forever"}, CREATE, AFTER, U, 1),
    # 42: no signed XML yet, in the provider's own words, while the sale is being sent.
    *(Case(42, {"xml_lag": lag}, SEND, AFTER, U, 1) for lag in (600, "forever")),
    Case(42, {}, SEND, AFTER, D, 1),
    Case(42, {}, SEND, BEFORE, D, 1, sends=2),
    # 46: a collection is decided by no movement, whatever they are.
    *(Case(46, {"movements_listed": shown}, Proceed(1, 1), AFTER, N, 1) for shown in ("none", "one", "two")),
    *(Case(46, {"movements_listed": shown}, Proceed(1, 1), BEFORE, N, 0) for shown in ("none", "one", "two")),
    # 66: a list shows a document twice, as it was and as it is.
    Case(66, {"list_rows": "two", **NO_DETAIL}, CREATE, AFTER, D, 1),
    # Such a list shows the failed document as sent before it is sent again, so it proves nothing about the resend.
    Case(66, {"list_rows": "two", **NO_DETAIL}, RESEND, AFTER, U, 1),
    Case(66, {"list_rows": "two"}, RESEND, AFTER, D, 1),
]


@pytest.fixture
def provider():
    """Both emulated providers, carrying out whatever comes as often as it comes."""
    with Emulator(duplicates="execute") as running:
        yield running


async def ended(url, provider, request, *, runs=4, **options):
    """Run a request a few times, with the journal opened anew each time, until nothing more comes of it."""
    make = kolaybi_of if hasattr(request, "document_id") else propars_of
    for _ in range(runs):
        async with make(provider) as client, Journal.open(url) as journal:
            await journal.run(client, [request], **{"quiet_period": 0.0, "patience": 0.0, **options})
            row = await only_row(journal)
    return row


@pytest.mark.parametrize("case", [pytest.param(one, id=str(one), marks=pytest.mark.row(one.row)) for one in CASES])
async def test_at_any_provider_nothing_is_executed_twice_and_no_result_is_invented(case, url, provider):
    for name, value in case.switches.items():
        setattr(provider, name, value)
    operation = next(name for name, number in NUMBERS.items() if name == _name(case.request))
    if case.fault:
        provider.fault(operation, case.fault)

    row = await ended(url, provider, case.request)

    assert provider.executions(operation, NUMBERS[operation]) == case.executions
    assert row.state is case.state, row
    assert len([one for one in provider.requests if one.operation == operation]) == case.sends
    if row.state is U:
        assert row.evidence
        assert row.note
    if row.state is D and operation != "proceed":
        assert row.result.uuid


def _name(request):
    return next(name for name in NUMBERS if name.replace("_", "") == type(request).__name__.lower())


@pytest.mark.row(41)
async def test_a_send_refused_as_already_sent_is_done_with_its_ettn_and_a_note(url, provider):
    provider.first_send = "refuse"
    row = await ended(url, provider, CREATE, runs=1)
    assert (row.state, row.note) == (D, "the provider refused it, and it is official: it was sent before")
    assert row.result.uuid == provider.documents[1].uuid
    assert row.refusal is None
    assert [one.outcome for one in row.attempts] != ["done"]
    assert row.evidence


@pytest.mark.row(41)
async def test_a_second_send_of_an_official_document_does_not_end_as_a_refusal(url, provider):
    # It was sent without a journal, and the provider refuses a second time.
    provider.duplicates = "refuse"
    async with kolaybi_of(provider) as client:
        sent = await client.create_e_document(1)
    row = await ended(url, provider, CREATE, runs=1)
    assert (row.state, row.result) == (D, sent)
    assert provider.executions("create_e_document", 1) == 1


@pytest.mark.row(41)
async def test_a_refusal_without_a_read_back_stays_a_refusal(url, provider):
    provider.detail = "forbidden"
    row = await ended(url, provider, CreateEDocument(2), runs=2)
    assert row.state is R
    assert row.evidence


@pytest.mark.row(38)
async def test_a_list_that_catches_up_ends_the_doubt(url, provider):
    provider.list_lag, provider.detail = 600, "missing"
    provider.fault("create_e_document", AFTER)
    assert (await ended(url, provider, CREATE)).state is U
    provider.list_lag = 0
    row = await ended(url, provider, CREATE, patience=5.0)
    assert (row.state, row.result.uuid) == (D, provider.documents[1].uuid)
    assert provider.executions("create_e_document", 1) == 1


@pytest.mark.row(44)
async def test_a_resend_under_another_occasion_is_executed_once_more(url, provider):
    provider.fault("resend", AFTER)
    async with kolaybi_of(provider) as client, Journal.open(url) as journal:
        for occasion in ("", "", "failed again in February", "failed again in February"):
            report = await journal.run(client, [OnOccasion(RESEND, occasion)], quiet_period=0.0)
            assert report.is_settled
    assert provider.executions("resend", 18) == 2


# The harness must be able to say no


@pytest.mark.row(37)
async def test_a_read_back_by_absence_is_caught(url, provider):
    """Row 37: the filter means the number, and an empty list is taken for proof."""
    provider.list_filter, provider.detail = "number", "missing"
    provider.fault("create_e_document", AFTER)
    await ended(url, provider, CREATE, absence_proves=True)
    assert provider.executions("create_e_document", 1) == 2


@pytest.mark.row(38)
async def test_a_lagging_list_taken_for_proof_is_caught(url, provider):
    """Row 38."""
    provider.list_lag, provider.detail = "forever", "missing"
    provider.fault("create_e_document", AFTER)
    await ended(url, provider, CREATE, absence_proves=True)
    assert provider.executions("create_e_document", 1) == 2


@pytest.mark.row(42)
async def test_a_missing_signed_xml_taken_for_proof_is_caught(url, provider):
    """Row 42."""
    provider.xml_lag = "forever"
    provider.fault("send_invoice", AFTER)
    await ended(url, provider, SEND, absence_proves=True)
    assert provider.executions("send_invoice", SALE) == 2


@pytest.mark.row(43)
async def test_a_journal_without_generations_is_caught(url, provider, monkeypatch):
    """Row 43: the second send is said to be done, and never was."""

    async def without_generations(_connection, _run, chunk):
        return list(chunk)

    monkeypatch.setattr(planning, "_assign_generations", without_generations)
    async with propars_of(provider) as client, Journal.open(url) as journal:
        for request in (SEND, CancelInvoice(sale_code=SALE), SEND):
            report = await journal.run(client, [request])
            assert report.counts[D] == 1
    assert provider.executions("send_invoice", SALE) == 1
