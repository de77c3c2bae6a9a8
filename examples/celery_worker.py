"""A Celery task that sends an invoice, and may be delivered as often as the queue likes: the journal lets it go once.

    REDIS_URL=redis://… JOURNAL_URL=sqlite:////var/lib/sends.db KOLAYBI_CHANNEL=… KOLAYBI_API_KEY=… \\
        celery --app celery_worker worker --concurrency 4

`acks_late` and `reject_on_worker_lost` bring a task back whose process was killed. Without a journal that would send
twice; a task that is acknowledged early would be lost instead. Journals are asynchronous, so the task runs a loop of
its own. On several machines JOURNAL_URL names a PostgreSQL database.
"""

import asyncio
import functools
import os

from celery import Celery, Task

from kolay_invoice import AsyncKolayBi, CreateEDocument, KolayBi
from kolay_invoice.journal import Journal, Row, State

JOURNAL_URL = os.environ.get("JOURNAL_URL", "sqlite:///sends.db")
# Longer than the slowest late execution at the provider: what is unknown is looked up after so many seconds.
QUIET_PERIOD = float(os.environ.get("QUIET_PERIOD", "300"))

app = Celery("celery_worker", broker=os.environ.get("REDIS_URL"), backend=os.environ.get("REDIS_URL"))
app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True, worker_prefetch_multiplier=1)


async def send_once(document_id: int) -> Row:
    """Send an invoice unless the journal knows better, and return what is known of it."""
    async with AsyncKolayBi.from_env() as kolaybi, Journal.open(JOURNAL_URL) as journal:
        request = CreateEDocument(document_id)
        report = await journal.run(kolaybi, [request], quiet_period=QUIET_PERIOD, patience=0)
        return await anext(report.rows)


@app.task(bind=True, max_retries=None)
def send(self: Task, document_id: int) -> str:
    """Send an invoice to the tax authority, and return what became of it."""
    row = asyncio.run(send_once(document_id))
    if not row.state.is_settled and row.state is not State.NEEDS_PERSON:
        raise self.retry(countdown=QUIET_PERIOD)
    return row.state.value


@functools.cache
def kolaybi() -> KolayBi:
    """Return this process's blocking client: made by the first task after the fork."""
    return KolayBi.from_env()


@app.task
def status_of(company_id: int, document_id: int) -> str | None:
    """Look an invoice up. A read needs no journal, so it is a plain blocking call."""
    found = kolaybi().list_invoices(company_id, "outbound", document_id=document_id)
    return found[0].status if found else None
