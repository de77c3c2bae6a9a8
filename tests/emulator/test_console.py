"""The console's pages and switches over plain HTTP: who may have them, what they show and what they hide."""

import html
import socket
from urllib.parse import urlsplit

import pytest
import requests

from kolay_invoice.catalogue import LANGUAGES, catalogue
from kolay_invoice.emulator import Emulator
from kolay_invoice.emulator.console import page
from kolay_invoice.emulator.console.masking import MASK, mask_reply, mask_request, mask_target
from kolay_invoice.emulator.console.routes import _is_loopback, language_of
from kolay_invoice.emulator.guesses import SWITCHES
from kolay_invoice.emulator.messages import ReceivedRequest, Reply


@pytest.fixture
def console(emulator, http):
    """A function that asks for a path of the console."""

    def ask(path="/", **options):
        return http.get(f"{emulator.origin}{path}", **options)

    return ask


@pytest.fixture
def turn(emulator, http):
    """A function that turns a switch as the console's own page does, or says that it comes from somewhere else."""

    def post(path, fields=None, **headers):
        own = {"Origin": emulator.origin, **headers}
        return http.post(f"{emulator.origin}/console/{path}", data=fields, headers=own, allow_redirects=False)

    return post


def test_the_page_is_rendered_on_the_server_and_loads_nothing_from_elsewhere(console, emulator):
    page = console()

    assert page.status_code == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert "http" not in page.text
    assert all(sale.sale_code in page.text for sale in emulator.sales.values())
    assert "ready_to_send" in page.text
    assert emulator.requests == []


@pytest.mark.parametrize(("file", "content_type"), [("console.css", "text/css"), ("console.js", "text/javascript")])
def test_its_two_files_are_served(file, content_type, console):
    answer = console(f"/console/{file}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, f"{content_type}; charset=utf-8")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["nothing", "preview/", "preview/900000001", "preview/x", "../console.js", "texts.py"])
def test_there_is_nothing_else(path, console):
    assert console(f"/console/{path}").status_code == 404


def test_the_providers_keep_every_other_path(console, http, emulator):
    assert console("/consoles").json() == {"detail": "Bulunamadı."}
    assert http.post(f"{emulator.origin}/").status_code == 404
    assert [request.path for request in emulator.requests] == ["/consoles", "/"]


def test_only_two_methods_are_known(http, emulator):
    assert http.put(f"{emulator.origin}/console/reset").status_code == 405


@pytest.mark.parametrize("host", ["rebound.example", "127.0.0.1.rebound.example", "[::1", "", "10.0.0.1"])
def test_by_another_name_it_is_not_shown(host, console, emulator):
    assert console(headers={"Host": host}).status_code in {400, 403}


def test_by_the_name_localhost_it_is_shown(console, emulator):
    port = urlsplit(emulator.origin).port
    assert console(headers={"Host": f"localhost:{port}"}).status_code == 200


def test_to_another_machine_it_is_not_shown(http):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outward:
        outward.connect(("192.0.2.1", 9))  # Nothing is sent: it only tells which address this machine would send from.
        own_address = outward.getsockname()[0]
    with Emulator(host="0.0.0.0") as emulator:
        port = urlsplit(emulator.origin).port
        answer = http.get(f"http://{own_address}:{port}/", headers={"Host": f"127.0.0.1:{port}"})
        assert (answer.status_code, "this machine only" in answer.text) == (403, True)
        assert http.get(f"http://127.0.0.1:{port}/").status_code == 200


@pytest.mark.parametrize(
    ("text", "is_loopback"),
    [("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("::ffff:10.0.0.1", False), ("10.1.1.1", False)],
)
def test_loopback_has_several_addresses(text, is_loopback):
    assert _is_loopback(text) is is_loopback


@pytest.mark.parametrize("switch", ["fault", "clear", "guesses", "reset"])
@pytest.mark.parametrize("origin", ["http://elsewhere.example", "null", "", "https://127.0.0.1"])
def test_another_page_turns_no_switch(switch, origin, turn, emulator, kolaybi):
    kolaybi("POST", "invoices/e-document/create", data={"document_id": 1})
    fields = {"operation": "resend", "kind": "503", "times": 1, "duplicates": "execute"}

    assert turn(switch, fields, Origin=origin).status_code == 403

    assert emulator.executions("create_e_document", 1) == 1
    assert kolaybi("POST", "invoices/resend/18").status_code == 200
    assert kolaybi("POST", "invoices/resend/18").status_code == 412


def test_a_switch_that_does_not_exist_is_not_found(turn):
    assert turn("nothing").status_code == 404


def test_a_fault_that_is_switched_on_strikes_as_often_as_asked(turn, console, kolaybi):
    answer = turn("fault?lang=en", {"operation": "resend", "kind": "503", "times": "2"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?lang=en#switches")
    assert "<b>503</b> · resend · 2×" in console().text

    assert [kolaybi("POST", "invoices/resend/18").status_code for _ in range(3)] == [503, 503, 412]
    assert "<b>503</b>" not in console().text.partition('id="calls"')[0]


def test_faults_are_taken_back(turn, console, emulator, kolaybi):
    emulator.fault("*", "503", times=9)
    emulator.fault_rate("empty", 0.125)
    emulator.fault_rate("rst", 0)
    shown = console(params={"lang": "en"}).text
    assert "<b>503</b> · any operation · 9×" in shown
    assert "<b>empty</b> · 12.5 % of all calls" in shown
    assert "<b>rst</b>" not in shown

    assert turn("clear").status_code == 303
    assert kolaybi("GET", "companies").status_code == 200
    assert "No fault is waiting" in console(params={"lang": "en"}).text


@pytest.mark.parametrize(
    "fields",
    [
        {"operation": "proceed", "kind": "wrong-echo", "times": "1"},
        {"operation": "nothing", "kind": "503", "times": "1"},
        {"operation": "resend", "kind": "nothing", "times": "1"},
        {"operation": "resend", "kind": "503", "times": "0"},
        {"operation": "resend", "kind": "503", "times": "many"},
        {},
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fault_that_cannot_be_is_said_on_the_page(fields, language, turn):
    answer = turn(f"fault?lang={language}", fields)
    assert answer.status_code == 400
    assert (
        catalogue(language).gettext("That cannot be done. Choose another operation, fault, count or position.")
        in answer.text
    )


def test_a_second_send_is_switched_for_now_and_after_a_reset(turn, console, kolaybi, propars):
    send = "finance/saleinvoice/send_invoice_for_sale/?sale_code=abc123"
    assert [propars("POST", send).status_code for _ in range(2)] == [200, 412]

    replace = turn("guesses?lang=tr", {"duplicates": "execute"})
    assert (replace.status_code, replace.headers["Location"]) == (303, "/?lang=tr#guesses")
    assert propars("POST", send).status_code == 200
    assert '<option value="execute" selected>' in console().text

    assert turn("reset").status_code == 303
    create = ("POST", "invoices/e-document/create")
    assert [kolaybi(*create, data={"document_id": 1}).status_code for _ in range(2)] == [200, 200]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_guess_stands_on_the_page_with_its_positions_and_whose_word_it_is(language, console, emulator):
    shown = html.unescape(console(params={"lang": language}).text)
    say = catalogue(language).gettext
    for name, about in SWITCHES.items():
        said = [about.question, about.source, about.word.value, *about.positions.values()]
        assert f'name="{name}"' in shown
        assert [say(text) for text in said if say(text).replace("`", "") not in shown] == []


def test_guesses_are_switched_on_the_page_all_at_once_or_not_at_all(turn, console, emulator):
    usual = dict(emulator.guesses.positions)
    wanted = usual | {"list_filter": "number", "list_lag": "forever", "xml_lag": "2.5"}

    assert turn("guesses", wanted).status_code == 303
    assert emulator.guesses.positions == wanted
    shown = console().text
    assert '<option value="number" selected>' in shown
    assert 'name="list_lag" value="forever"' in shown
    assert 'name="xml_lag" value="2.5"' in shown

    for wrong in (
        {"list_filter": "name"},
        {"list_lag": "-1"},
        {"xml_lag": "nan"},
        {"list_lag": "soon"},
        {"moon": "full"},
    ):
        assert turn("guesses", {"preview": "error_page", **wrong}).status_code == 400
    assert emulator.guesses.positions == wanted


def test_invoices_of_a_sale_are_previewed_in_a_frame_that_can_do_nothing(console, emulator, propars):
    emulator.add_sale("<b>", item="</iframe><a href='//elsewhere.example'><script>")
    propars("GET", "finance/saleinvoice/invoice_html_for_sale/", params={"sale_code": "<b>"})
    invoice = emulator.sale("<b>").invoice
    link = f"/console/preview/{invoice.id}"
    assert link in console().text

    page = console(f"{link}?lang=en")

    assert page.status_code == 200
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src")
    assert 'sandbox=""' in page.text
    assert "<script" not in page.text
    assert f"Preview {invoice.number}" in page.text
    assert emulator.executions("invoice_html_for_sale") == 1


def test_a_cancelled_and_a_reported_invoice_are_shown_as_what_they_are(console, emulator, propars):
    preview = {"sale_code": "abc123"}
    propars("GET", "finance/saleinvoice/invoice_html_for_sale/", params=preview)
    gone = emulator.sale("abc123").invoice
    propars("PATCH", "core/sale/1001/cancel_invoice/")
    propars("GET", "finance/saleinvoice/invoice_html_for_sale/", params=preview)
    emulator.report_to_gib("abc123")

    page = console(params={"lang": "en"}).text
    assert f"{gone.number} <code>cancelled</code>" in page
    assert "reported to GİB" in page
    assert console(f"/console/preview/{gone.id}").status_code == 200


def test_of_many_rows_the_newest_are_shown_and_the_rest_is_counted(console, emulator):
    for _ in range(100):
        emulator.add_document()
        emulator.add_sale()
    page = console(params={"lang": "en"}).text
    assert max(emulator.documents) == 10_100
    assert "10100" in page
    assert "SIPARIS-20100" in page
    assert "TOPTAN-7" not in page
    assert page.count("Older ones that are not shown:") == 2


def test_no_secret_and_no_buyer_is_on_the_page(console, emulator, kolaybi, propars):
    emulator.add_document(700, party_name="Gizli Alıcı", receiver_email="gizli@alici.example")
    kolaybi("POST", "access_token", json={"api_key": emulator.kolaybi_api_key})
    login = {"username": emulator.propars_username, "password": emulator.propars_password}
    propars("POST", "api-token-auth/", json=login)
    token = propars("POST", "api-token-auth/", json=login).json()["token"]
    kolaybi("GET", "companies")
    kolaybi("GET", "e_document/invoices?company_id=5&direction=outbound&party_name=Gizli")
    kolaybi("GET", f"companies?token={token}&{token}=1", headers={"Cookie": token})
    propars("GET", "finance/saleinvoice/invoice_html_for_sale/?sale_code=abc123")
    kolaybi("POST", "access_token", data=emulator.kolaybi_api_key)
    buyer = emulator.sale("abc123")

    page = console(params={"lang": "en"}).text

    secrets = {
        name: getattr(emulator, name)
        for name in dir(emulator)
        if name.startswith(("kolaybi_", "propars_")) and not name.endswith("_url")
    }
    assert len(secrets) == 6
    hidden = [*secrets.values(), token, "Gizli", "gizli", buyer.buyer, buyer.buyer_identity, "Örnek Ticaret", "1234567"]
    assert [text for text in hidden if text in page] == []
    assert page.count(MASK) > 10
    assert "document_id&#34;: 700" in page


def received(**fields):
    values = {"operation": None, "method": "POST", "path_qs": "/x", "headers": {}, "body": b"", **fields}
    return ReceivedRequest(**values)


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("request_fields", "shown"),
    [
        ({}, ""),
        ({"headers": {"Authorization": "Bearer x", "Channel": "c", "Accept": "a"}}, "Authorization: •••\nChannel: •••"),
        ({"headers": FORM, "body": b"document_id=18&party_name=x&%C5%9F=1"}, "document_id=18\nparty_name=•••\n•••=•••"),
        ({"body": b"secret"}, "?, 6 B"),
        ({"headers": {"Content-Type": "text/plain; x=y"}, "body": b"[" * 100_000}, "text/plain, 100000 B"),
        ({"body": b'{"id": 20.10, "x": [{"y": 1}, "z"]}'}, '{\n  "id": 20.10,\n  "x": [{"y": "•••"}, "•••"]\n}'),
    ],
)
def test_a_request_is_shown_by_its_known_fields(request_fields, shown):
    got = mask_request(received(**request_fields))
    assert got.replace("\n", "").replace(" ", "") == shown.replace("\n", "").replace(" ", "")


def test_a_target_is_shown_by_its_known_fields():
    assert mask_target(received(path_qs="/x?page=2&Token=a&q=")) == f"/x?page=2&{MASK}={MASK}&q={MASK}"


def test_a_long_reply_is_cut():
    rows = Reply.json([{"document_id": number} for number in range(1_000)])
    assert len(mask_reply(rows)) == 2_000


@pytest.mark.parametrize("fault", ["drop-after", "garbage", "cut-body"])
def test_a_call_whose_connection_broke_has_no_reply(fault, console, emulator, kolaybi):
    emulator.fault("list_companies", fault)
    with pytest.raises(requests.RequestException):
        kolaybi("GET", "companies")
    page = console(params={"lang": "en"}).text
    assert "no reply" in page
    assert f"fault: {fault}" in page
    assert "list_companies <b>1</b>" in page


def test_a_call_that_is_under_way_is_shown_as_such(emulator, console, kolaybi, monkeypatch):
    pages = []

    async def wait(_):
        pages.append(page.console_page(emulator._app, "en"))

    monkeypatch.setattr("kolay_invoice.emulator.app.sleep", wait)
    kolaybi("GET", "companies")
    assert "under way" in pages[0]
    assert "under way" not in console(params={"lang": "en"}).text


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        (None, "tr-TR,tr;q=0.9,en;q=0.8", "tr"),
        (None, "de-DE, en-GB;q=0.8", "en"),
        (None, "de", "en"),
        (None, "", "en"),
        ("tr", "en", "tr"),
        ("xx", "tr", "tr"),
    ],
)
def test_the_language_is_the_one_asked_for_or_accepted(asked, accepted, language):
    assert language_of(asked, accepted) == language


def test_the_page_speaks_the_browsers_language(console):
    page = console(headers={"Accept-Language": "tr"}).text
    assert '<html lang="tr">' in page
    assert "Emülatör konsolu" in page
