"""The facts of the documents without money: despatch and receipt advices, and responses to other documents."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from attrs import field, frozen

from kolay_invoice.signed_xml.values import Attachment, CreditNote, Party, Reference, UblInvoice
from kolay_invoice.value import Value


@frozen(kw_only=True)
class DespatchLine:
    """One line of a despatch advice or of a receipt advice.

    Attributes:
        quantity: What was sent, or in a receipt advice what was received.
        unit: The code of the unit, such as C62 for one piece.
        short_quantity: What was missing; of a receipt advice alone, as the next two.
        rejected_quantity: What was sent back.
        reject_reason: Why.
    """

    id: str
    name: str | None = field(repr=False)
    seller_item_code: str | None
    quantity: Decimal | None
    unit: str | None
    short_quantity: Decimal | None = None
    rejected_quantity: Decimal | None = None
    reject_reason: str | None = field(default=None, repr=False)
    notes: tuple[str, ...] = field(default=(), repr=False)


@frozen(kw_only=True)
class Notice(Value):
    """What the documents without money have in common, exactly as the document states it.

    Attributes:
        number: The document's number, such as IRS2026000000001.
        ettn: The official identifier of the document (its UUID).
        profile: The scenario, such as TEMELIRSALIYE or TICARIFATURA; an open set.
        issued_at: Date and time of issue, where the document has a time; its day is `issue_date`.
        attachments: The files inside; those with `is_design` are what it is to be shown with.
    """

    number: str
    ettn: UUID
    profile: str
    issue_date: date
    issued_at: datetime | None
    notes: tuple[str, ...] = field(default=(), repr=False)
    attachments: tuple[Attachment, ...] = ()


@frozen(kw_only=True)
class Advice(Notice):
    """What a despatch advice and a receipt advice have in common, beside what a `Notice` has.

    Attributes:
        type: The kind, such as SEVK; an open set.
        supplier: Who sends the goods.
        customer: Who receives them.
        buyer: Who bought them, if it is another party.
        seller: Who sold them, if it is another party.
        order_references: The orders.
    """

    type: str | None
    supplier: Party
    customer: Party
    buyer: Party | None = None
    seller: Party | None = None
    order_references: tuple[Reference, ...] = ()
    lines: tuple[DespatchLine, ...] = field(repr=lambda lines: f"<{len(lines)} lines>")


@frozen(kw_only=True)
class DespatchAdvice(Advice):
    """The facts of a despatch advice (e-İrsaliye): those of an `Advice`, and the transport.

    Attributes:
        despatched_at: When the goods left.
        carrier: Who carries them.
        plates: The plates of the vehicles.
    """

    despatched_at: datetime | None = None
    carrier: Party | None = None
    plates: tuple[str, ...] = field(default=(), repr=False)


@frozen(kw_only=True)
class ReceiptAdvice(Advice):
    """The facts of a receipt advice (irsaliye yanıtı): those of an `Advice`, and what was received.

    Attributes:
        despatch_references: The despatch advices that it answers.
    """

    despatch_references: tuple[Reference, ...] = ()


@frozen(kw_only=True)
class Response:
    """One response to one document.

    Attributes:
        code: Such as KABUL, RED or IADE, or the code of a system response; an open set.
        descriptions: The same in words.
        reference: The document that it is about: its `id` is that document's ETTN.
    """

    code: str | None
    descriptions: tuple[str, ...] = field(repr=False)
    reference: Reference | None


@frozen(kw_only=True)
class ApplicationResponse(Notice):
    """The facts of a response to other documents (uygulama yanıtı): those of a `Notice`, and what is answered.

    Attributes:
        sender: Who answers.
        receiver: Whose document it is about.
        responses: One for each document, then those to the parts of it.
    """

    sender: Party
    receiver: Party
    responses: tuple[Response, ...]


UblDocument: TypeAlias = UblInvoice | CreditNote | DespatchAdvice | ReceiptAdvice | ApplicationResponse
"""What `read` returns."""
