"""The errors of a document that is not accepted.

    SignedXmlError                     also a ValueError
    ├── UnsafeDocumentError            a DTD, another encoding than UTF-8, or beyond the bounds of any invoice
    ├── NotAnInvoiceError              no UBL-TR document, or facts are missing or contradict each other
    ├── OtherInvoiceError              a document, but not the one that was asked for
    ├── RenderingError                 the design that the document carries cannot be applied
    │   └── RenderingLimitError        it used more than a design may
    └── SignatureError                 the signature does not prove what the document says
        ├── MissingSignatureError      there is none
        ├── WrappedSignatureError      it is not where UBL-TR has it, or covers less than would be read
        ├── UnsupportedAlgorithmError  SHA-1, a shared secret, or another method that proves too little
        ├── UntrustedSignerError       another certificate, or one without a trusted issuer
        └── TamperedError              the document is not what was signed

They are no `KolayInvoiceError`: no call was made. Their texts are `Message`s and hold nothing of the document.
"""

from __future__ import annotations


class SignedXmlError(ValueError):
    """The root of every error about the content of a document."""


class UnsafeDocumentError(SignedXmlError):
    """The document has a DTD, is not in UTF-8, or is beyond the bounds of any invoice. It was not read."""


class NotAnInvoiceError(SignedXmlError):
    """The document is no UBL-TR document of the expected kind that can be read without guessing."""


class OtherInvoiceError(SignedXmlError):
    """The document has another ETTN than the one asked for."""


class RenderingError(SignedXmlError):
    """The document carries no design that can be applied. The document itself is what it was."""


class RenderingLimitError(RenderingError):
    """The design used more time, memory or space than a design may. It was ended."""


class SignatureError(SignedXmlError):
    """The signature does not prove what the document says. Trust nothing in it."""


class MissingSignatureError(SignatureError):
    """The document has no signature."""


class WrappedSignatureError(SignatureError):
    """The signature is not where UBL-TR has it, or does not cover the whole document."""


class UnsupportedAlgorithmError(SignatureError):
    """The signature uses a method that is not accepted as a proof."""


class UntrustedSignerError(SignatureError):
    """The signer is not the pinned one, or no certificate of the trust store issued it."""


class TamperedError(SignatureError):
    """The document is not, byte for canonical byte, what was signed."""
