"""Whether a call may be repeated, and how long to wait before: permission by effect, never by HTTP verb.

backoff gives the waits; the loop around them is the one road's own, so that a sleeping retry holds no slot.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from math import isfinite

import backoff

from kolay_invoice.endpoint import Effect
from kolay_invoice.errors import RateLimitedError
from kolay_invoice.result import Ambiguous, Failure, NotSent, Refused

FIRST_WAIT = 0.1
LONGEST_WAIT = 5.0


def may_repeat(effect: Effect, outcome: Failure) -> bool:
    """Whether the same call may go out again after this outcome.

    What never left may always go. What left may go again only where repeating it changes nothing at the provider.
    """
    match outcome:
        case NotSent():
            return outcome.retryable
        case Ambiguous():
            return effect is Effect.READ and outcome.retryable
        case Refused():
            return effect is Effect.READ and outcome.error is RateLimitedError
        case _:
            return False


def waits() -> Iterator[float]:
    """Return the waits between attempts, in seconds: exponential, with full jitter."""
    ceilings = backoff.expo(base=2, factor=FIRST_WAIT, max_value=LONGEST_WAIT)
    next(ceilings)  # The first value of a backoff generator is a place for `send`, not a wait.
    while True:
        yield backoff.full_jitter(next(ceilings))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a Retry-After header asks for; None where there is none or it makes no sense."""
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        wait = float(text)
    except ValueError:
        wait = _until(text)
    return wait if isfinite(wait) and wait >= 0 else None


def _until(http_date: str) -> float:
    try:
        moment = parsedate_to_datetime(http_date)
        # An HTTP date is in GMT, also in the old form that does not say so.
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return max(0.0, aware.timestamp() - time.time())
    except (ValueError, OverflowError, OSError):
        return float("nan")
