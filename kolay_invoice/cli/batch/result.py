"""What a batch comes to: what has become of it, and an operation as people see it."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from attrs import Factory, define, fields

from kolay_invoice.cli.batch.conflicts import LineConflict
from kolay_invoice.journal import Row, State

SHOWN_WAITING: Final = 20


@define
class Before:
    """What was settled before a run, and when: the first and the last time, in seconds since the epoch."""

    count: int = 0
    first_at: float | None = None
    last_at: float | None = None

    def add(self, settled_at: float | None) -> None:
        """Add an operation that was settled at a time."""
        self.count += 1
        times = [at for at in (self.first_at, self.last_at, settled_at) if at is not None]
        self.first_at, self.last_at = min(times, default=None), max(times, default=None)


@define
class BatchResult:
    """What has become of a batch.

    Attributes:
        counts: How many operations stand in each state.
        whole_journal: Whether the counts are those of the whole journal, because the run ended without its own.
        read: How many of the file's operations were reached.
        not_reached: How many were not.
        sent: How many operations were tried and got anywhere in this run.
        stopped: Why the run ended before everything was tried.
        outcomes: How often an operation came to each state in this run.
        before: What was done, and what was refused, before this run; by state.
        doubt: Why the journal may lack what it once held, so that nothing was sent before it was looked up.
        untried: How many operations were not sent, and why, as sentences.
        waiting: The first operations that wait for a person.
        conflicts: Lines that ask for what is known with other fields.
        error: What ended the run, in words.
        unrecorded: Answers that came and are not in the journal.
    """

    counts: Counter[str] = Factory(Counter)
    whole_journal: bool = False
    read: int = 0
    not_reached: int = 0
    sent: int = 0
    outcomes: Counter[str] = Factory(Counter)
    stopped: list[str] = Factory(list)
    before: dict[State, Before] = Factory(lambda: {State.DONE: Before(), State.REFUSED: Before()})
    doubt: str | None = None
    untried: list[str] = Factory(list)
    waiting: list[Row] = Factory(list)
    conflicts: list[LineConflict] = Factory(list)
    error: str | None = None
    interrupted: bool = False
    unrecorded: list[dict[str, Any]] = Factory(list)

    @property
    def settled_before(self) -> int:
        """How many operations were done or refused before this run, and not sent by it."""
        return 0 if self.whole_journal else sum(before.count for before in self.before.values())

    def settled_now(self, state: State) -> int:
        """Return how many operations were done, or were refused, in this run."""
        return self.outcomes[state] if self.whole_journal else self.counts[state] - self.before[state].count

    def of(self, *states: State) -> int:
        """Return how many operations stand in these states."""
        return sum(self.counts[state] for state in states)


def counts_by_name(counts: dict[State, int]) -> Counter[str]:
    """Return counts by the names of their states."""
    return Counter({str(state): count for state, count in counts.items() if count})


def row_as_dict(row: Row) -> dict[str, Any]:
    """Return an operation as plain values for people and scripts; private fields are left out."""
    return {
        "key": row.key,
        "state": str(row.state),
        "note": row.note,
        "request": _shown_fields(row.request),
        "result": None if row.result is None else _shown_fields(row.result),
        "refusal": None if row.refusal is None else _shown_fields(row.refusal, "detail"),
        "attempts": [_shown_fields(attempt) for attempt in row.attempts],
        "since": row.since,
        "due_at": row.due_at,
        "operation": row.operation,
        "occasion": row.occasion,
        "generation": row.generation,
        "settled_at": row.settled_at,
        "settled_in_run": row.settled_in,
        "evidence": [_shown_fields(evidence) for evidence in row.evidence],
        "history": [_shown_fields(change) for change in row.history],
    }


def _shown_fields(value: Any, *also: str) -> dict[str, Any]:
    return {
        a.name: getattr(value, a.name)
        for a in fields(type(value))
        if (a.repr or a.name in also) and getattr(value, a.name) is not None
    }
