"""The order in which transactions lock operations, so that no two wait for each other.

A transaction locks its owner's row first. Then it locks all operations that it changes, in the order of their ids.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from kolay_invoice.journal.tables import operations


async def lock_in_order(connection: AsyncConnection, *conditions: Any) -> bool:
    """Lock the operations that meet some conditions. Returns False if the database is sure that there are none."""
    if connection.dialect.name == "sqlite":
        # A file has one writer at a time.
        return True
    found = select(operations.c.id).where(*conditions).order_by(operations.c.id)
    # As strong as the lock of an update that changes no key.
    return (await connection.execute(found.with_for_update(key_share=True))).first() is not None
