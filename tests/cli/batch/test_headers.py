"""The header of a batch's CSV file: English and Turkish names, columns of the file's owner, and mistakes."""

from __future__ import annotations

import io

import pytest

from kolay_invoice import Proceed
from kolay_invoice.cli.batch.file import BadLine, Form, RequestLine, lines
from kolay_invoice.cli.batch.headers import COLUMNS, find_column, find_mistake


@pytest.mark.parametrize("column", COLUMNS)
def test_a_columns_own_name_is_read_however_a_spreadsheet_writes_it(column):
    for name in (column, column.upper(), f" {column} ", column.replace("_", " ").title(), column.replace("_", "-")):
        assert find_column(name) == column


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("İşlem", "operation"),
        ("İŞLEM", "operation"),
        ("BELGE ID", "document_id"),
        ("Belge İd", "document_id"),
        ("belge_id", "document_id"),
        ("Kasa ID", "vault_id"),
        ("Tutar", "amount"),
        ("SATIŞ KODU", "sale_code"),
        ("VKN/TCKN", "identity_no"),
        ("E-Posta", "email"),
        ("İLÇE", "district"),
        ("Müşteri", None),
        ("Belge No", None),
        ("", None),
    ],
)
def test_turkish_names_are_read_and_other_columns_are_not(header, column):
    assert find_column(header) == column


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("documentid", "document_id"),
        ("documnt_id", "document_id"),
        ("Belge İdsi", "document_id"),
        ("tutarı", "amount"),
        ("Toplam Tutar", "amount"),
        ("Total", "amount"),
        ("occasions", "occasion"),
    ],
)
def test_a_column_that_can_be_meant_for_ours_is_refused(name, known):
    mistake = find_mistake(["operation", "document_id", "vault_id", name])
    assert mistake == (
        f"names the unknown column {name!r}, which can be meant for {known}: correct its name, or remove it"
    )


def test_the_columns_of_the_files_owner_are_left_out():
    content = "İşlem;Müşteri;Belge ID;Kasa ID;Tutar;;Yorum\nproceed;Ayşe;19;4;1.250,75;x;\n;;;;;x;\n"
    assert list(lines(io.BytesIO(content.encode("cp1254")), Form.CSV)) == [
        RequestLine(2, Proceed(19, vault_id=4, amount="1250.75")),
        BadLine(3, "operation is missing"),
    ]


def test_one_column_under_two_names_is_named_twice():
    assert find_mistake(["operation", "amount", "Tutar"]) == "names a column twice"
