"""A run in whose middle its process gets no more memory, file size, descriptors or threads. Its settings are JSON."""

from __future__ import annotations

import asyncio
import json
import resource
import signal
import sys
import threading
from pathlib import Path

from kolay_invoice import AsyncKolayBi
from kolay_invoice.emulator import credentials
from kolay_invoice.journal import Journal, JournalError
from kolay_invoice.kolaybi.models import CreateEDocument

settings = json.loads(sys.argv[1])
given = {"channel": credentials.KOLAYBI_CHANNEL, "access_token": credentials.KOLAYBI_ACCESS_TOKEN}
MIB = 2**20
held = []


def limit(kind, value):
    """Lower a limit of this process."""
    resource.setrlimit(kind, (value, resource.getrlimit(kind)[1]))


def take_memory():
    """Leave no room for what a socket reads into. Without a byte for anything, no interpreter ends in order."""
    limit(resource.RLIMIT_AS, int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + MIB)
    size = MIB
    while size >= 64 * 1024:
        try:
            held.append(bytearray(size))
        except MemoryError:
            size //= 2


def take_file_size():
    """Let no file grow."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limit(resource.RLIMIT_FSIZE, 4096)


def take_descriptors():
    """Let nothing more be opened; what is open stays so."""
    limit(resource.RLIMIT_NOFILE, 3)


def take_threads():
    """Let no thread start, as where the count of an account's threads is used up.

    The kernel's own limit does not hold for root, and counts what others of the same account have.
    """

    def start(_thread):
        raise RuntimeError("can't start new thread")

    threading.Thread.start = start


TAKES = {"memory": take_memory, "file size": take_file_size, "descriptors": take_descriptors, "threads": take_threads}


async def run():
    """Run over everything; in its middle, the limit is reached."""
    asyncio.get_running_loop().slow_callback_duration = 3600.0
    seen = 0
    async with (
        AsyncKolayBi(base_url=settings["provider"], **given) as client,
        Journal.open(settings["journal"], lease_seconds=6.0) as journal,
    ):

        def progress(*_):
            nonlocal seen
            seen += 1
            if seen == settings["written"]:
                TAKES[settings["exhausted"]]()

        requests = (CreateEDocument(number) for number in settings["ids"])
        report = await journal.run(client, requests, concurrency=4, quiet_period=1.0, patience=2.0, progress=progress)
        return {"is_settled": report.is_settled, "text": report.untried}


def main():
    """Run, and say how it ended."""
    try:
        said = asyncio.run(run())
    except JournalError as error:
        said = {"error": type(error).__name__, "text": str(error)}
    # What is said takes memory too.
    held.clear()
    sys.stdout.write(json.dumps(said) + "\n")


main()
