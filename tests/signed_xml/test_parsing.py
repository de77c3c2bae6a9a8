"""What could hurt whoever reads it is refused before anything of it is built, unfolded or fetched."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest

from kolay_invoice.signed_xml import NotAnInvoiceError, UnsafeDocumentError, parsing, read

from .documents import invoice

BODY = invoice().partition("?>\n")[2]


@pytest.fixture
def visitors():
    """A port of this machine and who came there."""
    came = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def listen():
            with contextlib.suppress(OSError):  # It ends when the port is closed.
                while True:
                    listening.accept()[0].close()
                    came.append(True)

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", came
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


def with_dtd(dtd: str, body: str = BODY) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- -->{dtd}\n{body}'.encode()


DTDS = {
    "an empty one": "<!DOCTYPE Invoice>",
    "billion laughs": "<!DOCTYPE Invoice [<!ENTITY a 'ha'>{}]>".format(
        "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
    ),
    "quadratic blow-up": f"<!DOCTYPE Invoice [<!ENTITY j '{'x' * 100_000}'>]>",
    "a file": "<!DOCTYPE Invoice [<!ENTITY j SYSTEM 'file:///etc/passwd'>]>",
    "another origin": "<!DOCTYPE Invoice SYSTEM '{url}/x.dtd' [<!ENTITY j SYSTEM '{url}/x'>]>",
    "a parameter": "<!DOCTYPE Invoice [<!ENTITY % p SYSTEM '{url}/x'>%p;]>",
    "a default attribute": "<!DOCTYPE Invoice [<!ATTLIST Invoice Id CDATA 'x'>]>",
}


@pytest.mark.parametrize("used", [False, True], ids=["declared", "used"])
@pytest.mark.parametrize("name", DTDS)
def test_a_document_with_a_dtd_is_refused_and_looks_nothing_up(name, used, visitors, refused):
    url, came = visitors
    body = BODY.replace("TICARIFATURA", "&j;" * 1000) if used else BODY

    assert "DTD" in refused(UnsafeDocumentError, with_dtd(DTDS[name].replace("{url}", url), body), read)
    assert came == []


def test_an_inclusion_is_not_looked_up(visitors):
    url, came = visitors
    inclusion = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{url}/x"/>'

    assert read(invoice().replace("<ext:ExtensionContent/>", inclusion).encode())
    assert came == []


def test_a_schema_location_is_not_looked_up(visitors):
    url, came = visitors

    assert read(invoice().replace("<Invoice", f'<Invoice xsi:schemaLocation="urn:x {url}/x.xsd"', 1).encode())
    assert came == []


BOMBS = {
    "depth": ("<x>" * 100 + "</x>" * 100, "deeper"),
    "elements": ("<x/>" * parsing.MOST_NODES, "more elements"),
    "attributes": ("<x {}/>".format(" ".join(f'a{n}=""' for n in range(100))), "more attributes"),
    "namespaces": (
        "".join(f'<x xmlns:n{n}="urn:{n}" xmlns:m{n}="urn:{n}">' for n in range(40)) + "</x>" * 40,
        "namespaces",
    ),
    "processing instructions": ("<?x?>" * 100, "processing instructions"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_before_a_tree_is_built(name, refused, monkeypatch):
    monkeypatch.setattr(parsing, "safe_parser", lambda: pytest.fail("a tree was begun"))
    bomb, said = BOMBS[name]

    assert said in refused(UnsafeDocumentError, invoice().replace("<ext:ExtensionContent/>", bomb).encode(), read)


def test_processing_instructions_before_the_root_are_bounded_as_well(refused):
    content = invoice().replace("<Invoice", "<?x?>" * 300_000 + "<Invoice", 1).encode()

    assert "processing instructions" in refused(UnsafeDocumentError, content)


@pytest.mark.parametrize("as_file", [False, True], ids=["bytes", "file"])
def test_an_oversized_document_is_refused_unread(as_file, refused, tmp_path):
    content = b"<Invoice>" + b" " * parsing.LARGEST_DOCUMENT
    path = tmp_path / "large.xml"
    path.write_bytes(content)

    assert "larger" in refused(UnsafeDocumentError, path if as_file else content, read)


@pytest.mark.parametrize("encoding", ["iso-8859-9", "utf-16", "utf-7", "x-unknown"])
def test_a_document_in_another_encoding_is_refused(encoding, refused):
    assert "UTF-8" in refused(UnsafeDocumentError, invoice().replace("UTF-8", encoding).encode(), read)


@pytest.mark.parametrize("encoding", ["iso-8859-9", "utf-16", "utf-16-le", "utf-32"])
def test_a_document_that_is_not_in_the_encoding_that_it_declares_is_refused(encoding, refused):
    assert "UTF-8" in refused(UnsafeDocumentError, invoice().encode(encoding), read)


def test_a_document_without_a_declaration_is_utf8():
    assert read(BODY.encode()) == read(b"\xef\xbb\xbf" + invoice().encode())


MALFORMED = {
    "nothing": b"",
    "words": b"fatura",
    "a cut document": invoice().encode()[:-20],
    "something behind the end": invoice().encode() + b"<x/>",
    "a prefix without a namespace": invoice().replace("<ext:ExtensionContent/>", "<nobody:x/>").encode(),
    "an entity that nobody declared": invoice().replace("TICARIFATURA", "&nbsp;").encode(),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_not_well_formed_is_no_invoice(name, refused):
    assert "well-formed" in refused(NotAnInvoiceError, MALFORMED[name], read)
