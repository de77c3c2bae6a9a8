"""`kolay-invoice kolaybi`: what is read around a send. This module defines only the arguments."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from cyclopts import App

from kolay_invoice.cli import documents as files
from kolay_invoice.cli import listing
from kolay_invoice.cli.calls import run_call, show_reply
from kolay_invoice.cli.i18n import _
from kolay_invoice.cli.options import READ_DEFAULTS, Flag, ReadOptions
from kolay_invoice.kolaybi.models import GetEDocument, GetInvoice, InvoiceDetail, ListVaultTransactions
from kolay_invoice.messages import N_

app = App()


@app.command
def companies(*, csv: Flag = False, options: ReadOptions = READ_DEFAULTS) -> int:
    """List the companies of the account, and which of them may use resend. Changes nothing.

    Args:
        csv: Print CSV with a header.
        options: How the call is made.
    """
    return listing.companies(options, as_csv=csv)


@app.command
def invoice(document_id: int, *, options: ReadOptions = READ_DEFAULTS) -> int:
    """Look at one invoice: its ETTN, number, status and what is still owed. Changes nothing.

    Args:
        document_id: The invoice's id in KolayBi.
        options: How the call is made.
    """

    def show(detail: InvoiceDetail) -> None:
        sentence = (
            N_("The invoice has an ETTN and a number, as an official one has. Its status:")
            if detail.is_official
            else N_("Nothing here shows that the invoice is official; that proves nothing by itself.")
        )
        show_reply(_(sentence), options)(detail)

    return run_call("kolaybi", partial(GetInvoice, document_id), options, show)


@app.command
def vaults(
    *,
    currency: str | None = None,
    type: str | None = None,  # noqa: A002 - the provider's name.
    csv: Flag = False,
    options: ReadOptions = READ_DEFAULTS,
) -> int:
    """List the vaults (kasa/banka: cash desks and bank accounts) of the account. Changes nothing.

    Args:
        currency: Only vaults of this currency, such as try.
        type: Only vaults of this type: bank_account or safe_deposit.
        csv: Print CSV with a header.
        options: How the call is made.
    """
    return listing.vaults({"currency": currency, "type": type}, options, as_csv=csv)


@app.command
def vault_transactions(vault_id: int, *, options: ReadOptions = READ_DEFAULTS) -> int:
    """List the movements of a vault: evidence of a collection, not proof. Changes nothing.

    Args:
        vault_id: The vault (kasa/banka) whose movements are asked for.
        options: How the call is made.
    """
    return run_call("kolaybi", partial(ListVaultTransactions, vault_id), options, listing.show_movements(options))


@app.command
def document(
    uuid: str, *, inbound: Flag = False, save: Path | None = None, options: ReadOptions = READ_DEFAULTS
) -> int:
    """Fetch the file of an official document, usually its PDF. Changes nothing.

    Args:
        uuid: The ETTN of the document.
        inbound: It was received and not issued; the provider does not document this.
        save: Write the file to this new file, which only you can read.
        options: How the call is made.
    """
    request = partial(GetEDocument, uuid, direction="inbound" if inbound else None)
    return files.pdf(request, save, options)


@app.command
def xml(
    uuid: str,
    *,
    inbound: Flag = False,
    save: Path | None = None,
    raw: Flag = False,
    verify: Flag = False,
    certificate: Path | None = None,
    trust_store: Path | None = None,
    options: ReadOptions = READ_DEFAULTS,
) -> int:
    """Fetch the signed XML of an official document, byte for byte; the provider does not document this call.

    Args:
        uuid: The ETTN of the document.
        inbound: It was received and not issued.
        save: Write the document to this new file, which only you can read.
        raw: Write the bytes as they are to a terminal too. Without it, a terminal gets escapes for control characters.
        verify: Verify the signature too, as `kolay-invoice xml verify` does, and print what it proves.
        certificate: With --verify: the one certificate that must have signed, PEM or DER.
        trust_store: With --verify: certificates of issuers, PEM.
        options: How the call is made.
    """
    request = partial(GetEDocument, uuid, direction="inbound" if inbound else None, output_type="xml")
    return files.signed_xml(
        "kolaybi", request, save, options, raw=raw, verify=verify, certificate=certificate, trust_store=trust_store
    )


@app.command
def documents(
    *,
    type: str | None = None,  # noqa: A002 - the provider's name.
    associate_id: int | None = None,
    has_products: bool | None = None,
    csv: Flag = False,
    options: ReadOptions = READ_DEFAULTS,
) -> int:
    """List the invoices that KolayBi keeps, drafts included. Changes nothing.

    Args:
        type: Only this kind of document. Default: the provider's, sale_invoice.
        associate_id: Only those of this buyer or supplier (cari).
        has_products: Only those with product lines, or only those without.
        csv: Print CSV with a header.
        options: How the call is made.
    """
    filters = {"type": type, "associate_id": associate_id, "has_products": has_products}
    return listing.documents(filters, options, as_csv=csv)


@app.command
def associates(
    *,
    code: str | None = None,
    name: str | None = None,
    surname: str | None = None,
    identity_no: str | None = None,
    email: str | None = None,
    group: str | None = None,
    csv: Flag = False,
    options: ReadOptions = READ_DEFAULTS,
) -> int:
    """List buyers and suppliers (cari). Changes nothing.

    Args:
        code: Only those with this code, which you gave them.
        name: Only those with this name.
        surname: Only those with this surname.
        identity_no: Only those with this tax number (VKN) or identity number (TCKN).
        email: Only those with this e-mail address.
        group: Only this group: employee, partner, trader or other_associate.
        csv: Print CSV with a header.
        options: How the call is made.
    """
    filters = {
        "code": code,
        "name": name,
        "surname": surname,
        "identity_no": identity_no,
        "email": email,
        "group": group,
    }
    return listing.associates(filters, options, as_csv=csv)


@app.command
def products(
    *,
    barcode: str | None = None,
    code: str | None = None,
    name: str | None = None,
    type: str | None = None,  # noqa: A002 - the provider's name.
    group: str | None = None,
    full_text_search: str | None = None,
    csv: Flag = False,
    options: ReadOptions = READ_DEFAULTS,
) -> int:
    """List products and services. Changes nothing.

    Args:
        barcode: Only those with this barcode.
        code: Only those with this code, which you gave them.
        name: Only those with this name.
        type: Only good or service.
        group: Only those of this group.
        full_text_search: Only those in which this text stands.
        csv: Print CSV with a header.
        options: How the call is made.
    """
    filters = {
        "barcode": barcode,
        "code": code,
        "name": name,
        "type": type,
        "group": group,
        "full_text_search": full_text_search,
    }
    return listing.products(filters, options, as_csv=csv)
