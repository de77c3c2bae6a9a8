"""Translations of the package's texts, read from the `.po` files themselves.

The files are compiled in memory. That works equally from a wheel, an editable install and a plain checkout, where
nothing has been built. It takes a few milliseconds. English needs no catalogue.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("en", "tr")

_MAGIC: Final = 0x950412DE
_HEADER: Final = "<7I"
_WORD: Final = 4


@cache
def catalogue(language: str) -> NullTranslations:
    """Return the translations into a language. The texts themselves are English."""
    if language == "en":
        return NullTranslations()
    po = Path(__file__).with_name("cli") / "locale" / language / "LC_MESSAGES" / "kolay_invoice.po"
    with po.open(encoding="utf-8") as lines:
        return GNUTranslations(BytesIO(_compile(_read(lines))))


def _read(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Iterate over the texts of a .po file and their translations. Plural forms are joined as in a .mo file."""
    entry: dict[str, str] = {}
    keyword = ""
    for line in (*lines, "msgid"):
        word, _, quoted = line.strip().partition('"')
        if word.startswith("msgid") and not word.startswith("msgid_plural") and entry:
            yield _join(entry)
            entry = {}
        if word and not word.startswith("#"):
            keyword = word.strip()
        if quoted:
            text = json.loads(f'"{quoted}') if "\\" in quoted else quoted.rstrip()[:-1]
            entry[keyword] = entry.get(keyword, "") + text


def _join(entry: dict[str, str]) -> tuple[str, str]:
    source = "\0".join(entry[name] for name in ("msgid", "msgid_plural") if name in entry)
    return source, "\0".join(text for name, text in sorted(entry.items()) if name.startswith("msgstr"))


def _compile(entries: Iterable[tuple[str, str]]) -> bytes:
    """Return a catalogue in the binary format that `gettext` reads."""
    texts = [(source.encode(), translation.encode()) for source, translation in sorted(entries)]
    start = struct.calcsize(_HEADER)
    place = start + 4 * _WORD * len(texts)
    table: list[int] = []
    for text in (pair[column] for column in (0, 1) for pair in texts):
        table += [len(text), place]
        place += len(text) + 1
    half = start + 2 * _WORD * len(texts)
    head = struct.pack(_HEADER, _MAGIC, 0, len(texts), start, half, 0, 0)
    data = b"".join(pair[column] + b"\0" for column in (0, 1) for pair in texts)
    return head + struct.pack(f"<{len(table)}I", *table) + data
