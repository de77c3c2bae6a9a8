"""The command's texts in the language of the user. They stand in English where they are used."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Final, Literal, TypeAlias

from kolay_invoice.catalogue import catalogue

Language: TypeAlias = Literal["en", "tr"]

_VARIABLE: Final = "KOLAY_INVOICE_LANG"
_LOCALE_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")

_chosen: ContextVar[Language | None] = ContextVar("kolay_invoice_language", default=None)


def set_language(language: Language | None) -> None:
    """Choose the language of all texts from here on; None leaves it to the environment."""
    _chosen.set(language)


def language(environ: Mapping[str, str] = os.environ) -> Language:
    """Return the language that was chosen, or else that of the environment; what is not Turkish is English."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    wanted = environ.get(_VARIABLE, "").lower()
    if not wanted.startswith(("en", "tr")):
        wanted = next((value.lower() for name in _LOCALE_VARIABLES if (value := environ.get(name))), "")
    return "tr" if wanted.startswith("tr") else "en"


def gettext(text: str) -> str:
    """Return a text in the language that was chosen; one without a translation stays English."""
    return catalogue(language()).gettext(text) if text else text


def _(template: str, /, **values: object) -> str:
    """Return a text with its values filled in."""
    return gettext(template).format(**values)


def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
    """Return a text that depends on a number, which is its value `count`."""
    return catalogue(language()).ngettext(one, many, count).format(count=count, **values)


def sentence(text: str) -> str:
    """Return a text with a full stop and, where it does not begin with a name that is typed, a capital."""
    text = text.rstrip(".")
    first = text.split(" ")[0]
    if re.search(r"[:._/\\-]", first):
        return f"{text}."
    capital = "İ" if language() == "tr" and text.startswith("i") else text[:1].upper()
    return f"{capital}{text[1:]}."
