"""Signs a UBL-TR document the way the providers do: an enveloped XAdES-BES signature in its first extension.

The key is made for the first signature and lives as long as the process. Its certificate is self-signed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.x509 import Certificate

# Financial seals are RSA-2048 with SHA-256 and, newer, EC P-384 with SHA-384.
KeyType: TypeAlias = Literal["rsa", "ec"]

_seal_lock = Lock()


@attrs.frozen
class Seal:
    """A temporary key with its self-signed certificate."""

    key: RSAPrivateKey | EllipticCurvePrivateKey = attrs.field(repr=False)
    certificate: Certificate


def seal(key_type: KeyType) -> Seal:
    """Return this process's seal. The first call makes it."""
    # Locked, because the serving thread and the caller's may call it first at the same time.
    with _seal_lock:
        return _make_seal(key_type)


@cache
def _make_seal(key_type: KeyType) -> Seal:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.x509.oid import NameOID

    key: RSAPrivateKey | EllipticCurvePrivateKey
    if key_type == "rsa":
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    else:
        key = ec.generate_private_key(ec.SECP384R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "TR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "kolay_invoice emulator"),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, "1234567803"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Örnek Ticaret A.Ş."),
        ]
    )
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .sign(key, hashes.SHA256() if key_type == "rsa" else hashes.SHA384())
    )
    return Seal(key, certificate)


def published_certificate(key_type: KeyType) -> bytes:
    """Return the certificate of this process's seal in PEM."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return seal(key_type).certificate.public_bytes(Encoding.PEM)


def sign(ubl: str, signature_id: str, key_type: KeyType) -> bytes:
    """Sign a document that has an empty place for the signature.

    Args:
        ubl: The document; its empty `ds:Signature` is replaced.
        signature_id: The id that the document itself refers to its signature by.
        key_type: Which of the two kinds of seal signs it.

    Returns:
        The signed bytes. Serialising them again would break the signature.
    """
    import lxml.etree as etree  # noqa: PLR0402 - lxml has no stubs in which the checkers would find the other form.
    from signxml.algorithms import DigestAlgorithm, SignatureMethod
    from signxml.xades.xades import XAdESDataObjectFormat, XAdESSigner

    own = seal(key_type)
    is_rsa = key_type == "rsa"
    signer = XAdESSigner(
        signature_algorithm=SignatureMethod.RSA_SHA256 if is_rsa else SignatureMethod.ECDSA_SHA384,
        digest_algorithm=DigestAlgorithm.SHA256 if is_rsa else DigestAlgorithm.SHA384,
        data_object_format=XAdESDataObjectFormat(Description="UBL-TR", MimeType="text/xml"),
    )
    signer.signature_annotators.insert(0, lambda signature, **_: signature.set("Id", signature_id))
    signed = signer.sign(etree.fromstring(ubl), key=own.key, cert=[own.certificate])
    document: bytes = etree.tostring(signed, encoding="UTF-8", xml_declaration=True)
    return document
