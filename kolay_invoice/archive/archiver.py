"""Fetches, verifies and saves documents, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Lock
from typing import Final
from uuid import UUID

from attrs import Factory, define, frozen

from kolay_invoice.archive.manifest import NAME, ArchiveError, Manifest
from kolay_invoice.archive.sources import Client, Rows, Selection, Wanted
from kolay_invoice.archive.values import ArchivedDocument, ArchivedFile, ArchiveFailure, ArchiveReport, Verdict
from kolay_invoice.archive.verdict import Signers, judge
from kolay_invoice.errors import AuthenticationError, ConfigurationError, KolayInvoiceError
from kolay_invoice.file_lock import LockedError, locked
from kolay_invoice.kolaybi.client import AsyncKolayBi
from kolay_invoice.kolaybi.models import Direction, EDocumentFile
from kolay_invoice.kolaybi.models.files import PDF
from kolay_invoice.kolaybi.models.vocabulary import DirectionName
from kolay_invoice.messages import Message, message_of
from kolay_invoice.new_file import save_new
from kolay_invoice.private_file import make_private_folders
from kolay_invoice.propars.client import AsyncPropars
from kolay_invoice.propars.models import GetSignedXml, SignedXml
from kolay_invoice.propars.xml_facts import SignedInvoiceFacts, read_signed_invoice_async

CONCURRENCY: Final = 4
MOST_AT_ONCE: Final = 64

_SAVED_AT_ONCE: Final = 50
"""After how many new documents the manifest is written."""
_LOCK: Final = ".lock"
"""The file that a run locks while it writes to the archive. It is empty and stays."""
_NO_YEAR: Final = "undated"
_OF_THE_ACCOUNT: Final = (AuthenticationError, ConfigurationError)
"""Errors that every further call would meet."""


@frozen
class ArchiveProgress:
    """How far a run is. The number of all documents is not known before the end of a list."""

    saved: int
    present: int
    failed: int


async def archive(
    client: Client,
    folder: str | Path,
    *,
    since: date | str | None = None,
    until: date | str | None = None,
    sales: Iterable[str | int] | None = None,
    ettns: Iterable[UUID | str] | None = None,
    rows: Rows | None = None,
    company_id: int | None = None,
    direction: DirectionName = Direction.OUTBOUND,
    certificate: bytes | Path | None = None,
    trust_store: bytes | Path | None = None,
    concurrency: int = CONCURRENCY,
    progress: Callable[[ArchiveProgress], None] | None = None,
) -> ArchiveReport:
    """Save the signed documents of sent invoices as `<year>/<ETTN>.xml` (and `.pdf`), with a manifest. Only reads.

    Propars gives the signed XML; KolayBi a PDF, and by an undocumented argument the signed XML. A document that is in
    the archive, whole, is not fetched again; one that was changed is reported and kept as it is. A document whose
    signature does not hold is saved too, as evidence. One run at a time writes to an archive and locks its `.lock`.

    Args:
        client: The client of the provider, open.
        folder: The archive; it is made with the mode 0700 if there is none.
        since: Invoices from this day on: by the day of issue at KolayBi, by the day of the order at Propars, whose list
            has no other filter. Exactly one of `since`, `sales`, `ettns` and `rows`.
        until: With `since`: up to this day.
        sales: Propars' sales: their codes (texts) or ids (ints).
        ettns: KolayBi's documents.
        rows: Operations of a journal: `journal.rows()` or `report.rows`. Its sends that are done are archived.
        company_id: KolayBi's company; None: each company of the account.
        direction: KolayBi's "outbound", or "inbound" for the invoices that were received.
        certificate: The one certificate that has to have signed, in PEM or DER, or its file.
        trust_store: Certificates of issuers in PEM, or their file. Neither: only changes since the signature are found.
        concurrency: How many documents are fetched at once, 1 to 64.
        progress: Called after each document.

    Returns:
        What was saved, what was there before, and what could not be fetched.

    Raises:
        ArchiveError: The manifest cannot be read, the folder cannot be written, or another run is writing to it.
        AuthenticationError, ConfigurationError: No further document can be fetched. Those before it are in the archive.
        KolayInvoiceError: The list cannot be read.
        ValueError: An argument is invalid.
    """
    selection = Selection(
        since=since, until=until, sales=sales, ettns=ettns, rows=rows, company_id=company_id, direction=direction
    )
    selection.check(client)
    signers = Signers(certificate=certificate, trust_store=trust_store)
    signers.check()
    if type(concurrency) is not int or not 1 <= concurrency <= MOST_AT_ONCE:
        msg = Message("{name} must be a whole number from 1 to {number}", name="concurrency", number=MOST_AT_ONCE)
        raise ValueError(msg)
    run = _Run(client, Path(folder), signers, direction, progress or (lambda _: None))
    return await run.execute(selection.wanted(client), concurrency)


@frozen
class _Fetched:
    """What came of one invoice: its files by kind, and the facts of its XML if there is one."""

    files: dict[str, bytes]
    facts: SignedInvoiceFacts | None
    missing: str | None = None
    """Why there is no XML."""


@define(eq=False)
class _Run:
    """One run over the wanted invoices."""

    client: Client
    folder: Path
    signers: Signers
    direction: DirectionName
    progress: Callable[[ArchiveProgress], None]
    manifest: Manifest = Factory(lambda self: Manifest(self.folder), takes_self=True)
    saved: list[ArchivedDocument] = Factory(list)
    failures: list[ArchiveFailure] = Factory(list)
    present: int = 0
    _changes: int = 0
    _written: int = 0
    _counting: Lock = Factory(Lock)
    _writing: Lock = Factory(Lock)
    _in_hand: set[str] = Factory(set)

    async def execute(self, wanted: AsyncIterator[Wanted], concurrency: int) -> ArchiveReport:
        self._make_folder(self.folder)
        with self._lock_folder():
            self.manifest = await asyncio.to_thread(Manifest.read, self.folder)
            await self._archive_all(wanted, concurrency)
        return ArchiveReport(
            folder=self.folder, saved=tuple(self.saved), present=self.present, failures=tuple(self.failures)
        )

    async def _archive_all(self, wanted: AsyncIterator[Wanted], concurrency: int) -> None:
        lock = asyncio.Lock()

        async def work() -> None:
            while True:
                async with lock:
                    one = await anext(wanted, None)
                if one is None:
                    return
                await self._archive(one)

        workers = [asyncio.create_task(work()) for _ in range(concurrency)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            # What was saved stands in the manifest, however the run ends.
            await asyncio.shield(asyncio.to_thread(self._write_manifest))

    def _lock_folder(self) -> ExitStack:
        lock = ExitStack()
        try:
            lock.enter_context(locked(self.folder / _LOCK))
        except LockedError:
            msg = Message("another run is writing to the archive {path}: wait until it has ended", path=self.folder)
            raise ArchiveError(msg) from None
        except OSError as error:
            raise _cannot_write(error, self.folder / _LOCK) from None
        return lock

    def _make_folder(self, folder: Path) -> None:
        try:
            make_private_folders(folder)
        except OSError as error:
            raise _cannot_write(error, folder) from None

    async def _archive(self, wanted: Wanted) -> None:
        if wanted.label in self._in_hand:
            return
        self._in_hand.add(wanted.label)
        try:
            if not await asyncio.to_thread(self._is_present, wanted):
                await self._save(wanted, await self._fetch(wanted))
        except _OF_THE_ACCOUNT:
            raise
        except (KolayInvoiceError, ValueError, FileExistsError) as error:
            # A text of an OSError may be the system's; those here are this package's own.
            reason = error.reason if isinstance(error, KolayInvoiceError) else message_of(error)
            self.failures.append(ArchiveFailure(wanted.label, reason))
        self.progress(ArchiveProgress(len(self.saved), self.present, len(self.failures)))

    def _is_present(self, wanted: Wanted) -> bool:
        """Whether a document is in the archive with all its files.

        Raises:
            ValueError: A file of it was changed.
        """
        document = self.manifest.find(wanted.ettn, wanted.source, wanted.number)
        if document is None:
            return False
        missing, changed = self.manifest.damaged_files(document)
        if changed:
            msg = Message("{path} was changed after it was archived: restore it from a copy", path=changed[0])
            raise ValueError(msg)
        if missing:
            return False
        with self._counting:
            if wanted.source not in document.sources:
                self.manifest.add_source(document, wanted.source)
                self._changes += 1
            self.present += 1
        return True

    async def _fetch(self, wanted: Wanted) -> _Fetched:
        if isinstance(wanted.selector, GetSignedXml):
            assert isinstance(self.client, AsyncPropars)  # noqa: S101 - only its invoices are asked for by a sale.
            document = await self.client.call(wanted.selector)
            return _Fetched({"xml": document.content}, await read_signed_invoice_async(document.content))
        assert isinstance(self.client, AsyncKolayBi)  # noqa: S101 - only its documents are asked for by ETTN.
        direction = None if self.direction == Direction.OUTBOUND else self.direction
        files, facts, missing = {}, None, None
        try:
            xml = (await self.client.get_e_document_xml(wanted.selector, direction=direction)).content
            facts = await read_signed_invoice_async(xml)
            files["xml"] = xml
        except _OF_THE_ACCOUNT:
            raise
        except (KolayInvoiceError, ValueError) as error:
            # The argument for the XML is undocumented: without it the PDF is kept.
            missing = error.reason if isinstance(error, KolayInvoiceError) else message_of(error)
        shown: EDocumentFile = await self.client.get_e_document(wanted.selector, direction=direction)
        if shown.media_type == PDF:
            files["pdf"] = shown.content
        if not files:
            raise ValueError(missing)
        return _Fetched(files, facts, missing)

    async def _save(self, wanted: Wanted, fetched: _Fetched) -> None:
        facts = fetched.facts
        ettn = wanted.ettn if facts is None else facts.ettn
        assert ettn is not None  # noqa: S101 - without the facts of an XML, the ETTN was asked for.
        if wanted.ettn not in (None, ettn):
            msg = Message("the document that came is the invoice {found}", found=ettn)
            raise ValueError(msg)
        verdict: Verdict = Verdict.NOT_CHECKED
        reason = fetched.missing
        if facts is not None:
            verdict, reason = await asyncio.to_thread(judge, fetched.files["xml"], ettn, self.signers)
        number = wanted.number if facts is None else facts.number
        files = await asyncio.to_thread(self._write_files, ettn, _year(facts, number), fetched.files)
        document = ArchivedDocument(
            ettn=ettn,
            number=number,
            date=None if facts is None else facts.issue_date,
            provider=self.client.name,
            verdict=verdict,
            reason=reason,
            archived_at=datetime.now(UTC).replace(microsecond=0),
            sources=(wanted.source,),
            files=files,
        )
        with self._counting:
            self.manifest.add(document)
            self.saved.append(document)
            self._changes += 1
        if self._changes - self._written >= _SAVED_AT_ONCE:
            await asyncio.to_thread(self._write_manifest)

    def _write_files(self, ettn: UUID, year: str, contents: dict[str, bytes]) -> dict[str, ArchivedFile]:
        files, path = {}, year
        self._make_folder(self.folder / year)
        try:
            for kind, content in contents.items():
                path = f"{year}/{ettn}.{kind}"
                save_new(content, self.folder / path)
                files[kind] = ArchivedFile(path, SignedXml(content).sha256, len(content))
        except FileExistsError:
            raise
        except OSError as error:
            raise _cannot_write(error, self.folder / path) from None
        return files

    def _write_manifest(self) -> None:
        with self._writing:
            count = self._changes
            if count == self._written:
                return
            try:
                self.manifest.write()
            except OSError as error:
                raise _cannot_write(error, self.folder / NAME) from None
            self._written = count


def _cannot_write(error: OSError, path: Path) -> ArchiveError:
    reason = error.strerror or message_of(error)
    return ArchiveError(Message("{path} cannot be written: {reason}", path=path, reason=reason))


def _year(facts: SignedInvoiceFacts | None, number: str | None) -> str:
    """Return the folder of a document: the year of its issue, or the one in its number."""
    if facts is not None and facts.issue_date is not None:
        return f"{facts.issue_date.year:04}"
    year = (number or "")[3:7]
    return year if len(year) == len("2026") and year.isdecimal() and year.isascii() else _NO_YEAR
