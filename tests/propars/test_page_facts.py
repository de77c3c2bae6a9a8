"""An invoice's page is told from the page of an error by a field, not by a UUID that stands somewhere."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolay_invoice.propars import page_facts

ETTN = "0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11"
NUMBER = "ABC2026000000042"


def has_invoice_field(page: str) -> bool:
    return page_facts.has_invoice_field(page.encode())


def page(inside: str, head: str = "<title>e-Fatura</title>") -> str:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{inside}</body></html>"


FIELDS = {
    "a line": f"<p>ETTN: {ETTN}</p>",
    "a line in capitals": f"<p>ETTN : {ETTN.upper()}</p>",
    "a line after another": f"e-Arşiv Fatura<br>ETTN {ETTN}",
    "two cells": f"<tr><th>ETTN</th><td>{ETTN}</td></tr>",
    "two cells with a colon between": f"<tr><td>ETTN</td><td>:</td><td>{ETTN}</td></tr>",
    "two cells of nested tags": (
        f'<td align="left">\n <span style="font-weight:bold;">Fatura No:</span>\n</td>\n'
        f'<td align="left"><font>\n {NUMBER}\n</font></td>'
    ),
    "one cell of nested tags": f'<td id="ettnTable"><span><b>ETTN:&nbsp;</b></span><br>{ETTN}&#160;</td>',
    "tags that leave no blank": f"<td><span class=k>ETTN</span><span class=v>{ETTN}</span></td>",
    "blocks": f"<div><div>Fatura Numarası</div><div>{NUMBER}</div></div>",
    "a list": f"<dl><dt>Belge No</dt><dd>{NUMBER}</dd></dl>",
    "entities": f"<td>Fatura Numaras&#305;&nbsp;:</td><td>&nbsp;{NUMBER}</td>",
    "two lines": f"<td>Fatura<br/>No: {NUMBER}</td><td>ETTN: {ETTN}</td>",
    "two languages": f"<td>Fatura No / Invoice No</td><td>{NUMBER}</td>",
    "two languages in brackets": f"<td>Invoice Number (Fatura No)</td><td>{NUMBER}</td>",
    "its long name": f"<td>Evrensel Tekil Tanımlama Numarası (ETTN)</td><td>{ETTN}</td>",
    "its long name alone": f"<td>EVRENSEL TEKİL TANIMLAMA NUMARASI</td><td>{ETTN}</td>",
    "old pages' letters": f"<td>FATURA NUMARASI</td><td>{NUMBER}</td>",
    "capitals of Turkish": f"<td>FATURA SERİ-SIRA NO</td><td>{NUMBER}</td>",
    "a comment within": f"<td>ETTN:<!-- -- > --></td><td>{ETTN}</td>",
    "comments that end at once": f"<!--><td>ETTN:<!---></td><td>{ETTN}</td>",
    "a request's id beside it": f"<p>Trace: {NUMBER[:3]}-{ETTN}</p><p>e-Fatura No: {NUMBER}</p>",
}


@pytest.mark.parametrize("form", FIELDS)
def test_a_field_of_that_name_shows_an_invoice(form):
    assert has_invoice_field(page(FIELDS[form]))


@pytest.mark.parametrize(
    "name",
    [
        "ETTN",
        "Ettn:",
        "e-Fatura ETTN",
        "Fatura ETTN No",
        "Fatura UUID",
        "Invoice UUID",
        "Evrensel Tekil Numara",
    ],
)
def test_an_ettn_has_many_names(name):
    assert has_invoice_field(page(f"<td>{name}</td><td>{ETTN}</td>"))
    assert not has_invoice_field(page(f"<td>{name}</td><td>{NUMBER}</td>"))


@pytest.mark.parametrize(
    "name",
    [
        "Fatura No",
        "FATURA NO :",
        "Fatura No.",
        "e-Fatura No",
        "e-Arşiv Fatura No",
        "E-ARŞİV FATURA NO",
        "Fatura Numarası",
        "Fatura Seri No",
        "Fatura Sıra No",
        "Belge No",
        "Belge Numarası",
        "Invoice No",
        "INVOICE NUMBER",
        "Invoice ID",
    ],
)
def test_a_number_has_many_names(name):
    assert has_invoice_field(page(f"<td>{name}</td><td>{NUMBER}</td>"))
    assert not has_invoice_field(page(f"<td>{name}</td><td>{ETTN}</td>"))


ERRORS = {
    "nothing": "",
    "a word": "<p>Fatura oluşturulamadı</p>",
    "a name without a value": "<tr><td>ETTN</td><td></td></tr><tr><td>Fatura No</td><td>-</td></tr>",
    "a value without a name": f"<p>{ETTN}</p><p>{NUMBER}</p>",
    "a request's id": f"<p>Request ID: {ETTN}</p>",
    "a request's id in cells": f"<tr><th>Correlation Id</th><td>{ETTN}</td></tr>",
    "a UUID without a saying": f"<p>UUID: {ETTN}</p>",
    "a request's id after a name": f"<p>Fatura No</p><p>İstek No: {ETTN}</p>",
    "a reference in the form of a number": f"<p>Ref: {NUMBER}</p>",
    "a sentence about an ETTN": f"<p>ETTN {ETTN} bulunamadı.</p>",
    "a sentence that ends with an ETTN": f"<p>Fatura oluşturulamadı, ETTN: {ETTN}</p>",
    "a sentence with tags": f"<p>Fatura bulunamadı: <b>ETTN</b> <code>{ETTN}</code></p>",
    "a sentence after the cell": f"<td>ETTN</td><td>{ETTN} için fatura oluşturulamadı</td>",
    "a sentence with the name": f"<p>Lütfen ETTN'yi kontrol edin. İstek: {ETTN}</p>",
    "a sentence that denies": f"<p>ETTN değil, istek kimliği: {ETTN}</p>",
    "a long sentence": f"<p>{'x ' * 1000}ETTN: {ETTN}</p>",
    "a long sentence whose end is a field": f"<p>{'x ' * 1000}{' ' * 200}ETTN:{ETTN}</p>",
    "a script": f"<script>var p='<p>ETTN: {ETTN}</p>'</script>",
    "a script without an end": f"<SCRIPT type=x><p>ETTN: {ETTN}</p>",
    "a style": f"<style>/* </b><p>ETTN: {ETTN}</p> */</style>",
    "a text of a form": f"<textarea><p>ETTN: {ETTN}</p></textarea>",
    "a comment": f"<!-- <p>ETTN: {ETTN}</p> -->",
    "a comment without an end": f"<!-- <p>ETTN: {ETTN}</p>",
    "an attribute": f'<a href="?ETTN: {ETTN}">ETTN:</a>',
    "an attribute and a name": f'<p>ETTN:</p><img alt="{ETTN}">',
    "half a value": f"<p>ETTN: {ETTN[:-1]}</p><p>Fatura No: {NUMBER}0</p>",
}


@pytest.mark.parametrize("form", ERRORS)
def test_no_other_page_shows_an_invoice(form):
    assert not has_invoice_field(page(ERRORS[form]))


@pytest.mark.row(47)
@pytest.mark.parametrize(
    "heading",
    ["Hata", "Sunucu Hatası", "Fatura bulunamad&#305;", "Error", "502 Bad Gateway", "404 Not Found", "Access Denied"],
)
@pytest.mark.parametrize("element", ["title", "h1 class=x", "H1"])
def test_a_page_that_calls_itself_an_error_is_one_whatever_it_names(heading, element):
    field = FIELDS["two cells"]

    assert not has_invoice_field(page(f"{field}<{element}>{heading}</{element.split()[0]}>"))
    assert has_invoice_field(page(f"{field}<p>{heading}</p>"))


def test_of_countless_names_the_first_ones_are_looked_at():
    sentence = f"<p>ETTN {ETTN} yok.</p>"

    assert has_invoice_field(page(sentence * 20 + FIELDS["a line"]))
    assert not has_invoice_field(page(sentence * 200 + FIELDS["a line"]))
    assert has_invoice_field(page(sentence * 200 + FIELDS["blocks"]))


@pytest.mark.parametrize("hidden", ["<!-- a line of the invoice -->", "<script>x</script>", "<!---->"])
def test_a_page_may_have_many_comments_and_scripts_and_not_countless_ones(hidden):
    assert has_invoice_field(page(hidden * 1900 + FIELDS["a line"]))
    assert has_invoice_field(page(FIELDS["a line"] + " " * 3000 + hidden * 1900))
    assert not has_invoice_field(page(hidden * 2100 + FIELDS["a line"]))


@pytest.mark.parametrize("before", [0, 200, 400])
@pytest.mark.parametrize("between", [0, 300])
def test_what_stands_around_a_field_changes_nothing(before, between):
    tag = f'<td style="{"x" * before}">'
    blanks = "\n\t" * (between // 2)

    assert has_invoice_field(page(f"<p>a &lt; b</p>{tag}{blanks}ETTN{blanks}</td>{tag}{blanks}{ETTN}</td>"))
    assert has_invoice_field(page(f"<!-- {'x' * before} --><p>ETTN:<!-- {'x' * between} --><b>{ETTN}</b></p>"))


def test_a_page_in_an_older_character_set_is_read_as_one():
    assert has_invoice_field(page(f"<h1>Örnek A.Ş.</h1><td>FATURA NUMARASI</td><td>{NUMBER}</td>"))
    assert has_invoice_field(page(f"<h1>Örnek A.Ş.</h1><td>Fatura Numarası</td><td>{NUMBER}</td>"))
    assert not has_invoice_field(page(f"<h1>Fatura bulunamadı</h1><td>ETTN</td><td>{ETTN}</td>"))


def test_the_end_of_an_oversized_page_is_not_searched():
    filling = "<p>x</p>" * (page_facts.LARGEST_LOOKED_AT // 8)

    assert has_invoice_field(page(FIELDS["a line"] + filling))
    assert not has_invoice_field(page(filling + FIELDS["a line"]))


PIECES = [
    "ETTN",
    ":",
    ETTN,
    NUMBER,
    "Fatura No",
    "<p>",
    "</td><td>",
    "<!--",
    "-->",
    "<script>",
    "</script>",
    "<b",
    ">",
    " ",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*PIECES, "\x01", "\x02", "&nbsp;", "x"]), max_size=12).map("".join))
def test_a_field_counts_wherever_it_stands_if_a_reader_can_see_it(before):
    has_invoice_field(before)
    seen = before.replace("<!--", "").replace("<script>", "").replace("<b", "")

    assert has_invoice_field(f"{seen}<div>ETTN: {ETTN}</div>")
