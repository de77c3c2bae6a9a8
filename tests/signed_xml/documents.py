"""UBL-TR invoices of any length, with an empty place for their signature, and what is true of them."""

from __future__ import annotations

from decimal import Decimal

ETTN = "0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11"
NUMBER = "ABC2026000000042"
SUPPLIER = "Örnek Ticaret A.Ş."
SUPPLIER_NUMBER = "1234567803"
CUSTOMER = ("Ayşe", "Yılmaz-Öğüt")
CUSTOMER_NUMBER = "11111111110"
STREET = "Gizli Sokak 7"
ITEM = "Kalem & <Defter>"

NAMESPACES = """
 xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
 xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"
 xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
 xmlns:xades="http://uri.etsi.org/01903/v1.3.2#"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
"""

ISSUE_TIME = "<cbc:IssueTime>09:54:11.0000000+03:00</cbc:IssueTime>"
SIGNATURE_PATH = "<ext:ExtensionContent/>"


def money(name: str, value: object, currency: str = "TRY") -> str:
    return f'<cbc:{name} currencyID="{currency}">{value}</cbc:{name}>'


def tax_total(taxable: Decimal, tax: Decimal) -> str:
    return f"""<cac:TaxTotal>{money("TaxAmount", tax)}<cac:TaxSubtotal>
    {money("TaxableAmount", taxable)}{money("TaxAmount", tax)}<cbc:Percent>20</cbc:Percent>
    <cac:TaxCategory><cac:TaxScheme><cbc:Name>KDV</cbc:Name><cbc:TaxTypeCode>0015</cbc:TaxTypeCode></cac:TaxScheme>
    </cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>"""


def line(number: int) -> str:
    return f"""<cac:InvoiceLine><cbc:ID>{number}</cbc:ID>
    <cbc:InvoicedQuantity unitCode="C62">3</cbc:InvoicedQuantity>{money("LineExtensionAmount", "30.30")}
    {tax_total(Decimal("30.30"), Decimal("6.06"))}
    <cac:Item><cbc:Name>Kalem &amp; &lt;Defter&gt;</cbc:Name></cac:Item>
    <cac:Price>{money("PriceAmount", "10.10000000")}</cac:Price></cac:InvoiceLine>"""


def invoice(lines: int = 2, *, ettn: str = ETTN, issue_time: str = ISSUE_TIME) -> str:
    """Return an invoice as a program of an integrator would write it."""
    net, tax = Decimal("30.30") * lines, Decimal("6.06") * lines
    first, family = CUSTOMER
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice{NAMESPACES}>
  <ext:UBLExtensions><ext:UBLExtension>{SIGNATURE_PATH}</ext:UBLExtension></ext:UBLExtensions>
  <cbc:UBLVersionID>2.1</cbc:UBLVersionID>
  <cbc:CustomizationID>TR1.2</cbc:CustomizationID>
  <cbc:ProfileID>TICARIFATURA</cbc:ProfileID>
  <cbc:ID>{NUMBER}</cbc:ID>
  <cbc:UUID>{ettn}</cbc:UUID>
  <cbc:IssueDate>2026-05-02</cbc:IssueDate>
  {issue_time}
  <cbc:InvoiceTypeCode>SATIS</cbc:InvoiceTypeCode>
  <cbc:DocumentCurrencyCode>TRY</cbc:DocumentCurrencyCode>
  <cac:AccountingSupplierParty><cac:Party>
    <cac:PartyIdentification><cbc:ID schemeID="MERSISNO">0123</cbc:ID></cac:PartyIdentification>
    <cac:PartyIdentification><cbc:ID schemeID="VKN">{SUPPLIER_NUMBER}</cbc:ID></cac:PartyIdentification>
    <cac:PartyName><cbc:Name>{SUPPLIER}</cbc:Name></cac:PartyName>
  </cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party>
    <cac:PartyIdentification><cbc:ID schemeID="TCKN">{CUSTOMER_NUMBER}</cbc:ID></cac:PartyIdentification>
    <cac:PostalAddress><cbc:StreetName>{STREET}</cbc:StreetName></cac:PostalAddress>
    <cac:Person><cbc:FirstName>{first}</cbc:FirstName><cbc:FamilyName>{family}</cbc:FamilyName></cac:Person>
  </cac:Party></cac:AccountingCustomerParty>
  {tax_total(net, tax)}
  <cac:LegalMonetaryTotal>
    {money("LineExtensionAmount", net)}{money("TaxExclusiveAmount", net)}{money("TaxInclusiveAmount", net + tax)}
    {money("AllowanceTotalAmount", "0.00")}{money("PayableAmount", net + tax)}
  </cac:LegalMonetaryTotal>
  {"".join(map(line, range(1, lines + 1)))}
</Invoice>
"""
