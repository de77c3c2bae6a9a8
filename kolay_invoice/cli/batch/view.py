"""What a person sees of a batch, and what a script reads of it."""

from __future__ import annotations

import shlex
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from kolay_invoice.cli.accounts import Account
from kolay_invoice.cli.batch.conflicts import LineConflict
from kolay_invoice.cli.batch.file import FileSummary
from kolay_invoice.cli.batch.result import BatchResult, Before, shown_row
from kolay_invoice.cli.calls import host_kind
from kolay_invoice.cli.output import as_json, stderr, stdout, write_json
from kolay_invoice.cli.retelling import NAMES, retold
from kolay_invoice.cli.texts import count_of, say
from kolay_invoice.journal import Row, State
from kolay_invoice.journal.database import showable
from kolay_invoice.journal.request_format import provider_of

_SETTLED: Final = (State.DONE, State.REFUSED)
_SHOWN_CONFLICTS: Final = 20
NOT_DONE: Final = (State.PLANNED, State.CLAIMED, State.SENDING, State.UNKNOWN, State.RECONCILING, State.NEEDS_PERSON)


def bad_lines(summary: FileSummary, path: Path) -> str:
    """Return the bad lines of a file as a person can mend them."""
    shown = "\n".join(f"  {say('batch.line', number=f'{line.number:,}')}: {line.reason}" for line in summary.bad)
    more = summary.bad_lines - len(summary.bad)
    rest = f"\n  {say('batch.more', count=f'{more:,}')}" if more else ""
    return f"{count_of('batch.bad_lines', summary.bad_lines, path=path)}\n{shown}{rest}"


def conflicts(found: Sequence[LineConflict]) -> str:
    """Return the lines that conflict as a person can mend them."""
    parts = [count_of("batch.conflicts", len(found))]
    parts += [f"  {one.shown}" for one in found[:_SHOWN_CONFLICTS]]
    if more := len(found) - _SHOWN_CONFLICTS if len(found) > _SHOWN_CONFLICTS else 0:
        parts.append(f"  {say('batch.more', count=f'{more:,}')}")
    return "\n".join([*parts, say("batch.conflict_next")])


def confirmation_text(summary: FileSummary, path: Path, accounts: Sequence[Account]) -> str:
    """Return what is about to happen, in every particular."""
    return f"{describe('batch.about', summary, path, accounts)}\n{say('batch.cannot_be_undone')}"


def describe(heading: str, summary: FileSummary, path: Path, accounts: Sequence[Account]) -> str:
    """Return what a file asks for, where it goes and whose it is."""
    parts = [say(heading, count=f"{sum(summary.counts.values()):,}", path=path)]
    for account in accounts:
        name, kind = NAMES[account.provider], host_kind(account)
        parts.append(say("batch.to", provider=name, origin=account.origin, kind=kind, source=account.shown_source))
        parts += [
            f"    {count:>9,}  {operation}  ({say(f'batch.does.{operation}')})"
            for operation, count in summary.counts.items()
            if provider_of(operation) == account.provider
        ]
    if summary.bad_lines:
        parts.append(count_of("batch.left_out", summary.bad_lines))
    return "\n".join(parts)


class _RateColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if not speed else f"{speed:,.1f}/s")


@contextmanager
def progress_bar(total: int, read_ahead: int) -> Iterator[Callable[[int, Counter[str]], None]]:
    """Show a bar on a terminal, and nothing elsewhere. Gives what is to be told of each step.

    `read_ahead` is how many operations may have been read and not yet tried.
    """
    console = stderr()
    if not console.is_terminal:
        yield lambda _read, _outcomes: None
        return
    columns = (
        TextColumn(say("batch.sending")),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[states]}"),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=total, states="")

        def tell(read: int, outcomes: Counter[str]) -> None:
            # What the journal knew already comes to no state in this run; it has been passed once it is far behind.
            passed = max(sum(outcomes.values()) - outcomes[State.PLANNED], read - read_ahead)
            bar.update(task, completed=min(passed, total), states=_states(outcomes))

        yield tell


def result_table(result: BatchResult, journal: str) -> None:
    """Print what has become of a batch, and how to go on."""
    console = stdout()
    table = Table(title=say("batch.whole_journal" if result.whole_journal else "batch.batch"), title_justify="left")
    table.add_column(say("batch.state"))
    table.add_column(say("batch.operations"), justify="right")
    for name, count in _table_rows(result):
        table.add_row(name, f"{count:,}")
    if result.counts:
        console.print(table)
    if before := result.settled_before:
        console.print(say("batch.settled_before", count=f"{before:,}"))
    for answer in result.unrecorded:
        console.print(say("batch.unrecorded", answer=as_json(answer)))
    for sentence in next_steps(result, journal):
        console.print(sentence)
    if result.waiting:
        console.print(say("batch.waiting"))
    for row in result.waiting:
        for line in row_lines(row):
            console.print(line)


def _table_rows(result: BatchResult) -> Iterator[tuple[str, int]]:
    """Iterate over the lines of the closing table; what is settled tells whether this run did it, or when it was."""
    for state in State:
        before = result.before.get(state)
        if before is None or result.whole_journal:
            rows = [(state_name(state), result.counts[state])]
        else:
            now = (say(f"batch.{state}_now"), result.settled_now(state))
            rows = [now, (say(f"batch.{state}_before", when=_span(before)), before.count)]
        yield from ((name, count) for name, count in rows if count)


def state_name(state: State) -> str:
    """Return a state in words, with the name that is typed where the words differ from it."""
    words = say(f"batch.state.{state}")
    return words if words == state else f"{words} ({state})"


def moment(at: float | None) -> str:
    """Return a time as people here write it."""
    return say("batch.no_time") if at is None else time.strftime(say("batch.moment"), time.localtime(at))


def _span(before: Before) -> str:
    first, last = moment(before.first_at), moment(before.last_at)
    return first if first == last else say("batch.from_to", first=first, last=last)


def next_steps(result: BatchResult, journal: str) -> list[str]:
    """Return how to go on, one sentence for each thing that is not settled."""
    shown = shlex.quote(showable(journal))
    steps = [say("batch.stopped", why=why) for why in result.stopped]
    if result.interrupted and not result.error:
        steps.append(say("batch.interrupted"))
    if result.unrecorded:
        steps.append(say("batch.keep"))
    if not result.stopped:
        # Where the run stopped early, that is why.
        steps += [say("batch.untried", why=why) for why in result.untried]
    if planned := result.of(State.PLANNED) + result.not_reached:
        steps.append(say("batch.planned", count=f"{planned:,}"))
    if result.of(State.PLANNED):
        steps.append(say("batch.planned_why", journal=shown))
    if in_hand := result.of(State.CLAIMED, State.SENDING, State.RECONCILING):
        steps.append(say("batch.in_hand", count=f"{in_hand:,}"))
    if unknown := result.of(State.UNKNOWN):
        steps.append(say("batch.unknown", count=f"{unknown:,}"))
    if person := result.of(State.NEEDS_PERSON):
        steps.append(say("batch.needs_person", count=f"{person:,}", journal=shown))
    if refused := result.of(State.REFUSED):
        steps.append(say("batch.refused", count=f"{refused:,}", journal=shown))
    return steps


async def print_rows(rows: AsyncIterator[Row]) -> None:
    """Print operations one by one, as they come."""
    console = stdout()
    async for row in rows:
        for line in row_lines(row):
            console.print(line)


def row_lines(row: Row) -> Iterator[str]:
    """Iterate over the lines that show an operation: what became of it, and what is known of it in doubt."""
    refusal = row.refusal and f"{row.refusal.error}: {row.refusal.detail or row.refusal.code or row.refusal.status}"
    result = row.result and ", ".join(f"{name} {value}" for name, value in (shown_row(row)["result"] or {}).items())
    settled = row.state in _SETTLED and say(f"batch.{row.state}_before", when=moment(row.settled_at))
    why = "; ".join(part for part in (refusal, result, row.note and retold(row.note), settled) if part)
    yield f"{row.state:<12}  {row.key}  {why}".rstrip()
    if row.state not in _SETTLED:
        yield from row_details(row)


def row_details(row: Row) -> Iterator[str]:
    """Iterate over what is known of an operation: what it is, what looks have shown, and what persons have said."""
    fields = ", ".join(f"{name} {value}" for name, value in shown_row(row)["request"].items())
    yield f"    {say(f'batch.operation.{row.operation}')}: {say(f'batch.state.{row.state}')} ({fields})"
    for attempt in row.attempts:
        how = say("batch.left" if attempt.left else "batch.not_left")
        yield f"    {say('batch.attempt', when=moment(attempt.started_at), how=how, outcome=retold(attempt.outcome))}"
    for evidence in row.evidence:
        seen = "; ".join(retold(part) for part in evidence.seen.split("; "))
        yield f"    {say('batch.evidence', when=moment(evidence.at), asked=retold(evidence.asked), seen=seen)}"
    for change in row.history:
        what = say("batch.change", when=moment(change.at), who=change.by or "-", what=retold(change.what))
        yield f"    {what}" + (f" ({change.because})" if change.because else "")


async def print_json_rows(
    counts: dict[str, int], journal: dict[str, Any], rows: AsyncIterator[dict[str, Any]] | None
) -> None:
    """Print one JSON document with counts and rows, without ever holding all of it."""
    write = write_json
    write('{"counts":' + as_json(counts) + ',"journal":' + as_json(journal))
    if rows is not None:
        separator = ',"rows":['
        async for row in rows:
            write(separator + as_json(row))
            separator = ","
        write("]" if separator == "," else ',"rows":[]')
    write("}\n")


def _states(outcomes: Counter[str]) -> str:
    return "  ".join(f"{state} {outcomes[state]:,}" for state in State if outcomes[state] and state != State.PLANNED)
