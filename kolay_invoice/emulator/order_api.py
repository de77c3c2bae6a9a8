"""KolayBi's HTTP interface around an invoice: lists of documents, associates and products, and the view of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import attrs

from kolay_invoice.emulator.document_files import Sign, file_reply
from kolay_invoice.emulator.kolaybi import KolayBiAccount
from kolay_invoice.emulator.kolaybi_documents import Document
from kolay_invoice.emulator.messages import Call, JsonValue, Reply
from kolay_invoice.emulator.order_book import Address, Associate, Product
from kolay_invoice.emulator.parsing import optional_flag, optional_integer, required_uuid

_TEXT_FILTERS: Final = {
    "list_associates": ("code", "name", "surname", "identity_no", "email"),
    "list_products": ("code", "name", "barcode"),
}


@attrs.frozen
class OrderApi:
    """The calls around an invoice, over an account.

    Attributes:
        page_size: Rows a page of a list, or None for one unpaged reply.
        sign: Signs the XML of a document.
    """

    account: KolayBiAccount
    page_size: int | None
    sign: Sign

    @property
    def operations(self) -> Mapping[str, Callable[[Call], Reply]]:
        """What answers each call."""
        return {
            "list_documents": self._list_documents,
            "list_associates": self._list_associates,
            "list_products": self._list_products,
            "get_e_document": self._get_e_document,
        }

    def _list_documents(self, call: Call) -> Reply:
        query = call.request.query
        associate_id = optional_integer(query, "associate_id")
        wanted = query.get("type") or "sale_invoice"
        # The emulator's documents all have lines.
        has_lines = optional_flag(query, "has_products") is not False
        documents = self.account.list_documents(associate_id)
        rows = [_document(document) for document in documents if has_lines and wanted == "sale_invoice"]
        return self._page(call, rows)

    def _list_associates(self, call: Call) -> Reply:
        rows = [to_associate_row(associate) for associate in self.account.orders.list_associates()]
        return self._page(call, _filtered(call, rows))

    def _list_products(self, call: Call) -> Reply:
        rows = [to_product_row(product) for product in self.account.orders.list_products()]
        wanted = call.request.query.get("type")
        return self._page(call, [row for row in _filtered(call, rows) if not wanted or wanted == row["product_type"]])

    def _get_e_document(self, call: Call) -> Reply:
        query = call.request.query
        uuid = required_uuid(query, "uuid")
        document = self.account.view(uuid)
        is_xml = query.get("output_type") == "xml"
        return file_reply(document, self.account.guesses.view_container, self.sign if is_xml else None)

    def _page(self, call: Call, rows: Sequence[JsonValue]) -> Reply:
        page = optional_integer(call.request.query, "page") or 1
        return Reply.json({"success": True, **page_of(rows, page, self.page_size)})


def page_of(rows: Sequence[JsonValue], page: int, size: int | None) -> dict[str, JsonValue]:
    """Return the rows of one page of a list, or all of them where lists have no pages."""
    if size is None:
        return {"data": rows}
    first = (page - 1) * size
    pagination: JsonValue = {"current_page": page, "per_page": size, "total": len(rows)}
    return {"data": rows[first : first + size], "pagination": pagination}


def _filtered(call: Call, rows: Sequence[dict[str, JsonValue]]) -> list[dict[str, JsonValue]]:
    query = call.request.query
    asked = {name: query[name] for name in _TEXT_FILTERS[call.route.operation] if query.get(name)}
    return [row for row in rows if all(row[name] == text for name, text in asked.items())]


def _document(document: Document) -> JsonValue:
    return {
        "id": document.document_id,
        "serial_no": document.no,
        "order_date": document.issue_date.isoformat(),
        "due_date": document.issue_date.isoformat(),
        "total_amount": document.grand_total,
        "currency": document.grand_currency,
        "status": document.status,
        "type": "sale_invoice",
        "contact": {"id": document.associate_id, "name": document.party_name, "surname": ""},
    }


def to_associate_row(associate: Associate) -> dict[str, JsonValue]:
    """Return an associate as the provider writes it. The key of its addresses is singular."""
    row: dict[str, JsonValue] = attrs.asdict(associate, recurse=False)
    row["id"] = row.pop("associate_id")
    del row["addresses"], row["is_corporate"]
    row["address"] = [to_address_row(address) for address in associate.addresses]
    return row


def to_address_row(address: Address) -> JsonValue:
    """Return an address as the provider writes it."""
    row = attrs.asdict(address)
    return {"id": row.pop("address_id"), **row}


def to_product_row(product: Product) -> dict[str, JsonValue]:
    """Return a product as the provider writes it."""
    return {
        "id": product.product_id,
        "product_type": product.product_type,
        "name": product.name,
        "code": product.code,
        "vat_type": "percentage",
        "vat_value": product.vat_rate,
        "barcode": product.barcode,
        "sale_price": product.price,
        "sale_unit": "adet",
        "sale_currency": product.currency,
        "total_stock_quantity": product.quantity,
    }
