"""Leases in the database: who owns what, and the release of operations whose owner is gone.

A lease is a counter that its owner increments. Each observer judges by its own clock whether the counter has stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from kolay_invoice.journal.clock import JournalClock
from kolay_invoice.journal.models import State
from kolay_invoice.journal.owner import Owner
from kolay_invoice.journal.row_locks import lock_in_order
from kolay_invoice.journal.rows import Stamp, after_crash, to_row, to_values
from kolay_invoice.journal.statements import RECORD
from kolay_invoice.journal.tables import meta, operations, owners

_TAKEN_PREFIX: Final = "taken:"

IsGone = Callable[[Any], bool]
"""Whether the owner in a row of the owners table is gone, as far as the observer knows."""


async def start_lease(connection: AsyncConnection, owner: Owner, seconds: float) -> None:
    """Start an owner's lease."""
    known = await connection.scalar(select(owners.c.owner).where(owners.c.owner == owner.name))
    if known is None:
        await connection.execute(
            insert(owners).values(
                owner=owner.name,
                host=owner.host,
                pid=owner.pid,
                started=owner.started,
                lease_until=time.time() + seconds,
                beats=1,
                seconds=seconds,
            )
        )


async def renew_lease(connection: AsyncConnection, owner: Owner) -> bool:
    """Increment the owner's counter. Returns False if the row is gone: another owner has taken over."""
    renewed = await connection.execute(
        update(owners)
        .where(owners.c.owner == owner.name)
        .values(beats=owners.c.beats + 1, lease_until=time.time() + owners.c.seconds)
    )
    return bool(renewed.rowcount == 1)


async def find_successor(connection: AsyncConnection, owner: Owner) -> str | None:
    """Return who has taken over an owner's operations, and when, as a text for people."""
    found: str | None = await connection.scalar(select(meta.c.value).where(meta.c.name == _TAKEN_PREFIX + owner.name))
    return found


async def release_expired(connection: AsyncConnection, clock: JournalClock, owner: Owner, is_gone: IsGone) -> None:
    """Release the operations of owners that are gone."""
    # An owner that was taken over while it was stopped may claim operations once more before it notices.
    unlisted = select(operations.c.owner).where(
        operations.c.state.in_([State.CLAIMED, State.SENDING, State.RECONCILING]),
        operations.c.owner.not_in(select(owners.c.owner)),
    )
    # Locked, so that a living owner cannot renew between this query and the decision.
    known = await connection.execute(
        select(owners).where(owners.c.owner != owner.name).with_for_update(skip_locked=True)
    )
    gone = [row.owner for row in known.all() if is_gone(row)]
    gone += (await connection.execute(unlisted.distinct())).scalars()
    if gone:
        await release(connection, clock, gone, taken_by=owner)


async def release(
    connection: AsyncConnection, clock: JournalClock, names: Sequence[str], *, taken_by: Owner | None = None
) -> None:
    """End leases, and release the operations of their owners."""
    # First, because it locks the owner's row: a living owner cannot renew in between.
    ended = await connection.execute(delete(owners).where(owners.c.owner.in_(names)).returning(owners.c.owner))
    ended_names = list(ended.scalars())
    if taken_by is not None and ended_names:
        at = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
        word = f"{taken_by.host_name} at {at}"
        await connection.execute(insert(meta), [{"name": _TAKEN_PREFIX + name, "value": word} for name in ended_names])
    await release_operations(connection, clock, names)


async def release_operations(connection: AsyncConnection, clock: JournalClock, names: Sequence[str]) -> None:
    """Release the operations of owners: claimed ones become planned, marked ones become unknown."""
    held = operations.c.owner.in_(names)
    await lock_in_order(connection, held)
    await connection.execute(
        update(operations)
        .where(held, operations.c.state == State.CLAIMED)
        .values(state=State.PLANNED, owner=None, tried_in=None)
    )
    await connection.execute(
        update(operations).where(held, operations.c.state == State.RECONCILING).values(state=State.UNKNOWN, owner=None)
    )
    marked = await connection.execute(select(operations).where(held, operations.c.state == State.SENDING))
    rows = [after_crash(to_row(row), time.time()) for row in marked]
    if rows:
        stamp = Stamp(await clock.now(connection), clock.name)
        await connection.execute(RECORD, to_values(rows, stamp))
