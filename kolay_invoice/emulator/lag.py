"""The emulator's clock, and the earlier rows that a lagging list still shows."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

import attrs

_Row = TypeVar("_Row")


@attrs.define
class Clock:
    """A monotonic clock that a test can advance."""

    _source: Callable[[], float] = time.monotonic
    _ahead: float = 0.0

    def now(self) -> float:
        """Return the seconds since an arbitrary moment."""
        return self._source() + self._ahead

    def let_pass(self, seconds: float) -> None:
        """Advance the clock.

        Raises:
            ValueError: It would go backward.
        """
        if not seconds >= 0:
            raise ValueError(f"seconds: {seconds!r} is not a number from 0 on")
        self._ahead += seconds


@attrs.define
class Lag(Generic[_Row]):
    """Earlier versions of rows, with the time at which each was replaced."""

    _clock: Clock
    _before: dict[int, list[tuple[float, _Row]]] = attrs.field(factory=dict)

    def note(self, number: int, before: _Row) -> None:
        """Record the version of a row that is being replaced now."""
        self._before.setdefault(number, []).append((self._clock.now(), before))

    def forget(self, number: int) -> None:
        """Drop the earlier versions of a row."""
        self._before.pop(number, None)

    def listed_row(self, number: int, present: _Row, lag: float) -> _Row:
        """Return the version of a row that a list with this lag shows."""
        now = self._clock.now()
        return next((before for at, before in self._before.get(number, ()) if now - at < lag), present)
