"""Parses documents safely: no DTD, no entity, no network, and bounded size.

A parser that builds no tree checks the bounds first, before a tree takes memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias
from xml.parsers import expat

import lxml.etree as etree  # noqa: PLR0402 - lxml has no stubs in which the checkers would find the other form.

from kolay_invoice.messages import Message
from kolay_invoice.propars.models import SignedXml
from kolay_invoice.propars.ubl import DEEPEST_ELEMENT, LARGEST_DOCUMENT, MOST_NAMESPACES, MOST_NODES
from kolay_invoice.signed_xml.errors import NotAnInvoiceError, UnsafeDocumentError

Element: TypeAlias = Any
"""An element of lxml, which has no types of its own."""

Content: TypeAlias = bytes | SignedXml | Path

MOST_ATTRIBUTES: Final = 64
"""Of one element, declarations of namespaces among them."""
MOST_INSTRUCTIONS: Final = 64
"""Processing instructions, such as a style sheet's: of those beside the root each one looks at all the others."""

_NOT_UTF8: Final = Message("the document is not in UTF-8, as UBL-TR demands: it was not read")
_WIDE_ENCODING: Final = Message(
    "the document is in UTF-16 or UTF-32, and not in UTF-8, as UBL-TR demands: it was not read"
)
_NULS: Final = Message(
    "there are NUL bytes in the document, which no XML has: it was not read; fetch it again, and keep its bytes "
    "as they come"
)
_OTHER_FILES: Final[Mapping[bytes, Message]] = MappingProxyType(
    {
        b"PK\x03\x04": Message("the document is a ZIP archive, and no XML: unpack it first"),
        b"PK\x05\x06": Message("the document is an empty ZIP archive, and no XML"),
        b"\x1f\x8b": Message("the document is a gzip file, and no XML: unpack it first"),
        b"%PDF-": Message("the document is a PDF, and no XML: the signed invoice is the XML"),
    }
)
"""What is often kept or handed out in place of the document, by its first bytes."""
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff", b"<\0", b"\0<", b"\0\0\0<")
"""How UTF-16 and UTF-32 begin, with and without a byte order mark."""


def read_bytes(content: object) -> bytes:
    """Return the bytes of a document, unchanged.

    Raises:
        TypeError: It is neither bytes, nor a `SignedXml`, nor a path.
        UnsafeDocumentError: It is larger than any invoice.
        OSError: The file cannot be read.
    """
    if isinstance(content, SignedXml):
        content = content.content
    elif isinstance(content, Path):
        with content.open("rb") as file:
            content = file.read(LARGEST_DOCUMENT + 1)
    if not isinstance(content, bytes):
        msg = f"content must be bytes, a SignedXml or a pathlib.Path, not {type(content).__name__}"
        raise TypeError(msg)
    if len(content) > LARGEST_DOCUMENT:
        msg = Message(
            "the document is larger than {number} MiB: no invoice is; it was not read", number=LARGEST_DOCUMENT >> 20
        )
        raise UnsafeDocumentError(msg)
    return content


def safe_parser() -> Element:
    """Return a parser that fetches nothing and unfolds nothing.

    It drops comments, as the digest of a whole document does: text that a comment cuts in two is one text again.
    """
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        # A text may be as long as the document, whose bounds were checked before.
        huge_tree=True,
        remove_comments=True,
        collect_ids=False,
    )


def parse(content: bytes) -> Element:
    """Return the root element.

    Raises:
        UnsafeDocumentError: It has a DTD, is not UTF-8, or is beyond the bounds.
        NotAnInvoiceError: It is not well-formed XML.
    """
    _check_encoding(content)
    if _SafetyLimits().feed(content):
        with suppress(etree.XMLSyntaxError):
            return etree.fromstring(content, safe_parser())
    msg = Message("the document is not well-formed XML: fetch it again, and keep its bytes as they come")
    raise NotAnInvoiceError(msg)


def _check_encoding(content: bytes) -> None:
    """Refuse what is no text in UTF-8: a parser would read it in another encoding because of its first bytes."""
    for beginning, refusal in _OTHER_FILES.items():
        if content.startswith(beginning):
            raise NotAnInvoiceError(refusal)
    if content.startswith(_WIDE):
        raise UnsafeDocumentError(_WIDE_ENCODING)
    if b"\0" in content:
        raise UnsafeDocumentError(_NULS)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return
    raise UnsafeDocumentError(_NOT_UTF8)


class _SafetyLimits:
    """Counts the nodes of a document in one pass and stops when a limit is exceeded."""

    def __init__(self) -> None:
        self._nodes = 0
        self._instructions = 0
        self._namespaces = [0]
        # With an encoding of ours the declared one is not followed: it is checked below.
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.ProcessingInstructionHandler = self._instruction
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.XmlDeclHandler = self._declaration
        self._parser.ordered_attributes = True

    def feed(self, content: bytes) -> bool:
        """Return whether the document is well-formed."""
        try:
            self._parser.Parse(content, True)
        except expat.ExpatError:
            return False
        return True

    def _start(self, _name: str, attributes: list[str]) -> None:
        names = attributes[::2]
        self._nodes += 1 + len(names)
        if self._nodes > MOST_NODES or len(self._namespaces) > DEEPEST_ELEMENT:
            msg = Message("the document is deeper or has more elements than any invoice: it was not read")
            raise UnsafeDocumentError(msg)
        declared = self._namespaces[-1] + sum(name.startswith("xmlns") for name in names)
        self._namespaces.append(declared)
        if len(names) > MOST_ATTRIBUTES or declared > MOST_NAMESPACES:
            msg = Message("an element has more attributes or namespaces than any invoice needs: it was not read")
            raise UnsafeDocumentError(msg)

    def _end(self, _name: str) -> None:
        self._namespaces.pop()

    def _instruction(self, _target: str, _data: str) -> None:
        self._instructions += 1
        if self._instructions > MOST_INSTRUCTIONS:
            msg = Message("the document has more processing instructions than any invoice: it was not read")
            raise UnsafeDocumentError(msg)

    def _doctype(self, *_declared: object) -> None:
        msg = Message(
            "the document has a DTD, which no invoice needs and which could unfold without end: it was not read"
        )
        raise UnsafeDocumentError(msg)

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in {"utf-8", "utf8", "us-ascii"}:
            raise UnsafeDocumentError(_NOT_UTF8)
