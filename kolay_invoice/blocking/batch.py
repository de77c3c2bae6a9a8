"""Makes many calls with a blocking client: the twin of `kolay_invoice.call_all`."""

from __future__ import annotations

import asyncio
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
    try:
        # Every `Answerable` is a request: the protocol only binds its class to that of its reply.
        calls.make(
            cast("Iterable[Request[Any]]", requests),
            min(core.max_concurrency, MOST_AT_ONCE) if concurrency is None else concurrency,
        )
    except BaseException:
        calls.finish()
        raise


class _Calls:
    """The calls in progress."""

    def __init__(self, core: BaseClient, answered: Callable[[Any, Any], object]) -> None:
        self._core = core
        self._answered = answered
        self._ended: SimpleQueue[tuple[int, asyncio.Task[Any]]] = SimpleQueue()
        self._running: dict[int, tuple[Request[Any], Callable[[], None]]] = {}
        """The request of each call in progress, and the function that cancels it."""

    def make(self, requests: Iterable[Request[Any]], concurrency: int) -> None:
        """Make the calls, and pass on each result."""
        for number, request in enumerate(requests):
            cancel = loop_thread.submit(partial(self._core.call, request), partial(self._note_end, number))
            self._running[number] = request, cancel
            while len(self._running) >= concurrency:
                self._take()
        while self._running:
            self._take()

    def _note_end(self, number: int, task: asyncio.Task[Any]) -> None:
        # Runs in the loop's thread.
        self._ended.put((number, task))

    def finish(self) -> None:
        """Pass on the results of the calls in progress. A further interruption cancels them."""
        try:
            while self._running:
                with suppress(Exception):
                    self._take()
        except BaseException:
            for _, cancel in self._running.values():
                cancel()
            with suppress(Empty):
                while self._running:
                    with suppress(Exception, asyncio.CancelledError):
                        self._take(LAST_WAIT)
            raise

    def _take(self, seconds: float | None = None) -> None:
        number, task = self._ended.get(timeout=seconds)
        request, _ = self._running.pop(number)
        error = task.exception()
        if error is not None and not isinstance(error, KolayInvoiceError):
            raise error
        self._answered(request, task.result() if error is None else error)


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
