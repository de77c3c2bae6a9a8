"""Reads the facts of a UBL-TR document from a tree. Pure. A repeated fact is refused, never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from kolay_invoice.messages import Message
from kolay_invoice.propars.ubl import CUSTOMIZATION_FORM
from kolay_invoice.signed_xml.advices import read_despatch_advice, read_receipt_advice, read_response
from kolay_invoice.signed_xml.elements import (
    combine,
    find,
    find_optional,
    read_optional,
    read_required,
    read_side,
    read_texts,
    text_of,
    to_date,
    to_decimal,
    to_text,
    to_time,
    to_uuid,
)
from kolay_invoice.signed_xml.errors import NotAnInvoiceError
from kolay_invoice.signed_xml.money import Money
from kolay_invoice.signed_xml.namespaces import DOCUMENTS, ENVELOPE, tag
from kolay_invoice.signed_xml.notices import UblDocument
from kolay_invoice.signed_xml.parsing import Element
from kolay_invoice.signed_xml.parts import (
    read_attachments,
    read_exchange_rates,
    read_payment_means,
    read_references,
    read_required_party,
    read_side_party,
)
from kolay_invoice.signed_xml.values import CreditNote, InvoiceLine, UblInvoice

_NAMEABLE: Final = re.compile(r"[A-Za-z0-9:/._#@+-]{1,200}")
"""What is repeated of a foreign customization."""
_DUE_DATES: Final = (("cac:PaymentMeans", "cbc:PaymentDueDate"), ("cac:PaymentTerms", "cbc:PaymentDueDate"))


def read_document(root: Element) -> UblDocument:
    """Return the facts of a document.

    Raises:
        NotAnInvoiceError: It is no UBL-TR document, or a fact is missing, unreadable or repeated.
    """
    name = check_kind(root)
    _check_customization(root)
    return _READERS[name](root, **_read_head(root))


def check_kind(root: Element) -> str:
    """Return the short name of a document's kind.

    Raises:
        NotAnInvoiceError: It is no UBL document.
    """
    name = DOCUMENTS.get(root.tag)
    if name is not None:
        return name
    if root.tag == ENVELOPE:
        msg = Message("the document is an envelope (zarf, StandardBusinessDocument): open it with open_envelope")
    else:
        msg = Message("the document is no UBL-TR document: no invoice, credit note, advice or application response")
    raise NotAnInvoiceError(msg)


def _read_head(root: Element) -> dict[str, Any]:
    """Return the facts that every document has, by the names of their attributes."""
    issue_date = read_required(root, "cbc:IssueDate", to_date)
    issue_time = read_optional(root, "cbc:IssueTime", to_time)
    return {
        "number": read_required(root, "cbc:ID", str),
        "ettn": read_required(root, "cbc:UUID", to_uuid),
        "profile": read_required(root, "cbc:ProfileID", str),
        "issue_date": issue_date,
        "issued_at": None if issue_time is None else combine(issue_date, issue_time),
        "notes": read_texts(root, "cbc:Note"),
        "attachments": read_attachments(root),
    }


def _check_customization(root: Element) -> None:
    """Refuse a document of another country, whose facts stand in the same elements and mean something else."""
    element = find_optional(root, "cbc:CustomizationID")
    text = "" if element is None else text_of(element)
    if CUSTOMIZATION_FORM.fullmatch(text):
        return
    if _NAMEABLE.fullmatch(text):
        msg = Message("a UBL document of another country: CustomizationID {name}; UBL-TR's is such as TR1.2", name=text)
    else:
        msg = Message("a UBL document of another country: it has no CustomizationID of UBL-TR, such as TR1.2")
    raise NotAnInvoiceError(msg)


def _read_invoice(root: Element, **head: Any) -> UblInvoice:
    return UblInvoice(**head, **_read_bill(root, "Invoice"))


def _read_credit_note(root: Element, **head: Any) -> CreditNote:
    return CreditNote(**head, **_read_bill(root, "CreditNote"))


def _read_bill(root: Element, kind: str) -> dict[str, Any]:
    """Return the facts that invoices and credit notes alone have, by the names of their attributes."""
    currency = read_required(root, "cbc:DocumentCurrencyCode", str)
    tax_currency = read_optional(root, "cbc:TaxCurrencyCode", str)
    money = Money(currency, tax_currency)
    taxes, withheld = money.taxes(root)
    has_other = tax_currency is not None and tax_currency != currency
    taxes_again = Money(str(tax_currency), currency).taxes(root)[0] if has_other else ()
    return {
        "type": read_required(root, f"cbc:{kind}TypeCode", str),
        "supplier": read_required_party(root, "cac:AccountingSupplierParty"),
        "customer": read_required_party(root, "cac:AccountingCustomerParty"),
        "buyer": read_side_party(root, "cac:BuyerCustomerParty", "cac:Party"),
        "currency": currency,
        "totals": money.totals(find(root, "cac:LegalMonetaryTotal")),
        "tax_totals": taxes,
        "withholding_totals": withheld,
        "tax_currency": tax_currency if taxes_again else None,
        "tax_currency_totals": taxes_again,
        "lines": tuple(_read_line(line, money, kind) for line in root.findall(tag(f"cac:{kind}Line"))),
        "due_date": _read_due_date(root),
        "order_references": read_references(root, "cac:OrderReference"),
        "despatch_references": read_references(root, "cac:DespatchDocumentReference"),
        "receipt_references": read_references(root, "cac:ReceiptDocumentReference"),
        "billing_references": tuple(
            reference
            for name in ("InvoiceDocumentReference", "CreditNoteDocumentReference", "AdditionalDocumentReference")
            for reference in read_references(root, "cac:BillingReference", f"cac:{name}")
        ),
        "allowances_and_charges": money.allowances_and_charges(root),
        "exchange_rates": read_exchange_rates(root),
        "payment_means": read_payment_means(root),
    }


def _read_due_date(root: Element) -> date | None:
    stated = {text for names in _DUE_DATES for text in read_texts(root, *names)}
    try:
        return to_date(stated.pop()) if len(stated) == 1 else None
    except ValueError:
        return None


def _read_line(line: Element, money: Money, kind: str) -> InvoiceLine:
    taxes, withheld = money.taxes(line)
    if len(taxes) > 1 or len(withheld) > 1:
        msg = Message("{name} is there more than once, so nobody can say which one counts", name="cac:TaxTotal")
        raise NotAnInvoiceError(msg)
    item = find(line, "cac:Item")
    quantity = "cbc:InvoicedQuantity" if kind == "Invoice" else "cbc:CreditedQuantity"
    return InvoiceLine(
        id=read_required(line, "cbc:ID", str),
        name=read_required(item, "cbc:Name", str),
        quantity=read_required(line, quantity, to_decimal),
        unit=find(line, quantity).get("unitCode"),
        unit_price=money.required(find(line, "cac:Price"), "cbc:PriceAmount"),
        amount=money.required(line, "cbc:LineExtensionAmount"),
        tax=taxes[0] if taxes else None,
        withholding=withheld[0] if withheld else None,
        description=read_side(item, "cbc:Description", to_text),
        seller_item_code=read_side(item, ("cac:SellersItemIdentification", "cbc:ID"), to_text),
        buyer_item_code=read_side(item, ("cac:BuyersItemIdentification", "cbc:ID"), to_text),
        notes=read_texts(line, "cbc:Note"),
        allowances_and_charges=money.allowances_and_charges(line),
    )


_READERS: Final[Mapping[str, Callable[..., UblDocument]]] = MappingProxyType(
    {
        "Invoice": _read_invoice,
        "CreditNote": _read_credit_note,
        "DespatchAdvice": read_despatch_advice,
        "ReceiptAdvice": read_receipt_advice,
        "ApplicationResponse": read_response,
    }
)
