"""Decodes the encodings in which Turkish programs write XML into UTF-8.

expat is not used for this: it accepts any Python codec by name and continues after a handler has refused.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from kolay_invoice.messages import Message
from kolay_invoice.propars.xml_outline import read_outline

# Turkish documents are in UTF-8, as UBL-TR demands, or in what older programs write.
_CODECS: Final = MappingProxyType(
    {
        "utf-8": "utf-8",
        "utf8": "utf-8",
        "us-ascii": "ascii",
        "iso-8859-1": "iso8859-1",
        "iso-8859-9": "iso8859-9",
        "latin5": "iso8859-9",
        "windows-1254": "cp1254",
        "cp1254": "cp1254",
    }
)
_UTF16_STARTS: Final = MappingProxyType(
    {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
)


def to_utf8(content: bytes) -> bytes:
    """Return a document in UTF-8, whatever it declares of itself; one that is in UTF-8 is returned as it is.

    Raises:
        ValueError: It is in another encoding, or not in the one that it declares.
    """
    codec = _UTF16_STARTS.get(content[:2])
    if codec is None:
        found = read_outline(content)
        codec = _CODECS.get(found.encoding if found else "utf-8")
    if codec is None:
        msg = Message("the document is in an unexpected encoding")
        raise ValueError(msg)
    try:
        text = content.decode(codec)
        return content if codec == "utf-8" else text.encode()
    except UnicodeError:
        msg = Message("the document is not in the encoding that it declares")
        raise ValueError(msg) from None
