"""Queries on operations and owners. They change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kolay_invoice.journal import serialization
from kolay_invoice.journal.models import Row, State
from kolay_invoice.journal.operations import PlannedOperation
from kolay_invoice.journal.owner import Owner
from kolay_invoice.journal.row_filter import RowFilter
from kolay_invoice.journal.rows import to_row
from kolay_invoice.journal.tables import operations, owners, run_operations, runs
from kolay_invoice.messages import Message

_COUNTS: Final = select(operations.c.state, func.count().label("count"))


async def find(connection: AsyncConnection, key: str) -> Row | None:
    """Return the operation of a key."""
    found = (await connection.execute(select(operations).where(operations.c.key == key))).one_or_none()
    return None if found is None else to_row(found)


async def find_latest(connection: AsyncConnection, one: PlannedOperation) -> Row | None:
    """Return the operation of a request: that of the last generation, if there are several."""
    same = (
        operations.c.subject == one.subject,
        operations.c.operation == one.operation,
        operations.c.occasion == one.occasion,
    )
    latest = select(operations).where(*same).order_by(operations.c.generation.desc()).limit(1)
    found = (await connection.execute(latest)).one_or_none()
    return None if found is None else to_row(found)


async def find_done_beside(connection: AsyncConnection, row: Row) -> list[Row]:
    """Return the other operations on the same document, sale or order that are done."""
    subject = select(operations.c.subject).where(operations.c.id == row.row_id).scalar_subquery()
    beside = (operations.c.subject == subject, operations.c.id != row.row_id, operations.c.state == State.DONE)
    return [to_row(found) for found in await connection.execute(select(operations).where(*beside))]


async def read_page(connection: AsyncConnection, wanted: RowFilter, *, after: int, limit: int) -> list[Row]:
    """Return the wanted operations with an id above `after`, in the order of planning."""
    query = _limit_to_run(select(operations), wanted.run).where(operations.c.id > after)
    if wanted.states is not None:
        query = query.where(operations.c.state.in_(wanted.states))
    if wanted.operation is not None:
        query = query.where(operations.c.operation == wanted.operation)
    if wanted.since is not None or wanted.until is not None:
        query = query.join(runs, runs.c.id == operations.c.asked_in, isouter=True)
        at = func.coalesce(operations.c.settled_at, runs.c.started_at)
        query = query if wanted.since is None else query.where(at >= wanted.since)
        query = query if wanted.until is None else query.where(at < wanted.until)
    return [to_row(found) for found in await connection.execute(query.order_by(operations.c.id).limit(limit))]


async def count_states(connection: AsyncConnection, run: int | None) -> dict[State, int]:
    """Return how many operations are in each state, of a run or of the whole journal."""
    return await _count(connection, _limit_to_run(_COUNTS, run))


async def count_states_of_keys(connection: AsyncConnection, keys: Sequence[str]) -> dict[State, int]:
    """Return how many of these operations are in each state; unknown keys are not counted."""
    return await _count(connection, _COUNTS.where(operations.c.key.in_(keys)))


async def count_settled_in(connection: AsyncConnection, run: int, settled_in: int) -> int:
    """Return how many of a run's operations were found done in a run."""
    query = _limit_to_run(select(func.count()).select_from(operations), run)
    found = query.where(operations.c.state == State.DONE, operations.c.settled_in == settled_in)
    return int(await connection.scalar(found) or 0)


async def explain_waiting(connection: AsyncConnection, run: int) -> str:
    """Return why operations of a run were not sent, as far as the journal has it."""
    of_run = _limit_to_run(select(operations.c.note), run).where(operations.c.state == State.PLANNED)
    note = await connection.scalar(of_run.where(operations.c.note.is_not(None)).limit(1))
    busy = Message("another operation on the same document or sale is not settled")
    return serialization.read_message(note) if note else busy


async def find_other_owners(connection: AsyncConnection, owner: Owner, run: int) -> Sequence[Any]:
    """Return the rows of the other owners that hold operations of a run. An owner whose lease has ended has NULLs."""
    is_held = (operations.c.owner.is_not(None), operations.c.owner != owner.name)
    held = _limit_to_run(select(operations.c.owner), run).where(*is_held).distinct().subquery()
    query = select(owners).select_from(held.outerjoin(owners, owners.c.owner == held.c.owner))
    return (await connection.execute(query)).all()


async def find_owner(connection: AsyncConnection, name: str) -> Any:
    """Return the row of an owner, or None."""
    return (await connection.execute(select(owners).where(owners.c.owner == name))).one_or_none()


async def _count(connection: AsyncConnection, query: Select[Any, Any]) -> dict[State, int]:
    found = (await connection.execute(query.group_by(operations.c.state))).mappings()
    counted = {State(row["state"]): row["count"] for row in found}
    return {state: counted.get(state, 0) for state in State}


def _limit_to_run(query: Any, run: int | None) -> Any:
    if run is None:
        return query
    return query.join(run_operations, run_operations.c.operation_id == operations.c.id).where(
        run_operations.c.run_id == run
    )
