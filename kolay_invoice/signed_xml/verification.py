"""Reads and verifies documents: the signature is verified first, and only what it covers is read."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final, overload
from uuid import UUID

import cryptography.exceptions
import lxml.etree as etree  # noqa: PLR0402 - lxml has no stubs in which the checkers would find the other form.
from cryptography import x509
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidSignature, SignXMLException
from signxml.xades.xades import XAdESSignatureConfiguration

from kolay_invoice.messages import Message
from kolay_invoice.signed_xml import trust
from kolay_invoice.signed_xml.errors import OtherInvoiceError, SignatureError, TamperedError, WrappedSignatureError
from kolay_invoice.signed_xml.notices import UblDocument
from kolay_invoice.signed_xml.parsing import Content, Element, parse, read_bytes, safe_parser
from kolay_invoice.signed_xml.proof import Verified
from kolay_invoice.signed_xml.signature import (
    DIGEST_METHODS,
    DOCUMENT,
    PROPERTIES,
    SIGNATURE_METHODS,
    SIGNATURE_PATH,
    Claim,
    read_claim,
    read_properties,
)
from kolay_invoice.signed_xml.ubl import read_document
from kolay_invoice.signed_xml.verifier import SealVerifier

_CONFIGURATION: Final = XAdESSignatureConfiguration(
    location=f"./{SIGNATURE_PATH}/",
    # Any number, as a list: which ones there are is checked by name.
    expect_references=True,
    signature_methods=frozenset(map(SignatureMethod, SIGNATURE_METHODS)),
    digest_algorithms=frozenset(map(DigestAlgorithm, DIGEST_METHODS)),
    # A public key beside the certificate is never used, and old programs write it in obsolete forms.
    ignore_ambiguous_key_info=True,
    default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0,
)

_NOT_UNDERSTOOD: Final = (
    SignXMLException,
    etree.LxmlError,
    cryptography.exceptions.UnsupportedAlgorithm,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    NotImplementedError,
)
"""What signxml and its libraries raise for malformed signatures."""


def read(content: Content, *, ettn: UUID | str | None = None) -> UblDocument:
    """Return the facts of a document without verifying its signature.

    Args:
        content: The bytes as they came, what `get_signed_xml` returned, or the path of a file.
        ettn: The ETTN that was asked for.

    Raises:
        UnsafeDocumentError: The document has a DTD, is not in UTF-8, or is beyond the bounds of any invoice.
        NotAnInvoiceError: It is no UBL-TR document, or a fact is missing or unreadable.
        OtherInvoiceError: It has another ETTN.
        TypeError, ValueError: An argument is invalid.
        OSError: The file cannot be read.
    """
    asked_for = _parse_ettn(ettn)
    return _check_ettn(read_document(parse(read_bytes(content))), asked_for)


@overload
def verify(content: Content, *, certificate: bytes | Path, ettn: UUID | str | None = None) -> Verified: ...


@overload
def verify(content: Content, *, trust_store: bytes | Path, ettn: UUID | str | None = None) -> Verified: ...


def verify(
    content: Content,
    *,
    certificate: bytes | Path | None = None,
    trust_store: bytes | Path | None = None,
    ettn: UUID | str | None = None,
) -> Verified:
    """Return the facts that the signature of a document proves; refuse everything else.

    Exactly one of `certificate` and `trust_store` says who may have signed. A certificate has to be valid at the
    signing time that the signer states (now, where none is stated). Revocation and time stamps
    are not checked: nothing goes over the network. It computes for a while on a document of thousands
    of lines: in a coroutine, call it by `asyncio.to_thread`.

    Args:
        content: The bytes as they came, what `get_signed_xml` returned, or the path of a file.
        certificate: The one certificate that has to have signed, in PEM or DER, or its file.
        trust_store: Certificates in PEM, or their file: issuers', or signers' own. The signer's certificate, and those
            between it and the store, have to come with the signature.
        ettn: The ETTN that was asked for.

    Raises:
        UnsafeDocumentError: The document has a DTD, is not in UTF-8, or is beyond the bounds of any invoice.
        NotAnInvoiceError: It is no UBL-TR document, or a fact is missing or unreadable.
        SignatureError: It is not signed, not as a whole, not by an accepted method, not by whom it should be, or not
            what was signed.
        OtherInvoiceError: The signature holds, but the document has another ETTN.
        TypeError, ValueError: An argument is invalid.
        OSError: A file cannot be read.
    """
    asked_for = _parse_ettn(ettn)
    if (certificate is None) == (trust_store is None):
        msg = Message("give exactly one of certificate, trust_store")
        raise ValueError(msg)
    pin = None if certificate is None else trust.load_certificate(certificate)
    store = [] if trust_store is None else trust.load_trust_store(trust_store)
    exact = read_bytes(content)
    claim = read_claim(parse(exact))
    signer = trust.find_trusted_signer(claim, store) if pin is None else trust.check_pinned_signer(claim, pin)
    verifier = SealVerifier()
    document = _verify_coverage(verifier, exact, claim, signer)
    return Verified(
        document=_check_ettn(read_document(document), asked_for),
        signer=trust.describe_signer(signer),
        signing_time=claim.properties.signing_time,
        covered=claim.covered,
        signature_algorithm=claim.method,
        signature_encoding=verifier.signature_encoding,
        sha256=hashlib.sha256(exact).hexdigest(),
    )


def _verify_coverage(verifier: SealVerifier, exact: bytes, claim: Claim, signer: x509.Certificate) -> Element:
    """Return the document as the signature covers it, after checking that it is what was claimed."""
    covered = dict(zip(claim.covered, _verify_references(verifier, exact, signer), strict=True))
    document, properties = covered[DOCUMENT], covered[PROPERTIES]
    # The claim was read from the document as it came. Should a library ever have seen it otherwise, nothing is proven.
    if document.tag != claim.root or read_properties(properties) != claim.properties:
        msg = Message("the signature covers something else than it seemed to: do not use the document")
        raise WrappedSignatureError(msg)
    return document


def _verify_references(verifier: SealVerifier, exact: bytes, signer: x509.Certificate) -> list[Element]:
    """Return what each reference covers, as it was signed."""
    try:
        results = verifier.verify(exact, x509_cert=signer, parser=safe_parser(), expect_config=_CONFIGURATION)
        return [result.signed_xml for result in results]
    except InvalidSignature:
        tampered = True
    except _NOT_UNDERSTOOD:
        tampered = False
    # Raised here, where the libraries' errors, which can quote the document, are no context of it any more.
    if tampered:
        msg = Message(
            "the document is not what was signed: it was changed, or saved anew by a program, after it was signed"
        )
        raise TamperedError(msg)
    msg = Message("the signature cannot be understood, so it proves nothing: do not use the document")
    raise SignatureError(msg)


def _parse_ettn(ettn: object) -> UUID | None:
    if ettn is None or isinstance(ettn, UUID):
        return ettn
    if not isinstance(ettn, str):
        msg = f"ettn must be a uuid.UUID or its text, not {type(ettn).__name__}"
        raise TypeError(msg)
    try:
        return UUID(ettn)
    except ValueError:
        pass
    msg = Message("{name} must be a UUID", name="ettn")
    raise ValueError(msg)


def _check_ettn(document: UblDocument, ettn: UUID | None) -> UblDocument:
    if ettn is not None and document.ettn != ettn:
        msg = Message(
            "the document has the ETTN {found}, not {asked} as asked for: fetch that one",
            found=document.ettn,
            asked=ettn,
        )
        raise OtherInvoiceError(msg)
    return document
