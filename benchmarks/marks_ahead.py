"""The journal as it was once: marks made ahead of their turn. It shows what the later mark costs, and is not safe.

A mark that waits for a slot can be frozen there with its machine, for longer than its lease, and be sent under.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from kolay_invoice.journal import clock
from kolay_invoice.journal.models import Row
from kolay_invoice.journal.operations import PlannedOperation
from kolay_invoice.journal.store import Plan, Store
from kolay_invoice.journal.writer import Writer


@contextmanager
def marks_ahead() -> Iterator[None]:
    """Let every run mark what it has claimed at once, a chunk at a time."""
    plan = Store.plan

    async def plan_and_mark(store: Store, run: int, chunk: Sequence[PlannedOperation]) -> Plan:
        planned = await plan(store, run, chunk)
        if planned.rows:
            await store.advance([], planned.rows)
        return planned

    async def take_for_marked(writer: Writer, _row: Row) -> str | None:
        return writer._explain_refusal(clock.boottime())

    with patch.object(Store, "plan", plan_and_mark), patch.object(Writer, "mark", take_for_marked):
        yield
