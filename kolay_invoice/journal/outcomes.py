"""The new state of an operation after a reply or an error. Pure except for the wall clock."""

from __future__ import annotations

import time
from typing import Any

from attrs import evolve

from kolay_invoice.errors import KolayInvoiceError, NotSentError, RateLimitedError, RefusedError
from kolay_invoice.journal.models import AttemptRecord, Refusal, Row, State
from kolay_invoice.journal.operations import is_repetition, state_if_unknown
from kolay_invoice.journal.readback import keep_evidence, to_done, to_needs_person
from kolay_invoice.messages import Message, message_of
from kolay_invoice.readback import Executed, Sight

_OFFICIAL_BEFORE = Message("the provider refused it, and it is official: it was sent before")


def after_attempt(row: Row, started_at: float, outcome: str, *, left: bool, **changes: Any) -> Row:
    """Return an operation after one attempt to send it."""
    now = time.time()
    attempt = AttemptRecord(started_at, now, left, outcome)
    if changes.get("settled_in") is not None:
        changes["settled_at"] = now
    changes = {"pause": None, "looks": 0, "doubt_since": None, "note": None, **changes}
    if left:
        changes["is_proven_unsent"] = False
    return evolve(row, attempts=(*row.attempts, attempt), **changes)


def after_reply(row: Row, started_at: float, reply: object, run: int) -> Row:
    """Return an operation after a successful reply."""
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

    Args:
        row: The operation.
        started_at: When the attempt began.
        error: The error of the call.
        left: Whether bytes may have been sent.
        run: The run that made the attempt.
        may_retry: Whether this run may claim it again, because the error is not the operation's fault.
        pause: Seconds until a call that met a rate limit is read back.
    """
    name = type(error).__name__
    if isinstance(error, NotSentError):
        if may_retry:
            return after_attempt(row, started_at, name, left=False, state=State.PLANNED, tried_in=None)
        return after_attempt(row, started_at, name, left=False, state=State.PLANNED, note=message_of(error))
    if isinstance(error, RateLimitedError):
        return _after_rate_limit(row, started_at, error, left=left, pause=pause)
    if isinstance(error, RefusedError) and is_repetition(row):
        # The refusal says nothing of the attempt before it.
        why = Message(
            "its repetition was refused, and an attempt before it may have been executed: {why}", why=message_of(error)
        )
        return to_needs_person(after_attempt(row, started_at, name, left=left), why)
    if isinstance(error, RefusedError):
        refusal = Refusal(name, error.status, error.code, error.detail)
        return after_attempt(row, started_at, name, left=left, state=State.REFUSED, refusal=refusal, settled_in=run)
    return after_attempt(row, started_at, name, left=left, state=state_if_unknown(row), note=message_of(error))


def after_account_error(row: Row, started_at: float, error: KolayInvoiceError, *, left: bool) -> Row:
    """Return an operation after an error of the account. It is sent once the account is corrected."""
    return after_attempt(row, started_at, type(error).__name__, left=left, state=State.PLANNED, note=message_of(error))


def after_interruption(row: Row, started_at: float, interruption: BaseException, *, left: bool) -> Row:
    """Return an operation whose call was interrupted by a cancellation or a defect."""
    name = type(interruption).__name__
    if not left:
        return after_attempt(row, started_at, name, left=False, state=State.PLANNED, tried_in=None)
    note = Message("interrupted after it left")
    return after_attempt(row, started_at, name, left=True, state=state_if_unknown(row), note=note)


def after_refusal_readback(row: Row, sight: Sight, run: int) -> Row:
    """Return a refused operation after one read-back. It is done if the read-back shows an earlier success."""
    row = keep_evidence(row, sight.evidence)
    return to_done(row, sight.reply, run, _OFFICIAL_BEFORE) if isinstance(sight, Executed) else row


def _after_rate_limit(row: Row, started_at: float, error: RateLimitedError, *, left: bool, pause: float | None) -> Row:
    name = type(error).__name__
    if not left:
        # The token request met the limit, or the limiter is paused: no byte of the operation itself was sent.
        return after_attempt(row, started_at, name, left=False, state=State.PLANNED, note=message_of(error))
    after = after_attempt(row, started_at, name, left=True, state=State.UNKNOWN, pause=pause)
    if state_if_unknown(row) is State.NEEDS_PERSON:
        return to_needs_person(after, Message("the provider turned it away (429), and nothing can read it back"))
    return after
