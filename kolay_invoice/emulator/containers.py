"""Packs a signed XML document into each container in which a provider could send it."""

from __future__ import annotations

import base64
import io
import zipfile
from typing import TYPE_CHECKING

from kolay_invoice.emulator.messages import Reply

if TYPE_CHECKING:
    from kolay_invoice.emulator.guesses import XmlContainer


def pack_xml(xml: bytes, container: XmlContainer, name: str) -> Reply:
    """Return the reply that carries a document.

    Args:
        xml: The document.
        container: The form of the reply.
        name: The file's name in a ZIP, without its ending.
    """
    match container:
        case "json_text":
            return Reply.json(xml.decode())
        case "json_base64":
            return Reply.json({"xml": base64.b64encode(xml).decode()})
        case "json_xml":
            return Reply.json({"xml": xml.decode()})
        case "zip":
            return Reply(body=_zip(xml, f"{name}.xml"), content_type="application/zip")
        case _:
            return Reply(body=xml, content_type="application/xml")


def _zip(xml: bytes, name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, xml)
    return file.getvalue()
