"""Requests to keys: what makes two requests the same operation. Pure."""

from __future__ import annotations

from typing import Any, Final
from uuid import uuid4

from attrs import evolve, fields, frozen

from kolay_invoice.endpoint import Request
from kolay_invoice.journal import text
from kolay_invoice.journal.values import State
from kolay_invoice.kolaybi.models import Collection, CreateEDocument, EDocument, Proceed, Resend, ResentInvoice
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


@frozen
class Planned:
    """One operation, ready to be written down."""

    key: str
    subject: str
    """The document or sale: one thing at a time is done to it."""
    provider: str
    account: str
    operation: str
    given: str
    """The parameters as the caller gave them; the same key with others is a conflict."""
    frozen: str
    """The parameters that are sent, now and at every later attempt."""

    @property
    def shown(self) -> str:
        """The key as a message may show it: without a sale code."""
        head, code, _ = self.key.partition("sale_code=")
        return f"{head}{code}***" if code else self.key


def planned(request: Request[Any], provider: str, account: str) -> Planned:
    """Return what a request is called in the journal, with everything frozen that must not change between attempts.

    Raises:
        TypeError: A journal does not hold such requests.
    """
    operation = NAMES.get(type(request))
    if operation is None:
        msg = f"a journal holds {', '.join(kind.__name__ for kind in NAMES)}, not {type(request).__name__}"
        raise TypeError(msg)
    given = text.dumps(request)
    if isinstance(request, SendInvoice) and request.invoice_id is None and request.invoice_uuid is None:
        # Chosen here and for ever: whatever is sent again later is the same invoice.
        request = evolve(request, invoice_uuid=uuid4())
    name = next(name for name in _SELECTORS if getattr(request, name, None) is not None)
    subject = f"{provider}:{account}:{name}={getattr(request, name)}"
    return Planned(
        key=f"{provider}:{account}:{operation}:{name}={getattr(request, name)}",
        subject=subject,
        provider=provider,
        account=account,
        operation=operation,
        given=given,
        frozen=text.dumps(request),
    )


def differences(known: str, asked: str, operation: str) -> str:
    """Return both values of each parameter in which two requests under one key differ, private ones masked."""
    kind = OPERATIONS[operation]
    before, now = text.loads(known, kind), text.loads(asked, kind)
    return ", ".join(
        f"{attribute.name}: known {_shown(attribute.repr, before, attribute.name)}, "
        f"asked {_shown(attribute.repr, now, attribute.name)}"
        for attribute in fields(kind)
        if getattr(before, attribute.name) != getattr(now, attribute.name)
    )


def _shown(is_shown: object, request: Request[Any], name: str) -> str:
    return repr(getattr(request, name)) if is_shown is True else "***"
