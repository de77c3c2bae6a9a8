"""The file of an official document: its PDF or its XML."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final
from uuid import UUID

from attrs import field, frozen
from attrs.validators import in_, optional

from kolay_invoice import validators
from kolay_invoice.kolaybi.request import KolayBiRequest as Request
from kolay_invoice.value import Reply, length_of

PDF: Final = "application/pdf"
XML: Final = "application/xml"


@frozen
class EDocumentFile(Reply):
    """The file of an official document, byte for byte as it came. `media_type` is told by its first bytes."""

    content: bytes = field(repr=length_of("bytes"))
    media_type: str

    @property
    def sha256(self) -> str:
        """The SHA-256 of the bytes, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()

    def save(self, path: str | Path) -> str:
        """Write the bytes, unchanged, to a file that only its owner can read, and return their SHA-256.

        Saving the same file again changes nothing; another file under this name is never replaced.

        Args:
            path: The file. Its folder has to exist.

        Raises:
            FileExistsError: The file is there and holds something else.
            OSError: The file cannot be written.
        """
        from kolay_invoice.new_file import save_new

        save_new(self.content, path)
        return self.sha256


def _uuid(value: UUID | str) -> UUID:
    return validators.to_uuid("uuid", value)


@frozen
class GetEDocument(Request[EDocumentFile]):
    """Fetch the file of an official document. Changes nothing.

    `direction` and `output_type` are undocumented: "inbound" for a document that was received, "xml" for the signed
    XML instead of the PDF.
    """

    uuid: UUID = field(converter=_uuid)
    direction: str | None = field(default=None, kw_only=True, validator=optional(validators.plain_text))
    output_type: str | None = field(default=None, kw_only=True, validator=optional(in_(("xml",))))
