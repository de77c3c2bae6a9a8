"""All steps on the journal. Their conditions form a state machine in which no two workers can take the same step.

    planned ─claim→ claimed ─mark→ sending ─answer→ done | refused
       ↑  owner gone ←─┘              │ not sent → planned
       └─ seen not executed ← reconciling ← unknown ─ nothing can tell → needs_person

A step succeeds only from its initial state and under its own claim. The database refuses the steps of a worker that was
stopped for longer than its lease. Each step is idempotent: it may be repeated if its commit was not acknowledged.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Final

from attrs import evolve, frozen
from sqlalchemy import Select, delete, func, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from kolay_invoice.journal import lease_table, planning, serialization
from kolay_invoice.journal.database import Database
from kolay_invoice.journal.errors import LeaseLostError
from kolay_invoice.journal.identity import Doubt
from kolay_invoice.journal.models import Row, State
from kolay_invoice.journal.operations import PlannedOperation
from kolay_invoice.journal.owner import Owner
from kolay_invoice.journal.planning import Conflict
from kolay_invoice.journal.rows import Stamp, to_columns, to_row
from kolay_invoice.journal.shielding import shielded
from kolay_invoice.journal.statements import MARK, RECORD, WRITE, is_same_claim
from kolay_invoice.journal.tables import operations, owners, run_operations, runs
from kolay_invoice.messages import Message

_PAGE: Final = 500

_COUNTS: Final = select(operations.c.state, func.count().label("count"))


@frozen
class Plan:
    """The result of planning a chunk: the claimed operations and the conflicts."""

    rows: list[Row]
    conflicts: list[Conflict]


@frozen
class Advance:
    """The result of one transaction: the rows that came too late, and the operations that are now marked."""

    late: Sequence[Row]
    marked: set[int]
    has_lease: bool = True
    """Whether the lease was still held; without it nothing is marked."""


class _ClaimLostError(Exception):
    """Another worker has claimed one of the operations since, so the transaction was rolled back."""


class Store:
    """The journal's rows, as one owner reads and writes them."""

    def __init__(self, database: Database, owner: Owner) -> None:
        self._database = database
        self.owner = owner
        self.pending_rows: list[Row] = []
        """Rows that a run could not record. No other owner can, as long as this one lives."""

    @property
    def doubt(self) -> Doubt | None:
        """A sign that the journal may lack commits; a new object each time that is noticed."""
        return self._database.doubt

    # The owner's lease

    @shielded
    async def start_lease(self, seconds: float) -> None:
        """Start the owner's lease."""
        self.owner.note_open()
        await self._database.write(lambda connection: lease_table.start_lease(connection, self.owner, seconds))

    @shielded
    async def renew_lease(self) -> bool:
        """Increment the lease's counter. Returns whether the lease was still held."""
        return await self._database.write(lambda connection: lease_table.renew_lease(connection, self.owner))

    @shielded
    async def end_lease(self) -> None:
        """End the owner's lease, and release its operations."""
        try:
            await self._database.write(
                lambda connection: lease_table.release(connection, self._database.clock, [self.owner.name])
            )
        finally:
            self.owner.note_closed()

    @shielded
    async def release_expired(self, is_gone: lease_table.IsGone) -> None:
        """Release the operations of owners that are gone."""
        await self._database.write(
            lambda connection: lease_table.release_expired(connection, self._database.clock, self.owner, is_gone)
        )

    async def explain_lost_lease(self) -> LeaseLostError:
        """Return the error for a lost lease. It names the new owner if the journal has it."""
        try:
            successor = await self._database.read(lambda connection: lease_table.find_successor(connection, self.owner))
        except Exception:  # noqa: BLE001 - the new owner's name is for display only.
            successor = None
        return LeaseLostError.by(successor)

    @shielded
    async def restart_waits(self) -> None:
        """Restart the waits of unknown operations that another clock counted, or this one before it stepped."""
        accepted = await self._database.write(self._restart_waits)
        if accepted is not None:
            self._database.clock.accept_step(accepted)

    async def _restart_waits(self, connection: AsyncConnection) -> float | None:
        """Returns the clock's offset if it has stepped, so that all waits were restarted."""
        clock = self._database.clock
        now = await clock.now(connection)
        has_stepped, offset = clock.has_stepped, clock.offset
        restarted = update(operations).where(operations.c.state == State.UNKNOWN)
        if not has_stepped:
            # A time in the future was written by a clock that was ahead.
            is_foreign = or_(operations.c.clock.is_(None), operations.c.clock != clock.name, operations.c.since > now)
            restarted = restarted.where(is_foreign)
        await connection.execute(restarted.values(since=now, clock=clock.name))
        return offset if has_stepped else None

    # Runs

    @shielded
    async def begin_run(self) -> int:
        """Begin a run, and delete the lists of operations of runs whose owners are gone."""
        return await self._database.write(self._begin_run)

    async def _begin_run(self, connection: AsyncConnection) -> int:
        ended = select(runs.c.id).where(runs.c.owner.not_in(select(owners.c.owner)))
        await connection.execute(delete(run_operations).where(run_operations.c.run_id.in_(ended)))
        run = await planning.begin_run(connection, self.owner)
        await self._database.record_run(connection, run)
        return run

    @shielded
    async def end_run(self, run: int) -> None:
        """Record that a run has read and tried all its requests."""
        await self._database.write(lambda connection: planning.end_run(connection, run))

    @shielded
    async def plan(self, run: int, chunk: Sequence[PlannedOperation]) -> Plan:
        """Insert operations that are not known yet, and claim those that may begin."""
        ticket = planning.make_ticket()

        async def work(connection: AsyncConnection) -> Plan:
            wanted, conflicts = await planning.plan(connection, run, chunk)
            rows = await planning.claim(connection, self.owner, run, planning.select_keys(wanted), ticket)
            return Plan(rows, conflicts)

        return await self._database.write(work)

    @shielded
    async def find_conflicts(self, chunk: Sequence[PlannedOperation]) -> list[Conflict]:
        """Return which requests conflict with what is known. Nothing is written."""
        return await self._database.read(lambda connection: planning.find_conflicts(connection, chunk))

    @shielded
    async def claim_waiting(self, run: int, limit: int) -> list[Row]:
        """Claim operations that a run has not tried: their document was busy, or another owner released them."""
        ticket = planning.make_ticket()

        async def work(connection: AsyncConnection) -> list[Row]:
            return await planning.claim(connection, self.owner, run, planning.select_run(run, limit), ticket)

        return await self._database.write(work)

    # Steps

    @shielded
    async def advance(self, finished: Sequence[Row], marks: Sequence[Row]) -> Advance:
        """Record finished operations and mark others as being sent, durably and in one transaction.

        A mark renews the lease. Each finished row has its new state.
        """
        try:
            return await self._advance_once(finished, marks)
        except _ClaimLostError:
            # One of the operations, or another one on its document, was claimed by another worker since. The rows are
            # recorded one by one, so that the other replies are not lost.
            late = [row for row in finished if not await self._record_alone(row)]
            return evolve(await self._advance_once([], marks), late=late)

    async def record_pending(self) -> None:
        """Record the rows that a run could not, now that the journal may work again."""
        rows, self.pending_rows = self.pending_rows, []
        try:
            if rows:
                await self.advance(rows, [])
        except BaseException:
            self.pending_rows += rows
            raise

    async def _advance_once(self, finished: Sequence[Row], marks: Sequence[Row]) -> Advance:
        async def work(connection: AsyncConnection) -> Advance:
            if finished:
                await self._record(connection, finished)
            if not marks:
                return Advance([], set())
            # This locks the owner's row: a worker that wants to take over waits for this transaction, or was first.
            if not await lease_table.renew_lease(connection, self.owner):
                return Advance([], set(), has_lease=False)
            return Advance([], await self._mark(connection, marks))

        if marks:
            self._database.check_place()
        return await self._database.write(work)

    async def _mark(self, connection: AsyncConnection, rows: Sequence[Row]) -> set[int]:
        mine = self.owner.name
        values = [{"row_id": row.row_id, "row_key": row.key, "row_claim": row.claim, "mine": mine} for row in rows]
        marked = await connection.execute(MARK, values)
        ids = {row.row_id for row in rows}
        if marked.rowcount == len(rows):
            return ids
        asked = {(row.row_id, row.key, row.claim) for row in rows}
        is_marked = (operations.c.owner == mine, operations.c.state == State.SENDING)
        columns = (operations.c.id, operations.c.key, operations.c.claim)
        found = await connection.execute(select(*columns).where(operations.c.id.in_(ids), *is_marked))
        return {one.id for one in found if (one.id, one.key, one.claim) in asked}

    async def _record_alone(self, row: Row) -> bool:
        try:
            await self._advance_once([row], [])
        except _ClaimLostError:
            return False
        return True

    async def _record(self, connection: AsyncConnection, rows: Sequence[Row]) -> None:
        stamp = await self._make_stamp(connection)
        try:
            recorded = await connection.execute(RECORD, [to_columns(row, stamp) for row in rows])
        except IntegrityError:
            raise _ClaimLostError from None
        if recorded.rowcount != len(rows) and not await self._are_recorded(connection, rows):
            raise _ClaimLostError

    async def _are_recorded(self, connection: AsyncConnection, rows: Sequence[Row]) -> bool:
        """Whether the rows were already recorded, by a commit that was not acknowledged."""
        wanted = {row.row_id: (row.key, row.claim, row.state, serialization.dumps(list(row.attempts))) for row in rows}
        found = (await connection.execute(select(operations).where(operations.c.id.in_(wanted)))).all()
        return len(found) == len(wanted) and all(
            (one.key, one.claim, one.state, one.attempts) == wanted[one.id] for one in found
        )

    async def _make_stamp(self, connection: AsyncConnection) -> Stamp:
        clock = self._database.clock
        return Stamp(await clock.now(connection), clock.name)

    @shielded
    async def keep_evidence(self, row: Row) -> None:
        """Record the evidence on an operation that this owner has claimed."""
        is_mine = (
            operations.c.id == row.row_id,
            operations.c.claim == row.claim,
            operations.c.owner == self.owner.name,
        )
        kept = update(operations).where(*is_mine).values(evidence=serialization.dumps(list(row.evidence)))

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(kept)

        await self._database.write(work)

    @shielded
    async def record_readbacks(self, rows: Sequence[Row]) -> None:
        """Record the results of read-backs; each row has its new state. A row that lost its claim is skipped."""
        still_looking = (operations.c.state == State.RECONCILING, operations.c.owner == self.owner.name)

        async def work(connection: AsyncConnection) -> None:
            stamp = await self._make_stamp(connection)
            await connection.execute(
                WRITE.where(is_same_claim, *still_looking), [to_columns(row, stamp) for row in rows]
            )

        await self._database.write(work)

    @shielded
    async def release_readbacks(self, rows: Sequence[Row]) -> None:
        """Release operations that were being read back, unchanged: their wait is not restarted."""
        is_one_of_them = tuple_(operations.c.id, operations.c.claim).in_([(row.row_id, row.claim) for row in rows])
        still_looking = (operations.c.state == State.RECONCILING, operations.c.owner == self.owner.name)
        released = update(operations).where(is_one_of_them, *still_looking).values(state=State.UNKNOWN, owner=None)

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(released)

        await self._database.write(work)

    @shielded
    async def settle(self, row: Row, was: State) -> bool:
        """Record a person's decision. Returns whether the operation was still in the state that the person saw."""

        async def work(connection: AsyncConnection) -> bool:
            values = to_columns(row, await self._make_stamp(connection))
            settled = await connection.execute(WRITE.where(is_same_claim, operations.c.state == was), values)
            # A commit that was not acknowledged may have recorded it already.
            return settled.rowcount == 1 or await self._are_recorded(connection, [row])

        return await self._database.write(work)

    @shielded
    async def claim_due_readbacks(
        self, provider: str, account: str, quiet_period: float, limit: int, within: float = 0.0
    ) -> list[Row]:
        """Claim the unknown operations that are due at now + `within` (which may be negative), to read them back."""
        ticket = planning.make_ticket()
        await self.restart_waits()

        async def work(connection: AsyncConnection) -> list[Row]:
            now = await self._database.clock.now(connection)
            if self._database.clock.has_stepped:
                # The clock has stepped since the waits were restarted, so its time ends none of them.
                return []
            due = (
                select(operations.c.id)
                .where(
                    operations.c.provider == provider,
                    operations.c.account == account,
                    operations.c.state == State.UNKNOWN,
                    _due_at(quiet_period) <= now + within,
                )
                .order_by(operations.c.id)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
            ids = list((await connection.execute(due)).scalars())
            await connection.execute(
                update(operations)
                .where(operations.c.id.in_(ids), operations.c.state == State.UNKNOWN)
                .values(state=State.RECONCILING, owner=self.owner.name, claim=operations.c.claim + 1, ticket=ticket)
            )
            taken = await connection.execute(
                select(operations).where(operations.c.ticket == ticket, operations.c.owner == self.owner.name)
            )
            return sorted(map(to_row, taken), key=lambda row: row.row_id)

        return await self._database.write(work)

    # Queries

    async def now(self) -> float:
        """Return the time by the journal's clock."""
        return await self._database.read(self._database.clock.now)

    @shielded
    async def find_other_owners(self, run: int) -> Sequence[Any]:
        """Return the rows of the other owners that hold operations of a run."""
        held = _limit_to_run(select(operations.c.owner), run).where(operations.c.owner.is_not(None))

        async def work(connection: AsyncConnection) -> Sequence[Any]:
            query = select(owners).where(owners.c.owner.in_(held), owners.c.owner != self.owner.name)
            return (await connection.execute(query)).all()

        return await self._database.read(work)

    @shielded
    async def find_owner(self, name: str) -> Any:
        """Return the row of an owner, or None."""

        async def work(connection: AsyncConnection) -> Any:
            return (await connection.execute(select(owners).where(owners.c.owner == name))).one_or_none()

        return await self._database.read(work)

    @shielded
    async def explain_waiting(self, run: int) -> str:
        """Return why operations of a run were not sent, as far as the journal has it."""

        async def work(connection: AsyncConnection) -> str:
            of_run = _limit_to_run(select(operations.c.note), run).where(operations.c.state == State.PLANNED)
            note = await connection.scalar(of_run.where(operations.c.note.is_not(None)).limit(1))
            busy = Message("another operation on the same document or sale is not settled")
            return serialization.read_message(note) if note else busy

        return await self._database.read(work)

    @shielded
    async def seconds_until_due(self, run: int, quiet_period: float) -> float | None:
        """Return in how many seconds the next unknown operation of a run may be read back."""

        async def work(connection: AsyncConnection) -> float | None:
            due: float | None = await connection.scalar(
                select(func.min(_due_at(quiet_period)))
                .select_from(operations.join(run_operations, run_operations.c.operation_id == operations.c.id))
                .where(run_operations.c.run_id == run, operations.c.state == State.UNKNOWN)
            )
            return None if due is None else due - await self._database.clock.now(connection)

        return await self._database.read(work)

    @shielded
    async def find(self, key: str) -> Row | None:
        """Return the operation of a key."""

        async def work(connection: AsyncConnection) -> Row | None:
            found = (await connection.execute(select(operations).where(operations.c.key == key))).one_or_none()
            return None if found is None else to_row(found)

        return await self._database.read(work)

    @shielded
    async def counts(self, run: int | None = None) -> dict[State, int]:
        """Return how many operations are in each state, of a run or of the whole journal."""
        return await self._count(_limit_to_run(_COUNTS, run))

    @shielded
    async def counts_of(self, keys: Sequence[str]) -> dict[State, int]:
        """Return how many of these operations are in each state; unknown keys are not counted."""
        return await self._count(_COUNTS.where(operations.c.key.in_(keys)))

    @shielded
    async def count_settled_in(self, run: int, settled_in: int) -> int:
        """Return how many of a run's operations were found done in a run."""

        async def work(connection: AsyncConnection) -> int:
            query = _limit_to_run(select(func.count()).select_from(operations), run)
            found = query.where(operations.c.state == State.DONE, operations.c.settled_in == settled_in)
            return int(await connection.scalar(found) or 0)

        return await self._database.read(work)

    async def _count(self, query: Select[Any, Any]) -> dict[State, int]:
        async def work(connection: AsyncConnection) -> dict[State, int]:
            found = (await connection.execute(query.group_by(operations.c.state))).mappings()
            return {State(row["state"]): row["count"] for row in found}

        counted = await self._database.read(work)
        return {state: counted.get(state, 0) for state in State}

    async def rows(self, run: int | None = None, states: Iterable[State] | None = None) -> AsyncIterator[Row]:
        """Iterate over operations in the order of planning, reading a page at a time."""
        wanted = None if states is None else list(states)
        last = 0
        while True:
            query = _limit_to_run(select(operations), run).where(operations.c.id > last)
            if wanted is not None:
                query = query.where(operations.c.state.in_(wanted))
            page = await self._read_page(query.order_by(operations.c.id).limit(_PAGE))
            for row in page:
                yield row
            if len(page) < _PAGE:
                return
            last = page[-1].row_id

    async def _read_page(self, query: Select[Any, Any]) -> list[Row]:
        async def work(connection: AsyncConnection) -> list[Row]:
            return [to_row(found) for found in await connection.execute(query)]

        return await self._database.read(work)


def _due_at(quiet_period: float) -> Any:
    return operations.c.since + func.coalesce(operations.c.pause, quiet_period)


def _limit_to_run(query: Any, run: int | None) -> Any:
    if run is None:
        return query
    return query.join(run_operations, run_operations.c.operation_id == operations.c.id).where(
        run_operations.c.run_id == run
    )
