"""Documents of every kind are read and proven, and an envelope gives its documents as they were signed."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from kolay_invoice import to_dict
from kolay_invoice.signed_xml import (
    AllowanceCharge,
    ApplicationResponse,
    Attachment,
    CreditNote,
    DespatchAdvice,
    DespatchLine,
    Difference,
    ExchangeRate,
    NotAnInvoiceError,
    Party,
    PaymentMeans,
    ReceiptAdvice,
    Reference,
    TamperedError,
    UblInvoice,
    UnsafeDocumentError,
    UntrustedSignerError,
    WrappedSignatureError,
    open_envelope,
    read,
)

from .conftest import PRIVATE
from .documents import ETTN, SUPPLIER, SUPPLIER_NUMBER, invoice, money
from .kinds import (
    DESIGN,
    KINDS,
    application_response,
    credit_note,
    despatch_advice,
    envelope,
    receipt_advice,
    rich_invoice,
)
from .signer import Signing, foreign_seal, own_seal

DAY = date(2026, 4, 30)
TURKIYE = timezone(timedelta(hours=3))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_document_is_read_and_proven_as_its_own_class(kind, proven, refused, is_valid_elsewhere):
    signed = Signing().sign(KINDS[kind]())

    verified = proven(signed, ettn=ETTN)

    assert type(verified.document).__name__ == kind
    assert verified.document == read(signed)
    assert verified.document.ettn == UUID(ETTN)
    assert [private for private in PRIVATE if private in repr(verified)] == []
    assert is_valid_elsewhere(signed, own_seal())
    refused(TamperedError, signed.replace(b"2026-05-02", b"2026-05-03", 1))
    with pytest.raises(NotAnInvoiceError, match=f"no invoice but a {kind}"):
        _ = verified.invoice


def test_it_is_told_whether_the_issuer_sealed_its_document_itself(proven):
    verdicts = [
        proven(Signing().sign(text)).is_sealed_by_issuer
        for text in (
            invoice(),
            invoice().replace(SUPPLIER_NUMBER, "1111111111"),
            application_response(),
            invoice().replace('schemeID="VKN"', 'schemeID="x"'),
        )
    ]

    assert verdicts == [True, False, False, None]


def test_a_document_inside_another_kind_is_refused(refused):
    inside = invoice().partition("?>")[2]

    refused(
        WrappedSignatureError, Signing().sign(despatch_advice().replace("<cac:Shipment>", f"{inside}<cac:Shipment>"))
    )


def test_a_credit_note_has_the_facts_of_an_invoice():
    found, same = read(credit_note().encode()), read(invoice().encode())

    assert isinstance(found, CreditNote)
    assert not isinstance(found, UblInvoice)
    assert (found.totals, found.lines, found.supplier, found.type) == (same.totals, same.lines, same.supplier, "SATIS")


def test_a_despatch_advice_says_what_goes_where_and_by_whom():
    found = read(despatch_advice().encode())

    assert isinstance(found, DespatchAdvice)
    assert (found.number, found.profile, found.type) == ("XYZ2026000000007", "TEMELIRSALIYE", "SEVK")
    assert found.supplier == Party(name=SUPPLIER, tax_number=SUPPLIER_NUMBER, tax_number_scheme="VKN")
    assert [party and party.name for party in (found.customer, found.seller, found.carrier, found.buyer)] == [
        "Alıcı Ltd.",
        "Satıcı",
        "Taşıyıcı A.Ş.",
        None,
    ]
    assert found.despatched_at == datetime(2026, 5, 2, 11, 30, tzinfo=TURKIYE)
    assert (found.plates, found.notes) == (("34ABC34",), ("Bir not",))
    assert found.order_references == (Reference(id="SIP-9", issue_date=DAY),)
    line = DespatchLine(id="1", name="Kalem", seller_item_code="K-1", quantity=Decimal("12.5"), unit="BX")
    assert found.lines == (line,)


def test_a_receipt_advice_says_what_came_and_what_did_not():
    found = read(receipt_advice().encode())

    assert isinstance(found, ReceiptAdvice)
    assert found.despatch_references == (Reference(id="IRS2026000000001", issue_date=DAY),)
    (line,) = found.lines
    assert (line.quantity, line.short_quantity, line.rejected_quantity) == (Decimal("12.5"), 1, Decimal("0.5"))
    assert (line.reject_reason, line.notes, line.unit) == ("Kırık", ("Islak",), "BX")


def test_an_application_response_says_what_is_answered_to_which_document():
    found = read(application_response().encode())

    assert isinstance(found, ApplicationResponse)
    assert (found.sender.name, found.receiver.name) == ("Alıcı Ltd.", SUPPLIER)
    first, second = found.responses
    assert (first.code, first.descriptions) == ("RED", ("Fiyat yanlış",))
    assert first.reference == Reference(id=ETTN, issue_date=DAY, type_code="FATURA")
    assert (second.code, second.reference) == ("1200", Reference(id=ETTN, issue_date=DAY))


def test_facts_beside_the_main_ones_are_none_where_nothing_or_two_things_are_stated():
    text = (
        despatch_advice().replace("ActualDespatchTime>", "x>").replace("<cac:Item>", "<cac:Item><cbc:Name>B</cbc:Name>")
    )

    found = read(text.replace("12.5", "twelve").encode())

    assert isinstance(found, DespatchAdvice)
    assert (found.despatched_at, found.lines[0].name, found.lines[0].quantity) == (None, None, None)


def test_an_invoice_gives_everything_that_it_states():
    found = read(rich_invoice().encode())

    assert isinstance(found, UblInvoice)
    assert found.notes == ("Yalnız altmış lira", "İkinci not")
    assert found.due_date == date(2026, 6, 1)
    assert found.supplier.tax_office == "Beşiktaş"
    assert found.supplier.other_ids == (("MERSISNO", "0123"),)
    assert found.buyer is not None
    assert (found.buyer.name, found.buyer.other_ids) == ("Foreign Buyer GmbH", (("PARTYTYPE", "EXPORT"),))
    assert found.order_references == (Reference(id="SIP-9", issue_date=DAY),)
    assert found.billing_references == (Reference(id="ABC2026000000001", issue_date=DAY, type_code="IADE"),)
    assert found.despatch_references == (Reference(id="IRS2026000000001", issue_date=DAY),)
    assert found.receipt_references == (Reference(id="IRY2026000000001", issue_date=DAY),)
    assert found.exchange_rates == (
        ExchangeRate(
            purpose="pricing",
            source_currency="USD",
            target_currency="TRY",
            rate=Decimal("41.2345"),
            day=date(2026, 5, 1),
        ),
    )
    assert found.payment_means == (
        PaymentMeans(
            code="42",
            due_date=date(2026, 6, 1),
            account="TR000000000000000000000001",
            currency="TRY",
            note="Vadesinde",
        ),
    )
    subtotal = found.tax_totals[0].subtotals[0]
    assert (subtotal.exemption_code, subtotal.exemption_reason) == ("301", "Mal ihracatı")
    (attachment,) = found.attachments
    assert attachment == Attachment(
        id="1", name="tasarim.XSLT", mime_type="application/xml", type="XSLT", content=DESIGN
    )
    assert attachment.is_design
    assert f"<{len(DESIGN)} bytes>" in repr(attachment)
    line = found.lines[0]
    assert (line.seller_item_code, line.buyer_item_code, line.description) == ("K-1", "B-1", "Mavi")
    assert line.notes == ("Satır notu",)
    allowance = {"rate": Decimal("0.1"), "base_amount": Decimal("30.30")}
    assert found.allowances_and_charges == (
        AllowanceCharge(is_charge=False, reason="Kampanya", amount=Decimal("3.03"), **allowance),
    )
    # The amount is in another currency than the invoice's.
    assert line.allowances_and_charges == (AllowanceCharge(is_charge=True, reason="Nakliye", amount=None, **allowance),)
    assert to_dict(found)["differences"] == []


def test_what_an_invoice_does_not_state_is_none_or_empty():
    found = read(invoice().encode())

    assert isinstance(found, UblInvoice)
    assert (found.buyer, found.due_date, found.supplier.tax_office) == (None, None, None)
    assert (found.notes, found.attachments, found.payment_means, found.exchange_rates) == ((), (), (), ())


ODD = {
    "two due dates": ("<cac:PaymentTerms>", "<cac:PaymentTerms><cbc:PaymentDueDate>2026-07-01</cbc:PaymentDueDate>"),
    "a due date in words": ("2026-06-01", "soon"),
}


@pytest.mark.parametrize("name", ODD)
def test_a_due_date_that_cannot_be_told_is_none(name):
    found = read(rich_invoice().replace(*ODD[name]).encode())

    assert isinstance(found, UblInvoice)
    assert found.due_date is None


def test_a_file_inside_that_is_no_base64_and_a_buyer_with_two_numbers_hinder_nothing():
    vkn = '<cac:PartyIdentification><cbc:ID schemeID="VKN">1</cbc:ID></cac:PartyIdentification>'
    text = rich_invoice().replace('filename="tasarim.XSLT">', 'filename="a.pdf">?').replace("XSLT<", "EK<")

    found = read(
        text.replace("<cac:BuyerCustomerParty><cac:Party>", f"<cac:BuyerCustomerParty><cac:Party>{vkn * 2}").encode()
    )

    assert isinstance(found, UblInvoice)
    assert (found.attachments[0].content, found.attachments[0].is_design, found.buyer) == (None, False, None)
    assert "content=None" in repr(found.attachments[0])


DIFFERENCES = {
    "totals.line_extension": (money("LineExtensionAmount", "60.60"), money("LineExtensionAmount", "60.61"), "60.60"),
    "totals.tax_exclusive": (money("TaxExclusiveAmount", "60.60"), money("TaxExclusiveAmount", "60.50"), "60.60"),
    "totals.tax_inclusive": (money("TaxInclusiveAmount", "72.72"), money("TaxInclusiveAmount", "72.73"), "72.72"),
    "totals.payable": (money("PayableAmount", "72.72"), money("PayableAmount", "72.70"), "72.72"),
    "tax_totals": (money("TaxAmount", "12.12"), money("TaxAmount", "12.13"), "12.12"),
    "line.amount": (money("PriceAmount", "10.10000000"), money("PriceAmount", "10.09"), "30.27"),
    "line.tax.0015": (money("TaxableAmount", "30.30"), money("TaxableAmount", "30.00"), "6.00"),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_an_amount_that_does_not_follow_from_the_others_is_named(name):
    there, instead, computed = DIFFERENCES[name]

    found = read(invoice().replace(there, instead, 1).encode())

    assert isinstance(found, UblInvoice)
    assert name in [difference.name for difference in found.differences]
    first = next(difference for difference in found.differences if difference.name == name)
    assert first.computed == Decimal(computed)
    assert first.line == ("1" if name.startswith("line") else None)


def test_the_totals_of_an_invoice_are_stated_as_they_are_beside_the_differences():
    found = read(invoice().replace(money("PayableAmount", "72.72"), money("PayableAmount", "99.99")).encode())

    assert isinstance(found, UblInvoice)
    assert found.totals.payable == Decimal("99.99")
    difference = Difference(name="totals.payable", line=None, stated=Decimal("99.99"), computed=Decimal("72.72"))
    assert found.differences == (difference,)


def test_allowances_charges_and_withholding_make_no_difference():
    withheld = f"""<cac:WithholdingTaxTotal>{money("TaxAmount", "6.06")}</cac:WithholdingTaxTotal>"""
    amount = money("Amount", "1.00")
    rebate = f"<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>{amount}</cac:AllowanceCharge>"
    text = (
        invoice()
        .replace("  <cac:LegalMonetaryTotal>", f"{withheld}<cac:LegalMonetaryTotal>")
        .replace(money("PayableAmount", "72.72"), money("PayableAmount", "66.66"))
        .replace(money("PriceAmount", "10.10000000"), money("PriceAmount", "10.4333333"))
        .replace("</cbc:LineExtensionAmount>\n    <cac:TaxTotal>", f"</cbc:LineExtensionAmount>{rebate}<cac:TaxTotal>")
    )

    found = read(text.encode())

    assert isinstance(found, UblInvoice)
    assert found.differences == ()


@pytest.mark.parametrize("payable", ["66.66", "72.72"])
def test_a_total_may_be_stated_after_the_withholding(payable):
    withheld = f"""<cac:WithholdingTaxTotal>{money("TaxAmount", "6.06")}</cac:WithholdingTaxTotal>"""
    text = (
        invoice()
        .replace("  <cac:LegalMonetaryTotal>", f"{withheld}<cac:LegalMonetaryTotal>")
        .replace(money("TaxInclusiveAmount", "72.72"), money("TaxInclusiveAmount", "66.66"))
        .replace(money("PayableAmount", "72.72"), money("PayableAmount", payable))
    )

    found = read(text.encode())

    assert isinstance(found, UblInvoice)
    assert [difference.name for difference in found.differences] == ([] if payable == "66.66" else ["totals.payable"])


def test_taxes_without_parts_or_of_no_line_are_compared_with_nothing():
    parts = re.compile("<cac:TaxSubtotal>.*?</cac:TaxSubtotal>", re.DOTALL)
    line = re.compile("(</cbc:LineExtensionAmount>\n    )<cac:TaxTotal>.*?</cac:TaxTotal>", re.DOTALL)
    rates = re.compile("<cbc:Percent>20</cbc:Percent>")

    for text in (parts.sub("", invoice()), line.sub(r"\1", invoice()), rates.sub("", invoice())):
        found = read(text.encode())
        assert isinstance(found, UblInvoice)
        assert found.differences == ()


def test_a_line_with_two_taxes_that_both_have_parts_is_refused(refused):
    line = re.compile("(</cbc:LineExtensionAmount>\n    )(<cac:TaxTotal>.*?</cac:TaxTotal>)", re.DOTALL)

    assert "more than once" in refused(NotAnInvoiceError, line.sub(r"\1\2\2", invoice()).encode(), read)


def test_a_fact_beside_the_main_ones_that_is_empty_is_none():
    found = read(rich_invoice().replace(">K-1<", "> <").encode())

    assert isinstance(found, UblInvoice)
    assert found.lines[0].seller_item_code is None


# Envelopes


def test_an_envelope_gives_each_document_as_it_was_signed(signed, proven):
    other = Signing().sign(application_response())

    found = open_envelope(envelope(signed, other, before=b"<!-- \xc4\xb1 -->"))

    assert [type(proven(document).document) for document in found.documents] == [UblInvoice, ApplicationResponse]
    assert (found.id, found.type) == ("3f0e5c60-9a57-4a7d-8a57-2f6d5a0e9c11", "SENDERENVELOPE")
    assert (found.sender, found.receiver) == ("urn:mail:defaultgb@example.com", "urn:mail:defaultpk@example.com")
    assert found.created_at == "2026-05-02T10:05:00"
    assert "example.com" not in repr(found)


def test_a_document_in_an_envelope_that_was_changed_or_sealed_by_another_is_refused(signed, refused):
    found = open_envelope(
        envelope(signed.replace(b">72.72<", b">72.73<"), Signing(seal=foreign_seal()).sign(invoice()))
    )

    refused(TamperedError, found.documents[0])
    refused(UntrustedSignerError, found.documents[1])


def test_an_envelope_is_named_where_a_document_is_expected(signed, refused):
    for how in (read, None):
        arguments = (NotAnInvoiceError, envelope(signed)) + (() if how is None else (how,))
        assert "open it with open_envelope" in refused(*arguments)


def test_what_is_no_envelope_or_holds_nothing_is_refused(signed, refused):
    for content in (signed, envelope(), b"<a/>"):
        assert "no envelope" in refused(NotAnInvoiceError, content, open_envelope)
    refused(UnsafeDocumentError, b"<!DOCTYPE a><a/>", open_envelope)
