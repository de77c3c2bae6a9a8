"""The doctor's reads of KolayBi, and the assumptions about their replies."""
# ruff: noqa: D103 - a docstring would repeat the text of the assumption.

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from attrs import evolve

from kolay_invoice.cli.doctor.findings import (
    NOT_FOUND,
    NOTHING,
    OK,
    SHARED,
    Finding,
    Status,
    all_of,
    answered,
    assumption,
    failed,
    guess,
    member_facts,
    missing,
    not_observable,
    objects,
    refusals,
    refused,
)
from kolay_invoice.cli.doctor.recorder import MISSING_ID, Exchange, Observations, ReadAttempt, Reader, rows_of
from kolay_invoice.errors import ConfigurationError, InvalidRequestError, NotFoundError
from kolay_invoice.kolaybi import models
from kolay_invoice.kolaybi.models import Direction, GetInvoice, Invoice, InvoiceDetail, InvoicePage, ListInvoices

_MOST_COMPANIES: Final = 3
_FEW: Final = 3
_A_YEAR: Final = timedelta(days=366)
_ENVELOPE: Final = frozenset({"success", "data", "message", "code", "description", "errors"})
_ROW: Final = frozenset(
    {"document_id", "uuid", "no", "status", "scenario", "type", "direction"}
    | {"exchange_grand_total", "exchange_grand_currency", "grand_total", "grand_currency"}
)
_COMPANY: Final = frozenset(
    {"company_id", "company_name", "identity_no", "tax_office", "company_currency", "address", "is_invoice_resendble"}
)
_OPEN_SETS: Final = {
    "status": models.Status,
    "scenario": models.Scenario,
    "type": models.InvoiceType,
    "direction": Direction,
}
_AMOUNTS: Final = ("grand_total", "exchange_grand_total")
_CURRENCIES: Final = ("grand_currency", "exchange_grand_currency")
_PAGING: Final = frozenset({"pagination", "meta", "current_page", "last_page", "per_page", "total"})
_LIKE_A_PAGE: Final = re.compile(r"page|next|count|cursor|offset|link|more")
_CODES: Final = 10_000
_IDS: Final = ("document_id", "commercial_doc_id", "id")
_NUMBERS: Final = ("no", "document_no", "serial_no")


async def read(reader: Reader) -> None:
    """Make the reads."""
    companies = await reader.try_read("companies", models.ListCompanies())
    for company in (companies or ())[:_MOST_COMPANIES]:
        found = [await _read_list(reader, company.company_id, way) for way in (Direction.OUTBOUND, Direction.INBOUND)]
        listed = next((one for one in found if one is not None), None)
        if listed is not None:
            await _probe_filters(reader, *listed)
            await _compare_details(reader, *listed)
            break
    vaults = await reader.try_read("vaults", models.ListVaults())
    for vault in [vault for vault in vaults or () if vault.vault_id is not None][:1]:
        await reader.try_read("movements", models.ListVaultTransactions(vault.vault_id))


async def _read_list(reader: Reader, company_id: int, direction: Direction) -> tuple[ListInvoices, InvoicePage] | None:
    """Read a list; return the request and the page, if it has rows."""
    request = ListInvoices(company_id, direction)
    page = await reader.try_read("invoices", request)
    return (request, page) if page is not None and page.invoices else None


async def _probe_filters(reader: Reader, request: ListInvoices, page: InvoicePage) -> None:
    if page.next_page is not None:
        await reader.try_read("next page", evolve(request, page=page.next_page))
    document_id = page.invoices[0].document_id
    in_a_year = date.today() + _A_YEAR  # noqa: DTZ011 - a day more or less does not matter a year from now.
    await reader.try_read("filter by document", evolve(request, document_id=document_id))
    await reader.try_read("filter by date", evolve(request, min_issue_date=in_a_year))
    await reader.try_read("missing document", evolve(request, document_id=MISSING_ID))


async def _compare_details(reader: Reader, request: ListInvoices, page: InvoicePage) -> None:
    """Read some listed documents one by one. The detail should match the list."""
    official = [row for row in page.invoices if row.uuid is not None and row.no is not None]
    for row in official[:1]:
        await reader.try_read("detail of a document", GetInvoice(row.document_id), listed=row)
    numbered = {row.document_id for row in page.invoices if row.no is not None}
    is_behind = False
    for row in [row for row in page.invoices if row.document_id not in numbered][:_FEW]:
        shown = await reader.try_read("detail of an unsent document", GetInvoice(row.document_id), listed=row)
        is_behind = is_behind or (shown is not None and shown.is_official)
    if is_behind:
        # The document may have been sent in between, so the list is read again.
        await reader.try_read("invoices again", evolve(request))


# Checks


def token_has_no_end(seen: Observations) -> Finding:
    contents = objects(seen.accepted("access_token"))
    others = {member for content in contents for member in content.keys() - _ENVELOPE}
    return all_of((content.keys() <= _ENVELOPE for content in contents), **member_facts(members=others))


def envelope(seen: Observations) -> Finding:
    return all_of(
        isinstance(one.content, dict) and one.content.get("success", True) is True and "data" in one.content
        for one in seen.accepted("access_token", "list_companies", "list_invoices")
    )


def error_envelope(seen: Observations) -> Finding:
    wanted = {"success", "code", "message"}
    return all_of(isinstance(one.content, dict) and wanted <= one.content.keys() for one in refusals(seen))


def error_code(seen: Observations) -> Finding:
    failing = [one for one in refusals(seen) if one.answer.status != OK and isinstance(one.content, dict)]
    return all_of(one.content["code"] == _CODES + one.answer.status for one in failing if "code" in one.content)


def wrong_channel(seen: Observations) -> Finding:
    errors = [attempt.error for attempt in seen.attempts if isinstance(attempt.error, ConfigurationError)]
    return all_of(error.status == NOT_FOUND for error in errors if error.status is not None)


def _members(rows: Sequence[Mapping[str, Any]], known: frozenset[str]) -> Finding:
    lacking = {member for row in rows for member in known - row.keys()}
    others = {member for row in rows for member in row.keys() - known}
    return all_of((known <= row.keys() for row in rows), **member_facts(missing=lacking, others=others))


def sets_are_texts(seen: Observations) -> Finding:
    known = {name: {value for key, value in vars(kind).items() if key.isupper()} for name, kind in _OPEN_SETS.items()}
    values = _values(seen, known)
    # The sets are open: an unknown value is reported and is not a failure.
    unnamed = [name for name, value in values if isinstance(value, str) and value not in known[name]]
    facts = {"values without a name": len(unnamed), **member_facts(members=set(unnamed))} if unnamed else {}
    return all_of((isinstance(value, str) for _, value in values), **facts)


def _values(seen: Observations, members: Iterable[str]) -> list[tuple[str, Any]]:
    rows = seen.rows("list_invoices")
    return [(name, row[name]) for row in rows for name in members if row.get(name) is not None]


def official_has_ettn(seen: Observations) -> Finding:
    rows = seen.rows("list_invoices")
    drafts = sum(bool(row.get("uuid")) and not row.get("no") for row in rows)
    facts = {"with uuid and without no": drafts} if drafts else {}
    return all_of((bool(row.get("uuid")) for row in rows if row.get("no")), **facts)


def paging(seen: Observations) -> Finding:
    """Whether the package recognises the pagination of the list."""
    contents = objects(seen.accepted("list_invoices"))
    largest = max((len(list(rows_of(content))) for content in contents), default=0)
    return all_of((_has_known_paging(content) for content in contents), **{"largest page": largest})


def _has_known_paging(content: Mapping[str, Any]) -> bool:
    data = content.get("data")
    members = {*content, *(data if isinstance(data, dict) else ())}
    return bool(members & _PAGING) or not any(_LIKE_A_PAGE.search(member) for member in members)


def filter_date(seen: Observations) -> Finding:
    attempt = seen.first("filter by date")
    return NOTHING if attempt is None or attempt.rows is None else all_of([attempt.rows == 0], rows=attempt.rows)


# Checks of the guesses. That something was not observed proves nothing: most can fail and never hold.


def _id_of(row: Mapping[str, Any]) -> str | None:
    return next((str(row[name]) for name in _IDS if row.get(name) is not None), None)


def _ids(exchanges: Iterable[Exchange]) -> list[str]:
    """Return the ids of the rows in some replies, also of rows that the client rejects."""
    ids = (_id_of(row) for one in exchanges if not one.is_failure for row in rows_of(one.content))
    return [document_id for document_id in ids if document_id is not None]


def list_filter(seen: Observations) -> Finding:
    """Whether the filter by document leaves the document's row, and no other."""
    attempt, missing_id = seen.first("filter by document"), seen.first("missing document")
    if missing_id is not None and _ids(missing_id.exchanges):
        return failed(rows=len(_ids(missing_id.exchanges)))
    if attempt is None:
        return NOTHING
    if isinstance(attempt.error, InvalidRequestError | NotFoundError):
        return failed(status=attempt.error.status or 0)
    if not _is_list(attempt):
        return NOTHING
    ids, wanted = _ids(attempt.exchanges), str(attempt.request.document_id)
    others = sum(one != wanted for one in ids)
    if others or wanted not in ids:
        return failed(rows=len(ids), others=others)
    # Where there was no other row to leave out, no filter was observed.
    has_left_out = bool(set(_ids(_unfiltered(seen, attempt.request))) - {wanted})
    was_empty = missing_id is not None and _is_list(missing_id)
    return Finding(Status.HELD, {"rows": len(ids), "others": 0}) if has_left_out or was_empty else NOTHING


def _unfiltered(seen: Observations, request: ListInvoices) -> list[Exchange]:
    """Return the replies that list everything of the request's company and direction."""
    place = (request.company_id, request.direction)
    lists = [one for one in seen.all_of("invoices") if (one.request.company_id, one.request.direction) == place]
    return [exchange for one in lists for exchange in one.exchanges]


def _is_list(attempt: ReadAttempt) -> bool:
    """Whether the reply is a list, even an empty one."""
    return any(isinstance(one.content, dict) and not one.is_failure for one in attempt.exchanges)


def list_rows(seen: Observations) -> Finding:
    """Whether the list has one row for each document."""
    lists = [list(rows_of(one.content)) for one in seen.accepted("list_invoices")]
    counted = [Counter(_id_of(row) for row in rows) for rows in lists]
    twice = {number for counts in counted for number, times in counts.items() if times > 1 and number is not None}
    official = {_id_of(row) for rows in lists for row in rows if any(row.get(name) for name in _NUMBERS)}
    if twice:
        return failed(seen=len(official), against=len(twice))
    return Finding(Status.HELD, {"seen": len(official)}) if official else NOTHING


def detail(seen: Observations) -> Finding:
    """Whether the detail of a listed official document shows its uuid, its number and a status."""
    attempt = seen.first("detail of a document")
    if attempt is None or attempt.listed is None:
        return NOTHING
    shown, row = attempt.reply, attempt.listed
    if not isinstance(shown, InvoiceDetail) or not isinstance(row, Invoice):
        return refused(attempt)
    lacking = [name for name in ("uuid", "no", "status") if getattr(shown, name) is None]
    other = [name for name in ("uuid", "no") if name not in lacking and getattr(shown, name) != getattr(row, name)]
    if lacking or other:
        return failed(**member_facts(missing=lacking, others=other))
    return Finding(Status.HELD, {"seen": 1})


def lag_of_invoices(seen: Observations) -> Finding:
    """Whether the list, read again, still shows a document as unsent whose detail was official before."""
    official = {
        attempt.listed.document_id
        for attempt in seen.all_of("detail of an unsent document")
        if isinstance(attempt.listed, Invoice) and isinstance(attempt.reply, InvoiceDetail)
        if attempt.reply.is_official
    }
    again = seen.first("invoices again")
    rows: Iterable[Invoice] = () if again is None or again.reply is None else again.reply.invoices
    # A document can have several rows, and any of them can be the one that shows the send.
    shown = {row.document_id for row in rows if row.no is not None}
    behind = {row.document_id for row in rows} & official - shown
    return failed(against=len(behind)) if behind else NOTHING


def movements_listed(seen: Observations) -> Finding:
    """Whether movements can be read; none of them names the collection it belongs to."""
    attempt = seen.first("movements")
    if attempt is None:
        return NOTHING
    if attempt.reply is None:
        return refused(attempt)
    return Finding(Status.NOT_OBSERVED, {"rows": len(attempt.reply.movements)})


ASSUMPTIONS: Final = (
    assumption(
        "token_is_text",
        lambda seen: all_of(isinstance(content.get("data"), str) for content in objects(seen.accepted("access_token"))),
    ),
    assumption("token_has_no_end", token_has_no_end),
    assumption("headers_accepted", lambda seen: all_of(True for _ in seen.accepted("list_companies", "list_invoices"))),
    assumption("envelope", envelope),
    assumption("error_envelope", error_envelope),
    assumption("error_code", error_code),
    assumption("refused_with_200", lambda seen: all_of(one.answer.status != OK for one in refusals(seen))),
    assumption("wrong_channel", wrong_channel),
    assumption("company_members", lambda seen: _members(seen.rows("list_companies"), _COMPANY)),
    assumption(
        "resendable_spelling",
        lambda seen: all_of(isinstance(row.get("is_invoice_resendble"), bool) for row in seen.rows("list_companies")),
    ),
    assumption("row_members", lambda seen: _members(seen.rows("list_invoices"), _ROW)),
    assumption("sets_are_texts", sets_are_texts),
    assumption(
        "amounts_are_numbers",
        lambda seen: all_of(type(value) is int or isinstance(value, Decimal) for _, value in _values(seen, _AMOUNTS)),
    ),
    assumption(
        "currencies",
        lambda seen: all_of(
            isinstance(value, str) and re.fullmatch(r"[A-Za-z]{3}", value) is not None
            for _, value in _values(seen, _CURRENCIES)
        ),
    ),
    assumption("official_has_ettn", official_has_ettn),
    assumption("paging", paging),
    assumption("next_page", lambda seen: answered(seen.first("next page"))),
    assumption("filter_document", list_filter),
    assumption("filter_date", filter_date),
    assumption("missing_document", lambda seen: missing(seen.first("missing document"))),
    *SHARED,
    assumption("token_lives_a_day", not_observable),
    assumption("effects_of_kolaybi", not_observable),
    guess("duplicates", not_observable),
    guess("first_send", not_observable),
    guess("list_filter", list_filter),
    guess("list_lag", lag_of_invoices),
    guess("list_rows", list_rows),
    guess("detail", detail),
    guess("movements_listed", movements_listed),
    guess("associate_duplicates", not_observable),
    guess("order_shown", not_observable),
    guess("undone", not_observable),
    guess("view_container", not_observable),
)
"""The assumptions about KolayBi, in the order of the report."""
