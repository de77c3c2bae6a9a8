"""Propars' HTTP interface: parses a call, applies the rules and builds replies like Django REST framework's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import attrs

from kolay_invoice.emulator.containers import pack_xml
from kolay_invoice.emulator.credentials import PROPARS_PASSWORD, PROPARS_USERNAME
from kolay_invoice.emulator.messages import Call, JsonValue, ProviderRefusal, Reply, whole_number
from kolay_invoice.emulator.propars import NOT_FOUND, ProparsAccount
from kolay_invoice.emulator.propars_options import InvoiceOptions
from kolay_invoice.emulator.propars_sales import Invoice, Sale, SaleFilters
from kolay_invoice.emulator.propars_saving import read_sale
from kolay_invoice.emulator.rendering import invoice_html

_NON_FIELD = "non_field_errors"
_REQUIRED = "Bu alan zorunlu."
# The sample date of the provider's page is written this way, its offset without a colon.
_DATE_FORMAT = "%Y-%m-%dT%H:%M:%S%z"
_ROWS_A_PAGE = 50
_ORDERINGS: Mapping[str, Callable[[Sale], Any]] = {
    "id": lambda sale: sale.sale_id,
    "sale_code": lambda sale: sale.sale_code,
    "order_date": lambda sale: sale.ordered_at,
}


# It mentions an invoice and contains a UUID, but is not an invoice.
_ERROR_PAGE = """<!DOCTYPE html>
<html lang="tr"><head><meta charset="utf-8"><title>Hata</title></head>
<body><h1>Fatura oluşturulamadı</h1><p>Beklenmeyen bir hata oluştu. İstek no: {request_id}</p></body></html>
"""


def refusal_reply(refused: ProviderRefusal) -> Reply:
    """Build the framework's error: `detail`, or texts by field."""
    body: JsonValue = {refused.field: [refused.sentence]} if refused.field else {"detail": refused.sentence}
    return Reply.json(body, status=refused.status, headers=refused.headers)


@attrs.frozen
class ProparsApi:
    """The calls of Propars over an account."""

    account: ProparsAccount

    def answer(self, call: Call) -> Reply:
        """Carry a call out and answer it."""
        operations: Mapping[str, Callable[[Call], Reply]] = {
            "api_token_auth": self._api_token_auth,
            "invoice_html_for_sale": self._invoice_html_for_sale,
            "send_invoice": self._send_invoice,
            "get_signed_xml": self._get_signed_xml,
            "cancel_invoice": self._cancel_invoice,
            "save_sale": self._save_sale,
            "list_sales": self._list_sales,
            "get_sale": self._get_sale,
            "get_sale_invoice": self._get_sale_invoice,
        }
        try:
            self._check_access(call)
            return operations[call.route.operation](call)
        except ProviderRefusal as refused:
            return refusal_reply(refused)

    def _check_access(self, call: Call) -> None:
        if call.route.is_public:
            return
        challenge = {"WWW-Authenticate": "Token"}
        scheme, _, token = call.request.headers.get("Authorization", "").partition(" ")
        if scheme != "Token":
            raise ProviderRefusal(401, "Giriş bilgileri verilmedi.", headers=challenge)
        if not self.account.tokens.is_valid(token):
            raise ProviderRefusal(401, "Geçersiz token.", headers=challenge)

    def _api_token_auth(self, call: Call) -> Reply:
        given = call.request.json_object
        if given is None:
            raise ProviderRefusal(400, "JSON ayrıştırma hatası.")
        for name in ("username", "password"):
            if not given.get(name):
                raise ProviderRefusal(400, _REQUIRED, field=name)
        if (given["username"], given["password"]) != (PROPARS_USERNAME, PROPARS_PASSWORD):
            raise ProviderRefusal(400, "Verilen bilgiler ile giriş sağlanamadı.", field=_NON_FIELD)
        token, ends_at = self.account.issue_token()
        return Reply.json({"token": token, "expire_date": ends_at.strftime(_DATE_FORMAT)})

    def _invoice_html_for_sale(self, call: Call) -> Reply:
        asked, options = self._sale(call), self._invoice_options(call)
        if self.account.guesses.preview == "error_page":
            return _error_page()
        sale, invoice = _subject(call, *self.account.preview(asked, options))
        if self.account.guesses.preview == "error_page_after":
            return _error_page()
        return Reply.html(invoice_html(sale, invoice))

    def _send_invoice(self, call: Call) -> Reply:
        if "invoice_id" in call.path_texts:
            sent = self.account.send_by_invoice(_path_id(call, "invoice_id"))
        else:
            sent = self.account.send(self._sale(call), self._invoice_options(call))
        return Reply.json(_invoice_object(*_subject(call, *sent)))

    def _get_signed_xml(self, call: Call) -> Reply:
        if "invoice_id" in call.path_texts:
            invoice_id = _path_id(call, "invoice_id")
            found = self.account.signed_invoice(self.account.sale_with_invoice(invoice_id), invoice_id)
        else:
            found = self.account.signed_invoice(self._sale(call))
        sale, invoice = _subject(call, *found)
        body = self.account.sign(sale, invoice) if call.wrong_subject else invoice.signed_xml
        return pack_xml(body or b"", self.account.guesses.xml_container, invoice.number)

    def _cancel_invoice(self, call: Call) -> Reply:
        if "sale_id" in call.path_texts:
            sale = self.account.sale_with_id(_path_id(call, "sale_id"))
        else:
            sale_code = call.request.query.get("sale_code")
            if not sale_code:
                raise ProviderRefusal(400, _REQUIRED, field="sale_code")
            sale = self.account.sale_with_code(sale_code)
        return Reply.json(_invoice_object(*_subject(call, *self.account.cancel(sale))))

    def _save_sale(self, call: Call) -> Reply:
        sale, is_new = self.account.save_sale(*read_sale(call.request.json_object))
        shown = _wrong_sale(sale) if call.wrong_subject else sale
        return Reply.json(_sale_object(shown), status=201 if is_new else 200)

    def _list_sales(self, call: Call) -> Reply:
        query = call.request.query
        sales = self.account.list_sales(_sale_filters(query))
        ordering = query.get("ordering", "")
        by = _ORDERINGS.get(ordering.removeprefix("-"), _ORDERINGS["id"])
        sales.sort(key=by, reverse=ordering.startswith("-"))
        limit = _number(query, "limit") or _ROWS_A_PAGE
        offset = _number(query, "offset") or 0
        rows = [
            _sale_object(_wrong_sale(sale) if call.wrong_subject else sale) for sale in sales[offset : offset + limit]
        ]
        # What page_context holds is unpublished.
        context: JsonValue = {"limit": limit, "offset": offset}
        return Reply.json({"count": len(sales), "page_context": context, "results": rows})

    def _get_sale(self, call: Call) -> Reply:
        sale = self.account.get_sale(_path_id(call, "sale_id"))
        return Reply.json(_sale_object(_wrong_sale(sale) if call.wrong_subject else sale))

    def _get_sale_invoice(self, call: Call) -> Reply:
        return Reply.json(
            _invoice_object(*_subject(call, *self.account.get_sale_invoice(_path_id(call, "invoice_id"))))
        )

    def _sale(self, call: Call) -> Sale:
        sale_code, sale_id = (call.request.query.get(name) for name in ("sale_code", "sale_id"))
        if bool(sale_code) == bool(sale_id):
            raise ProviderRefusal(400, "sale_code veya sale_id alanlarından biri gönderilmelidir.", field=_NON_FIELD)
        if sale_code:
            return self.account.sale_with_code(sale_code)
        number = whole_number(sale_id)
        if number is None:
            raise ProviderRefusal(400, "Geçerli bir tam sayı gerekli.", field="sale_id")
        return self.account.sale_with_id(number)

    def _invoice_options(self, call: Call) -> InvoiceOptions:
        query = call.request.query
        return InvoiceOptions.read(
            date=query.get("invoice_date"),
            uuid=query.get("invoice_uuid"),
            number=query.get("invoice_number"),
            char_code=query.get("invoice_char_code"),
            char_code_form=self.account.guesses.char_code,
        )


def _path_id(call: Call, name: str) -> int:
    number = whole_number(call.path_texts[name])
    if number is None:
        raise ProviderRefusal(404, NOT_FOUND)
    return number


def _sale_filters(query: Mapping[str, str]) -> SaleFilters:
    texts = ("invoice_number", "common_status", "status", "source", "search")
    return SaleFilters(
        order_start_date=_day(query, "order_start_date"),
        order_end_date=_day(query, "order_end_date"),
        invoiced=_flag(query, "invoiced"),
        invoice_sent=_flag(query, "invoice_sent"),
        **{name: query.get(name) or None for name in texts},
    )


def _day(query: Mapping[str, str], name: str) -> date | None:
    text = query.get(name)
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no offset.
    except ValueError:
        raise ProviderRefusal(400, "Tarih formatı yanlış. YYYY-MM-DD biçimini kullanın.", field=name) from None


def _flag(query: Mapping[str, str], name: str) -> bool | None:
    # Django's filters accept true, false, True and False and ignore anything else.
    return {"true": True, "false": False}.get(query.get(name, "").lower())


def _number(query: Mapping[str, str], name: str) -> int | None:
    # Django REST framework ignores a limit or offset that is not a number.
    return whole_number(query.get(name))


def _subject(call: Call, sale: Sale, invoice: Invoice) -> tuple[Sale, Invoice]:
    if not call.wrong_subject:
        return sale, invoice
    other = attrs.evolve(invoice, id=invoice.id + 1, uuid=uuid4(), number=_next_number(invoice.number))
    return _wrong_sale(sale), other


def _wrong_sale(sale: Sale) -> Sale:
    return attrs.evolve(sale, sale_id=sale.sale_id + 1, sale_code=f"{sale.sale_code}-1")


def _error_page() -> Reply:
    return Reply.html(_ERROR_PAGE.format(request_id=uuid4()))


def _next_number(number: str) -> str:
    return f"{number[:7]}{(int(number[7:]) + 1) % 10**9:09d}"


def _invoice_object(sale: Sale, invoice: Invoice) -> JsonValue:
    # The documentation says only "the invoice object": these fields are named after the provider's parameters.
    return {
        "id": invoice.id,
        "sale_id": sale.sale_id,
        "sale_code": sale.sale_code,
        "invoice_uuid": invoice.uuid,
        "invoice_number": invoice.number,
        "invoice_date": invoice.issued_at.strftime(_DATE_FORMAT),
        "invoice_type": "e_invoice" if sale.e_invoice else "e_archive",
        "status": invoice.status,
        "total_amount": sale.total,
        "currency": sale.currency,
    }


def _sale_object(sale: Sale) -> JsonValue:
    # The fields of a sale are unpublished: these are named after the list's filters.
    invoice = sale.invoice
    return {
        "id": sale.sale_id,
        "sale_code": sale.sale_code,
        "order_date": sale.ordered_at.strftime(_DATE_FORMAT),
        "source": sale.source,
        "status": sale.status,
        "common_status": sale.status,
        "invoiced": invoice is not None,
        "invoice_sent": invoice is not None and invoice.is_sent,
        "invoice_id": invoice.id if invoice else None,
        "invoice_number": invoice.number if invoice else None,
        "invoice_uuid": invoice.uuid if invoice else None,
        "total_amount": sale.total,
        "currency": sale.currency,
    }
