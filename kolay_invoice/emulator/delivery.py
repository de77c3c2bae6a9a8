"""Puts an answer on the wire: whole, or as broken as the fault wants it."""

from __future__ import annotations

import socket
import struct
from http import HTTPStatus

import attrs
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from kolay_invoice.emulator import kolaybi_api, propars_api
from kolay_invoice.emulator.faults import Fault, Reach
from kolay_invoice.emulator.routes import Provider
from kolay_invoice.emulator.wire import Answer, Call, Refused

REFUSALS = {Provider.KOLAYBI: kolaybi_api.refusal, Provider.PROPARS: propars_api.refusal}

_LOGIN_PAGE = """<!DOCTYPE html>
<html lang="tr"><head><meta charset="utf-8"><title>Giriş</title></head>
<body><form method="post" action="/login"><input name="email"><input name="password" type="password">
<button>Giriş yap</button></form></body></html>
"""

_GARBAGE = b"\x16\x03\x01 this was never HTTP \x00\xff\r\n\r\n"

# Lingering on, for no time at all: closing such a socket sends RST instead of FIN.
_NO_LINGER = struct.pack("ii", 1, 0)


class _Broken(web.StreamResponse):
    """A response that writes what it likes, or nothing, and then ends the connection."""

    def __init__(self, raw: bytes = b"", *, reset: bool = False) -> None:
        super().__init__()
        self._raw = raw
        self._reset = reset

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Break the connection, which aiohttp then takes for one that the caller gave up."""
        transport = request.transport
        if transport is not None and self._reset:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            transport.abort()
        elif transport is not None:
            transport.write(self._raw)
            transport.close()
        raise ConnectionResetError


def response_to(call: Call, fault: Fault | None, answer: Answer | None) -> web.StreamResponse:
    """Make the response of a call.

    Args:
        call: The call.
        fault: The fault that strikes it, if one does.
        answer: The real answer, unless the fault kept the call from being carried out.
    """
    reach = fault.kind.reach if fault else None
    if reach is Reach.CLOSE:
        return _Broken()
    if reach is Reach.RESET:
        return _Broken(reset=True)
    if reach is Reach.GARBAGE:
        return _Broken(_GARBAGE)
    if fault and answer and reach is Reach.CUT_ANSWER:
        return _Broken(_cut(answer))
    instead = _answer_instead(call, fault) if fault else None
    return whole(instead or answer or Answer())


def whole(answer: Answer) -> web.Response:
    """Make the response that carries an answer as it is."""
    headers = {"Content-Type": answer.content_type, **answer.headers}
    return web.Response(status=answer.status, body=answer.body, headers=headers)


def reply_in(response: web.StreamResponse) -> Answer | None:
    """Return the answer that a response carries whole, or None where it breaks the connection."""
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return None
    return Answer(status=response.status, body=response.body, content_type=response.content_type)


def _cut(answer: Answer) -> bytes:
    head = (
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n"
        f"Content-Type: {answer.content_type}\r\nContent-Length: {len(answer.body)}\r\n\r\n"
    )
    return head.encode() + answer.body[: len(answer.body) // 2]


def _answer_instead(call: Call, fault: Fault) -> Answer | None:
    match fault.kind.reach:
        case Reach.STATUS:
            answer = _status(call, fault.kind.status)
        case Reach.REDIRECT:
            headers = {"Location": fault.location or call.request.path_qs}
            answer = Answer(status=fault.kind.status, content_type="text/html", headers=headers)
        case Reach.LOGIN_PAGE:
            answer = Answer.html(_LOGIN_PAGE)
        case Reach.EMPTY:
            answer = Answer(content_type="text/html")
        case _:
            return None
    if fault.retry_after is None:
        return answer
    return attrs.evolve(answer, headers={**answer.headers, "Retry-After": fault.retry_after})


def _status(call: Call, status: int) -> Answer:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return REFUSALS[call.route.provider](Refused(status, "Üst üste çok fazla istek yapıldı."))
    # What stands before a provider answers these, and it speaks HTML.
    return Answer.html(f"<html><body><h1>{status}</h1></body></html>", status=status)
