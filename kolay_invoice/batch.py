"""Makes many calls without a journal. A few workers share one iterator, so that memory does not grow with the calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, TypeVar, cast

from kolay_invoice.client import BaseClient
from kolay_invoice.endpoint import Answerable, Request
from kolay_invoice.errors import KolayInvoiceError

ItemT = TypeVar("ItemT")
ReplyT = TypeVar("ReplyT")
RequestT = TypeVar("RequestT")

MOST_AT_ONCE: Final = 10_000
"""The largest number of concurrent calls. Each has a task, and a connection that is a file of this process."""


async def call_all(
    client: BaseClient,
    requests: Iterable[Answerable[RequestT, ReplyT]],
    answered: Callable[[RequestT, ReplyT | KolayInvoiceError], object],
    *,
    concurrency: int | None = None,
) -> None:
    """Make many calls concurrently and pass each result to `answered`. A call that has an effect is not undone.

    There is no journal: effects are not tracked across crashes. When it is cancelled, or `requests` or `answered`
    raises, no further call is started. The calls in progress run to their end and are passed to `answered`, and only
    then it raises. A second cancellation cancels them.

    Args:
        client: The client of the requests' provider.
        requests: Request values such as `CreateEDocument(18)`, of any number. Each is taken when a worker is free.
        answered: Called with each request and its reply, or the error that it ended with.
        concurrency: The largest number of concurrent calls, from 1 to 10,000. Default: the client's `max_concurrency`.

    Raises:
        TypeError: A request belongs to another provider.
        ValueError: `concurrency` is out of range.
    """
    check_client(client, "call_all")
    if concurrency is not None:
        check_concurrency(concurrency)

    async def call(request: Request[Any]) -> None:
        outcome: Any
        try:
            outcome = await client.call(request)
        except KolayInvoiceError as error:
            outcome = error
        answered(cast("RequestT", request), outcome)

    # Every `Answerable` is a request: the protocol only binds its class to that of its reply.
    await for_each(
        cast("Iterable[Request[Any]]", requests),
        call,
        min(client.max_concurrency, MOST_AT_ONCE) if concurrency is None else concurrency,
    )


def check_client(client: object, helper: str) -> None:
    """Refuse what is no asyncio client.

    Raises:
        TypeError: It is none; the text says what to give instead.
    """
    if isinstance(client, BaseClient):
        return
    kind = type(client).__name__
    if hasattr(client, "close") and isinstance(getattr(client, "_core", None), BaseClient):
        twin = "BlockingJournal" if helper.startswith("journal") else f"kolay_invoice.blocking.{helper}"
        msg = f"client: {helper} awaits, and {kind} is a blocking client: give an Async{kind}, or use {twin}"
    else:
        msg = f"client: {helper} takes an AsyncKolayBi or AsyncPropars, not {kind}"
    raise TypeError(msg)


def check_concurrency(concurrency: object) -> None:
    """Check a number of concurrent calls.

    Raises:
        ValueError: It is out of range.
    """
    if type(concurrency) is not int or not 1 <= concurrency <= MOST_AT_ONCE:
        msg = f"concurrency must be a positive whole number up to {MOST_AT_ONCE}, not {concurrency!r}"
        raise ValueError(msg)


async def for_each(items: Iterable[ItemT], work: Callable[[ItemT], Awaitable[None]], concurrency: int) -> None:
    """Do work on every item with bounded concurrency. The first error, or a cancellation, ends it as in `call_all`."""
    shared = iter(items)
    ended = False
    caller = asyncio.current_task()
    assert caller is not None  # noqa: S101 - only a task awaits.
    cancellations = caller.cancelling()

    async def worker() -> None:
        nonlocal ended
        try:
            # A cancellation counts as soon as it is requested, before it is delivered to the caller.
            while not ended and caller.cancelling() <= cancellations:
                try:
                    item = next(shared)
                except StopIteration:
                    return
                await work(item)
        except BaseException:
            ended = True
            raise

    workers = [asyncio.create_task(worker()) for _ in range(concurrency)]
    try:
        await asyncio.wait(workers)
    except asyncio.CancelledError:
        ended = True
        try:
            await asyncio.wait(workers)
        finally:
            for task in workers:
                task.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        raise
    errors = [error for task in workers if (error := task.exception()) is not None]
    if errors:
        raise errors[0]
