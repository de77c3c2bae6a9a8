"""Verify signed documents from a file or from Propars, and print their facts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from attrs import frozen

from kolay_invoice.cli import output
from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.errors import CommandError, ExitCode, report_errors
from kolay_invoice.cli.i18n import _, sentence
from kolay_invoice.messages import N_, Message
from kolay_invoice.signed_xml import SignatureError, SignedXmlError, UntrustedSignerError, Verified, verify
from kolay_invoice.signed_xml.parsing import parse, read_bytes
from kolay_invoice.signed_xml.signature import read_claim
from kolay_invoice.signed_xml.trust import load_certificate, load_trust_store, matches_digest

VERIFIED: Final = "verified"
INTACT: Final = "intact"
NOT_INTACT: Final = "not_intact"
NOT_ACCEPTED: Final = "not_accepted"
"""What a document is, as `--json` says it. The last one: another signer, another invoice, or no invoice."""

_REFUSED: Final = {
    NOT_INTACT: N_("Not intact: {reason}"),
    NOT_ACCEPTED: N_("The document is not accepted: {reason}"),
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

    @property
    def exit_code(self) -> ExitCode:
        """What a command ends with when the signature holds."""
        return ExitCode.DONE if self.has_signer else ExitCode.SIGNER_NOT_CHECKED


def verify_file(file: Path, trust: SignerOptions, *, as_json: bool) -> int:
    """Verify the document in a file and print its facts."""
    with report_errors("", as_json=as_json) as status:
        trust.check()
        show(verified(file, trust), trust, as_json=as_json)
        status.code = trust.exit_code
    return status.code


def verified(document: bytes | Path, trust: SignerOptions) -> Verified:
    """Verify a document or a file. Without a certificate or store, by the certificate that the document carries.

    Raises:
        CommandError: The signature does not verify the document.
        ValueError, OSError: The certificates cannot be used.
    """
    try:
        content = read_bytes(document)
        if trust.trust_store is not None:
            return verify(content, trust_store=trust.trust_store, ettn=trust.ettn)
        return verify(content, certificate=trust.certificate or _embedded_certificate(content), ettn=trust.ettn)
    except SignedXmlError as error:
        is_intact_unknown = isinstance(error, UntrustedSignerError) or not isinstance(error, SignatureError)
        result = NOT_ACCEPTED if is_intact_unknown else NOT_INTACT
        facts = {"kind": type(error).__name__, "result": result, "verified": False}
        raise CommandError(ExitCode.REFUSED, _(_REFUSED[result], reason=sentence(translate(error))), **facts) from None


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
        result = VERIFIED if trust.has_signer else INTACT
        checked = {"result": result, "verified": trust.has_signer, "signer_checked": trust.has_signer}
        output.print_json({**checked, **facts, **more, "exit_code": int(trust.exit_code)})
        return
    output.stdout().print(
        _("Verified by a trusted signer: the document is what was signed.")
        if trust.has_signer
        else _("Intact, signer not checked: the document is what was signed with the certificate that it carries.")
    )
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
    raise UntrustedSignerError(Message("it carries no certificate of its signer: give --certificate"))
