"""Documents of the other kinds of UBL-TR, an invoice with everything, and an envelope around documents."""

from __future__ import annotations

from base64 import b64encode

from .documents import ETTN, ISSUE_TIME, NAMESPACES, SIGNATURE_PATH, SUPPLIER, SUPPLIER_NUMBER, invoice

DESIGN = b"<xsl:stylesheet/>"


def party(name: str, number: str, more: str = "") -> str:
    return (
        f'<cac:PartyIdentification><cbc:ID schemeID="VKN">{number}</cbc:ID></cac:PartyIdentification>'
        f"<cac:PartyName><cbc:Name>{name}</cbc:Name></cac:PartyName>{more}"
    )


def reference(name: str, number: str, more: str = "") -> str:
    return f"<cac:{name}><cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-04-30</cbc:IssueDate>{more}</cac:{name}>"


def document(kind: str, inside: str, *, profile: str = "TICARIFATURA") -> str:
    """Return a document of another kind than an invoice, with an empty place for its signature."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{kind}{NAMESPACES.replace("xsd:Invoice-2", f"xsd:{kind}-2")}>
  <ext:UBLExtensions><ext:UBLExtension>{SIGNATURE_PATH}</ext:UBLExtension></ext:UBLExtensions>
  <cbc:CustomizationID>TR1.2.1</cbc:CustomizationID><cbc:ProfileID>{profile}</cbc:ProfileID>
  <cbc:ID>XYZ2026000000007</cbc:ID><cbc:UUID>{ETTN}</cbc:UUID>
  <cbc:IssueDate>2026-05-02</cbc:IssueDate>{ISSUE_TIME}<cbc:Note>Bir not</cbc:Note>{inside}
</{kind}>
"""


SENDER = (
    f"<cac:DespatchSupplierParty><cac:Party>{party(SUPPLIER, SUPPLIER_NUMBER)}</cac:Party></cac:DespatchSupplierParty>"
)
RECEIVER = (
    f"<cac:DeliveryCustomerParty><cac:Party>{party('Alıcı Ltd.', '9876543217')}</cac:Party></cac:DeliveryCustomerParty>"
)
ITEM = (
    "<cac:Item><cbc:Name>Kalem</cbc:Name><cac:SellersItemIdentification><cbc:ID>K-1</cbc:ID>"
    "</cac:SellersItemIdentification></cac:Item>"
)


def despatch_advice() -> str:
    return document(
        "DespatchAdvice",
        f"""<cbc:DespatchAdviceTypeCode>SEVK</cbc:DespatchAdviceTypeCode>{reference("OrderReference", "SIP-9")}
        {SENDER}{RECEIVER}
        <cac:SellerSupplierParty><cac:Party>{party("Satıcı", "1")}</cac:Party></cac:SellerSupplierParty>
        <cac:Shipment><cbc:ID>1</cbc:ID><cac:ShipmentStage><cac:TransportMeans><cac:RoadTransport>
        <cbc:LicensePlateID schemeID="PLAKA">34ABC34</cbc:LicensePlateID></cac:RoadTransport></cac:TransportMeans>
        </cac:ShipmentStage><cac:Delivery><cac:CarrierParty>{party("Taşıyıcı A.Ş.", "5")}</cac:CarrierParty>
        <cac:Despatch>
        <cbc:ActualDespatchDate>2026-05-02</cbc:ActualDespatchDate><cbc:ActualDespatchTime>11:30:00</cbc:ActualDespatchTime>
        </cac:Despatch></cac:Delivery></cac:Shipment>
        <cac:DespatchLine><cbc:ID>1</cbc:ID><cbc:DeliveredQuantity unitCode="BX">12.5</cbc:DeliveredQuantity>{ITEM}
        </cac:DespatchLine>""",
        profile="TEMELIRSALIYE",
    )


def receipt_advice() -> str:
    return document(
        "ReceiptAdvice",
        f"""<cbc:ReceiptAdviceTypeCode>SEVK</cbc:ReceiptAdviceTypeCode>
        {reference("DespatchDocumentReference", "IRS2026000000001")}{SENDER}{RECEIVER}
        <cac:ReceiptLine><cbc:ID>1</cbc:ID><cbc:Note>Islak</cbc:Note>
        <cbc:ReceivedQuantity unitCode="BX">12.5</cbc:ReceivedQuantity>
        <cbc:ShortQuantity unitCode="BX">1</cbc:ShortQuantity>
        <cbc:RejectedQuantity unitCode="BX">0.5</cbc:RejectedQuantity><cbc:RejectReason>Kırık</cbc:RejectReason>{ITEM}
        </cac:ReceiptLine>""",
        profile="TEMELIRSALIYE",
    )


def application_response() -> str:
    return document(
        "ApplicationResponse",
        f"""<cac:SenderParty>{party("Alıcı Ltd.", "9876543217")}</cac:SenderParty>
        <cac:ReceiverParty>{party(SUPPLIER, SUPPLIER_NUMBER)}</cac:ReceiverParty>
        <cac:DocumentResponse><cac:Response><cbc:ReferenceID>1</cbc:ReferenceID><cbc:ResponseCode>RED</cbc:ResponseCode>
        <cbc:Description>Fiyat yanlış</cbc:Description></cac:Response>
        {reference("DocumentReference", ETTN, "<cbc:DocumentTypeCode>FATURA</cbc:DocumentTypeCode>")}
        <cac:LineResponse><cac:LineReference><cbc:LineID>1</cbc:LineID>{reference("DocumentReference", ETTN)}
        </cac:LineReference><cac:Response><cbc:ResponseCode>1200</cbc:ResponseCode></cac:Response></cac:LineResponse>
        </cac:DocumentResponse>""",
    )


def credit_note() -> str:
    """Return a producer's receipt: an invoice in the elements of a credit note."""
    return invoice().replace("Invoice", "CreditNote").replace("CreditNotedQuantity", "CreditedQuantity")


KINDS = {
    "CreditNote": credit_note,
    "DespatchAdvice": despatch_advice,
    "ReceiptAdvice": receipt_advice,
    "ApplicationResponse": application_response,
}


ALLOWANCE = """<cac:AllowanceCharge><cbc:ChargeIndicator>{}</cbc:ChargeIndicator>
<cbc:AllowanceChargeReason>{}</cbc:AllowanceChargeReason><cbc:MultiplierFactorNumeric>0.1</cbc:MultiplierFactorNumeric>
<cbc:Amount currencyID="{}">3.03</cbc:Amount>
<cbc:BaseAmount currencyID="TRY">30.30</cbc:BaseAmount></cac:AllowanceCharge>"""


def rich_invoice() -> str:
    """Return an invoice that states everything that real ones state beside the main facts."""
    embedded = (
        f'<cbc:EmbeddedDocumentBinaryObject mimeCode="application/xml" encodingCode="Base64" filename="tasarim.XSLT">'
        f"{b64encode(DESIGN).decode()}</cbc:EmbeddedDocumentBinaryObject>"
    )
    before_supplier = "".join(
        (
            "<cbc:Note>Yalnız altmış lira</cbc:Note><cbc:Note> </cbc:Note><cbc:Note>İkinci not</cbc:Note>",
            reference("OrderReference", "SIP-9"),
            "<cac:BillingReference>",
            reference(
                "InvoiceDocumentReference", "ABC2026000000001", "<cbc:DocumentTypeCode>IADE</cbc:DocumentTypeCode>"
            ),
            "</cac:BillingReference>",
            reference("DespatchDocumentReference", "IRS2026000000001"),
            reference("ReceiptDocumentReference", "IRY2026000000001"),
            reference(
                "AdditionalDocumentReference",
                "1",
                f"<cbc:DocumentType>XSLT</cbc:DocumentType><cac:Attachment>{embedded}</cac:Attachment>",
            ),
        )
    )
    after_parties = f"""<cac:BuyerCustomerParty><cac:Party>
    <cac:PartyIdentification><cbc:ID schemeID="PARTYTYPE">EXPORT</cbc:ID></cac:PartyIdentification>
    <cac:PartyName><cbc:Name>Foreign Buyer GmbH</cbc:Name></cac:PartyName></cac:Party></cac:BuyerCustomerParty>
    <cac:PaymentMeans><cbc:PaymentMeansCode>42</cbc:PaymentMeansCode><cbc:PaymentDueDate>2026-06-01</cbc:PaymentDueDate>
    <cac:PayeeFinancialAccount><cbc:ID>TR000000000000000000000001</cbc:ID><cbc:CurrencyCode>TRY</cbc:CurrencyCode>
    <cbc:PaymentNote>Vadesinde</cbc:PaymentNote></cac:PayeeFinancialAccount></cac:PaymentMeans>
    <cac:PaymentTerms><cbc:Note>30 gün</cbc:Note><cbc:PaymentDueDate>2026-06-01</cbc:PaymentDueDate></cac:PaymentTerms>
    {ALLOWANCE.format("false", "Kampanya", "TRY")}
    <cac:PricingExchangeRate><cbc:SourceCurrencyCode>USD</cbc:SourceCurrencyCode>
    <cbc:TargetCurrencyCode>TRY</cbc:TargetCurrencyCode><cbc:CalculationRate>41.2345</cbc:CalculationRate>
    <cbc:Date>2026-05-01</cbc:Date></cac:PricingExchangeRate>"""
    office = "<cac:PartyTaxScheme><cac:TaxScheme><cbc:Name>Beşiktaş</cbc:Name></cac:TaxScheme></cac:PartyTaxScheme>"
    exemption = (
        "<cac:TaxCategory><cbc:TaxExemptionReasonCode>301</cbc:TaxExemptionReasonCode>"
        "<cbc:TaxExemptionReason>Mal ihracatı</cbc:TaxExemptionReason>"
    )
    item = (
        "<cbc:Description>Mavi</cbc:Description><cbc:Name>Kalem &amp; &lt;Defter&gt;</cbc:Name>"
        "<cac:BuyersItemIdentification><cbc:ID>B-1</cbc:ID></cac:BuyersItemIdentification>"
        "<cac:SellersItemIdentification><cbc:ID>K-1</cbc:ID></cac:SellersItemIdentification>"
    )
    in_line = "<cbc:Note>Satır notu</cbc:Note><cbc:InvoicedQuantity"
    text = invoice()
    for there, instead in (
        ("<cac:AccountingSupplierParty>", f"{before_supplier}<cac:AccountingSupplierParty>"),
        (
            "</cac:PartyName>\n  </cac:Party></cac:AccountingSupplierParty>",
            f"</cac:PartyName>{office}</cac:Party></cac:AccountingSupplierParty>",
        ),
        ("</cac:AccountingCustomerParty>", f"</cac:AccountingCustomerParty>{after_parties}"),
        ("<cac:TaxCategory>", exemption),
        ("<cbc:Name>Kalem &amp; &lt;Defter&gt;</cbc:Name>", item),
        ("<cbc:InvoicedQuantity", in_line),
        (
            "</cbc:LineExtensionAmount>\n    <cac:TaxTotal>",
            f"</cbc:LineExtensionAmount>{ALLOWANCE.format('true', 'Nakliye', 'USD')}<cac:TaxTotal>",
        ),
    ):
        assert there in text, there
        text = text.replace(there, instead)
    return text


def envelope(*documents: bytes, before: bytes = b"") -> bytes:
    """Return an envelope around documents, each as it is but for its declaration."""
    inside = b"".join(document.partition(b"?>")[2].strip() for document in documents)
    header = b"""<sh:StandardBusinessDocument
 xmlns:sh="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
 xmlns:ef="http://www.efatura.gov.tr/package-namespace" xmlns:unused="urn:unused"><sh:StandardBusinessDocumentHeader>
 <sh:HeaderVersion>1.0</sh:HeaderVersion><sh:Sender><sh:Identifier>urn:mail:defaultgb@example.com</sh:Identifier>
 </sh:Sender><sh:Receiver><sh:Identifier>urn:mail:defaultpk@example.com</sh:Identifier></sh:Receiver>
 <sh:DocumentIdentification><sh:Standard>UBLTR</sh:Standard><sh:TypeVersion>1.2</sh:TypeVersion>
 <sh:InstanceIdentifier>3f0e5c60-9a57-4a7d-8a57-2f6d5a0e9c11</sh:InstanceIdentifier><sh:Type>SENDERENVELOPE</sh:Type>
 <sh:CreationDateAndTime>2026-05-02T10:05:00</sh:CreationDateAndTime></sh:DocumentIdentification>
 </sh:StandardBusinessDocumentHeader><ef:Package><Elements><ElementType>INVOICE</ElementType>
 <ElementCount>%d</ElementCount><ElementList>""" % len(documents)
    end = b"</ElementList></Elements></ef:Package></sh:StandardBusinessDocument>"
    return b'<?xml version="1.0" encoding="UTF-8"?>' + before + header + inside + end
