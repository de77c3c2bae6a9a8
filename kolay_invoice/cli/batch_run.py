"""Running a batch in one process: the file is looked through, then streamed into the journal's run."""

from __future__ import annotations

import asyncio
import logging
import os
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

from attrs import Factory, define, field, fields, frozen

from kolay_invoice.cli.batch_file import Asked, BadLine, Form, form_of, lines
from kolay_invoice.cli.batch_request import provider_of
from kolay_invoice.cli.endings import of_system
from kolay_invoice.cli.profiles import CLIENTS, account_of
from kolay_invoice.cli.retelling import retold
from kolay_invoice.cli.texts import Language, say
from kolay_invoice.endpoint import Request
from kolay_invoice.errors import KolayInvoiceError
from kolay_invoice.journal import Journal, JournalConflictError, JournalError, Progress, Report, Row, State
from kolay_invoice.provider import Provider

SHOWN_BAD_LINES: Final = 20


@frozen
class Job:
    """What a process needs to run a batch, or its share of one."""

    path: Path
    journal: str = field(repr=False)
    providers: tuple[str, ...]
    concurrency: int
    quiet_period: float
    company_id: int | None
    stamp: tuple[int, ...]
    """The file as it was when it was agreed to."""
    share: tuple[int, int] = (0, 1)
    """Which of how many shares of the file are this process's."""
    profile: str | None = None
    language: Language | None = None


@define
class Tally:
    """What has become of a batch; several shares of one add up.

    Attributes:
        counts: How many operations stand in each state.
        whole_journal: Whether the counts are those of the whole journal, because the run ended without its own.
        read: How many of the file's operations were reached.
        unread: How many were not.
        sent: How many operations were tried and got anywhere in this run.
        stopped: Why the run ended before everything was tried.
        outcomes: How often an operation came to each state in this run.
        error: What ended the run, in words; `conflict` says that it was the file's fault.
        unrecorded: Answers that came and are not in the journal.
    """

    counts: Counter[str] = Factory(Counter)
    whole_journal: bool = False
    read: int = 0
    unread: int = 0
    sent: int = 0
    outcomes: Counter[str] = Factory(Counter)
    stopped: list[str] = Factory(list)
    error: str | None = None
    conflict: bool = False
    interrupted: bool = False
    unrecorded: list[dict[str, Any]] = Factory(list)

    def add(self, other: Tally) -> None:
        """Add what has become of another share."""
        if self.whole_journal or other.whole_journal:
            # Each of them counted the same journal, and one of them is as good as the other until all have ended.
            self.counts, self.whole_journal = other.counts if other.whole_journal else self.counts, True
        else:
            self.counts.update(other.counts)
        self.read += other.read
        self.sent += other.sent
        self.outcomes += other.outcomes
        self.stopped += [why for why in other.stopped if why not in self.stopped]
        self.error = self.error or other.error
        self.conflict = self.conflict or other.conflict
        self.interrupted = self.interrupted or other.interrupted
        self.unrecorded += other.unrecorded

    @property
    def settled_before(self) -> int:
        """How many operations were done or refused before this run, and not sent by it."""
        settled = (State.DONE, State.REFUSED)
        return 0 if self.whole_journal else max(0, self.of(*settled) - sum(self.outcomes[state] for state in settled))

    def of(self, *states: State) -> int:
        """Return how many operations stand in these states."""
        return sum(self.counts[state] for state in states)


@define
class Survey:
    """What a file asks for, and what in it cannot be read."""

    counts: Counter[str] = Factory(Counter)
    bad: list[BadLine] = Factory(list)
    """The first bad lines."""
    bad_lines: int = 0

    @property
    def providers(self) -> tuple[str, ...]:
        """Whose operations the file holds."""
        found = {provider_of(operation) for operation in self.counts}
        return tuple(name for name in CLIENTS if name in found)


class BatchFile:
    """An open file that is read more than once, by several processes even, and must stay as it was."""

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

    def requests(self, provider: str, share: tuple[int, int] = (0, 1)) -> Iterator[Request[Any]]:
        """Iterate over a provider's requests; it ends where the file was changed, for nobody has agreed to that."""
        number, of = share
        for line in self._lines():
            if self._now() != self.stamp:
                self.changed = True
                return
            if not isinstance(line, Asked) or provider_of(line.operation) != provider:
                continue
            if of == 1 or _subject(line.request) % of == number:
                yield line.request

    def _lines(self) -> Iterator[Asked | BadLine]:
        self._file.seek(0)
        return lines(self._file, self._form)

    def _now(self) -> tuple[int, ...]:
        status = os.fstat(self._file.fileno())
        return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _subject(request: Request[Any]) -> int:
    """Return a number for the document or sale: what is done to one of them stays in one process, in its order."""
    first = next((a.name, value) for a in fields(type(request)) if (value := getattr(request, a.name)) is not None)
    return zlib.crc32(repr(first).encode("utf-8", "backslashreplace"))


@define(eq=False)
class Running:
    """A batch on its way, in this process. `stop` and `cut` may be called at any moment of it."""

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

    async def _all_providers(self, journal: Journal, file: BatchFile) -> None:
        for provider in self.job.providers:
            if self._stopping:
                return
            account = account_of(provider, self.job.profile)
            async with account.client(CLIENTS[provider], max_concurrency=self.job.concurrency) as client:
                self._task = asyncio.create_task(self._one_provider(journal, file, client))
                try:
                    report = await self._task
                finally:
                    self._task = None
                    self._close_latest()
            self.tally.counts.update(named(report.counts))
            if report.stopped is not None and not self._stopping:
                self.tally.stopped.append(retold(report.stopped))
            if file.changed:
                self.tally.stopped.append(say("batch.file_changed", path=self.job.path))
                return

    async def _one_provider(self, journal: Journal, file: BatchFile, client: Provider) -> Report:
        return await journal.run(
            client,
            self._until_stopped(file.requests(client.name, self.job.share)),
            concurrency=self.job.concurrency,
            quiet_period=self.job.quiet_period,
            company_id=self.job.company_id,
            progress=self._tell,
        )

    def _until_stopped(self, requests: Iterator[Request[Any]]) -> Iterator[Request[Any]]:
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
        self.tally.error = self.tally.error or (of_system(error) if isinstance(error, OSError) else retold(error))
        self.tally.conflict = self.tally.conflict or isinstance(error, JournalConflictError)
        if isinstance(error, JournalError):
            self.tally.unrecorded += [shown_row(row) for row in error.unrecorded]


def named(counts: dict[State, int]) -> Counter[str]:
    """Return counts by the names of their states."""
    return Counter({str(state): count for state, count in counts.items() if count})


def shown_row(row: Row) -> dict[str, Any]:
    """Return an operation as plain values for people and scripts; private fields are left out."""
    return {
        "key": row.key,
        "state": str(row.state),
        "note": row.note,
        "request": _shown_fields(row.request),
        "result": None if row.result is None else _shown_fields(row.result),
        "refusal": None if row.refusal is None else _shown_fields(row.refusal, "detail"),
        "attempts": [_shown_fields(attempt) for attempt in row.attempts],
        "since": row.since,
        "due_at": row.due_at,
    }


def _shown_fields(value: Any, *also: str) -> dict[str, Any]:
    return {
        a.name: getattr(value, a.name)
        for a in fields(type(value))
        if (a.repr or a.name in also) and getattr(value, a.name) is not None
    }
