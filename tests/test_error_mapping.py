"""Outcomes to errors: the one table of what an outcome proves about a call with each effect."""

from __future__ import annotations

import pytest

from kolay_invoice import (
    AuthenticationError,
    ConfigurationError,
    InvalidRequestError,
    KolayInvoiceError,
    NotFoundError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
    RefusedError,
    UnexpectedReplyError,
    kolaybi,
    propars,
)
from kolay_invoice.endpoint import Effect
from kolay_invoice.error_mapping import to_error, token_error
from kolay_invoice.kolaybi.endpoints import LIST_INVOICES, PROCEED, RESEND
from kolay_invoice.result import Ambiguous, Misconfigured, NotSent, Refused

ENDPOINTS = (*kolaybi.ENDPOINTS, *propars.ENDPOINTS)
each_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.operation)

# An outcome, and its error for a read, for a call with an effect, and for a call that fetches a token.
TABLE = [
    (NotSent("no slot"), NotSentError, NotSentError, NotSentError),
    (Misconfigured("no TLS"), ConfigurationError, ConfigurationError, ConfigurationError),
    (Ambiguous("garbage", 200), UnexpectedReplyError, OutcomeUnknownError, UnexpectedReplyError),
    (Refused(NotFoundError, 404), NotFoundError, NotFoundError, AuthenticationError),
    (Refused(AuthenticationError, 401), AuthenticationError, AuthenticationError, AuthenticationError),
    (Refused(InvalidRequestError, 400), InvalidRequestError, InvalidRequestError, AuthenticationError),
    (Refused(RefusedError, 412), RefusedError, RefusedError, AuthenticationError),
    (Refused(RefusedError, 409, proves_not_executed=False), RefusedError, OutcomeUnknownError, AuthenticationError),
    (Refused(RateLimitedError, 429, retry_after=7.0), RateLimitedError, RateLimitedError, RateLimitedError),
]


@each_endpoint
@pytest.mark.parametrize(("outcome", "read", "effect", "token"), TABLE)
def test_each_outcome_has_its_error(outcome, read, effect, token, endpoint):
    expected = token if endpoint.is_token_request else read if endpoint.effect is Effect.READ else effect

    error = to_error("provider", endpoint, outcome, [])

    assert type(error) is expected
    assert str(error).startswith(f"provider.{endpoint.operation}: ")
    assert (error.provider, error.operation) == ("provider", endpoint.operation)
    assert error.status == getattr(outcome, "status", None)
    assert getattr(error, "retry_after", None) == getattr(outcome, "retry_after", None)


@each_endpoint
@pytest.mark.parametrize("outcome", [row[0] for row in TABLE], ids=repr)
def test_each_text_ends_in_what_to_do_next(outcome, endpoint):
    error = to_error("provider", endpoint, outcome, [])

    if error.may_have_happened:
        assert str(error).endswith(endpoint.recovery_hint)
    else:
        assert "Nothing was" in str(error) or "No byte" in str(error)
    assert str(error).endswith(".")


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (
            Refused(InvalidRequestError, 400, 10400, "Tarih hatalı."),
            "the provider refused (400, code 10400): Tarih hatalı. Nothing was executed: correct the request",
        ),
        (Refused(RefusedError, 412), "the provider refused (412). Nothing was executed"),
        (
            Refused(RefusedError, 409, 10409, "Var.", proves_not_executed=False),
            "the provider refused (409, code 10409): Var, which proves nothing. Look at the document",
        ),
        (NotSent("no slot"), "not sent: no slot. No byte of the request left"),
        (Misconfigured("no Channel", 404, "Kanal yok."), "no Channel (Kanal yok). Nothing was executed"),
        (Misconfigured("no TLS"), "no TLS. Nothing was executed"),
        (Ambiguous("garbage"), "it may have happened: garbage. Look at the document"),
    ],
)
def test_the_text_says_what_happened(outcome, text):
    assert f"kolaybi.resend: {text}" in str(to_error("kolaybi", RESEND, outcome, []))


@pytest.mark.parametrize("kind", [InvalidRequestError, RefusedError])
def test_a_refused_send_says_where_an_earlier_one_would_be_seen(kind):
    resend, proceed = RESEND, PROCEED
    assert str(to_error("kolaybi", resend, Refused(kind, 412), [])).endswith(f". {resend.sent_before}")
    assert "get_invoice(document_id)" in resend.sent_before
    assert "before" not in str(to_error("kolaybi", proceed, Refused(kind, 412), []))
    assert resend.sent_before not in str(to_error("kolaybi", resend, Refused(NotFoundError, 404), []))


def test_a_read_without_an_answer_says_so():
    error = to_error("kolaybi", LIST_INVOICES, Ambiguous("garbage"), [])

    assert str(error) == (
        "kolaybi.list_invoices: no usable answer: garbage. Nothing was changed by asking, so asking again is safe."
    )


@pytest.mark.parametrize(
    "outcome",
    [
        Refused(NotFoundError, 404, detail="canary-secret yok"),
        Refused(NotFoundError, 404, code="canary-secret"),
        Misconfigured("no Channel", 404, "canary-secret yok"),
    ],
)
def test_no_secret_is_shown(outcome):
    error = to_error("kolaybi", RESEND, outcome, ["canary-secret"])

    assert "canary-secret" not in str(error) + repr(vars(error))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (AuthenticationError("x", status=401, code=10401, detail="d"), AuthenticationError),
        (RateLimitedError("x", status=429, retry_after=7.0), RateLimitedError),
        (ConfigurationError("x", status=404), ConfigurationError),
        (NotSentError("x"), NotSentError),
        (UnexpectedReplyError("x", status=500), NotSentError),
        (KolayInvoiceError("x"), NotSentError),
    ],
)
def test_a_call_without_a_token_was_not_sent(error, kind):
    told = token_error("kolaybi", "resend", error)

    assert type(told) is kind
    assert str(told) == "kolaybi.resend: not sent, for want of a token: x"
    assert (told.operation, told.status, told.code, told.detail) == ("resend", error.status, error.code, error.detail)
    assert getattr(told, "retry_after", None) == getattr(error, "retry_after", None)
    assert not told.may_have_happened
