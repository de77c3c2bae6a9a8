"""KolayBi's HTTP interface for what is created: parses a form, applies the rules, answers as clients have seen it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

import attrs

from kolay_invoice.emulator.kolaybi import KolayBiAccount
from kolay_invoice.emulator.kolaybi_documents import Document
from kolay_invoice.emulator.messages import Call, JsonValue, ProviderRefusal, Reply
from kolay_invoice.emulator.order_api import to_address_row, to_associate_row, to_product_row
from kolay_invoice.emulator.order_book import Address, Associate, Product
from kolay_invoice.emulator.parsing import integer, nested, optional_amount, optional_date, optional_flag, required

_VAT_RATES: Final = frozenset({"0", "1", "8", "10", "18", "20"})
_IDENTITY_LENGTHS: Final = (10, 11)
_CENT: Final = Decimal("0.01")


@attrs.frozen
class CreationApi:
    """The calls that create, over an account."""

    account: KolayBiAccount

    @property
    def operations(self) -> Mapping[str, Callable[[Call], Reply]]:
        """What answers each call."""
        return {
            "create_associate": self._create_associate,
            "create_address": self._create_address,
            "create_product": self._create_product,
            "create_invoice": self._create_invoice,
        }

    def _create_associate(self, call: Call) -> Reply:
        form = call.request.form
        identity_no = required(form, "identity_no")
        if not identity_no.isdigit() or len(identity_no) not in _IDENTITY_LENGTHS:
            raise ProviderRefusal(400, "identity_no alanı 10 veya 11 hane olmalıdır.", field="identity_no")
        associate = Associate(
            name=required(form, "name"),
            surname=required(form, "surname"),
            identity_no=identity_no,
            is_corporate=optional_flag(form, "is_corporate") or False,
            associate_type=form.get("associate_type") or "customer",
            addresses=tuple(_address(fields) for fields in nested(form, "addresses")),
            tax_office=form.get("tax_office") or None,
            code=form.get("code") or None,
            phone=form.get("phone") or None,
            email=form.get("email") or None,
        )
        duplicates = self.account.guesses.associate_duplicates
        return _created(to_associate_row(self.account.orders.create_associate(associate, duplicates)))

    def _create_address(self, call: Call) -> Reply:
        form = call.request.form
        for name in ("city", "district", "country"):
            required(form, name)
        return _created(
            to_address_row(self.account.orders.create_address(integer(form, "associate_id"), _address(form)))
        )

    def _create_product(self, call: Call) -> Reply:
        form = call.request.form
        product = Product(
            name=required(form, "name"),
            code=form.get("code") or None,
            barcode=form.get("barcode") or None,
            product_type=form.get("product_type") or "good",
            vat_rate=_vat_rate(form) if form.get("vat_rate") else 20,
            price=optional_amount(form, "price") or Decimal(0),
            currency=form.get("price_currency") or "try",
            quantity=optional_amount(form, "quantity") or Decimal(0),
        )
        return _created(to_product_row(self.account.orders.create_product(product)))

    def _create_invoice(self, call: Call) -> Reply:
        form = call.request.form
        orders = self.account.orders
        associate = orders.associate(integer(form, "contact_id"))
        address_id = integer(form, "address_id")
        if address_id not in {address.address_id for address in associate.addresses}:
            raise ProviderRefusal(404, "Adres bulunamadı.")
        items = nested(form, "items")
        if not items:
            raise ProviderRefusal(400, "items alanı zorunludur.", field="items")
        orders.check_items(integer(item, "product_id") for item in items)
        issued = optional_date(form, "order_date")
        if issued is None:
            raise ProviderRefusal(400, "order_date alanı zorunludur.", field="order_date")
        total = sum((_total(item) for item in items), Decimal(0)).quantize(_CENT)
        currency = required(form, "currency").lower()
        document = self.account.create_invoice(
            Document(
                document_id=0,
                associate_id=associate.associate_id,
                order_reference=form.get("order_reference[serial_no]") or None,
                receiver_email=form.get("receiver_email") or associate.email,
                party_name=f"{associate.name} {associate.surname}",
                issue_date=issued,
                scenario=form.get("document_scenario") or "EARSIVFATURA",
                type=form.get("document_type") or "SATIS",
                grand_total=total,
                grand_currency=currency,
            )
        )
        return _created(
            {
                "document_id": document.document_id,
                "exchange_grand_total": document.exchange_grand_total,
                "exchange_grand_currency": document.exchange_grand_currency,
                "grand_total": document.grand_total,
                "grand_currency": document.grand_currency,
            }
        )


def _created(row: JsonValue) -> Reply:
    return Reply.json({"success": True, "data": row})


def _address(fields: Mapping[str, str]) -> Address:
    return Address(
        address=fields.get("address") or None,
        city=fields.get("city") or "İstanbul",
        district=fields.get("district") or "Kadıköy",
        country=fields.get("country") or "Türkiye",
        address_type=fields.get("address_type") or "invoice",
        is_abroad=optional_flag(fields, "is_abroad") or False,
    )


def _vat_rate(fields: Mapping[str, str]) -> int:
    if fields.get("vat_rate") not in _VAT_RATES:
        raise ProviderRefusal(400, "vat_rate alanı geçerli bir KDV oranı olmalıdır.", field="vat_rate")
    return integer(fields, "vat_rate")


def _total(item: Mapping[str, str]) -> Decimal:
    amounts = [optional_amount(item, name) for name in ("quantity", "unit_price")]
    quantity, price = amounts
    if quantity is None or price is None:
        raise ProviderRefusal(400, "quantity ve unit_price alanları zorunludur.", field="items")
    net = quantity * price - (optional_amount(item, "discount_amount") or 0)
    return net * (100 + _vat_rate(item)) / 100
