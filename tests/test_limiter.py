"""The limiter: at most so many at once, in the order in which they came, and never a slot lost or given twice."""

from __future__ import annotations

import asyncio
import os

import pytest

from kolay_invoice import AsyncKolayBi, AsyncPropars, Limiter
from kolay_invoice.limiter import LONGEST_PAUSE


@pytest.fixture
def clock(monkeypatch):
    """A clock of the running loop that moves when it is told to, and takes due timers with it."""

    class Clock:
        def __init__(self):
            self.loop = asyncio.get_running_loop()
            self.real = self.loop.time
            self.ahead = 0.0
            monkeypatch.setattr(self.loop, "time", lambda: self.real() + self.ahead)
            monkeypatch.setattr("kolay_invoice.limiter.monotonic", self.loop.time)

        async def forward(self, seconds):
            self.ahead += seconds
            for _ in range(3):
                await asyncio.sleep(0)

    return Clock


@pytest.fixture
def other_loop():
    """A second event loop that nothing runs at the moment."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ({"limit": 0}, ValueError, "limit must be at least 1"),
        ({"limit": -1}, ValueError, "limit must be at least 1"),
        ({"limit": 2, "minimum": 3}, ValueError, "minimum between 1 and limit"),
        ({"limit": 2, "minimum": 0}, ValueError, "minimum between 1 and limit"),
        ({"limit": 1.5}, TypeError, "limit must be an int, not float"),
        ({"limit": True}, TypeError, "limit must be an int, not bool"),
        ({"limit": 2, "minimum": "1"}, TypeError, "minimum must be an int, not str"),
    ],
)
def test_an_impossible_limit_is_refused(arguments, error, sentence):
    with pytest.raises(error, match=sentence):
        Limiter(**arguments)


async def test_ten_thousand_calls_hold_no_more_than_the_limit_and_keep_their_order():
    limiter = Limiter(16)
    order, most = [], 0

    async def call(number):
        nonlocal most
        await limiter.acquire()
        most = max(most, limiter.in_use)
        order.append(number)
        await asyncio.sleep(0)
        limiter.release(0)

    await asyncio.gather(*(call(number) for number in range(10_000)))

    assert most == 16
    assert order == list(range(10_000))
    assert (limiter.in_use, limiter.waiting) == (0, 0)


async def test_thousands_of_calls_at_once_leave_in_order_and_hold_no_more_connections_than_the_limit(opened, server):
    calls = 2_000
    server.answers({"data": []}, times=calls)
    client = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=server.url, max_concurrency=8)

    async def call(number):
        await client.list_invoices(number, "outbound")
        assert client._limiter.in_use <= 8

    async with asyncio.TaskGroup() as group:
        for number in range(1, calls + 1):
            group.create_task(call(number))

    asked = [int(request.target.split("=")[1].split("&")[0]) for request in server.requests]
    # A call leaves when all calls but the seven before it have ended. Its own request may be slow to arrive.
    assert sorted(asked) == list(range(1, calls + 1))
    assert all(number - place < 8 for place, number in enumerate(asked, 1))
    assert server.connections <= 8


async def test_who_has_waited_longest_comes_next(until):
    limiter = Limiter(1)
    await limiter.acquire()
    turns = [asyncio.create_task(limiter.acquire()) for _ in range(3)]
    await until(lambda: limiter.waiting == 3)

    for done in range(1, 4):
        limiter.release(0)
        await until(lambda done=done: sum(turn.done() for turn in turns) == done)
        assert [turn.done() for turn in turns] == [True] * done + [False] * (3 - done)


async def test_who_comes_while_others_wait_does_not_overtake_them(until):
    limiter = Limiter(1)
    await limiter.acquire()
    waiting = asyncio.create_task(limiter.acquire())
    await until(lambda: limiter.waiting == 1)

    limiter.release(0)
    late = asyncio.create_task(limiter.acquire())
    await waiting
    await asyncio.sleep(0)

    assert not late.done()
    limiter.release(0)
    await late
    limiter.release(0)


async def test_patience_that_ends_is_a_timeout_and_takes_no_slot():
    limiter = Limiter(1)
    await limiter.acquire()

    with pytest.raises(TimeoutError):
        await limiter.acquire(0.001)

    limiter.release(0)
    assert (limiter.in_use, limiter.waiting) == (0, 0)
    await limiter.acquire(0.001)
    assert limiter.in_use == 1


async def test_given_up_turns_do_not_stand_in_the_way(until):
    limiter = Limiter(1)
    await limiter.acquire()
    given_up = [asyncio.create_task(limiter.acquire()) for _ in range(3)]
    await until(lambda: limiter.waiting == 3)
    for task in given_up:
        task.cancel()
    await asyncio.wait(given_up)
    assert limiter.waiting == 0

    limiter.release(0)
    await asyncio.wait_for(limiter.acquire(), 5)

    assert limiter.in_use == 1


async def test_given_up_turns_are_passed_over_by_one_that_finds_a_free_slot(until):
    limiter = Limiter(2, adaptive=True)
    await limiter.acquire()
    limiter.overloaded(0)
    given_up = asyncio.create_task(limiter.acquire())
    await until(lambda: limiter.waiting == 1)
    given_up.cancel()
    await asyncio.wait([given_up])
    limiter._limit = 2.0  # As when the provider's limit has grown with no turn to grant.

    await asyncio.wait_for(limiter.acquire(), 5)

    assert limiter.in_use == 2


async def test_a_cancellation_at_the_moment_of_the_hand_over_gives_the_slot_to_the_next(until):
    limiter = Limiter(1)
    await limiter.acquire()
    cancelled, following = (asyncio.create_task(limiter.acquire()) for _ in range(2))
    await until(lambda: limiter.waiting == 2)

    limiter.release(0)  # The first one has its slot now, and has not run yet.
    cancelled.cancel()

    await asyncio.wait_for(following, 5)
    assert cancelled.cancelled()
    assert limiter.in_use == 1


async def test_a_timeout_at_the_moment_of_the_hand_over_takes_nothing_away(clock, until):
    time = clock()
    limiter = Limiter(1)
    await limiter.acquire()
    patient = asyncio.create_task(limiter.acquire(10.0))
    await until(lambda: limiter.waiting == 1)

    # The hand-over comes first, in the very turn of the loop in which the patience ends.
    time.loop.call_soon(limiter.release, 0)
    time.ahead = 11

    assert await patient == 0
    assert limiter.in_use == 1


async def test_one_limiter_holds_for_several_clients(opened, server, until):
    limiter = Limiter(1)
    held, release = asyncio.Event(), asyncio.Event()

    async def hold(writer):
        held.set()
        await release.wait()
        writer.write(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")

    server.does(hold).answers({"data": []})
    kolaybi = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=server.url, limiter=limiter)
    propars = await opened(AsyncPropars, token="t", base_url=server.url, limiter=limiter)

    first = asyncio.create_task(propars.get_signed_xml(sale_id=1))
    await held.wait()
    second = asyncio.create_task(kolaybi.list_invoices(5, "outbound"))
    await until(lambda: limiter.waiting == 1)
    arrived_meanwhile = len(server.requests)
    release.set()

    assert arrived_meanwhile == 1
    assert await second == []
    await asyncio.wait([first])
    assert "404" in str(first.exception())


# The adaptive limit


async def test_a_fixed_limit_does_not_follow_the_provider():
    limiter = Limiter(4)

    limiter.overloaded(await limiter.acquire(), 60)
    limiter.succeeded()

    assert (limiter.limit, limiter.pause) == (4, 0)


async def test_each_overload_halves_the_limit_down_to_the_minimum():
    limiter = Limiter(8, adaptive=True, minimum=2)
    limits = []

    for _ in range(4):
        limiter.overloaded(await limiter.acquire())
        limiter.release(0)
        limits.append(limiter.limit)

    assert limits == [4, 2, 2, 2]


async def test_calls_that_were_under_way_together_halve_the_limit_once():
    limiter = Limiter(8, adaptive=True)
    epochs = [await limiter.acquire() for _ in range(8)]

    for epoch in epochs:
        limiter.overloaded(epoch)

    assert limiter.limit == 4


@pytest.mark.parametrize("limit", range(1, 8))
async def test_the_limit_grows_by_one_with_each_whole_limits_worth_of_answers(limit):
    limiter = Limiter(16, adaptive=True)
    limiter._limit = float(limit)

    for _ in range(limit):
        assert limiter.limit == limit
        limiter.succeeded()

    assert limiter.limit == limit + 1


async def test_the_limit_never_grows_beyond_the_first_one():
    limiter = Limiter(2, adaptive=True)
    limiter.overloaded(await limiter.acquire())
    for _ in range(20):
        limiter.succeeded()

    assert limiter.limit == 2


async def test_a_limit_that_grows_lets_the_next_one_in(until):
    limiter = Limiter(2, adaptive=True)
    limiter.overloaded(await limiter.acquire())
    waiting = asyncio.create_task(limiter.acquire())
    await until(lambda: limiter.waiting == 1)

    limiter.succeeded()

    await asyncio.wait_for(waiting, 5)
    assert limiter.in_use == 2


async def test_retry_after_holds_everyone_back_until_it_has_passed(clock, until):
    time = clock()
    limiter = Limiter(8, adaptive=True)
    limiter.overloaded(await limiter.acquire(), 30)
    limiter.release(0)
    held_back = asyncio.create_task(limiter.acquire())
    await until(lambda: limiter.waiting == 1)

    await time.forward(29)
    assert not held_back.done()
    assert 0 < limiter.pause <= 1
    await time.forward(2)

    await asyncio.wait_for(held_back, 5)
    assert limiter.pause == 0


async def test_the_longer_of_two_pauses_counts(clock):
    time = clock()
    limiter = Limiter(8, adaptive=True)
    epoch = await limiter.acquire()
    limiter.overloaded(epoch, 30)
    limiter.overloaded(epoch, 60)
    limiter.overloaded(epoch, 5)
    limiter.release(0)
    held_back = asyncio.create_task(limiter.acquire())

    await time.forward(31)
    assert not held_back.done()
    await time.forward(30)

    await asyncio.wait_for(held_back, 5)


async def test_a_pause_beyond_reason_is_not_believed():
    limiter = Limiter(8, adaptive=True)

    limiter.overloaded(await limiter.acquire(), 1e9)

    assert limiter.pause <= LONGEST_PAUSE


# Other loops and processes


async def test_a_limiter_in_use_refuses_another_loop_with_a_sentence():
    limiter = Limiter(1)
    await limiter.acquire()

    with pytest.raises(RuntimeError, match="in use on another event loop: give each loop a limiter of its own"):
        await asyncio.to_thread(asyncio.run, limiter.acquire())


def test_an_idle_limiter_may_move_to_another_loop():
    limiter = Limiter(1)

    async def once():
        limiter.release(await limiter.acquire())

    asyncio.run(once())
    asyncio.run(once())

    assert limiter.in_use == 0


def test_a_slot_that_an_ended_loop_took_with_it_comes_back():
    limiter = Limiter(1)

    asyncio.run(limiter.acquire())
    asyncio.run(limiter.acquire())

    assert limiter.in_use == 1


async def test_calls_that_an_ended_loop_left_behind_give_no_slot_back(other_loop, opened, server):
    """They end when they are collected, after their slots were forgotten: one is under way, and one has its turn."""
    limiter = Limiter(1)

    async def hold():
        epoch = await limiter.acquire()
        try:
            await asyncio.Event().wait()
        finally:
            limiter.release(epoch)

    async def leave_behind():
        holding = hold()
        holding.send(None)
        waiting = limiter.acquire()
        waiting.send(None)
        limiter.release(limiter._epoch)  # The turn comes to the one that waits, which never runs again.
        return holding, waiting

    left = await asyncio.to_thread(other_loop.run_until_complete, leave_behind())
    other_loop.close()
    epoch = await limiter.acquire()
    for one in left:
        one.close()
    assert limiter.in_use == 1

    limiter.release(epoch)
    server.answers({"data": []}, times=4)
    client = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=server.url, limiter=limiter)
    await asyncio.gather(*(client.list_companies() for _ in range(4)))
    assert (limiter.in_use, server.connections) == (0, 1)


async def test_a_slot_that_the_parent_process_holds_comes_back_in_its_child(monkeypatch, other_loop):
    limiter = Limiter(1)
    await limiter.acquire()
    parent = os.getpid()
    monkeypatch.setattr("kolay_invoice.limiter.os.getpid", lambda: parent + 1)

    await asyncio.to_thread(other_loop.run_until_complete, limiter.acquire())

    assert limiter.in_use == 1


async def test_a_pause_goes_with_the_limiter_to_another_loop_and_ends_there(other_loop):
    limiter = Limiter(1, adaptive=True)

    async def pause():
        limiter.overloaded(await limiter.acquire(), 0.05)
        limiter.release(0)

    await asyncio.to_thread(other_loop.run_until_complete, pause())

    assert await asyncio.wait_for(limiter.acquire(), 1) == 1


async def test_a_limiter_shows_how_busy_it_is():
    limiter = Limiter(2, adaptive=True)
    await limiter.acquire()

    assert repr(limiter) == "<adaptive Limiter 1 of 2 in use, 0 waiting>"
    assert repr(Limiter(2)) == "<Limiter 0 of 2 in use, 0 waiting>"
