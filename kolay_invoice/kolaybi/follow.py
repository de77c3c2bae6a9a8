"""Follows the statuses of invoices through a few calls of the list, with growing pauses.

Which statuses are final is published nowhere. `FINAL_STATUSES` is an assumption that the caller may replace. A status
with a word of failure counts as failed, unless it is among the final ones.
"""

from __future__ import annotations

import asyncio
import enum
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, TypeVar

from attrs import Factory, define, field, frozen

from kolay_invoice import validators
from kolay_invoice.denial import names_failure
from kolay_invoice.endpoint import Request
from kolay_invoice.errors import KolayInvoiceError, NotSentError, RateLimitedError, UnexpectedReplyError
from kolay_invoice.kolaybi.models import Direction, Invoice, ListCompanies, ListInvoices, Status
from kolay_invoice.kolaybi.models.vocabulary import DirectionName
from kolay_invoice.kolaybi.pagination import ListPages
from kolay_invoice.messages import Message
from kolay_invoice.value import Value

if TYPE_CHECKING:
    from attrs import Attribute

ReplyT = TypeVar("ReplyT")

FINAL_STATUSES: Final = frozenset({Status.SENT_TO_RECEIVER, Status.APPROVED, Status.REJECTED, Status.CANCELLED})
"""The statuses that are taken as final. No page lists which ones are."""

FIRST_PAUSE: Final = 15.0
LONGEST_PAUSE: Final = 600.0
MAX_CALLS: Final = 200
FOLLOW_SECONDS: Final = 3600.0

_NOT_SENT: Final = frozenset({None, Status.DRAFT, Status.READY_TO_SEND})
_MOST_CALLS: Final = 1_000_000
_PASSING: Final = (NotSentError, UnexpectedReplyError, RateLimitedError)
"""The errors of a look after which the next one may succeed."""


class FollowEnd(enum.StrEnum):
    """Why following ended."""

    SETTLED = "settled"
    """Every followed invoice has a final status or has failed."""
    CALLS = "calls"
    """The budget of calls was used up."""
    TIME = "time"
    """The time was over."""


@frozen
class StatusChange(Value):
    """A followed invoice whose status is seen for the first time, or is another than before."""

    document_id: int
    status: str | None
    previous: str | None
    """The status before; None when it is seen for the first time."""
    is_final: bool
    is_failed: bool
    invoice: Invoice
    """The row of the list."""


def _final_statuses(value: Iterable[object]) -> frozenset[str]:
    words = () if isinstance(value, str) else tuple(value)
    statuses = frozenset(word for word in words if isinstance(word, str) and word)
    if len(statuses) < len({*words}) or not words:
        msg = Message("{name} must hold statuses, such as {example}", name="final_statuses", example="sent_to_receiver")
        raise ValueError(msg)
    return statuses


def _since(value: date | str | None) -> date | None:
    return validators.to_date("since", value)


def _until(value: date | str | None) -> date | None:
    return validators.to_date("until", value)


def _document_ids(value: Iterable[int] | None) -> tuple[int, ...] | None:
    if value is None:
        return None
    ids = tuple(dict.fromkeys(value))
    if not ids or not all(type(one) is int and 0 < one <= validators.LARGEST_ID for one in ids):
        msg = Message("{name} must hold positive whole numbers, at least one", name="document_ids")
        raise ValueError(msg)
    return ids


def _max_calls(_instance: object, attribute: Attribute[Any], value: object) -> None:
    if type(value) is not int or not 0 < value <= _MOST_CALLS:
        msg = Message("{name} must be a whole number from 1 to {number}", name=attribute.name, number=_MOST_CALLS)
        raise ValueError(msg)


@frozen(kw_only=True)
class FollowOptions:
    """What is followed, and how long. The arguments are those of `AsyncKolayBi.follow`."""

    document_ids: tuple[int, ...] | None = field(default=None, converter=_document_ids)
    since: date | None = field(default=None, converter=_since)
    until: date | None = field(default=None, converter=_until)
    company_id: int | None = None
    direction: DirectionName = Direction.OUTBOUND
    final_statuses: frozenset[str] = field(default=FINAL_STATUSES, converter=_final_statuses)
    first_pause: float = field(default=FIRST_PAUSE, validator=validators.seconds)
    longest_pause: float = field(default=LONGEST_PAUSE, validator=validators.seconds)
    max_calls: int = field(default=MAX_CALLS, validator=_max_calls)
    give_up_after: float = field(default=FOLLOW_SECONDS, validator=validators.seconds)

    def __attrs_post_init__(self) -> None:
        if self.document_ids is None and self.since is None:
            msg = Message("give {name} or {other}: whose statuses are followed", name="document_ids", other="since")
            raise ValueError(msg)
        validators.check_range(self, "since", "until")
        # The request checks the company and the direction now, and not at the first look.
        ListInvoices(1 if self.company_id is None else self.company_id, self.direction, page=1)


class Caller(Protocol):
    """What of the client following uses."""

    async def call(self, request: Request[ReplyT]) -> ReplyT:
        """Make a call."""
        ...


@define(eq=False)
class AsyncFollower(AsyncIterator[StatusChange]):
    """Iterates over the changes of statuses. One consumer at a time; the next look is made when it asks for more.

    It ends when every followed invoice has a final status or has failed, when the budget of calls is used up, or when
    the time is over: `ended` says which.
    """

    _client: Caller
    _options: FollowOptions
    _sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    _clock: Callable[[], float] = time.monotonic
    ended: FollowEnd | None = None
    """Why it ended; None while it goes on."""
    calls: int = 0
    """How many calls were made."""
    _seen: dict[int, StatusChange] = Factory(dict)
    _ready: deque[StatusChange] = Factory(deque)
    _companies: tuple[int, ...] = ()
    _began: float | None = None
    _pause: float = 0.0
    _error: KolayInvoiceError | None = None
    _is_followed: Callable[[int], bool] = field(
        init=False, default=Factory(lambda self: _filter(self._options.document_ids), takes_self=True)
    )

    @property
    def statuses(self) -> dict[int, str | None]:
        """The last known status of each followed invoice; None for one that no list has shown."""
        asked = dict.fromkeys(self._options.document_ids or (), None)
        return {**asked, **{number: change.status for number, change in self._seen.items()}}

    @property
    def failed(self) -> tuple[int, ...]:
        """The invoices that have failed. `resend` sends such an invoice again."""
        return tuple(number for number, change in self._seen.items() if change.is_failed)

    @property
    def pending(self) -> tuple[int, ...]:
        """The invoices that have neither a final status nor failed. Of a range of days, those that were sent."""
        asked = self._options.document_ids
        numbers = asked if asked is not None else [n for n, one in self._seen.items() if one.status not in _NOT_SENT]
        return tuple(number for number in numbers if not self._is_settled(number))

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> StatusChange:
        """Return the next change.

        Raises:
            StopAsyncIteration: Following has ended: see `ended`.
            KolayInvoiceError: The list cannot be read, and waiting does not help; or no look has succeeded in the end.
        """
        while not self._ready:
            if self.ended is not None:
                raise StopAsyncIteration
            await self._wait()
            if self.ended is None:
                await self._look()
        return self._ready.popleft()

    async def _wait(self) -> None:
        """Wait for the next look, or end."""
        now = self._clock()
        if self._began is None:
            self._began, self._pause = now, self._options.first_pause
            return
        left = self._began + self._options.give_up_after - now
        if self.calls >= self._options.max_calls:
            self._end(FollowEnd.CALLS)
        elif left <= 0:
            self._end(FollowEnd.TIME)
        else:
            pause = min(self._pause, left)
            self._pause = min(self._options.longest_pause, self._pause * 2)
            await self._sleep(pause)

    def _end(self, why: FollowEnd) -> None:
        self.ended = why
        if self._error is not None:
            raise self._error

    async def _look(self) -> None:
        """Read the list once, and keep what has changed."""
        try:
            rows, is_whole = await self._read()
        except _PASSING as error:
            self._error = error
            return
        self._error = None
        changes = [change for number in rows if (change := self._change(number, rows[number])) is not None]
        if changes:
            self._pause = self._options.first_pause
            self._seen |= {change.document_id: change for change in changes}
            self._ready += changes
        # Of a range of days, a part of the list does not show everything that is followed.
        if not self.pending and (is_whole or self._options.document_ids is not None):
            self.ended = FollowEnd.SETTLED

    async def _read(self) -> tuple[dict[int, Invoice], bool]:
        """Return the followed rows of the list, by document, and whether the budget of calls was enough for all."""
        if not self._companies:
            self._companies = await self._company_ids()
        rows: dict[int, Invoice] = {}
        for company in self._companies:
            options = self._options
            pages: ListPages[Invoice] = ListPages(
                ListInvoices(company, options.direction, min_issue_date=options.since, max_issue_date=options.until),
                "list_invoices",
            )
            while pages.request is not None:
                if self.calls >= self._options.max_calls:
                    return rows, False
                for row in pages.take(await self._call(pages.request)):
                    if self._is_followed(row.document_id) and not _is_behind(row, rows.get(row.document_id)):
                        rows[row.document_id] = row
        return rows, True

    async def _company_ids(self) -> tuple[int, ...]:
        if self._options.company_id is not None:
            return (self._options.company_id,)
        return tuple(company.company_id for company in await self._call(ListCompanies()))

    async def _call(self, request: Request[ReplyT]) -> ReplyT:
        self.calls += 1
        return await self._client.call(request)

    def _change(self, number: int, row: Invoice) -> StatusChange | None:
        known = self._seen.get(number)
        if known is not None and known.status == row.status:
            return None
        is_final = row.status in self._options.final_statuses
        return StatusChange(
            number,
            row.status,
            None if known is None else known.status,
            is_final=is_final,
            is_failed=not is_final and row.status is not None and names_failure(row.status),
            invoice=row,
        )

    def _is_settled(self, number: int) -> bool:
        change = self._seen.get(number)
        return change is not None and (change.is_final or change.is_failed)


def _filter(document_ids: tuple[int, ...] | None) -> Callable[[int], bool]:
    """Return the function that says whether a document is followed. None follows every one of the list."""
    return (lambda _: True) if document_ids is None else frozenset(document_ids).__contains__


def _is_behind(row: Invoice, known: Invoice | None) -> bool:
    """Whether a row is about an earlier moment than another one of the same document: only the other is official."""
    return known is not None and _is_official(known) and not _is_official(row)


def _is_official(row: Invoice) -> bool:
    return row.uuid is not None and bool(row.no)
