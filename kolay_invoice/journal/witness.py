"""A small file beside a SQLite journal that knows how far the journal has come: an older copy of it shows."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Final

from attrs import asdict, frozen

_SIZE: Final = 256
_NO_LINKS: Final = getattr(os, "O_NOFOLLOW", 0)


@frozen
class WitnessRecord:
    """How far a journal had come when it was last written.

    Attributes:
        journal_id: Which journal.
        run: The last run that was begun; 0 before the first.
        commits: How many times it was written.
    """

    journal_id: str
    run: int
    commits: int


class Witness:
    """The witness of one journal. It is written after each commit and never waits for the disk.

    So it can be behind the journal, after a power cut, but ahead of it only where commits were lost.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(f"{path.name}.seen")

    def read(self) -> WitnessRecord | None:
        """Return what was last seen; None where there is no witness, or nothing that can be read."""
        try:
            found = json.loads(self.path.read_text(encoding="ascii"))
            return WitnessRecord(str(found["journal_id"]), int(found["run"]), int(found["commits"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, seen: WitnessRecord) -> None:
        """Write down what was seen. Where that fails nothing else does: the journal itself is written already."""
        line = json.dumps(asdict(seen)).ljust(_SIZE - 1) + "\n"
        with contextlib.suppress(OSError):
            file = os.open(self.path, os.O_WRONLY | os.O_CREAT | _NO_LINKS, 0o600)
            try:
                # In one piece and always of one length, so that nobody reads half of it.
                os.write(file, line.encode("ascii"))
            finally:
                os.close(file)
