"""The file of a batch: from bytes to requests or bad lines."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolay_invoice import CancelInvoice, CreateEDocument, Proceed, Resend, SendInvoice
from kolay_invoice.cli.batch.file import LONGEST_LINE, BadLine, Form, RequestLine, form_of, lines
from kolay_invoice.journal.request_format import FIELDS, batch_name_of, fields_of, provider_of, request_of
from kolay_invoice.operations import BY_BATCH_NAME

UUID = "5f2b1c1e-0f3c-4c55-9d0c-0d9b6a1f2e3d"

THREE = [(2, CreateEDocument(18)), (3, Proceed(19, vault_id=4)), (4, SendInvoice(sale_code="şipariş-1"))]

CSV = "operation,document_id,vault_id,sale_code\ncreate-e-document,18,,\nproceed,19,4,\npropars-send,,,şipariş-1\n"

JSON_LINES = """\

{"operation": "create-e-document", "document_id": 18, "vault_id": null}
{"operation": "proceed", "document_id": "19", "vault_id": 4}
{"operation": "propars-send", "sale_code": "şipariş-1"}
"""

FORMS = {
    "CSV": ("a.csv", CSV.encode()),
    "CSV by its content": ("a.txt", CSV.encode()),
    "CSV with a byte order mark": ("a.csv", CSV.encode("utf-8-sig")),
    "CSV with the line ends of Windows": ("a.csv", CSV.replace("\n", "\r\n").encode()),
    "CSV without a last line end": ("a.CSV", CSV.rstrip().encode()),
    "CSV of a Turkish Excel": ("a.csv", CSV.replace(",", ";").encode()),
    "CSV with tabs": ("a.csv", CSV.replace(",", "\t").encode()),
    "CSV with every field quoted": ("a.csv", ('"' + CSV.replace(",", '","').replace("\n", '"\n"'))[:-1].encode()),
    "CSV of a Turkish Excel, saved as CSV": ("a.csv", CSV.replace(",", ";").replace("\n", "\r\n").encode("cp1254")),
    "CSV as Unicode text": ("a.csv", CSV.replace(",", "\t").replace("\n", "\r\n").encode("utf-16")),
    "CSV in UTF-16 of the other byte order": ("a.csv", b"\xfe\xff" + CSV.encode("utf-16-be")),
    "CSV in UTF-16 by its content": ("a.txt", CSV.encode("utf-16")),
    "CSV that ends in empty rows": ("a.csv", (CSV + ",,,\n\n  \n").encode()),
    "JSON Lines": ("a.jsonl", JSON_LINES.encode()),
    "JSON Lines by another suffix": ("a.ndjson", JSON_LINES.encode()),
    "JSON Lines by their content": ("a", JSON_LINES.encode()),
    "JSON Lines with a byte order mark": ("a", JSON_LINES.encode("utf-8-sig")),
}


def read(content, name="a"):
    file = io.BytesIO(content)
    return list(lines(file, form_of(Path(name), file)))


def bad(content, name="a.csv"):
    (line,) = (line for line in read(content, name) if isinstance(line, BadLine))
    return line


@pytest.mark.parametrize(("name", "content"), FORMS.values(), ids=FORMS)
def test_every_form_of_a_file_asks_for_the_same_in_lines_with_the_numbers_of_an_editor(name, content):
    assert [(line.number, line.request) for line in read(content, name)] == THREE


def test_every_operation_and_every_field_can_be_asked_for():
    sent = {"operation": "propars-send", "sale_id": "5", "invoice_date": "2026-05-02T09:00:00+0300"}
    sent |= {"invoice_uuid": UUID, "invoice_number": "ABC2026000000001", "invoice_char_code": "ABC"}
    asked = [
        {"operation": "resend", "document_id": "18"},
        sent,
        {"operation": "propars-send", "invoice_id": "7"},
        {"operation": "propars-cancel", "sale_id": "5"},
    ]
    columns = ["operation", *FIELDS]
    rows = [columns, *([one.get(column, "") for column in columns] for one in asked)]
    expected = [
        Resend(18),
        SendInvoice(**{name: int(v) if name == "sale_id" else v for name, v in sent.items() if name != "operation"}),
        SendInvoice(invoice_id=7),
        CancelInvoice(sale_id=5),
    ]
    assert [line.request for line in read("\n".join(map(",".join, rows)).encode(), "a.csv")] == expected
    assert [line.request for line in read("\n".join(map(json.dumps, asked)).encode())] == expected
    assert [line.operation for line in read("\n".join(map(json.dumps, asked)).encode())] == [
        one["operation"] for one in asked
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",18,", "operation is missing"),
        ("send,18,", f"operation 'send' is not one of {', '.join(BY_BATCH_NAME)}"),
        ("resend,,", "document_id is missing"),
        ("resend,eighteen,", "document_id must be digits only"),
        ("resend,1.5,", "document_id must be digits only"),
        ("resend,-1,", "document_id must be digits only"),
        ("resend, 18,", "document_id must be digits only"),
        ("resend,١٨,", "document_id must be digits only"),
        ("resend,0,", "document_id must be a positive whole number below 2**63"),
        ("resend,9999999999999999999,", "document_id must be a positive whole number below 2**63"),
        (f"resend,{'9' * 5000},", "document_id must be digits only"),
        ("proceed,18,", "vault_id is missing"),
        ("resend,18,4", "vault_id is not a field of resend"),
        ("resend,18", "has 2 fields, and the header has 3"),
        ("resend,18,,", "has 4 fields, and the header has 3"),
        (
            'resend,"18,',
            "is not CSV: a quote is not closed or not doubled, or a field holds a line break",
        ),
        ("resend,1\r8,", "is not CSV: a quote is not closed or not doubled, or a field holds a line break"),
        (f"resend,{'1' * LONGEST_LINE},", "is longer than 65,536 bytes"),
        (f"resend,{'1' * 3 * LONGEST_LINE},", "is longer than 65,536 bytes"),
    ],
)
def test_a_bad_row_is_named_with_its_number_and_its_field_and_spoils_no_other(row, reason):
    content = f"operation,document_id,vault_id\nresend,1,\n{row}\nresend,2,\n".encode()
    assert read(content, "a.csv") == [RequestLine(2, Resend(1)), BadLine(3, reason), RequestLine(4, Resend(2))]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "is not JSON"),
        ("[" * 60_000, "is not JSON"),
        ('{"operation": "resend", "document_id": NaN}', "is not JSON"),
        ("[]", "is not a JSON object"),
        ('"resend"', "is not a JSON object"),
        ("{}", "operation is missing"),
        ('{"operation": ["resend"]}', "operation is missing"),
        ('{"operation": "resend", "document_id": true}', "document_id must be digits only"),
        ('{"operation": "resend", "document_id": 1.0}', "document_id must be digits only"),
        ('{"operation": "resend", "document_id": {"x": 1}}', "document_id must be digits only"),
        ('{"operation": "resend", "document_id": 1, "document_id": 2}', "names a field twice"),
        ('{"operation": "resend", "document_id": 1, "docment": 2}', "'docment' is not a field of resend"),
        (
            '{"operation": "resend", "document_id": 1, "' + "x" * 99 + '": 2}',
            "'" + "x" * 40 + "…' is not a field of resend",
        ),
        ('{"operation": "propars-cancel"}', "give exactly one of sale_id, sale_code"),
        ('{"operation": "propars-cancel", "sale_code": 5}', "sale_code must be a str, not int"),
        (
            '{"operation": "propars-cancel", "sale_code": "\\ud800"}',
            "sale_code must not hold control characters",
        ),
        ('{"operation": "propars-send", "sale_id": 1, "invoice_date": "yesterday"}', "invoice_date must be ISO 8601"),
        ('{"operation": "propars-send", "sale_id": 1, "invoice_uuid": 5}', "invoice_uuid must be a uuid.UUID"),
    ],
)
def test_a_bad_json_line_is_named_with_its_number_and_its_field_and_spoils_no_other(line, reason):
    good = '{"operation": "resend", "document_id": 1}'
    first, second, third = read(f"{good}\n{line}\n{good}\n".encode(), "a.jsonl")
    assert (first, third) == (RequestLine(1, Resend(1)), RequestLine(3, Resend(1)))
    assert second.number == 2
    assert second.reason.startswith(reason)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("create-e-document,18", "is no header: it must name the columns, operation and any of document_id"),
        ("document_id,vault_id", "has no column operation, which says what is to be done"),
        ("operation,documentid", "names the unknown column 'documentid', which can be meant for document_id"),
        ("operation,document_id,document_id", "names a column twice"),
        ('operation,"document_id', "is no header"),
        ('{"operation": "resend"}', "is no header"),
    ],
)
def test_without_its_header_nothing_of_a_csv_file_is_read(header, reason):
    (line,) = read(f"{header}\nresend,18\n".encode(), "a.csv")
    assert line.number == 1
    assert line.reason.startswith(reason)


def test_other_encodings_are_told_by_name_and_by_line():
    not_utf_8 = "is not UTF-8: save the file as UTF-8 (in Excel: 'CSV UTF-8')"
    text = "operation,sale_code\npropars-send,a\npropars-send,şeker\n"
    assert bad(text.encode("utf-16")[:-1]).reason.endswith("it is UTF-16")
    assert bad("{}".encode("utf-16"), "a.jsonl").reason.endswith("it is UTF-16")
    # A letter that Turkish does not have, a code page of DOS, and one line of another encoding than the others.
    assert bad(text.replace("ş", "é").encode("cp1254")) == BadLine(3, not_utf_8)
    assert bad(text.encode("cp857")) == BadLine(3, not_utf_8)
    assert bad(text.encode() + "propars-send,ş\n".encode("cp1254")) == BadLine(4, not_utf_8)
    assert bad('{"operation": "propars-send", "sale_code": "ş"}'.encode("cp1254"), "a.jsonl").number == 1


def test_a_row_longer_than_a_part_of_the_file_is_read_in_another_encoding_too():
    code = "ş" * 5_000
    content = f"operation,document_id,sale_code,occasion\nresend,18,,{'ş' * 90}\n" + f"resend,,{code},\n" * 3
    first, *others = read(content.encode("utf-16"), "a.csv")
    assert first == RequestLine(2, Resend(18), "ş" * 90)
    assert others == [BadLine(number, "sale_code is not a field of resend") for number in (3, 4, 5)]
    assert [one.number for one in read(f"{content}{code * 14}\nresend,19,,\n".encode("utf-16"), "a.csv")] == [
        *range(2, 8)
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_first_line_of_excel_names_the_delimiter(delimiter):
    content = f"SEP={delimiter}\r\n{CSV.replace(',', delimiter)}"
    assert [(line.number, line.request) for line in read(content.encode(), "a.csv")] == [
        (number + 1, request) for number, request in THREE
    ]
    assert bad(f"sep={delimiter}\n".encode()).reason.startswith("is no header")
    assert bad(f"sep={delimiter}\n\xff".encode("latin-1")).reason.startswith("is not UTF-8")


def test_the_delimiter_is_the_one_by_which_the_header_names_columns():
    (line,) = read(b"operation;document_id;occasion\nresend;18;a,b,c,d\n", "a.csv")
    assert line == RequestLine(2, Resend(18), "a,b,c,d")
    (line,) = read(b'operation;"a,b,c";document_id\nresend;1;2\n', "a.csv")
    assert line == RequestLine(2, Resend(2))


@pytest.mark.parametrize("form", Form)
def test_an_empty_file_asks_for_nothing(form):
    assert list(lines(io.BytesIO(b""), form)) == []
    assert list(lines(io.BytesIO(b"\n \n"), form)) == []


WORDS = [
    "operation",
    *FIELDS,
    *BY_BATCH_NAME,
    ",",
    ";",
    "\n",
    "\r\n",
    '"',
    "{",
    "}",
    ":",
    "18",
    "null",
    "\ufeff",
    "\0",
    "ş",
]
PIECES = st.sampled_from([*map(str.encode, WORDS), b"\xff\xfe", b"\xfd", b'{"operation":"resend","document_id":'])


@given(st.one_of(st.binary(), st.lists(PIECES).map(b"".join)), st.sampled_from(["a.csv", "a.jsonl", "a"]))
def test_whatever_the_bytes_are_there_are_requests_or_bad_lines_and_never_another_exception(content, name):
    found = read(content, name)
    numbers = [line.number for line in found]
    assert numbers == sorted(set(numbers))
    assert all(isinstance(line, RequestLine) or (line.reason and line.reason.isprintable()) for line in found)


ids = st.integers(min_value=1, max_value=2**63 - 1)
codes = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="#?."), min_size=1)
sales = st.one_of(st.builds(lambda n: {"sale_id": n}, ids), st.builds(lambda c: {"sale_code": c[:200]}, codes))
requests = st.one_of(
    st.builds(CreateEDocument, ids),
    st.builds(Resend, ids),
    st.builds(Proceed, ids, ids),
    sales.map(lambda sale: CancelInvoice(**sale)),
    sales.map(lambda sale: SendInvoice(**sale, invoice_uuid=UUID, invoice_date="2026-05-02T09:00:00+0300")),
)


@settings(deadline=None)  # Whether it is the same request says nothing of how busy the machine is.
@given(st.lists(requests, max_size=5))
def test_a_request_as_its_fields_is_the_same_request_again(asked):
    written = [json.dumps({"operation": batch_name_of(one), **fields_of(one)}) for one in asked]
    assert [line.request for line in read("\n".join(written).encode(), "a.jsonl")] == asked


def test_no_reason_shows_a_value():
    canary = "canary-c61f37"
    for name in FIELDS:
        for operation in BY_BATCH_NAME:
            with pytest.raises(ValueError, match=r"\w+") as raised:
                request_of(operation, {name: f"#{canary}\n"})
            assert canary not in str(raised.value)


def test_every_operation_belongs_to_the_provider_of_its_request():
    for operation, endpoint in BY_BATCH_NAME.items():
        assert provider_of(operation) in endpoint.request.__module__
