"""What a journal returns about itself: the report of a run, and its own identity."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import ClassVar

from attrs import field, frozen

from kolay_invoice.journal.identity import Doubt
from kolay_invoice.journal.models import Row, State
from kolay_invoice.journal.row_filter import RowFilter
from kolay_invoice.journal.store import Store
from kolay_invoice.value import Value


@frozen
class ReportBase(Value):
    """What the report of a run holds, whichever way its rows are read.

    Attributes:
        run_id: The run's number in the journal. Rows that this run settled have it as `settled_in`.
        counts: How many of the run's operations are in each state now; the keys are `State`, or its text.
        done_now: How many operations became done, or were found done, in this run.
        stopped: Why the run ended early; None if it tried everything.
        untried: How many operations were not sent yet, and why, as a sentence; None if there are none.
    """

    also_in_json: ClassVar[tuple[str, ...]] = ("done_before", "is_settled")

    run_id: int
    counts: dict[State, int]
    done_now: int
    stopped: str | None
    untried: str | None

    @property
    def done_before(self) -> int:
        """How many operations were done before this run, or settled as done by a person."""
        return self.counts[State.DONE] - self.done_now

    @property
    def is_settled(self) -> bool:
        """Whether every operation is done or refused."""
        return all(state.is_settled or not count for state, count in self.counts.items())


@frozen
class Report(ReportBase):
    """The result of a run. Its rows are read on demand, while the journal is open."""

    _store: Store = field(repr=False)

    @property
    def rows(self) -> AsyncIterator[Row]:
        """The run's operations in the order of planning, read from the journal during the iteration.

        Raises:
            RuntimeError: The journal was closed.
        """
        return self._store.rows(RowFilter(run=self.run_id))


@frozen
class Identity(Value):
    """The identity of an open journal.

    Attributes:
        journal_id: Created with the tables; it never changes.
        place: Its URL, without a password.
        last_run: The number of the last run; None before the first.
        doubt: A sign that commits may be missing, so that operations are looked up before they are sent; None for none.
    """

    journal_id: str
    place: str
    last_run: int | None
    doubt: Doubt | None
