"""A small file beside a SQLite journal with its last run and commit. It reveals an older copy of the journal."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Final

from attrs import asdict, frozen

from kolay_invoice.private_file import WRITE, open_private, read_private

_SIZE: Final = 256


@frozen
class WitnessRecord:
    """The state of a journal after its last commit.

    Attributes:
        journal_id: Which journal.
        run: The last run that was begun; 0 before the first.
        commits: How many times it was written.
    """

    journal_id: str
    run: int
    commits: int


class Witness:
    """The witness of one journal. It is written after each commit, without waiting for the disk.

    After a power failure it can be behind the journal. It is ahead only if commits were lost.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(f"{path.name}.seen")

    def read(self) -> WitnessRecord | None:
        """Return the last record; None if there is no readable witness."""
        try:
            found = json.loads(read_private(self.path, forbidden=WRITE))
            return WitnessRecord(str(found["journal_id"]), int(found["run"]), int(found["commits"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, seen: WitnessRecord) -> None:
        """Write a record. Errors are ignored, because the journal itself is already committed."""
        line = json.dumps(asdict(seen)).ljust(_SIZE - 1) + "\n"
        with contextlib.suppress(OSError):
            file = open_private(self.path, os.O_WRONLY | os.O_CREAT, forbidden=WRITE)
            try:
                # One write of a constant length, so that no reader sees a part of it.
                os.write(file, line.encode("ascii"))
            finally:
                os.close(file)
