"""What may be shown: secrets with a masked repr, provider texts without private data, and an allow-list log."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import NoReturn, TypeVar, cast

from kolay_invoice.encoded_secrets import mask_secrets

ValueT = TypeVar("ValueT")

logger = logging.getLogger("kolay_invoice")

LOG_VARIABLE = "KOLAY_INVOICE_LOG"
"""The environment variable that writes the log of this package to the standard error, from its level on: `debug`."""


def log_to_stderr() -> None:
    """Write this package's records to the standard error, from the level of the environment variable on.

    Raises:
        ConfigurationError: There is no such level; the text names the variable.
    """
    level = os.environ.get(LOG_VARIABLE)
    if not level:
        return
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        from kolay_invoice.errors import ConfigurationError

        msg = f"{LOG_VARIABLE} must be debug, info, warning or error, not {level!r:.100}"
        raise ConfigurationError(msg)
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
        logger.addHandler(handler)
    logger.setLevel(number)


MASK = "***"
LONGEST_DETAIL = 500
LONGEST_READ = 16 * 1024
"""The number of characters of a provider's text that are searched. It bounds the time of the search."""
_LONGEST_ADDRESS = 320

# An e-mail address, and a tax (VKN, 10 digits) or identity number (TCKN, 11 digits), anywhere in a provider's text. A
# UUID can hold such a run of digits, and an amount ends in decimals: both are kept.
_PRIVATE = re.compile(
    r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+"
    r"|(?P<uuid>(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f]))"
    r"|(?<!\d)\d{10,11}(?!\d|[.,]\d{1,2}(?!\d))",
    re.IGNORECASE,
)
# The bidirectional controls too: in a log, they would reorder what stands beside the sentence.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")


class Secret(str):
    """A text that is sent as it is, has a masked repr and cannot be pickled."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(MASK)

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        msg = "credentials cannot be pickled: pass them to the other process through its environment"
        raise TypeError(msg)


class Hidden:
    """Stands for a value that should have been a text and may hold a credential."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __repr__(self) -> str:
        return repr(MASK)


def hide(value: ValueT) -> ValueT:
    """Return a credential whose repr shows nothing. It never fails, so it comes first where credentials are passed."""
    if value is None or isinstance(value, Secret | Hidden):
        return value
    return cast("ValueT", Secret(value) if isinstance(value, str) else Hidden(type(value).__name__))


def kind_of(value: object) -> str:
    """Return the name of a value's type, also of a hidden one."""
    return value.kind if isinstance(value, Hidden) else type(value).__name__


def masked(text: str, secrets: Iterable[str]) -> str:
    """Return a provider's text in a form that may be shown: short, on one line, without secrets or private data."""
    is_cut = len(text) > LONGEST_READ
    text, longest = mask_secrets(text[:LONGEST_READ], secrets, MASK)
    text = _PRIVATE.sub(lambda found: found["uuid"] or MASK, _CONTROL.sub(" ", text)).strip()
    if is_cut:
        # The cut may have split a secret, and half a secret is not found above: drop the end.
        text = f"{text[: max(0, len(text) - max(longest, _LONGEST_ADDRESS))]}…"
    return text if len(text) <= LONGEST_DETAIL else text[: LONGEST_DETAIL - 1] + "…"


# The names of fields with texts about the whole request. A text under any other name is about that field.
_UNNAMED = frozenset({"detail", "message", "description", "errors", "error", "non_field_errors"})
_DEEPEST = 4
_MOST_TEXTS = 50
_LONGEST_NAME = 200


def sentences(value: object) -> str | None:
    """Return the distinct texts of a decoded error body, `field: text` if about a field; None if there are none."""
    return " ".join(dict.fromkeys(islice(_texts(value, _DEEPEST), _MOST_TEXTS))) or None


def _texts(value: object, depth: int) -> Iterator[str]:
    match value:
        case str():
            # One character more than `masked` searches, so that it knows that the text was cut.
            if text := value.strip() if len(value) <= LONGEST_READ else value[: LONGEST_READ + 1]:
                yield text
        case list() if depth:
            for item in value:
                yield from _texts(item, depth - 1)
        case dict() if depth:
            for name, item in value.items():
                for text in _texts(item, depth - 1):
                    yield text if name in _UNNAMED else f"{name[:_LONGEST_NAME]}: {text}"


def log(level: int, sentence: str, *values: object) -> None:
    """Log a message. An exception of the program's own handler or filter is suppressed, so that no reply is lost."""
    with suppress(Exception):
        logger.log(level, sentence, *values)


def log_attempt(level: int, *, call: str, attempt: int, result: str, status: int | None, seconds: float) -> None:
    """Log one attempt. Only these values ever reach the log."""
    log(level, "%s attempt=%d %s status=%s in %.3fs", call, attempt, result, status, seconds)
