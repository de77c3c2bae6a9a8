"""`kolay-invoice xml`: signed documents in files. This module defines only the arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from kolay_invoice.cli.options import Flag

app = App(name="xml", help="Check and show signed UBL-TR documents in files.")


@app.command
def verify(
    file: Path,
    *,
    certificate: Path | None = None,
    trust_store: Path | None = None,
    ettn: str | None = None,
    profile: str | None = None,
    json: Flag = False,
) -> int:
    """Verify the signature of a document, or of each in an envelope, and print what it proves. Asks no network.

    Without --certificate or --trust-store it is only proven that nobody has changed the document since it was signed
    with the certificate that it carries; whose certificate that is remains open.

    Exit code 0: verified by a trusted signer; 6: intact, signer not checked; 1: not intact, another signer's, or
    another document.

    Args:
        file: The document, byte for byte as it came.
        certificate: The one certificate that must have signed, PEM or DER.
        trust_store: Certificates of issuers, PEM. Default: the profile's xml.trust_store.
        ettn: The ETTN that the document must have.
        profile: The profile of the configuration file. Default: KOLAY_INVOICE_PROFILE, then default.
        json: Print one JSON document, for errors too.
    """
    from kolay_invoice.cli.verify import SignerOptions, verify_file

    trust = SignerOptions(certificate=certificate, trust_store=trust_store, ettn=ettn, profile=profile)
    return verify_file(file, trust, as_json=json)


@app.command
def render(
    file: Path,
    *,
    save: Path | None = None,
    pdf: Path | None = None,
    open_it: Annotated[bool, Parameter(name="--open", negative="")] = False,
    certificate: Path | None = None,
    trust_store: Path | None = None,
    unverified: Flag = False,
    profile: str | None = None,
    json: Flag = False,
) -> int:
    """Show a document by the design (XSLT) that it carries, after its signature is verified.

    The design runs in a limited process without files and network, and the page runs nothing and asks nothing of any
    host. The facts of the document stand above the page: a design can show other amounts than the document states.

    Exit codes as of `xml verify`.

    Args:
        file: The document, byte for byte as it came.
        save: Write the page to this new file.
        pdf: Print the page to this new PDF file, by an installed Chromium, Chrome or Edge.
        open_it: Open the page in the browser.
        certificate: The one certificate that must have signed, PEM or DER.
        trust_store: Certificates of issuers, PEM. Default: the profile's xml.trust_store.
        unverified: Do not verify the signature.
        profile: The profile of the configuration file. Default: KOLAY_INVOICE_PROFILE, then default.
        json: Print one JSON document, for errors too.
    """
    from kolay_invoice.cli.documents import OutputOptions
    from kolay_invoice.cli.render import render_file
    from kolay_invoice.cli.verify import SignerOptions

    trust = SignerOptions(certificate=certificate, trust_store=trust_store, profile=profile)
    outputs = OutputOptions(open_it=open_it, save=save, pdf=pdf)
    return render_file(file, trust, outputs, unverified=unverified, as_json=json)
