"""The conditions under which a step of the state machine may be written down."""

from __future__ import annotations

from typing import Final

from sqlalchemy import and_, bindparam, or_, update

from kolay_invoice.journal.models import State
from kolay_invoice.journal.tables import operations

_state = bindparam("new_state", type_=operations.c.state.type)

is_same_claim: Final = operations.c.claim == bindparam("row_claim")
# Where commits were lost with a server, the same number and the same claim can be another operation's by now.
_is_same_operation: Final = and_(operations.c.id == bindparam("row_id"), operations.c.key == bindparam("row_key"))
_is_free_or_own: Final = or_(operations.c.owner.is_(None), operations.c.owner == bindparam("row_owner"))
is_unsettled: Final = and_(operations.c.state != State.DONE, operations.c.state != State.REFUSED)

WRITE: Final = (
    update(operations)
    .where(_is_same_operation)
    .values(
        state=_state,
        owner=None,
        since=bindparam("new_since"),
        clock=bindparam("new_clock"),
        doubt_since=bindparam("new_doubt_since"),
        pause=bindparam("new_pause"),
        looks=bindparam("new_looks"),
        attempts=bindparam("new_attempts"),
        evidence=bindparam("new_evidence"),
        history=bindparam("new_history"),
        result=bindparam("new_result"),
        refusal=bindparam("new_refusal"),
        note=bindparam("new_note"),
        tried_in=bindparam("new_tried_in"),
        settled_at=bindparam("new_settled_at"),
        settled_in=bindparam("new_settled_in"),
        may_change=bindparam("new_may_change"),
        proven_unsent=bindparam("new_proven_unsent"),
    )
)

# An operation that is marked already is marked again before each byte that goes: each time the claim is proved.
MARK: Final = (
    update(operations)
    .where(
        _is_same_operation,
        operations.c.owner == bindparam("mine"),
        is_same_claim,
        or_(operations.c.state == State.CLAIMED, operations.c.state == State.SENDING),
    )
    .values(state=State.SENDING)
)

# What is known under a claim may be written down as long as nobody has taken the operation in hand again: an answer
# that comes after the lease has run out is an answer all the same. A success counts more than a look that began later.
_LATE_SUCCESS: Final = and_(
    operations.c.claim > bindparam("row_claim"),
    operations.c.state != State.CLAIMED,
    operations.c.state != State.SENDING,
    _state == State.DONE,
)
RECORD: Final = WRITE.where(is_unsettled, or_(and_(is_same_claim, _is_free_or_own), _LATE_SUCCESS))
