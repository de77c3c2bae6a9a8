"""The file of an official document of KolayBi, in each form in which it could come: the reply is unpublished."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, time
from typing import TYPE_CHECKING, TypeAlias

from kolay_invoice.emulator.messages import Reply
from kolay_invoice.emulator.propars_sales import Invoice, Sale
from kolay_invoice.emulator.values import TURKEY

if TYPE_CHECKING:
    from kolay_invoice.emulator.guesses import ViewContainer
    from kolay_invoice.emulator.kolaybi_documents import Document

Sign: TypeAlias = Callable[[Sale, Invoice], bytes]


def file_reply(document: Document, container: ViewContainer, sign: Sign | None) -> Reply:
    """Return the reply that carries a document's file.

    Args:
        document: The official document.
        container: The form of the reply.
        sign: Signs the XML that was asked for; None for the PDF.
    """
    kind = "pdf" if sign is None else "xml"
    content = _pdf(f"{document.no} {document.uuid}") if sign is None else _signed_xml(document, sign)
    match container:
        case "raw":
            return Reply(body=content, content_type=f"application/{kind}")
        case "address":
            source = f"https://dosya.example/{document.uuid}.{kind}"
        case "data_uri":
            source = f"data:application/{kind};base64,{base64.b64encode(content).decode()}"
        case _:
            source = base64.b64encode(content).decode()
    return Reply.json({"success": True, "data": {"src": source, "output_type": kind}})


def _signed_xml(document: Document, sign: Sign) -> bytes:
    assert document.uuid is not None  # noqa: S101 - an official document has both.
    assert document.no is not None  # noqa: S101
    sale = Sale(
        sale_id=document.document_id,
        sale_code=f"KOLAYBI-{document.document_id}",
        buyer=document.party_name,
        total=document.grand_total,
        currency=document.grand_currency.upper(),
        e_invoice=document.scenario != "EARSIVFATURA",
    )
    issued_at = datetime.combine(document.issue_date, time(12), TURKEY)
    return sign(sale, Invoice(id=document.document_id, uuid=document.uuid, number=document.no, issued_at=issued_at))


def _pdf(text: str) -> bytes:
    """Return a PDF of one page with one line of ASCII text."""
    stream = f"BT /F 12 Tf 40 800 Td ({text}) Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}".encode("ascii")
