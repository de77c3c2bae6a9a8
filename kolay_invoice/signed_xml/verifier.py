"""signxml's verifier, with what real seals do and the standards leave open."""

from __future__ import annotations

from copy import deepcopy
from typing import Final

import lxml.etree as etree  # noqa: PLR0402 - lxml has no stubs in which the checkers would find the other form.
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from signxml.algorithms import CanonicalizationMethod
from signxml.verifier import VerifyResult
from signxml.xades.xades import XAdESVerifier

from kolay_invoice.signed_xml.namespaces import path, tag
from kolay_invoice.signed_xml.parsing import Element

CONCATENATED: Final = "concatenated"
DER: Final = "DER"
"""How the two numbers of an ECDSA signature are written: as the standard of XML signatures has it, or as X.509 does."""

_EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_NO_PREFIX: Final = "#default"
_INCLUSIVE_NAMESPACES: Final = f"{{{_EXCLUSIVE}}}InclusiveNamespaces"


class SealVerifier(XAdESVerifier):
    """A verifier for which a document includes what stands beside its root element.

    A processing instruction there (such as a style sheet's) belongs to the whole document that `URI=""` means.

    Attributes:
        signature_encoding: How an ECDSA signature that was verified is written; None for RSA.
    """

    signature_encoding: str | None = None

    def _tostring(self, xml_node: Element, **options: object) -> bytes:
        return bytes(etree.tostring(_with_surroundings(xml_node), **options))

    def _c14n(self, nodes: Element, algorithm: CanonicalizationMethod, inclusive_ns_prefixes: object = None) -> bytes:
        # The inherited method logs the whole document.
        is_exclusive = algorithm.value.startswith(_EXCLUSIVE)
        return bytes(
            etree.tostring(
                _with_surroundings(nodes),
                method="c14n",
                exclusive=is_exclusive,
                with_comments=False,
                inclusive_ns_prefixes=inclusive_ns_prefixes if is_exclusive else None,
            )
        )

    def _get_inclusive_ns_prefixes(self, transform_node: Element) -> list[str] | None:
        element = transform_node.find(_INCLUSIVE_NAMESPACES)
        prefixes = None if element is None else element.get("PrefixList", "").split()
        if prefixes and _NO_PREFIX in prefixes:
            # lxml leaves it out without a word.
            raise NotImplementedError
        return prefixes

    def validate_schema(self, signature: Element) -> None:
        """Check the form of a signature, but not of what is never used or what the schema does not know.

        The key comes from the certificate that was chosen before, so that the rest of KeyInfo says nothing: real ones
        are empty, or have keys in the form of RFC 4050. The list of prefixes belongs to exclusive canonical XML.
        """
        checked = deepcopy(signature)
        # The second KeyInfo, if there is one, is refused by the schema.
        unchecked = checked.findall(tag("ds:KeyInfo"))[:1]
        unchecked += checked.findall(f"{path('ds:SignedInfo', 'ds:CanonicalizationMethod')}/{_INCLUSIVE_NAMESPACES}")
        for element in unchecked:
            element.getparent().remove(element)
        super().validate_schema(checked)  # type: ignore[no-untyped-call]  # signxml has no types there.

    def _encode_dss_signature(self, raw_signature: bytes, key_size_bits: int) -> bytes:
        """Return an ECDSA signature in DER, in which some signers leave it."""
        length = (key_size_bits + 7) // 8
        self.signature_encoding = CONCATENATED
        if len(raw_signature) != 2 * length and _is_der(raw_signature):
            self.signature_encoding = DER
            return raw_signature
        return bytes(super()._encode_dss_signature(raw_signature, key_size_bits))

    def _check_cert_validity(self, cert: x509.Certificate, cert_source: str) -> None:
        """Leave the validity of the certificate to `trust`, which has checked it."""

    def _verify_cert_digests(self, verify_result: VerifyResult) -> None:
        """Leave the digest of the certificate to `trust`, which has checked it in the properties that are signed."""


def _with_surroundings(element: Element) -> Element:
    return element.getroottree() if element.getparent() is None else element


def _is_der(signature: bytes) -> bool:
    try:
        decode_dss_signature(signature)
    except ValueError:
        return False
    return True
