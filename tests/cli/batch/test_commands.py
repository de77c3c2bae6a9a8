"""`kolay-invoice batch`, from a terminal or a script. Executions are counted at the provider."""

import json
import sys
from typing import get_args

import pytest

from kolay_invoice.cli import output
from kolay_invoice.cli.accounts import CLIENTS, account_of
from kolay_invoice.cli.app import app
from kolay_invoice.cli.batch import actions, view
from kolay_invoice.cli.batch import commands as arguments
from kolay_invoice.cli.batch.conflicts import LineConflict
from kolay_invoice.cli.batch.file import FileSummary
from kolay_invoice.cli.batch.result import BatchResult
from kolay_invoice.journal import Journal, JournalError, State
from kolay_invoice.kolaybi import SANDBOX_URL
from kolay_invoice.propars import PRODUCTION_URL

from ..conftest import JOURNAL  # noqa: TID252 - fixtures of the whole command.

RUN = ("run", "sends.csv", "--journal", JOURNAL)


def executed(emulator, numbers, operation="create_e_document"):
    return [emulator.executions(operation, number) for number in numbers]


def write(place, *rows, name="sends.csv", header="operation,document_id,vault_id,sale_code"):
    (place / name).write_text("\n".join([header, *rows]))


# BatchRun


def test_a_file_is_sent_once_and_running_it_again_sends_nothing(batch, documents, unprotected):
    numbers = documents(40)
    code, out, err = batch(*RUN, "--yes")
    assert (code, err) == (0, "")
    assert "done" in out
    assert "40" in out
    assert batch(*RUN, "--yes")[0] == 0
    assert executed(unprotected, numbers) == [1] * 40


def test_a_file_with_rows_of_both_providers_is_run_one_provider_after_the_other(batch, place, unprotected):
    first, second = (unprotected.add_document().document_id for _ in range(2))
    code = unprotected.add_sale().sale_code
    write(place, f"propars-send,,,{code}", f"create-e-document,{first},,", f"create-e-document,{second},,")
    ended, out, _ = batch(*RUN, "--yes", "--json")
    assert ended == 0
    assert json.loads(out)["counts"]["done"] == 3
    assert executed(unprotected, [first, second]) == [1, 1]
    assert unprotected.executions("send_invoice", code) == 1
    sent = [request.operation for request in unprotected.requests if request.operation]
    assert sent.index("send_invoice") > max(i for i, name in enumerate(sent) if name == "create_e_document")


def test_only_the_clients_that_the_file_needs_are_made(batch, documents, monkeypatch):
    documents(1)
    monkeypatch.delenv("PROPARS_TOKEN")
    assert batch(*RUN, "--yes")[0] == 0
    monkeypatch.delenv("KOLAYBI_CHANNEL")
    code, out, err = batch(*RUN, "--yes")
    assert (code, out) == (2, "")
    assert err == "The environment variable KOLAYBI_CHANNEL is not set. Nothing was sent.\n"


def test_one_json_document_holds_everything_that_the_table_says(batch, documents, unprotected):
    documents(3)
    unprotected.fault("create_e_document", "drop-after")
    code, out, err = batch(*RUN, "--yes", "--json")
    document = json.loads(out)
    (step,) = document.pop("next")
    assert "1 may have happened" in step
    assert document == {
        "file": "sends.csv",
        "operations": {"create-e-document": 3},
        "bad_lines": 0,
        "counts": {state: {"done": 2, "unknown": 1}.get(state, 0) for state in State},
        "counts_are_of": "the batch",
        "sent_in_this_run": 3,
        "done_in_this_run": 2,
        "refused_in_this_run": 0,
        "settled_before_this_run": 0,
        "done_before_this_run": {"count": 0, "first_at": None, "last_at": None},
        "refused_before_this_run": {"count": 0, "first_at": None, "last_at": None},
        "occasion": "",
        "absence_proves": False,
        "doubt": None,
        "untried": [],
        "waiting_for_a_person": [],
        "conflicts": [],
        "interrupted": False,
        "lines_not_reached": 0,
        "followed": None,
        "stopped": [],
        "error": None,
        "unrecorded": [],
        "exit_code": 4,
    }
    assert (code, err) == (4, "")


def test_what_is_unknown_is_found_by_the_next_run_after_the_quiet_period(batch, documents, unprotected):
    numbers = documents(5)
    unprotected.fault("create_e_document", "drop-after", times=2)
    assert batch(*RUN, "--yes")[0] == 4
    assert batch(*RUN, "--yes")[0] == 4
    assert batch(*RUN, "--yes", "--quiet-period", "0.1")[0] == 0
    assert executed(unprotected, numbers) == [1] * 5


def test_every_state_that_is_left_says_how_to_go_on(batch, place, unprotected):
    number = unprotected.add_document().document_id
    write(place, "create-e-document,999,,", f"proceed,{number},1,")
    unprotected.fault("proceed", "drop-after")
    code, out, _ = batch(*RUN, "--yes")
    assert code == 4
    assert "1 refused by the provider: `kolay-invoice batch status --journal sqlite:///sends.db --state refused`" in out
    assert "1 may have happened and need a manual check" in out
    code, out, _ = batch("status", "--journal", JOURNAL)
    assert code == 0
    assert "the whole journal" in out
    assert "settle KEY" in out


def test_a_refused_operation_ends_the_batch_with_1_and_with_0_where_that_is_asked_for(batch, place):
    write(place, "create-e-document,1,,", "create-e-document,999,,")
    assert batch(*RUN, "--yes")[0] == 1
    assert batch(*RUN, "--yes")[0] == 1
    assert batch(*RUN, "--yes", "--refused-ok")[0] == 0


def test_where_nothing_could_be_sent_the_exit_code_is_3(batch, documents, monkeypatch, unprotected):
    numbers = documents(3)
    monkeypatch.setenv("KOLAYBI_API_KEY", "of-nobody")
    code, out, _ = batch(*RUN, "--yes")
    assert code == 3
    assert "Stopped early: " in out
    assert "3 not sent yet: run the same batch again" in out
    assert executed(unprotected, numbers) == [0] * 3


def test_the_company_of_the_read_back_comes_from_the_command_line_or_the_environment(
    batch, documents, unprotected, monkeypatch
):
    def companies_asked():
        return [request.operation for request in unprotected.requests].count("list_companies")

    documents(1)
    unprotected.fault("create_e_document", "drop-after")
    monkeypatch.setenv("KOLAYBI_COMPANY_ID", "5")
    assert batch(*RUN, "--yes", "--quiet-period", "0.1")[0] == 0
    documents(1)
    unprotected.fault("create_e_document", "drop-after")
    assert batch(*RUN, "--yes", "--quiet-period", "0.1", "--company-id", "5")[0] == 0
    assert companies_asked() == 0
    monkeypatch.setenv("KOLAYBI_COMPANY_ID", "five")
    code, _, err = batch(*RUN, "--yes")
    assert code == 2
    assert "KOLAYBI_COMPANY_ID" in err


# The file


def test_nothing_is_sent_until_bad_lines_are_mended_or_left_out_on_request(batch, place, unprotected):
    number = unprotected.add_document().document_id
    rows = ["resend,x,,"] * 30
    write(place, f"create-e-document,{number},,", *rows)
    code, out, err = batch(*RUN, "--yes")
    assert (code, out) == (2, "")
    assert err.startswith("30 lines of sends.csv cannot be read:\n  line 3: document_id must be digits only\n")
    assert "\n  and 10 more\nNothing was sent: correct them, or leave them out with --skip-bad.\n" in err
    assert unprotected.executions("create_e_document") == 0
    code, out, _ = batch(*RUN, "--yes", "--json")
    document = json.loads(out)
    assert (code, document["bad_lines"], len(document["bad"])) == (2, 30, 20)
    assert document["bad"][0] == {"line": 3, "reason": "document_id must be digits only"}
    assert batch(*RUN, "--yes", "--skip-bad")[0] == 0
    assert unprotected.executions("create_e_document", number) == 1


@pytest.mark.parametrize("content", ["", "operation,document_id\n", "operation,document_id\nresend,x\n"])
def test_a_file_that_asks_for_nothing_is_an_error(batch, place, content):
    (place / "sends.csv").write_text(content)
    code, _, err = batch(*RUN, "--yes", "--skip-bad")
    assert (code, err) == (2, "sends.csv asks for nothing. Nothing was sent.\n")
    assert not (place / "sends.db").exists()


def test_a_file_that_is_not_there_is_an_error(batch):
    assert batch(*RUN, "--yes") == (2, "", "sends.csv is not a file. Nothing was sent.\n")


def test_a_file_that_is_changed_after_it_was_agreed_to_is_not_sent_any_further(
    batch, documents, place, unprotected, monkeypatch
):
    numbers = documents(4)
    monkeypatch.setattr(output, "is_interactive", lambda: True)

    def changes_it(_asked, _question):
        with (place / "sends.csv").open("a") as file:
            file.write("create-e-document,18\n")
        return True

    monkeypatch.setattr(output, "confirm", changes_it)
    code, out, _ = batch(*RUN)
    assert code == 3
    assert "sends.csv was changed while it was read" in out
    assert executed(unprotected, [*numbers, 18]) == [0] * 5


# The arguments


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["--concurrency", "0"], "--concurrency must be a positive whole number up to 10000, not 0"),
        (["--concurrency", str(2**40)], f"--concurrency must be a positive whole number up to 10000, not {2**40}"),
        (["--quiet-period", "0"], "--quiet-period must be a positive number"),
        (["--quiet-period", "nan"], "--quiet-period must be a positive number"),
        (["--company-id", "0"], "must be a positive number"),
        (["--give-up-after", "-1"], "must be a number of seconds that is not negative"),
        (["--give-up-after", "inf"], "must be a number of seconds that is not negative"),
        (["--occasion", "a\tb"], "Occasion must be a printable text"),
        (["--journal", "mysql://host/sends"], "Url must begin with sqlite:/// or postgresql://. Nothing was sent."),
        (["--journal", "sqlite://"], "Url must name a file"),
    ],
)
def test_wrong_arguments_are_told_and_nothing_is_sent(batch, documents, unprotected, given, expected):
    numbers = documents(1)
    code, out, err = batch(*RUN[: 2 if "--journal" in given else None], "--yes", *given)
    assert (code, out) == (2, "")
    assert expected in err
    assert executed(unprotected, numbers) == [0]


def test_a_journal_that_cannot_be_made_is_told_and_nothing_is_sent(batch, documents, unprotected):
    numbers = documents(1)
    code, out, err = batch("run", "sends.csv", "--journal", "sqlite:///nowhere/sends.db", "--yes")
    assert (code, out) == (3, "1 not sent yet: run the same batch again to go on.\n")
    assert "cannot be made: No such file or directory" in err
    assert "Nothing was sent by this run." in err
    assert executed(unprotected, numbers) == [0]


def test_a_driver_that_is_not_installed_is_named_with_its_extra(batch, documents, monkeypatch):
    documents(1)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    code, _, err = batch("status", "--journal", "postgresql:///sends")
    assert code == 2
    assert "psycopg" in err
    assert "pip install 'kolay-invoice[postgres]'" in err


def test_without_the_journal_extra_the_command_says_what_to_install(place, monkeypatch):
    monkeypatch.delitem(sys.modules, "kolay_invoice.cli.batch.journal", raising=False)
    monkeypatch.setitem(sys.modules, "getpass", None)
    with pytest.raises(SystemExit) as ended:
        app(["batch", "status", "--journal", JOURNAL])
    assert ended.value.code == "kolay-invoice batch needs getpass: pip install 'kolay-invoice[journal]'"
    monkeypatch.setitem(sys.modules, "kolay_invoice.cli.batch.journal", None)
    with pytest.raises(ModuleNotFoundError):
        app(["batch", "status", "--journal", JOURNAL])


def test_the_states_of_the_command_are_those_of_the_journal():
    assert get_args(arguments.StateName) == tuple(State)


# Confirmation


def test_without_a_terminal_and_without_yes_nothing_is_sent(batch, documents, unprotected, place):
    numbers = documents(12)
    code, out, err = batch(*RUN)
    assert (code, out) == (2, "")
    assert err == (
        "12 operations of sends.csv are about to be sent:\n"
        f"  to KolayBi at {unprotected.kolaybi_url} (this machine), with the credentials of the environment "
        "(KOLAYBI_* variables)\n"
        "           12  create-e-document  (sends the invoice to the tax authority)\n"
        "This cannot be undone. What the journal knows as done or refused is not sent again.\n"
        "Nothing was sent: there is no terminal to ask on. Pass --yes to send them.\n"
    )
    assert executed(unprotected, numbers) == [0] * 12
    assert not (place / "sends.db").exists()


@pytest.mark.parametrize(("line", "code"), [("y\n", 0), ("YES\n", 0), ("n\n", 1), ("\n", 1), ("", 1), ("yep\n", 1)])
def test_only_a_plain_yes_sends(batch, place, unprotected, typed, line, code):
    number = unprotected.add_document().document_id
    write(place, f"create-e-document,{number},,", "resend,x,,", "propars-cancel,,,none-such")
    typed(line)
    ended, _, err = batch(*RUN, "--skip-bad", "--refused-ok")
    assert ended == code
    assert "1 bad line will be left out." in err
    assert f"to Propars at {unprotected.propars_url}" in err
    assert "Send them? [y/N] " in err
    assert unprotected.executions("create_e_document", number) == (code == 0)


def test_the_question_names_the_hosts_that_are_asked_where_no_other_is_set(place, monkeypatch):
    monkeypatch.delenv("KOLAYBI_BASE_URL")
    monkeypatch.delenv("PROPARS_BASE_URL")
    summary = FileSummary()
    summary.counts.update({"resend": 1, "propars-send": 1})
    asked = view.confirmation_text(summary, place, [account_of(name, None) for name in CLIENTS])
    assert f"KolayBi at {SANDBOX_URL}" in asked
    assert f"Propars at {PRODUCTION_URL}" in asked


# Status and settling


def test_status_shows_the_operations_of_a_state_and_what_became_of_them(batch, place, unprotected):
    number = unprotected.add_document().document_id
    write(place, f"create-e-document,{number},,", "create-e-document,999,,", f"proceed,{number},1,")
    unprotected.fault("proceed", "drop-after")
    batch(*RUN, "--yes")
    code, out, _ = batch("status", "--journal", JOURNAL, "--state", "refused")
    assert code == 0
    assert out.startswith("refused       kolaybi:loopback:create_e_document:document_id=999  NotFoundError: ")
    _, out, _ = batch("status", "--journal", JOURNAL, "--state", "done")
    assert out.startswith(
        f"done          kolaybi:loopback:create_e_document:document_id={number}  document_id {number}"
    )
    _, out, _ = batch("status", "--journal", JOURNAL, "--state", "needs_person", "--json")
    document = json.loads(out)
    assert document["counts"]["needs_person"] == 1
    (row,) = document["rows"]
    assert row["key"] == f"kolaybi:loopback:proceed:document_id={number}"
    assert row["request"] == {"document_id": number, "vault_id": 1}
    assert row["attempts"][0]["left"] is True
    _, out, _ = batch("status", "--journal", JOURNAL, "--state", "done", "--json")
    assert [row["result"]["document_id"] for row in json.loads(out)["rows"]] == [number]
    _, out, _ = batch("status", "--journal", JOURNAL, "--state", "refused", "--json")
    assert [row["refusal"]["error"] for row in json.loads(out)["rows"]] == ["NotFoundError"]
    _, out, _ = batch("status", "--journal", JOURNAL, "--state", "planned", "--json")
    assert json.loads(out)["rows"] == []
    _, out, _ = batch("status", "--journal", JOURNAL, "--json")
    assert set(json.loads(out)) == {"counts", "journal"}


def test_many_operations_are_one_json_document(batch, documents):
    numbers = documents(3)
    batch(*RUN, "--yes")
    _, out, _ = batch("status", "--journal", JOURNAL, "--state", "done", "--json")
    assert [row["request"]["document_id"] for row in json.loads(out)["rows"]] == numbers


def test_a_journal_that_is_not_there_is_an_error_and_is_not_made(batch, place):
    code, out, err = batch("status", "--journal", JOURNAL)
    assert (code, out) == (2, "")
    assert err == "There is no journal in sqlite:///sends.db. Nothing was changed.\n"
    assert batch("settle", "key", "--done", "--journal", JOURNAL)[0] == 2
    code, out, _ = batch("status", "--journal", JOURNAL, "--json")
    assert json.loads(out)["exit_code"] == code == 2
    assert list(place.iterdir()) == []


def test_a_person_settles_what_is_in_doubt_and_only_that(batch, place, unprotected, monkeypatch):
    first, second, third = numbers = [unprotected.add_document().document_id for _ in range(3)]
    write(place, *(f"proceed,{number},1," for number in numbers))
    unprotected.fault("proceed", "drop-after", times=2)
    assert batch(*RUN, "--yes", "--concurrency", "1")[0] == 4
    key = "kolaybi:loopback:proceed:document_id="
    monkeypatch.setattr("getpass.getuser", lambda: "ayşe")
    code, out, _ = batch("settle", f"{key}{first}", "--done", "--because", "it is in the vault", "--journal", JOURNAL)
    assert code == 0
    assert "is done now (settled by ayşe: done (it is in the vault)). It will not be sent again." in out

    def nobody():
        raise KeyError

    monkeypatch.setattr("getpass.getuser", nobody)
    code, out, _ = batch("settle", f"{key}{second}", "--not-done", "--journal", JOURNAL, "--json")
    assert (code, json.loads(out)["state"]) == (0, "planned")
    assert json.loads(out)["note"] == "settled by an unknown user: not executed"
    code, _, err = batch("settle", f"{key}{third}", "--done", "--journal", JOURNAL)
    assert code == 1
    assert err.startswith(f"{key}{third} is done; only what is unknown or needs a manual check can be settled")
    assert batch(*RUN, "--yes")[0] == 0
    assert executed(unprotected, numbers, "proceed") == [1, 2, 1]


def test_a_person_says_one_thing(batch, place):
    both = batch("settle", "key", "--journal", JOURNAL, "--done", "--not-done")
    assert both == (2, "", "Say either --done or --not-done.\n")


def test_a_key_that_is_not_known_is_told(batch, documents):
    documents(1)
    batch(*RUN, "--yes")
    code, _, err = batch("settle", "no\x1bkey", "--done", "--journal", JOURNAL)
    assert (code, err) == (2, "The journal knows no 'no\\x1bkey': `batch status` shows keys.\n")


def test_not_done_is_sent_by_the_next_run(batch, documents, unprotected):
    (number,) = documents(1)
    unprotected.fault("create_e_document", "drop-before")
    assert batch(*RUN, "--yes")[0] == 4
    _, out, _ = batch(
        "settle", f"kolaybi:loopback:create_e_document:document_id={number}", "--not-done", "--journal", JOURNAL
    )
    assert out.rstrip().endswith("It will be sent by the next run that asks for it.")
    assert batch(*RUN, "--yes")[0] == 0
    assert unprotected.executions("create_e_document", number) == 1


# Journal failures


def test_answers_that_the_journal_could_not_take_are_shown_and_kept(batch, documents, monkeypatch):
    documents(2)
    batch(*RUN, "--yes")
    real = Journal.run

    async def breaks(self, *given, **options):
        error = JournalError("the journal cannot be written: disk full")
        error.unrecorded = tuple([row async for row in (await real(self, *given, **options)).rows])
        raise error

    monkeypatch.setattr(Journal, "run", breaks)
    code, out, err = batch(*RUN, "--yes")
    assert code == 4
    assert out.count("not in the journal: {") == 2
    assert "Keep the answers above" in out
    assert "Disk full" not in err
    assert err.startswith("The journal cannot be written: disk full. What was on its way may have happened")
    code, out, _ = batch(*RUN, "--yes", "--json")
    document = json.loads(out)
    assert [row["state"] for row in document["unrecorded"]] == ["done", "done"]
    assert document["counts_are_of"] == "the journal"


def test_a_journal_that_does_not_even_count_leaves_the_first_error(batch, documents, monkeypatch):
    documents(1)

    async def breaks(self, *_given, **_options):
        raise JournalError("the journal is gone")

    monkeypatch.setattr(Journal, "run", breaks)
    monkeypatch.setattr(Journal, "counts", breaks)
    code, out, err = batch(*RUN, "--yes")
    assert code == 3
    assert "state" not in out
    assert err.startswith("The journal is gone. Nothing was sent by this run.")


# Exit codes and JSON


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (BatchResult(), 0),
        (BatchResult(conflicts=[LineConflict(2, "key", "vault_id")], sent=3), 2),
        (BatchResult(interrupted=True), 4),
        (BatchResult(unrecorded=[{}]), 4),
        (BatchResult(error="lost"), 3),
        (BatchResult(error="lost", sent=1), 4),
        (BatchResult(stopped=["why"]), 3),
        (BatchResult(not_reached=1), 3),
    ],
)
def test_the_exit_code_says_what_to_do_next(result, code):
    assert actions.exit_code(result) == code


@pytest.mark.parametrize("state", State)
def test_only_what_is_done_or_refused_is_an_end(state):
    result = BatchResult()
    result.counts[state] = 1
    assert (actions.exit_code(result, refused_ok=True) == 0) is state.is_settled
    assert (actions.exit_code(result) == 0) is (state is State.DONE)
    assert bool(view.next_steps(result, JOURNAL)) is (state is not State.DONE)


@pytest.mark.parametrize("url", ["postgresql://user:canary@host/sends", "postgresql://user@host/sends?password=canary"])
def test_a_password_in_the_url_of_a_journal_is_not_shown(url):
    result = BatchResult()
    result.counts[State.NEEDS_PERSON] = 1
    (step,) = view.next_steps(result, url)
    assert "host/sends" in step
    assert "canary" not in step


def test_the_providers_are_run_in_one_order():
    assert list(CLIENTS) == ["kolaybi", "propars"]
