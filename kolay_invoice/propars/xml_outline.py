"""The outline of an XML document: its root and whether it is complete, in one pass without a parser.

This only distinguishes an XML document from a page, a cut document or a bomb. It runs on the event loop, so the scan
only moves forward: its time is linear.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

_BOM: Final = b"\xef\xbb\xbf"
_MOST_BESIDE_ROOT: Final = 1000
"""Comments and processing instructions: a document has a handful, and each one more is a step of ours."""
_BLANKS: Final = re.compile(rb"\s{0,1000000}")
"""Bounded, because the interpreter is held for as long as one match takes. No document has as many blanks in a row."""
_NAME: Final = re.compile(rb"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_ENCODING: Final = re.compile(rb"\sencoding\s*=\s*[\"']([\w.-]{1,40})[\"']")


@frozen
class Outline:
    """The root element and the encoding of a document.

    Attributes:
        root: The name of the root element as it is written, with its prefix.
        local_name: The same without its prefix.
        encoding: The declared encoding in lower case; UTF-8 where none is declared.
    """

    root: bytes
    local_name: str
    encoding: str


def read_outline(document: bytes) -> Outline | None:
    """Return the outline of a document, or None if it is not XML. A DOCTYPE is refused too: no invoice needs one."""
    position = len(_BOM) if document.startswith(_BOM) else 0
    position = _after_blanks(document, position)
    encoding = "utf-8"
    if document.startswith(b"<?xml", position):
        end = document.find(b"?>", position, position + 1000)
        declared = _ENCODING.search(document, position, max(end, position))
        encoding = declared[1].decode("ascii").lower() if declared else encoding
    position = _after_misc(document, position)
    name = _NAME.match(document, position)
    if name is None:
        return None
    return Outline(name[0][1:], name[2].decode("ascii", "replace"), encoding)


def is_complete(document: bytes, root: bytes) -> bool:
    """Whether the root element is closed, once, and nothing but blanks and comments follows."""
    closing = b"</" + root
    start = document.rfind(closing)
    if start < 0 or document.find(closing) != start:
        return False
    end = _after_blanks(document, start + len(closing))
    return document.startswith(b">", end) and _after_misc(document, end + 1) == len(document)


def _after_misc(document: bytes, position: int) -> int:
    """Return where blanks, comments and processing instructions end, or where there are too many of them."""
    for _ in range(_MOST_BESIDE_ROOT):
        position = _after_blanks(document, position)
        if document.startswith(b"<!--", position):
            end = document.find(b"-->", position + 4)
        elif document.startswith(b"<?", position):
            end = document.find(b"?>", position + 2)
        else:
            return position
        if end < 0:
            return position
        position = end + (3 if document.startswith(b"-->", end) else 2)
    return position


def _after_blanks(document: bytes, position: int) -> int:
    blanks = _BLANKS.match(document, position)
    return position if blanks is None else blanks.end()
