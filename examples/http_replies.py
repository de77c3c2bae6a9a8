"""What a web service answers when a call fails: a status, and in the body whether it may have happened.

Used by fastapi_service.py, aiohttp_service.py and django_service.py.
"""

from __future__ import annotations

from kolay_invoice import InvalidRequestError, KolayInvoiceError, NotFoundError, NotSentError, RateLimitedError

# Whatever is not named here is ours to mend, or an answer that cannot be trusted: 502.
STATUSES = {NotFoundError: 404, InvalidRequestError: 422, RateLimitedError: 503, NotSentError: 503}


def reply_to(error: KolayInvoiceError) -> tuple[int, dict[str, str]]:
    """Return the status and the JSON body for an error. Its text holds no secret and says what to do next."""
    outcome = "unknown: look it up before sending again" if error.may_have_happened else "not executed"
    return STATUSES.get(type(error), 502), {"outcome": outcome, "error": type(error).__name__, "detail": str(error)}
