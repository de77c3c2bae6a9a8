"""What a row of the benchmarks has come to, before it is written or drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import field, frozen

from benchmarks.child import Sample
from benchmarks.measuring import Contestant, Seen, cpu, wall


def shown(figure: float) -> str:
    """Return a figure with the digits that mean something."""
    return f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.3g}"


@frozen
class Goal:
    """A goal and what was seen."""

    text: str
    seen: str
    is_reached: bool

    @classmethod
    def at_most(cls, what: str, limit: float, seen: float, unit: str = "×") -> Goal:
        """Make a goal that is an upper limit."""
        return cls(f"{what} ≤ {limit:g} {unit}", f"{shown(seen)} {unit}", seen <= limit)

    @classmethod
    def at_least(cls, what: str, limit: float, seen: float, unit: str = "×") -> Goal:
        """Make a goal that is a lower limit."""
        return cls(f"{what} ≥ {limit:g} {unit}", f"{shown(seen)} {unit}", seen >= limit)


@frozen
class Table:
    """Figures in words."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@frozen
class Chart:
    """Bars of one comparison; the goals are lines across them."""

    name: str
    title: str
    axis: str
    bars: Sequence[tuple[str, float]]
    lines: Sequence[tuple[str, float]] = ()


def at_most(limit: float) -> list[tuple[str, float]]:
    """Return the line of a goal that is an upper limit."""
    return [(f"goal: at most {limit:g}", limit)]


def at_least(limit: float, whose: str = "") -> list[tuple[str, float]]:
    """Return the line of a goal that is a lower limit, for all bars or only some."""
    return [(f"goal: {whose}{' ' if whose else ''}at least {limit:g}", limit)]


@frozen
class Result:
    """One row."""

    number: int
    work: str
    compared_with: str
    goals: Sequence[Goal] = ()
    tables: Sequence[Table] = ()
    charts: Sequence[Chart] = ()
    notes: Sequence[str] = field(default=())


def comparison(
    name: str,
    title: str,
    seen: Seen,
    contestants: Sequence[Contestant],
    base: str,
    *,
    unit: str = "call",
    more: Sequence[tuple[str, Callable[[Sample], float], str]] = (),
    lines: Sequence[tuple[str, float]] = (),
) -> tuple[Table, Chart]:
    """Return a table and a chart of CPU a unit, as ratios to the base contestant.

    `more` are further columns: heading, figure, format.
    """
    rows = [
        (
            one.label,
            seen.spread(one.label, base, cpu),
            f"{seen.of(one.label, cpu):,.1f}",
            f"{seen.of(one.label, wall):,.1f}",
            *(format(seen.of(one.label, figure), form) for _, figure, form in more),
        )
        for one in contestants
    ]
    columns = ("", f"CPU × {base}", f"CPU µs a {unit}", f"wall µs a {unit}", *(heading for heading, _, _ in more))
    bars = [(one.label, seen.ratio(one.label, base, cpu)) for one in contestants]
    return Table(title, columns, rows), Chart(name, title, f"CPU, as a multiple of {base}", bars, lines)
