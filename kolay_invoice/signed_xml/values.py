"""The facts of a signed document as values. Money is exact; no repr shows names, tax numbers or addresses."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from attrs import field, frozen

from kolay_invoice.value import Value


@frozen(kw_only=True)
class Party:
    """The supplier or the customer.

    Attributes:
        name: The name of the company, or first and family name of the person.
        tax_number: VKN (10 digits) or TCKN (11 digits), where the document has one.
        tax_number_scheme: `"VKN"` or `"TCKN"`, as the document calls the number.
    """

    name: str | None = field(repr=False)
    tax_number: str | None = field(repr=False)
    tax_number_scheme: str | None


@frozen(kw_only=True)
class TaxSubtotal:
    """One tax within a total.

    Attributes:
        code: The tax's code, such as 0015 for KDV.
        percent: The rate, where there is one.
        taxable_amount: What the tax is computed from, if the document has it.
    """

    code: str | None
    name: str | None
    percent: Decimal | None
    taxable_amount: Decimal | None
    amount: Decimal


@frozen(kw_only=True)
class TaxTotal:
    """The taxes of an invoice or a line, in the invoice's currency."""

    amount: Decimal
    subtotals: tuple[TaxSubtotal, ...]


@frozen(kw_only=True)
class MonetaryTotals:
    """The totals of an invoice, in its currency, as its LegalMonetaryTotal has them."""

    line_extension: Decimal
    tax_exclusive: Decimal
    tax_inclusive: Decimal
    allowance: Decimal | None
    charge: Decimal | None
    payable_rounding: Decimal | None
    payable: Decimal


@frozen(kw_only=True)
class InvoiceLine:
    """One line of an invoice.

    Attributes:
        unit: The code of the unit, such as C62 for one piece.
        amount: Quantity times price after allowances, without taxes.
        withholding: What the customer withholds of this line (tevkifat).
    """

    id: str
    name: str = field(repr=False)
    quantity: Decimal
    unit: str | None
    unit_price: Decimal
    amount: Decimal
    tax: TaxTotal | None
    withholding: TaxTotal | None = None


@frozen(kw_only=True)
class UblInvoice(Value):
    """The facts of a UBL-TR invoice, exactly as the document states them.

    Attributes:
        number: The invoice's number, such as ABC2026000000001.
        ettn: The official identifier of the document (its UUID).
        profile: The scenario, such as TEMELFATURA, TICARIFATURA or EARSIVFATURA; an open set.
        type: The kind of invoice, such as SATIS, IADE or TEVKIFAT; an open set.
        issued_at: Date and time of issue, where the document has a time; its day is `issue_date`. Its offset is the one
            that the document states, or else the one of Türkiye's clocks on that day.
        currency: The currency of every amount but those of `tax_currency_totals`.
        withholding_totals: What the customer withholds (tevkifat), wherever the document states it: in a
            WithholdingTaxTotal, or as a subtotal of a withholding code (such as 9015) in a TaxTotal. It is no part of
            `tax_totals`.
        tax_currency: The currency in which the document states its taxes once more, if it does.
        tax_currency_totals: The same taxes in that currency. Never add them to `tax_totals`.
    """

    number: str
    ettn: UUID
    profile: str
    type: str
    issue_date: date
    issued_at: datetime | None
    supplier: Party
    customer: Party
    currency: str
    totals: MonetaryTotals
    tax_totals: tuple[TaxTotal, ...]
    withholding_totals: tuple[TaxTotal, ...]
    tax_currency: str | None = None
    tax_currency_totals: tuple[TaxTotal, ...] = ()
    lines: tuple[InvoiceLine, ...] = field(repr=lambda lines: f"<{len(lines)} lines>")


@frozen(kw_only=True)
class Signer:
    """The certificate whose key signed a document.

    Attributes:
        subject: The whole name in the certificate, as RFC 4514 writes it.
        common_name: The company or person.
        tax_number: The VKN or TCKN that a Turkish certificate names as its subject's serial number. It is the
            integrator's where an integrator signed for the supplier.
        serial_number: The serial number of the certificate.
        fingerprint: The SHA-256 of the certificate, in hexadecimal digits.
    """

    subject: str = field(repr=False)
    common_name: str | None = field(repr=False)
    tax_number: str | None = field(repr=False)
    serial_number: int
    fingerprint: str


@frozen(kw_only=True)
class Verified(Value):
    """A document whose signature holds.

    Attributes:
        invoice: The facts, read only from what the signature covers.
        signer: Whose key signed.
        signing_time: When, by the signer's own word, in Türkiye's time. No time stamp authority vouches for it.
        covered: What the signature covers: always `"document"`, which is everything but the signature itself, and
            `"signed properties"` (signing time and certificate); also `"key info"` where it is.
        signature_algorithm: Such as `"ecdsa-sha384"`.
        signature_encoding: How the two numbers of an ECDSA signature are written: `"concatenated"`, as the standard of
            XML signatures has it, or `"DER"`, as some signers leave it and other programs refuse it. None for RSA.
        sha256: The SHA-256 of the exact bytes, in hexadecimal digits.
    """

    invoice: UblInvoice
    signer: Signer
    signing_time: datetime | None
    covered: tuple[str, ...]
    signature_algorithm: str
    signature_encoding: str | None
    sha256: str
