"""A name that stands twice in a JSON object is found, however the object is written."""

from __future__ import annotations

import pytest

from kolay_invoice.repeated_names import repeated_name

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
    (b'{"a":true,"b":1,"\\u0061":false}', "a"),
    (b'{"a":1,"data":{"x":1,"x":2}}', "x"),
    (b'{"a":1, "data":{"x":[],"x":{}}}', "x"),
    (b'{"data":{"x":1},"data":{"x":2}}', "data"),
]


@pytest.mark.parametrize("body", ONCE)
def test_a_name_that_comes_once_or_with_one_value_is_no_contradiction(body):
    assert repeated_name(body, within="data") is None


@pytest.mark.parametrize(("body", "name"), TWICE)
def test_a_name_that_comes_twice_with_two_values_is_found(body, name):
    assert repeated_name(body, within="data") == name


def test_only_the_object_asked_about_is_looked_into():
    assert repeated_name(b'{"data":{"x":1,"x":2}}') is None
    assert repeated_name(b'{"data": {"x":1,"x":2}}') is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"a": ' + b"[" * 100_000])
def test_what_cannot_be_read_is_a_value_error(body):
    with pytest.raises(ValueError, match="the body is not JSON that can be read"):
        repeated_name(body)
