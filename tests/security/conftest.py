"""Where a secret could show: log records, tracebacks with their locals, spans, pickles, reprs."""
# ruff: noqa: TID252 - the harness of the fault matrix is borrowed as it is.

from __future__ import annotations

import logging

import pytest

from ..faults.certificates import make_certificates
from ..faults.server import FaultServer
from .support import CANARIES


def pytest_configure(config):
    # The tables of the matrix, which are borrowed here, mark their cases.
    config.addinivalue_line("markers", "row(number): the row of the fault matrix that a test is a cell of")


@pytest.fixture(scope="session")
def certificates():
    return make_certificates()


@pytest.fixture
async def elsewhere():
    """Another origin, which no call has any business with."""
    async with FaultServer() as server:
        yield server


@pytest.fixture
async def server(elsewhere):
    async with FaultServer() as server:
        server.elsewhere = elsewhere.url
        yield server


@pytest.fixture(autouse=True)
def every_log_record(caplog):
    """Listen to every logger at DEBUG."""
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.fixture
def no_secret_shown(every_log_record):
    """Assert that no canary stands in these texts, nor in any log record of the test."""

    def no_secret_shown(*texts, known=()):
        records = [record.getMessage() + repr(vars(record)) for record in every_log_record.records]
        for name, canary in CANARIES.items():
            if name not in known:
                assert not [text for text in texts if canary in text], f"I4: the {name} is shown"
            assert not [text for text in records if canary in text], f"I4: the {name} is in the log"

    return no_secret_shown


@pytest.fixture
def spans():
    """Trace every call with the existing instrumentation of aiohttp's client."""
    reason = "pip install opentelemetry-sdk opentelemetry-instrumentation-aiohttp-client: no spans without them"
    instrumentation = pytest.importorskip("opentelemetry.instrumentation.aiohttp_client", reason=reason)
    trace = pytest.importorskip("opentelemetry.sdk.trace", reason=reason)
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept = InMemorySpanExporter()
    provider = trace.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    instrumentor = instrumentation.AioHttpClientInstrumentor()
    # As SECURITY.md says: the instrumentation is handed the whole address by aiohttp, before the package could shorten
    # it, and has an option of its own for that.
    instrumentor.instrument(tracer_provider=provider, url_filter=lambda url: str(url.with_query(None)))
    yield kept.get_finished_spans
    instrumentor.uninstrument()
    provider.shutdown()
