"""Reads from the command line: one invoice, vaults and their movements, sales."""

import base64
import csv
import io
import json

import pytest


def test_an_invoice_is_shown_with_its_number_and_its_status(kolay, emulated):
    code, out, err = kolay("kolaybi", "invoice", "20")

    assert (code, err) == (0, "")
    assert out.startswith("The invoice has an ETTN and a number")
    for shown in ("sent_to_receiver", "HDB2024000000020", "5b2f7f0e-0c55-4f0e-8a51-6a3d5f7f7d20", "250.10"):
        assert shown in out
    assert emulated.executions("get_invoice", 20) == 1


def test_an_invoice_that_shows_no_number_proves_nothing(kolay, emulated):
    code, out, _ = kolay("kolaybi", "invoice", "1")

    assert code == 0
    assert "that proves nothing by itself" in out


def test_an_invoice_as_json_holds_everything_that_came(kolay, emulated):
    document = json.loads(kolay("kolaybi", "invoice", "1", "--json")[1])

    assert (document["remaining_amount"], document["exit_code"]) == ("120.00", 0)
    assert document["extra"]["payment_plan"] == {"payment_status_value": "unpaid", "remaining_amount": "120.00"}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("kolaybi", "invoice", "999"), "KolayBi invoice was refused"),
        (("kolaybi", "vault-transactions", "999"), "KolayBi vault-transactions was refused"),
        (("propars", "sale", "999"), "Propars sale was refused"),
        (("propars", "invoice", "999"), "Propars invoice was refused"),
    ],
)
def test_what_is_not_there_is_told_by_the_name_of_the_command(kolay, emulated, command, expected):
    code, _, err = kolay(*command)

    assert code == 1
    assert expected in err


def test_a_part_is_collected_exactly_and_its_movement_is_seen(kolay, emulated):
    kolay("kolaybi", "proceed", "1", "2", "--amount", "100.50", "--yes")
    code, out, err = kolay("kolaybi", "vault-transactions", "2")

    sent = next(request for request in emulated.requests if request.operation == "proceed")
    assert sent.body == b"document_id=1&vault_id=2&amount=100.50"
    assert code == 0
    assert out.splitlines()[1].split()[:3] == ["1", emulated.movements[0].booked_on.isoformat(), "100.50"]
    assert "Total: 100.50 try" in out
    assert "this is evidence, and no proof" in err


def test_movements_as_json_hold_their_totals(kolay, emulated):
    kolay("kolaybi", "proceed", "1", "1", "--yes")
    document = json.loads(kolay("kolaybi", "vault-transactions", "1", "--json")[1])

    assert [one["amount"] for one in document["movements"]] == ["120.00"]
    assert [one["currency"] for one in document["totals"]] == ["try"]
    assert document["exit_code"] == 0


@pytest.mark.parametrize("amount", ["0", "-1", "1,50", "much"])
def test_an_amount_that_cannot_be_is_refused_before_anything_is_sent(kolay, emulated, amount):
    code, _, err = kolay("kolaybi", "proceed", "1", "1", f"--amount={amount}", "--yes")

    assert code == 2
    assert "mount must be" in err
    assert emulated.requests == []


def test_what_is_asked_before_a_collection_names_the_amount(kolay, emulated, typed):
    typed("n\n")

    _, _, err = kolay("kolaybi", "proceed", "1", "1", "--amount", "100.50")

    assert "amount 100.50" in err
    assert "no movement of a vault names its document" in err


def test_vaults_are_listed_in_every_form(kolay, emulated):
    table = kolay("kolaybi", "vaults")[1].splitlines()
    rows = list(csv.DictReader(io.StringIO(kolay("kolaybi", "vaults", "--type", "bank_account", "--csv")[1])))
    documents = json.loads(kolay("kolaybi", "vaults", "--currency", "try", "--json")[1])

    assert table[0].split() == ["vault_id", "name", "type", "balance", "currency"]
    assert [row["vault_id"] for row in rows] == ["2"]
    assert [row["name"] for row in documents] == ["Merkez Kasa", "Banka Hesabı"]


def test_a_filter_of_vaults_that_cannot_be_is_refused_before_anything_is_sent(kolay, emulated):
    code, _, err = kolay("kolaybi", "vaults", "--currency", " ")

    assert code == 2
    assert "urrency must have" in err
    assert emulated.requests == []


def test_sales_are_listed_in_every_form(kolay, emulated):
    kolay("propars", "send", "--sale-code", "abc123", "--yes")
    table = kolay("propars", "sales")[1].splitlines()
    rows = list(csv.DictReader(io.StringIO(kolay("propars", "sales", "--no-invoiced", "--csv")[1])))
    [sent] = json.loads(kolay("propars", "sales", "--invoice-sent", "--json")[1])

    invoice = emulated.sale("abc123").invoice
    assert [line.split()[0] for line in table] == ["sale_id", "1001", "1002", "1003"]
    assert [(row["sale_code"], row["invoiced"]) for row in rows] == [("abc124", "false"), ("TOPTAN-7", "false")]
    assert rows[0]["order_date"] == emulated.sale("abc124").ordered_at.isoformat()
    assert (sent["sale_id"], sent["invoice_number"], sent["invoice_sent"]) == (1001, invoice.number, True)


def test_a_filter_of_sales_that_cannot_be_is_refused_before_anything_is_sent(kolay, emulated):
    code, _, err = kolay("propars", "sales", "--order-start-date", "soon")

    assert code == 2
    assert "rder_start_date must be" in err
    assert emulated.requests == []


def test_a_sale_and_its_invoice_are_shown(kolay, emulated):
    kolay("propars", "send", "--sale-code", "abc123", "--yes")
    invoice = emulated.sale("abc123").invoice
    sale = kolay("propars", "sale", "1001")[1]
    shown = kolay("propars", "invoice", invoice.id)[1]

    assert sale.startswith("The sale, as far as Propars tells:")
    assert shown.startswith("The invoice, as far as Propars tells:")
    assert invoice.number in sale
    assert str(invoice.uuid) in shown


def test_the_preview_also_shows_what_was_sent(kolay, emulated, tmp_path):
    kolay("propars", "send", "--sale-code", "abc123", "--yes")

    code, _, _ = kolay("propars", "html", "--sale-code", "abc123", "--save", tmp_path / "page.html", "--yes")

    assert code == 0
    assert len(emulated.sale("abc123").invoices) == 1


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("sends.csv", "operation,document_id,vault_id,amount\nproceed,1,1,100.50\n"),
        ("sends.jsonl", '{"operation": "proceed", "document_id": 1, "vault_id": 1, "amount": "100.50"}\n'),
        ("sends.jsonl", '{"operation": "proceed", "document_id": 1, "vault_id": 1, "amount": 100.50}\n'),
    ],
)
def test_a_line_of_a_batch_collects_its_amount_to_the_digit(name, line, batch, place, unprotected):
    (place / name).write_text(line)

    code, _, _ = batch("run", name, "--journal", "sqlite:///sends.db", "--yes")

    [sent] = [request for request in unprotected.requests if request.operation == "proceed"]
    assert code == 0
    assert sent.body == b"document_id=1&vault_id=1&amount=100.50"


@pytest.mark.parametrize("amount", ["0", "1,000", "x"])
def test_a_line_with_an_impossible_amount_is_a_bad_line(amount, batch, place, unprotected):
    (place / "sends.csv").write_text(f'operation,document_id,vault_id,amount\nproceed,1,1,"{amount}"\n')

    code, out, err = batch("run", "sends.csv", "--journal", "sqlite:///sends.db", "--dry-run")

    assert code == 2
    assert f"amount {'1,000 can be 1 or 1000' if amount == '1,000' else 'must be'}" in out + err
    assert unprotected.requests == []


# Lists around an invoice, and files


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("documents", "--associate-id", "11"), ("ready_to_send", "sale_invoice")),
        (("associates", "--identity-no", "1234567803"), ("Kayıtlı Alıcı", "M-12")),
        (("products", "--type", "service"), ("KARGO", "49.90")),
    ],
)
def test_a_list_around_an_invoice_is_a_table_csv_or_json(kolay, emulated, command, expected):
    code, table, _ = kolay("kolaybi", *command)
    rows = json.loads(kolay("kolaybi", *command, "--json")[1])
    header, row = csv.reader(io.StringIO(kolay("kolaybi", *command, "--csv")[1]))

    assert (code, len(rows)) == (0, 1)
    assert all(text in table for text in expected)
    assert all(text in row for text in expected)
    assert "extra" not in header


def test_a_file_is_printed_saved_or_told(kolay, emulated, tmp_path):
    ettn = "5b2f7f0e-0c55-4f0e-8a51-6a3d5f7f7d20"
    told = json.loads(kolay("kolaybi", "document", ettn, "--json")[1])
    code, _, err = kolay("kolaybi", "document", ettn, "--save", str(tmp_path / "a.pdf"))
    saved = json.loads(kolay("kolaybi", "document", ettn, "--save", str(tmp_path / "a.pdf"), "--json")[1])

    assert (code, told["media_type"], saved["saved"]) == (0, "application/pdf", str(tmp_path / "a.pdf"))
    assert "Written to" in err
    assert base64.b64decode(told["content"]) == (tmp_path / "a.pdf").read_bytes()
    assert told["sha256"] == saved["sha256"]


def test_the_signed_xml_of_kolaybi_is_verified_like_any_other(kolay, emulated, tmp_path):
    ettn, seal = "5b2f7f0e-0c55-4f0e-8a51-6a3d5f7f7d20", tmp_path / "seal.pem"
    seal.write_bytes(emulated.signing_certificate)
    code, out, _ = kolay("kolaybi", "xml", ettn, "--verify", "--certificate", str(seal))

    assert code == 0
    assert "HDB2024000000020" in out


SALE = {
    "sale_code": "S-1",
    "order_date": "2026-11-29T09:00:00+03:00",
    "customer_detail": {"name": "Ayşe Yılmaz"},
    "items": [{"product_name": "Vazo", "other_fields": {"unit_price": "12.50"}}],
}


def test_a_sale_is_saved_from_a_file_after_a_yes(kolay, emulated, tmp_path, typed):
    file = tmp_path / "sale.json"
    file.write_text(json.dumps(SALE), encoding="utf-8")

    code, out, _ = kolay("propars", "save-sale", file, "--dry-run")
    assert (code, "Ayşe Yılmaz" in out, emulated.requests) == (0, True, [])

    typed("y\n")
    code, out, err = kolay("propars", "save-sale", file)
    assert code == 0
    assert out.startswith("The sale was saved.")
    assert "sale_code S-1" in err
    assert "items 1" in err
    assert "Ayşe" not in err
    assert str(emulated.sale("S-1").total) == "12.50"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[1]", "is not a JSON object"),
        ("{", "is not JSON"),
        ("\xff", "is not JSON"),
        ('{"a": 1, "a": 2}', "names a field twice"),
        ('{"sale_code": "S-1"}', "order_date is missing"),
        (" " * (4 * 1024 * 1024 + 1), "is longer than 4,194,304 bytes"),
        (None, "No such file"),
    ],
)
def test_a_file_that_is_no_sale_is_refused_and_nothing_is_sent(kolay, emulated, tmp_path, text, named):
    file = tmp_path / "sale.json"
    if text is not None:
        file.write_text(text, encoding="latin-1")

    code, _, err = kolay("propars", "save-sale", file, "--yes")

    assert code == 2
    assert named in err
    assert "Nothing was sent." in err
    assert emulated.requests == []
