"""Reading back: what the provider's own records say about an operation that may have happened.

The decisions are pure; the calls around them only read.
"""

from __future__ import annotations

import re
from typing import Any, Final
from uuid import UUID

from attrs import evolve

from kolay_invoice.errors import KolayInvoiceError, NotFoundError, UnexpectedReplyError
from kolay_invoice.journal import text
from kolay_invoice.journal.values import Row, State
from kolay_invoice.kolaybi.client import AsyncKolayBi
from kolay_invoice.kolaybi.models import (
    CreateEDocument,
    Direction,
    EDocument,
    Invoice,
    Resend,
    ResentInvoice,
    Status,
)
from kolay_invoice.propars.client import AsyncPropars
from kolay_invoice.propars.models import SendInvoice, SentInvoice, SignedXml
from kolay_invoice.provider import Provider

NOT_YET_SENT: Final = frozenset({Status.DRAFT, Status.READY_TO_SEND})
SENT: Final = frozenset({Status.SENT, Status.SENT_TO_RECEIVER, Status.APPROVED, Status.REJECTED})

_ETTN: Final = re.compile(
    rb"<(?:\w+:)?UUID(?:\s[^>]*)?>\s*([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s*</", re.IGNORECASE
)
_NUMBER: Final = re.compile(rb"<(?:\w+:)?ID(?:\s[^>]*)?>\s*([A-Z0-9]{3}20\d{11})\s*</")

_BY_READ_BACK: Final = "found by reading back"


class ReadBack:
    """Reads operations back through the client that sends them."""

    def __init__(self, client: Provider, company_id: int | None = None) -> None:
        self._client = client
        self._company_id = company_id
        self._companies: list[int] = []

    async def decided(self, row: Row) -> Row:
        """Return an operation as its read-back leaves it: done, planned again, for a person, or still unknown."""
        try:
            if isinstance(self._client, AsyncKolayBi) and isinstance(row.request, CreateEDocument | Resend):
                return decide_kolaybi(row, await self._invoice(self._client, row.request.document_id))
            if isinstance(self._client, AsyncPropars) and isinstance(row.request, SendInvoice):
                # Only a number that the caller chose must be found again: a sale whose invoice existed before keeps the
                # one that it had, whatever was frozen for it here.
                asked = text.loads(row.given, SendInvoice).invoice_uuid
                return decide_propars(row, asked, await self._signed_xml(self._client, row.request))
        except KolayInvoiceError as error:
            return evolve(row, state=State.UNKNOWN, note=f"could not be read back: {type(error).__name__}")
        return for_a_person(row, "nothing can read this operation back")

    async def _invoice(self, kolaybi: AsyncKolayBi, document_id: int) -> Invoice | None:
        if self._company_id is not None:
            found = await self._listed(kolaybi, self._company_id, document_id)
            if found is not None:
                return found
        # That one company's list does not show it proves nothing: it may be another company's.
        if not self._companies:
            self._companies = [company.company_id for company in await kolaybi.list_companies()]
        if not self._companies:
            # No list was read, so nothing was seen to be missing.
            msg = "the account shows no company"
            raise UnexpectedReplyError(msg)
        for company_id in self._companies:
            found = await self._listed(kolaybi, company_id, document_id)
            if found is not None:
                return found
        return None

    async def _listed(self, kolaybi: AsyncKolayBi, company_id: int, document_id: int) -> Invoice | None:
        invoices = await kolaybi.list_invoices(company_id, Direction.OUTBOUND, document_id=document_id)
        return invoices[0] if invoices else None

    async def _signed_xml(self, propars: AsyncPropars, request: SendInvoice) -> SignedXml | None:
        selector: dict[str, Any] = {
            name: value
            for name in ("sale_code", "sale_id", "invoice_id")
            if (value := getattr(request, name)) is not None
        }
        try:
            return await propars.get_signed_xml(**selector)
        except NotFoundError as error:
            # A gateway answers 404 too. Only the provider's own words say that there is no signed document; a 400 can
            # mean that it is not ready yet.
            if error.detail is None and error.code is None:
                raise
            return None


def decide_kolaybi(row: Row, invoice: Invoice | None) -> Row:
    """Decide by the row of KolayBi's list. A status that nobody knows decides nothing."""
    if row.operation == "resend":
        if invoice is not None and invoice.status in SENT and invoice.uuid is not None:
            return done(row, ResentInvoice(invoice.document_id, invoice.uuid, invoice.status))
        return for_a_person(row, f"after the resend its status is {invoice and invoice.status!r}")
    if invoice is None:
        return not_executed(row)
    # A draft can have a uuid; a document is official with its uuid and its number.
    official = invoice.uuid is not None and invoice.no is not None
    if invoice.status in SENT and invoice.uuid is not None and official:
        return done(row, EDocument(invoice.document_id, invoice.uuid))
    if invoice.status in NOT_YET_SENT and not official:
        return not_executed(row)
    if invoice.status in SENT:
        return evolve(row, state=State.UNKNOWN, due_at=None, note="it is under way and has no number yet")
    return for_a_person(row, f"its status is {invoice.status!r}")


def decide_propars(row: Row, asked: UUID | None, document: SignedXml | None) -> Row:
    """Decide by the signed XML of the sale: what is signed was sent, if it is the invoice that was asked for."""
    if document is None:
        return not_executed(row)
    found = _ETTN.search(document.content)
    if found is None:
        return for_a_person(row, "its signed XML shows no ETTN")
    uuid = UUID(found[1].decode("ascii"))
    if asked not in (None, uuid):
        return for_a_person(row, f"the sale has a signed invoice with another ETTN, {uuid}")
    number = _NUMBER.search(document.content)
    return done(row, SentInvoice(uuid=uuid, number=None if number is None else number[1].decode("ascii")))


def done(row: Row, reply: object) -> Row:
    """Return an operation that has happened."""
    return evolve(row, state=State.DONE, result=reply, note=_BY_READ_BACK, due_at=None)


def not_executed(row: Row) -> Row:
    """Return an operation that is proven not to have happened: it may be sent, in this run too."""
    return evolve(
        row, state=State.PLANNED, since=None, due_at=None, tried_in=None, refusal=None, note="proven not executed"
    )


def for_a_person(row: Row, why: str) -> Row:
    """Return an operation of which only a person can say whether it happened."""
    return evolve(row, state=State.NEEDS_PERSON, due_at=None, note=why)
