"""The facts of an invoice are read exactly, or not at all."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from kolay_invoice import SignedXml
from kolay_invoice.signed_xml import (
    InvoiceLine,
    MonetaryTotals,
    NotAnInvoiceError,
    OtherInvoiceError,
    Party,
    TaxSubtotal,
    TaxTotal,
    UblInvoice,
    read,
)

from .conftest import PRIVATE
from .documents import (
    CUSTOMER,
    CUSTOMER_NUMBER,
    ETTN,
    ISSUE_TIME,
    ITEM,
    NUMBER,
    STREET,
    SUPPLIER,
    SUPPLIER_NUMBER,
    invoice,
    money,
    tax_total,
)
from .signer import Signing

TURKIYE = timezone(timedelta(hours=3))


def kdv(taxable: str, tax: str) -> TaxTotal:
    one = TaxSubtotal(
        code="0015", name="KDV", percent=Decimal(20), taxable_amount=Decimal(taxable), amount=Decimal(tax)
    )
    return TaxTotal(amount=Decimal(tax), subtotals=(one,))


def a_line(number: int) -> InvoiceLine:
    return InvoiceLine(
        id=str(number),
        name=ITEM,
        quantity=Decimal(3),
        unit="C62",
        unit_price=Decimal("10.10000000"),
        amount=Decimal("30.30"),
        tax=kdv("30.30", "6.06"),
    )


FACTS = UblInvoice(
    number=NUMBER,
    ettn=UUID(ETTN),
    profile="TICARIFATURA",
    type="SATIS",
    issue_date=date(2026, 5, 2),
    issued_at=datetime(2026, 5, 2, 9, 54, 11, tzinfo=TURKIYE),
    supplier=Party(name=SUPPLIER, tax_number=SUPPLIER_NUMBER, tax_number_scheme="VKN"),
    customer=Party(name=" ".join(CUSTOMER), tax_number=CUSTOMER_NUMBER, tax_number_scheme="TCKN"),
    currency="TRY",
    totals=MonetaryTotals(
        line_extension=Decimal("60.60"),
        tax_exclusive=Decimal("60.60"),
        tax_inclusive=Decimal("72.72"),
        allowance=Decimal("0.00"),
        charge=None,
        payable_rounding=None,
        payable=Decimal("72.72"),
    ),
    tax_totals=(kdv("60.60", "12.12"),),
    withholding_totals=(),
    lines=(a_line(1), a_line(2)),
)


def test_every_fact_is_read_exactly():
    found = read(invoice().encode())

    assert found == FACTS
    assert str(found.lines[0].unit_price) == "10.10000000"


@pytest.mark.parametrize("form", ["bytes", "SignedXml", "Path"])
def test_a_document_is_taken_in_each_form(form, tmp_path):
    content = invoice().encode()
    path = tmp_path / "invoice.xml"
    path.write_bytes(content)

    assert read({"bytes": content, "SignedXml": SignedXml(content), "Path": path}[form]) == FACTS


@pytest.mark.parametrize("content", ["invoice.xml", None, 5])
def test_a_document_in_another_form_is_a_type_error(content):
    with pytest.raises(TypeError, match=r"content must be bytes, a SignedXml or a pathlib\.Path"):
        read(content)


def test_no_repr_shows_names_tax_numbers_or_items():
    shown = repr(read(invoice().encode()))

    assert [private for private in PRIVATE if private in shown] == []
    assert NUMBER in shown


def test_facts_can_be_kept_and_compared():
    assert pickle.loads(pickle.dumps(FACTS)) == FACTS
    assert len({FACTS, read(invoice().encode())}) == 1


def test_a_mebibyte_of_style_sheet_inside_is_nothing_unusual():
    attached = f"<cac:AdditionalDocumentReference><x>{'QUJD' * (1 << 18)}</x></cac:AdditionalDocumentReference>"

    assert read(invoice().replace("<cac:AccountingSupplierParty>", f"{attached}<cac:AccountingSupplierParty>").encode())


@pytest.mark.parametrize("ettn", [ETTN, ETTN.upper(), UUID(ETTN)])
def test_the_invoice_that_was_asked_for_is_read(ettn):
    assert read(invoice().encode(), ettn=ettn).ettn == UUID(ETTN)


def test_another_invoice_than_the_one_asked_for_is_an_error(refused):
    said = refused(OtherInvoiceError, invoice().encode(), read, ettn="f46d5a8d-7726-4b37-bba4-973c7ab50a5b")

    assert ETTN in said


@pytest.mark.parametrize(("ettn", "error"), [("no uuid", ValueError), (5, TypeError)])
def test_an_ettn_that_is_none_is_named(ettn, error):
    with pytest.raises(error, match="ettn must be"):
        read(invoice().encode(), ettn=ettn)


TIMES = {
    "": None,
    "<cbc:IssueTime></cbc:IssueTime>": None,
    "<cbc:IssueTime> 23:59:01 </cbc:IssueTime>": datetime(2026, 5, 2, 23, 59, 1, tzinfo=TURKIYE),
    "<cbc:IssueTime>23:59:01Z</cbc:IssueTime>": datetime(2026, 5, 2, 23, 59, 1, tzinfo=UTC),
    "<cbc:IssueTime>00:10:00.5-05:30</cbc:IssueTime>": datetime(2026, 5, 2, 5, 40, tzinfo=UTC),
    "<cbc:IssueTime>00:<!-- -->10:00</cbc:IssueTime>": datetime(2026, 5, 2, 0, 10, tzinfo=TURKIYE),
}


@pytest.mark.parametrize("written", TIMES)
def test_a_time_of_issue_without_an_offset_is_turkiyes(written):
    found = read(invoice(issue_time=written).encode())

    assert found.issued_at == TIMES[written]
    assert found.issued_at is None or found.issued_at.date() == found.issue_date == date(2026, 5, 2)


WINTER = timedelta(hours=2)
SUMMER = timedelta(hours=3)


@pytest.mark.parametrize(
    ("day", "clock", "offset"),
    [
        ("2015-01-10", "00:30:00", WINTER),
        ("2015-01-10", "23:30:00", WINTER),
        ("2015-01-10", "23:30:00+02:00", WINTER),
        ("2015-07-10", "23:30:00", SUMMER),
        ("2016-03-26", "23:30:00", WINTER),
        ("2016-12-31", "23:30:00", SUMMER),
        ("2015-01-10", "00:10:00+03:00", SUMMER),
        ("2026-05-02", "23:30:00Z", timedelta()),
        ("2026-05-02", "23:30:00+02:00", WINTER),
        ("2026-05-02", "00:10:00+14:00", timedelta(hours=14)),
    ],
)
def test_no_invoice_is_moved_to_another_day(day, clock, offset):
    stated = f"<cbc:IssueTime>{clock}</cbc:IssueTime>"
    found = read(invoice(issue_time=stated).replace("2026-05-02<", f"{day}<").encode())

    assert found.issue_date == date.fromisoformat(day)
    assert found.issued_at.date() == found.issue_date
    assert found.issued_at.strftime("%H:%M:%S") == clock[:8]
    assert found.issued_at.utcoffset() == offset


@pytest.mark.parametrize("suffix", ["Z", "+02:00"])
def test_the_day_is_the_one_that_the_document_states(suffix):
    found = read(invoice(issue_time="").replace("2026-05-02<", f"2026-05-02{suffix}<").encode())

    assert found.issue_date == date(2026, 5, 2)


OPTIONAL = {
    "a customer without a number": ('schemeID="TCKN"', 'schemeID="PARTYTYPE"', lambda found: found.customer.tax_number),
    "a customer without a name": (
        "<cac:Person><cbc:FirstName>Ayşe</cbc:FirstName><cbc:FamilyName>Yılmaz-Öğüt</cbc:FamilyName></cac:Person>",
        "",
        lambda found: found.customer.name,
    ),
    "a line without tax": (
        tax_total(Decimal("30.30"), Decimal("6.06")),
        "",
        lambda found: found.lines[0].tax,
    ),
    "a quantity without a unit": (' unitCode="C62"', "", lambda found: found.lines[0].unit),
    "a tax without a category": (
        "<cac:TaxScheme><cbc:Name>KDV</cbc:Name><cbc:TaxTypeCode>0015</cbc:TaxTypeCode></cac:TaxScheme>",
        "",
        lambda found: found.tax_totals[0].subtotals[0].code,
    ),
}


@pytest.mark.parametrize("name", OPTIONAL)
def test_what_an_invoice_may_leave_out_is_none(name):
    there, instead, fact = OPTIONAL[name]
    document = invoice()
    assert there in document

    assert fact(read(document.replace(there, instead).encode())) is None


def test_what_the_customer_withholds_is_read():
    withheld = tax_total(Decimal("12.12"), Decimal("10.91")).replace("cac:TaxTotal", "cac:WithholdingTaxTotal")
    document = invoice().replace("<cac:LegalMonetaryTotal>", f"{withheld}<cac:LegalMonetaryTotal>")

    assert read(document.encode()).withholding_totals == (kdv("12.12", "10.91"),)


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
    assert told.startswith("a UBL invoice of another country: ")
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


def test_a_company_goes_by_its_name_though_a_person_is_there_too():
    document = invoice().replace(
        "<cac:Person>", "<cac:PartyName><cbc:Name>A Ltd.</cbc:Name></cac:PartyName><cac:Person>"
    )

    assert read(document.encode()).customer.name == "A Ltd."


UNREADABLE = {
    "another document": ("Invoice", "CreditNote", "no UBL invoice"),
    "another namespace": ("xsd:Invoice-2", "xsd:Invoice-3", "no UBL invoice"),
    "no number": (f"<cbc:ID>{NUMBER}</cbc:ID>", "", "cbc:ID is missing"),
    "two numbers": (f"<cbc:ID>{NUMBER}</cbc:ID>", "<cbc:ID>A</cbc:ID><cbc:ID>B</cbc:ID>", "cbc:ID is there more"),
    "an empty number": (f">{NUMBER}<", "> <", "cbc:ID is empty"),
    "a number with something inside": (f">{NUMBER}<", f"><?x?>{NUMBER}<", "more than a text"),
    "an ETTN that is none": (ETTN, f"{{{ETTN}}}", "cbc:UUID cannot be read"),
    "a day that does not exist": ("2026-05-02", "2026-02-30", "cbc:IssueDate cannot be read"),
    "a day in words": ("2026-05-02", "2 Mayıs", "cbc:IssueDate cannot be read"),
    "an hour that does not exist": ("09:54:11", "25:54:11", "cbc:IssueTime cannot be read"),
    "an offset that does not exist": ("+03:00", "+99:00", "cbc:IssueTime cannot be read"),
    "a day before the calendar": (
        f"2026-05-02</cbc:IssueDate>\n  {ISSUE_TIME}",
        "0001-01-01</cbc:IssueDate><cbc:IssueTime>00:10:00+09:00</cbc:IssueTime>",
        "calendar",
    ),
    "an amount with a comma": (">72.72<", ">72,72<", "cannot be read"),
    "an amount in words": (">72.72<", ">NaN<", "cannot be read"),
    "an amount without end": (">72.72<", f">{'9' * 21}<", "cannot be read"),
    "an amount in another currency": (
        money("PayableAmount", "72.72"),
        money("PayableAmount", "72.72", "USD"),
        "another currency",
    ),
    "no totals": ("cac:LegalMonetaryTotal", "cac:Other", "cac:LegalMonetaryTotal is missing"),
    "no customer": ("cac:AccountingCustomerParty", "cac:Other", "cac:AccountingCustomerParty is missing"),
    "two tax numbers": ('"MERSISNO"', '"TCKN"', "more than one tax number"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_fact_that_is_missing_unreadable_or_repeated_is_an_error(name, refused):
    there, instead, said = UNREADABLE[name]
    document = invoice()
    assert there in document

    assert said in refused(NotAnInvoiceError, document.replace(there, instead).encode(), read)
