"""Durable batches: each operation is sent at most once, even if the process is killed at any moment.

from kolay_invoice.journal import Journal

async with Journal.open("sqlite:///sends.db") as journal:
report = await journal.run(kolaybi, (CreateEDocument(number) for number in numbers), concurrency=16)
"""

try:
    from kolay_invoice.journal.blocking import BlockingJournal, BlockingReport
    from kolay_invoice.journal.errors import JournalConflictError, JournalError, LeaseLostError
    from kolay_invoice.journal.identity import Doubt
    from kolay_invoice.journal.journal import Journal
    from kolay_invoice.journal.models import AttemptRecord, Change, Refusal, Row, State
    from kolay_invoice.journal.operations import OnOccasion
    from kolay_invoice.journal.planning import Conflict
    from kolay_invoice.journal.report import Identity, Report
    from kolay_invoice.journal.writer import Progress
    from kolay_invoice.readback import Evidence
except ModuleNotFoundError as missing:
    if (missing.name or "").startswith("kolay_invoice"):
        raise
    msg = f"kolay_invoice.journal needs {missing.name}: pip install 'kolay-invoice[journal]'"
    raise ModuleNotFoundError(msg, name=missing.name) from None

__all__ = [
    "AttemptRecord",
    "BlockingJournal",
    "BlockingReport",
    "Change",
    "Conflict",
    "Doubt",
    "Evidence",
    "Identity",
    "Journal",
    "JournalConflictError",
    "JournalError",
    "LeaseLostError",
    "OnOccasion",
    "Progress",
    "Refusal",
    "Report",
    "Row",
    "State",
]
