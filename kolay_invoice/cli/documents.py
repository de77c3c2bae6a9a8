"""Documents: the HTML preview and signed XML of Propars, the PDF and signed XML of KolayBi."""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from kolay_invoice.cli import output
from kolay_invoice.cli.calls import run_call
from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.errors import CommandError, ExitCode, os_error_text, report_errors
from kolay_invoice.cli.i18n import _, sentence
from kolay_invoice.cli.options import ReadOptions, WriteOptions
from kolay_invoice.cli.visible import lines
from kolay_invoice.endpoint import Request
from kolay_invoice.kolaybi.models import EDocumentFile, GetEDocument
from kolay_invoice.private_file import check_new
from kolay_invoice.propars.models import InvoiceHtml, InvoiceHtmlForSale, SignedXml

if TYPE_CHECKING:
    from kolay_invoice.cli.verify import SignerOptions


@frozen(kw_only=True)
class OutputOptions:
    """The destinations of a preview. Default: the standard output."""

    open_it: bool = False
    save: Path | None = None
    pdf: Path | None = None
    raw: bool = False

    def check(self) -> None:
        """Check the paths before the call that could create an invoice.

        Raises:
            CommandError: A file exists, or its folder is not writable.
            PreviewError: There is no program to print with.
        """
        for path in (self.save, self.pdf):
            if path is not None:
                check_output(path)
        if self.pdf is not None:
            from kolay_invoice.propars.preview import find_program

            if self.save is not None and self.save.absolute() == self.pdf.absolute():
                raise CommandError(
                    ExitCode.USAGE, _("--save and --pdf name the same file.") + " " + _("Nothing was sent.")
                )
            find_program()


def preview(fields: Mapping[str, Any], outputs: OutputOptions, options: WriteOptions) -> int:
    """Write a preview to its destinations. A failure to write is not a refusal of the call."""

    def show(reply: InvoiceHtml) -> None:
        try:
            saved = put(reply.html, outputs)
        except (OSError, RuntimeError) as error:
            reason = os_error_text(error) if isinstance(error, OSError) else translate(error)
            # The exit code must not mean a refusal: the invoice exists.
            raise CommandError(
                ExitCode.UNKNOWN,
                _(
                    "The preview came, so the sale has an invoice now, but it could not be shown: {reason}. "
                    "Asking again shows the same invoice.",
                    reason=reason,
                ),
                may_have_happened=True,
            ) from None
        if options.json:
            output.print_json({**(saved or {"html": reply.html}), "exit_code": int(ExitCode.DONE)})
        elif saved or outputs.open_it:
            for path in saved.values():
                output.stdout().print(_("Written to {path}.", path=path))
        else:
            _print_document(reply.html.encode(), raw=outputs.raw)

    with report_errors(_("Nothing was sent."), as_json=options.json) as status:
        try:
            outputs.check()
        except RuntimeError as error:
            raise CommandError(ExitCode.USAGE, f"{sentence(translate(error))} " + _("Nothing was sent.")) from None
        status.code = ExitCode(run_call("propars", partial(InvoiceHtmlForSale, **fields), options, show))
    return status.code


def pdf(make_request: Callable[[], GetEDocument], save: Path | None, options: ReadOptions) -> int:
    """Print or save the file of an official document of KolayBi."""

    def show(file: EDocumentFile) -> None:
        if save is not None:
            file.save(save)
        facts = {"media_type": file.media_type, "sha256": file.sha256, "bytes": len(file.content)}
        if options.json:
            where = {"content": base64.b64encode(file.content).decode()} if save is None else {"saved": str(save)}
            output.print_json({**facts, **where, "exit_code": int(ExitCode.DONE)})
        elif save is None and sys.stdout.isatty():
            output.stdout().print(output.fields_table(facts))
        elif save is None:
            _print_document(file.content, raw=True)
        else:
            output.stderr().print(_("Written to {path}.", path=save))

    return run_call("kolaybi", make_request, options, show)


def signed_xml(
    provider: str,
    make_request: Callable[[], Request[Any]],
    save: Path | None,
    options: ReadOptions,
    *,
    raw: bool,
    verify: bool,
    certificate: Path | None,
    trust_store: Path | None,
) -> int:
    """Print, save and verify a signed document."""
    # Report a missing extra before the document is fetched.
    trust = _trust(certificate, trust_store, options.profile) if verify else None

    def show(answer: SignedXml | EDocumentFile) -> None:
        reply = SignedXml(answer.content)
        facts: dict[str, Any] = {} if save is None else {"saved": str(save)}
        if save is not None:
            # A document that fails verification is saved too, as evidence.
            reply.save(save)
        if trust is not None:
            _prove(reply.content, trust, options, facts)
        elif options.json:
            text = {} if save is not None else {"xml": reply.content.decode("utf-8", "replace")}
            size = len(reply.content)
            output.print_json({"sha256": reply.sha256, "bytes": size, **facts, **text, "exit_code": int(ExitCode.DONE)})
        elif save is None:
            _print_document(reply.content, raw=raw)
        if save is not None and not options.json:
            output.stderr().print(_("Written to {path}.", path=save))

    with report_errors(_("Nothing was sent."), as_json=options.json) as status:
        if (certificate is not None or trust_store is not None) and not verify:
            raise CommandError(ExitCode.USAGE, _("--certificate and --trust-store go with --verify. Nothing was sent."))
        if trust is not None:
            trust = trust.resolve()
        status.code = ExitCode(run_call(provider, make_request, options, show))
        if trust is not None and status.code is ExitCode.DONE:
            status.code = trust.exit_code
    return status.code


def _trust(certificate: Path | None, trust_store: Path | None, profile: str | None) -> SignerOptions:
    from kolay_invoice.cli.verify import SignerOptions

    return SignerOptions(certificate=certificate, trust_store=trust_store, profile=profile)


def _prove(content: bytes, trust: SignerOptions, options: ReadOptions, facts: Mapping[str, Any]) -> None:
    from kolay_invoice.cli.verify import show, verified

    show(verified(content, trust), trust, as_json=options.json, **facts)


def put(html: str, outputs: OutputOptions, facts: Sequence[tuple[str, str]] = ()) -> dict[str, str]:
    """Write a foreign page to its destinations, with facts above it, and return where it was saved."""
    from kolay_invoice.propars.preview import save, show, why_no_sandbox, write_pdf

    saved = {}
    if outputs.pdf is not None:
        if (why := why_no_sandbox()) is not None:
            output.stderr().print(sentence(translate(why)))
        saved["pdf"] = str(write_pdf(html, outputs.pdf, facts=facts))
    if outputs.open_it:
        opened = show(html, outputs.save, facts=facts)
        output.stderr().print(_("The preview opens in the browser: {path}.", path=opened))
    elif outputs.save is not None:
        save(html, outputs.save, facts=facts)
    if outputs.save is not None:
        saved = {"saved": str(outputs.save), **saved}
    return saved


def check_output(path: Path) -> None:
    """Check that a new file can be made, before anything is asked of a provider.

    Raises:
        CommandError: It is there already, or cannot be made.
    """
    try:
        check_new(path)
    except FileExistsError:
        told = _("{path} exists already: choose another name, or remove it.", path=path)
    except OSError as error:
        if path.parent.is_dir() and os.access(path.parent, os.W_OK):
            told = sentence(os_error_text(error))
        else:
            told = _("{path} is no folder that can be written to.", path=path.parent)
    else:
        return
    raise CommandError(ExitCode.USAGE, told + " " + _("Nothing was sent."))


def _print_document(content: bytes, *, raw: bool) -> None:
    """Write a document byte for byte; to a terminal as text with escapes, unless `raw`."""
    sys.stdout.flush()
    if raw or not sys.stdout.isatty():
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    if lines(text) != text:
        output.stderr().print(_("Control characters are shown as escapes; --raw writes the bytes as they are."))
