"""Spans and metrics for OpenTelemetry: one span for each attempt, named after the operation, and nothing private in it.

Nothing has to be done where OpenTelemetry or its instrumentation of aiohttp is set up before a client's first call: it
is detected. Pass other providers explicitly:

    AsyncKolayBi.from_env(on_event=OpenTelemetry(tracer_provider=..., meter_provider=...))

| instrument | kind | attributes |
|---|---|---|
| `kolay_invoice.calls` | counter | provider, operation, effect, outcome, `error.type` |
| `kolay_invoice.call.duration` | histogram, seconds, with all attempts and waits | the same |
| `kolay_invoice.retries` | counter | provider, operation |
| `kolay_invoice.limiter.wait` | histogram, seconds, of the calls that had to wait | provider, operation |
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from opentelemetry import metrics, trace
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.util.types import AttributeValue

from kolay_invoice import __version__
from kolay_invoice.events import AttemptEnded, CallEnded, Event, Outcome, Retrying

_SCOPE: Final = "kolay_invoice"
_NANOSECONDS: Final = 1_000_000_000


class OpenTelemetry:
    """Makes spans and metrics of a client's events; pass it as `on_event`.

    Args:
        tracer_provider: Where spans go; None is the global one.
        meter_provider: Where metrics go; None is the global one.
        tracer: Makes the spans instead of one of `tracer_provider`.
    """

    def __init__(
        self,
        *,
        tracer_provider: trace.TracerProvider | None = None,
        meter_provider: metrics.MeterProvider | None = None,
        tracer: trace.Tracer | None = None,
    ) -> None:
        self._tracer = tracer or trace.get_tracer(_SCOPE, __version__, tracer_provider)
        meter = metrics.get_meter(_SCOPE, __version__, meter_provider)
        self._calls = meter.create_counter("kolay_invoice.calls", "{call}", "Calls, by what became of them.")
        self._durations = meter.create_histogram(
            "kolay_invoice.call.duration", "s", "How long calls took, with all attempts and waits."
        )
        self._retries = meter.create_counter("kolay_invoice.retries", "{retry}", "How often a call went out again.")
        self._waits = meter.create_histogram(
            "kolay_invoice.limiter.wait", "s", "How long calls waited for a slot of the limiter, if they had to."
        )

    def __call__(self, event: Event) -> None:
        """Record an event."""
        named = {"kolay_invoice.provider": event.provider, "kolay_invoice.operation": event.operation}
        match event:
            case AttemptEnded():
                self._span(event)
            case CallEnded():
                ended = {
                    **named,
                    "kolay_invoice.effect": event.effect.value,
                    "kolay_invoice.outcome": event.outcome.value,
                }
                if event.error is not None:
                    ended["error.type"] = event.error
                self._calls.add(1, ended)
                self._durations.record(event.seconds, ended)
            case Retrying():
                self._retries.add(1, named)
            case _:
                self._waits.record(event.seconds, named)

    def _span(self, event: AttemptEnded) -> None:
        now = time.time_ns()
        span = self._tracer.start_span(
            f"{event.provider}.{event.operation}",
            kind=SpanKind.CLIENT,
            attributes=_attributes(event),
            start_time=now - int(event.seconds * _NANOSECONDS),
        )
        if event.outcome is not Outcome.DONE:
            span.set_status(StatusCode.ERROR)
        span.end(now)


def _attributes(event: AttemptEnded) -> dict[str, AttributeValue]:
    origin = urlsplit(event.origin)
    attributes: dict[str, AttributeValue] = {
        "http.request.method": event.method,
        "server.address": origin.hostname or "",
        "server.port": origin.port or (443 if origin.scheme == "https" else 80),
        "kolay_invoice.effect": event.effect.value,
        "kolay_invoice.attempt": event.attempt,
        "kolay_invoice.outcome": event.outcome.value,
    }
    if event.attempt > 1:
        attributes["http.request.resend_count"] = event.attempt - 1
    if event.status is not None:
        attributes["http.response.status_code"] = event.status
    if event.error is not None:
        attributes["error.type"] = event.error
    return attributes


def configured(trace_configs: Iterable[object] = ()) -> OpenTelemetry | None:
    """Return the listener for this process's OpenTelemetry configuration; None if there is none.

    Args:
        trace_configs: What has put itself into the client's aiohttp session. Spans go where those of OpenTelemetry's
            instrumentation would have gone, else to the global provider.
    """
    tracer = next(filter(None, map(_tracer_of, trace_configs)), None)
    tracer_provider, meter_provider = trace.get_tracer_provider(), metrics.get_meter_provider()
    if tracer is None and _is_noop(tracer_provider) and _is_noop(meter_provider):
        return None
    return _listener(tracer_provider, meter_provider, tracer)


def _tracer_of(trace_config: object) -> trace.Tracer | None:
    """Return the tracer with which OpenTelemetry's instrumentation would have made the spans of a session."""
    if not getattr(trace_config, "_is_instrumented_by_opentelemetry", False):
        return None
    context = trace_config.trace_config_ctx()  # type: ignore[attr-defined] # the mark says that it is aiohttp's.
    tracer = getattr(context, "tracer", None)
    return tracer if isinstance(tracer, trace.Tracer) else None


def _is_noop(provider: object) -> bool:
    """Whether a provider is one of the API package's no-op defaults."""
    return type(provider).__module__.startswith(("opentelemetry.trace", "opentelemetry.metrics"))


@lru_cache(maxsize=8)
def _listener(
    tracer_provider: trace.TracerProvider, meter_provider: metrics.MeterProvider, tracer: trace.Tracer | None
) -> OpenTelemetry:
    # The instruments of a meter are made once, however many clients there are.
    return OpenTelemetry(tracer_provider=tracer_provider, meter_provider=meter_provider, tracer=tracer)
