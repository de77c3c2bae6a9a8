"""Signed UBL-TR documents: read, check and prove them (extra `xml`).

from kolay_invoice.signed_xml import verify

verified = verify(document, certificate=Path("seal.pem"), ettn=invoice.uuid)
verified.invoice.totals.payable
"""

from kolay_invoice.signed_xml.errors import (
    MissingSignatureError,
    NotAnInvoiceError,
    OtherInvoiceError,
    SignatureError,
    SignedXmlError,
    TamperedError,
    UnsafeDocumentError,
    UnsupportedAlgorithmError,
    UntrustedSignerError,
    WrappedSignatureError,
)
from kolay_invoice.signed_xml.values import (
    InvoiceLine,
    MonetaryTotals,
    Party,
    Signer,
    TaxSubtotal,
    TaxTotal,
    UblInvoice,
    Verified,
)

try:
    from kolay_invoice.signed_xml.verification import read, verify
except ModuleNotFoundError as missing:
    msg = f"kolay_invoice.signed_xml needs {missing.name}: pip install 'kolay-invoice[xml]'"
    raise ModuleNotFoundError(msg, name=missing.name) from None

__all__ = [
    "InvoiceLine",
    "MissingSignatureError",
    "MonetaryTotals",
    "NotAnInvoiceError",
    "OtherInvoiceError",
    "Party",
    "SignatureError",
    "SignedXmlError",
    "Signer",
    "TamperedError",
    "TaxSubtotal",
    "TaxTotal",
    "UblInvoice",
    "UnsafeDocumentError",
    "UnsupportedAlgorithmError",
    "UntrustedSignerError",
    "Verified",
    "WrappedSignatureError",
    "read",
    "verify",
]
