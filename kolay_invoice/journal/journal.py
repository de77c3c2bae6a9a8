"""The journal's public face: opening it, running requests, settling and reading operations."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable
from types import TracebackType
from typing import Final, Self

from attrs import frozen

from kolay_invoice.client import BaseClient
from kolay_invoice.journal.chunking import AnyRequest, Requests
from kolay_invoice.journal.database import Database, display_url
from kolay_invoice.journal.errors import JournalError
from kolay_invoice.journal.lease import LEASE_SECONDS, Lease
from kolay_invoice.journal.models import Row, State, show_key
from kolay_invoice.journal.operations import plan_operation
from kolay_invoice.journal.options import RunOptions, check_options
from kolay_invoice.journal.owner import Owner
from kolay_invoice.journal.place import parse_url
from kolay_invoice.journal.planning import Conflict
from kolay_invoice.journal.report import Identity, Report
from kolay_invoice.journal.runner import Run, make_conflict_error
from kolay_invoice.journal.settling import apply_decision, can_be_settled, find_released
from kolay_invoice.journal.store import Store
from kolay_invoice.journal.writer import Progress
from kolay_invoice.messages import Message
from kolay_invoice.redact import Secret
from kolay_invoice.validators import check_seconds

QUIET_PERIOD: Final = 300.0
PATIENCE: Final = 60.0
GIVE_UP_AFTER: Final = 86_400.0

_KEYS_PER_QUERY: Final = 500


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
        # Errors and their frames show stars where the password stands.
        url = Secret(url)
        parse_url(url)
        check_seconds("lease_seconds", lease_seconds)
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
        check_options(options, client)
        opened = self._require_open()
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
        row = await find_released(opened.store, opened.lease, key)
        if not can_be_settled(row.state, not_executed=bool(not_executed)):
            msg = f"key: {show_key(key)!r} is {row.state}, and only what is unknown or needs a person can be settled"
            raise ValueError(msg)
        settled = apply_decision(row, done=done, not_executed=not_executed, by=by, because=because)
        if not await opened.store.settle(settled, row.state):
            msg = Message("key: {key} was taken in hand in this moment: look at it again", key=repr(show_key(key)))
            raise ValueError(msg)
        return settled

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
