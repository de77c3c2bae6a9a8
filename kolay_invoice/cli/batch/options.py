"""The arguments of `batch run`."""

from __future__ import annotations

from typing import Final

from attrs import field, frozen
from cyclopts import Parameter

from kolay_invoice.cli.batch.journal_url import JournalUrl
from kolay_invoice.cli.options import Flag


@Parameter(name="*")
@frozen(kw_only=True)
class RunOptions:
    """How a batch is run.

    Attributes:
        journal: Where every step is written down: sqlite:///sends.db or postgresql://user@host/database. Default:
            KOLAY_INVOICE_JOURNAL or the profile's journal.url.
        concurrency: How many calls may be on their way at once.
        quiet_period: Seconds after which what may have happened is looked up at the provider. At least 60, but for a
            provider on this machine.
        company_id: KolayBi's company whose list is looked into. Default: that of the profile or KOLAYBI_COMPANY_ID, or
            else all companies.
        profile: The profile of the configuration file. Default: KOLAY_INVOICE_PROFILE, then the environment's accounts.
        occasion: Why everything in the file is done once more, such as "February". With another occasion, the same line
            is another operation.
        look_first: Look each operation up before it is sent, and send it only where it is seen unsent: for a new
            journal after sends that were made without one.
        give_up_after: Seconds after which an operation that no read-back decides needs a manual check.
        absence_proves: Take what no list shows as not sent, and send it again. Can send an invoice twice; only where
            `kolay-invoice doctor` has shown that the filter of the list works.
        follow: Then wait until every invoice that was sent through KolayBi has a final status or has failed.
        follow_for: With --follow: seconds after which it is not waited any more.
        final_statuses: With --follow: the statuses that are final, separated by commas. Default:
            sent_to_receiver,approved,rejected,cancelled, which is an assumption.
        skip_bad: Leave out lines that cannot be read, instead of sending nothing until they are corrected.
        refused_ok: End with 0 although operations were refused, if nothing else is open.
        yes: Do not ask.
        dry_run: Check the file, show what would be sent where and what the journal holds of it, and send nothing.
        json: Print one JSON document instead of a table.
    """

    journal: JournalUrl = field(default="", repr=False)
    concurrency: int = 8
    quiet_period: float = 300.0
    company_id: int | None = None
    profile: str | None = None
    occasion: str = ""
    look_first: Flag = False
    give_up_after: float = 86_400.0
    absence_proves: Flag = False
    follow: Flag = False
    follow_for: float = 3600.0
    final_statuses: str | None = None
    skip_bad: Flag = False
    refused_ok: Flag = False
    yes: Flag = False
    dry_run: Flag = False
    json: Flag = False


RUN_DEFAULTS: Final = RunOptions()
