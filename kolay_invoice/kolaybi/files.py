"""The file of an official document, found by its bytes in whatever container it comes. Pure.

The page of the call shows no reply. Clients read `data.src`: base64, with or without the head of a data URI. A part
never passes for the whole, and an address is not followed: the request for it would carry no promise.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from typing import Any, Final

from kolay_invoice.kolaybi.models.files import PDF, XML, EDocumentFile, GetEDocument
from kolay_invoice.messages import Message
from kolay_invoice.propars.containers import decode_base64, extract_signed_xml
from kolay_invoice.propars.ubl import LARGEST_DOCUMENT

LARGEST_FILE: Final = LARGEST_DOCUMENT
RAW_STARTS: Final = (b"%PDF-", b"<?xml")
"""The first bytes of a file that is not wrapped in JSON."""

_PDF_START: Final = RAW_STARTS[0]

_PDF_END: Final = b"%%EOF"
_LONGEST_END: Final = 1024
"""Bytes: readers of PDF look for its end among the last ones."""
_DATA_URI: Final = re.compile(r"data:[\w.+-]{1,40}/[\w.+-]{1,80}(?:;[\w=.-]{1,40}){0,4},", re.ASCII)
_ADDRESS: Final = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_TOO_LARGE: Final = Message("a file larger than {number} MiB", number=LARGEST_FILE >> 20)


def decode_e_document(request: GetEDocument, envelope: Mapping[str, Any]) -> EDocumentFile:
    """Return the file.

    Raises:
        ValueError: It is no whole PDF or UBL document, not the kind that was asked for, or only its address.
    """
    content = _content_of(envelope["data"])
    if content.startswith(_PDF_START):
        if request.output_type == "xml":
            msg = Message("a PDF and not the XML that was asked for")
            raise ValueError(msg)
        if _PDF_END not in content[-_LONGEST_END:]:
            msg = Message("a PDF that is cut")
            raise ValueError(msg)
        return EDocumentFile(content, PDF)
    if not content.lstrip().startswith(b"<"):
        msg = Message("something else than a PDF or an XML document")
        raise ValueError(msg)
    return EDocumentFile(extract_signed_xml(content), XML)


def _content_of(data: object) -> bytes:
    if isinstance(data, bytes):
        return _checked(data)
    source = data.get("src") if isinstance(data, dict) else data
    if not isinstance(source, str) or not source:
        msg = Message("no file @ {path}", path="$.data.src")
        raise ValueError(msg)
    if len(source) > 2 * LARGEST_FILE:
        raise ValueError(_TOO_LARGE)
    if _ADDRESS.match(source.lstrip()):
        msg = Message("the address of a file and not the file, and no address is followed")
        raise ValueError(msg)
    if source.startswith((_PDF_START.decode(), "<")):
        # A text holds a whole PDF only where each of its bytes is one character.
        return _checked(source.encode("utf-8" if source.startswith("<") else "latin-1", "replace"))
    head = _DATA_URI.match(source)
    try:
        return _checked(decode_base64(source[head.end() if head else 0 :].encode()))
    except (binascii.Error, ValueError):
        msg = Message("a file that is not base64")
        raise ValueError(msg) from None


def _checked(content: bytes) -> bytes:
    if len(content) > LARGEST_FILE:
        raise ValueError(_TOO_LARGE)
    return content
