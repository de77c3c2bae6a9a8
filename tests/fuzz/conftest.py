"""The bounds within which every decoder has to stay."""

from __future__ import annotations

import contextlib
import signal
import tracemalloc

import pytest

MEBIBYTE = 1 << 20


class TooLongError(BaseException):
    """No `Exception`, because a parser may swallow those."""


def _too_long(_number, _frame):
    raise TooLongError


@pytest.fixture
def bounded():
    """Stop what computes for too long, on the clock of the process, and measure the memory that it took at most."""

    @contextlib.contextmanager
    def bounded(*, seconds, mebibytes):
        before = signal.signal(signal.SIGVTALRM, _too_long)
        tracemalloc.start()
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        try:
            yield
            peak = tracemalloc.get_traced_memory()[1]
        except TooLongError:
            pytest.fail(f"I5: it was still at it after {seconds} seconds", pytrace=False)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            tracemalloc.stop()
            signal.signal(signal.SIGVTALRM, before)
        assert peak <= mebibytes * MEBIBYTE, f"I5: it took {peak / MEBIBYTE:.0f} MiB"

    return bounded
