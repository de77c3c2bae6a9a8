"""Every statement on the journal: the state machine as conditions, so that no two workers can take the same step.

    planned ─claim→ claimed ─mark→ sending ─answer→ done | refused
       ↑  owner gone ←─┘              │ not sent → planned
       └─ proven not executed ← reconciling ← unknown ─ nothing can tell → needs_person

A step succeeds only from the state it starts in and under the claim it belongs to. A worker that was asleep for longer
than its lease finds its steps refused by the database, whatever it still believes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Final

from attrs import evolve
from sqlalchemy import Select, and_, bindparam, delete, exists, func, insert, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from kolay_invoice.journal import text
from kolay_invoice.journal.database import Database
from kolay_invoice.journal.errors import JournalConflictError
from kolay_invoice.journal.keys import OPERATIONS, REPLIES, Planned, differences, state_of_doubt
from kolay_invoice.journal.process import Owner
from kolay_invoice.journal.tables import operations, owners, run_operations, runs
from kolay_invoice.journal.values import BUSY, AttemptRecord, Refusal, Row, State
from kolay_invoice.journal.whole import whole

_PAGE: Final = 500
_PLANNING: Final = 7221958
"""The number of PostgreSQL's lock, next to the one for making the tables."""

_same_row = operations.c.id == bindparam("row_id")
_same_claim = operations.c.claim == bindparam("row_claim")
_not_settled = and_(operations.c.state != State.DONE, operations.c.state != State.REFUSED)

_WRITE: Final = (
    update(operations)
    .where(_same_row)
    .values(
        state=bindparam("new_state"),
        owner=None,
        since=bindparam("new_since"),
        due_at=bindparam("new_due_at"),
        attempts=bindparam("new_attempts"),
        result=bindparam("new_result"),
        refusal=bindparam("new_refusal"),
        note=bindparam("new_note"),
        tried_in=bindparam("new_tried_in"),
    )
)
# What is known under a claim may be written down as long as nobody has taken the operation in hand again: an answer
# that comes after the lease has run out is an answer all the same. A yes counts more than a look that began after it.
_LATE_YES: Final = and_(
    operations.c.claim > bindparam("row_claim"),
    operations.c.state != State.CLAIMED,
    operations.c.state != State.SENDING,
    bindparam("new_state", type_=operations.c.state.type) == State.DONE,
)
_RECORD: Final = _WRITE.where(_not_settled, or_(_same_claim, _LATE_YES))

_COUNTS: Final = select(operations.c.state, func.count().label("count"))


class Store:
    """The journal's rows, in the hands of one owner."""

    def __init__(self, database: Database, owner: Owner) -> None:
        self._database = database
        self._owner = owner

    def now(self) -> float:
        """Return seconds since the epoch, by the clock of this journal."""
        return self._database.now()

    # The owner's lease

    @whole
    async def enlist(self, lease_until: float) -> None:
        """Begin the owner's lease."""
        async with self._database.writing() as connection:
            await connection.execute(
                insert(owners).values(
                    owner=self._owner.name,
                    host=self._owner.host,
                    pid=self._owner.pid,
                    started=self._owner.started,
                    lease_until=lease_until,
                )
            )

    @whole
    async def prolong(self, lease_until: float) -> bool:
        """Prolong the lease. Returns whether it was still there."""
        async with self._database.writing() as connection:
            result = await connection.execute(
                update(owners).where(owners.c.owner == self._owner.name).values(lease_until=lease_until)
            )
            return result.rowcount == 1

    @whole
    async def dismiss(self, now: float) -> None:
        """End the owner's lease, and set free what it holds."""
        async with self._database.writing() as connection:
            await self._set_free(connection, [self._owner.name], now)

    @whole
    async def reap(self, now: float) -> None:
        """Set free what owners hold whose lease has run out, or whose process is known to have ended."""
        # Whoever was reaped while suspended may take something in hand once more before noticing it.
        unlisted = select(operations.c.owner).where(
            operations.c.state.in_([State.CLAIMED, State.SENDING, State.RECONCILING]),
            operations.c.owner.not_in(select(owners.c.owner)),
        )
        async with self._database.writing() as connection:
            known = (
                # Locked, so that an owner that lives cannot prolong between the look and the judgement.
                await connection.execute(
                    select(owners).where(owners.c.owner != self._owner.name).with_for_update(skip_locked=True)
                )
            ).all()
            dead = [
                row.owner
                for row in known
                if row.lease_until < now or Owner(row.owner, row.host, row.pid, row.started).is_dead()
            ]
            dead += (await connection.execute(unlisted.distinct())).scalars()
            if dead:
                await self._set_free(connection, dead, now)

    async def _set_free(self, connection: AsyncConnection, names: list[str], now: float) -> None:
        # Deleting comes first: it locks the owner's row, so that an owner that lives cannot prolong in between.
        await connection.execute(delete(owners).where(owners.c.owner.in_(names)))
        held = operations.c.owner.in_(names)
        await connection.execute(
            update(operations)
            .where(held, operations.c.state == State.CLAIMED)
            .values(state=State.PLANNED, owner=None, tried_in=None)
        )
        await connection.execute(
            update(operations)
            .where(held, operations.c.state == State.RECONCILING)
            .values(state=State.UNKNOWN, owner=None)
        )
        cut_off = await connection.execute(select(operations).where(held, operations.c.state == State.SENDING))
        rows = [_cut_off(row, now) for row in map(_row, cut_off)]
        if rows:
            await connection.execute(_RECORD, [_recorded(row) for row in rows])

    # Runs

    @whole
    async def begin_run(self, now: float) -> int:
        """Begin a run, and forget which operations the runs of owners that are gone were about."""
        async with self._database.writing() as connection:
            await connection.execute(delete(runs).where(runs.c.owner.not_in(select(owners.c.owner))))
            begun = await connection.execute(
                insert(runs).values(owner=self._owner.name, started_at=now).returning(runs.c.id)
            )
            return int(begun.scalar_one())

    # Planning and claiming

    @whole
    async def plan(self, run: int, chunk: Sequence[Planned]) -> list[Row]:
        """Write down operations that are not known yet, and take in hand those that wait. Returns what is in hand.

        Raises:
            JournalConflictError: A key is known with other parameters. Nothing of the chunk is planned.
        """
        wanted: dict[str, Planned] = {}
        for one in chunk:
            _check_same(wanted.setdefault(one.key, one).given, one)
        is_wanted = operations.c.key.in_(wanted)
        async with self._database.writing() as connection:
            await self._in_turn(connection)
            await self._write_down(connection, run, wanted)
            return await self._claim(connection, run, select(operations.c.id, operations.c.subject).where(is_wanted))

    async def _write_down(self, connection: AsyncConnection, run: int, wanted: dict[str, Planned]) -> None:
        is_wanted = operations.c.key.in_(wanted)
        known = await connection.execute(select(operations.c.key, operations.c.given).where(is_wanted))
        given = {row.key: row.given for row in known}
        for key, one in wanted.items():
            _check_same(given.get(key, one.given), one)
        new = [
            {
                "key": one.key,
                "subject": one.subject,
                "provider": one.provider,
                "account": one.account,
                "operation": one.operation,
                "given": one.given,
                "frozen": one.frozen,
                "state": State.PLANNED,
            }
            for key, one in wanted.items()
            if key not in given
        ]
        insert_new = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
        if new:
            await connection.execute(insert_new(operations).on_conflict_do_nothing(index_elements=["key"]), new)
        ids = select(bindparam("run", run), operations.c.id).where(is_wanted)
        await connection.execute(
            insert_new(run_operations).from_select(["run_id", "operation_id"], ids).on_conflict_do_nothing()
        )

    @whole
    async def claim_rest(self, run: int, limit: int) -> list[Row]:
        """Take in hand operations that a run has not tried: their document was busy, or somebody set them free."""
        of_run = (
            select(operations.c.id, operations.c.subject)
            .join(run_operations, run_operations.c.operation_id == operations.c.id)
            .where(run_operations.c.run_id == run)
            .limit(limit)
        )
        async with self._database.writing() as connection:
            await self._in_turn(connection)
            return await self._claim(connection, run, of_run)

    async def _in_turn(self, connection: AsyncConnection) -> None:
        """Wait until no other worker plans or claims, to the end of the transaction.

        Batches in different orders would wait for each other's rows, and two could take the same document in hand.
        """
        if connection.dialect.name == "postgresql":
            await connection.execute(select(func.pg_advisory_xact_lock(_PLANNING)))

    async def _claim(self, connection: AsyncConnection, run: int, among: Select[Any, Any]) -> list[Row]:
        other = operations.alias()
        free = (
            operations.c.state == State.PLANNED,
            or_(operations.c.tried_in.is_(None), operations.c.tried_in != run),
            ~exists().where(other.c.subject == operations.c.subject, other.c.state.in_(BUSY)),
        )
        found = await connection.execute(
            among.where(*free).order_by(operations.c.id).with_for_update(skip_locked=True, of=operations)
        )
        first_of_subject = {row.subject: row.id for row in reversed(found.all())}
        if not first_of_subject:
            return []
        claimed = await connection.execute(
            update(operations)
            .where(operations.c.id.in_(first_of_subject.values()), operations.c.state == State.PLANNED)
            .values(state=State.CLAIMED, owner=self._owner.name, claim=operations.c.claim + 1, tried_in=run)
            .returning(*operations.c)
        )
        return sorted(map(_row, claimed), key=lambda row: row.row_id)

    # Steps

    @whole
    async def mark(self, rows: Sequence[Row], now: float) -> set[int]:
        """Mark operations as being sent, durably. Returns the ids of those that are still this owner's."""
        async with self._database.writing() as connection:
            marked = await connection.execute(
                update(operations)
                .where(
                    operations.c.owner == self._owner.name,
                    operations.c.state == State.CLAIMED,
                    tuple_(operations.c.id, operations.c.claim).in_([(row.row_id, row.claim) for row in rows]),
                )
                .values(state=State.SENDING, since=now)
                .returning(operations.c.id)
            )
            return set(marked.scalars())

    @whole
    async def record(self, rows: Sequence[Row]) -> list[Row]:
        """Write down what has become of operations; each row is as it shall be. Returns those that come too late."""
        if await self._recorded_together(rows):
            return []
        # One of them was set free, and it or another operation on its document was taken in hand since. The others'
        # answers must not be lost with it.
        return [row for row in rows if not await self._recorded_together([row])]

    async def _recorded_together(self, rows: Sequence[Row]) -> bool:
        async with self._database.writing() as connection:
            try:
                recorded = await connection.execute(_RECORD, [_recorded(row) for row in rows])
                all_of_them = recorded.rowcount == len(rows)
            except IntegrityError:
                all_of_them = False
            if not all_of_them:
                await connection.rollback()
        return all_of_them

    @whole
    async def record_looks(self, rows: Sequence[Row]) -> None:
        """Write down what looks have shown; each row is as it shall be. A look that was overtaken shows nothing."""
        still_looking = (operations.c.state == State.RECONCILING, operations.c.owner == self._owner.name)
        async with self._database.writing() as connection:
            await connection.execute(_WRITE.where(_same_claim, *still_looking), [_recorded(row) for row in rows])

    @whole
    async def settle(self, row: Row, was: State) -> bool:
        """Write down a person's word. Returns whether the operation still was as the person saw it."""
        async with self._database.writing() as connection:
            settled = await connection.execute(_WRITE.where(_same_claim, operations.c.state == was), _recorded(row))
            return settled.rowcount == 1

    @whole
    async def take_due(self, provider: str, account: str, quiet_period: float, now: float, limit: int) -> list[Row]:
        """Take unknown operations in hand whose quiet period is over, in order to read them back."""
        due = (
            select(operations.c.id)
            .where(
                operations.c.provider == provider,
                operations.c.account == account,
                operations.c.state == State.UNKNOWN,
                _due_at(quiet_period) <= now,
            )
            .order_by(operations.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        async with self._database.writing() as connection:
            ids = list((await connection.execute(due)).scalars())
            taken = await connection.execute(
                update(operations)
                .where(operations.c.id.in_(ids), operations.c.state == State.UNKNOWN)
                .values(state=State.RECONCILING, owner=self._owner.name, claim=operations.c.claim + 1)
                .returning(*operations.c)
            )
            return [_row(found) for found in taken]

    # Looking

    @whole
    async def next_due(self, run: int, quiet_period: float) -> float | None:
        """Return when the next unknown operation of a run may be read back."""
        async with self._database.reading() as connection:
            due: float | None = await connection.scalar(
                select(func.min(_due_at(quiet_period)))
                .select_from(operations.join(run_operations, run_operations.c.operation_id == operations.c.id))
                .where(run_operations.c.run_id == run, operations.c.state == State.UNKNOWN)
            )
            return due

    @whole
    async def find(self, key: str) -> Row | None:
        """Return the operation of a key."""
        async with self._database.reading() as connection:
            found = (await connection.execute(select(operations).where(operations.c.key == key))).one_or_none()
            return None if found is None else _row(found)

    @whole
    async def counts(self, run: int | None = None) -> dict[State, int]:
        """Return how many operations stand in each state, of a run or of the whole journal."""
        return await self._counted(_of_run(_COUNTS, run))

    @whole
    async def counts_of(self, keys: Sequence[str]) -> dict[State, int]:
        """Return how many of these operations stand in each state; those that are not known are not counted."""
        return await self._counted(_COUNTS.where(operations.c.key.in_(keys)))

    async def _counted(self, query: Select[Any, Any]) -> dict[State, int]:
        async with self._database.reading() as connection:
            found = (await connection.execute(query.group_by(operations.c.state))).mappings()
            counted = {State(row["state"]): row["count"] for row in found}
        return {state: counted.get(state, 0) for state in State}

    async def rows(self, run: int | None = None, states: Iterable[State] | None = None) -> AsyncIterator[Row]:
        """Iterate over operations in the order in which they were planned, a page at a time."""
        last = 0
        while True:
            query = _of_run(select(operations), run).where(operations.c.id > last)
            if states is not None:
                query = query.where(operations.c.state.in_(list(states)))
            async with self._database.reading() as connection:
                page = [_row(found) for found in await connection.execute(query.order_by(operations.c.id).limit(_PAGE))]
            for row in page:
                yield row
            if len(page) < _PAGE:
                return
            last = page[-1].row_id


def _due_at(quiet_period: float) -> Any:
    return func.coalesce(operations.c.due_at, operations.c.since + quiet_period)


def _of_run(query: Any, run: int | None) -> Any:
    if run is None:
        return query
    return query.join(run_operations, run_operations.c.operation_id == operations.c.id).where(
        run_operations.c.run_id == run
    )


def _check_same(known: str, one: Planned) -> None:
    # The same moment can be written in two ways.
    if known != one.given and (different := differences(known, one.given, one.operation)):
        msg = f"{one.shown} is known with other parameters ({different})"
        raise JournalConflictError(msg, provider=one.provider, operation=one.operation)


def _cut_off(row: Row, now: float) -> Row:
    """Return an operation whose worker ended between the mark and the answer."""
    note = "the worker ended after the mark and before the answer was written down"
    attempt = AttemptRecord(row.since or now, None, left=True, outcome=note)
    return evolve(row, state=state_of_doubt(row.operation), since=now, attempts=(*row.attempts, attempt), note=note)


def _recorded(row: Row) -> dict[str, Any]:
    return {
        "row_id": row.row_id,
        "row_claim": row.claim,
        "new_state": row.state,
        "new_since": row.since,
        "new_due_at": row.due_at,
        "new_attempts": text.dumps(list(row.attempts)),
        "new_result": None if row.result is None else text.dumps(row.result),
        "new_refusal": None if row.refusal is None else text.dumps(row.refusal),
        "new_note": row.note,
        "new_tried_in": row.tried_in,
    }


def _row(found: Any) -> Row:
    return Row(
        row_id=found.id,
        key=found.key,
        provider=found.provider,
        account=found.account,
        operation=found.operation,
        request=text.loads(found.frozen, OPERATIONS[found.operation]),
        given=found.given,
        state=State(found.state),
        claim=found.claim,
        attempts=tuple(text.loads(found.attempts, list[AttemptRecord])),
        result=None if found.result is None else text.loads(found.result, REPLIES[found.operation]),
        refusal=None if found.refusal is None else text.loads(found.refusal, Refusal),
        note=found.note,
        owner=found.owner,
        since=found.since,
        due_at=found.due_at,
        tried_in=found.tried_in,
    )
