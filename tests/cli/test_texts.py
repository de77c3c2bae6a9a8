"""The texts of the command: language, sentences, and a text for each call and check."""

import pytest

from kolay_invoice.cli import calls, error_texts, errors, i18n
from kolay_invoice.cli.app import commands
from kolay_invoice.cli.doctor import findings
from kolay_invoice.cli.doctor.command import ASSUMPTIONS
from kolay_invoice.endpoint import Effect
from kolay_invoice.errors import CALL_FAILED, NotSentError, OutcomeUnknownError
from kolay_invoice.messages import Message
from kolay_invoice.operations import BY_NAME, ENDPOINTS

SEND = BY_NAME["propars", "send_invoice"]


@pytest.fixture(autouse=True)
def unspoken():
    i18n.set_language(None)
    yield
    i18n.set_language(None)


def test_every_call_with_an_effect_says_what_it_does():
    acting = {one.operation for one in ENDPOINTS if one.effect is not Effect.READ}
    assert calls._ABOUT.keys() == acting
    assert calls._EFFECTS.keys() == {effect.value for effect in Effect if effect is not Effect.READ}


@pytest.mark.parametrize("language", ["en", "tr"])
def test_where_to_look_is_said_with_a_command_that_there_is(language):
    i18n.set_language(language)
    for endpoint in ENDPOINTS:
        for sentence in (endpoint.recovery_hint, endpoint.sent_before):
            said = error_texts.hint(sentence, endpoint)
            assert "(" not in said
            if getattr(sentence, "values", {}):
                command = said.split("`")[1].split()
                assert commands[command[1]][command[2]]
                assert command[:1] == ["kolay-invoice"]
    read = next(one for one in ENDPOINTS if one.operation == "get_signed_xml")
    assert error_texts.hint(SEND.sent_before, SEND).count("`kolay-invoice propars xml`") == 1
    assert error_texts.hint(read.sent_before, read) == ""


@pytest.mark.parametrize(
    ("reason", "technically"),
    [
        ("odd", "odd"),
        (Message("not sent: {why}", why="odd"), "odd"),
        (Message("not sent: {why}", why=7), "not sent: 7"),
        (Message(error_texts._NO_TOKEN, why="odd"), "for want of a token: odd"),
        (Message("another {kind}", kind="reason"), "another reason"),
    ],
)
def test_the_technical_part_of_an_error_repeats_nothing(reason, technically):
    text = Message(CALL_FAILED, provider="kolaybi", operation="resend", reason=reason, advice="")
    error = NotSentError(text, provider="kolaybi", operation="resend")
    i18n.set_language("en")
    assert error_texts.describe_error(error).endswith(f"(Technically: {technically}.)")


def test_an_error_of_no_known_call_gives_no_place_to_look():
    i18n.set_language("en")
    said = error_texts.describe_error(OutcomeUnknownError("odd", provider="other", operation="send_it"))
    assert said.startswith("The outcome of other send-it is unknown: it was sent")
    assert said.endswith("Do not simply run it again. (Technically: odd.)")
    text = Message(CALL_FAILED, provider="other", operation="send_it", reason="odd", advice="Look it up.")
    assert error_texts.translate(text) == "other send-it: odd"


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
