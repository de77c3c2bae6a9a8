"""The options of a run, and their bounds."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from kolay_invoice.batch import check_concurrency
from kolay_invoice.client import BaseClient
from kolay_invoice.journal.operations import check_occasion
from kolay_invoice.journal.writer import Progress
from kolay_invoice.late_bytes import LATE_BYTES_SECONDS
from kolay_invoice.messages import Message
from kolay_invoice.validators import check_seconds


@frozen
class RunOptions:
    """The options of a run; see `Journal.run`."""

    concurrency: int
    quiet_period: float
    patience: float
    company_id: int | None = None
    progress: Callable[[Progress], None] | None = None
    occasion: str = ""
    asked_by: str = ""
    look_first: bool = False
    give_up_after: float = 86_400.0
    absence_proves: bool = False


def check_options(options: RunOptions, client: BaseClient) -> None:
    """Check the bounds of each option.

    Raises:
        ValueError: An option is out of its bounds; the text names it.
    """
    check_concurrency(options.concurrency)
    check_seconds("quiet_period", options.quiet_period)
    check_seconds("patience", options.patience)
    check_seconds("give_up_after", options.give_up_after)
    check_occasion(options.occasion)
    _check_quiet_period(client, options.quiet_period)


def _check_quiet_period(client: BaseClient, quiet_period: float) -> None:
    """Refuse a quiet period in which sent bytes may still arrive. It may be shorter for a provider on this machine."""
    least = client.timeout + LATE_BYTES_SECONDS
    if quiet_period < least and not client.is_on_this_machine:
        msg = Message(
            "quiet_period must be at least {least} seconds, the client's timeout ({number}) and the {late} "
            "seconds in which bytes may still arrive, not {given}",
            least=f"{least:g}",
            number=f"{client.timeout:g}",
            late=f"{LATE_BYTES_SECONDS:g}",
            given=f"{quiet_period:g}",
        )
        raise ValueError(msg)
