"""What the library says, in the words of the command: calls by their commands, and in Turkish where it is asked for.

The library's sentences are English and are matched as a whole; one that nobody has translated is told as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from string import Formatter
from typing import Final

from kolay_invoice.cli.texts import language, say
from kolay_invoice.cli.words.library import LIBRARY
from kolay_invoice.errors import (
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
from kolay_invoice.failures import ADVICE
from kolay_invoice.operations import BY_NAME, ENDPOINTS

NAMES: Final = {"kolaybi": "KolayBi", "propars": "Propars"}
"""The providers as people write them."""

_SENT_BEFORE: Final = {endpoint.sent_before for endpoint in ENDPOINTS} - {""}
_LOOK_UPS: Final = {endpoint.recovery_hint for endpoint in ENDPOINTS}
KINDS: Final[Mapping[type[KolayInvoiceError], str]] = {
    AuthenticationError: "authentication",
    NotFoundError: "not_found",
    InvalidRequestError: "invalid_request",
    RateLimitedError: "rate_limited",
    RefusedError: "refused",
    ConfigurationError: "configuration",
    NotSentError: "not_sent",
    OutcomeUnknownError: "unknown",
    UnexpectedReplyError: "unexpected",
}
"""The texts about an error are named after the first of these classes that it is of."""

_OF_A_CALL: Final = re.compile(rf"({'|'.join(NAMES)})\.([a-z_]+): (.+)", re.DOTALL)
_WITHIN: Final = re.compile(rf": ({'|'.join(NAMES)})\.([a-z_]+): ")
_OF_A_KIND: Final = re.compile(r"([A-Z][A-Za-z]*(?:Error|Exception)): (.+)", re.DOTALL)
_IN_PLACE: Final = {"name": r"\S+", "kind": r"\S+", "number": r"[\d.,]+"}
_TOLD_TOO: Final = frozenset({"why", "reason"})


def call_name(provider: str | None, operation: str | None) -> str:
    """Return a call as people write it: KolayBi create-e-document."""
    endpoint = BY_NAME.get((provider or "", operation or ""))
    command = endpoint.command if endpoint is not None else (operation or "").replace("_", "-")
    return f"{NAMES.get(provider or '', provider)} {command}"


def retold(text: object) -> str:
    """Return a sentence of the library in the words of the command."""
    english = str(text).strip()
    of_a_call = _OF_A_CALL.fullmatch(english)
    if of_a_call is not None:
        provider, operation, what = of_a_call.groups()
        happened, advice = advised(operation, what)
        return f"{call_name(provider, operation)}: {retold(happened)}" + (f". {advice}" if advice else "")
    if language() == "en":
        return _WITHIN.sub(lambda found: f": {call_name(found[1], found[2])}: ", english)
    of_a_kind = _OF_A_KIND.fullmatch(english)
    return retold(of_a_kind[2]) if of_a_kind is not None else _in_turkish(english)


def advised(operation: str, text: str) -> tuple[str, str]:
    """Return what the library says has happened, and what it advises, in the words of the command."""
    text = text.rstrip(".")
    for sent_before in _SENT_BEFORE:
        if text.endswith(sent_before.rstrip(".")):
            happened, advice = advised(operation, text.removesuffix(sent_before.rstrip(".")).rstrip())
            return happened, f"{advice} {say(f'sent_before.{operation}')}"
    for kind, advice in ADVICE.items():
        if text.endswith(advice.rstrip(".")):
            is_of_channel = kind is ConfigurationError and "this Channel" in text
            then = "channel" if is_of_channel else KINDS[kind]
            return text.removesuffix(advice.rstrip(".")).rstrip(" ."), say(f"error.{then}.next")
    for look_up in _LOOK_UPS:
        if text.endswith(look_up.rstrip(".")):
            return text.removesuffix(look_up.rstrip(".")).rstrip(" ."), say(f"look_up.{operation}")
    return text, ""


def _in_turkish(english: str) -> str:
    stopped = english.removesuffix(".")
    for pattern, turkish in _patterns():
        found = pattern.fullmatch(stopped)
        if found is not None:
            values = {name: _value(name, value) for name, value in found.groupdict().items()}
            return turkish.format(**values) + english[len(stopped) :]
    return english


def _value(name: str, value: str) -> str:
    return retold(value) if name in _TOLD_TOO else value


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile("".join(_pattern(english)), re.DOTALL), turkish) for english, turkish in LIBRARY.items())


def _pattern(english: str) -> Iterator[str]:
    for literal, name, _, _ in Formatter().parse(english):
        yield re.escape(literal)
        if name is not None:
            yield f"(?P<{name}>{_IN_PLACE.get(name, '.+')})"
