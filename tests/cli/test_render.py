"""A signed document is shown by its own design from the command line, and a profile says who may have signed."""

import json

import pytest

from tests.signed_xml.designs import PLAIN, with_design
from tests.signed_xml.documents import NUMBER, invoice
from tests.signed_xml.signer import Signing, foreign_seal, own_seal, seal


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "invoice.xml"
    path.write_bytes(Signing().sign(with_design(PLAIN)))
    return path


@pytest.fixture
def certificate(tmp_path):
    path = tmp_path / "seal.pem"
    path.write_bytes(own_seal().pem)
    return path


def test_a_document_is_shown_and_its_facts_are_printed(kolay, document, certificate, tmp_path):
    page = tmp_path / "page.html"
    code, out, err = kolay("xml", "render", document, "--save", page, "--certificate", certificate)
    assert (code, err) == (0, "")
    assert "Verified by a trusted signer" in out
    assert NUMBER in page.read_text()
    assert f"Written to {page}" in out


def test_as_json_it_says_where_the_page_is_and_what_was_proven(kolay, document, tmp_path):
    page = tmp_path / "page.html"
    code, out, _ = kolay("xml", "render", document, "--save", page, "--json")
    told = json.loads(out)
    assert (code, told["result"], told["saved"]) == (6, "intact", str(page))


def test_unverified_it_says_so(kolay, document, tmp_path):
    document.write_bytes(with_design(PLAIN).encode())
    code, out, err = kolay("xml", "render", document, "--save", tmp_path / "a.html", "--unverified")
    assert code == 0
    assert "anybody can have written" in err
    assert NUMBER in out
    code, out, _ = kolay("xml", "render", document, "--save", tmp_path / "b.html", "--unverified", "--json")
    assert json.loads(out)["verified"] is False


def test_nothing_is_written_of_a_document_that_is_not_accepted(kolay, document, certificate, tmp_path):
    page = tmp_path / "page.html"
    document.write_bytes(document.read_bytes().replace(b">72.72<", b">72.73<"))
    code, _, err = kolay("xml", "render", document, "--save", page, "--certificate", certificate)
    assert (code, page.exists()) == (1, False)
    assert "Not intact" in err
    document.write_bytes(Signing().sign(invoice()))
    code, _, err = kolay("xml", "render", document, "--save", page)
    assert (code, page.exists()) == (1, False)
    assert "carries no design" in err


def test_it_has_to_be_said_where_the_page_goes(kolay, document, tmp_path, monkeypatch):
    code, _, err = kolay("xml", "render", document)
    assert code == 2
    assert "--save FILE" in err
    monkeypatch.setattr("kolay_invoice.propars.preview._PROGRAMS", ())
    code, _, err = kolay("xml", "render", document, "--pdf", tmp_path / "a.pdf")
    assert code == 2
    assert "is not installed here" in err


# The trust store of a profile


def test_a_profile_says_who_may_have_signed(kolay, document, tmp_path):
    issuer = seal(name="Kök", is_authority=True)
    document.write_bytes(Signing(seal=seal(issuer=issuer)).sign(with_design(PLAIN)))
    store = tmp_path / "issuers.pem"
    store.write_bytes(issuer.pem)
    assert kolay("config", "set", "xml.trust_store", store, "--profile", "books")[0] == 0

    assert kolay("xml", "verify", document)[0] == 6
    assert kolay("xml", "verify", document, "--profile", "books")[0] == 0
    page = tmp_path / "page.html"
    assert kolay("xml", "render", document, "--save", page, "--profile", "books")[0] == 0
    other = tmp_path / "other.pem"
    other.write_bytes(foreign_seal().pem)
    assert kolay("xml", "verify", document, "--profile", "books", "--certificate", other)[0] == 1
    assert str(store) in kolay("config", "show", "--json")[1]


def test_a_file_that_holds_no_certificate_is_not_kept_as_a_trust_store(kolay, document):
    code, _, err = kolay("config", "set", "xml.trust_store", document)
    assert code == 2
    assert "trust_store must be a bundle" in err
