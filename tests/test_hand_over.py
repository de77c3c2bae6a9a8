"""Parts of a reply, from the call to whoever consumes them."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from kolay_invoice.hand_over import handed_over


class Call:
    """A call that gives parts, and notes what becomes of it."""

    def __init__(self, *parts, error=None):
        self.parts = parts
        self.error = error
        self.given = []
        self.ended = False
        self.tasks = set()

    async def __call__(self, give):
        self.tasks.add(asyncio.current_task())
        try:
            for part in self.parts:
                self.given.append(part)
                await give(part)
            if self.error is not None:
                raise self.error
            return "last"
        finally:
            await asyncio.sleep(0)
            self.ended = True


async def test_the_parts_come_in_their_order_and_last_what_the_call_returns():
    assert [part async for part in handed_over(Call("a", "b"))] == ["a", "b", "last"]


async def test_nothing_runs_before_the_first_part_is_wanted():
    call = Call("a")
    parts = handed_over(call)
    await asyncio.sleep(0)
    assert call.given == []

    assert await anext(parts) == "a"
    await parts.aclose()


async def test_the_call_stands_still_until_the_next_part_is_wanted():
    call = Call("a", "b", "c")
    async with aclosing(handed_over(call)) as parts:
        await anext(parts)
        for _ in range(10):
            await asyncio.sleep(0)
        assert call.given == ["a"]
        await anext(parts)
        assert call.given == ["a", "b"]


async def test_an_error_comes_after_the_parts_before_it():
    parts = handed_over(Call("a", error=ValueError("no")))
    assert await anext(parts) == "a"

    with pytest.raises(ValueError, match="no"):
        await anext(parts)


async def test_whoever_stops_early_has_waited_for_the_end_of_the_call():
    call = Call("a", "b")
    parts = handed_over(call)
    await anext(parts)
    await parts.aclose()

    assert call.ended
    assert call.given == ["a"]


async def test_an_error_of_a_call_that_nobody_wants_any_more_is_not_complained_about(caplog):
    async def call(give):
        try:
            await give("a")
        except asyncio.CancelledError:
            raise ValueError from None

    parts = handed_over(call)
    await anext(parts)
    await parts.aclose()
    del parts

    assert not caplog.records


async def test_each_part_may_be_wanted_by_another_task():
    call = Call("a", "b")
    parts = handed_over(call)

    seen = [await asyncio.create_task(anext(parts)) for _ in range(3)]

    assert seen == ["a", "b", "last"]
    assert len(call.tasks) == 1


async def test_a_consumer_that_is_cancelled_ends_the_call():
    waiting = asyncio.Event()
    ended = asyncio.Event()

    async def call(_give):
        waiting.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    consumer = asyncio.create_task(anext(handed_over(call)))
    await waiting.wait()
    consumer.cancel()

    with pytest.raises(asyncio.CancelledError):
        await consumer
    assert ended.is_set()
