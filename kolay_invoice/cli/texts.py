"""The words of the command in the language of whoever reads them; all of them stand in `words`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Final, Literal, TypeAlias

from kolay_invoice.cli.words import TEXTS

Language: TypeAlias = Literal["en", "tr"]

_OWN_PLACE: Final = "KOLAY_INVOICE_LANG"
_PLACES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")

_chosen: ContextVar[Language | None] = ContextVar("kolay_invoice_language", default=None)


def speak(language: Language | None) -> None:
    """Choose the language of everything that is said from here on; None leaves it to the environment."""
    _chosen.set(language)


def language(environ: Mapping[str, str] = os.environ) -> Language:
    """Return the language that was chosen, or else that of the environment; what is not Turkish is English."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    named = environ.get(_OWN_PLACE, "").lower()
    if not named.startswith(("en", "tr")):
        named = next((value.lower() for place in _PLACES if (value := environ.get(place))), "")
    return "tr" if named.startswith("tr") else "en"


def say(name: str, /, **values: object) -> str:
    """Return a text with its places filled in."""
    english, turkish = TEXTS[name]
    return (turkish if language() == "tr" else english).format(**values)


def count_of(name: str, count: int, /, **values: object) -> str:
    """Return a text that depends on whether it speaks of one thing or of several."""
    return say(f"{name}.one" if count == 1 else f"{name}.many", count=count, **values)


def sentence(error: object) -> str:
    """Return an error's text with a full stop and, where it does not begin with a name that is typed, a capital."""
    text = str(error).rstrip(".")
    first = text.split(" ")[0]
    if re.search(r"[:._/\\-]", first):
        return f"{text}."
    capital = "İ" if language() == "tr" and text.startswith("i") else text[:1].upper()
    return f"{capital}{text[1:]}."
