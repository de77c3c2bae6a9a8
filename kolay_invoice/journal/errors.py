"""What can go wrong with a journal itself. None of these means that a call was sent because of it."""

from __future__ import annotations

from kolay_invoice.errors import KolayInvoiceError
from kolay_invoice.journal.values import Row


class JournalError(KolayInvoiceError):
    """The journal cannot be opened, read or written. Without a durable mark nothing is sent.

    Attributes:
        unrecorded: Operations whose answers came and could not be written. Keep them: in the journal they stand as
            `sending`, and will be read back or need a person; or others have taken them in hand since, and what became
            of that stands there.
    """

    unrecorded: tuple[Row, ...] = ()


class NoJournalError(JournalError):
    """There is no journal at the URL, and none was to be made."""


class JournalConflictError(KolayInvoiceError, ValueError):
    """A key is known with other parameters. Nothing was sent for it; the journal keeps the first ones."""
