"""Signed documents and previews from the command line."""

import gzip
import io
import json
import zipfile

import pytest

from kolay_invoice.cli.errors import ExitCode
from kolay_invoice.emulator.signing import seal
from kolay_invoice.propars import preview
from tests.signed_xml.kinds import application_response
from tests.signed_xml.signer import Signing

SALE = ("--sale-code", "abc123")


def zipped(content):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("invoice.xml", content)
    return buffer.getvalue()


@pytest.fixture
def document(kolay, emulated, tmp_path):
    """A signed document in a file, as Propars sent it."""
    kolay("propars", "send", *SALE, "--yes")
    path = tmp_path / "invoice.xml"
    assert kolay("propars", "xml", *SALE, "--save", path)[0] == 0
    return path


@pytest.fixture
def certificate(tmp_path):
    from cryptography.hazmat.primitives.serialization import Encoding

    path = tmp_path / "seal.pem"
    path.write_bytes(seal("rsa").certificate.public_bytes(Encoding.PEM))
    return path


def test_a_document_is_verified_by_whom_it_should_be_signed(kolay, document, certificate):
    code, out, err = kolay("xml", "verify", document, "--certificate", certificate)
    assert (code, err) == (0, "")
    assert "Verified by a trusted signer" in out
    verified = json.loads(kolay("xml", "verify", document, "--certificate", certificate, "--json")[1])
    assert verified["verified"] is verified["signer_checked"] is True
    assert (verified["result"], verified["exit_code"]) == ("verified", 0)
    assert verified["number"] in out
    assert kolay("xml", "verify", document, "--certificate", certificate, "--ettn", verified["ettn"])[0] == 0


def test_issuers_can_vouch_for_the_signer(kolay, document, certificate):
    # The emulator's certificate is self-signed, so it is not accepted as an issuer.
    assert kolay("xml", "verify", document, "--trust-store", certificate)[0] == 1


def test_without_saying_who_may_sign_only_the_change_is_excluded_and_said_so(kolay, document):
    code, out, err = kolay("xml", "verify", document)
    assert code == 6
    assert "Intact, signer not checked" in out
    assert "Who signed is not" in err
    code, out, _ = kolay("xml", "verify", document, "--json")
    intact = json.loads(out)
    assert (code, intact["exit_code"]) == (6, 6)
    assert (intact["result"], intact["verified"], intact["signer_checked"]) == ("intact", False, False)


def test_another_signer_is_neither_verified_nor_called_not_intact(kolay, document, tmp_path):
    from cryptography.hazmat.primitives.serialization import Encoding

    other = tmp_path / "other.pem"
    other.write_bytes(seal("ec").certificate.public_bytes(Encoding.PEM))
    code, out, _ = kolay("xml", "verify", document, "--certificate", other, "--json")
    refused = json.loads(out)
    assert (code, refused["kind"], refused["result"]) == (1, "UntrustedSignerError", "not_accepted")


def test_a_document_that_was_changed_is_refused(kolay, document):
    document.write_bytes(document.read_bytes().replace(b"120.00", b"921.00"))
    code, out, err = kolay("xml", "verify", document)
    assert (code, out) == (1, "")
    assert err.startswith("Not intact: ")
    assert "not what was signed" in err
    code, out, _ = kolay("--lang", "tr", "xml", "verify", document, "--json")
    refused = json.loads(out)
    assert (code, refused["kind"], refused["verified"]) == (1, "TamperedError", False)
    assert refused["result"] == "not_intact"
    assert "imzadan sonra değiştirilmiş" in refused["error"]


def test_a_document_without_its_certificate_proves_nothing_by_itself(kolay, document, monkeypatch):
    monkeypatch.setattr("kolay_invoice.signed_xml.embedded.matches_digest", lambda *_: False)
    code, _, err = kolay("xml", "verify", document)
    assert code == 1
    assert "give --certificate" in err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("nowhere.xml",), 2),
        (("invoice.xml", "--certificate", "nowhere.pem"), 2),
        (("invoice.xml", "--certificate", "invoice.xml"), 2),
        (("invoice.xml", "--ettn", "x"), 2),
        (("invoice.xml", "--certificate", "seal.pem", "--trust-store", "seal.pem"), 2),
        (("invoice.xml", "--ettn", "0f5e9a52-6f0b-4a3e-9d3c-2f8f2b6f1c04"), 1),
    ],
)
def test_what_is_of_no_use_is_told(kolay, document, arguments, code):
    ended, out, err = kolay("xml", "verify", *arguments)
    assert (ended, out) == (code, "")
    assert len(err.splitlines()) == 1


def enveloped(*documents):
    header = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
    inside = b"".join(document.partition(b"?>")[2].strip() for document in documents)
    opened = f'<sh:StandardBusinessDocument xmlns:sh="{header}"><Package><Elements><ElementList>'.encode()
    return opened + inside + b"</ElementList></Elements></Package></sh:StandardBusinessDocument>"


def test_each_document_of_an_envelope_is_verified(kolay, document, certificate):
    good = document.read_bytes()
    document.write_bytes(enveloped(good, good.replace(b"120.00", b"921.00")))
    code, out, err = kolay("xml", "verify", document, "--certificate", certificate)
    assert code == 1
    assert "An envelope" in out
    assert "Verified by a trusted signer" in out
    assert "Not intact" in err
    code, out, _ = kolay("xml", "verify", document, "--json")
    told = json.loads(out)
    assert (code, told["exit_code"]) == (1, 1)
    assert [one["result"] for one in told["documents"]] == ["intact", "not_intact"]
    document.write_bytes(enveloped(good))
    code, _, err = kolay("xml", "verify", document)
    assert code == 6
    assert "Who signed is not" in err


def test_an_envelope_without_a_document_is_not_accepted(kolay, document):
    document.write_bytes(enveloped())
    code, out, _ = kolay("xml", "verify", document, "--json")
    assert (code, json.loads(out)["result"]) == (1, "not_accepted")


def test_a_response_is_told_by_what_it_answers(kolay, document):
    document.write_bytes(Signing().sign(application_response()))
    told = json.loads(kolay("xml", "verify", document, "--json")[1])
    assert (told["document"], told["sender"]) == ("ApplicationResponse", "Alıcı Ltd.")
    assert told["responses"].startswith("RED ")
    assert "payable" not in told


def test_it_is_said_in_words_whether_the_seal_is_the_issuers(kolay, document, certificate, monkeypatch):
    told = json.loads(kolay("xml", "verify", document, "--json")[1])
    assert told["sealed_by_issuer"] in {True, False}
    for is_own, words in ((True, "is that of the company"), (False, "is not that of the company"), (None, "")):
        monkeypatch.setattr("kolay_invoice.signed_xml.Verified.is_sealed_by_issuer", is_own)
        out = kolay("xml", "verify", document, "--certificate", certificate)[1]
        assert words in out
        assert ("The seal" in out) is (is_own is not None)


OTHER_FILES = {
    "ISO-8859-9": (lambda xml: xml.decode().replace("UTF-8", "ISO-8859-9").encode("iso-8859-9"), "UTF-8"),
    "ISO-8859-9 that says it is UTF-8": (lambda xml: xml.decode().encode("iso-8859-9"), "UTF-8"),
    "ISO-8859-9 without a Turkish letter": (lambda _: b'<?xml version="1.0" encoding="ISO-8859-9"?><a/>', "UTF-8"),
    "UTF-16": (lambda xml: xml.decode().encode("utf-16"), "UTF-16"),
    "UTF-16 without a mark": (lambda xml: xml.decode().encode("utf-16-be"), "UTF-16"),
    "UTF-32": (lambda xml: xml.decode().encode("utf-32"), "UTF-32"),
    "a NUL tail": (lambda xml: xml + b"\0" * 512, "NUL"),
    "a ZIP": (zipped, "ZIP"),
    "a gzip file": (gzip.compress, "gzip"),
    "a PDF": (lambda _: b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n", "PDF"),
    "a DTD": (lambda xml: xml.replace(b"?>", b"?><!DOCTYPE Invoice>", 1), "DTD"),
    "a large document": (lambda xml: xml + b" " * (16 << 20), "16 MiB"),
    "a cut document": (lambda xml: xml[:-20], "XML"),
}


@pytest.mark.parametrize("language", ["en", "tr"])
@pytest.mark.parametrize("name", OTHER_FILES)
def test_a_file_that_is_not_read_is_told_by_what_it_is(kolay, document, name, language):
    make, said = OTHER_FILES[name]
    document.write_bytes(make(document.read_bytes()))
    code, out, err = kolay("--lang", language, "xml", "verify", document)
    assert (code, out) == (1, "")
    assert said in err
    causes = {"DTD": ["DTD"], "size": ["larger", "büyük"], "depth": ["deeper", "derin"], "encoding": ["UTF-"]}
    named = {cause for cause, words in causes.items() if any(word in err for word in words)}
    right = {"DTD": "DTD", "16 MiB": "size", "UTF-8": "encoding", "UTF-16": "encoding", "UTF-32": "encoding"}
    assert named == ({right[said]} if said in right else set())


# Fetched from Propars


def test_the_document_comes_byte_for_byte(kolay, emulated, document, tmp_path):
    assert document.read_bytes() == emulated.sale("abc123").invoice.signed_xml
    fetched = json.loads(kolay("propars", "xml", *SALE, "--json")[1])
    assert fetched["xml"].encode() == document.read_bytes()
    assert kolay("propars", "xml", *SALE)[1].encode() == document.read_bytes()
    saved = json.loads(kolay("propars", "xml", *SALE, "--json", "--save", document)[1])
    assert saved["saved"] == str(document)
    document.write_bytes(b"another")
    code, _, err = kolay("propars", "xml", *SALE, "--save", document)
    assert code == 2
    assert "holds another document" in err


def test_it_can_be_verified_as_it_is_fetched(kolay, emulated, document, certificate):
    code, out, _ = kolay("propars", "xml", *SALE, "--verify", "--certificate", certificate)
    assert code == 0
    assert "Verified by a trusted signer" in out
    code, out, _ = kolay("propars", "xml", *SALE, "--verify", "--json")
    intact = json.loads(out)
    assert (code, intact["exit_code"], intact["result"]) == (6, 6, "intact")
    code, out, err = kolay("propars", "xml", *SALE, "--certificate", certificate)
    assert (code, out) == (2, "")
    assert "go with --verify" in err


@pytest.mark.parametrize("of_no_use", ["missing.pem", "empty.pem"])
@pytest.mark.parametrize("option", ["--certificate", "--trust-store"])
def test_certificates_of_no_use_are_told_before_anything_is_fetched(option, of_no_use, kolay, emulated, tmp_path):
    (tmp_path / "empty.pem").touch()
    code, out, err = kolay("propars", "xml", *SALE, "--verify", option, tmp_path / of_no_use, "--save", "new.xml")
    assert (code, out) == (2, "")
    assert "Nothing was sent." in err
    assert not emulated.requests
    assert not (tmp_path / "new.xml").exists()


def test_what_does_not_verify_is_kept_as_it_came(kolay, emulated, tmp_path, monkeypatch):
    kolay("propars", "send", *SALE, "--yes")
    monkeypatch.setattr("kolay_invoice.signed_xml.embedded.matches_digest", lambda *_: False)
    path = tmp_path / "evidence.xml"
    assert kolay("propars", "xml", *SALE, "--verify", "--save", path)[0] == 1
    assert path.read_bytes() == emulated.sale("abc123").invoice.signed_xml


# The preview


def test_a_preview_is_saved_as_a_page_that_is_safe_to_open(kolay, emulated, tmp_path):
    path = tmp_path / "preview.html"
    code, out, _ = kolay("propars", "html", *SALE, "--yes", "--save", path)
    assert (code, out) == (0, f"Written to {path}.\n")
    assert 'sandbox=""' in path.read_text()


def test_a_file_that_cannot_be_made_is_told_before_an_invoice_is_created(kolay, emulated, tmp_path):
    path = tmp_path / "preview.html"
    path.touch()
    (tmp_path / "link.html").symlink_to(tmp_path / "elsewhere")
    for place in (path, tmp_path / "nowhere" / "preview.html", tmp_path / "link.html", tmp_path / ("a" * 300)):
        assert kolay("propars", "html", *SALE, "--yes", "--save", place)[0] == 2
        assert kolay("propars", "html", *SALE, "--yes", "--pdf", place)[0] == 2
    new = tmp_path / "new"
    assert "name the same file" in kolay("propars", "html", *SALE, "--yes", "--save", new, "--pdf", new)[2]
    assert emulated.requests == []
    assert not new.exists()
    assert not (tmp_path / "elsewhere").exists()


def test_a_missing_program_for_pdfs_is_told_before_an_invoice_is_created(kolay, emulated, tmp_path, monkeypatch):
    monkeypatch.setattr(preview, "_PROGRAMS", ("no-such-chromium",))
    code, _, err = kolay("propars", "html", *SALE, "--yes", "--pdf", tmp_path / "preview.pdf")
    assert code == 2
    assert "is not installed here" in err
    assert "Nothing was sent." in err
    assert emulated.requests == []


def test_a_preview_is_opened_and_printed(kolay, emulated, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(preview, "show", lambda html, path, **_: opened.append((html, path)) or tmp_path / "a.html")
    monkeypatch.setattr(preview, "find_program", lambda: "chromium")
    monkeypatch.setattr(preview, "why_no_sandbox", lambda: None)
    monkeypatch.setattr(preview, "write_pdf", lambda _html, path, **_: path)
    path = tmp_path / "preview.pdf"
    code, out, err = kolay("propars", "html", *SALE, "--yes", "--open", "--pdf", path, "--json")
    assert (code, json.loads(out)["pdf"]) == (0, str(path))
    assert ("ETTN" in opened[0][0], opened[0][1]) == (True, None)
    assert f"opens in the browser: {tmp_path / 'a.html'}." in err
    assert "without its own sandbox" not in err
    monkeypatch.setattr(preview, "why_no_sandbox", lambda: "printed without its own sandbox, as root")
    err = kolay("propars", "html", *SALE, "--yes", "--pdf", path)[2]
    assert "Printed without its own sandbox, as root." in err
    assert kolay("propars", "html", *SALE, "--yes", "--open")[:2] == (0, "")
    saved = tmp_path / "b.html"
    assert kolay("propars", "html", *SALE, "--yes", "--open", "--save", saved)[1] == f"Written to {saved}.\n"
    assert opened[-1][1] == saved


def test_a_preview_that_cannot_be_shown_has_still_made_an_invoice(kolay, emulated, tmp_path, monkeypatch):
    def no_browser(_html, _path, **_options):
        raise preview.PreviewError("no browser could be opened here")

    monkeypatch.setattr(preview, "show", no_browser)
    code, out, _ = kolay("propars", "html", *SALE, "--yes", "--open", "--json")
    assert (code, json.loads(out)["may_have_happened"]) == (ExitCode.UNKNOWN, True)
    assert "no browser could be opened here" in json.loads(out)["error"]
    assert emulated.executions("invoice_html_for_sale", "abc123") == 1
