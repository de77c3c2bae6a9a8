"""What each reply of Propars means: 400 and above is failure, below it the body decides."""

from __future__ import annotations

import json

import pytest

from kolay_invoice import AuthenticationError, InvalidRequestError, NotFoundError, RateLimitedError, RefusedError
from kolay_invoice.propars.endpoints import (
    API_TOKEN_AUTH,
    CANCEL_INVOICE,
    GET_SIGNED_XML,
    INVOICE_HTML_FOR_SALE,
    SEND_INVOICE,
)
from kolay_invoice.propars.replies import interpret
from kolay_invoice.result import Accepted, Ambiguous, HttpResponse, Refused

EVERY = (SEND_INVOICE, INVOICE_HTML_FOR_SALE, GET_SIGNED_XML, CANCEL_INVOICE)
each_call = pytest.mark.parametrize("endpoint", EVERY, ids=lambda endpoint: endpoint.operation)


@pytest.fixture
def verdict():
    """Return the verdict on a status and a body."""

    def verdict(endpoint, status, content, **headers):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return interpret(endpoint, HttpResponse(status, headers, body))

    return verdict


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("endpoint", [SEND_INVOICE, CANCEL_INVOICE], ids=lambda endpoint: endpoint.operation)
def test_an_object_accepts(endpoint, status, verdict):
    assert verdict(endpoint, status, {"id": 7, "detail": "Gönderildi."}) == Accepted({"id": 7, "detail": "Gönderildi."})


@each_call
@pytest.mark.parametrize(
    ("status", "error", "certain"),
    [
        (400, InvalidRequestError, True),
        (401, AuthenticationError, True),
        (403, AuthenticationError, True),
        (404, NotFoundError, True),
        (405, RefusedError, False),
        (408, RefusedError, False),
        (409, RefusedError, False),
        (410, RefusedError, False),
        (412, RefusedError, True),
        (422, InvalidRequestError, True),
        (423, RefusedError, False),
        (429, RateLimitedError, True),
    ],
)
def test_a_status_of_400_and_above_refuses(endpoint, status, error, certain, verdict):
    judged = verdict(endpoint, status, {"detail": "Olmaz."})

    assert judged == Refused(error, status, None, "Olmaz.", proves_not_executed=certain)


@each_call
@pytest.mark.parametrize(
    ("content", "detail"),
    [
        ({"detail": "Olmaz."}, "Olmaz."),
        ({"invoice_date": ["Zorunlu."], "non_field_errors": ["Olmaz."]}, "invoice_date: Zorunlu. Olmaz."),
        ({"sale": {"code": ["Yok."]}}, "sale: code: Yok."),
        (b"", None),
        (b"<html>Server Error</html>", None),
        ([], None),
        ({}, None),
    ],
)
def test_the_sentences_of_a_refusal_are_kept_where_there_are_some(endpoint, content, detail, verdict):
    assert verdict(endpoint, 400, content).detail == detail


@each_call
def test_success_false_refuses_in_a_200_too(endpoint, verdict):
    assert verdict(endpoint, 200, {"success": False, "message": "Olmaz."}) == Refused(RefusedError, 200, None, "Olmaz.")


@each_call
@pytest.mark.parametrize(
    ("status", "content", "again"),
    [
        (500, {"detail": "x"}, True),
        (502, b"", True),
        (503, b"<html>", True),
        (524, b"", True),
        (204, b"", False),
        (202, {"id": 7}, False),
        (302, b"", False),
        (308, {"id": 7}, False),
        (200, b"", False),
        (200, b"null", False),
        (200, b"[]", False),
        (200, b"{}", False),
        (200, {"detail": "Olmaz."}, False),
        (200, {"error": "Olmaz.", "message": "Olmaz."}, False),
        (200, b"<html><input type=password></html>", False),
        (200, b'{"id": 7', False),
    ],
)
def test_a_reply_without_success_or_failure_is_ambiguous(endpoint, status, content, again, verdict):
    judged = verdict(endpoint, status, content)

    assert isinstance(judged, Ambiguous)
    assert (judged.status, judged.retryable) == (status, again)


NOBODYS_WORDS = [
    b"",
    b"<html>Not Found</html>",
    b"upstream timed out",
    {},
    [],
    {"message": "no Route matched with those values"},
    {"error": "Olmaz."},
    {"errors": ["Olmaz."]},
    {"detail": ""},
    {"detail": [{"loc": ["query"], "msg": "x"}]},
    {"detail": None, "status": 404},
    {"sale": "Yok."},
    {"sale": []},
    {"sale": ["Yok."], "status": 404},
    {"success": "false"},
    b'{"detail": "x", "detail": "y"}',
]


@pytest.mark.parametrize("content", NOBODYS_WORDS, ids=repr)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 412, 422])
def test_a_status_without_the_providers_own_words_refuses_and_proves_nothing(status, content, verdict):
    judged = verdict(SEND_INVOICE, status, content)

    assert (type(judged), judged.status, judged.proves_not_executed, judged.own_words) == (
        Refused,
        status,
        False,
        False,
    )


@pytest.mark.parametrize(
    "content",
    [
        {"detail": "Olmaz."},
        {"detail": ["Olmaz."], "code": "token_not_valid"},
        {"invoice_date": ["Zorunlu."], "non_field_errors": ["Olmaz."]},
        {"sale": {"code": ["Yok."]}},
        {"success": False},
        {"success": False, "error": "Olmaz."},
    ],
)
def test_a_refusal_in_the_providers_own_words_proves_that_nothing_was_executed(content, verdict):
    judged = verdict(SEND_INVOICE, 400, content)

    assert (type(judged), judged.proves_not_executed, judged.own_words) == (Refused, True, True)


def test_a_rate_limit_of_any_origin_is_a_rate_limit(verdict):
    judged = verdict(SEND_INVOICE, 429, b"slow down", **{"Retry-After": "7"})

    assert judged == Refused(RateLimitedError, 429, retry_after=7, own_words=False)


INVOICE = {"id": 7, "uuid": "f46d5a8d-7726-4b37-bba4-973c7ab50a5b", "status": "sent"}
CANCELLED = {"id": 7, "status": "cancelled"}
A_NO = [
    {"success": "false"},
    {"success": 0},
    {"success": "hayır"},
    {"ok": False},
    {"result": "0"},
    {"is_success": "no"},
    {"status": "error"},
    {"status": "Hata"},
    {"status": "pending"},
    {"status": "rejected"},
    {"state": "İşleniyor"},
    {"error": "Olmaz."},
    {"errors": [{"code": 1}], "invoice_id": None},
    {"id": None, "uuid": None, "status": None},
]


@pytest.mark.parametrize("no", A_NO, ids=repr)
@pytest.mark.parametrize(("endpoint", "good"), [(SEND_INVOICE, INVOICE), (CANCEL_INVOICE, CANCELLED)])
def test_an_object_that_denies_success_is_not_accepted(endpoint, good, no, verdict):
    assert isinstance(verdict(endpoint, 200, good), Accepted)
    assert isinstance(verdict(endpoint, 200, {**good, **no}), Ambiguous)
    assert isinstance(verdict(endpoint, 200, no), Ambiguous)


@pytest.mark.parametrize(
    ("endpoint", "content"),
    [
        (SEND_INVOICE, {**INVOICE, "status": "draft"}),
        (SEND_INVOICE, {**INVOICE, "status": "İptal edildi"}),
        (SEND_INVOICE, {**INVOICE, "invoice_sent": False}),
        (SEND_INVOICE, {"invoice_date": ["Zorunlu."]}),
        (SEND_INVOICE, {"sale": {"code": ["Yok."]}}),
        (SEND_INVOICE, b'{"id": 7, "status": "error", "status": "sent"}'),
        (CANCEL_INVOICE, {"id": 7, "cancelled": False}),
        (API_TOKEN_AUTH, {"token": "t", "status": "error"}),
    ],
)
def test_each_call_has_words_of_its_own(endpoint, content, verdict):
    assert isinstance(verdict(endpoint, 200, content), Ambiguous)


XML = '<?xml version="1.0"?><Invoice xmlns="urn:x"><a/></Invoice>'


def test_a_signed_document_is_a_document_whatever_became_of_it(verdict):
    assert isinstance(verdict(GET_SIGNED_XML, 200, {"xml": XML, "status": "rejected"}), Accepted)
    for no in ({"success": "false"}, {"status": "error"}, {"status": "pending"}, {"errors": ["x"]}):
        assert isinstance(verdict(GET_SIGNED_XML, 200, {"xml": XML, **no}), Ambiguous)


def test_success_false_is_contradicted_by_a_second_one(verdict):
    assert isinstance(verdict(SEND_INVOICE, 200, b'{"success": false, "success": true, "id": 7}'), Ambiguous)
