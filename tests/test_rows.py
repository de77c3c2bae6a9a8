"""Rows at once: the same values as the careful way gives, however plain or odd the rows are."""

from __future__ import annotations

import json
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kolay_invoice import codec
from kolay_invoice.kolaybi.models import Invoice
from kolay_invoice.rows import RowReader

ETTN = "f46d5a8d-7726-4b37-bba4-973c7ab50a5b"
WORDS = ("status", "direction", "grand_currency")

# Each as it stands in JSON.
NUMBERS = ["20", "20.10", "-0.01", "1e2", "1E-7", "1e39", "1e41", "0e-50", "1e-41", "1" * 45, "-0", "1e999", "18.0"]
TEXTS = ['"18"', '"1e2"', '"NaN"', '" 1"', '"1_0"', '""', '"ş\\u015f"', '"a\\"},{\\"document_id\\":1"', '"\\ud800"']
OTHERS = ["null", "true", "[]", "{}", '{"key":"sent"}', '[{"document_id":1},{"document_id":2}]', f'"{ETTN}"']
NAMES = [
    *("document_id", "commercial_doc_id", "id", "uuid", "ettn", "no", "serial_no", "status", "document_status"),
    *("direction", "exchange_grand_total", "grand_total", "grand_currency", "extra", "new", "statu\\u0073"),
]

values = st.sampled_from([*NUMBERS, *TEXTS, *OTHERS])
plain_rows = st.fixed_dictionaries(
    {"document_id": st.integers(-(2**70), 2**70).map(str)},
    optional={
        "uuid": st.uuids().map(lambda uuid: f'"{uuid}"') | st.just("null"),
        "no": st.text(max_size=5).map(json.dumps),
        "status": st.sampled_from(['"sent"', '"draft"', '"yeni"', "null"]),
        "direction": st.sampled_from(['"outbound"', '"inbound"', "null"]),
        "grand_total": st.decimals(allow_nan=False, allow_infinity=False, places=2).map("{:f}".format),
    },
).map(lambda row: list(row.items()))
odd_rows = st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=6)


def written(rows):
    """Write rows of raw names and values as a JSON array; a name may come twice."""
    objects = ["{" + ",".join(f'"{name}": {value}' for name, value in row) + "}" for row in rows]
    return f"[{', '.join(objects)}]".encode()


def outcome(read):
    """Return the rows with what tells equal numbers apart, or the sentence of the error."""
    try:
        rows = read()
    except ValueError as error:
        return str(error)
    return [(row, str(row.grand_total), dict(row.extra)) for row in rows]


@given(st.lists(plain_rows | odd_rows, max_size=8))
@example([[("document_id", "18.0")]])
@example([[("document_id", "1"), ("grand_total", '"NaN"')]])
@example([[("document_id", "1"), ("document_id", "2")]])
@example([[("document_id", "1"), ("grand_total", "20")], [("document_id", "2"), ("grand_total", "null")]])
def test_rows_at_once_are_the_rows_of_the_careful_way(rows):
    reader = RowReader(Invoice, WORDS)
    array = written(rows)
    careful = outcome(lambda: codec.structure_rows(codec.decode_json(array), Invoice, 7))

    assert outcome(lambda: reader.read(array, 7)) == careful
    assert outcome(lambda: reader.read(array, 7)) == careful, "and so they are when its words are known"


@pytest.fixture
def careful(monkeypatch):
    """Count the rows that are read the careful way."""
    seen = []
    real = codec.structure_rows

    def structure_rows(rows, *arguments):
        seen.extend(rows)
        return real(rows, *arguments)

    monkeypatch.setattr("kolay_invoice.rows.codec.structure_rows", structure_rows)
    return seen


def row(number=1, **fields):
    return {"document_id": number, "uuid": ETTN, "status": "sent", "grand_total": 20.5, **fields}


def array(*rows):
    return json.dumps(rows).encode()


def test_only_rows_that_are_not_plain_are_read_the_careful_way(careful):
    reader = RowReader(Invoice, WORDS)
    reader.read(array(row()))
    careful.clear()

    [plain] = reader.read(array(row(2)))
    assert careful == []
    [odd] = reader.read(array(row(3, new=1)))

    assert len(careful) == 1
    assert plain == Invoice(2, UUID(ETTN), status="sent", grand_total=Decimal("20.5"))
    assert odd.extra == {"new": 1}


def test_equal_words_are_one_text_and_a_new_one_is_learnt(careful):
    reader = RowReader(Invoice, WORDS)
    for status in ("sent", "draft", "sent", "draft"):
        reader.read(array(row(status=status)))
    assert len(careful) == 2

    first, second = reader.read(array(row(status="draft"), row(status="draft")))

    assert first.status is second.status


def test_words_that_do_not_end_are_not_learnt(careful):
    reader = RowReader(Invoice, WORDS)
    for number in range(200):
        reader.read(array(row(status=f"status-{number}")))
    assert len(careful) == 200
    careful.clear()

    reader.read(array(row(status="status-0")))
    reader.read(array(row(status="status-199")))

    assert len(careful) == 1


def test_an_error_names_the_number_of_the_row():
    with pytest.raises(ValueError, match=r"expected int, got null @ \$\[70000\]\.document_id"):
        RowReader(Invoice, WORDS).read(array(row(), row(None)), 69_999)
