"""Errors of a journal itself. None of them causes a call to be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kolay_invoice.errors import KolayInvoiceError
from kolay_invoice.journal.models import Row
from kolay_invoice.messages import Message

if TYPE_CHECKING:
    from kolay_invoice.journal.planning import Conflict
    from kolay_invoice.journal.report import Report


class JournalError(KolayInvoiceError):
    """The journal cannot be opened, read or written. Without a durable mark nothing is sent.

    Attributes:
        unrecorded: Operations whose replies arrived but could not be recorded, or that were in flight. Keep them. The
            journal has them as `sending`; they will be read back or need a person. If another worker has processed them
            since, the journal shows that result.
    """

    unrecorded: tuple[Row, ...] = ()

    @property
    def may_have_happened(self) -> bool:  # type: ignore[override]  # the root has it as a constant of each class.
        """Whether something was sent whose reply is not in the journal."""
        return bool(self.unrecorded)

    def __str__(self) -> str:
        said = super().__str__()
        count = len(self.unrecorded)
        if not count:
            return said
        what = "operation" if count == 1 else "operations"
        return f"{said} (the answers of {count} {what} that may have been executed are in .unrecorded: keep them)"


class LeaseLostError(JournalError):
    """Another worker has taken over the operations of this one. This worker sends nothing more."""

    @classmethod
    def by(cls, successor: str | None) -> LeaseLostError:
        """Return the error. It names the worker that has taken over, and when, if the journal has that."""
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
    """There is no journal at the URL, and creating one was not allowed."""


class JournalConflictError(KolayInvoiceError, ValueError):
    """Some keys are in the journal with other parameters. Nothing was sent for these; the journal is unchanged.

    Attributes:
        conflicts: For each conflict, the new request and which of its parameters differ.
        report: The results of the run's other operations; None if the conflict was found before a run.
    """

    conflicts: tuple[Conflict, ...] = ()
    report: Report | None = None

    def _written(self) -> dict[str, object]:
        # A report reads an open journal, which cannot leave its process. A pickle must not have buyers or sale codes.
        told = tuple(one for one in self.conflicts if not one.asked.request.is_private)
        kept: dict[str, object] = {name: value for name, value in vars(self).items() if name != "report"}
        return {**kept, "conflicts": told}
