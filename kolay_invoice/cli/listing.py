"""Lists: rows as they come, as a table for people, CSV or one JSON array; a part never looks like the whole."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from attrs import fields

from kolay_invoice.cli import output
from kolay_invoice.cli.calls import interruptible
from kolay_invoice.cli.endings import CommandError, Ended, Exit, code_of, facts_of, paragraph, told
from kolay_invoice.cli.options import Reading
from kolay_invoice.cli.profiles import CLIENTS, Account, account_of, company_id_of
from kolay_invoice.cli.rows import CsvRows, JsonRows, Rows, TableRows
from kolay_invoice.cli.streams import UnprintedError
from kolay_invoice.cli.texts import count_of, say
from kolay_invoice.errors import KolayInvoiceError
from kolay_invoice.kolaybi.client import AsyncKolayBi
from kolay_invoice.kolaybi.models import Company, Invoice, ListInvoices, ListVaults, Vault, VaultTransactions
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
"""What a table shows, and how many characters wide."""


def invoices(
    company_id: int | None, direction: str, filters: Mapping[str, Any], manner: Reading, *, as_csv: bool
) -> int:
    """List a company's invoices."""

    def rows(client: Any, account: Account) -> AsyncIterator[Invoice]:
        company = company_id_of(account, company_id)
        ListInvoices(1 if company is None else company, direction, **filters)  # Refuses what is wrong right here.
        return _invoices(client, company, direction, filters)

    return _listed("kolaybi", rows, Invoice, _INVOICE_COLUMNS, manner, as_csv=as_csv)


def companies(manner: Reading, *, as_csv: bool) -> int:
    """List the companies of the account."""

    async def rows(client: AsyncKolayBi) -> AsyncIterator[Company]:
        for company in await client.list_companies():
            yield company

    return _listed("kolaybi", lambda client, _: rows(client), Company, _COMPANY_COLUMNS, manner, as_csv=as_csv)


def vaults(filters: Mapping[str, Any], manner: Reading, *, as_csv: bool) -> int:
    """List the vaults of the account."""

    async def rows(client: AsyncKolayBi) -> AsyncIterator[Vault]:
        for vault in await client.list_vaults(**filters):
            yield vault

    def checked(client: Any, _account: Account) -> AsyncIterator[Vault]:
        ListVaults(**filters)
        return rows(client)

    return _listed("kolaybi", checked, Vault, _VAULT_COLUMNS, manner, as_csv=as_csv)


def sales(filters: Mapping[str, Any], manner: Reading, *, as_csv: bool) -> int:
    """List sales."""

    def rows(client: Any, _account: Account) -> AsyncIterator[Sale]:
        found: AsyncIterator[Sale] = client.iter_sales(**filters)
        return found

    return _listed("propars", rows, Sale, _SALE_COLUMNS, manner, as_csv=as_csv)


def show_movements(manner: Reading) -> Callable[[VaultTransactions], None]:
    """Return what prints the movements of a vault, and that they prove nothing."""

    def show(found: VaultTransactions) -> None:
        if manner.json:
            output.print_json({**output.plain(found), "exit_code": int(Exit.DONE)})
            return
        table = TableRows(_MOVEMENT_COLUMNS)
        for movement in found.movements:
            table.print(output.plain(movement))
        table.end()
        for total in found.totals:
            output.out().print(say("vault_total", amount=output.cell(total.amount), currency=total.currency or ""))
        output.aside().print(say("movements_prove_nothing"))

    return show


async def _invoices(
    client: AsyncKolayBi, company_id: int | None, direction: str, filters: Mapping[str, Any]
) -> AsyncIterator[Invoice]:
    if company_id is None:
        known = [company.company_id for company in await client.list_companies()]
        if len(known) != 1:
            raise CommandError(Exit.USAGE, say("which_company", known=", ".join(map(str, known)) or "-"))
        company_id = known[0]
    async for invoice in client.iter_invoices(company_id, direction, **filters):
        yield invoice


def _listed(
    provider: str,
    rows: Callable[[Any, Account], AsyncIterator[Any]],
    kind: type,
    columns: Mapping[str, int],
    manner: Reading,
    *,
    as_csv: bool,
) -> int:
    with paragraph(say("nothing_sent"), as_json=manner.json) as ended:
        if as_csv and manner.json:
            raise CommandError(Exit.USAGE, say("csv_or_json"))
        account = account_of(provider, manner.profile)
        client = account.client(CLIENTS[provider], timeout=manner.timeout)
        names = [attribute.name for attribute in fields(kind) if attribute.name not in {"extra", "address"}]
        printer: Rows = CsvRows(names) if as_csv else JsonRows() if manner.json else TableRows(columns)
        try:
            interruptible(_print_all(client, rows(client, account), printer))
        except KeyboardInterrupt:
            _broken(CommandError(Exit.INTERRUPTED, say("interrupted"), may_have_happened=False), printer, ended, manner)
        except KolayInvoiceError as error:
            told_so = CommandError(code_of(error), told(error), **facts_of(error))
            _broken(told_so, printer, ended, manner)
    return ended.code


async def _print_all(client: AsyncKolayBi | AsyncPropars, rows: AsyncIterator[Any], printer: Rows) -> None:
    with output.waiting(lambda: count_of("rows_so_far", printer.count)) as ready:
        async with client:
            async for row in rows:
                if printer.on_terminal:
                    # Progress and rows would write over each other.
                    ready()
                printer.print(output.plain(row))
    printer.end()


def _broken(error: CommandError, printer: Rows, ended: Ended, manner: Reading) -> None:
    """Say that a list is not whole, beside it; where no row has come yet, it is an error like any other."""
    if not printer.count:
        raise error
    with suppress(UnprintedError):  # That the list broke off says more than that its last rows could not be printed.
        printer.broken()
    ended.code = error.code
    message = f"{count_of('list_is_not_whole', printer.count)} {error}"
    if manner.json:
        told_so = {"error": message, **error.facts, "exit_code": int(error.code)}
        output.write_json(f"{output.as_json(told_so)}\n", sys.stderr)
    else:
        output.aside().print(message)
