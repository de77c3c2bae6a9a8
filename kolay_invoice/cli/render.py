"""Show a signed document in a file by the design that it carries."""

from __future__ import annotations

from pathlib import Path

from kolay_invoice.cli import output
from kolay_invoice.cli.documents import OutputOptions, put
from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.errors import CommandError, ExitCode, report_errors
from kolay_invoice.cli.i18n import _, sentence
from kolay_invoice.cli.verify import SignerOptions, refusals, show
from kolay_invoice.signed_xml import Rendering, render
from kolay_invoice.signed_xml.embedded import embedded_certificate
from kolay_invoice.signed_xml.parsing import read_bytes


def render_file(file: Path, trust: SignerOptions, outputs: OutputOptions, *, unverified: bool, as_json: bool) -> int:
    """Verify the document in a file, write the page of its design, and print the facts."""
    with report_errors("", as_json=as_json) as status:
        try:
            if not (outputs.open_it or outputs.save or outputs.pdf):
                raise CommandError(ExitCode.USAGE, _("Say where the page goes: --save FILE, --pdf FILE or --open."))
            outputs.check()
            trust = trust.resolve()
            with refusals():
                shown = _render(read_bytes(file), trust, unverified=unverified)
            saved = put(shown.html, outputs, shown.facts)
        except RuntimeError as error:
            raise CommandError(ExitCode.USAGE, sentence(translate(error))) from None
        if shown.verified is not None:
            show(shown.verified, trust, as_json=as_json, **saved)
            status.code = trust.exit_code
        elif as_json:
            output.print_json({**saved, "verified": False, "exit_code": int(status.code)})
        else:
            output.stderr().print(_("The signature was not verified: anybody can have written this document."))
            output.stdout().print(output.fields_table(dict(shown.facts)))
        if not as_json:
            for path in saved.values():
                output.stdout().print(_("Written to {path}.", path=path))
    return status.code


def _render(content: bytes, trust: SignerOptions, *, unverified: bool) -> Rendering:
    if unverified:
        return render(content, unverified=True)
    if trust.trust_store is not None:
        return render(content, trust_store=trust.trust_store)
    return render(content, certificate=trust.certificate or embedded_certificate(content))
