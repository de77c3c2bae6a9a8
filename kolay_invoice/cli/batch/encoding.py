"""The encoding of a CSV file: UTF-8, UTF-16 with its byte order mark, or the Turkish code page of Windows.

A code page has no mark, so the whole file decides: it is none of UTF-8, and each letter is one of Turkish.
"""

from __future__ import annotations

import codecs
import string
from typing import BinaryIO, Final, Protocol

UTF_16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_UTF_16: Final = "utf-16"
_TURKISH: Final = "cp1254"
_TURKISH_TEXT: Final = frozenset(string.printable + "çÇğĞıİöÖşŞüÜâÂîÎûÛ" + "‘’“”–—…€°\xa0")
_CHUNK: Final = 4096


class Lines(Protocol):
    """What lines are read from."""

    def readline(self, size: int, /) -> bytes:
        """Return the next line, or its next part of this size."""
        ...


def as_utf_8(file: BinaryIO) -> Lines:
    """Return a file in UTF-8. One whose encoding is not known is returned as it is."""
    is_utf_16 = file.read(2) in UTF_16_MARKS
    for encoding in (_UTF_16,) if is_utf_16 else ("utf-8", _TURKISH):
        if _is_in(file, encoding):
            return file if encoding == "utf-8" else _Recoded(file, encoding)
    return file


def _is_in(file: BinaryIO, encoding: str) -> bool:
    """Whether the whole file is of an encoding. The file is at its beginning again afterwards."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(_CHUNK):
            text = decoder.decode(chunk)
            if encoding == _TURKISH and not _TURKISH_TEXT.issuperset(text):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True


class _Recoded:
    """A file of another encoding, read line by line in UTF-8."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._rest = ""

    def readline(self, size: int, /) -> bytes:
        """Return the next line, or its next `size` characters."""
        while "\n" not in self._rest and len(self._rest) < size and (chunk := self._file.read(_CHUNK)):
            self._rest += self._decoder.decode(chunk)
        end = self._rest.find("\n", 0, size) + 1 or size
        line, self._rest = self._rest[:end], self._rest[end:]
        return line.encode()
