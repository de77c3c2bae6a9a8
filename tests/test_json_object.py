"""A name that stands twice in a JSON object is found, however the object is written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolay_invoice.json_object import decode_object

ONCE = [
    b"{}",
    b"{ }",
    b'{"a":1}',
    b'{"a" : 1 , "b" : [ {"a": 1, "a": 2} ] }\n',
    b'{"a":1,"data":{}}',
    b'{"a":1,"data":{"a":2}}',
    b'{"a":1,"data":[]}',
    b'{"a":1,"data":null}',
    b'{"a":1,"other":{"x":1,"x":2}}',
    b'{"a": 1, "other": {"x":1,"x":2}}',
    '{"ş":1,"s":2}'.encode(),
    b'{"a":1,"a":1}',
    b'{"a":123456789012345678901234567890, "b":1e400}',
]
TWICE = [
    (b'{"a":1,"a":2}', "a"),
    (b'{ "a" : 1 , "a" : 2 }', "a"),
    (b'{"a":1,"a":1.0}', "a"),
    (b'{"a":12,"a":1}', "a"),
    (b'{"a":true,"b":1,"\\u0061":false}', "a"),
    (b'{"a":1,"data":{"x":1,"x":2}}', "x"),
    (b'{"a":1, "data":{"x":[],"x":{}}}', "x"),
    (b'{"data":{"x":1},"data":{"x":2}}', "data"),
]


@pytest.mark.parametrize("body", ONCE)
def test_a_name_that_comes_once_or_with_one_value_is_no_contradiction(body):
    assert decode_object(body, within="data")[1] is None


@pytest.mark.parametrize(("body", "name"), TWICE)
def test_a_name_that_comes_twice_with_two_values_is_found(body, name):
    assert decode_object(body, within="data")[1] == name
    assert decode_object(body, within="data", raw="data")[1] == name


def test_only_the_object_asked_about_is_looked_into():
    assert decode_object(b'{"data":{"x":1,"x":2}}')[1] is None
    assert decode_object(b'{"data": {"x":1,"x":2}}')[1] is None


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"1", b"null", b"{", b"\xff", b'{"a": "\xff"}', b'{"a": ' + b"[" * 100_000]
)
@pytest.mark.parametrize("raw", [None, "data"])
def test_what_is_no_json_object_is_nothing(body, raw):
    assert decode_object(body, raw=raw) == (None, None)


def test_rows_can_be_left_undecoded():
    content, repeated = decode_object(b'{"success": true, "data": [1, {"x": 1.50}]}', raw="data")

    assert repeated is None
    assert content["success"] is True
    assert list(map(bytes, content["data"])) == [b"1", b'{"x": 1.50}']


names = st.sampled_from(['"a"', '"\\u0061"', '"b\\""', '"data"', '"x,}"'])
spaces = st.sampled_from(["", " ", "\n\t "])
plain = st.sampled_from(["1", "12", "1.0", "null", '"}"', '"a\\"b"', "[]", "[1, 2]", "{}", '{"a": 1}', '{"a":1,"a":2}'])


@given(st.lists(st.tuples(names, plain, spaces, spaces), max_size=5))
def test_a_text_with_white_space_is_judged_as_its_members_are(members):
    text = (
        "{" + ",".join(f"{before}{name}{after}:{after}{value}{before}" for name, value, before, after in members) + "}"
    )
    _, pairs = json.loads(text, object_pairs_hook=lambda pairs: ("object", pairs), parse_int=str, parse_float=str)
    first = {}
    expected = {name for name, value in pairs if first.setdefault(name, value) != value}

    _, repeated = decode_object(text.encode())

    assert (repeated in expected) if expected else (repeated is None)
