"""Documents of Propars, to a new file or to the standard output: the preview and the signed XML."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from kolay_invoice.cli import output
from kolay_invoice.cli.calls import Acting, Reading, make
from kolay_invoice.cli.endings import CommandError, Exit, paragraph
from kolay_invoice.cli.texts import say
from kolay_invoice.propars.models import GetSignedXml, InvoiceHtml, InvoiceHtmlForSale, SignedXml


def preview(particulars: Mapping[str, Any], save: Path | None, manner: Acting) -> int:
    """Show a preview, or write it to a file."""

    def shown(reply: InvoiceHtml) -> None:
        _out(reply.html.encode(), save, manner, {}, html=reply.html)

    return _made(partial(InvoiceHtmlForSale, **particulars), shown, None if manner.dry_run else save, manner)


def signed_xml(selector: Mapping[str, Any], save: Path | None, manner: Reading) -> int:
    """Show a signed document, or write it to a file."""

    def shown(reply: SignedXml) -> None:
        text = reply.content.decode("utf-8", "replace")
        _out(reply.content, save, manner, {"sha256": reply.sha256, "bytes": len(reply.content)}, xml=text)

    return _made(partial(GetSignedXml, **selector), shown, save, manner)


def _made(request: Callable[[], Any], shown: Callable[[Any], None], save: Path | None, manner: Reading) -> int:
    with paragraph(say("nothing_sent"), as_json=manner.json) as ended:
        if save is not None:
            # A document that came must have a place to go to, so the file is made before the call.
            try:
                save.open("xb").close()
            except FileExistsError:
                raise CommandError(Exit.USAGE, f"{say('file_exists', path=save)} {say('nothing_sent')}") from None
        ended.code = Exit(make("propars", request, manner, shown))
        if save is not None and ended.code is not Exit.DONE:
            save.unlink()
    return ended.code


def _out(content: bytes, save: Path | None, manner: Reading, facts: Mapping[str, Any], **document: str) -> None:
    if save is None and not manner.json:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    if save is not None:
        save.write_bytes(content)
    if manner.json:
        kept = document if save is None else {"saved": str(save)}
        output.print_json({**facts, **kept, "exit_code": int(Exit.DONE)})
    else:
        output.out().print(say("saved", path=save, size=f"{len(content):,}"))
