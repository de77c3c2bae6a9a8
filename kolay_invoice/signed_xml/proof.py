"""What a verification proves: the facts of a document and who signed it."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from kolay_invoice.messages import Message
from kolay_invoice.signed_xml.errors import NotAnInvoiceError
from kolay_invoice.signed_xml.notices import ApplicationResponse, UblDocument
from kolay_invoice.signed_xml.values import UblInvoice
from kolay_invoice.value import Value


@frozen(kw_only=True)
class Signer:
    """The certificate whose key signed a document.

    Attributes:
        subject: The whole name in the certificate, as RFC 4514 writes it.
        common_name: The company or person.
        tax_number: The VKN or TCKN that a Turkish certificate names as its subject's serial number. It is the
            integrator's where an integrator signed for the supplier.
        serial_number: The serial number of the certificate.
        fingerprint: The SHA-256 of the certificate, in hexadecimal digits.
    """

    subject: str = field(repr=False)
    common_name: str | None = field(repr=False)
    tax_number: str | None = field(repr=False)
    serial_number: int
    fingerprint: str


@frozen(kw_only=True)
class Verified(Value):
    """A document whose signature holds.

    Attributes:
        document: The facts, read only from what the signature covers.
        signer: Whose key signed.
        signing_time: When, by the signer's own word, in Türkiye's time. No time stamp authority vouches for it.
        covered: What the signature covers: always `"document"`, which is everything but the signature itself, and
            `"signed properties"` (signing time and certificate); also `"key info"` where it is.
        signature_algorithm: Such as `"ecdsa-sha384"`.
        signature_encoding: How the two numbers of an ECDSA signature are written: `"concatenated"`, as the standard of
            XML signatures has it, or `"DER"`, as some signers leave it and other programs refuse it. None for RSA.
        sha256: The SHA-256 of the exact bytes, in hexadecimal digits.
    """

    document: UblDocument
    signer: Signer
    signing_time: datetime | None
    covered: tuple[str, ...]
    signature_algorithm: str
    signature_encoding: str | None
    sha256: str

    @property
    def is_sealed_by_issuer(self) -> bool | None:
        """Whether the certificate names the tax number of whoever issued the document; None where one has none.

        Integrators seal with a certificate of their own for the companies that they serve: that is false then, and no
        reason to refuse the document.
        """
        document = self.document
        issuer = document.sender if isinstance(document, ApplicationResponse) else document.supplier
        numbers = (self.signer.tax_number, issuer.tax_number)
        return None if None in numbers else numbers[0] == numbers[1]

    @property
    def invoice(self) -> UblInvoice:
        """The document, if it is an invoice.

        Raises:
            NotAnInvoiceError: It is another document: its facts are in `document`.
        """
        if isinstance(self.document, UblInvoice):
            return self.document
        msg = Message(
            "the document is no invoice but a {name}: its facts are in `document`", name=type(self.document).__name__
        )
        raise NotAnInvoiceError(msg)
