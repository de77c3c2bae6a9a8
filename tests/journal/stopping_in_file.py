"""A worker that stops in a transaction on a file: `stopping_in_file.py {"journal": URL}`."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys

from kolay_invoice.journal import Journal

settings = json.loads(sys.argv[1])


async def main():
    """Take the file's write lock, and stop."""
    # What stood still for a while is no slow callback.
    asyncio.get_running_loop().slow_callback_duration = 3600.0
    async with Journal.open(settings["journal"]) as journal:

        async def stand_still(_connection):
            print(json.dumps(os.getpid()), flush=True)  # noqa: T201 - it speaks to its test.
            os.kill(os.getpid(), signal.SIGSTOP)

        await journal._require_open().database.write(stand_still)
    print(json.dumps("ended"), flush=True)  # noqa: T201 - it speaks to its test.


asyncio.run(main())
