"""Python's garbage collector, kept out of the way while many rows are made at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MOST_UNCOUNTED: Final = 250_000
"""Of a list of 100,000 rows, which are two objects each, all become old unsearched."""


@contextmanager
def collector_paused() -> Iterator[None]:
    """Let no collection run within: it would search, again and again, rows that cannot be garbage yet.

    Nothing is awaited within. Of threads that pause it at the same time the first one starts it again, which costs the
    others time and nothing else.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class _PastTheCount:
    """About how many objects have become old without the collector's counting them, since it last searched them all."""

    def __init__(self) -> None:
        self._objects = 0
        self._searches = -1

    def has_room(self) -> bool:
        """Whether what is young now may become old uncounted as well; then it counts as that."""
        searches = gc.get_stats()[-1]["collections"]
        if searches != self._searches:
            self._searches, self._objects = searches, 0
        young, middle, old = gc.get_count()
        each_young, each_middle, _ = gc.get_threshold()
        self._objects += young + each_young * (middle + each_middle * old)
        return self._objects <= MOST_UNCOUNTED


_past_the_count: Final = _PastTheCount()


def expect_to_live() -> None:
    """Tell the collector that what was made just now stays.

    Else it would search a list that grows from its beginning each time the list has grown by a quarter, and the event
    loop would stand still meanwhile. But the young garbage of the program becomes old with it, and the collector
    forgets that a search of everything is near: so this is done for so many objects, and then left to the collector
    until it has searched everything. A program that has frozen objects itself keeps them frozen, and pays that price.
    """
    if not gc.get_freeze_count() and _past_the_count.has_room():
        gc.freeze()
        gc.unfreeze()
