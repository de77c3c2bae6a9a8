"""Lists from the command line: streamed rows, and incomplete lists."""

import csv
import io
import json

import pytest

from kolay_invoice.cli import output
from kolay_invoice.emulator import Emulator


@pytest.fixture
def unprotected(request):
    with Emulator(page_size=getattr(request, "param", None)) as running:
        yield running


in_pages = pytest.mark.parametrize("unprotected", [2], indirect=True)


def test_a_table_has_every_row_once(kolay, emulated):
    for _ in range(50):
        emulated.add_document()
    code, out, err = kolay("kolaybi", "list", "5")
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[0].split() == [
        "document_id", "no", "status", "scenario", "type", "grand_total", "grand_currency", "uuid"
    ]  # fmt: skip
    numbers = [int(line.split()[0]) for line in lines[1:]]
    outbound = [one.document_id for one in emulated.documents.values() if one.direction == "outbound"]
    assert sorted(numbers) == sorted(set(outbound) - {30})


@in_pages
def test_csv_and_json_hold_the_same_rows_over_all_pages(kolay, emulated):
    code, out, _ = kolay("kolaybi", "list", "--company-id", "5", "--direction", "outbound", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    document = json.loads(kolay("kolaybi", "list", "5", "--json")[1])
    assert code == 0
    assert [int(row["document_id"]) for row in rows] == [row["document_id"] for row in document]
    assert [row["grand_total"] for row in rows] == [row["grand_total"] for row in document]
    assert len(rows) == 6


def test_filters_travel(kolay, emulated):
    filters = {
        "document-id": "20",
        "min-issue-date": "2024-06-01",
        "max-issue-date": "2024-06-30",
        "min-total-amount": "250.10",
        "max-total-amount": "250.10",
        "party-name": "KolayBi Yazılım A.Ş.",
    }
    given = [text for name, value in filters.items() for text in (f"--{name}", value)]
    code, out, _ = kolay("kolaybi", "list", "5", *given, "--json")
    assert code == 0
    assert [row["document_id"] for row in json.loads(out)] == [20]


@pytest.mark.parametrize(
    ("form", "shown", "expected"),
    [((), "", "There are none.\n"), (("--json",), "[]\n", ""), (("--csv",), "document_id,uuid,no,", "")],
)
def test_an_empty_list_is_whole(kolay, emulated, form, shown, expected):
    code, out, err = kolay("kolaybi", "list", "5", "--document-id", "987654", *form)
    assert (code, err) == (0, expected)
    assert out.startswith(shown)


@in_pages
@pytest.mark.parametrize("form", [(), ("--csv",), ("--json",)])
def test_a_list_that_breaks_off_does_not_look_whole(kolay, emulated, form, monkeypatch):
    monkeypatch.setenv("KOLAYBI_COMPANY_ID", "5")
    emulated.fault("list_invoices", "slow", seconds=0.0)
    emulated.fault("list_invoices", "garbage", times=4)
    code, out, err = kolay("kolaybi", "list", *form)
    assert code == 1
    assert "The list is not whole: it broke off after 2 rows." in err
    if form == ("--json",):
        assert json.loads(err)["exit_code"] == 1
        with pytest.raises(ValueError, match="delimiter"):
            json.loads(out)
        assert [row["document_id"] for row in json.loads(f"{out}]")] == [1, 2]


@in_pages
def test_ctrl_c_in_a_list_leaves_the_rows_that_came(kolay, emulated, ctrl_c):
    emulated.fault("list_invoices", "slow", seconds=0.0)
    emulated.fault("list_invoices", "slow", seconds=20)
    ctrl_c(lambda: sum(request.operation == "list_invoices" for request in emulated.requests) == 2)
    code, out, err = kolay("kolaybi", "list", "5")
    assert code == 130
    assert len(out.splitlines()) == 3
    assert "broke off after 2 rows. Interrupted" in err


def test_an_error_before_the_first_row_is_like_any_other(kolay, emulated, monkeypatch):
    monkeypatch.setenv("KOLAYBI_CHANNEL", "of-nobody")
    code, out, _ = kolay("kolaybi", "companies", "--json")
    assert (code, json.loads(out)["kind"]) == (2, "ConfigurationError")


def test_the_only_company_of_an_account_is_the_one_that_is_meant(kolay, emulated):
    code, _, err = kolay("kolaybi", "list")
    assert code == 2
    assert "this account has: 5, 6" in err
    emulated.reset()
    with emulated._app.lock:
        del emulated._app.kolaybi.companies[6]
    assert kolay("kolaybi", "list")[0] == 0


def test_companies_are_listed_with_what_they_may_do(kolay, emulated):
    code, out, _ = kolay("kolaybi", "companies")
    assert code == 0
    assert out.splitlines()[1].rstrip().endswith("yes")
    assert kolay("kolaybi", "companies", "--csv")[1].splitlines()[2].endswith("false")
    assert "evet" in kolay("--lang", "tr", "kolaybi", "companies")[1]


@pytest.mark.parametrize(
    "wrong", [("--min-issue-date", "2024-13-01"), ("--min-total-amount", "x"), ("--csv", "--json"), ("0",)]
)
def test_a_wrong_filter_is_told_before_a_byte_leaves(kolay, emulated, wrong):
    assert kolay("kolaybi", "list", *wrong)[0] == 2
    assert emulated.requests == []


def test_on_a_terminal_the_progress_ends_where_the_rows_begin(kolay, emulated, monkeypatch):
    monkeypatch.setattr(output, "SPINNER_SECONDS", 0.01)
    monkeypatch.setattr("kolay_invoice.cli.rows.Rows.on_terminal", True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    emulated.fault("list_companies", "slow", seconds=0.2)
    code, _, err = kolay("kolaybi", "companies")
    assert code == 0
    assert "0 rows so far" in err
