"""Two procrastinate workers on one journal: every document is deferred twice, and executed once.

    DATABASE_URL=postgresql://user@host/database python examples/procrastinate_worker.py

It needs an empty PostgreSQL database and `pip install 'kolay-invoice[procrastinate,emulator]'`. Nothing leaves this
machine: the provider is the embedded emulator. The app itself is in `procrastinate_app.py`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from procrastinate_app import DATABASE_URL, app, send

from kolay_invoice import CreateEDocument
from kolay_invoice.contrib.procrastinate import job
from kolay_invoice.emulator import Emulator

WORKERS = 2
DOCUMENTS = 20


async def main() -> int:
    """Defer everything twice, let the workers do it, and count at the provider."""
    # The strictest test there is: a provider that carries out whatever it is sent, as often as it is sent.
    with Emulator(duplicates="execute") as emulator:
        numbers = [emulator.add_document().document_id for _ in range(DOCUMENTS)]
        # One answer is lost after the invoice was sent; the journal finds it by reading back.
        emulator.fault("create_e_document", "drop-after")
        async with app.open_async():
            await app.schema_manager.apply_schema_async()
            for number in [*numbers, *numbers]:
                await send.defer_async(**job(CreateEDocument(number)))
            workers = [await start_worker(emulator) for _ in range(WORKERS)]
            try:
                while await unfinished():  # noqa: ASYNC110 - a queue tells nobody that it is empty.
                    await asyncio.sleep(0.2)
            finally:
                for worker in workers:
                    worker.terminate()
                await asyncio.gather(*(worker.wait() for worker in workers))
        executed = [emulator.executions("create_e_document", number) for number in numbers]
    print(f"{2 * DOCUMENTS} jobs, {WORKERS} workers, {DOCUMENTS} documents: {sum(executed)} executions")
    return 0 if executed == [1] * DOCUMENTS else 1


async def start_worker(emulator: Emulator) -> asyncio.subprocess.Process:
    """Start a worker, as the `procrastinate` command does."""
    environment = {
        **os.environ,
        "DATABASE_URL": DATABASE_URL,
        "KOLAYBI_CHANNEL": emulator.kolaybi_channel,
        "KOLAYBI_API_KEY": emulator.kolaybi_api_key,
        "KOLAYBI_BASE_URL": emulator.kolaybi_url,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }
    options = ["--app=procrastinate_app.app", "worker", "--concurrency=4", "--fetch-job-polling-interval=0.5"]
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "procrastinate", *options, env=environment)


async def unfinished() -> bool:
    """Whether a job is waiting or being done."""
    for status in ("todo", "doing"):
        if list(await app.job_manager.list_jobs_async(status=status)):
            return True
    return False


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
