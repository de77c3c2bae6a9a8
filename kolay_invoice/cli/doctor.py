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
from kolay_invoice.cli.doctor_report import Examined, as_document, as_markdown
from kolay_invoice.cli.doctor_seen import ReadingKolayBi, ReadingPropars, Seen, tried
from kolay_invoice.cli.endings import CommandError, Exit, paragraph
from kolay_invoice.cli.profiles import Account, account_of
from kolay_invoice.cli.retelling import NAMES
from kolay_invoice.cli.texts import say
from kolay_invoice.errors import NotSentError
from kolay_invoice.kolaybi.models import Direction, InvoicePage, ListCompanies, ListInvoices
from kolay_invoice.propars.models import GetSignedXml

_MISSING: Final = 2**53 - 1
"""An id that no account has, and every language can hold."""

_MOST_COMPANIES: Final = 3
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
    return Examined(account, seen, findings)


async def _watched(look: Coroutine[Any, Any, None], seen: Seen) -> None:
    with output.waiting(lambda: say("doctor.asking", provider=NAMES[seen.provider], count=len(seen.exchanges))):
        await look


async def _look_at_kolaybi(account: Account, visit: Visit, seen: Seen) -> None:
    client = account.client(ReadingKolayBi, timeout=visit.timeout)
    client.exchanges = seen.exchanges
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


def _with_rows(request: ListInvoices, page: InvoicePage | None) -> tuple[ListInvoices, InvoicePage] | None:
    return (request, page) if page is not None and page.invoices else None


async def _look_closer(client: ReadingKolayBi, seen: Seen, request: ListInvoices, page: InvoicePage) -> None:
    company, direction = request.company_id, request.direction
    if page.next_page is not None:
        await tried(seen, client, "next page", ListInvoices(company, direction, page=page.next_page))
    document_id = page.invoices[0].document_id
    await tried(seen, client, "filter by document", ListInvoices(company, direction, document_id=document_id))
    in_a_year = date.today() + _A_YEAR  # noqa: DTZ011 - a day more or less is no matter a year from now.
    await tried(seen, client, "filter by date", ListInvoices(company, direction, min_issue_date=in_a_year))
    await tried(seen, client, "missing document", ListInvoices(company, direction, document_id=_MISSING))


async def _look_at_propars(account: Account, visit: Visit, seen: Seen) -> None:
    client = account.client(ReadingPropars, timeout=visit.timeout)
    client.exchanges = seen.exchanges
    async with client:
        await tried(seen, client, "missing sale", GetSignedXml(sale_id=_MISSING))
        sale = _sale(visit)
        if sale is not None:
            await tried(seen, client, "signed document", sale)


def _sale(visit: Visit) -> GetSignedXml | None:
    if visit.sale_code is None and visit.sale_id is None:
        return None
    return GetSignedXml(sale_code=visit.sale_code, sale_id=visit.sale_id)


def _code(examined: list[Examined]) -> Exit:
    errors = [read.error for one in examined for read in one.seen.tried]
    if errors and all(isinstance(error, NotSentError) for error in errors):
        return Exit.NOT_SENT
    findings: list[Finding] = [finding for one in examined for finding in one.findings.values()]
    against = any(finding.verdict is Verdict.NOT_HELD for finding in findings)
    return Exit.REFUSED if against or any(one.was_not_let_in for one in examined) else Exit.DONE
