"""Events that a client reports: `on_event=` takes a function that is called with each of them.

    LimiterWaited   a call waited for a slot
    AttemptEnded    one attempt has ended, sent or not
    Retrying        the same call is sent again
    CallEnded       the caller has the reply or the error

Events hold only values that may be logged and counted: no URL, no argument, no id, no text of a provider. `.request` is
the request value, for a listener that must identify the call. The repr of an event leaves it out, and the repr of a
request leaves out private values (a sale code, a name). A token request is reported as a call whose request is None.
The function runs on the client's event loop, so it must not block. If it raises, the type of the first exception is
logged, and no call is affected.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, TypeAlias

from attrs import field, frozen

from kolay_invoice.endpoint import Effect, Request


class Outcome(enum.StrEnum):
    """The outcome of a call or of one attempt. Only `UNKNOWN` leaves open whether the call was executed."""

    DONE = "done"
    REFUSED = "refused"
    """The provider refused: `RefusedError` and its subclasses."""
    NOT_SENT = "not_sent"
    """No byte left: `NotSentError`."""
    UNKNOWN = "unknown"
    """The request left, and no reliable reply came back: `OutcomeUnknownError`, or an interruption after it left."""
    UNUSABLE = "unusable"
    """A read got no usable reply: `UnexpectedReplyError`."""
    MISCONFIGURED = "misconfigured"
    """TLS, proxy, Channel, credentials: `ConfigurationError`."""
    INTERRUPTED = "interrupted"
    """The call was cancelled, and nothing was changed."""


@frozen(kw_only=True)
class LimiterWaited:
    """A call waited for a slot of the limiter. A call that finds a free slot reports nothing."""

    provider: str
    operation: str
    seconds: float
    request: Request[Any] | None = field(default=None, repr=False, eq=False)
    """The request value; None for a token request."""


@frozen(kw_only=True)
class AttemptEnded:
    """One attempt has ended, and its reply was interpreted."""

    provider: str
    """`"kolaybi"` or `"propars"`."""
    operation: str
    """The name of the client's method."""
    effect: Effect
    method: str
    """The HTTP verb."""
    origin: str
    """Scheme, host and port."""
    attempt: int
    """1 for the first attempt of a call."""
    outcome: Outcome
    error: str | None
    """The class of the error that this attempt alone would raise; None on success."""
    status: int | None
    """The HTTP status, if a reply arrived."""
    seconds: float
    request: Request[Any] | None = field(default=None, repr=False, eq=False)


@frozen(kw_only=True)
class Retrying:
    """The same call is sent again after a pause, or at once with a new token."""

    provider: str
    operation: str
    attempt: int
    """The number of the failed attempt."""
    pause: float
    """Seconds until the next attempt."""
    request: Request[Any] | None = field(default=None, repr=False, eq=False)


@frozen(kw_only=True)
class CallEnded:
    """A call has ended. `seconds` includes all its attempts and waits."""

    provider: str
    operation: str
    effect: Effect
    outcome: Outcome
    error: str | None
    """The class of the error; None on success."""
    attempts: int
    seconds: float
    request: Request[Any] | None = field(default=None, repr=False, eq=False)


Event: TypeAlias = LimiterWaited | AttemptEnded | Retrying | CallEnded
OnEvent: TypeAlias = Callable[[Event], object]
