r"""Texts of others as harmless text: nothing in them controls a terminal or is executed by a spreadsheet.

A character that a terminal obeys, or that has no glyph, becomes a visible escape, as in `\x1b`. A backslash stays as it
is, so an escape can also be what somebody wrote.
"""

from __future__ import annotations

import json
import re
from typing import Final

# Latin letters are skipped at the speed of the regular expression. All others are decided one by one.
_DOUBTFUL: Final = re.compile("[^ -~\xa1-\xac\xae-\u02ff]")
_WITHOUT_GLYPH: Final = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0]")
"""Letters and marks that are drawn as nothing. A variation selector is not one: it only chooses a glyph."""

# A Turkish Excel separates cells at a semicolon, so a formula can begin after one, also within a quoted cell.
_FORMULA: Final = re.compile(r"(^|;)(\s*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r])")
_NUMBER: Final = re.compile(r"[+-]?[0-9][0-9.,]*")


def one_line(text: str) -> str:
    """Return a text in which control, format and line breaking characters are visible escapes."""
    return _DOUBTFUL.sub(_escape, text)


def lines(text: str) -> str:
    """Return a text of our own lines: like `one_line`, but line feeds and tabs stay."""
    return _DOUBTFUL.sub(lambda found: found[0] if found[0] in "\n\t" else _escape(found), text)


def json_text(text: str) -> str:
    """Return a JSON text without line breaks in which all such characters are JSON escapes."""
    return _DOUBTFUL.sub(lambda found: found[0] if _is_shown(found[0]) else json.dumps(found[0])[1:-1], text)


def csv_cell(text: str) -> str:
    """Return the text of a CSV cell. An apostrophe keeps a spreadsheet from executing it. A number stays one."""
    if not _NUMBER.fullmatch(text):
        text = _FORMULA.sub(r"\1'\2", text)
    return one_line(text)


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    return character if _is_shown(character) else character.encode("unicode_escape").decode("ascii")


def _is_shown(character: str) -> bool:
    # Python counts every space but the ASCII one as not printable. Spaces are safe; line and paragraph separators not.
    return (character.isprintable() and not _WITHOUT_GLYPH.match(character)) or (
        character.isspace() and character > "\x85" and character not in "\u2028\u2029"
    )
