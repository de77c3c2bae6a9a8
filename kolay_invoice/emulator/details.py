"""The detail of an invoice in each form in which KolayBi could send it: the reply is unpublished."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import attrs

from kolay_invoice.emulator.messages import JsonValue, ProviderRefusal, Reply

if TYPE_CHECKING:
    from kolay_invoice.emulator.guesses import Detail, OrderShown
    from kolay_invoice.emulator.kolaybi_documents import Document

_PAGE = """<!DOCTYPE html>
<html lang="tr"><head><meta charset="utf-8"><title>Bakım</title></head>
<body><h1>Sayfa şu anda gösterilemiyor</h1></body></html>
"""


def refuse_unreadable(position: Detail) -> None:
    """Refuse the call where the guess says that the detail cannot be read.

    Raises:
        ProviderRefusal: The detail is missing or forbidden.
    """
    if position == "missing":
        raise ProviderRefusal(404, "Fatura bulunamadı.")
    if position == "forbidden":
        raise ProviderRefusal(403, "Bu işlem için yetkiniz yok.")


def detail_reply(document: Document, position: Detail, order_shown: OrderShown = "detail") -> Reply:
    """Return the reply with the detail of a document.

    Args:
        document: The document as it is.
        position: The position of the guess `detail`.
        order_shown: The position of the guess `order_shown`.
    """
    match position:
        case "html":
            return Reply.html(_PAGE)
        case "draft_with_uuid":
            document = attrs.evolve(document, status="draft", uuid=document.uuid or uuid4(), no=None)
        case "other_document":
            document = attrs.evolve(document, document_id=document.document_id + 1)
        case _:
            pass
    data = _detail(document)
    if order_shown == "detail" and document.order_reference is not None:
        data["order_reference"] = {"serial_no": document.order_reference}
    left_out = position.removeprefix("without_")
    for name in {"number": ("no",), "uuid": ("uuid", "e_document"), "status": ("status",)}.get(left_out, ()):
        del data[name]
    return Reply.json({"success": True, "data": data})


def _detail(document: Document) -> dict[str, JsonValue]:
    # The reply is unpublished: these are the names that working clients read.
    paid = "paid" if not document.remaining_amount else "partial" if _is_collected_in_part(document) else "unpaid"
    return {
        "document_id": document.document_id,
        "uuid": document.uuid,
        "no": document.no,
        "status": document.status,
        "e_document": {"uuid": document.uuid, "scenario": document.scenario, "document_type": document.type},
        "header": {"issue_date": document.issue_date.isoformat()},
        "total": {"grand_total": document.grand_total, "currency": document.grand_currency},
        "payment_plan": {"payment_status_value": paid, "remaining_amount": document.remaining_amount},
        "cancelled_at": None,
    }


def _is_collected_in_part(document: Document) -> bool:
    return document.remaining_amount < document.exchange_grand_total
