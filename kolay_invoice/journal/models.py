"""What a journal holds, as values."""

from __future__ import annotations

import enum
from typing import Any

from attrs import field, frozen

from kolay_invoice.endpoint import Request
from kolay_invoice.messages import Message
from kolay_invoice.readback import Evidence


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
    outcome: Message | str
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
class Change:
    """What a person did to an operation, or the parameters that a corrected request replaced."""

    at: float
    """Seconds since the epoch, by the wall clock: for people."""
    what: Message | str
    by: str | None = None
    because: str | None = None
    requested: str | None = field(default=None, repr=False)
    """The parameters that were replaced, as JSON."""


def show_key(key: str) -> str:
    """Return a key as a message may show it: without a sale code."""
    head, code, _ = key.partition("sale_code=")
    return f"{head}{code}***" if code else key


@frozen
class Row:
    """One operation and what became of it."""

    row_id: int
    key: str = field(repr=lambda key: repr(show_key(key)))
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
    generation: int = 0
    """How many cancellations of the document or sale had been done when it was planned."""
    occasion: str = ""
    """The caller's own word for why the same thing is done once more; empty where it was not given."""
    attempts: tuple[AttemptRecord, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    """What the last looks at the provider's records have shown."""
    history: tuple[Change, ...] = ()
    """What persons have said of it, and the parameters that it had before they were corrected."""
    result: Any = field(default=None)
    """The typed reply of an operation that is done, without `.extra`. None where only a person knows."""
    refusal: Refusal | None = None
    note: str | None = None
    """Why it waits, or a person's word."""
    owner: str | None = None
    since: float | None = None
    """When it became unknown or was last looked up, by the clock of the journal."""
    pause: float | None = None
    """Seconds from `since` on after which it may be read back, where that is not the quiet period."""
    looks: int = 0
    """How often it was looked up without a decision."""
    doubt_since: float | None = None
    """When it first became unknown, by the clock of the journal."""
    tried_in: int | None = None
    """The run in which it was last tried."""
    settled_at: float | None = None
    """When it was found done or refused, in seconds since the epoch by the wall clock."""
    settled_in: int | None = None
    """The run that found it done or refused; None where a person did."""
    may_change: bool = False
    """Whether its parameters may be replaced: it was refused, and a person has let it go."""
    is_proven_unsent: bool = False
    """Whether a look or a person has shown that nothing of it was sent."""

    @property
    def due_at(self) -> float | None:
        """From when on it may be read back, where that is not the quiet period; by the clock of the journal."""
        return None if self.since is None or self.pause is None else self.since + self.pause
