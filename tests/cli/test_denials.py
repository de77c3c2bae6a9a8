"""Denials: replies of 200 that deny, and failure statuses without the provider's format."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

UUID = "f46d5a8d-7726-4b37-bba4-973c7ab50a5b"
SENT = {"success": True, "data": {"document_id": 18, "uuid": UUID, "status": "sent"}}
COLLECTED = {"success": True, "data": {"transaction_status": "Tamamlandı", "remaining_amount": 0}}
INVOICE = {"id": 7, "sale_id": 1, "uuid": UUID, "status": "sent"}
CANCELLED = {"id": 7, "sale_id": 1, "status": "cancelled"}

COMMANDS = {
    ("kolaybi", "create-e-document", "18"): (SENT, "Document 18 was sent to the tax authority."),
    ("kolaybi", "resend", "18"): (SENT, "The invoice was sent again."),
    ("kolaybi", "proceed", "18", "1"): (COLLECTED, "The invoice was collected."),
    ("propars", "send", "--sale-id", "1"): (INVOICE, "The invoice was sent to the tax authority."),
    ("propars", "cancel", "--sale-id", "1"): (CANCELLED, "The invoice was cancelled."),
}
each_command = pytest.mark.parametrize(("command", "good"), COMMANDS.items(), ids=lambda value: str(value[1]))

DENIALS = [{"success": "false"}, {"status": "error"}, {"errors": ["x"]}, {"result": 0}, {"state": "pending"}]
NOBODYS_WORDS = [b"<html>Not Found</html>", b"", b"upstream timed out", b'{"message": "no route"}']


@pytest.fixture
def answers(monkeypatch):
    """Answer every request with this status and body; yields the received requests."""
    requests = []

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self):
            requests.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(self.server.status)
            self.send_header("Content-Length", str(len(self.server.body)))
            self.end_headers()
            self.wfile.write(self.server.body)

        do_PATCH = do_POST  # noqa: N815 - the name that the library looks for.

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    for provider, credentials in {"KOLAYBI": ("CHANNEL", "ACCESS_TOKEN"), "PROPARS": ("TOKEN",)}.items():
        monkeypatch.setenv(f"{provider}_BASE_URL", f"http://127.0.0.1:{server.server_port}")
        for name in credentials:
            monkeypatch.setenv(f"{provider}_{name}", "t")

    def answers(content, status=200):
        server.status = status
        server.body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return requests

    yield answers
    server.shutdown()
    thread.join()
    server.server_close()


@each_command
def test_a_yes_is_told(kolay, answers, command, good):
    reply, done = good
    answers(reply)
    code, out, _ = kolay(*command, "--yes")
    assert code == 0
    assert done in out


@each_command
@pytest.mark.parametrize("no", DENIALS, ids=str)
def test_a_no_in_a_200_is_never_told_as_done(kolay, answers, command, good, no):
    reply, done = good
    requests = answers({**reply, **no})
    code, out, err = kolay(*command, "--yes")
    assert (code, out) == (4, "")
    assert done not in err
    assert "It may have happened at the provider." in err
    assert len(requests) == 1


STATUSES = (400, 401, 403, 404, 412, 422)
SENDS, *OTHERS = COMMANDS
SAID_BY_NOBODY = [
    *((SENDS, status, body) for status in STATUSES for body in NOBODYS_WORDS),
    *((command, status, NOBODYS_WORDS[0]) for command in OTHERS for status in (401, 404)),
]


@pytest.mark.parametrize(("command", "status", "body"), SAID_BY_NOBODY)
def test_a_status_in_nobodys_words_is_told_as_unknown(kolay, answers, command, status, body):
    requests = answers(body, status)
    code, _, err = kolay(*command, "--yes")
    assert code == 4
    assert f"(HTTP {status})" in err
    assert "refused" not in err.replace("no refusal in its own words", "")
    assert len(requests) == 1


def test_a_failed_collection_is_not_told_as_collected(kolay, answers):
    answers({"success": True, "data": {"transaction_status": "failed", "remaining_amount": 120.5}})
    code, _, err = kolay("--lang", "tr", "kolaybi", "proceed", "18", "1", "--yes")
    assert code == 4
    assert "tahsil edildi" not in err
    assert "transaction_status alanı olumsuz (failed)" in err
