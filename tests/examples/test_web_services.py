"""FastAPI under uvicorn, aiohttp, and Django under gunicorn: started for real, and counted at the provider."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

SERVICES = {
    "fastapi": ("fastapi", ("uvicorn", "fastapi_service:app", "--uds", "{socket}", "--lifespan", "on")),
    "aiohttp": ("aiohttp", ("aiohttp.web", "--path", "{socket}", "aiohttp_service:make_app")),
    "django": (
        "gunicorn",
        ("gunicorn", "--bind", "unix:{socket}", "--workers", "2", "--threads", "4", "django_service:application"),
    ),
}
# One client for each process that serves.
CLIENTS = {"fastapi": 1, "aiohttp": 1, "django": 2}

BURST = 24


@pytest.fixture(params=SERVICES)
def name(request):
    pytest.importorskip(SERVICES[request.param][0], reason="the package of this example is not installed: .[test]")
    return request.param


@pytest.fixture
def service(name, serve):
    return serve(*SERVICES[name][1])


async def test_every_invoice_of_a_burst_is_sent_once_through_one_client_per_process(service, name, emulator):
    numbers = [emulator.add_document().document_id for _ in range(BURST)]

    replies = await asyncio.gather(*map(service.send, numbers))

    assert [status for status, _ in replies] == [200] * BURST
    assert [UUID(body["ettn"]) for _, body in replies] == [emulator.documents[number].uuid for number in numbers]
    assert [emulator.executions("create_e_document", number) for number in numbers] == [1] * BURST
    assert 1 <= emulator.executions("access_token") <= CLIENTS[name]


async def test_a_lost_answer_is_told_as_unknown_and_not_sent_again(service, emulator):
    emulator.fault("create_e_document", "drop-after")

    status, body = await service.send(1)

    assert status == 409
    assert body["outcome"].startswith("unknown")
    assert body["error"] == "OutcomeUnknownError"
    assert emulator.executions("create_e_document", 1) == 1


async def test_what_was_not_executed_is_told_with_its_reason(service, emulator):
    emulator.fault("create_e_document", 429)

    replies = [await service.send(document_id) for document_id in (1, 2, 999_999)]

    assert [status for status, _ in replies] == [429, 400, 404]
    assert [body["outcome"] for _, body in replies] == ["not executed"] * 3
    assert emulator.executions("create_e_document") == 0


async def test_it_stops_without_leaving_anything_open(service, emulator):
    await service.send(1)

    code = service.started.stop()

    # uvicorn ends by the signal that it was asked with, once everything is shut down.
    assert code in {0, -15}
    for complaint in ("Unclosed", "ResourceWarning", "Traceback", "never awaited"):
        assert complaint not in service.started.output
