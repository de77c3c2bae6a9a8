"""The file of an official document: found by its bytes, whole or refused, saved unchanged."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from kolay_invoice import AsyncKolayBi, EDocumentFile, GetEDocument, KolayBi, NotFoundError, UnexpectedReplyError
from kolay_invoice.kolaybi import files
from kolay_invoice.signed_xml import verify

ETTN = "5b2f7f0e-0c55-4f0e-8a51-6a3d5f7f7d20"
PDF = b"%PDF-1.7\n\xff\xfe\n%%EOF\n"
XML = b'<?xml version="1.0"?><Invoice>\xc5\x9f</Invoice>'
HEAD = "data:application/pdf;base64,"


def packed(content):
    return base64.b64encode(content).decode()


@pytest.fixture
def client(emulator):
    account = {"channel": emulator.kolaybi_channel, "access_token": emulator.kolaybi_access_token}
    with KolayBi(**account, base_url=emulator.kolaybi_url) as client:
        yield client


@pytest.mark.parametrize(
    ("source", "content", "media_type"),
    [
        (packed(PDF), PDF, "application/pdf"),
        (HEAD + packed(PDF), PDF, "application/pdf"),
        ("data:application/pdf;name=a.pdf;base64," + packed(PDF), PDF, "application/pdf"),
        (packed(PDF)[:8] + "\r\n" + packed(PDF)[8:], PDF, "application/pdf"),
        (PDF.decode("latin-1"), PDF, "application/pdf"),
        (packed(XML), XML, "application/xml"),
        (XML.decode(), XML, "application/xml"),
    ],
)
async def test_a_file_is_found_by_its_bytes(source, content, media_type, kolaybi, server):
    server.answers({"success": True, "data": {"src": source, "output_type": "of no weight"}})

    assert await kolaybi.get_e_document(ETTN) == EDocumentFile(content, media_type)


@pytest.mark.parametrize("content", [PDF, XML])
async def test_a_file_may_be_the_whole_body(content, kolaybi, server):
    server.answers(content)

    assert (await kolaybi.get_e_document(ETTN)).content == content


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"src": "https://dosya.example/a.pdf"}, "no address is followed"),
        ({"src": "//dosya.example/a.pdf"}, "no address is followed"),
        ({"src": packed(PDF[:12])}, "a PDF that is cut"),
        ({"src": packed(XML[:-4])}, "an XML document that is cut"),
        ({"src": packed(b"<html><body>Giri\xc5\x9f</body></html>")}, "something else than a UBL document"),
        ({"src": packed(b"PK\x03\x04")}, "something else than a PDF or an XML document"),
        ({"src": "not base64!"}, "a file that is not base64"),
        ({"src": HEAD + "ş"}, "a file that is not base64"),
        ({"src": ""}, r"no file @ \$\.data\.src"),
        ({"src": None}, r"no file @ \$\.data\.src"),
        ([], r"no file @ \$\.data\.src"),
    ],
)
async def test_what_is_no_whole_file_is_no_reply(data, reason, kolaybi, server):
    server.answers({"success": True, "data": data})

    with pytest.raises(UnexpectedReplyError, match=reason):
        await kolaybi.get_e_document(ETTN)


async def test_a_pdf_is_no_signed_xml(kolaybi, server):
    server.answers({"success": True, "data": {"src": packed(PDF)}})

    with pytest.raises(UnexpectedReplyError, match="a PDF and not the XML that was asked for"):
        await kolaybi.get_e_document_xml(ETTN)


def test_a_file_larger_than_the_bound_is_refused(monkeypatch):
    monkeypatch.setattr(files, "LARGEST_FILE", 16)
    for source in ("A" * 33, packed(PDF + b"." * 8)):
        with pytest.raises(ValueError, match="a file larger than 16 MiB"):
            files.decode_e_document(GetEDocument(ETTN), {"data": {"src": source}})


@pytest.mark.parametrize("container", ["base64", "data_uri", "raw"])
def test_each_container_of_the_emulator_holds_the_same_file(container, emulator, client):
    emulator.view_container = container

    file, signed = client.get_e_document(ETTN), client.get_e_document_xml(ETTN)

    assert file.media_type == "application/pdf"
    assert re.search(rb"HDB2024000000020 5b2f7f0e", file.content)
    assert verify(signed, certificate=emulator.signing_certificate, ettn=ETTN).invoice.number == "HDB2024000000020"
    assert emulator.executions("get_e_document", 20) == 2


def test_an_address_of_the_emulator_is_refused(emulator, client):
    emulator.view_container = "address"

    with pytest.raises(UnexpectedReplyError, match="no address is followed"):
        client.get_e_document(ETTN)


def test_a_document_that_is_not_official_has_no_file(client):
    with pytest.raises(NotFoundError):
        client.get_e_document("00000000-0000-4000-8000-000000000999")


def test_a_file_is_saved_unchanged_and_never_over_another(tmp_path):
    path, file = tmp_path / "a.pdf", EDocumentFile(PDF, "application/pdf")

    assert file.save(path) == file.save(path) == hashlib.sha256(PDF).hexdigest()
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (PDF, 0o600)
    with pytest.raises(FileExistsError, match="another document"):
        EDocumentFile(XML, "application/xml").save(path)
    assert "PDF-" not in repr(file)


@pytest.mark.parametrize(
    ("wrong", "error"), [("soon", ValueError), (7, TypeError), ("00000000-0000-4000-8000", ValueError)]
)
async def test_an_ettn_is_checked_before_a_byte_leaves(wrong, error):
    async with AsyncKolayBi(channel="c", access_token="t") as client:
        with pytest.raises(error, match="uuid must be"):
            await client.get_e_document(wrong)
