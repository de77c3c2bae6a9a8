"""The values that KolayBi's open sets are known to hold. A value that is not named here is kept as it came."""

from __future__ import annotations

from typing import Final


class Status:
    """Where an invoice stands. The list is not complete: the provider publishes only these."""

    DRAFT: Final = "draft"
    READY_TO_SEND: Final = "ready_to_send"
    SENT: Final = "sent"
    SENT_TO_RECEIVER: Final = "sent_to_receiver"
    APPROVED: Final = "approved"
    REJECTED: Final = "rejected"
    CANCELLED: Final = "cancelled"


class Direction:
    """Whose invoice it is: `OUTBOUND` was issued by the company, `INBOUND` was received by it."""

    OUTBOUND: Final = "outbound"
    INBOUND: Final = "inbound"


KNOWN_DIRECTIONS: Final = (Direction.OUTBOUND, Direction.INBOUND)


class Scenario:
    """UBL-TR profiles (senaryo)."""

    BASIC: Final = "TEMELFATURA"
    COMMERCIAL: Final = "TICARIFATURA"
    ARCHIVE: Final = "EARSIVFATURA"
    PUBLIC: Final = "KAMU"
    MEDICAL: Final = "ILAC_TIBBICIHAZ"
    EXPORT: Final = "IHRACAT"


class InvoiceType:
    """UBL-TR invoice types (fatura tipi)."""

    SALE: Final = "SATIS"
    RETURN: Final = "IADE"
    EXEMPTION: Final = "ISTISNA"
    WITHHOLDING: Final = "TEVKIFAT"
    SPECIAL_BASE: Final = "OZELMATRAH"
    EXPORT_REGISTERED: Final = "IHRACKAYITLI"
