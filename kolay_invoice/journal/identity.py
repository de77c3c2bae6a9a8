"""Whether a journal is the one that it was, with all that was committed to it."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen


@frozen
class Doubt:
    """A sign that commits of a journal may be missing: what is not settled is looked up before anything is sent.

    Attributes:
        reason: What was noticed, as a sentence.
        noticed_at: When, by the clock of the machine that noticed.
    """

    reason: str
    noticed_at: datetime
