"""The text and the JSON of single operations."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

from kolay_invoice.cli.batch.result import row_as_dict
from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.i18n import _
from kolay_invoice.cli.output import as_json, stdout, write_json
from kolay_invoice.cli.visible import one_line
from kolay_invoice.journal import Row, State
from kolay_invoice.messages import N_

SETTLED_BEFORE: Final = {
    "done": N_("done before, on {when}"),
    "refused": N_("refused before, on {when}"),
}

_STATES: Final = {
    "planned": N_("not sent yet"),
    "claimed": N_("claimed, not sent"),
    "sending": N_("being sent"),
    "done": N_("done"),
    "refused": N_("refused"),
    "unknown": N_("unknown: it may have happened"),
    "reconciling": N_("being looked up"),
    "needs_person": N_("needs a manual check"),
}

_OPERATIONS: Final = {
    "create_e_document": N_("send of an invoice"),
    "resend": N_("resend of a failed invoice"),
    "proceed": N_("collection of an invoice"),
    "undo_proceed": N_("undoing of a collection"),
    "cancel_e_document": N_("cancellation of an e-Arşiv document"),
    "delete_invoice": N_("deletion of an invoice"),
    "create_associate": N_("creation of an associate"),
    "create_address": N_("creation of an address"),
    "create_product": N_("creation of a product"),
    "create_invoice": N_("creation of an invoice"),
    "send_invoice": N_("send of the invoice of a sale"),
    "cancel_invoice": N_("cancellation of the invoice of a sale"),
    "save_sale": N_("saving of a sale"),
}

_SETTLED: Final = (State.DONE, State.REFUSED)


def state_name(state: State) -> str:
    """Return a state in words, followed by its name if the two differ."""
    words = _(_STATES[state])
    return words if words == state else f"{words} ({state})"


def moment(at: float | None) -> str:
    """Return a time in the local format."""
    return (
        _("a time that is not written down") if at is None else time.strftime(_("%Y-%m-%d %H:%M"), time.localtime(at))
    )


async def print_rows(rows: AsyncIterator[Row]) -> None:
    """Print operations as they arrive."""
    console = stdout()
    async for row in rows:
        for line in row_lines(row):
            console.print(line)


def row_lines(row: Row) -> Iterator[str]:
    """Iterate over the lines of an operation, with its details if its state is not final."""
    refusal = row.refusal and f"{row.refusal.error}: {row.refusal.detail or row.refusal.code or row.refusal.status}"
    result = row.result and ", ".join(f"{name} {value}" for name, value in (row_as_dict(row)["result"] or {}).items())
    settled = row.state in _SETTLED and _(SETTLED_BEFORE[row.state], when=moment(row.settled_at))
    why = "; ".join(part for part in (refusal, result, row.note and translate(row.note), settled) if part)
    yield one_line(f"{row.state:<12}  {row.key}  {why}".rstrip())
    if row.state not in _SETTLED:
        yield from row_details(row)


def row_details(row: Row) -> Iterator[str]:
    """Iterate over the details of an operation: request, attempts, evidence and history."""
    yield from (f"    {one_line(line)}" for line in _details(row))


def _details(row: Row) -> Iterator[str]:
    fields = ", ".join(f"{name} {value}" for name, value in row_as_dict(row)["request"].items())
    yield _(_OPERATIONS[row.operation]) + ": " + _(_STATES[row.state]) + f" ({fields})"
    for attempt in row.attempts:
        yield _(
            "tried on {when}: {how}; {outcome}",
            when=moment(attempt.started_at),
            how=_(N_("it may have left") if attempt.left else N_("nothing of it left")),
            outcome=translate(attempt.outcome),
        )
    for evidence in row.evidence:
        yield _(
            "looked up on {when}, {asked}: {seen}",
            when=moment(evidence.at),
            asked=translate(evidence.asked),
            seen=translate(evidence.seen),
        )
    for change in row.history:
        what = _("on {when}, {who}: {what}", when=moment(change.at), who=change.by or "-", what=translate(change.what))
        yield what + (f" ({change.because})" if change.because else "")


async def print_json_rows(
    counts: dict[str, int], journal: dict[str, Any], rows: AsyncIterator[dict[str, Any]] | None
) -> None:
    """Stream one JSON document with counts and rows."""
    write = write_json
    write('{"counts":' + as_json(counts) + ',"journal":' + as_json(journal))
    if rows is not None:
        separator = ',"rows":['
        async for row in rows:
            write(separator + as_json(row))
            separator = ","
        write("]" if separator == "," else ',"rows":[]')
    write("}\n")
