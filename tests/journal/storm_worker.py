"""A worker in a storm: `storm_worker.py {...}` goes over its documents until each is settled or waits for a person.

What happens to its clocks, and what is taken away from the journal for a negative control, its settings say.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from itertools import zip_longest

from storm_clock import StormClock

from kolay_invoice import AsyncKolayBi
from kolay_invoice.emulator import credentials
from kolay_invoice.journal import Journal, JournalError, State, clock, database, store, writer
from kolay_invoice.journal.lease import Lease
from kolay_invoice.journal.server import Cluster
from kolay_invoice.kolaybi.models import CreateEDocument, Proceed

ENDED = (State.DONE, State.REFUSED, State.NEEDS_PERSON)


def move_clocks(shown):
    """Let this process see the clocks that a test moves."""
    real_time, real_boottime, real_awake_time = time.time, clock.boottime, clock.awake_time
    real_shown = clock.ServerClock.shown

    async def server_shown(self, connection):
        return await real_shown(self, connection) + shown.wall

    def boottime():
        return real_boottime() - shown.behind()

    time.time = lambda: real_time() + shown.wall
    clock.awake_time = lambda: real_awake_time() - shown.behind()
    # The modules that have the function under a name of their own are told one by one.
    for module in (clock, database):
        module.boottime = boottime
    clock.ServerClock.shown = server_shown


def take_away(what):
    """Take a part of the journal away, for a negative control."""
    if "gate" in what:
        writer.Writer._explain_refusal = lambda self, before: None
        Lease.is_held = lambda self: True
    if "proof" in what:

        async def advance(self, finished, marks):
            # Whatever the journal says of the lease and of the claim, the operation goes.
            result = await real_advance(self, finished, marks)
            return store.Advance(result.late, {row.row_id for row in marks})

        real_advance = store.Store.advance
        store.Store.advance = advance
    if "watch" in what:

        async def by_the_wall(self, connection):
            return time.time()

        async def unwatched(self, connection):
            return await self.shown(connection)

        clock.AwakeClock.now = by_the_wall
        clock.ServerClock.now = unwatched
    if "doubt" in what:
        Cluster.describe_difference = lambda self, other: None


def stop_before_a_mark():
    """Stand still before the next mark is written down, each time that SIGUSR1 comes."""
    asked = False

    def ask(*_):
        nonlocal asked
        asked = True

    real_advance = store.Store.advance

    async def advance(self, finished, marks):
        nonlocal asked
        if marks and asked:
            asked = False
            # Who stands still in a transaction keeps the file from all others; that is another test's matter.
            async with self._database._write_mutex:
                os.kill(os.getpid(), signal.SIGSTOP)
        return await real_advance(self, finished, marks)

    store.Store.advance = advance
    signal.signal(signal.SIGUSR1, ask)


async def go_over(journal, client, settings):
    """Run once over everything. Returns whether nothing is left to do."""
    sends = map(CreateEDocument, settings["sends"])
    collections = (Proceed(number, 1) for number in settings["collections"])
    # One of each in turn, so that whatever happens meets both.
    requests = [one for pair in zip_longest(sends, collections) for one in pair if one is not None]
    report = await journal.run(
        client,
        requests,
        concurrency=settings.get("concurrency", 4),
        quiet_period=settings["quiet"],
        patience=settings.get("patience", 5.0),
    )
    return sum(report.counts[state] for state in ENDED) == len(requests)


async def work(settings):
    """Go over everything until it has ended, with the journal opened anew whenever it was lost."""
    # A loop that checks each step takes as long again; what it would find, it finds in the other tests.
    asyncio.get_running_loop().set_debug(False)
    said = []
    async with AsyncKolayBi(
        channel=credentials.KOLAYBI_CHANNEL,
        access_token=credentials.KOLAYBI_ACCESS_TOKEN,
        base_url=settings["provider"],
        timeout=settings.get("timeout", 5.0),
        # A call that waits for its mark has not left, so its time to connect runs.
        connect_timeout=settings.get("timeout", 5.0),
    ) as client:
        has_ended = False
        while not has_ended:
            try:
                async with Journal.open(settings["journal"], lease_seconds=settings["lease"]) as journal:
                    while not has_ended:
                        has_ended = await go_over(journal, client, settings)
            except JournalError as error:
                said.append(str(error))
    return said


def main():
    """Do as told by the first argument."""
    settings = json.loads(sys.argv[1])
    take_away(settings.get("without", []))
    stop_before_a_mark()
    if "clock" in settings:
        move_clocks(StormClock(settings["clock"]))
    print(json.dumps({"said": asyncio.run(work(settings))}))  # noqa: T201 - it speaks to its test.


if __name__ == "__main__":
    main()
