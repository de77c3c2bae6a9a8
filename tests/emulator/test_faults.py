"""Every fault does to the wire what its name says, and is honest about what was carried out."""

import asyncio
import socket
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from lxml import etree

from kolay_invoice.emulator import FAULT_KINDS, OPERATIONS, Emulator

OPERATION = "create_e_document"
DEADLINE = 10


@pytest.fixture
def raw_call(emulator, kolaybi_headers):
    """Send the creation of document 1 over a bare socket, which is then the caller's."""

    @contextmanager
    def sent():
        address = urlsplit(emulator.kolaybi_url)
        body = b"document_id=1"
        headers = {
            "Host": address.netloc,
            **kolaybi_headers,
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        head = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
        with socket.create_connection((address.hostname, address.port), timeout=DEADLINE) as connection:
            connection.sendall(f"POST /kolaybi/v1/invoices/e-document/create HTTP/1.1\r\n{head}\r\n".encode() + body)
            yield connection

    return sent


@pytest.fixture
def raw_answer(raw_call):
    """Send the creation of document 1, and return every byte that came back until the connection ended."""

    def answer() -> bytes:
        with raw_call() as connection:
            return b"".join(iter(lambda: connection.recv(65536), b""))

    return answer


def head_and_body(answer: bytes) -> tuple[bytes, bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body


@pytest.mark.parametrize(
    ("kind", "executions"), [("drop-before", 0), ("drop-after", 1), ("drop_after_executing", 1), ("DROP AFTER", 1)]
)
def test_a_dropped_connection_ends_without_a_byte(emulator, kind, executions, raw_answer):
    emulator.fault(OPERATION, kind)

    assert raw_answer() == b""
    assert emulator.executions(OPERATION, 1) == executions


def test_a_reset_connection_is_reset_after_the_call_was_carried_out(emulator, raw_answer):
    emulator.fault(OPERATION, "rst")

    with pytest.raises(ConnectionResetError):
        raw_answer()
    assert emulator.executions(OPERATION, 1) == 1


def test_garbage_is_not_http(emulator, raw_answer):
    emulator.fault(OPERATION, "garbage")

    answer = raw_answer()

    assert answer
    assert not answer.startswith(b"HTTP/")
    assert emulator.executions(OPERATION, 1) == 1


def test_a_cut_body_is_shorter_than_announced(emulator, raw_answer):
    emulator.fault(OPERATION, "cut-body")

    head, body = head_and_body(raw_answer())

    announced = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length"))
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert 0 < len(body) < announced
    assert emulator.executions(OPERATION, 1) == 1


@pytest.mark.parametrize(
    ("kind", "options", "status", "executions"),
    [
        ("429", {}, 429, 0),
        (429, {"retry_after": 7}, 429, 0),
        ("429", {"retry_after": "junk"}, 429, 0),
        ("5xx", {}, 500, 1),
        ("500", {}, 500, 1),
        ("502", {}, 502, 1),
        ("503", {"retry_after": 3}, 503, 1),
        ("504", {"executes": False}, 504, 0),
        ("524", {}, 524, 1),
        ("429", {"executes": True}, 429, 1),
        ("login-page", {}, 200, 0),
        ("login page", {"executes": True}, 200, 1),
        ("empty", {}, 200, 1),
        ("empty", {"executes": False}, 200, 0),
    ],
)
def test_another_answer_comes_instead_of_the_real_one(emulator, kolaybi, kind, options, status, executions):
    emulator.fault(OPERATION, kind, **options)

    response = kolaybi("POST", "invoices/e-document/create", data={"document_id": 1})

    assert response.status_code == status
    assert response.headers.get("Retry-After") == (str(options["retry_after"]) if "retry_after" in options else None)
    assert "uuid" not in response.text
    assert emulator.executions(OPERATION, 1) == executions


def test_too_many_requests_are_refused_in_each_providers_own_shape(emulator, kolaybi, propars):
    emulator.fault("*", "429", times=2)

    assert kolaybi("GET", "companies").json()["code"] == 10429
    assert "çok fazla istek" in propars("POST", "api-token-auth/").json()["detail"]


def test_the_login_page_is_a_page_with_a_form_and_the_empty_answer_is_empty(emulator, kolaybi):
    emulator.fault("list_companies", "login-page")
    emulator.fault("list_companies", "empty")

    page, nothing = (kolaybi("GET", "companies") for _ in range(2))

    assert page.headers["Content-Type"].startswith("text/html")
    assert "<form" in page.text
    assert nothing.content == b""


@pytest.mark.parametrize(
    ("kind", "status"),
    [("redirect", 302), ("301", 301), ("302", 302), ("redirect-307", 307), ("303", 303), ("307", 307), ("308", 308)],
)
@pytest.mark.parametrize("location", [None, "https://elsewhere.example/"])
def test_a_redirect_carries_nothing_out(emulator, kolaybi, kind, status, location):
    emulator.fault(OPERATION, kind, location=location)

    response = kolaybi("POST", "invoices/e-document/create?a=1", data={"document_id": 1}, allow_redirects=False)

    here = "/kolaybi/v1/invoices/e-document/create?a=1"
    assert (response.status_code, response.headers["Location"]) == (status, location or here)
    assert emulator.executions(OPERATION, 1) == 0


def test_following_a_307_to_the_same_address_executes_the_call(emulator, kolaybi):
    emulator.fault(OPERATION, "307")

    assert kolaybi("POST", "invoices/e-document/create", data={"document_id": 1}).status_code == 200
    assert [request.operation for request in emulator.requests] == [OPERATION, OPERATION]


@pytest.mark.parametrize(
    ("operation", "method", "path", "options"),
    [
        ("create_e_document", "POST", "invoices/e-document/create", {"data": {"document_id": 1}}),
        ("resend", "POST", "invoices/resend/18", {}),
        ("list_invoices", "GET", "e_document/invoices?company_id=5&direction=outbound&document_id=18", {}),
    ],
)
def test_a_wrong_echo_speaks_of_another_document(emulator, kolaybi, operation, method, path, options):
    emulator.fault(operation, "wrong-echo")

    data = kolaybi(method, path, **options).json()["data"]

    document_id = 1 if operation == "create_e_document" else 18
    shown = data[0] if isinstance(data, list) else data
    assert shown["document_id"] == document_id + 1
    assert shown["uuid"] != str(emulator.documents[document_id].uuid)
    assert emulator.executions(operation, document_id) == 1


def test_a_wrong_echo_speaks_of_another_sale(emulator, propars):
    finance, sale = "finance/saleinvoice", {"sale_code": "abc123"}
    emulator.fault("*", "wrong-echo", times=4)

    page = propars("GET", f"{finance}/invoice_html_for_sale/", params=sale).text
    sent = propars("POST", f"{finance}/send_invoice_for_sale/", params=sale).json()
    xml = propars("GET", f"{finance}/get_signed_xml_for_sale/", params=sale).content
    invoice = emulator.sale("abc123").invoice
    cancelled = propars("PATCH", "core/sale/cancel_invoice_by_code/", params=sale).json()

    uuid = etree.fromstring(xml).findtext("{*}UUID")
    assert str(invoice.uuid) not in page
    assert invoice.number not in page
    assert uuid != str(invoice.uuid)
    for reply in (sent, cancelled):
        assert (reply["sale_id"], reply["sale_code"], reply["id"]) == (1002, "abc123-1", invoice.id + 1)
    assert emulator.sale("abc123").invoice is None


def test_a_fault_for_any_call_passes_over_those_it_cannot_be_done_to(emulator, kolaybi):
    emulator.fault("*", "wrong echo")

    assert kolaybi("GET", "companies").status_code == 200
    assert kolaybi("POST", "invoices/resend/18").json()["data"]["document_id"] == 19


def test_a_refusal_stays_a_refusal_under_a_fault_that_spoils_answers(emulator, kolaybi):
    emulator.fault(OPERATION, "wrong-echo")

    assert kolaybi("POST", "invoices/e-document/create", data={"document_id": 3}).status_code == 400


@pytest.mark.parametrize(("kind", "executed_while_waiting"), [("slow", 1), ("late", 0)])
def test_slow_answers_late_and_late_is_carried_out_late(kolaybi, monkeypatch, emulator, kind, executed_while_waiting):
    reached, go_on = threading.Event(), threading.Event()
    waits = []

    async def wait(seconds):
        waits.append(seconds)
        if seconds:
            reached.set()
            await asyncio.to_thread(go_on.wait, DEADLINE)

    monkeypatch.setattr("kolay_invoice.emulator.app.sleep", wait)
    emulator.fault(OPERATION, kind, seconds=30)
    statuses = []

    def call():
        statuses.append(kolaybi("POST", "invoices/e-document/create", data={"document_id": 1}).status_code)

    caller = threading.Thread(target=call)
    caller.start()
    assert reached.wait(DEADLINE)
    assert emulator.executions(OPERATION, 1) == executed_while_waiting
    go_on.set()
    caller.join(DEADLINE)

    assert statuses == [200]
    assert waits == [0, 30]
    assert emulator.executions(OPERATION, 1) == 1


def until(condition):
    pause = threading.Event()
    for _ in range(DEADLINE * 1000):
        if condition():
            return
        pause.wait(0.001)
    pytest.fail("it did not come to pass")


def test_faults_strike_as_often_as_asked_in_the_order_asked(emulator, kolaybi):
    emulator.fault("list-companies", "503", times=2)
    emulator.fault("*", "429")
    emulator.fault("resend", "500")

    assert [kolaybi("GET", "companies").status_code for _ in range(4)] == [503, 503, 429, 200]


def test_faults_that_were_taken_back_do_not_strike(emulator, kolaybi):
    emulator.fault("*", "503", times=5)
    emulator.fault_rate("500", 1)
    emulator.clear_faults()

    assert kolaybi("GET", "companies").status_code == 200


def statuses_by_chance(call_kolaybi, seed, rate):
    with Emulator(seed=seed) as emulator:
        emulator.fault_rate("503", rate)
        return [call_kolaybi(emulator, "GET", "companies").status_code for _ in range(40)]


def test_chance_strikes_a_share_of_the_calls_and_repeats_itself(call_kolaybi):
    first, again = (statuses_by_chance(call_kolaybi, seed=7, rate=0.5) for _ in range(2))

    assert first == again
    assert 8 < first.count(503) < 32
    assert first != statuses_by_chance(call_kolaybi, seed=8, rate=0.5)


@pytest.mark.parametrize(("rate", "status"), [(1, 503), (0, 200)])
def test_a_rate_of_one_strikes_always_and_of_zero_never(emulator, kolaybi, rate, status):
    emulator.fault_rate("503", rate)

    assert {kolaybi("GET", "companies").status_code for _ in range(5)} == {status}


def test_chance_passes_over_calls_that_a_fault_cannot_be_done_to(emulator, kolaybi):
    emulator.fault_rate("wrong-echo", 1)

    assert kolaybi("GET", "companies").json()["data"][0]["company_id"] == 5


@pytest.mark.parametrize(
    ("arguments", "options", "sentence"),
    [
        ((OPERATION, "earthquake"), {}, "kind: 'earthquake' is not one of slow, late, drop-before"),
        (("teleport", "slow"), {}, "operation: 'teleport' is not one of .*create_e_document"),
        ((OPERATION, "slow", 0), {}, "times: 0"),
        ((OPERATION, "slow"), {"executes": False}, "executes: slow"),
        (("proceed", "wrong-echo"), {}, "operation: the reply of proceed names no id"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_with_the_argument_s_name(emulator, arguments, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        emulator.fault(*arguments, **options)


@pytest.mark.parametrize("rate", [-0.1, 1.1])
def test_a_rate_that_is_no_share_is_refused(emulator, rate):
    with pytest.raises(ValueError, match="rate"):
        emulator.fault_rate("slow", rate)


@pytest.mark.parametrize("operation", ["*", "teleport"])
def test_executions_are_asked_for_by_the_name_of_one_operation(emulator, operation):
    with pytest.raises(ValueError, match="operation"):
        emulator.executions(operation, 1)


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_after_any_fault_the_emulator_goes_on(emulator, kolaybi, kind, raw_answer):
    emulator.fault(OPERATION, kind, seconds=0)
    try:
        raw_answer()
    except ConnectionResetError:
        assert kind == "rst"

    assert kolaybi("GET", "companies").status_code == 200


def test_every_documented_operation_has_its_name():
    assert set(OPERATIONS) == {
        "access_token",
        "api_token_auth",
        "cancel_e_document",
        "cancel_invoice",
        "create_address",
        "create_associate",
        "create_e_document",
        "create_invoice",
        "create_product",
        "delete_invoice",
        "get_e_document",
        "get_invoice",
        "get_sale",
        "get_sale_invoice",
        "get_signed_xml",
        "invoice_html_for_sale",
        "list_associates",
        "list_companies",
        "list_documents",
        "list_invoices",
        "list_products",
        "list_sales",
        "list_vaults",
        "proceed",
        "resend",
        "save_sale",
        "send_invoice",
        "undo_proceed",
        "vault_transactions",
    }


@pytest.mark.parametrize("kind", ["late", "drop-after"])
def test_a_call_is_carried_out_although_the_caller_has_gone(emulator, raw_call, kolaybi, monkeypatch, kind):
    gone = threading.Event()

    async def wait(_):
        await asyncio.to_thread(gone.wait, DEADLINE)

    monkeypatch.setattr("kolay_invoice.emulator.app.sleep", wait)
    emulator.fault(OPERATION, kind)
    with raw_call():
        until(lambda: emulator.requests)
    until(lambda: emulator.connections_open == 0)
    assert emulator.executions(OPERATION, 1) == 0
    gone.set()

    until(lambda: emulator.executions(OPERATION, 1) == 1)
    assert kolaybi("GET", "companies").status_code == 200
