"""A run in whose middle something happens to its process. Its settings are JSON."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import sys

from kolay_invoice import AsyncKolayBi
from kolay_invoice.emulator import credentials
from kolay_invoice.journal import Journal, JournalError
from kolay_invoice.kolaybi.models import CreateEDocument

settings = json.loads(sys.argv[1])
given = {"channel": credentials.KOLAYBI_CHANNEL, "access_token": credentials.KOLAYBI_ACCESS_TOKEN}
children = []


def say(**words):
    """Write one line, whatever process this is."""
    os.write(1, (json.dumps(words) + "\n").encode())


async def use_in_child(journal):
    """Do in a child what belongs to its parent."""
    said = []
    async with AsyncKolayBi(base_url=settings["provider"], **given) as client:
        for use in (
            lambda: journal.run(client, [CreateEDocument(settings["ids"][0])]),
            journal.counts,
            lambda: journal.settle("key", done=True),
        ):
            try:
                await use()
            except RuntimeError as error:
                said.append(str(error))
    await journal.aclose()
    return said


def be_child(journal):
    """Use the journal, and say what it says."""
    say(child=asyncio.run(use_in_child(journal)))


def fork(journal):
    """Fork, and leave the child at once.

    A child that leaves by `sys.exit` closes the loop, and thereby takes the loop's own wake-up pipe from the selector
    that it shares with its parent: no thread reaches the parent's loop any more. asyncio does that by itself, as
    `test_plain_asyncio_loses_its_threads_when_a_child_leaves_through_its_loop` shows.
    """
    child = os.fork()
    if child:
        children.append(child)
    else:
        be_child(journal)
        os._exit(0)


def start_process(journal):
    """Let multiprocessing fork."""
    child = multiprocessing.get_context("fork").Process(target=be_child, args=(journal,))
    child.start()
    children.append(child)


def stop_loop(journal):
    """Stop the loop that everything runs on."""
    asyncio.get_running_loop().stop()


def leave(journal):
    """Leave the program."""
    sys.exit(3)


HAPPENS = {"fork": fork, "multiprocessing": start_process, "loop.stop": stop_loop, "SystemExit": leave}


async def run():
    """Run over everything; in its middle, it happens."""
    asyncio.get_running_loop().slow_callback_duration = 3600.0
    has_happened = False
    async with AsyncKolayBi(base_url=settings["provider"], **given) as client:  # noqa: SIM117 - two lines that read well.
        async with Journal.open(settings["journal"], lease_seconds=5.0) as journal:

            def happen(*_):
                nonlocal has_happened
                if not has_happened:
                    has_happened = True
                    HAPPENS[settings["happens"]](journal)

            def requests():
                for place, number in enumerate(settings["ids"]):
                    if place == len(settings["ids"]) // 2 and settings["where"] == "source":
                        happen()
                    yield CreateEDocument(number)

            report = await journal.run(
                client,
                requests(),
                concurrency=4,
                quiet_period=1.0,
                patience=5.0,
                progress=happen if settings["where"] == "progress" else None,
            )
            say(counts=report.counts)


def main():
    """Run, and wait for the children."""
    try:
        asyncio.run(run())
    except JournalError as error:
        say(error=str(error))
    except RuntimeError as error:
        # It is asyncio's own word.
        say(stopped=str(error))
    for child in children:
        if isinstance(child, int):
            say(ended=os.waitpid(child, 0)[1])
        else:
            child.join()
            say(ended=child.exitcode)


main()
