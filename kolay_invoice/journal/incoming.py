"""Requests as they come in: from any iterable, of any length, read only a little ahead of what is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from itertools import islice
from typing import Any, TypeAlias

from kolay_invoice.endpoint import Request

Requests: TypeAlias = Iterable[Request[Any]] | AsyncIterable[Request[Any]]


async def chunks(requests: Requests, size: int, stopping: asyncio.Event) -> AsyncIterator[list[Request[Any]]]:
    """Iterate over requests, several at a time.

    What an asynchronous source has given so far is not kept waiting for what it will give later, and when the run
    stops, nobody waits for the source.
    """
    if isinstance(requests, AsyncIterable):
        async for chunk in _as_they_come(requests, size, stopping):
            yield chunk
    else:
        source = iter(requests)
        while chunk := list(islice(source, size)):
            yield chunk


async def _as_they_come(
    requests: AsyncIterable[Request[Any]], size: int, stopping: asyncio.Event
) -> AsyncIterator[list[Request[Any]]]:
    come: asyncio.Queue[Request[Any]] = asyncio.Queue(size)
    news = asyncio.Event()

    async def read() -> None:
        async for request in requests:
            await come.put(request)
            news.set()

    reader = asyncio.create_task(read())
    stop = asyncio.create_task(stopping.wait())
    for task in (reader, stop):
        task.add_done_callback(lambda _: news.set())
    try:
        while not stopping.is_set():
            chunk = [come.get_nowait() for _ in range(come.qsize())]
            if chunk:
                yield chunk
            elif reader.done():
                reader.result()  # It raises what the source has raised.
                return
            else:
                news.clear()
                await news.wait()
    finally:
        reader.cancel()
        stop.cancel()
        await asyncio.gather(reader, stop, return_exceptions=True)
