"""The few facts of a signed invoice by which a read-back decides, read without the `xml` extra.

What it does not prove: that the signature is valid (`kolay_invoice.signed_xml.verify` does), only that this document is
an invoice, that it carries a signature, and which ETTN and number are its own. A read-back that takes another
document's ETTN reports an invoice that was never sent, so whatever two readers could understand in two ways is refused.

One pass in time that grows with the length of the document alone. Namespaces are resolved here, where a fact can
stand, and not by expat: it would copy the namespace's whole address for every element.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final, TypeAlias
from uuid import UUID
from xml.parsers import expat

from attrs import field, frozen

from kolay_invoice.messages import Message
from kolay_invoice.propars.ubl import (
    CUSTOMIZATION_FORM,
    DEEPEST_ELEMENT,
    LARGEST_DOCUMENT,
    MOST_NAMESPACES,
    MOST_NODES,
    NAMESPACES,
)
from kolay_invoice.propars.xml_encoding import to_utf8
from kolay_invoice.propars.xml_outline import read_outline

LARGEST_IN_LOOP: Final = 256 * 1024
"""Bytes that are read while the event loop waits: some milliseconds."""

_LONGEST_FACT: Final = 4096
"""Characters; a signature's value by RSA-4096 has 684."""
_SMALLEST_NODE: Final = 16
"""Bytes of an element or attribute, on an average: UBL's take 30. What is all tags is given up early."""

_Name: TypeAlias = tuple[str, str]
"""A namespace and a local name."""


def _name(written: str) -> _Name:
    prefix, _, local_name = written.partition(":")
    return NAMESPACES[prefix], local_name


_INVOICE: Final = _name("ubl:Invoice")
_NUMBER: Final = _name("cbc:ID")
_ETTN: Final = _name("cbc:UUID")
_CUSTOMIZATION: Final = _name("cbc:CustomizationID")
_ISSUE_DATE: Final = _name("cbc:IssueDate")
_SIGNATURE: Final = _name("ds:Signature")
_SIGNED_INFO: Final = _name("ds:SignedInfo")
_SIGNATURE_VALUE: Final = _name("ds:SignatureValue")

# The way to every fact. What stands anywhere else is not looked at.
_CHILDREN: Final = MappingProxyType(
    {
        _INVOICE: frozenset({_NUMBER, _ETTN, _CUSTOMIZATION, _ISSUE_DATE, _name("ext:UBLExtensions")}),
        _name("ext:UBLExtensions"): frozenset({_name("ext:UBLExtension")}),
        _name("ext:UBLExtension"): frozenset({_name("ext:ExtensionContent")}),
        _name("ext:ExtensionContent"): frozenset({_SIGNATURE}),
        _SIGNATURE: frozenset({_SIGNED_INFO, _SIGNATURE_VALUE}),
    }
)
_LOCAL_NAMES: Final = MappingProxyType(
    {parent: frozenset(local_name for _, local_name in children) for parent, children in _CHILDREN.items()}
)
_TEXTS: Final = frozenset({_NUMBER, _ETTN, _CUSTOMIZATION, _ISSUE_DATE, _SIGNATURE_VALUE})

# Documents that a provider could hand out instead, by the name of their root. No other name is repeated in a
# reason: it is the document's own word.
_OTHER_KINDS: Final = MappingProxyType(
    {
        "ApplicationResponse": Message("the document is no UBL invoice but an application response"),
        "CreditNote": Message("the document is no UBL invoice but a credit note"),
        "DespatchAdvice": Message("the document is no UBL invoice but a despatch advice"),
        "ReceiptAdvice": Message("the document is no UBL invoice but a receipt advice"),
        "StandardBusinessDocument": Message("the document is no UBL invoice but an envelope"),
    }
)

_UUID_FORM: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_NUMBER_FORM: Final = re.compile(r"[A-Z0-9]{3}20\d{11}", re.ASCII)
_BLANKS: Final = " \t\r\n"


@frozen
class SignedInvoiceFacts:
    """The identity of a signed invoice, as it states it.

    Attributes:
        root: The kind of document: always "Invoice", everything else is refused.
        ettn: Its own ETTN.
        number: Its own number.
        customization_id: The version of UBL-TR, such as "TR1.2".
        is_signed: Always True: it holds a signature, which was not verified here.
        issue_date: The date of issue; None where there is none that can be read.
    """

    root: str
    ettn: UUID
    number: str
    customization_id: str
    is_signed: bool = True
    issue_date: date | None = field(default=None)


def read_signed_invoice(content: bytes) -> SignedInvoiceFacts:
    """Return the facts of a signed UBL-TR invoice.

    Args:
        content: The document, as it came: UTF-8, UTF-16, ISO-8859-9 or windows-1254, at most 16 MiB.

    Raises:
        ValueError: It is another document, an unsigned one, or one that cannot be trusted to be read in only one way.
            The text describes the problem and holds nothing of the document.
    """
    if len(content) > LARGEST_DOCUMENT:
        msg = Message("the document is larger than {number} MiB, as no invoice is", number=LARGEST_DOCUMENT >> 20)
        raise ValueError(msg)
    document = to_utf8(content)
    if read_outline(document) is None:
        # Checked before expat, which expands entities before a handler can refuse the DTD.
        msg = Message("the document is no XML, or has a DTD, which no invoice needs")
        raise ValueError(msg)
    reader = _Reader(min(MOST_NODES, 100 + len(document) // _SMALLEST_NODE))
    reader.read(document)
    return reader.facts()


async def read_signed_invoice_async(content: bytes) -> SignedInvoiceFacts:
    """Return the facts of a signed UBL-TR invoice; a large one is read in a thread, while the event loop goes on.

    Args:
        content: As for `read_signed_invoice`.

    Raises:
        ValueError: As `read_signed_invoice`.
    """
    if len(content) <= LARGEST_IN_LOOP:
        return read_signed_invoice(content)
    return await asyncio.to_thread(read_signed_invoice, content)


class _Reader:
    """Follows the elements on the way to a fact, counts all the others, and keeps what it finds."""

    def __init__(self, most_nodes: int) -> None:
        self._nodes_left = most_nodes
        self._depth = 0
        self._followed: list[_Name] = []
        self._scopes: list[Mapping[str, str]] = [{}]
        self._facts: dict[_Name, str] = {}
        self._pieces: list[str] = []
        self._seen_in_signature: set[_Name] = set()
        self._is_signed = False
        # The document is in UTF-8 by now, whatever it declares.
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.buffer_text = True
        self._parser.ordered_attributes = True

    def read(self, document: bytes) -> None:
        try:
            self._parser.Parse(document, True)
        except expat.ExpatError:
            msg = Message("the document is not well-formed XML: it may be cut")
            raise ValueError(msg) from None

    def facts(self) -> SignedInvoiceFacts:
        customization = self._fact(
            _CUSTOMIZATION, CUSTOMIZATION_FORM, Message("the invoice's customization is not UBL-TR's")
        )
        ettn = self._fact(_ETTN, _UUID_FORM, Message("the invoice's ETTN is no UUID"))
        number = self._fact(
            _NUMBER, _NUMBER_FORM, Message("the invoice's number is not of the form of an invoice number")
        )
        if not self._is_signed:
            msg = Message("the invoice is not signed: it is a draft, or its signature is not where UBL-TR has it")
            raise ValueError(msg)
        return SignedInvoiceFacts(
            root=_INVOICE[1],
            ettn=UUID(ettn),
            number=number,
            customization_id=customization,
            issue_date=_to_date(self._facts.get(_ISSUE_DATE, "")),
        )

    def _fact(self, name: _Name, form: re.Pattern[str], otherwise: str) -> str:
        text = self._facts.get(name)
        if text is None:
            msg = Message("the invoice has no {name} of its own", name=name[1])
            raise ValueError(msg)
        if not form.fullmatch(text):
            raise ValueError(otherwise)
        return text

    def _start(self, written: str, attributes: list[str]) -> None:
        self._nodes_left -= 1 + len(attributes) // 2
        if self._nodes_left < 0 or self._depth >= DEEPEST_ELEMENT:
            msg = Message("the document is deeper or has more elements than any invoice")
            raise ValueError(msg)
        if self._depth == len(self._followed):
            self._follow(written, attributes)
        self._depth += 1

    def _end(self, _written: str) -> None:
        self._depth -= 1
        if self._depth < len(self._followed):
            self._leave()

    def _follow(self, written: str, attributes: list[str]) -> None:
        """Go into an element if it is on the way to a fact."""
        prefix, _, local_name = written.rpartition(":")
        parent = self._followed[-1] if self._followed else None
        if parent in _TEXTS:
            self._refuse_mixed()
        if parent is not None and local_name not in _LOCAL_NAMES.get(parent, ()):
            return
        declared = dict(zip(attributes[::2], attributes[1::2], strict=True))
        namespace = declared.get(f"xmlns:{prefix}" if prefix else "xmlns", self._scopes[-1].get(prefix, ""))
        name = (namespace, local_name)
        if parent is None:
            _check_root(name)
        elif name not in _CHILDREN[parent]:
            return
        if name in self._facts or name in self._seen_in_signature:
            msg = Message("the document has two elements {name} where one belongs", name=local_name)
            raise ValueError(msg)
        self._followed.append(name)
        self._scopes.append(_scope(self._scopes[-1], declared))
        if name in _TEXTS:
            self._listen()

    def _leave(self) -> None:
        name = self._followed.pop()
        self._scopes.pop()
        if name in _TEXTS:
            self._keep(name, "".join(self._pieces))
        elif name == _SIGNED_INFO:
            self._seen_in_signature.add(name)
        elif name == _SIGNATURE:
            self._is_signed = self._is_signed or len(self._seen_in_signature) == len(_CHILDREN[_SIGNATURE])
            self._seen_in_signature.clear()

    def _keep(self, name: _Name, text: str) -> None:
        self._parser.CharacterDataHandler = None
        self._parser.CommentHandler = None
        self._parser.ProcessingInstructionHandler = None
        if len(text) > _LONGEST_FACT:
            msg = Message("the document's {name} is longer than any", name=name[1])
            raise ValueError(msg)
        text = text.strip(_BLANKS)
        if name != _SIGNATURE_VALUE:
            self._facts[name] = text
        elif text:
            self._seen_in_signature.add(name)

    def _listen(self) -> None:
        self._pieces.clear()
        self._parser.CharacterDataHandler = self._pieces.append
        # One reader would take the text before a comment, another the text around it.
        self._parser.CommentHandler = self._refuse_mixed
        self._parser.ProcessingInstructionHandler = self._refuse_mixed

    def _refuse_mixed(self, *_seen: object) -> None:
        msg = Message("the document's {name} holds more than its text", name=self._followed[-1][1])
        raise ValueError(msg)


def _check_root(name: _Name) -> None:
    if name != _INVOICE:
        raise ValueError(_OTHER_KINDS.get(name[1], Message("the document is no UBL invoice but something else")))


def _scope(outer: Mapping[str, str], declared: Mapping[str, str]) -> Mapping[str, str]:
    """Return the namespaces by prefix within an element."""
    own = {
        name.removeprefix("xmlns").removeprefix(":"): address
        for name, address in declared.items()
        if name == "xmlns" or name.startswith("xmlns:")
    }
    if len(outer) + len(own) > MOST_NAMESPACES:
        msg = Message("the document declares more namespaces than any invoice")
        raise ValueError(msg)
    return {**outer, **own} if own else outer


def _to_date(text: str) -> date | None:
    # An XML date may carry the offset of its zone.
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
