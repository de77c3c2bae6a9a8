"""Settling: a person's decision on an operation whose outcome nothing else can tell."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from attrs import evolve

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


def apply_decision(row: Row, *, done: bool | str, not_executed: bool | str, by: str, because: str | None) -> Row:
    """Return an operation after a person's decision; see `Journal.settle`."""
    word = next((one for one in (done, not_executed, because) if isinstance(one, str)), None)
    history = Change(time.time(), Message(_SETTLED[bool(done)], state=row.state), by=by, because=word)
    return evolve(
        to_planned_again(row) if not_executed else to_done(row, row.result, None),
        note=Message(_SETTLED_BY[bool(done), word is not None], who=by, because=word),
        history=(*row.history, history),
        may_change=bool(not_executed) and row.state is State.REFUSED,
    )


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
