"""The waits of unknown operations: restarting them, and claiming operations for a read-back when they are over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kolay_invoice.journal.clock import JournalClock, Offset
from kolay_invoice.journal.models import Row, State
from kolay_invoice.journal.owner import Owner
from kolay_invoice.journal.row_locks import lock_in_order
from kolay_invoice.journal.rows import to_row
from kolay_invoice.journal.tables import operations, run_operations


async def restart(connection: AsyncConnection, clock: JournalClock) -> Offset | None:
    """Restart the waits that another clock counted, or this one before it stepped.

    Returns:
        The clock's offset if it has stepped, so that all waits were restarted; otherwise None.
    """
    now = await clock.now(connection)
    has_stepped, offset = clock.has_stepped, clock.offset
    restarted = [operations.c.state == State.UNKNOWN]
    if not has_stepped:
        # A time in the future was written by a clock that was ahead.
        restarted.append(or_(operations.c.clock.is_(None), operations.c.clock != clock.name, operations.c.since > now))
    if await lock_in_order(connection, *restarted):
        await connection.execute(update(operations).where(*restarted).values(since=now, clock=clock.name))
    return offset if has_stepped else None


async def find_due(
    connection: AsyncConnection,
    clock: JournalClock,
    *,
    provider: str,
    account: str,
    quiet_period: float,
    limit: int,
    within: float,
) -> list[int] | None:
    """Lock the unknown operations of an account that are due at now + `within`.

    Returns:
        Their ids; None if the clock has stepped since the waits were restarted, so that its time ends none of them.
    """
    now = await clock.now(connection)
    if clock.has_stepped:
        return None
    due = (
        select(operations.c.id)
        .where(
            operations.c.provider == provider,
            operations.c.account == account,
            operations.c.state == State.UNKNOWN,
            _due_at(quiet_period) <= now - clock.unproven + within,
        )
        .order_by(operations.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list((await connection.execute(due)).scalars())


async def claim(connection: AsyncConnection, owner: Owner, ids: Sequence[int], ticket: str) -> list[Row]:
    """Claim unknown operations for a read-back."""
    await connection.execute(
        update(operations)
        .where(operations.c.id.in_(ids), operations.c.state == State.UNKNOWN)
        .values(state=State.RECONCILING, owner=owner.name, claim=operations.c.claim + 1, ticket=ticket)
    )
    claimed = await connection.execute(
        select(operations).where(operations.c.ticket == ticket, operations.c.owner == owner.name)
    )
    return sorted(map(to_row, claimed), key=lambda row: row.row_id)


async def release(connection: AsyncConnection, owner: Owner, rows: Sequence[Row]) -> None:
    """Release operations that an owner was reading back, unchanged: their wait is not restarted."""
    is_one_of_them = tuple_(operations.c.id, operations.c.claim).in_([(row.row_id, row.claim) for row in rows])
    still_looking = (operations.c.state == State.RECONCILING, operations.c.owner == owner.name)
    await lock_in_order(connection, is_one_of_them, *still_looking)
    await connection.execute(
        update(operations).where(is_one_of_them, *still_looking).values(state=State.UNKNOWN, owner=None)
    )


async def seconds_until_due(
    connection: AsyncConnection, clock: JournalClock, run: int, quiet_period: float
) -> float | None:
    """Return in how many seconds the next unknown operation of a run may be read back."""
    due: float | None = await connection.scalar(
        select(func.min(_due_at(quiet_period)))
        .select_from(operations.join(run_operations, run_operations.c.operation_id == operations.c.id))
        .where(run_operations.c.run_id == run, operations.c.state == State.UNKNOWN)
    )
    if due is None:
        return None
    now = await clock.now(connection)
    return due - (now - clock.unproven)


def _due_at(quiet_period: float) -> Any:
    return operations.c.since + func.coalesce(operations.c.pause, quiet_period)
