"""`kolay-invoice archive`: fetch signed documents into a folder, with a report and an exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from kolay_invoice.archive import ArchiveError, ArchiveReport, Verdict, archive
from kolay_invoice.archive.archiver import ArchiveProgress
from kolay_invoice.archive.sources import Client, Selection
from kolay_invoice.archive.verdict import Signers
from kolay_invoice.cli import output
from kolay_invoice.cli.accounts import CLIENTS, account_of, company_id_of, trust_store_of
from kolay_invoice.cli.archive import ArchiveOptions
from kolay_invoice.cli.calls import interruptible
from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.errors import CommandError, ExitCode, report_errors
from kolay_invoice.cli.i18n import _, ngettext, sentence
from kolay_invoice.messages import N_

if TYPE_CHECKING:
    from kolay_invoice.archive.sources import Rows

_SHOWN: Final = 20
_VERDICTS: Final = {
    Verdict.VERIFIED: N_("verified by a trusted signer"),
    Verdict.INTACT: N_("intact, signer not checked"),
    Verdict.REFUTED: N_("signature does not hold: kept as evidence"),
    Verdict.NOT_CHECKED: N_("not checked"),
}


def run_archive(provider: str, folder: Path, options: ArchiveOptions) -> int:
    """Archive documents and return the exit code."""
    with report_errors(_("Nothing was fetched."), as_json=options.json) as status:
        account = account_of(provider, options.profile)
        client = account.client(CLIENTS[provider], timeout=options.timeout)
        company_id = company_id_of(account, options.company_id) if provider == "kolaybi" else None
        options = evolve(options, company_id=company_id)
        if options.certificate is None and options.trust_store is None:
            options = evolve(options, trust_store=trust_store_of(options.profile))
        # The arguments are checked before a journal is opened and a provider asked.
        Selection(**{**_selection(options), "rows": () if options.journal else None}).check(client)
        Signers(certificate=options.certificate, trust_store=options.trust_store).check()
        try:
            report = interruptible(_archive(client, folder, options))
        except ArchiveError as error:
            raise CommandError(ExitCode.USAGE, sentence(translate(error))) from None
        except KeyboardInterrupt:
            raise CommandError(
                ExitCode.INTERRUPTED, _("Interrupted. What was fetched is in the archive; run it again to go on.")
            ) from None
        status.code = ExitCode.DONE if report.is_complete and not report.refuted else ExitCode.REFUSED
        _print_report(report, options, status.code)
    return status.code


def _selection(options: ArchiveOptions) -> dict[str, Any]:
    sales = (*options.sale_code, *options.sale_id)
    return {
        "since": options.since,
        "until": options.until,
        "sales": sales or None,
        "ettns": options.ettn or None,
        "company_id": options.company_id,
        "direction": "inbound" if options.inbound else "outbound",
    }


async def _archive(client: Client, folder: Path, options: ArchiveOptions) -> ArchiveReport:
    async with client, _rows(options.journal) as rows:
        with _progress() as update:
            return await archive(
                client,
                folder,
                **_selection(options),
                rows=rows,
                certificate=options.certificate,
                trust_store=options.trust_store,
                concurrency=options.concurrency,
                progress=update,
            )


@asynccontextmanager
async def _rows(journal: str) -> AsyncIterator[Rows | None]:
    """Open a journal, if there is one, and yield its operations."""
    if not journal:
        yield None
        return
    from kolay_invoice.journal import Journal

    async with Journal.open(journal, create=False) as opened:
        yield opened.rows()


@contextmanager
def _progress() -> Iterator[Callable[[ArchiveProgress], None]]:
    """Show on a terminal how many documents were fetched, and yield the function that updates it."""
    console = output.stderr()
    if not console.is_terminal:
        yield lambda _so_far: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.fields[text]}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=None, text="")

        def update(so_far: ArchiveProgress) -> None:
            text = _(
                "{saved} fetched, {present} there already, {failed} not fetched",
                saved=f"{so_far.saved:,}",
                present=f"{so_far.present:,}",
                failed=f"{so_far.failed:,}",
            )
            bar.update(task, text=text)

        yield update


def _print_report(report: ArchiveReport, options: ArchiveOptions, code: ExitCode) -> None:
    verdicts = Counter(one.verdict for one in report.saved)
    if options.json:
        output.print_json(
            {
                "folder": str(report.folder),
                "saved": [
                    {"ettn": one.ettn, "number": one.number, "date": one.date, "verdict": str(one.verdict)}
                    for one in report.saved
                ],
                "present": report.present,
                "verdicts": {str(verdict): verdicts[verdict] for verdict in Verdict},
                "failures": [{"what": one.what, "reason": translate_reason(one.reason)} for one in report.failures],
                "complete": report.is_complete,
                "exit_code": int(code),
            }
        )
        return
    console = output.stdout()
    console.print(
        ngettext(
            "{count} document was saved in {folder}.",
            "{count} documents were saved in {folder}.",
            len(report.saved),
            folder=report.folder,
        )
    )
    for verdict, count in verdicts.items():
        console.print(f"  {count:,}  {_(_VERDICTS[verdict])}")
    if report.present:
        console.print(_("{count} were there already, whole, and were not fetched again.", count=f"{report.present:,}"))
    for one in report.refuted[:_SHOWN]:
        console.print(f"  {one.ettn}: {sentence(translate_reason(one.reason))}")
    if report.failures:
        console.print(
            _(
                "{count} are not in the archive as they should be; run it again later:",
                count=f"{len(report.failures):,}",
            )
        )
    for failure in report.failures[:_SHOWN]:
        console.print(f"  {failure.what}: {sentence(translate_reason(failure.reason))}")
    if (more := len(report.failures) - _SHOWN) > 0:
        console.print("  " + _("and {count} more", count=f"{more:,}"))


def translate_reason(reason: str | None) -> str:
    """Return the reason of a failure or verdict in the language of the command."""
    return translate(reason or "")
