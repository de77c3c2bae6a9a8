"""Reads the facts of a UBL-TR invoice from a tree. Pure. A repeated fact is refused, never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Final, TypeVar
from uuid import UUID

from kolay_invoice.messages import Message
from kolay_invoice.propars.ubl import CUSTOMIZATION_FORM
from kolay_invoice.signed_xml.errors import NotAnInvoiceError
from kolay_invoice.signed_xml.namespaces import INVOICE, path, tag
from kolay_invoice.signed_xml.parsing import Element
from kolay_invoice.signed_xml.taxes import split_withheld, total_of
from kolay_invoice.signed_xml.values import InvoiceLine, MonetaryTotals, Party, TaxSubtotal, TaxTotal, UblInvoice
from kolay_invoice.turkiye import in_turkiye, on_turkiyes_clocks

ValueT = TypeVar("ValueT")

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DECIMAL: Final = re.compile(r"[+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})", re.ASCII)
_OFFSET: Final = r"(?P<offset>Z|[+-]\d\d:\d\d)?"
_DATE: Final = re.compile(rf"(?P<date>\d{{4}}-\d\d-\d\d){_OFFSET}", re.ASCII)
_TIME: Final = re.compile(rf"(?P<time>\d\d:\d\d:\d\d)(?:\.\d{{1,12}})?{_OFFSET}", re.ASCII)
_NAMEABLE: Final = re.compile(r"[A-Za-z0-9:/._#@+-]{1,200}")
"""What is repeated of a foreign customization."""
_SCHEMES: Final = ("VKN", "TCKN")


def read_invoice(root: Element) -> UblInvoice:
    """Return the facts of an invoice.

    Raises:
        NotAnInvoiceError: It is another document, or a fact is missing, unreadable or repeated.
    """
    if root.tag != INVOICE:
        msg = Message(
            "the document is no UBL invoice: a credit note, an application response or something else altogether"
        )
        raise NotAnInvoiceError(msg)
    _check_customization(root)
    issue_date = _read_required(root, "cbc:IssueDate", _to_date)
    issue_time = _read_optional(root, "cbc:IssueTime", _to_time)
    currency = _read_required(root, "cbc:DocumentCurrencyCode", str)
    tax_currency = _read_optional(root, "cbc:TaxCurrencyCode", str)
    money = _Money(currency, tax_currency)
    taxes, withheld = money.taxes(root)
    has_other = tax_currency is not None and tax_currency != currency
    taxes_again = _Money(str(tax_currency), currency).taxes(root)[0] if has_other else ()
    return UblInvoice(
        number=_read_required(root, "cbc:ID", str),
        ettn=_read_required(root, "cbc:UUID", _to_uuid),
        profile=_read_required(root, "cbc:ProfileID", str),
        type=_read_required(root, "cbc:InvoiceTypeCode", str),
        issue_date=issue_date,
        issued_at=None if issue_time is None else _combine(issue_date, issue_time),
        supplier=_party(root, "cac:AccountingSupplierParty"),
        customer=_party(root, "cac:AccountingCustomerParty"),
        currency=currency,
        totals=money.totals(_find(root, "cac:LegalMonetaryTotal")),
        tax_totals=taxes,
        withholding_totals=withheld,
        tax_currency=tax_currency if taxes_again else None,
        tax_currency_totals=taxes_again,
        lines=tuple(map(money.line, root.findall(tag("cac:InvoiceLine")))),
    )


def _check_customization(root: Element) -> None:
    """Refuse an invoice of another country, whose facts stand in the same elements and mean something else."""
    element = _find_optional(root, "cbc:CustomizationID")
    text = "" if element is None else _text(element)
    if CUSTOMIZATION_FORM.fullmatch(text):
        return
    if _NAMEABLE.fullmatch(text):
        msg = Message("a UBL invoice of another country: CustomizationID {name}; UBL-TR's is such as TR1.2", name=text)
    else:
        msg = Message("a UBL invoice of another country: it has no CustomizationID of UBL-TR, such as TR1.2")
    raise NotAnInvoiceError(msg)


class _Money:
    """Reads amounts of one currency and refuses amounts in another.

    Tax totals may also be stated in the other currency that is given; they are left out here.
    """

    def __init__(self, currency: str, other: str | None) -> None:
        self._currency = currency
        self._other = other

    def required(self, parent: Element, name: str) -> Decimal:
        self._same_currency(parent, name)
        return _read_required(parent, name, _to_decimal)

    def optional(self, parent: Element, name: str) -> Decimal | None:
        self._same_currency(parent, name)
        return _read_optional(parent, name, _to_decimal)

    def _same_currency(self, parent: Element, name: str) -> None:
        element = _find_optional(parent, name)
        if element is not None and element.get("currencyID", self._currency) != self._currency:
            msg = Message(
                "{name} is in another currency than the invoice: read the document with a person's eyes", name=name
            )
            raise NotAnInvoiceError(msg)

    def totals(self, total: Element) -> MonetaryTotals:
        return MonetaryTotals(
            line_extension=self.required(total, "cbc:LineExtensionAmount"),
            tax_exclusive=self.required(total, "cbc:TaxExclusiveAmount"),
            tax_inclusive=self.required(total, "cbc:TaxInclusiveAmount"),
            allowance=self.optional(total, "cbc:AllowanceTotalAmount"),
            charge=self.optional(total, "cbc:ChargeTotalAmount"),
            payable_rounding=self.optional(total, "cbc:PayableRoundingAmount"),
            payable=self.required(total, "cbc:PayableAmount"),
        )

    def taxes(self, parent: Element) -> tuple[tuple[TaxTotal, ...], tuple[TaxTotal, ...]]:
        """Return the taxes of an invoice or a line, and what is withheld."""
        split = [split_withheld(self._tax_total(total)) for total in self._totals(parent, "cac:TaxTotal")]
        taxes = tuple(tax for tax, _ in split if tax is not None)
        inside = tuple(withheld for _, withheld in split if withheld is not None)
        beside = tuple(map(self._tax_total, self._totals(parent, "cac:WithholdingTaxTotal")))
        is_repeated = len(taxes) > 1 and not all(tax.subtotals for tax in taxes)
        if is_repeated or (inside and beside and total_of(inside) != total_of(beside)):
            msg = Message("the document states its taxes twice, so nobody can say which ones count")
            raise NotAnInvoiceError(msg)
        return taxes, beside or inside

    def _totals(self, parent: Element, name: str) -> list[Element]:
        found = []
        for total in parent.findall(tag(name)):
            currency = _find(total, "cbc:TaxAmount").get("currencyID", self._currency)
            if currency != self._other or currency == self._currency:
                found.append(total)
        return found

    def _tax_total(self, total: Element) -> TaxTotal:
        return TaxTotal(
            amount=self.required(total, "cbc:TaxAmount"),
            subtotals=tuple(map(self._tax_subtotal, total.findall(tag("cac:TaxSubtotal")))),
        )

    def _tax_subtotal(self, subtotal: Element) -> TaxSubtotal:
        scheme = subtotal.find(path("cac:TaxCategory", "cac:TaxScheme"))
        return TaxSubtotal(
            code=None if scheme is None else _read_optional(scheme, "cbc:TaxTypeCode", str),
            name=None if scheme is None else _read_optional(scheme, "cbc:Name", str),
            percent=_read_optional(subtotal, "cbc:Percent", _to_decimal),
            taxable_amount=self.optional(subtotal, "cbc:TaxableAmount"),
            amount=self.required(subtotal, "cbc:TaxAmount"),
        )

    def line(self, line: Element) -> InvoiceLine:
        taxes, withheld = self.taxes(line)
        if len(taxes) > 1 or len(withheld) > 1:
            msg = Message("{name} is there more than once, so nobody can say which one counts", name="cac:TaxTotal")
            raise NotAnInvoiceError(msg)
        return InvoiceLine(
            id=_read_required(line, "cbc:ID", str),
            name=_read_required(_find(line, "cac:Item"), "cbc:Name", str),
            quantity=_read_required(line, "cbc:InvoicedQuantity", _to_decimal),
            unit=_find(line, "cbc:InvoicedQuantity").get("unitCode"),
            unit_price=self.required(_find(line, "cac:Price"), "cbc:PriceAmount"),
            amount=self.required(line, "cbc:LineExtensionAmount"),
            tax=taxes[0] if taxes else None,
            withholding=withheld[0] if withheld else None,
        )


def _party(root: Element, name: str) -> Party:
    party = _find(_find(root, name), "cac:Party")
    person = _find_optional(party, "cac:Person")
    company = _find_optional(party, "cac:PartyName")
    names = [] if company is None else [_read_optional(company, "cbc:Name", str)]
    if not any(names) and person is not None:
        names = [_read_optional(person, part, str) for part in ("cbc:FirstName", "cbc:MiddleName", "cbc:FamilyName")]
    numbers = [
        number
        for number in party.findall(path("cac:PartyIdentification", "cbc:ID"))
        if number.get("schemeID") in _SCHEMES
    ]
    if len(numbers) > 1:
        msg = Message("{name} has more than one tax number", name=name)
        raise NotAnInvoiceError(msg)
    return Party(
        name=" ".join(filter(None, names)) or None,
        tax_number=_text(numbers[0]) if numbers else None,
        tax_number_scheme=numbers[0].get("schemeID") if numbers else None,
    )


def _find_optional(parent: Element, name: str) -> Element:
    found = parent.findall(tag(name))
    if len(found) > 1:
        msg = Message("{name} is there more than once, so nobody can say which one counts", name=name)
        raise NotAnInvoiceError(msg)
    return found[0] if found else None


def _find(parent: Element, name: str) -> Element:
    found = _find_optional(parent, name)
    if found is None:
        msg = Message("{name} is missing: this is no complete UBL-TR invoice", name=name)
        raise NotAnInvoiceError(msg)
    return found


def _text(element: Element) -> str:
    # Parsers differ in how they read a text with a child, such as a processing instruction.
    if len(element):
        msg = Message("a fact of the document is more than a text")
        raise NotAnInvoiceError(msg)
    return (element.text or "").strip()


def _read_optional(parent: Element, name: str, read: Callable[[str], ValueT]) -> ValueT | None:
    element = _find_optional(parent, name)
    text = "" if element is None else _text(element)
    if not text:
        return None
    try:
        return read(text)
    except ValueError:
        msg = Message("{name} cannot be read: this is no UBL-TR invoice", name=name)
        raise NotAnInvoiceError(msg) from None


def _read_required(parent: Element, name: str, read: Callable[[str], ValueT]) -> ValueT:
    _find(parent, name)
    value = _read_optional(parent, name, read)
    if value is None:
        msg = Message("{name} is empty: this is no complete UBL-TR invoice", name=name)
        raise NotAnInvoiceError(msg)
    return value


def _match(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    match = pattern.fullmatch(text)
    if match is None:
        raise ValueError
    return match


def _to_uuid(text: str) -> UUID:
    return UUID(_match(_UUID, text)[0])


def _to_decimal(text: str) -> Decimal:
    return Decimal(_match(_DECIMAL, text)[0])


def _to_date(text: str) -> date:
    # Some programs write an offset after a date. It is ignored: the invoice's day is the stated one.
    return date.fromisoformat(_match(_DATE, text)["date"])


def _to_time(text: str) -> time:
    match = _match(_TIME, text)
    return time.fromisoformat(match["time"]).replace(tzinfo=_to_timezone(match["offset"]))


def _combine(day: date, clock: time) -> datetime:
    """Return the moment of issue on the day that the document states: it keeps the stated offset, if there is one."""
    try:
        stated = datetime.combine(day, clock)
        moment = stated if clock.tzinfo is not None else on_turkiyes_clocks(stated)
        # One that has no place in the calendar could not be compared with any other.
        in_turkiye(moment)
    except OverflowError:
        msg = Message("cbc:IssueDate lies outside the calendar")
        raise NotAnInvoiceError(msg) from None
    return moment


def parse_datetime(text: str) -> datetime:
    """Return an `xs:dateTime` in Türkiye's time, which is also the one meant where no offset is given.

    Raises:
        ValueError: The text is no `xs:dateTime`.
    """
    day, _, clock = text.strip().partition("T")
    try:
        stated = datetime.combine(date.fromisoformat(day), _to_time(clock))
        return on_turkiyes_clocks(stated) if stated.tzinfo is None else in_turkiye(stated)
    except OverflowError:
        raise ValueError from None


def _to_timezone(offset: str | None) -> timezone | None:
    if offset is None:
        return None
    if offset == "Z":
        return timezone(timedelta())
    minutes = int(offset[1:3]) * 60 + int(offset[4:6])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
