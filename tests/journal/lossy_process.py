"""A batch, run again and again in a network namespace of its own whose loopback loses packets at random for a while.

Run by `test_lossy_network`; its settings are JSON, and so is what it prints.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter

from kolay_invoice import AsyncKolayBi
from kolay_invoice.emulator import Emulator
from kolay_invoice.journal import Journal
from kolay_invoice.kolaybi.models import CreateEDocument

LOSSY_SECONDS = 30.0
PATIENCE_WITHOUT_LOSS = 80.0
"""Longer than the pause between two looks has grown while packets were lost."""
QUIET = 2.0
"""Longer than the emulator takes to carry out what has reached it when its client has given up."""


def lose_packets(percent: int) -> None:
    """Let the loopback of this namespace lose so many of a hundred packets."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    rule = f"meta l4proto tcp numgen random mod 100 < {percent} drop"
    for command in (
        "add table inet loss",
        "add chain inet loss input { type filter hook input priority 0; }",
        f"add rule inet loss input {rule}",
    ):
        subprocess.run(["nft", command], check=True)


def keep_packets() -> None:
    """Let the loopback lose nothing any more."""
    subprocess.run(["nft", "flush", "ruleset"], check=True)


async def work(settings: dict[str, object], emulator: Emulator) -> dict[str, object]:
    """Run until everything is settled, each time with the journal opened anew; the last time without loss."""
    ids = [emulator.add_document().document_id for _ in range(int(str(settings["documents"])))]
    client = AsyncKolayBi(
        channel=emulator.kolaybi_channel,
        access_token=emulator.kolaybi_access_token,
        base_url=emulator.kolaybi_url,
        timeout=3.0,
        connect_timeout=1.0,
    )
    async with client:
        runs, is_settled, ends = 0, False, time.monotonic() + LOSSY_SECONDS
        while not is_settled:
            runs += 1
            is_last = time.monotonic() >= ends
            if is_last:
                keep_packets()
            async with Journal.open(str(settings["journal"])) as journal:
                requests = [CreateEDocument(number) for number in ids]
                patience = PATIENCE_WITHOUT_LOSS if is_last else 4.0
                report = await journal.run(client, requests, concurrency=16, quiet_period=QUIET, patience=patience)
                is_settled = report.is_settled
            if is_last:
                break
    executions = [emulator.executions("create_e_document", number) for number in ids]
    return {"runs": runs, "counts": report.counts, "executed": sorted(Counter(executions).items())}


def main() -> None:
    """Do as told by the first argument."""
    settings = json.loads(sys.argv[1])
    lose_packets(settings["percent"])
    with Emulator(duplicates="execute") as emulator:
        print(json.dumps(asyncio.run(work(settings, emulator))))  # noqa: T201 - it is what the test reads.


if __name__ == "__main__":
    main()
