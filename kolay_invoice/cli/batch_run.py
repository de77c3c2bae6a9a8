"""Running a batch: the file is looked through, then streamed into the journal's run."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Self

from attrs import Factory, define, field, frozen

from kolay_invoice.cli.batch_conflicts import locate_conflicts, with_occasion
from kolay_invoice.cli.batch_doubt import identity_lines
from kolay_invoice.cli.batch_file import Asked, BadLine, Form, form_of, lines
from kolay_invoice.cli.batch_request import provider_of
from kolay_invoice.cli.batch_tally import SHOWN_BAD_LINES, SHOWN_WAITING, Survey, Tally, named, shown_row
from kolay_invoice.cli.endings import of_system
from kolay_invoice.cli.output import aside
from kolay_invoice.cli.profiles import CLIENTS, account_of
from kolay_invoice.cli.retelling import retold
from kolay_invoice.cli.texts import say
from kolay_invoice.endpoint import Request
from kolay_invoice.errors import KolayInvoiceError
from kolay_invoice.journal import Journal, JournalConflictError, JournalError, OnOccasion, Progress, Report, State
from kolay_invoice.journal.journal import GIVE_UP_AFTER
from kolay_invoice.provider import Provider


@frozen
class Job:
    """What is needed to run a batch."""

    path: Path
    journal: str = field(repr=False)
    providers: tuple[str, ...]
    concurrency: int
    quiet_period: float
    company_id: int | None
    stamp: tuple[int, ...]
    """The file as it was when it was agreed to."""
    profile: str | None = None
    occasion: str = ""
    look_first: bool = False
    give_up_after: float = GIVE_UP_AFTER
    absence_proves: bool = False


class BatchFile:
    """An open file that is read more than once and must stay as it was."""

    def __init__(self, path: Path, stamp: tuple[int, ...] | None = None) -> None:
        self._file: BinaryIO = path.open("rb")
        self._form: Form = form_of(path, self._file)
        self.stamp = stamp or self._now()
        self.changed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def survey(self) -> Survey:
        """Read the file and count."""
        survey = Survey()
        for line in self._lines():
            if isinstance(line, Asked):
                survey.counts[line.operation] += 1
            else:
                survey.bad_lines += 1
                if survey.bad_lines <= SHOWN_BAD_LINES:
                    survey.bad.append(line)
        return survey

    def requests(self, provider: str, occasion: str = "") -> Iterator[Request[Any] | OnOccasion]:
        """Iterate over a provider's requests, each under its line's occasion or else the given one."""
        for line in self.asked(provider):
            yield with_occasion(line, occasion)

    def asked(self, provider: str) -> Iterator[Asked]:
        """Iterate over a provider's lines; it ends where the file was changed, for nobody has agreed to that."""
        for line in self._lines():
            if self._now() != self.stamp:
                self.changed = True
                return
            if isinstance(line, Asked) and provider_of(line.operation) == provider:
                yield line

    def _lines(self) -> Iterator[Asked | BadLine]:
        self._file.seek(0)
        return lines(self._file, self._form)

    def _now(self) -> tuple[int, ...]:
        status = os.fstat(self._file.fileno())
        return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


@define(eq=False)
class Running:
    """A batch on its way. `stop` and `cut` may be called at any moment of it."""

    job: Job
    progress: Callable[[int, Counter[str]], None]
    """Told how many operations were read, and how often one came to each state."""
    tally: Tally = Factory(Tally)
    _stopping: bool = False
    _journal: Journal | None = None
    _task: asyncio.Task[Report] | None = None
    _read: int = 0
    _outcomes: Counter[str] = Factory(Counter)
    _latest: Progress | None = field(default=None)

    def stop(self) -> None:
        """Start nothing more; what is on its way is waited for."""
        self._stopping = self.tally.interrupted = True
        if self._journal is not None:
            self._journal.stop()

    def cut(self) -> None:
        """Do not even wait for what is on its way: it is written down as unknown."""
        self.stop()
        if self._task is not None:
            self._task.cancel()

    async def run(self) -> Tally:
        """Run the batch and return what has become of it; errors are in it as well."""
        # What the client would say of a single call is said by the journal here, in one table for all calls.
        silent = logging.NullHandler()
        logging.getLogger("kolay_invoice").addHandler(silent)
        try:
            async with Journal.open(self.job.journal) as journal:
                self._journal = journal
                self._tell_doubt(journal)
                with BatchFile(self.job.path, self.job.stamp) as file:
                    try:
                        await self._all_providers(journal, file)
                    except (KolayInvoiceError, asyncio.CancelledError) as error:
                        self._failed(error)
                        self.tally.counts = named(await journal.counts())
                        self.tally.whole_journal = True
        except (KolayInvoiceError, OSError) as error:
            self._failed(error)
        finally:
            self._journal = None
            logging.getLogger("kolay_invoice").removeHandler(silent)
        return self.tally

    def _tell_doubt(self, journal: Journal) -> None:
        """Say at the beginning why everything is looked up first, for that can take a quiet period."""
        if journal.identity.doubt is not None:
            self.tally.doubt = retold(journal.identity.doubt.reason)
            for line in identity_lines(journal.identity)[1:]:
                aside().print(line)

    async def _all_providers(self, journal: Journal, file: BatchFile) -> None:
        for provider in self.job.providers:
            if self._stopping:
                return
            account = account_of(provider, self.job.profile)
            async with account.client(CLIENTS[provider], max_concurrency=self.job.concurrency) as client:
                self._task = asyncio.create_task(self._one_provider(journal, file, client))
                try:
                    report = await self._task
                except JournalConflictError as error:
                    # Everything else was tried, and the report tells of it.
                    report = self._note_conflicts(error, file)
                finally:
                    self._task = None
                    self._close_latest()
            await self._note_report(report)
            if file.changed:
                self.tally.stopped.append(say("batch.file_changed", path=self.job.path))
                return

    def _note_conflicts(self, error: JournalConflictError, file: BatchFile) -> Report:
        found = locate_conflicts(error.conflicts, file.asked(error.provider or ""), self.job.occasion)
        self.tally.conflicts += found
        assert error.report is not None  # noqa: S101 - a run always reports.
        return error.report

    async def _note_report(self, report: Report) -> None:
        tally = self.tally
        if report.stopped is not None and not self._stopping:
            tally.stopped.append(retold(report.stopped))
        if report.untried is not None:
            tally.untried.append(retold(report.untried))
        counts = report.counts
        if report.done_before or counts[State.REFUSED] or counts[State.NEEDS_PERSON]:
            # Another command may settle rows since they were counted: what is told of the rows is counted with them.
            counts = dict.fromkeys(State, 0)
            async for row in report.rows:
                counts[row.state] += 1
                if row.state in tally.before and row.settled_in != report.run_id:
                    tally.before[row.state].add(row.settled_at)
                elif row.state is State.NEEDS_PERSON and len(tally.waiting) < SHOWN_WAITING:
                    tally.waiting.append(row)
        tally.counts.update(named(counts))

    async def _one_provider(self, journal: Journal, file: BatchFile, client: Provider) -> Report:
        return await journal.run(
            client,
            self._until_stopped(file.requests(client.name, self.job.occasion)),
            concurrency=self.job.concurrency,
            quiet_period=self.job.quiet_period,
            company_id=self.job.company_id,
            progress=self._tell,
            occasion=self.job.occasion,
            look_first=self.job.look_first,
            give_up_after=self.job.give_up_after,
            absence_proves=self.job.absence_proves,
        )

    def _until_stopped(self, requests: Iterator[Request[Any] | OnOccasion]) -> Iterator[Request[Any] | OnOccasion]:
        for request in requests:
            # Whoever stopped before the run had begun is heard here.
            if self._stopping:
                return
            self.tally.read += 1
            yield request

    def _tell(self, progress: Progress) -> None:
        self._latest = progress
        outcomes = self._outcomes + named(progress.outcomes)
        self.tally.outcomes = outcomes
        self.tally.sent = sum(outcomes.values()) - outcomes[State.PLANNED]
        self.progress(self._read + progress.read, outcomes)

    def _close_latest(self) -> None:
        if self._latest is not None:
            self._read += self._latest.read
            self._outcomes += named(self._latest.outcomes)
            self._latest = None

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, asyncio.CancelledError):
            if not self.tally.interrupted:
                raise error
            return
        self.tally.error = self.tally.error or _said(error)
        if isinstance(error, JournalError):
            self.tally.unrecorded += [shown_row(row) for row in error.unrecorded]


def _said(error: BaseException) -> str:
    if isinstance(error, OSError):
        return of_system(error)
    # What a journal adds to its sentence is where Python finds the answers; the command shows them.
    return retold(KolayInvoiceError.__str__(error) if isinstance(error, JournalError) else error)
