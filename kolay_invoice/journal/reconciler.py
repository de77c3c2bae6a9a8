"""Reads unknown operations back when their wait is over, in the background of a run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from kolay_invoice.client import BaseClient
from kolay_invoice.journal.models import Row
from kolay_invoice.journal.options import RunOptions
from kolay_invoice.journal.readback import ReadBack, apply_sight
from kolay_invoice.journal.shielding import claim_shielded, wait_shielded
from kolay_invoice.journal.store import Store

_LONGEST_SLEEP: Final = 5.0
_SHORTEST_SLEEP: Final = 0.05


class Reconciler:
    """Reads back the unknown operations of one account, of any run."""

    def __init__(
        self,
        store: Store,
        client: BaseClient,
        read_back: ReadBack,
        options: RunOptions,
        fail: Callable[[Exception], None],
    ) -> None:
        self._store = store
        self._client = client
        self._read_back = read_back
        self._options = options
        self._fail = fail
        self._claimed: list[Row] = []
        self._task: asyncio.Task[None] | None = None
        self.run_id = 0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run_in_background(), name="kolay_invoice read-backs")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.pause()

    async def pause(self) -> None:
        """Stop the background task. Operations that it was reading back stay unknown."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            try:
                # Shielded, so that a cancellation of the caller is not mistaken for the task's own.
                await wait_shielded(asyncio.ensure_future(asyncio.wait([task])))
            finally:
                await self.release()

    async def read_back_due(self, within: float = 0.0) -> bool:
        """Read back the operations due at now + `within`, which may be negative. Returns whether there were any."""
        due = self._store.claim_due_readbacks(
            self._client.name,
            self._client.account,
            self._options.quiet_period,
            self._options.concurrency,
            within,
        )
        rows = await claim_shielded(due, self._claimed.extend)
        if not rows:
            return False
        # If a cancellation or a closed client comes now, they are released unchanged.
        self._claimed += rows
        sights = await asyncio.gather(*map(self._read_back.look, rows))
        now = await self._store.now()
        await self._store.record_readbacks(
            [
                apply_sight(
                    row,
                    sight,
                    quiet_period=self._options.quiet_period,
                    give_up_after=self._options.give_up_after,
                    now=now,
                    run=self.run_id,
                )
                for row, sight in zip(rows, sights, strict=True)
            ]
        )
        self._claimed.clear()
        return True

    async def release(self) -> None:
        """Release the operations that were being read back."""
        rows, self._claimed = self._claimed, []
        if rows:
            try:
                await self._store.release_readbacks(rows)
            except Exception as error:  # noqa: BLE001 - it must not hide the error that ended the run; the lease releases them.
                self._fail(error)

    async def _run_in_background(self) -> None:
        try:
            while True:
                if not await self.read_back_due():
                    due = await self._store.seconds_until_due(self.run_id, self._options.quiet_period)
                    await asyncio.sleep(
                        min(_LONGEST_SLEEP, max(_SHORTEST_SLEEP, _LONGEST_SLEEP if due is None else due))
                    )
        except Exception as error:  # noqa: BLE001 - a closed client or a defect ends the run.
            self._fail(error)
