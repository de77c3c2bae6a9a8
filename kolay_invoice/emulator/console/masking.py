"""Masks requests and replies for the console: listed fields are shown, everything else is starred."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import msgspec

from kolay_invoice.emulator.messages import ReceivedRequest, Reply

MASK: Final = "•••"

# No credential and no buyer's data. A new field is masked until it is listed here.
_SHOWN_FIELDS: Final = frozenset(
    """
    document_id vault_id company_id direction min_issue_date max_issue_date min_total_amount max_total_amount page
    sale_id sale_code id invoice_id invoice_uuid invoice_number invoice_date invoice_char_code invoice_type
    uuid no status scenario type exchange_grand_total exchange_grand_currency grand_total grand_currency
    transaction_status remaining_amount total_amount currency company_currency is_invoice_resendble
    success code message description detail non_field_errors current_page per_page total expire_date
    """.split()  # noqa: SIM905 - forty names read better in five lines than in forty.
)
_NAME: Final = re.compile(r"[a-z_]{1,40}")
_LONGEST: Final = 2_000


def mask_target(request: ReceivedRequest) -> str:
    """Return the path and query of a request, with private values masked."""
    query = parse_qsl(urlsplit(request.path_qs).query, keep_blank_values=True)
    fields = "&".join(f"{_mask_name(name)}={text if name in _SHOWN_FIELDS else MASK}" for name, text in query)
    return f"{request.path}?{fields}" if fields else request.path


def mask_request(request: ReceivedRequest) -> str:
    """Return the credentials and the body of a request, with private values masked."""
    credentials = [f"{name}: {MASK}" for name in ("Authorization", "Channel") if name in request.headers]
    form = [f"{_mask_name(name)}={text if name in _SHOWN_FIELDS else MASK}" for name, text in request.form.items()]
    body = [] if form or not request.body else [_mask_body(request.headers.get("Content-Type", "?"), request.body)]
    return "\n".join([*credentials, *form, *body])


def mask_reply(reply: Reply) -> str:
    """Return the body of a reply, with private values masked."""
    return _mask_body(reply.content_type, reply.body)


def _mask_body(content_type: str, body: bytes) -> str:
    try:
        value = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return f"{content_type.partition(';')[0]}, {len(body)} B"
    return msgspec.json.format(Reply.json(_mask(value)).body, indent=2).decode()[:_LONGEST]


def _mask(value: Any, name: str = "") -> Any:
    match value:
        case dict():
            return {_mask_name(key): _mask(item, key) for key, item in value.items()}
        case list():
            return [_mask(item, name) for item in value]
        case _:
            return value if name in _SHOWN_FIELDS else MASK


def _mask_name(name: str) -> str:
    return name if _NAME.fullmatch(name) else MASK
