"""The journal's public face: opening it, running requests, settling and reading operations."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable
from typing import TYPE_CHECKING, Final, Self

from attrs import evolve, field, frozen

from kolay_invoice.batch import check_concurrency
from kolay_invoice.client import BaseClient
from kolay_invoice.journal.chunking import AnyRequest, Requests
from kolay_invoice.journal.database import Database, address, display_url
from kolay_invoice.journal.errors import JournalError
from kolay_invoice.journal.identity import Doubt
from kolay_invoice.journal.lease import LEASE_SECONDS, Lease
from kolay_invoice.journal.models import Change, Row, State, show_key
from kolay_invoice.journal.operations import check_occasion, plan_operation
from kolay_invoice.journal.owner import Owner
from kolay_invoice.journal.planning import Conflict
from kolay_invoice.journal.readback import to_done, to_planned_again
from kolay_invoice.journal.runner import Run, RunOptions, make_conflict_error
from kolay_invoice.journal.store import Store
from kolay_invoice.journal.writer import Progress
from kolay_invoice.late_bytes import LATE_BYTES_SECONDS
from kolay_invoice.messages import N_, Message

if TYPE_CHECKING:
    from types import TracebackType

QUIET_PERIOD: Final = 300.0
PATIENCE: Final = 60.0
GIVE_UP_AFTER: Final = 86_400.0

_KEYS_PER_QUERY: Final = 500


def can_be_settled(state: State, *, not_executed: bool) -> bool:
    """Whether a person may settle an operation in this state: in doubt, or refused and to be allowed again."""
    return state in (State.UNKNOWN, State.NEEDS_PERSON) or (state is State.REFUSED and not_executed)


@frozen
class Report:
    """The result of a run.

    Attributes:
        run_id: The run's number in the journal. Rows that this run settled have it as `settled_in`.
        counts: How many of the run's operations are in each state now; the keys are `State`, or its text.
        done_now: How many operations became done, or were found done, in this run.
        stopped: Why the run ended early; None if it tried everything.
        untried: How many operations were not sent yet, and why, as a sentence; None if there are none.
    """

    run_id: int
    counts: dict[State, int]
    done_now: int
    stopped: str | None
    untried: str | None
    _store: Store = field(repr=False)

    @property
    def done_before(self) -> int:
        """How many operations were done before this run, or settled as done by a person."""
        return self.counts[State.DONE] - self.done_now

    @property
    def rows(self) -> AsyncIterator[Row]:
        """The run's operations in the order of planning, read from the journal during the iteration."""
        return self._store.rows(self.run_id)

    @property
    def is_settled(self) -> bool:
        """Whether every operation is done or refused."""
        return all(state.is_settled or not count for state, count in self.counts.items())


@frozen
class Identity:
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


_SETTLED: Final = {True: N_("{state} settled as done"), False: N_("{state} settled as not executed")}
_SETTLED_BY: Final = {
    (True, False): N_("settled by {who}: done"),
    (True, True): N_("settled by {who}: done ({because})"),
    (False, False): N_("settled by {who}: not executed"),
    (False, True): N_("settled by {who}: not executed ({because})"),
}
"""What is written down by whether it was done and whether a reason was given."""


class Journal:
    """A durable record of operations. None is sent twice and no reply is lost, even across crashes.

    Open one with `Journal.open`. Many processes may use one journal at once: a SQLite file on one machine, a PostgreSQL
    database on many.

    An open journal belongs to its process. A forked child must open its own. A child that was forked inside a coroutine
    must end with `os._exit`: `sys.exit` or an exception would close the event loop whose selector it shares with its
    parent, and the parent would hang.
    """

    def __init__(self, url: str, *, create: bool, lease_seconds: float) -> None:
        self._url = url
        self._create = create
        self._lease_seconds = lease_seconds
        self._runs: set[Run] = set()
        self._run_ended = asyncio.Event()
        self._open: _OpenState | None = None

    @classmethod
    def open(cls, url: str, *, create: bool = True, lease_seconds: float = LEASE_SECONDS) -> Journal:
        """Return the journal at a URL, for use with `async with`. Nothing is opened before that.

        Args:
            url: `sqlite:///sends.db` (four slashes for an absolute path) or `postgresql://user@host/database`.
                Special characters in a password are percent-encoded: @ is %40.
            create: Whether to create a journal if there is none.
            lease_seconds: After how long without a heartbeat other processes may take over this one's operations.

        Raises:
            ValueError: The URL is of another kind. (`async with` can raise `JournalError`.)
        """
        address(url)
        _check_seconds("lease_seconds", lease_seconds)
        return cls(url, create=create, lease_seconds=lease_seconds)

    async def __aenter__(self) -> Self:
        if self._open is not None:
            msg = "this journal is open already"
            raise RuntimeError(msg)
        database = await Database.open(self._url, create=self._create)
        store = Store(database, Owner())
        lease = Lease(store, self._lease_seconds)
        try:
            await lease.begin()
        except BaseException:
            store.owner.note_closed()
            await database.close()
            raise
        database.max_outage = self._lease_seconds
        self._open = _OpenState(database, store, lease, os.getpid())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self.aclose()
        except JournalError:
            # The first error has what the caller needs, such as the replies that could not be recorded.
            if error is None:
                raise

    async def aclose(self) -> None:
        """Stop the runs, wait for calls in flight, release claimed operations and close the connections."""
        if self._open is not None and self._open.pid == os.getpid():
            for run in self._runs:
                run.stop("the journal was closed")
            while self._runs:
                self._run_ended.clear()
                await self._run_ended.wait()
        opened, self._open = self._open, None
        # Connections from before a fork belong to the parent; closing them here would end its transactions.
        if opened is not None and opened.pid == os.getpid():
            opened.database.max_outage = 0.0
            try:
                await opened.lease.end()
                await opened.store.record_pending()
            finally:
                await opened.database.close()

    async def run(
        self,
        client: BaseClient,
        requests: Requests,
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
    ) -> Report:
        """Send every request at most once, and record every reply. Running the same requests again continues.

        Operations that are done, refused, unknown or claimed by another worker are not sent. A request that could not
        be sent stays planned for the next run. An unknown operation is read back after its quiet period: it is done if
        it was seen executed, and sent again only if the document itself was seen unsent. After a completed
        cancellation, the same send in a later run is a new operation.

        Args:
            client: The client of the requests' provider.
            requests: Request values such as `CreateEDocument(18)`, or `OnOccasion(request, "February")`, from any
                iterable or async iterable, of any length; they are read a few at a time.
            concurrency: How many calls may be in flight at once, 1 to 10,000. The client's own limiter applies, too.
            quiet_period: Seconds after which an operation whose outcome is unknown is read back. It must be longer than
                the slowest late execution at the provider, and at least the client's `timeout` plus the 30 seconds
                after which the kernel drops late bytes, except for a provider on this machine.
            patience: Seconds that the run waits at its end, in total, for operations that become due.
            company_id: KolayBi's company whose list is read back; without it every company of the account is queried.
            progress: Called with a `Progress` each time that results were recorded.
            occasion: A label for repeating the same requests, such as "February". With another occasion, a request is
                another operation.
            asked_by: Who requests it, if the same requester can repeat itself after a completed cancellation, such as a
                job that its queue can deliver twice. For one requester, a request is always the same operation.
            look_first: Whether each operation is looked up before it is sent, and sent only if it was seen unsent. Use
                it for a new journal after sends without one. It is automatic if the journal may lack commits.
            give_up_after: Seconds after which an undecided operation needs a person.
            absence_proves: Whether a document that no list shows was not sent. Only for an account on which `doctor`
                has shown that the filter of the list works; otherwise an invoice may be sent twice.

        Returns:
            The counts, and the rows, which are read on demand.

        Raises:
            JournalConflictError: Requests are known with other parameters; `.conflicts` has each, and `.report` has the
                results of the others, which were tried.
            JournalError: The journal cannot be read or written. Nothing more was sent; `.unrecorded` has the replies
                that are not in the journal, and `.may_have_happened` says whether there are any.
            ValueError: An argument is out of its bounds.
        """
        check_concurrency(concurrency)
        _check_seconds("quiet_period", quiet_period)
        _check_seconds("patience", patience)
        _check_seconds("give_up_after", give_up_after)
        check_occasion(occasion)
        _check_quiet_period(client, quiet_period)
        opened = self._require_open()
        options = RunOptions(
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
        run = Run(opened.store, opened.lease, client, options)
        self._runs.add(run)
        try:
            await run.execute(requests)
            report = await self._report(run)
        finally:
            self._runs.discard(run)
            self._run_ended.set()
        if run.conflicts:
            error = make_conflict_error(run.conflicts, client.name)
            error.report = report
            raise error
        return report

    async def _report(self, run: Run) -> Report:
        store = self._require_open().store
        counts = await store.counts(run.run_id)
        done_now = await store.count_settled_in(run.run_id, run.run_id)
        untried = None
        if waiting := counts[State.PLANNED]:
            why = run.stopped or await store.explain_waiting(run.run_id)
            untried = Message("{number} of the run's operations were not sent: {why}", number=waiting, why=why)
        return Report(run.run_id, counts, done_now, run.stopped, untried, store)

    @property
    def identity(self) -> Identity:
        """The identity of this journal, and whether commits may be missing."""
        database = self._require_open().database
        return Identity(database.journal_id, display_url(self._url), database.last_run, database.doubt)

    async def end_doubt(self, *, by: str, because: str) -> None:
        """Record that a person has confirmed that nothing is missing in this journal, or that everything was checked.

        Operations are then sent again without a look-up first. Cannot be undone.

        Args:
            by: Who confirms it.
            because: How they know.

        Raises:
            JournalError: The journal cannot be written.
        """
        await self._require_open().database.clear_doubt(by, because)

    def stop(self) -> None:
        """Stop every run of this journal: no call is started any more, and `run` returns after those in flight."""
        for run in self._runs:
            run.stop(Message("stopped on request"))

    async def settle(
        self,
        key: str,
        *,
        done: bool | str = False,
        not_executed: bool | str = False,
        by: str = "a person",
        because: str | None = None,
    ) -> Row:
        """Record a person's decision on an operation that is unknown or needs a person.

        A refused operation can be settled with `not_executed` only: it may be sent again when its cause is corrected,
        with other parameters too. An operation of another worker can be settled once that worker is gone, which can
        take a whole lease.

        Args:
            key: The operation's key, as its row shows it.
            done: It was executed; a text says how that is known.
            not_executed: It was not executed and the next run may send it; a text says how that is known.
            by: Who decides.
            because: How that is known, if neither of the two says it.

        Returns:
            The settled operation.

        Raises:
            ValueError: Not exactly one of `done` and `not_executed` is given, or the key is not known or not in doubt.
        """
        if bool(done) == bool(not_executed):
            msg = "give exactly one of done and not_executed"
            raise ValueError(msg)
        opened = self._require_open()
        row = await self._find_released(key)
        if not can_be_settled(row.state, not_executed=bool(not_executed)):
            msg = f"key: {show_key(key)!r} is {row.state}, and only what is unknown or needs a person can be settled"
            raise ValueError(msg)
        word = next((one for one in (done, not_executed, because) if isinstance(one, str)), None)
        history = Change(time.time(), Message(_SETTLED[bool(done)], state=row.state), by=by, because=word)
        settled = evolve(
            to_planned_again(row) if not_executed else to_done(row, row.result, None),
            note=Message(_SETTLED_BY[bool(done), word is not None], who=by, because=word),
            history=(*row.history, history),
            may_change=bool(not_executed) and row.state is State.REFUSED,
        )
        if not await opened.store.settle(settled, row.state):
            msg = Message("key: {key} was taken in hand in this moment: look at it again", key=repr(show_key(key)))
            raise ValueError(msg)
        return settled

    async def _find_released(self, key: str) -> Row:
        """Return an operation. If another owner holds it, wait until that owner is known to be gone or alive."""
        opened = self._require_open()
        while True:
            row = await opened.store.find(key)
            if row is None:
                msg = f"key: the journal knows no {show_key(key)!r}"
                raise ValueError(msg)
            if row.owner is None or row.owner == opened.store.owner.name:
                return row
            await opened.lease.release_expired()
            wait = await opened.lease.seconds_until_release_by(row.owner)
            if wait is None:
                # The owner was gone, and its operations have just been released.
                return await opened.store.find(key) or row
            await asyncio.sleep(min(max(wait, 0.0), 1.0))

    async def counts(self) -> dict[State, int]:
        """Return how many operations of the whole journal are in each state."""
        return await self._require_open().store.counts()

    async def counts_of(self, client: BaseClient, requests: Iterable[AnyRequest]) -> dict[State, int]:
        """Return how many of these requests are in each state. Sends and records nothing.

        Args:
            client: The client that would send them; its provider and account are part of the keys.
            requests: Request values such as `CreateEDocument(18)`. Duplicates count once.

        Returns:
            The number for each state; requests that the journal does not know are not counted.

        Raises:
            JournalError: The journal cannot be read.
        """
        store = self._require_open().store
        keys = sorted({plan_operation(request, client.name, client.account).key for request in requests})
        counted = dict.fromkeys(State, 0)
        for first in range(0, len(keys), _KEYS_PER_QUERY):
            counts = await store.counts_of(keys[first : first + _KEYS_PER_QUERY])
            counted = {state: counted[state] + counts[state] for state in State}
        return counted

    def rows(self, states: Iterable[State | str] | None = None) -> AsyncIterator[Row]:
        """Iterate over the journal's operations, or those in some states, in the order of planning."""
        wanted = None if states is None else [State(state) for state in states]
        return self._require_open().store.rows(states=wanted)

    async def find(self, key: str) -> Row | None:
        """Return the operation of a key, or None."""
        return await self._require_open().store.find(key)

    async def find_conflicts(
        self, client: BaseClient, requests: Iterable[AnyRequest], occasion: str = ""
    ) -> list[Conflict]:
        """Return which of these requests are known with other parameters. Sends and records nothing.

        Args:
            client: The client that would send them.
            requests: Request values, as for `run`.
            occasion: As for `run`.

        Raises:
            JournalError: The journal cannot be read.
        """
        plans = [plan_operation(request, client.name, client.account, occasion) for request in requests]
        store = self._require_open().store
        found: list[Conflict] = []
        for first in range(0, len(plans), _KEYS_PER_QUERY):
            found += await store.find_conflicts(plans[first : first + _KEYS_PER_QUERY])
        return found

    def _require_open(self) -> _OpenState:
        if self._open is None:
            msg = "the journal is not open: use it inside `async with Journal.open(...) as journal`"
            raise RuntimeError(msg)
        if self._open.pid != os.getpid():
            msg = (
                f"this journal belongs to process {self._open.pid}, which opened it before the fork: open it anew here"
            )
            raise RuntimeError(msg)
        return self._open


@frozen
class _OpenState:
    database: Database
    store: Store
    lease: Lease
    pid: int


def _check_seconds(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        msg = f"{name} must be a number of seconds that is not negative"
        raise ValueError(msg)


def _check_quiet_period(client: BaseClient, quiet_period: float) -> None:
    """Refuse a quiet period in which sent bytes may still arrive. It may be shorter for a provider on this machine."""
    least = client.timeout + LATE_BYTES_SECONDS
    if quiet_period < least and not client.is_on_this_machine:
        msg = Message(
            "quiet_period must be at least {least} seconds, the client's timeout ({number}) and the {late} "
            "seconds in which bytes may still arrive, not {given}",
            least=f"{least:g}",
            number=f"{client.timeout:g}",
            late=f"{LATE_BYTES_SECONDS:g}",
            given=f"{quiet_period:g}",
        )
        raise ValueError(msg)
