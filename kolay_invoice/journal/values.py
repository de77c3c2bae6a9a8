"""What a journal holds, as values."""

from __future__ import annotations

import enum
from typing import Any

from attrs import field, frozen

from kolay_invoice.endpoint import Request


class State(enum.StrEnum):
    """Where an operation stands."""

    PLANNED = "planned"
    """Asked for, and nobody has it in hand."""
    CLAIMED = "claimed"
    """In the hands of a worker; no byte has left."""
    SENDING = "sending"
    """Durably marked before the first byte: from here on it may have happened."""
    DONE = "done"
    REFUSED = "refused"
    """The provider said no. It is not asked again."""
    UNKNOWN = "unknown"
    """It may have happened. After a quiet period it is read back."""
    RECONCILING = "reconciling"
    """It is being read back."""
    NEEDS_PERSON = "needs_person"
    """Nothing can tell whether it happened but a person: see `Journal.settle`."""

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do."""
        return self in (State.DONE, State.REFUSED)


BUSY = (State.CLAIMED, State.SENDING, State.UNKNOWN, State.RECONCILING, State.NEEDS_PERSON)
"""While an operation is in one of these, no other may begin on the same document or sale."""


@frozen
class AttemptRecord:
    """One try to send an operation. Times are seconds since the epoch."""

    started_at: float
    ended_at: float | None
    left: bool
    """Whether bytes may have left."""
    outcome: str
    """The state that it led to, or the name of the error."""


@frozen
class Refusal:
    """The provider's no."""

    error: str
    """The class of the error, such as `NotFoundError`."""
    status: int | None = None
    code: int | str | None = None
    detail: str | None = field(default=None, repr=False)


@frozen
class Row:
    """One operation and what became of it."""

    row_id: int
    key: str
    provider: str
    account: str
    operation: str
    request: Request[Any]
    """The frozen parameters: what was, is or will be sent."""
    given: str = field(repr=False)
    """The parameters as the caller gave them, as JSON."""
    state: State
    claim: int
    """How often it was taken in hand, to send it or to read it back; an answer belongs to the claim of its sending."""
    attempts: tuple[AttemptRecord, ...] = ()
    result: Any = field(default=None)
    """The typed reply of an operation that is done, without `.extra`. None where only a read-back or a person knows."""
    refusal: Refusal | None = None
    note: str | None = None
    """Why it waits, or a person's word."""
    owner: str | None = None
    since: float | None = None
    """When it was marked as being sent, or became unknown."""
    due_at: float | None = None
    """From when on it may be read back, where that is not the quiet period."""
    tried_in: int | None = None
    """The run in which it was last tried."""
