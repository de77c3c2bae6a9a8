"""What is proven of a document: by the signer that the caller names, or else that nothing was changed."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from attrs import frozen

from kolay_invoice.archive.values import Verdict
from kolay_invoice.messages import Message, message_of


@frozen(kw_only=True)
class Signers:
    """Who may have signed: one certificate, or the issuers of a trust store. Neither: nobody is checked."""

    certificate: bytes | Path | None = None
    trust_store: bytes | Path | None = None

    def __attrs_post_init__(self) -> None:
        if self.certificate is not None and self.trust_store is not None:
            msg = Message("give at most one of certificate, trust_store")
            raise ValueError(msg)

    def check(self) -> None:
        """Read the certificates, so that a wrong one ends the run before anything is fetched.

        Raises:
            ModuleNotFoundError: A signer is named, and the extra `xml` is not installed.
            ValueError: A file is no certificate.
            OSError: A file cannot be read.
        """
        if self.certificate is None and self.trust_store is None:
            return
        from kolay_invoice.signed_xml import trust

        if self.certificate is not None:
            trust.load_certificate(self.certificate)
        if self.trust_store is not None:
            trust.load_trust_store(self.trust_store)


def judge(content: bytes, ettn: UUID, signers: Signers) -> tuple[Verdict, str | None]:
    """Return what is proven of a document, and the reason if it is not what it should be. It computes for a while."""
    try:
        from kolay_invoice import signed_xml
        from kolay_invoice.signed_xml.embedded import embedded_certificate
    except ModuleNotFoundError:
        return Verdict.NOT_CHECKED, Message("the extra xml is not installed: pip install 'kolay-invoice[xml]'")
    try:
        if signers.certificate is not None:
            signed_xml.verify(content, certificate=signers.certificate, ettn=ettn)
        elif signers.trust_store is not None:
            signed_xml.verify(content, trust_store=signers.trust_store, ettn=ettn)
        else:
            signed_xml.verify(content, certificate=embedded_certificate(content), ettn=ettn)
            return Verdict.INTACT, None
    except signed_xml.SignedXmlError as error:
        return Verdict.REFUTED, message_of(error)
    return Verdict.VERIFIED, None
