"""What is read around a send or a collection: one invoice, the vaults and their movements.

No page publishes the fields of these replies, so they are read leniently. What a caller relies on is not: a reply that
is about another document, or is incomplete, is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kolay_invoice import codec
from kolay_invoice.kolaybi import pagination
from kolay_invoice.kolaybi.models import (
    GetInvoice,
    InvoiceDetail,
    ListVaults,
    ListVaultTransactions,
    Vault,
    VaultMovement,
    VaultTotal,
    VaultTransactions,
)
from kolay_invoice.messages import Message
from kolay_invoice.unknown_fields import freeze

_IDS: Final = ("document_id", "commercial_doc_id", "id")
_MOVEMENTS: Final = "transactionables"
_TOTALS: Final = "calculations"


def decode_invoice_detail(request: GetInvoice, envelope: Mapping[str, Any]) -> InvoiceDetail:
    """Return one invoice; one that names another document than the one asked for is refused."""
    data = envelope["data"]
    # The neighbouring detail of a vault is answered as a list with one row.
    row: Any = data[0] if isinstance(data, list) and len(data) == 1 else data
    detail = codec.structure_leniently(row, InvoiceDetail)
    named = next((row[name] for name in _IDS if row.get(name) is not None), request.document_id)
    if str(named) != str(request.document_id):
        msg = Message("it is for another {name}", name="document_id")
        raise ValueError(msg)
    return detail


def decode_vaults(request: ListVaults, envelope: Mapping[str, Any]) -> tuple[Vault, ...]:
    """Return the vaults; those of another currency or type than asked for are refused."""
    found = codec.structure_rows_leniently(pagination.unpaged_rows(envelope, "vaults"), Vault)
    for name in ("currency", "type"):
        asked = getattr(request, name)
        shown = {value.casefold() for vault in found if (value := getattr(vault, name)) is not None}
        if asked is not None and not shown <= {asked.casefold()}:
            msg = Message("it holds vaults of another {name} than the one asked for", name=name)
            raise ValueError(msg)
    return found


def decode_vault_transactions(_request: ListVaultTransactions, envelope: Mapping[str, Any]) -> VaultTransactions:
    """Return the movements and their totals. A reply without a list of movements is refused."""
    data = envelope["data"]
    if not isinstance(data, dict) or not isinstance(data.get(_MOVEMENTS), list):
        msg = Message("expected a list of movements @ {path}", path=f"$.data.{_MOVEMENTS}")
        raise ValueError(msg)  # noqa: TRY004 - every unreadable reply is a ValueError to the one road.
    rows = pagination.unpaged_rows({**envelope, "data": {**data, "data": data[_MOVEMENTS]}}, "movements")
    extra = {name: value for name, value in data.items() if name != _MOVEMENTS}
    totals: tuple[VaultTotal, ...] = ()
    if isinstance(data.get(_TOTALS), list) and all(isinstance(total, dict) for total in data[_TOTALS]):
        totals = codec.structure_rows_leniently(extra.pop(_TOTALS), VaultTotal)
    return VaultTransactions(codec.structure_rows_leniently(rows, VaultMovement), totals, freeze(extra))
