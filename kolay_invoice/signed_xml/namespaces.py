"""The namespaces of a signed UBL-TR invoice."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

NAMESPACES: Final = MappingProxyType(
    {
        "ubl": "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
        "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
        "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
        "ext": "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2",
        "ds": "http://www.w3.org/2000/09/xmldsig#",
        "xades": "http://uri.etsi.org/01903/v1.3.2#",
    }
)


def tag(name: str) -> str:
    """Return the full name of an element, such as that of `cbc:ID`."""
    prefix, _, local_name = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local_name}"


def path(*names: str) -> str:
    """Return the path from an element down to a descendant, one name a step."""
    return "/".join(tag(name) for name in names)


INVOICE: Final = tag("ubl:Invoice")
SIGNATURE: Final = tag("ds:Signature")
