"""What an archive holds and what a run of it reports. None of it names a buyer."""

from __future__ import annotations

import enum
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from attrs import field, frozen

from kolay_invoice.value import Value


class Verdict(enum.StrEnum):
    """What is proven of a document."""

    VERIFIED = "verified"
    """A signer whom the caller named has signed it, and nothing was changed since."""
    INTACT = "intact"
    """Nothing was changed since it was signed with the certificate that it carries. Who signed was not checked."""
    REFUTED = "refuted"
    """Its signature does not hold, or is another signer's. It is kept as evidence."""
    NOT_CHECKED = "not_checked"
    """Nothing was checked: only a PDF came, or the extra `xml` is not installed."""


@frozen
class ArchivedFile:
    """A file of a document. `path` is relative to the archive, with slashes."""

    path: str
    sha256: str
    size: int


@frozen(kw_only=True)
class ArchivedDocument(Value):
    """A document in the archive.

    Attributes:
        ettn: Its ETTN, by which its files are named.
        number: Its invoice number; None where only a PDF came and no list had the number.
        date: Its day of issue, where its XML has it.
        provider: The provider that it came from.
        verdict: What is proven of it.
        reason: Why it is refuted or was not checked.
        archived_at: When it was fetched, in UTC.
        sources: Digests of the sale or document by which it was asked for. They tell a later run that it is here.
        files: Its files by kind: "xml", "pdf".
    """

    ettn: UUID
    number: str | None
    date: date | None
    provider: str
    verdict: Verdict
    reason: str | None = None
    archived_at: datetime
    sources: tuple[str, ...] = ()
    files: dict[str, ArchivedFile] = field(factory=dict, hash=False)


@frozen
class ArchiveFailure(Value):
    """A document that is not in the archive, or not as it was put there."""

    what: str
    """Its ETTN or number, or a digest of what it was asked for by."""
    reason: str


@frozen(kw_only=True)
class ArchiveReport(Value):
    """The result of a run.

    Attributes:
        folder: The archive.
        saved: The documents that this run has added.
        present: How many were there before, whole.
        failures: What could not be fetched or is damaged; a later run tries it again.
    """

    folder: Path
    saved: tuple[ArchivedDocument, ...]
    present: int
    failures: tuple[ArchiveFailure, ...]

    @property
    def is_complete(self) -> bool:
        """Whether everything that was asked for is in the archive."""
        return not self.failures

    @property
    def refuted(self) -> tuple[ArchivedDocument, ...]:
        """The documents of this run whose signature does not hold."""
        return tuple(one for one in self.saved if one.verdict is Verdict.REFUTED)
