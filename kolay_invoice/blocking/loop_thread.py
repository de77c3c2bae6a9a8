"""The loop thread of the blocking clients: one event loop for the process, started by the first call."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from functools import partial
from importlib import import_module
from typing import Any, Final, Generic, ParamSpec, TypeVar

from kolay_invoice.event_loop import new_event_loop
from kolay_invoice.fork import leak_in_child

P = ParamSpec("P")
T = TypeVar("T")

LAST_WAIT: Final = 5.0
"""Seconds that an interrupted call gets to end, and the event loop at the exit of the process."""

GRACE: Final = 1.0
"""Seconds for each step of the shutdown. All steps together fit into `LAST_WAIT`."""

_NOT_SENT: Final = "Not sent: the call was interrupted before anything left that has an effect."

_LONGEST_ANSWER: Final = 2000
"""The largest number of characters of a reply in the note of an interruption. Only lists of rows are longer."""


class LoopThread:
    """A private event loop in a daemon thread, started by the first call. A forked child starts its own.

    No call holds a lock in its caller's thread, so a signal handler or a finalizer may make a call during another one.
    """

    def __init__(self) -> None:
        self._publishing = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._calls: set[asyncio.Task[Any]] = set()
        self.is_ending = False

    def hold(self) -> None:
        """Wait for a start in progress and block new ones; runs before a fork. A child could not complete a start."""
        self._publishing.acquire()

    def let_go(self) -> None:
        """Allow new starts; runs in the parent after a fork."""
        self._publishing.release()

    def forget(self) -> bool:
        """Drop the loop, which belongs to the parent; runs in a forked child. Return whether there was one."""
        was_started = self._loop is not None
        if was_started:
            leak_in_child((self._loop, self._tasks, self._calls))
        # The thread does not exist in the child, and the lock is held.
        self._publishing = threading.Lock()
        self._loop = None
        self._thread = None
        self._tasks = set()
        self._calls = set()
        return was_started

    def run(self, function: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a coroutine function in the caller's context and block until it has ended.

        Any interruption of the wait (Ctrl-C, an exception of a signal handler) cancels the call and waits until it has
        ended, so that nothing is sent after the caller was interrupted. A note on the interruption says whether the
        call was answered (with its reply), is unknown or was not sent. A second interruption ends the wait and gets the
        note as well.
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
                    crossing.wait(LAST_WAIT)
                    crossing.tell(error)
            except BaseException as second:
                loop.call_soon_threadsafe(crossing.cancel)
                crossing.tell(error)
                crossing.tell(second)
                raise
            raise

    def submit(self, start: Callable[[], object]) -> None:
        """Have the loop's thread call a function, in the caller's context and after all those submitted before."""
        self._started().call_soon_threadsafe(start)

    def start_call(self, call: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start the task of a call, and keep a reference to it; runs in the loop's thread."""
        task = asyncio.create_task(call)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        return task

    def start_soon(self, function: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Start a coroutine function without waiting for it. Return False if no loop runs in this process."""
        loop = self._loop
        if loop is None or self.is_ending:
            return False
        loop.call_soon_threadsafe(lambda: self.background(function()))
        return True

    def background(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a task and keep a reference to it; runs in the loop's thread."""
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def end(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run one last coroutine function, then stop the loop and its thread for good.

        When the interpreter exits, only daemon threads can still be in a call. They stay blocked, as Python leaves all
        daemon threads: an error raised in them would only be printed during the exit.
        """
        self.is_ending = True
        loop, thread = self._loop, self._thread
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(lambda: self.background(self._ended(loop, last)))
            thread.join(LAST_WAIT)

    def _started(self) -> asyncio.AbstractEventLoop:
        if threading.current_thread() is self._thread:
            msg = "a blocking call from the SDK's own event loop would wait for itself: await the async client"
            raise RuntimeError(msg)
        if self.is_ending:
            if threading.current_thread().daemon:  # pragma: no cover - the thread never continues, as `end` says.
                threading.Event().wait()
            msg = "the interpreter is ending, so there is no event loop left for a blocking call"
            raise RuntimeError(msg)
        return self._loop or self._start()

    def _start(self) -> asyncio.AbstractEventLoop:
        _refuse_gevent()
        # The thread makes the loop, because no signal interrupts that thread. If several threads are started at once,
        # or again after an interruption, the first one is kept.
        beginning: Future[asyncio.AbstractEventLoop] = Future()
        threading.Thread(target=self._serve, args=(beginning,), name="kolay_invoice", daemon=True).start()
        return beginning.result()

    def _serve(self, beginning: Future[asyncio.AbstractEventLoop]) -> None:
        with self._publishing:
            loop, is_first = self._loop, self._loop is None
            try:
                # Imported here, where neither a signal nor a fork can interrupt the import.
                import_module("kolay_invoice.transport")
                loop = loop or new_event_loop()
            except Exception as error:  # noqa: BLE001 - the waiting caller gets any error.
                beginning.set_exception(error)
                return
            self._loop = loop
            if is_first:
                self._thread = threading.current_thread()
        beginning.set_result(loop)
        if is_first:
            # Debug mode is for the program's own loop. Here it would report the slow preparations of the first call.
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
    """Run a loop until it is stopped. Return False if a call raised out of it; its caller gets the error."""
    try:
        loop.run_forever()
    except BaseException:  # noqa: BLE001 - a SystemExit in one call must not leave all others waiting.
        return False
    return True


class _Crossing(Generic[T]):
    """One call, passed from the caller's thread to the loop and back."""

    def __init__(self, home: LoopThread, function: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._home = home
        self._function = function
        self._task: asyncio.Task[T] | None = None
        self._cancellation: asyncio.CancelledError | None = None
        self._ended = False
        # A lock is the cheapest primitive whose wait a signal can interrupt.
        self._running = threading.Lock()
        self._running.acquire()

    def start(self) -> None:
        """Start the coroutine; runs in the loop's thread, in the caller's context."""
        self._task = asyncio.create_task(self._function())
        self._task.add_done_callback(self._end)

    def cancel(self) -> None:
        """Cancel the coroutine, once; runs in the loop's thread. A coroutine that has not started never starts."""
        if self._task is None:
            self._end(None)
        elif not self._task.cancelling():
            self._task.cancel()

    def wait(self, seconds: float = -1) -> None:
        """Wait for the end; runs in the caller's thread. It may be interrupted and called again."""
        if not self._ended:
            self._running.acquire(timeout=seconds)

    def result(self) -> T:
        """Return or raise the result of the coroutine."""
        if self._cancellation is not None:
            raise self._cancellation
        assert self._task is not None  # noqa: S101 - a call that ended without a cancellation was started.
        return self._task.result()

    def ended_with(self, error: BaseException) -> bool:
        """Return whether an exception is the call's own error and not an interruption."""
        task = self._task
        return task is not None and task.done() and not task.cancelled() and task.exception() is error

    def tell(self, interruption: BaseException) -> None:
        """Add notes to an interruption that say what is known of the interrupted call, so that no reply is lost.

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
            # A call with an effect that was cancelled after its request left has a note that says so.
            return getattr(self._cancellation, "__notes__", None) or [_NOT_SENT]
        error = task.exception()
        if error is not None:
            return [f"The call had ended with {type(error).__name__}: {error}"]
        answer = task.result()
        return [] if answer is None else [f"The call had ended with its answer: {repr(answer)[:_LONGEST_ANSWER]}"]

    def _end(self, task: asyncio.Task[T] | None) -> None:
        """Record the end of the call; runs in the loop's thread, which no signal interrupts."""
        if task is not None:
            try:
                task.exception()  # Marks it as retrieved, so that asyncio does not log it.
            except asyncio.CancelledError as cancellation:
                self._cancellation = cancellation  # A task raises this object once; later ones lack its notes.
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
