"""`kolay-invoice kolaybi`: what is created before a send. This module defines only the arguments."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

from cyclopts import App

from kolay_invoice.cli.calls import run_call, show_reply
from kolay_invoice.cli.i18n import _
from kolay_invoice.cli.json_file import load_json, read_request
from kolay_invoice.cli.options import WRITE_DEFAULTS, Flag, WriteOptions
from kolay_invoice.kolaybi import checks
from kolay_invoice.kolaybi.models import NewAddress, NewAssociate, NewInvoice, NewProduct

app = App()


@app.command
def create_associate(
    name: str,
    surname: str,
    identity_no: str,
    *,
    is_corporate: Flag = False,
    associate_type: str | None = None,
    tax_office: str | None = None,
    code: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    options: WriteOptions = WRITE_DEFAULTS,
) -> int:
    """Create a buyer or supplier (cari). No call takes it back.

    Args:
        name: The name, or the first part of a company's.
        surname: The surname, or the rest of a company's name.
        identity_no: The tax number (VKN, 10 digits) or identity number (TCKN, 11 digits).
        is_corporate: It is a company.
        associate_type: The kind of associate. Default: the provider's, customer.
        tax_office: The tax office; needed with a tax number.
        code: Your own code of it.
        phone: The telephone number.
        email: The e-mail address.
        options: How the call is made.
    """
    request = partial(
        NewAssociate,
        name=name,
        surname=surname,
        identity_no=identity_no,
        is_corporate=is_corporate or None,
        associate_type=associate_type,
        tax_office=tax_office,
        code=code,
        phone=phone,
        email=email,
    )
    return run_call("kolaybi", request, options, show_reply(_("The associate was created."), options))


@app.command
def create_address(
    associate_id: int,
    city: str,
    district: str,
    country: str,
    *,
    address: str | None = None,
    address_type: str | None = None,
    options: WriteOptions = WRITE_DEFAULTS,
) -> int:
    """Create an address of a buyer or supplier (cari). No call takes it back.

    Args:
        associate_id: The id of the buyer or supplier in KolayBi.
        city: The city.
        district: The district (ilçe).
        country: The country.
        address: The street and number.
        address_type: The kind of address. Default: the provider's, invoice.
        options: How the call is made.
    """
    request = partial(
        NewAddress,
        associate_id=associate_id,
        city=city,
        district=district,
        country=country,
        address=address,
        address_type=address_type,
    )
    return run_call("kolaybi", request, options, show_reply(_("The address was created."), options))


@app.command
def create_product(
    name: str,
    *,
    code: str | None = None,
    barcode: str | None = None,
    description: str | None = None,
    product_type: Literal["good", "service"] | None = None,
    vat_rate: int | None = None,
    price: str | None = None,
    price_currency: str | None = None,
    quantity: str | None = None,
    options: WriteOptions = WRITE_DEFAULTS,
) -> int:
    """Create a product or service. No call takes it back.

    Args:
        name: The name.
        code: Your own code of it.
        barcode: The barcode.
        description: The description.
        product_type: good or service.
        vat_rate: The VAT rate (KDV) in percent: 0, 1, 8, 10, 18 or 20. Default: the provider's, 20.
        price: The price, such as 100.50.
        price_currency: The currency of the price, such as TRY.
        quantity: The stock.
        options: How the call is made.
    """
    request = partial(
        NewProduct,
        name=name,
        code=code,
        barcode=barcode,
        description=description,
        product_type=product_type,
        vat_rate=vat_rate,
        price=price,
        price_currency=price_currency,
        quantity=quantity,
    )
    return run_call("kolaybi", request, options, show_reply(_("The product was created."), options))


@app.command
def create_invoice(file: Path, *, options: WriteOptions = WRITE_DEFAULTS) -> int:
    """Create a sale invoice that is not yet official, from a JSON file. `delete-invoice` takes it back.

    The file holds one object with the fields of NewInvoice: contact_id, address_id, order_date, currency, items …

    Args:
        file: The JSON file. Write amounts as texts or numbers; both are exact.
        options: How the call is made.
    """
    show = show_reply(_("The invoice was created. It is not yet official."), options)
    return run_call("kolaybi", partial(_read_invoice, file), options, show)


def _read_invoice(file: Path) -> NewInvoice:
    return read_request(file, lambda text: checks.part(file.name, NewInvoice, load_json(text)))
