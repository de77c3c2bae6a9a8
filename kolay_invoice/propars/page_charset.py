"""Decodes an HTML page by its byte order mark, its Content-Type or its own `<meta>`, in this order, as browsers do."""

from __future__ import annotations

import codecs
import re
from itertools import islice
from types import MappingProxyType
from typing import Final

from kolay_invoice.messages import Message
from kolay_invoice.propars.page_facts import find_all, find_hidden, is_hidden

_TURKISH: Final = "cp1254"
"""ISO 8859-9 is read as its Windows form, as browsers read it: pages have the marks of the latter under either name."""
_CODECS: Final = MappingProxyType(
    {
        **dict.fromkeys(("utf-8", "utf8", "us-ascii", "ascii", "unicode-1-1-utf-8"), "utf-8"),
        **dict.fromkeys(("iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "l1"), "iso-8859-1"),
        **dict.fromkeys(("windows-1252", "cp1252", "x-cp1252"), "cp1252"),
        **dict.fromkeys(("windows-1254", "cp1254", "x-cp1254", "1254"), _TURKISH),
        **dict.fromkeys(("iso-8859-9", "iso8859-9", "iso_8859-9", "iso88599", "latin5", "l5", "csisolatin5"), _TURKISH),
        **dict.fromkeys(("utf-16", "utf16", "utf-16le", "unicode", "ucs-2"), "utf-16-le"),
        "utf-16be": "utf-16-be",
    }
)
"""The names of the character sets in which Turkish pages are written, and Python's names for them."""
_MARKS: Final = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

_PARAMETER: Final = re.compile(r";\s*charset\s*=\s*[\"']?([^\"';\s]+)", re.IGNORECASE)
_DECLARED: Final = re.compile(rb"[\s\"';/]charset\s*+=\s*+[\"']?\s*+([\w.:-]+)", re.ASCII)
_AFTER_A_NAME: Final = (b" ", b"\t", b"\n", b"\r", b"\f", b"/")
_SEARCHED: Final = 65_536
_MOST_METAS: Final = 100
_LONGEST_META: Final = 1000


def decode_page(body: bytes, content_type: str) -> str:
    """Return the text of a page.

    Raises:
        ValueError: It is in a character set that is not known here, or not in the one that is named.
    """
    name, codec = _find_codec(body, content_type)
    try:
        text = body.decode(codec)
    except UnicodeDecodeError:
        msg = Message("a page that is not {name}", name=name)
        raise ValueError(msg) from None
    return text.removeprefix("\ufeff") if codec.startswith("utf-16") else text


def _find_codec(body: bytes, content_type: str) -> tuple[str, str]:
    """Return the name of the character set that a page is in, and Python's name for it."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return "utf-16", codec
    named = _PARAMETER.search(content_type)
    name = named[1].lower() if named else _find_declared(body)
    codec = "utf-8" if body.startswith(codecs.BOM_UTF8) else _CODECS.get(name, "")
    if not codec:
        msg = Message("a page in an unexpected character set")
        raise ValueError(msg)
    # Programs that make a page as a text in memory declare UTF-16, and send UTF-8 all the same.
    if codec.startswith("utf-16") and b"\0" not in body:
        return "utf-8", "utf-8"
    return name, codec


def _find_declared(body: bytes) -> str:
    """Return the character set that a page declares; UTF-8 where it declares none."""
    head = body[:_SEARCHED].lower()
    hidden = find_hidden(head)
    for place in islice(find_all(head, b"<meta"), _MOST_METAS):
        tag = head[place : place + _LONGEST_META].partition(b">")[0]
        declared = _DECLARED.search(tag) if tag[5:6] in _AFTER_A_NAME else None
        if declared and not is_hidden(place, hidden):
            return declared[1].decode("ascii")
    return "utf-8"
