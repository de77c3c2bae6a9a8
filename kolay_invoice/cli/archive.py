"""`kolay-invoice archive`: keep signed documents in a folder. This module defines only the arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from attrs import field, frozen
from cyclopts import App, Parameter

from kolay_invoice.cli.batch.journal_url import JournalUrl
from kolay_invoice.cli.options import Flag

app = App(name="archive", help="Keep signed documents in a folder, with a manifest.")


@Parameter(name="*")
@frozen(kw_only=True)
class ArchiveOptions:
    """What is archived, and how.

    Attributes:
        since: Invoices from this day on, YYYY-MM-DD: by the day of issue at KolayBi, of the order at Propars.
        until: With --since: up to this day.
        sale_code: The code of a sale of Propars; may be given more than once.
        sale_id: The id of a sale of Propars; may be given more than once.
        ettn: The ETTN of a document of KolayBi; may be given more than once.
        journal: A journal whose sends are archived: sqlite:///sends.db or postgresql://user@host/database.
        inbound: KolayBi's invoices that were received, instead of those that were issued.
        company_id: KolayBi's company. Default: that of the profile or KOLAYBI_COMPANY_ID, or else all companies.
        certificate: The one certificate that must have signed, PEM or DER.
        trust_store: Certificates of issuers, PEM. Default: the profile's xml.trust_store.
        concurrency: How many documents are fetched at once, up to 64.
        profile: The profile of the configuration file. Default: KOLAY_INVOICE_PROFILE, then the environment's accounts.
        timeout: Seconds that each call may take, with all its attempts.
        json: Print one JSON document, for errors too.
    """

    since: str | None = None
    until: str | None = None
    sale_code: tuple[str, ...] = ()
    sale_id: tuple[int, ...] = ()
    ettn: tuple[str, ...] = ()
    journal: JournalUrl = field(default="", repr=False)
    inbound: Flag = False
    company_id: int | None = None
    certificate: Path | None = None
    trust_store: Path | None = None
    concurrency: int = 4
    profile: str | None = None
    timeout: float = 30.0
    json: Flag = False


DEFAULTS: Final = ArchiveOptions()


@app.command
def propars(folder: Path, *, options: ArchiveOptions = DEFAULTS) -> int:
    """Keep the signed XML of Propars' invoices: of --since and --until, of sales, or of a journal. Only reads.

    Each is saved as YEAR/ETTN.xml, verified, and written down in manifest.json. Run again, it fetches what is missing.

    Exit code 0: everything is in the archive; 1: something is not, or a signature does not hold; 2: the arguments or
    the archive's manifest are wrong.

    Args:
        folder: The archive; it is made if there is none.
        options: What and how.
    """
    from kolay_invoice.cli.archiving import run_archive

    return run_archive("propars", folder, options)


@app.command
def kolaybi(folder: Path, *, options: ArchiveOptions = DEFAULTS) -> int:
    """Keep the XML and PDF of KolayBi's invoices: of --since and --until, by ETTN, or of a journal. Only reads.

    The signed XML comes by an undocumented argument; where it does not, the PDF alone is kept, and nothing is verified.
    Each is saved as YEAR/ETTN.xml and YEAR/ETTN.pdf and written down in manifest.json. Run again, it fetches what is
    missing.

    Exit code 0: everything is in the archive; 1: something is not, or a signature does not hold; 2: the arguments or
    the archive's manifest are wrong.

    Args:
        folder: The archive; it is made if there is none.
        options: What and how.
    """
    from kolay_invoice.cli.archiving import run_archive

    return run_archive("kolaybi", folder, options)
