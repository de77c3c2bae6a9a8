"""Lines that repeat an operation with other fields: their report, in dry runs too."""

import json

import pytest

from kolay_invoice import Proceed
from kolay_invoice.cli.batch.conflicts import find_contradictions
from kolay_invoice.cli.batch.file import RequestLine

JOURNAL = "sqlite:///sends.db"
RUN = ("run", "sends.csv", "--journal", JOURNAL, "--yes")


def write(place, *rows, header="operation,document_id,vault_id,sale_code,invoice_number"):
    (place / "sends.csv").write_text("\n".join([header, *rows]))


def test_a_conflict_is_named_with_its_line_and_fields_and_the_other_lines_are_sent(batch, place, unprotected):
    unprotected.add_vault(2)
    number = unprotected.add_document().document_id
    write(place, "proceed,18,1,,", "proceed,18,2,,", f"create-e-document,{number},,,")
    code, out, err = batch(*RUN)
    assert code == 2
    assert "done in this run" in out
    assert err.startswith(
        "1 line asks for what is known with other fields, and was not taken; the other lines do not wait for it:\n"
        "  line 3: kolaybi:loopback:proceed:document_id=18 is known with other parameters "
        "(vault_id: known 1, asked 2); line 2 has the known ones\n"
        "Correct the lines"
    )
    assert unprotected.executions("proceed", 18) == 1
    assert unprotected.executions("create_e_document", number) == 1
    code, out, _ = batch(*RUN, "--json")
    document = json.loads(out)
    assert (code, document["error"]) == (2, err.rstrip())
    assert document["conflicts"] == [
        {
            "line": 3,
            "key": "kolaybi:loopback:proceed:document_id=18",
            "fields": "vault_id: known 1, asked 2",
            "first_line": 2,
        }
    ]
    assert document["counts"]["done"] == 2
    assert unprotected.executions("proceed", 18) == 1


def test_a_conflict_with_an_earlier_run_names_no_other_line(batch, place, unprotected):
    unprotected.add_vault(2)
    write(place, "proceed,18,1,,")
    assert batch(*RUN)[0] == 0
    write(place, "proceed,18,2,,", "propars-cancel,,,none-such,")
    code, out, err = batch(*RUN)
    assert code == 2
    assert "line 2: kolaybi:loopback:proceed:document_id=18" in err
    assert "has the known ones" not in err
    # The other provider's lines are sent too.
    assert "refused in this run" in out


def test_a_rehearsal_finds_conflicts_and_exits_like_the_run(batch, place, unprotected):
    unprotected.add_vault(2)
    write(place, "proceed,18,1,,", "proceed,18,2,,", "resend,18,,,")
    rehearsal = ("run", "sends.csv", "--journal", JOURNAL, "--dry-run")
    code, out, err = batch(*rehearsal)
    assert (code, err) == (2, "Nothing was sent.\n")
    assert "line 3: kolaybi:loopback:proceed:document_id=18 is known" in out
    write(place, "proceed,18,1,,")
    assert batch(*RUN)[0] == 0
    write(place, "resend,18,,,", "proceed,18,2,,")
    code, out, _ = batch(*rehearsal, "--json")
    document = json.loads(out)
    assert (code, document["exit_code"]) == (2, 2)
    (conflict,) = document["conflicts"]
    assert (conflict["line"], conflict["first_line"]) == (3, None)
    write(place, "proceed,18,1,,", "proceed,18,1,,")
    assert batch(*rehearsal)[0] == 0
    assert unprotected.executions("proceed", 18) == 1


def test_many_conflicts_are_counted_and_only_the_first_are_shown(batch, place):
    write(place, "proceed,18,1,,", *(f"proceed,18,{vault},," for vault in range(2, 32)))
    code, out, _ = batch("run", "sends.csv", "--journal", JOURNAL, "--dry-run")
    assert code == 2
    assert "30 lines ask for what is known with other fields" in out
    assert out.count("is known with other parameters") == 20
    assert "and 10 more" in out


def test_sale_codes_of_conflicts_are_masked(batch, place):
    write(place, "propars-send,,,s3cret,ABC2026000000001", "propars-send,,,s3cret,ABC2026000000002")
    _, out, _ = batch("run", "sends.csv", "--journal", JOURNAL, "--dry-run")
    assert "invoice_number" in out
    assert "s3cret" not in out


def test_the_same_amount_written_in_two_ways_is_no_contradiction():
    lines = [RequestLine(2, Proceed(18, 1, amount="10")), RequestLine(3, Proceed(18, 1, amount="10.0"))]
    assert list(find_contradictions(lines, "kolaybi", "loopback", "")) == []


def test_after_a_refusal_is_let_go_the_corrected_line_is_taken_and_the_old_fields_are_kept(batch, place, unprotected):
    write(place, "proceed,18,9,,")
    code, out, _ = batch(*RUN)
    assert (code, "refused in this run" in out) == (1, True)
    write(place, "proceed,18,1,,")
    assert batch(*RUN)[0] == 2
    key = "kolaybi:loopback:proceed:document_id=18"
    assert batch("settle", key, "--not-done", "--because", "wrong vault", "--journal", JOURNAL)[0] == 0
    assert batch("run", "sends.csv", "--journal", JOURNAL, "--dry-run")[0] == 0
    assert batch(*RUN)[0] == 0
    assert unprotected.executions("proceed", 18) == 1
    _, out, _ = batch("status", "--journal", JOURNAL, "--state", "done", "--json")
    (row,) = json.loads(out)["rows"]
    assert row["request"]["vault_id"] == 1
    assert [change["what"] for change in row["history"]] == ["refused settled as not executed", "corrected"]
    assert row["history"][0]["because"] == "wrong vault"


# Occasions


def test_another_occasion_is_another_operation(batch, place, unprotected):
    header = "operation,document_id,vault_id,amount,occasion"
    write(place, "proceed,18,1,0.10,", "proceed,18,1,0.20,second part", header=header)
    assert batch(*RUN)[0] == 0
    assert unprotected.executions("proceed", 18) == 2
    assert batch(*RUN)[0] == 0
    assert unprotected.executions("proceed", 18) == 2
    write(place, "proceed,18,1,0.10,", header=header)
    assert batch(*RUN, "--occasion", "February")[0] == 0
    assert unprotected.executions("proceed", 18) == 3
    _, out, _ = batch("status", "--journal", JOURNAL, "--state", "done", "--json")
    assert [row["occasion"] for row in json.loads(out)["rows"]] == ["", "second part", "February"]
    known = json.loads(batch(*RUN, "--dry-run", "--json", "--occasion", "February")[1])
    assert (known["in_the_journal"]["done"], known["occasion"]) == (1, "February")
    known = json.loads(batch(*RUN, "--dry-run", "--json", "--occasion", "March")[1])
    assert known["in_the_journal"]["done"] == 0


@pytest.mark.parametrize(("given", "expected"), [("x" * 101, "at most 100 characters"), ("a\x07b", "printable text")])
def test_an_occasion_that_is_no_short_text_is_a_bad_line(batch, place, unprotected, given, expected):
    write(place, f"resend,18,,,{given}", header="operation,document_id,vault_id,sale_code,occasion")
    code, _, err = batch(*RUN)
    assert (code, expected in err) == (2, True)
    (place / "sends.jsonl").write_text('{"operation": "resend", "document_id": 18, "occasion": 5}\n')
    code, _, err = batch("run", "sends.jsonl", "--journal", JOURNAL, "--yes")
    assert (code, "line 1: occasion must be a printable text" in err) == (2, True)
    assert unprotected.executions("resend", 18) == 0
