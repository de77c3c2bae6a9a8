"""The doctor's reads of Propars, and the assumptions about their replies."""
# ruff: noqa: D103 - a docstring would repeat the text of the assumption.

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from kolay_invoice import validators
from kolay_invoice.cli.doctor.findings import (
    NOT_FOUND,
    NOTHING,
    OK,
    SHARED,
    Finding,
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
)
from kolay_invoice.cli.doctor.recorder import MISSING_ID, Observations, ReadAttempt, Reader
from kolay_invoice.errors import NotFoundError
from kolay_invoice.propars.models import GetSale, GetSaleInvoice, GetSignedXml, ListSales, Sale
from kolay_invoice.propars.xml_outline import read_outline

_FEW: Final = 3
_SALES: Final = 20
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ALGORITHMS: Final = (b"xmldsig-more#rsa-sha256", b"xmldsig-more#ecdsa-sha256", b"xmldsig-more#ecdsa-sha384")


async def read(reader: Reader, chosen: GetSignedXml | None) -> None:
    """Make the reads; `chosen` names the sale whose signed XML is read."""
    await reader.try_read("missing sale", GetSignedXml(sale_id=MISSING_ID))
    sent = await _newest_sales(reader, "sent sales", is_sent=True)
    await _read_unsent(reader)
    for invoice_id in [sale.invoice_id for sale in sent if sale.invoice_id is not None][:1]:
        await reader.try_read("invoice of a sale", GetSaleInvoice(invoice_id))
    request = chosen or next((GetSignedXml(sale_id=one.sale_id) for one in sent if one.sale_id), None)
    if request is not None:
        listed = next((sale for sale in sent if _is_about(request, sale)), None)
        await reader.try_read("signed document", request, listed=listed)


async def _read_unsent(reader: Reader) -> None:
    """Read some unsent sales; if one is sent after all, read the list again: a row that still hides it is late."""
    is_behind = False
    unsent = await _newest_sales(reader, "unsent sales", is_sent=False)
    for sale_id, sale in [(sale.sale_id, sale) for sale in unsent if sale.sale_id is not None][:_FEW]:
        shown = await reader.try_read("unsent sale", GetSale(sale_id), listed=sale)
        is_behind = is_behind or (shown is not None and bool(shown.invoice_sent))
    if is_behind:
        await _newest_sales(reader, "unsent sales again", is_sent=False)


async def _newest_sales(reader: Reader, purpose: str, *, is_sent: bool) -> Sequence[Sale]:
    page = await reader.try_read(purpose, ListSales(invoice_sent=is_sent, ordering="-id", limit=_SALES))
    return () if page is None else page.sales


def _is_about(request: GetSignedXml, sale: Sale) -> bool:
    if request.sale_id is None:
        return request.sale_code == sale.sale_code
    return request.sale_id == sale.sale_id


# Checks


def expire_date(seen: Observations) -> Finding:
    contents = objects(seen.accepted("api_token_auth"))
    return all_of(_is_moment(content["expire_date"]) for content in contents if "expire_date" in content)


def _is_moment(value: object) -> bool:
    try:
        validators.to_datetime("expire_date", value)
    except (TypeError, ValueError):
        return False
    return True


def _is_framework_error(content: object) -> bool:
    if not isinstance(content, dict):
        return False
    return isinstance(content.get("detail"), str) or all(isinstance(texts, list) for texts in content.values())


def filter_sent(seen: Observations) -> Finding:
    """Whether a sale is in one of the two lists only, and its row agrees with the list."""
    sent, unsent = (_sales(seen.first(purpose)) for purpose in ("sent sales", "unsent sales"))
    in_both = {sale.sale_id for sale in sent} & {sale.sale_id for sale in unsent} - {None}
    return all_of(sale.sale_id not in in_both and sale.invoice_sent is not None for sale in (*sent, *unsent))


def _sales(attempt: ReadAttempt | None) -> Sequence[Sale]:
    return () if attempt is None or attempt.reply is None else attempt.reply.sales


def sale_invoice_official(seen: Observations) -> Finding:
    attempt = seen.first("invoice of a sale")
    if attempt is None or attempt.reply is None:
        return answered(attempt)
    lacking = [name for name in ("uuid", "number") if getattr(attempt.reply, name) is None]
    return all_of([not lacking], **member_facts(missing=lacking))


def signed_is_raw(seen: Observations) -> Finding:
    containers = [_container_of(body) for body in _bodies(seen)]
    facts = {"container": ", ".join(sorted(set(containers)))} if containers else {}
    return all_of((container == "xml" for container in containers), **facts)


def _bodies(seen: Observations) -> list[bytes]:
    return [one.answer.body for one in seen.accepted("get_signed_xml")]


def _container_of(body: bytes) -> str:
    if read_outline(body) is not None:
        return "xml"
    return "zip" if body.startswith(b"PK") else "json" if body[:1] in {b"{", b"[", b'"'} else "other"


def signed_is_whole(seen: Observations) -> Finding:
    attempt = seen.first("signed document")
    # An unsent sale proves nothing about the documents of sent sales.
    return NOTHING if attempt is None or isinstance(attempt.error, NotFoundError) else answered(attempt)


def _raw(seen: Observations) -> list[bytes]:
    return [body for body in _bodies(seen) if read_outline(body) is not None]


def lag_of_sales(seen: Observations) -> Finding:
    """Whether the list, read again, still shows a sale as unsent that was read as sent before."""
    sent = {
        attempt.listed.sale_id
        for attempt in seen.all_of("unsent sale")
        if isinstance(attempt.listed, Sale) and isinstance(attempt.reply, Sale) and attempt.reply.invoice_sent
    }
    rows: Iterable[Sale] = _sales(seen.first("unsent sales again"))
    behind = {row.sale_id for row in rows if row.invoice_sent is not True} & sent - {None}
    return failed(against=len(behind)) if behind else NOTHING


def xml_lag(seen: Observations) -> Finding:
    """Whether a sale that the list shows as sent has no signed XML."""
    attempt = seen.first("signed document")
    if attempt is None or not isinstance(attempt.listed, Sale) or not attempt.listed.invoice_sent:
        return NOTHING
    return failed(status=NOT_FOUND) if isinstance(attempt.error, NotFoundError) else NOTHING


ASSUMPTIONS: Final = (
    assumption(
        "auth_token",
        lambda seen: all_of(
            {"token", "expire_date"} <= content.keys() for content in objects(seen.accepted("api_token_auth"))
        ),
    ),
    assumption("expire_date", expire_date),
    # A 404 for a sale that does not exist has passed the check of the token.
    assumption(
        "token_accepted",
        lambda seen: all_of(True for one in seen.replies("get_signed_xml") if one.answer.status in {OK, NOT_FOUND}),
    ),
    assumption("error_shape", lambda seen: all_of(_is_framework_error(one.content) for one in refusals(seen))),
    assumption("missing_sale", lambda seen: missing(seen.first("missing sale"))),
    assumption("filter_sent", filter_sent),
    assumption("sale_invoice_official", sale_invoice_official),
    assumption("signed_is_raw", signed_is_raw),
    assumption("signed_is_whole", signed_is_whole),
    assumption(
        "signature_place",
        lambda seen: all_of(
            0 <= body.find(b"ExtensionContent") < body.find(b"SignatureValue") < body.find(b"AccountingSupplierParty")
            for body in _raw(seen)
        ),
    ),
    assumption(
        "signature_method", lambda seen: all_of(any(method in body for method in _ALGORITHMS) for body in _raw(seen))
    ),
    assumption(
        "ubl_tr", lambda seen: all_of(re.search(rb">\s*TR1\.2(\.1)?\s*<", body) is not None for body in _raw(seen))
    ),
    assumption(
        "ettn", lambda seen: all_of(_UUID.search(body.decode("utf-8", "replace")) is not None for body in _raw(seen))
    ),
    *SHARED,
    assumption("effects_of_propars", not_observable),
    guess("duplicates", not_observable),
    guess("first_send", not_observable),
    guess("list_lag", lag_of_sales),
    guess("xml_container", signed_is_raw),
    guess("xml_lag", xml_lag),
    guess("xml_after_cancel", not_observable),
    guess("char_code", not_observable),
    guess("preview", not_observable),
)
"""The assumptions about Propars, in the order of the report."""
