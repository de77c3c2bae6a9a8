"""Many calls without a journal: a few workers over one shared source, so that a million calls take no memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar

from kolay_invoice.client import BaseClient
from kolay_invoice.endpoint import Request
from kolay_invoice.errors import KolayInvoiceError

ItemT = TypeVar("ItemT")
ReplyT = TypeVar("ReplyT")

MOST_AT_ONCE: Final = 10_000
"""How many calls may be under way at once: each has a task, and a connection that is a file of this process."""


async def call_all(
    client: BaseClient,
    requests: Iterable[Request[ReplyT]],
    answered: Callable[[Request[ReplyT], ReplyT | KolayInvoiceError], object],
    *,
    concurrency: int | None = None,
) -> None:
    """Make many calls, a few at a time, and hand over each answer as it comes. What they do, they do.

    When it is cancelled, or `requests` or `answered` raises, no further call is started; those on their way come to
    their end and are handed over, and only then it raises. A second cancellation cuts them off.

    Args:
        client: The client of the requests' provider.
        requests: Request values such as `CreateEDocument(18)`, of any number; each is taken when its turn has come.
        answered: Called with each request and its reply, or the error that it ended with.
        concurrency: How many calls may be under way at once. 1 to 10,000. Default: as many as the client's limiter
            lets through.

    Raises:
        TypeError: A request is not one of the client's provider.
        ValueError: `concurrency` is out of its bounds.
    """
    if concurrency is not None:
        check_concurrency(concurrency)

    async def call(request: Request[ReplyT]) -> None:
        outcome: ReplyT | KolayInvoiceError
        try:
            outcome = await client.call(request)
        except KolayInvoiceError as error:
            outcome = error
        answered(request, outcome)

    await for_each(requests, call, min(client.max_concurrency, MOST_AT_ONCE) if concurrency is None else concurrency)


def check_concurrency(concurrency: object) -> None:
    """Check a number of calls at once.

    Raises:
        ValueError: It is out of its bounds.
    """
    if type(concurrency) is not int or not 1 <= concurrency <= MOST_AT_ONCE:
        msg = f"concurrency must be a positive whole number up to {MOST_AT_ONCE}, not {concurrency!r}"
        raise ValueError(msg)


async def for_each(items: Iterable[ItemT], work: Callable[[ItemT], Awaitable[None]], concurrency: int) -> None:
    """Do work on every item, on so many at a time; the first error, or a cancellation, ends it as `call_all` says."""
    shared = iter(items)
    ended = False
    caller = asyncio.current_task()
    assert caller is not None  # noqa: S101 - only a task awaits.
    cancellations = caller.cancelling()

    async def worker() -> None:
        nonlocal ended
        try:
            # A cancellation counts from when it was asked for, not from when it has come.
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
