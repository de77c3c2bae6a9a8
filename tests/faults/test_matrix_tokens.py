"""Row 22 with credentials: a token is renewed once, and what goes wrong in fetching one was never the call itself."""

from __future__ import annotations

import asyncio

import pytest
from attrs import evolve, frozen

from kolay_invoice import AuthenticationError

from . import contents, faults
from .matrix import (
    BOTH,
    CALLS,
    FETCHED_TOKEN,
    NOT_SENT,
    PATIENCE,
    RATE_LIMITED,
    REFUSED,
    TOKEN_OPERATION,
    UNKNOWN,
    Cell,
    each_call_in,
    in_row,
)
from .server import Fault

A_MOMENT = 0.4


@in_row(22)
@each_call_in(*BOTH)
async def test_a_refused_token_is_renewed_once_and_the_call_repeated_once(call, form, server):
    server.fault(call.name, contents.refused(401))

    async with asyncio.timeout(PATIENCE), form.client(call.provider, FETCHED_TOKEN, base_url=server.url) as ask:
        outcome = await ask(call)

    assert outcome.error is None
    assert call.answered(outcome.value, call.arguments)
    assert server.received == {TOKEN_OPERATION[call.provider]: 2, call.name: 2}
    assert server.executed[call.name] == 1


@in_row(22)
@each_call_in(*BOTH)
async def test_a_second_refusal_is_the_last_word(call, form, server, judge):
    server.fault(call.name, contents.refused(401), times=None)

    async with asyncio.timeout(PATIENCE), form.client(call.provider, FETCHED_TOKEN, base_url=server.url) as ask:
        outcome = await ask(call)

    judge(call, Cell("refused", AuthenticationError, attempts=4), outcome, server)
    assert server.received == {TOKEN_OPERATION[call.provider]: 2, call.name: 2}


@in_row("22b")
@each_call_in(*BOTH, calls=[call for call in CALLS if call.has_effect])
@pytest.mark.parametrize("words", contents.NOBODYS_WORDS)
async def test_a_401_without_the_providers_format_renews_no_token_and_repeats_nothing(words, call, form, server, judge):
    server.fault(call.name, contents.said_by_nobody(401, words))

    async with asyncio.timeout(PATIENCE), form.client(call.provider, FETCHED_TOKEN, base_url=server.url) as ask:
        outcome = await ask(call)

    judge(call, evolve(UNKNOWN, attempts=2), outcome, server)
    assert outcome.error.status == 401
    assert server.received == {TOKEN_OPERATION[call.provider]: 1, call.name: 1}
    assert server.executed[call.name] == 1


@in_row("22b")
@each_call_in(*BOTH, calls=[call for call in CALLS if not call.has_effect])
async def test_a_read_may_try_a_new_token_after_any_401(call, form, server):
    server.fault(call.name, contents.said_by_nobody(401, "page"))

    async with asyncio.timeout(PATIENCE), form.client(call.provider, FETCHED_TOKEN, base_url=server.url) as ask:
        outcome = await ask(call)

    assert outcome.error is None
    assert server.received == {TOKEN_OPERATION[call.provider]: 2, call.name: 2}


@in_row(22)
@each_call_in(*BOTH)
async def test_many_calls_at_once_fetch_one_token(call, form, server):
    async with asyncio.timeout(PATIENCE), form.client(call.provider, FETCHED_TOKEN, base_url=server.url) as ask:
        outcomes = await asyncio.gather(*(ask(call) for _ in range(10)))

    assert [outcome.error for outcome in outcomes] == [None] * 10
    assert server.received == {TOKEN_OPERATION[call.provider]: 1, call.name: 10}


@frozen
class TokenFault:
    """What happens to the request for a token, and what the call is told that wanted it."""

    fault: Fault
    cell: Cell


TOKEN_FAULTS = (
    TokenFault(faults.executed_then_closed, NOT_SENT),
    TokenFault(faults.never_answered, NOT_SENT),
    TokenFault(faults.garbage, NOT_SENT),
    TokenFault(contents.login_page, NOT_SENT),
    TokenFault(contents.json_bomb, NOT_SENT),
    TokenFault(contents.failed(503, executed=False), NOT_SENT),
    TokenFault(contents.redirected(307, elsewhere=True), NOT_SENT),
    TokenFault(contents.refused(401), evolve(REFUSED, error=AuthenticationError, attempts=1)),
    TokenFault(contents.refused_quoting_the_request, evolve(REFUSED, error=AuthenticationError, attempts=1)),
    TokenFault(contents.rate_limited("for_thirty_years", "1000000000"), RATE_LIMITED),
)


@in_row(22)
@each_call_in(*BOTH)
@pytest.mark.parametrize("token", TOKEN_FAULTS, ids=lambda token: token.fault.name)
async def test_a_call_without_a_token_was_never_sent(token, call, form, server, judge):
    server.fault(TOKEN_OPERATION[call.provider], token.fault, times=None)

    async with (
        asyncio.timeout(PATIENCE),
        form.client(call.provider, FETCHED_TOKEN, base_url=server.url, timeout=A_MOMENT, max_attempts=1) as ask,
    ):
        outcome = await ask(call)

    judge(call, token.cell, outcome, server)
    assert server.received[call.name] == 0
