"""One in another pid namespace: `namespaced.py {"journal": URL, "provider": URL, "ids": [...], "blind": false}`.

`blind`: it does not know in which namespaces it is.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys

from kolay_invoice import AsyncKolayBi
from kolay_invoice.emulator import credentials
from kolay_invoice.journal import Journal, owner
from kolay_invoice.kolaybi.models import CreateEDocument

settings = json.loads(sys.argv[1])
given = {"channel": credentials.KOLAYBI_CHANNEL, "access_token": credentials.KOLAYBI_ACCESS_TOKEN}


async def main():
    """Run requests that another worker has claimed, and print the counts."""
    async with (
        AsyncKolayBi(base_url=settings["provider"], **given) as client,
        Journal.open(settings["journal"]) as journal,
    ):
        requests = [CreateEDocument(number) for number in settings["ids"]]
        report = await journal.run(client, requests, quiet_period=0.1, patience=0.5)
        print(json.dumps({"pid": os.getpid(), "counts": report.counts}))  # noqa: T201 - it speaks to its test.


if settings["blind"]:
    owner.read_link = lambda _path: ""
asyncio.run(main())
