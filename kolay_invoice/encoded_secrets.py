"""Finds secrets in a provider's text: as they are, in the encodings of an echo, and parts of them. Pure."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import Final
from urllib.parse import quote, quote_plus

_SHORTEST: Final = 3
"""A shorter secret (a sale code "1") is easily guessed, and masking it would mask half of the text."""
_PART: Final = 12
"""The length of a part of a secret that is masked wherever it stands. Providers abbreviate a token to so many."""
_LONGEST_ENCODED: Final = 2048
"""Characters of a secret that are looked for in encodings and in parts. No credential is longer."""
_SHORTEST_BASE64: Final = 8
_PERCENT: Final = re.compile(r"%[0-9A-F]{2}")
_ESCAPE: Final = re.compile(r"\\u[0-9a-f]{4}")
_BASE64: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")


def mask_secrets(text: str, secrets: Iterable[str], mask: str) -> tuple[str, int]:
    """Return a text without these secrets, and the length of the longest form in which one was looked for."""
    forms: set[str] = set()
    encoded: set[str] = set()
    for secret in secrets:
        if len(secret) >= _SHORTEST:
            forms |= {secret, *_forms(secret[:_LONGEST_ENCODED])}
            encoded.update(_base64_forms(secret[:_LONGEST_ENCODED]))
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, mask)
    text = _mask_parts(text, encoded, mask, _BASE64)
    text = _mask_parts(text, (form[:_LONGEST_ENCODED] for form in forms if len(form) >= _PART), mask)
    return text, max(map(len, forms | encoded), default=0)


def _forms(secret: str) -> Iterator[str]:
    """Iterate over the forms in which a text, a page or an address repeats a secret."""
    yield secret
    yield escape(secret)
    yield secret.encode(errors="replace").hex()
    for written in (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
        yield written
        yield written.replace("/", "\\/")
        yield _ESCAPE.sub(lambda found: "\\u" + found[0][2:].upper(), written)
    for written in (
        quote(secret, safe="", errors="replace"),
        quote(secret, errors="replace"),
        quote_plus(secret, errors="replace"),
    ):
        yield written
        yield _PERCENT.sub(lambda found: found[0].lower(), written)


def _base64_forms(secret: str) -> Iterator[str]:
    """Iterate over what base64 makes of a secret that stands anywhere in the encoded bytes.

    Three bytes make four characters. So the secret has three forms, without the characters at both ends that hold bits
    of its neighbours.
    """
    raw = secret.encode(errors="replace")
    for before in range(3):
        written = base64.b64encode(bytes(before) + raw).decode()
        end = (before + len(raw)) * 8 // 6
        form = written[-(-before * 8 // 6) : end]
        if len(form) >= _SHORTEST_BASE64:
            yield form
            yield form.translate({ord("+"): "-", ord("/"): "_"})


def _mask_parts(text: str, forms: Iterable[str], mask: str, around: frozenset[str] = frozenset()) -> str:
    """Mask what a text shares with one of these forms: a long part, or a whole short one. So are the signs `around`."""
    parts: dict[int, set[str]] = {}
    for form in forms:
        length = min(len(form), _PART)
        parts.setdefault(length, set()).update(form[place : place + length] for place in range(len(form) - length + 1))
    for length in sorted(parts, reverse=True):
        text = _mask_windows(text, parts[length], length, mask, around)
    return text


def _mask_windows(text: str, parts: set[str], length: int, mask: str, around: frozenset[str]) -> str:
    pieces: list[str] = []
    written = place = 0
    while place + length <= len(text):
        if text[place : place + length] not in parts:
            place += 1
            continue
        start, end = place, place + length
        while end < len(text) and (text[end - length + 1 : end + 1] in parts or text[end] in around):
            end += 1
        while start > written and text[start - 1] in around:
            start -= 1
        pieces += [text[written:start], mask]
        written = place = end
    return "".join([*pieces, text[written:]])
