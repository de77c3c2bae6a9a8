"""Propars' rules: how a sale gets its invoice, and what may become of it. No HTTP here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import attrs

from kolay_invoice.emulator.credentials import Tokens
from kolay_invoice.emulator.guesses import Guesses
from kolay_invoice.emulator.lag import Clock, Lag
from kolay_invoice.emulator.messages import ProviderRefusal, whole_number
from kolay_invoice.emulator.propars_options import InvoiceOptions, number_prefix
from kolay_invoice.emulator.propars_sales import Invoice, Sale, SaleFilters
from kolay_invoice.emulator.values import now_in_turkey

_TOKEN_LIFE = timedelta(days=1)

# Django REST framework's Turkish text of a 404.
NOT_FOUND = "Bulunamadı."
_SENT_BEFORE = "Bu satışın faturası daha önce gönderilmiş."


@attrs.define(kw_only=True)
class ProparsAccount:
    """One customer's account at Propars.

    Attributes:
        guesses: Its behaviour where that of the real one is unknown.
        automatic_dating: The account's setting; when it is off, an invoice cannot be created without a date.
        sign: Makes the signed XML of a sale's invoice.
        executions: How often each operation was executed, by operation and sale id.
    """

    guesses: Guesses
    automatic_dating: bool
    tokens: Tokens
    sign: Callable[[Sale, Invoice], bytes]
    clock: Clock = attrs.field(factory=Clock)
    sales: dict[int, Sale] = attrs.field(factory=dict)
    executions: Counter[tuple[str, int | None]] = attrs.field(factory=Counter)
    _by_code: dict[str, int] = attrs.field(factory=dict, repr=False)
    _by_invoice: dict[int, int] = attrs.field(factory=dict, repr=False)
    _used_numbers: set[str] = attrs.field(factory=set, repr=False)
    # Invoice ids start far above the sales' ids, so that one is not taken for the other.
    _ids: Iterator[int] = attrs.field(factory=lambda: count(900_000_001), repr=False)
    # The ids of sales that calls create.
    _sale_ids: Iterator[int] = attrs.field(factory=lambda: count(30_001), repr=False)
    _numbers: Iterator[int] = attrs.field(factory=lambda: count(1), repr=False)
    # When an invoice was sent, by its id.
    _sent_at: dict[int, float] = attrs.field(factory=dict, repr=False)
    _lag: Lag[Sale] = attrs.field(
        init=False, repr=False, default=attrs.Factory(lambda self: Lag(self.clock), takes_self=True)
    )

    def put(self, sale: Sale) -> None:
        """Store a sale."""
        self.sales[sale.sale_id] = sale
        self._by_code[sale.sale_code] = sale.sale_id
        for invoice in sale.invoices:
            self._by_invoice[invoice.id] = sale.sale_id
            self._used_numbers.add(invoice.number)

    def issue_token(self) -> tuple[str, datetime]:
        """Issue a token and return it with its expiry."""
        self.executions["api_token_auth", None] += 1
        return self.tokens.issue(), now_in_turkey() + _TOKEN_LIFE

    def find(self, identifier: int | str) -> Sale | None:
        """Find a sale by its code, its id, or the id of an invoice that it has or had."""
        by_code = self._by_code.get(str(identifier))
        number = whole_number(str(identifier))
        candidates = (by_code, number, self._by_invoice.get(-1 if number is None else number))
        return next((self.sales[sale_id] for sale_id in candidates if sale_id in self.sales), None)

    def sale_with_id(self, sale_id: int | None) -> Sale:
        """Find a sale by its id at Propars."""
        sale = None if sale_id is None else self.sales.get(sale_id)
        if sale is None:
            raise ProviderRefusal(404, NOT_FOUND)
        return sale

    def find_by_code(self, sale_code: str) -> Sale | None:
        """Find a sale by the shop's own code, or return None."""
        sale_id = self._by_code.get(sale_code)
        return None if sale_id is None else self.sales.get(sale_id)

    def sale_with_code(self, sale_code: str) -> Sale:
        """Find a sale by the shop's own code."""
        return self.sale_with_id(self._by_code.get(sale_code))

    def sale_with_invoice(self, invoice_id: int) -> Sale:
        """Find a sale by any invoice that it has or had."""
        return self.sale_with_id(self._by_invoice.get(invoice_id))

    def save_sale(self, sale_code: str, fields: Mapping[str, Any]) -> tuple[Sale, bool]:
        """Create a sale, or update the one of its code. Return whether it is new."""
        known = self.find_by_code(sale_code)
        if known is not None and known.invoice is not None and known.invoice.is_sent:
            raise ProviderRefusal(400, "Faturası imzalanıp gönderilmiş satış değiştirilemez.")
        if known is None:
            free = (number for number in self._sale_ids if number not in self.sales)
            sale = Sale(sale_id=next(free), sale_code=sale_code, **fields)
        else:
            sale = attrs.evolve(known, **fields)
        self.put(sale)
        self.executions["save_sale", sale.sale_id] += 1
        return sale, known is None

    def list_sales(self, filters: SaleFilters) -> list[Sale]:
        """Read the sales that pass the filters."""
        self.executions["list_sales", None] += 1
        lag = self.guesses.list_lag
        listed = [self._lag.listed_row(sale_id, sale, lag) for sale_id, sale in sorted(self.sales.items())]
        return [sale for sale in listed if filters.matches(sale)]

    def get_sale(self, sale_id: int) -> Sale:
        """Read one sale."""
        sale = self.sale_with_id(sale_id)
        self.executions["get_sale", sale_id] += 1
        return sale

    def get_sale_invoice(self, invoice_id: int) -> tuple[Sale, Invoice]:
        """Read one invoice, a cancelled one as well."""
        sale = self.sale_with_invoice(invoice_id)
        invoice = next(invoice for invoice in sale.invoices if invoice.id == invoice_id)
        return self._record("get_sale_invoice", sale, invoice)

    def preview(self, sale: Sale, options: InvoiceOptions) -> tuple[Sale, Invoice]:
        """Show a sale's invoice, and create it first when there is none."""
        invoice = sale.invoice or self._create(options)
        return self._record("invoice_html_for_sale", attrs.evolve(sale, invoice=invoice), invoice)

    def send(self, sale: Sale, options: InvoiceOptions) -> tuple[Sale, Invoice]:
        """Sign and send a sale's invoice, and create it first when there is none."""
        invoice = sale.invoice or self._create(options)
        if invoice.is_sent and self.guesses.duplicates == "refuse":
            raise ProviderRefusal(412, _SENT_BEFORE)
        # A second send keeps the signed bytes: another signature would make another document.
        signed_xml = invoice.signed_xml or self.sign(sale, invoice)
        sent = attrs.evolve(invoice, status="sent", signed_xml=signed_xml)
        if not invoice.is_sent and self.guesses.first_send == "refuse":
            self.put(attrs.evolve(sale, invoice=sent))
            raise ProviderRefusal(412, _SENT_BEFORE)
        self._sent_at.setdefault(invoice.id, self.clock.now())
        self._lag.note(sale.sale_id, sale)
        return self._record("send_invoice", attrs.evolve(sale, invoice=sent), sent)

    def send_by_invoice(self, invoice_id: int) -> tuple[Sale, Invoice]:
        """Sign and send an invoice that was created before."""
        sale = self.sale_with_invoice(invoice_id)
        if sale.invoice is None or sale.invoice.id != invoice_id:
            raise ProviderRefusal(400, "İptal edilmiş fatura gönderilemez.")
        return self.send(sale, InvoiceOptions())

    def signed_invoice(self, sale: Sale, invoice_id: int | None = None) -> tuple[Sale, Invoice]:
        """Read a signed invoice: the sale's present one, or the one with the given id."""
        for invoice in self._invoices_with_xml(sale, invoice_id):
            if invoice.is_sent and not self._is_being_sent(invoice):
                return self._record("get_signed_xml", sale, invoice)
        raise ProviderRefusal(404, "İmzalanıp gönderilmiş fatura bulunamadı.")

    def _invoices_with_xml(self, sale: Sale, invoice_id: int | None) -> Sequence[Invoice]:
        """Return the invoices whose signed XML may be returned, the preferred one first."""
        present = () if sale.invoice is None else (sale.invoice,)
        after_cancel = self.guesses.xml_after_cancel
        if invoice_id is not None:
            kept = present if after_cancel == "goes" else sale.invoices
            return [invoice for invoice in kept if invoice.id == invoice_id]
        return (*present, *reversed(sale.cancelled)) if after_cancel == "stays" else present

    def _is_being_sent(self, invoice: Invoice) -> bool:
        at = self._sent_at.get(invoice.id)
        return at is not None and self.clock.now() - at < self.guesses.xml_lag

    def cancel(self, sale: Sale) -> tuple[Sale, Invoice]:
        """Cancel the sale's present invoice, which may be a newer one than the caller meant."""
        invoice = sale.invoice
        if invoice is None:
            raise ProviderRefusal(400, "Satışın iptal edilebilecek faturası yok.")
        if invoice.is_sent and sale.e_invoice:
            raise ProviderRefusal(400, "GİB'e gönderilmiş e-fatura iptal edilemez.")
        if invoice.reported:
            raise ProviderRefusal(400, "Raporu GİB'e gönderilmiş e-arşiv fatura iptal edilemez.")
        gone = attrs.evolve(invoice, status="cancelled")
        return self._record("cancel_invoice", attrs.evolve(sale, invoice=None, cancelled=(*sale.cancelled, gone)), gone)

    def report(self, sale: Sale) -> Sale:
        """Send the e-Arşiv report of a sale's invoice to GİB, as the provider does by the end of the next day.

        Raises:
            ValueError: The sale has no invoice.
        """
        if sale.invoice is None:
            raise ValueError(f"sale {sale.sale_code!r} has no invoice to report")
        reported = attrs.evolve(sale, invoice=attrs.evolve(sale.invoice, reported=True))
        self.put(reported)
        return reported

    def _create(self, options: InvoiceOptions) -> Invoice:
        if options.issued_at is None and not self.automatic_dating:
            raise ProviderRefusal(400, "Otomatik tarihlendirme kapalı: fatura tarihi zorunludur.", field="invoice_date")
        if options.number in self._used_numbers:
            raise ProviderRefusal(400, "Bu fatura numarası daha önce kullanılmış.", field="invoice_number")
        issued_at = options.issued_at or now_in_turkey()
        prefix = f"{number_prefix(options.char_code)}{issued_at.year}"
        free = (f"{prefix}{number:09d}" for number in self._numbers)
        return Invoice(
            id=next(self._ids),
            # A repeated ETTN is accepted: Propars does not document a refusal.
            uuid=options.uuid or uuid4(),
            number=options.number or next(number for number in free if number not in self._used_numbers),
            issued_at=issued_at,
        )

    def _record(self, operation: str, sale: Sale, invoice: Invoice) -> tuple[Sale, Invoice]:
        self.put(sale)
        self.executions[operation, sale.sale_id] += 1
        return sale, invoice
