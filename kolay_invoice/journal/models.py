"""The values of a journal: operations, their states, attempts and refusals."""

from __future__ import annotations

import enum
import re
from typing import ClassVar, Final
from uuid import UUID

from attrs import field, frozen

from kolay_invoice.messages import Message
from kolay_invoice.operations import JournaledReply, JournaledRequest
from kolay_invoice.readback import Evidence
from kolay_invoice.value import Value


class State(enum.StrEnum):
    """The state of an operation."""

    PLANNED = "planned"
    """Requested; no worker has claimed it."""
    CLAIMED = "claimed"
    """Claimed by a worker; no byte was sent."""
    SENDING = "sending"
    """Durably marked before the first byte. From here on it may have been executed."""
    DONE = "done"
    REFUSED = "refused"
    """The provider refused it. It is not sent again."""
    UNKNOWN = "unknown"
    """It may have been executed. After a quiet period it is read back."""
    RECONCILING = "reconciling"
    """It is being read back."""
    NEEDS_PERSON = "needs_person"
    """Only a person can find out whether it was executed: see `Journal.settle`."""

    @property
    def is_settled(self) -> bool:
        """Whether the operation is finished."""
        return self in (State.DONE, State.REFUSED)


_PRIVATE_SELECTOR: Final = re.compile(r"(?:^|:)(?:sale_code|order_reference|code)=")

BUSY = (State.CLAIMED, State.SENDING, State.UNKNOWN, State.RECONCILING, State.NEEDS_PERSON)
"""While an operation is in one of these states, no other may begin on the same document or sale."""


@frozen
class AttemptRecord:
    """One attempt to send an operation. Times are seconds since the epoch."""

    started_at: float
    ended_at: float | None
    left: bool
    """Whether bytes may have been sent."""
    outcome: Message | str
    """The resulting state, or the name of the error."""


@frozen
class Refusal:
    """A refusal by the provider."""

    error: str
    """The class of the error, such as `NotFoundError`."""
    status: int | None = None
    code: int | str | None = None
    detail: str | None = field(default=None, repr=False)


@frozen
class Change:
    """A change to an operation: a person's decision, or a correction of its parameters."""

    at: float
    """Seconds since the epoch, by the wall clock; for display only."""
    what: Message | str
    by: str | None = None
    because: str | None = None
    requested: str | None = field(default=None, repr=False)
    """The replaced parameters, as JSON."""
    ettn: UUID | None = None
    """The ETTN that the person has seen."""
    number: str | None = None
    """The invoice number that the person has seen."""


def show_key(key: str) -> str:
    """Return a key without its sale code, order number or product code, for messages."""
    found = _PRIVATE_SELECTOR.search(key)
    return f"{key[: found.end()]}***" if found else key


@frozen
class Row(Value):
    """One operation and its result.

    Times are seconds since the epoch. Those "by the journal's clock" are the database's own and may jump; the others
    are by the wall clock of the machine that recorded them.
    """

    also_in_json: ClassVar[tuple[str, ...]] = ("ettn", "number")

    row_id: int
    """The number of the operation in the journal, in the order of planning."""
    key: str = field(repr=show_key)
    """Provider, account, operation, generation, occasion, and the document or sale. It can hold a sale code."""
    provider: str
    """`"kolaybi"` or `"propars"`."""
    account: str
    """The name of the account: the client's `account`."""
    operation: str
    """The name of the client's method, such as `create_e_document`."""
    request: JournaledRequest
    """The frozen parameters, which are the same in every attempt."""
    given: str = field(repr=False)
    """The caller's parameters, as JSON."""
    state: State
    """Where it stands."""
    claim: int
    """How often it was claimed, to send it or to read it back. A reply belongs to the claim under which it was sent."""
    generation: int = 0
    """How many cancellations of the document or sale were done when it was planned."""
    occasion: str = ""
    """The caller's label for doing the same thing once more; empty if none was given."""
    attempts: tuple[AttemptRecord, ...] = ()
    """Every attempt to send it, oldest first."""
    evidence: tuple[Evidence, ...] = ()
    """What the last read-backs have shown."""
    history: tuple[Change, ...] = ()
    """The decisions of persons, and the parameters before each correction."""
    result: JournaledReply | None = None
    """The typed reply of an operation that is done, without `.extra`. None if a person settled it."""
    refusal: Refusal | None = None
    """The provider's refusal; None in every other state than refused."""
    note: str | None = None
    """Why it waits, or a person's decision."""
    owner: str | None = None
    """The worker that holds it; None if none does."""
    since: float | None = None
    """When it became unknown or was last read back, in seconds by the journal's clock."""
    pause: float | None = None
    """Seconds after `since` until the next read-back; None for the quiet period."""
    looks: int = 0
    """How often it was read back without a decision."""
    doubt_since: float | None = None
    """When it first became unknown, in seconds by the journal's clock."""
    tried_in: int | None = None
    """The run in which it was last tried."""
    settled_at: float | None = None
    """When it was found done or refused, in seconds since the epoch by the wall clock."""
    settled_in: int | None = None
    """The run that found it done or refused; None if a person settled it."""
    may_change: bool = False
    """Whether its parameters may be replaced: it was refused, and a person has allowed another attempt."""
    is_proven_unsent: bool = False
    """Whether a read-back or a person has shown that it was not executed."""

    @property
    def due_at(self) -> float | None:
        """When it may be read back, in seconds by the journal's clock; None for the quiet period."""
        return None if self.since is None or self.pause is None else self.since + self.pause

    @property
    def ettn(self) -> UUID | None:
        """The ETTN of the document, whatever settled it: the reply, a read-back or a person. None if nobody saw it."""
        return self._document()[0]

    @property
    def number(self) -> str | None:
        """The number of the invoice, whatever settled it. None if nobody saw it: KolayBi's reply to a send has none."""
        return self._document()[1]

    def _document(self) -> tuple[UUID | None, str | None]:
        """Return the ETTN and the number of one document: of the reply, else of what a person or a look-up saw last."""
        if self.state is not State.DONE:
            return None, None
        seen = [
            *((one.ettn, one.number) for one in self.evidence),
            *((one.ettn, one.number) for one in self.history),
            (getattr(self.result, "uuid", None), getattr(self.result, "number", None)),
        ]
        ettn, number = next((one for one in reversed(seen) if one != (None, None)), (None, None))
        # What one of them did not show, another one that saw the same document may have shown.
        if ettn is None:
            ettn = next((other for other, same in reversed(seen) if same == number and other is not None), None)
        if number is None:
            number = next((other for same, other in reversed(seen) if same == ettn and other is not None), None)
        return ettn, number
