"""Read-back: looks an unknown operation up at the provider and decides its new state. Endpoints define the look-ups."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeAlias, cast

from attrs import evolve

from kolay_invoice.call_loop import own_connections
from kolay_invoice.client import BaseClient
from kolay_invoice.endpoint import Request
from kolay_invoice.journal import serialization
from kolay_invoice.journal.models import Row, State
from kolay_invoice.messages import Message
from kolay_invoice.operations import BY_NAME, JournaledReply, ends
from kolay_invoice.readback import (
    Earlier,
    Evidence,
    Executed,
    NeedsPerson,
    NotExecuted,
    ReadBackQuery,
    Repeatable,
    Sight,
)

FindEarlier: TypeAlias = Callable[[Row], Awaitable[Sequence[Row]]]
"""Returns what was done on the document, sale or order of an operation, apart from the operation itself."""

LONGEST_PAUSE: Final = 3600.0
_FIRST_PAUSE: Final = 0.05
_EVIDENCE_LIMIT: Final = 20
"""How many pieces of evidence are kept; older ones are dropped."""

BEFORE: Final = "before the resend"
UNOFFICIAL_BEFORE: Final = "before the resend, not official"
"""Labels of evidence from before a resend. This evidence is never dropped."""

_BY_READ_BACK: Final = Message("found by reading back")
_NOT_EXECUTED: Final = Message("proven not executed")


class ReadBack:
    """Looks operations up, through the client that sends them."""

    def __init__(
        self,
        client: BaseClient,
        find_earlier: FindEarlier,
        company_id: int | None = None,
        *,
        absence_proves: bool = False,
    ) -> None:
        self._client = client
        self._find_earlier = find_earlier
        self._company_id = company_id
        self._absence_proves = absence_proves

    async def look(self, row: Row) -> Sight:
        """Look an operation up on separate connections. Never raises for a reply of the provider."""
        endpoint = self._client.endpoints.get(type(row.request))
        if endpoint is None or endpoint.read_back is None:
            return NeedsPerson(Message("nothing can read this operation back"))
        query = self._query(row, list_earlier(row, await self._find_earlier(row)))
        with _own_connections():
            return await endpoint.read_back(self._client, query)

    async def look_before(self, row: Row) -> Row:
        """Record how a document looks before it is sent again. Later read-backs are compared with it."""
        endpoint = self._client.endpoints.get(type(row.request))
        if endpoint is None or endpoint.look_before is None:
            return row
        with _own_connections():
            was_unofficial, evidence = await endpoint.look_before(self._client, self._query(row))
        asked = UNOFFICIAL_BEFORE if was_unofficial else BEFORE
        earlier = [one for one in row.evidence if one.asked not in (BEFORE, UNOFFICIAL_BEFORE)]
        # What was official before the resend does not show that the resend was executed.
        seen = tuple(evolve(one, asked=asked, ettn=None, number=None) for one in evidence)
        return keep_evidence(evolve(row, evidence=tuple(earlier)), seen)

    def _query(self, row: Row, earlier: tuple[Earlier, ...] = ()) -> ReadBackQuery[Request[Any]]:
        return ReadBackQuery(
            row.request,
            requested=serialization.loads(row.given, type(row.request)),
            company_id=self._company_id,
            absence_proves=self._absence_proves,
            was_unofficial=any(one.asked == UNOFFICIAL_BEFORE for one in row.evidence),
            earlier=earlier,
        )


def list_earlier(row: Row, done: Sequence[Row]) -> tuple[Earlier, ...]:
    """Return the earlier executions on the document, sale or order of an operation.

    Args:
        row: The operation.
        done: What was done on the same document, sale or order.
    """
    executions = [
        one
        for one in done
        if one.generation <= row.generation and (one.operation == row.operation or one.ettn is not None)
    ]
    cancelled: dict[str, int] = {}
    for one in done:
        ended = ends(BY_NAME[one.provider, one.operation])
        cancelled[ended] = max(one.generation, cancelled.get(ended, 0))
    # What was cancelled, but sent without this journal, has left records too.
    unrecorded = set(range(row.generation)) - {one.generation for one in executions}
    return (
        *(Earlier(one.ettn, one.result, one.generation <= cancelled.get(one.operation, -1)) for one in executions),
        *(Earlier(is_cancelled=True) for _ in unrecorded),
    )


@contextmanager
def _own_connections() -> Iterator[None]:
    token = own_connections.set(True)
    try:
        yield
    finally:
        own_connections.reset(token)


def apply_sight(row: Row, sight: Sight, *, quiet_period: float, give_up_after: float, now: float, run: int) -> Row:
    """Return an operation after a read-back: done, planned again, for a person, or still unknown.

    Args:
        row: The operation.
        sight: The result of the look-up.
        quiet_period: Seconds of the first wait; each undecided read-back doubles the next one.
        give_up_after: Seconds after which an undecided operation needs a person.
        now: The time by the journal's clock.
        run: The run that made the look-up.
    """
    row = keep_evidence(row, sight.evidence)
    match sight:
        case Executed():
            return to_done(row, sight.reply, run)
        case NotExecuted():
            return to_planned_again(row)
        case Repeatable():
            # That holds at this moment only, so it is looked up again before it is sent.
            return evolve(to_planned_again(row, sight.why), is_proven_unsent=False)
        case NeedsPerson():
            return to_needs_person(row, sight.why)
    if row.doubt_since is not None and row.doubt_since > now:
        # It was written by a clock that was ahead and would never expire, so it restarts now.
        row = evolve(row, doubt_since=now)
    if row.doubt_since is not None and now - row.doubt_since >= give_up_after:
        return to_needs_person(
            row, Message("undecided for {number} seconds: {why}", number=f"{give_up_after:.0f}", why=sight.why)
        )
    pause = min(LONGEST_PAUSE, max(quiet_period, _FIRST_PAUSE) * 2 ** min(row.looks + 1, 30))
    return evolve(row, state=State.UNKNOWN, pause=pause, looks=row.looks + 1, note=sight.why)


def to_done(row: Row, reply: object, run: int | None, note: str = _BY_READ_BACK) -> Row:
    """Return an operation as done."""
    return evolve(
        row,
        state=State.DONE,
        result=cast("JournaledReply | None", reply),
        refusal=None,
        note=note,
        since=None,
        doubt_since=None,
        pause=None,
        settled_at=time.time(),
        settled_in=run,
    )


def to_planned_again(row: Row, note: str = _NOT_EXECUTED) -> Row:
    """Return an operation that was proven not executed or may be repeated. It may be sent again, also in this run."""
    return evolve(
        row,
        state=State.PLANNED,
        since=None,
        doubt_since=None,
        pause=None,
        looks=0,
        tried_in=None,
        refusal=None,
        settled_at=None,
        settled_in=None,
        is_proven_unsent=True,
        note=note,
    )


def to_needs_person(row: Row, why: str) -> Row:
    """Return an operation as one that needs a person."""
    return evolve(row, state=State.NEEDS_PERSON, pause=None, note=why)


def keep_evidence(row: Row, evidence: tuple[Evidence, ...]) -> Row:
    """Return an operation with new evidence. Only the last pieces are kept."""
    before = tuple(one for one in row.evidence if one.asked in (BEFORE, UNOFFICIAL_BEFORE))
    others = tuple(one for one in row.evidence if one not in before)
    return evolve(row, evidence=(*before, *(*others, *evidence)[-_EVIDENCE_LIMIT:]))
