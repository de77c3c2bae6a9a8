"""The texts of the command: language, sentences, and a text for each call and check."""

import pytest

from kolay_invoice.cli import calls, error_texts, errors, i18n
from kolay_invoice.cli.doctor import findings
from kolay_invoice.cli.doctor.command import ASSUMPTIONS
from kolay_invoice.endpoint import Effect
from kolay_invoice.kolaybi import ENDPOINTS as KOLAYBI
from kolay_invoice.propars import ENDPOINTS as PROPARS


@pytest.fixture(autouse=True)
def unspoken():
    i18n.set_language(None)
    yield
    i18n.set_language(None)


def test_every_call_with_an_effect_says_what_it_does_and_where_to_look():
    acting = {one.operation for one in (*KOLAYBI, *PROPARS) if one.effect is not Effect.READ}
    assert calls._ABOUT.keys() == error_texts._LOOK_UP.keys() == acting
    assert calls._EFFECTS.keys() == {effect.value for effect in Effect if effect is not Effect.READ}


def test_every_call_whose_refusal_can_mean_that_it_was_done_before_says_where_to_look():
    assert error_texts._SENT_BEFORE.keys() == {one.operation for one in (*KOLAYBI, *PROPARS) if one.sent_before}


def test_every_check_of_the_doctor_is_worded():
    templates = {*findings._ASSUMPTIONS.values(), *findings._GUESS_TEXTS.values()}
    assert {one.text for assumptions in ASSUMPTIONS.values() for one in assumptions} == templates


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
    assert i18n.language(environ) == language


def test_the_language_that_was_chosen_comes_first():
    i18n.set_language("tr")
    assert i18n.language({"KOLAY_INVOICE_LANG": "en"}) == "tr"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it is so", "It is so."),
        ("it is so.", "It is so."),
        ("a:b is so", "a:b is so."),
        ("document_id is wrong", "document_id is wrong."),
    ],
)
def test_a_sentence_begins_and_ends_like_one(text, expected):
    assert i18n.sentence(text) == expected


def test_an_error_of_a_class_of_its_own_still_has_an_exit_code():
    assert errors.code_of(errors.KolayInvoiceError("odd")) == errors.ExitCode.USAGE
