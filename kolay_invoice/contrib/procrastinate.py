"""Sending through procrastinate, the queue on PostgreSQL. The queue delivers; only the journal permits a send.

    import os
    from kolay_invoice import AsyncKolayBi, CreateEDocument
    from kolay_invoice.contrib.procrastinate import job, register

    send = register(app, client=AsyncKolayBi.from_env, journal_url=os.environ["JOURNAL_URL"])

    await send.defer_async(operation="create-e-document", document_id=18)
    await send.defer_async(**job(CreateEDocument(18)))  # the same, checked here

A job may be deferred twice, delivered twice, retried, and run by any number of workers: the provider gets the operation
at most once. What became of a job:

    succeeded    the provider carried it out, or refused it; the journal holds its answer
    scheduled    it may have happened and waits out its quiet period, or it could not be sent yet
    failed       only a person can find out whether it happened, or the job is invalid; see its error
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from attrs import Factory, define, field
from procrastinate import BaseRetryStrategy, Blueprint, JobContext, RetryDecision
from procrastinate.job_context import AbortReason
from procrastinate.jobs import Job
from procrastinate.tasks import Task

from kolay_invoice.client import BaseClient
from kolay_invoice.endpoint import Request
from kolay_invoice.errors import KolayInvoiceError
from kolay_invoice.journal import Journal, JournalError, OnOccasion, Row, State
from kolay_invoice.journal.journal import GIVE_UP_AFTER, QUIET_PERIOD
from kolay_invoice.journal.request_format import batch_name_of, fields_of, request_of
from kolay_invoice.limiter import LONGEST_PAUSE
from kolay_invoice.operations import BY_BATCH_NAME, JournaledRequest

QUEUE: Final = "kolay_invoice"

_FIRST_WAIT: Final = 10.0
_LONGEST_WAIT: Final = 900.0


class NeedsPersonError(KolayInvoiceError):
    """It may have happened, and a person has to find out. The job fails; the journal keeps the operation open."""

    may_have_happened = True


class NotYetError(KolayInvoiceError):
    """The operation is not settled, and the queue retries the job. Procrastinate shows it between two attempts.

    Attributes:
        at: When to retry. None: after the queue's own growing pause.
    """

    at: datetime | None = None


def register(
    app: Blueprint,
    *,
    client: Callable[[], BaseClient],
    journal_url: str,
    name: str = "kolay_invoice.send",
    queue: str = QUEUE,
    quiet_period: float = QUIET_PERIOD,
    company_id: int | None = None,
    look_first: bool = False,
    give_up_after: float = GIVE_UP_AFTER,
    absence_proves: bool = False,
) -> Task[..., Coroutine[Any, Any, str], ...]:
    """Register a task that sends one operation through the journal.

    Its arguments are those of a line of a batch file: `operation` (create-e-document, resend, proceed, propars-send,
    propars-cancel, propars-save-sale), that operation's fields, and `occasion` where the same thing is done once more.

    Args:
        app: The procrastinate app, or a blueprint of it.
        client: Makes the client, such as `AsyncKolayBi.from_env`. It is called in workers only, for the first job; the
            client is closed with the worker's event loop. One task serves one account.
        journal_url: The journal, the same one for all workers: `postgresql://user@host/database`.
        name: The task's name. Two accounts need two tasks, and clients with two `account` names.
        queue: The queue of its jobs.
        quiet_period: Seconds after which an operation whose outcome is unknown is read back. Longer than the slowest
            late execution at the provider, and at least the client's `timeout` and 30 seconds, but for a provider on
            this machine: a job whose client breaks that fails.
        company_id: KolayBi's company whose list is read back; without it every company of the account is asked.
        look_first: As for `Journal.run`: each operation is looked up before it is sent.
        give_up_after: Seconds after which an operation that no read-back decides needs a person.
        absence_proves: As for `Journal.run`: what no list shows was not sent. An invoice may be sent twice by it.

    Returns:
        The task, to be deferred as any other.

    Raises:
        ValueError: `journal_url` is no journal's.
    """
    options: dict[str, Any] = {"company_id": company_id, "look_first": look_first}
    options |= {"give_up_after": give_up_after, "absence_proves": absence_proves}
    sender = _Sender(client, journal_url, quiet_period, options)
    Journal.open(journal_url)

    @app.task(name=name, queue=queue, retry=_RetryStrategy(), pass_context=True)
    async def send(
        context: JobContext,
        *,
        operation: str,
        document_id: int | None = None,
        vault_id: int | None = None,
        amount: str | None = None,
        sale_code: str | None = None,
        sale_id: int | None = None,
        invoice_id: int | None = None,
        invoice_date: str | None = None,
        invoice_uuid: str | None = None,
        invoice_number: str | None = None,
        invoice_char_code: str | None = None,
        occasion: str = "",
    ) -> str:
        """Send one operation at most once, and return what became of it: done or refused."""
        request = request_of(
            operation,
            {
                "document_id": document_id,
                "vault_id": vault_id,
                "amount": amount,
                "sale_code": sale_code,
                "sale_id": sale_id,
                "invoice_id": invoice_id,
                "invoice_date": invoice_date,
                "invoice_uuid": invoice_uuid,
                "invoice_number": invoice_number,
                "invoice_char_code": invoice_char_code,
            },
        )
        try:
            return result_of(await sender.send(request, occasion, context.job.id), quiet_period)
        except asyncio.CancelledError:
            if context.abort_reason() is not AbortReason.SHUTDOWN:
                raise
            # The queue would drop a job that its worker's shutdown interrupts; the journal knows its state.
            msg = f"{operation} was interrupted by the end of its worker"
            raise NotYetError(msg) from None

    # The decorator keeps every argument in the type; who defers gives them as a row of a batch file does.
    return cast("Task[..., Coroutine[Any, Any, str], ...]", send)


def job(request: Request[Any] | OnOccasion) -> dict[str, str | int]:
    """Return the arguments of a job that sends a request: `send.defer(**job(CreateEDocument(18)))`.

    A request that is made once more has its occasion: `job(OnOccasion(Resend(18), "February"))`.

    Raises:
        TypeError: Such requests need no journal: they change nothing.
    """
    if isinstance(request, OnOccasion):
        return {**job(request.request), "occasion": request.occasion}
    operation = batch_name_of(request)
    if operation is None:
        sent = ", ".join(one.request.__name__ for one in BY_BATCH_NAME.values())
        msg = f"a job sends {sent}, not {type(request).__name__}"
        raise TypeError(msg)
    return {"operation": operation, **fields_of(request)}


def result_of(row: Row, quiet_period: float) -> str:
    """Return the result of a job whose operation is done or refused.

    Raises:
        NotYetError: It is not settled; the queue retries the job.
        NeedsPersonError: A person has to find out whether it happened.
    """
    match row.state:
        case State.DONE:
            return "done"
        case State.REFUSED:
            return f"refused: {row.refusal and row.refusal.error}"
        case State.NEEDS_PERSON:
            msg = (
                f"{row.operation} may have happened and needs a manual check ({row.note}): look it up at the provider, "
                "then `kolay-invoice batch settle KEY --done` or `--not-done`, and defer it again if it is not done. "
                "`kolay-invoice batch status --state needs_person` shows its KEY"
            )
            raise NeedsPersonError(msg, provider=row.provider, operation=row.operation)
        case State.UNKNOWN:
            error = _not_yet_error(row, "may have happened; it is looked up after its quiet period")
            # The clock of the journal is near the wall clock, and the journal itself knows when the wait is over.
            due = row.due_at if row.due_at is not None else (row.since or 0.0) + quiet_period
            # The journal may hold any date; an early retry does no harm.
            error.at = datetime.fromtimestamp(min(due, time.time() + LONGEST_PAUSE), UTC)
            raise error
        case State.PLANNED:
            raise _not_yet_error(row, f"was not sent ({row.note or 'its turn has not come'})")
        case _:
            raise _not_yet_error(row, "is in another worker's hands")


def _not_yet_error(row: Row, why: str) -> NotYetError:
    return NotYetError(f"{row.operation} {why}", provider=row.provider, operation=row.operation)


class _RetryStrategy(BaseRetryStrategy):
    """When an unsettled job is retried. A retry is always safe: the journal prevents a second send."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, NotYetError) and exception.at is not None:
            return RetryDecision(retry_at=exception.at + timedelta(seconds=1))
        if isinstance(exception, NotYetError | JournalError):
            wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** min(job.attempts, 10))
            return RetryDecision(retry_in={"seconds": int(wait)})
        return None


@define(eq=False)
class _OpenJournal:
    """An open journal and client of one event loop."""

    ready: asyncio.Future[tuple[Journal, BaseClient]]
    keeper: asyncio.Task[None]
    users: int = 0


@define(eq=False)
class _Sender:
    """Sends through one journal and one client for each event loop; the first job opens them."""

    client: Callable[[], BaseClient]
    journal_url: str = field(repr=False)
    quiet_period: float
    options: dict[str, Any]
    _open_journals: dict[asyncio.AbstractEventLoop, _OpenJournal] = Factory(dict)
    _keepers: set[asyncio.Task[None]] = Factory(set)

    async def send(self, request: JournaledRequest, occasion: str, job_id: int | None) -> Row:
        """Run a request through the journal and return its row."""
        async with self._open() as (journal, client):
            if type(request) not in client.endpoints:
                msg = f"operation: {batch_name_of(request)} is not one of {client.name}'s"
                raise ValueError(msg)
            report = await journal.run(
                client,
                [request],
                concurrency=1,
                quiet_period=self.quiet_period,
                # The queue waits; a worker has other jobs.
                patience=0.0,
                occasion=occasion,
                # The queue can deliver a job again whose send is done and cancelled since.
                asked_by="" if job_id is None else f"procrastinate job {job_id}",
                **self.options,
            )
            row = await anext(report.rows)
            if row.state is State.PLANNED:
                # A lost lease stays lost, so the next job opens the journal again.
                self._open_journals.pop(asyncio.get_running_loop(), None)
            return row

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[tuple[Journal, BaseClient]]:
        loop = asyncio.get_running_loop()
        opened = self._open_journals.get(loop)
        if opened is None:
            ready = loop.create_future()
            keeper = loop.create_task(self._keep(loop, ready), name="kolay_invoice journal")
            self._keepers.add(keeper)
            keeper.add_done_callback(self._keepers.discard)
            opened = self._open_journals[loop] = _OpenJournal(ready, keeper)
        opened.users += 1
        try:
            # Shielded: an aborted job must not cancel the opening that other jobs wait for.
            yield await asyncio.shield(opened.ready)
        finally:
            opened.users -= 1
            if not opened.users and self._open_journals.get(loop) is not opened:
                opened.keeper.cancel()

    async def _keep(self, loop: asyncio.AbstractEventLoop, ready: asyncio.Future[tuple[Journal, BaseClient]]) -> None:
        """Keep journal and client open until cancelled: by the last job that uses them, or when the loop ends."""
        try:
            async with Journal.open(self.journal_url) as journal, self.client() as client:
                ready.set_result((journal, client))
                await loop.create_future()
        except Exception as error:
            # The waiting jobs get any error.
            if ready.done():
                raise
            ready.set_exception(error)
        finally:
            self._forget(loop, ready)

    def _forget(self, loop: asyncio.AbstractEventLoop, ready: asyncio.Future[tuple[Journal, BaseClient]]) -> None:
        opened = self._open_journals.get(loop)
        if opened is not None and opened.ready is ready:
            del self._open_journals[loop]
