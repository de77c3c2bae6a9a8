"""Faults of the contents, rows 17 to 27 of the matrix: proper HTTP with the wrong thing in it, or with a status that is
no success.

They too have executed the operation, unless their names or their nature say otherwise.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from attrs import evolve

from .faults import on_request
from .replies import Asked, Reply, good_reply, json_reply, refusal, reply_about_another
from .server import Exchange, Fault

# Rows 17 to 19 and 21: a proper HTTP reply with the wrong thing in it.


def reply_instead(name: str, make: Callable[[Asked], Reply], *, executed: bool = True) -> Fault:
    """Make a fault that answers with this whole reply in place of the good one."""

    async def play(exchange: Exchange) -> None:
        if executed:
            exchange.execute()
        await exchange.answer(make(exchange.asked))

    return Fault(name, play)


_LOGIN = (
    '<!DOCTYPE html>\n<html lang="tr"><head><title>e-Fatura Girişi</title></head><body><form action="/giris">'
    '<input name="email"><input type="password" name="password"><button>Giriş</button></form></body></html>\n'
)


def _with_first_number(asked: Asked, number: str) -> Reply:
    """Return the good reply with another number in the place of its first one; a JSON object where it has none."""
    reply = good_reply(asked)
    if reply.content_type != "application/json":
        return Reply(b'{"data": %s}' % number.encode())
    return evolve(reply, body=re.sub(rb"(?<=: )[\d.]+", number.encode(), reply.body, count=1))


def _with_bad_utf_8(asked: Asked) -> Reply:
    """Return the good reply with a byte at the end of its last quoted text that no UTF-8 has."""
    reply = good_reply(asked)
    start, quote, end = reply.body.rpartition(b'"')
    return evolve(reply, body=start + b"\xff" + quote + end)


def _sorry(asked: Asked) -> Reply:
    """Return an apology in the form in which the good reply would come."""
    form = good_reply(asked).content_type
    if form == "application/json":
        return json_reply({"detail": "Bir hata oluştu.", "message": "Bir hata oluştu."})
    if form == "application/xml":
        return Reply(b'<?xml version="1.0"?>\n<error><message>Bir hata</message></error>\n', form)
    return Reply(b"<!DOCTYPE html>\n<html><body><h1>Bir hata</h1></body></html>\n", form)


def _error_page(asked: Asked) -> Reply:
    """Return the page of an error that names its request by a UUID, and the invoice in a sentence."""
    page = (
        '<!DOCTYPE html>\n<html lang="tr"><head><title>Propars</title></head><body><p>Bir sorun oluştu.</p>'
        f"<p>ETTN {asked.uuid} olan fatura işlenemedi.</p>"
        f"<table><tr><th>Request ID</th><td>{asked.uuid}</td></tr></table></body></html>\n"
    )
    return Reply(page.encode(), "text/html; charset=utf-8")


def _no_with_200(_: Asked) -> Reply:
    return json_reply({"success": False, "code": 10400, "message": "İşlem reddedildi.", "description": "", "data": []})


login_page = reply_instead("login_page", lambda _: Reply(_LOGIN.encode(), "text/html; charset=utf-8"))
error_page_with_a_uuid = reply_instead("error_page_with_a_uuid", _error_page)
empty_200 = reply_instead("empty_200", lambda _: Reply())
no_content_204 = reply_instead("no_content_204", lambda _: Reply(status=204))
json_null = reply_instead("json_null", lambda _: Reply(b"null"))
apology_with_200 = reply_instead("apology_with_200", _sorry)
partial_content_206 = reply_instead("partial_content_206", lambda asked: evolve(good_reply(asked), status=206))
json_bomb = reply_instead("json_bomb", lambda _: Reply(b"[" * 200_000))
bad_utf_8 = reply_instead("bad_utf_8", _with_bad_utf_8)
not_a_number = reply_instead("not_a_number", lambda asked: _with_first_number(asked, "NaN"))
giant_integer = reply_instead("giant_integer", lambda asked: _with_first_number(asked, "9" * 10_000))
about_another_document = reply_instead("about_another_document", reply_about_another)
_NAMES_OF_THE_RESULT = {"id", "document_id", "uuid", "invoice_uuid", "status", "transaction_status", "content"}


def _json_of(asked: Asked) -> dict[str, Any]:
    """Return the good reply as a JSON object; what comes as a page or document is a member of one."""
    reply = good_reply(asked)
    if reply.content_type == "application/json":
        content: dict[str, Any] = json.loads(reply.body)
        return content
    return {"content": reply.body.decode()}


def denied(name: str, **members: object) -> Fault:
    """Make the good reply with these members beside the rest, which say no."""
    return reply_instead(f"denied_{name}", lambda asked: json_reply({**_json_of(asked), **members}), executed=False)


def _with_data(asked: Asked, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Reply:
    content = _json_of(asked)
    if not asked.is_kolaybi:
        return json_reply(change(content))
    data = content["data"]
    return json_reply({**content, "data": change(data) if isinstance(data, dict) else None})


def denied_by_its_status(word: str) -> Fault:
    """Make the good reply with another word in the status of what was asked for, and nothing collected."""

    def make(asked: Asked) -> Reply:
        uncollected = {"transaction_status": word, "remaining_amount": 20}
        return _with_data(
            asked, lambda data: {**data, **(uncollected if asked.operation == "proceed" else {"status": word})}
        )

    return reply_instead(f"denied_by_its_status_{word}", make, executed=False)


def _without_result(asked: Asked) -> Reply:
    """Return the good reply with null in each field that names the result. The id that a resend repeats is none."""
    names = _NAMES_OF_THE_RESULT - ({"document_id"} if asked.operation == "resend" else set())
    return _with_data(asked, lambda data: {name: None if name in names else data[name] for name in data})


def denied_and_affirmed(first: str, second: str) -> Fault:
    """Make the good reply with `success` in it twice."""

    def make(asked: Asked) -> Reply:
        rest = json.dumps({name: value for name, value in _json_of(asked).items() if name != "success"})
        return Reply(b'{"success": %s, "success": %s, %s' % (first.encode(), second.encode(), rest[1:].encode()))

    return reply_instead(f"success_{first}_and_{second}", make, executed=False)


no_result = reply_instead("no_result", _without_result, executed=False)
success_false = reply_instead("success_false", _no_with_200, executed=False)


# Row 20: more comes than was asked for.


@on_request
async def answered_twice(exchange: Exchange) -> None:
    """A good answer, and 50 ms later, unasked, the good answer to another question."""
    await exchange.answer(exchange.execute())
    await asyncio.sleep(0.05)
    await exchange.peer.write(reply_about_another(exchange.asked).encode())


# Rows 22 to 27: the status says it.


def refused(status: int) -> Fault:
    """Make a refusal in the provider's envelope; nothing was executed."""
    return reply_instead(f"refused_{status}", lambda asked: refusal(asked, status), executed=False)


def refused_executed(status: int) -> Fault:
    """Make a refusal that lies: the operation was carried out, by this request or by an earlier one."""
    return reply_instead(f"refused_{status}_executed", lambda asked: refusal(asked, status))


@on_request
async def refused_quoting_the_request(exchange: Exchange) -> None:
    """A refusal whose sentence repeats the credentials and the arguments."""
    quoted = " ".join(value for _, value in exchange.request.headers) + " " + exchange.request.target
    await exchange.answer(refusal(exchange.asked, 401, f"Geçersiz istek: {quoted}"))


def rate_limited(name: str, retry_after: str | Callable[[], str] | None) -> Fault:
    """Make a 429 with this Retry-After."""

    def make(asked: Asked) -> Reply:
        reply = refusal(asked, 429)
        if retry_after is None:
            return reply
        return reply.with_header("Retry-After", retry_after if isinstance(retry_after, str) else retry_after())

    return reply_instead(f"rate_limited_{name}", make, executed=False)


def in_seconds(seconds: int) -> Callable[[], str]:
    """Return a maker of the HTTP date that is so many seconds away when it is sent."""
    return lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


NOBODYS_WORDS = {
    "page": Reply(b"<html><body><h1>Error</h1></body></html>", "text/html"),
    "nothing": Reply(b"", "text/plain"),
    "text": Reply(b"upstream request timeout", "text/plain"),
    "another_json": json_reply({"message": "no Route matched with those values"}),
}
"""What stands before a provider says, in forms that are not the provider's."""


def said_by_nobody(status: int, form: str) -> Fault:
    """Make an answer with a status of refusal that is not the provider's; the operation was carried out."""
    return reply_instead(f"{form}_with_{status}_executed", lambda _: evolve(NOBODYS_WORDS[form], status=status))


def failed(status: int, *, executed: bool) -> Fault:
    """Make a gateway's error page, as it comes from a machine that knows nothing of the operation."""
    page = Reply(b"<html><body><h1>Error</h1></body></html>", "text/html", status)
    return reply_instead(f"failed_{status}{'_executed' * executed}", lambda _: page, executed=executed)


def redirected(status: int, *, elsewhere: bool) -> Fault:
    """Make a redirect to the same call: on this origin, or on the other one."""

    async def play(exchange: Exchange) -> None:
        origin = exchange.server.elsewhere if elsewhere else exchange.server.url
        reply = Reply(b"", "text/plain", status)
        await exchange.answer(reply.with_header("Location", origin + exchange.request.target))

    return Fault(f"redirected_{status}{'_elsewhere' * elsewhere}", play)


@on_request
async def answered_with_cookies(exchange: Exchange) -> None:
    """A good answer that wants to be remembered."""
    reply = exchange.execute().with_header("Set-Cookie", "session=of-this-account; Path=/")
    await exchange.answer(reply.with_header("Set-Cookie", "remember=me; Path=/; Max-Age=3600"))
