"""Starting, stopping, and what is known from outside."""

import asyncio
import logging
import socket
import subprocess
import sys
import threading

import aiohttp
import pytest
import requests

from kolay_invoice.emulator import Emulator


def emulator_threads():
    return [thread.name for thread in threading.enumerate() if thread.name == "kolay-invoice-emulator"]


async def test_it_serves_tasks_as_an_asynchronous_context_manager(kolaybi_headers):
    async with Emulator() as emulator, aiohttp.ClientSession(headers=kolaybi_headers) as session:
        async with session.get(f"{emulator.kolaybi_url}/kolaybi/v1/companies") as response:
            assert response.status == 200
        assert emulator.propars_url == emulator.kolaybi_url
    assert emulator_threads() == []


async def test_a_burst_is_counted_by_document_and_by_connection(kolaybi_headers):
    async with Emulator() as emulator:
        ids = [emulator.add_document().document_id for _ in range(200)]
        connector = aiohttp.TCPConnector(limit=8)
        async with aiohttp.ClientSession(headers=kolaybi_headers, connector=connector) as session:

            async def send(document_id):
                url = f"{emulator.kolaybi_url}/kolaybi/v1/invoices/e-document/create"
                async with session.post(url, data={"document_id": document_id}) as response:
                    return response.status

            statuses = await asyncio.gather(*map(send, ids))
            assert 1 <= emulator.connections_open <= 8

    assert set(statuses) == {200}
    assert [emulator.executions("create_e_document", document_id) for document_id in ids] == [1] * 200
    assert emulator.executions("create_e_document") == 200
    assert 1 <= emulator.connections_peak <= 8
    assert emulator.connections_open == 0
    assert len({document.no for document in emulator.documents.values() if document.no}) >= 200


def test_it_starts_and_stops_more_than_once():
    emulator = Emulator()
    assert (emulator.connections_open, emulator.connections_peak) == (0, 0)
    emulator.stop()
    for _ in range(2):
        assert emulator.start() is emulator
        with pytest.raises(RuntimeError, match="running already"):
            emulator.start()
        assert emulator.kolaybi_url.startswith("http://127.0.0.1:")
        emulator.stop()
        emulator.stop()
    assert emulator_threads() == []


async def test_leaving_an_emulator_that_was_stopped_already_is_fine():
    async with Emulator() as emulator:
        emulator.stop()
    emulator = Emulator()
    await emulator.__aexit__(None, None, None)
    assert repr(emulator) == "<Emulator at no port>"


def test_an_emulator_that_does_not_run_has_no_address():
    with pytest.raises(RuntimeError, match="not running"):
        _ = Emulator().kolaybi_url


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_an_ipv6_address_is_written_in_brackets(call_kolaybi):
    with Emulator(host="::1") as emulator:
        assert emulator.kolaybi_url.startswith("http://[::1]:")
        assert call_kolaybi(emulator, "GET", "companies").status_code == 200


def test_a_port_can_be_chosen_and_a_taken_one_is_refused_without_a_trace():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=str(port)):
            Emulator(port=port).start()
    assert emulator_threads() == []
    with Emulator(port=port) as emulator:
        assert emulator.kolaybi_url == f"http://127.0.0.1:{port}"


async def test_a_port_that_cannot_be_is_refused_to_tasks_as_well():
    with pytest.raises(OverflowError):
        async with Emulator(port=70_000):
            pytest.fail("it started")
    assert emulator_threads() == []


async def test_a_start_that_is_cancelled_leaves_nothing_behind():
    task = asyncio.create_task(Emulator().__aenter__())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert emulator_threads() == []


@pytest.mark.parametrize(
    "options",
    [{"duplicates": "maybe"}, {"latency": -1}, {"page_size": 0}, {"signing": "dsa"}],
    ids=lambda options: next(iter(options)),
)
def test_a_switch_that_is_no_setting_is_refused_by_name(options):
    (name,) = options
    with pytest.raises(ValueError, match=name):
        Emulator(**options)


def test_stopping_does_not_wait_for_slow_answers(emulator, call_kolaybi):
    emulator.fault("list_companies", "slow", seconds=3600)
    outcomes = []

    def call():
        try:
            call_kolaybi(emulator, "GET", "companies")
        except OSError as error:
            outcomes.append(error)

    caller = threading.Thread(target=call)
    caller.start()
    while not emulator.executions("list_companies"):
        threading.Event().wait(0.001)
    emulator.stop()
    caller.join(10)
    assert len(outcomes) == 1


def test_every_call_takes_its_latency(call_kolaybi, monkeypatch):
    waits = []

    async def wait(seconds):
        waits.append(seconds)

    monkeypatch.setattr("kolay_invoice.emulator.app.sleep", wait)
    with Emulator(latency=2.5) as emulator:
        assert call_kolaybi(emulator, "GET", "companies").status_code == 200
    assert waits == [2.5]


def test_requests_are_kept_as_they_came_and_printed_without_secrets(emulator, kolaybi, propars):
    kolaybi("POST", "access_token", json={"api_key": emulator.kolaybi_api_key})
    propars("GET", "finance/saleinvoice/get_signed_xml_for_sale/?sale_code=a%2Bb&x=")

    token_call, xml_call = emulator.requests
    assert xml_call.path_qs == "/api/v1/finance/saleinvoice/get_signed_xml_for_sale/?sale_code=a%2Bb&x="
    assert (xml_call.operation, xml_call.method) == ("get_signed_xml", "GET")
    assert xml_call.query == {"sale_code": "a+b", "x": ""}
    assert token_call.headers["channel"] == emulator.kolaybi_channel
    assert emulator.kolaybi_api_key.encode() in token_call.body
    printed = repr(emulator.requests) + repr(emulator)
    for secret in (
        emulator.kolaybi_api_key,
        emulator.kolaybi_access_token,
        emulator.kolaybi_channel,
        emulator.propars_token,
    ):
        assert secret not in printed
    assert "User-Agent" in printed


def test_nothing_of_the_callers_is_logged(emulator, kolaybi, caplog):
    caplog.set_level(logging.DEBUG)
    for kind in ("drop-after", "rst", "garbage", "cut-body", "500"):
        emulator.fault("access_token", kind)
        with pytest.raises(requests.RequestException):
            kolaybi("POST", "access_token", json={"api_key": emulator.kolaybi_api_key}).raise_for_status()

    own = [record for record in caplog.records if record.name.split(".")[0] in {"aiohttp", "asyncio", "kolay_invoice"}]
    for secret in (emulator.kolaybi_api_key, emulator.kolaybi_access_token, emulator.kolaybi_channel):
        assert all(secret not in record.getMessage() for record in own)


def test_a_reset_brings_back_the_first_day(emulator, kolaybi):
    kolaybi("POST", "invoices/e-document/create", data={"document_id": 1})
    emulator.fault("*", "503", times=9)
    emulator.expire_tokens()
    emulator.add_document(500)

    emulator.reset()

    assert emulator.requests == []
    assert emulator.documents[1].status == "ready_to_send"
    assert 500 not in emulator.documents
    assert emulator.executions("create_e_document") == 0
    assert kolaybi("GET", "companies").status_code == 200


PROGRAM = """
import sys, threading, urllib.request
from kolay_invoice.emulator import Emulator
assert not {"lxml", "signxml", "cryptography", "jinja2"} & set(sys.modules), "heavy imports at import"
with Emulator() as emulator:
    headers = {"Authorization": f"Token {emulator.propars_token}"}
    url = f"{emulator.propars_url}/api/v1/finance/saleinvoice/send_invoice_for_sale/?sale_code=abc123"
    with urllib.request.urlopen(urllib.request.Request(url, method="POST", headers=headers)) as reply:
        assert reply.status == 200
assert threading.enumerate() == [threading.main_thread()]
"""


def test_it_makes_no_noise_in_development_mode():
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_running_emulator_does_not_keep_the_process_alive():
    program = "from kolay_invoice.emulator import Emulator; Emulator().start()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)

    assert (done.returncode, done.stderr) == (0, "")
