"""The program of the child process that applies a design. It is run by its path, and imports nothing of the package.

A design is a program of the signer's. libxslt denies it every file and host, and the kernel denies them once more: when
the design begins to run, the process may open no file and no socket, write no file and start no process.
"""

from __future__ import annotations

import resource
import struct
import sys
from typing import Any, Final

import lxml.etree as etree  # noqa: PLR0402 - lxml has no stubs in which the checkers would find the other form.

HEADER: Final = struct.Struct(">QQQQ")
"""What the parent writes first: bytes of the design, seconds of CPU, bytes of memory and bytes of the page."""

FAILED: Final = 3
TOO_LARGE: Final = 4
OUT_OF_MEMORY: Final = 5
"""How the process ends when it has no page."""

_XSLT: Final = "{http://www.w3.org/1999/XSL/Transform}"


def parse(design: bytes, document: bytes) -> tuple[Any, Any]:
    """Return the trees of the design and of the document. Only entities that a design declares itself are unfolded."""
    safe = {"load_dtd": False, "no_network": True, "collect_ids": False}
    style_sheet = etree.fromstring(design, etree.XMLParser(resolve_entities="internal", **safe))
    # The parent takes the page in UTF-8, and a `<meta>` that is written along has to agree.
    for output in style_sheet.iter(f"{_XSLT}output"):
        output.set("encoding", "UTF-8")
    return style_sheet, etree.fromstring(document, etree.XMLParser(resolve_entities=False, huge_tree=True, **safe))


def transform(style_sheet: Any, document: Any) -> bytes:
    """Return the page that a design makes of a document, in UTF-8.

    Raises:
        etree.XSLTError, etree.XMLSyntaxError: The design is none, or does what it may not.
    """
    result = etree.XSLT(style_sheet, access_control=etree.XSLTAccessControl.DENY_ALL)(document)
    return str(result).encode()


def limit(cpu_seconds: int, memory: int) -> None:
    """Bound what this process may use; it cannot raise the bounds again."""
    _lower(resource.RLIMIT_CPU, cpu_seconds)
    _lower(resource.RLIMIT_AS, memory)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, 0)


def close() -> None:
    """Open nothing any more: no file, no socket, no process."""
    _lower(resource.RLIMIT_NOFILE, 0)
    _lower(resource.RLIMIT_NPROC, 0)


def _lower(which: int, bound: int) -> None:
    """Set a bound, unless a lower one holds already."""
    _, hard = resource.getrlimit(which)
    bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
    resource.setrlimit(which, (bound, bound))


def main() -> int:  # pragma: no cover - it runs in a process of its own.
    """Read a design and a document, and write the page."""
    size, cpu_seconds, memory, largest_page = HEADER.unpack(sys.stdin.buffer.read(HEADER.size))
    limit(cpu_seconds, memory)
    try:
        design = sys.stdin.buffer.read(size)
        trees = parse(design, sys.stdin.buffer.read())
        close()
        page = transform(*trees)
    except MemoryError:
        return OUT_OF_MEMORY
    except (etree.LxmlError, ValueError, RecursionError):
        return FAILED
    if len(page) > largest_page:
        return TOO_LARGE
    sys.stdout.buffer.write(page)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":  # pragma: no cover
    import os

    # Nothing is tidied up: the memory of a large tree is given back by the kernel.
    os._exit(main())
