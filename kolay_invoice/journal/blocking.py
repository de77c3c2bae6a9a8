"""The blocking twin of the journal, for scripts, Celery and Django commands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeVar, cast, overload
from uuid import UUID

from attrs import field, frozen

from kolay_invoice.blocking.base import BlockingClient, Ownership
from kolay_invoice.blocking.batch import core_of
from kolay_invoice.blocking.loop_thread import loop_thread
from kolay_invoice.journal.chunking import AnyRequest
from kolay_invoice.journal.errors import JournalError
from kolay_invoice.journal.journal import GIVE_UP_AFTER, PATIENCE, QUIET_PERIOD, Journal
from kolay_invoice.journal.lease import LEASE_SECONDS
from kolay_invoice.journal.models import Row, State
from kolay_invoice.journal.planning import Conflict
from kolay_invoice.journal.report import Identity, Report, ReportBase
from kolay_invoice.journal.row_filter import States
from kolay_invoice.journal.writer import Progress

if TYPE_CHECKING:
    from types import TracebackType

T = TypeVar("T")

_PAGE: Final = 200
"""How many rows are fetched from the loop's thread at once."""


@frozen
class BlockingReport(ReportBase):
    """The result of a run. Its rows are read on demand, while the journal is open."""

    _report: Report = field(repr=False)

    @property
    def rows(self) -> Iterator[Row]:
        """The run's operations in the order of planning, read from the journal during the iteration.

        Raises:
            RuntimeError: The journal was closed.
        """
        return _each(self._report.rows)


class BlockingJournal:
    """The blocking twin of `Journal`: the same methods without `await`, for blocking clients.

    `BlockingJournal.open` opens it, `with` or `close` closes it. Any number of threads may use one at the same time. It
    belongs to its process: open it after a fork.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._ownership = Ownership(journal)

    @classmethod
    def open(cls, url: str, *, create: bool = True, lease_seconds: float = LEASE_SECONDS) -> Self:
        """Open the journal at a URL.

        The blocking twin of `Journal.open`: same arguments and errors; this one opens it at once.
        """
        journal = Journal.open(url, create=create, lease_seconds=lease_seconds)
        opened = cls(journal)
        try:
            loop_thread.run(journal.__aenter__)
        except BaseException:
            # An interruption can come when it is open already.
            opened.close()
            raise
        return opened

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self.close()
        except JournalError:
            if error is None:
                raise

    def close(self) -> None:
        """Stop the runs, wait for calls in flight, release claimed operations and close the connections."""
        self._ownership.close(self._journal.aclose)

    def run(
        self,
        client: BlockingClient[Any],
        requests: Iterable[AnyRequest],
        *,
        concurrency: int = 8,
        quiet_period: float = QUIET_PERIOD,
        patience: float = PATIENCE,
        company_id: int | None = None,
        progress: Callable[[Progress], None] | None = None,
        occasion: str = "",
        asked_by: str = "",
        look_first: bool = False,
        give_up_after: float = GIVE_UP_AFTER,
        absence_proves: bool = False,
    ) -> BlockingReport:
        """Send every request at most once, and record every reply. Running the same requests again continues.

        The blocking twin of `Journal.run`: same arguments and errors. The requests are read to their end, in the
        caller's thread, before the first one is sent; `progress` is called in the loop's thread. `.report` of a
        `JournalConflictError` has the counts; read its rows with `rows`. A Ctrl-C cancels the calls in flight and
        records what is known of each.
        """
        core = core_of(client, "BlockingJournal")
        report = loop_thread.run(
            self._journal.run,
            core,
            list(requests),
            concurrency=concurrency,
            quiet_period=quiet_period,
            patience=patience,
            company_id=company_id,
            progress=progress,
            occasion=occasion,
            asked_by=asked_by,
            look_first=look_first,
            give_up_after=give_up_after,
            absence_proves=absence_proves,
        )
        return BlockingReport(report.run_id, report.counts, report.done_now, report.stopped, report.untried, report)

    def stop(self) -> None:
        """Stop every run of this journal: no call is started any more, and `run` returns after those in flight.

        The blocking twin of `Journal.stop`. Another thread or a signal handler may call it.
        """
        loop_thread.run(self._stop)

    async def _stop(self) -> None:
        self._journal.stop()

    @property
    def identity(self) -> Identity:
        """The identity of this journal, and whether commits may be missing."""
        return self._journal.identity

    def end_doubt(self, *, by: str, because: str) -> None:
        """Record that a person has confirmed that nothing is missing in this journal, or that everything was checked.

        The blocking twin of `Journal.end_doubt`: same arguments and errors.
        """
        loop_thread.run(self._journal.end_doubt, by=by, because=because)

    @overload
    def settle(
        self,
        key: str | Row,
        *,
        done: Literal[True],
        ettn: UUID | str | None = None,
        number: str | None = None,
        by: str = "a person",
        because: str | None = None,
    ) -> Row: ...
    @overload
    def settle(
        self, key: str | Row, *, not_executed: Literal[True], by: str = "a person", because: str | None = None
    ) -> Row: ...
    def settle(
        self,
        key: str | Row,
        *,
        done: bool = False,
        not_executed: bool = False,
        ettn: UUID | str | None = None,
        number: str | None = None,
        by: str = "a person",
        because: str | None = None,
    ) -> Row:
        """Record a person's decision on an operation that is unknown or needs a person.

        The blocking twin of `Journal.settle`: same arguments, reply and errors.
        """
        settle = cast("Callable[..., Coroutine[Any, Any, Row]]", self._journal.settle)
        return loop_thread.run(
            settle,
            key,
            done=done,
            not_executed=not_executed,
            ettn=ettn,
            number=number,
            by=by,
            because=because,
        )

    def counts(self) -> dict[State, int]:
        """Return how many operations of the whole journal are in each state."""
        return loop_thread.run(self._journal.counts)

    def counts_of(self, client: BlockingClient[Any], requests: Iterable[AnyRequest]) -> dict[State, int]:
        """Return how many of these requests are in each state. Sends and records nothing.

        The blocking twin of `Journal.counts_of`: same arguments, reply and errors.
        """
        return loop_thread.run(self._journal.counts_of, core_of(client, "BlockingJournal"), list(requests))

    def rows(
        self,
        *,
        state: States | None = None,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
        operation: str | None = None,
    ) -> Iterator[Row]:
        """Iterate over the journal's operations in the order of planning. Sends and records nothing.

        The blocking twin of `Journal.rows`: same arguments and errors.
        """
        return _each(self._journal.rows(state=state, since=since, until=until, operation=operation))

    def row(self, key: str) -> Row | None:
        """Return the operation of a key as `Row.key` shows it, or None. Sends and records nothing."""
        return loop_thread.run(self._journal.row, key)

    def find(self, client: BlockingClient[Any], request: AnyRequest) -> Row | None:
        """Return the operation of a request, or None if it was never planned. Sends and records nothing.

        The blocking twin of `Journal.find`: same arguments, reply and errors.
        """
        return loop_thread.run(self._journal.find, core_of(client, "BlockingJournal"), request)

    def find_conflicts(
        self, client: BlockingClient[Any], requests: Iterable[AnyRequest], occasion: str = ""
    ) -> list[Conflict]:
        """Return which of these requests are known with other parameters. Sends and records nothing.

        The blocking twin of `Journal.find_conflicts`: same arguments, reply and errors.
        """
        return loop_thread.run(
            self._journal.find_conflicts, core_of(client, "BlockingJournal"), list(requests), occasion
        )


def _each(rows: AsyncIterator[T]) -> Iterator[T]:
    while page := loop_thread.run(_take, rows):
        yield from page


async def _take(rows: AsyncIterator[T]) -> list[T]:
    page: list[T] = []
    async for row in rows:
        page.append(row)
        if len(page) == _PAGE:
            break
    return page
