"""Reads the sale that a call saves at Propars: its JSON object, and the fields that the page requires of it.

The known copy of the page ends within the fields of an item. That `quantity` and `unit_price` (or `price`) make the
total is a guess; an item without them costs 120.00 TRY.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from kolay_invoice.emulator.messages import ProviderRefusal
from kolay_invoice.emulator.values import TURKEY

_REQUIRED = "Bu alan zorunlu."
_LENGTHS = {"tax_number": 10, "tc_identity_number": 11}
_CHOICES = {"box": ("SENTBOX", "INBOX"), "source": ("store", "website")}
_CUSTOMER_TYPES = ("organizational", "individual")
_TRY = 1
_UNPRICED = Decimal("120.00")
_LARGEST = Decimal(10) ** 12
_YEARS = range(2000, 2100)
_UNIDENTIFIED = "11111111111"


def read_sale(given: Mapping[str, object] | None) -> tuple[str, dict[str, Any]]:
    """Return the code of a sale and the fields of the emulator's sale.

    Raises:
        ProviderRefusal: A field is missing or has not the form of the page.
    """
    if given is None:
        raise ProviderRefusal(400, "JSON ayrıştırma hatası.")
    code, items, customer = given.get("sale_code"), given.get("items"), given.get("customer_detail")
    if not isinstance(code, str) or not code or not code.isprintable():
        raise ProviderRefusal(400, _REQUIRED, field="sale_code")
    if not isinstance(customer, dict):
        raise ProviderRefusal(400, _REQUIRED, field="customer_detail")
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise ProviderRefusal(400, _REQUIRED, field="items")
    for name, known in _CHOICES.items():
        _check_choice(name, given.get(name), known)
    if given.get("currency", _TRY) != _TRY:
        raise ProviderRefusal(400, "Geçersiz para birimi.", field="currency")
    name = items[0].get("product_name")
    if not isinstance(name, str) or not name or not name.isprintable():
        raise ProviderRefusal(400, _REQUIRED, field="product_name")
    return code, {
        **_read_customer(customer),
        "item": name,
        "total": sum((_total(item) for item in items), Decimal(0)),
        "source": given.get("source", "store"),
        "ordered_at": _moment(given.get("order_date")),
    }


def _read_customer(customer: Mapping[str, object]) -> dict[str, str]:
    _check_choice("customer_type", customer.get("customer_type"), _CUSTOMER_TYPES)
    for name, digits in _LENGTHS.items():
        number = customer.get(name)
        if number is not None and not (isinstance(number, str) and re.fullmatch(rf"[0-9]{{{digits}}}", number)):
            raise ProviderRefusal(400, f"Bu alan {digits} haneli olmalıdır.", field=name)
    buyer = customer.get("company_title") or customer.get("name")
    if not isinstance(buyer, str) or not buyer.isprintable():
        raise ProviderRefusal(400, _REQUIRED, field="name")
    identity = customer.get("tax_number") or customer.get("tc_identity_number") or _UNIDENTIFIED
    return {"buyer": buyer, "buyer_identity": str(identity)}


def _check_choice(name: str, value: object, known: tuple[str, ...]) -> None:
    if value is not None and value not in known:
        raise ProviderRefusal(400, "Geçerli bir seçenek değil.", field=name)


def _moment(text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or moment.year not in _YEARS:
        sentence = "Tarih ISO 8601 biçiminde ve saat farkıyla gönderilmelidir."
        raise ProviderRefusal(400, _REQUIRED if text is None else sentence, field="order_date")
    return moment.astimezone(TURKEY)


def _total(item: Mapping[str, object]) -> Decimal:
    price = item.get("unit_price", item.get("price"))
    if price is None:
        return _UNPRICED
    return _amount("unit_price", price) * _amount("quantity", item.get("quantity", "1"))


def _amount(name: str, value: object) -> Decimal:
    try:
        amount = Decimal(value) if isinstance(value, str | int) else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or not 0 <= amount < _LARGEST:
        raise ProviderRefusal(400, "Geçerli bir sayı gerekli.", field=name)
    return amount
