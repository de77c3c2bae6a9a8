"""What a person sees of a batch, and what a script reads of it."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from kolay_invoice.cli.batch_request import provider_of
from kolay_invoice.cli.batch_run import Survey, Tally
from kolay_invoice.cli.calls import host_kind
from kolay_invoice.cli.output import as_json, aside, out, write_json
from kolay_invoice.cli.profiles import Account
from kolay_invoice.cli.retelling import NAMES, retold
from kolay_invoice.cli.texts import count_of, say
from kolay_invoice.journal import Row, State
from kolay_invoice.journal.database import showable

_SETTLED: Final = (State.DONE, State.REFUSED)
NOT_DONE: Final = (State.PLANNED, State.CLAIMED, State.SENDING, State.UNKNOWN, State.RECONCILING, State.NEEDS_PERSON)


def bad_lines(survey: Survey, path: Path) -> str:
    """Return the bad lines of a file as a person can mend them."""
    shown = "\n".join(f"  {say('batch.line', number=f'{line.number:,}')}: {line.reason}" for line in survey.bad)
    more = survey.bad_lines - len(survey.bad)
    rest = f"\n  {say('batch.more', count=f'{more:,}')}" if more else ""
    return f"{count_of('batch.bad_lines', survey.bad_lines, path=path)}\n{shown}{rest}"


def question(survey: Survey, path: Path, accounts: Sequence[Account]) -> str:
    """Return what is about to happen, in every particular."""
    return f"{particulars('batch.about', survey, path, accounts)}\n{say('batch.cannot_be_undone')}"


def particulars(heading: str, survey: Survey, path: Path, accounts: Sequence[Account]) -> str:
    """Return what a file asks for, where it goes and whose it is."""
    parts = [say(heading, count=f"{sum(survey.counts.values()):,}", path=path)]
    for account in accounts:
        name, kind = NAMES[account.provider], host_kind(account)
        parts.append(say("batch.to", provider=name, origin=account.origin, kind=kind, source=account.shown_source))
        parts += [
            f"    {count:>9,}  {operation}  ({say(f'batch.does.{operation}')})"
            for operation, count in survey.counts.items()
            if provider_of(operation) == account.provider
        ]
    if survey.bad_lines:
        parts.append(count_of("batch.left_out", survey.bad_lines))
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
    console = aside()
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


def closing_table(tally: Tally, journal: str) -> None:
    """Print what has become of a batch, and how to go on."""
    console = out()
    table = Table(title=say("batch.whole_journal" if tally.whole_journal else "batch.batch"), title_justify="left")
    table.add_column(say("batch.state"))
    table.add_column(say("batch.operations"), justify="right")
    if not tally.whole_journal:
        table.add_column(say("batch.in_this_run"), justify="right")
    for state in State:
        if tally.counts[state]:
            in_this_run = f"{tally.outcomes[state]:,}" if state in _SETTLED else ""
            table.add_row(str(state), f"{tally.counts[state]:,}", *([] if tally.whole_journal else [in_this_run]))
    if tally.counts:
        console.print(table)
    if before := tally.settled_before:
        console.print(say("batch.settled_before", count=f"{before:,}"))
    for answer in tally.unrecorded:
        console.print(say("batch.unrecorded", answer=as_json(answer)))
    for sentence in next_steps(tally, journal):
        console.print(sentence)


def next_steps(tally: Tally, journal: str) -> list[str]:
    """Return how to go on, one sentence for each thing that is not settled."""
    shown = shlex.quote(showable(journal))
    steps = [say("batch.stopped", why=why) for why in tally.stopped]
    if tally.interrupted and not tally.error:
        steps.append(say("batch.interrupted"))
    if tally.unrecorded:
        steps.append(say("batch.keep"))
    if planned := tally.of(State.PLANNED) + tally.unread:
        steps.append(say("batch.planned", count=f"{planned:,}"))
    if tally.of(State.PLANNED):
        steps.append(say("batch.planned_why", journal=shown))
    if in_hand := tally.of(State.CLAIMED, State.SENDING, State.RECONCILING):
        steps.append(say("batch.in_hand", count=f"{in_hand:,}"))
    if unknown := tally.of(State.UNKNOWN):
        steps.append(say("batch.unknown", count=f"{unknown:,}"))
    if person := tally.of(State.NEEDS_PERSON):
        steps.append(say("batch.needs_person", count=f"{person:,}", journal=shown))
    if refused := tally.of(State.REFUSED):
        steps.append(say("batch.refused", count=f"{refused:,}", journal=shown))
    return steps


async def print_rows(rows: AsyncIterator[Row], shown: Callable[[Row], dict[str, Any]]) -> None:
    """Print operations one by one, as they come."""
    console = out()
    async for row in rows:
        refusal = row.refusal and f"{row.refusal.error}: {row.refusal.detail or row.refusal.code or row.refusal.status}"
        result = row.result and ", ".join(f"{name} {value}" for name, value in (shown(row)["result"] or {}).items())
        why = "; ".join(part for part in (refusal, result, row.note and retold(row.note)) if part)
        console.print(f"{row.state:<12}  {row.key}  {why}".rstrip())


async def print_json_rows(counts: dict[str, int], rows: AsyncIterator[dict[str, Any]] | None) -> None:
    """Print one JSON document with counts and rows, without ever holding all of it."""
    write = write_json
    write('{"counts":' + as_json(counts))
    if rows is not None:
        separator = ',"rows":['
        async for row in rows:
            write(separator + as_json(row))
            separator = ","
        write("]" if separator == "," else ',"rows":[]')
    write("}\n")


def _states(outcomes: Counter[str]) -> str:
    return "  ".join(f"{state} {outcomes[state]:,}" for state in State if outcomes[state] and state != State.PLANNED)
