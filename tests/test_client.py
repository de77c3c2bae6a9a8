"""The one road, without a network where none is needed: what a client does with what became of an attempt."""

from __future__ import annotations

import asyncio
import copy
import gc
import pickle
import re
import traceback

import aiohttp
import pytest
from aioresponses import CallbackResult
from attrs import evolve

from kolay_invoice import (
    AsyncKolayBi,
    AsyncPropars,
    AuthenticationError,
    CancelInvoice,
    CreateEDocument,
    GetSignedXml,
    InvoiceHtmlForSale,
    KolayInvoiceError,
    Limiter,
    ListCompanies,
    ListInvoices,
    NotSentError,
    OutcomeUnknownError,
    Proceed,
    RateLimitedError,
    RefusedError,
    Resend,
    SendInvoice,
    UnexpectedReplyError,
)
from kolay_invoice.auth import Token
from kolay_invoice.redact import Secret

HOST = "http://127.0.0.1:8080"
KOLAYBI = f"{HOST}/kolaybi/v1"
SALES = f"{HOST}/api/v1/finance/saleinvoice"
ETTN = "f46d5a8d-7726-4b37-bba4-973c7ab50a5b"

# Client, operation, arguments, method and URL.
READS = [
    (
        "kolaybi",
        "list_invoices",
        (5, "outbound"),
        {},
        "GET",
        f"{KOLAYBI}/e_document/invoices?company_id=5&direction=outbound",
    ),
    ("kolaybi", "list_companies", (), {}, "GET", f"{KOLAYBI}/companies"),
    ("propars", "get_signed_xml", (), {"invoice_id": 7}, "GET", f"{SALES}/7/get_signed_xml/"),
]
EFFECTS = [
    ("kolaybi", "resend", (18,), {}, "POST", f"{KOLAYBI}/invoices/resend/18"),
    ("kolaybi", "create_e_document", (18,), {}, "POST", f"{KOLAYBI}/invoices/e-document/create"),
    ("kolaybi", "proceed", (18, 1), {}, "POST", f"{KOLAYBI}/invoices/proceed"),
    ("propars", "invoice_html_for_sale", (), {"sale_id": 7}, "GET", f"{SALES}/invoice_html_for_sale/?sale_id=7"),
    ("propars", "send_invoice", (), {"invoice_id": 7}, "POST", f"{SALES}/7/send_invoice/"),
    ("propars", "cancel_invoice", (), {"sale_id": 7}, "PATCH", f"{HOST}/api/v1/core/sale/7/cancel_invoice/"),
]


HELD_FOR = 0.03
"""Seconds that a call is kept waiting where its length is looked at."""


def each(calls):
    """Run a test for each of these calls."""
    return pytest.mark.parametrize("call", calls, ids=lambda call: call[1])


@pytest.fixture
async def clients(opened):
    """Both clients, of a host that aioresponses stands in for."""
    return {
        "kolaybi": await opened(AsyncKolayBi, channel="c", access_token="t", base_url=HOST),
        "propars": await opened(AsyncPropars, token="t", base_url=HOST),
    }


@pytest.fixture
def ask(clients):
    """Make a call of the tables."""

    def ask(call):
        client, operation, arguments, options, *_ = call
        return getattr(clients[client], operation)(*arguments, **options)

    return ask


@pytest.fixture
def sleeps(monkeypatch):
    """Sleep no time at all, and note how long it would have been."""
    slept = []
    real = asyncio.sleep

    async def sleep(seconds):
        slept.append(seconds)
        await real(0)

    monkeypatch.setattr("kolay_invoice.call_loop.asyncio.sleep", sleep)
    return slept


LOST = [
    aiohttp.ServerDisconnectedError(),
    aiohttp.ClientOSError(104, "reset"),
    aiohttp.ClientPayloadError("cut"),
    TimeoutError(),
]


@each(EFFECTS)
@pytest.mark.parametrize("error", LOST, ids=repr)
async def test_a_lost_answer_to_a_call_with_an_effect_is_unknown_and_not_asked_for_again(call, error, ask, mocked):
    *_, method, url = call
    mocked.add(url, method, exception=error, repeat=True)

    with pytest.raises(OutcomeUnknownError) as caught:
        await ask(call)

    assert caught.value.may_have_happened
    assert sum(len(requests) for requests in mocked.requests.values()) == 1


@each(READS)
@pytest.mark.parametrize("error", LOST, ids=repr)
async def test_a_lost_answer_to_a_read_is_asked_for_again_and_then_an_error(call, error, ask, mocked, sleeps):
    *_, method, url = call
    mocked.add(url, method, exception=error, repeat=True)

    with pytest.raises(UnexpectedReplyError) as caught:
        await ask(call)

    assert not caught.value.may_have_happened
    assert sum(len(requests) for requests in mocked.requests.values()) == 4
    assert len(sleeps) == 3


@each(EFFECTS)
async def test_what_never_left_goes_out_again_whatever_its_effect(call, ask, mocked, sleeps):
    *_, method, url = call
    refused = aiohttp.ClientConnectorError(None, ConnectionRefusedError(111, "refused"))
    mocked.add(url, method, exception=refused, repeat=2)
    mocked.add(url, method, status=409)

    with pytest.raises(OutcomeUnknownError, match="409"):
        await ask(call)

    assert len(sleeps) == 2


async def test_a_read_that_succeeds_after_a_loss_is_a_success(clients, mocked, sleeps):
    mocked.get(f"{KOLAYBI}/companies", status=503)
    mocked.get(f"{KOLAYBI}/companies", payload={"data": [{"company_id": 5}]})

    assert [company.company_id for company in await clients["kolaybi"].list_companies()] == [5]


async def test_a_read_waits_as_long_as_it_is_told_to(clients, mocked, sleeps):
    mocked.get(f"{KOLAYBI}/companies", status=429, headers={"Retry-After": "7"})
    mocked.get(f"{KOLAYBI}/companies", status=503, headers={"Retry-After": "8"})
    mocked.get(f"{KOLAYBI}/companies", payload={"data": []})

    assert await clients["kolaybi"].list_companies() == []
    assert sleeps == [7, 8]


@pytest.mark.parametrize("text", ["31", "1000000000"])
async def test_a_read_that_is_told_to_wait_beyond_its_deadline_says_so_at_once(text, clients, mocked, sleeps):
    mocked.get(f"{KOLAYBI}/companies", status=429, headers={"Retry-After": text})

    with pytest.raises(RateLimitedError) as caught:
        await clients["kolaybi"].list_companies()

    assert caught.value.retry_after == float(text)
    assert sleeps == []


@each(EFFECTS)
async def test_a_rate_limit_on_a_call_with_an_effect_is_an_error_at_once(call, ask, mocked):
    *_, method, url = call
    mocked.add(url, method, status=429, headers={"Retry-After": "1"}, repeat=True)

    with pytest.raises(RateLimitedError) as caught:
        await ask(call)

    assert caught.value.retry_after == 1
    assert sum(len(requests) for requests in mocked.requests.values()) == 1


@pytest.mark.parametrize("attempts", [1, 2, 7])
async def test_a_call_goes_out_no_more_often_than_max_attempts(attempts, opened, mocked, sleeps):
    client = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=HOST, max_attempts=attempts)
    mocked.get(f"{KOLAYBI}/companies", status=500, repeat=True)

    with pytest.raises(UnexpectedReplyError, match="answered 500"):
        await client.list_companies()

    assert sum(len(requests) for requests in mocked.requests.values()) == attempts


async def test_the_sleeps_between_attempts_are_on_the_clock_of_the_call(opened, mocked, monkeypatch, sleeps):
    client = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=HOST, max_attempts=100, timeout=30)
    monkeypatch.setattr("kolay_invoice.call_loop.waits", lambda: iter([7.0] * 100))
    mocked.get(f"{KOLAYBI}/companies", status=500, repeat=True)

    with pytest.raises(UnexpectedReplyError):
        await client.list_companies()

    assert sleeps == [7.0] * 4


async def test_a_deadline_that_has_passed_lets_nothing_leave(opened, mocked, monkeypatch):
    client = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=HOST, timeout=5)
    loop = asyncio.get_running_loop()
    real, ahead = loop.time, 0.0

    def refused_late(*_, **__):
        nonlocal ahead
        ahead += 60
        client._tokens._token = Token(Secret("renewed by another call"))
        return CallbackResult(status=401, payload={"success": False, "code": 10401, "message": "Geçersiz."})

    mocked.post(f"{KOLAYBI}/invoices/resend/18", callback=refused_late)
    monkeypatch.setattr(loop, "time", lambda: real() + ahead)

    with pytest.raises(NotSentError, match="the deadline passed before it could leave"):
        await client.resend(18)


async def test_a_slot_that_does_not_come_free_in_time_is_not_sent(opened):
    limiter = Limiter(1)
    await limiter.acquire()
    client = await opened(AsyncKolayBi, channel="c", access_token="t", limiter=limiter, queue_timeout=0.001)

    with pytest.raises(NotSentError, match="no slot of the limiter came free within queue_timeout"):
        await client.resend(18)

    assert limiter.in_use == 1


async def test_the_limiters_queue_is_not_on_the_clock_of_the_call(opened, mocked, monkeypatch, until):
    limiter = Limiter(1)
    await limiter.acquire()
    client = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=HOST, limiter=limiter, timeout=5)
    mocked.post(f"{KOLAYBI}/invoices/resend/18", payload={"data": {"document_id": 18}})
    call = asyncio.create_task(client.resend(18))
    await until(lambda: limiter.waiting)

    loop = asyncio.get_running_loop()
    real = loop.time
    monkeypatch.setattr(loop, "time", lambda: real() + 3600)
    limiter.release(0)

    assert (await call).document_id == 18


@pytest.mark.parametrize("status", [429, 503])
async def test_an_adaptive_limiter_hears_of_an_overload_and_of_answers(status, opened, mocked, sleeps):
    limiter = Limiter(8, adaptive=True)
    client = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=HOST, limiter=limiter)
    mocked.get(f"{KOLAYBI}/companies", status=status)
    mocked.get(f"{KOLAYBI}/companies", payload={"data": []})

    await client.list_companies()

    assert limiter.limit == 4
    assert limiter._successes == 1


async def test_a_paused_account_says_so_at_once_where_the_pause_is_longer_than_the_timeout(opened, mocked):
    limiter = Limiter(8, adaptive=True)
    limiter.overloaded(await limiter.acquire(), 600)
    limiter.release(0)
    client = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=HOST, limiter=limiter)

    for call in (client.resend(18), client.list_companies()):
        with pytest.raises(RateLimitedError, match="the account is paused") as caught:
            await call
        assert 590 < caught.value.retry_after <= 600

    assert mocked.requests == {}


async def test_a_sleeping_retry_holds_no_slot(opened, mocked, monkeypatch):
    client = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=HOST, max_concurrency=1)
    mocked.get(f"{KOLAYBI}/companies", status=500)
    mocked.get(f"{KOLAYBI}/companies", payload={"data": []})
    in_use = []

    async def sleep(_):
        in_use.append(client._limiter.in_use)

    monkeypatch.setattr("kolay_invoice.call_loop.asyncio.sleep", sleep)
    await client.list_companies()

    assert in_use == [0]


@pytest.mark.parametrize("body", [b"[" * 100_000, b"\xff", b"1" * 10_000, b"<html>"])
async def test_a_hostile_body_is_no_untyped_error(body, clients, mocked):
    mocked.post(f"{KOLAYBI}/invoices/resend/18", body=body)
    mocked.post(f"{SALES}/7/send_invoice/", body=body)

    for call in (clients["kolaybi"].resend(18), clients["propars"].send_invoice(invoice_id=7)):
        with pytest.raises(OutcomeUnknownError):
            await call


@pytest.mark.parametrize("error", [RecursionError("canary"), KeyError("canary"), MemoryError("canary")])
async def test_whatever_a_parser_does_the_call_has_left(error, clients, mocked, monkeypatch):
    def explode(*_):
        raise error

    monkeypatch.setattr(clients["kolaybi"], "profile", evolve(clients["kolaybi"].profile, interpret=explode))
    mocked.post(f"{KOLAYBI}/invoices/resend/18", payload={})

    with pytest.raises(OutcomeUnknownError, match=f"cannot be read \\({type(error).__name__}\\)") as caught:
        await clients["kolaybi"].resend(18)

    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is (error if isinstance(error, KeyError) else None)


async def test_a_defect_at_the_reply_of_a_read_is_raised_as_what_it_is(clients, mocked, monkeypatch):
    defect = AttributeError("no such attribute")

    def explode(*_):
        raise defect

    monkeypatch.setattr(clients["kolaybi"], "profile", evolve(clients["kolaybi"].profile, interpret=explode))
    mocked.get(f"{KOLAYBI}/companies", payload={"data": []}, repeat=True)

    with pytest.raises(AttributeError) as caught:
        await clients["kolaybi"].list_companies()

    assert caught.value is defect
    assert "explode" in [frame.name for frame in traceback.extract_tb(defect.__traceback__)]
    assert sum(len(requests) for requests in mocked.requests.values()) == 1


@pytest.mark.parametrize(
    ("error", "raised"), [(TypeError("ours"), TypeError), (RecursionError("theirs"), UnexpectedReplyError)]
)
async def test_a_defect_at_a_long_list_is_no_broken_connection(error, raised, kolaybi, server, monkeypatch):
    def explode(*_):
        raise error

    monkeypatch.setattr("kolay_invoice.kolaybi.pagination._check_filters", explode)
    server.answers({"data": [{"document_id": 18, "no": "x" * 100}] * 2000})

    with pytest.raises(raised) as caught:
        await kolaybi.list_invoices(5, "outbound")

    assert caught.value is error or f"cannot be read ({type(error).__name__})" in str(caught.value)
    assert len(server.requests) == 1


async def test_a_409_on_a_call_with_an_effect_proves_nothing(clients, mocked):
    mocked.post(f"{KOLAYBI}/invoices/resend/18", status=409, payload={"success": False, "code": 10409})
    mocked.get(f"{KOLAYBI}/companies", status=409)

    with pytest.raises(OutcomeUnknownError, match="which proves nothing"):
        await clients["kolaybi"].resend(18)
    with pytest.raises(RefusedError):
        await clients["kolaybi"].list_companies()


# The permit


async def test_a_permit_has_the_last_word_before_the_first_byte(kolaybi, server):
    with pytest.raises(NotSentError, match="not sent: the lease is lost"):
        await kolaybi.call(Resend(18), permit=lambda: "the lease is lost")

    assert server.requests == []


async def test_a_permit_is_asked_for_each_attempt(kolaybi_with_key, server):
    asked = []
    server.answers({"success": True, "data": "a"}).answers({"success": False, "code": 10401}, 401)
    server.answers({"success": True, "data": "b"}).answers({"data": {"document_id": 18}})

    await kolaybi_with_key.call(Resend(18), permit=lambda: asked.append(len(server.requests)))

    # After the first token, and after the second; the tokens themselves need none.
    assert asked == [1, 3]


async def test_a_permit_that_fails_is_not_sent_and_leaves_no_connection_open(kolaybi, server):
    def fail():
        raise OSError("canary")

    with pytest.raises(NotSentError) as caught:
        await kolaybi.call(Resend(18), permit=fail)

    gc.collect()  # A connection that nobody closed says so now.
    assert server.requests == []
    assert "canary" not in str(caught.value)


# Life of a client


async def test_a_client_refuses_the_request_of_another_provider(clients):
    with pytest.raises(TypeError, match="InvoiceHtmlForSale is not a request of kolaybi"):
        await clients["kolaybi"].call(InvoiceHtmlForSale(sale_id=7))
    with pytest.raises(TypeError, match="Resend is not a request of propars"):
        await clients["propars"].call(Resend(18))


@each([*READS, *EFFECTS])
async def test_a_closed_client_says_so_in_a_sentence(call, clients, ask):
    for client in clients.values():
        await client.aclose()

    with pytest.raises(RuntimeError, match=r"this client of \w+ is closed: make a new one"):
        await ask(call)


async def test_a_closed_client_is_not_opened_again(clients):
    await clients["kolaybi"].aclose()
    await clients["kolaybi"].aclose()

    with pytest.raises(RuntimeError, match="closed"):
        await clients["kolaybi"].__aenter__()


async def test_a_client_that_was_never_opened_can_be_closed():
    client = AsyncPropars(token="t")

    await client.aclose()

    assert repr(client) == "<AsyncPropars https://api.propars.net closed>"


async def test_a_client_shows_its_host_and_state(clients):
    assert repr(clients["kolaybi"]) == f"<AsyncKolayBi {HOST} open>"
    assert repr(AsyncPropars(token="t")) == "<AsyncPropars https://api.propars.net not yet open>"


async def test_a_client_of_another_event_loop_says_so_in_a_sentence(clients):
    with pytest.raises(RuntimeError, match="was opened on another event loop: make one for each loop"):
        await asyncio.to_thread(asyncio.run, clients["kolaybi"].list_companies())


async def test_a_call_under_way_when_the_client_is_closed_ends_by_its_phase(kolaybi, server):
    never = asyncio.Event()
    server.does(lambda _: never.wait())
    call = asyncio.create_task(kolaybi.resend(18))
    await server.arrived.wait()

    await kolaybi.aclose()

    with pytest.raises(OutcomeUnknownError):
        await call


async def test_a_call_that_was_queued_when_the_client_is_closed_is_not_sent(kolaybi, server, until):
    for _ in range(8):
        await kolaybi._limiter.acquire()
    call = asyncio.create_task(kolaybi.resend(18))
    await until(lambda: kolaybi._limiter.waiting)

    await kolaybi.aclose()
    kolaybi._limiter.release(0)

    with pytest.raises(NotSentError, match="the client was closed"):
        await call
    assert server.connections == 0


@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.copy, copy.deepcopy], ids=lambda function: function.__name__)
def test_a_client_cannot_be_pickled_or_copied(duplicate):
    with pytest.raises(TypeError, match="holds connections and credentials and cannot be pickled"):
        duplicate(AsyncPropars(token="t"))


async def test_after_a_fork_the_connections_are_left_to_the_parent(kolaybi, server):
    server.answers({"data": []}, times=2)
    await kolaybi.list_companies()
    inherited = kolaybi._connections.transport
    inherited.pid += 1  # As in a child: the connections belong to another process.

    await kolaybi.list_companies()

    assert kolaybi._connections.transport is not inherited
    assert server.connections == 2
    await kolaybi.aclose()
    await inherited.aclose()


# Cancellation


@each(EFFECTS)
async def test_a_cancellation_after_a_call_left_says_that_it_may_have_happened(
    call, kolaybi, propars, server, every_record
):
    client, operation, arguments, options, *_ = call
    never = asyncio.Event()
    server.does(lambda _: never.wait())
    task = asyncio.create_task(
        getattr({"kolaybi": kolaybi, "propars": propars}[client], operation)(*arguments, **options)
    )
    await server.arrived.wait()
    await asyncio.sleep(HELD_FOR)  # What is measured is time.

    task.cancel()

    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    [note] = caught.value.__notes__
    assert note.startswith(f"{client}.{operation} was interrupted after it left, so it may have happened. ")
    taken = re.search(r"Its outcome is unknown; the attempt had taken (\d+\.\d+) s\.\Z", note)
    [logged] = [r.getMessage() for r in every_record.records if "interrupted" in r.getMessage()]
    assert logged == f"{client}.{operation} attempt=1 interrupted, outcome unknown status=None in {taken[1]}s"
    assert float(taken[1]) >= HELD_FOR


async def test_a_cancellation_of_a_read_has_no_note(kolaybi, server, every_record):
    never = asyncio.Event()
    server.does(lambda _: never.wait())
    task = asyncio.create_task(kolaybi.list_companies())
    await server.arrived.wait()

    task.cancel()

    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert not hasattr(caught.value, "__notes__")
    assert "interrupted, nothing was changed by asking" in every_record.text


async def test_a_cancellation_before_a_call_left_has_no_note(kolaybi, server, monkeypatch, every_record):
    connecting, never = asyncio.Event(), asyncio.Event()

    async def connect(*_, **__):
        connecting.set()
        await never.wait()

    monkeypatch.setattr("aiohttp.TCPConnector.connect", connect)
    task = asyncio.create_task(kolaybi.resend(18))
    await connecting.wait()

    task.cancel()

    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert not hasattr(caught.value, "__notes__")
    assert kolaybi._limiter.in_use == 0
    assert "interrupted, not sent" in every_record.text


async def test_a_cancellation_in_the_limiters_queue_has_no_note_and_takes_no_slot(opened, until):
    limiter = Limiter(1)
    await limiter.acquire()
    client = await opened(AsyncKolayBi, channel="c", access_token="t", limiter=limiter)
    task = asyncio.create_task(client.resend(18))
    await until(lambda: limiter.waiting)

    task.cancel()

    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert not hasattr(caught.value, "__notes__")
    assert limiter.in_use == 1


# The request, on what is raised


REQUESTS = {
    "resend": Resend(18),
    "create_e_document": CreateEDocument(18),
    "proceed": Proceed(18, 1),
    "list_invoices": ListInvoices(5, "outbound"),
    "list_companies": ListCompanies(),
    "invoice_html_for_sale": InvoiceHtmlForSale(sale_id=7),
    "send_invoice": SendInvoice(invoice_id=7),
    "get_signed_xml": GetSignedXml(invoice_id=7),
    "cancel_invoice": CancelInvoice(sale_id=7),
}


@each([*READS, *EFFECTS])
@pytest.mark.parametrize("status", [400, 429, 200, 302])
async def test_every_error_of_a_call_carries_its_request(call, status, ask, mocked):
    *_, method, url = call
    mocked.add(url, method, status=status, payload={"success": False}, headers={"Retry-After": "99"}, repeat=True)

    with pytest.raises(KolayInvoiceError) as caught:
        await ask(call)

    assert caught.value.request == REQUESTS[call[1]]
    assert pickle.loads(pickle.dumps(caught.value)).request == REQUESTS[call[1]]


async def test_a_call_that_was_not_sent_for_want_of_a_token_carries_its_request_and_no_credentials(
    kolaybi_with_key, server
):
    server.answers({"success": False, "code": 10401, "message": "x"}, 401)

    with pytest.raises(AuthenticationError) as caught:
        await kolaybi_with_key.resend(18)

    assert caught.value.request == Resend(18)

    server.answers({"success": False, "code": 10401, "message": "x"}, 401)
    with pytest.raises(AuthenticationError) as caught:
        await kolaybi_with_key._fetch_token()

    assert (caught.value.operation, caught.value.request) == ("access_token", None)


async def test_a_pickle_leaves_out_a_request_that_names_a_sale(clients, mocked):
    mocked.post(f"{SALES}/send_invoice_for_sale/?sale_code=canary", status=302)

    with pytest.raises(OutcomeUnknownError) as caught:
        await clients["propars"].send_invoice(sale_code="canary")

    assert caught.value.request == SendInvoice(sale_code="canary")
    assert "canary" not in f"{caught.value.request!r} {vars(caught.value)!r}"
    assert b"canary" not in pickle.dumps(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).request is None
