"""Opens an envelope (zarf, StandardBusinessDocument): who sends it to whom, and the exact documents in it.

A document is signed before it is put into its envelope. So each one is cut out of the envelope's bytes, and not written
anew from its elements: there it would have the envelope's namespaces, and no signature would hold.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final
from xml.parsers import expat

from attrs import field, frozen

from kolay_invoice.messages import Message
from kolay_invoice.signed_xml.errors import NotAnInvoiceError
from kolay_invoice.signed_xml.namespaces import ENVELOPE, HEADER
from kolay_invoice.signed_xml.parsing import Content, Element, parse, read_bytes

_PACKAGE: Final = ("Package", "Elements", "ElementList")
"""The local names on the way from the envelope to its documents."""


@frozen(kw_only=True)
class Envelope:
    """An envelope. Nothing of it is signed: whoever forwards it can change it. Verify each document.

    Attributes:
        id: The envelope's own identifier (UUID).
        type: Such as SENDERENVELOPE, POSTBOXENVELOPE or SYSTEMENVELOPE; an open set.
        sender: The address (alias) that it comes from, such as urn:mail:defaultgb@example.com.
        receiver: The address that it goes to.
        created_at: When it was made, as the envelope has it.
        documents: The exact bytes of each document, for `verify` or `read`.
    """

    id: str | None
    type: str | None
    sender: str | None = field(repr=False)
    receiver: str | None = field(repr=False)
    created_at: str | None
    documents: tuple[bytes, ...] = field(repr=lambda documents: f"<{len(documents)} documents>")


def is_envelope(content: Content) -> bool:
    """Whether a document is an envelope; whatever cannot be read is none."""
    with suppress(ValueError):
        return bool(parse(read_bytes(content)).tag == ENVELOPE)
    return False


def open_envelope(content: Content) -> Envelope:
    """Return what is in an envelope. Nothing is verified.

    Args:
        content: The bytes as they came, or the path of a file.

    Raises:
        UnsafeDocumentError: It has a DTD, is not in UTF-8, or is beyond the bounds of any document.
        NotAnInvoiceError: It is no envelope, or holds no document.
        TypeError: The argument is of another kind.
        OSError: The file cannot be read.
    """
    exact = read_bytes(content)
    root = parse(exact)
    documents = _Documents(exact).found if root.tag == ENVELOPE else []
    if not documents:
        msg = Message("the document is no envelope (zarf, StandardBusinessDocument) with documents in it")
        raise NotAnInvoiceError(msg)
    return Envelope(
        id=_first(root, "DocumentIdentification", "InstanceIdentifier"),
        type=_first(root, "DocumentIdentification", "Type"),
        sender=_first(root, "Sender", "Identifier"),
        receiver=_first(root, "Receiver", "Identifier"),
        created_at=_first(root, "DocumentIdentification", "CreationDateAndTime"),
        documents=tuple(documents),
    )


def _first(root: Element, *names: str) -> str | None:
    """Return the text at the end of a path in the header, if there is exactly one."""
    found = root.findall("/".join(f"{{{HEADER}}}{name}" for name in ("StandardBusinessDocumentHeader", *names)))
    return ((found[0].text or "").strip() or None) if len(found) == 1 else None


class _Documents:
    """Finds where the documents of an envelope begin and end. The content was parsed before, so it is well-formed."""

    def __init__(self, content: bytes) -> None:
        self.found: list[bytes] = []
        self._content = content
        self._path: list[str] = []
        self._begin = 0
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.Parse(content, True)

    @property
    def _is_document(self) -> bool:
        return tuple(self._path[1:-1]) == _PACKAGE

    def _start(self, name: str, _attributes: object) -> None:
        self._path.append(name.rpartition(":")[2])
        if self._is_document:
            self._begin = self._parser.CurrentByteIndex

    def _end(self, _name: str) -> None:
        if self._is_document:
            end = self._content.index(b">", self._parser.CurrentByteIndex) + 1
            self.found.append(self._content[self._begin : end])
        self._path.pop()
