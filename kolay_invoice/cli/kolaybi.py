"""`kolay-invoice kolaybi`: the calls of KolayBi. This module defines only the arguments."""

from __future__ import annotations

from functools import partial
from typing import Literal

from cyclopts import App

from kolay_invoice.cli import kolaybi_orders, kolaybi_reads, listing
from kolay_invoice.cli.calls import run_call, show_reply
from kolay_invoice.cli.i18n import _
from kolay_invoice.cli.options import READ_DEFAULTS, WRITE_DEFAULTS, Flag, ReadOptions, WriteOptions
from kolay_invoice.kolaybi.models import (
    CancelEDocument,
    CreateEDocument,
    DeleteInvoice,
    Proceed,
    Resend,
    UndoProceed,
)

app = App(name="kolaybi", help="Create, send, resend, collect and list e-invoices with KolayBi.")
app.update(kolaybi_orders.app)
app.update(kolaybi_reads.app)


@app.command
def create_e_document(document_id: int, *, prefix: str | None = None, options: WriteOptions = WRITE_DEFAULTS) -> int:
    """Send an invoice to the tax authority (GİB) and make it official. Cannot be undone.

    The invoice must be ready_to_send and its receiver must have an e-mail address.

    Args:
        document_id: The invoice's id in KolayBi.
        prefix: The series that its number begins with; the provider does not document this.
        options: How the call is made.
    """
    show = show_reply(_("Document {document_id} was sent to the tax authority.", document_id=document_id), options)
    return run_call("kolaybi", partial(CreateEDocument, document_id, prefix=prefix), options, show)


@app.command
def resend(document_id: int, *, options: WriteOptions = WRITE_DEFAULTS) -> int:
    """Send a failed e-invoice again. Cannot be undone.

    Only for companies that `kolay-invoice kolaybi companies` shows as resendable.

    Args:
        document_id: The invoice's id in KolayBi.
        options: How the call is made.
    """
    return run_call(
        "kolaybi", partial(Resend, document_id), options, show_reply(_("The invoice was sent again."), options)
    )


@app.command
def proceed(
    document_id: int, vault_id: int, *, amount: str | None = None, options: WriteOptions = WRITE_DEFAULTS
) -> int:
    """Collect an invoice, in full or in part, and book the movement. Moves money.

    `kolay-invoice kolaybi vault-transactions` shows the movements of the vault: evidence, and no proof.

    Args:
        document_id: The invoice's id in KolayBi; it may be in any status.
        vault_id: The vault (kasa/banka: cash desk or bank account) that gets the money.
        amount: How much to collect, such as 100.50. Default: all that remains.
        options: How the call is made.
    """
    request = partial(Proceed, document_id, vault_id, amount)
    return run_call("kolaybi", request, options, show_reply(_("The invoice was collected."), options))


@app.command
def undo_proceed(document_id: int, *, options: WriteOptions = WRITE_DEFAULTS) -> int:
    """Take back the collection of an invoice. Moves money.

    Of several collections it is unknown which one goes: look at the movements of the vault afterwards.

    Args:
        document_id: The invoice's id in KolayBi.
        options: How the call is made.
    """
    show = show_reply(_("The collection was taken back."), options)
    return run_call("kolaybi", partial(UndoProceed, document_id), options, show)


@app.command
def cancel_e_document(document_id: int, *, options: WriteOptions = WRITE_DEFAULTS) -> int:
    """Cancel an e-Arşiv document at the tax authority (GİB), which also removes its invoice. Cannot be undone.

    Only for e-Arşiv; an e-Fatura is cancelled through the provider's support.

    Args:
        document_id: The invoice's id in KolayBi.
        options: How the call is made.
    """
    show = show_reply(_("The document was cancelled and its invoice removed."), options)
    return run_call("kolaybi", partial(CancelEDocument, document_id), options, show)


@app.command
def delete_invoice(document_id: int, *, options: WriteOptions = WRITE_DEFAULTS) -> int:
    """Delete an invoice that is not official. Cannot be undone.

    Args:
        document_id: The invoice's id in KolayBi.
        options: How the call is made.
    """
    show = show_reply(_("The invoice was deleted."), options)
    return run_call("kolaybi", partial(DeleteInvoice, document_id), options, show)


@app.command(name="list")
def list_invoices(
    company_id: int | None = None,
    direction: Literal["outbound", "inbound"] = "outbound",
    *,
    document_id: int | None = None,
    min_issue_date: str | None = None,
    max_issue_date: str | None = None,
    min_total_amount: str | None = None,
    max_total_amount: str | None = None,
    party_name: str | None = None,
    csv: Flag = False,
    options: ReadOptions = READ_DEFAULTS,
) -> int:
    """List a company's e-invoices, each row as soon as it comes. Changes nothing.

    With --json, one array with a row a line; an array that is not closed is a list that broke off.

    Args:
        company_id: The company's id in KolayBi. Default: that of the profile or KOLAYBI_COMPANY_ID, or the only one.
        direction: outbound (issued by the company) or inbound (received by it).
        document_id: Only this invoice.
        min_issue_date: Only invoices from this day on, YYYY-MM-DD.
        max_issue_date: Only invoices up to this day.
        min_total_amount: Only invoices of at least this total, such as 1250.75.
        max_total_amount: Only invoices of at most this total.
        party_name: Only invoices of this buyer or seller.
        csv: Print CSV with a header.
        options: How the call is made.
    """
    filters = {
        "document_id": document_id,
        "min_issue_date": min_issue_date,
        "max_issue_date": max_issue_date,
        "min_total_amount": min_total_amount,
        "max_total_amount": max_total_amount,
        "party_name": party_name,
    }
    return listing.invoices(company_id, direction, filters, options, as_csv=csv)
