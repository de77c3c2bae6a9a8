"""A worker that stops while it plans: `stopping_in_plan.py {"journal": URL, "ids": [...], "forever": false}`.

`forever`: the server does not end its transaction for it.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys

from kolay_invoice.journal import planning, server
from kolay_invoice.journal.database import Database
from kolay_invoice.journal.operations import plan_operation
from kolay_invoice.journal.owner import Owner
from kolay_invoice.journal.store import Store
from kolay_invoice.kolaybi.models import CreateEDocument

settings = json.loads(sys.argv[1])
real_claim = planning.claim
times = []


async def claim(*arguments):
    """Claim, and stop once, with everything written and nothing committed."""
    times.append(len(times))
    rows = await real_claim(*arguments)
    if len(times) == 1:
        print(json.dumps(len(rows)), flush=True)  # noqa: T201 - it speaks to its test.
        os.kill(os.getpid(), signal.SIGSTOP)
    return rows


async def main():
    """Plan once."""
    # What stood still for a while is no slow callback.
    asyncio.get_running_loop().slow_callback_duration = 3600.0
    if settings["forever"]:
        server._SETTINGS = server._SETTINGS.replace(f"'{server.IDLE_SECONDS}s'", "'0'")
    planning.claim = claim
    database = await Database.open(settings["journal"], create=True)
    database.max_outage = 30.0
    store = Store(database, Owner())
    await store.start_lease(60.0)
    chunk = [plan_operation(CreateEDocument(number), "kolaybi", "loopback") for number in settings["ids"]]
    plan = await store.plan(await store.begin_run(), chunk)
    await store.end_lease()
    await database.close()
    print(json.dumps({"transactions": len(times), "taken": len(plan.rows)}))  # noqa: T201 - it speaks to its test.


asyncio.run(main())
