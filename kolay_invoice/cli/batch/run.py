"""Run a batch: stream the file into a run of the journal."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import Factory, define, field, frozen

from kolay_invoice.cli.accounts import CLIENTS, Account
from kolay_invoice.cli.batch.conflicts import locate_conflicts
from kolay_invoice.cli.batch.file import BatchFile
from kolay_invoice.cli.batch.journal import identity_lines
from kolay_invoice.cli.batch.options import RunOptions
from kolay_invoice.cli.batch.result import SHOWN_WAITING, BatchResult, counts_by_name, row_as_dict
from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.errors import os_error_text
from kolay_invoice.cli.i18n import _
from kolay_invoice.cli.output import stderr
from kolay_invoice.client import BaseClient
from kolay_invoice.errors import KolayInvoiceError
from kolay_invoice.journal import Journal, JournalConflictError, JournalError, OnOccasion, Progress, Report, State
from kolay_invoice.kolaybi.models import CreateEDocument, Resend
from kolay_invoice.operations import JournaledRequest


@frozen
class BatchJob:
    """The inputs of a batch run."""

    path: Path
    options: RunOptions
    accounts: tuple[Account, ...]
    """Those that were confirmed. The configuration is not read again."""
    company_id: int | None
    fingerprint: tuple[int, ...]
    """The fingerprint of the file at the time of the confirmation."""


@define(eq=False)
class BatchRun:
    """A running batch. `stop` and `abort` may be called at any time."""

    job: BatchJob
    progress: Callable[[int, Counter[str]], None]
    """Called with the number of operations read and the counts of the states reached."""
    result: BatchResult = Factory(BatchResult)
    _stopping: bool = False
    _journal: Journal | None = None
    _task: asyncio.Task[Report] | None = None
    _read: int = 0
    _outcomes: Counter[str] = Factory(Counter)
    _latest: Progress | None = field(default=None)

    def stop(self) -> None:
        """Start no more operations and wait for the calls in flight."""
        self._stopping = self.result.interrupted = True
        if self._journal is not None:
            self._journal.stop()

    def abort(self) -> None:
        """Cancel the calls in flight; the journal records them as unknown."""
        self.stop()
        if self._task is not None:
            self._task.cancel()

    async def run(self) -> BatchResult:
        """Run the batch and return its result, which includes errors."""
        # The result table replaces the client's log record for each call.
        silent = logging.NullHandler()
        logging.getLogger("kolay_invoice").addHandler(silent)
        try:
            async with Journal.open(self.job.options.journal) as journal:
                self._journal = journal
                self._print_doubt(journal)
                with BatchFile(self.job.path, self.job.fingerprint) as file:
                    try:
                        await self._all_providers(journal, file)
                    except (KolayInvoiceError, asyncio.CancelledError) as error:
                        self._note_error(error)
                        self.result.counts = counts_by_name(await journal.counts())
                        self.result.whole_journal = True
        except (KolayInvoiceError, OSError) as error:
            self._note_error(error)
        finally:
            self._journal = None
            logging.getLogger("kolay_invoice").removeHandler(silent)
        return self.result

    def _print_doubt(self, journal: Journal) -> None:
        """Print the journal's doubt at the start: read-back first can take a quiet period."""
        if journal.identity.doubt is not None:
            self.result.doubt = translate(journal.identity.doubt.reason)
            for line in identity_lines(journal.identity)[1:]:
                stderr().print(line)

    async def _all_providers(self, journal: Journal, file: BatchFile) -> None:
        for account in self.job.accounts:
            if self._stopping:
                return
            async with account.client(
                CLIENTS[account.provider], max_concurrency=self.job.options.concurrency
            ) as client:
                self._task = asyncio.create_task(self._one_provider(journal, file, client))
                try:
                    report = await self._task
                except JournalConflictError as error:
                    # All other operations were tried and are in the report.
                    report = self._note_conflicts(error, file)
                finally:
                    self._task = None
                    self._close_latest()
            await self._note_report(report)
            if self.job.options.follow:
                await self._note_sent_documents(report)
            if file.changed:
                self.result.stopped.append(_("{path} was changed while it was read", path=self.job.path))
                return

    def _note_conflicts(self, error: JournalConflictError, file: BatchFile) -> Report:
        found = locate_conflicts(error.conflicts, file.lines(error.provider or ""), self.job.options.occasion)
        self.result.conflicts += found
        assert error.report is not None  # noqa: S101 - a run always reports.
        return error.report

    async def _note_report(self, report: Report) -> None:
        result = self.result
        if report.stopped is not None and not self._stopping:
            result.stopped.append(translate(report.stopped))
        if report.untried is not None:
            result.untried.append(translate(report.untried))
        counts = report.counts
        if report.done_before or counts[State.REFUSED] or counts[State.NEEDS_PERSON]:
            # Another command may settle rows after the count, so rows and count are read together.
            counts = dict.fromkeys(State, 0)
            async for row in report.rows:
                counts[row.state] += 1
                if row.state in result.before and row.settled_in != report.run_id:
                    result.before[row.state].add(row.settled_at)
                elif row.state is State.NEEDS_PERSON and len(result.waiting) < SHOWN_WAITING:
                    result.waiting.append(row)
        result.counts.update(counts_by_name(counts))

    async def _note_sent_documents(self, report: Report) -> None:
        async for row in report.rows:
            if row.state is State.DONE and isinstance(row.request, CreateEDocument | Resend):
                self.result.sent_documents.append(row.request.document_id)

    async def _one_provider(self, journal: Journal, file: BatchFile, client: BaseClient) -> Report:
        return await journal.run(
            client,
            self._until_stopped(file.requests(client.name, self.job.options.occasion)),
            concurrency=self.job.options.concurrency,
            quiet_period=self.job.options.quiet_period,
            company_id=self.job.company_id,
            progress=self._note_progress,
            occasion=self.job.options.occasion,
            look_first=self.job.options.look_first,
            give_up_after=self.job.options.give_up_after,
            absence_proves=self.job.options.absence_proves,
        )

    def _until_stopped(
        self, requests: Iterator[JournaledRequest | OnOccasion]
    ) -> Iterator[JournaledRequest | OnOccasion]:
        for request in requests:
            # A stop before the start of the run takes effect here.
            if self._stopping:
                return
            self.result.read += 1
            yield request

    def _note_progress(self, progress: Progress) -> None:
        self._latest = progress
        outcomes = self._outcomes + counts_by_name(progress.outcomes)
        self.result.outcomes = outcomes
        self.result.sent = sum(outcomes.values()) - outcomes[State.PLANNED]
        self.progress(self._read + progress.read, outcomes)

    def _close_latest(self) -> None:
        if self._latest is not None:
            self._read += self._latest.read
            self._outcomes += counts_by_name(self._latest.outcomes)
            self._latest = None

    def _note_error(self, error: BaseException) -> None:
        if isinstance(error, asyncio.CancelledError):
            if not self.result.interrupted:
                raise error
            return
        self.result.error = self.result.error or _error_text(error)
        if isinstance(error, JournalError):
            self.result.unrecorded += [row_as_dict(row) for row in error.unrecorded]


def _error_text(error: BaseException) -> str:
    if isinstance(error, OSError):
        return os_error_text(error)
    # The journal's note points to a Python attribute. The command prints the answers instead.
    return translate(error)


# Signals


@contextmanager
def interruptible(stop: Callable[[], None], abort: Callable[[], None]) -> Iterator[None]:
    """Handle Ctrl-C and SIGTERM: the first stops, the second aborts, the third is the default."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    received = 0

    def on_signal() -> None:
        nonlocal received
        received += 1
        if received == 1:
            stderr().print(
                _("Stopping: nothing more is started, and what is on its way is waited for. Once more does not wait.")
            )
            stop()
        else:
            stderr().print(_("Cut: what was on its way may have happened, and is written down as unknown."))
            # The journal write can hang on a database. A third signal then ends the process; the next run reads back.
            for number in before:
                _remove_handler(loop, number)
            abort()

    for number in before:
        _add_handler(loop, number, on_signal)
    try:
        yield
    finally:
        for number, handler in before.items():
            _remove_handler(loop, number)
            signal.signal(number, handler)


def _add_handler(loop: asyncio.AbstractEventLoop, number: int, handler: Callable[[], None]) -> None:
    try:
        loop.add_signal_handler(number, handler)
    except NotImplementedError:  # pragma: no cover - the loops of Windows, which every signal wakes up anyway.
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(handler))


def _remove_handler(loop: asyncio.AbstractEventLoop, number: int) -> None:
    try:
        loop.remove_signal_handler(number)
    except NotImplementedError:  # pragma: no cover - see above.
        signal.signal(number, signal.SIG_DFL)
