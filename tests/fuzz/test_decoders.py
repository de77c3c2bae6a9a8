"""Replies of any shape: a decoder answers with a value or with `ValueError`, and with nothing else."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kolay_invoice.codec import decode_json, structure, structure_leniently
from kolay_invoice.result import HttpResponse

from .effort import FUZZ
from .strategies import CONTAINERS, ENVELOPES, HTML, JSON, LENIENT, MODELS, REPLIES, as_json, spoiled
from .targets import ENDPOINTS, REQUESTS, TARGETS, judged, run

HEADER_TEXTS = st.one_of(
    st.text(st.characters(max_codepoint=255)),
    st.from_regex(
        r"text/html(; *charset(\*[0-9]?\*?)?="
        r"[\"']?(utf-8|iso-8859-9|%[0-9A-F]{2}|'{0,3}|[\x80-\xff]|x){0,4}[\"']?){1,3}",
        fullmatch=True,
    ),
)

WAITS = st.one_of(
    st.text(st.characters(max_codepoint=255)),
    st.integers().map(str),
    st.floats().map(str),
    st.datetimes().map(lambda moment: moment.strftime("%a, %d %b %Y %H:%M:%S GMT")),
    st.from_regex(
        r"([A-Z][a-z]{2}, ?)?[0-9]{0,3}[ -][A-Z][a-z]{2}[ -][0-9]{0,6}( [0-9:]{0,9})?( [+-]?[0-9A-Z]{0,12})?"
    ),
)

SENTENCES = st.one_of(
    st.text(),
    st.from_regex(r"([a-z.+-]{0,9}@?[a-z-]{0,9}\.?|[0-9]{9,12}|[\s\x00-\x1f.:-]){0,12}", fullmatch=True),
)


@pytest.mark.parametrize("name", ENDPOINTS)
@FUZZ
@given(data=REPLIES)
def test_no_reply_makes_a_call_raise_anything_untyped(name, data):
    run(name, data)


@pytest.mark.parametrize("name", ENDPOINTS)
@FUZZ
@given(envelope=ENVELOPES, status=st.integers(100, 999))
def test_no_status_makes_a_call_raise_anything_untyped(name, envelope, status):
    try:
        judged(ENDPOINTS[name], HttpResponse(status, {"Retry-After": "1"}, as_json(envelope)))
    except ValueError:
        assert status in {200, 201}, "only what was accepted is decoded"


@FUZZ
@given(value=JSON)
def test_decoded_json_is_exact_and_finite(value):
    run("json", as_json(value))


@FUZZ
@given(value=st.one_of(st.none(), st.booleans(), st.text(), st.integers(-(2**64), 2**64)))
def test_any_json_value_comes_back_as_it_was(value):
    assert decode_json(as_json({"value": value})) == {"value": value}


@FUZZ
@given(value=st.decimals(allow_nan=False, allow_infinity=False, places=2))
def test_a_number_keeps_its_digits(value):
    assert str(decode_json(str(value).encode())) == str(value)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@FUZZ
@given(data=JSON)
def test_a_value_of_any_shape_fits_a_model_or_is_refused(model, data):
    try:
        structure(data, model)
    except ValueError as error:
        assert "@ $" in str(error)  # noqa: PT017 - the error is what is tested.


@pytest.mark.parametrize("model", [*MODELS[-2:], *LENIENT], ids=lambda model: model.__name__)
@FUZZ
@given(data=st.dictionaries(st.sampled_from(["id", "uuid", "status", "sale_id", "extra", "x"]), JSON))
def test_an_object_of_unknown_shape_keeps_everything_that_came(model, data):
    reply = structure_leniently(data, model)

    kept = {name for name in data if name in reply.extra}
    read = {name for name in data if name not in reply.extra}
    assert kept | read == set(data)
    assert all(reply.extra[name] is data[name] for name in kept)


@FUZZ
@given(data=spoiled(CONTAINERS))
def test_signed_xml_is_whole_or_refused_in_whatever_container(data):
    run("signed_xml", data)


@FUZZ
@given(data=spoiled(HTML))
def test_a_page_is_whole_or_refused(data):
    run("invoice_page", data)


@FUZZ
@given(text=HEADER_TEXTS)
@example(text="text/html; charset*=a; charset*0=b")
@example(text="text/html; charset*0*=utf-8''%FF; charset*1=x")
def test_no_content_type_makes_a_page_raise_anything_untyped(text):
    run("content_type", text.encode("latin-1"))


@FUZZ
@given(text=WAITS)
def test_a_retry_after_is_a_finite_wait_or_none(text):
    run("retry_after", text.encode("latin-1", "replace"))


@FUZZ
@given(text=SENTENCES)
def test_any_text_of_a_provider_is_shown_short_and_masked(text):
    run("wording", text.encode("utf-8", "replace"))


@FUZZ
@given(data=st.one_of(st.binary(), spoiled(st.binary(max_size=300).map(gzip.compress))))
def test_a_compressed_body_does_not_depend_on_how_it_is_cut(data):
    run("compressed", data)


def test_every_call_and_every_target_is_fuzzed():
    assert set(REQUESTS) == set(ENDPOINTS)
    assert set(TARGETS) == {
        *ENDPOINTS,
        "json",
        "signed_xml",
        "invoice_page",
        "content_type",
        "retry_after",
        "wording",
        "compressed",
    }
