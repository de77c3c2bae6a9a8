"""What every reader of a UBL-TR document has to know: its namespaces, and the bounds that no invoice reaches."""

from __future__ import annotations

import re
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

CUSTOMIZATION_FORM: Final = re.compile(r"TR\d{1,2}(?:\.\d{1,2}){1,3}", re.ASCII)
"""UBL-TR's own `CustomizationID`: TR1.2, TR1.2.1 and their siblings."""

LARGEST_DOCUMENT: Final = 16 * 1024 * 1024
DEEPEST_ELEMENT: Final = 64
MOST_NODES: Final = 300_000
"""Elements and their attributes: an invoice of some thousand lines."""
MOST_NAMESPACES: Final = 40
"""Declared around any one element: canonical XML looks at each of them at each element."""
