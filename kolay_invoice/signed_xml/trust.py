"""Checks the signer's certificate: the pinned one, or one that a trust store vouches for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID

from kolay_invoice.messages import Message
from kolay_invoice.signed_xml.certificates import (
    COMMON_NAME,
    PEM,
    SERIAL_NUMBER,
    UNREADABLE,
    load_der,
    load_pem,
    read_subject,
)
from kolay_invoice.signed_xml.errors import UnsupportedAlgorithmError, UntrustedSignerError
from kolay_invoice.signed_xml.proof import Signer
from kolay_invoice.signed_xml.signature import CertificateDigest, Claim

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
        found = load_pem(content) if PEM in content else [load_der(content)]
    except UNREADABLE:
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
        return load_pem(content)
    except UNREADABLE:
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
    stated: list[x509.ExtensionType] = []
    try:
        leaf = load_der(named[0])
        others = [load_der(der) for der in claim.certificates if der != named[0]]
        verifier = (
            verification.PolicyBuilder()
            .store(verification.Store(list(store)))
            .time(validity_time(claim))
            .extension_policies(
                ee_policy=_seal_policy(stated), ca_policy=verification.ExtensionPolicy.webpki_defaults_ca()
            )
            .build_client_verifier()
        )
        chain = verifier.verify(leaf, others).chain
    except (*UNREADABLE, verification.VerificationError):
        pass
    else:
        for certificate in chain:
            _check_key(certificate)
        if not all(map(_is_for_documents, stated)):
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


def _is_for_documents(extension: x509.ExtensionType) -> bool:
    """Return whether an extension lets its certificate be that of a person or a seal."""
    match extension:
        case x509.BasicConstraints():
            return not extension.ca
        case x509.KeyUsage():
            return not (extension.key_cert_sign or extension.crl_sign)
        case _:
            purposes = set(extension) if isinstance(extension, x509.ExtendedKeyUsage) else set()
            return not _NEVER_FOR_DOCUMENTS & purposes and bool(purposes - _NOT_FOR_DOCUMENTS)


def _seal_policy(stated: list[x509.ExtensionType]) -> verification.ExtensionPolicy:
    """Return the policy of a signer's certificate. It notes what the certificate states of its use.

    Only these extensions are read: the library warns about the names and texts in some others.
    """

    def note(_policy: verification.Policy, _of: x509.Certificate, extension: x509.ExtensionType | None) -> None:
        if extension is not None:
            stated.append(extension)

    def check_usage(_policy: verification.Policy, _of: x509.Certificate, usage: x509.KeyUsage | None) -> None:
        # Financial seals have digitalSignature; qualified certificates of persons may have nonRepudiation alone.
        if usage is None or not (usage.digital_signature or usage.content_commitment):
            msg = "a key that may not sign"
            raise ValueError(msg)
        stated.append(usage)

    either = verification.Criticality.AGNOSTIC
    return (
        verification.ExtensionPolicy.permit_all()
        .require_present(x509.KeyUsage, either, check_usage)
        .may_be_present(x509.BasicConstraints, either, note)
        .may_be_present(x509.ExtendedKeyUsage, either, note)
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
    subject = read_subject(certificate)
    return Signer(
        subject=subject.text,
        common_name=subject.first(COMMON_NAME),
        tax_number=subject.first(SERIAL_NUMBER),
        serial_number=certificate.serial_number,
        fingerprint=hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
    )
