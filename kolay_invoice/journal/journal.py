"""The journal as its users see it."""

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
    """Whether a person's word counts on an operation in this state: in doubt, or refused and to be let go."""
    return state in (State.UNKNOWN, State.NEEDS_PERSON) or (state is State.REFUSED and not_executed)


@frozen
class Report:
    """What a run has come to.

    Attributes:
        run_id: The run's number in the journal; a row that this run settled has it as `settled_in`.
        counts: How many of the run's operations stand in each state now; the keys are `State`, or its text.
        done_now: How many of those that are done were done, or found done, in this run.
        stopped: Why the run ended before everything was tried; None where it went to its end.
        untried: How many operations wait to be sent, and why, as a sentence; None where none does.
    """

    run_id: int
    counts: dict[State, int]
    done_now: int
    stopped: str | None
    untried: str | None
    _store: Store = field(repr=False)

    @property
    def done_before(self) -> int:
        """How many of those that are done were done before this run, or by a person's word."""
        return self.counts[State.DONE] - self.done_now

    @property
    def rows(self) -> AsyncIterator[Row]:
        """The run's operations in the order in which they were planned, read from the journal as they are asked for."""
        return self._store.rows(self.run_id)

    @property
    def is_settled(self) -> bool:
        """Whether every operation is done or refused."""
        return all(state.is_settled or not count for state, count in self.counts.items())


@frozen
class Identity:
    """Which journal is open.

    Attributes:
        journal_id: Made with its tables, and never again.
        place: Its URL, without a password.
        last_run: The number of the last run; None before the first.
        doubt: A sign that commits may be missing, so that nothing is sent before it was looked up; None for none.
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
    """A durable record of operations: the promise that none is sent twice and no answer is lost, across crashes.

    Open one with `Journal.open`. One journal may be used by many processes at once: a SQLite file by those of one
    machine, a PostgreSQL database by those of many.

    It belongs to the process that has opened it. A child that is forked meanwhile opens its own, and where it was
    forked inside a coroutine it ends with `os._exit`: leaving by `sys.exit` or an exception, it would close the event
    loop of its parent, whose selector both share, and the parent would wait for ever.
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
            # The first error holds what the caller needs, such as the answers that could not be written down.
            if error is None:
                raise

    async def aclose(self) -> None:
        """Stop the runs, wait for what is on its way, give back what is claimed and close the connections."""
        if self._open is not None and self._open.pid == os.getpid():
            for run in self._runs:
                run.stop("the journal was closed")
            while self._runs:
                self._run_ended.clear()
                await self._run_ended.wait()
        opened, self._open = self._open, None
        # What was opened before a fork belongs to the parent; closing it here would end the parent's transactions.
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
        """Send every request at most once, and write every answer down. Running the same requests again goes on.

        What is done, refused, unknown or in somebody else's hands is not sent. A request that could not be sent stays
        planned, for the next run. What is unknown is read back when its quiet period is over: it is done where it was
        seen to have happened, and sent again only where the document itself was seen unsent. A cancellation that is
        done ends what came before it: the same send in a later run is new.

        Args:
            client: The client of the requests' provider.
            requests: Request values such as `CreateEDocument(18)`, or `OnOccasion(request, "February")`, from any
                iterable or async iterable, of any length; they are read a few at a time.
            concurrency: How many calls may be on their way at once, 1 to 10,000. The client's own limiter holds as
                well.
            quiet_period: Seconds after which an operation whose outcome is unknown is read back. Longer than the
                slowest late execution at the provider; at least the client's `timeout` and the 30 seconds within which
                the kernel gives up late bytes, but for a provider on this machine.
            patience: Seconds that the run waits at its end, in all, for operations that become due meanwhile.
            company_id: KolayBi's company whose list is read back; without it every company of the account is asked.
            progress: Called with a `Progress` after each time that answers were written down.
            occasion: Why the same requests are made once more, such as "February". With another occasion, a request is
                another operation.
            asked_by: What asks, where that can ask again for the same thing after a cancellation is done, such as a job
                that its queue can deliver twice. Asked for by the same one, an operation is always the same.
            look_first: Whether each operation is looked up before it is sent, and is sent only where it was seen
                unsent: for a new journal after sends that were made without one. It is so by itself where the journal
                may lack what it once held.
            give_up_after: Seconds after which an operation that no look decides waits for a person.
            absence_proves: Whether a document that no list shows was not sent. Only for an account on which `doctor`
                has shown the filter of the list to work; otherwise an invoice may be sent twice.

        Returns:
            The counts and, read as they are asked for, the rows.

        Raises:
            JournalConflictError: Requests are known with other parameters; `.conflicts` names each, and `.report` says
                what has become of the others, which were tried.
            JournalError: The journal cannot be read or written. Nothing more was sent; `.unrecorded` holds the answers
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
        """Which journal this is, and whether it may lack what it once held."""
        database = self._require_open().database
        return Identity(database.journal_id, display_url(self._url), database.last_run, database.doubt)

    async def end_doubt(self, *, by: str, because: str) -> None:
        """Write down a person's word that nothing is missing in this journal, or that all of it was looked up.

        Operations are sent again without being looked up first. Cannot be undone.

        Args:
            by: Who says so.
            because: How that is known.

        Raises:
            JournalError: The journal cannot be written.
        """
        await self._require_open().database.clear_doubt(by, because)

    def stop(self) -> None:
        """Let every run of this journal start nothing more; what is on its way is waited for, and `run` returns."""
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
        """Write down a person's word on an operation that is unknown or needs a person.

        What was refused stays refused; with `not_executed` it may be sent again when its cause is corrected, with other
        parameters too. What another worker holds can be settled when that worker is gone, which takes up to a lease.

        Args:
            key: The operation's key, as its row shows it.
            done: It has happened; a text says how that is known.
            not_executed: It has not happened and may be sent by the next run; a text says how that is known.
            by: Who says so.
            because: How that is known, where neither of the two says it.

        Returns:
            The operation as it now stands.

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
        """Return an operation; what another owner holds is waited for until that owner is seen to be gone or alive."""
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
                # What was held by one that is gone was released in this moment.
                return await opened.store.find(key) or row
            await asyncio.sleep(min(max(wait, 0.0), 1.0))

    async def counts(self) -> dict[State, int]:
        """Return how many operations of the whole journal stand in each state."""
        return await self._require_open().store.counts()

    async def counts_of(self, client: BaseClient, requests: Iterable[AnyRequest]) -> dict[State, int]:
        """Return how many of these requests stand in each state. Sends nothing and writes nothing down.

        Args:
            client: The client by which they would be sent; its provider and account are part of what is looked for.
            requests: Request values such as `CreateEDocument(18)`. One that is there twice counts once.

        Returns:
            The number for each state; requests that the journal does not know are in none.

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
        """Iterate over the journal's operations, or those in some states, in the order in which they were planned."""
        wanted = None if states is None else [State(state) for state in states]
        return self._require_open().store.rows(states=wanted)

    async def find(self, key: str) -> Row | None:
        """Return the operation of a key, or None."""
        return await self._require_open().store.find(key)

    async def find_conflicts(
        self, client: BaseClient, requests: Iterable[AnyRequest], occasion: str = ""
    ) -> list[Conflict]:
        """Return which of these requests are known with other parameters. Sends nothing and writes nothing down.

        Args:
            client: The client by which they would be sent.
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
    """Refuse a quiet period in which bytes of ours may still arrive. Rehearsals on this machine may be short."""
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
