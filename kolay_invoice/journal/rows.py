"""Converts operations between values and rows of the table. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeVar

from attrs import evolve, frozen

from kolay_invoice.journal import serialization
from kolay_invoice.journal.models import AttemptRecord, Change, Refusal, Row, State
from kolay_invoice.journal.operations import state_if_unknown
from kolay_invoice.messages import Message
from kolay_invoice.operations import BY_NAME
from kolay_invoice.readback import Evidence

ValueT = TypeVar("ValueT")

_EMPTY_LIST: Final = "[]"


@frozen
class Stamp:
    """A time of a journal's clock, and the name of that clock."""

    now: float
    clock: str


def in_lock_order(rows: Iterable[Row]) -> list[Row]:
    """Return operations in the order in which every transaction locks them, so that no two wait for each other."""
    return sorted(rows, key=lambda row: row.row_id)


def to_values(rows: Iterable[Row], stamp: Stamp) -> list[dict[str, Any]]:
    """Return the bound parameters of a statement that writes each of these operations."""
    return [to_columns(row, stamp) for row in in_lock_order(rows)]


def to_columns(row: Row, stamp: Stamp) -> dict[str, Any]:
    """Return an operation's columns by the names of the bound parameters.

    The wait of an unknown operation begins when it is recorded.
    """
    is_in_doubt = row.state in (State.UNKNOWN, State.NEEDS_PERSON)
    return {
        "new_since": stamp.now if is_in_doubt else None,
        "new_clock": stamp.clock if is_in_doubt else None,
        "new_doubt_since": (row.doubt_since or stamp.now) if is_in_doubt else None,
        "row_id": row.row_id,
        "row_key": row.key,
        "row_claim": row.claim,
        "row_owner": row.owner,
        "new_state": row.state,
        "new_pause": row.pause,
        "new_looks": row.looks,
        "new_attempts": _dump(row.attempts),
        "new_evidence": _dump(row.evidence),
        "new_history": _dump(row.history),
        "new_result": None if row.result is None else serialization.dumps(row.result),
        "new_refusal": None if row.refusal is None else serialization.dumps(row.refusal),
        "new_note": None if row.note is None else serialization.write_message(row.note),
        "new_tried_in": row.tried_in,
        "new_settled_at": row.settled_at,
        "new_settled_in": row.settled_in,
        "new_may_change": int(row.may_change),
        "new_proven_unsent": int(row.is_proven_unsent),
    }


def to_row(found: Any) -> Row:
    """Return the operation of a row of the table."""
    endpoint = BY_NAME[found.provider, found.operation]
    return Row(
        row_id=found.id,
        key=found.key,
        provider=found.provider,
        account=found.account,
        operation=found.operation,
        request=serialization.loads(found.frozen, endpoint.request),
        given=found.given,
        state=State(found.state),
        claim=found.claim,
        generation=found.generation,
        occasion=found.occasion,
        attempts=_load(found.attempts, AttemptRecord),
        evidence=_load(found.evidence, Evidence),
        history=_load(found.history, Change),
        result=None if found.result is None else serialization.loads(found.result, endpoint.reply),
        refusal=None if found.refusal is None else serialization.loads(found.refusal, Refusal),
        note=None if found.note is None else serialization.read_message(found.note),
        owner=found.owner,
        since=found.since,
        pause=found.pause,
        looks=found.looks,
        doubt_since=found.doubt_since,
        tried_in=found.tried_in,
        settled_at=found.settled_at,
        settled_in=found.settled_in,
        may_change=bool(found.may_change),
        is_proven_unsent=bool(found.proven_unsent),
    )


def _dump(values: tuple[object, ...]) -> str:
    return serialization.dumps(list(values)) if values else _EMPTY_LIST


def _load(written: str, kind: type[ValueT]) -> tuple[ValueT, ...]:
    # Most operations have no evidence and no history; the converter is slow even for an empty list.
    return () if written == _EMPTY_LIST else tuple(serialization.loads(written, list[kind]))  # type: ignore[valid-type]  # a type of this call.


def after_crash(row: Row, wall_time: float) -> Row:
    """Return an operation whose worker ended between the mark and the reply."""
    note = Message("the worker ended after the mark and before the answer was written down")
    attempt = AttemptRecord(wall_time, None, left=True, outcome=note)
    state = state_if_unknown(row)
    return evolve(row, state=state, pause=None, looks=0, attempts=(*row.attempts, attempt), note=note)
