"""The loop of a call: token, slot, attempts, retry by effect. The reply is interpreted, a failure becomes an error."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, TypeVar

from attrs import define, evolve

from kolay_invoice.auth import Token, TokenSource
from kolay_invoice.config import Options
from kolay_invoice.connections import Connections
from kolay_invoice.deadline import Attempt, Permit, Phase
from kolay_invoice.endpoint import Effect, Endpoint, Request, Wire
from kolay_invoice.error_mapping import to_error, token_error
from kolay_invoice.errors import KolayInvoiceError, RateLimitedError
from kolay_invoice.http_status import ACCEPTING, failed_at
from kolay_invoice.limiter import Limiter
from kolay_invoice.long_json import LARGEST_AT_ONCE
from kolay_invoice.messages import Message
from kolay_invoice.profile import AccountAccess, ProviderProfile
from kolay_invoice.redact import log_attempt, logger
from kolay_invoice.result import Accepted, Ambiguous, Done, Failure, HttpResponse, NotSent, Refused
from kolay_invoice.retry import may_repeat, waits
from kolay_invoice.threads import run_in_thread

if TYPE_CHECKING:
    from kolay_invoice.transport import Transport

ReplyT = TypeVar("ReplyT")

_UNAUTHORIZED: Final = 401
_OVERLOADED: Final = frozenset({429, 503})

own_connections: ContextVar[bool] = ContextVar("kolay_invoice_own_connections", default=False)
"""Whether the reads of the running task use connections of their own.

A pooled connection can receive an unsolicited reply just as a request is written to it. aiohttp then takes that reply
for the answer (aio-libs/aiohttp#13656). Reads that serve as evidence for a journal must not risk it.
"""


@define
class _Call:
    """The state of one call."""

    endpoint: Endpoint[Any, Any]
    request: Request[Any]
    wire: Wire
    seconds_left: float
    """Seconds of the call's `timeout` that remain. Time in the limiter's queue does not count."""
    permit: Permit | None
    own_connection: bool = False
    attempts: int = 0
    token: Token | None = None
    waits: Iterator[float] | None = None
    unknown: Ambiguous | None = None
    """The outcome of an earlier attempt that left and may have been executed; the call is an upsert."""
    interrupted_after_send: bool = False
    """Whether the call was interrupted after its request left."""


class CallLoop:
    """What a client needs to make a call, and the way of a call through it."""

    profile: ProviderProfile
    """The values in which the providers differ."""

    def __init__(self, access: AccountAccess, options: Options, limiter: Limiter, connections: Connections) -> None:
        self._access = access
        self._options = options
        self._limiter = limiter
        self._connections = connections
        self._tokens = TokenSource(access.ready_token, None if access.token_request is None else self._fetch_token)

    def _ready(self) -> Transport:
        transport = self._connections.transport
        if transport is None or transport.loop is not asyncio.get_running_loop() or transport.pid != os.getpid():
            return self._connections.open(self._tokens)
        return transport

    async def _make(self, transport: Transport, request: Request[ReplyT], permit: Permit | None = None) -> ReplyT:
        endpoint = self.profile.endpoints.get(type(request))
        if endpoint is None:
            msg = f"{type(request).__name__} is not a request of {self.profile.name}"
            raise TypeError(msg)
        wire, seconds_left = endpoint.encode(request), self._options.timeout
        state = _Call(endpoint, request, wire, seconds_left, permit, own_connections.get())
        run = self._run_upsert if endpoint.effect is Effect.UPSERT else self._run
        answered, report = run(transport, state), self._connections.report
        reply: ReplyT = await (answered if report is None else report.observe(state, answered))
        return reply

    async def _run_upsert(self, transport: Transport, state: _Call) -> Any:
        """Make the attempts of an upsert, which is repeated although an attempt may have been executed.

        A repetition that was not sent or was refused says nothing of an attempt before it that may have been executed.
        """
        try:
            return await self._run(transport, state)
        except KolayInvoiceError as error:
            if state.unknown is None or error.may_have_happened:
                raise
            why = Message("{why}; repeated, it ended so: {reason}", why=state.unknown.reason, reason=error.reason)
            raise self._failure(state, evolve(state.unknown, reason=why)) from None
        except BaseException as interruption:
            if state.unknown is not None and not state.interrupted_after_send:
                self._note_unknown(state, interruption)
            raise

    async def _run(self, transport: Transport, state: _Call) -> Any:
        """Make attempts until one succeeds or no further attempt is allowed."""
        renewed = False
        while True:
            token = None if state.endpoint.is_token_request else self._tokens.current or await self._token(state)
            state.token = token
            outcome = await self._attempt_once(transport, state, token)
            if isinstance(outcome, Done):
                return outcome.reply
            if token is not None and not renewed and _refuses_token(state.endpoint.effect, outcome):
                # A refused call was not executed, so it may be sent once more with a new token.
                renewed = self._tokens.invalidate(token)
                if renewed:
                    self._retrying(state, 0.0)
                    continue
            wait = self._wait(state, outcome)
            if wait is None:
                raise self._failure(state, outcome)
            if isinstance(outcome, Ambiguous) and state.endpoint.effect is not Effect.READ:
                state.unknown = state.unknown or outcome
            self._retrying(state, wait)
            await asyncio.sleep(wait)
            state.seconds_left -= wait

    async def _fetch_token(self) -> Token:
        assert self._access.token_request is not None  # noqa: S101 - `TokenSource` fetches only with credentials.
        # Calls in flight of a client that is being closed may still need a token.
        transport = self._connections.closing or self._ready()
        return self.profile.to_token(await self._make(transport, self._access.token_request))

    async def _token(self, state: _Call) -> Token:
        try:
            # Fetching a token is a separate call with its own deadline, because several calls wait for the same token.
            return await self._tokens.fetch()
        except KolayInvoiceError as error:
            raise token_error(self.profile.name, state.endpoint.operation, error, state.request) from None

    async def _attempt_once(self, transport: Transport, state: _Call, token: Token | None) -> Done | Failure:
        """Wait for a slot, make one attempt and interpret its reply."""
        state.attempts += 1
        if state.seconds_left <= 0:
            return NotSent(Message("the deadline passed before it could leave"), retryable=False)
        epoch = self._limiter.try_acquire()
        if epoch is None:
            turn = await self._wait_for_slot(transport, state)
            if not isinstance(turn, int):
                return turn
            epoch = turn
        attempt = Attempt(state.permit)
        endpoint = state.endpoint
        started = transport.loop.time()
        try:
            shown = None if token is None else token.value
            answer = await transport.send(
                state.wire,
                shown,
                endpoint.effect,
                attempt,
                state.seconds_left,
                largest=endpoint.largest_reply,
                own_connection=state.own_connection,
            )
            outcome = await self._interpret(state, answer) if isinstance(answer, HttpResponse) else answer
        except BaseException as interruption:
            seconds = transport.loop.time() - started
            self._annotate_interruption(state, attempt, interruption, seconds)
            if self._connections.report is not None:
                self._connections.report.attempt_ended(state, interruption, None, seconds)
            raise
        finally:
            self._limiter.release(epoch)
            seconds = transport.loop.time() - started
            state.seconds_left -= seconds
        if self._limiter.adaptive:
            self._update_limiter(outcome, epoch)
        if logger.isEnabledFor(logging.DEBUG):
            self._log(logging.DEBUG, state, type(outcome).__name__, getattr(answer, "status", None), seconds)
        if self._connections.report is not None:
            self._connections.report.attempt_ended(state, outcome, getattr(answer, "status", None), seconds)
        return outcome

    async def _wait_for_slot(self, transport: Transport, state: _Call) -> int | NotSent | Refused:
        """Wait for a slot of the limiter. Return its epoch, or the outcome if there is no slot."""
        limiter = self._limiter
        if limiter.pause > self._options.timeout:
            return Refused(RateLimitedError, 429, detail="the account is paused", retry_after=limiter.pause)
        queued = transport.loop.time()
        try:
            return await limiter.acquire(self._options.queue_timeout)
        except TimeoutError:
            return NotSent(Message("no slot of the limiter came free within queue_timeout"), retryable=False)
        finally:
            if self._connections.report is not None:
                self._connections.report.limiter_waited(state, transport.loop.time() - queued)

    def _read(self, endpoint: Endpoint[Any, Any], request: Request[Any], answer: HttpResponse) -> Done | Failure:
        verdict = self.profile.interpret(endpoint, answer)
        return Done(endpoint.decode(request, verdict.content)) if isinstance(verdict, Accepted) else verdict

    async def _interpret(self, state: _Call, answer: HttpResponse) -> Done | Failure:
        endpoint = state.endpoint
        try:
            if len(answer.body) <= LARGEST_AT_ONCE:
                if endpoint.decode_plain is not None and answer.status in ACCEPTING:
                    reply = endpoint.decode_plain(state.request, answer.body)
                    if reply is not None:
                        return Done(reply)
                return self._read(endpoint, state.request, answer)
            return await run_in_thread(self._read, endpoint, state.request, answer)
        except ValueError as error:
            return Ambiguous(
                Message("the reply does not fit: {why}", why=error), answer.status, retryable=not answer.length_known
            )
        except Exception as error:  # noqa: BLE001 - the request has left, so every failure becomes an outcome.
            return failed_at(error, answer.status)

    def _wait(self, state: _Call, outcome: Failure) -> float | None:
        """Return the seconds to wait before the next attempt; None if there must be none or no time is left."""
        if state.attempts >= self._options.max_attempts or not may_repeat(state.endpoint.effect, outcome):
            return None
        asked = getattr(outcome, "retry_after", None)
        if state.waits is None:
            state.waits = waits()
        wait: float = next(state.waits) if asked is None else asked
        return wait if wait < state.seconds_left else None

    def _update_limiter(self, outcome: Done | Failure, epoch: int) -> None:
        if isinstance(outcome, Done):
            self._limiter.succeeded()
        elif isinstance(outcome, Refused | Ambiguous) and outcome.status in _OVERLOADED:
            self._limiter.overloaded(epoch, outcome.retry_after)

    def _annotate_interruption(
        self, state: _Call, attempt: Attempt, interruption: BaseException, seconds: float
    ) -> None:
        """Add a note to a cancellation or interrupt that says whether the request left. It is re-raised."""
        if state.endpoint.effect is Effect.READ:
            self._log(logging.DEBUG, state, "interrupted, nothing was changed by asking", None, seconds)
            return
        if attempt.phase is not Phase.LEFT:
            self._log(logging.DEBUG, state, "interrupted, not sent", None, seconds)
            return
        self._note_unknown(state, interruption, seconds)

    def _note_unknown(self, state: _Call, interruption: BaseException, seconds: float = 0.0) -> None:
        state.interrupted_after_send = True
        interruption.add_note(
            f"{self.profile.name}.{state.endpoint.operation} was interrupted after it left, so it may have happened. "
            f"{state.endpoint.recovery_hint} Its outcome is unknown; the attempt had taken {seconds:.3f} s."
        )
        self._log(logging.WARNING, state, "interrupted, outcome unknown", None, seconds)

    def _retrying(self, state: _Call, pause: float) -> None:
        if self._connections.report is not None:
            self._connections.report.retrying(state, pause)

    def _log(self, level: int, state: _Call, result: str, status: int | None, seconds: float) -> None:
        call = f"{self.profile.name}.{state.endpoint.operation}"
        log_attempt(level, call=call, attempt=state.attempts, result=result, status=status, seconds=seconds)

    def _failure(self, state: _Call, outcome: Failure) -> Exception:
        """Return the exception of a failure.

        A defect in a read is raised itself. In a call with an effect it is the cause of the `OutcomeUnknownError`.
        """
        defect = outcome.defect if isinstance(outcome, Ambiguous) else None
        if defect is not None and state.endpoint.effect is Effect.READ:
            return defect
        error = self._error(state, outcome)
        error.__cause__ = defect
        return error

    def _error(self, state: _Call, outcome: Failure) -> KolayInvoiceError:
        request = state.request
        secrets = [*self._access.secrets, *request.private_texts]
        if state.token is not None:
            secrets.append(state.token.value)
        return to_error(self.profile.name, state.endpoint, outcome, secrets, request)


def _refuses_token(effect: Effect, outcome: Failure) -> bool:
    # A 401 in the body of a 409, or a 401 without the provider's own error body, proves nothing. A call with an effect
    # is repeated only if the refusal proves that it was not executed.
    if not isinstance(outcome, Refused) or outcome.status != _UNAUTHORIZED:
        return False
    return outcome.proves_not_executed or effect is Effect.READ
