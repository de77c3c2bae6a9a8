"""A worker that stops in the middle of a transaction: `stopping.py {"journal": URL}`."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys

from sqlalchemy import text

from kolay_invoice.journal.database import Database

settings = json.loads(sys.argv[1])


async def main():
    """Take the lock, stop, and do the same once more after waking up."""
    database = await Database.open(settings["journal"], create=True)
    database.max_outage = 30.0
    runs = 0

    async def work(connection):
        nonlocal runs
        runs += 1
        await connection.execute(text("SELECT pg_advisory_xact_lock(1)"))
        if runs == 1:
            print(json.dumps("in the transaction"), flush=True)  # noqa: T201 - it speaks to its test.
            os.kill(os.getpid(), signal.SIGSTOP)

    await database.write(work)
    await database.close()
    print(json.dumps(runs), flush=True)  # noqa: T201 - it speaks to its test.


asyncio.run(main())
