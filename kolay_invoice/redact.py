"""What may be shown: secrets that print as stars, provider sentences with private parts masked, an allow-list log."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import NoReturn

logger = logging.getLogger("kolay_invoice")

MASK = "***"
LONGEST_DETAIL = 500
LONGEST_READ = 64 * 1024
"""Characters of a provider's sentence that are looked at: far more than are shown, and soon done."""
_SHORTEST_MASKABLE = 3
_LONGEST_ADDRESS = 320

# An e-mail address, and a tax (VKN, 10 digits) or identity number (TCKN, 11 digits), inside a provider's sentence,
# whatever stands beside it. A UUID can hold such a run of digits too, and an amount says how it ends: both are kept.
_PRIVATE = re.compile(
    r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+"
    r"|(?P<uuid>(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f]))"
    r"|(?<!\d)\d{10,11}(?!\d|[.,]\d{1,2}(?!\d))",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Secret(str):
    """A text that goes onto the wire as it is, prints as stars and refuses to be pickled."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(MASK)

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        msg = "credentials cannot be pickled: pass them to the other process through its environment"
        raise TypeError(msg)


def masked(text: str, secrets: Iterable[str]) -> str:
    """Return a provider's sentence as it may be shown: short, on one line, without secrets or private data."""
    is_cut = len(text) > LONGEST_READ
    text, longest = text[:LONGEST_READ], _LONGEST_ADDRESS
    for secret in sorted(secrets, key=len, reverse=True):
        longest = max(longest, len(secret))
        # Shorter texts (a sale code "1") would mask half of the sentence and hide nothing that is not guessed at once.
        if len(secret) >= _SHORTEST_MASKABLE:
            text = text.replace(secret, MASK)
    text = _PRIVATE.sub(lambda found: found["uuid"] or MASK, _CONTROL.sub(" ", text)).strip()
    if is_cut:
        # The cut may have gone through a secret, whose half is no longer known as one.
        text = f"{text[: max(0, len(text) - longest)]}…"
    return text if len(text) <= LONGEST_DETAIL else text[: LONGEST_DETAIL - 1] + "…"


# Names under which the providers put a sentence about the whole request. Under any other name it is about a field.
_UNNAMED = frozenset({"detail", "message", "description", "errors", "error", "non_field_errors"})
_DEEPEST = 4
_MOST_TEXTS = 50
_LONGEST_NAME = 200


def sentences(value: object) -> str | None:
    """Return every text of a decoded error body once, `field: text` where it is about a field, or None."""
    return " ".join(dict.fromkeys(islice(_texts(value, _DEEPEST), _MOST_TEXTS))) or None


def _texts(value: object, depth: int) -> Iterator[str]:
    match value:
        case str():
            # One more than is read, so that its reader knows that it was cut.
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
    """Log something. A handler or filter of the program's that raises must not lose an answer."""
    with suppress(Exception):
        logger.log(level, sentence, *values)


def log_attempt(level: int, *, call: str, attempt: int, result: str, status: int | None, seconds: float) -> None:
    """Log one attempt by allow-list: these five things and nothing else ever reach the log."""
    log(level, "%s attempt=%d %s status=%s in %.3fs", call, attempt, result, status, seconds)
