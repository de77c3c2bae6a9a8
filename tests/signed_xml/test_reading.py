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
    SUPPLIER,
    SUPPLIER_NUMBER,
    invoice,
    money,
    tax_total,
)

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
    supplier=Party(
        name=SUPPLIER, tax_number=SUPPLIER_NUMBER, tax_number_scheme="VKN", other_ids=(("MERSISNO", "0123"),)
    ),
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


@pytest.mark.parametrize("mebibytes", [1, 11])
def test_a_long_style_sheet_inside_is_nothing_unusual(mebibytes):
    text = "QUJD" * (mebibytes << 18)
    attached = f"<cac:AdditionalDocumentReference><x>{text}</x></cac:AdditionalDocumentReference>"

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


def test_a_company_goes_by_its_name_though_a_person_is_there_too():
    document = invoice().replace(
        "<cac:Person>", "<cac:PartyName><cbc:Name>A Ltd.</cbc:Name></cac:PartyName><cac:Person>"
    )

    assert read(document.encode()).customer.name == "A Ltd."


UNREADABLE = {
    "another document": ("Invoice", "Catalogue", "no UBL-TR document"),
    "another namespace": ("xsd:Invoice-2", "xsd:Invoice-3", "no UBL-TR document"),
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
