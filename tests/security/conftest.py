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
def spans(monkeypatch):
    """Set OpenTelemetry up to show whatever it can; give all spans and the metrics as JSON."""
    reason = "pip install opentelemetry-sdk opentelemetry-instrumentation-aiohttp-client: no spans without them"
    instrumentation = pytest.importorskip("opentelemetry.instrumentation.aiohttp_client", reason=reason)
    trace = pytest.importorskip("opentelemetry.sdk.trace", reason=reason)
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept, reader = InMemorySpanExporter(), InMemoryMetricReader()
    provider, meters = trace.TracerProvider(), MeterProvider(metric_readers=[reader])
    provider.add_span_processor(SimpleSpanProcessor(kept))
    # A process can set its global providers once only.
    monkeypatch.setattr("opentelemetry.trace.get_tracer_provider", lambda: provider)
    monkeypatch.setattr("opentelemetry.metrics.get_meter_provider", lambda: meters)
    # The most talkative settings there are: no filter of addresses, and every header.
    for direction in ("REQUEST", "RESPONSE"):
        monkeypatch.setenv(f"OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_{direction}", ".*")
    instrumentor = instrumentation.AioHttpClientInstrumentor()
    instrumentor.instrument(tracer_provider=provider, meter_provider=meters)

    def told():
        metrics = reader.get_metrics_data()
        return [span.to_json() for span in kept.get_finished_spans()] + ([metrics.to_json()] if metrics else [])

    told.spans = kept.get_finished_spans
    yield told
    instrumentor.uninstrument()
    provider.shutdown()
    meters.shutdown()
