"""What a reply of Propars means. Pure: 400 and above is failure, below it the body decides.

The shape of its errors looks like Django REST framework's: `{"detail": …}` or `{field: [texts]}`. Only those with 400
are promised to have a JSON body.
"""

from __future__ import annotations

from typing import Any, Final

from kolay_invoice.codec import decode_json
from kolay_invoice.endpoint import Endpoint
from kolay_invoice.errors import RefusedError
from kolay_invoice.outcome import Accepted, Answer, Refused, Verdict
from kolay_invoice.propars import documents
from kolay_invoice.propars.models import GetSignedXml, InvoiceHtmlForSale
from kolay_invoice.redact import sentences
from kolay_invoice.verdict import ACCEPTING, judge_failure, unreadable

_SAYS_NO: Final = frozenset({"detail", "error", "errors", "message", "non_field_errors"})


def judge(endpoint: Endpoint[Any, Any], answer: Answer) -> Verdict:
    """Judge a reply by its status and body: an invoice's page, a signed document, or an object."""
    content = _object(answer.body)
    if answer.status not in ACCEPTING:
        return judge_failure(answer, detail=sentences(content))
    if content is not None and content.get("success") is False:
        return Refused(RefusedError, answer.status, detail=sentences(content))
    try:
        if endpoint.request is InvoiceHtmlForSale:
            return Accepted(documents.invoice_page(answer))
        if endpoint.request is GetSignedXml:
            return Accepted(documents.signed_xml(answer.body))
    except ValueError as error:
        return unreadable(answer, str(error))
    if not content or content.keys() <= _SAYS_NO:
        return unreadable(answer)
    return Accepted(content)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        content = decode_json(body)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
