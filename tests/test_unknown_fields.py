"""The unknown fields of a reply: they cannot be changed, and are a dict otherwise."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from kolay_invoice import Invoice
from kolay_invoice.codec import structure
from kolay_invoice.unknown_fields import NONE_UNKNOWN

CHANGES = {
    "set": lambda extra: extra.__setitem__("a", 2),
    "delete": lambda extra: extra.__delitem__("a"),
    "clear": lambda extra: extra.clear(),
    "pop": lambda extra: extra.pop("a"),
    "popitem": lambda extra: extra.popitem(),
    "setdefault": lambda extra: extra.setdefault("b", 1),
    "update": lambda extra: extra.update(b=1),
    "merge": lambda extra: extra.__ior__({"b": 1}),
}


@pytest.fixture
def invoice():
    return structure({"document_id": 1, "a": {"b": [1]}}, Invoice)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_unknown_fields_of_a_reply_cannot_be_changed(change, invoice):
    with pytest.raises(TypeError, match=r"change a copy, dict\(reply.extra\)"):
        change(invoice.extra)

    assert invoice.extra == {"a": {"b": [1]}}


def test_a_reply_with_unknown_fields_can_be_pickled_copied_and_written_as_json(invoice):
    for other in (pickle.loads(pickle.dumps(invoice)), copy.copy(invoice), copy.deepcopy(invoice)):
        assert other == invoice
        assert type(other.extra) is type(invoice.extra)
    assert copy.deepcopy(invoice).extra["a"] is not invoice.extra["a"]
    assert json.loads(json.dumps(invoice.extra)) == {"a": {"b": [1]}}
    assert invoice.extra | {"c": 1} == {"a": {"b": [1]}, "c": 1}


def test_replies_without_unknown_fields_share_one_object():
    first, second = (structure({"document_id": number}, Invoice) for number in (1, 2))

    assert first.extra is second.extra is Invoice(3).extra is NONE_UNKNOWN
    assert first.extra == {}
