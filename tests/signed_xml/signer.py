"""A signer of our own, from the standards and without signxml: what it makes is checked by code that it shares nothing
with, and it also makes what no honest signer would.
"""

from __future__ import annotations

import hashlib
import hmac
import inspect
import warnings
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree

from .documents import SIGNATURE_PATH

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DS}enveloped-signature"
DIGESTS = {
    "sha1": f"{DS}sha1",
    "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
    "sha384": f"{MORE}sha384",
    "sha512": "http://www.w3.org/2001/04/xmlenc#sha512",
}
CURVES = (ec.SECP192R1, ec.SECP224R1, ec.SECP256R1, ec.SECP521R1, ec.SECP256K1, ec.BrainpoolP256R1, ec.BrainpoolP384R1)
SEAL_USAGE = x509.ObjectIdentifier("2.16.792.1.2.1.1.5.7.50.1")


@attrs.frozen
class Seal:
    """A key and its certificate."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def make_key(kind: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    """Make a key: `"ec"` is P-384, `"rsa"` has 2048 bits; `"rsa-1024"` and `"secp256k1"` say it themselves."""
    family, _, size = kind.partition("-")
    if family == "rsa":
        return rsa.generate_private_key(65537, int(size or 2048))
    curves = {"ec": ec.SECP384R1, **{curve.name: curve for curve in CURVES}}
    return ec.generate_private_key(curves[kind]())


def seal(
    kind: str = "ec",
    *,
    name: str = "Örnek Ticaret A.Ş.",
    issuer: Seal | None = None,
    is_authority: bool = False,
    usage: str = "digital_signature",
    valid: tuple[datetime, datetime] | None = None,
    purposes: tuple[x509.ObjectIdentifier, ...] = (SEAL_USAGE,),
) -> Seal:
    """Make a key with a certificate of the shape of a Turkish financial seal's, or of its issuer's."""
    key = make_key(kind)
    with warnings.catch_warnings():
        # Real seals have names that are longer than RFC 5280 allows.
        warnings.simplefilter("ignore")
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.SERIAL_NUMBER, "1234567803"),
                x509.NameAttribute(NameOID.COMMON_NAME, name, _validate=False),
            ]
        )
        issuer_name = issuer.certificate.subject if issuer else subject
    now = datetime.now(UTC)
    begin, end = valid or (now - timedelta(days=1000), now + timedelta(days=1000))
    usages = dict.fromkeys(inspect.signature(x509.KeyUsage).parameters, False)
    for name_of_usage in usage.split() if not is_authority or usage != "digital_signature" else ["key_cert_sign"]:
        usages[name_of_usage] = True
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    signing = issuer.key if issuer else key
    theirs = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(x509.KeyUsage(**usages), critical=True)
        .add_extension(own, critical=False)
        .add_extension(theirs, critical=False)
    )
    if not is_authority and purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    algorithm = hashes.SHA384() if isinstance(signing, ec.EllipticCurvePrivateKey) else hashes.SHA256()
    return Seal(key, builder.sign(signing, algorithm))


@cache
def own_seal(kind: str = "ec") -> Seal:
    """Return the seal that the tests trust."""
    return seal(kind)


@cache
def foreign_seal(kind: str = "ec") -> Seal:
    """Return the seal of somebody else."""
    return seal(kind, name="Başka Biri Ltd.")


def canonical(node: object) -> bytes:
    return etree.tostring(node, method="c14n", with_comments=False)


@attrs.frozen(kw_only=True)
class Signing:
    """One way to sign; the defaults are those of an integrator with an EC P-384 seal.

    Attributes:
        method: Another signature method than the key's own, as its whole URI.
        key_info: The certificates to bring along, in DER; the seal's own unless told.
        signed_with: Makes another signature value from the canonical SignedInfo.
        document_uri: What the document's reference points at.
        transforms: The transforms of the document's reference.
        prefixes: The namespaces that exclusive canonical XML of SignedInfo keeps whether they are used or not.
        key_value: XML of the public key that stands beside the certificate.
        has_key_info: Whether there is a KeyInfo though nothing stands in it.
    """

    seal: Seal = attrs.Factory(own_seal)
    digest: str = "sha384"
    method: str | None = None
    canonicalization: str = C14N
    key_info: tuple[bytes, ...] | None = None
    named: bytes | None = None
    named_digest: str | None = None
    certificate_element: str = "SigningCertificate"
    signing_time: str | None = "2026-05-02T10:00:00.2538946+03:00"
    document_uri: str = ""
    transforms: tuple[str, ...] = (ENVELOPED,)
    signed_with: Callable[[bytes], bytes] | None = None
    properties_id: str = "Signed-Properties-1"
    prefixes: str | None = None
    key_value: str = ""
    has_key_info: bool = False
    more_references: str = ""

    def sign(self, document: str) -> bytes:
        """Sign a document in its empty place."""
        return self.sign_at(document, SIGNATURE_PATH)

    def sign_at(self, document: str, place: str) -> bytes:
        root = etree.fromstring(document.encode().replace(place.encode(), self._skeleton(place).encode(), 1), _huge())
        (signature,) = root.iter(f"{{{DS}}}Signature")
        by_uri = {
            reference.get("URI"): reference.find(f"{{{DS}}}DigestValue")
            for reference in signature.iter(f"{{{DS}}}Reference")
        }
        properties = next(signature.iter(f"{{{XADES}}}SignedProperties"))
        by_uri[f"#{self.properties_id}"].text = self._digest(canonical(properties))
        by_uri[self.document_uri].text = self._digest(self._covered(root, signature))
        signed_info = self._canonical(signature.find(f"{{{DS}}}SignedInfo"))
        value = (self.signed_with or self._signed)(signed_info)
        signature.find(f"{{{DS}}}SignatureValue").text = b64encode(value).decode()
        return b'<?xml version="1.0" encoding="UTF-8"?>\n' + b"".join(
            etree.tostring(node, encoding="utf-8", with_tail=False) for node in (*_before(root), root)
        )

    def _covered(self, root: object, signature: object) -> bytes:
        if self.document_uri:
            (part,) = root.xpath("//*[@Id=$id]", id=self.document_uri[1:])
            return canonical(part)
        copy = etree.fromstring(etree.tostring(root.getroottree()), _huge())
        (inside,) = copy.iter(f"{{{DS}}}Signature")
        parent, tail = inside.getparent(), inside.tail or ""
        parent.remove(inside)
        parent.text = (parent.text or "") + tail
        return canonical(copy.getroottree())

    def _canonical(self, signed_info: object) -> bytes:
        if self.prefixes is None:
            return canonical(signed_info)
        return etree.tostring(
            signed_info, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=self.prefixes.split()
        )

    def _digest(self, data: bytes) -> str:
        return b64encode(hashlib.new(self.digest, data).digest()).decode()

    def _signed(self, data: bytes) -> bytes:
        algorithm = {"sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}[
            self.digest
        ]()
        if isinstance(self.seal.key, rsa.RSAPrivateKey):
            return self.seal.key.sign(data, padding.PKCS1v15(), algorithm)
        r, s = decode_dss_signature(self.seal.key.sign(data, ec.ECDSA(algorithm)))
        size = (self.seal.key.key_size + 7) // 8
        return r.to_bytes(size) + s.to_bytes(size)

    def _method(self) -> str:
        kind = "rsa" if isinstance(self.seal.key, rsa.RSAPrivateKey) else "ecdsa"
        own = f"{DS if self.digest == 'sha1' else MORE}{kind}-{self.digest}"
        return own if self.method is None else self.method

    def _skeleton(self, place: str) -> str:
        named_digest = self.named_digest or self.digest
        named = b64encode(hashlib.new(named_digest, self.named or self.seal.der).digest()).decode()
        certificates = "".join(
            f"<ds:X509Certificate>{b64encode(der).decode()}</ds:X509Certificate>"
            for der in (self.key_info if self.key_info is not None else (self.seal.der,))
        )
        time = self.signing_time and f"<xades:SigningTime>{self.signing_time}</xades:SigningTime>"
        role = "SignerRoleV2" if self.certificate_element.endswith("V2") else "SignerRole"
        key_value = self.key_value and f"<ds:KeyValue>{self.key_value}</ds:KeyValue>"
        key_info = f"{key_value}<ds:X509Data>{certificates}</ds:X509Data>" if certificates else ""
        key_info = f"<ds:KeyInfo>{key_info}</ds:KeyInfo>" if key_info or self.has_key_info else ""
        prefixes = self.prefixes and f'<InclusiveNamespaces xmlns="{EXCLUSIVE}" PrefixList="{self.prefixes}"/>'
        issuer = (
            "<xades:IssuerSerial><ds:X509IssuerName>CN=x</ds:X509IssuerName>"
            "<ds:X509SerialNumber>1</ds:X509SerialNumber></xades:IssuerSerial>"
            if self.certificate_element == "SigningCertificate"
            else ""
        )
        digest_method = f'<ds:DigestMethod Algorithm="{DIGESTS[self.digest]}"/><ds:DigestValue>AA==</ds:DigestValue>'
        signature = f"""<ds:Signature xmlns:ds="{DS}" xmlns:xades="{XADES}" Id="Signature_1"><ds:SignedInfo>
  <ds:CanonicalizationMethod Algorithm="{self.canonicalization}">{prefixes or ""}</ds:CanonicalizationMethod>
  <ds:SignatureMethod Algorithm="{self._method()}"/>
  <ds:Reference Id="Reference-2" URI="#{self.properties_id}" Type="http://uri.etsi.org/01903#SignedProperties">
  {digest_method}</ds:Reference>
  <ds:Reference Id="Reference-1" URI="{self.document_uri}"><ds:Transforms>
  {"".join(f'<ds:Transform Algorithm="{algorithm}"/>' for algorithm in self.transforms)}
  </ds:Transforms>{digest_method}</ds:Reference>{self.more_references}
  </ds:SignedInfo><ds:SignatureValue/>
  {key_info}
  <ds:Object Id="Object-1"><xades:QualifyingProperties Target="#Signature_1">
  <xades:SignedProperties Id="{self.properties_id}">
  <xades:SignedSignatureProperties>{time or ""}<xades:{self.certificate_element}><xades:Cert><xades:CertDigest>
  <ds:DigestMethod Algorithm="{DIGESTS[named_digest]}"/><ds:DigestValue>{named}</ds:DigestValue>
  </xades:CertDigest>{issuer}</xades:Cert></xades:{self.certificate_element}>
  <xades:{role}><xades:ClaimedRoles><xades:ClaimedRole>Tedarikçi</xades:ClaimedRole></xades:ClaimedRoles></xades:{role}>
  </xades:SignedSignatureProperties></xades:SignedProperties></xades:QualifyingProperties></ds:Object></ds:Signature>"""
        opened = place.removesuffix("/>")
        return f"{opened}>\n{signature}\n</{opened.removeprefix('<').split()[0]}>"


def _huge() -> object:
    return etree.XMLParser(huge_tree=True)


def _before(root: object) -> list[object]:
    return list(reversed(list(root.itersiblings(preceding=True))))


def shared_secret(secret: bytes) -> Callable[[bytes], bytes]:
    """Return how whoever knows a secret, such as a public certificate, makes an HMAC."""
    return lambda data: hmac.digest(secret, data, "sha384")
