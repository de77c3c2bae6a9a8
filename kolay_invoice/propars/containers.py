"""Documents inside replies: the HTML of a preview, and signed XML in whatever container it comes.

Pure, and distrustful: a part must never pass for the whole, nor a login page for an invoice. A cut body without
Content-Length or chunks, and a TLS connection cut without its closing message, look like complete replies to HTTP, so
the document itself has to show its end.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Final
from uuid import UUID

from kolay_invoice.codec import decode_json
from kolay_invoice.long_json import has_too_many_values
from kolay_invoice.messages import Message
from kolay_invoice.propars.page_charset import decode_page
from kolay_invoice.propars.page_facts import LARGEST_LOOKED_AT, find_all, has_invoice_field
from kolay_invoice.propars.ubl import LARGEST_DOCUMENT
from kolay_invoice.propars.xml_outline import is_complete, read_outline
from kolay_invoice.result import HttpResponse

LARGEST_XML: Final = LARGEST_DOCUMENT
LARGEST_CONTAINER: Final = 3 * LARGEST_XML // 2
"""Bytes: base64 takes a third more."""
LARGEST_PAGE: Final = 16 * 1024 * 1024

_PIECE: Final = 4 * 1024 * 1024
"""Bytes of base64 that are decoded at once; a multiple of four."""

_TOO_LARGE: Final = Message("an XML document larger than {number} MiB", number=LARGEST_XML >> 20)

_ZIP: Final = b"PK\x03\x04"
_COMPRESSIONS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})

_HTML_END: Final = b"</html"
_AFTER_HTML: Final = re.compile(
    rb"\A\s*+>(?>\s++|<!--(?>.*?-->)|<script(?=[\s/>])[^>]*+>(?>.*?</script\s*+>))*+", re.IGNORECASE | re.DOTALL
)
"""The rest of a page that is whole: blanks, comments and scripts, such as a measuring one."""
_MOST_ENDS: Final = 8
_TYPE_IS: Final = re.compile(rb"\btype\s*+=\s*+[\"']?\Z")
_LONGEST_TAG: Final = 1000
_MOST_PASSWORDS: Final = 1000
_UBL_DOCUMENTS: Final = frozenset(
    {"Invoice", "CreditNote", "ApplicationResponse", "DespatchAdvice", "ReceiptAdvice", "StandardBusinessDocument"}
)


def extract_page(answer: HttpResponse) -> str:
    """Return the HTML of a preview.

    Raises:
        ValueError: It is not a whole HTML page, or not that of an invoice.
    """
    if len(answer.body) > LARGEST_PAGE:
        msg = Message("a page that is larger than any invoice's")
        raise ValueError(msg)
    text = decode_page(answer.body, answer.headers.get("Content-Type", ""))
    page = text.encode()
    lower = page.lower()
    if b"<html" not in lower[:LARGEST_LOOKED_AT] or not _has_end(lower):
        msg = Message("a page that is not whole HTML")
        raise ValueError(msg)
    if _asks_for_password(lower[:LARGEST_LOOKED_AT]):
        msg = Message("a login page")
        raise ValueError(msg)
    # Every rendering of a Turkish e-invoice has to show its ETTN and its number. The word "fatura" alone proves
    # nothing: an apology ("Fatura oluşturulamadı") holds it too, and a page of an error the UUID of its request.
    if not has_invoice_field(page):
        msg = Message("a page that is not an invoice's")
        raise ValueError(msg)
    return text


def _has_end(lower: bytes) -> bool:
    """Whether a page is closed, and nothing but blanks, comments and scripts follows."""
    place = len(lower)
    # A script behind the end can hold the word once more.
    for _ in range(_MOST_ENDS):
        place = lower.rfind(_HTML_END, 0, place)
        if place < 0:
            return False
        if _AFTER_HTML.fullmatch(lower[place + len(_HTML_END) :]):
            return True
    return False


def _asks_for_password(lower: bytes) -> bool:
    """Whether a page has a password field. Looks back from the few places that can be one, not ahead from every tag."""
    for place in islice(find_all(lower, b"password"), _MOST_PASSWORDS):
        before = lower[max(0, place - _LONGEST_TAG) : place]
        opened = before.rfind(b"<input")
        if opened >= 0 and b">" not in before[opened:] and _TYPE_IS.search(before, opened):
            return True
    return False


def has_uuid(page: str, uuid: UUID) -> bool:
    """Whether a UUID stands on a page."""
    return str(uuid) in page or str(uuid).upper() in page


def extract_signed_xml(body: bytes) -> bytes:
    """Return the XML document that a reply holds: raw, in a ZIP, or in JSON as text or base64.

    The container is not documented; raw XML comes back byte for byte.

    Raises:
        ValueError: There is no whole XML document in it, or more than one.
    """
    if len(body) > LARGEST_CONTAINER:
        raise ValueError(_TOO_LARGE)
    documents = [body] if read_outline(body) else list(islice(_unpack(body), 2))
    if len(documents) != 1:
        msg = Message("more than one XML document") if documents else Message("no XML document")
        raise ValueError(msg)
    (document,) = documents
    found = read_outline(document)
    if found is None or found.local_name not in _UBL_DOCUMENTS:
        msg = Message("something else than a UBL document")
        raise ValueError(msg)
    if not is_complete(document, found.root):
        msg = Message("an XML document that is cut")
        raise ValueError(msg)
    if found.encoding == "utf-8":
        _check_utf8(document)
    return document


def _check_utf8(document: bytes) -> None:
    try:
        document.decode("utf-8")
    except UnicodeDecodeError:
        msg = Message("XML that is not the UTF-8 it claims to be")
        raise ValueError(msg) from None


def _unpack(body: bytes) -> Iterator[bytes]:
    if body.startswith(_ZIP):
        yield _unpack_zip(body)
        return
    if has_too_many_values(body):
        return
    content = decode_json(body)
    members = content.values() if isinstance(content, dict) else [content]
    for member in members:
        if isinstance(member, str):
            yield from _unpack_text(member)


def _unpack_text(text: str) -> Iterator[bytes]:
    raw = text.encode()
    if not read_outline(raw):
        try:
            raw = decode_base64(raw)
        except binascii.Error:
            return
    if raw.startswith(_ZIP):
        yield _unpack_zip(raw)
    elif read_outline(raw):
        yield raw


def decode_base64(text: bytes) -> bytes:
    """Decode base64 with or without blanks, piece by piece: the interpreter is held for as long as one piece takes.

    Raises:
        binascii.Error: It is no base64.
    """
    text = text.translate(None, b" \t\r\n\v\f")
    pieces = [text[place : place + _PIECE] for place in range(0, len(text), _PIECE)]
    if any(b"=" in piece for piece in pieces[:-1]):
        msg = "padding before the end"
        raise binascii.Error(msg)
    return b"".join(base64.b64decode(piece, validate=True) for piece in pieces)


def _unpack_zip(body: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith(".xml")]
            # Counted before anything is unpacked: what is in a ZIP can be many times its size.
            if len(names) != 1:
                msg = Message("a ZIP of {number} XML documents", number=len(names))
                raise ValueError(msg)
            if archive.getinfo(names[0]).compress_type not in _COMPRESSIONS:
                # zipfile unpacks the others without a bound.
                msg = Message("a ZIP that is packed in an unexpected way")
                raise ValueError(msg)
            with archive.open(names[0]) as file:
                content = file.read(LARGEST_XML + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        msg = Message("a ZIP that cannot be read")
        raise ValueError(msg) from None
    if len(content) > LARGEST_XML:
        raise ValueError(_TOO_LARGE)
    return content
