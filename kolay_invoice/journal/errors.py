"""What can go wrong with a journal itself. None of these means that a call was sent because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolay_invoice.errors import KolayInvoiceError
from kolay_invoice.journal.models import Row
from kolay_invoice.messages import Message

if TYPE_CHECKING:
    from kolay_invoice.journal.journal import Report
    from kolay_invoice.journal.planning import Conflict


class JournalError(KolayInvoiceError):
    """The journal cannot be opened, read or written. Without a durable mark nothing is sent.

    Attributes:
        unrecorded: Operations whose answers came and could not be written, or that were on their way. Keep them: in the
            journal they stand as `sending`, and will be read back or need a person; or another worker has processed
            them since, and the journal then shows that result.
    """

    unrecorded: tuple[Row, ...] = ()

    @property
    def may_have_happened(self) -> bool:  # type: ignore[override]  # the root has it as a constant of each class.
        """Whether something was sent whose answer the journal does not hold."""
        return bool(self.unrecorded)

    def __str__(self) -> str:
        said = super().__str__()
        count = len(self.unrecorded)
        if not count:
            return said
        what = "operation" if count == 1 else "operations"
        return f"{said} (the answers of {count} {what} that may have been executed are in .unrecorded: keep them)"


class LeaseLostError(JournalError):
    """Another worker has taken over what this one held in the journal. Nothing more is sent by this one."""

    @classmethod
    def by(cls, successor: str | None) -> LeaseLostError:
        """Return the error that names who has taken over and when, where the journal tells."""
        if successor is None:
            return cls(
                Message("the lease on the journal was lost: open the journal anew and run again, nothing is sent twice")
            )
        return cls(
            Message(
                "the lease on the journal was lost, taken over by {who}: open the journal anew and run again, nothing "
                "is sent twice",
                who=successor,
            )
        )


class NoJournalError(JournalError):
    """There is no journal at the URL, and none was to be made."""


class JournalConflictError(KolayInvoiceError, ValueError):
    """Keys are known with other parameters. Nothing was sent for these; the journal keeps the first ones.

    Attributes:
        conflicts: Each conflict: the request that was asked for, and which of its parameters differ.
        report: What has become of the run's other operations; None where the conflict was found before a run.
    """

    conflicts: tuple[Conflict, ...] = ()
    report: Report | None = None

    def _written(self) -> dict[str, object]:
        # A report reads an open journal, which stays in its process; and a pickle names no buyer and no sale.
        told = tuple(one for one in self.conflicts if not one.asked.request.is_private)
        kept: dict[str, object] = {name: value for name, value in vars(self).items() if name != "report"}
        return {**kept, "conflicts": told}
