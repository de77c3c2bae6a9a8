"""Planning: finds or creates the operation of each request, and claims those that may begin.

A completed cancellation ends the generation of its document: the same request is a new operation after it. A run that
was interrupted and is run again is different: its requests are the same operations as before.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import uuid4

from attrs import evolve, frozen
from sqlalchemy import Select, bindparam, exists, func, insert, or_, select, update
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from kolay_invoice.journal import serialization
from kolay_invoice.journal.models import BUSY, Change, Row, State
from kolay_invoice.journal.operations import PlannedOperation, describe_differences, freeze_correction
from kolay_invoice.journal.owner import Owner
from kolay_invoice.journal.row_locks import lock_in_order
from kolay_invoice.journal.rows import to_row
from kolay_invoice.journal.tables import meta, operations, run_operations, runs
from kolay_invoice.messages import Message
from kolay_invoice.operations import ends

SETTLED: Final = (State.DONE, State.REFUSED)
_NO_RUN: Final = 0
_NEXT_IDS: Final = sql(
    "SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)"
).bindparams(name=operations.name)


@frozen
class Conflict:
    """A request whose key is known with other parameters, or is in the batch twice with different ones."""

    asked: PlannedOperation
    fields: str
    """Which parameters differ, with both values; private ones are masked."""

    def __str__(self) -> str:
        return str(self.describe())

    def describe(self) -> str:
        """Return the conflict as a message."""
        return Message("{key} is known with other parameters ({why})", key=self.asked.masked_key, why=self.fields)


async def begin_run(connection: AsyncConnection, owner: Owner) -> int:
    """Record the beginning of a run. Returns its id, which is never reused."""
    ends = await _count_ends(connection)
    values = {"owner": owner.name, "started_at": time.time(), "began_after": ends}
    begun = await connection.execute(insert(runs).values(**values).returning(runs.c.id))
    return int(begun.scalar_one())


async def end_run(connection: AsyncConnection, run: int) -> None:
    """Record that a run has read and tried all its requests."""
    ends = await _count_ends(connection)
    ended = update(runs).where(runs.c.id == run, runs.c.ended_at.is_(None))
    await connection.execute(ended.values(ended_at=time.time(), ended_as=ends + 1))


async def _count_ends(connection: AsyncConnection) -> int:
    # Locked, so that beginnings and ends of runs have one order.
    await connection.execute(select(meta.c.value).where(meta.c.name == "schema_version").with_for_update())
    return await connection.scalar(select(func.max(runs.c.ended_as))) or 0


async def plan(
    connection: AsyncConnection, run: int, chunk: Sequence[PlannedOperation]
) -> tuple[dict[str, PlannedOperation], list[Conflict]]:
    """Insert the operations that are not known yet. Returns the requested ones by key, and the conflicts."""
    wanted, conflicts = _merge_duplicates(await _assign_generations(connection, run, chunk))
    known = set(await connection.scalars(select(operations.c.key).where(operations.c.key.in_(list(wanted)))))
    new = [one for key, one in wanted.items() if key not in known]
    if new:
        await _insert_new(connection, run, new)
    await lock_in_order(connection, operations.c.key.in_(list(wanted)))
    # Another worker may have inserted or corrected one of them until now. From here on none can.
    for key, found in (await _load_known(connection, wanted)).items():
        conflict = _find_conflict(found.given, wanted[key])
        if conflict is not None and _may_change(found):
            await _correct(connection, found, wanted[key])
        elif conflict is not None:
            conflicts.append(conflict)
            del wanted[key]
    await _record_request(connection, run, wanted)
    return wanted, conflicts


async def find_conflicts(connection: AsyncConnection, chunk: Sequence[PlannedOperation]) -> list[Conflict]:
    """Return the conflicts that planning would find. Nothing is written."""
    wanted, conflicts = _merge_duplicates(await _assign_generations(connection, _NO_RUN, chunk))
    known = await _load_known(connection, wanted)
    found = [(_find_conflict(row.given, wanted[key]), row) for key, row in known.items()]
    return conflicts + [conflict for conflict, row in found if conflict is not None and not _may_change(row)]


def _may_change(found: Any) -> bool:
    return bool(found.may_change) and found.state == State.PLANNED


def _merge_duplicates(chunk: Iterable[PlannedOperation]) -> tuple[dict[str, PlannedOperation], list[Conflict]]:
    wanted: dict[str, PlannedOperation] = {}
    conflicts = []
    for one in chunk:
        conflict = _find_conflict(wanted.setdefault(one.key, one).given, one)
        if conflict is not None:
            conflicts.append(conflict)
    return wanted, conflicts


def _find_conflict(known: str, one: PlannedOperation) -> Conflict | None:
    # One moment can be written in two ways, with different UTC offsets.
    if known != one.given and (fields := describe_differences(known, one)):
        return Conflict(one, fields)
    return None


async def _load_known(connection: AsyncConnection, wanted: Iterable[str]) -> dict[str, Any]:
    columns = (operations.c.id, operations.c.key, operations.c.given, operations.c.frozen, operations.c.state)
    rows = await connection.execute(
        select(*columns, operations.c.may_change, operations.c.history).where(operations.c.key.in_(list(wanted)))
    )
    return {row.key: row for row in rows}


async def _correct(connection: AsyncConnection, found: Any, one: PlannedOperation) -> None:
    history = [
        *serialization.loads(found.history, list[Change]),
        Change(time.time(), Message("corrected"), requested=found.given),
    ]
    await connection.execute(
        update(operations)
        .where(operations.c.id == found.id, operations.c.state == State.PLANNED)
        .values(
            given=one.given,
            frozen=freeze_correction(found.frozen, one),
            history=serialization.dumps(history),
            may_change=0,
        )
    )


async def _insert_new(connection: AsyncConnection, run: int, new: Sequence[PlannedOperation]) -> None:
    values = [
        {
            "key": one.key,
            "subject": one.subject,
            "provider": one.provider,
            "account": one.account,
            "operation": one.operation,
            "generation": one.generation,
            "occasion": one.occasion,
            "given": one.given,
            "frozen": one.payload,
            "state": State.PLANNED,
            "asked_in": run,
            "asked_by": one.asked_by or None,
        }
        for one in new
    ]
    if connection.dialect.name == "postgresql":
        # Ids follow the order of the requests, because operations are claimed by id. Rows are inserted in the order of
        # their keys, so that two workers with the same keys cannot deadlock.
        ids = sorted((await connection.execute(_NEXT_IDS, {"count": len(values)})).scalars())
        values = [{"id": number, **value} for number, value in zip(ids, values, strict=True)]
        values.sort(key=lambda value: str(value["key"]))
    insert_new = _dialect_insert(connection)(operations)
    await connection.execute(insert_new.on_conflict_do_nothing(index_elements=["key"]), values)


async def _record_request(connection: AsyncConnection, run: int, wanted: Iterable[str]) -> None:
    is_wanted = operations.c.key.in_(list(wanted))
    await connection.execute(update(operations).where(is_wanted).values(asked_in=run))
    ids = select(bindparam("run", run, type_=runs.c.id.type), operations.c.id).where(is_wanted)
    await connection.execute(
        _dialect_insert(connection)(run_operations)
        .from_select(["run_id", "operation_id"], ids)
        .on_conflict_do_nothing()
    )


def _dialect_insert(connection: AsyncConnection) -> Any:
    return insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql


# Generations


@frozen
class _ChunkOperation:
    """An operation of the chunk in the form of a row of the table."""

    generation: int
    occasion: str
    asked_in: int
    asked_by: str
    state: State = State.PLANNED


async def _assign_generations(
    connection: AsyncConnection, run: int, chunk: Sequence[PlannedOperation]
) -> list[PlannedOperation]:
    subjects = {one.subject for one in chunk if one.endpoint.ended_by or ends(one.endpoint)}
    if not subjects:
        return list(chunk)
    columns = (operations.c.subject, operations.c.operation, operations.c.generation, operations.c.occasion)
    found = await connection.execute(
        select(*columns, operations.c.state, operations.c.asked_in, operations.c.asked_by).where(
            operations.c.subject.in_(subjects)
        )
    )
    known: dict[tuple[str, str], list[Any]] = {}
    for row in found:
        known.setdefault((row.subject, row.operation), []).append(row)
    found_generations = []
    for one in chunk:
        with_generation = await _assign_generation(connection, run, one, known)
        # Later requests of the chunk can end, or follow, this one.
        known.setdefault((one.subject, one.operation), []).append(
            _ChunkOperation(with_generation.generation, one.occasion, run, one.asked_by)
        )
        found_generations.append(with_generation)
    return found_generations


async def _assign_generation(
    connection: AsyncConnection, run: int, one: PlannedOperation, known: dict[tuple[str, str], list[Any]]
) -> PlannedOperation:
    same_asker = [
        row.generation
        for row in known.get((one.subject, one.operation), ())
        if one.asked_by and row.asked_by == one.asked_by and row.occasion == one.occasion
    ]
    if same_asker:
        return evolve(one, generation=max(same_asker))
    if ended := ends(one.endpoint):
        # A second cancellation is the first one, unless there was a new send in between.
        generations = [row.generation for row in known.get((one.subject, ended), ())]
        return evolve(one, generation=max(generations, default=0))
    endings = known.get((one.subject, one.endpoint.ended_by), ())
    generation = sum(row.state == State.DONE for row in endings)
    same = [row for row in known.get((one.subject, one.operation), ()) if row.occasion == one.occasion]
    latest = max(same, key=lambda row: int(row.generation), default=None)
    if (
        latest is not None
        and latest.generation < generation
        and not await _has_run_ended(connection, run, latest.asked_in)
    ):
        generation = latest.generation
    return evolve(one, generation=generation)


async def _has_run_ended(connection: AsyncConnection, run: int, asked_in: int | None) -> bool:
    """Whether the last run that requested an operation had settled everything and ended before this one began.

    Otherwise this run may be the same batch: run again after an interruption, or run by another worker in parallel.
    """
    if asked_in is None:
        return True
    if asked_in == run:
        return False
    unsettled = exists().where(operations.c.asked_in == asked_in, operations.c.state.not_in(SETTLED))
    this = runs.alias()
    began_after = select(this.c.began_after).where(this.c.id == run).scalar_subquery()
    # A search for conflicts has no run; one would begin now.
    is_over = runs.c.ended_as <= began_after if run != _NO_RUN else runs.c.ended_as.is_not(None)
    ended = select(runs.c.id).where(runs.c.id == asked_in, is_over, ~unsettled)
    return await connection.scalar(ended) is not None


# Claiming


def select_keys(keys: Iterable[str]) -> Select[Any, Any]:
    """Return a query for the operations of these keys."""
    return select(operations.c.id, operations.c.subject).where(operations.c.key.in_(list(keys)))


def select_run(run: int, limit: int) -> Select[Any, Any]:
    """Return a query for the operations of a run."""
    return (
        select(operations.c.id, operations.c.subject)
        .join(run_operations, run_operations.c.operation_id == operations.c.id)
        .where(run_operations.c.run_id == run)
        .limit(limit)
    )


async def claim(
    connection: AsyncConnection, owner: Owner, run: int, candidates: Select[Any, Any], ticket: str
) -> list[Row]:
    """Claim the candidates that are planned, were not tried in this run, and whose document or sale is free."""
    other = operations.alias()
    free = (
        operations.c.state == State.PLANNED,
        or_(operations.c.tried_in.is_(None), operations.c.tried_in != run),
        ~exists().where(other.c.subject == operations.c.subject, other.c.state.in_(BUSY)),
    )
    found = await connection.execute(
        candidates.where(*free).order_by(operations.c.id).with_for_update(skip_locked=True, of=operations)
    )
    first_of_subject = {row.subject: row.id for row in reversed(found.all())}
    if first_of_subject:
        await _claim_ids(connection, owner, run, sorted(first_of_subject.values()), ticket)
    # This includes rows of an earlier attempt of this transaction whose commit was not acknowledged.
    taken = await connection.execute(
        select(operations).where(
            operations.c.ticket == ticket, operations.c.owner == owner.name, operations.c.state == State.CLAIMED
        )
    )
    return sorted(map(to_row, taken), key=lambda row: row.row_id)


async def _claim_ids(connection: AsyncConnection, owner: Owner, run: int, ids: list[int], ticket: str) -> None:
    statement = (
        update(operations)
        .where(operations.c.id.in_(ids), operations.c.state == State.PLANNED)
        .values(state=State.CLAIMED, owner=owner.name, claim=operations.c.claim + 1, tried_in=run, ticket=ticket)
    )
    try:
        async with connection.begin_nested():
            await connection.execute(statement)
    except IntegrityError:
        # Another worker has just claimed an operation on one of the documents. The others are still free.
        for one in ids if len(ids) > 1 else ():
            await _claim_ids(connection, owner, run, [one], ticket)


def make_ticket() -> str:
    """Return an id for a transaction that claims operations."""
    return uuid4().hex
