"""Lists as a table, CSV or one JSON array. An incomplete list never looks complete."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from typing import Any, Final, cast

from attrs import fields

from kolay_invoice.cli import output
from kolay_invoice.cli.accounts import CLIENTS, Account, account_of, company_id_of
from kolay_invoice.cli.calls import interruptible
from kolay_invoice.cli.error_texts import describe_error
from kolay_invoice.cli.errors import CommandError, ExitCode, ExitStatus, code_of, facts_of, report_errors
from kolay_invoice.cli.i18n import _, ngettext
from kolay_invoice.cli.options import ReadOptions
from kolay_invoice.cli.rows import CsvRows, JsonRows, Rows, TableRows
from kolay_invoice.cli.streams import UnprintedError
from kolay_invoice.errors import KolayInvoiceError
from kolay_invoice.kolaybi.client import AsyncKolayBi
from kolay_invoice.kolaybi.models import (
    Associate,
    Company,
    Document,
    Invoice,
    ListInvoices,
    ListVaults,
    Product,
    Vault,
    VaultTransactions,
)
from kolay_invoice.kolaybi.models.vocabulary import DirectionName
from kolay_invoice.propars.client import AsyncPropars
from kolay_invoice.propars.models import Sale

_INVOICE_COLUMNS: Final = {
    "document_id": 11,
    "no": 16,
    "status": 16,
    "scenario": 15,
    "type": 13,
    "grand_total": 14,
    "grand_currency": 14,
    "uuid": 36,
}
_COMPANY_COLUMNS: Final = {"company_id": 11, "company_name": 40, "company_currency": 16, "is_invoice_resendable": 22}
_VAULT_COLUMNS: Final = {"vault_id": 8, "name": 30, "type": 12, "balance": 14, "currency": 8}
_MOVEMENT_COLUMNS: Final = {"movement_id": 11, "booked_on": 10, "amount": 14, "currency": 8, "description": 30}
_DOCUMENT_COLUMNS: Final = {
    "document_id": 11,
    "no": 16,
    "status": 16,
    "type": 13,
    "order_date": 10,
    "total_amount": 14,
    "currency": 8,
    "associate_id": 12,
}
_ASSOCIATE_COLUMNS: Final = {"associate_id": 12, "name": 24, "surname": 20, "identity_no": 11, "code": 12}
_PRODUCT_COLUMNS: Final = {
    "product_id": 10,
    "code": 14,
    "name": 30,
    "product_type": 12,
    "vat_rate": 8,
    "price": 14,
    "currency": 8,
}
_SALE_COLUMNS: Final = {
    "sale_id": 10,
    "sale_code": 20,
    "order_date": 25,
    "status": 10,
    "invoiced": 8,
    "invoice_sent": 12,
    "invoice_number": 16,
    "invoice_id": 10,
}
"""The columns of the tables and their widths in characters."""


def invoices(
    company_id: int | None, named: str, filters: Mapping[str, Any], options: ReadOptions, *, as_csv: bool
) -> int:
    """List a company's invoices."""
    # The set of directions is open: an unknown one is sent as it is, with a warning.
    direction = cast("DirectionName", named)

    def rows(client: Any, account: Account) -> AsyncIterator[Invoice]:
        company = company_id_of(account, company_id)
        ListInvoices(
            1 if company is None else company, direction, **filters
        )  # The request validates its arguments here.
        return _invoices(client, company, direction, filters)

    return _print_list("kolaybi", rows, Invoice, _INVOICE_COLUMNS, options, as_csv=as_csv)


def companies(options: ReadOptions, *, as_csv: bool) -> int:
    """List the companies of the account."""

    async def rows(client: AsyncKolayBi) -> AsyncIterator[Company]:
        for company in await client.list_companies():
            yield company

    return _print_list("kolaybi", lambda client, _: rows(client), Company, _COMPANY_COLUMNS, options, as_csv=as_csv)


def vaults(filters: Mapping[str, Any], options: ReadOptions, *, as_csv: bool) -> int:
    """List the vaults of the account."""

    async def rows(client: AsyncKolayBi) -> AsyncIterator[Vault]:
        for vault in await client.list_vaults(**filters):
            yield vault

    def checked(client: Any, _account: Account) -> AsyncIterator[Vault]:
        ListVaults(**filters)
        return rows(client)

    return _print_list("kolaybi", checked, Vault, _VAULT_COLUMNS, options, as_csv=as_csv)


def documents(filters: Mapping[str, Any], options: ReadOptions, *, as_csv: bool) -> int:
    """List the invoices that KolayBi keeps."""
    return _print_list(
        "kolaybi",
        lambda client, _: client.iter_documents(**filters),
        Document,
        _DOCUMENT_COLUMNS,
        options,
        as_csv=as_csv,
    )


def associates(filters: Mapping[str, Any], options: ReadOptions, *, as_csv: bool) -> int:
    """List buyers and suppliers."""
    return _print_list(
        "kolaybi",
        lambda client, _: client.iter_associates(**filters),
        Associate,
        _ASSOCIATE_COLUMNS,
        options,
        as_csv=as_csv,
    )


def products(filters: Mapping[str, Any], options: ReadOptions, *, as_csv: bool) -> int:
    """List products and services."""
    return _print_list(
        "kolaybi", lambda client, _: client.iter_products(**filters), Product, _PRODUCT_COLUMNS, options, as_csv=as_csv
    )


def sales(filters: Mapping[str, Any], options: ReadOptions, *, as_csv: bool) -> int:
    """List sales."""
    return _print_list(
        "propars", lambda client, _: client.iter_sales(**filters), Sale, _SALE_COLUMNS, options, as_csv=as_csv
    )


def show_movements(options: ReadOptions) -> Callable[[VaultTransactions], None]:
    """Return a function that prints the movements of a vault and a note that they prove nothing."""

    def show(found: VaultTransactions) -> None:
        if options.json:
            output.print_json({**output.as_dict(found), "exit_code": int(ExitCode.DONE)})
            return
        table = TableRows(_MOVEMENT_COLUMNS)
        for movement in found.movements:
            table.print(output.as_dict(movement))
        table.end()
        for total in found.totals:
            output.stdout().print(
                _("Total: {amount} {currency}", amount=output.format_cell(total.amount), currency=total.currency or "")
            )
        output.stderr().print(_("No movement names the document that it is for: this is evidence, and no proof."))

    return show


async def _invoices(
    client: AsyncKolayBi, company_id: int | None, direction: DirectionName, filters: Mapping[str, Any]
) -> AsyncIterator[Invoice]:
    if company_id is None:
        known = [company.company_id for company in await client.list_companies()]
        if len(known) != 1:
            raise CommandError(
                ExitCode.USAGE,
                _(
                    "Say which company: give its id (this account has: {known}), or set KOLAYBI_COMPANY_ID.",
                    known=", ".join(map(str, known)) or "-",
                ),
            )
        company_id = known[0]
    async for invoice in client.iter_invoices(company_id, direction, **filters):
        yield invoice


def _print_list(
    provider: str,
    rows: Callable[[Any, Account], AsyncIterator[Any]],
    kind: type,
    columns: Mapping[str, int],
    options: ReadOptions,
    *,
    as_csv: bool,
) -> int:
    with report_errors(_("Nothing was sent."), as_json=options.json) as status:
        if as_csv and options.json:
            raise CommandError(ExitCode.USAGE, _("Say either --csv or --json. Nothing was sent."))
        account = account_of(provider, options.profile)
        client = account.client(CLIENTS[provider], timeout=options.timeout)
        names = [
            attribute.name for attribute in fields(kind) if attribute.name not in {"extra", "address", "addresses"}
        ]
        printer: Rows = CsvRows(names) if as_csv else JsonRows() if options.json else TableRows(columns)
        try:
            interruptible(_print_all(client, rows(client, account), printer))
        except KeyboardInterrupt:
            _report_incomplete(
                CommandError(
                    ExitCode.INTERRUPTED,
                    _("Interrupted, before anything was sent that has an effect."),
                    may_have_happened=False,
                ),
                printer,
                status,
                options,
            )
        except KolayInvoiceError as error:
            failure = CommandError(code_of(error), describe_error(error), **facts_of(error))
            _report_incomplete(failure, printer, status, options)
    return status.code


async def _print_all(client: AsyncKolayBi | AsyncPropars, rows: AsyncIterator[Any], printer: Rows) -> None:
    with output.spinner(lambda: ngettext("{count} row so far …", "{count} rows so far …", printer.count)) as ready:
        async with client:
            async for row in rows:
                if printer.on_terminal:
                    # Rows and the spinner would overwrite each other.
                    ready()
                printer.print(output.as_dict(row))
    printer.end()


def _report_incomplete(error: CommandError, printer: Rows, status: ExitStatus, options: ReadOptions) -> None:
    """Report an incomplete list on the standard error; without a row, raise the error."""
    if not printer.count:
        raise error
    with suppress(UnprintedError):  # The interruption matters more than unprinted last rows.
        printer.broken()
    status.code = error.code
    message = (
        ngettext(
            "The list is not whole: it broke off after {count} row.",
            "The list is not whole: it broke off after {count} rows.",
            printer.count,
        )
        + f" {error}"
    )
    if options.json:
        failure = {"error": message, **error.facts, "exit_code": int(error.code)}
        output.write_json(f"{output.as_json(failure)}\n", sys.stderr)
    else:
        output.stderr().print(message)
