"""The facts of a signed document as values. Money is exact; no repr shows names, tax numbers or addresses."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
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
        tax_office: The name of the tax office.
        other_ids: Its other numbers, each after its scheme as the document has it, such as MERSISNO or TICARETSICILNO.
    """

    name: str | None = field(repr=False)
    tax_number: str | None = field(repr=False)
    tax_number_scheme: str | None
    tax_office: str | None = field(default=None, repr=False)
    other_ids: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@frozen(kw_only=True)
class Reference:
    """Another document that a document names.

    Attributes:
        id: Its number, or its ETTN, as the document has it.
        issue_date: Its day, if it is stated.
        type_code: The code of its kind, such as IADE at the invoice that is returned.
        type: The name of its kind.
    """

    id: str
    issue_date: date | None = None
    type_code: str | None = None
    type: str | None = None


@frozen(kw_only=True)
class Attachment:
    """A file inside a document, such as the design (XSLT) that it is to be shown with.

    Attributes:
        name: The file's name, as the document has it. It is the sender's word: never write to that path.
        mime_type: Such as application/xml.
        content: Its bytes; None where they cannot be decoded.
    """

    id: str | None
    name: str | None
    mime_type: str | None
    type: str | None
    content: bytes | None = field(repr=lambda content: "None" if content is None else f"<{len(content)} bytes>")

    @property
    def is_design(self) -> bool:
        """Whether it is an XSLT, by its name or its kind."""
        named = (self.name or "").lower().endswith((".xslt", ".xsl"))
        return named or (self.type or "").lower() in {"xslt", "xsl"}


@frozen(kw_only=True)
class AllowanceCharge:
    """An allowance (iskonto) or a charge (artırım) of an invoice or a line.

    Attributes:
        is_charge: Whether it is added; an allowance is taken off.
        rate: Such as 0.1 for a tenth, as the document has it.
        amount: In the invoice's currency; None where it is stated in another one, or cannot be read.
        base_amount: What the rate is applied to.
    """

    is_charge: bool
    reason: str | None = field(repr=False)
    rate: Decimal | None
    amount: Decimal | None
    base_amount: Decimal | None


@frozen(kw_only=True)
class ExchangeRate:
    """The rate at which one currency is turned into another.

    Attributes:
        purpose: `"pricing"`, `"payment"` or `"tax"`: the amounts that it is for.
        rate: How much of the target one unit of the source is.
    """

    purpose: str
    source_currency: str | None
    target_currency: str | None
    rate: Decimal | None
    day: date | None


@frozen(kw_only=True)
class PaymentMeans:
    """One way to pay.

    Attributes:
        code: The code of UN/EDIFACT 4461, such as 42 for a bank account.
        account: The number of the account to pay to: an IBAN, as the document has it.
    """

    code: str | None
    due_date: date | None
    account: str | None = field(repr=False)
    currency: str | None
    note: str | None = field(repr=False)


@frozen(kw_only=True)
class Difference:
    """An amount that the lines, the rates or the other amounts of the document do not make.

    Attributes:
        name: The amount, such as `"totals.payable"` or `"line.amount"`.
        line: The id of the line, where it is an amount of one.
        stated: What the document has.
        computed: What follows from the rest of it.
    """

    name: str
    line: str | None
    stated: Decimal
    computed: Decimal


@frozen(kw_only=True)
class TaxSubtotal:
    """One tax within a total.

    Attributes:
        code: The tax's code, such as 0015 for KDV.
        percent: The rate, where there is one.
        taxable_amount: What the tax is computed from, if the document has it.
        exemption_code: Why no tax, or less, is due: the code of the list of exemptions, such as 301 for an export.
        exemption_reason: The same in words.
    """

    code: str | None
    name: str | None
    percent: Decimal | None
    taxable_amount: Decimal | None
    amount: Decimal
    exemption_code: str | None = None
    exemption_reason: str | None = None


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
        seller_item_code: The seller's code of what is sold.
        buyer_item_code: The buyer's.
    """

    id: str
    name: str = field(repr=False)
    quantity: Decimal
    unit: str | None
    unit_price: Decimal
    amount: Decimal
    tax: TaxTotal | None
    withholding: TaxTotal | None = None
    description: str | None = field(default=None, repr=False)
    seller_item_code: str | None = None
    buyer_item_code: str | None = None
    notes: tuple[str, ...] = field(default=(), repr=False)
    allowances_and_charges: tuple[AllowanceCharge, ...] = ()


@frozen(kw_only=True)
class Bill(Value):
    """What an invoice and a credit note have in common, exactly as the document states it.

    A fact that the document does not state, or states in two ways, is None. Only the facts without a default have to be
    there.

    Attributes:
        number: The document's number, such as ABC2026000000001.
        ettn: The official identifier of the document (its UUID).
        profile: The scenario, such as TEMELFATURA, TICARIFATURA or EARSIVFATURA; an open set.
        type: The kind, such as SATIS, IADE or TEVKIFAT; an open set.
        issued_at: Date and time of issue, where the document has a time; its day is `issue_date`. Its offset is the one
            that the document states, or else the one of Türkiye's clocks on that day.
        buyer: The buyer beside the customer, such as the tourist or the foreign buyer of an export.
        currency: The currency of every amount but those of `tax_currency_totals`.
        withholding_totals: What the customer withholds (tevkifat), wherever the document states it: in a
            WithholdingTaxTotal, or as a subtotal of a withholding code (such as 9015) in a TaxTotal. It is no part of
            `tax_totals`.
        tax_currency: The currency in which the document states its taxes once more, if it does.
        tax_currency_totals: The same taxes in that currency. Never add them to `tax_totals`.
        due_date: The day by which to pay, where the document states one and no other.
        order_references: The orders.
        despatch_references: The despatch advices (irsaliye).
        receipt_references: The receipt advices.
        billing_references: The invoices that this one is about, such as the one that is returned.
        attachments: The files inside; those with `is_design` are what it is to be shown with.
    """

    also_in_json: ClassVar[tuple[str, ...]] = ("differences",)

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
    buyer: Party | None = None
    notes: tuple[str, ...] = field(default=(), repr=False)
    due_date: date | None = None
    order_references: tuple[Reference, ...] = ()
    despatch_references: tuple[Reference, ...] = ()
    receipt_references: tuple[Reference, ...] = ()
    billing_references: tuple[Reference, ...] = ()
    allowances_and_charges: tuple[AllowanceCharge, ...] = ()
    exchange_rates: tuple[ExchangeRate, ...] = ()
    payment_means: tuple[PaymentMeans, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The amounts that do not follow from the rest of the document. Nothing is corrected."""
        from kolay_invoice.signed_xml.differences import find_differences

        return find_differences(self)


@frozen(kw_only=True)
class UblInvoice(Bill):
    """The facts of a UBL-TR invoice: those of a `Bill`."""


@frozen(kw_only=True)
class CreditNote(Bill):
    """The facts of a UBL-TR credit note, such as a producer's receipt (e-Müstahsil Makbuzu): those of a `Bill`."""
