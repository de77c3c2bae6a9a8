"""The switches for what nobody knows of the providers: each position, over real HTTP, and one place where all stand."""

import base64
import io
import json
import re
import zipfile
from pathlib import Path
from typing import get_args, get_type_hints
from uuid import UUID

import attrs
import pytest

from kolay_invoice.catalogue import LANGUAGES, catalogue
from kolay_invoice.emulator import Emulator
from kolay_invoice.emulator.guess_switches import GuessSwitches, Switch
from kolay_invoice.emulator.guesses import SWITCHES, Guesses, GuessFields
from kolay_invoice.emulator.guessing import FOREVER

CREATE = ("POST", "invoices/e-document/create")
SEND = ("POST", "finance/saleinvoice/send_invoice_for_sale/?sale_code=abc123")
PREVIEW = "finance/saleinvoice/invoice_html_for_sale/"
XML = ("GET", "finance/saleinvoice/get_signed_xml_for_sale/?sale_code=abc123")
CANCEL = ("PATCH", "core/sale/cancel_invoice_by_code/?sale_code=abc123")
SENT_BEFORE = "daha önce gönderilmiş"


@pytest.fixture
def listed(kolaybi):
    """A function that reads rows of the list as it comes."""

    def ask(**filters):
        reply = kolaybi("GET", "e_document/invoices", params={"company_id": 5, "direction": "outbound", **filters})
        assert reply.status_code == 200
        return reply.json()["data"]

    return ask


# One value holds all


def test_every_guess_is_an_argument_an_attribute_and_a_field_of_one_name():
    names = {field.name for field in attrs.fields(Guesses)}
    assert {name for name, value in vars(GuessSwitches).items() if isinstance(value, Switch)} == names
    assert set(get_type_hints(GuessFields)) == names == set(SWITCHES)
    assert isinstance(Emulator.list_filter, Switch)


@pytest.mark.parametrize("name", SWITCHES)
def test_the_positions_that_are_written_down_are_the_ones_that_there_are(name):
    about, hint = SWITCHES[name], get_type_hints(Guesses)[name]
    if about.is_time:
        assert (hint, getattr(Guesses(), name)) == (float, 0.0)
        return
    assert set(about.positions) == set(get_args(hint)) == set(get_args(get_type_hints(GuessFields)[name]))
    assert getattr(Guesses(), name) == next(iter(about.positions))


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_is_given_and_set_by_its_name_and_outlives_a_reset(name):
    about = SWITCHES[name]
    last = "forever" if about.is_time else list(about.positions)[-1]
    value = FOREVER if about.is_time else last
    given = Emulator(**{name: last})
    assert getattr(given, name) == value
    assert given.guesses == Guesses(**{name: last})

    emulator = Emulator()
    assert getattr(emulator, name) != value
    setattr(emulator, name, last)
    emulator.reset()
    assert getattr(emulator, name) == value
    emulator.turn(name.upper().replace("_", "-"), "1.5" if about.is_time else last)
    assert getattr(emulator, name) == (1.5 if about.is_time else value)


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("wrong", ["maybe", None, -1.0, float("nan")])
def test_what_is_no_position_is_refused_by_the_switchs_name(name, wrong):
    emulator = Emulator()
    before = emulator.guesses
    with pytest.raises(ValueError, match=f"^{name}: .*{wrong!r} is not "):
        setattr(emulator, name, wrong)
    with pytest.raises(ValueError, match=f"^{name}: .*{wrong!r} is not "):
        Emulator(**{name: wrong})
    assert emulator.guesses == before


def test_an_unknown_guess_is_refused_with_the_list_of_guesses():
    with pytest.raises(ValueError, match="guess: 'moon' is not one of duplicates, "):
        Emulator().turn("moon", "full")


DOCS = Path(__file__).resolve().parents[2] / "docs"
TABLE = re.compile(r"<!-- guesses -->\n(.*)<!-- /guesses -->", re.DOTALL)
HEADS = {
    "en": "| switch | what it decides | its positions, the usual one first | the usual one is | source |",
    "tr": "| anahtar | neyi belirler | konumları; ilki olağan olandır | olağan olan | kaynak |",
}
TIMES = {
    "en": "`0`, any other number of seconds, or `forever`",
    "tr": "`0`, başka bir saniye sayısı ya da `forever` (sonsuza dek)",
}


def table(language):
    """Write the documentation's table from the value type itself."""
    say = catalogue(language).gettext
    lines = [HEADS[language], "|---|---|---|---|---|"]
    for name, about in SWITCHES.items():
        means = [f"`{position}`: {say(meaning)}" for position, meaning in about.positions.items()]
        cells = [f"`{name}`", say(about.question), "<br>".join(means) or TIMES[language]]
        lines.append(f"| {' | '.join([*cells, say(about.word.value), say(about.source)])} |")
    return "\n".join(lines) + "\n"


@pytest.mark.skipif(not DOCS.exists(), reason="the documentation is not beside these tests")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_of_the_documentation_is_the_value_type(language):
    page = DOCS / ("testing.md" if language == "en" else f"testing.{language}.md")
    (written,) = TABLE.findall(page.read_text(encoding="utf-8"))
    assert written == table(language)


# What was sent before


def test_a_first_send_can_be_refused_because_the_document_was_made_official_elsewhere(emulator, kolaybi, listed):
    emulator.first_send = "refuse"
    reply = kolaybi(*CREATE, data={"document_id": 1})

    assert (reply.status_code, reply.json()["success"]) == (412, False)
    assert SENT_BEFORE in reply.json()["message"]
    assert emulator.executions("create_e_document", 1) == 0
    (row,) = listed(document_id=1)
    assert UUID(row["uuid"]).version == 4
    assert row["no"]
    assert kolaybi(*CREATE, data={"document_id": 1}).status_code == 412
    assert listed(document_id=1) == [row]


def test_a_first_resend_can_be_refused_in_the_same_way(emulator, kolaybi, listed):
    emulator.first_send = "refuse"
    assert kolaybi("POST", "invoices/resend/18").status_code == 412
    assert emulator.executions("resend", 18) == 0
    assert [row["status"] for row in listed(document_id=18)] == ["sent_to_receiver"]


def test_a_first_send_of_a_sale_can_be_refused_and_its_signed_xml_read(emulator, propars):
    emulator.first_send = "refuse"
    reply = propars(*SEND)

    assert reply.status_code == 412
    assert SENT_BEFORE in reply.json()["detail"]
    assert emulator.executions("send_invoice") == 0
    assert str(emulator.sale("abc123").invoice.uuid).encode() in propars(*XML).content
    emulator.first_send, emulator.duplicates = "accept", "execute"
    assert propars(*SEND).status_code == 200
    assert emulator.executions("send_invoice", "abc123") == 1


def test_duplicates_is_a_guess_like_the_others(emulator, kolaybi):
    assert [kolaybi(*CREATE, data={"document_id": 1}).status_code for _ in range(2)] == [200, 412]
    emulator.duplicates = "execute"
    assert kolaybi(*CREATE, data={"document_id": 1}).status_code == 200
    assert emulator.executions("create_e_document", 1) == 2


# The list


@pytest.mark.parametrize(
    ("position", "asked", "found"),
    [
        ("id", 1, {1}),
        ("id", 77, {77}),
        ("number", 1, set()),
        ("number", 20, {77}),
        ("number", None, {1, 2, 3, 18, 20, 21, 77}),
        ("ignored", 1, {1, 2, 3, 18, 20, 21, 77}),
        ("ignored", 999, {1, 2, 3, 18, 20, 21, 77}),
    ],
)
def test_the_filter_by_document_means_one_of_three_things(emulator, listed, position, asked, found):
    emulator.add_document(77, no="20")
    emulator.list_filter = position

    rows = listed(**({} if asked is None else {"document_id": asked}))

    assert {row["document_id"] for row in rows} == found
    assert emulator.executions("list_invoices", asked) == 1


def test_the_list_lags_behind_a_send(emulator, kolaybi, listed):
    emulator.list_lag = 600
    before = listed(document_id=1)
    uuid = kolaybi(*CREATE, data={"document_id": 1}).json()["data"]["uuid"]

    assert listed(document_id=1) == before
    assert emulator.executions("create_e_document", 1) == 1
    emulator.let_pass(599)
    assert listed(document_id=1) == before
    emulator.let_pass(601)
    assert [row["uuid"] for row in listed(document_id=1)] == [uuid]


def test_two_sends_come_into_the_list_one_after_the_other():
    now = [0.0]
    emulator = Emulator(clock=lambda: now[0], list_lag=10, duplicates="execute")
    account = emulator._app.kolaybi
    first = account.create_e_document(1)
    now[0] = 5.0
    second = account.create_e_document(1)

    def shown():
        return account._lag.listed_row(1, account.documents[1], emulator.list_lag)

    assert shown().uuid is None
    now[0] = 12.0
    assert shown() == first
    now[0] = 15.0
    assert shown() == second


def test_a_list_can_lag_for_ever_until_the_switch_is_turned(emulator, kolaybi, listed):
    emulator.list_lag = "forever"
    kolaybi("POST", "invoices/resend/18")
    emulator.let_pass(10**9)
    assert [row["status"] for row in listed(document_id=18)] == ["failed"]
    emulator.list_lag = 0
    assert [row["status"] for row in listed(document_id=18)] == ["sent_to_receiver"]


def test_a_document_that_is_put_in_the_place_of_another_is_listed_at_once(emulator, kolaybi, listed):
    emulator.list_lag = "forever"
    kolaybi(*CREATE, data={"document_id": 1})
    emulator.add_document(1, status="draft")
    assert [row["status"] for row in listed(document_id=1)] == ["draft"]


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_the_clock_never_goes_backward(emulator, seconds):
    with pytest.raises(ValueError, match="seconds: "):
        emulator.let_pass(seconds)


def test_an_official_document_can_have_two_rows(emulator, kolaybi, listed):
    emulator.list_rows = "two"
    assert [row["status"] for row in listed(document_id=1)] == ["ready_to_send"]
    uuid = kolaybi(*CREATE, data={"document_id": 1}).json()["data"]["uuid"]

    rows = listed(document_id=1)

    number = emulator.documents[1].no
    assert [(row["status"], row["uuid"], row["no"]) for row in rows] == [
        ("ready_to_send", None, None),
        ("sent", uuid, number),
    ]


def test_the_list_of_sales_lags_too(emulator, propars):
    emulator.list_lag = 600

    def sent():
        return {sale["sale_code"] for sale in propars("GET", "core/sale/?invoice_sent=true").json()["results"]}

    invoice = propars(*SEND).json()
    assert sent() == set()
    assert propars("GET", "core/sale/1001/").json()["invoice_uuid"] == invoice["invoice_uuid"]
    emulator.let_pass(601)
    assert sent() == {"abc123"}


# The detail of an invoice, and the movements of a vault


@pytest.mark.parametrize(
    ("position", "changes"),
    [
        ("full", {}),
        ("without_number", {"no": None}),
        ("without_uuid", {"uuid": None, "e_document": None}),
        ("without_status", {"status": None}),
        ("draft_with_uuid", {"status": "draft", "no": None}),
        ("other_document", {"document_id": 21}),
    ],
)
def test_the_detail_of_an_official_document_shows_what_the_switch_leaves(emulator, kolaybi, position, changes):
    full = kolaybi("GET", "invoices/20").json()["data"]
    assert full["uuid"] == str(emulator.documents[20].uuid)
    emulator.detail = position

    shown = kolaybi("GET", "invoices/20").json()["data"]

    assert {name: shown.get(name) for name in full} == full | changes
    assert emulator.executions("get_invoice", 20) == 2


def test_the_detail_of_what_was_never_sent_can_be_a_draft_with_a_uuid(emulator, kolaybi):
    emulator.detail = "draft_with_uuid"
    shown = kolaybi("GET", "invoices/1").json()["data"]
    assert (shown["status"], UUID(shown["uuid"]).version, shown["no"]) == ("draft", 4, None)


@pytest.mark.parametrize(("position", "status"), [("missing", 404), ("forbidden", 403)])
def test_the_detail_can_be_refused_in_the_providers_words(emulator, kolaybi, position, status):
    emulator.detail = position
    reply = kolaybi("GET", "invoices/20")
    assert (reply.status_code, reply.json()["code"], reply.json()["success"]) == (status, 10_000 + status, False)
    assert emulator.executions("get_invoice") == 0


def test_the_detail_can_be_a_page(emulator, kolaybi):
    emulator.detail = "html"
    reply = kolaybi("GET", "invoices/20")
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert str(emulator.documents[20].uuid) not in reply.text


@pytest.mark.parametrize("position", SWITCHES["detail"].positions)
def test_a_document_that_does_not_exist_has_no_detail_in_any_position(emulator, kolaybi, position):
    emulator.detail = position
    assert kolaybi("GET", "invoices/999").status_code == (403 if position == "forbidden" else 404)


@pytest.mark.parametrize(("position", "times"), [("none", 0), ("one", 1), ("two", 2)])
def test_a_collection_shows_as_none_one_or_two_movements(emulator, kolaybi, position, times):
    emulator.movements_listed = position
    for document_id, vault_id in ((1, 1), (18, 2)):
        kolaybi("POST", "invoices/proceed", data={"document_id": document_id, "vault_id": vault_id})

    data = kolaybi("GET", "vaults/2/transactions").json()["data"]

    assert [movement["amount"] for movement in data["transactionables"]] == [20] * times
    assert len({movement["id"] for movement in data["transactionables"]}) == times
    assert [total["amount"] for total in data["calculations"]] == [20 * times]
    assert len(emulator.movements) == emulator.executions("proceed") == 2


# The signed XML


def opened(reply, container):
    match container:
        case "raw":
            return reply.content
        case "json_text":
            return json.loads(reply.content).encode()
        case "json_base64":
            return base64.b64decode(reply.json()["xml"], validate=True)
        case "json_xml":
            return reply.json()["xml"].encode()
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        (name,) = archive.namelist()
        assert name.endswith(".xml")
        return archive.read(name)


CONTENT_TYPES = {"raw": "application/xml", "zip": "application/zip"}


@pytest.mark.parametrize("container", SWITCHES["xml_container"].positions)
def test_the_signed_xml_comes_in_any_container_and_is_the_same(emulator, propars, container):
    propars(*SEND)
    emulator.xml_container = container

    reply = propars(*XML)

    assert reply.headers["Content-Type"] == CONTENT_TYPES.get(container, "application/json")
    assert opened(reply, container) == emulator.sale("abc123").invoice.signed_xml


def test_while_the_sale_is_being_sent_there_is_no_signed_xml(emulator, propars):
    emulator.xml_lag = 30
    sent = propars(*SEND).json()

    for path in (XML[1], f"finance/saleinvoice/{sent['id']}/get_signed_xml/"):
        reply = propars("GET", path)
        assert (reply.status_code, "bulunamadı" in reply.json()["detail"]) == (404, True)
    emulator.let_pass(31)
    assert sent["invoice_uuid"].encode() in propars(*XML).content
    assert emulator.executions("send_invoice", "abc123") == 1


@pytest.mark.parametrize(
    ("position", "by_invoice", "by_sale"), [("by_invoice", 200, 404), ("stays", 200, 200), ("goes", 404, 404)]
)
def test_after_a_cancellation_the_old_xml_stays_or_goes(emulator, propars, position, by_invoice, by_sale):
    emulator.xml_after_cancel = position
    old = propars(*SEND).json()
    propars(*CANCEL)

    assert propars("GET", f"finance/saleinvoice/{old['id']}/get_signed_xml/").status_code == by_invoice
    assert propars(*XML).status_code == by_sale
    new = propars(*SEND).json()
    assert new["invoice_uuid"].encode() in propars(*XML).content
    assert emulator.executions("send_invoice", "abc123") == 2


def test_an_old_xml_that_stays_hides_that_the_new_one_is_not_there_yet(emulator, propars):
    emulator.xml_after_cancel = "stays"
    old = propars(*SEND).json()
    propars(*CANCEL)
    emulator.let_pass(700)
    emulator.xml_lag = 600
    new = propars(*SEND).json()

    shown = propars(*XML).content

    assert old["invoice_uuid"].encode() in shown
    assert new["invoice_uuid"].encode() not in shown


# What an invoice is made of, and its preview


@pytest.mark.parametrize(
    ("position", "code", "prefix"),
    [
        ("three", "ABC", "ABC"),
        ("three", "AB", None),
        ("three", "abc", None),
        ("two", "AB", "ABX"),
        ("two", "ABC", None),
        ("any", "a-b c d", "ABC"),
        ("any", "ş", "XXX"),
        ("ignored", "?", "EMU"),
    ],
)
def test_the_char_code_has_the_form_that_is_guessed(emulator, propars, position, code, prefix):
    emulator.char_code = position
    reply = propars("POST", SEND[1], params={"invoice_char_code": code})

    assert reply.status_code == (400 if prefix is None else 200)
    if prefix is None:
        assert list(reply.json()) == ["invoice_char_code"]
        assert emulator.sale("abc123").invoice is None
    else:
        assert re.fullmatch(rf"{prefix}20\d{{11}}", reply.json()["invoice_number"])


@pytest.mark.parametrize(("position", "created"), [("error_page", 0), ("error_page_after", 1)])
def test_a_preview_can_be_a_page_of_an_error_with_a_request_id(emulator, propars, position, created):
    emulator.preview = position
    reply = propars("GET", PREVIEW, params={"sale_code": "abc123"})

    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    (request_id,) = re.findall(r"İstek no: ([0-9a-f-]{36})<", reply.text)
    assert UUID(request_id)
    assert "ETTN" not in reply.text
    assert emulator.executions("invoice_html_for_sale", "abc123") == created
    invoice = emulator.sale("abc123").invoice
    assert (invoice is not None, invoice is not None and str(invoice.uuid) == request_id) == (bool(created), False)


def test_a_preview_is_an_invoice_by_default(propars):
    assert "ETTN" in propars("GET", PREVIEW, params={"sale_code": "abc123"}).text


@pytest.mark.parametrize("position", ["page", "error_page", "error_page_after"])
def test_a_preview_of_no_sale_is_refused_in_every_position(emulator, propars, position):
    emulator.preview = position
    assert propars("GET", PREVIEW, params={"sale_code": "nobody"}).status_code == 404
