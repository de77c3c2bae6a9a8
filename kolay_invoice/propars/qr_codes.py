"""Draws the QR code of an invoice, which designs draw by a script that is not allowed to run.

The script reads the code's text, a JSON object, from the element `qrvalue`, and draws into the element `qrcode`. Here
the picture is made by segno (extra `xml`), as a `data:` address. Without segno the page stays as it is.
"""

from __future__ import annotations

import json
import re
from html import unescape
from itertools import islice
from typing import Final

_VALUE: Final = re.compile("qrvalue", re.IGNORECASE | re.ASCII)
_PLACE: Final = re.compile("qrcode", re.IGNORECASE | re.ASCII)
_MOST_PLACES: Final = 20
_LONGEST_TAG: Final = 1000
_LONGEST_VALUE: Final = 2300
"""Characters: a QR code of medium correction has room for 2331 bytes."""
_IS_ID: Final = re.compile(r"[\s\"']id\s*+=\s*+[\"']?\Z", re.IGNORECASE | re.ASCII)
_AFTER_AN_ID: Final = "\"'> \t\n"
_PICTURE: Final = '<img alt="QR" width="130" height="130" style="width:130px;height:130px" src="{address}">'


def draw_codes(html: str) -> str:
    """Return a page in which the QR code of the invoice is a picture."""
    opened = _find_element(html, _VALUE)
    text = "" if opened is None else unescape(html[opened : opened + _LONGEST_VALUE].partition("<")[0]).strip()
    picture = _draw(text)
    if opened is None or picture is None:
        return html
    place = _find_element(html, _PLACE)
    if place is None:
        # Where the design has no place for it: behind the element with its text, which is hidden.
        end = html.find(">", opened + 1)
        place = opened if end < 0 else end + 1
    return html[:place] + picture + html[place:]


def _find_element(html: str, name: re.Pattern[str]) -> int | None:
    """Return where the content of the element with an id begins."""
    for found in islice(name.finditer(html), _MOST_PLACES):
        begin = html.rfind("<", max(0, found.start() - _LONGEST_TAG), found.start())
        end = html.find(">", found.end(), found.end() + _LONGEST_TAG)
        if 0 <= begin < end and _IS_ID.search(html, begin, found.start()) and html[found.end()] in _AFTER_AN_ID:
            return end + 1
    return None


def _draw(text: str) -> str | None:
    """Return the picture of a JSON object, if the text is one."""
    try:
        import segno

        if not isinstance(json.loads(text), dict):
            return None
        code = segno.make_qr(text, error="m", boost_error=False)
    except (ImportError, ValueError, RecursionError):
        return None
    return _PICTURE.format(address=code.png_data_uri(scale=4, border=2))
