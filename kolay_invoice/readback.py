"""What a provider's own records prove about an operation whose outcome is unknown.

By default absence proves nothing: a filter may mean something else, and a list may lag. Only what is found decides.
"""

from __future__ import annotations

from typing import Generic, TypeAlias, TypeVar
from uuid import UUID

from attrs import field, frozen

from kolay_invoice.messages import Message

RequestT = TypeVar("RequestT")


@frozen
class Evidence:
    """One look-up: its time, the call and what it showed. It holds no buyers' data."""

    at: float
    """Seconds since the epoch, by the wall clock; only for display."""
    asked: Message | str
    """The call, such as `get_invoice`."""
    seen: Message | str
    ettn: UUID | None = None
    """The ETTN of the official document, if the call showed one."""
    number: str | None = None
    """The number of the official document, if the call showed one."""


@frozen
class Executed:
    """The records show that the operation was executed. `reply` is the typed reply, as far as they show it."""

    reply: object
    evidence: tuple[Evidence, ...]


@frozen
class NotExecuted:
    """The document was found in a state that proves that nothing was sent."""

    evidence: tuple[Evidence, ...]


@frozen
class Undecided:
    """No record decides. A later look-up may find more."""

    why: str
    evidence: tuple[Evidence, ...] = field(default=())


@frozen
class NeedsPerson:
    """The records, or their absence, leave the decision to the operator."""

    why: str
    evidence: tuple[Evidence, ...] = field(default=())


@frozen
class Repeatable:
    """No record decides, and the provider's page says that repeating the call is harmless."""

    why: str
    evidence: tuple[Evidence, ...] = field(default=())


@frozen
class Earlier:
    """An earlier execution on the same document, sale or order. Its records prove nothing of another execution."""

    ettn: UUID | None = None
    """The ETTN of the earlier invoice. None if it is not known."""
    reply: object = field(default=None, repr=False)
    """The reply to the earlier execution. None if it is not known."""
    is_cancelled: bool = False
    """Whether a cancellation came after it. Otherwise it was executed on another occasion."""


Sight: TypeAlias = Executed | NotExecuted | Repeatable | Undecided | NeedsPerson


@frozen
class ReadBackQuery(Generic[RequestT]):
    """What is known of an operation that is looked up."""

    request: RequestT = field(repr=False)
    """The request as it is sent."""
    requested: RequestT = field(repr=False)
    """The request as the caller gave it, before `Endpoint.freeze`."""
    company_id: int | None = None
    """The company whose list is read first. The others are read if it does not show the document."""
    absence_proves: bool = False
    """Whether absence from the provider's records proves that the operation was not executed."""
    was_unofficial: bool = False
    """Whether the document was read before a resend and was not official then."""
    earlier: tuple[Earlier, ...] = ()
    """The earlier executions on the same document, sale or order."""
