"""`batch run --follow`: waits until the sent invoices of KolayBi have a final status, and says which have failed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from attrs import define
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from kolay_invoice.cli.batch.options import RunOptions
from kolay_invoice.cli.batch.run import BatchJob, interruptible
from kolay_invoice.cli.error_texts import describe_error
from kolay_invoice.cli.i18n import _, ngettext
from kolay_invoice.cli.output import stderr
from kolay_invoice.errors import KolayInvoiceError
from kolay_invoice.kolaybi.client import AsyncKolayBi
from kolay_invoice.kolaybi.follow import FINAL_STATUSES, AsyncFollower, FollowEnd, FollowOptions
from kolay_invoice.messages import N_

_SHOWN: Final = 20
_WHY: Final = {
    FollowEnd.CALLS: N_("the budget of calls is used up"),
    FollowEnd.TIME: N_("the time is over"),
    None: N_("it was interrupted"),
}


@define
class Followed:
    """What following has shown."""

    total: int
    failed: tuple[int, ...] = ()
    pending: tuple[int, ...] = ()
    ended: FollowEnd | None = None
    error: str | None = None

    def as_document(self) -> dict[str, Any]:
        """Return it as a JSON value."""
        ended = None if self.ended is None else str(self.ended)
        return {
            "followed": self.total,
            "settled": self.total - len(self.pending),
            "failed": list(self.failed),
            "pending": list(self.pending),
            "ended": ended,
            "error": self.error,
        }

    def sentences(self) -> list[str]:
        """Return it as text, and the next steps."""
        final = self.total - len(self.pending) - len(self.failed)
        parts = [
            ngettext("{count} sent invoice has a final status.", "{count} sent invoices have a final status.", final)
        ]
        if self.failed:
            parts.append(
                _(
                    "{count} failed after it was sent: {documents}. Where the company may use it, "
                    "`kolay-invoice kolaybi resend NUMBER` sends one again.",
                    count=f"{len(self.failed):,}",
                    documents=_numbers(self.failed),
                )
            )
        if self.pending:
            parts.append(
                _(
                    "{count} without a final status yet ({why}): {documents}. The same command goes on following.",
                    count=f"{len(self.pending):,}",
                    why=self.error or _(_WHY[self.ended]),
                    documents=_numbers(self.pending),
                )
            )
        return parts


def final_statuses(given: str | None) -> frozenset[str]:
    """Return the statuses of `--final-statuses`, or the default ones."""
    return FINAL_STATUSES if given is None else frozenset(word.strip() for word in given.split(","))


def check(options: RunOptions) -> None:
    """Check the options of following before anything is sent.

    Raises:
        ValueError: A value is impossible.
    """
    statuses = final_statuses(options.final_statuses)
    FollowOptions(document_ids=(1,), give_up_after=options.follow_for, final_statuses=statuses)


async def follow_sent(job: BatchJob, documents: Sequence[int]) -> Followed:
    """Follow the sent invoices until each is settled or the time is over. A signal ends it."""
    options = job.options
    account = next(one for one in job.accounts if one.provider == AsyncKolayBi.profile.name)
    async with account.client(AsyncKolayBi) as client:
        follower = client.follow(
            document_ids=documents,
            company_id=job.company_id,
            final_statuses=final_statuses(options.final_statuses),
            give_up_after=options.follow_for,
        )
        result = Followed(len(follower.pending))
        with _bar(result.total) as update:
            following = asyncio.create_task(_follow(follower, result, update))

            def stop() -> None:
                following.cancel()

            with interruptible(stop, stop), suppress(asyncio.CancelledError):
                await following
        result.failed, result.pending, result.ended = follower.failed, follower.pending, follower.ended
    return result


async def _follow(follower: AsyncFollower, result: Followed, update: Callable[[int], None]) -> None:
    try:
        async for _change in follower:
            update(result.total - len(follower.pending))
    except KolayInvoiceError as error:
        result.error = describe_error(error)


@contextmanager
def _bar(total: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on a terminal, and yield its update function."""
    console = stderr()
    if not console.is_terminal:
        yield lambda _settled: None
        return
    columns = (TextColumn(_("following")), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=total)
        yield lambda settled: bar.update(task, completed=settled)


def _numbers(documents: Sequence[int]) -> str:
    more = len(documents) - _SHOWN
    shown = ", ".join(map(str, documents[:_SHOWN]))
    return f"{shown} " + _("and {count} more", count=f"{more:,}") if more > 0 else shown
