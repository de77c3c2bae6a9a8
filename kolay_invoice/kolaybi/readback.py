"""Whether KolayBi carried out a send or a resend, by what its own records show of the document."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable
from typing import Any, Final, Protocol
from uuid import UUID

from attrs import define, field, frozen

from kolay_invoice.errors import KolayInvoiceError, UnexpectedReplyError
from kolay_invoice.kolaybi.models import (
    Company,
    CreateEDocument,
    Direction,
    EDocument,
    Invoice,
    InvoiceDetail,
    Resend,
    ResentInvoice,
    Status,
)
from kolay_invoice.kolaybi.models.vocabulary import DirectionName
from kolay_invoice.messages import Message, join
from kolay_invoice.readback import (
    Earlier,
    Evidence,
    Executed,
    NeedsPerson,
    NotExecuted,
    ReadBackQuery,
    Sight,
    Undecided,
)

NOT_YET_SENT: Final = frozenset({Status.DRAFT, Status.READY_TO_SEND})
SENT: Final = frozenset({Status.SENT, Status.SENT_TO_RECEIVER, Status.APPROVED, Status.REJECTED})


@frozen
class Seen:
    """The document as one of the provider's records shows it."""

    status: str | None
    uuid: UUID | None
    no: str | None
    is_detail: bool = False

    @property
    def is_official(self) -> bool:
        """Whether the document was sent. A draft can have a uuid, so a number and a status of a sent one are needed."""
        return self.uuid is not None and self.no is not None and self.status in SENT

    @property
    def is_unsent(self) -> bool:
        """Whether nothing of the document was sent."""
        return self.uuid is None and self.no is None and self.status in NOT_YET_SENT

    def describe(self) -> str:
        """Return the record as a message."""
        return Message(
            "status {status}, uuid {uuid}, number {number}",
            status=self.status,
            uuid=self.uuid or "none",
            number=self.no or "none",
        )


@define
class Look:
    """Everything that one look has shown.

    Attributes:
        earlier_ettns: The ETTNs of earlier invoices of the document, which the records can still show. None is in it if
            one of them is not known.
    """

    seen: list[Seen] = field(factory=list)
    evidence: list[Evidence] = field(factory=list)
    has_read_lists: bool = False
    """Whether the lists of all companies were read to their end."""
    earlier_ettns: frozenset[UUID | None] = frozenset()

    def note(self, asked: str, said: str, *seen: Seen) -> None:
        """Keep what a call has shown, or why it showed nothing."""
        official = next((one for one in self.without_earlier(seen) if one.is_official), None)
        uuid, number = (None, None) if official is None or None in self.earlier_ettns else (official.uuid, official.no)
        self.evidence.append(Evidence(time.time(), asked, said, uuid, number))

    def without_earlier(self, seen: Iterable[Seen]) -> list[Seen]:
        """Return the records that are not known to show an earlier invoice of the document."""
        return [one for one in seen if one.uuid is None or one.uuid not in self.earlier_ettns]

    @property
    def official(self) -> list[Seen]:
        """The records that show the document official, and not with an earlier invoice."""
        return [one for one in self.without_earlier(self.seen) if one.is_official]


class Reader(Protocol):
    """What of the client a read-back uses. It only reads."""

    async def get_invoice(self, document_id: int) -> InvoiceDetail:
        """Look at one invoice."""
        ...

    async def list_companies(self) -> list[Company]:
        """List the companies of the account."""
        ...

    async def list_invoices(self, company_id: int, direction: DirectionName, *, document_id: int) -> list[Invoice]:
        """List a company's invoices with this id."""
        ...

    def iter_invoices(self, company_id: int, direction: DirectionName) -> AsyncIterator[Invoice]:
        """Iterate over all of a company's invoices."""
        ...


async def read_back(client: Reader, query: ReadBackQuery[Any]) -> Sight:
    """Look at a document in its detail and in the lists of the companies. Only reads."""
    request, look = query.request, Look(earlier_ettns=_list_earlier_ettns(query.request, query.earlier))
    await _look_at_detail(client, request.document_id, look)
    if not look.official:
        await _look_at_lists(client, request.document_id, query.company_id, look)
    return decide(request, look, absence_proves=query.absence_proves, was_unofficial=query.was_unofficial)


def _list_earlier_ettns(request: CreateEDocument | Resend, earlier: tuple[Earlier, ...]) -> frozenset[UUID | None]:
    if isinstance(request, Resend):
        # A resent document can keep its ETTN. Only that of a cancelled invoice does not come back.
        return frozenset(one.ettn for one in earlier if one.is_cancelled and one.ettn is not None)
    return frozenset(one.ettn for one in earlier)


def decide(
    request: CreateEDocument | Resend, look: Look, *, absence_proves: bool, was_unofficial: bool = False
) -> Sight:
    """Return what a look proves. An unknown status needs a person.

    Args:
        request: The operation whose outcome is unknown.
        look: What was seen.
        absence_proves: Whether a document that no list shows was not sent.
        was_unofficial: Whether the document was seen before a resend, and was not official then. A document that was
            official before proves nothing about its resend.
    """
    evidence = tuple(look.evidence)
    if len({one.uuid for one in look.official}) > 1:
        return NeedsPerson(Message("it is seen official under several ETTNs"), evidence)
    for one in look.official:
        if one.uuid is not None:
            if None in look.earlier_ettns:
                return Undecided(
                    Message("it is official, and that may be an earlier invoice whose ETTN is not known"), evidence
                )
            if isinstance(request, Resend):
                if not was_unofficial:
                    return Undecided(
                        Message("it is official, and nobody saw that it was not before the resend"), evidence
                    )
                return Executed(ResentInvoice(request.document_id, one.uuid, one.status), evidence)
            return Executed(EDocument(request.document_id, one.uuid), evidence)
    statuses = {one.status for one in look.without_earlier(look.seen) if one.status is not None}
    unknown = sorted(statuses - NOT_YET_SENT - SENT)
    if unknown and isinstance(request, Resend):
        # What it failed with before the resend may still be shown.
        return Undecided(Message("its status is {status}", status=repr(unknown[0])), evidence)
    if unknown:
        return NeedsPerson(Message("its status is {status}", status=repr(unknown[0])), evidence)
    if isinstance(request, CreateEDocument) and _shows_nothing_sent(look, absence_proves=absence_proves):
        return NotExecuted(evidence)
    return Undecided(_explain(look), evidence)


def _shows_nothing_sent(look: Look, *, absence_proves: bool) -> bool:
    if not look.has_read_lists or not all(one.is_unsent for one in look.seen):
        return False
    return absence_proves or any(one.is_detail for one in look.seen)


def _explain(look: Look) -> str:
    rest = look.without_earlier(look.seen)
    if look.seen and not rest:
        return Message("its records show an earlier invoice only")
    if any(one.status in SENT for one in rest):
        return Message("it is under way and has no number yet")
    if not look.seen:
        return Message("no record of the document could be read")
    return Message("could not be read back: {why}", why=Message("what is seen of it decides nothing"))


async def look_before_resend(client: Reader, query: ReadBackQuery[Resend]) -> tuple[bool, tuple[Evidence, ...]]:
    """Look at a document before it is sent again. Returns whether it was seen, and was not official."""
    document_id, look = query.request.document_id, Look()
    await _look_at_detail(client, document_id, look)
    if not look.seen:
        await _look_at_lists(client, document_id, query.company_id, look)
    are_unofficial = [one.status is not None and not one.is_official for one in look.seen]
    was_unofficial = bool(are_unofficial) and all(are_unofficial)
    return was_unofficial, tuple(look.evidence)


async def _look_at_detail(client: Reader, document_id: int, look: Look) -> None:
    try:
        detail = await client.get_invoice(document_id)
    except KolayInvoiceError as error:
        look.note("get_invoice", describe_error(error))
        return
    seen = Seen(detail.status, detail.uuid, detail.no, is_detail=True)
    look.seen.append(seen)
    look.note("get_invoice", seen.describe(), seen)


async def _look_at_lists(client: Reader, document_id: int, company_id: int | None, look: Look) -> None:
    try:
        if company_id is not None:
            await _look_at_list(client, document_id, company_id, look)
            if look.seen and any(not one.is_detail for one in look.seen):
                look.has_read_lists = True
                return
        # That one company's list does not show it proves nothing: it may be another company's.
        companies = [company.company_id for company in await client.list_companies()]
        for number in companies:
            if number != company_id:
                await _look_at_list(client, document_id, number, look)
    except KolayInvoiceError as error:
        look.note(
            error.operation or "list_invoices", Message("could not be read back: {why}", why=describe_error(error))
        )
        return
    # An account that shows no company has shown no list.
    look.has_read_lists = bool(companies)
    if not companies:
        look.note(
            "list_companies", Message("could not be read back: {why}", why=Message("the account shows no company"))
        )


async def _look_at_list(client: Reader, document_id: int, company_id: int, look: Look) -> None:
    rows = await _rows(client, document_id, company_id)
    # A list can hold a document twice, once as it was and once as it is.
    seen = [Seen(row.status, row.uuid, row.no) for row in rows]
    look.seen += seen
    look.note(
        Message("list_invoices of company {number}", number=company_id),
        join(one.describe() for one in seen) or Message("not in the list"),
        *seen,
    )


async def _rows(client: Reader, document_id: int, company_id: int) -> list[Invoice]:
    try:
        return await client.list_invoices(company_id, Direction.OUTBOUND, document_id=document_id)
    except UnexpectedReplyError:
        # The filter may be ignored, or mean the invoice's number: then the list holds others. Without it, all are read.
        rows = await _rows_of_all(client, document_id, company_id)
        # A whole list echoes nothing that was asked for: that a reply is another's shows only by a second one.
        if rows and rows != await _rows_of_all(client, document_id, company_id):
            raise
        return rows


async def _rows_of_all(client: Reader, document_id: int, company_id: int) -> list[Invoice]:
    rows = client.iter_invoices(company_id, Direction.OUTBOUND)
    return [row async for row in rows if row.document_id == document_id]


def describe_error(error: KolayInvoiceError) -> str:
    """Return the class of an error and its status."""
    return type(error).__name__ + ("" if error.status is None else f" ({error.status})")
