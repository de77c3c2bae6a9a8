"""The blocking twin of `kolay_invoice.archive.archive`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import cast
from uuid import UUID

from kolay_invoice import archive as archiving
from kolay_invoice.archive import ArchiveReport
from kolay_invoice.archive.archiver import CONCURRENCY, ArchiveProgress
from kolay_invoice.archive.sources import Rows
from kolay_invoice.blocking.batch import core_of
from kolay_invoice.blocking.loop_thread import loop_thread
from kolay_invoice.kolaybi.blocking import KolayBi
from kolay_invoice.kolaybi.client import AsyncKolayBi
from kolay_invoice.kolaybi.models import Direction
from kolay_invoice.kolaybi.models.vocabulary import DirectionName
from kolay_invoice.propars.blocking import Propars
from kolay_invoice.propars.client import AsyncPropars


def archive(
    client: KolayBi | Propars,
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

    The blocking twin of `kolay_invoice.archive.archive`: same arguments, reply and errors. `progress` is called in the
    loop's thread.
    """
    return loop_thread.run(
        archiving.archive,
        cast("AsyncKolayBi | AsyncPropars", core_of(client, "archive")),
        folder,
        since=since,
        until=until,
        sales=sales,
        ettns=ettns,
        rows=rows,
        company_id=company_id,
        direction=direction,
        certificate=certificate,
        trust_store=trust_store,
        concurrency=concurrency,
        progress=progress,
    )
