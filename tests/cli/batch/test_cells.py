"""The cells of a CSV file: amounts, days and flags as spreadsheets write them."""

from datetime import datetime
from decimal import Decimal
from typing import get_type_hints

import pytest

from kolay_invoice import Proceed, SendInvoice
from kolay_invoice.cli.batch import cells
from kolay_invoice.cli.batch.cells import plain_amount
from kolay_invoice.operations import BY_BATCH_NAME

from .test_file import read

AMOUNTS = {
    "1000": "1000",
    "1000.00": "1000.00",
    "1.00": "1.00",
    "1,00": "1.00",
    "1234,5": "1234.5",
    "1234.567": "1234.567",
    "1234,567": "1234.567",
    "1.234,56": "1234.56",
    "1,234.56": "1234.56",
    "1.234,567": "1234.567",
    "1.234.567": "1234567",
    "1,234,567": "1234567",
    "1.234.567,89": "1234567.89",
    "1,234,567.8": "1234567.8",
    "0.125": "0.125",
    "0,125": "0.125",
    "1.2500": "1.2500",
    " 12,50\u00a0": "12.50",
    "-1.234,50": "-1234.50",
}

AMBIGUOUS = {
    "1.000": "1.000 can be 1 or 1000: write 1000 or 1.00",
    "1,000": "1,000 can be 1 or 1000: write 1000 or 1.00",
    "12.500": "12.500 can be 12.50 or 12500: write 12500 or 12.50",
    "999,999": "999,999 can be 999.999 or 999999: write 999999 or 999.9990",
    "010.000": "010.000 can be 010 or 010000: write 010000 or 010.00",
    "-1.500": "-1.500 can be -1.50 or -1500: write -1500 or -1.50",
}

NO_AMOUNTS = [
    *("", "-", ".5", "5.", ",5", "1..5", "1.23,456", "1,23,456", "12.34.567", "1.234,567,8", "1234.567,8"),
    *("1e3", "1,2E+09", "NaN", "Infinity", "1_000", "1 000", "1'000", "₺5", "5 TL", "٥", "x"),
]


@pytest.mark.parametrize(("cell", "amount"), AMOUNTS.items(), ids=AMOUNTS)
def test_an_amount_that_can_be_read_in_one_way_is_read(cell, amount):
    assert plain_amount("amount", cell) == amount
    line = f'operation;document_id;vault_id;amount\nproceed;18;1;"{cell}"\n'.encode()
    if not cell.startswith("-"):
        assert [one.request for one in read(line, "a.csv")] == [Proceed(18, 1, amount=Decimal(amount))]


@pytest.mark.parametrize(("cell", "readings"), AMBIGUOUS.items(), ids=AMBIGUOUS)
def test_an_amount_that_can_be_read_in_two_ways_is_refused_with_its_line_and_both(cell, readings):
    first, second = read(f'operation;document_id;vault_id;amount\n\nproceed;18;1;"{cell}"\nproceed;19;1;5\n'.encode())
    assert (first.number, first.reason) == (3, f"amount {readings}")
    assert second.request == Proceed(19, 1, amount=Decimal(5))
    for written in readings.split("write ")[1].split(" or "):
        assert Decimal(plain_amount("amount", written)) == Decimal(written)


@pytest.mark.parametrize("cell", NO_AMOUNTS)
def test_what_is_no_amount_is_refused(cell):
    with pytest.raises(ValueError, match=r"amount must be a number such as 1250\.75"):
        plain_amount("amount", cell)


def test_an_amount_of_json_lines_has_the_one_form_of_json():
    line = b'{"operation": "proceed", "document_id": 18, "vault_id": 1, "amount": "1.000"}'
    assert [one.request for one in read(line, "a.jsonl")] == [Proceed(18, 1, amount=Decimal("1.000"))]


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("02.05.2026", "2026-05-02T12:00:00+03:00"),
        ("2.5.2026 9:05", "2026-05-02T09:05:00+03:00"),
        ("02.05.2026 23:59:58", "2026-05-02T23:59:58+03:00"),
        ("02.01.2016", "2016-01-02T12:00:00+02:00"),
        ("2026-05-02T09:00:00+0300", "2026-05-02T09:00:00+03:00"),
    ],
)
def test_a_day_of_turkiye_is_its_noon_or_its_hour(cell, moment):
    (line,) = read(f"operation,sale_code,invoice_date\npropars-send,a,{cell}\n".encode(), "a.csv")
    assert line.request == SendInvoice(sale_code="a", invoice_date=moment)


@pytest.mark.parametrize("cell", ["31.02.2026", "05/02/2026", "02.05.26", "02.05.2026 24:00", "01.01.0000"])
def test_a_day_that_does_not_exist_or_can_be_another_is_refused(cell):
    (line,) = read(f"operation,sale_code,invoice_date\npropars-send,a,{cell}\n".encode(), "a.csv")
    assert line.reason.startswith("invoice_date must be ISO 8601")


@pytest.mark.parametrize(
    ("cell", "flag"),
    [
        ("DOĞRU", True),
        ("YANLIŞ", False),
        ("evet", True),
        ("HAYIR", False),
        ("TRUE", True),
        ("false", False),
        ("1", True),
    ],
)
def test_a_flag_is_read_as_excel_writes_it_in_both_languages(cell, flag):
    header = "operation,associate_id,city,district,country,is_abroad,street,building_name,number,postal_code"
    (line,) = read(f"{header}\ncreate-address,5,İzmir,Konak,Türkiye,{cell},a,b,1,2\n".encode(), "a.csv")
    assert line.request.is_abroad is flag, line


def test_each_field_of_a_csv_file_that_is_an_amount_a_moment_or_a_flag_is_read_as_one():
    read_as = {Decimal: cells.plain_amount, datetime: cells.plain_moment, bool: cells._flag}
    found = {
        name: reader
        for operation, endpoint in BY_BATCH_NAME.items()
        if operation not in {"create-invoice", "propars-save-sale"}  # In JSON Lines alone.
        for name, hint in get_type_hints(endpoint.request).items()
        for kind, reader in read_as.items()
        if hint in (kind, kind | None)
    }
    assert found == dict(cells._READERS)
