"""The journal's public face: opening it, running requests, settling and reading operations."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from kolay_invoice.batch import check_client
from kolay_invoice.client import BaseClient
from kolay_invoice.journal.base import JournalBase, OpenState
from kolay_invoice.journal.chunking import Requests
from kolay_invoice.journal.database import Database
from kolay_invoice.journal.errors import JournalError
from kolay_invoice.journal.identity import Doubt
from kolay_invoice.journal.lease import LEASE_SECONDS, Lease
from kolay_invoice.journal.models import State
from kolay_invoice.journal.options import RunOptions, check_options
from kolay_invoice.journal.owner import Owner
from kolay_invoice.journal.place import parse_url
from kolay_invoice.journal.report import Report
from kolay_invoice.journal.runner import Run, make_conflict_error
from kolay_invoice.journal.store import Store
from kolay_invoice.journal.writer import LACKS_COMMITS, Progress
from kolay_invoice.messages import Message
from kolay_invoice.redact import Secret
from kolay_invoice.validators import check_seconds

QUIET_PERIOD: Final = 300.0
PATIENCE: Final = 60.0
GIVE_UP_AFTER: Final = 86_400.0


class Journal(JournalBase):
    """A durable record of operations. None is sent twice and no reply is lost, even across crashes.

    Open one with `Journal.open`. Many processes may use one journal at once: a SQLite file on one machine, a PostgreSQL
    database on many.

    An open journal belongs to its process. A forked child must open its own. A child that was forked inside a coroutine
    must end with `os._exit`: `sys.exit` or an exception would close the event loop whose selector it shares with its
    parent, and the parent would hang.
    """

    def __init__(self, url: str, *, create: bool, lease_seconds: float) -> None:
        super().__init__(url)
        self._create = create
        self._lease_seconds = lease_seconds
        self._runs: set[Run] = set()
        self._run_ended = asyncio.Event()
        self._releasing = asyncio.Lock()
        self._released_after: Doubt | None = None

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
        # This owner is new, so that nothing of its own was lost before.
        self._released_after = database.doubt
        self._open = OpenState(database, store, lease, os.getpid())
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
        check_client(client, "journal.run")
        check_options(options, client)
        opened = self._require_open()
        run = Run(opened.store, opened.lease, client, options)
        self._runs.add(run)
        try:
            await run.begin()
            await self._release_lost_claims(opened)
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

    async def _release_lost_claims(self, opened: OpenState) -> None:
        """Release what the journal shows as claimed by this owner because the commit of its outcome was lost.

        Runs that began before the loss end first, so that none of these claims is theirs.
        """
        async with self._releasing:
            while (doubt := opened.store.doubt) is not None and doubt is not self._released_after:
                for run in self._runs:
                    if run.may_hold_claims:
                        run.stop(LACKS_COMMITS)
                while any(run.may_hold_claims for run in self._runs):
                    self._run_ended.clear()
                    await self._run_ended.wait()
                await opened.store.release_own()
                self._released_after = doubt

    async def _report(self, run: Run) -> Report:
        store = self._require_open().store
        counts = await store.counts(run.run_id)
        done_now = await store.count_settled_in(run.run_id, run.run_id)
        untried = None
        if waiting := counts[State.PLANNED]:
            why = run.stopped or await store.explain_waiting(run.run_id)
            untried = Message("{number} of the run's operations were not sent: {why}", number=waiting, why=why)
        return Report(run.run_id, counts, done_now, run.stopped, untried, store)

    def stop(self) -> None:
        """Stop every run of this journal: no call is started any more, and `run` returns after those in flight."""
        for run in self._runs:
            run.stop(Message("stopped on request"))
