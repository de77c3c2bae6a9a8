"""A loopback server that is not the bottleneck: fixed replies, no HTTP library, a process of its own."""

from __future__ import annotations

import asyncio
import os
import re
import sys

COMPANIES = b'{"success":true,"data":[{"company_id":5,"company_name":"A","is_invoice_resendble":true}]}'
E_DOCUMENT = b'{"success":true,"data":{"document_id":%s,"uuid":"f46d5a8d-7726-4b37-bba4-973c7ab50a5b"}}'
REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Replies(asyncio.Protocol):
    """Answers each request at once: a form with its document, anything else with the companies."""

    def __init__(self) -> None:
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        while (head := self.received.find(b"\r\n\r\n")) >= 0:
            length = LENGTH.search(self.received, 0, head)
            end = head + 4 + (int(length[1]) if length else 0)
            if len(self.received) < end:
                return
            form, self.received = self.received[head + 4 : end], self.received[end:]
            body = E_DOCUMENT % form.partition(b"=")[2] if form else COMPANIES
            self.transport.write(REPLY % (len(body), body))


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Replies, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity") and len(sys.argv) > 1:
        os.sched_setaffinity(0, {int(sys.argv[1])})
    asyncio.run(main())
