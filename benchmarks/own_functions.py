"""Counts the functions of the package that one call enters: `python -m benchmarks.own_functions`.

Each function counts once a call, however often it is entered or resumed. Comprehensions, lambdas and generated
`__init__` methods do not count. A row of the journal counts what each further row enters: a run of many rows less a
run of few, by entries.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

import kolay_invoice
from kolay_invoice import AsyncKolayBi, CreateEDocument, KolayBi
from kolay_invoice.emulator import Emulator
from kolay_invoice.journal import Journal

PACKAGE: Final = str(Path(kolay_invoice.__file__).parent)
OUTSIDE: Final = str(Path(PACKAGE, "emulator"))
COMPANY: Final = 7

Functions = Counter[tuple[str, str]]


class Counting:
    """Notes entries while it is on."""

    def __init__(self) -> None:
        self.is_on = False
        self.entered: Functions = Counter()

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        """Note an entry; Python calls it at each event of the profiled threads."""
        code = frame.f_code
        name = code.co_filename
        if not self.is_on or event != "call" or not name.startswith(PACKAGE) or name.startswith(OUTSIDE):
            return
        if not code.co_name.startswith("<"):
            self.entered[name.removeprefix(PACKAGE), code.co_qualname] += 1

    @contextmanager
    def on(self) -> Iterator[None]:
        """Note what is entered within."""
        self.entered = Counter()
        self.is_on = True
        try:
            yield
        finally:
            self.is_on = False


counting: Final = Counting()


def asyncio_call(emulator: Emulator) -> Functions:
    """Return what a `create_e_document` enters, after one that opened everything."""

    async def work() -> None:
        first, second = (emulator.add_document(company_id=COMPANY).document_id for _ in range(2))
        async with AsyncKolayBi(**credentials(emulator)) as client:
            await client.create_e_document(first)
            with counting.on():
                await client.create_e_document(second)

    asyncio.run(work())
    return counting.entered


def blocking_call(emulator: Emulator) -> Functions:
    """Return what the blocking twin enters, in both threads."""
    first, second = (emulator.add_document(company_id=COMPANY).document_id for _ in range(2))
    with KolayBi(**credentials(emulator)) as client:
        client.create_e_document(first)
        with counting.on():
            client.create_e_document(second)
    return counting.entered


def journal_rows(emulator: Emulator, rows: int) -> Functions:
    """Return what a run of so many rows enters."""

    async def work() -> None:
        documents = [emulator.add_document(company_id=COMPANY).document_id for _ in range(rows)]
        async with (
            AsyncKolayBi(**credentials(emulator)) as client,
            Journal.open(f"sqlite:///{Path(directory, 'rows.db')}") as journal,
        ):
            with counting.on():
                await journal.run(client, [CreateEDocument(document) for document in documents])

    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(work())
    return counting.entered


def credentials(emulator: Emulator) -> dict[str, Any]:
    """Return the arguments of a client of the emulator."""
    return {
        "channel": emulator.kolaybi_channel,
        "access_token": emulator.kolaybi_access_token,
        "base_url": emulator.kolaybi_url,
    }


def main() -> None:
    """Print the counts, and with `-v` the functions."""
    sys.setprofile(counting)
    threading.setprofile(counting)
    with Emulator() as emulator:
        emulator.add_company(COMPANY)
        seen = {
            "AsyncKolayBi.create_e_document": asyncio_call(emulator),
            "KolayBi.create_e_document": blocking_call(emulator),
        }
        few, many = journal_rows(emulator, 100), journal_rows(emulator, 200)
    sys.setprofile(None)
    for name, entered in seen.items():
        print(f"{name}: {len(entered)} functions of {len({file for file, _ in entered})} files")
        if "-v" in sys.argv:
            for (file, function), times in entered.items():
                print(f"    {times} {file} {function}")
    difference = many - few
    a_row = Counter({function: round(times / 100) for function, times in difference.items() if times >= 50})
    print(f"a row of a journal: {len(a_row)} functions of {len({file for file, _ in a_row})} files")
    if "-v" in sys.argv:
        for (file, function), times in a_row.items():
            print(f"    {times} {file} {function}")


if __name__ == "__main__":
    main()
