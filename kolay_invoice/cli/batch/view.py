"""The text of a batch: confirmation, progress, result and next steps."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from kolay_invoice.cli.accounts import Account
from kolay_invoice.cli.batch.conflicts import LineConflict
from kolay_invoice.cli.batch.file import FileSummary
from kolay_invoice.cli.batch.result import BatchResult, Before
from kolay_invoice.cli.batch.row_view import SETTLED_BEFORE, moment, row_lines, state_name
from kolay_invoice.cli.calls import host_kind
from kolay_invoice.cli.error_texts import NAMES
from kolay_invoice.cli.i18n import _, ngettext
from kolay_invoice.cli.output import as_json, stderr, stdout
from kolay_invoice.journal import State
from kolay_invoice.journal.database import display_url
from kolay_invoice.journal.request_format import provider_of
from kolay_invoice.messages import N_

_WHAT_IT_DOES: Final = {
    "create-e-document": N_("sends the invoice to the tax authority"),
    "resend": N_("sends a failed invoice again"),
    "proceed": N_("collects the invoice (an amount, or all that remains): moves money"),
    "undo-proceed": N_("takes back the collection of the invoice: moves money"),
    "cancel-e-document": N_("cancels the e-Arşiv document and removes its invoice"),
    "delete-invoice": N_("deletes the invoice, which is not official"),
    "create-associate": N_("creates a buyer or supplier"),
    "create-address": N_("creates an address of a buyer or supplier"),
    "create-product": N_("creates a product or service"),
    "create-invoice": N_("creates an invoice that is not yet official"),
    "propars-send": N_("sends the invoice of the sale to the tax authority"),
    "propars-cancel": N_("cancels the invoice of the sale"),
    "propars-save-sale": N_("creates the sale, or updates the one of its sale code"),
}

_SETTLED_NOW: Final = {
    "done": N_("done in this run"),
    "refused": N_("refused in this run"),
}


_SHOWN_CONFLICTS: Final = 20
NOT_DONE: Final = (State.PLANNED, State.CLAIMED, State.SENDING, State.UNKNOWN, State.RECONCILING, State.NEEDS_PERSON)


def bad_lines(summary: FileSummary, path: Path) -> str:
    """Return the bad lines of a file as text."""
    shown = "\n".join(
        ("  " + _("line {number}", number=f"{line.number:,}") + f": {line.reason}") for line in summary.bad
    )
    more = summary.bad_lines - len(summary.bad)
    rest = ("\n  " + _("and {count} more", count=f"{more:,}")) if more else ""
    return (
        ngettext(
            "{count:,} line of {path} cannot be read:",
            "{count:,} lines of {path} cannot be read:",
            summary.bad_lines,
            path=path,
        )
        + f"\n{shown}{rest}"
    )


def conflicts(found: Sequence[LineConflict]) -> str:
    """Return the conflicting lines as text."""
    parts = [
        ngettext(
            "1 line asks for what is known with other fields, and was not taken; the other lines do not wait for it:",
            "{count} lines ask for what is known with other fields, and were not taken; the others "
            "do not wait for them:",
            len(found),
        )
    ]
    parts += [f"  {one.text}" for one in found[:_SHOWN_CONFLICTS]]
    if more := len(found) - _SHOWN_CONFLICTS if len(found) > _SHOWN_CONFLICTS else 0:
        parts.append("  " + _("and {count} more", count=f"{more:,}"))
    return "\n".join(
        [
            *parts,
            _(
                "Correct the lines, or give them an occasion if they are meant once more, and run the same "
                "command again: what is done is not sent again. What was refused takes corrected fields "
                "after `batch settle KEY --not-done`."
            ),
        ]
    )


def confirmation_text(summary: FileSummary, path: Path, accounts: Sequence[Account]) -> str:
    """Return the text that the operator confirms."""
    return f"{describe(N_('{count} operations of {path} are about to be sent:'), summary, path, accounts)}\n" + _(
        "This cannot be undone. What the journal knows as done or refused is not sent again."
    )


def describe(heading: str, summary: FileSummary, path: Path, accounts: Sequence[Account]) -> str:
    """Return the operations, the addresses and the accounts of a file as text."""
    parts = [_(heading, count=f"{sum(summary.counts.values()):,}", path=path)]
    for account in accounts:
        name, kind = NAMES[account.provider], host_kind(account)
        parts.append(
            _(
                "  to {provider} at {origin} ({kind}), with the credentials of {source}",
                provider=name,
                origin=account.origin,
                kind=kind,
                source=account.shown_source,
            )
        )
        parts += [
            (f"    {count:>9,}  {operation}  (" + _(_WHAT_IT_DOES[operation]) + ")")
            for operation, count in summary.counts.items()
            if provider_of(operation) == account.provider
        ]
    if summary.bad_lines:
        parts.append(
            ngettext("{count:,} bad line will be left out.", "{count:,} bad lines will be left out.", summary.bad_lines)
        )
    return "\n".join(parts)


class _RateColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if not speed else f"{speed:,.1f}/s")


@contextmanager
def progress_bar(total: int, read_ahead: int) -> Iterator[Callable[[int, Counter[str]], None]]:
    """Show a progress bar on a terminal, and yield its update function.

    `read_ahead` is the number of operations that may be read and not yet tried.
    """
    console = stderr()
    if not console.is_terminal:
        yield lambda _read, _outcomes: None
        return
    columns = (
        TextColumn(_("sending")),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[states]}"),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=total, states="")

        def update(read: int, outcomes: Counter[str]) -> None:
            # Operations settled before this run report no state. They count as passed beyond the read-ahead.
            passed = max(sum(outcomes.values()) - outcomes[State.PLANNED], read - read_ahead)
            bar.update(task, completed=min(passed, total), states=_states(outcomes))

        yield update


def result_table(result: BatchResult, journal: str) -> None:
    """Print the result of a batch and the next steps."""
    console = stdout()
    table = Table(title=_(N_("the whole journal") if result.whole_journal else N_("the batch")), title_justify="left")
    table.add_column(_("state"))
    table.add_column(_("operations"), justify="right")
    for name, count in _table_rows(result):
        table.add_row(name, f"{count:,}")
    if result.counts:
        console.print(table)
    if before := result.settled_before:
        console.print(_("{count} were done or refused before this run, and were not sent again.", count=f"{before:,}"))
    for answer in result.unrecorded:
        console.print(_("not in the journal: {answer}", answer=as_json(answer)))
    for sentence in next_steps(result, journal):
        console.print(sentence)
    if result.waiting:
        console.print(_("These need a manual check; this is what is known of them:"))
    for row in result.waiting:
        for line in row_lines(row):
            console.print(line)


def _table_rows(result: BatchResult) -> Iterator[tuple[str, int]]:
    """Iterate over the table rows. Final states are split into this run and earlier ones."""
    for state in State:
        before = result.before.get(state)
        if before is None or result.whole_journal:
            rows = [(state_name(state), result.counts[state])]
        else:
            now = (_(_SETTLED_NOW[state]), result.settled_now(state))
            rows = [now, (_(SETTLED_BEFORE[state], when=_span(before)), before.count)]
        yield from ((name, count) for name, count in rows if count)


def _span(before: Before) -> str:
    first, last = moment(before.first_at), moment(before.last_at)
    return first if first == last else _("{first} to {last}", first=first, last=last)


def next_steps(result: BatchResult, journal: str) -> list[str]:
    """Return the next steps, one sentence for each state that is not final."""
    shown = shlex.quote(display_url(journal))
    steps = [_("Stopped early: {why}", why=why) for why in result.stopped]
    if result.interrupted and not result.error:
        steps.append(_("Interrupted. What may have been on its way is in the journal."))
    if result.unrecorded:
        steps.append(_("Keep the answers above: the journal could not write them down, and shows them as being sent."))
    if not result.stopped:
        # If the run stopped early, `stopped` gives the reason.
        steps += [_("Not everything was tried: {why}", why=why) for why in result.untried]
    if planned := result.of(State.PLANNED) + result.not_reached:
        steps.append(_("{count} not sent yet: run the same batch again to go on.", count=f"{planned:,}"))
    if result.of(State.PLANNED):
        steps.append(
            _(
                "`kolay-invoice batch status --journal {journal} --state planned` shows why, where "
                "sending one was tried.",
                journal=shown,
            )
        )
    if in_progress := result.of(State.CLAIMED, State.SENDING, State.RECONCILING):
        steps.append(
            _(
                "{count} in the hands of another process: run the same batch again when it has ended.",
                count=f"{in_progress:,}",
            )
        )
    if unknown := result.of(State.UNKNOWN):
        steps.append(
            _(
                "{count} may have happened: run the same batch again after the quiet period, and they "
                "are looked up at the provider first.",
                count=f"{unknown:,}",
            )
        )
    if person := result.of(State.NEEDS_PERSON):
        steps.append(
            _(
                "{count} may have happened and need a manual check: see them with `kolay-invoice batch status "
                "--journal {journal} --state needs_person`, look each up at the provider, then say what "
                "happened with `kolay-invoice batch settle KEY --journal {journal} --done` or "
                "`--not-done`.",
                count=f"{person:,}",
                journal=shown,
            )
        )
    if refused := result.of(State.REFUSED):
        steps.append(
            _(
                "{count} refused by the provider: `kolay-invoice batch status --journal {journal} "
                "--state refused` shows why.",
                count=f"{refused:,}",
                journal=shown,
            )
        )
    return steps


def _states(outcomes: Counter[str]) -> str:
    return "  ".join(f"{state} {outcomes[state]:,}" for state in State if outcomes[state] and state != State.PLANNED)
