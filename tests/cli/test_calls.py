"""Single calls from the command line. Executions are counted at the provider."""

import json
import signal

import pytest

from kolay_invoice.cli import calls, output
from kolay_invoice.cli.accounts import Account
from kolay_invoice.kolaybi import PRODUCTION_URL, SANDBOX_URL

EFFECTS = {
    "create_e_document": (("kolaybi", "create-e-document", "1"), 1),
    "resend": (("kolaybi", "resend", "18"), 18),
    "proceed": (("kolaybi", "proceed", "1", "1"), 1),
    "delete_invoice": (("kolaybi", "delete-invoice", "1"), 1),
    "invoice_html_for_sale": (("propars", "html", "--sale-code", "abc123"), "abc123"),
    "send_invoice": (("propars", "send", "--sale-code", "abc123"), "abc123"),
    "cancel_invoice": (("propars", "cancel", "--sale-id", "1001"), "abc123"),
}
every_effect = pytest.mark.parametrize(("operation", "command", "subject"), [(n, *v) for n, v in EFFECTS.items()])


@every_effect
def test_a_call_with_an_effect_is_executed_once_when_it_was_agreed_to(
    kolay, emulated, operation, command, subject, typed
):
    if operation == "cancel_invoice":
        kolay("propars", "html", "--sale-code", "abc123", "--yes")
    typed("y\n")
    code, out, err = kolay(*command)
    assert (code, bool(out)) == (0, True)
    assert emulated.executions(operation, subject) == 1
    assert f"{emulated.kolaybi_url} (this machine)" in err
    assert "_* variables)" in err
    assert "Go on? [y/N]" in err
    assert ("abc123" in err) or ("1001" in err) or ("document_id" in err)


@every_effect
@pytest.mark.parametrize("answer", ["n\n", "", "yep\n"])
def test_without_a_yes_nothing_is_executed(kolay, emulated, operation, command, subject, typed, answer):
    typed(answer)
    code, out, err = kolay(*command)
    assert (code, out) == (1, "")
    assert err.endswith("Nothing was sent.\n")
    assert [request.operation for request in emulated.requests] == []


@every_effect
def test_where_nobody_can_be_asked_the_question_is_an_error_of_usage(kolay, emulated, operation, command, subject):
    code, _, err = kolay(*command)
    assert code == 2
    assert "Pass --yes" in err
    assert emulated.requests == []


@every_effect
def test_a_dry_run_shows_the_request_without_secrets_and_sends_nothing(kolay, emulated, operation, command, subject):
    code, out, err = kolay(*command, "--dry-run")
    assert code == 0
    assert "Authorization: " in out
    assert "***" in out
    assert "Nothing was sent." in err
    secrets = [emulated.kolaybi_channel, emulated.kolaybi_api_key, emulated.propars_password]
    assert not [secret for secret in secrets if secret in out + err]
    document = json.loads(kolay(*command, "--dry-run", "--json")[1])
    assert document["dry_run"] is True
    assert document["url"].startswith(emulated.kolaybi_url)
    assert document["effect"] != "read"
    assert emulated.requests == []


def test_what_a_dry_run_shows_is_what_is_sent(kolay, emulated):
    shown = json.loads(kolay("kolaybi", "create-e-document", "1", "--dry-run", "--json")[1])
    kolay("kolaybi", "create-e-document", "1", "--yes")
    (sent,) = [request for request in emulated.requests if request.operation == "create_e_document"]
    assert shown["method"] == sent.method
    assert shown["url"] == f"{emulated.kolaybi_url}{sent.path_qs}"
    assert shown["form"] == sent.body.decode()


def test_an_answer_as_json_holds_everything_that_came(kolay, emulated):
    code, out, _ = kolay("propars", "send", "--sale-code", "abc123", "--yes", "--json")
    document = json.loads(out)
    assert code == document["exit_code"] == 0
    assert document["extra"]["currency"] == "TRY"


@every_effect
def test_an_unknown_outcome_is_exit_code_4_and_says_where_to_look(kolay, emulated, operation, command, subject):
    emulated.fault(operation, "drop-after")
    code, out, _ = kolay(*command, "--yes", "--json")
    document = json.loads(out)
    assert (code, document["may_have_happened"], document["kind"]) == (4, True, "OutcomeUnknownError")
    assert document["operation"] == operation
    emulated.fault(operation, "drop-before")
    code, _, err = kolay(*command, "--yes")
    assert code == 4
    assert "It may have happened at the provider. Do not simply run it again. " in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("environment", "fault", "code", "expected"),
    [
        ({"KOLAYBI_BASE_URL": "http://127.0.0.1:9"}, None, 3, "no byte of it left this machine"),
        ({"KOLAYBI_CHANNEL": "of-nobody"}, None, 2, "cannot work as things are set up"),
        ({"KOLAYBI_API_KEY": "of-nobody"}, None, 1, "does not accept these credentials"),
        ({"KOLAYBI_API_KEY": ""}, None, 2, "needs an access_token or an api_key"),
        ({"KOLAYBI_BASE_URL": "https://elsewhere.example"}, None, 2, "not the provider's"),
        ({}, {"kind": "429", "retry_after": 7}, 1, "asks to wait 7 seconds"),
        ({}, {"kind": "429"}, 1, "too many calls"),
        ({}, {"kind": "500"}, 4, "outcome of KolayBi create-e-document is unknown (HTTP 500)"),
    ],
)
def test_every_kind_of_error_has_its_exit_code_and_one_paragraph(
    kolay, emulated, monkeypatch, environment, fault, code, expected
):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    if fault:
        emulated.fault("create_e_document", fault.pop("kind"), **fault)
    ended, out, err = kolay("kolaybi", "create-e-document", "1", "--yes")
    assert (ended, out) == (code, "")
    assert expected in err
    assert len(err.splitlines()) == 1
    ended, out, _ = kolay("kolaybi", "create-e-document", "1", "--yes", "--json")
    assert ended == json.loads(out)["exit_code"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("kolaybi", "create-e-document", "-1"), "document_id must be a positive whole number"),
        (("propars", "send"), "Give exactly one of sale_code, sale_id, invoice_id. Nothing was sent."),
        (("propars", "send", "--sale-id", "1", "--invoice-number", "x"), "invoice_number must be 16 characters"),
        (("kolaybi", "create-e-document", "x"), "must be a whole number, and not x"),
        (("kolaybi", "no-such"), "no-such"),
        (("--lang", "de", "kolaybi", "companies"), "there are: en, tr"),
        (("kolaybi", "resend", "1", "--timeout", "0"), "imeout must be a positive number"),
    ],
)
def test_a_wrong_argument_is_exit_code_2_and_nothing_is_sent(kolay, emulated, arguments, expected):
    code, _, err = kolay(*arguments)
    assert code == 2
    assert expected in " ".join(err.split())
    assert "Traceback" not in err
    assert emulated.requests == []


def test_the_provider_says_why_and_the_code_is_shown(kolay, emulated):
    code, _, err = kolay("kolaybi", "create-e-document", "999", "--yes")
    assert code == 1
    assert "(HTTP 404, code 10404)" in err
    assert "The provider says: “Fatura bulunamadı.”" in err


def test_turkish_paragraphs_are_made_of_the_facts(kolay, emulated):
    emulated.fault("create_e_document", "drop-after")
    code, _, err = kolay("--lang", "tr", "kolaybi", "create-e-document", "1", "--yes")
    assert code == 4
    assert "İşlem sağlayıcıda gerçekleşmiş olabilir. Bakmadan yeniden çalıştırmayın." in err
    assert "(Teknik ayrıntı: tam bir yanıt gelmeden bağlantı koptu" in err


def test_a_turkish_yes_is_one(kolay, emulated, typed):
    typed("evet\n")
    assert kolay("--lang", "tr", "kolaybi", "create-e-document", "1")[0] == 0
    assert emulated.executions("create_e_document", 1) == 1


# Ctrl-C


def test_ctrl_c_while_a_send_is_on_its_way_says_that_nobody_knows(kolay, emulated, ctrl_c):
    emulated.fault("create_e_document", "slow", seconds=20)
    ctrl_c(lambda: any(request.operation == "create_e_document" for request in emulated.requests))
    code, out, _ = kolay("kolaybi", "create-e-document", "1", "--yes", "--json")
    document = json.loads(out)
    assert (code, document["may_have_happened"]) == (4, True)
    assert "outcome is unknown" in document["error"]


def test_sigterm_is_as_honest(kolay, emulated, ctrl_c):
    emulated.fault("proceed", "slow", seconds=20)
    ctrl_c(lambda: any(request.operation == "proceed" for request in emulated.requests), signal.SIGTERM)
    code, _, err = kolay("kolaybi", "proceed", "1", "1", "--yes")
    assert code == 4
    assert "Look at the movements of the vault" in err


def test_ctrl_c_before_it_left_is_exit_code_130(kolay, emulated, ctrl_c):
    emulated.fault("access_token", "slow", seconds=20)
    ctrl_c(lambda: emulated.requests)
    code, out, _ = kolay("kolaybi", "create-e-document", "1", "--yes", "--json")
    assert (code, json.loads(out)["may_have_happened"]) == (130, False)
    assert emulated.executions("create_e_document") == 0


def test_ctrl_c_at_the_question_is_exit_code_130(kolay, emulated, typed, monkeypatch):
    typed("y\n")

    def pressed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(output, "confirm", pressed)
    code, _, err = kolay("kolaybi", "create-e-document", "1")
    assert (code, err) == (130, "Interrupted, before anything was sent that has an effect.\n")


def test_an_answer_that_came_is_shown_although_the_end_of_the_call_was_interrupted(kolay, emulated, monkeypatch):
    close = calls.AsyncKolayBi.aclose

    async def pressed(client):
        await close(client)
        raise KeyboardInterrupt

    monkeypatch.setattr(calls.AsyncKolayBi, "aclose", pressed)
    code, out, _ = kolay("kolaybi", "create-e-document", "1", "--yes", "--json")
    assert (code, json.loads(out)["document_id"]) == (0, 1)


# Output


def test_a_preview_and_a_document_go_to_the_standard_output_as_they_came(kolay, emulated):
    code, out, _ = kolay("propars", "html", "--sale-code", "abc123", "--yes")
    assert code == 0
    assert out.rstrip().endswith("</html>")
    assert "ETTN" in json.loads(kolay("propars", "html", "--sale-code", "abc123", "--yes", "--json")[1])["html"]


@pytest.mark.parametrize(
    ("url", "provider", "kind"),
    [
        (None, "kolaybi", "sandbox"),
        (SANDBOX_URL, "kolaybi", "sandbox"),
        (PRODUCTION_URL, "kolaybi", "PRODUCTION"),
        (None, "propars", "PRODUCTION: Propars has no sandbox"),
        ("http://localhost:1", "propars", "this machine"),
        ("https://elsewhere.example", "propars", "not a host of the provider"),
    ],
)
def test_the_question_says_which_host_it_is(url, provider, kind):
    account = Account(provider, None, {} if url is None else {"base_url": url})
    assert calls.host_kind(account) == kind


def test_what_is_waited_for_is_shown_on_a_terminal_after_a_second(kolay, emulated, monkeypatch):
    monkeypatch.setattr(output, "SPINNER_SECONDS", 0.01)
    monkeypatch.setenv("FORCE_COLOR", "1")
    emulated.fault("create_e_document", "slow", seconds=0.3)
    code, _, err = kolay("kolaybi", "create-e-document", "1", "--yes")
    assert code == 0
    assert "KolayBi create-e-document: waiting for the answer for 0 s" in err


@pytest.mark.parametrize(("language", "hint"), [("en", "If it was sent before,"), ("tr", "Daha önce gönderildiyse")])
def test_a_refused_send_says_where_an_earlier_one_would_be_seen(language, hint, kolay, emulated):
    # The provider refuses it without the buyer's address.
    code, _, err = kolay("--lang", language, "kolaybi", "create-e-document", "2", "--yes")
    assert code == 1
    assert hint in " ".join(err.split())
