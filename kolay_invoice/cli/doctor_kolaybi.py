"""What is assumed of KolayBi's reads, as pure checks. What each assumes is worded in `words.doctor`."""
# ruff: noqa: D103 - a docstring would say once more what the words say.

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from kolay_invoice.cli.doctor_findings import (
    ACCEPTED,
    NOT_FOUND,
    NOT_SEEN,
    Finding,
    all_of,
    answered,
    missing,
    names,
    objects,
    refusals,
)
from kolay_invoice.cli.doctor_seen import Seen, rows_of
from kolay_invoice.errors import ConfigurationError
from kolay_invoice.kolaybi.models import Direction, InvoiceType, Scenario, Status

_ENVELOPE: Final = frozenset({"success", "data", "message", "code", "description", "errors"})
_ROW: Final = frozenset(
    {"document_id", "uuid", "no", "status", "scenario", "type", "direction"}
    | {"exchange_grand_total", "exchange_grand_currency", "grand_total", "grand_currency"}
)
_COMPANY: Final = frozenset(
    {"company_id", "company_name", "identity_no", "tax_office", "company_currency", "address", "is_invoice_resendble"}
)
_OPEN_SETS: Final = {"status": Status, "scenario": Scenario, "type": InvoiceType, "direction": Direction}
_AMOUNTS: Final = ("grand_total", "exchange_grand_total")
_CURRENCIES: Final = ("grand_currency", "exchange_grand_currency")
_PAGING: Final = frozenset({"pagination", "meta", "current_page", "last_page", "per_page", "total"})
_LIKE_A_PAGE: Final = re.compile(r"page|next|count|cursor|offset|link|more")
_CODES: Final = 10_000


def token_is_text(seen: Seen) -> Finding:
    return all_of(isinstance(content.get("data"), str) for content in objects(seen.accepted("access_token")))


def token_has_no_end(seen: Seen) -> Finding:
    contents = objects(seen.accepted("access_token"))
    others = {member for content in contents for member in content.keys() - _ENVELOPE}
    return all_of(
        (content.keys() <= _ENVELOPE for content in contents), **({"members": names(others)} if others else {})
    )


def headers_accepted(seen: Seen) -> Finding:
    return all_of(True for _ in seen.accepted("list_companies", "list_invoices"))


def envelope(seen: Seen) -> Finding:
    accepted = seen.accepted("access_token", "list_companies", "list_invoices")
    return all_of(
        isinstance(one.content, dict) and one.content.get("success", True) is True and "data" in one.content
        for one in accepted
    )


def error_envelope(seen: Seen) -> Finding:
    wanted = {"success", "code", "message"}
    return all_of(isinstance(one.content, dict) and wanted <= one.content.keys() for one in refusals(seen))


def error_code(seen: Seen) -> Finding:
    failing = [one for one in refusals(seen) if one.answer.status != ACCEPTED and isinstance(one.content, dict)]
    return all_of(one.content["code"] == _CODES + one.answer.status for one in failing if "code" in one.content)


def refused_with_200(seen: Seen) -> Finding:
    """Whether `success: false` comes with a failing status; that it can come with 200 is known of some accounts."""
    return all_of(one.answer.status != ACCEPTED for one in refusals(seen))


def wrong_channel(seen: Seen) -> Finding:
    errors = [tried.error for tried in seen.tried if isinstance(tried.error, ConfigurationError)]
    return all_of(error.status == NOT_FOUND for error in errors if error.status is not None)


def company_members(seen: Seen) -> Finding:
    return _members(seen.rows("list_companies"), _COMPANY)


def resendable_spelling(seen: Seen) -> Finding:
    return all_of(isinstance(row.get("is_invoice_resendble"), bool) for row in seen.rows("list_companies"))


def row_members(seen: Seen) -> Finding:
    return _members(seen.rows("list_invoices"), _ROW)


def _members(rows: Sequence[Mapping[str, Any]], known: frozenset[str]) -> Finding:
    missing = {member for row in rows for member in known - row.keys()}
    others = {member for row in rows for member in row.keys() - known}
    facts = {"missing": names(missing)} if missing else {}
    facts |= {"others": names(others)} if others else {}
    return all_of((known <= row.keys() for row in rows), **facts)


def sets_are_texts(seen: Seen) -> Finding:
    known = {name: {value for key, value in vars(kind).items() if key.isupper()} for name, kind in _OPEN_SETS.items()}
    values = [(name, row[name]) for row in seen.rows("list_invoices") for name in known if row.get(name) is not None]
    # The sets are open: a value that the package does not name is no fault, and worth knowing.
    unnamed = [name for name, value in values if isinstance(value, str) and value not in known[name]]
    facts: dict[str, int | str] = {}
    if unnamed:
        facts = {"values without a name": len(unnamed), "members": names(set(unnamed))}
    return all_of((isinstance(value, str) for _, value in values), **facts)


def amounts_are_numbers(seen: Seen) -> Finding:
    values = [row[name] for row in seen.rows("list_invoices") for name in _AMOUNTS if row.get(name) is not None]
    return all_of(type(value) is int or isinstance(value, Decimal) for value in values)


def currencies(seen: Seen) -> Finding:
    values = [row[name] for row in seen.rows("list_invoices") for name in _CURRENCIES if row.get(name) is not None]
    return all_of(isinstance(value, str) and re.fullmatch(r"[A-Za-z]{3}", value) is not None for value in values)


def official_has_ettn(seen: Seen) -> Finding:
    rows = seen.rows("list_invoices")
    drafts = sum(bool(row.get("uuid")) and not row.get("no") for row in rows)
    facts = {"with uuid and without no": drafts} if drafts else {}
    return all_of((bool(row.get("uuid")) for row in rows if row.get("no")), **facts)


def paging(seen: Seen) -> Finding:
    """Whether pages are announced, if they are, in a way that the package knows: none must be missed."""
    contents = objects(seen.accepted("list_invoices"))
    largest = max((len(list(rows_of(content))) for content in contents), default=0)
    return all_of((_announces_as_known(content) for content in contents), **{"largest page": largest})


def _announces_as_known(content: Mapping[str, Any]) -> bool:
    data = content.get("data")
    members = {*content, *(data if isinstance(data, dict) else ())}
    return bool(members & _PAGING) or not any(_LIKE_A_PAGE.search(member) for member in members)


def next_page(seen: Seen) -> Finding:
    return answered(seen.of("next page"))


def filter_date(seen: Seen) -> Finding:
    tried = seen.of("filter by date")
    return NOT_SEEN if tried is None or tried.rows is None else all_of([tried.rows == 0], rows=tried.rows)


def missing_document(seen: Seen) -> Finding:
    return missing(seen.of("missing document"))
