"""Renders a document by the design that it carries, in a child process with limits.

The design (XSLT) is part of what is signed, so the page is what the signer wants to be seen. It is still a foreign
program: it may show other amounts than the document states, or run without end. So it runs in a child process that may
use little, and the facts that this package read stand beside the page.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from attrs import field, frozen

from kolay_invoice.messages import Message
from kolay_invoice.propars import preview
from kolay_invoice.signed_xml.errors import RenderingError, RenderingLimitError
from kolay_invoice.signed_xml.notices import ApplicationResponse, UblDocument
from kolay_invoice.signed_xml.parsing import Content, read_bytes
from kolay_invoice.signed_xml.proof import Verified
from kolay_invoice.signed_xml.values import Bill
from kolay_invoice.signed_xml.verification import read, verify

_PROGRAM: Final = Path(__file__).with_name("design_process.py")
_ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""What the child inherits; no credential is among it."""


@frozen(kw_only=True)
class RenderLimits:
    """What a design may use. The largest real ones take 0.2 seconds, and 1 MiB for their page.

    Attributes:
        cpu_seconds: Seconds of CPU, whole ones.
        wall_seconds: Seconds until the process is killed in any case.
        memory: Bytes of address space, with the interpreter's own.
        page: Bytes of the page.
    """

    cpu_seconds: int = 5
    wall_seconds: float = 20.0
    memory: int = 768 << 20
    page: int = 16 << 20


@frozen(kw_only=True)
class Rendering:
    """The page that a document's own design makes of it, and the facts to read beside it.

    Attributes:
        html: The page, foreign HTML. Never put it into a page of yours: use `save`, `show` and `write_pdf`.
        document: The facts of the document.
        verified: What the verification proved; None where it was left out.
    """

    html: str = field(repr=False)
    document: UblDocument
    verified: Verified | None

    def save(self, path: str | Path) -> Path:
        """Write the page, with the facts above it, as one that is safe to open, to a new file.

        Raises:
            FileExistsError: There is a file of this name.
        """
        return preview.save(self.html, path, facts=self.facts)

    def show(self, path: str | Path | None = None, *, open_address: Callable[[str], object] | None = None) -> Path:
        """Save the page, open it in the browser and return its path. See `kolay_invoice.propars.preview.show`."""
        return preview.show(self.html, path, facts=self.facts, open_address=open_address or preview.open_in_browser)

    def write_pdf(self, path: str | Path, *, chromium: str | Path | None = None, seconds: float = 60.0) -> Path:
        """Print the page and the facts to a new PDF file. See `kolay_invoice.propars.preview.write_pdf`.

        Page and facts are one document there: a hostile design can cover the facts. In `save` and `show` it cannot.
        """
        return preview.write_pdf(self.html, path, facts=self.facts, chromium=chromium, seconds=seconds)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What stands beside the page: names in Turkish, and the facts of the document."""
        document = self.document
        if isinstance(document, ApplicationResponse):
            parties = {"Gönderen": document.sender.name, "Alıcı": document.receiver.name}
        else:
            parties = {"Düzenleyen": document.supplier.name, "Alıcı": document.customer.name}
        facts = {"Belge no": document.number, "ETTN": str(document.ettn), **parties}
        if isinstance(document, Bill):
            facts["Ödenecek"] = f"{document.totals.payable} {document.currency}"
            facts["Uymayan tutar"] = ", ".join(difference.name for difference in document.differences)
        facts["İmza"] = "doğrulanmadı" if self.verified is None else "belgenin tamamı için doğrulandı"
        facts["Mühür"] = None if self.verified is None else self.verified.signer.common_name
        return tuple((name, value) for name, value in facts.items() if value)


def render(
    content: Content,
    *,
    certificate: bytes | Path | None = None,
    trust_store: bytes | Path | None = None,
    unverified: bool = False,
    limits: RenderLimits | None = None,
) -> Rendering:
    """Return the page that a document is to be shown with by its own design (XSLT).

    The signature is verified first, as by `verify`. The design runs in a child process without files, network and
    credentials; the process is bounded and has ended when this returns. It blocks for about a quarter of a second: in a
    coroutine, call it by `asyncio.to_thread`.

    Args:
        content: The bytes as they came, what `get_signed_xml` returned, or the path of a file.
        certificate: The one certificate that has to have signed, in PEM or DER, or its file.
        trust_store: Certificates in PEM, or their file: issuers', or signers' own.
        unverified: Render without verification; then give neither of the two.
        limits: What the design may use.

    Raises:
        RenderingError: The document carries no design, or more than one, or one that cannot be applied.
        RenderingLimitError: The design used more than it may.
        SignedXmlError: The document is not accepted; see `verify`.
        TypeError, ValueError: An argument is invalid.
        OSError: A file cannot be read, or no process can be started.
    """
    if [certificate is not None, trust_store is not None, unverified].count(True) != 1:
        msg = Message("give exactly one of certificate, trust_store, unverified=True")
        raise ValueError(msg)
    exact = read_bytes(content)
    verified = None
    if certificate is not None:
        verified = verify(exact, certificate=certificate)
    elif trust_store is not None:
        verified = verify(exact, trust_store=trust_store)
    document = read(exact) if verified is None else verified.document
    html = _apply(_find_design(document), exact, limits or RenderLimits())
    return Rendering(html=html, document=document, verified=verified)


def _find_design(document: UblDocument) -> bytes:
    designs = [attachment.content for attachment in document.attachments if attachment.is_design]
    if len(designs) != 1 or designs[0] is None:
        msg = (
            Message("the document carries more than one design, or one that cannot be decoded")
            if designs
            else Message("the document carries no design (XSLT) to show it with: ask the sender for a preview")
        )
        raise RenderingError(msg)
    return designs[0]


def _apply(design: bytes, document: bytes, limits: RenderLimits) -> str:
    """Return the page that a design makes of a document, from a child process that has ended."""
    try:
        from kolay_invoice.signed_xml import design_process
    except ModuleNotFoundError:
        # Windows.
        msg = Message("a design is rendered only where the system can limit a process (Linux, macOS)")
        raise RenderingError(msg) from None
    header = design_process.HEADER.pack(len(design), limits.cpu_seconds, limits.memory, limits.page)
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 - a list, no shell; this very interpreter.
            [sys.executable, "-I", str(_PROGRAM)],
            input=header + design + document,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limits.wall_seconds,
            check=False,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        code = -signal.SIGKILL
    else:
        code = done.returncode
        if code == 0:
            return done.stdout.decode()
    raise _to_error(code, limits)


def _to_error(code: int, limits: RenderLimits) -> RenderingError:
    """Return the error of a child process that ended without a page."""
    from kolay_invoice.signed_xml.design_process import FAILED, OUT_OF_MEMORY, TOO_LARGE

    if code == FAILED:
        return RenderingError(
            Message("the design cannot be applied: it is malformed, or uses what is unknown here or not allowed")
        )
    if code == TOO_LARGE:
        return RenderingLimitError(
            Message("the design makes a page that is larger than {number} MiB", number=limits.page >> 20)
        )
    if code == OUT_OF_MEMORY:
        return RenderingLimitError(
            Message("the design needs more memory than {number} MiB", number=limits.memory >> 20)
        )
    return RenderingLimitError(
        Message(
            "the design did not end within {number} seconds of CPU, or broke down: it was ended",
            number=limits.cpu_seconds,
        )
    )
