"""Reads what a signature claims: its place, what it covers, its method and certificate. Pure.

Nothing is verified here. A signature that could be read in two ways is refused before verification.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from attrs import field, frozen

from kolay_invoice.messages import Message
from kolay_invoice.signed_xml.elements import parse_datetime
from kolay_invoice.signed_xml.errors import (
    MissingSignatureError,
    SignatureError,
    UnsupportedAlgorithmError,
    WrappedSignatureError,
)
from kolay_invoice.signed_xml.namespaces import DOCUMENTS, SIGNATURE, path, tag
from kolay_invoice.signed_xml.parsing import Element
from kolay_invoice.signed_xml.ubl import check_kind

SIGNATURE_PATH: Final = path("ext:UBLExtensions", "ext:UBLExtension", "ext:ExtensionContent")
"""The path of the signature from the root in UBL-TR."""

_SIGNED_PROPERTIES: Final = path("ds:Object", "xades:QualifyingProperties", "xades:SignedProperties")
_CERTIFICATE_DIGESTS: Final = (tag("xades:SigningCertificate"), tag("xades:SigningCertificateV2"))

_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_ENCRYPTION: Final = "http://www.w3.org/2001/04/xmlenc#"

SIGNATURE_METHODS: Final[Mapping[str, str]] = MappingProxyType(
    {f"{_MORE}{name}": name for kind in ("rsa", "ecdsa") for name in (f"{kind}-sha{size}" for size in (256, 384, 512))}
)
"""Accepted methods and their short names. No SHA-1, and no HMAC: its verifier can also sign."""

DIGEST_METHODS: Final[Mapping[str, str]] = MappingProxyType(
    {f"{_ENCRYPTION}sha256": "sha256", f"{_MORE}sha384": "sha384", f"{_ENCRYPTION}sha512": "sha512"}
)
"""Accepted digests, and hashlib's names for them."""

_ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_CANONICAL: Final = tuple(
    method + comments
    for method in (
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
    )
    for comments in ("", "WithComments" if method.endswith("#") else "#WithComments")
)

DOCUMENT: Final = "document"
PROPERTIES: Final = "signed properties"
KEY_INFO: Final = "key info"

_LONGEST_CHAIN: Final = 8
_COVERABLE: Final = (DOCUMENT, PROPERTIES, KEY_INFO)

# Validating a signature takes quadratic time in both, and the file is untrusted.
_MOST_NODES: Final = 2000
_LONGEST_VALUE: Final = 65_536
"""In characters, of XML signatures' own elements: a chain of long-term proofs in XAdES elements may be longer."""


@frozen
class CertificateDigest:
    """How the signed properties name the certificate."""

    method: str
    value: bytes


@frozen
class Properties:
    """The signed properties: signing time and certificate."""

    signing_time: datetime | None
    certificate: CertificateDigest


@frozen
class Claim:
    """What a signature claims.

    Attributes:
        root: The name of the document's root element.
        method: The short name of the signature method.
        covered: What each reference covers, in the document's order.
        certificates: The certificates that came along, in DER.
    """

    root: str
    method: str
    covered: tuple[str, ...]
    properties: Properties
    certificates: tuple[bytes, ...] = field(repr=False)


def read_claim(root: Element) -> Claim:
    """Return what the one signature of a document claims.

    Raises:
        NotAnInvoiceError: The root is no UBL document.
        SignatureError: There is no signature, more than one, or one that could mean more than one thing.
    """
    signature = _find_signature(root)
    signed_info = _one(signature, "ds:SignedInfo")
    _check_algorithm(_one(signed_info, "ds:CanonicalizationMethod"), _CANONICAL)
    return Claim(
        root=str(root.tag),
        method=SIGNATURE_METHODS[_check_algorithm(_one(signed_info, "ds:SignatureMethod"), SIGNATURE_METHODS)],
        covered=_read_coverage(root, signature, signed_info.findall(tag("ds:Reference"))),
        properties=read_properties(signature.find(_SIGNED_PROPERTIES)),
        certificates=_certificates(signature),
    )


def read_properties(signed_properties: Element) -> Properties:
    """Return signing time and certificate of XAdES properties.

    Raises:
        SignatureError: They are missing or cannot be read.
    """
    properties = _one(signed_properties, "xades:SignedSignatureProperties")
    digests = [child for child in properties if child.tag in _CERTIFICATE_DIGESTS]
    if len(digests) != 1:
        msg = Message("the signature names no certificate, or names it twice: it is no XAdES signature to rely on")
        raise SignatureError(msg)
    named = digests[0].find(tag("xades:Cert"))
    digest = None if named is None else named.find(tag("xades:CertDigest"))
    if digest is None:
        msg = Message("the signature names no certificate: it is no XAdES signature to rely on")
        raise SignatureError(msg)
    times = properties.findall(tag("xades:SigningTime"))
    return Properties(
        signing_time=_read_signing_time(times[0]) if times else None,
        certificate=CertificateDigest(
            method=DIGEST_METHODS[_check_algorithm(_one(digest, "ds:DigestMethod"), DIGEST_METHODS)],
            value=_decode(_one(digest, "ds:DigestValue")),
        ),
    )


def _find_signature(root: Element) -> Element:
    check_kind(root)
    if sum(1 for _ in root.iter(*DOCUMENTS)) > 1:
        msg = Message("there is a document inside the document: a signature of one could be shown for the other")
        raise WrappedSignatureError(msg)
    everywhere = list(root.iter(SIGNATURE))
    if not everywhere:
        msg = Message("the document has no signature: ask the provider for the signed one")
        raise MissingSignatureError(msg)
    in_place = root.findall(f"{SIGNATURE_PATH}/{SIGNATURE}")
    if len(everywhere) > 1 or len(in_place) != 1:
        msg = Message("the signature is not the only one and in the place where UBL-TR has it: do not use the document")
        raise WrappedSignatureError(msg)
    signature = in_place[0]
    if sum(1 for _ in signature.iter()) > _MOST_NODES or any(map(_is_too_long, signature.iter(tag("ds:*")))):
        msg = Message("the signature has more or longer parts than any signature needs: it was not checked")
        raise SignatureError(msg)
    return signature


def _is_too_long(element: Element) -> bool:
    return sum(map(len, element.xpath("text()"))) > _LONGEST_VALUE


def _read_coverage(root: Element, signature: Element, references: list[Element]) -> tuple[str, ...]:
    # The number of references is untrusted, and each one costs a walk through the document.
    covered = [_covered_part(root, signature, reference) for reference in references[: len(_COVERABLE)]]
    is_each_once = len(set(covered)) == len(references)
    if not is_each_once or not {DOCUMENT, PROPERTIES} <= set(covered):
        msg = Message(
            "the signature does not cover the whole document and its own properties, each once: do not use it"
        )
        raise WrappedSignatureError(msg)
    return tuple(covered)


def _covered_part(root: Element, signature: Element, reference: Element) -> str:
    """Return what a reference covers: the whole document, the signature's own properties, or its key info."""
    _check_algorithm(_one(reference, "ds:DigestMethod"), DIGEST_METHODS)
    transforms = [transform.get("Algorithm") for transform in reference.findall(path("ds:Transforms", "ds:Transform"))]
    uri = reference.get("URI")
    if uri == "":
        if transforms[:1] != [_ENVELOPED] or not _is_canonical_only(transforms[1:]):
            msg = Message("the signature covers a transformed document, not the one that would be read: do not use it")
            raise WrappedSignatureError(msg)
        return DOCUMENT
    target = _find_target(root, uri)
    own = {PROPERTIES: signature.findall(_SIGNED_PROPERTIES), KEY_INFO: signature.findall(tag("ds:KeyInfo"))}
    for name, elements in own.items():
        if elements == [target] and _is_canonical_only(transforms):
            return name
    msg = Message("the signature covers something that is not its own, in place of the document: do not use it")
    raise WrappedSignatureError(msg)


def _find_target(root: Element, uri: str | None) -> Element:
    """Return the only element that a reference can mean, for any spelling of the id attribute."""
    if uri is None or not re.fullmatch(r"#[\w.-]{1,200}", uri):
        msg = Message("the signature refers to something outside the document: do not use it")
        raise WrappedSignatureError(msg)
    found = [
        element
        for element in root.iter("*")
        if any(value == uri[1:] and name.rpartition("}")[2].lower() == "id" for name, value in element.items())
    ]
    if len(found) != 1:
        msg = Message("what the signature refers to is not there, or there more than once: do not use the document")
        raise WrappedSignatureError(msg)
    return found[0]


def _is_canonical_only(transforms: list[str | None]) -> bool:
    return not transforms or (len(transforms) == 1 and transforms[0] in _CANONICAL)


def _certificates(signature: Element) -> tuple[bytes, ...]:
    found = signature.findall(path("ds:KeyInfo", "ds:X509Data", "ds:X509Certificate"))
    if len(found) > _LONGEST_CHAIN:
        msg = Message("the signature brings more certificates than a chain has")
        raise SignatureError(msg)
    return tuple(map(_decode, found))


def _one(parent: Element, name: str) -> Element:
    found = parent.findall(tag(name))
    if len(found) != 1:
        msg = (
            Message("the signature has more than one {name}: it cannot be checked", name=name)
            if found
            else Message("the signature has no {name}: it cannot be checked", name=name)
        )
        raise SignatureError(msg)
    return found[0]


def _check_algorithm(element: Element, known: tuple[str, ...] | Mapping[str, str]) -> str:
    algorithm = element.get("Algorithm", "")
    if algorithm not in known:
        msg = Message(
            "the signature uses a method that is not accepted (what is: RSA or ECDSA with SHA-256, SHA-384 or SHA-512, "
            "over canonical XML): ask the signer for a document that is signed anew"
        )
        raise UnsupportedAlgorithmError(msg)
    return str(algorithm)


def _decode(element: Element) -> bytes:
    try:
        return b64decode("".join((element.text or "").split()), validate=True)
    except ValueError:
        msg = Message("a value of the signature is not base64: it cannot be checked")
        raise SignatureError(msg) from None


def _read_signing_time(element: Element) -> datetime:
    try:
        return parse_datetime(element.text or "")
    except ValueError:
        msg = Message("the signing time of the signature cannot be read: it cannot be checked")
        raise SignatureError(msg) from None
