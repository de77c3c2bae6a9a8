"""Verify signed documents from a file or from Propars, and print their facts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from attrs import frozen

from kolay_invoice.cli import output
from kolay_invoice.cli.errors import CommandError, ExitCode, report_errors
from kolay_invoice.cli.i18n import _, language, sentence
from kolay_invoice.messages import N_
from kolay_invoice.signed_xml import SignedXmlError, UntrustedSignerError, Verified, verify
from kolay_invoice.signed_xml.parsing import parse, read_bytes
from kolay_invoice.signed_xml.signature import read_claim
from kolay_invoice.signed_xml.trust import load_certificate, load_trust_store, matches_digest

_REFUSALS: Final = {
    "UnsafeDocumentError": N_("It has a DTD or is beyond the bounds of any invoice."),
    "NotAnInvoiceError": N_("It is no UBL-TR invoice that can be read without guessing."),
    "OtherInvoiceError": N_("It is an invoice with another ETTN than the one asked for."),
    "SignatureError": N_("The signature does not prove what the document says."),
    "MissingSignatureError": N_("It has no signature."),
    "WrappedSignatureError": N_("The signature is not where UBL-TR has it, or does not cover the whole document."),
    "UnsupportedAlgorithmError": N_("The signature uses a method that is not accepted as a proof."),
    "UntrustedSignerError": N_(
        "The signer is not the one that may sign, or nobody trusted vouches for the certificate."
    ),
    "TamperedError": N_("It is not what was signed: it was changed, or saved anew by a program, after it was signed."),
}


@frozen(kw_only=True)
class SignerOptions:
    """The accepted signers."""

    certificate: Path | None = None
    trust_store: Path | None = None
    ettn: str | None = None

    def check(self) -> None:
        """Check the certificates before anything is fetched.

        Raises:
            CommandError: Both kinds of certificates are given.
            ValueError, OSError: The files cannot be read.
        """
        if self.certificate is not None and self.trust_store is not None:
            raise CommandError(ExitCode.USAGE, _("Give either --certificate or --trust-store."))
        if self.certificate is not None:
            load_certificate(self.certificate)
        if self.trust_store is not None:
            load_trust_store(self.trust_store)

    @property
    def has_signer(self) -> bool:
        """Whether a certificate or a trust store is given."""
        return self.certificate is not None or self.trust_store is not None


def verify_file(file: Path, trust: SignerOptions, *, as_json: bool) -> int:
    """Verify the document in a file and print its facts."""
    with report_errors("", as_json=as_json) as status:
        trust.check()
        content = read_bytes(file)
        show(verified(content, trust), trust, as_json=as_json)
    return status.code


def verified(content: bytes, trust: SignerOptions) -> Verified:
    """Verify a document; without certificates, against the certificate that it contains.

    Raises:
        CommandError: The signature does not verify the document.
        ValueError, OSError: The certificates cannot be used.
    """
    try:
        if trust.trust_store is not None:
            return verify(content, trust_store=trust.trust_store, ettn=trust.ettn)
        return verify(content, certificate=trust.certificate or _embedded_certificate(content), ettn=trust.ettn)
    except SignedXmlError as error:
        name = type(error).__name__
        reason = sentence(str(error)) if language() == "en" else _(_REFUSALS[name])
        facts = {"kind": name, "verified": False}
        raise CommandError(
            ExitCode.REFUSED, _("The document is not accepted: {reason}", reason=reason), **facts
        ) from None


def show(proven: Verified, trust: SignerOptions, *, as_json: bool, **more: object) -> None:
    """Print the result of a verification."""
    invoice = proven.invoice
    facts: dict[str, Any] = {
        "number": invoice.number,
        "ettn": invoice.ettn,
        "profile": invoice.profile,
        "type": invoice.type,
        "issue_date": invoice.issue_date,
        "supplier": invoice.supplier.name,
        "customer": invoice.customer.name,
        "payable": invoice.totals.payable,
        "currency": invoice.currency,
        "signer": proven.signer.common_name,
        "certificate": proven.signer.fingerprint,
        "signing_time": proven.signing_time,
        "sha256": proven.sha256,
    }
    if as_json:
        checked = {"verified": True, "signer_checked": trust.has_signer}
        output.print_json({**checked, **facts, **more, "exit_code": int(ExitCode.DONE)})
        return
    output.stdout().print(_("The signature holds: the document is what was signed."))
    output.stdout().print(output.fields_table(facts))
    if not trust.has_signer:
        output.stderr().print(
            _(
                "Only that is proven. Who signed is not: the certificate is the one that the document "
                "carries, and anybody can make one. Say who may sign with --certificate or --trust-store."
            )
        )


def _embedded_certificate(content: bytes) -> bytes:
    """Return the signing certificate that a document contains."""
    claim = read_claim(parse(content))
    for certificate in claim.certificates:
        if matches_digest(certificate, claim.properties.certificate):
            return certificate
    raise UntrustedSignerError("it carries no certificate of its signer: give --certificate")
