"""One clock cancels the attempts whose time is over, each at its own time."""

import asyncio

import pytest

from kolay_invoice.deadline import Attempt, DeadlineClock, Phase

CONNECT, WHOLE = 5.0, 30.0


class HandSetLoop:
    """The clock of a loop, set by hand; timers are kept and not started."""

    def __init__(self):
        self.now = 100.0
        self.timers = []

    def time(self):
        return self.now

    def call_at(self, when, callback):
        timer = asyncio.TimerHandle(when, callback, (), asyncio.get_running_loop())
        self.timers.append(timer)
        return timer

    @property
    def alarms(self):
        return [timer.when() for timer in self.timers if not timer.cancelled()]

    def pass_to(self, when):
        """Let the time pass, and ring every timer that is due by then."""
        self.now = when
        for timer in [timer for timer in self.timers if timer.when() <= when]:
            self.timers.remove(timer)
            if not timer.cancelled():
                timer._run()


@pytest.fixture
def loop():
    return HandSetLoop()


@pytest.fixture
def clock(loop):
    return DeadlineClock(loop, CONNECT)


def left():
    attempt = Attempt()
    attempt.phase = Phase.LEFT
    return attempt


async def test_one_timer_stands_at_the_earliest_deadline(clock, loop):
    clock.start(Attempt(), WHOLE)
    clock.start(Attempt(), WHOLE)
    assert loop.alarms == [105.0]

    clock.start(Attempt(), 1.0)

    assert loop.alarms == [101.0]


@pytest.mark.parametrize(("attempt", "passes_at"), [(Attempt(), 105.0), (left(), 130.0)])
async def test_connecting_has_a_time_of_its_own_until_the_first_byte_may_leave(attempt, passes_at, clock, loop):
    deadline = clock.start(attempt, WHOLE)

    for when in (105.0 - 0.001, passes_at - 0.001):
        loop.pass_to(when)
        assert not deadline.has_passed
    loop.pass_to(passes_at)

    assert deadline.has_passed
    with pytest.raises(asyncio.CancelledError):
        await asyncio.sleep(0)
    assert not deadline.cancelled_by_others()
    deadline.end()
    assert asyncio.current_task().cancelling() == 0


async def test_after_each_ring_the_timer_stands_at_the_next_deadline(clock, loop):
    first, second = clock.start(left(), 1.0), clock.start(left(), 2.0)

    first.end()
    loop.pass_to(101.0)

    assert (first.has_passed, second.has_passed) == (False, False)
    assert loop.alarms == [102.0]
    second.end()
    loop.pass_to(102.0)
    assert loop.alarms == []


async def test_a_late_ring_strikes_everything_that_is_due_by_then(clock, loop):
    deadlines = [clock.start(left(), seconds) for seconds in (1.0, 2.0, 9.0)]

    loop.pass_to(103.0)

    assert [deadline.has_passed for deadline in deadlines] == [True, True, False]
    with pytest.raises(asyncio.CancelledError):
        await asyncio.sleep(0)
    for deadline in deadlines:
        deadline.end()


async def test_somebody_elses_cancellation_is_told_apart(clock):
    deadline = clock.start(left(), WHOLE)

    asyncio.current_task().cancel()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.sleep(0)
    assert deadline.cancelled_by_others()
    deadline.end()
    assert asyncio.current_task().uncancel() == 0


async def test_a_clock_rests_only_when_nothing_runs(clock, loop):
    clock.stop_timer()
    deadline = clock.start(left(), WHOLE)
    clock.stop_timer()
    assert loop.alarms == [105.0]

    deadline.end()
    clock.stop_timer()

    assert loop.alarms == []
