"""Renders an invoice as HTML and as UBL-TR."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from kolay_invoice.emulator.propars_sales import Invoice, Sale

if TYPE_CHECKING:
    from jinja2 import Environment

_VAT_PERCENT = Decimal(20)
_VKN_LENGTH = 10
_CENT = Decimal("0.01")


@cache
def templates() -> Environment:
    """Return the emulator's templates. They escape all values."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("kolay_invoice.emulator"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _render(template: str, sale: Sale, invoice: Invoice) -> str:
    # The sale's total includes VAT, as a shop's price does.
    net = (sale.total / (1 + _VAT_PERCENT / 100)).quantize(_CENT)
    return (
        templates()
        .get_template(template)
        .render(
            sale=sale,
            invoice=invoice,
            signature_id=signature_id(invoice),
            profile="TEMELFATURA" if sale.e_invoice else "EARSIVFATURA",
            buyer_scheme="VKN" if len(sale.buyer_identity) == _VKN_LENGTH else "TCKN",
            total=f"{sale.total.quantize(_CENT)}",
            net=f"{net}",
            vat=f"{sale.total.quantize(_CENT) - net}",
            vat_percent=_VAT_PERCENT,
        )
    )


def signature_id(invoice: Invoice) -> str:
    """Return the id that a UBL-TR document refers to its own signature by."""
    return f"Signature_{invoice.number}"


def invoice_html(sale: Sale, invoice: Invoice) -> str:
    """Render the HTML page of an invoice."""
    return _render("invoice.html.jinja", sale, invoice)


def invoice_ubl(sale: Sale, invoice: Invoice) -> str:
    """Render the UBL-TR document, with an empty place for its signature."""
    return _render("invoice.xml.jinja", sale, invoice)
