"""A psycopg cursor that does not defeat the server's timeout for idle transactions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg import AsyncCursor


class OneByOneCursor(AsyncCursor[Any]):
    """A cursor that sends the rows of `executemany` one by one.

    psycopg would send them in a pipeline, which ends with a Flush message after the Sync. PostgreSQL starts
    `idle_in_transaction_session_timeout` at the Sync and stops it at any message, including that Flush. A worker that
    is stopped then would keep its locks for as long as it is stopped.
    """

    _counted: int | None = None

    async def executemany(self, query: Any, params_seq: Iterable[Any], *, returning: bool = False) -> None:  # noqa: ARG002 - the journal never uses it.
        """Execute a statement for each of many rows; `rowcount` is the sum. No rows are returned."""
        counted = 0
        for params in params_seq:
            await self.execute(query, params)
            counted += max(0, super().rowcount)
        self._counted = counted

    async def execute(self, *arguments: Any, **options: Any) -> Any:
        """Execute a statement."""
        self._counted = None
        return await super().execute(*arguments, **options)

    @property
    def rowcount(self) -> int:
        """How many rows the last `execute` or `executemany` affected."""
        return super().rowcount if self._counted is None else self._counted
