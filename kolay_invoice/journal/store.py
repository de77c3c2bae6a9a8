"""All steps on the journal. Their conditions form a state machine in which no two workers can take the same step.

    planned ─claim→ claimed ─mark→ sending ─answer→ done | refused
       ↑  owner gone ←─┘              │ not sent → planned
       └─ seen not executed ← reconciling ← unknown ─ nothing can tell → needs_person

A step succeeds only from its initial state and under its own claim. The database refuses the steps of a worker that was
stopped for longer than its lease. Each step is idempotent: it may be repeated if its commit was not acknowledged.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from attrs import evolve, frozen
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kolay_invoice.journal import lease_table, planning, queries, recording, waits
from kolay_invoice.journal.database import Database
from kolay_invoice.journal.errors import LeaseLostError
from kolay_invoice.journal.identity import Doubt
from kolay_invoice.journal.models import Row, State
from kolay_invoice.journal.operations import PlannedOperation
from kolay_invoice.journal.owner import Owner
from kolay_invoice.journal.planning import Conflict
from kolay_invoice.journal.recording import ClaimLostError
from kolay_invoice.journal.row_filter import EVERY_ROW, RowFilter
from kolay_invoice.journal.row_locks import lock_in_order
from kolay_invoice.journal.rows import Stamp, to_columns
from kolay_invoice.journal.shielding import shielded
from kolay_invoice.journal.statements import WRITE, is_same_claim
from kolay_invoice.journal.tables import operations, owners, run_operations, runs

_PAGE: Final = 500


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

    @shielded
    async def release_own(self) -> None:
        """Release all operations of this owner, which must hold none of them."""
        await self._database.write(
            lambda connection: lease_table.release_operations(connection, self._database.clock, [self.owner.name])
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
        clock = self._database.clock
        accepted = await self._database.write(lambda connection: waits.restart(connection, clock))
        if accepted is not None:
            clock.accept_step(accepted)

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
        except ClaimLostError:
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
            # This locks the owner's row: a worker that wants to take over waits for this transaction, or was first.
            has_lease = not marks or await lease_table.renew_lease(connection, self.owner)
            if finished and marks:
                await lock_in_order(connection, operations.c.id.in_([row.row_id for row in (*finished, *marks)]))
            if finished:
                await recording.record(connection, await self._make_stamp(connection), finished)
            marked = await recording.mark(connection, self.owner, marks) if marks and has_lease else set()
            return Advance([], marked, has_lease=has_lease)

        if marks:
            self._database.check_place()
        return await self._database.write(work)

    async def _record_alone(self, row: Row) -> bool:
        try:
            await self._advance_once([row], [])
        except ClaimLostError:
            return False
        return True

    async def _make_stamp(self, connection: AsyncConnection) -> Stamp:
        clock = self._database.clock
        return Stamp(await clock.now(connection), clock.name)

    @shielded
    async def keep_evidence(self, row: Row) -> None:
        """Record the evidence on an operation that this owner has claimed."""
        await self._database.write(lambda connection: recording.keep_evidence(connection, self.owner, row))

    @shielded
    async def record_readbacks(self, rows: Sequence[Row]) -> None:
        """Record the results of read-backs; each row has its new state. A row that lost its claim is skipped."""

        async def work(connection: AsyncConnection) -> None:
            await recording.record_readbacks(connection, self.owner, await self._make_stamp(connection), rows)

        await self._database.write(work)

    @shielded
    async def release_readbacks(self, rows: Sequence[Row]) -> None:
        """Release operations that were being read back, unchanged: their wait is not restarted."""
        await self._database.write(lambda connection: waits.release(connection, self.owner, rows))

    @shielded
    async def settle(self, row: Row, was: State) -> bool:
        """Record a person's decision. Returns whether the operation was still in the state that the person saw."""

        async def work(connection: AsyncConnection) -> bool:
            values = to_columns(row, await self._make_stamp(connection))
            settled = await connection.execute(WRITE.where(is_same_claim, operations.c.state == was), values)
            # A commit that was not acknowledged may have recorded it already.
            return settled.rowcount == 1 or await recording.are_recorded(connection, [row])

        return await self._database.write(work)

    @shielded
    async def claim_due_readbacks(
        self, provider: str, account: str, quiet_period: float, limit: int, within: float = 0.0
    ) -> list[Row]:
        """Claim the unknown operations that are due at now + `within` (which may be negative), to read them back."""
        ticket = planning.make_ticket()
        clock = self._database.clock
        await self.restart_waits()

        async def work(connection: AsyncConnection) -> list[Row]:
            ids = await waits.find_due(
                connection,
                clock,
                provider=provider,
                account=account,
                quiet_period=quiet_period,
                limit=limit,
                within=within,
            )
            return [] if ids is None else await waits.claim(connection, self.owner, ids, ticket)

        return await self._database.write(work)

    # Queries

    async def now(self) -> float:
        """Return the time by the journal's clock."""
        return await self._database.read(self._database.clock.now)

    @shielded
    async def find_other_owners(self, run: int) -> Sequence[Any]:
        """Return the rows of the other owners that hold operations of a run; NULLs for one whose lease has ended."""
        return await self._database.read(lambda connection: queries.find_other_owners(connection, self.owner, run))

    @shielded
    async def find_owner(self, name: str) -> Any:
        """Return the row of an owner, or None."""
        return await self._database.read(lambda connection: queries.find_owner(connection, name))

    @shielded
    async def explain_waiting(self, run: int) -> str:
        """Return why operations of a run were not sent, as far as the journal has it."""
        return await self._database.read(lambda connection: queries.explain_waiting(connection, run))

    @shielded
    async def seconds_until_due(self, run: int, quiet_period: float) -> float | None:
        """Return in how many seconds the next unknown operation of a run may be read back."""
        clock = self._database.clock
        return await self._database.read(
            lambda connection: waits.seconds_until_due(connection, clock, run, quiet_period)
        )

    @shielded
    async def find(self, key: str) -> Row | None:
        """Return the operation of a key."""
        return await self._database.read(lambda connection: queries.find(connection, key))

    @shielded
    async def find_latest(self, one: PlannedOperation) -> Row | None:
        """Return the operation of a request: that of the last generation, if there are several."""
        return await self._database.read(lambda connection: queries.find_latest(connection, one))

    @shielded
    async def find_done_beside(self, row: Row) -> list[Row]:
        """Return the other operations on the same document, sale or order that are done."""
        return await self._database.read(lambda connection: queries.find_done_beside(connection, row))

    @shielded
    async def counts(self, run: int | None = None) -> dict[State, int]:
        """Return how many operations are in each state, of a run or of the whole journal."""
        return await self._database.read(lambda connection: queries.count_states(connection, run))

    @shielded
    async def counts_of(self, keys: Sequence[str]) -> dict[State, int]:
        """Return how many of these operations are in each state; unknown keys are not counted."""
        return await self._database.read(lambda connection: queries.count_states_of_keys(connection, keys))

    @shielded
    async def count_settled_in(self, run: int, settled_in: int) -> int:
        """Return how many of a run's operations were found done in a run."""
        return await self._database.read(lambda connection: queries.count_settled_in(connection, run, settled_in))

    async def rows(self, wanted: RowFilter = EVERY_ROW) -> AsyncIterator[Row]:
        """Iterate over operations in the order of planning, reading a page at a time."""
        last = 0
        while True:
            page = await self._read_page(wanted, last)
            for row in page:
                yield row
            if len(page) < _PAGE:
                return
            last = page[-1].row_id

    async def _read_page(self, wanted: RowFilter, after: int) -> list[Row]:
        return await self._database.read(
            lambda connection: queries.read_page(connection, wanted, after=after, limit=_PAGE)
        )
