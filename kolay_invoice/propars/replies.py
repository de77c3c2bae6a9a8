"""Interprets Propars' replies. Pure: 400 and above is failure, below it the body decides.

The shape of its errors looks like Django REST framework's: `{"detail": …}` or `{field: [texts]}`. Only those with 400
are promised to have a JSON body.
"""

from __future__ import annotations

from typing import Any, Final

from kolay_invoice.denial import find_denial
from kolay_invoice.endpoint import Endpoint
from kolay_invoice.errors import RefusedError
from kolay_invoice.http_status import ACCEPTING, failure_from_status, unreadable_reply
from kolay_invoice.json_object import decode_object
from kolay_invoice.messages import Message, message_of
from kolay_invoice.propars import containers
from kolay_invoice.propars.models import GetSignedXml, InvoiceHtmlForSale
from kolay_invoice.redact import sentences
from kolay_invoice.result import Accepted, HttpResponse, Refused, Verdict

_ERROR_KEYS: Final = frozenset({"detail", "error", "errors", "message", "non_field_errors"})
_GATEWAY_KEYS: Final = frozenset({"error", "errors", "message", "messages"})
"""Error fields of gateways; no field of the provider has these names."""


def interpret(endpoint: Endpoint[Any, Any], answer: HttpResponse) -> Verdict:
    """Interpret a reply by its status and body: an invoice's page, a signed document, or an object."""
    content, repeated = decode_object(answer.body)
    if answer.status not in ACCEPTING:
        own_words = repeated is None and is_own_refusal(content)
        return failure_from_status(answer, own_words=own_words, detail=sentences(content))
    if content is not None:
        if repeated is not None:
            return unreadable_reply(answer, Message("two values for its field {name}", name=repeated))
        if content.get("success") is False:
            return Refused(RefusedError, answer.status, detail=sentences(content))
        if denial := find_denial(content, endpoint.denials):
            return unreadable_reply(answer, denial)
    try:
        if endpoint.request is InvoiceHtmlForSale:
            return Accepted(containers.extract_page(answer))
        if endpoint.request is GetSignedXml:
            return Accepted(containers.extract_signed_xml(answer.body))
    except ValueError as error:
        return unreadable_reply(answer, message_of(error))
    if not content or content.keys() <= _ERROR_KEYS or _is_field_errors(content):
        return unreadable_reply(answer)
    return Accepted(content)


def is_own_refusal(content: object) -> bool:
    """Whether a decoded body is a no in Propars' own words: `success: false`, `detail`, or the errors of fields."""
    if not isinstance(content, dict):
        return False
    return content.get("success") is False or _is_text(content.get("detail")) or _is_field_errors(content)


def _is_field_errors(content: object) -> bool:
    """Whether an object holds nothing but lists of texts by field, or by field of a field."""
    if not isinstance(content, dict) or not content or not _GATEWAY_KEYS.isdisjoint(content):
        return False
    return all(_is_texts(value) or _is_field_errors(value) for value in content.values())


def _is_text(value: object) -> bool:
    return _is_texts(value) or (isinstance(value, str) and bool(value.strip()))


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(text, str) and text for text in value)
