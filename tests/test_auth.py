"""The account's token: fetched once for all, renewed once, and what a call says that gets none."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from kolay_invoice import (
    AsyncPropars,
    AuthenticationError,
    ConfigurationError,
    Limiter,
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
)
from kolay_invoice.auth import Token, TokenSource
from kolay_invoice.redact import Secret

EMPTY = {"data": []}
TOKEN = {"success": True, "data": "fresh"}
REFUSED = {"success": False, "code": 10401, "message": "Erişim anahtarı geçersiz."}


def operations(server):
    """Return which calls arrived: the token's or another."""
    return ["token" if "token" in request.target else "call" for request in server.requests]


def used(server):
    """Return the tokens that calls came with."""
    return [r.headers["Authorization"].split()[1] for r in server.requests if "Authorization" in r.headers]


@pytest.fixture
def clock(monkeypatch):
    """A wall clock that can be moved."""

    class Clock:
        now = time.time()

    monkeypatch.setattr("kolay_invoice.auth.time.time", lambda: Clock.now)
    monkeypatch.setattr("kolay_invoice.kolaybi.client.time.time", lambda: Clock.now)
    return Clock


async def test_a_hundred_calls_at_once_fetch_one_token(kolaybi_with_key, server):
    server.answers(TOKEN).answers(EMPTY, times=100)

    await asyncio.gather(*(kolaybi_with_key.list_companies() for _ in range(100)))

    assert operations(server) == ["token"] + ["call"] * 100
    assert set(used(server)) == {"fresh"}


async def test_a_hundred_calls_that_are_answered_with_401_at_once_renew_the_token_once(kolaybi_with_key, server):
    held, release = asyncio.Semaphore(0), asyncio.Event()

    async def refuse_all_together(writer):
        held.release()
        await release.wait()
        body = json.dumps(REFUSED).encode()
        writer.write(b"HTTP/1.1 401 No\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    server.answers(TOKEN).does(refuse_all_together, times=8).answers({**TOKEN, "data": "second"}).answers(
        EMPTY, times=8
    )

    calls = [asyncio.create_task(kolaybi_with_key.list_companies()) for _ in range(8)]
    for _ in calls:
        await held.acquire()
    release.set()
    await asyncio.gather(*calls)

    assert operations(server).count("token") == 2
    assert used(server) == ["fresh"] * 8 + ["second"] * 8


async def test_a_waiter_who_is_cancelled_does_not_take_the_token_from_the_others(kolaybi_with_key, server):
    asked, release = asyncio.Event(), asyncio.Event()

    async def answer_late(writer):
        asked.set()
        await release.wait()
        body = json.dumps(TOKEN).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    server.does(answer_late).answers(EMPTY)
    first, second = (asyncio.create_task(kolaybi_with_key.list_companies()) for _ in range(2))
    await asked.wait()
    first.cancel()
    await asyncio.wait([first])
    release.set()

    assert await second == []
    assert first.cancelled()
    assert operations(server) == ["token", "call"]


@pytest.mark.parametrize("call", ["resend", "create_e_document"])
async def test_a_401_renews_the_token_once_and_repeats_even_an_irreversible_call(call, kolaybi_with_key, server):
    ettn = "f46d5a8d-7726-4b37-bba4-973c7ab50a5b"
    server.answers(TOKEN).answers(REFUSED, 401).answers({**TOKEN, "data": "second"})
    server.answers({"data": {"document_id": 18, "uuid": ettn}})

    reply = await getattr(kolaybi_with_key, call)(18)

    assert reply.document_id == 18
    assert operations(server) == ["token", "call", "token", "call"]
    assert used(server) == ["fresh", "second"]


async def test_a_second_401_is_an_error(kolaybi_with_key, server):
    server.answers(TOKEN).answers(REFUSED, 401).answers({**TOKEN, "data": "second"}).answers(REFUSED, 401)

    with pytest.raises(AuthenticationError) as caught:
        await kolaybi_with_key.resend(18)

    assert operations(server) == ["token", "call", "token", "call"]
    assert (caught.value.status, caught.value.code, caught.value.operation) == (401, 10401, "resend")


@pytest.mark.parametrize(("status", "code"), [(409, 10401), (401, 10409), (500, 10401)])
async def test_a_401_that_something_else_contradicts_is_never_a_reason_to_send_again(
    status, code, kolaybi_with_key, server
):
    server.answers(TOKEN).answers({"success": False, "code": code}, status)

    with pytest.raises(OutcomeUnknownError):
        await kolaybi_with_key.create_e_document(18)

    assert operations(server) == ["token", "call"]


async def test_a_401_with_a_ready_token_and_nothing_to_renew_it_is_an_error_at_once(kolaybi, propars, server):
    server.answers(REFUSED, 401).answers({"detail": "Geçersiz token."}, 401)

    with pytest.raises(AuthenticationError):
        await kolaybi.resend(18)
    with pytest.raises(AuthenticationError):
        await propars.send_invoice(sale_id=1)

    assert operations(server) == ["call", "call"]


async def test_a_ready_token_is_used_first_where_both_were_given(opened, server):
    server.answers({"detail": "x"}, 401).answers({"token": "second"}).answers({"id": 1})
    client = await opened(AsyncPropars, token="ready", username="u", password="p", base_url=server.url)

    await client.send_invoice(sale_id=1)

    assert used(server) == ["ready", "second"]


async def test_a_token_of_kolaybi_is_kept_for_23_hours(kolaybi_with_key, server, clock):
    server.answers(TOKEN).answers(EMPTY, times=2).answers({**TOKEN, "data": "second"}).answers(EMPTY)

    await kolaybi_with_key.list_companies()
    clock.now += 23 * 3600 - 1
    await kolaybi_with_key.list_companies()
    clock.now += 1
    await kolaybi_with_key.list_companies()

    assert used(server) == ["fresh", "fresh", "second"]


async def test_a_token_of_propars_is_kept_until_five_minutes_before_its_end(propars_with_login, server, clock):
    clock.now = 1893456000 - 3600  # An hour before 2030.
    first = {"token": "first", "expire_date": "2030-01-01T00:00:00+0000"}
    server.answers(first).answers({"id": 1}, times=2).answers({"token": "second"}).answers({"id": 1}, times=2)

    for step in (0, 3600 - 301, 1, 10**9):
        clock.now += step
        await propars_with_login.send_invoice(sale_id=1)

    assert used(server) == ["first", "first", "second", "second"]


@pytest.mark.parametrize("expire_date", ["0001-01-01T00:00:00+03:00", "9999-12-31T23:59:59-12:00"])
async def test_an_end_at_the_edge_of_the_calendar_disturbs_no_call(expire_date, propars_with_login, server):
    server.answers({"token": "t", "expire_date": expire_date}).answers({"id": 1})

    assert (await propars_with_login.send_invoice(sale_id=1)).invoice_id == 1


# A token that does not come: status and body of the answer, what the call raises, and its text.
NO_TOKEN = [
    (401, REFUSED, AuthenticationError),
    (400, {"success": False, "code": 10400, "message": "api_key zorunludur."}, AuthenticationError),
    (404, {"success": False, "code": 10404, "message": "Kanal bulunamadı."}, ConfigurationError),
    (409, {"success": False, "code": 10409}, AuthenticationError),
    (500, {}, NotSentError),
    (200, {"success": True, "data": None}, NotSentError),
    (200, {"success": True, "data": "two words"}, NotSentError),
    (200, b"<html>", NotSentError),
    (302, b"", NotSentError),
]


@pytest.mark.parametrize(("status", "content", "error"), NO_TOKEN)
async def test_a_call_without_a_token_says_that_it_was_not_sent(
    status, content, error, kolaybi_with_key, server, no_waits
):
    server.answers(content, status, times=9)

    with pytest.raises(error, match=r"kolaybi\.resend: not sent, for want of a token: ") as caught:
        await kolaybi_with_key.resend(18)

    assert set(operations(server)) == {"token"}
    assert not caught.value.may_have_happened
    assert (caught.value.operation, caught.value.__suppress_context__) == ("resend", True)


async def test_a_token_that_is_rate_limited_says_until_when(kolaybi_with_key, server):
    server.answers(b"", 429, Retry_After="3600")

    with pytest.raises(RateLimitedError) as caught:
        await kolaybi_with_key.resend(18)

    assert caught.value.retry_after == 3600
    assert "not sent, for want of a token" in str(caught.value)


async def test_a_token_that_cannot_be_asked_for_is_not_sent(opened, unused_tcp_port, no_waits):
    client = await opened(AsyncPropars, username="u", password="p", base_url=f"http://127.0.0.1:{unused_tcp_port}")

    with pytest.raises(NotSentError, match="for want of a token"):
        await client.cancel_invoice(sale_id=1)


async def test_a_failed_fetch_is_tried_again_by_the_next_call(kolaybi_with_key, server):
    server.answers(REFUSED, 401).answers(TOKEN).answers(EMPTY)

    with pytest.raises(AuthenticationError):
        await kolaybi_with_key.list_companies()

    assert await kolaybi_with_key.list_companies() == []


async def test_a_token_that_comes_after_the_deadline_comes_too_late(opened, server):
    never = asyncio.Event()
    server.does(lambda _: never.wait())
    client = await opened(AsyncPropars, username="u", password="p", base_url=server.url, timeout=0.05)

    with pytest.raises(NotSentError, match=r"no token came|for want of a token"):
        await client.cancel_invoice(sale_id=1)

    assert operations(server) == ["token"]


async def test_the_limiters_queue_is_not_on_the_clock_of_a_call_that_waits_for_its_token(opened, server):
    asked, release = asyncio.Event(), asyncio.Event()

    async def answer_late(writer):
        asked.set()
        await release.wait()
        writer.write(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")

    limiter = Limiter(1)
    server.does(answer_late).answers({"token": "t"}).answers({"id": 1})
    slow = await opened(AsyncPropars, token="t", base_url=server.url, limiter=limiter)
    quick = await opened(AsyncPropars, username="u", password="p", base_url=server.url, limiter=limiter, timeout=0.2)

    first = asyncio.create_task(slow.get_signed_xml(sale_id=1))
    await asked.wait()
    second = asyncio.create_task(quick.send_invoice(sale_id=1))
    await asyncio.wait([second], timeout=0.4)
    release.set()
    await asyncio.wait([first])

    assert first.exception()
    assert (await second).invoice_id == 1


async def test_closing_the_client_ends_the_wait_for_a_token(opened, server):
    never = asyncio.Event()
    server.does(lambda _: never.wait())
    client = AsyncPropars(username="u", password="p", base_url=server.url)
    call = asyncio.create_task(client.cancel_invoice(sale_id=1))
    await server.arrived.wait()

    await client.aclose()

    with pytest.raises(NotSentError, match="closed while a token was being fetched"):
        await call


async def test_a_fetch_that_nobody_waits_for_any_more_ends_quietly(kolaybi_with_key, server, every_record, until):
    asked, release = asyncio.Event(), asyncio.Event()

    async def refuse_late(writer):
        asked.set()
        await release.wait()
        writer.write(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")

    server.does(refuse_late)
    call = asyncio.create_task(kolaybi_with_key.resend(18))
    await asked.wait()
    call.cancel()
    await asyncio.wait([call])
    release.set()
    await until(lambda: kolaybi_with_key._tokens._fetching is None)

    assert not [record for record in every_record.records if record.name == "asyncio" and record.levelname == "ERROR"]


async def test_a_cancellation_is_not_swallowed_when_the_client_is_closed_in_the_same_moment():
    never = asyncio.Event()
    source = TokenSource(None, never.wait)
    waiting = asyncio.create_task(source.fetch())
    await asyncio.sleep(0)
    source._fetching.add_done_callback(lambda _: waiting.cancel())

    source.forget()
    [ended] = await asyncio.gather(waiting, return_exceptions=True)

    assert isinstance(ended, asyncio.CancelledError)


async def test_a_token_that_another_call_has_replaced_is_no_reason_to_fetch():
    old, new = Token(Secret("old")), Token(Secret("new"))

    async def fetch():
        return new

    source = TokenSource(Secret("ready"), fetch)
    assert source.invalidate(source.current)
    assert await source.fetch() is new
    assert source.invalidate(old)
    assert source.current is new


def test_a_fetch_in_a_loop_that_has_ended_is_left_alone():
    async def begin():
        source = TokenSource(None, asyncio.Event().wait)
        waiting = asyncio.create_task(source.fetch())
        await asyncio.sleep(0)
        return source, waiting

    source, _ = asyncio.run(begin())

    source.forget()

    assert source._fetching is None


def test_a_token_shows_nothing():
    assert repr(Token(Secret("canary"), 7.0)) == "Token(good_until=7.0)"
