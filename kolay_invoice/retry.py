"""Whether a call may be repeated, and how long to wait before. The effect decides, never the HTTP verb.

`backoff` gives the waits. `BaseClient` has the loop around them, so that a call holds no slot while it waits.
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
    """Whether the same call may be sent again after this outcome.

    A request that did not leave may be sent again if the outcome is retryable. A request that left may be sent again
    only if it is a read, or an upsert, whose repetition the provider's page calls an update.
    """
    match outcome:
        case NotSent():
            return outcome.retryable
        case Ambiguous():
            return effect.is_repeatable and outcome.retryable
        case Refused():
            return effect.is_repeatable and outcome.error is RateLimitedError
        case _:
            return False


def waits() -> Iterator[float]:
    """Return the waits between attempts, in seconds: exponential, with full jitter."""
    ceilings = backoff.expo(base=2, factor=FIRST_WAIT, max_value=LONGEST_WAIT)
    next(ceilings)  # The first value of a backoff generator is not a wait.
    while True:
        yield backoff.full_jitter(next(ceilings))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After header; None if it is missing or invalid."""
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
        # An HTTP date is in GMT, also in the obsolete form that does not name the zone.
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return max(0.0, aware.timestamp() - time.time())
    except (ValueError, OverflowError, OSError):
        return float("nan")
