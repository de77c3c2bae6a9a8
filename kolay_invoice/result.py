"""What became of one attempt: one of a few values, made without raising.

Attempts answer with values so that no exception of the HTTP library, whose text can hold a token, ever becomes part
of the chain that a caller sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from attrs import field, frozen

from kolay_invoice.errors import RefusedError


@frozen
class HttpResponse:
    """A whole HTTP reply: not yet judged."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    length_known: bool = True
    """Whether HTTP itself says where the body ends. Where it does not, a cut body looks whole."""


@frozen
class Accepted:
    """The provider's body says yes. `content` is the decoded JSON, or the bytes of a document."""

    content: object = field(repr=False)


@frozen
class Refused:
    """The provider's body or status says no.

    `certain` is False where a no does not prove that nothing was executed: a 409, say, or a status without the
    provider's own words.
    """

    error: type[RefusedError]
    status: int
    code: int | str | None = None
    detail: str | None = field(default=None, repr=False)
    retry_after: float | None = None
    proves_not_executed: bool = True
    own_words: bool = True
    """Whether the body is a refusal in the provider's own form. A gateway before it has the same statuses."""


@frozen
class Ambiguous:
    """It left, and what came back proves nothing. `retryable`: whether a read may expect better of another attempt."""

    reason: str
    status: int | None = None
    retryable: bool = True
    retry_after: float | None = None
    defect: Exception | None = field(default=None, eq=False, repr=False)
    """What failed at the reply where it was no fault of the reply: our own code, or a caller's."""


@frozen
class NotSent:
    """No byte of the request left. `retryable`: whether another attempt within the same call may do better."""

    reason: str
    retryable: bool = True


@frozen
class Misconfigured:
    """No byte of the request left, and none will until something on this side is mended."""

    reason: str
    status: int | None = None
    detail: str | None = field(default=None, repr=False)


@frozen
class Done:
    """The call succeeded, and this is its typed reply."""

    reply: Any = field(repr=False)


Verdict: TypeAlias = Accepted | Refused | Ambiguous | Misconfigured
"""What a provider's pure judging function makes of an `HttpResponse`."""

NoAnswer: TypeAlias = Ambiguous | NotSent | Misconfigured
"""What the transport reports when there is no `HttpResponse`."""

Failure: TypeAlias = Ambiguous | Refused | NotSent | Misconfigured
"""What the one road turns into an error, or into another attempt."""
