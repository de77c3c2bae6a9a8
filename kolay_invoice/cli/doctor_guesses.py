"""The guesses about the providers, as pure checks: seen to hold, seen to fail, or only assumed.

Each has the name of its switch in the emulator, where the other answers can be tried. What each assumes is worded in
`words.doctor`. That something was not seen proves nothing, so most of them can be seen to fail and never to hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from kolay_invoice.cli.doctor_findings import NOT_SEEN, Check, Finding, Verdict, is_answer, names, unseen
from kolay_invoice.cli.doctor_propars import signed_is_raw
from kolay_invoice.cli.doctor_seen import Exchange, Seen, Tried, rows_of
from kolay_invoice.errors import InvalidRequestError, NotFoundError, RefusedError
from kolay_invoice.kolaybi.models import Invoice, InvoiceDetail, ListInvoices
from kolay_invoice.propars.models import Sale

_FORBIDDEN: Final = 403
_IDS: Final = ("document_id", "commercial_doc_id", "id")
_NUMBERS: Final = ("no", "document_no", "serial_no")


def _failed(**facts: int | str) -> Finding:
    return Finding(Verdict.NOT_HELD, facts)


def _id_of(row: Mapping[str, Any]) -> str | None:
    return next((str(row[name]) for name in _IDS if row.get(name) is not None), None)


def _ids(exchanges: Iterable[Exchange]) -> list[str]:
    """The documents of the rows in some replies, as they came: the client itself may have turned them away."""
    ids = (_id_of(row) for one in exchanges if not one.is_failure for row in rows_of(one.content))
    return [document_id for document_id in ids if document_id is not None]


def list_filter(seen: Seen) -> Finding:
    """Whether the filter by document leaves its row, and no other."""
    tried, missing = seen.of("filter by document"), seen.of("missing document")
    if missing is not None and _ids(missing.exchanges):
        return _failed(rows=len(_ids(missing.exchanges)))
    if tried is None:
        return NOT_SEEN
    if isinstance(tried.error, InvalidRequestError | NotFoundError):
        return _failed(status=tried.error.status or 0)
    if not _is_list(tried):
        return NOT_SEEN
    ids, wanted = _ids(tried.exchanges), str(tried.request.document_id)
    others = sum(one != wanted for one in ids)
    if others or wanted not in ids:
        return _failed(rows=len(ids), others=others)
    # Where there was nothing to leave out, no filter was seen at work.
    has_left_out = bool(set(_ids(_unfiltered(seen, tried.request))) - {wanted})
    was_empty = missing is not None and _is_list(missing)
    return Finding(Verdict.HELD, {"rows": len(ids), "others": 0}) if has_left_out or was_empty else NOT_SEEN


def _unfiltered(seen: Seen, request: ListInvoices) -> list[Exchange]:
    """The replies that list everything of the company and the direction of a request."""
    place = (request.company_id, request.direction)
    return [
        one
        for tried in seen.all_of("invoices")
        if (tried.request.company_id, tried.request.direction) == place
        for one in tried.exchanges
    ]


def _is_list(tried: Tried) -> bool:
    """Whether a read was answered with a list, be it an empty one."""
    return any(isinstance(one.content, dict) and not one.is_failure for one in tried.exchanges)


def list_rows(seen: Seen) -> Finding:
    """Whether the list has one row for each document."""
    lists = [list(rows_of(one.content)) for one in seen.accepted("list_invoices")]
    counted = [Counter(_id_of(row) for row in rows) for rows in lists]
    twice = {number for counts in counted for number, times in counts.items() if times > 1 and number is not None}
    official = {_id_of(row) for rows in lists for row in rows if any(row.get(name) for name in _NUMBERS)}
    if twice:
        return _failed(seen=len(official), against=len(twice))
    return Finding(Verdict.HELD, {"seen": len(official)}) if official else NOT_SEEN


def detail(seen: Seen) -> Finding:
    """Whether the detail of a listed official document shows its uuid, its number and a status."""
    tried = seen.of("detail of a document")
    if tried is None or tried.listed is None:
        return NOT_SEEN
    shown, row = tried.reply, tried.listed
    if not isinstance(shown, InvoiceDetail) or not isinstance(row, Invoice):
        return _refused(tried)
    lacking = [name for name in ("uuid", "no", "status") if getattr(shown, name) is None]
    other = [name for name in ("uuid", "no") if name not in lacking and getattr(shown, name) != getattr(row, name)]
    if lacking or other:
        told = {"missing": lacking, "others": other}
        return _failed(**{name: names(members) for name, members in told.items() if members})
    return Finding(Verdict.HELD, {"seen": 1})


def _refused(tried: Tried) -> Finding:
    """Judge a read that brought nothing: a no is an answer, and a network that fails is none."""
    refused = isinstance(tried.error, RefusedError) and tried.error.status == _FORBIDDEN
    if refused or is_answer(tried) is False:
        status = None if tried.error is None else tried.error.status
        return _failed(**({} if status is None else {"status": status}))
    return NOT_SEEN


def lag_of_invoices(seen: Seen) -> Finding:
    """Whether a document whose detail is official still stood in the list, asked again after that, as unsent."""
    official = {
        tried.listed.document_id
        for tried in seen.all_of("detail of an unsent document")
        if isinstance(tried.listed, Invoice) and isinstance(tried.reply, InvoiceDetail) and tried.reply.is_official
    }
    again = seen.of("invoices again")
    rows: Iterable[Invoice] = () if again is None or again.reply is None else again.reply.invoices
    # A document can have several rows, and any of them can be the one that shows the send.
    shown = {row.document_id for row in rows if row.no is not None}
    behind = {row.document_id for row in rows} & official - shown
    return _failed(against=len(behind)) if behind else NOT_SEEN


def lag_of_sales(seen: Seen) -> Finding:
    """Whether a sale that is sent still stood in the list, asked again after that, as not sent."""
    sent = {
        tried.listed.sale_id
        for tried in seen.all_of("unsent sale")
        if isinstance(tried.listed, Sale) and isinstance(tried.reply, Sale) and tried.reply.invoice_sent
    }
    again = seen.of("unsent sales again")
    rows: Iterable[Sale] = () if again is None or again.reply is None else again.reply.sales
    behind = {row.sale_id for row in rows if row.invoice_sent is not True} & sent - {None}
    return _failed(against=len(behind)) if behind else NOT_SEEN


def movements_listed(seen: Seen) -> Finding:
    """Whether movements can be read at all; nothing in them says to which collection one belongs."""
    tried = seen.of("movements")
    if tried is None:
        return NOT_SEEN
    if tried.reply is None:
        return _refused(tried)
    return Finding(Verdict.NOT_SEEN, {"rows": len(tried.reply.movements)})


def xml_lag(seen: Seen) -> Finding:
    """Whether a sale that the list calls sent has no signed XML."""
    tried = seen.of("signed document")
    is_sent = tried is not None and isinstance(tried.listed, Sale) and tried.listed.invoice_sent
    return _failed(status=404) if tried and is_sent and isinstance(tried.error, NotFoundError) else NOT_SEEN


GUESSES: Final[Mapping[str, Mapping[str, Check]]] = {
    "kolaybi": {
        "duplicates": unseen,
        "first_send": unseen,
        "list_filter": list_filter,
        "list_lag": lag_of_invoices,
        "list_rows": list_rows,
        "detail": detail,
        "movements_listed": movements_listed,
    },
    "propars": {
        "duplicates": unseen,
        "first_send": unseen,
        "list_lag": lag_of_sales,
        "xml_container": signed_is_raw,
        "xml_lag": xml_lag,
        "xml_after_cancel": unseen,
        "char_code": unseen,
        "preview": unseen,
    },
}
"""The guesses about each provider, in the order of the report; their wording is in `words.doctor`."""
