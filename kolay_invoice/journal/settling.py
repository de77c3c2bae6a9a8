"""Settling: a person's decision on an operation whose outcome nothing else can tell."""

from __future__ import annotations

import asyncio
import time
from typing import Final
from uuid import UUID

from attrs import evolve, field, frozen
from attrs.validators import optional

from kolay_invoice import validators
from kolay_invoice.journal.lease import Lease
from kolay_invoice.journal.models import Change, Row, State, show_key
from kolay_invoice.journal.readback import to_done, to_planned_again
from kolay_invoice.journal.store import Store
from kolay_invoice.messages import N_, Message

_SETTLED: Final = {True: N_("{state} settled as done"), False: N_("{state} settled as not executed")}
_SETTLED_BY: Final = {
    (True, False): N_("settled by {who}: done"),
    (True, True): N_("settled by {who}: done ({because})"),
    (False, False): N_("settled by {who}: not executed"),
    (False, True): N_("settled by {who}: not executed ({because})"),
}
"""The note of a settled operation, by whether it was done and whether a reason was given."""


def can_be_settled(state: State, *, not_executed: bool) -> bool:
    """Whether a person may settle an operation in this state: in doubt, or refused and to be allowed again."""
    return state in (State.UNKNOWN, State.NEEDS_PERSON) or (state is State.REFUSED and not_executed)


@frozen
class Decision:
    """What a person says of an operation."""

    is_done: bool
    ettn: UUID | None
    number: str | None = field(validator=optional(validators.invoice_number))
    by: str
    because: str | None


def make_decision(
    *, done: object, not_executed: object, ettn: UUID | str | None, number: str | None, by: object, because: object
) -> Decision:
    """Return a decision of checked arguments; see `Journal.settle`.

    Raises:
        ValueError: An argument has an impossible value; the text names it.
    """
    for name, value in (("done", done), ("not_executed", not_executed)):
        if value is not True and value is not False:
            msg = f"{name} must be True or False, not {value!r:.100}: say how it is known with because="
            raise ValueError(msg)
    if done == not_executed:
        msg = "give exactly one of done=True and not_executed=True"
        raise ValueError(msg)
    if not_executed and (ettn is not None or number is not None):
        msg = "ettn and number go with done=True: what was not executed has neither"
        raise ValueError(msg)
    why = None if because is None else _check_text("because", because)
    return Decision(bool(done), _to_ettn(ettn), number, _check_text("by", by), why)


def _check_text(name: str, value: object) -> str:
    if isinstance(value, str) and value.strip():
        return value
    msg = f"{name} must be a text, not {value!r:.100}"
    raise ValueError(msg)


def _to_ettn(value: UUID | str | None) -> UUID | None:
    if value is None or isinstance(value, UUID):
        return value
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError):
        msg = Message("ettn must be a UUID, not {given}", given=f"{value!r:.100}")
        raise ValueError(msg) from None


def apply_decision(row: Row, decision: Decision) -> Row:
    """Return an operation after a person's decision."""
    is_done, word = decision.is_done, decision.because
    what = Message(_SETTLED[is_done], state=row.state)
    history = Change(time.time(), what, by=decision.by, because=word, ettn=decision.ettn, number=decision.number)
    return evolve(
        to_done(row, row.result, None) if is_done else to_planned_again(row),
        note=Message(_SETTLED_BY[is_done, word is not None], who=decision.by, because=word),
        history=(*row.history, history),
        may_change=not is_done and row.state is State.REFUSED,
    )


async def settle(store: Store, lease: Lease, key: str, decision: Decision) -> Row:
    """Record a decision on an operation. Returns the settled operation.

    Raises:
        ValueError: The key is not known, or its operation is not in doubt.
    """
    row = await find_released(store, lease, key)
    if not can_be_settled(row.state, not_executed=not decision.is_done):
        msg = f"key: {show_key(key)!r} is {row.state}, and only what is unknown or needs a manual check can be settled"
        raise ValueError(msg)
    settled = apply_decision(row, decision)
    if not await store.settle(settled, row.state):
        msg = Message("key: another worker claimed {key} in this moment: look at it again", key=repr(show_key(key)))
        raise ValueError(msg)
    return settled


async def find_released(store: Store, lease: Lease, key: str) -> Row:
    """Return an operation. If another owner holds it, wait until that owner is known to be gone or alive.

    Raises:
        ValueError: The journal does not know the key.
    """
    while True:
        row = await store.find(key)
        if row is None:
            msg = f"key: the journal knows no {show_key(key)!r}"
            raise ValueError(msg)
        if row.owner is None or row.owner == store.owner.name:
            return row
        await lease.release_expired()
        wait = await lease.seconds_until_release_by(row.owner)
        if wait is None:
            # The owner was gone, and its operations have just been released.
            return await store.find(key) or row
        await asyncio.sleep(min(max(wait, 0.0), 1.0))
