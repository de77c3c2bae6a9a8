"""Tells what a customer withholds from the taxes among which a document states it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from attrs import evolve

from kolay_invoice.messages import Message
from kolay_invoice.signed_xml.errors import NotAnInvoiceError
from kolay_invoice.signed_xml.values import TaxSubtotal, TaxTotal

_WITHHOLDING: Final = re.compile(r"9015|4171|0003|0011|[68]\d\d", re.ASCII)
"""KDV and ÖTV tevkifatı, stopaj of income and corporation tax, and the codes of partial and full tevkifat."""
_CENT: Final = Decimal("0.01")


def total_of(parts: Iterable[TaxTotal | TaxSubtotal]) -> Decimal:
    """Return the sum of the amounts."""
    return sum((part.amount for part in parts), Decimal(0))


def split_withheld(total: TaxTotal) -> tuple[TaxTotal | None, TaxTotal | None]:
    """Return the taxes of a TaxTotal, and what is withheld of them as subtotals of it.

    Programs state the amount of such a TaxTotal before the withholding, after it, or with it added. Here it is the sum
    of the taxes; what is withheld is positive, as in a WithholdingTaxTotal.

    Raises:
        NotAnInvoiceError: The amount is none of these.
    """
    withheld = tuple(evolve(part, amount=abs(part.amount)) for part in total.subtotals if _is_withheld(part))
    if not withheld:
        return total, None
    taxes = tuple(part for part in total.subtotals if not _is_withheld(part))
    charged, kept = total_of(taxes), total_of(withheld)
    tolerated = _CENT * len(total.subtotals)
    if not any(abs(total.amount - amount) <= tolerated for amount in (charged, charged + kept, charged - kept)):
        msg = Message("{name} is not the sum of its parts, so nobody can say what is withheld", name="cac:TaxTotal")
        raise NotAnInvoiceError(msg)
    return TaxTotal(amount=charged, subtotals=taxes) if taxes else None, TaxTotal(amount=kept, subtotals=withheld)


def _is_withheld(part: TaxSubtotal) -> bool:
    return part.code is not None and _WITHHOLDING.fullmatch(part.code) is not None
