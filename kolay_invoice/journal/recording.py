"""Records marks, results and evidence of operations, each under the claim that it belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from kolay_invoice.journal import serialization
from kolay_invoice.journal.models import Row, State
from kolay_invoice.journal.owner import Owner
from kolay_invoice.journal.rows import Stamp, in_lock_order, to_values
from kolay_invoice.journal.statements import MARK, RECORD, WRITE, is_same_claim
from kolay_invoice.journal.tables import operations


class ClaimLostError(Exception):
    """Another worker has claimed one of the operations since, so the transaction was rolled back."""


async def mark(connection: AsyncConnection, owner: Owner, rows: Sequence[Row]) -> set[int]:
    """Mark operations as being sent. Returns the ids of those that the owner still has claimed."""
    mine = owner.name
    values = [
        {"row_id": row.row_id, "row_key": row.key, "row_claim": row.claim, "mine": mine} for row in in_lock_order(rows)
    ]
    marked = await connection.execute(MARK, values)
    ids = {row.row_id for row in rows}
    if marked.rowcount == len(rows):
        return ids
    asked = {(row.row_id, row.key, row.claim) for row in rows}
    is_marked = (operations.c.owner == mine, operations.c.state == State.SENDING)
    columns = (operations.c.id, operations.c.key, operations.c.claim)
    found = await connection.execute(select(*columns).where(operations.c.id.in_(ids), *is_marked))
    return {one.id for one in found if (one.id, one.key, one.claim) in asked}


async def record(connection: AsyncConnection, stamp: Stamp, rows: Sequence[Row]) -> None:
    """Record the new states of operations.

    Raises:
        ClaimLostError: Another worker has claimed one of them since.
    """
    try:
        recorded = await connection.execute(RECORD, to_values(rows, stamp))
    except IntegrityError:
        raise ClaimLostError from None
    if recorded.rowcount != len(rows) and not await are_recorded(connection, rows):
        raise ClaimLostError


async def record_readbacks(connection: AsyncConnection, owner: Owner, stamp: Stamp, rows: Sequence[Row]) -> None:
    """Record the results of read-backs. A row that lost its claim is skipped."""
    still_looking = (operations.c.state == State.RECONCILING, operations.c.owner == owner.name)
    await connection.execute(WRITE.where(is_same_claim, *still_looking), to_values(rows, stamp))


async def keep_evidence(connection: AsyncConnection, owner: Owner, row: Row) -> None:
    """Record the evidence on an operation that the owner has claimed."""
    is_mine = (operations.c.id == row.row_id, operations.c.claim == row.claim, operations.c.owner == owner.name)
    evidence = serialization.dumps(list(row.evidence))
    await connection.execute(update(operations).where(*is_mine).values(evidence=evidence))


async def are_recorded(connection: AsyncConnection, rows: Sequence[Row]) -> bool:
    """Whether the rows were already recorded, by a commit that was not acknowledged."""
    wanted = {row.row_id: (row.key, row.claim, row.state, serialization.dumps(list(row.attempts))) for row in rows}
    found = (await connection.execute(select(operations).where(operations.c.id.in_(wanted)))).all()
    return len(found) == len(wanted) and all(
        (one.key, one.claim, one.state, one.attempts) == wanted[one.id] for one in found
    )
