"""Checks the signer's certificate: the pinned one, or one that a trust store vouches for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kolay_invoice.messages import Message
from kolay_invoice.signed_xml.errors import UnsupportedAlgorithmError, UntrustedSignerError
from kolay_invoice.signed_xml.signature import CertificateDigest, Claim
from kolay_invoice.signed_xml.values import Signer

ExtensionT = TypeVar("ExtensionT", bound=x509.ExtensionType)

_PEM: Final = b"-----BEGIN"
_UNREADABLE: Final = (ValueError, x509.InvalidVersion)
_CLOCKS_DIFFER: Final = timedelta(days=1)

_SMALLEST_RSA: Final = 2048
_CURVES: Final = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)

_NEVER_FOR_DOCUMENTS: Final = frozenset(
    {
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.OCSP_SIGNING,
        ExtendedKeyUsageOID.TIME_STAMPING,
        ExtendedKeyUsageOID.CODE_SIGNING,
    }
)
_NOT_FOR_DOCUMENTS: Final = _NEVER_FOR_DOCUMENTS | {
    ExtendedKeyUsageOID.CLIENT_AUTH,
    ExtendedKeyUsageOID.SMARTCARD_LOGON,
}
"""Purposes that do not make a certificate one for documents. A person's may also serve to log in."""


def load_certificate(certificate: bytes | Path) -> x509.Certificate:
    """Return the one certificate, from PEM or DER.

    Raises:
        TypeError: It is neither bytes nor a path.
        ValueError: It is not exactly one certificate.
        OSError: The file cannot be read.
    """
    content = _content("certificate", certificate)
    try:
        found = (
            x509.load_pem_x509_certificates(content) if _PEM in content else [x509.load_der_x509_certificate(content)]
        )
    except _UNREADABLE:
        found = []
    if len(found) != 1:
        msg = Message(
            "{name} must hold exactly one X.509 certificate, in PEM or DER (several issuers are a trust_store)",
            name="certificate",
        )
        raise ValueError(msg)
    return found[0]


def load_trust_store(trust_store: bytes | Path) -> list[x509.Certificate]:
    """Return the certificates of a PEM bundle.

    Raises:
        TypeError: It is neither bytes nor a path.
        ValueError: It holds no certificate.
        OSError: The file cannot be read.
    """
    content = _content("trust_store", trust_store)
    try:
        return x509.load_pem_x509_certificates(content)
    except _UNREADABLE:
        pass
    msg = Message("{name} must be a bundle of X.509 certificates in PEM", name="trust_store")
    raise ValueError(msg)


def _content(name: str, given: object) -> bytes:
    if isinstance(given, Path):
        return given.read_bytes()
    if not isinstance(given, bytes):
        msg = f"{name} must be bytes or a pathlib.Path, not {type(given).__name__}"
        raise TypeError(msg)
    return given


def matches_digest(certificate: bytes, digest: CertificateDigest) -> bool:
    """Whether a digest in the signed properties is that of a certificate in DER."""
    return hashlib.new(digest.method, certificate).digest() == digest.value


def check_pinned_signer(claim: Claim, certificate: x509.Certificate) -> x509.Certificate:
    """Return the pinned certificate if the signature claims to be made with it.

    Raises:
        UntrustedSignerError: It claims another one, or brings others along.
        UnsupportedAlgorithmError: Its key is too weak.
    """
    der = certificate.public_bytes(Encoding.DER)
    if not matches_digest(der, claim.properties.certificate) or (claim.certificates and der not in claim.certificates):
        msg = Message(
            "the document is signed with another certificate than the pinned one: find out whose before you trust it"
        )
        raise UntrustedSignerError(msg)
    _check_key(certificate)
    _check_time(certificate, claim)
    return certificate


def find_trusted_signer(claim: Claim, store: Sequence[x509.Certificate]) -> x509.Certificate:
    """Return the certificate that the signature claims to be made with, if the store vouches for it.

    Raises:
        UntrustedSignerError: It does not come with the signature, or the store does not vouch for it at the time of
            signing, or it is one of an issuer, a server, a client or another service.
        UnsupportedAlgorithmError: Its key, or that of an issuer between it and the store, is too weak.
    """
    named = [der for der in claim.certificates if matches_digest(der, claim.properties.certificate)]
    if len(named) != 1:
        msg = Message("the certificate that signed does not come with the signature: get it from the signer and pin it")
        raise UntrustedSignerError(msg)
    try:
        leaf = x509.load_der_x509_certificate(named[0])
        others = [x509.load_der_x509_certificate(der) for der in claim.certificates if der != named[0]]
        verifier = (
            verification.PolicyBuilder()
            .store(verification.Store(list(store)))
            .time(validity_time(claim))
            .extension_policies(ee_policy=_SEALS, ca_policy=verification.ExtensionPolicy.webpki_defaults_ca())
            .build_client_verifier()
        )
        chain = verifier.verify(leaf, others).chain
        is_for_documents = _is_for_documents(leaf)
    except (*_UNREADABLE, verification.VerificationError):
        pass
    else:
        for certificate in chain:
            _check_key(certificate)
        if not is_for_documents:
            msg = Message(
                "the certificate that signed is one of an issuer, a server, a client or another service, and not for "
                "documents: do not use the document"
            )
            raise UntrustedSignerError(msg)
        _check_time(leaf, claim)
        return leaf
    msg = Message(
        "nobody in the trust store vouches for the certificate that signed, at the time of signing: "
        "check that the store holds the issuer's certificate"
    )
    raise UntrustedSignerError(msg)


def _check_key(certificate: x509.Certificate) -> None:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        key = None
    is_rsa = isinstance(key, rsa.RSAPublicKey) and key.key_size >= _SMALLEST_RSA
    is_ec = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES)
    if not is_rsa and not is_ec:
        msg = Message(
            "the key of a certificate is too weak to prove anything (what is accepted: RSA of 2048 bits or more, ECDSA "
            "on P-256, P-384 or P-521): ask the signer for a document that is signed anew"
        )
        raise UnsupportedAlgorithmError(msg)


def _is_for_documents(certificate: x509.Certificate) -> bool:
    """Return whether a certificate is that of a person or a seal, by what its issuer states."""
    constraints = _extension(certificate, x509.BasicConstraints)
    usage = _extension(certificate, x509.KeyUsage)
    if (constraints is not None and constraints.ca) or (usage is not None and (usage.key_cert_sign or usage.crl_sign)):
        return False
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    if purposes is None:
        return True
    return not _NEVER_FOR_DOCUMENTS & set(purposes) and bool(set(purposes) - _NOT_FOR_DOCUMENTS)


def _extension(certificate: x509.Certificate, kind: type[ExtensionT]) -> ExtensionT | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _check_key_usage(_policy: verification.Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    # Financial seals have digitalSignature; qualified certificates of persons may have nonRepudiation alone.
    if usage is None or not (usage.digital_signature or usage.content_commitment):
        msg = "a key that may not sign"
        raise ValueError(msg)


_SEALS: Final = verification.ExtensionPolicy.permit_all().require_present(
    x509.KeyUsage, verification.Criticality.AGNOSTIC, _check_key_usage
)


def validity_time(claim: Claim) -> datetime:
    """Return the time at which the certificate has to be valid: the signing time. Invoices outlive seals."""
    return claim.properties.signing_time or datetime.now(UTC)


def _check_time(certificate: x509.Certificate, claim: Claim) -> None:
    at = validity_time(claim)
    if at > datetime.now(UTC) + _CLOCKS_DIFFER:
        msg = Message("the document claims to be signed in the future: check this machine's clock, or do not use it")
        raise UntrustedSignerError(msg)
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        msg = Message("the certificate was not valid when the document was signed: do not use the document")
        raise UntrustedSignerError(msg)


def describe_signer(certificate: x509.Certificate) -> Signer:
    """Return the owner of a certificate."""
    return Signer(
        subject=certificate.subject.rfc4514_string(),
        common_name=_subject_attribute(certificate, NameOID.COMMON_NAME),
        tax_number=_subject_attribute(certificate, NameOID.SERIAL_NUMBER),
        serial_number=certificate.serial_number,
        fingerprint=hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
    )


def _subject_attribute(certificate: x509.Certificate, part: x509.ObjectIdentifier) -> str | None:
    found = certificate.subject.get_attributes_for_oid(part)
    return str(found[0].value) if found else None
