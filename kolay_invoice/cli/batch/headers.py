"""The header of a CSV file: which column holds which field, by its English or its Turkish name."""

from __future__ import annotations

import difflib
import re
from typing import Final

from kolay_invoice.cli.i18n import _
from kolay_invoice.journal.request_format import FIELDS, quoted

COLUMNS: Final = ("operation", *FIELDS, "occasion")

_TURKISH: Final = {
    "işlem": "operation",
    "neden": "occasion",
    "belge id": "document_id",
    "kasa id": "vault_id",
    "tutar": "amount",
    "satış kodu": "sale_code",
    "satış id": "sale_id",
    "fatura id": "invoice_id",
    "fatura tarihi": "invoice_date",
    "fatura numarası": "invoice_number",
    "ettn": "invoice_uuid",
    "vkn tckn": "identity_no",
    "ad": "name",
    "soyad": "surname",
    "vergi dairesi": "tax_office",
    "telefon": "phone",
    "e-posta": "email",
    "il": "city",
    "ilçe": "district",
    "ülke": "country",
    "adres": "address",
    "posta kodu": "postal_code",
    "kod": "code",
    "barkod": "barcode",
    "açıklama": "description",
    "kdv oranı": "vat_rate",
    "fiyat": "price",
    "miktar": "quantity",
    "para birimi": "currency",
}
_ASCII: Final = str.maketrans("çğıöşüâîû", "cgiosuaiu")
_SIMILAR: Final = 0.8
_OF_MONEY: Final = frozenset({"amount", "tutar", "tutari", "total", "toplam", "bedel", "odenen", "price", "fiyat"})
"""Words of columns whose loss could change what is collected: `proceed` without an amount collects all that remains."""


def _fold(name: str) -> str:
    small = name.strip().replace("İ", "i").replace("I", "ı").lower().translate(_ASCII)
    return re.sub(r"[^a-z0-9]+", "_", small).strip("_")


_BY_NAME: Final = {**{_fold(name): name for name in COLUMNS}, **{_fold(name): of for name, of in _TURKISH.items()}}


def find_column(header: str) -> str | None:
    """Return the column that a cell of the header names; None for a column of the file's owner, which is not read."""
    return _BY_NAME.get(_fold(header))


def find_mistake(header: list[str]) -> str | None:
    """Return what is wrong with a header. Columns of another purpose are right, unless they can be meant for ours."""
    columns = [column for column in map(find_column, header) if column is not None]
    if not columns:
        return _("is no header: it must name the columns, operation and any of {fields}", fields=", ".join(FIELDS))
    if "operation" not in columns:
        return _("has no column operation, which says what is to be done (create-e-document, resend …)")
    if len(set(columns)) != len(columns):
        return _("names a column twice")
    for name in header:
        if find_column(name) is None and (meant := _find_meant(name)) is not None:
            return _(
                "names the unknown column {column}, which can be meant for {known}: correct its name, or remove it",
                column=quoted(name.strip()),
                known=meant,
            )
    return None


def _find_meant(name: str) -> str | None:
    folded = _fold(name)
    if not _OF_MONEY.isdisjoint(folded.split("_")):
        return "amount"
    similar = difflib.get_close_matches(folded, _BY_NAME, 1, _SIMILAR)
    return _BY_NAME[similar[0]] if similar else None
