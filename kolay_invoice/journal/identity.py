"""Checks that a journal is the same as before, and that no commit is missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from attrs import evolve, frozen
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from kolay_invoice.journal import serialization
from kolay_invoice.journal.models import State
from kolay_invoice.journal.server import Cluster
from kolay_invoice.journal.tables import meta, operations
from kolay_invoice.journal.witness import WitnessRecord
from kolay_invoice.messages import Message

_REASON: Final = "look_first"
_SINCE: Final = "look_first_since"
_CLEARED: Final = "look_first_cleared"

# Increments the number of commits and returns it with the last run, on SQLite.
_COUNT_COMMIT: Final = (
    f"UPDATE {meta.name} SET value = value + 1 WHERE name = 'commits' RETURNING value, "  # noqa: S608 - no value.
    f"(SELECT value FROM {meta.name} WHERE name = 'last_run')"
)


@frozen
class Doubt:
    """A sign that commits of a journal may be missing. Unsettled operations are looked up before anything is sent.

    Attributes:
        reason: What was noticed, as a sentence.
        noticed_at: When, by the wall clock of the machine that noticed it.
    """

    reason: str
    noticed_at: datetime


@frozen
class Identity:
    """The identity of a journal.

    Attributes:
        journal_id: Created with the tables; it never changes.
        last_run: The number of the last run; None before the first.
        doubt: A sign that commits may be missing.
    """

    journal_id: str
    last_run: int | None = None
    doubt: Doubt | None = None


async def establish_file(connection: AsyncConnection, seen: WitnessRecord | None) -> Identity:
    """Compare a SQLite journal with its witness. Record a difference, and create the journal's id if it has none.

    The transaction must hold the write lock. Otherwise another process could move the witness ahead.
    """
    found = await _read_values(connection)
    identity = await _ensure_id(connection, found)
    commits = int(found.get("commits", "0"))
    if seen is not None and seen.journal_id != identity.journal_id:
        identity = await _begin_doubt(
            connection,
            identity,
            Message("another journal stood in this file before, so this one does not know what was sent"),
        )
    elif seen is not None and (seen.commits > commits or seen.run > (identity.last_run or 0)):
        missing = max(1, seen.commits - commits)
        identity = await _begin_doubt(
            connection,
            identity,
            Message("the file is an older copy of the journal: at least {number} commits are missing", number=missing),
        )
        # New commits must not look older than the lost ones.
        commits = max(commits, seen.commits)
    await _write_value(connection, "commits", str(commits))
    return identity


async def establish_server(connection: AsyncConnection, cluster: Cluster) -> Identity:
    """Compare the server with the one that wrote the journal. Record a difference, and what is new of the server.

    The caller must hold the lock for the tables.
    """
    found = await _read_values(connection)
    identity = await _ensure_id(connection, found)
    known = Cluster(*(found.get(f"cluster_{name}", "") for name in ("system", "timeline", "table")))
    if (reason := known.describe_difference(cluster)) is not None:
        identity = await _begin_doubt(connection, identity, reason)
    for name in ("system", "timeline", "table"):
        # A value that is missing now may be readable later, so it is kept.
        if (value := getattr(cluster, name)) and value != getattr(known, name):
            await _write_value(connection, f"cluster_{name}", value)
    return identity


async def count_commit(connection: AsyncConnection, journal_id: str) -> WitnessRecord:
    """Count the commit that is about to be made on SQLite. Returns the record for its witness."""
    driver = (await connection.get_raw_connection()).driver_connection
    # One round trip to the driver's thread; a result of SQLAlchemy's would take four.
    ((commits, run),) = await driver.execute_fetchall(_COUNT_COMMIT)  # type: ignore[union-attr]  # aiosqlite's.
    return WitnessRecord(journal_id, int(run or 0), int(commits))


async def write_run(connection: AsyncConnection, run_id: int) -> None:
    """Record the last run."""
    await _write_value(connection, "last_run", str(run_id))


async def end_doubt(connection: AsyncConnection, by: str, because: str) -> None:
    """Record who ended a doubt and why, together with the reason for the doubt."""
    found = await _read_values(connection)
    if _REASON not in found:
        return
    word = {
        "by": by,
        "because": because,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "reason": serialization.read_message(found[_REASON]),
        "since": found[_SINCE],
    }
    await _write_value(connection, _CLEARED, json.dumps(word, ensure_ascii=False))
    await connection.execute(delete(meta).where(meta.c.name.in_([_REASON, _SINCE])))


async def _ensure_id(connection: AsyncConnection, found: Mapping[str, str]) -> Identity:
    journal_id = found.get("journal_id")
    if journal_id is None:
        # The journal is new, or was written by a version without ids.
        journal_id = uuid4().hex
        await _write_value(connection, "journal_id", journal_id)
    run = found.get("last_run")
    doubt = (
        Doubt(serialization.read_message(found[_REASON]), datetime.fromisoformat(found[_SINCE]))
        if _REASON in found
        else None
    )
    return Identity(journal_id, None if run is None else int(run), doubt)


async def _begin_doubt(connection: AsyncConnection, identity: Identity, reason: str) -> Identity:
    since = datetime.now(UTC).replace(microsecond=0)
    await _write_value(connection, _REASON, serialization.write_message(reason))
    await _write_value(connection, _SINCE, since.isoformat())
    # An operation that was proven unsent may have been sent in the lost commits.
    await connection.execute(update(operations).where(operations.c.proven_unsent != 0).values(proven_unsent=0))
    # An unknown operation may have been sent again in them. A time without a clock restarts its wait.
    waits = operations.c.state.in_([State.UNKNOWN, State.RECONCILING])
    await connection.execute(update(operations).where(waits).values(since=None, clock=None, pause=None))
    return evolve(identity, doubt=Doubt(reason, since))


async def _read_values(connection: AsyncConnection) -> dict[str, str]:
    return {row.name: row.value for row in await connection.execute(select(meta.c.name, meta.c.value))}


async def _write_value(connection: AsyncConnection, name: str, value: str) -> None:
    insert: Any = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    row = insert(meta).values(name=name, value=value)
    await connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": row.excluded.value}))
