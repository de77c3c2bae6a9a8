"""What a client tells while it works, as values: `on_event=` takes a function that is called with each of them.

    LimiterWaited   a call had to wait for its turn
    AttemptEnded    one request went out, or could not, and this is what became of it
    Retrying        the same call goes out again
    CallEnded       the caller has the reply or the error

They show what may be shown and counted: no address, no argument, no id, no sentence of a provider. `.request` is the
call itself as a value, for a listener that has to know which one it is: the repr of an event leaves it out, and a
private value of it (a sale code, a name) shows in no repr at all. Fetching a token is a call like any other, and its
request is None. The function runs on the client's event loop, so it must not block; what it raises is logged once by
its type, and changes nothing about the call.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, TypeAlias

from attrs import field, frozen

from kolay_invoice.endpoint import Effect, Request


class Outcome(enum.StrEnum):
    """What became of a call or of one attempt. Only `UNKNOWN` may have happened without an answer that says so."""

    DONE = "done"
    REFUSED = "refused"
    """The provider said no: `RefusedError` and its children."""
    NOT_SENT = "not_sent"
    """No byte left: `NotSentError`."""
    UNKNOWN = "unknown"
    """It left, and no trustworthy answer came back: `OutcomeUnknownError`, or an interruption after it left."""
    UNUSABLE = "unusable"
    """A read got no usable answer: `UnexpectedReplyError`."""
    MISCONFIGURED = "misconfigured"
    """TLS, proxy, Channel, credentials: `ConfigurationError`."""
    INTERRUPTED = "interrupted"
    """It was cancelled, and nothing has happened."""


@frozen(kw_only=True)
class LimiterWaited:
    """A call had to wait for a slot of the limiter. A call that finds one free tells nothing."""

    provider: str
    operation: str
    seconds: float
    request: Request[Any] | None = field(default=None, repr=False, eq=False)
    """The call as a value; None for a call that fetches a token."""


@frozen(kw_only=True)
class AttemptEnded:
    """One attempt has ended, its answer read and judged."""

    provider: str
    """`"kolaybi"` or `"propars"`."""
    operation: str
    """The name of the call, as its method is named."""
    effect: Effect
    method: str
    """The HTTP verb."""
    origin: str
    """Scheme, host and port."""
    attempt: int
    """1 for the first one of a call."""
    outcome: Outcome
    error: str | None
    """The class of the error that this attempt alone would raise; None when it is done."""
    status: int | None
    """The HTTP status, if an answer came."""
    seconds: float
    request: Request[Any] | None = field(default=None, repr=False, eq=False)


@frozen(kw_only=True)
class Retrying:
    """The same call goes out again after a pause, or at once with a new token."""

    provider: str
    operation: str
    attempt: int
    """The attempt that has failed."""
    pause: float
    """Seconds."""
    request: Request[Any] | None = field(default=None, repr=False, eq=False)


@frozen(kw_only=True)
class CallEnded:
    """A call has ended, with all its attempts and waits."""

    provider: str
    operation: str
    effect: Effect
    outcome: Outcome
    error: str | None
    """The class of the error; None when it is done."""
    attempts: int
    seconds: float
    request: Request[Any] | None = field(default=None, repr=False, eq=False)


Event: TypeAlias = LimiterWaited | AttemptEnded | Retrying | CallEnded
OnEvent: TypeAlias = Callable[[Event], object]
