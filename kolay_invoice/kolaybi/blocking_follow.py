"""The blocking twin of `AsyncFollower`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from kolay_invoice.blocking.loop_thread import loop_thread
from kolay_invoice.kolaybi.follow import AsyncFollower, FollowEnd, StatusChange


class Follower(Iterator[StatusChange]):
    """Iterates over the changes of statuses, as `AsyncFollower` does; its pauses block the caller's thread."""

    def __init__(self, core: AsyncFollower) -> None:
        self._core = core

    @property
    def ended(self) -> FollowEnd | None:
        """Why it ended; None while it goes on."""
        return self._core.ended

    @property
    def calls(self) -> int:
        """How many calls were made."""
        return self._core.calls

    @property
    def statuses(self) -> dict[int, str | None]:
        """The last known status of each followed invoice; None for one that no list has shown."""
        return self._core.statuses

    @property
    def failed(self) -> tuple[int, ...]:
        """The invoices that have failed. `resend` sends such an invoice again."""
        return self._core.failed

    @property
    def pending(self) -> tuple[int, ...]:
        """The invoices that have neither a final status nor failed. Of a range of days, those that were sent."""
        return self._core.pending

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> StatusChange:
        """Return the next change; the errors are those of `AsyncFollower`."""
        change = loop_thread.run(self._next)
        if change is None:
            raise StopIteration
        return change

    async def _next(self) -> StatusChange | None:
        return await anext(self._core, None)
