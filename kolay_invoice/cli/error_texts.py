"""Translate the library's messages into the terms of the command: command names, options, hints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from kolay_invoice.cli.i18n import _, fill, gettext
from kolay_invoice.cli.visible import one_line
from kolay_invoice.endpoint import Endpoint
from kolay_invoice.error_mapping import ADVICE
from kolay_invoice.errors import (
    CALL_FAILED,
    CALL_FAILED_BEFORE,
    AuthenticationError,
    ConfigurationError,
    InvalidRequestError,
    KolayInvoiceError,
    NotFoundError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
    RefusedError,
    UnexpectedReplyError,
)
from kolay_invoice.messages import N_, Message, message_of
from kolay_invoice.operations import BY_NAME

NAMES: Final = {"kolaybi": "KolayBi", "propars": "Propars"}
"""The display names of the providers."""

_HAPPENED: Final[Mapping[type[KolayInvoiceError], str]] = {
    AuthenticationError: N_(
        "{call} was refused{answer}: the provider does not accept these credentials. Nothing was executed."
    ),
    NotFoundError: N_(
        "{call} was refused{answer}: the provider knows no such document, sale, vault or company. Nothing was executed."
    ),
    InvalidRequestError: N_(
        "{call} was refused{answer}: a field, or the state of the document, is not as it should "
        "be. Nothing was executed."
    ),
    RateLimitedError: N_("{call} was refused{answer}: too many calls. Nothing was executed."),
    RefusedError: N_("{call} was refused{answer}. Nothing was executed."),
    ConfigurationError: N_("{call} cannot work as things are set up{answer}. Nothing was executed."),
    NotSentError: N_("{call} was not sent{answer}: no byte of it left this machine."),
    OutcomeUnknownError: N_(
        "The outcome of {call} is unknown{answer}: it was sent, and no trustworthy answer came "
        "back. It may have happened at the provider."
    ),
    UnexpectedReplyError: N_("{call} brought no usable answer{answer}. Nothing was changed by asking."),
}
"""The summary of an error, by the first class that matches."""
_NEXT: Final[Mapping[type[KolayInvoiceError], str]] = {
    AuthenticationError: N_("Check the credentials and what they are allowed to do."),
    NotFoundError: N_("Check the id, and that it belongs to this account."),
    InvalidRequestError: N_("Correct the request or the document, as the provider says."),
    RateLimitedError: N_("Run it again later."),
    RefusedError: N_("Correct what the provider names."),
    ConfigurationError: N_("Correct the configuration: repeating the call cannot help."),
    NotSentError: N_("Running it again is safe."),
    OutcomeUnknownError: N_("Do not simply run it again."),
    UnexpectedReplyError: N_("Running it again is safe."),
}
"""The next step, by error class."""
_CHECK_CHANNEL: Final = N_("Check the Channel: KOLAYBI_CHANNEL, or kolaybi.channel of the profile.")
_OF_THE_SYSTEM: Final = (
    N_("Connection refused"),
    N_("Connection reset by peer"),
    N_("Network is unreachable"),
    N_("No route to host"),
    N_("No such file or directory"),
    N_("Permission denied"),
    N_("Is a directory"),
    N_("Not a directory"),
    N_("File exists"),
    N_("Read-only file system"),
    N_("No space left on device"),
    N_("File too large"),
    N_("Bad file descriptor"),
    N_("Broken pipe"),
    N_("Input/output error"),
    N_("Disk quota exceeded"),
    N_("Address already in use"),
)
"""Error texts of the operating system, for translation."""

_MAY_BE_DONE_ALREADY: Final = frozenset({InvalidRequestError, RefusedError})
_SENTENCES: Final = frozenset({"why", "reason"})
"""The values of a message that are translated too."""

# The summary already contains this.
_KNOWN: Final = frozenset({"it may have happened: {why}", "no usable answer: {why}", "not sent: {why}"})
_NO_TOKEN: Final = "not sent, for want of a token: {why}"  # noqa: S105 - a text.


def call_name(provider: str | None, operation: str | None) -> str:
    """Return the display name of a call, as in "KolayBi create-e-document"."""
    endpoint = BY_NAME.get((provider or "", operation or ""))
    command = endpoint.command if endpoint is not None else (operation or "").replace("_", "-")
    return f"{NAMES.get(provider or '', provider)} {command}"


def hint(sentence: str, endpoint: Endpoint[Any, Any]) -> str:
    """Return what an endpoint says of looking a call up, with the command in place of the method."""
    if not (isinstance(sentence, Message) and "call" in sentence.values):
        return translate(sentence)
    operation, _sign, arguments = str(sentence.values["call"]).rstrip(")").partition("(")
    command = BY_NAME[endpoint.provider, operation].command
    names = "" if arguments == "..." else f" {arguments.upper().replace('_', '-')}"
    return _(sentence.template, call=f"`kolay-invoice {endpoint.provider} {command}{names}`")


def look_up_hint(endpoint: Endpoint[Any, Any]) -> str:
    """Return what to do about a call with an effect whose outcome is unknown."""
    said = hint(endpoint.recovery_hint, endpoint)
    return said if endpoint.effect.is_repeatable else f"{_(_NEXT[OutcomeUnknownError])} {said}"


def translate(value: object) -> str:
    """Translate an error or a text of the library."""
    text = value
    if isinstance(value, BaseException):
        # The note on a journal error's answers is left out: the command prints the answers.
        text = value.args[0] if isinstance(value, KolayInvoiceError) else message_of(value)
    if not isinstance(text, Message):
        return one_line(gettext(str(text).strip()))
    if text.template in {CALL_FAILED, CALL_FAILED_BEFORE}:
        return _failed_call(text)
    values = {
        name: translate(value) if isinstance(value, Message) or name in _SENTENCES else value
        for name, value in text.values.items()
    }
    return fill(gettext(text.template), values)


def describe_error(error: KolayInvoiceError) -> str:
    """Return an error of a call as text: what happened, whether it took effect, what to do."""
    kind = next(known for known in _HAPPENED if isinstance(error, known))
    parts = [_(_HAPPENED[kind], call=call_name(error.provider, error.operation), answer=_answer(error))]
    if error.detail:
        parts.append(_("The provider says: “{detail}”", detail=error.detail))
    endpoint = BY_NAME.get((error.provider or "", error.operation or ""))
    if endpoint is not None and error.may_have_happened:
        parts.append(look_up_hint(endpoint))
    else:
        # The Channel is the only setting that the provider rejects with a ConfigurationError.
        parts.append(_(_CHECK_CHANNEL if kind is ConfigurationError and error.status else _NEXT[kind]))
    if endpoint is not None and endpoint.sent_before and kind in _MAY_BE_DONE_ALREADY:
        parts.append(hint(endpoint.sent_before, endpoint))
    if (after := error.retry_after) is not None:
        parts.append(_("The provider asks to wait {seconds} seconds.", seconds=f"{after:g}"))
    if not isinstance(error, RefusedError):
        parts.append(_("(Technically: {reason}.)", reason=translate(_bare(error.reason))))
    return " ".join(parts)


def _answer(error: KolayInvoiceError) -> str:
    parts = [] if error.status is None else [f"HTTP {error.status}"]
    parts += [] if error.code is None else [_("code {code}", code=error.code)]
    return f" ({', '.join(parts)})" if parts else ""


def _bare(reason: object) -> str:
    """Return a reason without the part that repeats its error class."""
    if not isinstance(reason, Message):
        return str(reason)
    why = reason.values.get("why")
    if reason.template in _KNOWN:
        return why if isinstance(why, str) else reason
    if reason.template != _NO_TOKEN:
        return reason
    if isinstance(why, Message) and why.template in {CALL_FAILED, CALL_FAILED_BEFORE}:
        name = call_name(str(why.values["provider"]), str(why.values["operation"]))
        why = Message("{call}: {why}", call=name, why=_bare(why.values["reason"]))
    return Message("for want of a token: {why}", why=why)


def _failed_call(text: Message) -> str:
    values = text.values
    provider, operation = str(values["provider"]), str(values["operation"])
    advice = " ".join(_advice(str(values.get("advice", "")), provider, operation, is_channel="status" in values))
    happened = f"{call_name(provider, operation)}: {translate(values['reason'])}"
    return f"{happened}. {advice}" if advice else happened


def _advice(advice: str, provider: str, operation: str, *, is_channel: bool) -> Iterator[str]:
    """Iterate over the library's advice in the terms of the command."""
    endpoint = BY_NAME.get((provider, operation))
    kind = next((kind for kind, known in ADVICE.items() if advice.startswith(known)), None)
    if kind is not None:
        yield _(_CHECK_CHANNEL if kind is ConfigurationError and is_channel else _NEXT[kind])
    elif advice and endpoint is not None:
        yield hint(endpoint.recovery_hint, endpoint)
    if endpoint is not None and endpoint.sent_before and advice.endswith(endpoint.sent_before):
        yield hint(endpoint.sent_before, endpoint)
