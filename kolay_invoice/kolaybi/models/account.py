"""The account itself: its companies, vaults and token."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from attrs import field, frozen
from attrs.validators import optional

from kolay_invoice import validators
from kolay_invoice.endpoint import seen_as
from kolay_invoice.kolaybi.models.associates import Address
from kolay_invoice.kolaybi.request import KolayBiRequest as Request
from kolay_invoice.redact import Secret
from kolay_invoice.unknown_fields import NONE_UNKNOWN
from kolay_invoice.value import Reply


@frozen
class Company(Reply):
    """A company of the account. `is_invoice_resendable` says whether `resend` may be used for its invoices."""

    company_id: int
    company_name: str | None = field(default=None, repr=False)
    identity_no: str | None = field(default=None, repr=False)
    tax_office: str | None = field(default=None, repr=False)
    company_currency: str | None = None
    address: Address | None = field(default=None, repr=False)
    is_invoice_resendable: bool | None = field(
        # The page and the replies spell it without the second "a".
        default=None,
        metadata=seen_as("is_invoice_resendble", "is_invoice_resendable"),
    )
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class Vault(Reply):
    """A vault (kasa/banka): a cash desk or a bank account. Its fields are unpublished: see `InvoiceDetail`.

    `type` is seen as `SAFE_DEPOSIT` and `BANK_ACCOUNT`, `currency` in lower case; both are open sets.
    """

    vault_id: int | None = field(default=None, metadata=seen_as("id", "vault_id"))
    name: str | None = None
    type: str | None = field(default=None, metadata=seen_as("type", key="key"))
    balance: Decimal | None = None
    currency: str | None = field(default=None, metadata=seen_as("currency", key="key"))
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class VaultMovement(Reply):
    """A movement of a vault. Its fields are unpublished, and none is known that names the document.

    The name under which a day comes is a guess, and so `booked_on` is often None.
    """

    movement_id: int | None = field(default=None, metadata=seen_as("id", "movement_id", "transaction_id"))
    amount: Decimal | None = None
    description: str | None = field(default=None, repr=False)
    currency: str | None = field(default=None, kw_only=True, metadata=seen_as("currency", key="key"))
    booked_on: date | None = field(
        default=None, kw_only=True, metadata=seen_as("transaction_date", "date", "issue_date", "created_at")
    )
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class VaultTotal(Reply):
    """What the movements of a vault come to, in one currency."""

    amount: Decimal | None = None
    currency: str | None = field(default=None, metadata=seen_as("currency", key="key"))
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class VaultTransactions(Reply):
    """The movements of a vault. They are evidence of a collection, not proof: none names its document."""

    movements: tuple[VaultMovement, ...] = ()
    totals: tuple[VaultTotal, ...] = ()
    extra: Mapping[str, Any] = field(default=NONE_UNKNOWN, repr=False, hash=False)


@frozen
class ListCompanies(Request[tuple[Company, ...]]):
    """List the companies of the account. Changes nothing."""


@frozen
class ListVaults(Request[tuple[Vault, ...]]):
    """List the vaults of the account. Changes nothing."""

    currency: str | None = field(default=None, kw_only=True, validator=optional(validators.plain_text))
    type: str | None = field(default=None, kw_only=True, validator=optional(validators.plain_text))


@frozen
class ListVaultTransactions(Request[VaultTransactions]):
    """List the movements of a vault. Changes nothing."""

    vault_id: int = field(validator=validators.positive_id)


@frozen
class FetchAccessToken(Request[Secret]):
    """Exchange the api key for a token of 24 hours. Changes nothing."""

    api_key: Secret = field(repr=False)
