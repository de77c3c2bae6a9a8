"""The journal as its users see it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import evolve, field, frozen

from kolay_invoice.endpoint import Request
from kolay_invoice.journal.database import Database, address
from kolay_invoice.journal.errors import JournalError
from kolay_invoice.journal.incoming import Requests
from kolay_invoice.journal.keys import planned
from kolay_invoice.journal.lease import LEASE_SECONDS, Lease
from kolay_invoice.journal.process import Owner
from kolay_invoice.journal.reconcile import not_executed as as_not_executed
from kolay_invoice.journal.runner import Progress, Run
from kolay_invoice.journal.store import Store
from kolay_invoice.journal.values import Row, State
from kolay_invoice.provider import Provider

if TYPE_CHECKING:
    from types import TracebackType

QUIET_PERIOD: Final = 300.0
PATIENCE: Final = 60.0

_KEYS_AT_ONCE: Final = 500


def can_be_settled(state: State, *, not_executed: bool) -> bool:
    """Whether a person's word counts on an operation in this state: in doubt, or refused and to be let go."""
    return state in (State.UNKNOWN, State.NEEDS_PERSON) or (state is State.REFUSED and not_executed)


@frozen
class Report:
    """What a run has come to.

    Attributes:
        counts: How many of the run's operations stand in each state now; the keys are `State`, or its text.
        stopped: Why the run ended before everything was tried; None where it went to its end.
    """

    counts: dict[State, int]
    stopped: str | None
    _store: Store = field(repr=False)
    _run: int = field(repr=False)

    @property
    def rows(self) -> AsyncIterator[Row]:
        """The run's operations in the order in which they were planned, read from the journal as they are asked for."""
        return self._store.rows(self._run)

    @property
    def is_settled(self) -> bool:
        """Whether every operation is done or refused."""
        return all(state.is_settled or not count for state, count in self.counts.items())


class Journal:
    """A durable record of operations: the promise that none is sent twice and no answer is lost, across crashes.

    Open one with `Journal.open`. One journal may be used by many processes at once: a SQLite file by those of one
    machine, a PostgreSQL database by those of many.
    """

    def __init__(self, url: str, *, create: bool, lease_seconds: float) -> None:
        self._url = url
        self._create = create
        self._lease_seconds = lease_seconds
        self._runs: set[Run] = set()
        self._open: _Open | None = None

    @classmethod
    def open(cls, url: str, *, create: bool = True, lease_seconds: float = LEASE_SECONDS) -> Journal:
        """Return the journal at a URL, to be used with `async with`. Nothing is opened before.

        Args:
            url: `sqlite:///sends.db` (four slashes for an absolute path) or `postgresql://user@host/database`.
                Signs in a password are percent-encoded: @ is %40.
            create: Whether to make a journal where there is none.
            lease_seconds: After how long without a sign of life other processes may take over what this one claimed.

        Raises:
            ValueError: The URL is of another kind. (`JournalError` comes when it is entered.)
        """
        address(url)
        _check_seconds("lease_seconds", lease_seconds)
        return cls(url, create=create, lease_seconds=lease_seconds)

    async def __aenter__(self) -> Self:
        if self._open is not None:
            msg = "this journal is open already"
            raise RuntimeError(msg)
        database = await Database.opened(self._url, create=self._create)
        owner = Owner()
        store = Store(database, owner)
        lease = Lease(store, self._lease_seconds)
        try:
            await lease.begin()
        except BaseException:
            await database.close()
            raise
        self._open = _Open(database, store, lease)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self.aclose()
        except JournalError:
            # The first error holds what the caller needs, such as the answers that could not be written down.
            if error is None:
                raise

    async def aclose(self) -> None:
        """Give back what is claimed and close the connections."""
        opened, self._open = self._open, None
        if opened is not None:
            try:
                await opened.lease.end()
            finally:
                await opened.database.close()

    async def run(
        self,
        client: Provider,
        requests: Requests,
        *,
        concurrency: int = 8,
        quiet_period: float = QUIET_PERIOD,
        patience: float = PATIENCE,
        company_id: int | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> Report:
        """Send every request at most once, and write every answer down. Running the same requests again goes on.

        What is done, refused, unknown or in somebody else's hands is not sent. A request that could not be sent stays
        planned, for the next run. What is unknown is read back when its quiet period is over.

        Args:
            client: The client of the requests' provider.
            requests: Request values such as `CreateEDocument(18)`, from any iterable or async iterable, of any length;
                they are read a few at a time.
            concurrency: How many calls may be on their way at once. The client's own limiter holds as well.
            quiet_period: Seconds after which an operation whose outcome is unknown is read back. Longer than the
                slowest late execution at the provider, or the read-back proves nothing.
            patience: Seconds that the run waits at its end, in all, for operations that become due meanwhile.
            company_id: KolayBi's company whose list is read back; without it every company of the account is asked.
            progress: Called with a `Progress` after each time that answers were written down.

        Returns:
            The counts and, read as they are asked for, the rows.

        Raises:
            JournalConflictError: A request is known with other parameters. What was on its way has ended.
            JournalError: The journal cannot be read or written. Nothing more was sent; `.unrecorded` holds the answers
                that are not in the journal.
        """
        if type(concurrency) is not int or concurrency < 1:
            msg = "concurrency must be a positive whole number"
            raise ValueError(msg)
        _check_seconds("quiet_period", quiet_period)
        _check_seconds("patience", patience)
        store, lease = self._opened().store, self._opened().lease
        run = Run(
            store,
            lease,
            client,
            concurrency=concurrency,
            quiet_period=quiet_period,
            patience=patience,
            company_id=company_id,
            progress=progress,
        )
        self._runs.add(run)
        try:
            await run.over(requests)
        finally:
            self._runs.discard(run)
        return Report(await store.counts(run.run_id), run.stopped, store, run.run_id)

    def stop(self) -> None:
        """Let every run of this journal start nothing more; what is on its way is waited for, and `run` returns."""
        for run in self._runs:
            run.stop("stopped on request")

    async def settle(
        self, key: str, *, done: bool | str = False, not_executed: bool | str = False, by: str = "a person"
    ) -> Row:
        """Write down a person's word on an operation that is unknown or needs a person.

        What was refused stays refused; with `not_executed` it may be sent again, when its cause is mended.

        Args:
            key: The operation's key, as its row shows it.
            done: It has happened; a text says how that is known.
            not_executed: It has not happened and may be sent by the next run; a text says how that is known.
            by: Who says so.

        Returns:
            The operation as it now stands.

        Raises:
            ValueError: Not exactly one of `done` and `not_executed` is given, or the key is not known or not in doubt.
        """
        if bool(done) == bool(not_executed):
            msg = "give exactly one of done and not_executed"
            raise ValueError(msg)
        store = self._opened().store
        row = await store.find(key)
        if row is None:
            msg = f"key: the journal knows no {key!r}"
            raise ValueError(msg)
        if not can_be_settled(row.state, not_executed=bool(not_executed)):
            msg = f"key: {key!r} is {row.state}, and only what is unknown or needs a person can be settled"
            raise ValueError(msg)
        word = done or not_executed
        said = f"settled by {by}: {'done' if done else 'not executed'}{'' if word is True else f' ({word})'}"
        was = row.state
        row = evolve(as_not_executed(row) if not_executed else evolve(row, state=State.DONE, due_at=None), note=said)
        if not await store.settle(row, was):
            msg = f"key: {key!r} was taken in hand in this moment: look at it again"
            raise ValueError(msg)
        return row

    async def counts(self) -> dict[State, int]:
        """Return how many operations of the whole journal stand in each state."""
        return await self._opened().store.counts()

    async def counts_of(self, client: Provider, requests: Iterable[Request[Any]]) -> dict[State, int]:
        """Return how many of these requests stand in each state. Sends nothing and writes nothing down.

        Args:
            client: The client by which they would be sent; its provider and account are part of what is looked for.
            requests: Request values such as `CreateEDocument(18)`. One that is there twice counts once.

        Returns:
            The number for each state; requests that the journal does not know are in none.

        Raises:
            JournalError: The journal cannot be read.
        """
        store = self._opened().store
        keys = sorted({planned(request, client.name, client.account).key for request in requests})
        counted = dict.fromkeys(State, 0)
        for first in range(0, len(keys), _KEYS_AT_ONCE):
            counts = await store.counts_of(keys[first : first + _KEYS_AT_ONCE])
            counted = {state: counted[state] + counts[state] for state in State}
        return counted

    def rows(self, states: Iterable[State | str] | None = None) -> AsyncIterator[Row]:
        """Iterate over the journal's operations, or those in some states, in the order in which they were planned."""
        wanted = None if states is None else [State(state) for state in states]
        return self._opened().store.rows(states=wanted)

    async def find(self, key: str) -> Row | None:
        """Return the operation of a key, or None."""
        return await self._opened().store.find(key)

    def _opened(self) -> _Open:
        if self._open is None:
            msg = "the journal is not open: use it inside `async with Journal.open(...) as journal`"
            raise RuntimeError(msg)
        return self._open


@frozen
class _Open:
    database: Database
    store: Store
    lease: Lease


def _check_seconds(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        msg = f"{name} must be a number of seconds that is not negative"
        raise ValueError(msg)
