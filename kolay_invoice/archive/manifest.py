"""The manifest of an archive: a JSON file with the hash, number, date and verdict of each document."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final
from uuid import UUID

from attrs import define, evolve, field, frozen
from cattrs.errors import BaseValidationError
from cattrs.preconf.msgspec import make_converter

from kolay_invoice.archive.values import ArchivedDocument
from kolay_invoice.messages import Message
from kolay_invoice.private_file import WRITE, read_private, replace_private

NAME: Final = "manifest.json"
FORMAT: Final = "kolay-invoice archive 1"

_converter = make_converter()
# The reason of a verdict can be a message, which keeps more than its text.
_converter.register_unstructure_hook_func(lambda kind: kind == str | None, lambda text: text and str(text))
_converter.register_structure_hook(UUID, lambda text, _: UUID(text))


class ArchiveError(RuntimeError):
    """The archive cannot be used: its manifest is unreadable, or its folder cannot be written."""


@frozen
class _Written:
    format: str
    documents: list[ArchivedDocument]


@define
class Manifest:
    """The documents of an archive, by ETTN and by what they were asked for by."""

    folder: Path
    documents: dict[UUID, ArchivedDocument] = field(factory=dict)
    _by_source: dict[str, UUID] = field(factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a folder; one that has none is empty.

        Raises:
            ArchiveError: It cannot be read, or another version wrote it.
        """
        path = folder / NAME
        try:
            content = read_private(path, forbidden=WRITE)
            written = _converter.loads(content, _Written)
        except FileNotFoundError:
            return cls(folder)
        except (OSError, BaseValidationError, ValueError, TypeError, KeyError) as error:
            reason = str(error) if isinstance(error, OSError) else Message("it is no manifest, or is cut")
            msg = Message("{path} cannot be read: {reason}. Nothing was fetched.", path=path, reason=reason)
            raise ArchiveError(msg) from None
        if written.format != FORMAT:
            msg = Message("{path} was written by another version of this package. Nothing was fetched.", path=path)
            raise ArchiveError(msg)
        manifest = cls(folder)
        for document in written.documents:
            manifest.add(document)
        return manifest

    def add(self, document: ArchivedDocument) -> None:
        """Add a document, or what is new of one that is there."""
        known = self.documents.get(document.ettn)
        if known is not None:
            sources = tuple(dict.fromkeys((*known.sources, *document.sources)))
            document = evolve(document, sources=sources, files={**known.files, **document.files})
        self.documents[document.ettn] = document
        self._by_source |= dict.fromkeys(document.sources, document.ettn)

    def add_source(self, document: ArchivedDocument, source: str) -> None:
        """Note that a document was asked for by something else as well."""
        self.add(evolve(document, sources=(source,)))

    def find(self, ettn: UUID | None, source: str, number: str | None) -> ArchivedDocument | None:
        """Return the document that is asked for, if it is here. Without an ETTN its source and number tell."""
        known = self._by_source.get(source) if ettn is None else ettn
        found = None if known is None else self.documents.get(known)
        # A sale whose invoice was cancelled can have another one since.
        return None if found is None or (number is not None and found.number not in (None, number)) else found

    def damaged_files(self, document: ArchivedDocument) -> tuple[list[str], list[str]]:
        """Return the paths of a document's files that are gone, and of those that hold something else."""
        missing, changed = [], []
        for file in document.files.values():
            try:
                content = read_private(self.folder / file.path, forbidden=WRITE)
            except FileNotFoundError:
                missing.append(file.path)
            else:
                if hashlib.sha256(content).hexdigest() != file.sha256:
                    changed.append(file.path)
        return missing, changed

    def write(self) -> None:
        """Write the manifest atomically.

        Raises:
            OSError: It cannot be written.
        """
        # Another thread may add to it meanwhile.
        documents = list(self.documents.values())
        documents.sort(key=lambda one: (str(one.date), str(one.number), str(one.ettn)))
        content = _converter.dumps(_Written(FORMAT, documents))
        replace_private(self.folder / NAME, content + b"\n")
