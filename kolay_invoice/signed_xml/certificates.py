"""Loads X.509 certificates and reads their subjects, without a warning.

The library that parses certificates warns about each one that departs from RFC 5280, and many seals do: their names are
longer than it allows. A program may treat warnings as errors, and the filter of warnings belongs to the process. So the
subject is read here, and a certificate that makes the library warn as it loads is not loaded.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final, TypeAlias

from attrs import field, frozen
from cryptography import x509

COMMON_NAME: Final = "2.5.4.3"
SERIAL_NUMBER: Final = "2.5.4.5"

PEM: Final = b"-----BEGIN"
UNREADABLE: Final = (ValueError, x509.InvalidVersion)
"""What loading raises for something that is no certificate."""

_PEM_BLOCK: Final = re.compile(
    rb"-----BEGIN (?:X509 )?CERTIFICATE-----\s([A-Za-z0-9+/=\s]*+)-----END (?:X509 )?CERTIFICATE-----"
)

_SHORT_NAMES: Final = MappingProxyType(
    {
        COMMON_NAME: "CN",
        "2.5.4.6": "C",
        "2.5.4.7": "L",
        "2.5.4.8": "ST",
        "2.5.4.9": "STREET",
        "2.5.4.10": "O",
        "2.5.4.11": "OU",
        "0.9.2342.19200300.100.1.1": "UID",
        "0.9.2342.19200300.100.1.25": "DC",
    }
)
"""The names that RFC 4514 has for attributes; another one stands as its number."""
_TEXTS: Final = MappingProxyType(
    {
        0x0C: "utf-8",
        0x12: "ascii",
        0x13: "ascii",
        0x14: "latin-1",
        0x16: "ascii",
        0x1A: "ascii",
        0x1C: "utf-32-be",
        0x1E: "utf-16-be",
    }
)
"""The types of text in ASN.1, and their encodings."""
_TO_ESCAPE: Final = re.compile(r'[\\"+,;<>]|\A[ #]|(?<=.) \Z')

_INTEGER: Final = 0x02
_VERSION: Final = 0xA0

_Value: TypeAlias = tuple[int, bytes]
"""The tag and the content of a value in DER."""


@frozen
class Subject:
    """The name in a certificate.

    Attributes:
        text: The whole name, as RFC 4514 writes it.
        attributes: The number and the text of each part.
    """

    text: str = field(repr=False)
    attributes: tuple[tuple[str, str], ...] = field(repr=False)

    def first(self, number: str) -> str | None:
        """Return the first part of a number, or None."""
        return next((text for other, text in self.attributes if other == number), None)


def load_der(der: bytes) -> x509.Certificate:
    """Return the certificate.

    Raises:
        ValueError, x509.InvalidVersion: It is none, or its serial number is not positive, which RFC 5280 forbids.
    """
    if not _has_positive_serial_number(der):
        msg = "no certificate with a serial number"
        raise ValueError(msg)
    return x509.load_der_x509_certificate(der)


def load_pem(content: bytes) -> list[x509.Certificate]:
    """Return the certificates of a bundle. One whose serial number is not positive vouches for nothing: it is left out.

    Raises:
        ValueError, x509.InvalidVersion: There is none, or one cannot be read.
    """
    return x509.load_pem_x509_certificates(_PEM_BLOCK.sub(_keep_or_drop, content))


def read_subject(certificate: x509.Certificate) -> Subject:
    """Return the name of a certificate's owner."""
    (_, to_be_signed) = next(_values(certificate.tbs_certificate_bytes))
    _serial_number, _algorithm, _issuer, _validity, (_, name), *_ = _without_version(to_be_signed)
    parts = [[_attribute(pair) for _, pair in _values(part)] for _, part in _values(name)]
    text = ",".join(
        "+".join(f"{_SHORT_NAMES.get(oid, oid)}={_escape(value)}" for oid, value in part) for part in parts[::-1]
    )
    return Subject(text, tuple(attribute for part in parts for attribute in part))


def _keep_or_drop(block: re.Match[bytes]) -> bytes:
    return block[0] if _has_positive_serial_number(b64decode(block[1])) else b""


def _has_positive_serial_number(der: bytes) -> bool:
    try:
        (_, certificate) = next(_values(der))
        (_, to_be_signed) = next(_values(certificate))
        tag, number = next(_without_version(to_be_signed))
    except StopIteration:
        return False
    return tag == _INTEGER and int.from_bytes(number, "big", signed=True) > 0


def _without_version(to_be_signed: bytes) -> Iterator[_Value]:
    return (value for value in _values(to_be_signed) if value[0] != _VERSION)


def _values(der: bytes) -> Iterator[_Value]:
    """Return the values that stand one after the other. What is malformed has none: the library refuses it."""
    position = 0
    while position + 2 <= len(der):
        tag, length = der[position], der[position + 1]
        position += 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(der[position : position + size], "big")
            position += size
        yield tag, der[position : position + length]
        position += length


def _attribute(pair: bytes) -> tuple[str, str]:
    (_, number), (tag, value) = _values(pair)
    return _dotted(number), value.decode(_TEXTS[tag], "replace") if tag in _TEXTS else f"#{value.hex()}"


def _dotted(number: bytes) -> str:
    """Return an object identifier as RFC 4512 writes it."""
    parts, part = [], 0
    for byte in number:
        part = part << 7 | byte & 0x7F
        if not byte & 0x80:
            parts.append(part)
            part = 0
    first = min(parts[0] // 40, 2)
    return ".".join(map(str, (first, parts[0] - 40 * first, *parts[1:])))


def _escape(value: str) -> str:
    return _TO_ESCAPE.sub(r"\\\g<0>", value).replace("\0", r"\00")
