"""What a look at a provider's own records proves about an operation that may have happened.

Absence proves nothing: a filter can mean something else, a list can lag. Only what is seen decides.
"""

from __future__ import annotations

from typing import Generic, TypeAlias, TypeVar

from attrs import field, frozen

RequestT = TypeVar("RequestT")


@frozen
class Evidence:
    """One look: when, at what, and what was seen there. It holds no buyers' data."""

    at: float
    """Seconds since the epoch, by the wall clock: for people."""
    asked: str
    """The call, such as `get_invoice`."""
    seen: str


@frozen
class Executed:
    """It was seen to have happened. `reply` is the typed reply, as far as the records show it."""

    reply: object
    evidence: tuple[Evidence, ...]


@frozen
class NotExecuted:
    """The document itself was seen in a state in which nothing was sent."""

    evidence: tuple[Evidence, ...]


@frozen
class Undecided:
    """Nothing was seen that decides; a later look may see more."""

    why: str
    evidence: tuple[Evidence, ...] = field(default=())


@frozen
class NeedsPerson:
    """What was seen, or that nothing can be seen, leaves the decision to a person."""

    why: str
    evidence: tuple[Evidence, ...] = field(default=())


Sight: TypeAlias = Executed | NotExecuted | Undecided | NeedsPerson


@frozen
class ReadBackQuery(Generic[RequestT]):
    """What is known of an operation that is looked up."""

    request: RequestT = field(repr=False)
    """The request as it is sent."""
    requested: RequestT = field(repr=False)
    """The request as the caller gave it, before anything was chosen for it."""
    company_id: int | None = None
    """The company whose list is read first; the others are read where it does not show the document."""
    absence_proves: bool = False
    """Whether what the provider's records do not show was not done."""
    was_unofficial: bool = False
    """Whether the document was seen before a resend, and was not official then."""
    was_cancelled: bool = False
    """Whether an earlier invoice of the sale was cancelled, whose signed XML may still be there."""
