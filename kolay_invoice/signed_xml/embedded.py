"""The certificate that a document carries. Verified by it, a document is unchanged; who signed it stays open."""

from __future__ import annotations

from kolay_invoice.messages import Message
from kolay_invoice.signed_xml.errors import UntrustedSignerError
from kolay_invoice.signed_xml.parsing import parse
from kolay_invoice.signed_xml.signature import read_claim
from kolay_invoice.signed_xml.trust import matches_digest


def embedded_certificate(content: bytes) -> bytes:
    """Return the certificate of the signer that a document carries, in DER.

    Raises:
        SignedXmlError: It carries none, or is no signed invoice.
    """
    claim = read_claim(parse(content))
    for certificate in claim.certificates:
        if matches_digest(certificate, claim.properties.certificate):
            return certificate
    raise UntrustedSignerError(Message("it carries no certificate of its signer: give --certificate"))
