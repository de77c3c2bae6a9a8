"""Turns a reply into an aiohttp response: complete, or broken as the fault requires."""

from __future__ import annotations

import socket
import struct
from http import HTTPStatus

import attrs
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from kolay_invoice.emulator import kolaybi_api, propars_api
from kolay_invoice.emulator.faults import Fault, FaultEffect
from kolay_invoice.emulator.messages import Call, ProviderRefusal, Reply
from kolay_invoice.emulator.routes import Provider

REFUSALS = {Provider.KOLAYBI: kolaybi_api.refusal_reply, Provider.PROPARS: propars_api.refusal_reply}

_LOGIN_PAGE = """<!DOCTYPE html>
<html lang="tr"><head><meta charset="utf-8"><title>Giriş</title></head>
<body><form method="post" action="/login"><input name="email"><input name="password" type="password">
<button>Giriş yap</button></form></body></html>
"""

_GARBAGE = b"\x16\x03\x01 this was never HTTP \x00\xff\r\n\r\n"

# With SO_LINGER on and a timeout of zero, closing the socket sends RST instead of FIN.
_NO_LINGER = struct.pack("ii", 1, 0)


class _BrokenResponse(web.StreamResponse):
    """A response that writes raw bytes, or nothing, and then ends the connection."""

    def __init__(self, raw: bytes = b"", *, reset: bool = False) -> None:
        super().__init__()
        self._raw = raw
        self._reset = reset

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Break the connection; to aiohttp it looks as if the caller had closed it."""
        transport = request.transport
        if transport is not None and self._reset:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            transport.abort()
        elif transport is not None:
            transport.write(self._raw)
            transport.close()
        raise ConnectionResetError


def response_to(call: Call, fault: Fault | None, reply: Reply | None) -> web.StreamResponse:
    """Make the response of a call.

    Args:
        call: The call.
        fault: The fault that is applied, if any.
        reply: The real reply, unless the fault kept the call from being carried out.
    """
    effect = fault.kind.effect if fault else None
    if effect is FaultEffect.CLOSE:
        return _BrokenResponse()
    if effect is FaultEffect.RESET:
        return _BrokenResponse(reset=True)
    if effect is FaultEffect.GARBAGE:
        return _BrokenResponse(_GARBAGE)
    if fault and reply and effect is FaultEffect.TRUNCATED_REPLY:
        return _BrokenResponse(_truncate(reply))
    replacement = _replacement(call, fault) if fault else None
    return full_response(replacement or reply or Reply())


def full_response(reply: Reply) -> web.Response:
    """Make the complete response of a reply."""
    headers = {"Content-Type": reply.content_type, **reply.headers}
    return web.Response(status=reply.status, body=reply.body, headers=headers)


def reply_of(response: web.StreamResponse) -> Reply | None:
    """Return the reply that a response carries, or None where it breaks the connection."""
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return None
    return Reply(status=response.status, body=response.body, content_type=response.content_type)


def _truncate(reply: Reply) -> bytes:
    head = (
        f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}\r\n"
        f"Content-Type: {reply.content_type}\r\nContent-Length: {len(reply.body)}\r\n\r\n"
    )
    return head.encode() + reply.body[: len(reply.body) // 2]


def _replacement(call: Call, fault: Fault) -> Reply | None:
    match fault.kind.effect:
        case FaultEffect.STATUS:
            reply = _status_reply(call, fault.kind.status)
        case FaultEffect.REDIRECT:
            headers = {"Location": fault.location or call.request.path_qs}
            reply = Reply(status=fault.kind.status, content_type="text/html", headers=headers)
        case FaultEffect.LOGIN_PAGE:
            reply = Reply.html(_LOGIN_PAGE)
        case FaultEffect.EMPTY:
            reply = Reply(content_type="text/html")
        case _:
            return None
    if fault.retry_after is None:
        return reply
    return attrs.evolve(reply, headers={**reply.headers, "Retry-After": fault.retry_after})


def _status_reply(call: Call, status: int) -> Reply:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return REFUSALS[call.route.provider](ProviderRefusal(status, "Üst üste çok fazla istek yapıldı."))
    # A gateway in front of the provider sends these, in HTML.
    return Reply.html(f"<html><body><h1>{status}</h1></body></html>", status=status)
