"""A long list is decoded in pieces, and comes out as if it had been decoded at once."""

from __future__ import annotations

import json

import msgspec
import pytest

from kolay_invoice import long_json
from kolay_invoice.json_object import decode_object
from kolay_invoice.long_json import take_rows

ROW = {"id": 7, "name": 'a "b" }, {', "lines": [{"x": 1.5}, {"x": []}], "none": None}
LONG = [ROW] * 5_000


def written(content, **how):
    return json.dumps(content, **how).encode()


@pytest.mark.parametrize("separators", [(",", ":"), (" ,\n", " : ")], ids=["dense", "loose"])
@pytest.mark.parametrize(
    "content",
    [
        {"data": LONG},
        {"success": True, "errors": [{}], "data": LONG, "meta": {"rows": [{}, {}]}},
        {"data": {"current_page": 1, "data": LONG, "last_page": 2}},
    ],
    ids=["a list", "between others", "a paginator"],
)
def test_a_long_list_is_decoded_in_pieces_and_comes_out_whole(content, separators):
    body = written(content, separators=separators)

    assert take_rows(body, raw=False).rows
    assert decode_object(body) == (msgspec.json.decode(body), None)

    raw, repeated = decode_object(body, within="data", raw="data")
    rows = raw["data"] if isinstance(raw["data"], list) else raw["data"]["data"]
    assert repeated is None
    assert [json.loads(bytes(row)) for row in rows] == LONG


def test_a_name_that_comes_twice_beside_long_rows_is_found():
    body = b'{"code":1,"data":' + written(LONG) + b',"code":2}'

    assert decode_object(body)[1] == decode_object(body, raw="data")[1] == "code"


HOSTILE = {
    "rows that never end": b'{"data":[{"a":"' + b"x" * 300_000,
    "a list that never ends": b'{"data":[' + b"{}," * 200_000,
    "rows within a text": b'{"data":"[' + b"{}," * 200_000 + b'"}',
    "values without rows": b'{"data":[' + b"[]," * 200_000 + b"1]}",
    "numbers behind one row": b'{"data":[{},' + b"1," * 200_000 + b"1]}",
    "members": b"{" + b",".join(b'"%d":1' % number for number in range(60_000)) + b"}",
}


@pytest.mark.parametrize("raw", [None, "data"])
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_long_text_without_the_rows_of_a_list_is_not_read(body, raw):
    assert decode_object(body, raw=raw) == (None, None)


def test_more_values_than_memory_is_worth_are_not_read(monkeypatch):
    body = written({"data": LONG * 3})
    assert decode_object(body)[0] is not None
    assert decode_object(body, raw="data")[0] is not None

    monkeypatch.setattr(long_json, "_MOST_VALUES_IN_ALL", 1_000)
    assert decode_object(body) == (None, None)
    assert decode_object(body, raw="data") == (None, None)


def test_rows_of_another_list_than_the_one_that_comes_undecoded_are_not_read():
    assert decode_object(written({"other": LONG}), raw="data") == (None, None)


def test_a_long_text_of_few_values_is_read():
    content = {"xml": "<a>, [{" + "x" * 300_000}

    assert decode_object(written(content)) == (content, None)


def test_rows_that_are_long_themselves_are_read_with_the_lists_within_them():
    content = {"data": [{"name": "x" * 200_000, "address": [{"city": "y" * 70_000}] * 3}] * 2}

    read, repeated = decode_object(written(content), within="data")

    assert (read, repeated) == (content, None)
