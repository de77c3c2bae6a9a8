"""Requests to keys: what makes two requests the same operation. Pure."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

from attrs import evolve, field, fields, frozen

from kolay_invoice.endpoint import Request
from kolay_invoice.journal import text
from kolay_invoice.journal.values import State, show_key
from kolay_invoice.kolaybi.models import Collection, CreateEDocument, EDocument, Proceed, Resend, ResentInvoice
from kolay_invoice.messages import Message, join
from kolay_invoice.propars.models import CancelInvoice, CancelledInvoice, SendInvoice, SentInvoice

OPERATIONS: Final[dict[str, type[Request[Any]]]] = {
    "create_e_document": CreateEDocument,
    "resend": Resend,
    "proceed": Proceed,
    "send_invoice": SendInvoice,
    "cancel_invoice": CancelInvoice,
}
"""The operations that a journal can hold: those with an effect and a typed answer that may be kept in a file."""

REPLIES: Final[dict[str, type[Any]]] = {
    "create_e_document": EDocument,
    "resend": ResentInvoice,
    "proceed": Collection,
    "send_invoice": SentInvoice,
    "cancel_invoice": CancelledInvoice,
}

NAMES: Final[dict[type[Request[Any]], str]] = {request: name for name, request in OPERATIONS.items()}

_SELECTORS: Final = ("document_id", "sale_code", "sale_id", "invoice_id")


def state_of_doubt(operation: str) -> State:
    """Return where an operation goes that may have happened: a payment and a cancellation cannot be read back."""
    return State.NEEDS_PERSON if operation in {"proceed", "cancel_invoice"} else State.UNKNOWN


ENDED_BY: Final[dict[str, str]] = {"send_invoice": "cancel_invoice"}
"""Which operation, when it is done, ends what another has come to: what is planned after it is new."""

ENDS: Final[dict[str, str]] = {ending: ended for ended, ending in ENDED_BY.items()}

LONGEST_OCCASION: Final = 100


@frozen
class OnOccasion:
    """A request that is made once more on purpose, under an occasion of the caller's choosing, such as "February"."""

    request: Request[Any]
    occasion: str = field(validator=lambda _request, _attribute, value: check_occasion(value))


def check_occasion(value: object) -> None:
    """Refuse an occasion that is no short printable text.

    Raises:
        ValueError: It is none.
    """
    if not isinstance(value, str) or len(value) > LONGEST_OCCASION or not value.isprintable():
        msg = Message(
            "occasion must be a printable text of at most {number} characters, not {given}",
            number=LONGEST_OCCASION,
            given=f"{value!r:.120}",
        )
        raise ValueError(msg)


@frozen
class Planned:
    """One operation, ready to be written down."""

    subject: str = field(repr=False)
    """The document or sale: one thing at a time is done to it."""
    provider: str
    account: str
    operation: str
    selector: str = field(repr=False)
    """Which field names the document or sale, and its value."""
    occasion: str
    given: str = field(repr=False)
    """The parameters as the caller gave them; the same key with others is a conflict."""
    frozen: str = field(repr=False)
    """The parameters that are sent, now and at every later attempt."""
    request: Request[Any]
    generation: int = 0
    """How many cancellations of the document or sale were done before it; the journal knows."""
    asked_by: str = ""
    """What asks for it, where that can ask twice for one thing: a job of a queue."""

    @property
    def key(self) -> str:
        """The operation's name in the journal. The selector comes last, so that no value in it can pass for a part."""
        generation = f":generation={self.generation}" if self.generation else ""
        occasion = f":occasion={quote(self.occasion, safe='')}" if self.occasion else ""
        return f"{self.provider}:{self.account}:{self.operation}{generation}{occasion}:{self.selector}"

    @property
    def shown(self) -> str:
        """The key as a message may show it: without a sale code."""
        return show_key(self.key)


def planned(request: Request[Any] | OnOccasion, provider: str, account: str, occasion: str = "") -> Planned:
    """Return what a request is called in the journal, with everything frozen that must not change between attempts.

    Raises:
        TypeError: A journal does not hold such requests.
    """
    if isinstance(request, OnOccasion):
        return planned(request.request, provider, account, request.occasion)
    operation = NAMES.get(type(request))
    if operation is None:
        msg = f"a journal holds {', '.join(kind.__name__ for kind in NAMES)}, not {type(request).__name__}"
        raise TypeError(msg)
    given = text.dumps(request)
    frozen = request
    if isinstance(request, SendInvoice) and request.invoice_id is None and request.invoice_uuid is None:
        # Chosen here and for ever: whatever is sent again later is the same invoice.
        frozen = evolve(request, invoice_uuid=uuid4())
    name = next(name for name in _SELECTORS if getattr(request, name, None) is not None)
    selector = f"{name}={getattr(request, name)}"
    return Planned(
        subject=f"{provider}:{account}:{selector}",
        provider=provider,
        account=account,
        operation=operation,
        selector=selector,
        occasion=occasion,
        given=given,
        frozen=text.dumps(frozen),
        request=request,
    )


def corrected(known_frozen: str, one: Planned) -> str:
    """Return the frozen parameters of a corrected request. An ETTN that was chosen here stays the invoice's."""
    request = text.loads(one.frozen, OPERATIONS[one.operation])
    if isinstance(request, SendInvoice) and text.loads(one.given, SendInvoice).invoice_uuid is None:
        request = evolve(request, invoice_uuid=text.loads(known_frozen, SendInvoice).invoice_uuid)
    return text.dumps(request)


def differences(known: str, asked: str, operation: str) -> str:
    """Return both values of each parameter in which two requests under one key differ, private ones masked."""
    kind = OPERATIONS[operation]
    before, now = text.loads(known, kind), text.loads(asked, kind)
    return join(
        (
            Message(
                "{name}: known {before}, asked {now}",
                name=attribute.name,
                before=_shown(attribute.repr, before, attribute.name),
                now=_shown(attribute.repr, now, attribute.name),
            )
            for attribute in fields(kind)
            if getattr(before, attribute.name) != getattr(now, attribute.name)
        ),
        ", ",
    )


def _shown(is_shown: object, request: Request[Any], name: str) -> str:
    return repr(getattr(request, name)) if is_shown is True else "***"
