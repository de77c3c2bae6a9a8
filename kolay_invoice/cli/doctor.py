"""`kolay-invoice doctor`: reads with the user's account, and says which assumptions held. It cannot change anything."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from attrs import frozen

from kolay_invoice.cli import output
from kolay_invoice.cli.calls import interruptible
from kolay_invoice.cli.doctor_checks import CHECKS
from kolay_invoice.cli.doctor_findings import Finding, Verdict
from kolay_invoice.cli.doctor_guesses import GUESSES
from kolay_invoice.cli.doctor_report import Examined, as_document, as_markdown
from kolay_invoice.cli.doctor_seen import Seen, record_reads, tried
from kolay_invoice.cli.endings import CommandError, Exit, paragraph
from kolay_invoice.cli.profiles import Account, account_of
from kolay_invoice.cli.retelling import NAMES
from kolay_invoice.cli.texts import say
from kolay_invoice.errors import NotSentError
from kolay_invoice.kolaybi.client import AsyncKolayBi
from kolay_invoice.kolaybi.models import (
    Direction,
    GetInvoice,
    InvoicePage,
    ListCompanies,
    ListInvoices,
    ListVaults,
    ListVaultTransactions,
)
from kolay_invoice.propars.client import AsyncPropars
from kolay_invoice.propars.models import GetSale, GetSaleInvoice, GetSignedXml, ListSales, Sale, SalePage

_MISSING: Final = 2**53 - 1
"""An id that no account has, and every language can hold."""

_MOST_COMPANIES: Final = 3
_FEW: Final = 3
_SALES: Final = 20
_A_YEAR: Final = timedelta(days=366)


@frozen(kw_only=True)
class Visit:
    """The arguments of the command."""

    profile: str | None
    provider: Literal["kolaybi", "propars"] | None
    sale_code: str | None
    sale_id: int | None
    save: Path | None
    timeout: float
    json: bool


def examine(visit: Visit) -> int:
    """Ask every provider that there are credentials for, and print the report."""
    with paragraph(say("nothing_changed"), as_json=visit.json) as ended:
        if visit.save is not None and visit.save.exists():
            raise CommandError(Exit.USAGE, f"{say('file_exists', path=visit.save)} {say('nothing_sent')}")
        _sale(visit)
        examined = [_examined(account, visit) for account in _accounts(visit)]
        ended.code = _code(examined)
        document = as_document(examined, ended.code)
        text = output.as_json(document) if visit.json else as_markdown(examined)
        if visit.save is None:
            with output.answering(document, exit_code=int(ended.code)):
                output.write_json(f"{text}\n") if visit.json else output.out().print(text)
        else:
            with visit.save.open("x", encoding="utf-8") as file:
                file.write(f"{text}\n")
            output.aside().print(say("saved", path=visit.save, size=f"{len(text):,}"))
    return ended.code


def _accounts(visit: Visit) -> list[Account]:
    if visit.provider is not None:
        return [account_of(visit.provider, visit.profile)]
    found, missing = [], []
    for provider in CHECKS:
        try:
            found.append(account_of(provider, visit.profile))
        except CommandError as error:
            missing.append(say("doctor.skipped", provider=NAMES[provider], why=error))
    if not found:
        raise CommandError(Exit.USAGE, "\n".join(missing))
    for why in missing:
        output.aside().print(why)
    return found


def _examined(account: Account, visit: Visit) -> Examined:
    seen = Seen(account.provider)
    look: Callable[[Account, Visit, Seen], Coroutine[Any, Any, None]]
    look = _look_at_kolaybi if account.provider == "kolaybi" else _look_at_propars
    interruptible(_watched(look(account, visit, seen), seen))
    findings = {name: check(seen) for name, check in CHECKS[account.provider].items()}
    guesses = {name: check(seen) for name, check in GUESSES[account.provider].items()}
    return Examined(account, seen, findings, guesses)


async def _watched(look: Coroutine[Any, Any, None], seen: Seen) -> None:
    with output.waiting(lambda: say("doctor.asking", provider=NAMES[seen.provider], count=len(seen.exchanges))):
        await look


async def _look_at_kolaybi(account: Account, visit: Visit, seen: Seen) -> None:
    client = account.client(AsyncKolayBi, timeout=visit.timeout)
    record_reads(client, seen.exchanges)
    async with client:
        companies = await tried(seen, client, "companies", ListCompanies())
        listed = None
        for company in (companies or ())[:_MOST_COMPANIES]:
            for direction in (Direction.OUTBOUND, Direction.INBOUND):
                page = await tried(seen, client, "invoices", ListInvoices(company.company_id, direction))
                listed = listed or _with_rows(ListInvoices(company.company_id, direction), page)
            if listed is not None:
                break
        if listed is not None:
            await _look_closer(client, seen, *listed)
            await _look_at_details(client, seen, *listed)
        await _look_at_vaults(client, seen)


def _with_rows(request: ListInvoices, page: InvoicePage | None) -> tuple[ListInvoices, InvoicePage] | None:
    return (request, page) if page is not None and page.invoices else None


async def _look_closer(client: AsyncKolayBi, seen: Seen, request: ListInvoices, page: InvoicePage) -> None:
    company, direction = request.company_id, request.direction
    if page.next_page is not None:
        await tried(seen, client, "next page", ListInvoices(company, direction, page=page.next_page))
    document_id = page.invoices[0].document_id
    await tried(seen, client, "filter by document", ListInvoices(company, direction, document_id=document_id))
    in_a_year = date.today() + _A_YEAR  # noqa: DTZ011 - a day more or less is no matter a year from now.
    await tried(seen, client, "filter by date", ListInvoices(company, direction, min_issue_date=in_a_year))
    await tried(seen, client, "missing document", ListInvoices(company, direction, document_id=_MISSING))


async def _look_at_details(client: AsyncKolayBi, seen: Seen, request: ListInvoices, page: InvoicePage) -> None:
    """Read a few documents of the list one by one: what one reply says of them, the other should say too."""
    official = [row for row in page.invoices if row.uuid is not None and row.no is not None]
    for row in official[:1]:
        await tried(seen, client, "detail of a document", GetInvoice(row.document_id), listed=row)
    numbered = {row.document_id for row in page.invoices if row.no is not None}
    behind = False
    for row in [row for row in page.invoices if row.document_id not in numbered][:_FEW]:
        shown = await tried(seen, client, "detail of an unsent document", GetInvoice(row.document_id), listed=row)
        behind = behind or (shown is not None and shown.is_official)
    if behind:
        # It may have been sent in between; what the list still hides after that, it hides.
        await tried(seen, client, "invoices again", ListInvoices(request.company_id, request.direction))


async def _look_at_vaults(client: AsyncKolayBi, seen: Seen) -> None:
    vaults = await tried(seen, client, "vaults", ListVaults())
    for vault in [vault for vault in vaults or () if vault.vault_id is not None][:1]:
        await tried(seen, client, "movements", ListVaultTransactions(vault.vault_id))


async def _look_at_propars(account: Account, visit: Visit, seen: Seen) -> None:
    client = account.client(AsyncPropars, timeout=visit.timeout)
    record_reads(client, seen.exchanges)
    async with client:
        await tried(seen, client, "missing sale", GetSignedXml(sale_id=_MISSING))
        sent = await _sales(client, seen, "sent sales", is_sent=True)
        await _look_at_unsent_sales(client, seen)
        for invoice_id in [sale.invoice_id for sale in sent if sale.invoice_id is not None][:1]:
            await tried(seen, client, "invoice of a sale", GetSaleInvoice(invoice_id))
        request = _sale(visit) or next((GetSignedXml(sale_id=one.sale_id) for one in sent if one.sale_id), None)
        if request is not None:
            named = [one for one in sent if _is_of(request, one)]
            await tried(seen, client, "signed document", request, listed=next(iter(named), None))


async def _look_at_unsent_sales(client: AsyncPropars, seen: Seen) -> None:
    unsent = await _sales(client, seen, "unsent sales", is_sent=False)
    behind = False
    for sale_id, sale in [(sale.sale_id, sale) for sale in unsent if sale.sale_id is not None][:_FEW]:
        shown = await tried(seen, client, "unsent sale", GetSale(sale_id), listed=sale)
        behind = behind or (shown is not None and bool(shown.invoice_sent))
    if behind:
        await _sales(client, seen, "unsent sales again", is_sent=False)


async def _sales(client: AsyncPropars, seen: Seen, purpose: str, *, is_sent: bool) -> tuple[Sale, ...]:
    """Read the newest sales whose invoice was sent, or was not."""
    request = ListSales(invoice_sent=is_sent, ordering="-id", limit=_SALES)
    page: SalePage | None = await tried(seen, client, purpose, request)
    return () if page is None else page.sales


def _is_of(request: GetSignedXml, sale: Sale) -> bool:
    wanted = (request.sale_code, sale.sale_code) if request.sale_id is None else (request.sale_id, sale.sale_id)
    return wanted[0] == wanted[1]


def _sale(visit: Visit) -> GetSignedXml | None:
    if visit.sale_code is None and visit.sale_id is None:
        return None
    return GetSignedXml(sale_code=visit.sale_code, sale_id=visit.sale_id)


def _code(examined: list[Examined]) -> Exit:
    errors = [read.error for one in examined for read in one.seen.tried]
    if errors and all(isinstance(error, NotSentError) for error in errors):
        return Exit.NOT_SENT
    findings: list[Finding] = [
        finding for one in examined for finding in (*one.findings.values(), *one.guesses.values())
    ]
    against = any(finding.verdict is Verdict.NOT_HELD for finding in findings)
    return Exit.REFUSED if against or any(one.was_not_let_in for one in examined) else Exit.DONE
