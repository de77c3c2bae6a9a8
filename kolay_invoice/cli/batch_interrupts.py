"""Ctrl-C in a batch: once to stop, twice to cut."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kolay_invoice.cli.i18n import _
from kolay_invoice.cli.output import aside


@contextmanager
def interruptible(stop: Callable[[], None], cut: Callable[[], None]) -> Iterator[None]:
    """Hear Ctrl-C and SIGTERM: the first one stops, the second one cuts, a third one is the interpreter's again."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    heard = 0

    def interrupted() -> None:
        nonlocal heard
        heard += 1
        if heard == 1:
            aside().print(
                _("Stopping: nothing more is started, and what is on its way is waited for. Once more does not wait.")
            )
            stop()
        else:
            aside().print(_("Cut: what was on its way may have happened, and is written down as unknown."))
            # Writing that down could hang on a database; then a third one ends it, and the next run finds it out.
            for number in before:
                _unhear(loop, number)
            cut()

    for number in before:
        _hear(loop, number, interrupted)
    try:
        yield
    finally:
        for number, handler in before.items():
            _unhear(loop, number)
            signal.signal(number, handler)


def _hear(loop: asyncio.AbstractEventLoop, number: int, heard: Callable[[], None]) -> None:
    try:
        loop.add_signal_handler(number, heard)
    except NotImplementedError:  # pragma: no cover - the loops of Windows, which every signal wakes up anyway.
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(heard))


def _unhear(loop: asyncio.AbstractEventLoop, number: int) -> None:
    try:
        loop.remove_signal_handler(number)
    except NotImplementedError:  # pragma: no cover - see above.
        signal.signal(number, signal.SIG_DFL)
