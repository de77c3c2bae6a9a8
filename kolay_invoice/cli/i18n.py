"""The translations of the command. The English texts are in the code.

Values that fill a template can come from a provider, a file or a command line: they are shown in one line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Final, Literal, TypeAlias

from kolay_invoice.catalogue import catalogue
from kolay_invoice.cli.visible import one_line

Language: TypeAlias = Literal["en", "tr"]

_VARIABLE: Final = "KOLAY_INVOICE_LANG"
_LOCALE_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")

_chosen: ContextVar[Language | None] = ContextVar("kolay_invoice_language", default=None)


def set_language(language: Language | None) -> None:
    """Set the language of all texts. None: the language of the environment."""
    _chosen.set(language)


def language(environ: Mapping[str, str] = os.environ) -> Language:
    """Return the chosen language, or else the environment's. The default is English."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    wanted = environ.get(_VARIABLE, "").lower()
    if not wanted.startswith(("en", "tr")):
        wanted = next((value.lower() for name in _LOCALE_VARIABLES if (value := environ.get(name))), "")
    return "tr" if wanted.startswith("tr") else "en"


def gettext(text: str) -> str:
    """Translate a text. Without a translation it stays English."""
    return catalogue(language()).gettext(text) if text else text


def _(template: str, /, **values: object) -> str:
    """Translate a template and format its values."""
    return fill(gettext(template), values)


def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
    """Translate a singular or plural template and format its values. `count` is one of them."""
    return fill(catalogue(language()).ngettext(one, many, count), {"count": count, **values})


def fill(template: str, values: Mapping[str, object]) -> str:
    """Format a translated template. A value that is no number is a text in one line."""
    return template.format(
        **{name: value if isinstance(value, int | float) else one_line(str(value)) for name, value in values.items()}
    )


def sentence(text: str) -> str:
    """Return a text with a full stop and, unless it begins with an identifier, a capital."""
    text = text.rstrip(".")
    first = text.split(" ")[0]
    if re.search(r"[:._/\\-]", first):
        return f"{text}."
    capital = "İ" if language() == "tr" and text.startswith("i") else text[:1].upper()
    return f"{capital}{text[1:]}."
