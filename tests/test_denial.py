"""Which fields and words of a reply mean no, and which do not: the spellings, as a table."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kolay_invoice.denial import CANCELLED, FAILED, NOT_SENT, OF_A_CALL, OF_A_DOCUMENT, WAITING, Denials, find_denial

OF_A_SEND = Denials(status_words=FAILED | WAITING | NOT_SENT | CANCELLED, result_fields=("id", "uuid"), flags=("sent",))
HUGE = Decimal(10) ** 60

WORDS_OF_NO = [
    *("error", "ERROR", "Failed", "failure", "rejected", "payment_failed", "GIB_ERROR", "not_sent", "false", "0", "no"),
    *("Hata", "HATALI", "Hata aldı", "Başarısız", "BAŞARISIZ", "Reddedildi", "REDDEDİLDİ", "Gönderilemedi", "hayır"),
    *("Tahsil edilmedi", "tahsil edilmemiş", "Tamamlanamadı", "pending", "PENDING_APPROVAL", "in_progress", "queued"),
    *("Bekliyor", "İşleniyor", "gönderiliyor", "Beklemede", "404", "500", "202"),
    *(404, 500, 0, 202, Decimal("500.0"), False, {"key": "error"}, {"key": "x", "value": "Hata aldı"}),
]
WORDS_OF_YES = [
    *("sent", "sent_to_receiver", "approved", "completed", "Tamamlandı", "Gönderildi", "Alıcıya ulaştı", "Ödendi"),
    *(
        "Fatura no 7 gönderildi",
        "success",
        "ok",
        "200",
        "1",
        "something_new",
        "",
        "x" * 10_000,
        200,
        1,
        7,
        HUGE,
        True,
        None,
        [],
        {"key": "sent"},
    ),
]


@pytest.mark.parametrize("value", WORDS_OF_NO, ids=repr)
@pytest.mark.parametrize("name", ["status", "state", "Status", "durum"])
def test_a_status_of_failing_or_waiting_is_a_no(name, value):
    assert find_denial({"id": 7, name: value}, OF_A_CALL).startswith(f"a no in its field {name} (")
    assert find_denial({"id": 7, name: value}, OF_A_DOCUMENT) is None


@pytest.mark.parametrize("value", WORDS_OF_YES, ids=lambda value: repr(value)[:20])
def test_a_status_that_nobody_knows_is_no_no(value):
    assert find_denial({"status": value}, OF_A_CALL) is None


@pytest.mark.parametrize("value", ["draft", "Taslak", "ready_to_send", "cancelled", "İptal", "unsent"])
def test_what_is_still_to_be_sent_or_taken_back_was_not_sent(value):
    assert find_denial({"status": value}, OF_A_SEND)
    assert find_denial({"status": value}, OF_A_CALL) is None


def test_the_words_of_an_endpoint_are_its_own():
    assert find_denial({"status": "Gönderilemedi"}, Denials(status_words=frozenset({"error"}))) is None
    assert find_denial({"status": "Bekliyor"}, Denials(status_words=FAILED)) is None


@pytest.mark.parametrize("value", [False, 0, "0", "false", "FALSE", "no", "Hayır", "n", "başarısız", -1, [], {}, "?"])
@pytest.mark.parametrize("name", ["success", "ok", "is_success", "isSuccess", "Successful", "Başarılı"])
def test_a_success_that_is_no_yes_is_a_no(name, value):
    for denials in (OF_A_CALL, OF_A_DOCUMENT):
        assert find_denial({name: value}, denials).startswith("a no in its field ")


@pytest.mark.parametrize("value", [True, 1, "1", "true", "True", "yes", "Evet", "BAŞARILI", None])
def test_a_success_that_is_a_yes_is_no_no(value):
    assert find_denial({"success": value, "ok": value}, OF_A_CALL) is None


@pytest.mark.parametrize("value", [False, 0, "0", "false", "hayır", "error", "Başarısız"])
def test_a_result_that_says_no_is_a_no(value):
    assert find_denial({"result": value}, OF_A_DOCUMENT) == "a no in its field result"
    assert find_denial({"sent": value}, OF_A_SEND) == "a no in its field sent"


@pytest.mark.parametrize("value", [True, {"id": 7}, [], "Fatura no 7 gönderildi", 7, None])
def test_a_result_that_holds_something_else_is_no_no(value):
    assert find_denial({"result": value}, OF_A_CALL) is None


@pytest.mark.parametrize(
    "value",
    [
        "Olmaz.",
        7,
        10400,
        Decimal("0.5"),
        HUGE,
        True,
        ["x"],
        [{"code": 1}],
        {"a": ["x"]},
        {"a": {"b": {"c": {"d": {}}}}},
    ],
)
@pytest.mark.parametrize("name", ["error", "errors", "Errors", "error_message", "errorCode", "hata"])
def test_an_error_is_a_no(name, value):
    assert find_denial({name: value}, OF_A_DOCUMENT).startswith("an error in its field ")


@pytest.mark.parametrize("value", [None, "", False, 0, Decimal("0.0"), "0", "none", [], [None, ""], {"a": []}, "yok"])
def test_an_error_that_holds_nothing_is_no_no(value):
    assert find_denial({"error": value, "errors": value}, OF_A_CALL) is None


def test_a_result_of_which_every_name_is_null_is_a_no():
    for content in ({"id": None}, {"id": None, "uuid": ""}, {"sale": 1, "Uuid": None}):
        assert find_denial(content, OF_A_SEND) == "null in every field that names the result"
    for content in ({}, {"sale": None}, {"id": None, "uuid": "x"}, {"uuid": "x", "id": None}):
        assert find_denial(content, OF_A_SEND) is None


@pytest.mark.parametrize("wrapper", ["data", "result", "Response"])
def test_an_object_in_a_wrapper_is_asked_the_same(wrapper):
    for no in ({"status": "error"}, {"success": "false"}, {"errors": ["x"]}, {"id": None}, {"sent": False}):
        assert find_denial({wrapper: no}, OF_A_SEND) == find_denial(no, OF_A_SEND)
        assert find_denial({wrapper: no}, OF_A_CALL) is None
        assert find_denial({"sale": no}, OF_A_SEND) is None
    assert find_denial({wrapper: {"id": 7, "status": "sent"}}, OF_A_SEND) is None
    assert find_denial({wrapper: {wrapper: {"status": "error"}}}, OF_A_SEND) is None
