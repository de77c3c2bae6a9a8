"""Maps outcomes to errors by the effect of the call. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from kolay_invoice.endpoint import Effect, Endpoint, Request
from kolay_invoice.errors import (
    CALL_FAILED,
    CALL_FAILED_BEFORE,
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
)
from kolay_invoice.messages import N_, Message, join
from kolay_invoice.redact import masked
from kolay_invoice.result import Ambiguous, Failure, Misconfigured, NotSent, Refused

ADVICE: Final[dict[type[KolayInvoiceError], str]] = {
    ConfigurationError: "Nothing was executed, and repeating the call cannot help: correct the configuration.",
    NotSentError: "No byte of the request left, so calling again is safe.",
    AuthenticationError: "Nothing was executed: check the credentials and what they are allowed to do.",
    NotFoundError: "Nothing was executed: check the id, and that it belongs to this account and Channel.",
    InvalidRequestError: "Nothing was executed: correct the request or the document, as the provider says.",
    RateLimitedError: "Nothing was executed: call again later, and with fewer calls at once.",
    RefusedError: "Nothing was executed: see what the provider says.",
    UnexpectedReplyError: "Nothing was changed by asking, so asking again is safe.",
}

_MAY_BE_DONE_ALREADY: Final = (InvalidRequestError, RefusedError)
"""The errors with which a provider may refuse a call that it has already executed."""


def to_error(
    provider: str,
    endpoint: Endpoint[Any, Any],
    outcome: Failure,
    secrets: Iterable[str],
    request: Request[Any] | None = None,
) -> KolayInvoiceError:
    """Return the error of an outcome that is not success. Its text holds no secret and no private data."""
    kind = error_class(endpoint, outcome)
    advice = endpoint.recovery_hint if kind is OutcomeUnknownError else ADVICE[kind]
    if kind in _MAY_BE_DONE_ALREADY and endpoint.sent_before:
        advice = join([advice, endpoint.sent_before], " ")
    detail, code = getattr(outcome, "detail", None), getattr(outcome, "code", None)
    secrets = list(secrets)
    detail = None if detail is None else masked(detail, secrets)
    code = masked(code, secrets) if isinstance(code, str) else code
    reason = _reason(outcome, code, detail, unknown=kind is OutcomeUnknownError)
    values = {"provider": provider, "operation": endpoint.operation, "reason": reason, "advice": advice}
    if (status := getattr(outcome, "status", None)) is not None:
        values["status"] = status
    error = kind(
        Message(CALL_FAILED, **values),
        provider=provider,
        operation=endpoint.operation,
        status=status,
        code=code,
        detail=detail,
        retry_after=getattr(outcome, "retry_after", None),
        # The request of a token call holds the credentials.
        request=None if endpoint.is_token_request else request,
    )
    if isinstance(error, RefusedError) and isinstance(outcome, Refused):
        error.is_in_own_words = outcome.own_words
    return error


def error_class(endpoint: Endpoint[Any, Any], outcome: Failure) -> type[KolayInvoiceError]:
    """Return the class of the error of an outcome, which depends on the effect of the call."""
    reads = endpoint.effect is Effect.READ
    match outcome:
        case NotSent():
            return NotSentError
        case Misconfigured():
            return ConfigurationError
        case Ambiguous():
            return UnexpectedReplyError if reads else OutcomeUnknownError
        case Refused(proves_not_executed=False) if not reads:
            return OutcomeUnknownError
        case Refused() if endpoint.is_token_request and outcome.error is not RateLimitedError:
            return AuthenticationError
    return outcome.error


def token_error(
    provider: str, operation: str, error: KolayInvoiceError, request: Request[Any] | None = None
) -> KolayInvoiceError:
    """Return the error of a call that was not sent because no token could be fetched."""
    kind = type(error) if isinstance(error, RefusedError | ConfigurationError) else NotSentError
    return kind(
        Message(
            CALL_FAILED_BEFORE,
            provider=provider,
            operation=operation,
            reason=Message("not sent, for want of a token: {why}", why=error),
        ),
        provider=provider,
        operation=operation,
        status=error.status,
        code=error.code,
        detail=error.detail,
        retry_after=error.retry_after,
        request=request,
    )


def _reason(outcome: Failure, code: object, detail: str | None, *, unknown: bool) -> str:
    detail = detail.rstrip(".") if detail else None
    match outcome:
        case Refused(own_words=False) if unknown:
            why = Message("the provider answered {status} with no refusal in its own words", status=outcome.status)
            return Message("it may have happened: {why}", why=why)
        case Refused():
            answer = str(outcome.status) if code is None else f"{outcome.status}, code {code}"
            return Message(_REFUSALS[detail is not None, unknown], answer=answer, detail=detail)
        case NotSent():
            return Message("not sent: {why}", why=outcome.reason)
        case Misconfigured() if detail:
            return Message("{reason} ({detail})", reason=outcome.reason, detail=detail)
        case Misconfigured():
            return outcome.reason
    if unknown:
        return Message("it may have happened: {why}", why=outcome.reason)
    return Message("no usable answer: {why}", why=outcome.reason)


_REFUSALS: Final = {
    (False, False): N_("the provider refused ({answer})"),
    (True, False): N_("the provider refused ({answer}): {detail}"),
    (False, True): N_("the provider refused ({answer}), which proves nothing"),
    (True, True): N_("the provider refused ({answer}): {detail}, which proves nothing"),
}
"""Keyed by whether the reply has a detail, and whether the outcome is unknown."""
