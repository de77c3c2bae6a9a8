"""The options of an invoice that Propars creates: its date, ETTN, number and series."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

import attrs

from kolay_invoice.emulator.guesses import CharCode
from kolay_invoice.emulator.messages import ProviderRefusal

_NUMBER = re.compile(r"[A-Z0-9]{3}20\d{2}\d{9}", re.ASCII)
_CHAR_CODES = {"three": re.compile(r"[A-Z0-9]{3}"), "two": re.compile(r"[A-Z0-9]{2}")}
_CHAR_CODE_LENGTHS = {"three": 3, "two": 2}
_PREFIX_LENGTH = 3
_DEFAULT_CHAR_CODE = "EMU"
_UUID_VERSION = 4
# The number of an invoice holds its year, as 20 and two digits.
_YEARS = range(2000, 2100)


@attrs.frozen(kw_only=True)
class InvoiceOptions:
    """The options of an invoice that will be created."""

    issued_at: datetime | None = None
    uuid: UUID | None = None
    number: str | None = None
    char_code: str | None = None

    @classmethod
    def read(
        cls,
        *,
        date: str | None,
        uuid: str | None,
        number: str | None,
        char_code: str | None,
        char_code_form: CharCode = "three",
    ) -> InvoiceOptions:
        """Read the four options of the preview and of send.

        Args:
            date: The invoice's date.
            uuid: Its ETTN.
            number: Its number.
            char_code: Its `invoice_char_code`.
            char_code_form: The required form of the char code; a guess.

        Raises:
            ProviderRefusal: One of them does not have the documented form.
        """
        if number and not _NUMBER.fullmatch(number):
            raise ProviderRefusal(
                400, "Fatura numarası 3 karakterlik ön ek, yıl ve 9 haneden oluşur.", field="invoice_number"
            )
        form = _CHAR_CODES.get(char_code_form)
        if char_code and form and not form.fullmatch(char_code):
            sentence = f"Fatura ön eki {_CHAR_CODE_LENGTHS[char_code_form]} karakter olmalıdır."
            raise ProviderRefusal(400, sentence, field="invoice_char_code")
        return cls(
            issued_at=_read_date(date) if date else None,
            uuid=_read_uuid(uuid) if uuid else None,
            number=number or None,
            char_code=None if char_code_form == "ignored" else char_code or None,
        )


def number_prefix(char_code: str | None) -> str:
    """Return the three characters that a number starts with, for a code of any form."""
    known = re.sub(r"[^A-Z0-9]", "", (char_code or _DEFAULT_CHAR_CODE).upper())
    return known[:_PREFIX_LENGTH].ljust(_PREFIX_LENGTH, "X")


def _read_date(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    # An unescaped `+` arrives as a space and makes the date invalid.
    if moment is None or moment.tzinfo is None:
        raise ProviderRefusal(400, "Tarih ISO 8601 biçiminde ve saat farkıyla gönderilmelidir.", field="invoice_date")
    if moment.year not in _YEARS:
        raise ProviderRefusal(400, "Fatura tarihi 2000 ile 2099 yılları arasında olmalıdır.", field="invoice_date")
    return moment


def _read_uuid(text: str) -> UUID:
    try:
        uuid = UUID(text)
    except ValueError:
        uuid = None
    if uuid is None or str(uuid) != text.lower() or uuid.version != _UUID_VERSION:
        raise ProviderRefusal(400, "Geçerli bir UUID (sürüm 4) değil.", field="invoice_uuid")
    return uuid
