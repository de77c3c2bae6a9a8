"""Python's garbage collector, kept out of the way while many rows are made at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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


def expect_to_live() -> None:
    """Tell the collector that what was made just now stays.

    Else it would search a list that grows from its beginning each time the list has grown by a quarter, and the event
    loop would stand still meanwhile. A program that has frozen objects itself keeps them frozen, and pays that price.
    """
    if not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()
