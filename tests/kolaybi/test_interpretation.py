"""What each reply of KolayBi means: the body decides, and the HTTP status where the body says nothing."""

from __future__ import annotations

import json

import pytest

from kolay_invoice import AuthenticationError, InvalidRequestError, NotFoundError, RateLimitedError, RefusedError
from kolay_invoice.kolaybi.endpoints import (
    ACCESS_TOKEN,
    CREATE_E_DOCUMENT,
    LIST_COMPANIES,
    LIST_INVOICES,
    PROCEED,
    RESEND,
)
from kolay_invoice.kolaybi.replies import interpret
from kolay_invoice.result import Accepted, Ambiguous, HttpResponse, Misconfigured, Refused


def refusal(status, **fields):
    return {"success": False, "code": 10000 + status, "message": "Olmaz.", "data": [], **fields}


@pytest.fixture
def verdict():
    """Return the verdict on a status and a body for the call that sends an invoice, or for another."""

    def verdict(status, content, endpoint=CREATE_E_DOCUMENT, **headers):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return interpret(endpoint, HttpResponse(status, headers, body))

    return verdict


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, {"success": True, "data": {"a": 1}}),
        (201, {"success": True, "data": {"a": 1}}),
        (200, {"data": {"a": 1}}),
        (200, {"data": []}),
        (200, {"success": True, "data": "text", "code": 10200, "message": {"of": "thanks"}}),
        (200, {"success": None, "data": 0}),
    ],
)
def test_success_with_data_accepts(status, content, verdict):
    assert verdict(status, content) == Accepted(content)


# Status, body, and the refusal: its class, status and code, and whether it proves that nothing was executed.
REFUSALS = [
    (200, {"success": False}, RefusedError, 200, None, True),
    (200, {"success": False, "code": 10200}, RefusedError, 200, 10200, True),
    (200, {"success": False, "code": 7}, RefusedError, 200, 7, True),
    (200, {"success": False, "code": "E7"}, RefusedError, 200, "E7", True),
    (200, {"success": False, "code": True}, RefusedError, 200, None, True),
    (200, refusal(404), NotFoundError, 404, 10404, True),
    (200, refusal(400), InvalidRequestError, 400, 10400, True),
    (400, refusal(400), InvalidRequestError, 400, 10400, True),
    (401, refusal(401), AuthenticationError, 401, 10401, True),
    (403, refusal(403), AuthenticationError, 403, 10403, True),
    (404, refusal(404), NotFoundError, 404, 10404, True),
    (412, refusal(412), RefusedError, 412, 10412, True),
    (422, refusal(422, errors={"document_id": ["Zorunlu."]}), InvalidRequestError, 422, 10422, True),
    (400, refusal(404), NotFoundError, 404, 10404, True),
    (404, {"code": 10404, "message": "Olmaz."}, NotFoundError, 404, 10404, True),
    (404, {"success": False}, NotFoundError, 404, None, True),
    (409, refusal(409), RefusedError, 409, 10409, False),
    (410, {"success": False}, RefusedError, 410, None, False),
    (423, b"", RefusedError, 423, None, False),
    (400, refusal(409), RefusedError, 409, 10409, False),
    (409, refusal(400), InvalidRequestError, 400, 10400, False),
    (200, refusal(409), RefusedError, 409, 10409, False),
    (429, refusal(429), RateLimitedError, 429, 10429, True),
    (200, refusal(429), RateLimitedError, 429, 10429, True),
    (400, refusal(429), RateLimitedError, 429, 10429, True),
    (429, b"slow down", RateLimitedError, 429, None, True),
]


@pytest.mark.parametrize(("status", "content", "error", "told", "code", "certain"), REFUSALS)
def test_a_no_is_a_refusal(status, content, error, told, code, certain, verdict):
    judged = verdict(status, content)

    assert isinstance(judged, Refused)
    assert (judged.error, judged.status, judged.code, judged.proves_not_executed) == (error, told, code, certain)


@pytest.mark.parametrize(
    ("status", "content", "again"),
    [
        (500, refusal(500), True),
        (504, b"", True),
        (524, b"<html>", True),
        (200, refusal(504), True),
        (200, {"success": False, "code": "10504"}, True),
        (200, {"success": False, "code": 10504.0}, True),
        (200, {"success": False, "code": 504}, True),
        (200, {"success": False, "code": "500"}, True),
        (422, {"success": False, "code": "10504"}, True),
        (400, refusal(500), True),
        (500, refusal(400), True),
        (200, {"success": True, "data": None}, False),
        (200, {"success": True}, False),
        (200, {"data": None}, False),
        (200, {}, False),
        (200, [], False),
        (200, None, False),
        (200, b"", False),
        (200, b"\xff", False),
        (200, b"<html><input type=password></html>", False),
        (200, {"success": "true", "data": 1}, False),
        (200, {"success": 1, "data": 1}, False),
        (200, {"success": "false", "data": 1}, False),
        (200, {"success": True, "data": 1, "code": 10504}, False),
        (200, {"data": 1, "code": 10404}, False),
        (500, {"success": True, "data": 1}, False),
        (404, {"success": True, "data": 1}, False),
        (202, {"success": True, "data": 1}, False),
        (204, b"", False),
        (302, b"", False),
        (307, refusal(404), False),
        (200, refusal(100), False),
    ],
)
def test_a_reply_without_success_or_failure_is_ambiguous(status, content, again, verdict):
    judged = verdict(status, content)

    assert isinstance(judged, Ambiguous)
    assert judged.retryable is again


def test_a_redirect_is_named_by_its_own_status(verdict):
    judged = verdict(307, refusal(404))

    assert (judged.status, "redirect (307)" in judged.reason) == (307, True)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_read(status, verdict):
    assert verdict(status, b"", **{"Retry-After": "7"}).retry_after == 7


def test_of_two_statuses_the_one_that_proves_less_holds(verdict):
    judged = verdict(429, refusal(409))

    assert not judged.proves_not_executed


@pytest.mark.parametrize(
    ("endpoint", "content"),
    [
        (LIST_COMPANIES, refusal(404)),
        (ACCESS_TOKEN, refusal(404)),
        (CREATE_E_DOCUMENT, refusal(404, message="Kanal bulunamadı.")),
        (LIST_INVOICES, refusal(404, description="KANAL bulunamadı")),
    ],
)
def test_a_wrong_channel_is_a_matter_of_configuration(endpoint, content, verdict):
    judged = verdict(404, content, endpoint)

    assert isinstance(judged, Misconfigured)
    assert judged.detail


def test_every_sentence_of_a_refusal_is_kept_once(verdict):
    judged = verdict(422, refusal(422, description="Olmaz.", errors={"document_id": ["Zorunlu.", "Sayı olmalı."]}))

    assert judged.detail == "Olmaz. document_id: Zorunlu. document_id: Sayı olmalı."


NOBODYS_WORDS = [
    b"",
    b"<html><h1>Not Found</h1></html>",
    b"no healthy upstream",
    {},
    [],
    {"message": "Olmaz."},
    {"message": "no Route matched with those values"},
    {"code": 10404},
    {"code": 10404, "message": None},
    {"code": [], "message": "Olmaz."},
    {"error": "Olmaz.", "status": 404},
    {"data": None},
    b'{"success": false, "success": true}',
    b'{"success": false, "code": 10404, "code": 10200, "message": "Olmaz."}',
]


@pytest.mark.parametrize("content", NOBODYS_WORDS, ids=repr)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 412, 422])
def test_a_status_without_the_providers_own_words_refuses_and_proves_nothing(status, content, verdict):
    judged = verdict(status, content)

    assert isinstance(judged, Refused | Ambiguous)
    assert isinstance(judged, Ambiguous) or (judged.proves_not_executed, judged.own_words) == (False, False)


@pytest.mark.parametrize("content", NOBODYS_WORDS, ids=repr)
def test_a_404_without_the_providers_format_is_not_about_the_channel(content, verdict):
    assert not isinstance(verdict(404, content, LIST_COMPANIES), Misconfigured)


def test_a_rate_limit_of_any_origin_is_a_rate_limit(verdict):
    judged = verdict(429, b"slow down", **{"Retry-After": "7"})

    assert judged == Refused(RateLimitedError, 429, retry_after=7, own_words=False)


UUID = "f46d5a8d-7726-4b37-bba4-973c7ab50a5b"
SENT = {"document_id": 18, "uuid": UUID, "status": "sent_to_receiver"}
COLLECTED = {"transaction_status": "Tamamlandı", "remaining_amount": 0}
EFFECTS = {RESEND: SENT, CREATE_E_DOCUMENT: SENT, PROCEED: COLLECTED}
each_effect = pytest.mark.parametrize(("endpoint", "data"), EFFECTS.items(), ids=lambda e: getattr(e, "operation", ""))


@each_effect
def test_a_good_reply_is_accepted(endpoint, data, verdict):
    for more in ({}, {"success": True}, {"success": True, "status": 200, "message": None, "errors": [], "error": ""}):
        envelope = {**more, "data": data}
        assert verdict(200, envelope, endpoint) == Accepted(envelope)


ENVELOPES = [
    {"success": "false"},
    {"success": 0},
    {"success": "hayır"},
    {"ok": False},
    {"result": "0"},
    {"is_success": "no"},
    {"isSuccess": "false"},
    {"status": "error"},
    {"status": "Hata"},
    {"state": "pending"},
    {"Status": "FAILED"},
    {"status": 500},
    {"status": False},
    {"error": "Olmaz."},
    {"errors": [{"code": 1}]},
    {"success": True, "errors": {"document_id": ["Zorunlu."]}},
]


@pytest.mark.parametrize("no", ENVELOPES, ids=repr)
@each_effect
def test_a_no_in_an_envelope_with_data_is_no_answer(endpoint, data, no, verdict):
    assert isinstance(verdict(200, {**no, "data": data}, endpoint), Ambiguous)


@pytest.mark.parametrize("no", ENVELOPES, ids=repr)
def test_a_no_in_the_envelope_of_a_list_is_no_list(no, verdict):
    assert isinstance(verdict(200, {**no, "data": []}, LIST_INVOICES), Ambiguous)


def test_what_became_of_a_document_is_no_failure_of_a_read(verdict):
    row = {"document_id": 18, "status": "rejected", "errors": ["GİB kabul etmedi."], "success": False}

    assert isinstance(verdict(200, {"data": [row]}, LIST_INVOICES), Accepted)
    assert isinstance(verdict(200, {"data": row}, LIST_INVOICES), Accepted)


@pytest.mark.parametrize(
    ("endpoint", "data"),
    [
        *((RESEND, {**SENT, "status": word}) for word in ("error", "rejected", "Hata", "draft", "ready_to_send")),
        (RESEND, {**SENT, "status": {"key": "failed", "value": "Gönderilemedi"}}),
        (RESEND, {"document_id": 18, "uuid": None, "status": None}),
        (RESEND, {"document_id": 18, "uuid": ""}),
        (CREATE_E_DOCUMENT, {**SENT, "status": "Gönderilemedi"}),
        (CREATE_E_DOCUMENT, {**SENT, "success": False}),
        (CREATE_E_DOCUMENT, {**SENT, "error": "GİB yanıt vermedi"}),
        (CREATE_E_DOCUMENT, {**SENT, "sent": False}),
        *(
            (PROCEED, {**COLLECTED, "transaction_status": word})
            for word in ("failed", "Başarısız", "BEKLİYOR", "İptal")
        ),
        (PROCEED, {**COLLECTED, "errors": ["Kasa kapalı."]}),
    ],
)
def test_a_no_in_the_data_of_a_call_with_an_effect_is_no_answer(endpoint, data, verdict):
    assert isinstance(verdict(200, {"success": True, "data": data}, endpoint), Ambiguous)


@pytest.mark.parametrize(
    "body",
    [
        b'{"success":true,"success":false,"data":{"document_id":18,"uuid":"%s"}}',
        b'{"success":false,"success":true,"data":{"document_id":18,"uuid":"%s"}}',
        b'{"success": true, "data": {"document_id": 18, "status": "error", "status": "sent", "uuid": "%s"}}',
        b'{"success":true,"data":{"document_id":18,"document_id":19,"uuid":"%s"}}',
        b'{"data":{"document_id":19},"data":{"document_id":18,"uuid":"%s"}}',
        b'{"success":true,"success":"no","data":{"document_id":18,"uuid":"%s"}}',
    ],
)
@pytest.mark.parametrize("endpoint", [RESEND, CREATE_E_DOCUMENT], ids=lambda endpoint: endpoint.operation)
def test_a_name_that_comes_twice_with_two_values_is_no_answer(endpoint, body, verdict):
    assert isinstance(verdict(200, body % UUID.encode(), endpoint), Ambiguous)


def test_a_name_that_comes_twice_with_one_value_is_harmless(verdict):
    body = b'{"success": true, "success": true, "data": {"document_id": 18, "uuid": "%s"}}' % UUID.encode()

    assert isinstance(verdict(200, body), Accepted)
