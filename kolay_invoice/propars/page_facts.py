"""Whether an HTML page shows an invoice: an ETTN or invoice number that stands there as a field under its own name.

The page of an error can hold a UUID too: of the request, or of the invoice that could not be made. They differ in
form: `ETTN: …` in a cell, a block or two cells side by side. In a sentence, under another name, in a
script, a comment or an attribute it is no field.

The event loop waits meanwhile. So the page is searched for a few words, which is fast, and only what stands around
them is read by regular expressions, none of which looks back.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from html import unescape
from itertools import islice
from types import MappingProxyType
from typing import Final

LARGEST_LOOKED_AT: Final = 2 * 1024 * 1024
"""Bytes; the designs that are in use make pages of 20 to 300 kB, with their pictures in them."""

_IGNORING: Final = re.IGNORECASE | re.ASCII

# What a reader does not see, and where it ends. What has no end reaches to the end of the page, as in a browser.
_HIDDEN: Final = MappingProxyType(
    {
        b"<!--": b"-->",
        b"<script": b"</script",
        b"<style": b"</style",
        b"<textarea": b"</textarea",
        b"<template": b"</template",
    }
)
_MOST_HIDDEN: Final = 2000

# What stands over the page of an error, and over no invoice.
_HEADINGS: Final = (b"<title", b"<h1")
_LONGEST_HEADING: Final = 500
_MOST_HEADINGS: Final = 20
_OF_AN_ERROR: Final = re.compile(
    r"\b(?:hata(?:sı)?|bulunamadı|başarısız|reddedildi|error|exception|not found|bad gateway|bad request|forbidden"
    r"|denied|unauthorized|unavailable|time-?out)\b",
    re.IGNORECASE,
)

# How the names begin, and how much around one is read: tags and blanks stand between a name and its value.
_ETTN_WORDS: Final = (b"ettn", b"uuid", b"evrensel")
_NUMBER_WORDS: Final = (b"fatura", b"invoice", b"belge", b"evrak", b"document")
_NUMBER_FOLLOWS: Final = re.compile(rb".{4,40}?(?:n[ou]|id)", re.DOTALL)
_BEFORE_A_NAME: Final = 1200
_AFTER_A_NAME: Final = 2000
_MOST_NAMES: Final = 32
_MOST_WORDS: Final = 500

# Elements within a line of text; all the others begin a new one.
_INLINE: Final = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|big|code|em|font|i|kbd|label|mark|nobr|s|samp|small|span|strong|sub|sup|tt|u|wbr)"
    r"(?=[\s/>])[^<>]*+>",
    _IGNORING,
)
_TAG: Final = re.compile(r"<[^<>]*+(?:>|\Z)")
_CUT_TAG: Final = re.compile(r"\A[^<>]*+>")
_BLANKS: Final = re.compile(r"(?:\s++|&nbsp;|&#160;|&#xa0;)++", re.IGNORECASE)

_WITHIN: Final = "\x01"
_BETWEEN: Final = "\x02"
_SEPARATORS: Final = f" \xa0:.;#=–—-\"'{_WITHIN}"

_VALUE: Final = re.compile(
    r"(?P<ettn>\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b)|\b[A-Z0-9]{3}20\d{11}\b", re.ASCII
)

_KIND: Final = r"(?:e ?)?(?:arsiv )?(?:fatura|belge|evrak|invoice|document)"
_ETTN_NAME: Final = re.compile(
    rf"(?:{_KIND} )?ettn(?: (?:no|numarasi|number))?|{_KIND} uuid"
    rf"|(?:{_KIND} )?evrensel tekil (?:(?:tanimlama|tanimlayici|belge|fatura) )?(?:no|numara|numarasi)"
)
_NUMBER_NAME: Final = re.compile(rf"{_KIND} (?:seri )?(?:sira )?(?:no|nosu|num|numara|numarasi|number|id)")
_WORD_BREAKS: Final = re.compile(r"[\s.:'’_-]+")
_OTHER_LANGUAGE: Final = re.compile(r"[/()|\[\]]")
# Upper and lower case differ in Turkish, and old pages leave the marks out.
_PLAIN: Final = str.maketrans("ıİşŞğĞ", "iisSgG")


def has_invoice_field(page: bytes) -> bool:
    """Whether a page in UTF-8 shows an ETTN or an invoice number as a field of that name, and calls itself no error."""
    page = page[:LARGEST_LOOKED_AT]
    # The names that are searched for are ASCII, and so are upper and lower case of bytes.
    lower = page.lower()
    headings = (unescape(heading.decode("utf-8", "replace")) for heading in _find_headings(page, lower))
    if any(map(_OF_AN_ERROR.search, headings)):
        return False
    hidden = find_hidden(lower)
    return any(
        _has_field(_visible_around(page, place, hidden).decode("utf-8", "replace"), is_cut=place > _BEFORE_A_NAME)
        for names in (_find_ettn_names(lower), _find_number_names(lower))
        for place in islice((place for place in names if not is_hidden(place, hidden)), _MOST_NAMES)
    )


def _find_headings(page: bytes, lower: bytes) -> Iterator[bytes]:
    for opening in _HEADINGS:
        for place in islice(find_all(lower, opening), _MOST_HEADINGS):
            yield page[place : place + _LONGEST_HEADING].partition(b">")[2].partition(b"<")[0]


def _find_ettn_names(lower: bytes) -> Iterator[int]:
    for word in _ETTN_WORDS:
        yield from islice(find_all(lower, word), _MOST_WORDS)


def _find_number_names(lower: bytes) -> Iterator[int]:
    for word in _NUMBER_WORDS:
        for place in islice(find_all(lower, word), _MOST_WORDS):
            if _NUMBER_FOLLOWS.match(lower, place):
                yield place


def find_all(lower: bytes, word: bytes) -> Iterator[int]:
    """Return where a word stands."""
    place = lower.find(word)
    while place >= 0:
        yield place
        place = lower.find(word, place + len(word))


def find_hidden(lower: bytes) -> list[tuple[int, int]]:
    """Return the stretches of a page that no reader sees, in their order."""
    stretches: list[tuple[int, int]] = []
    nexts = {opening: lower.find(opening) for opening in _HIDDEN}
    for _ in range(_MOST_HIDDEN):
        nexts = {opening: place for opening, place in nexts.items() if place >= 0}
        if not nexts:
            return stretches
        opening = min(nexts, key=nexts.__getitem__)
        # A comment may end with the dashes that begin it.
        end = lower.find(_HIDDEN[opening], nexts[opening] + 2)
        if end < 0:
            return [*stretches, (nexts[opening], len(lower))]
        end += len(b"-->") if opening == b"<!--" else 0
        stretches.append((nexts[opening], end))
        nexts = {other: place if place >= end else lower.find(other, end) for other, place in nexts.items()}
    # More of them than any invoice has.
    return [*stretches, (stretches[-1][1], len(lower))]


def is_hidden(place: int, hidden: list[tuple[int, int]]) -> bool:
    """Whether a place is in one of the stretches that no reader sees."""
    before = bisect_right(hidden, (place, place)) - 1
    return before >= 0 and place < hidden[before][1]


def _visible_around(page: bytes, place: int, hidden: list[tuple[int, int]]) -> bytes:
    """Return what can be seen around a place."""
    start, end = max(0, place - _BEFORE_A_NAME), place + _AFTER_A_NAME
    pieces = []
    for begin, over in hidden[max(0, bisect_right(hidden, (start, start)) - 1) :]:
        if begin >= end:
            break
        pieces.append(page[start : max(start, begin)])
        start = max(start, over)
    return b" ".join([*pieces, page[start : max(start, end)]])


def _has_field(html: str, *, is_cut: bool) -> bool:
    html = html.replace(_WITHIN, " ").replace(_BETWEEN, " ")
    if is_cut and (tag := _CUT_TAG.match(html)):
        html = html[tag.end() :]
    text = _BLANKS.sub(" ", _TAG.sub(_BETWEEN, _INLINE.sub(_WITHIN, html)))
    return any(_is_named(text, found, is_cut=is_cut) for found in _VALUE.finditer(text))


def _is_named(text: str, value: re.Match[str], *, is_cut: bool) -> bool:
    if text[value.end() :].partition(_BETWEEN)[0].strip(_SEPARATORS):
        return False
    # The name may stand before it in its own line, or be the whole line before.
    before = text[: value.start()].rstrip(_SEPARATORS + _BETWEEN)
    if is_cut and _BETWEEN not in before:
        return False
    return _is_name(before.rpartition(_BETWEEN)[2], is_ettn=value["ettn"] is not None)


def _is_name(line: str, *, is_ettn: bool) -> bool:
    names = _ETTN_NAME if is_ettn else _NUMBER_NAME
    parts = _OTHER_LANGUAGE.split(unescape(line).replace(_WITHIN, " ").translate(_PLAIN).lower())
    return any(names.fullmatch(_WORD_BREAKS.sub(" ", part).strip()) for part in parts)
