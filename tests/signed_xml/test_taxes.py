"""Taxes count once, what is withheld is no tax, and an invoice of another country is not read as Turkish."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kolay_invoice.signed_xml import NotAnInvoiceError, TaxSubtotal, TaxTotal, read

from .documents import STREET, invoice, money, tax_total
from .signer import Signing
from .test_reading import FACTS, kdv

# Withholding among the taxes

VAT, KEPT = (
    f"""<cac:TaxSubtotal>{money("TaxableAmount", taxable)}{money("TaxAmount", "{amount}")}<cac:TaxCategory>
    <cac:TaxScheme><cbc:TaxTypeCode>{code}</cbc:TaxTypeCode></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal>"""
    for taxable, code in (("60.60", "0015"), ("12.12", "{code}"))
)
ONLY_TOTAL = tax_total(Decimal("60.60"), Decimal("12.12"))
ONLY_LINE = tax_total(Decimal("30.30"), Decimal("6.06"))


def a_subtotal(code: str, taxable: str, amount: str) -> TaxSubtotal:
    return TaxSubtotal(code=code, name=None, percent=None, taxable_amount=Decimal(taxable), amount=Decimal(amount))


def with_withholding(stated: str, kept: str = "10.91", code: str = "9015", instead_of: str = ONLY_TOTAL) -> str:
    subtotals = VAT.format(amount="12.12") + KEPT.format(amount=kept, code=code)
    taxes = f"<cac:TaxTotal>{money('TaxAmount', stated)}{subtotals}</cac:TaxTotal>"
    document = invoice()
    assert instead_of in document
    return document.replace(instead_of, taxes)


@pytest.mark.parametrize("code", ["9015", "4171", "0003", "0011", "601", "627", "801"])
@pytest.mark.parametrize(
    ("stated", "kept"),
    [("12.12", "10.91"), ("23.03", "10.91"), ("1.21", "10.91"), ("1.21", "-10.91"), ("1.22", "10.91")],
    ids=["before it", "with it added", "after it", "after it, negative", "after it, rounded"],
)
def test_withholding_that_stands_among_the_taxes_is_withholding(stated, kept, code):
    found = read(with_withholding(stated, kept, code).encode())

    assert found.tax_totals == (TaxTotal(amount=Decimal("12.12"), subtotals=(a_subtotal("0015", "60.60", "12.12"),)),)
    assert found.withholding_totals == (
        TaxTotal(amount=Decimal("10.91"), subtotals=(a_subtotal(code, "12.12", "10.91"),)),
    )


def test_withholding_in_a_total_of_its_own_is_withholding():
    kept = f"<cac:TaxTotal>{money('TaxAmount', '10.91')}{KEPT.format(amount='10.91', code='9015')}</cac:TaxTotal>"
    found = read(invoice().replace("<cac:LegalMonetaryTotal>", f"{kept}<cac:LegalMonetaryTotal>").encode())

    assert found.tax_totals == FACTS.tax_totals
    assert [total.amount for total in found.withholding_totals] == [Decimal("10.91")]


def test_withholding_of_a_line_is_read_where_it_stands():
    found = read(with_withholding("12.12", instead_of=ONLY_LINE).encode())

    assert (found.lines[0].tax.amount, found.lines[0].withholding.amount) == (Decimal("12.12"), Decimal("10.91"))
    beside = ONLY_LINE.replace("cac:TaxTotal", "cac:WithholdingTaxTotal")
    found = read(invoice().replace(ONLY_LINE, ONLY_LINE + beside).encode())
    assert found.lines[0].withholding == found.lines[0].tax == kdv("30.30", "6.06")


@pytest.mark.parametrize(("beside", "is_read"), [("10.91", True), ("9.09", False)])
def test_withholding_that_is_stated_twice_counts_once_or_not_at_all(beside, is_read, refused):
    again = tax_total(Decimal("12.12"), Decimal(beside)).replace("cac:TaxTotal", "cac:WithholdingTaxTotal")
    document = with_withholding("12.12").replace("<cac:LegalMonetaryTotal>", f"{again}<cac:LegalMonetaryTotal>")

    if is_read:
        assert read(document.encode()).withholding_totals == (kdv("12.12", beside),)
    else:
        assert "twice" in refused(NotAnInvoiceError, document.encode(), read)


def test_taxes_that_are_no_sum_of_their_parts_are_refused(refused):
    assert "sum of its parts" in refused(NotAnInvoiceError, with_withholding("5.00").encode(), read)


# Other currencies and other countries


def in_two_currencies(tax_currency: str = "TRY") -> str:
    document = invoice().replace('currencyID="TRY"', 'currencyID="USD"').replace(">TRY<", ">USD<")
    code = f"<cbc:TaxCurrencyCode>{tax_currency}</cbc:TaxCurrencyCode>" if tax_currency else ""
    again = ONLY_TOTAL.replace("12.12", "424.20").replace("60.60", "2121.00")
    return document.replace("<cac:LegalMonetaryTotal>", f"{again}<cac:LegalMonetaryTotal>").replace(
        "<cac:AccountingSupplierParty>", f"{code}<cac:AccountingSupplierParty>"
    )


def test_taxes_in_two_currencies_are_kept_apart():
    found = read(in_two_currencies().encode())

    assert (found.currency, found.tax_totals) == ("USD", (kdv("60.60", "12.12"),))
    assert (found.tax_currency, found.tax_currency_totals) == ("TRY", (kdv("2121.00", "424.20"),))
    assert (FACTS.tax_currency, FACTS.tax_currency_totals) == (None, ())


@pytest.mark.parametrize("tax_currency", ["", "EUR", "USD"])
def test_taxes_in_a_currency_that_nobody_announced_are_refused(tax_currency, refused):
    assert "another currency" in refused(NotAnInvoiceError, in_two_currencies(tax_currency).encode(), read)


def test_a_tax_total_that_repeats_another_is_not_counted_again(refused):
    again = f"<cac:TaxTotal>{money('TaxAmount', '12.12')}</cac:TaxTotal>"
    document = invoice().replace("<cac:LegalMonetaryTotal>", f"{again}<cac:LegalMonetaryTotal>")

    assert "twice" in refused(NotAnInvoiceError, document.encode(), read)


CUSTOMIZATION = "<cbc:CustomizationID>TR1.2</cbc:CustomizationID>"
FOREIGN = {
    "ZATCA": ("", "no CustomizationID"),
    "an empty one": ("<cbc:CustomizationID/>", "no CustomizationID"),
    "EN 16931": ("urn:cen.eu:en16931:2017", "urn:cen.eu:en16931:2017"),
    "Peppol": ("urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0", "peppol"),
    "a draft of UBL": ("urn:oasis:names:specification:ubl:xpath:Invoice-2.0", "oasis"),
    "a number without a country": ("1.2", "CustomizationID 1.2;"),
    "a word before": ("XTR1.2", "XTR1.2"),
    "a word behind": ("TR1.2:extended", "TR1.2:extended"),
    "a sentence": (STREET, "no CustomizationID"),
}


@pytest.mark.parametrize("is_signed", [False, True], ids=["read", "verified"])
@pytest.mark.parametrize("name", FOREIGN)
def test_an_invoice_of_another_country_is_named_though_its_signature_holds(name, is_signed, refused):
    stated, said = FOREIGN[name]
    instead = stated if stated.startswith("<") or not stated else CUSTOMIZATION.replace("TR1.2", stated)
    document = invoice().replace(CUSTOMIZATION, instead)
    content = Signing().sign(document) if is_signed else document.encode()

    told = refused(NotAnInvoiceError, content, *([] if is_signed else [read]))
    assert told.startswith("a UBL document of another country: ")
    assert said in told


@pytest.mark.parametrize("version", ["TR1.0", "TR1.2", "TR1.2.1", "TR2.0", " TR1.2\n"])
def test_every_version_of_ubl_tr_is_read(version):
    assert read(invoice().replace(">TR1.2<", f">{version}<").encode()) == FACTS


def test_two_customizations_are_none(refused):
    document = invoice().replace(CUSTOMIZATION, CUSTOMIZATION * 2)

    assert "CustomizationID is there more" in refused(NotAnInvoiceError, document.encode(), read)


LONG = 11 * 1024 * 1024


@pytest.mark.parametrize(
    "long",
    [
        f"<cac:AdditionalDocumentReference><x>{'QUJD' * (LONG // 4)}</x></cac:AdditionalDocumentReference>",
        f'<cac:AdditionalDocumentReference x="{"QUJD" * (LONG // 4)}"/>',
        f"<?x {'QUJD' * (LONG // 4)}?>",
    ],
    ids=["text", "attribute", "instruction"],
)
def test_what_is_longer_than_ten_megabytes_inside_is_read_and_verified(long, proven):
    document = invoice().replace("<cac:AccountingSupplierParty>", f"{long}<cac:AccountingSupplierParty>")

    assert proven(Signing().sign(document)).invoice == read(document.encode()) == FACTS
