"""Whether KolayBi created an associate, a product or an invoice, by what its lists show. Only reads.

What is found decides: the number of an associate, the code of a product, the order number of an invoice. That nothing
is found proves nothing: a list can lag, and the detail may not show the order number.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from operator import attrgetter
from typing import Any, Final, Protocol, TypeVar

from attrs import define, field

from kolay_invoice.errors import KolayInvoiceError, UnexpectedReplyError
from kolay_invoice.kolaybi.models import (
    Associate,
    CreatedInvoice,
    Document,
    InvoiceDetail,
    NewAssociate,
    NewInvoice,
    NewProduct,
    Product,
)
from kolay_invoice.kolaybi.readback import describe_error
from kolay_invoice.messages import Message
from kolay_invoice.readback import Evidence, Executed, NeedsPerson, NotExecuted, ReadBackQuery, Sight, Undecided

FoundT = TypeVar("FoundT")

MOST_DETAILS: Final = 100
"""The details of an associate's invoices that one look reads."""

_ONE_DAY: Final = timedelta(days=1)


class Reader(Protocol):
    """What of the client a read-back uses. It only reads."""

    async def list_associates(self, *, identity_no: str | None = None) -> list[Associate]:
        """List associates."""
        ...

    async def list_products(self, *, code: str | None = None) -> list[Product]:
        """List products."""
        ...

    def iter_documents(
        self,
        *,
        type: str | None = None,  # noqa: A002 - the provider's name.
        associate_id: int | None = None,
    ) -> AsyncIterator[Document]:
        """Iterate over the invoices of an associate: those of a kind, or sale invoices."""
        ...

    async def get_invoice(self, document_id: int) -> InvoiceDetail:
        """Look at one invoice."""
        ...


@define
class _Look:
    """What one look has shown. `is_whole` says whether everything was read."""

    evidence: list[Evidence] = field(factory=list)
    is_whole: bool = True

    def note(self, asked: str, seen: str) -> None:
        self.evidence.append(Evidence(time.time(), asked, seen))

    def fail(self, error: KolayInvoiceError) -> None:
        self.is_whole = False
        self.note(error.operation or "", Message("could not be read back: {why}", why=describe_error(error)))


async def find_associates(client: Reader, identity_no: str) -> list[Associate]:
    """Return the associates with a number. Only reads."""
    try:
        listed = await client.list_associates(identity_no=identity_no)
    except UnexpectedReplyError:
        # The filter may be ignored: then the list holds others. Without it, all are read.
        listed = await client.list_associates()
    return [one for one in listed if one.identity_no == identity_no]


async def find_products(client: Reader, code: str | None) -> list[Product]:
    """Return the products with a code. Only reads."""
    try:
        listed = await client.list_products(code=code)
    except UnexpectedReplyError:
        listed = await client.list_products()
    return [one for one in listed if one.code == code]


async def read_back_associate(client: Reader, query: ReadBackQuery[NewAssociate]) -> Sight:
    """Look for the associate with the number."""
    look = _Look()
    found: Sequence[Associate] = ()
    try:
        found = await find_associates(client, query.request.identity_no)
    except KolayInvoiceError as error:
        look.fail(error)
    named = [one for one in found if one.associate_id is not None]
    look.is_whole &= len(named) == len(found)
    return _decide("list_associates", named, look, query, attrgetter("associate_id"))


async def read_back_product(client: Reader, query: ReadBackQuery[NewProduct]) -> Sight:
    """Look for the product with the code."""
    look = _Look()
    found: Sequence[Product] = ()
    try:
        found = await find_products(client, query.request.code)
    except KolayInvoiceError as error:
        look.fail(error)
    named = [one for one in found if one.product_id is not None]
    look.is_whole &= len(named) == len(found)
    return _decide("list_products", named, look, query, attrgetter("product_id"))


async def read_back_invoice(client: Reader, query: ReadBackQuery[NewInvoice]) -> Sight:
    """Look for the order number in the details of the associate's invoices."""
    look = _Look()
    named: list[CreatedInvoice] = []
    try:
        named = [
            CreatedInvoice(document_id=document_id, grand_total=detail.grand_total)
            async for document_id, detail in _details(client, query.request, look)
            if detail.order_reference == str(query.request.order_reference)
        ]
    except KolayInvoiceError as error:
        look.fail(error)
    return _decide("get_invoice", named, look, query, attrgetter("document_id"))


async def _details(client: Reader, request: NewInvoice, look: _Look) -> AsyncIterator[tuple[int, InvoiceDetail]]:
    """Iterate over the details of the associate's invoices of about the day of the order, each with its id."""
    read = 0
    # Without its kind the list holds sale invoices only, and would show that another one is absent.
    async for document in client.iter_documents(type=request.type, associate_id=request.contact_id):
        # A list can show a day in another time zone.
        if document.order_date is not None and abs(document.order_date - request.order_date) > _ONE_DAY:
            continue
        if document.document_id is None:
            look.is_whole = False
            continue
        if read == MOST_DETAILS:
            look.is_whole = False
            return
        read += 1
        detail = await client.get_invoice(document.document_id)
        if detail.order_reference is None:
            # What hides its order number may be the one.
            look.is_whole = False
        yield document.document_id, detail


def _decide(
    asked: str,
    named: Sequence[FoundT],
    look: _Look,
    query: ReadBackQuery[Any],
    identify: Callable[[Any], int],
) -> Sight:
    look.note(asked, Message("{number} found", number=len(named)))
    evidence = tuple(look.evidence)
    earlier = {identify(one.reply) for one in query.earlier if one.reply is not None}
    new = [one for one in named if identify(one) not in earlier]
    if len(new) > 1:
        return NeedsPerson(Message("it is there more than once"), evidence)
    if new and any(one.reply is None for one in query.earlier):
        return Undecided(Message("it is there, and that may be an earlier one whose id is not known"), evidence)
    if new:
        return Executed(new[0], evidence)
    if query.absence_proves and look.is_whole:
        return NotExecuted(evidence)
    return Undecided(Message("no record of it could be read"), evidence)
