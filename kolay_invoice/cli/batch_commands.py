"""What the batch commands do, with the errors of each as one paragraph and an exit code."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from kolay_invoice import environment
from kolay_invoice.cli import batch_screen as screen
from kolay_invoice.cli.batch_interrupts import interruptible
from kolay_invoice.cli.batch_request import quoted
from kolay_invoice.cli.batch_run import CLIENTS, BatchFile, Job, Running, Survey, Tally, shown_row
from kolay_invoice.cli.batch_workers import RunningWorkers
from kolay_invoice.errors import ConfigurationError
from kolay_invoice.journal import Journal, JournalError, Row, State

DONE: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
NOT_SENT: Final = 3
WAITING: Final = 4


class CommandError(Exception):
    """What ends a command, in words for the person who gave it."""

    def __init__(self, code: int, message: str, **facts: object) -> None:
        super().__init__(message)
        self.code = code
        self.facts = facts


@frozen(kw_only=True)
class RunOptions:
    """The arguments of `batch run`."""

    file: Path
    journal: str
    concurrency: int = 8
    quiet_period: float = 300.0
    workers: int = 1
    company_id: int | None = None
    skip_bad: bool = False
    yes: bool = False
    json: bool = False


def run_batch(options: RunOptions) -> int:
    """Run a file's operations and return the exit code."""
    with _paragraph("Nothing was sent.", as_json=options.json, no_journal=NOT_SENT) as ended:
        _check(options)
        job, survey = _prepared(options)
        if not options.yes:
            _ask(options, survey)
        tally = asyncio.run(_sent(options, job, sum(survey.counts.values())))
        tally.unread = max(0, sum(survey.counts.values()) - tally.read)
        ended.code = exit_code(tally)
        _close(options, survey, tally, ended.code)
    return ended.code


def exit_code(tally: Tally) -> int:
    """Return what a script needs to know of a batch."""
    if tally.conflict:
        return USAGE
    in_doubt = [state for state in screen.NOT_DONE if state is not State.PLANNED]
    if tally.unrecorded or tally.interrupted or tally.of(*in_doubt):
        return WAITING
    if tally.error or tally.of(State.PLANNED) or tally.stopped or tally.unread:
        return WAITING if tally.sent else NOT_SENT
    return DONE


def show_status(journal: str, state: str | None, *, as_json: bool) -> int:
    """Show a journal's counts and, of one state, its operations."""

    async def shown() -> None:
        async with Journal.open(journal, create=False) as opened:
            counts = await opened.counts()
            rows = None if state is None else opened.rows([state])
            if as_json:
                named = {str(name): count for name, count in counts.items()}
                await screen.print_json_rows(named, None if rows is None else _shown(rows))
                return
            if rows is None:
                tally = Tally(whole_journal=True)
                tally.counts.update({str(name): count for name, count in counts.items()})
                screen.closing_table(tally, journal)
            else:
                await screen.print_rows(rows, shown_row)

    with _paragraph("Nothing was changed.", as_json=as_json) as ended:
        asyncio.run(shown())
    return ended.code


def settle_one(key: str, journal: str, *, done: bool, not_done: bool, because: str | None, as_json: bool) -> int:
    """Write down a person's word on one operation."""

    async def settled() -> Row:
        async with Journal.open(journal, create=False) as opened:
            row = await opened.find(key)
            if row is None:
                raise CommandError(USAGE, f"The journal knows no {quoted(key)}: `batch status` shows keys.")
            if row.state not in (State.UNKNOWN, State.NEEDS_PERSON):
                raise CommandError(
                    REFUSED,
                    f"{key} is {row.state}; only what is unknown or needs a person can be settled.",
                )
            word = because or True
            return await opened.settle(key, done=done and word, not_executed=not_done and word, by=_who())

    with _paragraph("Nothing was changed.", as_json=as_json) as ended:
        if done == not_done:
            raise CommandError(USAGE, "Say either --done or --not-done.")
        row = asyncio.run(settled())
        if as_json:
            screen.print_json(shown_row(row))
        else:
            then = "It will be sent by the next run that asks for it." if not_done else "It will not be sent again."
            screen.out().print(f"{row.key} is {row.state} now ({row.note}). {then}")
    return ended.code


# Before anything is sent


def _check(options: RunOptions) -> None:
    if options.concurrency < 1 or options.workers < 1 or not 0 < options.quiet_period < float("inf"):
        raise CommandError(USAGE, "--concurrency, --workers and --quiet-period must be positive numbers.")
    Journal.open(options.journal)
    if options.workers > 1 and not options.journal.startswith("postgres"):
        raise CommandError(
            USAGE,
            "--workers needs a PostgreSQL journal (--journal postgresql://user@host/database): a SQLite file has one "
            "writer at a time. Use --concurrency to send more at once.",
        )


def _prepared(options: RunOptions) -> tuple[Job, Survey]:
    """Look through the file, and make sure that everything is there that its operations need."""
    if not options.file.is_file():
        raise CommandError(USAGE, f"{options.file} is not a file. Nothing was sent.")
    with BatchFile(options.file) as file:
        survey = file.survey()
        stamp = file.stamp
    if survey.bad_lines and not options.skip_bad:
        bad = [{"line": line.number, "reason": line.reason} for line in survey.bad]
        raise CommandError(
            USAGE,
            f"{screen.bad_lines(survey, options.file)}\nNothing was sent: mend them, or leave them out with "
            "--skip-bad.",
            bad_lines=survey.bad_lines,
            bad=bad,
        )
    if not survey.counts:
        raise CommandError(USAGE, f"{options.file} asks for nothing. Nothing was sent.")
    for provider in survey.providers:
        # Making a client opens nothing; what is missing in the environment is said before anybody is asked.
        CLIENTS[provider].from_env()
    job = Job(
        options.file,
        options.journal,
        survey.providers,
        options.concurrency,
        options.quiet_period,
        _company_id(options),
        stamp,
    )
    return job, survey


def _company_id(options: RunOptions) -> int | None:
    given = options.company_id
    if given is None:
        named = environment.optional("KOLAYBI_COMPANY_ID")
        if named is None:
            return None
        given = int(named) if named.isascii() and named.isdigit() and len(named) <= len(str(2**63)) else 0
    if not 0 < given < 2**63:
        raise CommandError(USAGE, "The company id (--company-id or KOLAYBI_COMPANY_ID) must be a positive number.")
    return given


def _ask(options: RunOptions, survey: Survey) -> None:
    asked = screen.question(survey, options.file)
    if not screen.is_interactive():
        raise CommandError(
            USAGE, f"{asked}\nNothing was sent: there is no terminal to ask on. Pass --yes to send them."
        )
    if not screen.agreed(asked):
        raise CommandError(REFUSED, "Nothing was sent.")


# Sending


async def _sent(options: RunOptions, job: Job, total: int) -> Tally:
    read_ahead = options.workers * min(512, max(16, 4 * options.concurrency))
    with screen.progress_bar(total, read_ahead) as tell:
        running = Running(job, tell) if options.workers == 1 else RunningWorkers(job, options.workers, tell)
        with interruptible(running.stop, running.cut):
            return await running.run()


def _close(options: RunOptions, survey: Survey, tally: Tally, code: int) -> None:
    if not options.json:
        screen.closing_table(tally, options.journal)
        if tally.error:
            screen.aside().print(_told(tally))
        return
    screen.print_json(
        {
            "file": str(options.file),
            "operations": dict(survey.counts),
            "bad_lines": survey.bad_lines,
            "counts": {str(state): tally.counts[state] for state in State},
            "counts_are_of": "the journal" if tally.whole_journal else "the batch",
            "sent_in_this_run": tally.sent,
            "interrupted": tally.interrupted,
            "lines_not_reached": tally.unread,
            "stopped": tally.stopped,
            "error": _told(tally) if tally.error else None,
            "unrecorded": tally.unrecorded,
            "next": screen.next_steps(tally, options.journal),
            "exit_code": code,
        }
    )


def _told(tally: Tally) -> str:
    """Return an error as what happened, whether it may have happened at the provider, and what to do."""
    if tally.conflict:
        then = "It was not sent. Mend the file, then run the same command again: what is done is not sent again."
    elif tally.sent or tally.unrecorded:
        then = (
            "What was on its way may have happened; the journal holds every mark. "
            "When the cause is mended, run the same command again."
        )
    else:
        then = "Nothing was sent by this run. When the cause is mended, run the same command again."
    return f"{_sentence(tally.error)} {then}"


# Words


def _sentence(error: object) -> str:
    """Return an error's text with a full stop and, where it does not begin with a key or a name, with a capital."""
    text = str(error).rstrip(".")
    return f"{text}." if ":" in text.split(" ")[0] else f"{text[:1].upper()}{text[1:]}."


class _Ended:
    """The exit code of a command that is on its way to it."""

    code: int = DONE


@contextmanager
def _paragraph(otherwise: str, *, as_json: bool, no_journal: int = USAGE) -> Iterator[_Ended]:
    """Say what ends a command in one paragraph, and give its exit code. `otherwise` says what has not happened."""
    ended = _Ended()
    facts: dict[str, object] = {}
    message: str | None = None
    try:
        yield ended
    except CommandError as error:
        ended.code, message, facts = error.code, str(error), error.facts
    except JournalError as error:
        # What needs the journal has failed without a word to any provider.
        ended.code, message = no_journal, f"{_sentence(error)} {otherwise}"
    except (ConfigurationError, ValueError, OSError) as error:
        ended.code, message = USAGE, f"{_sentence(error)} {otherwise}"
    if message is not None and as_json:
        screen.print_json({"error": message, "exit_code": ended.code, **facts})
    elif message is not None:
        screen.aside().print(message)


async def _shown(rows: AsyncIterator[Row]) -> AsyncIterator[dict[str, Any]]:
    async for row in rows:
        yield shown_row(row)


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "a person"
