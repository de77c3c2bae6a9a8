"""What can go wrong, and whether the call may have happened all the same.

    KolayInvoiceError                  .may_have_happened
    ├── ConfigurationError             False   TLS, proxy, wrong Channel, bad shape of credentials; also a ValueError
    ├── NotSentError                   False   no byte of the request left this machine
    ├── OutcomeUnknownError            True    it left, and no trustworthy answer came back
    ├── RefusedError                   False   the provider said no
    │   ├── AuthenticationError                these credentials or this token
    │   ├── NotFoundError                      no such document, sale, vault or company
    │   ├── InvalidRequestError                a field, or the state of the document
    │   └── RateLimitedError                   .retry_after
    └── UnexpectedReplyError           False   a read got no usable answer; nothing was changed by asking

A caller needs one question: `if error.may_have_happened: look it up`. Every text ends in what to do next, and
none of them holds a token, a key, a password, a Channel, a sale code or the body of a reply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    from kolay_invoice.endpoint import Request

__all__: list[str] = [
    "AuthenticationError",
    "ConfigurationError",
    "InvalidRequestError",
    "KolayInvoiceError",
    "NotFoundError",
    "NotSentError",
    "OutcomeUnknownError",
    "RateLimitedError",
    "RefusedError",
    "UnexpectedReplyError",
]


class KolayInvoiceError(Exception):
    """The root of every error that a call raises.

    Attributes:
        may_have_happened: Whether the provider may have carried the call out.
        provider: `"kolaybi"` or `"propars"`.
        operation: The name of the call, as its method is named.
        status: The HTTP status of the provider's answer, if one came.
        code: The provider's own code (KolayBi: 10000 + HTTP status), if its body held one.
        detail: The provider's own sentence, with e-mail addresses, identity numbers and this call's secrets masked.
        request: The call as a value, such as `CreateEDocument(18)`; None where there was none, and where it was the
            account's credentials themselves. A pickle leaves out one that names a buyer, a sale code or another private
            value: what is written down must not hold them.
    """

    # A place of its own, beside the dictionary of the error, which is shown and pickled as it is.
    __slots__ = ("request",)

    may_have_happened: ClassVar[bool] = False
    request: Request[Any] | None

    def __init__(
        self,
        message: str,
        *,
        provider: str | None = None,
        operation: str | None = None,
        status: int | None = None,
        code: int | str | None = None,
        detail: str | None = None,
        request: Request[Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.request = request
        self.provider = provider
        self.operation = operation
        self.status = status
        self.code = code
        self.detail = detail

    def __reduce__(self) -> tuple[object, ...]:
        # Exception's own way calls the class with the message alone; what stands in the attributes would be lost.
        request = None if self.request is None or self.request.is_private else self.request
        return _rebuilt, (type(self), str(self.args[0]), self._written(), request)

    def _written(self) -> dict[str, object]:
        """Return the attributes that a pickle holds."""
        return dict(vars(self))


def _rebuilt(
    kind: type[KolayInvoiceError], message: str, attributes: dict[str, object], request: Request[Any] | None = None
) -> KolayInvoiceError:
    error = kind(message)
    error.request = request
    vars(error).update(attributes)
    return error


class ConfigurationError(KolayInvoiceError, ValueError):
    """Something on this side is set up wrongly: TLS, the proxy, the Channel, the shape of a credential.

    Repeating the call cannot help, and nothing was executed. It is a `ValueError` too, so that a wrong argument of a
    constructor can be caught as one.
    """


class NotSentError(KolayInvoiceError):
    """No byte of the request left this machine. Calling again is safe."""


class OutcomeUnknownError(KolayInvoiceError):
    """The request left and no trustworthy answer came back. Look it up before calling again."""

    may_have_happened: ClassVar[bool] = True


class RefusedError(KolayInvoiceError):
    """The provider said no, so nothing was executed. `.code` and `.detail` hold its reason.

    A read is refused by a status alone too, which is nobody's word: a gateway answers 404 as well. Whoever concludes
    anything from it asks `.is_in_own_words` first. What has an effect is refused only in the provider's own words.
    """

    is_in_own_words: bool = True
    """Whether the provider itself said so, in the form of its own errors."""


class AuthenticationError(RefusedError):
    """The provider does not accept these credentials, or this token, for this call."""


class NotFoundError(RefusedError):
    """The provider knows no such document, sale, vault or company on this account."""


class InvalidRequestError(RefusedError):
    """The provider refuses a field of the request, or the state that the document is in."""


class RateLimitedError(RefusedError):
    """Too many calls. `.retry_after` says in seconds when to come back, where the provider said so."""

    retry_after: float | None = None

    def after(self, seconds: float | None) -> Self:
        """Record the provider's Retry-After, in seconds."""
        self.retry_after = seconds
        return self


class UnexpectedReplyError(KolayInvoiceError):
    """A read got no answer, or one that cannot be used. Nothing was changed by asking; asking again is safe."""
