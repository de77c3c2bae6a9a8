"""The implementation of `batch run`, with one error message and exit code for each failure."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from attrs import evolve

from kolay_invoice import event_loop
from kolay_invoice.batch import MOST_AT_ONCE
from kolay_invoice.cli import output
from kolay_invoice.cli.accounts import CLIENTS, Account, account_of, company_id_of
from kolay_invoice.cli.batch import row_view, view
from kolay_invoice.cli.batch.conflicts import LineConflict, find_contradictions, locate_conflicts
from kolay_invoice.cli.batch.file import BatchFile, FileSummary
from kolay_invoice.cli.batch.follow import Followed, follow_sent
from kolay_invoice.cli.batch.follow import check as check_follow
from kolay_invoice.cli.batch.journal_url import find_journal
from kolay_invoice.cli.batch.options import RunOptions
from kolay_invoice.cli.batch.result import BatchResult, row_as_dict
from kolay_invoice.cli.batch.run import BatchJob, BatchRun, interruptible
from kolay_invoice.cli.errors import CommandError, ExitCode, report_errors, require_consent
from kolay_invoice.cli.i18n import _, sentence
from kolay_invoice.journal import Journal, JournalError, State
from kolay_invoice.journal.database import display_url
from kolay_invoice.journal.errors import NoJournalError
from kolay_invoice.journal.operations import check_occasion
from kolay_invoice.late_bytes import LATE_BYTES_SECONDS
from kolay_invoice.messages import N_


def run_batch(path: Path, options: RunOptions) -> int:
    """Run a file's operations and return the exit code."""
    # A journal error here means that no provider has been called.
    with report_errors(_("Nothing was sent."), as_json=options.json, codes={JournalError: ExitCode.NOT_SENT}) as status:
        options = evolve(options, journal=find_journal(options.journal, options.profile))
        _check(options)
        summary, fingerprint = _survey_file(path, options)
        accounts = tuple(account_of(provider, options.profile) for provider in summary.providers)
        job = _job(path, options, accounts, fingerprint)
        if options.absence_proves:
            output.stderr().print(
                _(
                    "--absence-proves: what no list of the provider shows is taken as not sent, and is sent "
                    "again. If the list lags, or its filter means something else, an invoice is SENT TWICE. "
                    "Use it only for an account on which `kolay-invoice doctor` has shown that the filter "
                    "works."
                )
            )
        if options.dry_run:
            status.code = _rehearse(job, summary)
            return status.code
        if not options.yes:
            _ask(job, summary)
        try:
            result, followed = event_loop.run(_send(job, sum(summary.counts.values())))
        except KeyboardInterrupt:
            # Ctrl-C arrived before the run installed its handler, or after it removed it.
            raise CommandError(
                ExitCode.UNKNOWN, _("Interrupted. What may have been on its way is in the journal.")
            ) from None
        result.not_reached = max(0, sum(summary.counts.values()) - result.read)
        status.code = exit_code(result, followed, refused_ok=options.refused_ok)
        _print_result(job, summary, result, followed, status.code)
    return status.code


def exit_code(result: BatchResult, followed: Followed | None = None, *, refused_ok: bool = False) -> ExitCode:
    """Return the exit code of a batch. What became of sent invoices counts where the batch itself is done."""
    if result.conflicts:
        return ExitCode.USAGE
    in_doubt = [state for state in view.NOT_DONE if state is not State.PLANNED]
    if result.unrecorded or result.interrupted or result.of(*in_doubt):
        return ExitCode.UNKNOWN
    if result.error or result.of(State.PLANNED) or result.stopped or result.not_reached:
        return ExitCode.UNKNOWN if result.sent else ExitCode.NOT_SENT
    if followed is not None and followed.pending:
        return ExitCode.UNKNOWN
    if followed is not None and followed.failed:
        return ExitCode.REFUSED
    return ExitCode.REFUSED if result.of(State.REFUSED) and not refused_ok else ExitCode.DONE


# Before anything is sent


def _check(options: RunOptions) -> None:
    if not 1 <= options.concurrency <= MOST_AT_ONCE:
        raise CommandError(
            ExitCode.USAGE,
            _(
                "{option} must be a positive whole number up to {most}, not {given}.",
                option="--concurrency",
                most=MOST_AT_ONCE,
                given=options.concurrency,
            ),
        )
    if not 0 < options.quiet_period < float("inf"):
        raise CommandError(ExitCode.USAGE, _("--quiet-period must be a positive number."))
    if not 0 <= options.give_up_after < float("inf"):
        raise CommandError(ExitCode.USAGE, _("--give-up-after must be a number of seconds that is not negative."))
    check_follow(options)
    check_occasion(options.occasion)
    Journal.open(options.journal)


def _survey_file(path: Path, options: RunOptions) -> tuple[FileSummary, tuple[int, ...]]:
    """Read the file once; return its summary and its fingerprint."""
    if not path.is_file():
        raise CommandError(ExitCode.USAGE, (_("{path} is not a file.", path=path) + " " + _("Nothing was sent.")))
    with BatchFile(path) as file:
        summary = file.survey()
        fingerprint = file.fingerprint
    if summary.bad_lines and not options.skip_bad:
        bad = [{"line": line.number, "reason": line.reason} for line in summary.bad]
        message = f"{view.bad_lines(summary, path)}\n" + _(
            "Nothing was sent: correct them, or leave them out with --skip-bad."
        )
        raise CommandError(ExitCode.USAGE, message, bad_lines=summary.bad_lines, bad=bad)
    if not summary.counts:
        raise CommandError(ExitCode.USAGE, (_("{path} asks for nothing.", path=path) + " " + _("Nothing was sent.")))
    return summary, fingerprint


def _job(path: Path, options: RunOptions, accounts: tuple[Account, ...], fingerprint: tuple[int, ...]) -> BatchJob:
    for account in accounts:
        # Making a client opens no connection and reports missing credentials before the confirmation.
        client = account.client(CLIENTS[account.provider])
        least = client.timeout + LATE_BYTES_SECONDS
        if options.quiet_period < least and not client.is_on_this_machine:
            reason = _(
                "--quiet-period must be at least {least} seconds, in which a call may still arrive and "
                "happen, not {given}.",
                least=f"{least:g}",
                given=f"{options.quiet_period:g}",
            )
            raise CommandError(ExitCode.USAGE, (f"{reason} " + _("Nothing was sent.")))
    company_id = next((company_id_of(one, options.company_id) for one in accounts if one.provider == "kolaybi"), None)
    return BatchJob(path, options, accounts, company_id, fingerprint)


def _ask(job: BatchJob, summary: FileSummary) -> None:
    action = view.confirmation_text(summary, job.path, job.accounts)
    require_consent(
        action,
        _("Send them? [y/N]"),
        without_terminal=_("Nothing was sent: there is no terminal to ask on. Pass --yes to send them."),
        otherwise=_("Nothing was sent."),
    )


def _rehearse(job: BatchJob, summary: FileSummary) -> ExitCode:
    """Print what a run would send, the states in the journal, and the conflicting lines."""
    conflicts = _find_contradictions(job)
    try:
        known, with_journal = event_loop.run(_read_journal(job))
        conflicts |= {one.line: one for one in with_journal}
    except NoJournalError:
        known = None
    found = sorted(conflicts.values(), key=lambda one: one.line)
    code = ExitCode.USAGE if found else ExitCode.DONE
    if job.options.json:
        output.print_json(
            {
                "dry_run": True,
                "file": str(job.path),
                "operations": dict(summary.counts),
                "bad_lines": summary.bad_lines,
                "accounts": [
                    {"provider": one.provider, "origin": one.origin, "host": one.kind, "profile": one.profile}
                    for one in job.accounts
                ],
                "journal_exists": known is not None,
                "in_the_journal": None if known is None else {str(state): known[state] for state in State},
                "occasion": job.options.occasion,
                "absence_proves": job.options.absence_proves,
                "conflicts": [output.as_dict(one) for one in found],
                "exit_code": int(code),
            }
        )
        return code
    console = output.stdout()
    console.print(view.describe(N_("{count} operations of {path} would be sent:"), summary, job.path, job.accounts))
    if known is None:
        console.print(_("There is no journal {journal} yet; a run makes it.", journal=display_url(job.options.journal)))
    else:
        states = ", ".join(f"{row_view.state_name(state)} {count:,}" for state, count in known.items() if count) or "-"
        console.print(
            _(
                "The journal {journal} holds of them: {states}. What is done or refused would not be sent again.",
                journal=display_url(job.options.journal),
                states=states,
            )
        )
    if found:
        console.print(view.conflicts(found))
    output.stderr().print(_("Nothing was sent."))
    return code


def _find_contradictions(job: BatchJob) -> dict[int, LineConflict]:
    """Return the lines that repeat an earlier operation with other fields."""
    found: dict[int, LineConflict] = {}
    with BatchFile(job.path) as file:
        for account in job.accounts:
            name = account.client(CLIENTS[account.provider]).account
            lines = file.lines(account.provider)
            found |= {one.line: one for one in find_contradictions(lines, account.provider, name, job.options.occasion)}
    return found


async def _read_journal(job: BatchJob) -> tuple[Counter[State], list[LineConflict]]:
    known: Counter[State] = Counter()
    conflicts: list[LineConflict] = []
    async with Journal.open(job.options.journal, create=False) as journal:
        with BatchFile(job.path) as file:
            for account in job.accounts:
                client = account.client(CLIENTS[account.provider])
                provider, occasion = account.provider, job.options.occasion
                known.update(await journal.counts_of(client, file.requests(provider, occasion)))
                found = await journal.find_conflicts(client, file.requests(provider, occasion))
                conflicts += locate_conflicts(found, file.lines(provider), occasion) if found else []
    return known, conflicts


# Sending


async def _send(job: BatchJob, total: int) -> tuple[BatchResult, Followed | None]:
    read_ahead = min(512, max(16, 4 * job.options.concurrency))
    with view.progress_bar(total, read_ahead) as update:
        running = BatchRun(job, update)
        with interruptible(running.stop, running.abort):
            result = await running.run()
    if result.interrupted or not result.sent_documents:
        return result, None
    return result, await follow_sent(job, result.sent_documents)


def _print_result(
    job: BatchJob, summary: FileSummary, result: BatchResult, followed: Followed | None, code: ExitCode
) -> None:
    document = _as_document(job, summary, result, followed, code)
    with output.answering(document, exit_code=int(code)):
        if job.options.json:
            output.print_json(document)
            return
        view.result_table(result, job.options.journal)
        for told in [] if followed is None else followed.sentences():
            output.stdout().print(told)
        if message := _error_text(result):
            output.stderr().print(message)


def _as_document(
    job: BatchJob, summary: FileSummary, result: BatchResult, followed: Followed | None, code: ExitCode
) -> dict[str, Any]:
    return {
        "file": str(job.path),
        "operations": dict(summary.counts),
        "bad_lines": summary.bad_lines,
        "counts": {str(state): result.counts[state] for state in State},
        "counts_are_of": "the journal" if result.whole_journal else "the batch",
        "sent_in_this_run": result.sent,
        "done_in_this_run": result.settled_now(State.DONE),
        "refused_in_this_run": result.settled_now(State.REFUSED),
        "settled_before_this_run": result.settled_before,
        "done_before_this_run": output.as_dict(result.before[State.DONE]),
        "refused_before_this_run": output.as_dict(result.before[State.REFUSED]),
        "occasion": job.options.occasion,
        "absence_proves": job.options.absence_proves,
        "doubt": result.doubt,
        "untried": result.untried,
        "waiting_for_a_person": [row_as_dict(row) for row in result.waiting],
        "conflicts": [output.as_dict(one) for one in result.conflicts],
        "interrupted": result.interrupted,
        "lines_not_reached": result.not_reached,
        "stopped": result.stopped,
        "error": _error_text(result) or None,
        "unrecorded": result.unrecorded,
        "followed": None if followed is None else followed.as_document(),
        "next": view.next_steps(result, job.options.journal),
        "exit_code": int(code),
    }


def _error_text(result: BatchResult) -> str:
    """Return the error message of a batch and its conflicts."""
    parts = []
    if result.error:
        then = (
            N_(
                "What was on its way may have happened; the journal holds every mark. When the cause is "
                "removed, run the same command again."
            )
            if result.sent or result.unrecorded
            else N_("Nothing was sent by this run. When the cause is removed, run the same command again.")
        )
        parts.append(f"{sentence(result.error)} " + _(then))
    if result.conflicts:
        parts.append(view.conflicts(result.conflicts))
    return "\n".join(parts)
