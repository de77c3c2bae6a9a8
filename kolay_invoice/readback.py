"""What a look at a provider's own records proves about an operation that may have happened.

Absence proves nothing: a filter can mean something else, a list can lag. Only what is seen decides.
"""

from __future__ import annotations

from typing import TypeAlias

from attrs import field, frozen

from kolay_invoice.messages import Message


@frozen
class Evidence:
    """One look: when, at what, and what was seen there. It holds no buyers' data."""

    at: float
    """Seconds since the epoch, by the wall clock: for people."""
    asked: Message | str
    """The call, such as `get_invoice`."""
    seen: Message | str


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
