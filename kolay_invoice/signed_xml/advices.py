"""Reads despatch advices, receipt advices and application responses from a tree. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kolay_invoice.signed_xml.elements import (
    combine,
    find,
    read_required,
    read_side,
    read_texts,
    to_date,
    to_decimal,
    to_text,
    to_time,
)
from kolay_invoice.signed_xml.namespaces import path, tag
from kolay_invoice.signed_xml.notices import ApplicationResponse, DespatchAdvice, DespatchLine, ReceiptAdvice, Response
from kolay_invoice.signed_xml.parsing import Element
from kolay_invoice.signed_xml.parts import read_party, read_references, read_required_party, read_side_party


def read_despatch_advice(root: Element, **head: Any) -> DespatchAdvice:
    """Return the facts of a despatch advice; `head` are those of every document."""
    return DespatchAdvice(
        **head,
        **_read_advice(root, "DespatchAdvice", "cac:DespatchLine", "cbc:DeliveredQuantity"),
        despatched_at=_read_moment(root),
        carrier=read_side_party(root, "cac:Shipment", "cac:Delivery", "cac:CarrierParty"),
        plates=read_texts(
            root,
            "cac:Shipment",
            "cac:ShipmentStage",
            "cac:TransportMeans",
            "cac:RoadTransport",
            "cbc:LicensePlateID",
        ),
    )


def read_receipt_advice(root: Element, **head: Any) -> ReceiptAdvice:
    """Return the facts of a receipt advice; `head` are those of every document."""
    return ReceiptAdvice(
        **head,
        **_read_advice(root, "ReceiptAdvice", "cac:ReceiptLine", "cbc:ReceivedQuantity"),
        despatch_references=read_references(root, "cac:DespatchDocumentReference"),
    )


def read_response(root: Element, **head: Any) -> ApplicationResponse:
    """Return the facts of an application response; `head` are those of every document."""
    answers = root.findall(tag("cac:DocumentResponse"))
    answers += root.findall(path("cac:DocumentResponse", "cac:LineResponse"))
    return ApplicationResponse(
        **head,
        sender=read_party(find(root, "cac:SenderParty"), "cac:SenderParty"),
        receiver=read_party(find(root, "cac:ReceiverParty"), "cac:ReceiverParty"),
        responses=tuple(map(_read_answer, answers)),
    )


def _read_answer(answer: Element) -> Response:
    about = read_references(answer, "cac:DocumentReference") or read_references(
        answer, "cac:LineReference", "cac:DocumentReference"
    )
    return Response(
        code=read_side(answer, ("cac:Response", "cbc:ResponseCode"), to_text),
        descriptions=read_texts(answer, "cac:Response", "cbc:Description"),
        reference=about[0] if len(about) == 1 else None,
    )


def _read_advice(root: Element, kind: str, line_name: str, quantity: str) -> dict[str, Any]:
    return {
        "type": read_side(root, f"cbc:{kind}TypeCode", to_text),
        "supplier": read_required_party(root, "cac:DespatchSupplierParty"),
        "customer": read_required_party(root, "cac:DeliveryCustomerParty"),
        "buyer": read_side_party(root, "cac:BuyerCustomerParty", "cac:Party"),
        "seller": read_side_party(root, "cac:SellerSupplierParty", "cac:Party"),
        "order_references": read_references(root, "cac:OrderReference"),
        "lines": tuple(_read_line(line, quantity) for line in root.findall(tag(line_name))),
    }


def _read_line(line: Element, quantity: str) -> DespatchLine:
    counted = line.findall(tag(quantity))
    return DespatchLine(
        id=read_required(line, "cbc:ID", str),
        name=read_side(line, ("cac:Item", "cbc:Name"), to_text),
        seller_item_code=read_side(line, ("cac:Item", "cac:SellersItemIdentification", "cbc:ID"), to_text),
        quantity=read_side(line, quantity, to_decimal),
        unit=counted[0].get("unitCode") if len(counted) == 1 else None,
        short_quantity=read_side(line, "cbc:ShortQuantity", to_decimal),
        rejected_quantity=read_side(line, "cbc:RejectedQuantity", to_decimal),
        reject_reason=read_side(line, "cbc:RejectReason", to_text),
        notes=read_texts(line, "cbc:Note"),
    )


def _read_moment(root: Element) -> datetime | None:
    place = ("cac:Shipment", "cac:Delivery", "cac:Despatch")
    day = read_side(root, (*place, "cbc:ActualDespatchDate"), to_date)
    clock = read_side(root, (*place, "cbc:ActualDespatchTime"), to_time)
    return None if day is None or clock is None else combine(day, clock)
