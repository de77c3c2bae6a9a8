"""Durable batches: each operation is sent at most once, however often and wherever the process is killed.

from kolay_invoice.journal import Journal

async with Journal.open("sqlite:///sends.db") as journal:
report = await journal.run(kolaybi, (CreateEDocument(number) for number in numbers), concurrency=16)
"""

from kolay_invoice.journal.errors import JournalConflictError, JournalError
from kolay_invoice.journal.journal import Journal, Report
from kolay_invoice.journal.runner import Progress
from kolay_invoice.journal.values import AttemptRecord, Refusal, Row, State

__all__ = [
    "AttemptRecord",
    "Journal",
    "JournalConflictError",
    "JournalError",
    "Progress",
    "Refusal",
    "Report",
    "Row",
    "State",
]
