"""What could not be sent in one run is sent by the next, once, however often the journal is opened anew."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager

import pytest

from kolay_invoice import AsyncKolayBi, AsyncPropars, Limiter
from kolay_invoice.journal import Journal, State
from kolay_invoice.kolaybi.models import CreateEDocument, Proceed, Resend
from kolay_invoice.propars.models import CancelInvoice, SendInvoice

from .support import LATER, D, P, creates, kolaybi_of, propars_of, some_documents

DOCUMENTS = 3


@pytest.fixture
def closed_port():
    """A local port without a listener, reserved for the test."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@asynccontextmanager
async def plaintext():
    """A server that speaks no TLS."""

    async def greet(reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as listening:
        yield f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


def given(emulator, **options):
    return {
        "channel": emulator.kolaybi_channel,
        "access_token": emulator.kolaybi_access_token,
        "account": "loopback",
        "max_attempts": 1,
        **options,
    }


@asynccontextmanager
async def unable(kind, emulator, closed_port):
    """A client that cannot send, for each reason that there is."""
    options = {"base_url": emulator.kolaybi_url}
    async with plaintext() as no_tls:
        match kind:
            case "a closed port":
                options["base_url"] = closed_port
            case "no such name":
                options |= {"base_url": "https://nobody.invalid", "allow_custom_host": True}
            case "no TLS":
                options["base_url"] = no_tls
            case "a proxy that is closed":
                options |= {"proxy": closed_port, "base_url": "https://nobody.invalid", "allow_custom_host": True}
            case "the limiter":
                options |= {"limiter": Limiter(1), "queue_timeout": 0.01}
            case "a rate limit before leaving":
                options |= {"access_token": None, "api_key": emulator.kolaybi_api_key}
                emulator.fault("access_token", "429", times=100)
            case "another account's token":
                options["access_token"] = "ended"
            case "another Channel":
                options["channel"] = "nobodys"
        async with AsyncKolayBi(**given(emulator, **options)) as client:
            if kind != "the limiter":
                yield client
                return
            epoch = await options["limiter"].acquire()
            yield client
            options["limiter"].release(epoch)


KINDS = [
    "a closed port",
    "no such name",
    "no TLS",
    "a proxy that is closed",
    "the limiter",
    "a rate limit before leaving",
    "another account's token",
    "another Channel",
]


@pytest.mark.parametrize("times", [1, 2, 5])
@pytest.mark.parametrize("kind", KINDS)
async def test_an_unsent_operation_is_executed_once_by_the_next_run(kind, times, url, emulator, closed_port, no_waits):
    ids = some_documents(emulator, DOCUMENTS)
    for _ in range(times):
        async with unable(kind, emulator, closed_port) as client, Journal.open(url) as journal:
            report = await journal.run(client, creates(ids), concurrency=1, patience=0.1, quiet_period=LATER)
            assert report.counts[P] == DOCUMENTS
            assert report.untried.startswith(f"{DOCUMENTS} of the run's operations were not sent: ")
            assert len(report.untried) > 60
    emulator.clear_faults()
    async with kolaybi_of(emulator) as client, Journal.open(url) as journal:
        report = await journal.run(client, creates(ids))
        assert (report.counts[D], report.untried, report.stopped) == (DOCUMENTS, None, None)
    assert [emulator.executions("create_e_document", number) for number in ids] == [1] * DOCUMENTS


OPERATIONS = [
    (CreateEDocument(1), "create_e_document", 1),
    (Resend(18), "resend", 18),
    (Proceed(1, 1), "proceed", 1),
    (SendInvoice(sale_id=1002), "send_invoice", 1002),
    (CancelInvoice(sale_id=1001), "cancel_invoice", 1001),
]


@pytest.mark.parametrize(("request_", "operation", "number"), OPERATIONS, ids=lambda value: str(value)[:20])
async def test_operations_that_met_a_closed_port_are_sent_in_the_next_run(
    request_, operation, number, url, emulator, closed_port, no_waits, propars
):
    await propars.send_invoice(sale_id=1001)
    is_kolaybi = hasattr(request_, "document_id")
    for _ in range(2):
        options = {"base_url": closed_port, "max_attempts": 1}
        unreachable = (
            AsyncKolayBi(channel="c", access_token="t", **options) if is_kolaybi else AsyncPropars(token="t", **options)
        )
        async with unreachable, Journal.open(url) as journal:
            report = await journal.run(unreachable, [request_])
        assert report.counts[P] == 1
        assert "1 of the run's operations were not sent: " in report.untried
    async with (kolaybi_of if is_kolaybi else propars_of)(emulator) as client, Journal.open(url) as journal:
        report = await journal.run(client, [request_])
    assert report.counts == {state: int(state is D) for state in State}
    assert emulator.executions(operation, number) == 1
