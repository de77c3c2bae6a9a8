"""Makes many calls with a blocking client: the twin of `kolay_invoice.call_all`."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar, cast

from kolay_invoice.batch import MOST_AT_ONCE, check_concurrency
from kolay_invoice.blocking.base import BlockingClient
from kolay_invoice.blocking.loop_thread import LAST_WAIT, loop_thread
from kolay_invoice.client import BaseClient
from kolay_invoice.endpoint import Answerable, Request
from kolay_invoice.errors import KolayInvoiceError

ReplyT = TypeVar("ReplyT")
RequestT = TypeVar("RequestT")

_HELPERS: Final = {
    "archive": "kolay_invoice.archive.archive",
    "call_all": "kolay_invoice.call_all",
    "BlockingJournal": "Journal",
}


def call_all(
    client: BlockingClient[Any],
    requests: Iterable[Answerable[RequestT, ReplyT]],
    answered: Callable[[RequestT, ReplyT | KolayInvoiceError], object],
    *,
    concurrency: int | None = None,
) -> None:
    """Make many calls concurrently and pass each result to `answered`. A call that has an effect is not undone.

    There is no journal: effects are not tracked across crashes. `requests` is read and `answered` is called in the
    caller's thread. When one of them raises, or the wait is interrupted, no further call is started. The calls in
    progress run to their end and are passed to `answered`, and only then it raises. A second interruption cancels them.
    The result that an interruption caught on its way to `answered` is passed to it once more.

    Args:
        client: The client of the requests' provider.
        requests: Request values such as `CreateEDocument(18)`, of any number. Each is taken when a call may start.
        answered: Called with each request and its reply, or the error that it ended with.
        concurrency: The largest number of concurrent calls, from 1 to 10,000. Default: the client's `max_concurrency`.

    Raises:
        TypeError: A request belongs to another provider, or the client is no blocking client.
        ValueError: `concurrency` is out of range.
    """
    core = core_of(client, "call_all")
    if concurrency is not None:
        check_concurrency(concurrency)
    calls = _Calls(core, answered)
    at_once = min(core.max_concurrency, MOST_AT_ONCE) if concurrency is None else concurrency
    try:
        try:
            # Every `Answerable` is a request: the protocol only binds its class to that of its reply.
            calls.make(cast("Iterable[Request[Any]]", requests), at_once)
        finally:
            calls.finish()
    except BaseException:
        calls.cancel()
        raise


class _Call:
    """One call. The loop's thread starts, cancels and withdraws it, because no signal interrupts that thread."""

    def __init__(self, number: int, request: Request[Any], note_end: Callable[[_Call], None]) -> None:
        self.number = number
        self.request = request
        self.task: asyncio.Task[Any] | None = None
        """None if it has not started."""
        self._note_end = note_end

    def start(self, core: BaseClient) -> None:
        """Start the call."""
        self.task = loop_thread.start_call(core.call(self.request))
        self.task.add_done_callback(lambda _: self._note_end(self))

    def withdraw(self) -> None:
        """End the call if it has not started: an interruption came before it was submitted."""
        if self.task is None:
            self._note_end(self)

    def cancel(self) -> None:
        """Cancel the call, or withdraw it."""
        self.withdraw()
        if self.task is not None:
            self.task.cancel()


class _Calls:
    """The calls in progress. Wherever the caller's thread is interrupted, no call and no result is lost."""

    def __init__(self, core: BaseClient, answered: Callable[[Any, Any], object]) -> None:
        self._core = core
        self._answered = answered
        self._running: dict[int, _Call] = {}
        """What is submitted, or about to be, until its result was passed on."""
        self._ended: deque[_Call] = deque()
        self._wake: SimpleQueue[None] = SimpleQueue()

    def make(self, requests: Iterable[Request[Any]], concurrency: int) -> None:
        """Make the calls, and pass on each result."""
        for number, request in enumerate(requests):
            call = self._running[number] = _Call(number, request, self._note_end)
            loop_thread.submit(partial(call.start, self._core))
            while len(self._running) >= concurrency:
                self._take()
        while self._running:
            self._take()

    def finish(self) -> None:
        """After an error, pass on the results of the calls in progress. Further errors of `answered` are not raised."""
        self._submit_for_all(_Call.withdraw)
        while self._running:
            with suppress(Exception):
                self._take()

    def cancel(self) -> None:
        """Cancel the calls in progress, and pass on the results of those that end in time."""
        self._submit_for_all(_Call.cancel)
        while self._running and self._wait(LAST_WAIT):
            with suppress(Exception, asyncio.CancelledError):
                self._take()

    def _note_end(self, call: _Call) -> None:
        # Runs in the loop's thread.
        self._ended.append(call)
        if self._wake.empty():
            self._wake.put(None)

    def _submit_for_all(self, step: Callable[[_Call], None]) -> None:
        for call in self._running.values():
            loop_thread.submit(partial(step, call))

    def _wait(self, seconds: float | None = None) -> bool:
        """Wait until a call has ended. Returns whether one has."""
        while not self._ended:
            try:
                # It may be of a call that was taken without waiting.
                self._wake.get(timeout=seconds)
            except Empty:
                return False
        return True

    def _take(self) -> None:
        """Wait for the end of a call, and pass its result on."""
        self._wait()
        call = self._ended[0]
        try:
            if call.number in self._running:
                self._pass_on(call)
        except (Exception, asyncio.CancelledError):
            self._forget(call)
            raise
        self._forget(call)

    def _forget(self, call: _Call) -> None:
        # In this order: what is no longer running is not passed on again.
        self._running.pop(call.number, None)
        self._ended.popleft()

    def _pass_on(self, call: _Call) -> None:
        if call.task is None:
            return
        error = call.task.exception()
        if error is not None and not isinstance(error, KolayInvoiceError):
            raise error
        self._answered(call.request, call.task.result() if error is None else error)


def core_of(client: object, helper: str) -> BaseClient:
    """Return the asyncio client inside a blocking one.

    Raises:
        TypeError: It is no blocking client; the text says what to give instead.
    """
    if isinstance(client, BlockingClient):
        core: BaseClient = client._core  # noqa: SLF001 - both are of this package.
        return core
    kind = type(client).__name__
    if isinstance(client, BaseClient):
        twin = kind.removeprefix("Async")
        msg = f"client: {helper} blocks, and {kind} is a client of asyncio: give a {twin}, or use {_HELPERS[helper]}"
    else:
        msg = f"client: {helper} takes a KolayBi or Propars, not {kind}"
    raise TypeError(msg)
