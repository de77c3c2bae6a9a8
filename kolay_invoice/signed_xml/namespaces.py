"""The namespaces of a signed UBL-TR document."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kolay_invoice.propars.ubl import NAMESPACES


def tag(name: str) -> str:
    """Return the full name of an element, such as that of `cbc:ID`."""
    prefix, _, local_name = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local_name}"


def path(*names: str) -> str:
    """Return the path from an element down to a descendant, one name a step."""
    return "/".join(tag(name) for name in names)


SIGNATURE: Final = tag("ds:Signature")

DOCUMENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        f"{{urn:oasis:names:specification:ubl:schema:xsd:{name}-2}}{name}": name
        for name in ("Invoice", "CreditNote", "DespatchAdvice", "ReceiptAdvice", "ApplicationResponse")
    }
)
"""The roots of the documents of UBL-TR, and their short names."""

HEADER: Final = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
ENVELOPE: Final = f"{{{HEADER}}}StandardBusinessDocument"
