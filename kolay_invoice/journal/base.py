"""What can be asked of an open journal, and settled in it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime
from typing import Final, Literal, overload
from uuid import UUID

from attrs import frozen

from kolay_invoice.batch import check_client
from kolay_invoice.client import BaseClient
from kolay_invoice.journal.chunking import AnyRequest
from kolay_invoice.journal.database import Database, display_url
from kolay_invoice.journal.lease import Lease
from kolay_invoice.journal.models import Row, State
from kolay_invoice.journal.operations import plan_operation
from kolay_invoice.journal.planning import Conflict
from kolay_invoice.journal.report import Identity
from kolay_invoice.journal.row_filter import States, make_filter
from kolay_invoice.journal.settling import make_decision, settle
from kolay_invoice.journal.store import Store

_KEYS_PER_QUERY: Final = 500


@frozen
class OpenState:
    """What an open journal works with, in the process that opened it."""

    database: Database
    store: Store
    lease: Lease
    pid: int


class JournalBase:
    """The questions of a journal, and a person's answers."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._open: OpenState | None = None

    @property
    def identity(self) -> Identity:
        """The identity of this journal, and whether commits may be missing."""
        database = self._require_open().database
        return Identity(database.journal_id, display_url(self._url), database.last_run, database.doubt)

    async def end_doubt(self, *, by: str, because: str) -> None:
        """Record that a person has confirmed that nothing is missing in this journal, or that everything was checked.

        Operations are then sent again without a look-up first. Cannot be undone.

        Args:
            by: Who confirms it.
            because: How they know.

        Raises:
            JournalError: The journal cannot be written.
        """
        await self._require_open().database.clear_doubt(by, because)

    @overload
    async def settle(
        self,
        key: str | Row,
        *,
        done: Literal[True],
        ettn: UUID | str | None = None,
        number: str | None = None,
        by: str = "a person",
        because: str | None = None,
    ) -> Row: ...
    @overload
    async def settle(
        self, key: str | Row, *, not_executed: Literal[True], by: str = "a person", because: str | None = None
    ) -> Row: ...
    async def settle(
        self,
        key: str | Row,
        *,
        done: bool = False,
        not_executed: bool = False,
        ettn: UUID | str | None = None,
        number: str | None = None,
        by: str = "a person",
        because: str | None = None,
    ) -> Row:
        """Record a person's decision on an operation that is unknown or needs a person.

        A refused operation can be settled with `not_executed` only: it may be sent again when its cause is corrected,
        with other parameters too. An operation of another worker can be settled once that worker is gone, which can
        take a whole lease.

        Args:
            key: The operation, or its key as its row shows it.
            done: It was executed.
            not_executed: It was not executed, and the next run may send it.
            ettn: The ETTN that the person has seen; only with `done`.
            number: The invoice number that the person has seen, such as "ABC2026000000001"; only with `done`.
            by: Who decides.
            because: How that is known.

        Returns:
            The settled operation.

        Raises:
            ValueError: Not exactly one of `done` and `not_executed` is given, another argument has an impossible value,
                or the key is not known or not in doubt.
        """
        decision = make_decision(done=done, not_executed=not_executed, ettn=ettn, number=number, by=by, because=because)
        opened = self._require_open()
        return await settle(opened.store, opened.lease, key.key if isinstance(key, Row) else key, decision)

    async def counts(self) -> dict[State, int]:
        """Return how many operations of the whole journal are in each state."""
        return await self._require_open().store.counts()

    async def counts_of(self, client: BaseClient, requests: Iterable[AnyRequest]) -> dict[State, int]:
        """Return how many of these requests are in each state. Sends and records nothing.

        Args:
            client: The client that would send them; its provider and account are part of the keys.
            requests: Request values such as `CreateEDocument(18)`. Duplicates count once.

        Returns:
            The number for each state; requests that the journal does not know are not counted.

        Raises:
            JournalError: The journal cannot be read.
        """
        check_client(client, "journal.counts_of")
        store = self._require_open().store
        keys = sorted({plan_operation(request, client.name, client.account).key for request in requests})
        counted = dict.fromkeys(State, 0)
        for first in range(0, len(keys), _KEYS_PER_QUERY):
            counts = await store.counts_of(keys[first : first + _KEYS_PER_QUERY])
            counted = {state: counted[state] + counts[state] for state in State}
        return counted

    def rows(
        self,
        *,
        state: States | None = None,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
        operation: str | None = None,
    ) -> AsyncIterator[Row]:
        """Iterate over the journal's operations in the order of planning. Sends and records nothing.

        Args:
            state: Only operations in this state, or in one of these: `State.DONE`, `"done"`.
            since: Only what was settled from this time on; of what is not settled, what a run last asked for from then
                on. An aware datetime, or a day of Türkiye.
            until: Only what was settled, or last asked for, before this time; a day is included.
            operation: Only calls of this method of a client, such as `"create_e_document"`.

        Raises:
            ValueError: An argument has an impossible value; the text names it.
        """
        wanted = make_filter(state=state, since=since, until=until, operation=operation)
        return self._require_open().store.rows(wanted)

    async def row(self, key: str) -> Row | None:
        """Return the operation of a key as `Row.key` shows it, or None. Sends and records nothing."""
        return await self._require_open().store.find(key)

    async def find(self, client: BaseClient, request: AnyRequest) -> Row | None:
        """Return the operation of a request, or None if it was never planned. Sends and records nothing.

        After a completed cancellation there are several generations of one request; it is the last one.

        Args:
            client: The client that would send it; its provider and account are part of the key.
            request: A request value such as `CreateEDocument(18)`, or `OnOccasion(request, "February")`.

        Raises:
            TypeError: It is no client, or no request that a journal holds.
            JournalError: The journal cannot be read.
        """
        check_client(client, "journal.find")
        return await self._require_open().store.find_latest(plan_operation(request, client.name, client.account))

    async def find_conflicts(
        self, client: BaseClient, requests: Iterable[AnyRequest], occasion: str = ""
    ) -> list[Conflict]:
        """Return which of these requests are known with other parameters. Sends and records nothing.

        Args:
            client: The client that would send them.
            requests: Request values, as for `run`.
            occasion: As for `run`.

        Raises:
            JournalError: The journal cannot be read.
        """
        check_client(client, "journal.find_conflicts")
        plans = [plan_operation(request, client.name, client.account, occasion) for request in requests]
        store = self._require_open().store
        found: list[Conflict] = []
        for first in range(0, len(plans), _KEYS_PER_QUERY):
            found += await store.find_conflicts(plans[first : first + _KEYS_PER_QUERY])
        return found

    def _require_open(self) -> OpenState:
        if self._open is None:
            msg = "the journal is not open: use it inside `async with Journal.open(...) as journal`"
            raise RuntimeError(msg)
        if self._open.pid != os.getpid():
            msg = (
                f"this journal belongs to process {self._open.pid}, which opened it before the fork: open it anew here"
            )
            raise RuntimeError(msg)
        return self._open
