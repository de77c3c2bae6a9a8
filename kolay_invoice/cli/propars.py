"""`kolay-invoice propars`: the calls of Propars. This module defines only the arguments.

Exactly one of sale code, sale id and, where Propars allows it, invoice id selects a sale.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, cast

from attrs import asdict, frozen
from cyclopts import App, Parameter

from kolay_invoice.cli import documents, listing
from kolay_invoice.cli.calls import run_call, show_reply
from kolay_invoice.cli.i18n import _
from kolay_invoice.cli.json_file import load_object, read_request
from kolay_invoice.cli.options import READ_DEFAULTS, WRITE_DEFAULTS, Flag, ReadOptions, WriteOptions
from kolay_invoice.propars.models import CancelInvoice, GetSale, GetSaleInvoice, GetSignedXml, NewSale, SendInvoice

app = App(name="propars", help="List sales with Propars; preview, send and cancel their invoices, fetch signed XML.")


@Parameter(name="*")
@frozen(kw_only=True)
class InvoiceNumberOptions:
    """What an invoice gets that is created by the call.

    Attributes:
        invoice_date: The invoice's date, ISO 8601 with offset; needed where automatic dating is off.
        invoice_uuid: The ETTN to give it, a UUID of version 4.
        invoice_number: The number to give it, 16 characters.
        invoice_char_code: Undocumented by the provider; probably the 3-letter prefix.
    """

    invoice_date: str | None = None
    invoice_uuid: str | None = None
    invoice_number: str | None = None
    invoice_char_code: str | None = None


NUMBER_DEFAULTS: Final = InvoiceNumberOptions()


@app.command
def html(
    *,
    sale_code: str | None = None,
    sale_id: int | None = None,
    open_it: Annotated[bool, Parameter(name="--open", negative="")] = False,
    save: Path | None = None,
    pdf: Path | None = None,
    raw: Flag = False,
    numbers: InvoiceNumberOptions = NUMBER_DEFAULTS,
    options: WriteOptions = WRITE_DEFAULTS,
) -> int:
    """Show the invoice of a sale as HTML, and create it when the sale has none. This call sends nothing.

    It also shows an invoice that was sent before, so a page says nothing of whether the invoice is official.

    Args:
        sale_code: The code of the sale (satış kodu, sale_code).
        sale_id: The id of the sale in Propars.
        open_it: Show it in the browser, from a page that lets nothing of the provider's HTML run.
        save: Write it to this new file, as a page that is safe to open.
        pdf: Print it to this new file; needs Chromium, Chrome or Edge.
        raw: Write the bytes as they are to a terminal too. Without it, a terminal gets escapes for control characters.
        numbers: What the invoice gets, if it is created now.
        options: How the call is made.
    """
    fields = {"sale_code": sale_code, "sale_id": sale_id, **asdict(numbers)}
    return documents.preview(fields, documents.OutputOptions(open_it=open_it, save=save, pdf=pdf, raw=raw), options)


@app.command
def send(
    *,
    sale_code: str | None = None,
    sale_id: int | None = None,
    invoice_id: int | None = None,
    numbers: InvoiceNumberOptions = NUMBER_DEFAULTS,
    options: WriteOptions = WRITE_DEFAULTS,
) -> int:
    """Send the invoice of a sale to the tax authority, creating it when there is none. Cannot be undone.

    Args:
        sale_code: The code of the sale (satış kodu, sale_code).
        sale_id: The id of the sale in Propars.
        invoice_id: The id of an invoice that was created before.
        numbers: What the invoice gets, if it is created now.
        options: How the call is made.
    """

    def request() -> SendInvoice:
        return SendInvoice(sale_code=sale_code, sale_id=sale_id, invoice_id=invoice_id, **asdict(numbers))

    return run_call("propars", request, options, show_reply(_("The invoice was sent to the tax authority."), options))


@app.command
def xml(
    *,
    sale_code: str | None = None,
    sale_id: int | None = None,
    invoice_id: int | None = None,
    save: Path | None = None,
    raw: Flag = False,
    verify: Flag = False,
    certificate: Path | None = None,
    trust_store: Path | None = None,
    options: ReadOptions = READ_DEFAULTS,
) -> int:
    """Fetch the signed XML of an invoice that was sent, byte for byte. Changes nothing.

    Args:
        sale_code: The code of the sale (satış kodu, sale_code).
        sale_id: The id of the sale in Propars.
        invoice_id: The id of the invoice.
        save: Write the document to this new file, which only you can read.
        raw: Write the bytes as they are to a terminal too. Without it, a terminal gets escapes for control characters.
        verify: Verify the signature too, as `kolay-invoice xml verify` does, and print what it proves.
        certificate: With --verify: the one certificate that must have signed, PEM or DER.
        trust_store: With --verify: certificates of issuers, PEM.
        options: How the call is made.
    """
    selector: dict[str, Any] = {"sale_code": sale_code, "sale_id": sale_id, "invoice_id": invoice_id}
    request = partial(GetSignedXml, **selector)
    return documents.signed_xml(
        "propars", request, save, options, raw=raw, verify=verify, certificate=certificate, trust_store=trust_store
    )


@app.command
def cancel(*, sale_id: int | None = None, sale_code: str | None = None, options: WriteOptions = WRITE_DEFAULTS) -> int:
    """Cancel the invoice that a sale has now. Cannot be undone.

    Possible for an e-Arşiv invoice whose report has not gone to the tax authority, and for an e-invoice that was
    created and not sent. It names the sale: a late second cancel could hit a newer invoice of the same sale.

    Args:
        sale_id: The id of the sale in Propars.
        sale_code: The code of the sale (satış kodu, sale_code).
        options: How the call is made.
    """

    def request() -> CancelInvoice:
        return CancelInvoice(sale_id=sale_id, sale_code=sale_code)

    return run_call("propars", request, options, show_reply(_("The invoice was cancelled."), options))


@app.command
def save_sale(file: Path, *, options: WriteOptions = WRITE_DEFAULTS) -> int:
    """Create a sale, or update the one of its sale code, from a JSON file. Sends no invoice.

    It may be repeated until the invoice of the sale is sent: the same call again updates the same sale. The names in
    the file are the provider's: sale_code, order_date, customer_detail, items and so on.

    Args:
        file: The file with one JSON object, which is the sale.
        options: How the call is made.
    """
    return run_call("propars", partial(_read_sale, file), options, show_reply(_("The sale was saved."), options))


def _read_sale(file: Path) -> NewSale:
    # The other commands need no journal, whose extra may be missing.
    from kolay_invoice.journal.request_format import request_of

    return read_request(file, lambda text: cast("NewSale", request_of("propars-save-sale", load_object(text))))


@Parameter(name="*")
@frozen(kw_only=True)
class SaleFilters:
    """Which sales are listed.

    Attributes:
        order_start_date: Only sales ordered from this day on, YYYY-MM-DD.
        order_end_date: Only sales ordered up to this day.
        invoiced: Only sales that have an invoice, or have none.
        invoice_sent: Only sales whose invoice was sent, or was not.
        invoice_number: Only the sale with this invoice number.
        common_status: Only sales of this common status; its values are unpublished.
        status: Only sales of this status; its values are unpublished.
        source: Only sales of this source, such as store or website.
        search: Only sales in which this text is found.
        ordering: By which field the rows are ordered; a minus in front turns them around.
    """

    order_start_date: str | None = None
    order_end_date: str | None = None
    invoiced: bool | None = None
    invoice_sent: bool | None = None
    invoice_number: str | None = None
    common_status: str | None = None
    status: str | None = None
    source: str | None = None
    search: str | None = None
    ordering: str | None = None


EVERY_SALE: Final = SaleFilters()


@app.command
def sales(*, filters: SaleFilters = EVERY_SALE, csv: Flag = False, options: ReadOptions = READ_DEFAULTS) -> int:
    """List sales, and whether each has an invoice and was sent. Changes nothing.

    With --json, one array with a row a line; an array that is not closed is a list that broke off.

    Args:
        filters: Which.
        csv: Print CSV with a header.
        options: How the call is made.
    """
    return listing.sales(asdict(filters), options, as_csv=csv)


@app.command
def sale(sale_id: int, *, options: ReadOptions = READ_DEFAULTS) -> int:
    """Look at one sale, and whether it has an invoice and was sent. Changes nothing.

    Args:
        sale_id: The id of the sale in Propars.
        options: How the call is made.
    """
    return run_call(
        "propars", partial(GetSale, sale_id), options, show_reply(_("The sale, as far as Propars tells:"), options)
    )


@app.command
def invoice(invoice_id: int, *, options: ReadOptions = READ_DEFAULTS) -> int:
    """Look at one invoice of a sale. Changes nothing.

    Args:
        invoice_id: The id of the invoice.
        options: How the call is made.
    """
    return run_call(
        "propars",
        partial(GetSaleInvoice, invoice_id),
        options,
        show_reply(_("The invoice, as far as Propars tells:"), options),
    )
