"""The implementation of `doctor`: reads and findings of each account, and one report."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final, Literal

from attrs import frozen

from kolay_invoice.cli import output
from kolay_invoice.cli.accounts import Account, account_of
from kolay_invoice.cli.calls import interruptible
from kolay_invoice.cli.doctor import kolaybi, propars
from kolay_invoice.cli.doctor.recorder import Observations, Reader, record_reads
from kolay_invoice.cli.doctor.report import ProviderReport, as_document, as_markdown
from kolay_invoice.cli.documents import check_output
from kolay_invoice.cli.error_texts import NAMES
from kolay_invoice.cli.errors import CommandError, ExitCode, report_errors
from kolay_invoice.cli.i18n import _
from kolay_invoice.cli.visible import lines
from kolay_invoice.errors import NotSentError
from kolay_invoice.kolaybi.client import AsyncKolayBi
from kolay_invoice.private_file import open_private
from kolay_invoice.propars.client import AsyncPropars
from kolay_invoice.propars.models import GetSignedXml

ASSUMPTIONS: Final = {"kolaybi": kolaybi.ASSUMPTIONS, "propars": propars.ASSUMPTIONS}
"""The assumptions about each provider."""


@frozen(kw_only=True)
class DoctorOptions:
    """The arguments of the command."""

    profile: str | None
    provider: Literal["kolaybi", "propars"] | None
    sale_code: str | None
    sale_id: int | None
    save: Path | None
    timeout: float
    json: bool

    @property
    def sale(self) -> GetSignedXml | None:
        """The read of the chosen sale's signed XML, or None.

        Raises:
            ValueError: Both the code and the id are given.
        """
        if self.sale_code is None and self.sale_id is None:
            return None
        return GetSignedXml(sale_code=self.sale_code, sale_id=self.sale_id)


def run_doctor(options: DoctorOptions) -> int:
    """Read from each provider with credentials, and print the report."""
    with report_errors(_("Nothing was changed."), as_json=options.json) as status:
        if options.save is not None:
            check_output(options.save)
        sale = options.sale
        reports = [_examine(account, sale, options.timeout) for account in _accounts(options)]
        status.code = _exit_code(reports)
        document = as_document(reports, status.code)
        text = output.as_json(document) if options.json else as_markdown(reports)
        if options.save is None:
            with output.answering(document, exit_code=int(status.code)):
                output.write_json(f"{text}\n") if options.json else output.stdout().print(text)
        else:
            with open(options.save, "x", encoding="utf-8", opener=open_private) as file:
                file.write(f"{lines(text)}\n")
            output.stderr().print(_("Written to {path} ({size} bytes).", path=options.save, size=f"{len(text):,}"))
    return status.code


def _accounts(options: DoctorOptions) -> list[Account]:
    if options.provider is not None:
        return [account_of(options.provider, options.profile)]
    found, missing = [], []
    for provider in ASSUMPTIONS:
        try:
            found.append(account_of(provider, options.profile))
        except CommandError as error:
            missing.append(_("{provider} is left out: {why}", provider=NAMES[provider], why=error))
    if not found:
        raise CommandError(ExitCode.USAGE, "\n".join(missing))
    for why in missing:
        output.stderr().print(why)
    return found


def _examine(account: Account, sale: GetSignedXml | None, timeout: float) -> ProviderReport:
    seen = Observations(account.provider)
    if account.provider == "kolaybi":
        reader = Reader(account.client(AsyncKolayBi, timeout=timeout), seen)
        reads = kolaybi.read(reader)
    else:
        reader = Reader(account.client(AsyncPropars, timeout=timeout), seen)
        reads = propars.read(reader, sale)
    record_reads(reader.client, seen.exchanges)
    interruptible(_run(reader, reads))
    return ProviderReport(account, seen, [(one, one.check(seen)) for one in ASSUMPTIONS[account.provider]])


async def _run(reader: Reader, reads: Coroutine[Any, Any, None]) -> None:
    provider, seen = NAMES[reader.seen.provider], reader.seen
    with output.spinner(
        lambda: _("{provider}: {count} answers so far …", provider=provider, count=len(seen.exchanges))
    ):
        async with reader.client:
            await reads


def _exit_code(reports: list[ProviderReport]) -> ExitCode:
    errors = [attempt.error for one in reports for attempt in one.seen.attempts]
    if errors and all(isinstance(error, NotSentError) for error in errors):
        return ExitCode.NOT_SENT
    is_bad = any(one.does_not_hold or one.access_denied for one in reports)
    return ExitCode.REFUSED if is_bad else ExitCode.DONE
