"""Propars' requests and replies as values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from attrs import field, frozen
from attrs.validators import optional

from kolay_invoice import validators
from kolay_invoice.endpoint import seen_as
from kolay_invoice.propars.new_sale import BillingAddress, NewSale, NewSaleCustomer, SaleItem
from kolay_invoice.propars.request import ProparsRequest as Request
from kolay_invoice.propars.sale_models import GetSale, ListSales, Sale, SalePage
from kolay_invoice.redact import Secret
from kolay_invoice.unknown_fields import NONE_UNKNOWN
from kolay_invoice.value import Reply, length_of

__all__: list[str] = [
    "BillingAddress",
    "CancelInvoice",
    "CancelledInvoice",
    "GetSale",
    "GetSaleInvoice",
    "GetSignedXml",
    "InvoiceHtml",
    "InvoiceHtmlForSale",
    "ListSales",
    "NewSale",
    "NewSaleCustomer",
    "Sale",
    "SaleInvoice",
    "SaleItem",
    "SalePage",
    "SendInvoice",
    "SentInvoice",
    "SignedXml",
]


@frozen
class InvoiceHtml(Reply):
    """The preview of an invoice, as the provider renders it. It is foreign HTML: never show it in your own origin."""

    html: str = field(repr=length_of("characters"))

    def save(self, path: str | Path) -> Path:
        """Write a page that holds the preview in a sandboxed frame to a new file, and return its path.

        Opened in a browser, nothing in the preview runs and nothing is sent. See `kolay_invoice.propars.preview`.
        """
        from kolay_invoice.propars import preview

        return preview.save(self.html, path)


@frozen
class SignedXml(Reply):
    """A signed UBL-TR document, byte for byte as it came: any other serialisation of it breaks the signature."""

    content: bytes = field(repr=length_of("bytes"))

    @property
    def sha256(self) -> str:
        """The SHA-256 of the bytes, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()

    def save(self, path: str | Path) -> str:
        """Write the bytes, unchanged, to a file that only its owner can read, and return their SHA-256.

        Saving the same document again changes nothing; another document under this name is never replaced.

        Args:
            path: The file. Its folder has to exist.

        Raises:
            FileExistsError: The file is there and holds something else.
            OSError: The file cannot be written.
        """
        from kolay_invoice.new_file import save_new

        save_new(self.content, path)
        return self.sha256


@frozen
class SentInvoice(Reply):
    """An invoice that was sent.

    Its fields are unpublished: the known names are read where they fit, everything else that came is under `.extra`.
    """

    invoice_id: int | None = field(default=None, metadata=seen_as("invoice_id", "id"))
    uuid: UUID | None = field(default=None, metadata=seen_as("uuid", "invoice_uuid", "ettn"))
    number: str | None = field(default=None, metadata=seen_as("invoice_number", "number", "no"))
    status: str | None = None
    sale_id: int | None = None
    sale_code: str | None = field(default=None, repr=False)
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class CancelledInvoice(Reply):
    """A cancelled invoice. Its fields are unpublished: see `SentInvoice`."""

    sale_id: int | None = None
    sale_code: str | None = field(default=None, repr=False)
    status: str | None = None
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class SaleInvoice(Reply):
    """An invoice of a sale. Its fields are unpublished: see `SentInvoice`. `.extra` can hold the buyer's data."""

    invoice_id: int | None = field(default=None, metadata=seen_as("invoice_id", "id"))
    uuid: UUID | None = field(default=None, metadata=seen_as("uuid", "invoice_uuid", "ettn"))
    number: str | None = field(default=None, metadata=seen_as("invoice_number", "number", "no", blank_is_none=True))
    status: str | None = field(default=None, metadata=seen_as("status", key="key"))
    sale_id: int | None = field(default=None, metadata=seen_as("sale_id", "sale.sale_id", "sale.id", "sale"))
    sale_code: str | None = field(default=None, repr=False, metadata=seen_as("sale_code", "sale.sale_code"))
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class AuthToken:
    """A token and its expiry, if the reply has it."""

    token: Secret = field(repr=False)
    ends_at: datetime | None = None


def _invoice_date(value: datetime | str | None) -> datetime | None:
    return None if value is None else validators.to_datetime("invoice_date", value)


def _invoice_uuid(value: UUID | str | None) -> UUID | None:
    return None if value is None else validators.to_uuid4("invoice_uuid", value)


_id = optional(validators.positive_id)
_code = optional(validators.sale_code)


@frozen(kw_only=True)
class InvoiceHtmlForSale(Request[InvoiceHtml]):
    """Show the invoice of a sale, and create it when there is none. Exactly one of `sale_code` and `sale_id`."""

    sale_code: str | None = field(default=None, repr=False, validator=_code)
    sale_id: int | None = field(default=None, validator=_id)
    invoice_date: datetime | None = field(default=None, converter=_invoice_date)
    invoice_uuid: UUID | None = field(default=None, converter=_invoice_uuid)
    invoice_number: str | None = field(default=None, validator=optional(validators.invoice_number))
    invoice_char_code: str | None = field(default=None, validator=optional(validators.plain_text))

    def __attrs_post_init__(self) -> None:
        validators.exactly_one(self, "sale_code", "sale_id")


@frozen(kw_only=True)
class SendInvoice(Request[SentInvoice]):
    """Send the invoice of a sale to the tax authority. Cannot be undone.

    Exactly one of `sale_code`, `sale_id` and `invoice_id`; an invoice that exists already keeps its date and numbers,
    so `invoice_id` goes with none of the others.
    """

    sale_code: str | None = field(default=None, repr=False, validator=_code)
    sale_id: int | None = field(default=None, validator=_id)
    invoice_id: int | None = field(default=None, validator=_id)
    invoice_date: datetime | None = field(default=None, converter=_invoice_date)
    invoice_uuid: UUID | None = field(default=None, converter=_invoice_uuid)
    invoice_number: str | None = field(default=None, validator=optional(validators.invoice_number))
    invoice_char_code: str | None = field(default=None, validator=optional(validators.plain_text))

    def __attrs_post_init__(self) -> None:
        validators.exactly_one(self, "sale_code", "sale_id", "invoice_id")
        if self.invoice_id is not None:
            validators.forbid_with(
                self, "invoice_id", "invoice_date", "invoice_uuid", "invoice_number", "invoice_char_code"
            )


@frozen(kw_only=True)
class GetSignedXml(Request[SignedXml]):
    """Fetch the signed XML of a sent invoice. Changes nothing. Exactly one selector."""

    sale_code: str | None = field(default=None, repr=False, validator=_code)
    sale_id: int | None = field(default=None, validator=_id)
    invoice_id: int | None = field(default=None, validator=_id)

    def __attrs_post_init__(self) -> None:
        validators.exactly_one(self, "sale_code", "sale_id", "invoice_id")


@frozen(kw_only=True)
class CancelInvoice(Request[CancelledInvoice]):
    """Cancel the invoice that a sale has now. Exactly one of `sale_id` and `sale_code`."""

    sale_id: int | None = field(default=None, validator=_id)
    sale_code: str | None = field(default=None, repr=False, validator=_code)

    def __attrs_post_init__(self) -> None:
        validators.exactly_one(self, "sale_id", "sale_code")


@frozen
class GetSaleInvoice(Request[SaleInvoice]):
    """Look at one invoice of a sale. Changes nothing."""

    invoice_id: int = field(validator=validators.positive_id)


@frozen(kw_only=True)
class FetchAuthToken(Request[AuthToken]):
    """Exchange user name and password for a token. Changes nothing."""

    username: Secret = field(repr=False)
    password: Secret = field(repr=False)
