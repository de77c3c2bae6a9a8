"""JSON to values: exact numbers, nothing guessed, nothing dropped."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st

from kolay_invoice import codec
from kolay_invoice.endpoint import seen_as

ETTN = UUID("f46d5a8d-7726-4b37-bba4-973c7ab50a5b")


@frozen
class Inner:
    name: str


@frozen
class Reply:
    number: int
    text: str | None = field(default=None, metadata=seen_as("text", "label", key="key", blank_is_none=True))
    flag: bool | None = None
    amount: Decimal | None = None
    uuid: UUID | None = None
    inner: Inner | None = None
    rows: list[Inner] | None = None
    extra: Mapping[str, Any] = field(factory=dict)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"null", None),
        (b"20", 20),
        (b"20.10", Decimal("20.10")),
        (b"0.1", Decimal("0.1")),
        (b"1e2", Decimal("1e2")),
        (b"1234567890123.45", Decimal("1234567890123.45")),
        ('"ş\\u015f"'.encode(), "şş"),
        (b'{"a": [true, {}]}', {"a": [True, {}]}),
    ],
)
def test_json_is_read_exactly(body, value):
    read = codec.decode_json(body)

    assert (read, type(read), str(read)) == (value, type(value), str(value))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"<html>",
        b"\xff\xfe{}",
        b'"\xe7"',
        b"\xef\xbb\xbf{}",
        b"NaN",
        b"Infinity",
        b"1" * 10_000,
        b"1e" + b"9" * 30,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'"\\ud800"',
        b"1 2",
    ],
)
def test_what_is_not_json_is_a_value_error_that_quotes_nothing(body):
    with pytest.raises(ValueError, match=r"^the body is not JSON that can be read$") as caught:
        codec.decode_json(body)

    assert caught.value.__suppress_context__


@given(st.binary() | st.text().map(str.encode))
def test_no_bytes_bring_another_error_than_a_value_error(body):
    with suppress(ValueError):
        assert codec.decode_json(body) == codec.decode_json(body)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20))
def test_every_decimal_survives_the_way_through_json(amount):
    read = codec.structure(codec.decode_json(b'{"number": 1, "amount": %s}' % format(amount, "f").encode()), Reply)

    assert read.amount == amount


def test_each_field_is_read_by_its_type():
    read = codec.structure(
        {
            "number": 1,
            "label": "a",
            "flag": False,
            "amount": 20,
            "uuid": str(ETTN),
            "inner": {"name": "b", "unknown": 1},
            "rows": [{"name": "c"}],
        },
        Reply,
    )

    assert read == Reply(1, "a", False, Decimal(20), ETTN, Inner("b"), [Inner("c")])


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "required field missing @ $.number"),
        ({"number": None}, "expected int, got null @ $.number"),
        ({"number": True}, "expected int, got bool @ $.number"),
        ({"number": "18"}, "expected int, got str @ $.number"),
        ({"number": Decimal(18)}, "expected int, got Decimal @ $.number"),
        ({"number": 1, "text": 7}, "expected str, got int @ $.text"),
        ({"number": 1, "text": {"value": "no key"}}, "expected str, got dict @ $.text"),
        ({"number": 1, "text": {"key": None, "value": "x"}}, None),
        ({"number": 1, "flag": 1}, "expected bool, got int @ $.flag"),
        ({"number": 1, "flag": "true"}, "expected bool, got str @ $.flag"),
        ({"number": 1, "amount": "1e2"}, "expected a number, got str @ $.amount"),
        ({"number": 1, "amount": "secret"}, "expected a number, got str @ $.amount"),
        ({"number": 1, "amount": Decimal("1e41")}, "Decimal @ $.amount"),
        ({"number": 1, "amount": Decimal("1e-41")}, "Decimal @ $.amount"),
        ({"number": 1, "uuid": 7}, "expected a UUID, got int @ $.uuid"),
        ({"number": 1, "uuid": "secret"}, "UUID @ $.uuid"),
        ({"number": 1, "inner": []}, "expected an object, got list @ $.inner"),
        ({"number": 1, "inner": {"name": None}}, "expected str, got null @ $.inner.name"),
        ({"number": 1, "rows": [{"name": "a"}, {"name": 7}]}, "expected str, got int @ $.rows[1].name"),
        ({"number": 1, "rows": 7}, "@ $.rows"),
        ("secret", "expected an object, got str @ $"),
        (None, "expected an object, got null @ $"),
    ],
)
def test_what_does_not_fit_is_named_by_its_path_and_never_shown(data, sentence):
    if sentence is None:
        assert codec.structure(data, Reply).text is None
        return
    with pytest.raises(ValueError) as caught:
        codec.structure(data, Reply)

    assert sentence in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "'None'" not in str(caught.value)


def test_only_the_first_few_misfits_are_named():
    with pytest.raises(ValueError) as caught:
        codec.structure({"rows": [{"name": number} for number in range(100)]}, Reply)

    assert str(caught.value).count("@") == 3


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [(str, 7, "expected str, got int @ $"), (UUID, "x", "not a valid UUID @ $")],
)
def test_a_bare_value_is_judged_as_strictly(kind, data, sentence):
    with pytest.raises(ValueError, match=sentence.replace("$", r"\$")):
        codec.structure(data, kind)


@pytest.mark.parametrize(
    ("data", "text", "extra"),
    [
        ({"text": "a", "label": "a"}, "a", {}),
        ({"text": "a", "label": "b"}, "a", {"label": "b"}),
        ({"text": None, "label": "b"}, "b", {}),
        ({"text": "a", "label": None}, "a", {}),
        ({"text": None, "label": None}, None, {}),
        ({"text": ""}, None, {}),
        ({"new": 1}, None, {"new": 1}),
        ({"extra": {"a": 1}}, None, {"extra": {"a": 1}}),
    ],
)
def test_what_is_not_read_is_kept(data, text, extra):
    read = codec.structure({"number": 1, **data}, Reply)

    assert (read.text, read.extra) == (text, extra)


def test_a_lenient_reading_keeps_what_does_not_fit():
    @frozen
    class Lenient:
        number: int | None = None
        inner: Inner | None = None
        extra: Mapping[str, Any] = field(factory=dict)

    globals()["Lenient"] = Lenient
    read = codec.structure_leniently({"number": "7", "inner": {"name": 7}, "new": None}, Lenient)

    assert read == Lenient(extra={"number": "7", "inner": {"name": 7}, "new": None})
