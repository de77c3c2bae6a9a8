"""Parts of a reply, from the call to whoever consumes them."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from kolay_invoice import AsyncKolayBi
from kolay_invoice.hand_over import HandOver, OneByOne


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
    assert [part async for part in HandOver(Call("a", "b"))] == ["a", "b", "last"]


async def test_nothing_runs_before_the_first_part_is_wanted():
    call = Call("a")
    parts = HandOver(call)
    await asyncio.sleep(0)
    assert call.given == []

    assert await anext(parts) == "a"
    await parts.aclose()


async def test_the_call_stands_still_until_the_next_part_is_wanted():
    call = Call("a", "b", "c")
    async with aclosing(HandOver(call)) as parts:
        await anext(parts)
        for _ in range(10):
            await asyncio.sleep(0)
        assert call.given == ["a"]
        await anext(parts)
        assert call.given == ["a", "b"]


async def test_an_error_comes_after_the_parts_before_it():
    parts = HandOver(Call("a", error=ValueError("no")))
    assert await anext(parts) == "a"

    with pytest.raises(ValueError, match="no"):
        await anext(parts)


async def test_whoever_stops_early_has_waited_for_the_end_of_the_call():
    call = Call("a", "b")
    parts = HandOver(call)
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

    parts = HandOver(call)
    await anext(parts)
    await parts.aclose()
    del parts

    assert not caplog.records


async def test_each_part_may_be_wanted_by_another_task():
    call = Call("a", "b")
    parts = HandOver(call)

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

    consumer = asyncio.create_task(anext(HandOver(call)))
    await waiting.wait()
    consumer.cancel()

    with pytest.raises(asyncio.CancelledError):
        await consumer
    assert ended.is_set()


async def test_after_its_end_there_is_nothing_more():
    parts = HandOver(Call())
    assert await anext(parts) == "last"

    for _ in range(2):
        with pytest.raises(StopAsyncIteration):
            await anext(parts)
    await parts.aclose()


async def test_what_was_never_wanted_is_closed_without_a_call():
    call = Call("a")
    await HandOver(call).aclose()
    assert call.tasks == set()


async def test_items_come_one_by_one_whatever_the_size_of_their_parts():
    async def parts():
        for part in ((), (1, 2), (), (3,)):
            yield part

    assert [item async for item in OneByOne(parts())] == [1, 2, 3]


async def test_whoever_stops_early_stops_the_parts():
    stopped = []

    async def parts():
        try:
            yield (1, 2)
        finally:
            stopped.append(True)

    async with aclosing(OneByOne(parts())) as items:
        assert await anext(items) == 1

    assert stopped == [True]


def test_a_loop_that_ends_closes_what_was_left_in_silence(emulator, caplog):
    for number in range(3):
        emulator.add_document(issue_date=f"2026-11-0{number + 1}")
    left = []

    async def first_row_only():
        kolaybi = AsyncKolayBi(
            channel=emulator.kolaybi_channel,
            access_token=emulator.kolaybi_access_token,
            base_url=emulator.kolaybi_url,
        )
        rows = kolaybi.iter_invoices(5, "outbound")
        left.append(rows)
        row = await anext(rows)
        await kolaybi.aclose()
        return row

    assert asyncio.run(first_row_only()).document_id
    assert not caplog.records
