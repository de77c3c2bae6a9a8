"""A model of KolayBi that counts what it executes, and may answer late, wrongly or not at all."""

from __future__ import annotations

import json
from collections import Counter
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from .network import OF_THE_WORLD

SEND = "/kolaybi/v1/invoices/e-document/create"
COLLECT = "/kolaybi/v1/invoices/proceed"
_LIST = "/kolaybi/v1/e_document/invoices"
_COMPANIES = "/kolaybi/v1/companies"
LATEST = 40.0
"""Seconds after which nothing that arrived is executed any more. A quiet period is longer."""
LONGEST_TRIP = 25.0
"""Seconds that the bytes of a request travel at most."""

PAGE = b"<html><body>502 Bad Gateway</body></html>"


class Provider:
    """The provider. `guesses` are drawn once a night, faults at every request."""

    def __init__(self, loop, chance, faults, note):
        self._loop = loop
        self._chance = chance
        self._faults = faults
        self._note = note
        self.executions = Counter()
        """How often each was carried out, by path and document."""
        self.executed_at = {}
        self.answered = []
        """Positive answers that reached a client: path, document, worker, and seconds since the request came."""
        self.pending = 0
        """How many requests will still be executed."""
        self.list_lag = chance.choice([0.0, 0.0, 300.0, 1e9])
        self.detail = chance.choice(["full", "full", "full", "missing", "html", "draft"])
        self.ignores_filter = chance.random() < 0.25
        self.refuses_duplicates = chance.random() < 0.5
        note(f"guesses: lag {self.list_lag:g}, detail {self.detail}, filter ignored {self.ignores_filter}")

    @staticmethod
    def uuid_of(number):
        """Return the ETTN that a document gets."""
        return UUID(int=number)

    def take(self, transport, head, body):
        """Take a request that has arrived."""
        method, target, _ = head.split("\r\n", 1)[0].split(" ")
        place = urlsplit(target)
        if method == "POST":
            self._take_write(transport, place.path, int(parse_qs(body)["document_id"][0]))
        else:
            self._take_read(transport, place.path, parse_qs(place.query))

    def _later(self, delay, function, *args):
        self._loop.call_later(delay, function, *args, context=OF_THE_WORLD)

    def _take_write(self, transport, path, number):
        fault = self._faults.draw("write")
        name = path.rsplit("/", 1)[1]
        self._note(f"provider: {name} {number} from worker {transport.worker}: {fault or 'ok'}")
        if self.refuses_duplicates and self.executions[path, number]:
            self._say(transport, 412, {"success": False, "code": 10412, "message": "Belge daha önce gönderilmiş."})
        elif fault in REFUSALS:
            status, reply = REFUSALS[fault]
            self._say(transport, status, reply)
        elif fault == "drop-before":
            transport.hang_up()
        elif fault == "late":
            self.pending += 1
            self._later(LATEST * self._chance.random(), self._execute_late, path, number)
        else:
            self._execute(path, number)
            delay = 0.1 * self._chance.random()
            if fault == "slow":
                delay = 20.0 * self._chance.random()
            self._later(delay, self._answer_write, transport, path, number, fault, self._loop.time())

    def _execute_late(self, path, number):
        self.pending -= 1
        self._execute(path, number)

    def _execute(self, path, number):
        self.executions[path, number] += 1
        self.executed_at[path, number] = self._loop.time()
        self._note(f"provider: EXECUTED {path.rsplit('/', 1)[1]} {number} ({self.executions[path, number]})")

    def _answer_write(self, transport, path, number, fault, came):
        reply = {"document_id": number, "uuid": str(self.uuid_of(number))}
        if path == COLLECT:
            reply = {"transaction_status": "Tamamlandı", "remaining_amount": 0.0}
        if fault == "drop-after":
            transport.hang_up()
        elif fault == "page-after":
            self._say(transport, 502, PAGE)
        elif fault == "conflict-after":
            self._say(transport, 409, {"success": False, "code": 10409, "message": "İşlem sürüyor."})
        elif fault == "wrong-echo":
            self._say(transport, 200, {"success": True, "data": {**reply, "document_id": number + 1}})
        elif fault == "cut":
            self._say(transport, 200, {"success": True, "data": reply}, cut=10)
        elif self._say(transport, 200, {"success": True, "data": reply}):
            self.answered.append((path, number, transport.worker, self._loop.time() - came))

    def _shown(self, number, *, in_list):
        when = self.executed_at.get((SEND, number))
        lag = self.list_lag if in_list else 0.0
        if when is not None and self._loop.time() < when + lag:
            return None
        is_sent = when is not None
        shown = {
            "document_id": number,
            "uuid": str(self.uuid_of(number)) if is_sent else None,
            "no": f"RAW{number:013}" if is_sent else None,
            "status": "sent_to_receiver" if is_sent else "ready_to_send",
        }
        if not in_list and self.detail == "draft":
            return {**shown, "status": "draft", "uuid": str(self.uuid_of(99)), "no": None}
        return shown

    def _take_read(self, transport, path, query):
        fault = self._faults.draw("read")
        if fault == "drop":
            transport.hang_up()
            return
        if fault == "page":
            self._say(transport, 502, PAGE)
            return
        if path == _COMPANIES:
            reply = [{"company_id": 5, "company_name": "Örnek A.Ş.", "is_invoice_resendble": True}]
        elif path == _LIST:
            asked = query.get("document_id")
            numbers = range(1, 9) if asked is None or self.ignores_filter else [int(asked[0])]
            reply = [row for number in numbers if (row := self._shown(number, in_list=True))]
        elif self.detail == "missing":
            self._say(transport, 404, {"success": False, "code": 10404, "message": "Belge bulunamadı."})
            return
        elif self.detail == "html":
            self._say(transport, 200, PAGE)
            return
        else:
            reply = self._shown(int(path.rsplit("/", 1)[1]), in_list=False)
        self._later(0.1 * self._chance.random(), self._say, transport, 200, {"success": True, "data": reply})

    def _say(self, transport, status, reply, cut=0):
        body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
        kind = b"text/html" if isinstance(reply, bytes) else b"application/json"
        head = b"HTTP/1.1 %d X\r\nContent-Type: %b\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
        heard = transport.say(head % (status, kind, len(body)) + body[: len(body) - cut])
        self._later(0.01, transport.hang_up)
        return heard


REFUSALS = {
    "refused": (412, {"success": False, "code": 10412, "message": "Alıcının e-postası yok."}),
    "limited": (429, {"success": False, "code": 10429, "message": "Çok fazla istek."}),
    "page-before": (502, PAGE),
    "gateway-400": (400, PAGE),
}
"""What is answered and not executed."""
