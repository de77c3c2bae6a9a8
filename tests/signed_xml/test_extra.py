"""Without the extra `xml` the package says what to install."""

from __future__ import annotations

import importlib
import sys

import pytest


@pytest.mark.parametrize("library", ["lxml", "lxml.etree", "signxml", "cryptography"])
def test_without_its_libraries_the_error_says_what_to_install(library, monkeypatch):
    loaded = ("kolay_invoice.signed_xml", "signxml")
    for name in [name for name in sys.modules if name.startswith(loaded)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)

    with pytest.raises(ModuleNotFoundError, match=r"pip install 'kolay-invoice\[xml\]'") as raised:
        importlib.import_module("kolay_invoice.signed_xml")

    assert library in str(raised.value)
