"""What is done to an invoice and cannot simply be repeated: send, resend, collect; and undoing it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from attrs import field, frozen
from attrs.validators import optional

from kolay_invoice import validators
from kolay_invoice.endpoint import seen_as
from kolay_invoice.kolaybi.request import KolayBiRequest as Request
from kolay_invoice.unknown_fields import NONE_UNKNOWN
from kolay_invoice.value import Reply


@frozen
class ResentInvoice(Reply):
    """A failed invoice that was sent again. Older replies hold only `document_id`."""

    document_id: int
    uuid: UUID | None = field(default=None, metadata=seen_as("uuid", "document_uuid", "ettn", blank_is_none=True))
    status: str | None = field(default=None, metadata=seen_as("status", "document_status", key="key"))
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class EDocument(Reply):
    """An invoice that has reached the tax authority; `uuid` is its ETTN, the official number of the document."""

    document_id: int
    uuid: UUID = field(metadata=seen_as("uuid", "document_uuid", "ettn"))
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class Collection(Reply):
    """A collected invoice. `remaining_amount` is what is still owed, in the currency of the invoice."""

    transaction_status: str
    remaining_amount: Decimal
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class UndoneCollection(Reply):
    """A collection that was taken back. Its fields are unpublished: what came is under `.extra`."""

    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class CancelledEDocument(Reply):
    """A cancelled e-Arşiv document. Its fields are unpublished: what came is under `.extra`."""

    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class DeletedInvoice(Reply):
    """A deleted invoice. Its fields are unpublished: what came is under `.extra`."""

    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class Resend(Request[ResentInvoice]):
    """Send a failed e-invoice again. Cannot be undone."""

    document_id: int = field(validator=validators.positive_id)


@frozen
class CreateEDocument(Request[EDocument]):
    """Send an invoice to the tax authority (GİB). Cannot be undone."""

    document_id: int = field(validator=validators.positive_id)
    prefix: str | None = field(default=None, kw_only=True, validator=optional(validators.plain_text))
    """The series of the number. Undocumented: two clients send it."""


def _amount(value: Decimal | int | str | None) -> Decimal | None:
    return validators.positive_amount("amount", value)


@frozen
class Proceed(Request[Collection]):
    """Collect an invoice into a vault (kasa/banka: cash desk or bank account). Moves money.

    `amount` is what is collected; None collects all that remains.
    """

    document_id: int = field(validator=validators.positive_id)
    vault_id: int = field(validator=validators.positive_id)
    amount: Decimal | None = field(default=None, converter=_amount)


@frozen
class UndoProceed(Request[UndoneCollection]):
    """Take back the collection of an invoice. Moves money."""

    document_id: int = field(validator=validators.positive_id)


@frozen
class CancelEDocument(Request[CancelledEDocument]):
    """Cancel an e-Arşiv document at the tax authority (GİB), which also removes its invoice. Cannot be undone."""

    document_id: int = field(validator=validators.positive_id)


@frozen
class DeleteInvoice(Request[DeletedInvoice]):
    """Delete an invoice that is not official. Cannot be undone."""

    document_id: int = field(validator=validators.positive_id)
