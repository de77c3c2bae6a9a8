"""Reads requests in chunks from any iterable, sync or async, only a little ahead of what is sent."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import Final, TypeAlias

from kolay_invoice.journal.operations import OnOccasion
from kolay_invoice.operations import JournaledRequest

logger = logging.getLogger("kolay_invoice")

AnyRequest: TypeAlias = JournaledRequest | OnOccasion
Requests: TypeAlias = Iterable[AnyRequest] | AsyncIterable[AnyRequest]

_MAX_BLOCK_SECONDS: Final = 0.05
"""Seconds after which an incomplete chunk is yielded, so that a slow source does not block the loop and the lease."""
_WARN_AFTER_SECONDS: Final = 0.25
_MAX_SILENCE_SECONDS: Final = 1.0


async def iter_chunks(requests: Requests, size: int, stopping: asyncio.Event) -> AsyncIterator[list[AnyRequest]]:
    """Iterate over requests, several at a time.

    Requests that were read do not wait for the rest of a chunk. When the run stops, an asynchronous source is not
    awaited any more. While such a source is silent, empty chunks are yielded, so that the caller can do other work.
    """
    if isinstance(requests, AsyncIterable):
        async for chunk in _iter_async(requests, size, stopping):
            yield chunk
    else:
        for chunk in _iter_sync(requests, size):
            yield chunk
            await asyncio.sleep(0)


def _iter_sync(requests: Iterable[AnyRequest], size: int) -> Iterator[list[AnyRequest]]:
    has_warned = False
    chunk: list[AnyRequest] = []
    began = time.monotonic()
    source = iter(requests)
    while True:
        before = time.monotonic()
        request = next(source, None)
        now = time.monotonic()
        if now - before > _WARN_AFTER_SECONDS and not has_warned:
            has_warned = True
            logger.warning(
                "the source of requests blocked the event loop for %.1f seconds: give an asynchronous iterable, or "
                "read it to its end before the run",
                now - before,
            )
        if request is None:
            break
        chunk.append(request)
        if len(chunk) == size or now - began > _MAX_BLOCK_SECONDS:
            yield chunk
            chunk, began = [], time.monotonic()
    if chunk:
        yield chunk


async def _iter_async(
    requests: AsyncIterable[AnyRequest], size: int, stopping: asyncio.Event
) -> AsyncIterator[list[AnyRequest]]:
    queue: asyncio.Queue[AnyRequest] = asyncio.Queue(size)
    changed = asyncio.Event()

    async def read() -> None:
        async for request in requests:
            await queue.put(request)
            changed.set()

    reader = asyncio.create_task(read())
    stop = asyncio.create_task(stopping.wait())
    for task in (reader, stop):
        task.add_done_callback(lambda _: changed.set())
    try:
        while not stopping.is_set():
            chunk = [queue.get_nowait() for _ in range(queue.qsize())]
            if chunk:
                yield chunk
            elif reader.done():
                reader.result()  # Raises the source's own exception.
                return
            else:
                changed.clear()
                try:
                    await asyncio.wait_for(changed.wait(), _MAX_SILENCE_SECONDS)
                except TimeoutError:
                    yield []
    finally:
        reader.cancel()
        stop.cancel()
        await asyncio.gather(reader, stop, return_exceptions=True)
