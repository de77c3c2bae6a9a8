"""Rows of the lists around an invoice: documents, associates, products. Read leniently, checked against the filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from attrs import evolve

from kolay_invoice import codec
from kolay_invoice.kolaybi.models import (
    Address,
    Associate,
    Document,
    ListAssociates,
    ListDocuments,
    ListPage,
    ListProducts,
    Product,
)
from kolay_invoice.kolaybi.pagination import next_page, rows_of
from kolay_invoice.messages import Message
from kolay_invoice.unknown_fields import freeze

RowT = TypeVar("RowT")

_ADDRESSES: Final = ("addresses", "address")
"""The names under which the addresses of an associate come."""


def decode_document_page(request: ListDocuments, envelope: Mapping[str, Any]) -> ListPage[Document]:
    """Return one page of documents; those of another associate or type than asked for are refused."""
    page = _page(request.page, envelope, codec.structure_rows_leniently(rows_of(envelope["data"]), Document))
    _check_equal("associate_id", request.associate_id, [row.associate_id for row in page.rows])
    _check_equal("type", request.type, [row.type for row in page.rows])
    return page


def decode_associate_page(request: ListAssociates, envelope: Mapping[str, Any]) -> ListPage[Associate]:
    """Return one page of associates; those whose number or code does not hold what was asked for are refused."""
    found = codec.structure_rows_leniently(rows_of(envelope["data"]), Associate)
    page = _page(request.page, envelope, tuple(_with_addresses(row) for row in found))
    _check_contained("identity_no", request.identity_no, [row.identity_no for row in page.rows])
    _check_contained("code", request.code, [row.code for row in page.rows])
    return page


def decode_product_page(request: ListProducts, envelope: Mapping[str, Any]) -> ListPage[Product]:
    """Return one page of products; those whose code or barcode does not hold what was asked for are refused."""
    page = _page(request.page, envelope, codec.structure_rows_leniently(rows_of(envelope["data"]), Product))
    _check_contained("code", request.code, [row.code for row in page.rows])
    _check_contained("barcode", request.barcode, [row.barcode for row in page.rows])
    return page


def to_associate(data: object) -> Associate:
    """Return an associate with its addresses."""
    return _with_addresses(codec.structure_leniently(data, Associate))


def _with_addresses(associate: Associate) -> Associate:
    extra = dict(associate.extra)
    for name in _ADDRESSES:
        rows = extra.get(name)
        if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
            del extra[name]
            return evolve(associate, addresses=codec.structure_rows_leniently(rows, Address), extra=freeze(extra))
    return associate


def _page(asked: int | None, envelope: Mapping[str, Any], rows: tuple[RowT, ...]) -> ListPage[RowT]:
    return ListPage(rows, next_page(envelope, len(rows), asked or 1))


def _check_equal(name: str, asked: object, shown: Sequence[object]) -> None:
    if asked is not None and {*shown} - {None, asked}:
        msg = Message("it holds rows of another {name} than the one asked for", name=name)
        raise ValueError(msg)


def _check_contained(name: str, asked: str | None, shown: Sequence[str | None]) -> None:
    # Whether a filter compares the whole text is unpublished. A row without the text was not filtered at all.
    if asked is not None and any(asked.casefold() not in text.casefold() for text in shown if text is not None):
        msg = Message("it holds rows of another {name} than the one asked for", name=name)
        raise ValueError(msg)
