"""The faults: what each does, and which calls it is applied to.

A client must survive each kind without executing an operation twice, so a kind states whether the call is carried out
before the fault.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from enum import Enum, auto

import attrs

from kolay_invoice.emulator.routes import ANY_OPERATION, ECHOING, parse_operation
from kolay_invoice.messages import Message


class FaultEffect(Enum):
    """What the caller receives."""

    SLOW_REPLY = auto()
    LATE_EXECUTION = auto()
    WRONG_SUBJECT = auto()
    TRUNCATED_REPLY = auto()
    STATUS = auto()
    REDIRECT = auto()
    LOGIN_PAGE = auto()
    EMPTY = auto()
    GARBAGE = auto()
    CLOSE = auto()
    RESET = auto()


@attrs.frozen(kw_only=True)
class FaultKind:
    """A kind of fault.

    Attributes:
        executes: Whether the call is carried out by default.
        needs_reply: Whether it alters the real reply, so that the call has to be carried out.
    """

    name: str
    effect: FaultEffect
    executes: bool
    needs_reply: bool = False
    status: int = 200


def _status_kind(status: int, *, executes: bool, name: str | None = None) -> FaultKind:
    return FaultKind(name=name or str(status), effect=FaultEffect.STATUS, executes=executes, status=status)


def _redirect_kind(status: int, name: str | None = None) -> FaultKind:
    return FaultKind(name=name or str(status), effect=FaultEffect.REDIRECT, executes=False, status=status)


_KINDS = (
    FaultKind(name="slow", effect=FaultEffect.SLOW_REPLY, executes=True, needs_reply=True),
    FaultKind(name="late", effect=FaultEffect.LATE_EXECUTION, executes=True, needs_reply=True),
    FaultKind(name="drop-before", effect=FaultEffect.CLOSE, executes=False),
    FaultKind(name="drop-after", effect=FaultEffect.CLOSE, executes=True),
    FaultKind(name="rst", effect=FaultEffect.RESET, executes=True),
    FaultKind(name="garbage", effect=FaultEffect.GARBAGE, executes=True),
    FaultKind(name="cut-body", effect=FaultEffect.TRUNCATED_REPLY, executes=True, needs_reply=True),
    FaultKind(name="wrong-echo", effect=FaultEffect.WRONG_SUBJECT, executes=True, needs_reply=True),
    FaultKind(name="login-page", effect=FaultEffect.LOGIN_PAGE, executes=False),
    FaultKind(name="empty", effect=FaultEffect.EMPTY, executes=True),
    # A rate limiter answers before anything is carried out.
    _status_kind(429, executes=False),
    # KolayBi's 504 and 524 on e-document/create are known to come back while the document exists.
    *(_status_kind(status, executes=True) for status in (500, 502, 503, 504, 524)),
    _status_kind(500, executes=True, name="5xx"),
    _redirect_kind(302, "redirect"),
    *(_redirect_kind(status) for status in (301, 302, 303, 307, 308)),
)
KINDS: Mapping[str, FaultKind] = {kind.name: kind for kind in _KINDS}
_ALIASES = {"drop-after-executing": "drop-after", "drop": "drop-after", "redirect-307": "307", "redirect-302": "302"}

DEFAULT_SECONDS = 1.0
_TIMED = frozenset({FaultEffect.SLOW_REPLY, FaultEffect.LATE_EXECUTION})


def parse_kind(name: str | int) -> FaultKind:
    """Return the kind of fault with a name, in any spelling.

    Raises:
        ValueError: There is no such kind.
    """
    spelling = str(name).strip().lower().replace("_", "-").replace(" ", "-")
    kind = KINDS.get(_ALIASES.get(spelling, spelling))
    if kind is None:
        raise ValueError(Message("kind: {given} is not one of {names}", given=repr(name), names=", ".join(KINDS)))
    return kind


@attrs.frozen(kw_only=True)
class Fault:
    """A fault with its parameters.

    Attributes:
        seconds: How long a slow or late reply takes.
        retry_after: The text of a Retry-After header.
        location: Where a redirect points; None means the address of the request.
        executes: Whether the call is carried out.
    """

    kind: FaultKind
    seconds: float = 0.0
    retry_after: str | None = None
    location: str | None = None
    executes: bool

    @classmethod
    def of(
        cls,
        kind: FaultKind,
        *,
        seconds: float | None = None,
        retry_after: int | str | None = None,
        location: str | None = None,
        executes: bool | None = None,
    ) -> Fault:
        """Make a fault, with defaults for what is None.

        Raises:
            ValueError: The fault alters the real reply, but `executes` is False.
        """
        if kind.needs_reply and executes is False:
            raise ValueError(f"executes: {kind.name} needs the real answer, so the call is always carried out")
        return cls(
            kind=kind,
            seconds=(DEFAULT_SECONDS if seconds is None else seconds) if kind.effect in _TIMED else 0.0,
            retry_after=None if retry_after is None else str(retry_after),
            location=location,
            executes=kind.executes if executes is None else executes,
        )

    def applies_to(self, operation: str) -> bool:
        """Whether the fault is possible for an operation."""
        return self.kind.effect is not FaultEffect.WRONG_SUBJECT or operation in ECHOING


@attrs.define
class _ScheduledFault:
    operation: str
    fault: Fault
    calls_left: int


@attrs.define
class FaultPlan:
    """Which of the next calls get a fault: by count or by a random rate."""

    _random: random.Random
    _scheduled: list[_ScheduledFault] = attrs.field(factory=list)
    _rates: dict[str, tuple[Fault, float]] = attrs.field(factory=dict)

    @classmethod
    def from_seed(cls, seed: int) -> FaultPlan:
        """Make an empty plan; the same seed chooses the same calls."""
        return cls(random.Random(seed))  # noqa: S311 - chance for a test, and it has to repeat.

    def schedule(self, operation: str, fault: Fault, times: int) -> None:
        """Apply a fault to the next calls of an operation.

        Raises:
            ValueError: The operation is unknown, the count is not positive, or the fault is impossible for it.
        """
        name = parse_operation(operation, any_allowed=True)
        if times < 1:
            raise ValueError(f"times: {times!r} is not a positive count")
        if name != ANY_OPERATION and not fault.applies_to(name):
            raise ValueError(f"operation: the reply of {name} names no id, so {fault.kind.name} cannot be done to it")
        self._scheduled.append(_ScheduledFault(name, fault, times))

    def strike_at_random(self, fault: Fault, rate: float) -> None:
        """Apply a fault to a random share of all calls; a rate of 0 ends it.

        Raises:
            ValueError: The rate is not between 0 and 1.
        """
        if not 0 <= rate <= 1:
            raise ValueError(Message("rate: {given} is not between 0 and 1", given=repr(rate)))
        self._rates[fault.kind.name] = (fault, rate)

    @property
    def pending(self) -> tuple[tuple[str, str, int], ...]:
        """The faults scheduled by count: operation, kind and remaining calls, in order."""
        return tuple(
            (scheduled.operation, scheduled.fault.kind.name, scheduled.calls_left) for scheduled in self._scheduled
        )

    @property
    def rates(self) -> tuple[tuple[str, float], ...]:
        """The random faults: kind and share of all calls."""
        return tuple((kind, rate) for kind, (_, rate) in self._rates.items() if rate)

    def clear(self) -> None:
        """Remove all faults."""
        self._scheduled.clear()
        self._rates.clear()

    def take(self, operation: str) -> Fault | None:
        """Return the fault for a call and decrement its count. Faults are taken in the order they were scheduled."""
        for scheduled in self._scheduled:
            if scheduled.operation in {operation, ANY_OPERATION} and scheduled.fault.applies_to(operation):
                scheduled.calls_left -= 1
                if not scheduled.calls_left:
                    self._scheduled.remove(scheduled)
                return scheduled.fault
        for fault, rate in self._rates.values():
            if fault.applies_to(operation) and self._random.random() < rate:
                return fault
        return None
