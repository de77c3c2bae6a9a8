"""The words of the command: both languages, the same places to fill, none missing and none unused."""

import re
import string
from pathlib import Path

import pytest

import kolay_invoice.cli
from kolay_invoice.cli import errors, texts
from kolay_invoice.cli.doctor.command import ASSUMPTIONS
from kolay_invoice.cli.words import TEXTS
from kolay_invoice.endpoint import Effect
from kolay_invoice.kolaybi import ENDPOINTS as KOLAYBI
from kolay_invoice.propars import ENDPOINTS as PROPARS

ROOM = Path(kolay_invoice.cli.__file__).parent


@pytest.fixture(autouse=True)
def unspoken():
    texts.speak(None)
    yield
    texts.speak(None)


def places(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("name", TEXTS)
def test_every_text_is_there_in_both_languages_with_the_same_places(name):
    english, turkish = TEXTS[name]
    assert english.strip()
    assert turkish.strip()
    assert sorted(set(places(english))) == sorted(set(places(turkish)))


def test_every_call_with_an_effect_says_what_it_does_and_where_to_look():
    for endpoint in (*KOLAYBI, *PROPARS):
        assert (f"about.{endpoint.operation}" in TEXTS) is (endpoint.effect is not Effect.READ)
        assert (f"look_up.{endpoint.operation}" in TEXTS) is (endpoint.effect is not Effect.READ)
    assert {f"about.effect.{effect.value}" for effect in Effect if effect is not Effect.READ} <= TEXTS.keys()


def test_every_check_of_the_doctor_is_worded():
    assert {one.text for assumptions in ASSUMPTIONS.values() for one in assumptions} <= TEXTS.keys()


def test_every_text_is_said_somewhere():
    said = "\n".join(path.read_text() for path in ROOM.rglob("*.py") if path.parent.name != "words")
    families = {
        name for family in re.findall(r"f[\"']([a-z_.]+\.)\{", said) for name in TEXTS if name.startswith(family)
    }
    counted = {
        f"{name}.{number}" for name in re.findall(r"count_of\(\s*[\"']([\w.]+)", said) for number in ("one", "many")
    }
    kinds = {name for name in TEXTS if re.fullmatch(r"error\.\w+(\.next)?", name)}
    literal = {name for name in TEXTS if f'"{name}"' in said or f"'{name}'" in said}
    assert TEXTS.keys() - literal - families - counted - kinds == set()


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "tr_TR.UTF-8"}, "tr"),
        ({"LANG": "tr_TR.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LC_MESSAGES": "en_GB.UTF-8", "LC_ALL": "tr_TR"}, "tr"),
        ({"KOLAY_INVOICE_LANG": "tr", "LC_ALL": "C"}, "tr"),
        ({"KOLAY_INVOICE_LANG": "", "LANG": "tr_TR"}, "tr"),
        ({"KOLAY_INVOICE_LANG": "en", "LANG": "tr_TR"}, "en"),
        ({"KOLAY_INVOICE_LANG": "turkish?", "LANG": "tr_TR"}, "tr"),
        ({"KOLAY_INVOICE_LANG": "Deutsch", "LANG": "tr_TR"}, "tr"),
        ({"LANG": "de_DE"}, "en"),
    ],
)
def test_the_language_is_that_of_the_environment(environ, language):
    assert texts.language(environ) == language


def test_the_language_that_was_chosen_comes_first():
    texts.speak("tr")
    assert texts.language({"KOLAY_INVOICE_LANG": "en"}) == "tr"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("it is so", "It is so."),
        ("it is so.", "It is so."),
        ("a:b is so", "a:b is so."),
        ("document_id is wrong", "document_id is wrong."),
    ],
)
def test_a_sentence_begins_and_ends_like_one(text, said):
    assert texts.sentence(text) == said


def test_an_error_of_a_class_of_its_own_still_has_an_exit_code():
    assert errors.code_of(errors.KolayInvoiceError("odd")) == errors.ExitCode.USAGE
