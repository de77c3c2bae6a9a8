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

from kolay_invoice.codec import decode_json
from kolay_invoice.outcome import Answer
from kolay_invoice.propars.outline import is_whole, outline
from kolay_invoice.propars.page_facts import shows_invoice

LARGEST_XML: Final = 64 * 1024 * 1024

_ZIP: Final = b"PK\x03\x04"
_PACKED: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})

# Turkish pages are UTF-8, or older: ISO 8859-9 and its Windows form.
_CHARSETS: Final = frozenset({"utf-8", "utf8", "us-ascii", "iso-8859-1", "iso-8859-9", "windows-1254"})

_CHARSET: Final = re.compile(r";\s*charset\s*=\s*[\"']?([^\"';\s]+)", re.IGNORECASE)
_HTML_END: Final = re.compile(r"</html\s*>(?:\s|<!--(?:(?!-->).)*-->)*\Z", re.IGNORECASE | re.DOTALL)
_PASSWORD_TYPE: Final = re.compile(r"\btype\s*=\s*[\"']?password", re.IGNORECASE)
_LONGEST_TAG: Final = 1000
_UUID: Final = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)

_UBL_DOCUMENTS: Final = frozenset(
    {"Invoice", "CreditNote", "ApplicationResponse", "DespatchAdvice", "ReceiptAdvice", "StandardBusinessDocument"}
)


def invoice_page(answer: Answer) -> str:
    """Return the HTML of a preview.

    Raises:
        ValueError: It is not a whole HTML page, or not that of an invoice.
    """
    page = _text(answer)
    if "<html" not in page[:4096].lower() or not _HTML_END.search(page[-4096:]):
        msg = "a page that is not whole HTML"
        raise ValueError(msg)
    if _asks_for_password(page):
        msg = "a login page"
        raise ValueError(msg)
    # Every rendering of a Turkish e-invoice has to show its ETTN and its number. The word "fatura" alone proves
    # nothing: an apology ("Fatura oluşturulamadı") holds it too, and a page of an error the UUID of its request.
    if not shows_invoice(page):
        msg = "a page that is not an invoice's"
        raise ValueError(msg)
    return page


def _asks_for_password(page: str) -> bool:
    """Whether a page has a password field. Looks back from the few places that can be one, not ahead from every tag."""
    for found in _PASSWORD_TYPE.finditer(page):
        before = page[max(0, found.start() - _LONGEST_TAG) : found.start()].lower()
        opened = before.rfind("<input")
        if opened >= 0 and ">" not in before[opened:]:
            return True
    return False


def shown_uuids(page: str) -> set[str]:
    """Return every UUID on a page, in lower case; the ETTN of the invoice is among them."""
    return {match.group().lower() for match in _UUID.finditer(page)}


def _text(answer: Answer) -> str:
    named = _CHARSET.search(answer.headers.get("Content-Type", ""))
    charset = named[1].lower() if named else "utf-8"
    if charset not in _CHARSETS:
        msg = "a page in an unexpected character set"
        raise ValueError(msg)
    try:
        return answer.body.decode(charset)
    except UnicodeDecodeError:
        msg = f"a page that is not {charset}"
        raise ValueError(msg) from None


def signed_xml(body: bytes) -> bytes:
    """Return the XML document that a reply holds: raw, in a ZIP, or in JSON as text or base64.

    The container is not documented; raw XML comes back byte for byte.

    Raises:
        ValueError: There is no whole XML document in it, or more than one.
    """
    documents = [body] if outline(body) else list(islice(_unpacked(body), 2))
    if len(documents) != 1:
        msg = "more than one XML document" if documents else "no XML document"
        raise ValueError(msg)
    (document,) = documents
    found = outline(document)
    if found is None or found.local_name not in _UBL_DOCUMENTS:
        msg = "something else than a UBL document"
        raise ValueError(msg)
    if not is_whole(document, found.root):
        msg = "an XML document that is cut"
        raise ValueError(msg)
    if found.encoding == "utf-8":
        _check_utf8(document)
    return document


def _check_utf8(document: bytes) -> None:
    try:
        document.decode("utf-8")
    except UnicodeDecodeError:
        msg = "XML that is not the UTF-8 it claims to be"
        raise ValueError(msg) from None


def _unpacked(body: bytes) -> Iterator[bytes]:
    if body.startswith(_ZIP):
        yield _from_zip(body)
        return
    content = decode_json(body)
    members = content.values() if isinstance(content, dict) else [content]
    for member in members:
        if isinstance(member, str):
            yield from _from_text(member)


def _from_text(text: str) -> Iterator[bytes]:
    raw = text.encode()
    if not outline(raw):
        try:
            raw = base64.b64decode(re.sub(rb"\s", b"", raw), validate=True)
        except binascii.Error:
            return
    if raw.startswith(_ZIP):
        yield _from_zip(raw)
    elif outline(raw):
        yield raw


def _from_zip(body: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith(".xml")]
            # Counted before anything is unpacked: what is in a ZIP can be many times its size.
            if len(names) != 1:
                msg = f"a ZIP of {len(names)} XML documents"
                raise ValueError(msg)
            if archive.getinfo(names[0]).compress_type not in _PACKED:
                # zipfile unpacks the others without a bound.
                msg = "a ZIP that is packed in an unexpected way"
                raise ValueError(msg)
            with archive.open(names[0]) as file:
                content = file.read(LARGEST_XML + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        msg = "a ZIP that cannot be read"
        raise ValueError(msg) from None
    if len(content) > LARGEST_XML:
        msg = "an XML document beyond all reason"
        raise ValueError(msg)
    return content
