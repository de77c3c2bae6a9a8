"""What is created and undone from the command line. Executions are counted at the provider."""

import json
import subprocess
import sys

import pytest

INVOICE = {
    "contact_id": 11,
    "address_id": 21,
    "order_date": "2026-05-02",
    "currency": "TRY",
    "items": [{"product_id": 31, "quantity": "1.00", "unit_price": 100.10, "vat_rate": 20}],
    "order_reference": "SIPARIS-1",
}


@pytest.fixture
def invoice(tmp_path):
    path = tmp_path / "invoice.json"
    path.write_text(json.dumps(INVOICE))
    return path


def test_an_order_is_carried_out_and_undone(kolay, emulated, invoice):
    code, out, _ = kolay("kolaybi", "create-invoice", str(invoice), "--yes", "--json")
    number = str(json.loads(out)["document_id"])
    assert (code, json.loads(out)["grand_total"]) == (0, "120.12")
    for command, *options in (["proceed", "1"], ["undo-proceed"], ["create-e-document", "--prefix", "ABC"]):
        assert kolay("kolaybi", command, number, *options, "--yes")[0] == 0
    code, out, _ = kolay("kolaybi", "cancel-e-document", number, "--yes")
    assert (code, out.splitlines()[0]) == (0, "The document was cancelled and its invoice removed.")
    assert [emulated.executions(one, int(number)) for one in ("undo_proceed", "cancel_e_document")] == [1, 1]


@pytest.mark.parametrize(
    ("command", "operation"),
    [
        (("create-associate", "Ayşe", "Öz", "22222222222", "--email", "a@b.example"), "create_associate"),
        (("create-address", "11", "İzmir", "Konak", "Türkiye"), "create_address"),
        (("create-product", "Tabak", "--code", "T-1", "--price", "50.25"), "create_product"),
    ],
)
def test_what_is_created_is_asked_for_and_shown(kolay, emulated, typed, command, operation):
    typed("y\n")
    code, out, err = kolay("kolaybi", *command)
    assert (code, emulated.executions(operation)) == (0, 1)
    assert "About to create" in err
    assert " was created." in out


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[]", "must be a NewInvoice"),
        ("{", "is not JSON"),
        ("[" * 60_000, "is not JSON"),
        ("\xff", "is not JSON"),
        (json.dumps(INVOICE)[:-1] + ', "currency": "USD"}', "names a field twice"),
        (" " * (4 * 1024 * 1024 + 1), "is longer than 4,194,304 bytes"),
        (json.dumps({**INVOICE, "price": 7}), "must hold the fields of NewInvoice"),
        (json.dumps({**INVOICE, "currency": "TL"}), "urrency must be three letters"),
    ],
)
def test_a_file_that_is_no_invoice_is_refused_before_anything_is_sent(kolay, emulated, invoice, content, told):
    invoice.write_text(content, encoding="latin-1")
    code, _, err = kolay("kolaybi", "create-invoice", str(invoice), "--yes")
    assert code == 2
    assert err.startswith(f"{invoice}: ")
    assert told in err
    assert emulated.requests == []


def test_a_dry_run_shows_the_form(kolay, emulated, invoice):
    document = json.loads(kolay("kolaybi", "create-invoice", str(invoice), "--dry-run", "--json")[1])
    assert "items[0][unit_price]=100.1" in document["form"]
    assert emulated.requests == []


def test_the_question_counts_the_lines_of_an_invoice(kolay, emulated, typed, invoice):
    typed("n\n")
    _, _, err = kolay("kolaybi", "create-invoice", str(invoice))
    assert "items 1" in err


@pytest.mark.parametrize("arguments", [("propars", "sales"), ("propars", "save-sale"), ("kolaybi", "create-invoice")])
def test_only_a_batch_needs_the_extra_of_the_journal(arguments):
    script = "import sys; sys.modules['sqlalchemy'] = None; from kolay_invoice.cli import main; main()"
    ran = subprocess.run([sys.executable, "-c", script, *arguments, "--help"], capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")
