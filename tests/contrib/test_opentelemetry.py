"""Spans and metrics: found by themselves where OpenTelemetry is configured, and nowhere else."""

from __future__ import annotations

import aiohttp
import pytest

from kolay_invoice import AsyncKolayBi, OutcomeUnknownError
from kolay_invoice.emulator import Emulator

_REASON = "pip install opentelemetry-sdk opentelemetry-instrumentation-aiohttp-client: no spans without them"
instrumentation = pytest.importorskip("opentelemetry.instrumentation.aiohttp_client", reason=_REASON)
pytest.importorskip("opentelemetry.sdk.trace", reason=_REASON)

from opentelemetry.sdk.metrics import MeterProvider  # noqa: E402
from opentelemetry.sdk.metrics.export import InMemoryMetricReader  # noqa: E402
from opentelemetry.sdk.trace import TracerProvider  # noqa: E402
from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: E402
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter  # noqa: E402
from opentelemetry.trace import SpanKind, StatusCode  # noqa: E402

from kolay_invoice.contrib.opentelemetry import OpenTelemetry, configured  # noqa: E402


@pytest.fixture
def emulator():
    with Emulator() as running:
        yield running


class Telemetry:
    """Providers that keep everything."""

    def __init__(self):
        self._exporter = InMemorySpanExporter()
        self._reader = InMemoryMetricReader()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.meters = MeterProvider(metric_readers=[self._reader])

    def spans(self):
        return self._exporter.get_finished_spans()

    def metrics(self):
        """The points of each instrument, by its name."""
        data = self._reader.get_metrics_data()
        scopes = [scope for resource in data.resource_metrics for scope in resource.scope_metrics] if data else []
        return {metric.name: list(metric.data.data_points) for scope in scopes for metric in scope.metrics}

    def shutdown(self):
        self.tracers.shutdown()
        self.meters.shutdown()


@pytest.fixture
def telemetry():
    kept = Telemetry()
    yield kept
    kept.shutdown()


@pytest.fixture
def globally(telemetry, monkeypatch):
    """Configure OpenTelemetry for the process, which can be done only once in a process, and trace aiohttp."""
    monkeypatch.setattr("opentelemetry.trace.get_tracer_provider", lambda: telemetry.tracers)
    monkeypatch.setattr("opentelemetry.metrics.get_meter_provider", lambda: telemetry.meters)
    instrumentor = instrumentation.AioHttpClientInstrumentor()
    instrumentor.instrument(tracer_provider=telemetry.tracers, meter_provider=telemetry.meters)
    yield telemetry
    instrumentor.uninstrument()


@pytest.fixture
def make(emulator):
    def make(**options):
        return AsyncKolayBi(
            channel=emulator.kolaybi_channel,
            access_token=emulator.kolaybi_access_token,
            base_url=emulator.kolaybi_url,
            **options,
        )

    return make


@pytest.fixture
async def kolaybi(make):
    async with make() as client:
        yield client


async def test_one_span_for_an_attempt_named_after_the_operation_below_the_callers_span(globally, emulator, make):
    with globally.tracers.get_tracer("service").start_as_current_span("request") as request:
        async with make() as kolaybi:
            await kolaybi.create_e_document(1)

    span, _ = globally.spans()
    assert (span.name, span.kind) == ("kolaybi.create_e_document", SpanKind.CLIENT)
    assert span.parent.span_id == request.get_span_context().span_id
    assert span.status.status_code is StatusCode.UNSET
    assert span.events == ()
    assert span.end_time - span.start_time > 0
    host, port = emulator.kolaybi_url.removeprefix("http://").split(":")
    assert dict(span.attributes) == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "server.address": host,
        "server.port": int(port),
        "kolay_invoice.effect": "irreversible",
        "kolay_invoice.attempt": 1,
        "kolay_invoice.outcome": "done",
    }


@pytest.mark.usefixtures("no_waits")
async def test_each_attempt_has_a_span_and_a_failed_one_has_an_error_status(globally, emulator, make):
    emulator.fault("list_companies", "drop-before")

    async with make() as kolaybi:
        await kolaybi.list_companies()

    failed, done = globally.spans()
    assert failed.status.status_code is StatusCode.ERROR
    assert failed.status.description is None
    assert failed.attributes["error.type"] == "UnexpectedReplyError"
    assert "http.response.status_code" not in failed.attributes
    assert (done.attributes["kolay_invoice.attempt"], done.attributes["http.request.resend_count"]) == (2, 1)


@pytest.mark.usefixtures("no_waits")
async def test_metrics_count_calls_by_outcome_retries_and_waits(globally, emulator, make):
    emulator.fault("create_e_document", "drop-after")
    emulator.fault("list_companies", "drop-before")

    async with make(max_concurrency=1) as kolaybi:
        with pytest.raises(OutcomeUnknownError):
            await kolaybi.create_e_document(1)
        import asyncio

        await asyncio.gather(kolaybi.list_companies(), kolaybi.list_companies())

    metrics = globally.metrics()
    named = {"kolay_invoice.provider": "kolaybi", "kolay_invoice.operation": "create_e_document"}
    unknown = {
        **named,
        "kolay_invoice.effect": "irreversible",
        "kolay_invoice.outcome": "unknown",
        "error.type": "OutcomeUnknownError",
    }
    counted = {point.attributes["kolay_invoice.operation"]: point for point in metrics["kolay_invoice.calls"]}
    assert dict(counted["create_e_document"].attributes) == unknown
    assert (counted["create_e_document"].value, counted["list_companies"].value) == (1, 2)
    assert sum(point.count for point in metrics["kolay_invoice.call.duration"]) == 3
    (retries,) = metrics["kolay_invoice.retries"]
    assert (retries.value, dict(retries.attributes)) == (1, {**named, "kolay_invoice.operation": "list_companies"})
    (waits,) = metrics["kolay_invoice.limiter.wait"]
    assert waits.count >= 1
    assert set(metrics) == {
        "kolay_invoice.calls",
        "kolay_invoice.call.duration",
        "kolay_invoice.retries",
        "kolay_invoice.limiter.wait",
    }


async def test_providers_that_are_not_the_global_ones_are_passed(telemetry, make):
    listener = OpenTelemetry(tracer_provider=telemetry.tracers, meter_provider=telemetry.meters)

    async with make(on_event=listener) as kolaybi:
        await kolaybi.create_e_document(1)

    assert [span.name for span in telemetry.spans()] == ["kolaybi.create_e_document"]
    assert "kolay_invoice.calls" in telemetry.metrics()


async def test_spans_go_where_those_of_the_instrumentation_would_have_gone(telemetry, make):
    instrumentor = instrumentation.AioHttpClientInstrumentor()
    instrumentor.instrument(tracer_provider=telemetry.tracers)

    try:
        async with make() as kolaybi:
            await kolaybi.create_e_document(1)
    finally:
        instrumentor.uninstrument()

    assert [span.name for span in telemetry.spans()] == ["kolaybi.create_e_document"]


async def test_other_tracers_of_aiohttp_sessions_are_no_opentelemetry():
    assert configured([aiohttp.TraceConfig()]) is None


async def test_a_listener_that_is_also_passed_explicitly_records_once(globally, make):
    listener = OpenTelemetry(tracer_provider=globally.tracers, meter_provider=globally.meters)

    async with make(on_event=listener) as kolaybi:
        await kolaybi.create_e_document(1)

    assert len(globally.spans()) == 1


async def test_a_custom_listener_and_opentelemetry_both_get_the_events(globally, make):
    events = []

    async with make(on_event=events.append) as kolaybi:
        await kolaybi.create_e_document(1)

    assert len(events) == 2
    assert len(globally.spans()) == 1


async def test_many_clients_share_one_set_of_instruments(globally, make):
    for number in (1, 2):
        async with make() as kolaybi:
            await kolaybi.list_companies()
        (calls,) = globally.metrics()["kolay_invoice.calls"]
        assert calls.value == number


async def test_without_a_configured_provider_there_is_no_listener(kolaybi):
    assert configured() is None
    await kolaybi.list_companies()
    assert kolaybi._connections.report is None


async def test_metrics_alone_are_enough(telemetry, make, monkeypatch):
    monkeypatch.setattr("opentelemetry.metrics.get_meter_provider", lambda: telemetry.meters)

    async with make() as kolaybi:
        await kolaybi.list_companies()

    assert "kolay_invoice.calls" in telemetry.metrics()
    assert telemetry.spans() == ()


async def test_an_opentelemetry_that_cannot_be_used_keeps_no_call_from_going_out(make, emulator, monkeypatch, caplog):
    def broken():
        raise ImportError("a text that is not shown")

    monkeypatch.setattr("opentelemetry.trace.get_tracer_provider", broken)

    async with make() as kolaybi:
        await kolaybi.create_e_document(1)

    assert emulator.executions("create_e_document", 1) == 1
    assert [record.getMessage() for record in caplog.records] == [
        "OpenTelemetry cannot be used (ImportError): there are no spans and metrics"
    ]


@pytest.mark.parametrize(("origin", "port"), [("https://ofis-api.kolaybi.com", 443), ("http://127.0.0.1", 80)])
def test_a_port_that_is_not_written_is_that_of_the_scheme(telemetry, origin, port):
    from kolay_invoice.endpoint import Effect
    from kolay_invoice.events import AttemptEnded, Outcome

    OpenTelemetry(tracer_provider=telemetry.tracers)(
        AttemptEnded(
            provider="kolaybi",
            operation="proceed",
            effect=Effect.MONEY,
            method="POST",
            origin=origin,
            attempt=1,
            outcome=Outcome.DONE,
            error=None,
            status=200,
            seconds=1.5,
        )
    )

    (span,) = telemetry.spans()
    assert span.attributes["server.port"] == port
    assert span.end_time - span.start_time == 1_500_000_000
