"""The result of a batch, and an operation as plain values."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from attrs import Factory, define, fields, has

from kolay_invoice.cli.batch.conflicts import LineConflict
from kolay_invoice.journal import Row, State

SHOWN_WAITING: Final = 20


@define
class Before:
    """The operations settled before a run: their count, first and last time (Unix seconds)."""

    count: int = 0
    first_at: float | None = None
    last_at: float | None = None

    def add(self, settled_at: float | None) -> None:
        """Count an operation and extend the time range."""
        self.count += 1
        times = [at for at in (self.first_at, self.last_at, settled_at) if at is not None]
        self.first_at, self.last_at = min(times, default=None), max(times, default=None)


@define
class BatchResult:
    """The result of a batch.

    Attributes:
        counts: The number of operations in each state.
        whole_journal: Whether `counts` covers the whole journal. It does if the run ended without a report.
        read: The number of operations read from the file.
        not_reached: The number of operations not read.
        sent: The number of operations that got past `planned` in this run.
        stopped: The reasons why the run ended early.
        outcomes: How often an operation reached each state in this run.
        before: The operations that were done, and those refused, before this run; by state.
        doubt: The reason why the journal may lack records. Every operation is then read back first.
        untried: The reasons why operations were not sent, with their numbers.
        waiting: The first operations in `needs_person`.
        conflicts: The lines that repeat an operation with other fields.
        error: The error that ended the run, as text.
        interrupted: Whether a signal stopped the run.
        unrecorded: Replies that the journal could not record.
        sent_documents: With `--follow`, KolayBi's invoices that are sent, before this run too.
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
    sent_documents: list[int] = Factory(list)

    @property
    def settled_before(self) -> int:
        """The number of operations that were done or refused before this run."""
        return 0 if self.whole_journal else sum(before.count for before in self.before.values())

    def settled_now(self, state: State) -> int:
        """Return the number of operations that reached this final state in this run."""
        return self.outcomes[state] if self.whole_journal else self.counts[state] - self.before[state].count

    def of(self, *states: State) -> int:
        """Return the number of operations in these states."""
        return sum(self.counts[state] for state in states)


def counts_by_name(counts: dict[State, int]) -> Counter[str]:
    """Return counts with state names as keys."""
    return Counter({str(state): count for state, count in counts.items() if count})


def row_as_dict(row: Row) -> dict[str, Any]:
    """Return an operation as plain values, without private fields."""
    return {
        "key": row.key,
        "state": str(row.state),
        "note": row.note,
        "request": _public_fields(row.request),
        "result": None if row.result is None else _public_fields(row.result),
        "refusal": None if row.refusal is None else _public_fields(row.refusal, "detail"),
        "attempts": [_public_fields(attempt) for attempt in row.attempts],
        "since": row.since,
        "due_at": row.due_at,
        "operation": row.operation,
        "occasion": row.occasion,
        "generation": row.generation,
        "settled_at": row.settled_at,
        "settled_in_run": row.settled_in,
        "evidence": [_public_fields(evidence) for evidence in row.evidence],
        "history": [_public_fields(change) for change in row.history],
    }


def _public_fields(value: Any, *also: str) -> dict[str, Any]:
    return {
        a.name: _public(getattr(value, a.name))
        for a in fields(type(value))
        if (a.repr or a.name in also) and getattr(value, a.name) is not None
    }


def _public(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_public(part) for part in value]
    return _public_fields(value) if has(type(value)) else value
