"""The event loops that this package makes itself: for the blocking clients and for the command."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop. On Windows it is a selector loop: psycopg cannot work on the default one (Proactor)."""
    return asyncio.SelectorEventLoop() if sys.platform == "win32" else asyncio.new_event_loop()


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine as `asyncio.run` does, on such a loop."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(main)


def is_proactor(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether a loop is the default one of Windows."""
    kind = getattr(asyncio, "ProactorEventLoop", None)
    return kind is not None and isinstance(loop, kind)
