"""Options for some calls, closing with grace, and the warning of a client that nobody closed."""

from __future__ import annotations

import asyncio
import gc
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from kolay_invoice import AsyncKolayBi, KolayBi, KolayInvoiceError, NotSentError, OutcomeUnknownError, Propars
from kolay_invoice.emulator import Emulator

EMPTY = {"data": []}


class Held:
    """A reply that the server sends when it is told to."""

    def __init__(self, server, content=b'{"data": []}', status="200 OK"):
        self.status = status
        self.release = asyncio.Event()
        self.content = content
        server.does(self.answer)

    async def answer(self, writer):
        await self.release.wait()
        head = (
            f"HTTP/1.1 {self.status}\r\nContent-Type: application/json\r\nContent-Length: {len(self.content)}\r\n\r\n"
        )
        writer.write(head.encode() + self.content)


# with_options


async def test_other_options_hold_for_the_calls_of_the_new_client_alone(kolaybi, server):
    Held(server)
    hasty = kolaybi.with_options(timeout=0.05, max_attempts=1)

    with pytest.raises(KolayInvoiceError):
        await hasty.list_companies()

    assert (hasty.timeout, kolaybi.timeout) == (0.05, 5.0)
    assert type(hasty) is AsyncKolayBi
    server.answers(EMPTY)
    assert await kolaybi.list_companies() == []


async def test_the_new_client_shares_connections_limiter_and_token(kolaybi_with_key, server):
    server.answers({"data": "token"}).answers(EMPTY, times=2)
    other = kolaybi_with_key.with_options(timeout=1).with_options(queue_timeout=2)

    await other.list_companies()
    await kolaybi_with_key.list_companies()

    assert [received.target for received in server.requests].count("/kolaybi/v1/access_token") == 1
    assert server.connections == 1
    assert other._limiter is kolaybi_with_key._limiter


async def test_closing_one_of_the_two_closes_both(kolaybi):
    await kolaybi.with_options(timeout=1).aclose()

    with pytest.raises(RuntimeError, match="is closed: make a new one"):
        await kolaybi.list_companies()


async def test_time_in_the_queue_can_be_limited_for_some_calls(kolaybi, server, until):
    held = Held(server)
    for _ in range(7):
        await kolaybi._limiter.acquire()
    first = asyncio.create_task(kolaybi.list_companies())
    await server.arrived.wait()

    with pytest.raises(NotSentError, match="no slot of the limiter came free within queue_timeout"):
        await kolaybi.with_options(queue_timeout=0.01).resend(18)

    held.release.set()
    await first


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"time_out": 3}, TypeError, "with_options has no option time_out: did you mean timeout?"),
        ({"channel": "x"}, TypeError, "with_options has no option channel: known are timeout, max_attempts, queue_t"),
        ({"timeout": 0}, ValueError, "timeout must be a positive number of seconds"),
        ({"max_attempts": "3"}, TypeError, "max_attempts"),
    ],
    ids=["typo", "other", "zero", "kind"],
)
def test_an_option_that_cannot_be_is_refused_by_name(options, error, said):
    for client in (AsyncKolayBi(channel="c", access_token="t"), Propars(token="t")):
        with pytest.raises(error, match=said):
            client.with_options(**options)


def test_a_blocking_client_lives_as_long_as_one_that_was_made_of_it(emulator):
    def made():
        client = KolayBi(
            channel=emulator.kolaybi_channel,
            access_token=emulator.kolaybi_access_token,
            base_url=emulator.kolaybi_url,
        )
        client.list_companies()
        return client.with_options(timeout=20)

    patient = made()
    gc.collect()

    assert patient.list_companies()
    assert emulator.connections_open == 1
    patient.close()
    patient.close()
    with pytest.raises(RuntimeError, match="closed"):
        patient.list_companies()


# Grace


async def test_closing_with_grace_waits_for_calls_in_flight_and_refuses_new_ones(kolaybi, server):
    held = Held(server, b'{"data": {"document_id": 18}}')
    call = asyncio.create_task(kolaybi.resend(18))
    await server.arrived.wait()

    closing = asyncio.create_task(kolaybi.aclose(grace=30))
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="is closed"):
        await kolaybi.resend(19)
    assert not closing.done()
    held.release.set()
    await closing

    assert (await call).document_id == 18
    assert len(server.requests) == 1


async def test_a_call_in_flight_still_gets_its_token_and_its_further_attempts(kolaybi_with_key, server, until):
    server.answers({"data": "token"})
    held = Held(server, b'{"code": 10401, "message": "Unauthorized", "success": false}', "401 Unauthorized")
    call = asyncio.create_task(kolaybi_with_key.list_companies())
    await until(lambda: len(server.requests) == 2)

    closing = asyncio.create_task(kolaybi_with_key.aclose(grace=30))
    await asyncio.sleep(0)
    server.answers({"data": "another"}).answers(EMPTY)
    held.release.set()

    await closing
    assert await call == []


async def test_calls_that_outlast_the_grace_end_by_their_phase(kolaybi, server):
    Held(server)
    call = asyncio.create_task(kolaybi.resend(18))
    await server.arrived.wait()

    await kolaybi.aclose(grace=0.01)

    with pytest.raises(OutcomeUnknownError):
        await call


async def test_a_close_that_is_cancelled_in_its_grace_still_closes(kolaybi, server):
    Held(server)
    call = asyncio.create_task(kolaybi.resend(18))
    await server.arrived.wait()
    closing = asyncio.create_task(kolaybi.aclose(grace=30))
    await asyncio.sleep(0)

    closing.cancel()

    with suppress(asyncio.CancelledError):
        await closing
    with pytest.raises(OutcomeUnknownError):
        await call


def test_a_blocking_close_waits_for_the_calls_of_other_threads(until_soon):
    with Emulator() as emulator, ThreadPoolExecutor(1) as threads:
        emulator.fault("create_e_document", "slow", seconds=0.3)
        client = KolayBi(
            channel=emulator.kolaybi_channel,
            access_token=emulator.kolaybi_access_token,
            base_url=emulator.kolaybi_url,
        )
        sent = threads.submit(client.create_e_document, 1)
        until_soon(lambda: emulator.requests)

        client.close(grace=30)

        assert sent.result().uuid
        assert emulator.executions("create_e_document", 1) == 1


@pytest.fixture
def until_soon():
    import time

    def until(condition):
        end = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < end
            time.sleep(0.005)

    return until


@pytest.mark.parametrize("grace", [-1, "5", None, float("inf"), True])
async def test_a_grace_that_is_no_time_is_refused_and_nothing_is_closed(kolaybi, server, grace):
    with pytest.raises(ValueError, match="grace must be a number of seconds that is not negative, not"):
        await kolaybi.aclose(grace)
    with pytest.raises(ValueError, match="grace must be"):
        Propars(token="t").close(grace)

    server.answers(EMPTY)
    assert await kolaybi.list_companies() == []


# The warning


async def test_a_client_that_nobody_closed_is_named(server):
    server.answers(EMPTY)
    client = AsyncKolayBi(channel="c", access_token="t", base_url=server.url)
    await client.list_companies()
    transport = client._connections.transport

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        del client
        gc.collect()

    (warning,) = told
    assert warning.category is ResourceWarning
    assert str(warning.message) == (
        f"<AsyncKolayBi {server.url}> was not closed: use `async with`, or await its aclose()"
    )
    await transport.aclose()


async def test_a_client_that_was_closed_or_never_opened_is_not_warned_of(kolaybi, server):
    server.answers(EMPTY)
    client = AsyncKolayBi(channel="c", access_token="t", base_url=server.url)
    await client.list_companies()
    await client.aclose()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del client
        AsyncKolayBi(channel="c", access_token="t")
        gc.collect()


async def test_retry_after_is_known_of_every_error(kolaybi, server):
    server.answers({"message": "busy"}, 503, Retry_After="7")

    with pytest.raises(OutcomeUnknownError) as raised:
        await kolaybi.resend(18)

    assert raised.value.retry_after == 7.0
    assert NotSentError("x").retry_after is None
