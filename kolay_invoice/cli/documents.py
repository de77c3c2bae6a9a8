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
from kolay_invoice.cli.calls import make
from kolay_invoice.cli.endings import CommandError, Exit, of_system, paragraph
from kolay_invoice.cli.options import Acting, Reading
from kolay_invoice.cli.retelling import retold
from kolay_invoice.cli.texts import say
from kolay_invoice.propars.models import GetSignedXml, InvoiceHtml, InvoiceHtmlForSale, SignedXml

if TYPE_CHECKING:
    from kolay_invoice.cli.signed import Trust


@frozen(kw_only=True)
class Places:
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


def preview(particulars: Mapping[str, Any], places: Places, manner: Acting) -> int:
    """Show a preview, and say so where it came and could not be shown."""

    def shown(reply: InvoiceHtml) -> None:
        try:
            saved = _put(reply, places)
        except (OSError, RuntimeError) as error:
            told = of_system(error) if isinstance(error, OSError) else retold(error)
            # A script must not take this for a refusal: the invoice is there.
            raise CommandError(Exit.UNKNOWN, say("preview.lost", told=told), may_have_happened=True) from None
        if manner.json:
            output.print_json({**(saved or {"html": reply.html}), "exit_code": int(Exit.DONE)})
        elif saved or places.open_it:
            for path in saved.values():
                output.out().print(say("saved_to", path=path))
        else:
            _raw(reply.html.encode())

    with paragraph(say("nothing_sent"), as_json=manner.json) as ended:
        places.check()
        ended.code = Exit(make("propars", partial(InvoiceHtmlForSale, **particulars), manner, shown))
    return ended.code


def signed_xml(
    selector: Mapping[str, Any],
    save: Path | None,
    manner: Reading,
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
            _prove(reply.content, trust, manner, facts)
        elif manner.json:
            text = {} if save is not None else {"xml": reply.content.decode("utf-8", "replace")}
            size = len(reply.content)
            output.print_json({"sha256": reply.sha256, "bytes": size, **facts, **text, "exit_code": int(Exit.DONE)})
        elif save is None:
            _raw(reply.content)
        if save is not None and not manner.json:
            output.aside().print(say("saved_to", path=save))

    with paragraph(say("nothing_sent"), as_json=manner.json) as ended:
        if (certificate is not None or trust_store is not None) and not verify:
            raise CommandError(Exit.USAGE, say("xml.needs_verify"))
        if trust is not None:
            trust.check()
        ended.code = Exit(make("propars", partial(GetSignedXml, **selector), manner, shown))
    return ended.code


def _trust(certificate: Path | None, trust_store: Path | None) -> Trust:
    from kolay_invoice.cli.signed import Trust

    return Trust(certificate=certificate, trust_store=trust_store)


def _prove(content: bytes, trust: Trust, manner: Reading, facts: Mapping[str, Any]) -> None:
    from kolay_invoice.cli.signed import show, verified

    show(verified(content, trust), trust, as_json=manner.json, **facts)


def _put(reply: InvoiceHtml, places: Places) -> dict[str, str]:
    from kolay_invoice.propars.preview import show, write_pdf

    saved = {}
    if places.pdf is not None:
        saved["pdf"] = str(write_pdf(reply.html, places.pdf))
    if places.open_it:
        opened = show(reply.html, places.save)
        output.aside().print(say("preview.opening", path=opened))
    elif places.save is not None:
        reply.save(places.save)
    if places.save is not None:
        saved = {"saved": str(places.save), **saved}
    return saved


def _check_new(path: Path) -> None:
    if path.exists():
        raise CommandError(Exit.USAGE, f"{say('file_exists', path=path)} {say('nothing_sent')}")
    if not (path.parent.is_dir() and os.access(path.parent, os.W_OK)):
        raise CommandError(Exit.USAGE, f"{say('no_folder', path=path.parent)} {say('nothing_sent')}")


def _raw(content: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
