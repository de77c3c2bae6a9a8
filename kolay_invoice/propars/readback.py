"""Whether Propars sent the invoice of a sale, by its signed XML and by the list of sales."""

from __future__ import annotations

import time
from typing import Protocol

from attrs import define, field

from kolay_invoice.errors import KolayInvoiceError, NotFoundError
from kolay_invoice.messages import Message, join
from kolay_invoice.propars.models import GetSignedXml, NewSale, Sale, SaleInvoice, SendInvoice, SentInvoice, SignedXml
from kolay_invoice.propars.xml_facts import read_signed_invoice_async
from kolay_invoice.readback import (
    Evidence,
    Executed,
    NeedsPerson,
    NotExecuted,
    ReadBackQuery,
    Repeatable,
    Sight,
    Undecided,
)


@define
class Look:
    """Everything that one look has shown."""

    evidence: list[Evidence] = field(factory=list)

    def note(self, asked: str, seen: str) -> None:
        """Keep what a call has shown, or why it showed nothing."""
        self.evidence.append(Evidence(time.time(), asked, seen))

    def undecided(self, why: str) -> Undecided:
        """Return that nothing seen so far decides."""
        return Undecided(why, tuple(self.evidence))

    def not_read(self, why: str) -> Undecided:
        """Return that nothing could be read that decides."""
        return self.undecided(Message("could not be read back: {why}", why=why))


class Reader(Protocol):
    """What of the client a read-back uses. It only reads."""

    async def call(self, request: GetSignedXml) -> SignedXml:
        """Fetch the signed XML of a sale or an invoice."""
        ...

    async def list_sales(self, *, invoice_sent: bool | None = None, search: str) -> list[Sale]:
        """List sales: all, those that are sent, or those that are not."""
        ...

    async def get_sale(self, sale_id: int) -> Sale:
        """Look at one sale."""
        ...

    async def get_invoice(self, invoice_id: int) -> SaleInvoice:
        """Look at one invoice."""
        ...


async def read_back(client: Reader, query: ReadBackQuery[SendInvoice]) -> Sight:
    """Look at the signed XML of a sale, and where there is none, at the sale itself. Only reads."""
    request = query.request
    look = Look()
    try:
        document = await client.call(_signed_xml_of(request))
    except NotFoundError as error:
        look.note("get_signed_xml", f"NotFoundError ({error.status})")
        # A gateway can answer 404 too. Only a 404 in the provider's own format proves that there is no signed document.
        if not error.is_in_own_words:
            return look.not_read("NotFoundError")
        if query.absence_proves:
            return NotExecuted(tuple(look.evidence))
    except KolayInvoiceError as error:
        look.note("get_signed_xml", type(error).__name__)
        return look.not_read(type(error).__name__)
    else:
        return await _decide_by_document(document, query, look)
    try:
        return await _decide_by_sale(client, request, look)
    except KolayInvoiceError as error:
        look.note(error.operation or "list_sales", type(error).__name__)
        return look.not_read(type(error).__name__)


def _signed_xml_of(request: SendInvoice) -> GetSignedXml:
    return GetSignedXml(sale_code=request.sale_code, sale_id=request.sale_id, invoice_id=request.invoice_id)


async def _decide_by_document(document: SignedXml, query: ReadBackQuery[SendInvoice], look: Look) -> Sight:
    try:
        facts = await read_signed_invoice_async(document.content)
    except ValueError as error:
        look.note("get_signed_xml", Message("no signed invoice: {why}", why=error))
        return look.undecided(
            Message(
                "could not be read back: {why}", why=Message("its signed XML is no signed invoice ({why})", why=error)
            )
        )
    look.note("get_signed_xml", Message("ETTN {ettn}, number {number}", ettn=facts.ettn, number=facts.number or "none"))
    evidence = tuple(look.evidence)
    # A sale whose invoice existed before keeps the ETTN that it had, whatever was chosen for it.
    if query.requested.invoice_uuid not in (None, facts.ettn):
        return NeedsPerson(
            Message("the sale has a signed invoice with another ETTN, {name}", name=facts.ettn), evidence
        )
    is_earlier = facts.ettn in {one.ettn for one in query.earlier}
    if is_earlier or (query.earlier and facts.ettn != query.request.invoice_uuid):
        return look.undecided(Message("its signed XML may be that of an earlier invoice"))
    return Executed(SentInvoice(uuid=facts.ettn, number=facts.number), evidence)


async def _decide_by_sale(client: Reader, request: SendInvoice, look: Look) -> Sight:
    """Look for the sale among those that are sent and those that are not: it has to be in the second list alone."""
    sale_id, sale_code = request.sale_id, request.sale_code
    if request.invoice_id is not None:
        invoice = await client.get_invoice(request.invoice_id)
        sale_id, sale_code = invoice.sale_id, invoice.sale_code
    if sale_code is None and sale_id is not None:
        sale_code = (await client.get_sale(sale_id)).sale_code
    if sale_code is None:
        look.note("get_sale", Message("no sale code"))
        return look.not_read(Message("the sale shows no code to look for"))

    found: dict[bool, list[Sale]] = {}
    for sent in (False, True):
        rows = await client.list_sales(invoice_sent=sent, search=sale_code)
        found[sent] = [row for row in rows if row.sale_code == sale_code and sale_id in (None, row.sale_id)]
        look.note(f"list_sales(invoice_sent={str(sent).lower()})", _describe(found[sent]))
    # Where the filter is ignored, the sale stands in both lists, and neither proves anything.
    if found[False] and not found[True] and not any(row.invoice_sent for row in found[False]):
        return NotExecuted(tuple(look.evidence))
    return look.not_read(Message("the lists of sales do not show that it was not sent"))


async def read_back_sale(client: Reader, query: ReadBackQuery[NewSale]) -> Sight:
    """Look whether a sale may be saved again: it may until its invoice is sent. Only reads.

    That the sale is in the list does not show which of its savings was executed, and the page says that one more is an
    update of the same sale.
    """
    look = Look()
    code = query.request.sale_code
    try:
        rows = [row for row in await client.list_sales(search=code) if row.sale_code == code]
    except KolayInvoiceError as error:
        look.note("list_sales", type(error).__name__)
        return look.not_read(type(error).__name__)
    look.note("list_sales", _describe(rows))
    evidence = tuple(look.evidence)
    if any(row.invoice_sent for row in rows):
        return NeedsPerson(
            Message("the invoice of the sale was sent, and no record tells whether this save came before"), evidence
        )
    return Repeatable(Message("it may be saved again: that updates the same sale"), evidence)


def _describe(rows: list[Sale]) -> str:
    return join(Message("in the list, invoice_sent {value}", value=row.invoice_sent) for row in rows) or Message(
        "not in the list"
    )
