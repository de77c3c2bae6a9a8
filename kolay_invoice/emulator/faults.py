"""The faults that can be asked for: what each does, and which call is struck by which.

The kinds are those that a client must survive without doing anything twice, so each says first of all whether the call
is carried out before the trouble begins.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from enum import Enum, auto

import attrs

from kolay_invoice.emulator.routes import ANY_OPERATION, ECHOING, operation_named


class Reach(Enum):
    """What reaches the caller of a struck call."""

    SLOW_ANSWER = auto()
    LATE_EXECUTION = auto()
    STRAY_ANSWER = auto()
    CUT_ANSWER = auto()
    STATUS = auto()
    REDIRECT = auto()
    LOGIN_PAGE = auto()
    EMPTY = auto()
    GARBAGE = auto()
    CLOSE = auto()
    RESET = auto()


@attrs.frozen(kw_only=True)
class Kind:
    """A kind of fault.

    Attributes:
        executes: Whether the call is carried out, unless the fault says otherwise.
        needs_answer: Whether it spoils the real answer and thus cannot do without carrying the call out.
    """

    name: str
    reach: Reach
    executes: bool
    needs_answer: bool = False
    status: int = 200


def _status(status: int, *, executes: bool, name: str | None = None) -> Kind:
    return Kind(name=name or str(status), reach=Reach.STATUS, executes=executes, status=status)


def _redirect(status: int, name: str | None = None) -> Kind:
    return Kind(name=name or str(status), reach=Reach.REDIRECT, executes=False, status=status)


_KINDS = (
    Kind(name="slow", reach=Reach.SLOW_ANSWER, executes=True, needs_answer=True),
    Kind(name="late", reach=Reach.LATE_EXECUTION, executes=True, needs_answer=True),
    Kind(name="drop-before", reach=Reach.CLOSE, executes=False),
    Kind(name="drop-after", reach=Reach.CLOSE, executes=True),
    Kind(name="rst", reach=Reach.RESET, executes=True),
    Kind(name="garbage", reach=Reach.GARBAGE, executes=True),
    Kind(name="cut-body", reach=Reach.CUT_ANSWER, executes=True, needs_answer=True),
    Kind(name="wrong-echo", reach=Reach.STRAY_ANSWER, executes=True, needs_answer=True),
    Kind(name="login-page", reach=Reach.LOGIN_PAGE, executes=False),
    Kind(name="empty", reach=Reach.EMPTY, executes=True),
    # Too many requests are counted at the door, before anything is carried out.
    _status(429, executes=False),
    # KolayBi's 504 and 524 on e-document/create are known to come back while the document exists.
    *(_status(status, executes=True) for status in (500, 502, 503, 504, 524)),
    _status(500, executes=True, name="5xx"),
    _redirect(302, "redirect"),
    *(_redirect(status) for status in (301, 302, 303, 307, 308)),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}
_ALIASES = {"drop-after-executing": "drop-after", "drop": "drop-after", "redirect-307": "307", "redirect-302": "302"}

DEFAULT_SECONDS = 1.0
_TIMED = frozenset({Reach.SLOW_ANSWER, Reach.LATE_EXECUTION})


def kind_named(name: str | int) -> Kind:
    """Return the kind of fault that a name means, however it is spelt.

    Raises:
        ValueError: There is no such kind.
    """
    spelling = str(name).strip().lower().replace("_", "-").replace(" ", "-")
    kind = KINDS.get(_ALIASES.get(spelling, spelling))
    if kind is None:
        raise ValueError(f"kind: {name!r} is not one of {', '.join(KINDS)}")
    return kind


@attrs.frozen(kw_only=True)
class Fault:
    """A fault, with what it needs to be done.

    Attributes:
        seconds: How long a slow or late answer takes.
        retry_after: The text of a Retry-After header.
        location: Where a redirect points; None points at the very same address.
        executes: Whether the call is carried out.
    """

    kind: Kind
    seconds: float = 0.0
    retry_after: str | None = None
    location: str | None = None
    executes: bool

    @classmethod
    def of(
        cls,
        kind: Kind,
        *,
        seconds: float | None = None,
        retry_after: int | str | None = None,
        location: str | None = None,
        executes: bool | None = None,
    ) -> Fault:
        """Fill in what was left out, and refuse what contradicts itself.

        Raises:
            ValueError: The fault spoils a real answer, and the call is not to be carried out.
        """
        if kind.needs_answer and executes is False:
            raise ValueError(f"executes: {kind.name} needs the real answer, so the call is always carried out")
        return cls(
            kind=kind,
            seconds=(DEFAULT_SECONDS if seconds is None else seconds) if kind.reach in _TIMED else 0.0,
            retry_after=None if retry_after is None else str(retry_after),
            location=location,
            executes=kind.executes if executes is None else executes,
        )

    def strikes(self, operation: str) -> bool:
        """Tell whether the fault can be done to an operation at all."""
        return self.kind.reach is not Reach.STRAY_ANSWER or operation in ECHOING


@attrs.define
class _Planned:
    operation: str
    fault: Fault
    left: int


@attrs.define
class FaultPlan:
    """Which of the coming calls are struck: some by count, some by chance."""

    _random: random.Random
    _planned: list[_Planned] = attrs.field(factory=list)
    _rates: dict[str, tuple[Fault, float]] = attrs.field(factory=dict)

    @classmethod
    def seeded(cls, seed: int) -> FaultPlan:
        """Begin with no faults; the same seed strikes the same calls by chance."""
        return cls(random.Random(seed))  # noqa: S311 - chance for a test, and it has to repeat.

    def plan(self, operation: str, fault: Fault, times: int) -> None:
        """Strike the next calls of an operation.

        Raises:
            ValueError: The operation is unknown, the count is not positive, or the fault cannot be done to it.
        """
        name = operation_named(operation, any_allowed=True)
        if times < 1:
            raise ValueError(f"times: {times!r} is not a positive count")
        if name != ANY_OPERATION and not fault.strikes(name):
            raise ValueError(f"operation: the reply of {name} names no id, so {fault.kind.name} cannot be done to it")
        self._planned.append(_Planned(name, fault, times))

    def strike_at_random(self, fault: Fault, rate: float) -> None:
        """Strike a share of all calls; a rate of 0 ends it.

        Raises:
            ValueError: The rate is not between 0 and 1.
        """
        if not 0 <= rate <= 1:
            raise ValueError(f"rate: {rate!r} is not between 0 and 1")
        self._rates[fault.kind.name] = (fault, rate)

    @property
    def pending(self) -> tuple[tuple[str, str, int], ...]:
        """What is yet to strike by count: operation, kind and how many calls, in the order of their turns."""
        return tuple((planned.operation, planned.fault.kind.name, planned.left) for planned in self._planned)

    @property
    def rates(self) -> tuple[tuple[str, float], ...]:
        """What strikes by chance: kind, and the share of all calls."""
        return tuple((kind, rate) for kind, (_, rate) in self._rates.items() if rate)

    def clear(self) -> None:
        """Strike no call any more."""
        self._planned.clear()
        self._rates.clear()

    def take(self, operation: str) -> Fault | None:
        """Return the fault of the call that just arrived, and count it off. What was asked for first comes first."""
        for planned in self._planned:
            if planned.operation in {operation, ANY_OPERATION} and planned.fault.strikes(operation):
                planned.left -= 1
                if not planned.left:
                    self._planned.remove(planned)
                return planned.fault
        for fault, rate in self._rates.values():
            if fault.strikes(operation) and self._random.random() < rate:
                return fault
        return None
