"""Whether an HTML page shows an invoice: an ETTN or invoice number that stands there as a field under its own name.

The page of an error can hold a UUID too: of the request, or of the invoice that could not be made. What tells them
apart is the form: `ETTN: …` in a cell, a block or two cells side by side. In a sentence, under another name, in a
script, a comment or an attribute it is no field.

Every step is one pass of a regular expression that never looks back, over texts that others send.
"""

from __future__ import annotations

import re
from html import unescape
from itertools import islice
from typing import Final

_IGNORING: Final = re.IGNORECASE | re.ASCII

# What a reader does not see. What has no end reaches to the end of the page, as in a browser.
_HIDDEN: Final = re.compile(
    r"<!--(?:-?>|(?:[^-]++|-(?!->))*+(?:-->)?)"
    r"|<(script|style|textarea|template)(?=[\s/>])(?:[^<]++|<(?!/\1(?=[\s/>])))*+",
    _IGNORING,
)
# Elements within a line of text; all the others begin a new one.
_INLINE: Final = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|big|code|em|font|i|kbd|label|mark|nobr|s|samp|small|span|strong|sub|sup|tt|u|wbr)"
    r"(?=[\s/>])[^<>]*+>",
    _IGNORING,
)
_TAG: Final = re.compile(r"<[^<>]*+>")
_BLANKS: Final = re.compile(r"(?:\s|&nbsp;|&#160;|&#xa0;)+", re.IGNORECASE)

# What stands over the page of an error, and over no invoice.
_HEADINGS: Final = re.compile(r"<(?:title|h1)(?=[\s/>])[^<>]*+>([^<]{0,300})", _IGNORING)
_OF_AN_ERROR: Final = re.compile(
    r"\b(?:hata(?:sı)?|bulunamadı|başarısız|reddedildi|error|exception|not found|bad gateway|bad request|forbidden"
    r"|denied|unauthorized|unavailable|time-?out)\b",
    re.IGNORECASE,
)
_MOST_HEADINGS: Final = 50

_WITHIN: Final = "\x01"
_BETWEEN: Final = "\x02"
_SEPARATORS: Final = f" \xa0:.;#=–—-\"'{_WITHIN}"

_VALUE: Final = re.compile(
    r"(?P<ettn>\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b)|\b[A-Z0-9]{3}20\d{11}\b", re.ASCII
)
_MOST_VALUES: Final = 1000
_LONGEST_LINE: Final = 200

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


def shows_invoice(page: str) -> bool:
    """Whether a page shows an ETTN or an invoice number as a field of that name, and calls itself no error."""
    if any(_OF_AN_ERROR.search(unescape(found[1])) for found in islice(_HEADINGS.finditer(page), _MOST_HEADINGS)):
        return False
    text = _lines(page)
    return any(_is_named(text, found) for found in islice(_VALUE.finditer(text), _MOST_VALUES))


def _lines(page: str) -> str:
    """Return what can be seen, with a mark where a line of text ends and another where an element within it does."""
    text = _HIDDEN.sub(" ", page.replace(_WITHIN, " ").replace(_BETWEEN, " "))
    return _BLANKS.sub(" ", _TAG.sub(_BETWEEN, _INLINE.sub(_WITHIN, text)))


def _is_named(text: str, value: re.Match[str]) -> bool:
    after = text[value.end() : value.end() + _LONGEST_LINE].partition(_BETWEEN)[0]
    if after.strip(_SEPARATORS):
        return False
    # The name may stand before it in its own line, or be the whole line before.
    before = text[max(0, value.start() - _LONGEST_LINE) : value.start()].rstrip(_SEPARATORS + _BETWEEN)
    cut = value.start() > _LONGEST_LINE and _BETWEEN not in before
    return not cut and _is_name(before.rpartition(_BETWEEN)[2], is_ettn=value["ettn"] is not None)


def _is_name(line: str, *, is_ettn: bool) -> bool:
    names = _ETTN_NAME if is_ettn else _NUMBER_NAME
    parts = _OTHER_LANGUAGE.split(unescape(line).replace(_WITHIN, " ").translate(_PLAIN).lower())
    return any(names.fullmatch(_WORD_BREAKS.sub(" ", part).strip()) for part in parts)
