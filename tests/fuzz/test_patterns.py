"""Every regular expression of the package, and whatever reads what others send, takes steps in proportion to its input.

No clock decides by itself: time is the thread's own, and only growth by the square of the length is caught. What is
read of one hostile text four times as long may take eight times as long; by the square it would take sixteen times.
"""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import re
import time

import pytest

import kolay_invoice
from kolay_invoice.propars import containers, preview
from kolay_invoice.propars.page_facts import has_invoice_field
from kolay_invoice.propars.xml_facts import read_signed_invoice
from kolay_invoice.propars.xml_outline import is_complete, read_outline
from kolay_invoice.redact import masked, sentences
from kolay_invoice.result import HttpResponse

ETTN = "0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11"

# Whatever begins a thing that then does not end, and what a pattern repeats.
# fmt: off
UNITS = (
    "<", ">", " ", "\n", "a", "0", "-", "'", "\\", "ı", "{", '{"', "=", ": ", "; ", "a.", "a@", "a@a-", "a:", "1.",
    "-->", "<!--", "<!---->", "<!-- -", "<?", "<?x?>", "]]>", "<![CDATA[", "&nbsp;", "&#65;", "<a:", "<a ", "<a\n",
    "<script", "<script>", "<script></script>", "<input ", "type ", "type=password ", "<h1>", "<h1 ", "</html",
    "a ", "<b ", "</html ",
    "</html><!--", "</html><!---->", "</html>-->", "<UUID ", "<UUID>", "<UUID>\n", "<cbc:ID>", "<cbc:ID ", "<Invoice ",
    "</Invoice", "TR1.2>", ">\nTR1.2", " encoding=", " encoding", "; charset=", "; charset ", '"data":[', '"data":[{ ',
    "ETTN:", f"{ETTN} ", f"<p>ETTN: {ETTN} x", "00000000-", "ABC20", ": kolaybi.", "kolaybi.a: ", "AError: ", "2026-",
)
# fmt: on


def patterns():
    """Return every compiled pattern of the package by its name. Modules that need another system are left out."""
    found = {}
    for module in pkgutil.walk_packages(kolay_invoice.__path__, "kolay_invoice."):
        if module.name.endswith("__main__"):
            continue
        with contextlib.suppress(ImportError):
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern):
                    found[f"{module.name}.{name}"] = value
    return found


PATTERNS = patterns()
SHORT = 8_000
SO_LITTLE = 0.1
"""Seconds of CPU in which nothing that grows by the square reads the longer text: 32,000 characters."""


def took(read, text):
    began = time.thread_time()
    read(text)
    return time.thread_time() - began


def grown_by_the_square(read, units=UNITS):
    """Return the texts that take far more than four times as long when they are four times as long."""
    return [
        unit
        for unit in units
        if (longer := took(read, unit * (4 * SHORT // len(unit)))) > SO_LITTLE
        and longer > 8 * took(read, unit * (SHORT // len(unit)))
    ]


def test_the_patterns_are_found():
    assert {"kolay_invoice.redact._PRIVATE", "kolay_invoice.propars.page_facts._INLINE"} <= PATTERNS.keys()
    assert len(PATTERNS) > 20


@pytest.mark.row(60)
@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_never_reads_by_the_square(name):
    pattern = PATTERNS[name]

    def read(text):
        subject = text.encode() if isinstance(pattern.pattern, bytes) else text
        for _ in pattern.finditer(subject):
            pass
        pattern.fullmatch(subject)

    assert grown_by_the_square(read) == []


ROOT = '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">'

READERS = {
    "a document's own facts": lambda text: read_signed_invoice(text.encode()),
    "a document's own facts within its root": lambda text: read_signed_invoice(f"{ROOT}{text}</Invoice>".encode()),
    "a document's own facts in UTF-16": lambda text: read_signed_invoice(text.encode("utf-16")),
    "an outline": lambda text: read_outline(text.encode()),
    "an end": lambda text: is_complete(text.encode(), b"Invoice"),
    "a container": lambda text: containers.extract_signed_xml(text.encode()),
    "a page": lambda text: containers.extract_page(HttpResponse(200, {}, f"<html>{text}</html>".encode())),
    "a page with a field": lambda text: containers.extract_page(
        HttpResponse(200, {}, f"<html>{text}<p>ETTN: {ETTN}</p></html>".encode())
    ),
    "a page without an end": lambda text: containers.extract_page(HttpResponse(200, {}, f"<html>{text}".encode())),
    "what a page shows": lambda text: has_invoice_field(text.encode()),
    "a page to be shown": preview.sandboxed_page,
    "a sentence": lambda text: masked(text, ("secret",)),
    "sentences": lambda text: sentences({"detail": [text] * 3, text: text}),
}


@pytest.mark.row(60)
@pytest.mark.parametrize("reader", READERS)
def test_a_reader_of_what_others_send_never_reads_by_the_square(reader):
    def read(text):
        with contextlib.suppress(ValueError):
            READERS[reader](text)

    assert grown_by_the_square(read) == []


@pytest.mark.row(60)
@pytest.mark.parametrize(
    "pattern",
    [
        rb"<(?:\w+:)?UUID(?:\s[^>]*)?>\s*([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s*</",
        rb"</html\s*>(?:\s|<!--(?:(?!-->).)*-->)*\Z",
    ],
    ids=["looks ahead from every tag", "looks ahead from every end"],
)
def test_what_was_mended_is_caught(pattern):
    """The judge must be able to say no: both of these read what others send once."""
    assert grown_by_the_square(lambda text: re.search(pattern, text.encode(), re.DOTALL), ["<UUID ", "</html><!--"])
