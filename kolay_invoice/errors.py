"""The errors of calls. Each says whether the call may have been executed.

    KolayInvoiceError                  .may_have_happened
    ├── ConfigurationError             False   TLS, proxy, wrong Channel, bad shape of credentials; no ValueError
    ├── NotSentError                   False   no byte of the request left this machine
    ├── OutcomeUnknownError            True    the request left, and no reliable reply came back
    ├── RefusedError                   False   the provider refused
    │   ├── AuthenticationError                these credentials or this token
    │   ├── NotFoundError                      no such document, sale, vault or company
    │   ├── InvalidRequestError                a field, or the state of the document
    │   └── RateLimitedError                   too many calls: wait .retry_after seconds
    └── UnexpectedReplyError           False   a read got no usable reply; nothing was changed

A caller checks `error.may_have_happened`, and looks the operation up if it is true. Every text ends in what to do next.
No text holds a token, a key, a password, a Channel, a sale code or the body of a reply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from kolay_invoice.messages import Message

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


CALL_FAILED: Final = "{provider}.{operation}: {reason}. {advice}"
"""The template of the error of a call."""
CALL_FAILED_BEFORE: Final = "{provider}.{operation}: {reason}"
"""The same, where the reason is the error of another call and ends in that error's advice."""


class KolayInvoiceError(Exception):
    """The base of every error that a call raises.

    Attributes:
        may_have_happened: Whether the provider may have executed the call.
        provider: `"kolaybi"` or `"propars"`.
        operation: The name of the client's method.
        status: The HTTP status of the provider's reply, if one arrived.
        code: The provider's own code (KolayBi: 10000 + HTTP status), if the body holds one.
        detail: The provider's own sentence, with e-mail addresses, identity numbers and this call's secrets masked.
        retry_after: The provider's Retry-After in seconds, if its reply had one.
        request: The request value, such as `CreateEDocument(18)`; None if there is none, and for a token request. A
            pickle leaves out a request that holds a buyer's name, a sale code or another private value.
    """

    # A slot keeps the request out of `__dict__`, which is shown and pickled as it is.
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
        retry_after: float | None = None,
        request: Request[Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.request = request
        self.retry_after = retry_after
        self.provider = provider
        self.operation = operation
        self.status = status
        self.code = code
        self.detail = detail

    @property
    def reason(self) -> str:
        """What happened, without the name of the call and the advice; a `Message` if the error holds one."""
        message = self.args[0]
        return _value_of(message, "reason") or message

    @property
    def advice(self) -> str:
        """What to do next; empty if the text has no advice of its own."""
        return _value_of(self.args[0], "advice")

    def __reduce__(self) -> tuple[object, ...]:
        # `BaseException.__reduce__` would lose the request, which is a slot.
        request = None if self.request is None or self.request.is_private else self.request
        return _rebuilt, (type(self), self.args[0], self._written(), request)

    def _written(self) -> dict[str, object]:
        """Return the attributes that a pickle stores."""
        return dict(vars(self))


def _value_of(message: str, name: str) -> str:
    if isinstance(message, Message) and message.template in {CALL_FAILED, CALL_FAILED_BEFORE}:
        return cast("str", message.values.get(name, ""))
    return ""


def _rebuilt(
    kind: type[KolayInvoiceError], message: str, attributes: dict[str, object], request: Request[Any] | None = None
) -> KolayInvoiceError:
    error = kind(message)
    error.request = request
    vars(error).update(attributes)
    return error


class ConfigurationError(KolayInvoiceError):
    """The configuration is wrong: TLS, the proxy, the Channel or the form of a credential.

    Nothing was executed, and repeating the call cannot help. It is no `ValueError`: that is a wrong argument.
    """


class NotSentError(KolayInvoiceError):
    """No byte of the request left this machine. Calling again is safe."""


class OutcomeUnknownError(KolayInvoiceError):
    """The request left, and no reliable reply came back. Look the operation up before calling again."""

    may_have_happened: ClassVar[bool] = True


class RefusedError(KolayInvoiceError):
    """The provider refused, so nothing was executed. `.code` and `.detail` hold its reason.

    A read also counts as refused by the status alone, which may come from a gateway: a 404, for example. Check
    `.is_in_own_words` before you draw a conclusion from it. A call with an effect counts as refused only with the
    provider's own error body.
    """

    is_in_own_words: bool = True
    """Whether the body has the provider's own error format."""


class AuthenticationError(RefusedError):
    """The provider does not accept these credentials, or this token, for this call."""


class NotFoundError(RefusedError):
    """The provider knows no such document, sale, vault or company on this account."""


class InvalidRequestError(RefusedError):
    """The provider refuses a field of the request, or the state that the document is in."""


class RateLimitedError(RefusedError):
    """Too many calls. `.retry_after` says after how many seconds to call again, if the provider said it."""


class UnexpectedReplyError(KolayInvoiceError):
    """A read got no reply, or an unusable one. Nothing was changed, and calling again is safe."""
