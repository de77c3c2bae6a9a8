"""Documents of Propars: the preview for the eyes, and the signed XML byte for byte."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from kolay_invoice.cli import output
from kolay_invoice.cli.calls import run_call
from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.errors import CommandError, ExitCode, of_system, report_errors
from kolay_invoice.cli.i18n import _
from kolay_invoice.cli.options import ReadOptions, WriteOptions
from kolay_invoice.propars.models import GetSignedXml, InvoiceHtml, InvoiceHtmlForSale, SignedXml

if TYPE_CHECKING:
    from kolay_invoice.cli.verify import SignerOptions


@frozen(kw_only=True)
class OutputOptions:
    """Where a preview goes; to the standard output, if nowhere else."""

    open_it: bool = False
    save: Path | None = None
    pdf: Path | None = None

    def check(self) -> None:
        """Refuse a file that cannot be made, before the call that could create an invoice.

        Raises:
            CommandError: It is there already, or its folder cannot be written to.
        """
        for path in (self.save, self.pdf):
            if path is not None:
                _check_new(path)


def preview(fields: Mapping[str, Any], outputs: OutputOptions, options: WriteOptions) -> int:
    """Show a preview, and say so where it came and could not be shown."""

    def shown(reply: InvoiceHtml) -> None:
        try:
            saved = _put(reply, outputs)
        except (OSError, RuntimeError) as error:
            told = of_system(error) if isinstance(error, OSError) else translate(error)
            # A script must not take this for a refusal: the invoice is there.
            raise CommandError(
                ExitCode.UNKNOWN,
                _(
                    "The preview came, so the sale has an invoice now, but it could not be shown: {told}. "
                    "Asking again shows the same invoice.",
                    told=told,
                ),
                may_have_happened=True,
            ) from None
        if options.json:
            output.print_json({**(saved or {"html": reply.html}), "exit_code": int(ExitCode.DONE)})
        elif saved or outputs.open_it:
            for path in saved.values():
                output.stdout().print(_("Written to {path}.", path=path))
        else:
            _raw(reply.html.encode())

    with report_errors(_("Nothing was sent."), as_json=options.json) as ended:
        outputs.check()
        ended.code = ExitCode(run_call("propars", partial(InvoiceHtmlForSale, **fields), options, shown))
    return ended.code


def signed_xml(
    selector: Mapping[str, Any],
    save: Path | None,
    options: ReadOptions,
    *,
    verify: bool,
    certificate: Path | None,
    trust_store: Path | None,
) -> int:
    """Show a signed document, write it to a file, verify it."""
    # What verifies needs an extra, and whoever lacks it is told before anything is fetched.
    trust = _trust(certificate, trust_store) if verify else None

    def shown(reply: SignedXml) -> None:
        facts: dict[str, Any] = {} if save is None else {"saved": str(save)}
        if save is not None:
            # What does not verify is kept too: it is what came, and the evidence.
            reply.save(save)
        if trust is not None:
            _prove(reply.content, trust, options, facts)
        elif options.json:
            text = {} if save is not None else {"xml": reply.content.decode("utf-8", "replace")}
            size = len(reply.content)
            output.print_json({"sha256": reply.sha256, "bytes": size, **facts, **text, "exit_code": int(ExitCode.DONE)})
        elif save is None:
            _raw(reply.content)
        if save is not None and not options.json:
            output.stderr().print(_("Written to {path}.", path=save))

    with report_errors(_("Nothing was sent."), as_json=options.json) as ended:
        if (certificate is not None or trust_store is not None) and not verify:
            raise CommandError(ExitCode.USAGE, _("--certificate and --trust-store go with --verify. Nothing was sent."))
        if trust is not None:
            trust.check()
        ended.code = ExitCode(run_call("propars", partial(GetSignedXml, **selector), options, shown))
        if trust is not None and ended.code is ExitCode.DONE:
            ended.code = trust.exit_code
    return ended.code


def _trust(certificate: Path | None, trust_store: Path | None) -> SignerOptions:
    from kolay_invoice.cli.verify import SignerOptions

    return SignerOptions(certificate=certificate, trust_store=trust_store)


def _prove(content: bytes, trust: SignerOptions, options: ReadOptions, facts: Mapping[str, Any]) -> None:
    from kolay_invoice.cli.verify import show, verified

    show(verified(content, trust), trust, as_json=options.json, **facts)


def _put(reply: InvoiceHtml, outputs: OutputOptions) -> dict[str, str]:
    from kolay_invoice.propars.preview import show, write_pdf

    saved = {}
    if outputs.pdf is not None:
        saved["pdf"] = str(write_pdf(reply.html, outputs.pdf))
    if outputs.open_it:
        opened = show(reply.html, outputs.save)
        output.stderr().print(_("The preview opens in the browser: {path}.", path=opened))
    elif outputs.save is not None:
        reply.save(outputs.save)
    if outputs.save is not None:
        saved = {"saved": str(outputs.save), **saved}
    return saved


def _check_new(path: Path) -> None:
    if path.exists():
        raise CommandError(
            ExitCode.USAGE,
            (_("{path} exists already: choose another name, or remove it.", path=path) + " " + _("Nothing was sent.")),
        )
    if not (path.parent.is_dir() and os.access(path.parent, os.W_OK)):
        raise CommandError(
            ExitCode.USAGE,
            (_("{path} is no folder that can be written to.", path=path.parent) + " " + _("Nothing was sent.")),
        )


def _raw(content: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
