"""Endpoints as values: what goes where, and that no text becomes part of a path."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st

from kolay_invoice import kolaybi, propars
from kolay_invoice.endpoint import Effect, Endpoint, Request, Wire, wire_text

ENDPOINTS = (*kolaybi.ENDPOINTS, *propars.ENDPOINTS)


@frozen
class Ask(Request[None]):
    name: str | None = None
    other: object = None


def endpoint(path="/x/", where="query"):
    return Endpoint(
        "kolaybi", "ask", "POST", path, Effect.READ, Ask, lambda _request, _content: None, body_encoding=where
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (18, "18"),
        ("ş +", "ş +"),
        (Decimal("20.10"), "20.10"),
        (Decimal("1e2"), "100"),
        (Decimal("1E-7"), "0.0000001"),
        (date(2024, 1, 2), "2024-01-02"),
        (datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), "2024-01-02T03:04:05+0000"),
        (datetime(204, 1, 2, 3, 4, 5, tzinfo=UTC), "0204-01-02T03:04:05+0000"),
        (UUID("F46D5A8D-7726-4B37-BBA4-973C7AB50A5B"), "f46d5a8d-7726-4b37-bba4-973c7ab50a5b"),
    ],
)
def test_each_kind_of_argument_has_its_form(value, text):
    assert wire_text(value) == text


@pytest.mark.parametrize("value", [None, 1.5, b"x", ["x"]])
def test_another_kind_has_no_form(value):
    with pytest.raises(TypeError, match=f"no wire form for {type(value).__name__}"):
        wire_text(value)


@pytest.mark.parametrize(
    ("endpoint_", "request_", "wire"),
    [
        (endpoint(), Ask(), Wire("POST", "/x/")),
        (endpoint(), Ask("a b", 1), Wire("POST", "/x/?name=a+b&other=1")),
        (endpoint("/x/{name}/y/"), Ask("../a?b#c"), Wire("POST", "/x/..%2Fa%3Fb%23c/y/")),
        (endpoint("/x/{name}/"), Ask("a", 1), Wire("POST", "/x/a/?other=1")),
        (endpoint({"other": "/o/{other}/", "name": "/n/"}), Ask("a"), Wire("POST", "/n/?name=a")),
        (endpoint({"other": "/o/{other}/", "name": "/n/"}), Ask(other=7), Wire("POST", "/o/7/")),
        (
            endpoint(where="form"),
            Ask("a&b", 1),
            Wire("POST", "/x/", b"name=a%26b&other=1", "application/x-www-form-urlencoded"),
        ),
        (endpoint(where="json"), Ask('"ş'), Wire("POST", "/x/", '{"name":"\\"ş"}'.encode(), "application/json")),
        (endpoint(where="form"), Ask(), Wire("POST", "/x/")),
    ],
)
def test_each_argument_travels_where_it_belongs(endpoint_, request_, wire):
    assert endpoint_.encode(request_) == wire


@given(st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_no_text_leaves_its_place_in_path_query_form_or_json(text):
    in_path = endpoint("/x/{name}/y/").encode(Ask(text)).target
    in_query = urlsplit(endpoint().encode(Ask(text)).target)
    in_form = endpoint(where="form").encode(Ask(text)).body
    in_json = endpoint(where="json").encode(Ask(text)).body

    assert (in_path.count("/"), set(in_path) & set("?#")) == (4, set())
    assert (in_query.path, parse_qsl(in_query.query)) == ("/x/", [("name", text)])
    assert parse_qsl(in_form.decode("ascii")) == [("name", text)]
    assert json.loads(in_json) == {"name": text}


def test_what_travels_is_not_shown():
    wire = endpoint(where="form").encode(Ask("unshown"))

    assert "unshown" not in repr(wire)


@pytest.mark.parametrize("provider", [kolaybi.ENDPOINTS, propars.ENDPOINTS], ids=["kolaybi", "propars"])
def test_each_operation_of_a_provider_is_named_once(provider):
    names = [endpoint.operation for endpoint in provider]

    assert len(names) == len(set(names))


def test_an_operation_that_both_providers_have_only_reads():
    # Journals and the command name what has an effect without its provider.
    names = [endpoint.operation for endpoint in ENDPOINTS if endpoint.effect is not Effect.READ]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("endpoint_", ENDPOINTS, ids=lambda endpoint: endpoint.operation)
def test_each_call_says_what_to_do_when_its_outcome_is_unknown(endpoint_):
    asks_again = "ask again" in endpoint_.recovery_hint

    assert endpoint_.recovery_hint.endswith(".")
    assert asks_again is (endpoint_.effect is Effect.READ)


@pytest.mark.parametrize("endpoint_", ENDPOINTS, ids=lambda endpoint: endpoint.operation)
def test_what_has_no_subject_is_the_tokens_and_the_companies(endpoint_):
    assert endpoint_.has_no_subject is (endpoint_.operation in {"access_token", "api_token_auth", "list_companies"})


def test_requests_are_values():
    assert kolaybi.Resend(18) == kolaybi.Resend(18)
    assert len({kolaybi.Resend(18), kolaybi.Resend(18), kolaybi.Resend(19)}) == 2
    with pytest.raises(AttributeError):
        kolaybi.Resend(18).document_id = 19


@frozen
class Hidden(Request[None]):
    code: str = field(repr=False)


def test_a_request_hides_what_it_is_told_to_hide():
    assert repr(Hidden("unshown")) == "Hidden()"
