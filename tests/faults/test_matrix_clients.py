"""Rows 3, 9, 20, 24, 27, 28 and 31: what takes several calls, a clock, a cancellation or a hostile argument."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from kolay_invoice import (
    KolayInvoiceError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
    UnexpectedReplyError,
)

from . import contents, faults, listeners
from .matrix import (
    ANOTHER_ACCOUNT,
    BOTH,
    CALLS,
    ONLY_ASYNC,
    PATIENCE,
    RETRIED,
    each_call_in,
    in_row,
)

A_MOMENT = 0.1
READS = [call for call in CALLS if not call.has_effect]
EFFECTS = [call for call in CALLS if call.has_effect]


# Row 3: every slot of the limiter is taken.


@in_row(3)
@each_call_in(*BOTH)
async def test_a_call_that_finds_every_slot_taken_waits_and_is_then_made(call, form, server):
    server.fault(call.name, faults.held_until_released)

    async with asyncio.timeout(PATIENCE), form.client(call.provider, base_url=server.url, max_concurrency=1) as ask:
        first = asyncio.create_task(ask(call))
        await server.arrival.wait()
        second = asyncio.create_task(ask(call))
        await asyncio.sleep(A_MOMENT)
        received_meanwhile = server.received[call.name]
        server.release.set()
        outcomes = [await first, await second]

    assert received_meanwhile == 1
    assert [outcome.error for outcome in outcomes] == [None, None]


@in_row(3)
@each_call_in(*BOTH)
async def test_a_queue_time_out_is_never_called_unknown(call, form, server, no_canary_in):
    server.fault(call.name, faults.held_until_released)
    options = {"base_url": server.url, "max_concurrency": 1, "queue_timeout": A_MOMENT}

    async with asyncio.timeout(PATIENCE), form.client(call.provider, **options) as ask:
        held = asyncio.create_task(ask(call))
        await server.arrival.wait()
        queued = await ask(call)
        server.release.set()
        first = await held

    assert first.error is None
    assert isinstance(queued.error, NotSentError)
    assert not queued.error.may_have_happened
    assert server.received[call.name] == 1
    no_canary_in(queued.error)


# Rows 9 and 20: what a server does to a connection after a good answer.

DISTURBED_CONNECTIONS = (
    (9, faults.answered_then_closed_when_idle),
    (9, faults.answered_then_closed_at_the_next_request),
    (20, contents.answered_twice),
)


@each_call_in(*BOTH)
@pytest.mark.parametrize(
    "fault", [pytest.param(fault, id=f"{row:02}-{fault}", marks=in_row(row)) for row, fault in DISTURBED_CONNECTIONS]
)
async def test_the_next_call_is_made_once_and_gets_its_own_answer(fault, call, form, server):
    server.fault(call.name, fault)
    another = call.about_another()

    async with asyncio.timeout(PATIENCE), form.client(call.provider, base_url=server.url) as ask:
        first = await ask(call)
        await asyncio.sleep(A_MOMENT)  # In which the server does what it does.
        second = await ask(another)

    assert (first.error, second.error) == (None, None)
    assert call.answered(first.value, call.arguments)
    assert call.answered(second.value, another.arguments)
    assert server.executed[call.name] == 2


@in_row(9)
@each_call_in(*BOTH, calls=EFFECTS)
async def test_every_call_with_an_effect_has_a_connection_of_its_own(call, form, server):
    async with asyncio.timeout(PATIENCE), form.client(call.provider, base_url=server.url) as ask:
        outcomes = [await ask(call), await ask(call)]

    assert [outcome.error for outcome in outcomes] == [None, None]
    assert [request.connection for request in server.requests] == [1, 2]


# Row 24: a read waits as long as it was told to.


@in_row(24)
@each_call_in(*ONLY_ASYNC, calls=READS)
async def test_a_read_does_not_come_back_before_the_seconds_of_retry_after(call, form, server, judge):
    server.fault(call.name, contents.rate_limited("for_a_second", "1"))

    async with asyncio.timeout(PATIENCE), form.client(call.provider, base_url=server.url) as ask:
        outcome = await ask(call)

    judge(call, RETRIED, outcome, server)
    first, second = (request.at for request in server.requests)
    assert second - first >= 1


@in_row(24)
@each_call_in(*ONLY_ASYNC, calls=READS)
async def test_a_read_does_not_come_back_before_the_date_of_retry_after(call, form, server, judge):
    date = (datetime.now(UTC) + timedelta(seconds=2)).replace(microsecond=0)
    server.fault(call.name, contents.rate_limited("until_a_date", format_datetime(date, usegmt=True)))

    async with asyncio.timeout(PATIENCE), form.client(call.provider, base_url=server.url) as ask:
        outcome = await ask(call)

    judge(call, RETRIED, outcome, server)
    assert datetime.now(UTC) >= date


TOLD = (
    ("in_seconds", "7", (7, 7)),
    ("in_parts_of_seconds", "0.5", (0.5, 0.5)),
    ("as_a_date", contents.in_seconds(60), (50, 60)),
    ("as_a_date_gone_by", contents.in_seconds(-60), (0, 0)),
    ("thirty_years", "1000000000", (1e9, 1e9)),
    ("minus_one", "-1", None),
    ("junk", "soon; maybe", None),
    ("nothing", None, None),
)


@in_row(24)
@each_call_in(*ONLY_ASYNC, calls=EFFECTS)
@pytest.mark.parametrize("told", TOLD, ids=lambda told: told[0])
async def test_the_caller_learns_when_to_come_back(told, call, form, server):
    name, retry_after, expected = told
    server.fault(call.name, contents.rate_limited(name, retry_after))

    async with asyncio.timeout(PATIENCE), form.client(call.provider, base_url=server.url) as ask:
        outcome = await ask(call)

    assert isinstance(outcome.error, RateLimitedError)
    if expected is None:
        assert outcome.error.retry_after is None
    else:
        assert expected[0] <= outcome.error.retry_after <= expected[1]


# Rows 7, 8, 13 and 25 once more: a read does not ask for ever.


@each_call_in(*BOTH, calls=READS)
@pytest.mark.parametrize(
    "fault",
    [
        faults.reset_before_read,
        faults.executed_then_closed,
        faults.body_shorter_than_announced,
        contents.failed(503, executed=False),
    ],
    ids=str,
)
async def test_a_read_gives_up_after_its_attempts(fault, call, form, server, no_canary_in):
    server.fault(call.name, fault, times=None)

    async with asyncio.timeout(PATIENCE), form.client(call.provider, base_url=server.url, max_attempts=3) as ask:
        outcome = await ask(call)

    assert isinstance(outcome.error, UnexpectedReplyError)
    assert server.attempts == 3
    no_canary_in(outcome.error)


# Row 27: what one account was given to remember, the next must not carry.


@in_row(27)
@each_call_in(*BOTH)
async def test_no_cookie_travels_to_the_next_call_or_the_next_account(call, form, server):
    server.fault(call.name, contents.answered_with_cookies, times=None)

    async with (
        asyncio.timeout(PATIENCE),
        form.client(call.provider, base_url=server.url) as ask,
        form.client(call.provider, ANOTHER_ACCOUNT, base_url=server.url) as ask_for_another,
    ):
        outcomes = [await ask(call), await ask(call), await ask_for_another(call)]

    assert [outcome.error for outcome in outcomes] == [None, None, None]
    assert [request.header("cookie") for request in server.requests] == [None, None, None]
    assert "another-token" in server.requests[-1].header("authorization")


# Row 28: cancelled in each phase. The blocking form of it is row 29.


@in_row(28)
@each_call_in(*ONLY_ASYNC)
async def test_a_call_cancelled_while_it_connects_was_never_sent(call, form):
    with listeners.full_backlog() as port:
        async with asyncio.timeout(PATIENCE), form.client(call.provider, base_url=f"http://127.0.0.1:{port}") as ask:
            task = asyncio.create_task(ask(call))
            await asyncio.sleep(A_MOMENT)
            task.cancel()
            await asyncio.wait([task])

    assert task.cancelled()


@in_row(28)
@each_call_in(*ONLY_ASYNC)
@pytest.mark.parametrize("fault", [faults.never_answered, faults.body_dripped, faults.answered_too_late], ids=str)
async def test_a_cancelled_call_ends_at_once_and_leaves_the_client_usable(fault, call, form, server):
    server.fault(call.name, fault)

    async with asyncio.timeout(PATIENCE), form.client(call.provider, base_url=server.url, max_concurrency=1) as ask:
        task = asyncio.create_task(ask(call))
        await server.arrival.wait()
        await asyncio.sleep(A_MOMENT / 2)  # For the dripping body to begin.
        task.cancel()
        await asyncio.wait([task])
        again = await ask(call.about_another())
    await server.quiet()

    assert task.cancelled()
    assert again.error is None
    assert server.received[call.name] == 2


@in_row(28)
@each_call_in(*BOTH)
async def test_closing_the_client_under_a_call_leaves_the_question_open(call, form, server):
    server.fault(call.name, faults.answered_too_late)

    async with asyncio.timeout(PATIENCE):
        async with form.client(call.provider, base_url=server.url) as ask:
            task = asyncio.create_task(ask(call))
            await server.arrival.wait()
        outcome = await task
        await server.quiet()

    assert isinstance(outcome.error, OutcomeUnknownError if call.has_effect else KolayInvoiceError)
    assert (server.attempts, server.executed[call.name]) == (1, 1)


@in_row(28)
@each_call_in(*ONLY_ASYNC)
async def test_a_time_out_around_a_call_is_the_callers_own(call, form, server):
    server.fault(call.name, faults.never_answered)

    async with form.client(call.provider, base_url=server.url) as ask:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(A_MOMENT * 2):
                await ask(call)
    await server.quiet()

    assert server.attempts == 1


# Row 31: hostile arguments.

HOSTILE_IDS = (0, -1, True, 18.0, "18", "../18", 2**63, 10**400, None, float("nan"), [18], b"18")
HOSTILE_CODES = ("", " ", "..", ".", "../../core/sale/5/cancel_invoice", "a/../b", "a#b", "a?b=c", "a\r\nX: y", "\0")
HOSTILE_CODES += ("a\u2028b", "a\udc80", "x" * 100_000, True, 7, 7.5, b"code")
HOSTILE = {
    "document_id": HOSTILE_IDS,
    "vault_id": HOSTILE_IDS,
    "company_id": HOSTILE_IDS,
    "sale_code": HOSTILE_CODES,
    "invoice_uuid": ("", "../", "f46d5a8d-7726-1b37-bba4-973c7ab50a5b", 7, True),
    "direction": ("", "\r\n", True, None),
}


@in_row(31)
@each_call_in(*BOTH)
async def test_a_hostile_argument_is_refused_by_name_before_a_byte_leaves(call, form, server):
    optional = {"document_id"} if call.name == "list_invoices" else set()
    hostile = [(name, value) for name in call.arguments for value in HOSTILE[name]]
    hostile = [(name, value) for name, value in hostile if not (value is None and name in optional)]

    async with asyncio.timeout(PATIENCE), form.client(call.provider, base_url=server.url) as ask:
        outcomes = [(name, await ask(call.with_argument(name, value))) for name, value in hostile]

    assert [
        type(outcome.error) for _, outcome in outcomes if not isinstance(outcome.error, TypeError | ValueError)
    ] == []
    assert [name for name, outcome in outcomes if name not in str(outcome.error)] == []
    assert server.connections == 0


@in_row(31)
@each_call_in(*BOTH, calls=[call for call in CALLS if call.provider == "propars"])
async def test_a_hostile_id_never_becomes_a_path(call, form, server):
    async with asyncio.timeout(PATIENCE), form.client(call.provider, base_url=server.url) as ask:
        outcomes = [await ask(call.by_sale_id(value)) for value in HOSTILE_IDS]

    assert [type(outcome.error) for outcome in outcomes if not isinstance(outcome.error, TypeError | ValueError)] == []
    assert server.connections == 0
