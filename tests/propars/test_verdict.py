"""What each reply of Propars means: 400 and above is failure, below it the body decides."""

from __future__ import annotations

import json

import pytest

from kolay_invoice import AuthenticationError, InvalidRequestError, NotFoundError, RateLimitedError, RefusedError
from kolay_invoice.outcome import Accepted, Answer, Refused, Unclear
from kolay_invoice.propars.endpoints import CANCEL_INVOICE, GET_SIGNED_XML, INVOICE_HTML_FOR_SALE, SEND_INVOICE
from kolay_invoice.propars.verdict import judge

EVERY = (SEND_INVOICE, INVOICE_HTML_FOR_SALE, GET_SIGNED_XML, CANCEL_INVOICE)
each_call = pytest.mark.parametrize("endpoint", EVERY, ids=lambda endpoint: endpoint.operation)


@pytest.fixture
def verdict():
    """Return the verdict on a status and a body."""

    def verdict(endpoint, status, content, **headers):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return judge(endpoint, Answer(status, headers, body))

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

    assert judged == Refused(error, status, None, "Olmaz.", certain=certain)


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
def test_what_says_neither_yes_nor_no_is_unclear(endpoint, status, content, again, verdict):
    judged = verdict(endpoint, status, content)

    assert isinstance(judged, Unclear)
    assert (judged.status, judged.again) == (status, again)
