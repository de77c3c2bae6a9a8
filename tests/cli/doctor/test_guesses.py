"""The doctor's findings in each position of each emulator switch."""

import json

import pytest
from attrs import evolve

from kolay_invoice.cli.doctor import kolaybi, propars
from kolay_invoice.cli.doctor.command import ASSUMPTIONS
from kolay_invoice.cli.doctor.findings import Status
from kolay_invoice.cli.doctor.recorder import Exchange, Observations, ReadAttempt
from kolay_invoice.emulator import Emulator
from kolay_invoice.emulator.guesses import SWITCHES
from kolay_invoice.endpoint import Effect
from kolay_invoice.errors import AuthenticationError, NotFoundError, NotSentError, UnexpectedReplyError
from kolay_invoice.kolaybi import ENDPOINTS as KOLAYBI
from kolay_invoice.kolaybi.models import Invoice, InvoiceDetail, InvoicePage, ListInvoices
from kolay_invoice.propars import ENDPOINTS as PROPARS
from kolay_invoice.propars.models import Sale, SaleInvoice, SalePage
from kolay_invoice.result import HttpResponse

HOLDS, FAILS, ASSUMED = "seen to hold", "seen to fail", "assumed"
HELD, NOT_HELD, NOT_OBSERVED = Status.HELD, Status.NOT_HELD, Status.NOT_OBSERVED
READS = {endpoint.operation for endpoint in (*KOLAYBI, *PROPARS) if endpoint.effect is Effect.READ}

USUAL = {
    "kolaybi.duplicates": ASSUMED,
    "kolaybi.first_send": ASSUMED,
    "kolaybi.list_filter": HOLDS,
    "kolaybi.list_lag": ASSUMED,
    "kolaybi.list_rows": HOLDS,
    "kolaybi.detail": HOLDS,
    "kolaybi.movements_listed": ASSUMED,
    "kolaybi.associate_duplicates": ASSUMED,
    "kolaybi.order_shown": ASSUMED,
    "kolaybi.undone": ASSUMED,
    "kolaybi.view_container": ASSUMED,
    "propars.duplicates": ASSUMED,
    "propars.first_send": ASSUMED,
    "propars.list_lag": ASSUMED,
    "propars.xml_container": HOLDS,
    "propars.xml_lag": ASSUMED,
    "propars.xml_after_cancel": ASSUMED,
    "propars.char_code": ASSUMED,
    "propars.preview": ASSUMED,
}
SEEN = {
    ("list_filter", "number"): {"kolaybi.list_filter": FAILS},
    ("list_filter", "ignored"): {"kolaybi.list_filter": FAILS},
    # The list does not show the sent document as official yet. It shows the other one.
    ("list_lag", "forever"): {"kolaybi.list_lag": FAILS, "propars.list_lag": FAILS, "propars.xml_container": ASSUMED},
    ("list_rows", "two"): {"kolaybi.list_rows": FAILS},
    **{
        ("detail", position): {"kolaybi.detail": FAILS}
        for position in SWITCHES["detail"].positions
        if position != "full"
    },
    **{
        ("xml_container", position): {"propars.xml_container": FAILS}
        for position in SWITCHES["xml_container"].positions
        if position != "raw"
    },
    ("xml_lag", "forever"): {"propars.xml_lag": FAILS, "propars.xml_container": ASSUMED},
}
POSITIONS = [
    (name, position)
    for name, about in SWITCHES.items()
    for position in (("0", "forever") if about.is_time else about.positions)
]


@pytest.fixture
def unprotected():
    with Emulator() as running:
        yield running


@pytest.fixture
def guessed(kolay, emulated):
    """Return a function that runs the doctor and returns its exit code and the verdict of each guess."""

    def guessed(*arguments):
        code, out, _ = kolay("doctor", "--json", *arguments)
        return code, {
            f"{one['provider']}.{guess['name']}": guess["verdict"]
            for one in json.loads(out)["providers"]
            for guess in one["guesses"]
        }

    return guessed


@pytest.mark.parametrize(("name", "position"), POSITIONS)
def test_each_position_of_each_switch_is_told_as_what_it_is(name, position, guessed, kolay, emulated):
    emulated.turn(name, position)
    emulated.first_send = "accept"
    kolay("kolaybi", "create-e-document", "1", "--yes")
    kolay("propars", "send", "--sale-code", "abc123", "--yes")
    emulated.turn(name, position)
    before = len(emulated.requests)

    code, found = guessed()

    changed = SEEN.get((name, position), {})
    assert found == USUAL | changed
    assert code == (1 if FAILS in changed.values() else 0)
    asked = {request.operation for request in emulated.requests[before:]}
    assert asked <= READS | {"get_sale_invoice"}
    assert (emulated.executions("create_e_document"), emulated.executions("send_invoice")) == (1, 1)


def test_every_switch_is_a_guess_of_the_report_and_nothing_else_is():
    assert {one.name for assumptions in ASSUMPTIONS.values() for one in assumptions if one.is_guess} == set(SWITCHES)


def test_without_documents_and_sales_everything_is_assumed(guessed, emulated):
    with emulated._app.lock:
        emulated._app.kolaybi.documents.clear()
        emulated._app.kolaybi.vaults.clear()
        emulated._app.propars.sales.clear()
    code, found = guessed()
    assert (code, set(found.values())) == (0, {ASSUMED})


def test_a_list_of_one_document_shows_a_filter_by_what_does_not_exist(guessed, emulated):
    others = set(emulated.documents) - {20}
    with emulated._app.lock:
        for number in others:
            del emulated._app.kolaybi.documents[number]
    _, found = guessed("--provider", "kolaybi")
    assert (found["kolaybi.list_filter"], found["kolaybi.detail"]) == (HOLDS, HOLDS)
    emulated.list_filter = "ignored"
    assert guessed("--provider", "kolaybi")[1]["kolaybi.list_filter"] == FAILS


def test_a_named_sale_is_known_to_be_sent_by_its_code_and_by_its_id(guessed, kolay, emulated):
    kolay("propars", "send", "--sale-code", "abc123", "--yes")
    emulated.xml_lag = "forever"
    for given in (("--sale-code", "abc123"), ("--sale-id", "1001")):
        assert guessed("--provider", "propars", *given)[1]["propars.xml_lag"] == FAILS
    assert guessed("--provider", "propars", "--sale-id", "1002")[1]["propars.xml_lag"] == ASSUMED


@pytest.mark.parametrize(
    ("language", "heading", "line"),
    [
        ("en", "### Guesses", "- **seen to fail**: The list's filter `document_id` means the document's id. ("),
        (
            "tr",
            "### Tahminler",
            "- **doğrulanmadığı görüldü**: Listenin `document_id` süzgeci belgenin id'si",
        ),
    ],
)
def test_the_report_tells_the_guesses_in_both_languages(language, heading, line, kolay, emulated):
    emulated.list_filter = "ignored"
    code, out, _ = kolay("--lang", language, "doctor")
    assert code == 1
    assert heading in out
    assert line in out
    assert out.count({"en": "**assumed**", "tr": "**varsayılıyor**"}[language]) >= 10


# Each check by itself


def exchange(rows, status=200, operation="list_invoices"):
    return Exchange(operation, HttpResponse(status, {}, b""), rows if rows is None else {"data": rows})


def row(document_id, **values):
    return {"document_id": document_id, "no": None, **values}


def filtered(rows, *, status=200, error=None, document_id=1):
    request = ListInvoices(5, "outbound", document_id=document_id)
    return ReadAttempt("filter by document", "list_invoices", error, None, request, None, (exchange(rows, status),))


def listed(*rows, company=5, direction="outbound"):
    request = ListInvoices(company, direction)
    return ReadAttempt("invoices", "list_invoices", None, len(rows), request, None, (exchange(list(rows)),))


def missing(rows, **more):
    return evolve(filtered(rows, **more), purpose="missing document")


ALL = listed(row(1), row(2))


@pytest.mark.parametrize(
    ("tried", "verdict"),
    [
        ([ALL, filtered([row(1)])], HELD),
        ([ALL, filtered([row("1")])], HELD),
        ([ALL, filtered([{"id": 1}])], HELD),
        ([ALL, filtered([{"no": "x"}])], NOT_HELD),
        ([ALL, filtered([])], NOT_HELD),
        ([ALL, filtered([row(2)])], NOT_HELD),
        ([ALL, filtered([row(1), row(2)])], NOT_HELD),
        ([listed(row(1)), filtered([row(1)])], NOT_OBSERVED),
        ([listed(row(1)), filtered([row(1)]), missing([])], HELD),
        ([listed(row(1)), filtered([row(1)]), missing(None, error=NotSentError("no"))], NOT_OBSERVED),
        ([listed(row(1)), listed(row(2), company=6), filtered([row(1)])], NOT_OBSERVED),
        ([listed(row(1)), listed(row(2), direction="inbound"), filtered([row(1)])], NOT_OBSERVED),
        ([ALL, filtered(None, error=UnexpectedReplyError("odd"))], NOT_OBSERVED),
        ([ALL, filtered([], status=502)], NOT_OBSERVED),
        ([ALL, evolve(filtered([]), exchanges=(), error=NotSentError("no"))], NOT_OBSERVED),
        ([ALL, filtered(None, error=NotFoundError("no", status=404))], NOT_HELD),
        ([ALL, missing([row(2)])], NOT_HELD),
        ([ALL, missing([])], NOT_OBSERVED),
        ([ALL], NOT_OBSERVED),
    ],
)
def test_the_meaning_of_the_filter_is_seen_in_rows_only(tried, verdict):
    assert kolaybi.list_filter(Observations("kolaybi", [], tried)).status is verdict


@pytest.mark.parametrize(
    ("lists", "verdict"),
    [
        ([], NOT_OBSERVED),
        ([[row(1)]], NOT_OBSERVED),
        ([[row(1, no="A")], [row(1, no="A")]], HELD),
        ([[row(1), row(1, no="A")]], NOT_HELD),
        ([[{"uuid": "x"}, {"uuid": "y"}]], NOT_OBSERVED),
    ],
)
def test_rows_are_counted_within_one_reply(lists, verdict):
    assert kolaybi.list_rows(Observations("kolaybi", [exchange(rows) for rows in lists])).status is verdict


UUIDS = ["f46d5a8d-7726-4b37-bba4-973c7ab50a5b", "0f5e9a52-6f0b-4a3e-9d3c-2f8f2b6f1c04"]
OFFICIAL = Invoice(1, UUIDS[0], "A1", "sent")
SHOWN = InvoiceDetail(1, UUIDS[0], "A1", "sent")


def read(purpose, reply=None, *, error=None, listed=None):
    return ReadAttempt(purpose, "read", error, None, None, reply, (), listed)


@pytest.mark.parametrize(
    ("tried", "verdict", "facts"),
    [
        ([], NOT_OBSERVED, {}),
        ([read("detail of a document", SHOWN)], NOT_OBSERVED, {}),
        ([read("detail of a document", SHOWN, listed=OFFICIAL)], HELD, {"seen": 1}),
        (
            [read("detail of a document", evolve(SHOWN, no=None, uuid=UUIDS[1]), listed=OFFICIAL)],
            NOT_HELD,
            {"missing": "no", "others": "uuid"},
        ),
        ([read("detail of a document", error=NotSentError("no"), listed=OFFICIAL)], NOT_OBSERVED, {}),
        (
            [read("detail of a document", error=AuthenticationError("no", status=401), listed=OFFICIAL)],
            NOT_OBSERVED,
            {},
        ),
        (
            [read("detail of a document", error=AuthenticationError("no", status=403), listed=OFFICIAL)],
            NOT_HELD,
            {"status": 403},
        ),
        (
            [read("detail of a document", error=UnexpectedReplyError("odd", status=200), listed=OFFICIAL)],
            NOT_HELD,
            {"status": 200},
        ),
        (
            [read("detail of a document", error=UnexpectedReplyError("odd", status=503), listed=OFFICIAL)],
            NOT_OBSERVED,
            {},
        ),
        ([read("detail of a document", error=NotFoundError("no"), listed=OFFICIAL)], NOT_HELD, {}),
    ],
)
def test_a_detail_is_compared_with_the_row_that_led_to_it(tried, verdict, facts):
    finding = kolaybi.detail(Observations("kolaybi", [], tried))
    assert (finding.status, finding.facts) == (verdict, facts)


UNSENT = Invoice(1, None, None, "ready_to_send")


@pytest.mark.parametrize(
    ("shown", "again", "verdict"),
    [
        (SHOWN, [UNSENT], NOT_HELD),
        (SHOWN, [UNSENT, OFFICIAL], NOT_OBSERVED),
        (SHOWN, [OFFICIAL], NOT_OBSERVED),
        (SHOWN, [], NOT_OBSERVED),
        (SHOWN, None, NOT_OBSERVED),
        (evolve(SHOWN, no=None), [UNSENT], NOT_OBSERVED),
        (None, [UNSENT], NOT_OBSERVED),
    ],
)
def test_a_list_lags_only_where_it_still_hides_what_was_seen_before(shown, again, verdict):
    page = None if again is None else InvoicePage(tuple(again))
    tried = [read("detail of an unsent document", shown, listed=UNSENT), read("invoices again", page)]
    assert kolaybi.lag_of_invoices(Observations("kolaybi", [], tried)).status is verdict
    assert kolaybi.lag_of_invoices(Observations("kolaybi", [], tried[:1])).status is NOT_OBSERVED


def sale(sale_id=1, **values):
    return Sale(sale_id, "x", **values)


@pytest.mark.parametrize(
    ("shown", "again", "verdict"),
    [
        (sale(invoice_sent=True), [sale(invoice_sent=False)], NOT_HELD),
        (sale(invoice_sent=True), [sale()], NOT_HELD),
        (sale(invoice_sent=True), [sale(invoice_sent=True)], NOT_OBSERVED),
        (sale(invoice_sent=True), [sale(2, invoice_sent=False)], NOT_OBSERVED),
        (sale(invoice_sent=True), None, NOT_OBSERVED),
        (sale(), [sale(invoice_sent=False)], NOT_OBSERVED),
        (None, [sale(invoice_sent=False)], NOT_OBSERVED),
    ],
)
def test_the_list_of_sales_lags_in_the_same_way(shown, again, verdict):
    page = None if again is None else SalePage(tuple(again))
    tried = [read("unsent sale", shown, listed=sale(invoice_sent=False)), read("unsent sales again", page)]
    assert propars.lag_of_sales(Observations("propars", [], tried)).status is verdict
    assert propars.lag_of_sales(Observations("propars", [], tried[:1])).status is NOT_OBSERVED


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (None, NOT_OBSERVED),
        (NotFoundError("no"), NOT_HELD),
        (UnexpectedReplyError("odd", status=200), NOT_HELD),
        (NotSentError("no"), NOT_OBSERVED),
    ],
)
def test_movements_that_cannot_be_read_are_told(error, verdict):
    tried = [] if error is None else [read("movements", error=error)]
    assert kolaybi.movements_listed(Observations("kolaybi", [], tried)).status is verdict


@pytest.mark.parametrize(
    ("listed", "error", "verdict"),
    [
        (sale(invoice_sent=True), NotFoundError("no"), NOT_HELD),
        (sale(invoice_sent=True), None, NOT_OBSERVED),
        (sale(invoice_sent=True), NotSentError("no"), NOT_OBSERVED),
        (sale(invoice_sent=False), NotFoundError("no"), NOT_OBSERVED),
        (None, NotFoundError("no"), NOT_OBSERVED),
    ],
)
def test_a_signed_xml_is_missed_only_where_the_list_calls_its_sale_sent(listed, error, verdict):
    tried = [read("signed document", error=error, listed=listed)]
    assert propars.xml_lag(Observations("propars", [], tried)).status is verdict
    assert propars.xml_lag(Observations("propars", [], [])).status is NOT_OBSERVED


@pytest.mark.parametrize(
    ("sent", "unsent", "verdict"),
    [
        ([], [], NOT_OBSERVED),
        ([sale(1, invoice_sent=True)], [sale(2, invoice_sent=False)], HELD),
        ([sale(1, invoice_sent=True)], [sale(1, invoice_sent=False)], NOT_HELD),
        ([sale(1)], [], NOT_HELD),
        ([sale(None, invoice_sent=True)], [sale(None, invoice_sent=False)], HELD),
        (None, None, NOT_OBSERVED),
    ],
)
def test_a_sale_stands_in_one_of_the_two_lists_only(sent, unsent, verdict):
    tried = [
        read(purpose, None if sales is None else SalePage(tuple(sales)))
        for purpose, sales in (("sent sales", sent), ("unsent sales", unsent))
    ]
    assert propars.filter_sent(Observations("propars", [], tried)).status is verdict


@pytest.mark.parametrize(
    ("tried", "verdict"),
    [
        ([], NOT_OBSERVED),
        ([read("invoice of a sale", SaleInvoice(1, UUIDS[0], "A1"))], HELD),
        ([read("invoice of a sale", SaleInvoice(1, UUIDS[0]))], NOT_HELD),
        ([read("invoice of a sale", error=NotFoundError("no"))], NOT_HELD),
        ([read("invoice of a sale", error=NotSentError("no"))], NOT_OBSERVED),
    ],
)
def test_an_invoice_of_a_sent_sale_shows_what_makes_it_official(tried, verdict):
    assert propars.sale_invoice_official(Observations("propars", [], tried)).status is verdict
