"""The movements of a vault near an unknown collection: evidence for the operator, not proof."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from attrs import field, frozen

from kolay_invoice import event_loop
from kolay_invoice.cli import output
from kolay_invoice.cli.accounts import account_of
from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.errors import CommandError
from kolay_invoice.cli.i18n import _
from kolay_invoice.errors import KolayInvoiceError
from kolay_invoice.journal import Row
from kolay_invoice.kolaybi.client import AsyncKolayBi
from kolay_invoice.kolaybi.models import Proceed, VaultMovement

_DAYS_AROUND: Final = 2
"""Days have no time zone, and a movement can be booked on the next working day."""
_SHOWN: Final = 20
_MEMBERS: Final = ("movement_id", "booked_on", "amount", "currency")


@frozen
class Movements:
    """The movements of a vault near a collection, or the reason why they could not be read."""

    vault_id: int
    near: tuple[VaultMovement, ...] = ()
    of: int = field(default=0)
    """The total number of movements in the reply."""
    unread: str | None = None
    """The reason why they could not be read, or None."""

    def plain(self) -> dict[str, Any]:
        """Return them as plain values, without free text."""
        return {
            "vault_id": self.vault_id,
            "near": [{name: getattr(one, name) for name in _MEMBERS} for one in self.near],
            "of": self.of,
            "unread": self.unread,
            "proves": False,
        }

    def print(self) -> None:
        """Print them."""
        console = output.stdout()
        vault = self.vault_id
        if self.unread is not None:
            console.print(
                _(
                    "The movements of vault {vault} could not be read ({why}); look at them in KolayBi.",
                    vault=vault,
                    why=self.unread,
                )
            )
            return
        console.print(
            _(
                "Movements of vault {vault} near this collection: {count} of {of} that it shows.",
                vault=vault,
                count=f"{len(self.near):,}",
                of=f"{self.of:,}",
            )
        )
        for one in self.near:
            amount = " ".join(str(part) for part in (one.amount, one.currency) if part is not None)
            day = one.booked_on.isoformat() if one.booked_on else _("no date")
            console.print(
                _(
                    "    {day}  {amount}  (movement {number})",
                    day=day,
                    amount=amount or "-",
                    number=one.movement_id or "-",
                )
            )
        console.print(
            _("They are evidence, not proof: no movement names its invoice, and one that is missing may still come.")
        )


def read_movements(row: Row, profile: str | None) -> Movements | None:
    """Read the vault movements of a collection. A failure is returned as text, never raised.

    Returns:
        None if the operation is not a collection.
    """
    if not isinstance(row.request, Proceed):
        return None
    try:
        return event_loop.run(_read(row, row.request, profile))
    except (KolayInvoiceError, CommandError, ValueError, OSError) as error:
        return Movements(row.request.vault_id, unread=translate(error))


async def _read(row: Row, request: Proceed, profile: str | None) -> Movements:
    async with account_of("kolaybi", profile).client(AsyncKolayBi) as client:
        if client.account != row.account:
            return Movements(
                request.vault_id,
                unread=_(
                    "the collection is of the account {account}, and the credentials here are of {other}",
                    account=row.account,
                    other=client.account,
                ),
            )
        found = (await client.vault_transactions(request.vault_id)).movements
    near = [one for one in found if _is_near(one, row, request)]
    return Movements(request.vault_id, tuple(near[-_SHOWN:]), len(found))


def _is_near(movement: VaultMovement, row: Row, request: Proceed) -> bool:
    if None not in (request.amount, movement.amount) and abs(movement.amount or 0) != request.amount:
        return False
    days = list(_days(row))
    if movement.booked_on is None or not days:
        return True
    around = timedelta(days=_DAYS_AROUND)
    return min(days) - around <= movement.booked_on <= max(days) + around


def _days(row: Row) -> Iterable[date]:
    for attempt in row.attempts:
        yield datetime.fromtimestamp(attempt.started_at, UTC).date()
