"""Reads a sale from a JSON file. The fields have the names that a line of a batch file has."""

from __future__ import annotations

from pathlib import Path
from typing import Final, cast

from kolay_invoice.cli.batch.file import load_object
from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.errors import CommandError, ExitCode, os_error_text
from kolay_invoice.cli.i18n import _, sentence
from kolay_invoice.journal.request_format import request_of
from kolay_invoice.propars.models import NewSale

_LARGEST_SALE: Final = 4 * 1024 * 1024


def read_sale(path: Path) -> NewSale:
    """Return the sale of a JSON file.

    Raises:
        CommandError: The file cannot be read, or is no sale; the text names the field.
    """
    try:
        sale = request_of("propars-save-sale", load_object(_text_of(path)))
    except OSError as error:
        raise CommandError(ExitCode.USAGE, sentence(os_error_text(error)) + " " + _("Nothing was sent.")) from None
    except ValueError as error:
        reason = _("is not JSON") if isinstance(error, UnicodeDecodeError) else translate(error)
        raise CommandError(ExitCode.USAGE, sentence(f"{path}: {reason}") + " " + _("Nothing was sent.")) from None
    return cast("NewSale", sale)


def _text_of(path: Path) -> str:
    content = path.read_bytes()
    if len(content) > _LARGEST_SALE:
        raise ValueError(_("is longer than {most} bytes", most=f"{_LARGEST_SALE:,}"))
    return content.decode("utf-8-sig")
