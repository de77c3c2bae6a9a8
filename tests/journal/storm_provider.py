"""A raw server for the storms: it executes and counts every request, and is as unreliable as it is configured."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from attrs import Factory, define

SEND = "/kolaybi/v1/invoices/e-document/create"
COLLECT = "/kolaybi/v1/invoices/proceed"
_LIST = "/kolaybi/v1/e_document/invoices"
_COMPANIES = "/kolaybi/v1/companies"
_READ_PAUSE = 0.05
"""Whatever has come before a read is carried out before the read is answered, however busy the machine is."""

_ACCEPTING = 4
"""After so many turns of the loop, a connection that was accepted last has the task that serves it."""


@define
class StormProvider:
    """The server. `faults` has the rate of each: `drop-before`, `drop-after` and `late` (carried out afterwards)."""

    seed: int = 20
    faults: dict[str, float] = Factory(dict)
    late_by: float = 0.8
    goal: int | None = None
    """When so many operations are carried out, answers are kept back: what hurts the workers shall find them at work.
    See `want`."""
    keep_back_for: float = 0.6
    """Seconds for which an answer is kept back at most."""
    url: str = ""
    executions: Counter = Factory(Counter)
    """How often each was carried out, by path and document."""
    _chance: random.Random = Factory(lambda self: random.Random(self.seed), takes_self=True)
    _news: asyncio.Event = Factory(asyncio.Event)
    _goal_moved: asyncio.Event = Factory(asyncio.Event)
    _late: set = Factory(set)
    _serving: dict = Factory(dict)

    @staticmethod
    def uuid_of(number):
        """The ETTN that a document gets."""
        return UUID(int=number)

    def executed(self):
        """How many different operations were carried out."""
        return len(self.executions)

    @property
    def twice(self):
        """What was carried out more than once, by path and document."""
        return [place for place, times in self.executions.items() if times > 1]

    def want(self, goal):
        """Keep answers back when so many different operations are carried out; None for never."""
        self.goal = goal
        self._goal_moved.set()
        self._goal_moved = asyncio.Event()

    async def until_executed(self, count):
        """Wait until so many different operations were carried out."""
        while self.executed() < count:
            self._news.clear()
            await self._news.wait()

    async def _wait_to_answer(self):
        if self.goal is None or self.executed() < self.goal:
            await asyncio.sleep(0.02 * self._chance.random())
        else:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._goal_moved.wait(), self.keep_back_for)

    def _execute(self, path, number):
        self.executions[path, number] += 1
        self._news.set()

    async def _execute_later(self, path, number):
        await asyncio.sleep(self.late_by)
        self._execute(path, number)

    async def _write(self, path, number):
        """Carry out, or not, and return what is answered; None for nothing."""
        drawn = self._chance.random()
        fault = None
        for kind, rate in self.faults.items():
            drawn -= rate
            if drawn < 0:
                fault = kind
                break
        if fault == "drop-before":
            return None
        if fault == "late":
            self._late.add(asyncio.create_task(self._execute_later(path, number)))
            # The client gives up first.
            await asyncio.sleep(self.late_by)
            return None
        self._execute(path, number)
        await self._wait_to_answer()
        if fault == "drop-after":
            return None
        if path == COLLECT:
            return {"success": True, "data": {"transaction_status": "Tamamlandı", "remaining_amount": 0.0}}
        return {"success": True, "data": {"document_id": number, "uuid": str(self.uuid_of(number))}}

    def _show(self, number):
        is_sent = (SEND, number) in self.executions
        return {
            "document_id": number,
            "uuid": str(self.uuid_of(number)) if is_sent else None,
            "no": f"RAW{number:013}" if is_sent else None,
            "status": "sent_to_receiver" if is_sent else "ready_to_send",
        }

    async def _read(self, path, query):
        await asyncio.sleep(_READ_PAUSE)
        if path == _COMPANIES:
            return {"data": [{"company_id": 5, "company_name": "Örnek A.Ş.", "is_invoice_resendble": True}]}
        if path == _LIST:
            return {"data": [self._show(int(query["document_id"][0]))]}
        return {"success": True, "data": self._show(int(path.rsplit("/", 1)[1]))}

    async def _answer(self, head, body):
        method, target, _ = head.split("\r\n", 1)[0].split(" ")
        place = urlsplit(target)
        if method == "POST":
            return await self._write(place.path, int(parse_qs(body)["document_id"][0]))
        return await self._read(place.path, parse_qs(place.query))

    async def _serve(self, reader, writer):
        self._serving[asyncio.current_task()] = writer
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            lines = head.lower().split("\r\n")
            length = next((int(line[15:]) for line in lines if line.startswith("content-length:")), 0)
            answer = await self._answer(head, (await reader.readexactly(length)).decode())
            if answer is not None:
                said = json.dumps(answer).encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                    b"Content-Length: %d\r\n\r\n%b" % (len(said), said)
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # The client has gone.
        finally:
            writer.close()
            self._serving.pop(asyncio.current_task())

    async def come_to_rest(self):
        """Wait until everything that comes late has come."""
        if self._late:
            await asyncio.wait(self._late)

    @asynccontextmanager
    async def serving(self):
        """Serve on a port of this machine."""
        async with await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=200) as listening:
            self.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
            try:
                yield self
            finally:
                listening.close()
                await self.come_to_rest()
                for _ in range(_ACCEPTING):
                    await asyncio.sleep(0)
                while self._serving:
                    left = dict(self._serving)
                    for writer in left.values():
                        writer.transport.abort()
                    await asyncio.gather(*left)
