"""The loop thread behind the blocking facade: one event loop for the process, started by the first call."""

from __future__ import annotations

import asyncio
import atexit
import os
import sys
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Generic, NoReturn, Self, TypeVar

from kolay_invoice.endpoint import Request
from kolay_invoice.forked import keep_for_ever
from kolay_invoice.provider import Provider

if TYPE_CHECKING:
    from types import TracebackType

T = TypeVar("T")
ReplyT = TypeVar("ReplyT")
CoreT = TypeVar("CoreT", bound=Provider)

_LAST_WAIT: Final = 5.0
"""Seconds that an interrupted call, or a client at the end of the process, gets to end by itself."""

_ROWS_AT_ONCE: Final = 500
"""How many rows cross from the loop's thread to the caller's together: each crossing costs as much as many rows."""


class LoopThread:
    """A private event loop in a daemon thread. A forked child starts its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        # In the child the thread does not exist and the lock may be held for ever, so both are made anew.
        keep_for_ever(self._loop)
        self._lock = threading.Lock()
        self._loop = None
        self._thread = None

    def _started(self) -> asyncio.AbstractEventLoop:
        if threading.current_thread() is self._thread:
            msg = "a blocking call from the SDK's own event loop would wait for itself: await the async client"
            raise RuntimeError(msg)
        with self._lock:
            if self._loop is None:
                _refuse_gevent()
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="kolay_invoice", daemon=True)
                self._thread.start()
            return self._loop

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Block until the coroutine is done, in the caller's context.

        Whatever interrupts the wait (Ctrl-C, an exception that a signal raises) cancels the call and waits until it
        has ended, so that nothing is sent behind the caller's back.
        """
        try:
            loop = self._started()
        except BaseException:
            coroutine.close()
            raise
        crossing = _Crossing(coroutine)
        try:
            loop.call_soon_threadsafe(crossing.start)
            crossing.wait()
        except BaseException as interruption:
            loop.call_soon_threadsafe(crossing.cancel)
            crossing.wait(_LAST_WAIT)
            crossing.tell(interruption)
            raise
        return crossing.result()

    def start_soon(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a coroutine without waiting for it, if the loop has been started in this process."""
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(lambda: loop.create_task(function()))

    def is_running(self) -> bool:
        """Whether the loop has been started in this process."""
        return self._loop is not None

    def stop(self) -> None:
        """Stop the loop and its thread. The next call starts another."""
        with self._lock:
            loop, self._loop = self._loop, None
            thread, self._thread = self._thread, None
        if loop is None or thread is None:
            return
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_LAST_WAIT)
        if not thread.is_alive():
            loop.close()


class _Crossing(Generic[T]):
    """One coroutine on its way from the caller's thread through the loop and back."""

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine = coroutine
        self._task: asyncio.Task[T] | None = None
        # A bare lock is the cheapest thing to wait for that a signal can interrupt.
        self._running = threading.Lock()
        self._running.acquire()

    def start(self) -> None:
        """Start the coroutine; runs in the loop's thread, in the caller's context."""
        self._task = asyncio.create_task(self._coroutine)
        self._task.add_done_callback(lambda _: self._running.release())

    def cancel(self) -> None:
        """Cancel it; runs in the loop's thread. A call that was never started never will be."""
        if self._task is None:
            self._coroutine.close()
            self._running.release()
        else:
            self._task.cancel()

    def wait(self, seconds: float = -1) -> None:
        """Wait for the end; runs in the caller's thread."""
        if self._running.acquire(timeout=seconds):
            self._running.release()

    def result(self) -> T:
        """Return or raise what the coroutine did."""
        assert self._task is not None  # noqa: S101 - what has ended was started.
        return self._task.result()

    def tell(self, interruption: BaseException) -> None:
        """Add to an interruption what is known of the call that it cut short, so that no answer is lost."""
        if self._task is None:
            return
        if not self._task.done():
            interruption.add_note("The call did not end when it was cancelled: its outcome is unknown.")
        elif self._task.cancelled():
            with suppress(asyncio.CancelledError):
                self._task.exception()
        elif (error := self._task.exception()) is not None:
            interruption.add_note(f"The call had ended with {type(error).__name__}: {error}")
        else:
            interruption.add_note(f"The call had ended with its answer: {self._task.result()!r}")


loop_thread: Final = LoopThread()
_open_cores: Final[set[Provider]] = set()


def _close_soon(core: Provider) -> None:
    _open_cores.discard(core)
    loop_thread.start_soon(core.aclose)


class BlockingClient(Generic[CoreT]):
    """What the blocking clients of both providers share. Any number of threads may use one at the same time."""

    def __init__(self, core: CoreT) -> None:
        self._core = core
        _open_cores.add(core)
        # A client that is dropped without `close` is closed by the loop that it used, at the latest at exit.
        weakref.finalize(self, _close_soon, core).atexit = False

    @classmethod
    def _around(cls, core: CoreT) -> Self:
        client = cls.__new__(cls)
        BlockingClient.__init__(client, core)
        return client

    def __repr__(self) -> str:
        return f"<blocking {self._core!r}>"

    def __reduce__(self) -> NoReturn:
        msg = f"{type(self).__name__} holds connections and credentials and cannot be pickled: make one per process"
        raise TypeError(msg)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. Calls under way in other threads end with the error of the phase they have reached."""
        _open_cores.discard(self._core)
        loop_thread.run(self._core.aclose())

    def call(self, request: Request[ReplyT]) -> ReplyT:
        """Make one call, given as a value.

        Raises:
            KolayInvoiceError: See `kolay_invoice.errors`; `.may_have_happened` says whether to look it up.
            TypeError: The request is not one of this provider's.
            RuntimeError: The client is closed.
        """
        return loop_thread.run(self._core.call(request))

    def _iterated(self, rows: AsyncIterator[T]) -> Iterator[T]:
        ended = False
        while not ended:
            batch, ended, error = loop_thread.run(_some(rows))
            yield from batch
            if error is not None:
                raise error


async def _some(rows: AsyncIterator[T]) -> tuple[list[T], bool, Exception | None]:
    """Return the next rows, whether they are the last, and the error that came after them."""
    batch: list[T] = []
    try:
        async for row in rows:
            batch.append(row)
            if len(batch) == _ROWS_AT_ONCE:
                return batch, False, None
    except Exception as error:  # noqa: BLE001 - it is raised in the caller's thread, after the rows before it.
        return batch, True, error
    return batch, True, None


def _refuse_gevent() -> None:
    monkey = sys.modules.get("gevent.monkey")
    if monkey is not None and monkey.is_module_patched("threading"):
        msg = (
            "gevent has replaced this process's threads, so the blocking client has none for its event loop: "
            "use threads (gunicorn -k gthread) or the async client"
        )
        raise RuntimeError(msg)


@atexit.register
def _end() -> None:
    """Close what the program left open, so that the interpreter ends without a hang or a warning."""
    if loop_thread.is_running():
        loop_thread.run(_all_closed(list(_open_cores)))
        loop_thread.stop()


async def _all_closed(cores: list[Provider]) -> None:
    if cores:
        await asyncio.wait([asyncio.create_task(core.aclose()) for core in cores], timeout=_LAST_WAIT)
