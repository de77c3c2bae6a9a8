"""Signed UBL-TR documents: read, check and prove them (extra `xml`).

from kolay_invoice.signed_xml import verify

verified = verify(document, certificate=Path("seal.pem"), ettn=invoice.uuid)
verified.invoice.totals.payable
"""

from kolay_invoice.signed_xml.errors import (
    MissingSignatureError,
    NotAnInvoiceError,
    OtherInvoiceError,
    RenderingError,
    RenderingLimitError,
    SignatureError,
    SignedXmlError,
    TamperedError,
    UnsafeDocumentError,
    UnsupportedAlgorithmError,
    UntrustedSignerError,
    WrappedSignatureError,
)
from kolay_invoice.signed_xml.notices import (
    Advice,
    ApplicationResponse,
    DespatchAdvice,
    DespatchLine,
    Notice,
    ReceiptAdvice,
    Response,
    UblDocument,
)
from kolay_invoice.signed_xml.proof import Signer, Verified
from kolay_invoice.signed_xml.values import (
    AllowanceCharge,
    Attachment,
    Bill,
    CreditNote,
    Difference,
    ExchangeRate,
    InvoiceLine,
    MonetaryTotals,
    Party,
    PaymentMeans,
    Reference,
    TaxSubtotal,
    TaxTotal,
    UblInvoice,
)

try:
    from kolay_invoice.signed_xml.envelope import Envelope, open_envelope
    from kolay_invoice.signed_xml.rendering import Rendering, RenderLimits, render
    from kolay_invoice.signed_xml.verification import read, verify
except ModuleNotFoundError as missing:
    msg = f"kolay_invoice.signed_xml needs {missing.name}: pip install 'kolay-invoice[xml]'"
    raise ModuleNotFoundError(msg, name=missing.name) from None

__all__ = [
    "Advice",
    "AllowanceCharge",
    "ApplicationResponse",
    "Attachment",
    "Bill",
    "CreditNote",
    "DespatchAdvice",
    "DespatchLine",
    "Difference",
    "Envelope",
    "ExchangeRate",
    "InvoiceLine",
    "MissingSignatureError",
    "MonetaryTotals",
    "NotAnInvoiceError",
    "Notice",
    "OtherInvoiceError",
    "Party",
    "PaymentMeans",
    "ReceiptAdvice",
    "Reference",
    "RenderLimits",
    "Rendering",
    "RenderingError",
    "RenderingLimitError",
    "Response",
    "SignatureError",
    "SignedXmlError",
    "Signer",
    "TamperedError",
    "TaxSubtotal",
    "TaxTotal",
    "UblDocument",
    "UblInvoice",
    "UnsafeDocumentError",
    "UnsupportedAlgorithmError",
    "UntrustedSignerError",
    "Verified",
    "WrappedSignatureError",
    "open_envelope",
    "read",
    "render",
    "verify",
]
