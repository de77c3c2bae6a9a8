"""What the status of a reply means, for both providers. Pure: no I/O, no clock except for a Retry-After date."""

from __future__ import annotations

from typing import Final

from kolay_invoice.errors import (
    AuthenticationError,
    InvalidRequestError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
)
from kolay_invoice.messages import Message
from kolay_invoice.plain_struct import UNREADABLE
from kolay_invoice.result import Ambiguous, HttpResponse, Refused
from kolay_invoice.retry import retry_after

ACCEPTING: Final = frozenset({200, 201})
UNAUTHORIZED: Final = 401
NOT_FOUND: Final = 404
RATE_LIMITED: Final = 429
SERVER_ERROR: Final = 500
FIRST_ERROR: Final = 400
FIRST_REDIRECT: Final = 300

# With the provider's own error body, these are refusals before execution. Without it they prove nothing: a gateway that
# timed out sends 4xx too. Any other 4xx (409, 410, 423, 408 …) can also be the reply to a repeated call whose first
# execution succeeded, so it proves nothing about a call with an effect.
_CERTAIN: Final[dict[int, type[RefusedError]]] = {
    400: InvalidRequestError,
    401: AuthenticationError,
    403: AuthenticationError,
    404: NotFoundError,
    412: RefusedError,
    422: InvalidRequestError,
    429: RateLimitedError,
}


def failure_from_status(
    answer: HttpResponse,
    *,
    own_words: bool,
    said: int | None = None,
    code: int | str | None = None,
    detail: str | None = None,
) -> Refused | Ambiguous:
    """Return the outcome of a reply that does not report success.

    `own_words`: whether the body has the provider's own error format; a status alone may come from a gateway. `said`:
    the status that the body names, if any. If it differs from the HTTP status, the one that proves less counts.
    """
    statuses = {answer.status} if said is None else {answer.status, said} - ACCEPTING
    worst = max(statuses)
    if worst >= SERVER_ERROR:
        return Ambiguous(
            Message("the provider answered {status}", status=worst), worst, retry_after=retry_after(answer.headers)
        )
    if min(statuses) >= FIRST_ERROR:
        proves_not_executed = statuses <= _CERTAIN.keys()
        if RATE_LIMITED in statuses and proves_not_executed:
            # The provider and a gateway both apply rate limits before execution.
            return Refused(
                RateLimitedError, RATE_LIMITED, code, detail, retry_after(answer.headers), own_words=own_words
            )
        status = answer.status if said is None or said in ACCEPTING else said
        kind = _CERTAIN.get(status, RefusedError)
        return Refused(
            kind, status, code, detail, proves_not_executed=proves_not_executed and own_words, own_words=own_words
        )
    if FIRST_REDIRECT <= answer.status < FIRST_ERROR:
        why = Message("the provider answered with a redirect ({status}), which is never followed", status=answer.status)
        return Ambiguous(why, answer.status, retryable=False)
    return unreadable_reply(answer)


def failed_at(error: Exception, status: int) -> Ambiguous:
    """Return the outcome of a reply that could not be read, because of the reply or of a defect in the reader."""
    why = Message("the reply cannot be read ({kind})", kind=type(error).__name__)
    return Ambiguous(why, status, retryable=False, defect=None if isinstance(error, UNREADABLE) else error)


def unreadable_reply(answer: HttpResponse, why: str = Message("no reply that can be read")) -> Ambiguous:
    """Return the outcome of a reply without usable content. Another attempt would return a complete reply unchanged."""
    return Ambiguous(
        Message("the provider answered {status} with {why}", status=answer.status, why=why),
        answer.status,
        retryable=not answer.length_known,
    )
