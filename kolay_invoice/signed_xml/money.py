"""Reads amounts, taxes and allowances of one currency. Pure. An amount in another currency is refused."""

from __future__ import annotations

from decimal import Decimal

from kolay_invoice.messages import Message
from kolay_invoice.signed_xml.elements import (
    find,
    find_optional,
    read_optional,
    read_required,
    read_side,
    to_decimal,
    to_text,
)
from kolay_invoice.signed_xml.errors import NotAnInvoiceError
from kolay_invoice.signed_xml.namespaces import path, tag
from kolay_invoice.signed_xml.parsing import Element
from kolay_invoice.signed_xml.taxes import split_withheld, total_of
from kolay_invoice.signed_xml.values import AllowanceCharge, MonetaryTotals, TaxSubtotal, TaxTotal


class Money:
    """Reads amounts of one currency and refuses amounts in another.

    Tax totals may also be stated in the other currency that is given; they are left out here.
    """

    def __init__(self, currency: str, other: str | None) -> None:
        self._currency = currency
        self._other = other

    def required(self, parent: Element, name: str) -> Decimal:
        """Return an amount, which has to be there."""
        self._same_currency(parent, name)
        return read_required(parent, name, to_decimal)

    def optional(self, parent: Element, name: str) -> Decimal | None:
        """Return an amount, or None."""
        self._same_currency(parent, name)
        return read_optional(parent, name, to_decimal)

    def _same_currency(self, parent: Element, name: str) -> None:
        element = find_optional(parent, name)
        if element is not None and element.get("currencyID", self._currency) != self._currency:
            msg = Message("{name} is in another currency than the invoice: check the document by hand", name=name)
            raise NotAnInvoiceError(msg)

    def totals(self, total: Element) -> MonetaryTotals:
        """Return the totals of a LegalMonetaryTotal."""
        return MonetaryTotals(
            line_extension=self.required(total, "cbc:LineExtensionAmount"),
            tax_exclusive=self.required(total, "cbc:TaxExclusiveAmount"),
            tax_inclusive=self.required(total, "cbc:TaxInclusiveAmount"),
            allowance=self.optional(total, "cbc:AllowanceTotalAmount"),
            charge=self.optional(total, "cbc:ChargeTotalAmount"),
            payable_rounding=self.optional(total, "cbc:PayableRoundingAmount"),
            payable=self.required(total, "cbc:PayableAmount"),
        )

    def taxes(self, parent: Element) -> tuple[tuple[TaxTotal, ...], tuple[TaxTotal, ...]]:
        """Return the taxes of an invoice or a line, and what is withheld."""
        split = [split_withheld(self._tax_total(total)) for total in self._totals(parent, "cac:TaxTotal")]
        taxes = tuple(tax for tax, _ in split if tax is not None)
        inside = tuple(withheld for _, withheld in split if withheld is not None)
        beside = tuple(map(self._tax_total, self._totals(parent, "cac:WithholdingTaxTotal")))
        is_repeated = len(taxes) > 1 and not all(tax.subtotals for tax in taxes)
        if is_repeated or (inside and beside and total_of(inside) != total_of(beside)):
            msg = Message("the document states its taxes twice, so nobody can say which ones count")
            raise NotAnInvoiceError(msg)
        return taxes, beside or inside

    def _totals(self, parent: Element, name: str) -> list[Element]:
        found = []
        for total in parent.findall(tag(name)):
            currency = find(total, "cbc:TaxAmount").get("currencyID", self._currency)
            if currency != self._other or currency == self._currency:
                found.append(total)
        return found

    def _tax_total(self, total: Element) -> TaxTotal:
        return TaxTotal(
            amount=self.required(total, "cbc:TaxAmount"),
            subtotals=tuple(map(self._tax_subtotal, total.findall(tag("cac:TaxSubtotal")))),
        )

    def _tax_subtotal(self, subtotal: Element) -> TaxSubtotal:
        scheme = subtotal.find(path("cac:TaxCategory", "cac:TaxScheme"))
        return TaxSubtotal(
            code=None if scheme is None else read_optional(scheme, "cbc:TaxTypeCode", str),
            name=None if scheme is None else read_optional(scheme, "cbc:Name", str),
            percent=read_optional(subtotal, "cbc:Percent", to_decimal),
            taxable_amount=self.optional(subtotal, "cbc:TaxableAmount"),
            amount=self.required(subtotal, "cbc:TaxAmount"),
            exemption_code=read_side(subtotal, ("cac:TaxCategory", "cbc:TaxExemptionReasonCode"), to_text),
            exemption_reason=read_side(subtotal, ("cac:TaxCategory", "cbc:TaxExemptionReason"), to_text),
        )

    def side(self, parent: Element, name: str) -> Decimal | None:
        """Return an amount beside the main facts; None where it is in another currency, unreadable or stated twice."""
        element = parent.find(tag(name))
        if element is None or element.get("currencyID", self._currency) != self._currency:
            return None
        return read_side(parent, name, to_decimal)

    def allowances_and_charges(self, parent: Element) -> tuple[AllowanceCharge, ...]:
        """Return what is taken off or added, of an invoice or a line."""
        return tuple(
            AllowanceCharge(
                is_charge=read_side(element, "cbc:ChargeIndicator", str) == "true",
                reason=read_side(element, "cbc:AllowanceChargeReason", to_text),
                rate=read_side(element, "cbc:MultiplierFactorNumeric", to_decimal),
                amount=self.side(element, "cbc:Amount"),
                base_amount=self.side(element, "cbc:BaseAmount"),
            )
            for element in parent.findall(tag("cac:AllowanceCharge"))
        )
