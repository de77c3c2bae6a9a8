"""Hostile documents: they are kept as bytes or refused, and nothing in them is looked up, unfolded or run."""
# ruff: noqa: TID252 - the harness of the fault matrix is borrowed as it is.

from __future__ import annotations

import asyncio

import pytest

from kolay_invoice import AsyncPropars, OutcomeUnknownError, SignedXml, UnexpectedReplyError

from ..faults import contents
from ..faults.matrix import PATIENCE, READY_TOKEN
from ..faults.replies import Reply, good_reply

UUID = "f46d5a8d-7726-4b37-bba4-973c7ab50a5b"


@pytest.fixture
async def propars(server):
    async with AsyncPropars(**READY_TOKEN["propars"], base_url=server.url, max_reply_bytes=4 << 20) as client:
        yield client


def entities(elsewhere: str) -> dict[str, bytes]:
    """Return documents that want something: a file, another origin, or a gigabyte."""
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    return {
        "a file": b'<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/passwd">]><Invoice>&x;</Invoice>',
        "another origin": f'<!DOCTYPE Invoice SYSTEM "{elsewhere}/x.dtd"><Invoice></Invoice>'.encode(),
        "a parameter": f'<!DOCTYPE Invoice [<!ENTITY % x SYSTEM "{elsewhere}/x">%x;]><Invoice></Invoice>'.encode(),
        "a gigabyte": f'<!DOCTYPE Invoice [<!ENTITY l0 "ha">{laughs}]><Invoice>&l9;</Invoice>'.encode(),
        "in UTF-16": '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY x "y">]><Invoice/>'.encode("utf-16"),
        "behind a comment": b"<!-- --><!DOCTYPE Invoice []><Invoice></Invoice>",
    }


@pytest.mark.parametrize("name", entities(""))
async def test_a_document_with_a_doctype_is_refused_and_looks_nothing_up(name, server, elsewhere, propars):
    document = entities(elsewhere.url)[name]
    server.fault("get_signed_xml", contents.reply_instead("hostile", lambda _: Reply(document, "application/xml")))

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(UnexpectedReplyError):
            await propars.get_signed_xml(sale_id=5)

    assert elsewhere.connections == 0


async def test_an_inclusion_is_kept_as_bytes_and_not_looked_up(server, elsewhere, propars):
    document = (
        f'<Invoice xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{elsewhere.url}/x"/></Invoice>'.encode()
    )
    server.fault("get_signed_xml", contents.reply_instead("hostile", lambda _: Reply(document, "application/xml")))

    async with asyncio.timeout(PATIENCE):
        signed = await propars.get_signed_xml(sale_id=5)

    assert signed.content == document
    assert elsewhere.connections == 0


async def test_a_script_in_a_page_is_kept_as_text_and_shown_by_no_repr(server, elsewhere, propars):
    page = f'<html><script src="{elsewhere.url}/x.js"></script><img src=x onerror=alert(1)>ETTN: {UUID}</html>'
    server.fault(
        "invoice_html_for_sale", contents.reply_instead("hostile", lambda _: Reply(page.encode(), "text/html"))
    )

    async with asyncio.timeout(PATIENCE):
        preview = await propars.invoice_html_for_sale(sale_id=5)

    assert preview.html == page
    assert "script" not in repr(preview)
    assert elsewhere.connections == 0


OVERSIZED = {
    "get_signed_xml": (b"<Invoice>" + b" " * (8 << 20) + b"</Invoice>", UnexpectedReplyError),
    "invoice_html_for_sale": (b"<html>ETTN" + b" " * (8 << 20) + b"</html>", OutcomeUnknownError),
}


@pytest.mark.parametrize("operation", OVERSIZED)
async def test_a_document_beyond_the_cap_is_never_taken(operation, server, propars):
    document, error = OVERSIZED[operation]
    server.fault(operation, contents.reply_instead("oversized", lambda _: Reply(document, "text/html")))

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(error, match="larger than any real one"):
            await getattr(propars, operation)(sale_id=5)

    assert server.received[operation] == 1


async def test_a_document_is_saved_under_no_name_but_the_callers(server, propars, tmp_path):
    """A provider names no file: a saved document never replaces one that is there."""
    server.fault(
        "get_signed_xml",
        contents.reply_instead(
            "named",
            lambda asked: good_reply(asked).with_header("Content-Disposition", 'attachment; filename="../../x.xml"'),
        ),
    )
    signed = await propars.get_signed_xml(sale_id=5)
    target = tmp_path / "invoice.xml"

    assert signed.save(target) == signed.sha256
    with pytest.raises(FileExistsError):
        SignedXml(b"<Invoice/>").save(target)
    assert target.read_bytes() == signed.content
    assert [path.name for path in tmp_path.iterdir()] == ["invoice.xml"]
