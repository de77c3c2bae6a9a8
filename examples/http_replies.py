"""What a web service answers when a call fails: a status, and in the body whether it may have happened.

Used by fastapi_service.py, aiohttp_service.py and django_service.py.
"""

from __future__ import annotations

import math

from kolay_invoice import (
    InvalidRequestError,
    KolayInvoiceError,
    NotFoundError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
)

# Whatever is not named here is ours to mend, or an answer that cannot be trusted: 502.
STATUSES = {
    InvalidRequestError: 400,
    NotFoundError: 404,
    OutcomeUnknownError: 409,  # Look first: it may have happened.
    RateLimitedError: 429,
    NotSentError: 503,
}


def reply_to(error: KolayInvoiceError) -> tuple[int, dict[str, str], dict[str, str]]:
    """Return status, JSON body and headers for an error. Its text holds no secret and says what to do next."""
    outcome = "unknown: look it up before sending again" if error.may_have_happened else "not executed"
    body = {"outcome": outcome, "error": type(error).__name__, "detail": str(error)}
    wait = error.retry_after
    return STATUSES.get(type(error), 502), body, {} if wait is None else {"Retry-After": str(math.ceil(wait))}
