"""What an answer or an error makes of an operation that was tried. Pure but for the wall clock."""

from __future__ import annotations

import time
from typing import Any

from attrs import evolve

from kolay_invoice.errors import KolayInvoiceError, NotSentError, RateLimitedError, RefusedError
from kolay_invoice.journal.models import AttemptRecord, Refusal, Row, State
from kolay_invoice.journal.operations import state_if_unknown
from kolay_invoice.journal.readback import keep_evidence, to_done, to_needs_person
from kolay_invoice.messages import Message, message_of
from kolay_invoice.readback import Executed, Sight

_OFFICIAL_BEFORE = Message("the provider refused it, and it is official: it was sent before")


def after_attempt(row: Row, started_at: float, outcome: str, *, left: bool, **changes: Any) -> Row:
    """Return an operation after one try to send it."""
    now = time.time()
    attempt = AttemptRecord(started_at, now, left, outcome)
    if changes.get("settled_in") is not None:
        changes["settled_at"] = now
    changes = {"pause": None, "looks": 0, "doubt_since": None, "note": None, **changes}
    if left:
        changes["is_proven_unsent"] = False
    return evolve(row, attempts=(*row.attempts, attempt), **changes)


def after_reply(row: Row, started_at: float, reply: object, run: int) -> Row:
    """Return an operation that was answered with success."""
    return after_attempt(row, started_at, "done", left=True, state=State.DONE, result=reply, settled_in=run)


def after_error(
    row: Row,
    started_at: float,
    error: KolayInvoiceError,
    *,
    left: bool,
    run: int,
    may_retry: bool,
    pause: float | None = None,
) -> Row:
    """Return an operation whose call ended with an error.

    `may_retry`: the error is no fault of the operation, so this run may take it in hand again. `pause`: the seconds to
    wait after which a call that was turned away is looked up.
    """
    name = type(error).__name__
    if isinstance(error, NotSentError):
        if may_retry:
            return after_attempt(row, started_at, name, left=False, state=State.PLANNED, tried_in=None)
        return after_attempt(row, started_at, name, left=False, state=State.PLANNED, note=message_of(error))
    if isinstance(error, RateLimitedError):
        return _after_rate_limit(row, started_at, error, left=left, pause=pause)
    if isinstance(error, RefusedError):
        refusal = Refusal(name, error.status, error.code, error.detail)
        return after_attempt(row, started_at, name, left=left, state=State.REFUSED, refusal=refusal, settled_in=run)
    return after_attempt(row, started_at, name, left=left, state=state_if_unknown(row), note=message_of(error))


def after_account_error(row: Row, started_at: float, error: KolayInvoiceError, *, left: bool) -> Row:
    """Return an operation whose call was refused because of the account: it goes when that is put right."""
    return after_attempt(row, started_at, type(error).__name__, left=left, state=State.PLANNED, note=message_of(error))


def after_interruption(row: Row, started_at: float, interruption: BaseException, *, left: bool) -> Row:
    """Return an operation whose call was interrupted, by a cancellation or by a defect."""
    name = type(interruption).__name__
    if not left:
        return after_attempt(row, started_at, name, left=False, state=State.PLANNED, tried_in=None)
    note = Message("interrupted after it left")
    return after_attempt(row, started_at, name, left=True, state=state_if_unknown(row), note=note)


def after_refusal_readback(row: Row, sight: Sight, run: int) -> Row:
    """Return a refused operation after its one look: a word about the past outranks ours about the present."""
    row = keep_evidence(row, sight.evidence)
    return to_done(row, sight.reply, run, _OFFICIAL_BEFORE) if isinstance(sight, Executed) else row


def _after_rate_limit(row: Row, started_at: float, error: RateLimitedError, *, left: bool, pause: float | None) -> Row:
    name = type(error).__name__
    if not left:
        # The token was turned away, or the limiter is paused: of the operation itself no byte has left.
        return after_attempt(row, started_at, name, left=False, state=State.PLANNED, note=message_of(error))
    after = after_attempt(row, started_at, name, left=True, state=State.UNKNOWN, pause=pause)
    if state_if_unknown(row) is State.NEEDS_PERSON:
        return to_needs_person(after, Message("the provider turned it away (429), and nothing can read it back"))
    return after
