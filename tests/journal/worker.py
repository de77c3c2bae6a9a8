"""A worker process: sends documents through a journal, and does to itself what its settings say.

The failpoints are put around the package's methods here; the package knows nothing of them.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import sys
import time
from contextlib import nullcontext
from importlib import import_module

from kolay_invoice import AsyncKolayBi
from kolay_invoice.deadline import Attempt
from kolay_invoice.emulator import credentials
from kolay_invoice.journal import Journal, JournalError, State, writer
from kolay_invoice.journal.database import Database
from kolay_invoice.journal.lease import Lease
from kolay_invoice.journal.store import Store
from kolay_invoice.kolaybi.models import CreateEDocument
from kolay_invoice.transport import Transport

POINTS = {
    "start": (Store, "start_lease"),
    "plan": (Store, "plan"),
    "claim": (Store, "claim_waiting"),
    "mark": (Store, "advance"),
    "first byte": (Attempt, "leaves"),
    "answer": (Transport, "send"),
    "head": (Transport, "_answer"),
    "record": (Store, "advance"),
    "read-back": (Store, "claim_due_readbacks"),
    "look": (Store, "record_readbacks"),
    "end of the run": (Store, "end_run"),
    "end": (Store, "end_lease"),
}
# One step writes both down; each of the two counts where there is something of it.
PLACES = {"record": 1, "mark": 2}


databases: list[Database] = []


def note_databases() -> None:
    """Keep the journals that this process opens."""
    real = Database.__init__

    def made(self, *arguments):
        real(self, *arguments)
        databases.append(self)

    Database.__init__ = made


def install(when: str, step: str, number: int, hurt) -> None:
    """Hurt this process before or after the n-th time that a step is taken."""
    owner, name = POINTS[step]
    real = getattr(owner, name)
    times = 0

    def is_time() -> bool:
        nonlocal times
        times += 1
        return times == number

    async def strike():
        # Who stands still in a transaction keeps the file from all others; that is another test's matter.
        async with databases[-1]._write_mutex if databases else nullcontext():
            hurt()

    async def asynchronous(*arguments, **options):
        strikes = (step not in PLACES or bool(arguments[PLACES[step]])) and is_time()
        if strikes and when == "before":
            await strike()
        result = await real(*arguments, **options)
        if strikes and when == "after":
            await strike()
        return result

    setattr(owner, name, asynchronous)


async def work(settings) -> dict[str, object]:
    """Run over the documents, once or until everything is settled."""
    # What stood still for a while is no slow callback.
    asyncio.get_running_loop().slow_callback_duration = 3600.0
    client = AsyncKolayBi(
        channel=credentials.KOLAYBI_CHANNEL,
        access_token=credentials.KOLAYBI_ACCESS_TOKEN,
        base_url=settings["emulator"],
        timeout=settings.get("timeout", 5.0),
    )
    async with client, Journal.open(settings["journal"], lease_seconds=settings.get("lease", 60.0)) as journal:
        end = time.monotonic() + settings.get("until_settled", 0.0)
        while True:
            report = await journal.run(
                client,
                (CreateEDocument(number) for number in settings["ids"]),
                concurrency=settings.get("concurrency", 4),
                quiet_period=settings.get("quiet", 0.3),
                patience=settings.get("patience", 10.0),
                give_up_after=settings.get("give_up_after", 86_400.0),
            )
            # What waits for a person waits for ever.
            is_open = any(
                count and not (state.is_settled or state is State.NEEDS_PERSON)
                for state, count in report.counts.items()
            )
            if not is_open or time.monotonic() > end:
                return {"counts": report.counts, "stopped": report.stopped}


def main() -> None:
    """Do as told by the first argument."""
    settings = json.loads(sys.argv[1])
    if "mark_good_for" in settings:
        writer.MARK_SECONDS = settings["mark_good_for"]
    if settings.get("no_gate"):
        # For a negative control: the gate lets everything through.
        writer.Writer._explain_refusal = lambda self, before: None
        Lease.is_held = lambda self: True
    if "fail" in settings:
        note_databases()
        when, step, number, signal_name = settings["fail"]
        install(when, step, number, lambda: os.kill(os.getpid(), signal.Signals[signal_name]))
    if "largest_file" in settings:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (settings["largest_file"], settings["largest_file"]))
    if "become" in settings:
        # Later imports would be in a folder that this user may not read.
        import_module("sqlalchemy.dialects.sqlite.aiosqlite")
        import_module("aiosqlite")
        import_module("encodings.ascii")
        os.setgid(settings["become"])
        os.setuid(settings["become"])
    try:
        result = asyncio.run(work(settings))
    except JournalError as error:
        result = {"error": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
