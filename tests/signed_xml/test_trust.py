"""Who may have signed: a certificate that is pinned, or one that a trust store vouches for when it signed."""

from __future__ import annotations

from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from kolay_invoice.signed_xml import UnsupportedAlgorithmError, UntrustedSignerError, verify
from kolay_invoice.signed_xml.certificates import COMMON_NAME, _attribute, read_subject
from kolay_invoice.signed_xml.trust import load_certificate, load_trust_store

from .documents import SUPPLIER, invoice
from .signer import SEAL_USAGE, Seal, Signing, foreign_seal, own_seal, seal

YEAR = timedelta(days=365)
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def root():
    return seal(name="Kök", is_authority=True)


@pytest.fixture(scope="module")
def issuer(root):
    return seal(name="Ara", issuer=root, is_authority=True)


@pytest.fixture(scope="module")
def issued(issuer):
    return seal(name=SUPPLIER, issuer=issuer)


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
@pytest.mark.parametrize("as_file", [False, True], ids=["bytes", "file"])
def test_a_pinned_certificate_is_taken_in_each_form(encoding, as_file, signed, tmp_path):
    certificate = own_seal().certificate.public_bytes(encoding)
    path = tmp_path / "seal"
    path.write_bytes(certificate)

    verified = verify(signed, certificate=path if as_file else certificate)

    assert verified.signer.common_name == SUPPLIER


@pytest.mark.parametrize("as_file", [False, True], ids=["bytes", "file"])
@pytest.mark.parametrize("key_type", ["ec", "rsa"])
def test_a_trust_store_vouches_for_the_seals_that_its_issuers_issued(key_type, as_file, root, issuer, tmp_path):
    own = seal(key_type, name=SUPPLIER, issuer=issuer)
    path = tmp_path / "store.pem"
    path.write_bytes(foreign_seal().pem + root.pem)
    signing = Signing(seal=own, key_info=(issuer.der, own.der), signing_time=NOW.isoformat())

    verified = verify(signing.sign(invoice()), trust_store=path if as_file else path.read_bytes())

    assert verified.signer.common_name == SUPPLIER


def test_the_seal_of_a_person_may_be_for_what_cannot_be_repudiated(issuer):
    own = seal(issuer=issuer, usage="content_commitment")

    assert verify(Signing(seal=own).sign(invoice()), trust_store=issuer.pem)


REFUSED = {
    "a signer that nobody issued": lambda issuer, issued: Signing(seal=foreign_seal()),
    "a chain with a gap": lambda issuer, issued: Signing(seal=issued),
    "a certificate that does not come along": lambda issuer, issued: Signing(seal=issued, key_info=(issuer.der,)),
    "another certificate than the one that signed": lambda issuer, issued: Signing(
        seal=foreign_seal(), key_info=(issued.der, issuer.der)
    ),
    "a key that may not sign": lambda issuer, issued: _with(seal(issuer=issuer, usage="key_encipherment"), issuer),
    "an issuer's own key": lambda issuer, issued: _with(issuer, issuer),
    "a chain with something unreadable in it": lambda issuer, issued: Signing(seal=issued, key_info=(issued.der, b"x")),
}


def _with(own, issuer):
    return Signing(seal=own, key_info=tuple({own.der, issuer.der}))


@pytest.mark.parametrize("name", REFUSED)
def test_a_signer_that_the_store_does_not_vouch_for_is_refused(name, root, issuer, issued, refused):
    content = REFUSED[name](issuer, issued).sign(invoice())

    refused(UntrustedSignerError, content, verify, trust_store=root.pem)


def test_a_forged_certificate_is_refused_though_its_signature_holds(issued, issuer, root, refused):
    """The attacker names the honest certificate's issuer and subject, with a key of their own."""
    forger = seal(name="Ara", is_authority=True)
    forged = seal(name=SUPPLIER, issuer=forger)

    refused(UntrustedSignerError, _with(forged, forger).sign(invoice()), verify, trust_store=root.pem)


# With which key

ACCEPTED_KEYS = ("rsa-2048", "rsa-3072", "secp256r1", "ec", "secp521r1")
WEAK_KEYS = ("rsa-1024", "rsa-2047", "secp192r1", "secp224r1", "secp256k1", "brainpoolP256r1", "brainpoolP384r1")


def _weak_and_trusted(kind, by, root):
    own = seal(kind, name=SUPPLIER, issuer=root if by == "trust_store" else None)
    content = Signing(seal=own, digest="sha256").sign(invoice())
    return content, {"certificate": own.pem} if by == "certificate" else {"trust_store": root.pem}


@pytest.mark.parametrize("by", ["certificate", "trust_store"])
@pytest.mark.parametrize("kind", ACCEPTED_KEYS)
def test_a_strong_key_is_accepted(kind, by, root):
    content, trusting = _weak_and_trusted(kind, by, root)

    assert verify(content, **trusting).signer.common_name == SUPPLIER


@pytest.mark.parametrize("by", ["certificate", "trust_store"])
@pytest.mark.parametrize("kind", WEAK_KEYS)
def test_a_weak_key_proves_nothing_though_it_is_trusted(kind, by, root, refused):
    content, trusting = _weak_and_trusted(kind, by, root)

    assert "2048" in refused(UnsupportedAlgorithmError, content, verify, **trusting)


def test_a_signers_own_weak_certificate_in_the_store_proves_nothing(refused):
    own = seal("rsa-1024")
    content = Signing(seal=own, digest="sha256").sign(invoice())

    refused(UnsupportedAlgorithmError, content, verify, trust_store=own.pem)


@pytest.mark.parametrize("kind", ["rsa-1024", "secp256k1"])
def test_an_issuer_with_a_weak_key_vouches_for_nobody(kind, root):
    weak = seal(kind, name="Ara", issuer=root, is_authority=True)
    own = seal(issuer=weak)

    for store in (root, weak):
        with pytest.raises((UntrustedSignerError, UnsupportedAlgorithmError)):
            verify(_with(own, weak).sign(invoice()), trust_store=store.pem)


# With a certificate for what

PURPOSES = {
    "a server": (ExtendedKeyUsageOID.SERVER_AUTH,),
    "a server that also seals": (ExtendedKeyUsageOID.SERVER_AUTH, SEAL_USAGE),
    "a client": (ExtendedKeyUsageOID.CLIENT_AUTH,),
    "a client and a server": (ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH),
    "an OCSP responder": (ExtendedKeyUsageOID.OCSP_SIGNING,),
    "an OCSP responder that also seals": (ExtendedKeyUsageOID.OCSP_SIGNING, SEAL_USAGE),
    "a time stamp authority": (ExtendedKeyUsageOID.TIME_STAMPING,),
    "a time stamp authority for anything": (
        ExtendedKeyUsageOID.TIME_STAMPING,
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
    ),
    "a publisher of programs": (ExtendedKeyUsageOID.CODE_SIGNING,),
    "a smart card": (ExtendedKeyUsageOID.SMARTCARD_LOGON, ExtendedKeyUsageOID.CLIENT_AUTH),
}


@pytest.mark.parametrize("name", PURPOSES)
def test_a_certificate_for_something_else_than_documents_is_refused(name, root, refused):
    own = seal(issuer=root, purposes=PURPOSES[name])

    assert "not for documents" in refused(
        UntrustedSignerError, Signing(seal=own).sign(invoice()), verify, trust_store=root.pem
    )


@pytest.mark.parametrize(
    "purposes",
    [
        (),
        (SEAL_USAGE,),
        (ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.CLIENT_AUTH),
        (ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,),
    ],
    ids=["anything", "seals", "a person's", "stated as anything"],
)
def test_a_certificate_of_a_person_or_a_seal_is_accepted(purposes, root):
    own = seal(issuer=root, purposes=purposes)

    assert verify(Signing(seal=own).sign(invoice()), trust_store=root.pem)


@pytest.mark.parametrize("is_in_store", [False, True], ids=["issued", "in the store"])
@pytest.mark.parametrize("usage", ["digital_signature key_cert_sign", "content_commitment key_cert_sign crl_sign"])
def test_an_authoritys_own_certificate_signs_no_invoice(usage, is_in_store, root, refused):
    own = seal(name="Ara", issuer=None if is_in_store else root, is_authority=True, usage=usage)
    store = own.pem if is_in_store else root.pem

    refused(UntrustedSignerError, Signing(seal=own).sign(invoice()), verify, trust_store=store)


def test_a_certificate_that_may_sign_certificates_signs_no_invoice(root, refused):
    own = seal(issuer=root, usage="digital_signature crl_sign")

    assert "issuer" in refused(UntrustedSignerError, Signing(seal=own).sign(invoice()), verify, trust_store=root.pem)


# When

EXPIRED = (NOW - 3 * YEAR, NOW - YEAR)


@pytest.mark.parametrize("by", ["certificate", "trust_store"])
@pytest.mark.parametrize(
    ("signing_time", "holds"),
    [
        (NOW - 2 * YEAR, True),
        (NOW - timedelta(days=10), False),
        (NOW - 4 * YEAR, False),
        (None, False),
    ],
    ids=["while it was valid", "after it", "before it", "at a time that is not stated"],
)
def test_a_certificate_has_to_be_valid_when_it_signed(by, signing_time, holds, refused):
    root = seal(name="Kök", is_authority=True, valid=(NOW - 5 * YEAR, NOW + YEAR))
    own = seal(issuer=root, valid=EXPIRED)
    content = Signing(seal=own, signing_time=signing_time and signing_time.isoformat()).sign(invoice())
    trusting = {"certificate": own.pem} if by == "certificate" else {"trust_store": root.pem}

    if holds:
        assert verify(content, **trusting).signing_time == signing_time
    else:
        refused(UntrustedSignerError, content, verify, **trusting)


def test_without_a_signing_time_the_certificate_has_to_be_valid_now(proven):
    verified = proven(Signing(signing_time=None).sign(invoice()))

    assert verified.signing_time is None


def test_a_signing_time_without_an_offset_is_turkiyes(proven):
    verified = proven(Signing(signing_time="2026-05-02T10:00:00").sign(invoice()))

    assert verified.signing_time == datetime(2026, 5, 2, 7, tzinfo=UTC)


@pytest.mark.parametrize("stated", ["2015-01-10T23:30:00", "2015-01-10T23:30:00+02:00", "2015-01-10T21:30:00Z"])
def test_a_signing_time_in_a_winter_before_2016_keeps_its_day(stated):
    own = seal(valid=(datetime(2014, 1, 1, tzinfo=UTC), datetime(2017, 1, 1, tzinfo=UTC)))
    signing_time = verify(Signing(seal=own, signing_time=stated).sign(invoice()), certificate=own.pem).signing_time

    assert signing_time.isoformat() == "2015-01-10T23:30:00+02:00"


def test_a_signing_time_in_the_future_is_refused(refused):
    own = seal(valid=(NOW - YEAR, NOW + 10 * YEAR))
    content = Signing(seal=own, signing_time=(NOW + 5 * YEAR).isoformat()).sign(invoice())

    assert "future" in refused(UntrustedSignerError, content, verify, certificate=own.pem)


# Arguments

PUBLIC_KEY = own_seal().key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("both", [{}, {"certificate": b"", "trust_store": b""}], ids=["neither", "both"])
def test_exactly_one_of_certificate_and_trust_store_is_required(both, signed):
    with pytest.raises(ValueError, match="exactly one of certificate, trust_store"):
        verify(signed, **both)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("certificate", b""),
        ("certificate", b"-----BEGIN"),
        ("certificate", b"nothing"),
        ("certificate", own_seal().pem + foreign_seal().pem),
        ("certificate", PUBLIC_KEY),
        ("trust_store", b""),
        ("trust_store", b"nothing"),
        ("trust_store", own_seal().der),
        ("trust_store", PUBLIC_KEY),
    ],
)
def test_what_is_no_certificate_is_named(argument, value, signed):
    with pytest.raises(ValueError, match=f"{argument} must"):
        verify(signed, **{argument: value})


@pytest.mark.parametrize("argument", ["certificate", "trust_store"])
def test_a_certificate_in_another_form_is_a_type_error(argument, signed):
    with pytest.raises(TypeError, match=f"{argument} must be bytes or a pathlib.Path, not str"):
        verify(signed, **{argument: "seal.pem"})


def test_a_key_of_an_unknown_kind_proves_nothing():
    unknown = own_seal("secp224r1").der.replace(bytes.fromhex("2b81040021"), bytes.fromhex("2b8104007f"))
    document = Signing(key_info=(unknown,), named=unknown).sign(invoice())

    with pytest.raises(UnsupportedAlgorithmError, match="too weak"):
        verify(document, certificate=unknown)


LONG_NAME = "Örnek, Uzun Adlı & Sanayi " * 4


@pytest.mark.parametrize("in_thread", [False, True], ids=["here", "in a thread"])
def test_no_warning_leaves_a_verification_by_a_seal_with_a_long_name(in_thread):
    """The library that parses certificates warns about long names, and a warning is an error here."""
    issuer = seal(name=f"{LONG_NAME} Kök", is_authority=True)
    own = seal(name=LONG_NAME, issuer=issuer)
    document = Signing(seal=own, key_info=(own.der, issuer.der)).sign(invoice())

    def check() -> list[str | None]:
        proofs = (verify(document, certificate=own.pem), verify(document, trust_store=issuer.pem))
        return [proof.signer.common_name for proof in proofs]

    with ThreadPoolExecutor(1) as pool:
        assert (pool.submit(check).result() if in_thread else check()) == [LONG_NAME, LONG_NAME]


def with_negative_serial_number(certificate: Seal) -> bytes:
    number = certificate.certificate.serial_number
    number = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return certificate.der.replace(number, bytes([number[0] | 0x80]) + number[1:], 1)


def test_a_certificate_that_makes_the_library_warn_as_it_loads_is_not_loaded(root):
    der = with_negative_serial_number(own_seal())
    pem = b"-----BEGIN CERTIFICATE-----\n" + b64encode(der) + b"\n-----END CERTIFICATE-----\n"

    with pytest.raises(ValueError, match="exactly one"):
        load_certificate(der)
    with pytest.raises(ValueError, match="trust_store"):
        load_trust_store(pem)
    assert load_trust_store(pem + root.pem) == [root.certificate]


@pytest.mark.parametrize("name", ["Örnek", ' #a,b+c"d;<e>\\ ', "# x"])
def test_a_subject_is_written_as_the_standard_has_it(name):
    certificate = seal(name=name).certificate

    found = read_subject(certificate)

    assert found.text == certificate.subject.rfc4514_string()
    assert (found.first(COMMON_NAME), found.first("2.5.4.4")) == (name, None)


PARTS = {
    "an address": ("2a864886f70d010901", 0x16, b"a@b.example", ("1.2.840.113549.1.9.1", "a@b.example")),
    "a wide text": ("8837", 0x1E, "ş".encode("utf-16-be"), ("2.999", "ş")),
    "something else than text": ("0901", 0x05, b"\1", ("0.9.1", "#01")),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_subject_has_parts_of_every_type_and_number(name):
    number, kind, value, expected = PARTS[name]
    number = bytes.fromhex(number)

    assert _attribute(bytes([6, len(number)]) + number + bytes([kind, len(value)]) + value) == expected
