"""The doctor makes only reads, reports its findings and prints no secret."""

import asyncio
import json

import pytest

from kolay_invoice.cli import output
from kolay_invoice.cli.doctor.command import ASSUMPTIONS
from kolay_invoice.cli.doctor.findings import Status, names
from kolay_invoice.cli.doctor.recorder import Exchange, Observations, ReadAttempt, record_reads
from kolay_invoice.emulator import Emulator
from kolay_invoice.endpoint import Effect
from kolay_invoice.errors import (
    AuthenticationError,
    ConfigurationError,
    InvalidRequestError,
    NotFoundError,
    NotSentError,
    UnexpectedReplyError,
)
from kolay_invoice.kolaybi import ENDPOINTS as KOLAYBI
from kolay_invoice.kolaybi import AsyncKolayBi, CreateEDocument
from kolay_invoice.propars import ENDPOINTS as PROPARS
from kolay_invoice.propars import AsyncPropars, InvoiceHtmlForSale
from kolay_invoice.result import HttpResponse

READS = {endpoint.operation for endpoint in (*KOLAYBI, *PROPARS) if endpoint.effect is Effect.READ}
# What stands around a send. The doctor has no question about it.
AROUND = {"list_documents", "list_associates", "list_products", "get_e_document"}
HELD, NOT_HELD, NOT_OBSERVED = Status.HELD, Status.NOT_HELD, Status.NOT_OBSERVED
SALE = ("--sale-code", "abc123")


@pytest.fixture
def unprotected(request):
    with Emulator(**getattr(request, "param", {})) as running:
        yield running


@pytest.fixture
def examined(kolay, emulated):
    """Send the sale's invoice and run the doctor; return the exit code and the verdicts by name."""

    def examined(*arguments):
        code, out, _ = kolay("doctor", "--json", *arguments)
        document = json.loads(out)
        assert document["exit_code"] == code
        found = {
            f"{one['provider']}.{check['name']}": check["verdict"]
            for one in document["providers"]
            for check in one["checks"]
        }
        return code, found

    kolay("propars", "send", *SALE, "--yes")
    return examined


def verdicts(found, verdict):
    return {name for name, given in found.items() if given == verdict.value}


# Against the emulator


def test_against_the_emulator_everything_that_can_be_seen_holds(examined):
    code, found = examined(*SALE)
    assert code == 0
    assert verdicts(found, NOT_HELD) == set()
    assert verdicts(found, NOT_OBSERVED) == {
        "kolaybi.error_envelope",
        "kolaybi.error_code",
        "kolaybi.refused_with_200",
        "kolaybi.wrong_channel",
        "kolaybi.next_page",
        "kolaybi.retry_after",
        "kolaybi.token_lives_a_day",
        "kolaybi.effects_of_kolaybi",
        "propars.retry_after",
        "propars.effects_of_propars",
    }


@pytest.mark.parametrize("unprotected", [{"page_size": 2}], indirect=True)
def test_pages_that_are_announced_are_followed(examined):
    code, found = examined()
    assert code == 0
    assert {"kolaybi.paging", "kolaybi.next_page"} <= verdicts(found, HELD)


def test_nothing_but_reads_ever_arrives(kolay, emulated):
    kolay("doctor", *SALE)
    asked = {request.operation for request in emulated.requests}
    assert asked == READS - AROUND
    effects = {endpoint.operation for endpoint in (*KOLAYBI, *PROPARS) if endpoint.effect is not Effect.READ}
    assert {emulated.executions(operation) for operation in effects} == {0}


@pytest.mark.parametrize(
    ("kind", "request_with_effect"),
    [(AsyncKolayBi, CreateEDocument(1)), (AsyncPropars, InvoiceHtmlForSale(sale_id=1001))],
)
def test_the_doctors_clients_know_no_call_with_an_effect(emulated, kind, request_with_effect):
    async def try_it():
        async with kind.from_env() as client:
            record_reads(client, [])
            assert {endpoint.effect for endpoint in client.endpoints.values()} == {Effect.READ}
            await client.call(request_with_effect)

    with pytest.raises(TypeError, match="is not a request of"):
        asyncio.run(try_it())
    assert emulated.requests == []


# Failures


def test_a_wrong_channel_is_an_answer_too(examined, monkeypatch):
    monkeypatch.setenv("KOLAYBI_CHANNEL", "of-nobody")
    code, found = examined("--provider", "kolaybi")
    assert code == 1
    assert verdicts(found, HELD) >= {"kolaybi.wrong_channel", "kolaybi.error_code", "kolaybi.error_envelope"}


def test_a_token_that_has_ended_is_told(kolay, emulated, monkeypatch):
    monkeypatch.setenv("KOLAYBI_ACCESS_TOKEN", emulated.kolaybi_access_token)
    monkeypatch.delenv("KOLAYBI_API_KEY")
    emulated.expire_tokens()
    code, out, _ = kolay("doctor", "--provider", "kolaybi")
    assert code == 1
    assert "check the credentials" in out
    assert "list_companies, companies: AuthenticationError (HTTP 401, 10401)" in out


def test_a_reply_that_cannot_be_read_did_not_hold(examined, emulated):
    emulated.fault("list_companies", "login-page", times=4)
    code, found = examined("--provider", "kolaybi")
    assert code == 1
    assert "kolaybi.readable" in verdicts(found, NOT_HELD)


def test_a_network_that_fails_says_nothing_of_the_assumptions(examined, emulated, kolay, monkeypatch):
    emulated.fault("list_invoices", "drop-after", times=40)
    code, found = examined("--provider", "kolaybi", "--timeout", "1")
    assert code == 0
    assert verdicts(found, NOT_HELD) == set()
    monkeypatch.setenv("KOLAYBI_BASE_URL", "http://127.0.0.1:9")
    code, report, _ = kolay("doctor", "--provider", "kolaybi", "--timeout", "1")
    assert code == 3
    assert "The provider could not be reached" in report
    assert "check the credentials" not in report


def test_a_429_shows_whether_it_says_when_to_come_back(examined, emulated):
    emulated.fault("list_companies", 429, retry_after=0)
    emulated.fault("get_signed_xml", 429)
    _, found = examined()
    assert found["kolaybi.retry_after"] == "held"
    assert found["propars.retry_after"] == "not held"


def test_an_account_without_rows_shows_little_and_nothing_against(examined, emulated):
    with emulated._app.lock:
        emulated._app.kolaybi.documents.clear()
    code, found = examined("--provider", "kolaybi")
    assert code == 0
    assert "kolaybi.row_members" in verdicts(found, NOT_OBSERVED)


def test_a_sale_that_was_not_sent_shows_no_document(examined):
    code, found = examined("--provider", "propars", "--sale-id", "1002")
    assert code == 0
    assert "propars.signed_is_whole" in verdicts(found, NOT_OBSERVED)


# The report


def test_a_provider_without_credentials_is_left_out_and_said(kolay, emulated, monkeypatch):
    for name in ("USERNAME", "PASSWORD", "BASE_URL"):
        monkeypatch.delenv(f"PROPARS_{name}")
    code, out, err = kolay("doctor")
    assert code == 0
    assert "Propars is left out: There are no credentials" in err
    assert "## Propars" not in out
    for name in ("CHANNEL", "API_KEY", "BASE_URL"):
        monkeypatch.delenv(f"KOLAYBI_{name}")
    assert kolay("doctor")[0] == 2


def test_the_report_can_be_saved_once(kolay, emulated, tmp_path):
    path = tmp_path / "report.md"
    assert kolay("doctor", "--save", path)[0] == 0
    assert path.read_text().startswith("# kolay-invoice doctor")
    assert path.stat().st_mode & 0o777 == 0o600
    before = len(emulated.requests)
    code, _, err = kolay("doctor", "--save", path)
    assert (code, len(emulated.requests)) == (2, before)
    assert "exists already" in err


def test_two_sales_are_one_too_many(kolay, emulated):
    assert kolay("doctor", *SALE, "--sale-id", "1001")[0] == 2
    assert emulated.requests == []


def test_the_report_is_in_turkish_for_those_who_read_it(kolay, emulated):
    assert "doğrulandı" in kolay("--lang", "tr", "doctor")[1]


def test_progress_is_shown_on_a_terminal(kolay, emulated, monkeypatch):
    monkeypatch.setattr(output, "SPINNER_SECONDS", 0.01)
    monkeypatch.setenv("FORCE_COLOR", "1")
    emulated.fault("list_companies", "slow", seconds=0.2)
    assert "answers so far" in kolay("doctor", "--provider", "kolaybi")[2]


CANARY = "CANARY"


@pytest.mark.parametrize("fault", [None, "login-page", "garbage", "500", "empty", "wrong-echo"])
def test_no_secret_and_nothing_of_a_buyer_is_in_the_report(kolay, emulated, monkeypatch, fault):
    emulated.add_company(
        5, company_name=f"{CANARY} A.Ş.", identity_no="9999999990", tax_office=CANARY, city=CANARY, district=CANARY
    )
    emulated.add_document(77, party_name=CANARY, status=CANARY, scenario=CANARY, type=CANARY, no=f"{CANARY}1")
    emulated.add_sale(f"{CANARY}-sale", buyer=CANARY, item=CANARY)
    kolay("propars", "send", "--sale-code", f"{CANARY}-sale", "--yes")
    if fault is not None:
        for operation in ("list_invoices", "get_signed_xml"):
            emulated.fault(operation, fault)
    secrets = [
        CANARY,
        "9999999990",
        emulated.kolaybi_channel,
        emulated.kolaybi_api_key,
        emulated.propars_username,
        emulated.propars_password,
        emulated.kolaybi_url,
    ]
    for form in ((), ("--json",)):
        _, out, err = kolay("doctor", "--sale-code", f"{CANARY}-sale", *form)
        assert "list_invoices" in out
        assert [secret for secret in secrets if secret in out + err] == []


def test_names_of_members_are_shown_and_other_texts_are_not():
    assert names(["row", "Ayşe Yılmaz", 5, "x" * 41, "CANARY", "a_b1"]) == "a_b1, row"
    assert names([]) == "-"


# Each check by itself


def found(name, seen):
    """Check one assumption."""
    provider, _, short = name.partition(".")
    (check,) = [one.check for one in ASSUMPTIONS[provider] if one.name == short and not one.is_guess]
    return check(seen)


def exchange(operation, content, status=200, *, headers=(), length_known=True):
    return Exchange(operation, HttpResponse(status, dict(headers), b"", length_known=length_known), content)


def rows(*given, operation="list_invoices", **envelope):
    return exchange(operation, {"data": list(given), **envelope})


def invoice(**changes):
    return {
        "document_id": 1,
        "uuid": None,
        "no": None,
        "status": "draft",
        "scenario": "KAMU",
        "type": "SATIS",
        "direction": "outbound",
        "exchange_grand_total": 1,
        "exchange_grand_currency": "TRY",
        "grand_total": 1,
        "grand_currency": "try",
    } | changes


def read(purpose, error=None, **more):
    return ReadAttempt(purpose, "list_invoices", error, **more)


REFUSAL = {"success": False, "code": 10404, "message": "yok"}
UNREADABLE = UnexpectedReplyError("odd", status=200)
CASES = [
    ("kolaybi.framed", [exchange("x", None, length_known=False)], [], NOT_HELD),
    ("kolaybi.no_redirect", [exchange("x", None, 302)], [], NOT_HELD),
    ("kolaybi.readable", [], [read("x", UNREADABLE)], NOT_HELD),
    ("kolaybi.readable", [], [read("x", UnexpectedReplyError("cut")), read("x", NotSentError("no"))], NOT_OBSERVED),
    ("kolaybi.readable", [], [read("x", NotFoundError("no"))], HELD),
    ("kolaybi.retry_after", [exchange("x", None, 429, headers={"Retry-After": "1"})], [], HELD),
    ("kolaybi.token_lives_a_day", [], [], NOT_OBSERVED),
    ("kolaybi.token_is_text", [exchange("access_token", {"data": {"token": "x"}})], [], NOT_HELD),
    ("kolaybi.token_is_text", [exchange("access_token", "text")], [], NOT_OBSERVED),
    ("kolaybi.token_has_no_end", [exchange("access_token", {"data": "x", "expires_at": 1})], [], NOT_HELD),
    ("kolaybi.headers_accepted", [exchange("list_companies", REFUSAL, 401)], [], NOT_OBSERVED),
    ("kolaybi.envelope", [exchange("list_companies", [])], [], NOT_HELD),
    ("kolaybi.envelope", [exchange("list_companies", {"success": 1, "data": []})], [], NOT_HELD),
    ("kolaybi.error_envelope", [exchange("x", REFUSAL, 404)], [], HELD),
    ("kolaybi.error_envelope", [exchange("x", None, 404)], [], NOT_HELD),
    ("kolaybi.error_envelope", [exchange("x", None, 502)], [], NOT_OBSERVED),
    ("kolaybi.error_code", [exchange("x", REFUSAL, 404)], [], HELD),
    ("kolaybi.error_code", [exchange("x", REFUSAL, 400)], [], NOT_HELD),
    ("kolaybi.error_code", [exchange("x", REFUSAL), exchange("x", {}, 400), exchange("x", 5, 400)], [], NOT_OBSERVED),
    ("kolaybi.refused_with_200", [exchange("x", REFUSAL)], [], NOT_HELD),
    ("kolaybi.wrong_channel", [], [read("x", ConfigurationError("tls"))], NOT_OBSERVED),
    ("kolaybi.wrong_channel", [], [read("x", ConfigurationError("no", status=404))], HELD),
    ("kolaybi.company_members", [rows({"company_id": 5}, operation="list_companies")], [], NOT_HELD),
    (
        "kolaybi.resendable_spelling",
        [rows({"is_invoice_resendable": True}, operation="list_companies")],
        [],
        NOT_HELD,
    ),
    ("kolaybi.row_members", [rows(invoice(other=1))], [], HELD),
    ("kolaybi.row_members", [rows({"commercial_doc_id": 1})], [], NOT_HELD),
    (
        "kolaybi.row_members",
        [rows(5), exchange("list_invoices", {"data": "x"}), exchange("list_invoices", 5)],
        [],
        NOT_OBSERVED,
    ),
    ("kolaybi.sets_are_texts", [rows(invoice(status={"key": "draft"}))], [], NOT_HELD),
    ("kolaybi.sets_are_texts", [rows(invoice(status="new"))], [], HELD),
    ("kolaybi.amounts_are_numbers", [rows(invoice(grand_total="1"))], [], NOT_HELD),
    ("kolaybi.currencies", [rows(invoice(grand_currency="lira"))], [], NOT_HELD),
    ("kolaybi.official_has_ettn", [rows(invoice(no="A1"))], [], NOT_HELD),
    ("kolaybi.official_has_ettn", [rows(invoice(uuid="x"), invoice(uuid="x", no="A1"))], [], HELD),
    ("kolaybi.paging", [rows(next_page_url="x")], [], NOT_HELD),
    ("kolaybi.paging", [rows(links={}, meta={"last_page": 2})], [], HELD),
    (
        "kolaybi.paging",
        [exchange("list_invoices", {"data": {"data": [], "last_page": 2, "next_page_url": 1}})],
        [],
        HELD,
    ),
    ("kolaybi.paging", [], [], NOT_OBSERVED),
    ("kolaybi.next_page", [], [read("next page", UNREADABLE)], NOT_HELD),
    ("kolaybi.next_page", [], [read("next page", AuthenticationError("no"))], NOT_OBSERVED),
    ("kolaybi.filter_document", [], [read("filter by document", InvalidRequestError("no"))], NOT_HELD),
    ("kolaybi.filter_date", [], [read("filter by date", rows=3)], NOT_HELD),
    ("kolaybi.filter_date", [], [read("filter by date", NotSentError("no"))], NOT_OBSERVED),
    ("kolaybi.missing_document", [], [read("missing document", NotFoundError("no", status=404))], HELD),
    ("kolaybi.missing_document", [], [read("missing document", InvalidRequestError("no"))], NOT_HELD),
    ("propars.auth_token", [exchange("api_token_auth", {"token": "x"})], [], NOT_HELD),
    ("propars.expire_date", [exchange("api_token_auth", {"expire_date": "tomorrow"})], [], NOT_HELD),
    ("propars.expire_date", [exchange("api_token_auth", {"expire_date": 5})], [], NOT_HELD),
    ("propars.token_accepted", [exchange("get_signed_xml", None, 405)], [], NOT_OBSERVED),
    ("propars.error_shape", [exchange("x", {"sale_id": ["no"]}, 400)], [], HELD),
    ("propars.error_shape", [exchange("x", {"error": "no"}, 400)], [], NOT_HELD),
    ("propars.error_shape", [exchange("x", None, 400)], [], NOT_HELD),
    ("propars.signed_is_whole", [], [read("signed document", UNREADABLE)], NOT_HELD),
    ("propars.missing_sale", [], [], NOT_OBSERVED),
]  # fmt: skip


@pytest.mark.parametrize(("check", "exchanges", "tried", "verdict"), CASES)
def test_a_check_is_a_pure_function_of_what_was_seen(check, exchanges, tried, verdict):
    assert found(check, Observations("x", exchanges, tried)).status is verdict


@pytest.mark.parametrize(
    ("body", "container"),
    [(b"PK\x03\x04", "zip"), (b'{"xml": "x"}', "json"), (b"?", "other"), (b"<Invoice></Invoice>", "xml")],
)
def test_the_container_of_a_document_is_named(body, container):
    seen = Observations("propars", [Exchange("get_signed_xml", HttpResponse(200, {}, body), None)])
    assert found("propars.signed_is_raw", seen).facts["container"] == container
    for check in ("signature_place", "signature_method", "ubl_tr", "ettn"):
        verdict = found(f"propars.{check}", seen).status
        assert verdict is (NOT_HELD if container == "xml" else NOT_OBSERVED)


def test_an_exchange_shows_nothing_of_itself():
    shown = repr(Observations("x", [exchange("x", {"data": CANARY})], [read("x", NotFoundError(CANARY))]))
    assert CANARY not in shown
