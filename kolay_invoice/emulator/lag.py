"""The emulator's own time, and what a list still shows while it lags behind a send."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

import attrs

_Row = TypeVar("_Row")


@attrs.define
class Clock:
    """Seconds that pass by themselves, or when a test says so."""

    _source: Callable[[], float] = time.monotonic
    _ahead: float = 0.0

    def now(self) -> float:
        """Return the seconds since some moment in the past."""
        return self._source() + self._ahead

    def let_pass(self, seconds: float) -> None:
        """Put the clock forward.

        Raises:
            ValueError: It would go backward.
        """
        if not seconds >= 0:
            raise ValueError(f"seconds: {seconds!r} is not a number from 0 on")
        self._ahead += seconds


@attrs.define
class Lag(Generic[_Row]):
    """What rows were before they were sent, for as long as a list may go on to show them so."""

    _clock: Clock
    _before: dict[int, list[tuple[float, _Row]]] = attrs.field(factory=dict)

    def note(self, number: int, before: _Row) -> None:
        """Remember what a row is, at the moment in which it becomes another."""
        self._before.setdefault(number, []).append((self._clock.now(), before))

    def forget(self, number: int) -> None:
        """Show a row as it is, whatever it was before."""
        self._before.pop(number, None)

    def listed_row(self, number: int, present: _Row, lag: float) -> _Row:
        """Return what a list shows of a row that lags by so many seconds."""
        now = self._clock.now()
        return next((before for at, before in self._before.get(number, ()) if now - at < lag), present)
