"""The values that KolayBi's open sets are known to hold. A value that is not named here is kept as it came."""

from __future__ import annotations

import enum
from typing import Final, Literal, TypeAlias


class Status(enum.StrEnum):
    """Where an invoice stands. The list is not complete: the provider publishes only these."""

    DRAFT = "draft"
    READY_TO_SEND = "ready_to_send"
    SENT = "sent"
    SENT_TO_RECEIVER = "sent_to_receiver"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class Direction(enum.StrEnum):
    """Whose invoice it is: `OUTBOUND` was issued by the company, `INBOUND` was received by it."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


KNOWN_DIRECTIONS: Final = tuple(Direction)

DirectionName: TypeAlias = Direction | Literal["outbound", "inbound"]
"""A direction as an argument. The set is open at run time: another text is sent as it is, with a `UserWarning`."""


class Scenario(enum.StrEnum):
    """UBL-TR profiles (senaryo)."""

    BASIC = "TEMELFATURA"
    COMMERCIAL = "TICARIFATURA"
    ARCHIVE = "EARSIVFATURA"
    PUBLIC = "KAMU"
    MEDICAL = "ILAC_TIBBICIHAZ"
    EXPORT = "IHRACAT"


class InvoiceType(enum.StrEnum):
    """UBL-TR invoice types (fatura tipi)."""

    SALE = "SATIS"
    RETURN = "IADE"
    EXEMPTION = "ISTISNA"
    WITHHOLDING = "TEVKIFAT"
    SPECIAL_BASE = "OZELMATRAH"
    EXPORT_REGISTERED = "IHRACKAYITLI"
