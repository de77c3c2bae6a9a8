"""What the status of a reply says by itself, the same for both providers. Pure: no I/O, no clock but Retry-After's."""

from __future__ import annotations

from typing import Final

from kolay_invoice.codec import UNREADABLE
from kolay_invoice.errors import (
    AuthenticationError,
    InvalidRequestError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
)
from kolay_invoice.messages import Message
from kolay_invoice.result import Ambiguous, HttpResponse, Refused
from kolay_invoice.retry import retry_after

ACCEPTING: Final = frozenset({200, 201})
UNAUTHORIZED: Final = 401
NOT_FOUND: Final = 404
RATE_LIMITED: Final = 429
SERVER_ERROR: Final = 500
FIRST_ERROR: Final = 400
FIRST_REDIRECT: Final = 300

# These say no before anything is executed, where the provider says them in its own words: a gateway that gave up
# waiting says 4xx too. Any other 4xx (409, 410, 423, 408 …) can also be the answer to a repeated call whose first
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
    """Judge a reply that does not accept.

    `own_words` is whether its body is a refusal in the provider's own form: a status alone is nobody's word. `said` is
    the status that the body speaks of, where it does. Where it and the HTTP status disagree, the one that proves less
    holds.
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
            # Whoever counts requests, the provider or a gateway before it, does so before anything is carried out.
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
    """Return the outcome of a reply at which a reader failed: the reply's own fault, or a defect of the reader."""
    why = Message("the reply cannot be read ({kind})", kind=type(error).__name__)
    return Ambiguous(why, status, retryable=False, defect=None if isinstance(error, UNREADABLE) else error)


def unreadable_reply(answer: HttpResponse, why: str = Message("no reply that can be read")) -> Ambiguous:
    """Return the outcome of a reply that says nothing. If it is whole, asking again would bring the same."""
    return Ambiguous(
        Message("the provider answered {status} with {why}", status=answer.status, why=why),
        answer.status,
        retryable=not answer.length_known,
    )
