"""Texts of others, as a terminal, a JSON reader and a spreadsheet get them."""

import json
import sys
import unicodedata
from collections import defaultdict

import pytest

from kolay_invoice.cli.visible import csv_cell, json_text, lines, one_line

OBEYED = {"Cc", "Cf", "Zl", "Zp", "Cs"}
"""The categories of controls, formats, line ends and halves of characters."""
UNKNOWN = {"Co", "Cn"}
WITHOUT_GLYPH = set("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")


def test_every_character_that_is_not_drawn_becomes_an_escape_and_no_other_one():
    by_category = defaultdict(set)
    for character in map(chr, range(sys.maxunicode + 1)):
        by_category[unicodedata.category(character)].add(character)
    hidden = WITHOUT_GLYPH.union(*(by_category[name] for name in OBEYED))
    assert not [character for character in hidden if character in one_line(character)]
    drawn = "".join(set().union(*(by_category[name] for name in by_category.keys() - OBEYED - UNKNOWN)) - WITHOUT_GLYPH)
    assert len(drawn) > 100_000
    assert one_line(drawn) == drawn
    assert one_line("\ue000\u0378") == r"\ue000\u0378"


def test_an_escape_is_that_of_python():
    assert one_line("a\x1b\x9b\u202e\r\n\t\U000e0041b") == r"a\x1b\x9b\u202e\r\n\t\U000e0041b"
    assert lines("a\r\n\tb\x7f") == "a\\r\n\tb\\x7f"


def test_json_says_the_same_with_escapes():
    text = json.dumps({"a": "\x7f\x9b\u202e\U000e0041 ş\xa0€"}, ensure_ascii=False)
    assert json.loads(json_text(text)) == json.loads(text)
    assert json_text(text) == '{"a": "\\u007f\\u009b\\u202e\\udb40\\udc41 ş\xa0€"}'


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        (" =1+1", "' =1+1"),
        ("+1+1", "'+1+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", r"'\t=1"),
        ("\r1", r"'\r1"),
        ("＝1+1", "'＝1+1"),
        ("＋1", "'＋1"),
        ("－1+1", "'－1+1"),
        ("＠SUM(1)", "'＠SUM(1)"),
        ("Ali; =1+1;-2", "Ali;' =1+1;'-2"),
        ("-12.50", "-12.50"),
        ("+90", "+90"),
        ("1.234,50", "1.234,50"),
        ("a=b", "a=b"),
        ("two\nlines", r"two\nlines"),
        ("", ""),
    ],
)
def test_a_cell_is_never_a_formula_and_a_number_stays_one(text, cell):
    assert csv_cell(text) == cell
