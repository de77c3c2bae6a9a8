"""Rows in chunks: the same values as one by one, however plain or odd the rows are."""

from __future__ import annotations

import json
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kolay_invoice import codec
from kolay_invoice.kolaybi.models import Invoice
from kolay_invoice.rows import ROWS_PER_CHUNK, RowDecoder

ETTN = "f46d5a8d-7726-4b37-bba4-973c7ab50a5b"
DECODER = RowDecoder(Invoice)

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
    except msgspec.DecodeError:
        return "the body is not JSON that can be read"
    except ValueError as error:
        return str(error)
    return [(row, str(row.grand_total), dict(row.extra)) for row in rows]


@given(st.lists(plain_rows | odd_rows, max_size=8))
@example([[("document_id", "18.0")]])
@example([[("document_id", "1"), ("grand_total", '"NaN"')]])
@example([[("document_id", "1"), ("document_id", "2")]])
@example([[("document_id", "1"), ("grand_total", "20")], [("document_id", "2"), ("grand_total", "null")]])
def test_a_chunk_of_rows_is_what_each_row_is(rows):
    array = written(rows)
    each = outcome(lambda: codec.structure_rows(codec.decode_json(array), Invoice))

    assert outcome(lambda: decoded(array)) == each


def decoded(array):
    """Decode a JSON array of rows."""
    return [row for chunk in DECODER.chunks(msgspec.json.decode(array, type=list[msgspec.Raw])) for row in chunk]


@pytest.fixture
def careful(monkeypatch):
    """Count the rows that are decoded one by one."""
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


def test_only_a_chunk_with_a_row_that_is_not_plain_is_decoded_row_by_row(careful):
    [plain] = decoded(array(row(2)))
    assert careful == []
    [odd] = decoded(array(row(3, new=1)))

    assert len(careful) == 1
    assert plain == Invoice(2, UUID(ETTN), status="sent", grand_total=Decimal("20.5"))
    assert odd.extra == {"new": 1}


def test_a_long_list_comes_in_chunks():
    rows = msgspec.json.decode(array(*map(row, range(2 * ROWS_PER_CHUNK + 1))), type=list[msgspec.Raw])

    chunks = list(DECODER.chunks(rows))

    assert [len(chunk) for chunk in chunks] == [ROWS_PER_CHUNK, ROWS_PER_CHUNK, 1]
    assert [invoice.document_id for chunk in chunks for invoice in chunk] == [*range(2 * ROWS_PER_CHUNK + 1)]


def test_an_error_names_the_number_of_the_row():
    with pytest.raises(ValueError, match=r"expected int, got null @ \$\[1500\]\.document_id"):
        decoded(array(*map(row, range(1500)), row(None)))
