"""An archive of signed documents on disk: fetched once, verified, and found again by its manifest.

    from kolay_invoice.archive import archive

    report = await archive(propars, "archive", since="2026-01-01", until="2026-01-31")

`kolay_invoice.blocking.archive` is the blocking twin, `kolay-invoice archive` the command.
"""

from kolay_invoice.archive.archiver import ArchiveProgress, archive
from kolay_invoice.archive.manifest import ArchiveError
from kolay_invoice.archive.values import ArchivedDocument, ArchivedFile, ArchiveFailure, ArchiveReport, Verdict

__all__ = [
    "ArchiveError",
    "ArchiveFailure",
    "ArchiveProgress",
    "ArchiveReport",
    "ArchivedDocument",
    "ArchivedFile",
    "Verdict",
    "archive",
]
