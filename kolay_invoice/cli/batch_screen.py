"""What a person sees of a batch, and what a script reads of it."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text
from sqlalchemy import make_url

from kolay_invoice import environment, kolaybi, propars
from kolay_invoice.cli.batch_request import provider_of
from kolay_invoice.cli.batch_run import Survey, Tally
from kolay_invoice.journal import Row, State

NOT_DONE: Final = (State.PLANNED, State.CLAIMED, State.SENDING, State.UNKNOWN, State.RECONCILING, State.NEEDS_PERSON)

_WHAT_IT_DOES: Final = {
    "create-e-document": "sends the invoice to the tax authority",
    "resend": "sends a failed invoice again",
    "proceed": "collects the invoice in full: moves money",
    "propars-send": "sends the invoice of the sale to the tax authority",
    "propars-cancel": "cancels the invoice of the sale",
}


def out() -> Console:
    """Return where results go."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def aside() -> Console:
    """Return where everything goes that is no result: questions, progress, errors."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def print_json(document: object) -> None:
    """Print one JSON document."""
    print(msgspec.json.encode(document).decode())  # noqa: T201 - printing is what the command does.


def bad_lines(survey: Survey, path: Path) -> str:
    """Return the bad lines of a file as a person can mend them."""
    shown = "\n".join(f"  line {line.number:,}: {line.reason}" for line in survey.bad)
    more = survey.bad_lines - len(survey.bad)
    rest = f"\n  and {more:,} more" if more else ""
    return f"{survey.bad_lines:,} {_plural('line', survey.bad_lines)} of {path} cannot be read:\n{shown}{rest}"


def question(survey: Survey, path: Path) -> str:
    """Return what is about to happen, in every particular."""
    parts = [f"{sum(survey.counts.values()):,} operations of {path} are about to be sent:"]
    for provider in survey.providers:
        parts.append(f"  to {_host(provider)}")
        parts += [
            f"    {count:>9,}  {operation}  ({_WHAT_IT_DOES[operation]})"
            for operation, count in survey.counts.items()
            if provider_of(operation) == provider
        ]
    if survey.bad_lines:
        parts.append(f"{survey.bad_lines:,} bad {_plural('line', survey.bad_lines)} will be left out.")
    parts.append("This cannot be undone. What the journal knows as done or refused is not sent again.")
    return "\n".join(parts)


def agreed(asked: str) -> bool:
    """Ask a person. Only a plain yes is one."""
    console = aside()
    console.print(asked)
    console.print("Send them? [y/N] ", end="")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def is_interactive() -> bool:
    """Whether a person can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


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
        TextColumn("sending"),
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
    table = Table(title="the whole journal" if tally.whole_journal else "the batch", title_justify="left")
    table.add_column("state")
    table.add_column("operations", justify="right")
    for state in State:
        if tally.counts[state]:
            table.add_row(str(state), f"{tally.counts[state]:,}")
    if tally.counts:
        console.print(table)
    for answer in tally.unrecorded:
        console.print(f"not in the journal: {msgspec.json.encode(answer).decode()}")
    for sentence in next_steps(tally, journal):
        console.print(sentence)


def next_steps(tally: Tally, journal: str) -> list[str]:
    """Return how to go on, one sentence for each thing that is not settled."""
    shown = shlex.quote(masked(journal))
    steps = [f"Stopped early: {why}" for why in tally.stopped]
    if tally.interrupted and not tally.error:
        steps.append("Interrupted. What may have been on its way is in the journal.")
    if tally.unrecorded:
        steps.append("Keep the answers above: the journal could not write them down, and shows them as being sent.")
    if planned := tally.of(State.PLANNED) + tally.unread:
        steps.append(f"{planned:,} not sent yet: run the same batch again to go on.")
    if in_hand := tally.of(State.CLAIMED, State.SENDING, State.RECONCILING):
        steps.append(f"{in_hand:,} in the hands of another process: run the same batch again when it has ended.")
    if unknown := tally.of(State.UNKNOWN):
        steps.append(
            f"{unknown:,} may have happened: run the same batch again after the quiet period, and they are looked "
            "up at the provider first."
        )
    if person := tally.of(State.NEEDS_PERSON):
        steps.append(
            f"{person:,} may have happened and need a person: see them with `kolay-invoice batch status --journal "
            f"{shown} --state needs_person`, look each up at the provider, then say what happened with "
            f"`kolay-invoice batch settle KEY --journal {shown} --done` or `--not-done`."
        )
    if refused := tally.of(State.REFUSED):
        steps.append(
            f"{refused:,} refused by the provider: `kolay-invoice batch status --journal {shown} --state refused` "
            "shows why."
        )
    return steps


async def print_rows(rows: AsyncIterator[Row], shown: Callable[[Row], dict[str, Any]]) -> None:
    """Print operations one by one, as they come."""
    console = out()
    async for row in rows:
        refusal = row.refusal and f"{row.refusal.error}: {row.refusal.detail or row.refusal.code or row.refusal.status}"
        result = row.result and ", ".join(f"{name} {value}" for name, value in (shown(row)["result"] or {}).items())
        why = "; ".join(part for part in (refusal, result, row.note) if part)
        console.print(f"{row.state:<12}  {row.key}  {why}".rstrip())


async def print_json_rows(counts: dict[str, int], rows: AsyncIterator[dict[str, Any]] | None) -> None:
    """Print one JSON document with counts and rows, without ever holding all of it."""
    write = sys.stdout.write
    write('{"counts":' + msgspec.json.encode(counts).decode())
    if rows is not None:
        separator = ',"rows":['
        async for row in rows:
            write(separator + msgspec.json.encode(row).decode())
            separator = ","
        write("]" if separator == "," else ',"rows":[]')
    write("}\n")


def masked(journal: str) -> str:
    """Return the URL of a journal without its password."""
    return make_url(journal).render_as_string(hide_password=True)


def _states(outcomes: Counter[str]) -> str:
    return "  ".join(f"{state} {outcomes[state]:,}" for state in State if outcomes[state] and state != State.PLANNED)


def _host(provider: str) -> str:
    if provider == "kolaybi":
        return f"KolayBi at {environment.optional('KOLAYBI_BASE_URL') or kolaybi.SANDBOX_URL}"
    return f"Propars at {environment.optional('PROPARS_BASE_URL') or propars.PRODUCTION_URL}"


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
