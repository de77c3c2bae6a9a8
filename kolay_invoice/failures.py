"""Outcomes to errors: which error says what an outcome proves about a call with this effect. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from kolay_invoice.endpoint import Effect, Endpoint, Request
from kolay_invoice.errors import (
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
from kolay_invoice.outcome import Failure, Misconfigured, NotSent, Refused, Unclear
from kolay_invoice.redact import masked

ADVICE: Final[dict[type[KolayInvoiceError], str]] = {
    ConfigurationError: "Nothing was executed, and repeating the call cannot help: mend the configuration.",
    NotSentError: "No byte of the request left, so calling again is safe.",
    AuthenticationError: "Nothing was executed: check the credentials and what they are allowed to do.",
    NotFoundError: "Nothing was executed: check the id, and that it belongs to this account and Channel.",
    InvalidRequestError: "Nothing was executed: mend the request or the document, as the provider says.",
    RateLimitedError: "Nothing was executed: call again later, and with fewer calls at once.",
    RefusedError: "Nothing was executed: see what the provider says.",
    UnexpectedReplyError: "Nothing was changed by asking, so asking again is safe.",
}

_MAY_BE_DONE_ALREADY: Final = (InvalidRequestError, RefusedError)
"""As what a provider refuses a second time."""


def error_for(
    provider: str,
    endpoint: Endpoint[Any, Any],
    outcome: Failure,
    secrets: Iterable[str],
    request: Request[Any] | None = None,
) -> KolayInvoiceError:
    """Return the error of an outcome that is not success, with nothing in it that may not be shown."""
    kind = kind_of(endpoint, outcome)
    advice = endpoint.recovery_hint if kind is OutcomeUnknownError else ADVICE[kind]
    if kind in _MAY_BE_DONE_ALREADY and endpoint.sent_before:
        advice = f"{advice} {endpoint.sent_before}"
    detail, code = getattr(outcome, "detail", None), getattr(outcome, "code", None)
    secrets = list(secrets)
    detail = None if detail is None else masked(detail, secrets)
    code = masked(code, secrets) if isinstance(code, str) else code
    what = _what(outcome, code, detail, unknown=kind is OutcomeUnknownError)
    error = kind(
        f"{provider}.{endpoint.operation}: {what}. {advice}",
        provider=provider,
        operation=endpoint.operation,
        status=getattr(outcome, "status", None),
        code=code,
        detail=detail,
        # Credentials are no part of an error.
        request=None if endpoint.is_token_request else request,
    )
    if isinstance(error, RefusedError) and isinstance(outcome, Refused):
        error.is_in_own_words = outcome.own_words
    if isinstance(error, RateLimitedError) and isinstance(outcome, Refused):
        error.after(outcome.retry_after)
    return error


def kind_of(endpoint: Endpoint[Any, Any], outcome: Failure) -> type[KolayInvoiceError]:
    """Return the class of error: the one table of what an outcome means for a call with this effect."""
    reads = endpoint.effect is Effect.READ
    match outcome:
        case NotSent():
            return NotSentError
        case Misconfigured():
            return ConfigurationError
        case Unclear():
            return UnexpectedReplyError if reads else OutcomeUnknownError
        case Refused(certain=False) if not reads:
            return OutcomeUnknownError
        case Refused() if endpoint.is_token_request and outcome.error is not RateLimitedError:
            return AuthenticationError
    return outcome.error


def without_token(
    provider: str, operation: str, error: KolayInvoiceError, request: Request[Any] | None = None
) -> KolayInvoiceError:
    """Return the error of a call that could not be sent because no token could be fetched for it."""
    kind = type(error) if isinstance(error, RefusedError | ConfigurationError) else NotSentError
    told = kind(
        f"{provider}.{operation}: not sent, for want of a token: {error}",
        provider=provider,
        operation=operation,
        status=error.status,
        code=error.code,
        detail=error.detail,
        request=request,
    )
    if isinstance(told, RateLimitedError) and isinstance(error, RateLimitedError):
        told.after(error.retry_after)
    return told


def _what(outcome: Failure, code: object, detail: str | None, *, unknown: bool) -> str:
    match outcome:
        case Refused(own_words=False) if unknown:
            return f"it may have happened: the provider answered {outcome.status} with no refusal in its own words"
        case Refused():
            with_code = "" if code is None else f", code {code}"
            said = f": {detail.rstrip('.')}" if detail else ""
            return f"the provider refused ({outcome.status}{with_code}){said}" + (
                ", which proves nothing" if unknown else ""
            )
        case NotSent():
            return f"not sent: {outcome.reason}"
        case Misconfigured():
            return outcome.reason + (f" ({detail.rstrip('.')})" if detail else "")
    return f"it may have happened: {outcome.reason}" if unknown else f"no usable answer: {outcome.reason}"
