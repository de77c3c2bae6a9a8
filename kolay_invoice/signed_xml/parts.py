"""Reads what documents of every kind have: parties, references, attached files, payment and exchange rates. Pure."""

from __future__ import annotations

from base64 import b64decode
from contextlib import suppress
from typing import Final

from kolay_invoice.messages import Message
from kolay_invoice.signed_xml.elements import (
    find,
    find_optional,
    read_optional,
    read_side,
    text_of,
    to_date,
    to_decimal,
    to_text,
)
from kolay_invoice.signed_xml.errors import NotAnInvoiceError
from kolay_invoice.signed_xml.namespaces import path, tag
from kolay_invoice.signed_xml.parsing import Element
from kolay_invoice.signed_xml.values import Attachment, ExchangeRate, Party, PaymentMeans, Reference

_SCHEMES: Final = ("VKN", "TCKN")
_RATES: Final = {"PricingExchangeRate": "pricing", "PaymentExchangeRate": "payment", "TaxExchangeRate": "tax"}


def read_party(party: Element, name: str) -> Party:
    """Return a party.

    Raises:
        NotAnInvoiceError: It has more than one tax number or name.
    """
    person = find_optional(party, "cac:Person")
    company = find_optional(party, "cac:PartyName")
    names = [] if company is None else [read_optional(company, "cbc:Name", str)]
    if not any(names) and person is not None:
        names = [read_optional(person, part, str) for part in ("cbc:FirstName", "cbc:MiddleName", "cbc:FamilyName")]
    ids = party.findall(path("cac:PartyIdentification", "cbc:ID"))
    numbers = [number for number in ids if number.get("schemeID") in _SCHEMES]
    if len(numbers) > 1:
        msg = Message("{name} has more than one tax number", name=name)
        raise NotAnInvoiceError(msg)
    others = ((other.get("schemeID", ""), (other.text or "").strip()) for other in ids if other not in numbers)
    return Party(
        name=" ".join(filter(None, names)) or None,
        tax_number=text_of(numbers[0]) if numbers else None,
        tax_number_scheme=numbers[0].get("schemeID") if numbers else None,
        tax_office=read_side(party, ("cac:PartyTaxScheme", "cac:TaxScheme", "cbc:Name"), to_text),
        other_ids=tuple((scheme, number) for scheme, number in others if number),
    )


def read_required_party(root: Element, name: str) -> Party:
    """Return the party in an element of a name."""
    return read_party(find(find(root, name), "cac:Party"), name)


def read_side_party(root: Element, *names: str) -> Party | None:
    """Return the party at the end of a path; None where it is not there, or stated in two ways."""
    found = root.findall(path(*names))
    with suppress(NotAnInvoiceError):
        return read_party(found[0], names[0]) if len(found) == 1 else None
    return None


def read_references(root: Element, *names: str) -> tuple[Reference, ...]:
    """Return the references at the end of a path that have an id."""
    found = [(read_side(element, "cbc:ID", to_text), element) for element in root.findall(path(*names))]
    return tuple(
        Reference(
            id=number,
            issue_date=read_side(element, "cbc:IssueDate", to_date),
            type_code=read_side(element, "cbc:DocumentTypeCode", to_text),
            type=read_side(element, "cbc:DocumentType", to_text),
        )
        for number, element in found
        if number is not None
    )


def read_attachments(root: Element) -> tuple[Attachment, ...]:
    """Return the files inside a document."""
    found = []
    for reference in root.findall(tag("cac:AdditionalDocumentReference")):
        for content in reference.findall(path("cac:Attachment", "cbc:EmbeddedDocumentBinaryObject")):
            attachment = Attachment(
                id=read_side(reference, "cbc:ID", to_text),
                name=content.get("filename"),
                mime_type=content.get("mimeCode"),
                type=read_side(reference, "cbc:DocumentType", to_text),
                content=_decode(content.text or ""),
            )
            found.append(attachment)
    return tuple(found)


def _decode(text: str) -> bytes | None:
    try:
        return b64decode("".join(text.split()), validate=True)
    except ValueError:
        return None


def read_exchange_rates(root: Element) -> tuple[ExchangeRate, ...]:
    """Return the rates at which currencies are turned into each other."""
    return tuple(
        ExchangeRate(
            purpose=purpose,
            source_currency=read_side(element, "cbc:SourceCurrencyCode", to_text),
            target_currency=read_side(element, "cbc:TargetCurrencyCode", to_text),
            rate=read_side(element, "cbc:CalculationRate", to_decimal),
            day=read_side(element, "cbc:Date", to_date),
        )
        for name, purpose in _RATES.items()
        for element in root.findall(tag(f"cac:{name}"))
    )


def read_payment_means(root: Element) -> tuple[PaymentMeans, ...]:
    """Return the ways to pay."""
    account = "cac:PayeeFinancialAccount"
    return tuple(
        PaymentMeans(
            code=read_side(element, "cbc:PaymentMeansCode", to_text),
            due_date=read_side(element, "cbc:PaymentDueDate", to_date),
            account=read_side(element, (account, "cbc:ID"), to_text),
            currency=read_side(element, (account, "cbc:CurrencyCode"), to_text),
            note=read_side(element, (account, "cbc:PaymentNote"), to_text),
        )
        for element in root.findall(tag("cac:PaymentMeans"))
    )
