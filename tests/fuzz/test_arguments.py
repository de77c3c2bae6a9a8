"""Arguments of any kind: each is taken and travels as it was meant, or is refused by name before anything is sent."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from attrs import fields
from hypothesis import assume, given
from hypothesis import strategies as st

from kolay_invoice import KOLAYBI_PRODUCTION_URL, KOLAYBI_SANDBOX_URL, validators
from kolay_invoice.endpoint import wire_text
from kolay_invoice.errors import ConfigurationError
from kolay_invoice.kolaybi import endpoints as kolaybi
from kolay_invoice.origin import parse_origin
from kolay_invoice.propars import endpoints as propars

from .effort import FUZZ

ENDPOINTS = [one for one in (*kolaybi.ENDPOINTS, *propars.ENDPOINTS) if not one.is_token_request]

HOSTILE_TEXTS = st.sampled_from(
    [
        "",
        "..",
        "../../core/sale/5/cancel_invoice",
        "a#b",
        "a?b=c",
        "a\r\nX: y",
        "%2e%2e%2f",
        "a&sale_id=7",
        "a;b",
        "１８",
    ]
)
OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(1, 2**63 - 1),
    st.floats(),
    st.decimals(),
    st.text(),
    st.text(max_size=250),
    HOSTILE_TEXTS,
    st.binary(),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=OFFSETS),
    st.datetimes(timezones=OFFSETS).map(str),
    st.uuids(),
    st.uuids(version=4).map(str),
    st.lists(st.integers()),
    st.sampled_from(["ABC2026000000001", "outbound", "abc123", "2026-11-20", "10.50", "1_000", "1e400", "-0"]),
)


@pytest.mark.filterwarnings("ignore:direction=:UserWarning")
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.operation)
@FUZZ
@given(data=st.data())
def test_a_request_travels_as_it_was_meant_or_is_refused(endpoint, data):
    names = [attribute.alias for attribute in fields(endpoint.request)]
    given_arguments = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(names, ANYTHING)))

    try:
        request = endpoint.request(**given_arguments)
    except (TypeError, ValueError):
        return
    wire = endpoint.encode(request)

    assert re.fullmatch(r"[!-~]+", wire.target), "a target is visible ASCII, without blanks or line ends"
    path, _, query = wire.target.partition("?")
    templates = [endpoint.path] if isinstance(endpoint.path, str) else endpoint.path.values()
    patterns = [re.sub(r"{\w+}", "[^/?#]+", template) for template in templates]
    assert [pattern for pattern in patterns if re.fullmatch(pattern, path)], "no argument makes another path"
    assert not {"..", "."} & set(unquote(path).split("/"))
    sent = parse_qsl(query or (wire.body or b"").decode(), keep_blank_values=True, strict_parsing=bool(query))
    assert len(sent) == len(dict(sent)), "no argument makes another argument"
    given = {name: value for name in names if (value := getattr(request, name)) is not None}
    for name, text in sent:
        if "[" in name:
            # A part of a list or an object. The forms of all of them are written out in tests/kolaybi.
            assert name.partition("[")[0] in given
        else:
            value = given[name]
            assert text == wire_text(int(value) if endpoint.spells_out and isinstance(value, bool) else value)


@FUZZ
@given(value=ANYTHING)
@pytest.mark.parametrize(
    "read", [validators.to_date, validators.to_datetime, validators.to_decimal, validators.to_uuid4]
)
def test_an_argument_is_read_or_refused_by_its_name(read, value):
    try:
        read("the_argument", value)
    except (TypeError, ValueError) as error:
        assert "the_argument" in str(error)  # noqa: PT017 - the error is what is tested.
        assert len(str(error)) < 200, "no value is repeated"  # noqa: PT017


@FUZZ
@given(moment=st.datetimes(min_value=datetime(1000, 1, 2), timezones=OFFSETS))  # noqa: DTZ001 - the offsets are drawn.
def test_a_moment_is_the_same_moment_in_turkiye_and_on_the_wire(moment):
    try:
        read = validators.to_datetime("invoice_date", moment)
    except ValueError:
        assume(False)

    assert read == moment.replace(microsecond=0).astimezone(UTC)
    assert datetime.fromisoformat(wire_text(read)) == read


@FUZZ
@given(day=st.dates())
def test_a_day_travels_as_it_is(day):
    assert date.fromisoformat(wire_text(validators.to_date("min_issue_date", day))) == day


@FUZZ
@given(value=st.one_of(st.decimals(), st.integers(), st.text(), st.from_regex(r"-?\d{1,40}(\.\d{0,40})?(e-?\d{1,9})?")))
def test_an_amount_travels_to_the_digit_or_is_refused(value):
    try:
        amount = validators.to_decimal("min_total_amount", value)
    except ValueError:
        return

    text = wire_text(amount)
    assert re.fullmatch(r"-?\d+(\.\d+)?", text, re.ASCII)
    assert Decimal(text) == amount == Decimal(value)


KNOWN = (KOLAYBI_SANDBOX_URL, KOLAYBI_PRODUCTION_URL)
URLS = st.one_of(
    st.text(),
    st.from_regex(
        r"(https?|HTTPS|ftp)://([a-z.@:]{0,9}@)?(ofis-api\.kolaybi\.com|localhost|127\.0\.0\.\d|\[::1\]|[a-zı.%-]{0,12})"
        r"(:\d{0,6})?(/|\\|\?|#|\.evil\.example|@evil\.example|\s){0,2}",
        fullmatch=True,
    ),
)


@FUZZ
@given(url=URLS, custom=st.booleans())
def test_an_origin_is_the_providers_or_loopback_or_was_allowed(url, custom):
    try:
        origin = parse_origin(url, KNOWN, allow_custom_host=custom)
    except ValueError:
        return

    parts = urlsplit(origin)
    is_loopback = parts.hostname in {"localhost", "::1"} or parts.hostname.startswith("127.")
    assert re.fullmatch(r"https?://[a-z0-9.:\[\]-]+", origin)
    assert (parts.path, parts.query, parts.fragment, parts.username) == ("", "", "", None)
    assert parts.scheme == "https" or is_loopback
    assert custom or is_loopback or f"https://{parts.hostname}" in KNOWN


@pytest.mark.parametrize("check", [validators.credential, validators.check_login])
@FUZZ
@given(value=ANYTHING)
def test_a_credential_is_kept_as_it_is_or_refused_without_being_shown(check, value):
    try:
        secret = check("api_key", value)
    except (TypeError, ConfigurationError) as error:
        assert str(error).startswith("api_key must be")  # noqa: PT017 - the error is what is tested.
        return

    assert str(secret) == value
    assert repr(secret) == "'***'"
    assert not re.search(r"[\x00-\x1f\x7f]", secret)
