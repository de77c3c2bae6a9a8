"""The outcome of one attempt, as a value.

Attempts return values instead of raising, so that no exception of the HTTP library is in the chain that the caller
sees. The text of such an exception can hold a token.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from attrs import field, frozen

from kolay_invoice.errors import RefusedError


@frozen
class HttpResponse:
    """A complete HTTP reply, not yet interpreted."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    length_known: bool = True
    """Whether HTTP itself marks the end of the body. Otherwise a truncated body looks complete."""


@frozen
class Accepted:
    """The body reports success. `content` is the decoded JSON, or the bytes of a document."""

    content: object = field(repr=False)


@frozen
class Refused:
    """The body or the status reports a refusal.

    `proves_not_executed` is False for a refusal that leaves open whether the call was executed: a 409, for example, or
    a status without the provider's own error body.
    """

    error: type[RefusedError]
    status: int
    code: int | str | None = None
    detail: str | None = field(default=None, repr=False)
    retry_after: float | None = None
    proves_not_executed: bool = True
    own_words: bool = True
    """Whether the body has the provider's own error format. A gateway sends the same statuses."""


@frozen
class Ambiguous:
    """The request left, and its outcome is not known. `retryable`: whether another attempt of a read may succeed."""

    reason: str
    status: int | None = None
    retryable: bool = True
    retry_after: float | None = None
    defect: Exception | None = field(default=None, eq=False, repr=False)
    """The exception, where the reply was not the cause: a defect of this library or of the caller's code."""


@frozen
class NotSent:
    """No byte of the request left. `retryable`: whether another attempt within the same call may succeed."""

    reason: str
    retryable: bool = True


@frozen
class Misconfigured:
    """Nothing was executed, and nothing can be until the configuration is corrected."""

    reason: str
    status: int | None = None
    detail: str | None = field(default=None, repr=False)


@frozen
class Done:
    """The call succeeded. `reply` is its typed reply."""

    reply: Any = field(repr=False)


Verdict: TypeAlias = Accepted | Refused | Ambiguous | Misconfigured
"""What a provider's `interpret` makes of an `HttpResponse`."""

NoAnswer: TypeAlias = Ambiguous | NotSent | Misconfigured
"""What the transport returns when there is no `HttpResponse`."""

Failure: TypeAlias = Ambiguous | Refused | NotSent | Misconfigured
"""What `BaseClient` turns into an error or into another attempt."""
