"""Interprets KolayBi's replies by the fields and codes of the body, never by its sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kolay_invoice.denial import OF_A_CALL, find_denial
from kolay_invoice.endpoint import Effect, Endpoint
from kolay_invoice.errors import RefusedError
from kolay_invoice.http_status import ACCEPTING, FIRST_ERROR, NOT_FOUND, failure_from_status, unreadable_reply
from kolay_invoice.json_object import decode_object
from kolay_invoice.messages import Message
from kolay_invoice.redact import sentences
from kolay_invoice.result import Accepted, HttpResponse, Misconfigured, Refused, Verdict

_CODE_OFFSET = 10000
_LOWEST_STATUS = 100
_HIGHEST_STATUS = 599
_LONGEST_CODE = 40
_CODE_DIGITS = 9


def interpret(endpoint: Endpoint[Any, Any], answer: HttpResponse) -> Verdict:
    """Interpret a reply by its envelope `{"success", "data", "code", "message"}`.

    Some calls leave `success` out (resend, list), so a 200 with `data` and no `success` accepts, unless something else
    in it denies success. `success: false` refuses whatever the HTTP status is. `code` can make a refusal ambiguous: a
    200 with 10504 means that GİB did not answer, and the document may exist.
    """
    if endpoint.raw_starts and answer.status in ACCEPTING and answer.body.startswith(endpoint.raw_starts):
        return Accepted({"data": answer.body})
    envelope, repeated = decode_object(answer.body, within="data", raw=endpoint.rows_in)
    if envelope is None:
        return unreadable_reply(answer) if answer.status in ACCEPTING else failure_from_status(answer, own_words=False)
    success, code = envelope.get("success"), envelope.get("code")
    if code is not None:
        code = _read_code(code)
    said = None if code is None else _http_status_of(code)
    if not (success is True or (success is None and answer.status in ACCEPTING)):
        return _judge_refusal(endpoint, answer, envelope, code, repeated)
    if answer.status not in ACCEPTING or (said is not None and said >= FIRST_ERROR):
        return unreadable_reply(answer, Message("success and failure at once"))
    if repeated is not None:
        return unreadable_reply(answer, Message("two values for its field {name}", name=repeated))
    data = envelope.get("data")
    denial = find_denial(envelope, OF_A_CALL)
    if denial is None and isinstance(data, dict) and endpoint.effect is not Effect.READ:
        denial = find_denial(data, endpoint.denials)
    if denial is not None:
        return unreadable_reply(answer, denial)
    if data is None and not (endpoint.may_lack_data and success is True):
        return unreadable_reply(answer, Message("no data"))
    return Accepted(envelope)


def _judge_refusal(
    endpoint: Endpoint[Any, Any],
    answer: HttpResponse,
    envelope: dict[str, Any],
    code: int | str | None,
    repeated: str | None,
) -> Verdict:
    """Judge an envelope that does not accept."""
    success = envelope.get("success")
    said = None if code is None else _http_status_of(code)
    # 0 is no False here: only the provider's own form refuses.
    if not (success is False or success is None) or (repeated is not None and answer.status in ACCEPTING):
        return unreadable_reply(answer)
    detail = sentences({name: envelope.get(name) for name in ("message", "description", "errors")})
    if answer.status in ACCEPTING and (said is None or said in ACCEPTING):
        return Refused(RefusedError, answer.status, code, detail)
    own_words = repeated is None and is_own_refusal(envelope)
    verdict = failure_from_status(answer, own_words=own_words, said=said, code=code, detail=detail)
    if (
        isinstance(verdict, Refused)
        and verdict.status == NOT_FOUND
        and own_words
        and _is_about_channel(endpoint, detail)
    ):
        return Misconfigured(Message("KolayBi does not know this Channel"), NOT_FOUND, detail)
    return verdict


def is_own_refusal(content: Mapping[str, Any]) -> bool:
    """Whether a decoded body is a no in KolayBi's own words: `success: false`, or `code` and `message`."""
    success = content.get("success")
    return success is False or (
        success is None and _read_code(content.get("code")) is not None and bool(content.get("message"))
    )


def _read_code(value: object) -> int | str | None:
    """Return a code that is one: a number, however it is written, or a short text."""
    if type(value) is Decimal and 0 <= value.adjusted() < _CODE_DIGITS and value == int(value):
        return int(value)
    if type(value) is str and len(value) <= _CODE_DIGITS and value.isascii() and value.isdigit():
        return int(value)
    if type(value) is int:
        return value if abs(value) < 10**_CODE_DIGITS else None
    return value if isinstance(value, str) and len(value) <= _LONGEST_CODE else None


def _http_status_of(code: int | str) -> int | None:
    """Return the HTTP status of a code: in every reply seen, 10404 means 404."""
    if isinstance(code, str):
        return None
    status = code - _CODE_OFFSET if code > _CODE_OFFSET else code
    return status if _LOWEST_STATUS <= status <= _HIGHEST_STATUS else None


def _is_about_channel(endpoint: Endpoint[Any, Any], detail: str | None) -> bool:
    """Whether a 404 is about the Channel and not about the document.

    KolayBi answers both with the same code. A call that names no document leaves no doubt. For the others its sentence
    ("Kanal bulunamadı.") picks between two errors that are equally safe: neither executed, neither repeated.
    """
    return endpoint.has_no_subject or "kanal" in (detail or "").casefold()
