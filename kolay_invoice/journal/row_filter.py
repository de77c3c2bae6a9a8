"""Which operations of a journal are read."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Final, Literal, TypeAlias

from attrs import frozen

from kolay_invoice.journal.models import State
from kolay_invoice.operations import BY_NAME
from kolay_invoice.turkiye import on_turkiyes_clocks

StateName: TypeAlias = Literal[
    "planned", "claimed", "sending", "done", "refused", "unknown", "reconciling", "needs_person"
]
States: TypeAlias = State | StateName | Collection[State | StateName]

_STATES: Final = tuple(str(state) for state in State)


@frozen
class RowFilter:
    """The operations that are wanted: of a run, in some states, of a method, of a time."""

    run: int | None = None
    states: tuple[State, ...] | None = None
    operation: str | None = None
    since: float | None = None
    """Seconds since the epoch; included."""
    until: float | None = None
    """Seconds since the epoch; not included."""


EVERY_ROW: Final = RowFilter()


def make_filter(
    *, state: States | None, since: datetime | date | None, until: datetime | date | None, operation: str | None
) -> RowFilter:
    """Return a filter of checked arguments.

    Raises:
        ValueError: A state or an operation does not exist, or a time has no UTC offset; the text names it.
    """
    states = None if state is None else tuple(map(_state, [state] if isinstance(state, str) else state))
    names = sorted({name for _, name in BY_NAME})
    if operation is not None and operation not in names:
        nearest = get_close_matches(str(operation), names, n=1)
        hint = f"did you mean {nearest[0]!r}?" if nearest else f"known are {', '.join(names)}"
        msg = f"operation must be the name of a client's method, not {operation!r}: {hint}"
        raise ValueError(msg)
    return RowFilter(None, states, operation, _moment("since", since), _moment("until", until))


def _state(value: object) -> State:
    if value not in _STATES:
        msg = f"state must be one of {', '.join(_STATES)}, not {value!r}"
        raise ValueError(msg)
    return State(str(value))


def _moment(name: str, value: object) -> float | None:
    """Return a time as seconds since the epoch. A day lasts from midnight to midnight in Türkiye."""
    if value is None:
        return None
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.timestamp()
    if isinstance(value, date) and not isinstance(value, datetime):
        day = value + timedelta(days=1) if name == "until" else value
        return on_turkiyes_clocks(datetime.combine(day, time())).timestamp()
    msg = f"{name} must be a date, or a datetime with an offset from UTC, not {value!r}"
    raise ValueError(msg)
