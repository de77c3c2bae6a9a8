"""Checks the amounts of a document against its lines and rates. Pure. Nothing is corrected."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from kolay_invoice.signed_xml.taxes import total_of
from kolay_invoice.signed_xml.values import Bill, Difference, InvoiceLine, TaxTotal

_CENT: Final = Decimal("0.01")
"""What rounding may make of a product. Sums have to be exact."""


def find_differences(bill: Bill) -> tuple[Difference, ...]:
    """Return the amounts that do not follow from the rest of the document."""
    return (*_in_totals(bill), *(difference for line in bill.lines for difference in _in_line(line)))


def _in_totals(bill: Bill) -> Iterator[Difference]:
    totals = bill.totals
    taxes, withheld = total_of(bill.tax_totals), total_of(bill.withholding_totals)
    lines = sum((line.amount for line in bill.lines), Decimal(0))
    yield from _compare("totals.line_extension", totals.line_extension, lines)
    allowed = totals.line_extension - (totals.allowance or 0) + (totals.charge or 0)
    # Some programs take the allowances off the lines, and state their sum all the same.
    yield from _compare("totals.tax_exclusive", totals.tax_exclusive, allowed, totals.line_extension)
    inclusive = totals.tax_exclusive + taxes
    yield from _compare("totals.tax_inclusive", totals.tax_inclusive, inclusive, inclusive - withheld)
    due = totals.tax_inclusive + (totals.payable_rounding or 0)
    # Some programs state the total after the withholding.
    is_withheld_before = totals.tax_inclusive == inclusive - withheld
    yield from _compare("totals.payable", totals.payable, due if is_withheld_before else due - withheld)
    if bill.lines and all(line.tax for line in bill.lines):
        yield from _compare("tax_totals", taxes, total_of(line.tax for line in bill.lines if line.tax))
    for total in bill.tax_totals:
        yield from _in_taxes("tax_totals", None, total)


def _in_line(line: InvoiceLine) -> Iterator[Difference]:
    product = line.quantity * line.unit_price
    net = product
    for part in line.allowances_and_charges:
        net += (part.amount or 0) if part.is_charge else -(part.amount or 0)
    yield from _compare("line.amount", line.amount, net, product, tolerance=_CENT, line=line.id)
    if line.tax is not None:
        yield from _in_taxes("line.tax", line.id, line.tax)


def _in_taxes(name: str, line: str | None, total: TaxTotal) -> Iterator[Difference]:
    if total.subtotals:
        yield from _compare(name, total.amount, total_of(total.subtotals), line=line)
    for part in total.subtotals:
        if part.percent is not None and part.taxable_amount is not None:
            computed = part.taxable_amount * part.percent / 100
            yield from _compare(f"{name}.{part.code or '-'}", part.amount, computed, tolerance=_CENT, line=line)


def _compare(
    name: str,
    stated: Decimal,
    computed: Decimal,
    or_else: Decimal | None = None,
    *,
    tolerance: Decimal = Decimal(0),
    line: str | None = None,
) -> Iterator[Difference]:
    """Yield the difference, unless one of the two ways to compute an amount makes it."""
    accepted = (computed,) if or_else is None else (computed, or_else)
    if all(abs(stated - amount) > tolerance for amount in accepted):
        yield Difference(name=name, line=line, stated=stated, computed=computed)
