"""The QR code that a design draws by a script is a picture in previews and renderings."""

from __future__ import annotations

import json
import sys

import pytest

from kolay_invoice.propars.qr_codes import draw_codes

VALUE = '{"vkntckn":"1234567803","no":"ABC2026000000042","tarih":"2026-05-02","odenecek":"72.72"}'
PLACE = '<div id="qrcode"></div>'


def page_of(text: str, place: str = PLACE, opened: str = '<div id="qrvalue" style="display:none">') -> str:
    return f"<html><p>İ</p>{opened}{text}</div>{place}</html>"


@pytest.mark.parametrize(
    "opened",
    [
        '<div id="qrvalue">',
        "<DIV STYLE='display:none' ID = 'qrvalue' >",
        "<span id=qrvalue>",
        '<div title=">" id="qrvalue">',
    ],
)
def test_the_code_is_drawn_in_its_place(opened):
    page = page_of(VALUE, opened=opened)

    drawn = draw_codes(page)

    head, _, tail = drawn.partition('<img alt="QR"')
    picture, _, rest = tail.partition(">")
    assert head.endswith('<div id="qrcode">')
    assert 'src="data:image/png;base64,' in picture
    assert head + rest == page


def test_without_a_place_it_is_drawn_behind_its_text():
    assert "</div><img" in draw_codes(page_of(VALUE, ""))


def test_marks_in_the_text_are_read_as_a_browser_reads_them():
    escaped = VALUE.replace('"', "&quot;")

    assert draw_codes(page_of(escaped)).replace(escaped, VALUE) == draw_codes(page_of(VALUE))


NOTHING = {
    "no element": f"<p>qrvalue {VALUE}</p>{PLACE}",
    "no JSON": page_of("x"),
    "no object": page_of("[1]"),
    "nothing in it": page_of(""),
    "too much": page_of(json.dumps({"a": "x" * 3000})),
    "more than a code can hold": page_of(json.dumps({"a": "ş" * 1500}, ensure_ascii=False)),
    "another element": page_of(VALUE, opened='<div id="qrvalues">'),
    "an element that does not end": f'<div id="qrvalue" {VALUE}',
    "many that are none": '"qrvalue" ' * 50 + page_of(VALUE),
}


@pytest.mark.parametrize("name", NOTHING)
def test_what_is_no_code_is_left_as_it_is(name):
    assert draw_codes(NOTHING[name]) == NOTHING[name]


def test_without_the_library_the_page_stays_as_it_is(monkeypatch):
    monkeypatch.setitem(sys.modules, "segno", None)

    assert draw_codes(page_of(VALUE)) == page_of(VALUE)
