"""Send the invoices of a list every night, and say something only when somebody has to know.

    0 2 * * *  KOLAYBI_CHANNEL=… KOLAYBI_API_KEY=… python cron_send.py to_send.txt sqlite:////var/lib/sends.db

The list has one document id a line. cron mails what is printed. The exit code is 0 when every invoice is settled, and 4
when some are not: they wait for the next run, which looks them up, or for a person. A run that is killed, or two runs
at once, send nothing twice: the journal knows what has left.
"""

import asyncio
import sys
from pathlib import Path

from kolay_invoice import AsyncKolayBi, CreateEDocument
from kolay_invoice.journal import Journal, Report, State


async def run(document_ids: list[int], journal_url: str) -> int:
    """Send, print the report, and return the exit code."""
    async with AsyncKolayBi.from_env() as kolaybi, Journal.open(journal_url) as journal:
        report = await journal.run(kolaybi, map(CreateEDocument, document_ids))
        await tell(report)
    return 0 if report.is_settled else 4


async def tell(report: Report) -> None:
    """Print what is to be done, one invoice a line; nothing when all were sent."""
    if report.stopped:
        print(f"The run was cut short: {report.stopped}")
    async for row in report.rows:
        match row.state:
            case State.DONE:
                continue
            case State.REFUSED:
                print(f"{row.key}  refused, mend it: {row.refusal and row.refusal.detail}")
            case State.NEEDS_PERSON:
                print(f"{row.key}  may have been sent, look it up: {row.note}")
            case _:
                print(f"{row.key}  {row.state}, the next run goes on with it")


if __name__ == "__main__":
    numbers = [int(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").split()]
    sys.exit(asyncio.run(run(numbers, sys.argv[2])))
