"""The outline of XML: a table of documents, parts and what is none."""

import pytest

from kolay_invoice.propars.xml_outline import is_complete, read_outline


@pytest.mark.parametrize(
    ("document", "root", "local_name", "encoding"),
    [
        (b"<Invoice/>", b"Invoice", "Invoice", "utf-8"),
        (
            b"\xef\xbb\xbf<?xml version='1.0' encoding='ISO-8859-9'?>\n<a:Invoice>",
            b"a:Invoice",
            "Invoice",
            "iso-8859-9",
        ),
        (b"<?xml version='1.0'?><!-- > --><?pi ?> <n>", b"n", "n", "utf-8"),
    ],
)
def test_root_and_encoding_are_read_from_the_beginning(document, root, local_name, encoding):
    found = read_outline(document)
    assert found is not None
    assert (found.root, found.local_name, found.encoding) == (root, local_name, encoding)


@pytest.mark.parametrize(
    "document",
    [b"", b"{}", b"text", b"<!DOCTYPE html><html>", b"<!-- never ends <a>", b"<?xml never ends <a>", b"<1>", b"   "],
)
def test_what_is_no_document_has_no_outline(document):
    assert read_outline(document) is None


@pytest.mark.parametrize(
    ("document", "whole"),
    [
        (b"<a></a>", True),
        (b"<a></a >\r\n<!-- end --><?pi ?>", True),
        (b"<a>", False),
        (b"<a></a", False),
        (b"<a></a><a></a>", False),
        (b"<a></a><!-- never ends", False),
        (b"<a></a>more", False),
        (b"<a></ab>", False),
    ],
)
def test_a_document_is_whole_when_its_root_is_closed_once(document, whole):
    assert is_complete(document, b"a") is whole
