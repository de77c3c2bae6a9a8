"""Reports events to the listeners of a client. A listener cannot affect a call."""

from __future__ import annotations

import logging
import sys
from collections.abc import Coroutine, Iterable, Sequence
from time import perf_counter
from typing import Any, Final, Protocol, TypeVar

from kolay_invoice.endpoint import Endpoint, Request
from kolay_invoice.error_mapping import error_class
from kolay_invoice.errors import (
    ConfigurationError,
    KolayInvoiceError,
    NotSentError,
    OutcomeUnknownError,
    RefusedError,
    UnexpectedReplyError,
)
from kolay_invoice.events import AttemptEnded, CallEnded, Event, LimiterWaited, OnEvent, Outcome, Retrying
from kolay_invoice.redact import log
from kolay_invoice.result import Ambiguous, Done, Failure

ReplyT = TypeVar("ReplyT")

_OUTCOMES: Final[dict[type[KolayInvoiceError], Outcome]] = {
    ConfigurationError: Outcome.MISCONFIGURED,
    NotSentError: Outcome.NOT_SENT,
    OutcomeUnknownError: Outcome.UNKNOWN,
    RefusedError: Outcome.REFUSED,
    UnexpectedReplyError: Outcome.UNUSABLE,
}


class CallState(Protocol):
    """The state of a call that events are made from."""

    endpoint: Endpoint[Any, Any]
    request: Request[Any]
    attempts: int
    interrupted_after_send: bool
    """Whether the call was interrupted after its request left."""


class EventSink:
    """Reports the calls of one client."""

    def __init__(self, provider: str, origin: str, listeners: Sequence[OnEvent]) -> None:
        self._provider = provider
        self._origin = origin
        self._listeners = listeners
        self._complained = False

    async def observe(self, state: CallState, call: Coroutine[Any, Any, ReplyT]) -> ReplyT:
        """Await a call and report its end."""
        started = perf_counter()
        try:
            reply = await call
        except BaseException as error:
            self._call_ended(state, perf_counter() - started, error)
            raise
        self._call_ended(state, perf_counter() - started, None)
        return reply

    def limiter_waited(self, state: CallState, seconds: float) -> None:
        """Report that a call waited for a slot."""
        operation, request = state.endpoint.operation, _request_of(state)
        self._tell(LimiterWaited(provider=self._provider, operation=operation, seconds=seconds, request=request))

    def attempt_ended(
        self, state: CallState, outcome: Done | Failure | BaseException, status: int | None, seconds: float
    ) -> None:
        """Report the outcome of one attempt."""
        endpoint = state.endpoint
        if isinstance(outcome, BaseException):
            became, error = _interrupted(state), type(outcome).__name__
        elif isinstance(outcome, Done):
            became, error = Outcome.DONE, None
        else:
            kind = error_class(endpoint, outcome)
            became, error = _outcome_of(kind), kind.__name__
            if kind is UnexpectedReplyError and isinstance(outcome, Ambiguous) and outcome.defect is not None:
                error = type(outcome.defect).__name__
        self._tell(
            AttemptEnded(
                provider=self._provider,
                operation=endpoint.operation,
                effect=endpoint.effect,
                method=endpoint.method,
                origin=self._origin,
                attempt=state.attempts,
                outcome=became,
                error=error,
                status=status,
                seconds=seconds,
                request=_request_of(state),
            )
        )

    def retrying(self, state: CallState, pause: float) -> None:
        """Report that a call is sent again."""
        operation, attempt = state.endpoint.operation, state.attempts
        request = _request_of(state)
        self._tell(
            Retrying(provider=self._provider, operation=operation, attempt=attempt, pause=pause, request=request)
        )

    def _call_ended(self, state: CallState, seconds: float, error: BaseException | None) -> None:
        if error is None:
            became = Outcome.DONE
        elif isinstance(error, KolayInvoiceError):
            became = _outcome_of(type(error))
        else:
            # An `Exception` of another class is a defect that was met while the reply to a read was decoded.
            became = Outcome.UNUSABLE if isinstance(error, Exception) else _interrupted(state)
        self._tell(
            CallEnded(
                provider=self._provider,
                operation=state.endpoint.operation,
                effect=state.endpoint.effect,
                outcome=became,
                error=None if error is None else type(error).__name__,
                attempts=state.attempts,
                seconds=seconds,
                request=_request_of(state),
            )
        )

    def _tell(self, event: Event) -> None:
        for listener in self._listeners:
            try:
                listener(event)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - a listener must not lose a reply.
                if not self._complained:
                    self._complained = True
                    log(logging.WARNING, "on_event raised %s: no call is affected; said once", type(error).__name__)


def make_sink(
    provider: str, origin: str, on_event: OnEvent | None, trace_configs: Iterable[object] = ()
) -> EventSink | None:
    """Return the sink of a client; None, which costs nothing, if there is no listener.

    `trace_configs` are those that other libraries added to the client's sessions; see
    `kolay_invoice.contrib.opentelemetry`.
    """
    listeners = [listener for listener in (on_event, _opentelemetry(on_event, trace_configs)) if listener is not None]
    return EventSink(provider, origin, listeners) if listeners else None


def _opentelemetry(on_event: OnEvent | None, trace_configs: Iterable[object]) -> OnEvent | None:
    # A program that has configured OpenTelemetry has imported it.
    if "opentelemetry" not in sys.modules:
        return None
    try:
        from kolay_invoice.contrib.opentelemetry import OpenTelemetry, configured

        return None if isinstance(on_event, OpenTelemetry) else configured(trace_configs)
    except Exception as error:  # noqa: BLE001 - an unusable OpenTelemetry must not prevent a client from opening.
        log(
            logging.WARNING,
            "OpenTelemetry cannot be used (%s): there are no spans and metrics",
            type(error).__name__,
        )
        return None


def _outcome_of(error: type[KolayInvoiceError]) -> Outcome:
    return next((_OUTCOMES[kind] for kind in error.__mro__ if kind in _OUTCOMES), Outcome.UNKNOWN)


def _request_of(state: CallState) -> Request[Any] | None:
    # The request of a token call holds the credentials.
    return None if state.endpoint.is_token_request else state.request


def _interrupted(state: CallState) -> Outcome:
    return Outcome.UNKNOWN if state.interrupted_after_send else Outcome.INTERRUPTED
