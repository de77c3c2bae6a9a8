"""A signature holds for exactly what was signed, by exactly whom it should be; everything else is refused by name."""

from __future__ import annotations

import logging
import re
from base64 import b64decode, b64encode
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from lxml import etree

from kolay_invoice import SignedXml
from kolay_invoice.signed_xml import (
    MissingSignatureError,
    NotAnInvoiceError,
    OtherInvoiceError,
    SignatureError,
    TamperedError,
    UnsupportedAlgorithmError,
    UntrustedSignerError,
    WrappedSignatureError,
    read,
    signature,
    verification,
)

from .conftest import PRIVATE
from .documents import ETTN, SIGNATURE_PATH, SUPPLIER, SUPPLIER_NUMBER, invoice
from .signer import C14N, DIGESTS, ENVELOPED, EXCLUSIVE, MORE, Signing, foreign_seal, own_seal, shared_secret

STYLE_SHEET = '<?xml-stylesheet type="text/xsl" href="general.xslt"?>'

RFC_4050 = f"""<ECDSAKeyValue xmlns="{MORE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><DomainParameters>
<NamedCurve URN="urn:oid:1.3.132.0.34"/></DomainParameters><PublicKey><X Value="1" xsi:type="PrimeFieldElemType"/>
<Y Value="2" xsi:type="PrimeFieldElemType"/></PublicKey></ECDSAKeyValue>"""


def sign_in_der(data: bytes) -> bytes:
    return own_seal().key.sign(data, ec.ECDSA(hashes.SHA384()))


HONEST = {
    "EC P-384 with SHA-384": Signing(),
    "EC P-384 with SHA-256": Signing(digest="sha256"),
    "RSA-2048 with SHA-256": Signing(seal=own_seal("rsa"), digest="sha256"),
    "RSA-2048 with SHA-512": Signing(seal=own_seal("rsa"), digest="sha512"),
    "the newer name of the certificate": Signing(certificate_element="SigningCertificateV2"),
    "canonical XML with comments": Signing(canonicalization=f"{C14N}#WithComments", transforms=(ENVELOPED, C14N)),
    "exclusive canonical XML": Signing(transforms=(ENVELOPED, C14N)),
    "a chain that comes along": Signing(key_info=(own_seal().der, foreign_seal().der)),
    "no certificate that comes along": Signing(key_info=()),
    "a public key beside the certificate, in the form of RFC 4050": Signing(key_value=RFC_4050),
    "a KeyInfo without anything in it": Signing(key_info=(), has_key_info=True),
    "exclusive canonical XML that keeps prefixes": Signing(canonicalization=EXCLUSIVE, prefixes="cbc xsi"),
}


def changed(document: bytes, there: str, instead: str) -> bytes:
    assert there.encode() in document
    return document.replace(there.encode(), instead.encode())


def test_a_signed_invoice_is_proven(signed, proven):
    verified = proven(SignedXml(signed), ettn=ETTN)

    assert verified.invoice == read(signed)
    assert verified.covered == ("signed properties", "document")
    assert verified.signature_algorithm == "ecdsa-sha384"
    assert verified.signing_time == datetime(2026, 5, 2, 10, tzinfo=timezone(timedelta(hours=3)))
    assert verified.sha256 == sha256(signed).hexdigest() == SignedXml(signed).sha256
    assert (verified.signer.common_name, verified.signer.tax_number) == (SUPPLIER, SUPPLIER_NUMBER)
    assert verified.signer.serial_number == own_seal().certificate.serial_number
    assert verified.signer.fingerprint == sha256(own_seal().der).hexdigest()
    assert SUPPLIER in verified.signer.subject
    assert [private for private in PRIVATE if private in repr(verified)] == []


@pytest.mark.parametrize("name", HONEST)
def test_each_honest_way_to_sign_is_proven(name, proven):
    signing = HONEST[name]

    verified = proven(signing.sign(invoice()), certificate=signing.seal.pem)

    assert verified.invoice.ettn == UUID(ETTN)


@pytest.mark.parametrize("name", HONEST)
def test_another_program_agrees_on_what_is_signed(name, is_valid_elsewhere):
    """What the tests sign is what the standard means."""
    comment = "" if name == "canonical XML with comments" else "<!-- x -->"
    around = f"{STYLE_SHEET}\n{comment}"

    document = HONEST[name].sign(invoice().replace("<Invoice", f"{around}<Invoice", 1))

    assert is_valid_elsewhere(document, HONEST[name].seal)


def test_a_signature_in_der_is_proven_and_named(proven, refused):
    document = Signing(signed_with=sign_in_der).sign(invoice())

    assert proven(document).signature_encoding == "DER"
    assert proven(Signing().sign(invoice())).signature_encoding == "concatenated"
    refused(TamperedError, changed(document, ">72.72<", ">72.73<"))


def test_a_signature_of_rsa_has_no_encoding(proven):
    signing = HONEST["RSA-2048 with SHA-256"]

    assert proven(signing.sign(invoice()), certificate=signing.seal.pem).signature_encoding is None


def test_another_program_agrees_on_a_signature_in_der_once_it_is_written_as_the_standard_has_it(is_valid_elsewhere):
    in_der = Signing(signed_with=sign_in_der).sign(invoice())
    value = re.search(rb"<ds:SignatureValue>(.*)</ds:SignatureValue>", in_der)[1]
    r, s = decode_dss_signature(b64decode(value))

    assert is_valid_elsewhere(
        in_der.replace(value, b64encode(r.to_bytes(48, "big") + s.to_bytes(48, "big"))), own_seal()
    )
    assert not is_valid_elsewhere(in_der, own_seal()), "xmlsec1 reads DER now: say so in the documentation"


DER_OF_OTHERS = {
    "another key": lambda data: foreign_seal().key.sign(data, ec.ECDSA(hashes.SHA384())),
    "another digest": lambda data: own_seal().key.sign(data, ec.ECDSA(hashes.SHA256())),
    "numbers beyond the curve": lambda _: encode_dss_signature(2**600, 2**600),
    "no number": lambda _: encode_dss_signature(0, 0),
    "more behind it": lambda data: sign_in_der(data) + b"\0",
}


@pytest.mark.parametrize("name", DER_OF_OTHERS)
def test_der_that_no_signature_of_the_seal_is_proves_nothing(name, refused):
    refused(TamperedError, Signing(signed_with=DER_OF_OTHERS[name]).sign(invoice()))


def test_a_second_key_info_is_refused(signed, refused):
    refused(SignatureError, changed(signed, "<ds:Object ", "<ds:KeyInfo/><ds:Object "))


def test_a_canonical_form_that_keeps_what_has_no_prefix_is_not_understood(refused):
    signing = Signing(canonicalization=EXCLUSIVE, prefixes="cbc #default")

    assert "cannot be understood" in refused(SignatureError, signing.sign(invoice()))


def test_a_style_sheet_beside_the_root_is_part_of_the_document(proven, refused):
    signed = Signing().sign(invoice().replace("<Invoice", f"{STYLE_SHEET}<Invoice", 1))

    assert proven(signed).invoice.ettn == UUID(ETTN)
    refused(TamperedError, changed(signed, "general.xslt", "http://evil.example/x.xslt"))
    refused(TamperedError, changed(signed, STYLE_SHEET, ""))


def test_a_style_sheet_put_beside_the_root_afterwards_is_tampering(signed, refused):
    refused(TamperedError, changed(signed, "<Invoice", f"{STYLE_SHEET}<Invoice"))


def test_no_logger_hears_what_stands_in_a_document(signed, proven, caplog):
    caplog.set_level(logging.DEBUG)

    proven(signed)

    assert [private for private in PRIVATE if private in caplog.text] == []


# Tampered

TAMPERED = {
    "an amount": (">72.72<", ">72.73<"),
    "a name": ("Ayşe", "Ayse"),
    "the number": ("000042", "000043"),
    "an attribute": ('unitCode="C62"', 'unitCode="KGM"'),
    "a blank": ("</cbc:UUID>", " </cbc:UUID>"),
    "an element more": ("<cac:LegalMonetaryTotal>", "<cbc:Note>x</cbc:Note><cac:LegalMonetaryTotal>"),
    "a processing instruction": ("<cbc:UUID>", "<cbc:UUID><?x?>"),
    "the signing time": ("10:00:00.2538946", "11:00:00.2538946"),
    "the digest": ("<ds:DigestValue>", "<ds:DigestValue>AAAA"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_document_that_was_changed_is_refused(name, signed, refused):
    there, instead = TAMPERED[name]

    content = changed(signed, there, instead)

    expected = UntrustedSignerError if name == "the digest" else TamperedError
    refused(expected, content)


def test_a_comment_put_in_afterwards_changes_no_fact_and_is_not_read(signed, proven):
    """The standard leaves comments out of what is signed, so they are left out of what is read as well."""
    commented = changed(signed, ">72.72<", ">72<!-- 1 -->.72<")

    assert proven(commented).invoice == read(signed)
    assert proven(commented).sha256 != proven(signed).sha256


def test_a_copy_with_equivalent_bytes_is_proven_and_has_another_digest(signed, proven):
    """A signature covers the canonical form: other quotes, entities or an added declaration are the same document."""
    copy = etree.tostring(etree.fromstring(signed), encoding="UTF-8", xml_declaration=True, standalone=True)

    assert copy != signed
    assert proven(copy).invoice == proven(signed).invoice
    assert proven(copy).sha256 != proven(signed).sha256


def test_a_copy_that_is_indented_anew_is_refused(signed, refused):
    root = etree.fromstring(signed)
    etree.indent(root)

    refused(TamperedError, etree.tostring(root))


# Wrapped, moved, covering less

SIGNATURE = re.compile(rb"<ds:Signature .*</ds:Signature>", re.DOTALL)
ROOT = re.compile(rb"<Invoice.*</Invoice>", re.DOTALL)


def signature_in(document: bytes) -> bytes:
    return SIGNATURE.search(document)[0]


def unsigned(document: bytes) -> bytes:
    return ROOT.search(SIGNATURE.sub(b"", document))[0]


def forged() -> bytes:
    """Return an invoice of an attacker's, unsigned."""
    return invoice(5, ettn="f46d5a8d-7726-4b37-bba4-973c7ab50a5b").encode()


def filled(document: bytes, content: bytes) -> bytes:
    return document.replace(SIGNATURE_PATH.encode(), b"<ext:ExtensionContent>" + content + b"</ext:ExtensionContent>")


WRAPPED = {
    "the original inside a new root": lambda signed: filled(forged(), ROOT.search(signed)[0]),
    "the original beside its signature in a new root": lambda signed: filled(
        forged(), signature_in(signed) + unsigned(signed)
    ),
    "the original in the signature of a new root": lambda signed: filled(
        forged(),
        signature_in(signed).replace(
            b"</ds:Signature>",
            b"<ds:Object>" + unsigned(signed) + b"</ds:Object></ds:Signature>",
        ),
    ),
    "a second invoice inside": lambda signed: signed.replace(
        b"<cac:LegalMonetaryTotal>", unsigned(forged()) + b"<cac:LegalMonetaryTotal>", 1
    ),
    "the signature at the end": lambda signed: SIGNATURE.sub(b"", signed).replace(
        b"</Invoice>", signature_in(signed) + b"</Invoice>"
    ),
    "the signature first": lambda signed: SIGNATURE.sub(b"", signed).replace(
        b"<ext:UBLExtensions>", signature_in(signed) + b"<ext:UBLExtensions>"
    ),
    "the signature twice": lambda signed: signed.replace(signature_in(signed), signature_in(signed) * 2),
    "another signature elsewhere": lambda signed: signed.replace(b"</Invoice>", signature_in(signed) + b"</Invoice>"),
}


@pytest.mark.parametrize("name", WRAPPED)
def test_a_wrapped_or_moved_signature_is_refused(name, signed, refused):
    refused(WrappedSignatureError, WRAPPED[name](signed))


def test_a_signature_taken_to_another_invoice_proves_nothing_of_it(signed, refused):
    refused(TamperedError, filled(forged(), signature_in(signed)))


MOVED = {
    "the Id at another element as well": ("<cbc:UBLVersionID>", '<cbc:UBLVersionID Id="Signed-Properties-1">'),
    "the Id at another element instead": (
        '<xades:SignedProperties Id="Signed-Properties-1"',
        '<xades:SignedProperties Id="x" xml:id="y"',
    ),
    "the Id in another spelling": ("<cbc:UBLVersionID>", '<cbc:UBLVersionID ID="Signed-Properties-1">'),
    "the Id in a namespace": ("<cbc:UBLVersionID>", '<cbc:UBLVersionID cbc:id="Signed-Properties-1">'),
    "a reference without URI": (' URI=""', ""),
    "a reference to the outside": ('URI="#Signed-Properties-1"', 'URI="http://evil.example/x"'),
    "a reference by XPointer": ('URI="#Signed-Properties-1"', 'URI="#xpointer(/)"'),
}


@pytest.mark.parametrize("name", MOVED)
def test_a_moved_id_is_refused(name, signed, refused):
    there, instead = MOVED[name]

    refused(WrappedSignatureError, changed(signed, there, instead))


def test_properties_that_stand_elsewhere_are_refused(refused):
    """The Id leads to properties of an attacker's choice, with the right names, outside the signature's own place."""
    signed = Signing(properties_id="Signed-Properties-1").sign(invoice())
    properties = re.search(rb"<xades:SignedProperties .*</xades:SignedProperties>", signed, re.DOTALL)[0]
    own = properties.replace(b"Signed-Properties-1", b"Signed-Properties-2")

    moved = signed.replace(properties, own).replace(b"<cbc:UBLVersionID>", properties + b"<cbc:UBLVersionID>")

    refused(WrappedSignatureError, moved)


PARTS = {
    "a part of the document": Signing(document_uri="#part"),
    "a document through XPath": Signing(transforms=(ENVELOPED, "http://www.w3.org/TR/1999/REC-xpath-19991116")),
    "a document through XSLT": Signing(transforms=("http://www.w3.org/TR/1999/REC-xslt-19991116", ENVELOPED)),
    "a document that is not enveloped": Signing(transforms=()),
    "a document transformed over and over": Signing(transforms=(ENVELOPED, C14N, C14N)),
    "the document twice": Signing(
        more_references=f'<ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="{ENVELOPED}"/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{DIGESTS["sha384"]}"/><ds:DigestValue>AA==</ds:DigestValue></ds:Reference>'
    ),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_signature_over_less_than_the_whole_document_is_refused(name, refused):
    document = invoice().replace("<cac:AccountingSupplierParty>", '<cac:AccountingSupplierParty Id="part">')

    refused(WrappedSignatureError, PARTS[name].sign(document))


def test_a_signature_without_its_properties_is_refused(signed, refused):
    reference = re.search(rb'<ds:Reference Id="Reference-2".*?</ds:Reference>', signed, re.DOTALL)[0]

    refused(WrappedSignatureError, signed.replace(reference, b""))


# Anybody can write a file that is not signed, and make it as large as the bounds of a document allow.

REFERENCE = (
    f'<ds:Reference URI="#Signed-Properties-1"><ds:DigestMethod Algorithm="{DIGESTS["sha384"]}"/>'
    "<ds:DigestValue>AA==</ds:DigestValue></ds:Reference>"
)
ENDLESS = {
    "references": ("</ds:SignedInfo>", REFERENCE * 40_000),
    "transforms": ("</ds:Transforms>", '<ds:Transform Algorithm="x"/>' * 140_000),
    "objects": ("<ds:Object ", "<ds:Object/>" * 200_000),
    "data about the key": ("<ds:X509Data>", "<ds:X509Data/>" * 200_000),
    "base64": ("</ds:X509Certificate>", "QUFB" * 2_000_000),
    "base64 in pieces": ("</ds:X509Certificate>", ("QUFB" * 10_000 + "<?x?>") * 60),
    "blanks": ("</ds:X509Certificate>", " " * 9_000_000),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_signature_without_end_is_refused_before_it_is_checked(name, signed, refused, monkeypatch):
    monkeypatch.setattr(signature, "_find_target", lambda *_: pytest.fail("the document was walked through"))
    monkeypatch.setattr(verification, "_verify_references", lambda *_: pytest.fail("the signature was checked"))
    before, more = ENDLESS[name]

    assert "more or longer parts" in refused(SignatureError, changed(signed, before, more + before))


def test_no_more_references_are_looked_up_than_a_signature_can_have(refused, monkeypatch):
    looked_up, referred = [], signature._find_target
    monkeypatch.setattr(signature, "_find_target", lambda *given: looked_up.append(given) or referred(*given))

    refused(WrappedSignatureError, Signing(more_references=REFERENCE * 500).sign(invoice()))

    assert len(looked_up) <= 3


def test_a_long_proof_in_unsigned_properties_is_no_hindrance(signed, proven):
    proof = (
        "<xades:UnsignedProperties><xades:UnsignedSignatureProperties><xades:RevocationValues><xades:CRLValues>"
        f"<xades:EncapsulatedCRLValue>{'QUFB' * 500_000}</xades:EncapsulatedCRLValue></xades:CRLValues>"
        "</xades:RevocationValues></xades:UnsignedSignatureProperties></xades:UnsignedProperties>"
    )
    end = "</xades:QualifyingProperties>"

    assert proven(changed(signed, end, proof + end)).invoice.ettn == UUID(ETTN)


def test_an_unsigned_invoice_is_refused(refused):
    assert "no signature" in refused(MissingSignatureError, invoice().encode())


def test_another_document_is_no_invoice_however_well_signed(refused):
    document = Signing().sign(invoice().replace("Invoice", "CreditNote"))

    refused(NotAnInvoiceError, document)


def test_should_a_library_see_other_references_nothing_is_proven(signed, refused, monkeypatch):
    checked = verification._verify_references
    monkeypatch.setattr(verification, "_verify_references", lambda *given: checked(*given)[::-1])

    refused(WrappedSignatureError, signed)


# Methods

METHODS = {
    "SHA-1": Signing(digest="sha1"),
    "SHA-1 with RSA": Signing(seal=own_seal("rsa"), digest="sha1"),
    "SHA-1 for the certificate": Signing(named_digest="sha1"),
    "an HMAC with the public certificate as its secret": Signing(
        method="http://www.w3.org/2001/04/xmldsig-more#hmac-sha384", signed_with=shared_secret(own_seal().pem)
    ),
    "no method": Signing(method=""),
    "a made-up method": Signing(method="urn:none"),
    "a made-up canonical form": Signing(canonicalization="urn:none"),
}


@pytest.mark.parametrize("name", METHODS)
def test_a_method_that_proves_too_little_is_refused(name, refused):
    assert "not accepted" in refused(
        UnsupportedAlgorithmError, METHODS[name].sign(invoice()), certificate=METHODS[name].seal.pem
    )


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_a_key_of_another_kind_than_the_method_is_refused(kind, refused):
    other = {"rsa": "ecdsa", "ec": "rsa"}[kind]
    signing = Signing(seal=own_seal(kind), method=f"http://www.w3.org/2001/04/xmldsig-more#{other}-sha384")

    refused(SignatureError, signing.sign(invoice()), certificate=signing.seal.pem)


def test_a_signature_over_the_right_bytes_with_another_key_is_refused(refused):
    """The certificate that is named is the right one; the key was not at hand."""
    signing = Signing(signed_with=Signing(seal=foreign_seal())._signed)

    refused(TamperedError, signing.sign(invoice()))


# Whose certificate

SWAPPED = {
    "another signer altogether": Signing(seal=foreign_seal()),
    "another certificate comes along": Signing(key_info=(foreign_seal().der,)),
    "another certificate is named": Signing(named=foreign_seal().der),
}


@pytest.mark.parametrize("name", SWAPPED)
def test_a_signature_with_another_certificate_than_the_pinned_is_refused(name, refused):
    refused(UntrustedSignerError, SWAPPED[name].sign(invoice()))


def test_a_certificate_swapped_afterwards_is_refused(signed, refused):
    own = re.search(rb"<ds:X509Certificate>.*?</ds:X509Certificate>", signed)[0]
    other = re.search(rb"<ds:X509Certificate>.*?</ds:X509Certificate>", Signing(seal=foreign_seal()).sign(invoice()))[0]

    refused(UntrustedSignerError, signed.replace(own, other))


def test_a_well_signed_document_of_another_sale_is_refused(signed, refused):
    refused(OtherInvoiceError, signed, ettn="f46d5a8d-7726-4b37-bba4-973c7ab50a5b")


# What cannot be understood

SENSELESS = {
    "no SignedInfo": (re.compile(rb"<ds:SignedInfo>.*</ds:SignedInfo>", re.DOTALL), b"", "no ds:SignedInfo"),
    "two SignatureMethods": (
        re.compile(rb"<ds:SignatureMethod [^>]*/>"),
        rb"\g<0>\g<0>",
        "more than one ds:SignatureMethod",
    ),
    "no value": (re.compile(rb"<ds:SignatureValue>.*</ds:SignatureValue>"), b"", "cannot be understood"),
    "an empty value": (
        re.compile(rb"<ds:SignatureValue>.*</ds:SignatureValue>"),
        b"<ds:SignatureValue/>",
        "cannot be understood",
    ),
    "a short value": (
        re.compile(rb"<ds:SignatureValue>.*</ds:SignatureValue>"),
        b"<ds:SignatureValue>AAAA</ds:SignatureValue>",
        "what was signed",
    ),
    "text behind the signature": (re.compile(rb"</ds:Signature>"), rb"\g<0>text", "cannot be understood"),
    "no certificate named": (
        re.compile(rb"<xades:SigningCertificate>.*</xades:SigningCertificate>", re.DOTALL),
        b"",
        "names no certificate",
    ),
    "no digest of the certificate": (
        re.compile(rb"<xades:CertDigest>.*</xades:CertDigest>", re.DOTALL),
        b"",
        "names no certificate",
    ),
    "a certificate that is not base64": (
        re.compile(rb"<ds:X509Certificate>"),
        rb"\g<0>?",
        "not base64",
    ),
    "a crowd of certificates": (
        re.compile(rb"<ds:X509Certificate>.*</ds:X509Certificate>"),
        rb"\g<0>" * 9,
        "more certificates",
    ),
    "a signing time in words": (re.compile(rb"2026-05-02T10"), b"today T10", "signing time"),
    "a signing time before the calendar": (
        re.compile(rb"2026-05-02T10:00:00.2538946.03:00"),
        b"0001-01-01T00:00:00+14:00",
        "signing time",
    ),
}


@pytest.mark.parametrize("name", SENSELESS)
def test_a_signature_that_makes_no_sense_proves_nothing(name, signed, proven):
    pattern, instead, said = SENSELESS[name]
    assert pattern.search(signed)

    with pytest.raises(SignatureError, match=said):
        proven(pattern.sub(instead, signed))
