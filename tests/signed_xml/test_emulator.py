"""From the emulator through the client to the proof; and nothing that signs has a part in what proves."""

from __future__ import annotations

import ast
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

import kolay_invoice
from kolay_invoice import AsyncPropars
from kolay_invoice.emulator import Emulator
from kolay_invoice.signed_xml import OtherInvoiceError, TamperedError, UntrustedSignerError, verify

PACKAGE = Path(kolay_invoice.__file__).parent


@pytest.mark.parametrize(("signing", "algorithm"), [("rsa", "rsa-sha256"), ("ec", "ecdsa-sha384")])
async def test_what_the_emulator_signs_is_proven_with_its_published_certificate(signing, algorithm, opened):
    async with Emulator(signing=signing) as emulator:
        propars = await opened(AsyncPropars, token=emulator.propars_token, base_url=emulator.propars_url)
        sale = emulator.add_sale("x<&>y", buyer="A & B Ltd. Şti.", buyer_identity="1234567803", total="349.90")
        sent = await propars.send_invoice(sale_id=sale.sale_id)
        xml = await propars.get_signed_xml(sale_id=sale.sale_id)
        invoice = emulator.sale(sale.sale_id).invoice

        verified = verify(xml, certificate=emulator.signing_certificate, ettn=sent.uuid)

    assert verified.signature_algorithm == algorithm
    assert (verified.invoice.ettn, verified.invoice.number) == (invoice.uuid, invoice.number)
    assert verified.invoice.issued_at == invoice.issued_at
    assert verified.invoice.customer.name == "A & B Ltd. Şti."
    assert verified.invoice.totals.payable == Decimal("349.90")
    assert verified.covered == ("document", "signed properties", "key info")


def test_a_changed_copy_another_seal_and_another_sale_are_refused(emulator):
    with kolay_invoice.Propars(token=emulator.propars_token, base_url=emulator.propars_url) as propars:
        propars.send_invoice(sale_code="abc123")
        xml = propars.get_signed_xml(sale_code="abc123")

    with pytest.raises(TamperedError):
        verify(xml.content.replace(b">120.00<", b">920.00<"), certificate=emulator.signing_certificate)
    with pytest.raises(UntrustedSignerError):
        verify(xml, certificate=Emulator(signing="ec").signing_certificate)
    with pytest.raises(OtherInvoiceError):
        verify(xml, certificate=emulator.signing_certificate, ettn="f46d5a8d-7726-4b37-bba4-973c7ab50a5b")


def imported(folder):
    for path in (PACKAGE / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
            elif isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)


@pytest.mark.parametrize(("folder", "other"), [("signed_xml", "emulator"), ("emulator", "signed_xml")])
def test_signing_and_proving_share_no_code(folder, other):
    names = set(imported(folder))

    assert "signxml.xades" in names or "signxml.xades.xades" in names
    assert [name for name in names if name.startswith(f"kolay_invoice.{other}")] == []


def test_neither_loads_the_other():
    script = (
        "import sys, kolay_invoice.signed_xml; print([m for m in sys.modules if 'kolay_invoice.emulator' in m]);"
        "[sys.modules.pop(m) for m in list(sys.modules) if m.startswith('kolay_invoice')];"
        "import kolay_invoice.emulator.signing; print([m for m in sys.modules if 'kolay_invoice.signed_xml' in m])"
    )

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout == "[]\n[]\n"
