"""The signed document is a real one: it verifies, and it says what the sale says."""

import pytest
from lxml import etree
from signxml.xades import XAdESVerifier

from kolay_invoice.emulator import Emulator
from kolay_invoice.emulator.signing import seal

NAMES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "ext": "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2",
    "ubl": "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    "xades": "http://uri.etsi.org/01903/v1.3.2#",
}


def signed_xml(call_propars, emulator, sale_code):
    call_propars(
        emulator, "POST", "finance/saleinvoice/send_invoice_for_sale/", params={"sale_code": sale_code}
    ).raise_for_status()
    path = "finance/saleinvoice/get_signed_xml_for_sale/"
    return call_propars(emulator, "GET", path, params={"sale_code": sale_code}).content


@pytest.mark.parametrize(
    ("signing", "method", "digest"),
    [("rsa", "rsa-sha256", "sha256"), ("ec", "ecdsa-sha384", "sha384")],
)
def test_both_kinds_of_seal_make_a_signature_that_verifies(call_propars, signing, method, digest):
    with Emulator(signing=signing) as emulator:
        content = signed_xml(call_propars, emulator, "abc123")

    results = XAdESVerifier().verify(content, x509_cert=seal(signing).certificate)
    assert results[0].signed_xml.tag == f"{{{NAMES['ubl']}}}Invoice"
    root = etree.fromstring(content)
    assert root.find(".//ds:SignatureMethod", NAMES).get("Algorithm").endswith(method)
    assert root.find(".//ds:DigestMethod", NAMES).get("Algorithm").endswith(digest)


def test_a_changed_document_no_longer_verifies(call_propars, emulator):
    content = signed_xml(call_propars, emulator, "abc123")

    with pytest.raises(Exception, match="Digest mismatch"):
        XAdESVerifier().verify(content.replace(b">120.00<", b">920.00<"), x509_cert=seal("rsa").certificate)


def test_the_signature_sits_in_the_first_extension_and_the_document_points_at_it(call_propars, emulator):
    root = etree.fromstring(signed_xml(call_propars, emulator, "abc123"))

    signature = root.find("ext:UBLExtensions/ext:UBLExtension[1]/ext:ExtensionContent/ds:Signature", NAMES)
    uri = root.find("cac:Signature/cac:DigitalSignatureAttachment/cac:ExternalReference/cbc:URI", NAMES)
    assert uri.text == f"#{signature.get('Id')}"
    assert signature.find(".//xades:SignedSignatureProperties/xades:SigningCertificateV2", NAMES) is not None


def test_the_document_has_the_facts_of_the_sale(call_propars, emulator):
    emulator.add_sale("x<&>y", buyer="A & B Ltd. Şti.", buyer_identity="1234567803", total="349.90", e_invoice=True)
    root = etree.fromstring(signed_xml(call_propars, emulator, "x<&>y"))
    sale = emulator.sale("x<&>y")

    said = {path: root.findtext(path, namespaces=NAMES) for path in EXPECTED}
    assert said == EXPECTED
    assert root.findtext("cbc:UUID", namespaces=NAMES) == str(sale.invoice.uuid)
    assert root.findtext("cbc:ID", namespaces=NAMES) == sale.invoice.number


EXPECTED = {
    "cbc:UBLVersionID": "2.1",
    "cbc:CustomizationID": "TR1.2",
    "cbc:ProfileID": "TEMELFATURA",
    "cac:OrderReference/cbc:ID": "x<&>y",
    "cac:AccountingCustomerParty/cac:Party/cac:PartyName/cbc:Name": "A & B Ltd. Şti.",
    "cac:AccountingCustomerParty/cac:Party/cac:PartyIdentification/cbc:ID[@schemeID='VKN']": "1234567803",
    "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount": "291.58",
    "cac:LegalMonetaryTotal/cbc:PayableAmount": "349.90",
    "cac:TaxTotal/cbc:TaxAmount": "58.32",
}
