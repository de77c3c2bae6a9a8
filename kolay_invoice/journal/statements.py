"""The conditions of each step of the state machine."""

from __future__ import annotations

from typing import Final

from sqlalchemy import and_, bindparam, or_, update

from kolay_invoice.journal.models import State
from kolay_invoice.journal.tables import operations

_state = bindparam("new_state", type_=operations.c.state.type)

is_same_claim: Final = operations.c.claim == bindparam("row_claim")
# The key is checked too: after lost commits, another operation can have the same id and claim.
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

# A marked operation is marked again before each new attempt, which verifies the claim each time.
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

# A result may be recorded as long as no later claim exists, even after the lease has expired. A success may also be
# recorded over a later read-back, because it is stronger evidence.
_LATE_SUCCESS: Final = and_(
    operations.c.claim > bindparam("row_claim"),
    operations.c.state != State.CLAIMED,
    operations.c.state != State.SENDING,
    _state == State.DONE,
)
RECORD: Final = WRITE.where(is_unsettled, or_(and_(is_same_claim, _is_free_or_own), _LATE_SUCCESS))
