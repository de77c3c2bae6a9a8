"""`kolay-invoice xml`: signed documents in files. This module defines only the arguments."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from kolay_invoice.cli.options import Flag

app = App(name="xml", help="Check signed UBL-TR documents in files.")


@app.command
def verify(
    file: Path,
    *,
    certificate: Path | None = None,
    trust_store: Path | None = None,
    ettn: str | None = None,
    json: Flag = False,
) -> int:
    """Verify the signature of a document and print what it proves. Nothing goes over the network.

    Without --certificate or --trust-store it is only proven that nobody has changed the document since it was signed
    with the certificate that it carries; whose certificate that is remains open.

    Exit code 0: verified by a trusted signer; 6: intact, signer not checked; 1: not intact, another signer's, or
    another document.

    Args:
        file: The document, byte for byte as it came.
        certificate: The one certificate that must have signed, PEM or DER.
        trust_store: Certificates of issuers, PEM.
        ettn: The ETTN that the document must have.
        json: Print one JSON document, for errors too.
    """
    from kolay_invoice.cli.verify import SignerOptions, verify_file

    return verify_file(file, SignerOptions(certificate=certificate, trust_store=trust_store, ettn=ettn), as_json=json)
