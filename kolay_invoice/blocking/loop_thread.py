"""The loop thread behind the blocking facade: one event loop for the process, started by the first call."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from functools import partial
from importlib import import_module
from typing import Any, Final, Generic, ParamSpec, TypeVar

from kolay_invoice.fork import leak_in_child

P = ParamSpec("P")
T = TypeVar("T")

_LAST_WAIT: Final = 5.0
"""Seconds that an interrupted call, or the loop at the end of the process, gets to end."""

GRACE: Final = 1.0
"""Seconds for each step of the end of the process, all of which `_LAST_WAIT` holds."""

_NOT_SENT: Final = "Not sent: the call was interrupted before anything left that has an effect."

_LONGEST_ANSWER: Final = 2000
"""How many characters of an answer an interruption's note holds; only a read's rows are longer."""


class LoopThread:
    """A private event loop in a daemon thread, started by the first call. A forked child starts its own.

    No call holds a lock in its caller's thread, so a signal handler or a finalizer may make a call of its own in the
    middle of another one.
    """

    def __init__(self) -> None:
        self._publishing = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.is_ending = False

    def hold(self) -> None:
        """Wait for a start that is under way, and let none begin: a child that is forked meanwhile could not end it."""
        self._publishing.acquire()

    def let_go(self) -> None:
        """Let loops be started again; runs in the parent after a fork."""
        self._publishing.release()

    def forget(self) -> bool:
        """Leave the loop to the parent; runs in a forked child. Returns whether there was one."""
        was_started = self._loop is not None
        if was_started:
            leak_in_child((self._loop, self._tasks))
        # Its thread does not exist here, and the lock is held.
        self._publishing = threading.Lock()
        self._loop = None
        self._thread = None
        self._tasks = set()
        return was_started

    def run(self, function: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a coroutine function and block until it has ended, in the caller's context.

        Whatever interrupts the wait (Ctrl-C, an exception that a signal raises) cancels the call and waits until it
        has ended, so that nothing is sent behind the caller's back. A note on the interruption says whether the call
        was answered (with its answer), is unknown or was not sent; a second interruption ends the wait, and has it too.
        """
        loop = self._loop
        if loop is None or self.is_ending or threading.current_thread() is self._thread:
            loop = self._started()
        crossing = _Crossing(self, partial(function, *args, **kwargs))
        try:
            loop.call_soon_threadsafe(crossing.start)
            crossing.wait()
            return crossing.result()
        except BaseException as error:
            try:
                if not crossing.ended_with(error):
                    loop.call_soon_threadsafe(crossing.cancel)
                    crossing.wait(_LAST_WAIT)
                    crossing.tell(error)
            except BaseException as second:
                loop.call_soon_threadsafe(crossing.cancel)
                crossing.tell(error)
                crossing.tell(second)
                raise
            raise

    def start_soon(self, function: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Run a coroutine function without waiting for it. Returns False where no loop runs in this process."""
        loop = self._loop
        if loop is None or self.is_ending:
            return False
        loop.call_soon_threadsafe(lambda: self.background(function()))
        return True

    def background(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a task that nobody needs to hold; runs in the loop's thread."""
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def end(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run one last coroutine function, then end the loop and its thread for good.

        Only daemon threads can still be in a call when the interpreter ends. They are left where they wait, as Python
        leaves all daemon threads: an error raised in them now would only be printed on the way out.
        """
        self.is_ending = True
        loop, thread = self._loop, self._thread
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(lambda: self.background(self._ended(loop, last)))
            thread.join(_LAST_WAIT)

    def _started(self) -> asyncio.AbstractEventLoop:
        if threading.current_thread() is self._thread:
            msg = "a blocking call from the SDK's own event loop would wait for itself: await the async client"
            raise RuntimeError(msg)
        if self.is_ending:
            if threading.current_thread().daemon:  # pragma: no cover - nothing comes after it, as `end` says.
                threading.Event().wait()
            msg = "the interpreter is ending, so there is no event loop left for a blocking call"
            raise RuntimeError(msg)
        return self._loop or self._start()

    def _start(self) -> asyncio.AbstractEventLoop:
        _refuse_gevent()
        # The thread makes the loop, because no signal interrupts it half-way. Of the threads that are started at once,
        # or again after an interruption, the first one stays.
        beginning: Future[asyncio.AbstractEventLoop] = Future()
        threading.Thread(target=self._serve, args=(beginning,), name="kolay_invoice", daemon=True).start()
        return beginning.result()

    def _serve(self, beginning: Future[asyncio.AbstractEventLoop]) -> None:
        with self._publishing:
            loop, is_first = self._loop, self._loop is None
            try:
                # Imported here, where neither a signal nor a fork cuts it in two.
                import_module("kolay_invoice.transport")
                loop = loop or asyncio.new_event_loop()
            except Exception as error:  # noqa: BLE001 - whoever waits for the loop gets it, whatever it is.
                beginning.set_exception(error)
                return
            self._loop = loop
            if is_first:
                self._thread = threading.current_thread()
        beginning.set_result(loop)
        if is_first:
            # Debug mode is for the program's own loop; here it would report the first call's slow preparations.
            loop.set_debug(False)
            while not _has_stopped(loop):
                pass
            loop.close()

    async def _ended(self, loop: asyncio.AbstractEventLoop, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await last()
            calls = asyncio.all_tasks() - {asyncio.current_task()}
            if calls:
                _, hanging = await asyncio.wait(calls, timeout=GRACE)
                for task in hanging:
                    task.cancel()
                await asyncio.wait(calls, timeout=GRACE)
            await loop.shutdown_asyncgens()
        finally:
            loop.stop()


def _has_stopped(loop: asyncio.AbstractEventLoop) -> bool:
    """Run a loop until it is stopped. What else comes out of it was raised by a call, and its caller gets it there."""
    try:
        loop.run_forever()
    except BaseException:  # noqa: BLE001 - a SystemExit in one call must not leave all others waiting.
        return False
    return True


class _Crossing(Generic[T]):
    """One call on its way from the caller's thread through the loop and back."""

    def __init__(self, home: LoopThread, function: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._home = home
        self._function = function
        self._task: asyncio.Task[T] | None = None
        self._cancellation: asyncio.CancelledError | None = None
        self._ended = False
        # A bare lock is the cheapest thing to wait for that a signal can interrupt.
        self._running = threading.Lock()
        self._running.acquire()

    def start(self) -> None:
        """Start the coroutine; runs in the loop's thread, in the caller's context."""
        self._task = asyncio.create_task(self._function())
        self._task.add_done_callback(self._end)

    def cancel(self) -> None:
        """Cancel it, once; runs in the loop's thread. A call that was not started by then never will be."""
        if self._task is None:
            self._end(None)
        elif not self._task.cancelling():
            self._task.cancel()

    def wait(self, seconds: float = -1) -> None:
        """Wait for the end; runs in the caller's thread, and may be interrupted and called again."""
        if not self._ended:
            self._running.acquire(timeout=seconds)

    def result(self) -> T:
        """Return or raise what the coroutine did."""
        if self._cancellation is not None:
            raise self._cancellation
        assert self._task is not None  # noqa: S101 - what has ended was started.
        return self._task.result()

    def ended_with(self, error: BaseException) -> bool:
        """Return whether it is the call's own error, and no interruption."""
        task = self._task
        return task is not None and task.done() and not task.cancelled() and task.exception() is error

    def tell(self, interruption: BaseException) -> None:
        """Add to an interruption what is known of the call that it cut short, so that no answer is lost.

        It may be interrupted and called again.
        """
        for note in self._known():
            if note not in getattr(interruption, "__notes__", ()) and not self.ended_with(interruption):
                interruption.add_note(note)

    def _known(self) -> list[str]:
        task = self._task
        if task is not None and not (self._ended or (task.done() and not task.cancelled())):
            return ["The call did not end when it was cancelled: its outcome is unknown."]
        if task is None or task.cancelled():
            # A call with an effect that was cancelled after it left has a note that says so.
            return getattr(self._cancellation, "__notes__", None) or [_NOT_SENT]
        error = task.exception()
        if error is not None:
            return [f"The call had ended with {type(error).__name__}: {error}"]
        answer = task.result()
        return [] if answer is None else [f"The call had ended with its answer: {repr(answer)[:_LONGEST_ANSWER]}"]

    def _end(self, task: asyncio.Task[T] | None) -> None:
        """Keep what became of the call; runs in the loop's thread, which no signal interrupts."""
        if task is not None:
            try:
                task.exception()  # The caller has it, if he still waits; if he does not, asyncio must not complain.
            except asyncio.CancelledError as cancellation:
                self._cancellation = cancellation  # A task gives it away once, and then only others without its notes.
        if not self._home.is_ending and not self._ended:
            self._ended = True
            self._running.release()


def _refuse_gevent() -> None:
    monkey = sys.modules.get("gevent.monkey")
    if monkey is not None and monkey.is_module_patched("threading"):
        msg = (
            "gevent has replaced this process's threads, so the blocking client has none for its event loop: "
            "use threads (gunicorn -k gthread) or the async client"
        )
        raise RuntimeError(msg)


loop_thread: Final = LoopThread()
"""The loop of this process."""
