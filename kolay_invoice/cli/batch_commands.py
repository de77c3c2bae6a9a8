"""What the batch commands do, with the errors of each as one paragraph and an exit code."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from kolay_invoice.batch import MOST_AT_ONCE
from kolay_invoice.cli import batch_screen as screen
from kolay_invoice.cli import output
from kolay_invoice.cli.batch_conflicts import LineConflict, find_contradictions, locate_conflicts
from kolay_invoice.cli.batch_interrupts import interruptible
from kolay_invoice.cli.batch_run import BatchFile, Job, Running
from kolay_invoice.cli.batch_tally import Survey, Tally, shown_row
from kolay_invoice.cli.batch_workers import RunningWorkers
from kolay_invoice.cli.endings import CommandError, Exit, paragraph
from kolay_invoice.cli.profiles import CLIENTS, Account, account_of, company_id_of
from kolay_invoice.cli.texts import language, say, sentence
from kolay_invoice.journal import Journal, JournalError, State
from kolay_invoice.journal.database import showable
from kolay_invoice.journal.errors import NoJournalError
from kolay_invoice.journal.journal import GIVE_UP_AFTER, QUIET_PERIOD
from kolay_invoice.journal.keys import check_occasion
from kolay_invoice.late_bytes import LATE_BYTES_SECONDS

MOST_WORKERS: Final = 1_000
"""Each is a process with connections of its own to the journal's server."""


@frozen(kw_only=True)
class RunOptions:
    """The arguments of `batch run`."""

    file: Path
    journal: str = field(repr=False)
    concurrency: int = 8
    quiet_period: float = QUIET_PERIOD
    workers: int = 1
    company_id: int | None = None
    profile: str | None = None
    occasion: str = ""
    look_first: bool = False
    give_up_after: float = GIVE_UP_AFTER
    absence_proves: bool = False
    skip_bad: bool = False
    yes: bool = False
    dry_run: bool = False
    json: bool = False


def run_batch(options: RunOptions) -> int:
    """Run a file's operations and return the exit code."""
    # What needs the journal has failed without a word to any provider.
    with paragraph(say("nothing_sent"), as_json=options.json, codes={JournalError: Exit.NOT_SENT}) as ended:
        _check(options)
        survey, stamp = _surveyed(options)
        accounts = [account_of(provider, options.profile) for provider in survey.providers]
        job = _job(options, accounts, stamp)
        if options.absence_proves:
            output.aside().print(say("batch.absence_proves"))
        if options.dry_run:
            ended.code = _rehearse(options, survey, accounts)
            return ended.code
        if not options.yes:
            _ask(options, survey, accounts)
        try:
            tally = asyncio.run(_sent(options, job, sum(survey.counts.values())))
        except KeyboardInterrupt:
            # It came before the run had begun to hear it, or after it had ceased to.
            raise CommandError(Exit.UNKNOWN, say("batch.interrupted")) from None
        tally.unread = max(0, sum(survey.counts.values()) - tally.read)
        ended.code = exit_code(tally)
        _close(options, survey, tally, ended.code)
    return ended.code


def exit_code(tally: Tally) -> Exit:
    """Return what a script needs to know of a batch."""
    if tally.conflicts:
        return Exit.USAGE
    in_doubt = [state for state in screen.NOT_DONE if state is not State.PLANNED]
    if tally.unrecorded or tally.interrupted or tally.of(*in_doubt):
        return Exit.UNKNOWN
    if tally.error or tally.of(State.PLANNED) or tally.stopped or tally.unread:
        return Exit.UNKNOWN if tally.sent else Exit.NOT_SENT
    return Exit.DONE


# Before anything is sent


def _check(options: RunOptions) -> None:
    for option, given, most in (
        ("--concurrency", options.concurrency, MOST_AT_ONCE),
        ("--workers", options.workers, MOST_WORKERS),
    ):
        if not 1 <= given <= most:
            raise CommandError(Exit.USAGE, say("batch.bound", option=option, most=most, given=given))
    if not 0 < options.quiet_period < float("inf"):
        raise CommandError(Exit.USAGE, say("batch.positive"))
    if not 0 <= options.give_up_after < float("inf"):
        raise CommandError(Exit.USAGE, say("batch.give_up_after"))
    check_occasion(options.occasion)
    Journal.open(options.journal)
    if options.workers > 1 and not options.journal.startswith("postgres"):
        raise CommandError(Exit.USAGE, say("batch.workers_need_postgresql"))


def _surveyed(options: RunOptions) -> tuple[Survey, tuple[int, ...]]:
    """Look through the file, and return what it asks for and how it was then."""
    if not options.file.is_file():
        raise CommandError(Exit.USAGE, f"{say('batch.no_file', path=options.file)} {say('nothing_sent')}")
    with BatchFile(options.file) as file:
        survey = file.survey()
        stamp = file.stamp
    if survey.bad_lines and not options.skip_bad:
        bad = [{"line": line.number, "reason": line.reason} for line in survey.bad]
        message = f"{screen.bad_lines(survey, options.file)}\n{say('batch.mend')}"
        raise CommandError(Exit.USAGE, message, bad_lines=survey.bad_lines, bad=bad)
    if not survey.counts:
        raise CommandError(Exit.USAGE, f"{say('batch.asks_nothing', path=options.file)} {say('nothing_sent')}")
    return survey, stamp


def _job(options: RunOptions, accounts: list[Account], stamp: tuple[int, ...]) -> Job:
    for account in accounts:
        # Making a client opens nothing; what is missing of the credentials is said before anybody is asked.
        client = account.client(CLIENTS[account.provider])
        least = client.timeout + LATE_BYTES_SECONDS
        if options.quiet_period < least and not client.is_on_this_machine:
            told = say("batch.quiet_too_short", least=f"{least:g}", given=f"{options.quiet_period:g}")
            raise CommandError(Exit.USAGE, f"{told} {say('nothing_sent')}")
    company_id = next((company_id_of(one, options.company_id) for one in accounts if one.provider == "kolaybi"), None)
    return Job(
        options.file,
        options.journal,
        tuple(account.provider for account in accounts),
        options.concurrency,
        options.quiet_period,
        company_id,
        stamp,
        profile=options.profile,
        language=language(),
        occasion=options.occasion,
        look_first=options.look_first,
        give_up_after=options.give_up_after,
        absence_proves=options.absence_proves,
    )


def _ask(options: RunOptions, survey: Survey, accounts: list[Account]) -> None:
    asked = screen.question(survey, options.file, accounts)
    if not output.is_interactive():
        raise CommandError(Exit.USAGE, f"{asked}\n{say('no_terminal')}")
    if not output.agreed(asked, say("batch.send_them")):
        raise CommandError(Exit.REFUSED, say("nothing_sent"))


def _rehearse(options: RunOptions, survey: Survey, accounts: list[Account]) -> Exit:
    """Show what a run would send, what the journal knows of it, and which lines it would not take."""
    conflicts = _contradictions(options, accounts)
    try:
        known, with_journal = asyncio.run(_known(options, accounts))
        conflicts |= {one.line: one for one in with_journal}
    except NoJournalError:
        known = None
    found = sorted(conflicts.values(), key=lambda one: one.line)
    code = Exit.USAGE if found else Exit.DONE
    if options.json:
        output.print_json(
            {
                "dry_run": True,
                "file": str(options.file),
                "operations": dict(survey.counts),
                "bad_lines": survey.bad_lines,
                "accounts": [
                    {"provider": one.provider, "origin": one.origin, "host": one.kind, "profile": one.profile}
                    for one in accounts
                ],
                "journal_exists": known is not None,
                "in_the_journal": None if known is None else {str(state): known[state] for state in State},
                "occasion": options.occasion,
                "absence_proves": options.absence_proves,
                "conflicts": [output.plain(one) for one in found],
                "exit_code": int(code),
            }
        )
        return code
    console = output.out()
    console.print(screen.particulars("batch.would", survey, options.file, accounts))
    if known is None:
        console.print(say("batch.no_journal_yet", journal=showable(options.journal)))
    else:
        states = ", ".join(f"{screen.state_name(state)} {count:,}" for state, count in known.items() if count) or "-"
        console.print(say("batch.known", journal=showable(options.journal), states=states))
    if found:
        console.print(screen.conflicts(found))
    output.aside().print(say("nothing_sent"))
    return code


def _contradictions(options: RunOptions, accounts: list[Account]) -> dict[int, LineConflict]:
    """Return the lines that ask for the same thing as an earlier one, with other fields."""
    found: dict[int, LineConflict] = {}
    with BatchFile(options.file) as file:
        for account in accounts:
            name = account.client(CLIENTS[account.provider]).account
            asked = file.asked(account.provider)
            found |= {one.line: one for one in find_contradictions(asked, account.provider, name, options.occasion)}
    return found


async def _known(options: RunOptions, accounts: list[Account]) -> tuple[Counter[State], list[LineConflict]]:
    known: Counter[State] = Counter()
    conflicts: list[LineConflict] = []
    async with Journal.open(options.journal, create=False) as journal:
        with BatchFile(options.file) as file:
            for account in accounts:
                client = account.client(CLIENTS[account.provider])
                provider, occasion = account.provider, options.occasion
                known.update(await journal.counts_of(client, file.requests(provider, occasion=occasion)))
                found = await journal.find_conflicts(client, file.requests(provider, occasion=occasion))
                conflicts += locate_conflicts(found, file.asked(provider), occasion) if found else []
    return known, conflicts


# Sending


async def _sent(options: RunOptions, job: Job, total: int) -> Tally:
    read_ahead = options.workers * min(512, max(16, 4 * options.concurrency))
    with screen.progress_bar(total, read_ahead) as tell:
        running = Running(job, tell) if options.workers == 1 else RunningWorkers(job, options.workers, tell)
        with interruptible(running.stop, running.cut):
            return await running.run()


def _close(options: RunOptions, survey: Survey, tally: Tally, code: Exit) -> None:
    document = _as_document(options, survey, tally, code)
    with output.answering(document, exit_code=int(code)):
        if options.json:
            output.print_json(document)
            return
        screen.closing_table(tally, options.journal)
        if told := _told(tally):
            output.aside().print(told)


def _as_document(options: RunOptions, survey: Survey, tally: Tally, code: Exit) -> dict[str, Any]:
    return {
        "file": str(options.file),
        "operations": dict(survey.counts),
        "bad_lines": survey.bad_lines,
        "counts": {str(state): tally.counts[state] for state in State},
        "counts_are_of": "the journal" if tally.whole_journal else "the batch",
        "sent_in_this_run": tally.sent,
        "done_in_this_run": tally.settled_now(State.DONE),
        "refused_in_this_run": tally.settled_now(State.REFUSED),
        "settled_before_this_run": tally.settled_before,
        "done_before_this_run": output.plain(tally.before[State.DONE]),
        "refused_before_this_run": output.plain(tally.before[State.REFUSED]),
        "occasion": options.occasion,
        "absence_proves": options.absence_proves,
        "doubt": tally.doubt,
        "untried": tally.untried,
        "waiting_for_a_person": [shown_row(row) for row in tally.waiting],
        "conflicts": [output.plain(one) for one in tally.conflicts],
        "interrupted": tally.interrupted,
        "lines_not_reached": tally.unread,
        "stopped": tally.stopped,
        "error": _told(tally) or None,
        "unrecorded": tally.unrecorded,
        "next": screen.next_steps(tally, options.journal),
        "exit_code": int(code),
    }


def _told(tally: Tally) -> str:
    """Return what ended a batch or what it could not take: whether it may have happened, and what to do."""
    parts = []
    if tally.error:
        then = "batch.sent_next" if tally.sent or tally.unrecorded else "batch.not_sent_next"
        parts.append(f"{sentence(tally.error)} {say(then)}")
    if tally.conflicts:
        parts.append(screen.conflicts(tally.conflicts))
    return "\n".join(parts)
