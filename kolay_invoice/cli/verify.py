"""Verify signed documents from a file or from Propars, and print their facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import evolve, frozen

from kolay_invoice.cli import output
from kolay_invoice.cli.accounts import trust_store_of
from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.errors import CommandError, ExitCode, report_errors
from kolay_invoice.cli.i18n import _, sentence
from kolay_invoice.messages import N_
from kolay_invoice.signed_xml import (
    ApplicationResponse,
    Bill,
    Envelope,
    SignatureError,
    SignedXmlError,
    UntrustedSignerError,
    Verified,
    open_envelope,
    verify,
)
from kolay_invoice.signed_xml.embedded import embedded_certificate
from kolay_invoice.signed_xml.envelope import is_envelope
from kolay_invoice.signed_xml.parsing import read_bytes
from kolay_invoice.signed_xml.trust import load_certificate, load_trust_store

VERIFIED: Final = "verified"
INTACT: Final = "intact"
NOT_INTACT: Final = "not_intact"
NOT_ACCEPTED: Final = "not_accepted"
"""What a document is, as `--json` says it. The last one: another signer, another invoice, or no invoice."""

_REFUSED: Final = {
    NOT_INTACT: N_("Not intact: {reason}"),
    NOT_ACCEPTED: N_("The document is not accepted: {reason}"),
}
_SEALED_BY: Final[Mapping[bool | None, str]] = {
    True: N_("The seal is that of the company that issued the document."),
    False: N_(
        "The seal is not that of the company that issued the document: integrators seal for their customers. "
        "Find out whether the signer is the company's integrator."
    ),
}


@frozen(kw_only=True)
class SignerOptions:
    """The accepted signers."""

    certificate: Path | None = None
    trust_store: Path | None = None
    ettn: str | None = None
    profile: str | None = None

    def resolve(self) -> SignerOptions:
        """Return the options with the trust store of the profile, if none is given. Check the certificates.

        Raises:
            CommandError: Both kinds of certificates are given, or the configuration file cannot be used.
            ValueError, OSError: The files cannot be read.
        """
        if self.certificate is not None and self.trust_store is not None:
            raise CommandError(ExitCode.USAGE, _("Give either --certificate or --trust-store."))
        if self.certificate is not None:
            load_certificate(self.certificate)
        found = self if self.has_signer else evolve(self, trust_store=trust_store_of(self.profile))
        if found.trust_store is not None:
            load_trust_store(found.trust_store)
        return found

    @property
    def has_signer(self) -> bool:
        """Whether a certificate or a trust store is given."""
        return self.certificate is not None or self.trust_store is not None

    @property
    def exit_code(self) -> ExitCode:
        """What a command ends with when the signature holds."""
        return ExitCode.DONE if self.has_signer else ExitCode.SIGNER_NOT_CHECKED


def verify_file(file: Path, trust: SignerOptions, *, as_json: bool) -> int:
    """Verify the document in a file, or each one in an envelope, and print the facts."""
    with report_errors("", as_json=as_json) as status:
        trust = trust.resolve()
        with refusals():
            content = read_bytes(file)
            envelope = open_envelope(content) if is_envelope(content) else None
        if envelope is not None:
            status.code = _verify_each(envelope, trust, as_json=as_json)
        else:
            show(verified(content, trust), trust, as_json=as_json)
            status.code = trust.exit_code
    return status.code


def _verify_each(envelope: Envelope, trust: SignerOptions, *, as_json: bool) -> ExitCode:
    """Verify each document of an envelope. One that is refused hinders no other."""
    code, results = trust.exit_code, []
    if not as_json:
        output.stdout().print(
            _("An envelope ({kind}) with documents: {number}.", kind=envelope.type, number=len(envelope.documents))
        )
    for document in envelope.documents:
        try:
            proven = verified(document, trust)
        except CommandError as error:
            code = ExitCode.REFUSED
            results.append({**error.facts, "error": str(error)})
            if not as_json:
                output.stderr().print(str(error))
        else:
            results.append({**_result(trust), **_facts(proven)})
            if not as_json:
                _print(proven, trust)
    if as_json:
        head = {"id": envelope.id, "type": envelope.type, "sender": envelope.sender, "receiver": envelope.receiver}
        output.print_json({"envelope": head, "documents": results, "exit_code": int(code)})
    elif not trust.has_signer:
        _warn_of_signer()
    return code


def verified(document: bytes, trust: SignerOptions) -> Verified:
    """Verify a document. Without a certificate or store, by the certificate that the document carries.

    Raises:
        CommandError: The signature does not verify the document.
        ValueError, OSError: The certificates cannot be used.
    """
    with refusals():
        content = read_bytes(document)
        if trust.trust_store is not None:
            return verify(content, trust_store=trust.trust_store, ettn=trust.ettn)
        return verify(content, certificate=trust.certificate or embedded_certificate(content), ettn=trust.ettn)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn the error of a document that is not accepted into one of the command."""
    try:
        yield
    except SignedXmlError as error:
        is_intact_unknown = isinstance(error, UntrustedSignerError) or not isinstance(error, SignatureError)
        result = NOT_ACCEPTED if is_intact_unknown else NOT_INTACT
        facts = {"kind": type(error).__name__, "result": result, "verified": False}
        raise CommandError(ExitCode.REFUSED, _(_REFUSED[result], reason=sentence(translate(error))), **facts) from None


def show(proven: Verified, trust: SignerOptions, *, as_json: bool, **more: object) -> None:
    """Print the result of a verification."""
    if as_json:
        output.print_json({**_result(trust), **_facts(proven), **more, "exit_code": int(trust.exit_code)})
        return
    _print(proven, trust)
    if not trust.has_signer:
        _warn_of_signer()


def _print(proven: Verified, trust: SignerOptions) -> None:
    output.stdout().print(
        _("Verified by a trusted signer: the document is what was signed.")
        if trust.has_signer
        else _("Intact, signer not checked: the document is what was signed with the certificate that it carries.")
    )
    output.stdout().print(output.fields_table(_facts(proven)))
    if (sealed_by := _SEALED_BY.get(proven.is_sealed_by_issuer)) is not None:
        output.stdout().print(_(sealed_by))


def _warn_of_signer() -> None:
    output.stderr().print(
        _(
            "Only that is proven. Who signed is not: the certificate is the one that the document "
            "carries, and anybody can make one. Say who may sign with --certificate or --trust-store."
        )
    )


def _result(trust: SignerOptions) -> dict[str, Any]:
    result = VERIFIED if trust.has_signer else INTACT
    return {"result": result, "verified": trust.has_signer, "signer_checked": trust.has_signer}


def _facts(proven: Verified) -> dict[str, Any]:
    document = proven.document
    facts: dict[str, Any] = {
        "document": type(document).__name__,
        "number": document.number,
        "ettn": document.ettn,
        "profile": document.profile,
        "type": getattr(document, "type", None),
        "issue_date": document.issue_date,
    }
    if isinstance(document, ApplicationResponse):
        facts |= {"sender": document.sender.name, "receiver": document.receiver.name}
        answers = (f"{response.code} {response.reference.id}" for response in document.responses if response.reference)
        facts["responses"] = ", ".join(answers)
    else:
        facts |= {"supplier": document.supplier.name, "customer": document.customer.name}
    if isinstance(document, Bill):
        differences = (f"{one.name} {one.stated} ({one.computed})" for one in document.differences)
        facts |= {"payable": document.totals.payable, "currency": document.currency}
        facts["differences"] = ", ".join(differences) or None
    return {
        **facts,
        "signer": proven.signer.common_name,
        "sealed_by_issuer": proven.is_sealed_by_issuer,
        "certificate": proven.signer.fingerprint,
        "signing_time": proven.signing_time,
        "signature_encoding": proven.signature_encoding,
        "sha256": proven.sha256,
    }
